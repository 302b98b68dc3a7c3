"""The statistics by name: all that may be fitted to has one, and a district's own are right."""

from __future__ import annotations

import fabricated_units as made
import numpy as np
import pytest

from reformsim.calibration import statistics
from reformsim.calibration.statistics import as_described
from reformsim.validation import ROWS

LEFT_OUT = {
    "hours",
    "the most in any school and month",
    "rank of isolation",
    "odds of leaving for +1 SD of isolation",
    "no departure in 4 years",
    "three or more",
}
"""A constant, a bound, what is emergent, and what row 2 has already."""


def test_every_statistic_that_may_be_fitted_to_has_a_name():
    """Types C and rows 8, 9 and 14."""
    named = {(one.row.number, one.statistic.name) for one in statistics().values() if one.row}
    for row in ROWS:
        may_be = ("C" in row.kind and row.number != 7) or row.number in {8, 9, 14}
        for measurement in row.measurements if may_be else ():
            for statistic in measurement.statistics:
                if statistic.name not in LEFT_OUT:
                    assert (row.number, statistic.name) in named


def test_every_one_has_an_estimate_and_a_meaning():
    for name, one in statistics().items():
        assert one.name == name
        assert one.statistic.estimate is not None
        assert one.statistic in one.measurement.statistics
        assert one.meaning


def test_what_a_district_says_is_that_of_five_years_after_the_launch():
    run = made.run()
    after = (run.months >= 0) & (run.months < 60)
    run.district["trust"] = np.where(after, 0.6, 0.1)
    run.district["central_departures"] = np.where(after, 0.5, 9.0)
    run.district["central_seats"] = np.where(after, 30.0, 1.0)
    units = [as_described(made.MadeUp((run,)))] * 5

    def value(name):
        return statistics()[name].statistic.estimate(units)

    assert value("trust") == pytest.approx(0.6)
    assert value("central_turnover") == pytest.approx(12 * 0.5 / 30.0)
