"""What became of a district, against numbers worked out from the series."""

from __future__ import annotations

import numpy as np
import pytest

from reformsim.analysis.before_after import KEY_OUTCOMES, change, happenings
from reformsim.engines import simulate
from reformsim.record import EventRecord
from reformsim.scenario.loading import load


@pytest.fixture(scope="module")
def results():
    scenario = load("small-rural", overrides=["horizon.years=2", "horizon.warm_up_years=2"])
    return [simulate(scenario, 3, replicate) for replicate in range(2)]


def test_start_and_end_are_means_of_a_year(results):
    rows = {row.outcome: row for row in change(results)}
    assert tuple(rows) == KEY_OUTCOMES
    starts = [result.district["leadership"][12:24].mean() for result in results]
    ends = [result.district["leadership"][-12:].mean() for result in results]
    row = rows["leadership"]
    assert row.start == pytest.approx(np.mean(starts))
    assert row.end == pytest.approx(np.mean(ends))
    assert (row.low, row.high) == pytest.approx((min(ends), max(ends)))
    assert row.change == pytest.approx(np.mean(ends) - np.mean(starts))


def test_happenings_count_what_followed_the_launch(results):
    for result, months in zip(results, ([-3, 5, 9], [7]), strict=True):
        result.events = [
            EventRecord(month, "departure", "superintendent", "superintendent", 1.0)
            for month in months
        ]
    (row,) = happenings(results)
    assert (row.kind, row.role) == ("departure", "superintendent")
    assert (row.mean, row.low, row.high, row.first) == (1.5, 1, 2, 6)


def test_nothing_happened(results):
    for result in results:
        result.events = []
    assert happenings(results) == []
