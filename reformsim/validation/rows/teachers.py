"""Teachers: how many leave their school, at which age, and whether leadership holds them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..pattern import Measurement, Row, Statistic, Unit, ratio_of
from ..readings import JANUARY, JUNE, MAY, YEAR, row_of, spread_in_warm_up, teachers_by_school
from ..studies import ordinary

if TYPE_CHECKING:
    from ..readings import Floats
    from ..studies import SimulatedUnit

YEARS = range(5, 15)
BANDS = {"early": (1, 3), "middle": (10, 19), "late": (20, 99)}
"""Years of teaching, the present one included, as the federal survey counts them (3.2)."""


# --- row 5


def leaving_by_experience(simulated: SimulatedUnit) -> Unit:
    """Count teachers, and those who leave in June, by years of teaching, over ten years."""
    months = [YEAR * year + month for year in YEARS for month in (MAY, JUNE)]
    people = simulated.census(0, months)
    year = people.teacher_experience[::2] // YEAR + 1
    left = people.teacher[::2] != people.teacher[1::2]
    counts = {"all": float(left.size), "all_left": float(left.sum())}
    for name, (first, last) in BANDS.items():
        there = (year >= first) & (year <= last)
        counts[name] = float(there.sum())
        counts[f"{name}_left"] = float((left & there).sum())
    return counts


# --- row 8


def turnover_and_leadership(simulated: SimulatedUnit) -> Unit:
    """Regress June turnover of schools on leadership in spring, with effects of school and year."""
    run = simulated.runs[0]
    junes = [row_of(run, YEAR * year + JUNE) for year in range(15)]
    spring = JUNE - JANUARY
    leadership = np.array(
        [run.schools["leadership"][june - spring : june].mean(axis=0) for june in junes]
    )
    turnover = run.schools["teacher_departures"][junes] / teachers_by_school(run)
    x, y = _without_effects(leadership), _without_effects(turnover)
    return {
        "xy": float((x * y).sum()),
        "xx": float((x * x).sum()),
        "sd": spread_in_warm_up(run, "leadership"),
        "turnover": float(turnover.mean()),
    }


def _without_effects(values: Floats) -> Floats:
    """Take the means of years (rows) and schools (columns) out."""
    rows, columns = values.mean(axis=1, keepdims=True), values.mean(axis=0, keepdims=True)
    return np.asarray(values - rows - columns + values.mean())


def change_for_one_sd(units: Sequence[Unit]) -> float:
    """Return the relative change of turnover, in %, for leadership one SD of schools higher."""
    xx = math.fsum(unit["xx"] for unit in units)
    turnover = math.fsum(unit["turnover"] for unit in units)
    if xx == 0.0 or turnover == 0.0:
        return math.nan
    slope = math.fsum(unit["xy"] for unit in units) / xx
    return 100.0 * slope * math.fsum(unit["sd"] for unit in units) / turnover


ROWS = (
    Row(
        5,
        "C",
        "Teacher turnover",
        "3.1–3.4",
        "The ordinary district under the status quo, ten years. Shares of the teachers of May who"
        " are not at the school in July, by years of teaching, the present one included.",
        (
            Measurement(
                ordinary,
                leaving_by_experience,
                (
                    Statistic("all", "a year", 0.14, 0.18, ratio_of("all_left", "all")),
                    Statistic(
                        "1–3 years of teaching",
                        "a year",
                        0.18,
                        0.22,
                        ratio_of("early_left", "early"),
                    ),
                    Statistic(
                        "10–19 years", "a year", 0.10, 0.14, ratio_of("middle_left", "middle")
                    ),
                    Statistic(
                        "20 years and more", "a year", 0.14, 0.19, ratio_of("late_left", "late")
                    ),
                ),
            ),
        ),
        "Practice is lost with teachers who leave at the wrong rate or the wrong age. Set"
        " `teacher_turnover` to your district's rate before you compare strategies.",
        fitted=True,
    ),
    Row(
        8,
        "R",
        "Leadership and teachers' turnover",
        "3.8, 3.9, 2.12",
        "The ordinary district under the status quo, 15 years. As in the New York study of 278"
        " schools, turnover of a school in June on its leadership in the spring before, with effects"
        " of school and year; for one SD of leadership across schools, relative to mean turnover.",
        (
            Measurement(
                ordinary,
                turnover_and_leadership,
                (Statistic("turnover for +1 SD of leadership", "%", -30, -10, change_for_one_sd),),
            ),
        ),
        "The way from leadership through teachers who stay to outcomes is too strong or too weak,"
        " and with it what better conditions for work are worth.",
        fitted=True,
    ),
)
