"""Superintendents: how often they leave, how long they stay, and whether outcomes follow them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..pattern import Measurement, Row, Statistic, Unit, quotient, ratio_of
from ..readings import (
    FALL,
    JUNE,
    YEAR,
    falls_between,
    months_at_post_of_superintendent,
    superintendent_each_fall,
    years_of,
)
from ..studies import mixed, mixed_reforms, repeated

if TYPE_CHECKING:
    from reformsim.record import Result

    from ..places import Places
    from ..readings import Integers
    from ..studies import Arms, SimulatedUnit

TRANSITIONS = 4
"""From one fall to the next, in a window (1.2, 1.17)."""
FIRST, YEARS = 5, 10
"""Outcomes are compared over ten school years, as in Florida and North Carolina (1.11)."""


def large_urban(places: Places) -> list[Arms]:
    """The large urban district under the status quo."""
    return repeated([places.large_urban], places.replicates)


# --- row 1


def departures(simulated: SimulatedUnit) -> Unit:
    """Count from how many falls to the next the superintendent is another person, and the years."""
    changed = np.diff(superintendent_each_fall(simulated.runs[0], 0)) > 0
    return {"departures": float(changed.sum()), "years": float(len(changed))}


# --- row 2


def departures_by_window(run: Result) -> Integers:
    """Return in how many of four transitions there was a change, in each window after the launch."""
    changed = np.diff(superintendent_each_fall(run, 0)) > 0
    whole = len(changed) // TRANSITIONS * TRANSITIONS
    return np.asarray(changed[:whole].reshape(-1, TRANSITIONS).sum(axis=1))


def tenures(simulated: SimulatedUnit) -> Unit:
    """Read finished and ongoing tenures in years, and departures in windows, all at falls.

    A finished tenure is the number of falls at which somebody was in post; an ongoing one the number
    of years completed at the last fall, one less than the falls.
    """
    run = simulated.runs[0]
    last_fall = int(run.months[run.months % YEAR == FALL][-1])
    seen = [
        falls_between(event.month - 1 - int(event.detail), event.month)
        for event in run.events
        if event.kind == "departure"
        and event.role == "superintendent"
        and FALL < event.month <= last_fall
    ]
    everybody = superintendent_each_fall(run)
    counts = departures_by_window(run)
    return {
        "completed": float(sum(seen)),
        "spells": float(np.count_nonzero(seen)),
        "ongoing": float((everybody == everybody[-1]).sum() - 1),
        "districts": 1.0,
        "some": float((counts >= 1).sum()),
        "many": float((counts >= 3).sum()),
        "windows": float(len(counts)),
    }


# --- row 13


def outcomes_by_superintendent(simulated: SimulatedUnit) -> Unit:
    """Read outcome, growth and superintendent of each school year, in the calm run."""
    return by_school_year(simulated.runs[0])


def by_school_year(run: Result) -> dict[str, Any]:
    """Return outcome, growth, superintendent (counted) and tenure at the end of each year.

    A year in which the superintendent changed belongs to nobody: superintendent −1.
    """
    ends = np.array(years_of(run, JUNE, FIRST, YEARS))
    outcome = run.district["outcome"]
    left = run.district["superintendent_departures"] > 0
    number = np.cumsum(left)
    whole = number[ends] == number[ends - YEAR]
    yearly = np.array([outcome[end - YEAR + 1 : end + 1].mean() for end in ends])
    before = np.array([outcome[end - 2 * YEAR + 1 : end - YEAR + 1].mean() for end in ends])
    return {
        "outcome": yearly,
        "growth": yearly - before,
        "superintendent": np.where(whole, number[ends], -1),
        "tenure": months_at_post_of_superintendent(run)[ends] / YEAR,
    }


def superintendents_share(units: Sequence[Unit]) -> float:
    """Return the variance of outcomes between superintendents of a district, % of pupils' variance.

    One-way random effects within districts (the method of moments for unequal groups), after the
    mean of each year has been taken out. Outcomes are in student SD, so that the variance of pupils
    is 1. A negative estimate counts as 0.
    """
    outcome = np.array([unit["outcome"] for unit in units])
    outcome = outcome - outcome.mean(axis=0)
    between_ss = within_ss = size = 0.0
    between_df = within_df = 0
    for values, holders in zip(outcome, (unit["superintendent"] for unit in units), strict=True):
        groups = [values[holders == holder] for holder in np.unique(holders[holders >= 0])]
        if len(groups) < 2:
            continue
        counts = np.array([len(group) for group in groups], float)
        mean = np.concatenate(groups).mean()
        between_ss += sum(len(group) * (group.mean() - mean) ** 2 for group in groups)
        within_ss += sum(((group - group.mean()) ** 2).sum() for group in groups)
        between_df += len(groups) - 1
        within_df += int(counts.sum()) - len(groups)
        size += counts.sum() - (counts**2).sum() / counts.sum()
    if len(units) < 2 or between_df == 0 or within_df == 0:
        return math.nan
    variance = (between_ss / between_df - within_ss / within_df) / (size / between_df)
    return 100.0 * max(0.0, float(variance))


def slope_on_tenure(units: Sequence[Unit]) -> float:
    """Return the least-squares slope of a year's growth on the superintendent's years of tenure.

    The mean growth of each year is taken out; years in which the superintendent changed are not in.
    """
    growth = np.array([unit["growth"] for unit in units])
    growth = growth - growth.mean(axis=0)
    tenure = np.array([unit["tenure"] for unit in units])
    held = np.array([unit["superintendent"] for unit in units]) >= 0
    x, y = tenure[held], growth[held]
    if len(units) < 2 or len(x) < 2 or x.var() == 0.0:
        return math.nan
    return float(np.cov(x, y)[0, 1] / x.var(ddof=1))


ROWS = (
    Row(
        1,
        "C",
        "Superintendent turnover",
        "1.1, 1.3, 1.4, 1.15",
        "The share of years, from one October to the next after the launch, in which a district's"
        " superintendent became another person, under the status quo. This is how directories (1.1,"
        " 1.15) and lists of large districts (1.3) count: an interim who sits in an October is a"
        " person, and who came and went between two Octobers is not seen. The first edition counted"
        " departures as they happened; by that reading, which also counts interims who leave within"
        " the year, the values of seed 1 would be .183 and .225. Mixed districts are one in ten of a synthetic nation"
        " with the sizes of American districts, each counted once, as the national figures count them;"
        " the large urban one is the built-in district of 180 schools.",
        (
            Measurement(
                mixed,
                departures,
                (
                    Statistic(
                        "departures, mixed districts",
                        "a year",
                        0.13,
                        0.18,
                        ratio_of("departures", "years"),
                    ),
                ),
            ),
            Measurement(
                large_urban,
                departures,
                (
                    Statistic(
                        "departures, large urban districts",
                        "a year",
                        0.18,
                        0.25,
                        ratio_of("departures", "years"),
                        reference_only=True,
                    ),
                ),
            ),
        ),
        "All that depends on how often the top changes (how long reforms live, fatigue, lost"
        " contracts) is off in the same direction. Set `superintendent_turnover` to your"
        " district's rate before you compare strategies under churn.",
        fitted=True,
    ),
    Row(
        2,
        "C",
        "Superintendent tenure",
        "1.2, 1.6, 1.7, 1.17, 1.19",
        "Mixed districts under the status quo, read each October, as row 1. Completed tenure is the"
        " number of Octobers in post, of those who left between the first October after the launch"
        " and the last. Ongoing tenure is that of those in post in the last October, in years"
        " completed by then: someone in a first October has completed none. This is the reading under"
        " which those in post for 4.3 years and stays of 5.7 years belong together (1.19: with a"
        " hazard that hardly depends on time in post they would otherwise be nearly the same), and"
        " that of surveys which ask for years served so far (1.6, 1.7). If the present year counted as"
        " a whole one, the ratio of seed 1 would be 1.01. Departures are the transitions in which the"
        " person changed, in three windows of four transitions in each district. The first edition"
        " read months in post and departures as they happened; by that reading the values of seed 1"
        " would be .91, 53.7 % and 3.1 %.",
        (
            Measurement(
                mixed,
                tenures,
                (
                    Statistic(
                        "ongoing ÷ completed tenure",
                        "ratio",
                        0.50,
                        0.85,
                        quotient(ratio_of("ongoing", "districts"), ratio_of("completed", "spells")),
                    ),
                    Statistic(
                        "districts with a departure in 4 years",
                        "%",
                        45,
                        58,
                        ratio_of("some", "windows", 100),
                    ),
                    Statistic(
                        "districts with 3 or more in 4 years",
                        "%",
                        0,
                        3,
                        ratio_of("many", "windows", 100),
                    ),
                ),
            ),
        ),
        "Departures come at the wrong time in a stay, or bunch too much or too little. Results"
        " about departures that a scenario forces stand; those about churn by chance do not.",
        fitted=True,
    ),
    Row(
        13,
        "N",
        "Superintendents and student learning",
        "1.11, 1.5",
        "Mixed districts of 2,500 pupils and more, the built-in strategies without phases or"
        " grants in turn, ten school years from year 6 on. The share is the variance component between superintendents of a"
        " district, years taken out, as a percentage of the variance between pupils. The slope is"
        " that of a year's growth of the district's outcome on the superintendent's tenure.",
        (
            Measurement(
                mixed_reforms,
                outcomes_by_superintendent,
                (
                    Statistic(
                        "superintendents' share of variance", "%", 0, 1, superintendents_share
                    ),
                    Statistic(
                        "growth per year of tenure", "SD a year", -0.01, 0.01, slope_on_tenure
                    ),
                ),
            ),
        ),
        "Superintendents matter more for pupils in the model than they were found to. Do not use"
        " it to judge a person at the top, and distrust strategies that lean on one.",
    ),
)
