"""Seats and who sits in them when a run begins.

A seat's number is part of the key of every draw made for it. It holds role, school and place in the
school, so that one more teacher or school leaves everyone else's number, and draws, as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from reformsim.theory.chance import exponential, normal
from reformsim.theory.equation import clip01, compilable
from reformsim.theory.learning import novice
from reformsim.theory.streams import Stream
from reformsim.theory.support import coaches_practice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reformsim.scenario import Scenario
    from reformsim.scenario.coefficients import Coefficients

    Floats = Sequence[float] | NDArray[np.float64]
    Integers = Sequence[int] | NDArray[np.int64]


class Role(IntEnum):
    """What a seat is for. Never change a number: it is part of the key of draws."""

    SUPERINTENDENT = 1
    LEADERSHIP_SUPPORT = 2
    TEACHING_LEARNING = 3
    PRINCIPAL = 4
    TEACHER = 5
    COACH = 6
    MENTOR = 7
    SCHOOL = 8
    DISTRICT = 9

    @property
    def label(self) -> str:
        """The role's name in graphs and tables, as `leadership-support`."""
        return self.name.lower().replace("_", "-")


@compilable
def seat_number(role: int, school: int = 0, index: int = 0) -> int:
    """Return a seat's number: role, school (below 2¹⁴) and place in the school (below 2¹⁴)."""
    return role << 28 | school << 14 | index


# Initial conditions, chosen so that five years of warm-up suffice (judgement).
NEED_BOUNDS = (0.02, 0.98)
PRINCIPAL_PRACTICE, PRINCIPAL_NEED_SLOPE = 0.415, 0.125
TEACHER_PRACTICE, TEACHER_NEED_SLOPE = 0.475, 0.09
TEACHER_LEARNT = 0.10
PRINCIPAL_TENURE, PRINCIPAL_CAREER = 60.0, 36.0
TEACHER_TENURE, TEACHER_CAREER, LONGEST_CAREER = 70.0, 60.0, 420.0
SUPERINTENDENT_TENURE = 52.0
FIRST_TRUST = 0.30
FIRST_FATIGUE = 0.15
FIRST_BENCH = 0.35
FIRST_TEACHER_TURNOVER = 0.16
MEAN_CONVICTION = 0.5

# Compiled code knows plain numbers, not enumerations.
TOP, HEAD, TEACHER = int(Role.SUPERINTENDENT), int(Role.PRINCIPAL), int(Role.TEACHER)
SCHOOL = int(Role.SCHOOL)
NEED, INITIAL_FOCUS = int(Stream.NEED), int(Stream.INITIAL_FOCUS)
INITIAL_PRACTICE, INITIAL_CONVICTION = int(Stream.INITIAL_PRACTICE), int(Stream.INITIAL_CONVICTION)
INITIAL_TENURE, INITIAL_EXPERIENCE = int(Stream.INITIAL_TENURE), int(Stream.INITIAL_EXPERIENCE)


@dataclass(slots=True)
class Seats:
    """A district's places and first occupants; teachers by school."""

    need: list[float]
    superintendent_focus: float
    superintendent_tenure: float
    supervisors: list[float]
    """Practice of the leadership-support staff."""
    coaches: list[float]
    """Practice of the teaching-and-learning staff."""
    principals: list[tuple[float, float, float, float]]
    """What `first_principal` returns, by school."""
    teachers: list[list[tuple[float, float, float, float, float]]]
    """What `first_teacher` returns, by school."""
    mean_need: float
    need_gap: float
    quartile: list[int]
    """Need quartile of each school, 0 the lowest need."""


def seat_people(scenario: Scenario, seed: int, replicate: int) -> Seats:
    """Return the district's seats with first occupants, drawn by key."""
    district, p, levers = scenario.district, scenario.coefficients, scenario.baseline
    key = (seed, replicate, scenario.first_month)
    schools = range(district.schools)
    need = [school_need(*key, school, district.need_mean, district.need_sd) for school in schools]
    mean_need = mean(need)
    supervisors = heads(district.schools / levers.span_of_control)
    coaches = heads(district.teachers / levers.teachers_per_coach)
    level = coaches_practice(float(coaches), p)
    quartile = [int(number) for number in need_quartiles(np.array(need))]
    focus, tenure = first_superintendent(*key, p)
    return Seats(
        need=need,
        superintendent_focus=focus,
        superintendent_tenure=tenure,
        supervisors=[
            first_staff(*key, Role.LEADERSHIP_SUPPORT, post, p.central_entry, p)
            for post in range(supervisors)
        ],
        coaches=[
            first_staff(*key, Role.TEACHING_LEARNING, post, level, p) for post in range(coaches)
        ],
        principals=[
            first_principal(*key, school, need[school] - mean_need, p) for school in schools
        ],
        teachers=[
            [
                first_teacher(*key, school, index, teachers_level(need[school] - mean_need), p)
                for index in range(size)
            ]
            for school, size in enumerate(shares(district.teachers, district.schools))
        ],
        mean_need=mean_need,
        need_gap=need_gap(need, quartile),
        quartile=quartile,
    )


# What follows is shared by both engines.


@compilable
def school_need(
    seed: int, replicate: int, month: int, school: int, mean_need: float, sd: float
) -> float:
    """Return a school's share of pupils in poverty."""
    z = normal(seed, replicate, seat_number(SCHOOL, school), month, NEED, 0)
    return min(NEED_BOUNDS[1], max(NEED_BOUNDS[0], mean_need + sd * z))


@compilable
def months_so_far(
    seed: int, replicate: int, month: int, seat: int, stream: int, mean_months: float
) -> float:
    """Return a first occupant's whole months of tenure or career."""
    return float(int(mean_months * exponential(seed, replicate, seat, month, stream, 0)))


@compilable
def first_superintendent(
    seed: int, replicate: int, month: int, p: Coefficients
) -> tuple[float, float]:
    """Return learning focus and tenure of the first superintendent."""
    seat = seat_number(TOP)
    z = normal(seed, replicate, seat, month, INITIAL_FOCUS, 0)
    tenure = months_so_far(seed, replicate, month, seat, INITIAL_TENURE, SUPERINTENDENT_TENURE)
    return clip01(p.focus_mean + p.focus_sd * z), tenure


@compilable
def first_staff(
    seed: int, replicate: int, month: int, role: int, post: int, level: float, p: Coefficients
) -> float:
    """Return the practice of a first member of the central office."""
    z = normal(seed, replicate, seat_number(role, 0, post), month, INITIAL_PRACTICE, 0)
    return clip01(level + p.central_sd * z)


@compilable
def first_principal(
    seed: int, replicate: int, month: int, school: int, need_above_mean: float, p: Coefficients
) -> tuple[float, float, float, float]:
    """Return practice, conviction, tenure and experience of a first principal."""
    seat = seat_number(HEAD, school)
    level = PRINCIPAL_PRACTICE * (1.0 - PRINCIPAL_NEED_SLOPE * need_above_mean)
    z = normal(seed, replicate, seat, month, INITIAL_PRACTICE, 0)
    practice = clip01(level + p.entry_sd * z)
    z = normal(seed, replicate, seat, month, INITIAL_CONVICTION, 0)
    conviction = clip01(MEAN_CONVICTION + p.conviction_sd * z)
    tenure = months_so_far(seed, replicate, month, seat, INITIAL_TENURE, PRINCIPAL_TENURE)
    before = months_so_far(seed, replicate, month, seat, INITIAL_EXPERIENCE, PRINCIPAL_CAREER)
    return practice, conviction, tenure, tenure + before


@compilable
def teachers_level(need_above_mean: float) -> float:
    """Return the mean practice of a school's first teachers."""
    return TEACHER_PRACTICE - TEACHER_NEED_SLOPE * need_above_mean


@compilable
def first_teacher(
    seed: int, replicate: int, month: int, school: int, index: int, level: float, p: Coefficients
) -> tuple[float, float, float, float, float]:
    """Return ability, conviction, tenure, experience and embeddedness of a first teacher."""
    seat = seat_number(TEACHER, school, index)
    z = normal(seed, replicate, seat, month, INITIAL_PRACTICE, 0)
    practice = level + p.teacher_sd * z
    z = normal(seed, replicate, seat, month, INITIAL_CONVICTION, 0)
    conviction = clip01(MEAN_CONVICTION + p.conviction_sd * z)
    tenure = months_so_far(seed, replicate, month, seat, INITIAL_TENURE, TEACHER_TENURE)
    before = months_so_far(seed, replicate, month, seat, INITIAL_EXPERIENCE, TEACHER_CAREER)
    experience = min(LONGEST_CAREER, tenure + before)
    rooted = 1.0 - (1.0 - p.embed_new) * (1.0 - p.embed_rate) ** tenure
    ability = clip01(practice - TEACHER_LEARNT + p.novice_gap * novice(experience, p))
    return ability, conviction, tenure, experience, rooted


@compilable
def heads(posts: float) -> int:
    """Return how many people hold a number of full-time posts: rounded, at least one."""
    return max(1, int(posts + 0.5))


def shares(total: int, parts: int) -> list[int]:
    """Spread a whole number as evenly as possible; the first parts take what is left over."""
    each, left = divmod(total, parts)
    return [each + (part < left) for part in range(parts)]


@compilable
def need_quartiles(need: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return each school's need quartile, 0 lowest to 3 highest, ties by number of the school."""
    order = np.argsort(need, kind="mergesort")
    quartile = np.empty(len(need), np.int64)
    for rank in range(len(need)):
        quartile[order[rank]] = 4 * rank // len(need)
    return quartile


@compilable
def need_gap(need: Floats, quartile: Integers) -> float:
    """Mean need of the neediest quartile less that of the least needy."""
    neediest = 4 * (len(need) - 1) // len(need)
    return mean_where(need, quartile, neediest) - mean_where(need, quartile, 0)


@compilable
def mean(values: Floats) -> float:
    """Return the mean, added in order: `sum` and numpy round differently. 0 for an empty list."""
    total = 0.0
    for value in values:
        total += value
    return total / len(values) if len(values) > 0 else 0.0


@compilable
def mean_where(values: Floats, label: Integers, wanted: int) -> float:
    """Return the mean of the values with a label, added in order; 0 if there are none."""
    total, count = 0.0, 0
    for index in range(len(values)):
        if label[index] == wanted:
            total += values[index]
            count += 1
    return total / count if count > 0 else 0.0
