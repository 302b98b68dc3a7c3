"""Principals: how many leave, who leaves, and what a change does to their school."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.scenario.events import PrincipalDeparture

from ..pattern import INFINITY, Measurement, Row, Statistic, Unit, quotient, ratio_of
from ..readings import (
    JANUARY,
    YEAR,
    between,
    leaving,
    months_in_post,
    row_of,
    school_of,
    teachers_by_school,
    within_a_year,
    years_of,
)
from ..studies import mixed, ordinary, repeated, with_event

if TYPE_CHECKING:
    from ..places import Places
    from ..studies import Arms, SimulatedUnit

CHANGE = 3 * YEAR - 1
"""Month of the forced departures of row 9: the June that ends the third year."""
EVERY_FIFTH = 5


# --- row 3


def staying(simulated: SimulatedUnit) -> Unit:
    """Follow principals for a year from each January, and read tenures of the last five Januaries."""
    run = simulated.runs[0]
    tenure = months_in_post(run)
    gone = leaving(run, "departure") | leaving(run, "promotion")
    left = base = 0.0
    for january in years_of(run, JANUARY, 0, 14):
        there = tenure[january] > 0
        left += float((within_a_year(gone, january) & there).sum())
        base += float(there.sum())
    late = tenure[years_of(run, JANUARY, 10, 5)]
    late = late[late > 0]
    return {
        "left": left,
        "base": base,
        "asked": float(len(late)),
        "short": float((late < 2 * YEAR).sum()),
        "long": float((late >= 10 * YEAR).sum()),
    }


# --- row 9


def with_changes(places: Places) -> list[Arms]:
    """The ordinary district, and the same with every fifth school losing its principal."""
    calm = places.ordinary
    forced = [
        PrincipalDeparture(type="principal_departure", month=CHANGE, school=school)
        for school in range(0, calm.district.schools, EVERY_FIFTH)
    ]
    return repeated([calm, with_event(calm, *forced)], places.replicates)


def after_a_change(simulated: SimulatedUnit) -> Unit:
    """Compare schools that lost their principal with the same schools in the run without that."""
    calm, changed = simulated.runs
    schools = np.arange(0, calm.scenario.district.schools, EVERY_FIFTH)
    at, before = row_of(calm, CHANGE), row_of(calm, CHANGE - 1)
    stayed = (calm.schools["vacant"][at] == 0) & (calm.schools["vacant"][before] == 0)
    schools = schools[stayed[schools]]
    teachers = teachers_by_school(calm)[schools]

    def outcome(first: int, last: int) -> float:
        with_change, without = (
            between(
                run, run.schools["outcome"], CHANGE + 1 + first * YEAR, CHANGE + 1 + last * YEAR
            )
            for run in (changed, calm)
        )
        return float((with_change - without)[:, schools].mean(axis=0).sum())

    def retention(*years: int) -> float:
        rows = [row_of(calm, CHANGE + year * YEAR) for year in years]
        with_change, without = (run.schools["teacher_departures"][rows] for run in (changed, calm))
        return float(-100.0 * ((with_change - without)[:, schools] / teachers).mean(axis=0).sum())

    nobody = len(schools) == 0
    return {
        "schools": float(len(schools)),
        "early": np.nan if nobody else outcome(0, 2),
        "late": np.nan if nobody else outcome(3, 5),
        "retention": np.nan if nobody else retention(1),
        "later_retention": np.nan if nobody else retention(4, 5),
    }


# --- row 11


def who_leaves(simulated: SimulatedUnit) -> Unit:
    """Count, by fifth of practice in each January, who left or was promoted within a year.

    Also the experience of successors less that of the principals whom they follow, in years.
    """
    run = simulated.runs[0]
    departed, promoted = leaving(run, "departure"), leaving(run, "promotion")
    counts = dict.fromkeys(("weak", "weak_left", "middle", "middle_left"), 0.0)
    counts |= dict.fromkeys(("middle_promoted", "strong", "strong_promoted"), 0.0)
    for january in years_of(run, JANUARY, 0, 14):
        practice = run.schools["principal_practice"][january]
        there = np.flatnonzero(~np.isnan(practice))
        order = there[np.argsort(practice[there], kind="stable")]
        fifths = np.array_split(order, 5)
        left, up = within_a_year(departed, january), within_a_year(promoted, january)
        counts["weak"] += len(fifths[0])
        counts["weak_left"] += float(left[fifths[0]].sum())
        counts["middle"] += len(fifths[2])
        counts["middle_left"] += float(left[fifths[2]].sum())
        counts["middle_promoted"] += float(up[fifths[2]].sum())
        counts["strong"] += len(fifths[4])
        counts["strong_promoted"] += float(up[fifths[4]].sum())
    people = simulated.census(0, range(-1, run.scenario.last_month))
    gone: dict[int, float] = {}
    change = successions = 0.0
    for event in run.events:
        if event.role != "principal" or event.month < 0:
            continue
        school, now = school_of(event.seat), event.month + 1
        if event.kind in ("departure", "promotion"):
            gone[school] = float(people.experience[now - 1, school])
        elif event.kind == "appointment" and school in gone:
            change += (float(people.experience[now, school]) - gone.pop(school)) / YEAR
            successions += 1
    return counts | {"change": change, "successions": successions}


ROWS = (
    Row(
        3,
        "C",
        "Principal turnover",
        "2.1–2.6",
        "Mixed districts under the status quo, principals pooled. As in the federal follow-up survey,"
        " those in post in January who are not in the same post a year later, whatever the reason;"
        " time at the school is that of those in post in the last five Januaries.",
        (
            Measurement(
                mixed,
                staying,
                (
                    Statistic(
                        "leaving their school", "a year", 0.17, 0.23, ratio_of("left", "base")
                    ),
                    Statistic(
                        "at the school under 2 years",
                        "share",
                        0.30,
                        0.40,
                        ratio_of("short", "asked"),
                    ),
                    Statistic(
                        "at the school 10 years and more",
                        "share",
                        0.08,
                        0.15,
                        ratio_of("long", "asked"),
                    ),
                ),
            ),
        ),
        "Succession, benches and pipelines work on a wrong number of vacancies. Set"
        " `principal_turnover` to your district's rate before you compare them.",
        fitted=True,
    ),
    Row(
        9,
        "R",
        "Effects of a change of principal",
        "2.9, 2.13, 2.14",
        "The ordinary district under the status quo, with and without every fifth principal leaving"
        " in June of year 3. Differences between the same schools in the two runs; in both, people"
        " go on leaving by chance. Retention is that of teachers in the June after the first year,"
        " and in those of years 4 and 5, where “gone” is read as within half a point.",
        (
            Measurement(
                with_changes,
                after_a_change,
                (
                    Statistic(
                        "outcome in years 1–2", "SD", -0.06, -0.01, ratio_of("early", "schools")
                    ),
                    Statistic(
                        "outcome in years 4–5", "SD", -0.02, 0.02, ratio_of("late", "schools")
                    ),
                    Statistic(
                        "teachers retained in year 1",
                        "points",
                        -4,
                        -0.5,
                        ratio_of("retention", "schools"),
                        assumed=True,
                    ),
                    Statistic(
                        "teachers retained in years 4–5",
                        "points",
                        -0.5,
                        0.5,
                        ratio_of("later_retention", "schools"),
                        assumed=True,
                    ),
                ),
            ),
        ),
        "What a lost principal costs, and what keeping one is worth, is off: in the first years"
        " where the dip is too deep or too shallow, and for the long run where it does not fade.",
        fitted=True,
    ),
    Row(
        11,
        "E",
        "Principals who leave, and their successors",
        "2.18, 2.10",
        "The ordinary district under the status quo. Principals in post in January by fifth of"
        " practice; exits are departures without promotion within a year. Experience is that as a"
        " principal anywhere.",
        (
            Measurement(
                ordinary,
                who_leaves,
                (
                    Statistic(
                        "exits, weakest fifth ÷ middle",
                        "ratio",
                        1.2,
                        INFINITY,
                        quotient(ratio_of("weak_left", "weak"), ratio_of("middle_left", "middle")),
                    ),
                    Statistic(
                        "promotions, strongest fifth ÷ middle",
                        "ratio",
                        1.2,
                        INFINITY,
                        quotient(
                            ratio_of("strong_promoted", "strong"),
                            ratio_of("middle_promoted", "middle"),
                        ),
                    ),
                    Statistic(
                        "successor's less predecessor's experience",
                        "years",
                        -INFINITY,
                        -1,
                        ratio_of("change", "successions"),
                    ),
                ),
            ),
        ),
        "The wrong people leave or follow, so that turnover does to a district what it does not"
        " do in life: results that hang on who goes (mentoring the weak, promoting the strong)"
        " do not stand.",
    ),
)
