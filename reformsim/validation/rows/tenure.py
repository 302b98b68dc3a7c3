"""How likely superintendents are to leave in each year in post, counted as a directory counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..pattern import Estimate, Measurement, Row, Statistic, Unit, quotient
from ..readings import YEAR
from ..studies import mixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..studies import SimulatedUnit

FALL = 3
"""Month of the year, July being 0, in which a directory asks who is in post: October."""
YEARS = 13
"""Years in post that the microdata follow (1.16)."""


def years_in_post(simulated: SimulatedUnit) -> Unit:
    """Count, by year in post, superintendents of a fall, and those who are gone by the next fall.

    Only those count whose first fall in post was seen, so that it is known which year it is.
    """
    run = simulated.runs[0]
    falls = np.flatnonzero(run.months % YEAR == FALL)
    number = np.cumsum(run.district["superintendent_departures"] > 0)[falls]
    there, gone = np.zeros(YEARS), np.zeros(YEARS)
    year = 0  # unknown, until one begins
    for fall in range(len(number) - 1):
        if fall > 0 and number[fall] != number[fall - 1]:
            year = 1
        elif year > 0:
            year += 1
        if 1 <= year <= YEARS:
            there[year - 1] += 1
            gone[year - 1] += number[fall + 1] != number[fall]
    return {"there": there, "gone": gone}


def hazard_in(first: int, last: int) -> Estimate:
    """Return an estimate: the share of those in these years in post who are gone a fall later."""

    def estimate(units: Sequence[Unit]) -> float:
        gone = sum(float(unit["gone"][first - 1 : last].sum()) for unit in units)
        there = sum(float(unit["there"][first - 1 : last].sum()) for unit in units)
        return gone / there if there > 0.0 else np.nan

    return estimate


ROWS = (
    Row(
        32,
        "E",
        "Superintendents' hazard by year in post",
        "1.16",
        "Mixed districts under the status quo, warm-up included. As in a state's directory, who is"
        " in post is asked each October; a superintendent whose first October was seen counts in"
        " each year in post, the first to the thirteenth, and is gone if somebody else is in post"
        " a year later. In the microdata the hazard is nearly flat: .170 in the first year, .174 in"
        " years 4 to 9 on average, and 1.2 times that of years 1 to 3 in years 10 to 13. Centres of"
        " the bands are these figures. Who left and was followed within a year is not seen, in the"
        " data and here; interims are in the data and not in the model.",
        (
            Measurement(
                mixed,
                years_in_post,
                (
                    Statistic("leaving in the first year", "a year", 0.14, 0.20, hazard_in(1, 1)),
                    Statistic("leaving in years 4 to 9", "a year", 0.145, 0.205, hazard_in(4, 9)),
                    Statistic(
                        "years 10–13 ÷ years 1–3",
                        "ratio",
                        0.9,
                        1.5,
                        quotient(hazard_in(10, 13), hazard_in(1, 3)),
                    ),
                ),
            ),
        ),
        "In the model a superintendent hardly leaves in the first year (.04) and leaves more"
        " and more often later (almost .3 a year in years 10 to 13), because the hazard rises"
        " with tenure as a Weibull of shape 2 does. That shape was derived from two truncated"
        " means of tenure, which the microdata do not bear out. The yearly rate of all (row"
        " 1) is right, so that churn over many years stands. What depends on when in a stay"
        " people leave does not: the model has too few short stays, too few districts with"
        " several changes in a few years, and too few long stays. Departures that a scenario"
        " forces are not touched.",
        unseen=True,
    ),
)
