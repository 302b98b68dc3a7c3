"""Seats and who sits in them when a run begins.

A seat's number is part of the key of every draw made for it. It holds role, school and place in the
school, so that one more teacher or school leaves everyone else's number, and luck, as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from reformsim.theory.chance import exponential, normal
from reformsim.theory.equation import clip01
from reformsim.theory.streams import Stream
from reformsim.theory.support import coaches_practice

if TYPE_CHECKING:
    from reformsim.scenario import Scenario
    from reformsim.scenario.coefficients import Coefficients


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


def seat_number(role: int, school: int = 0, index: int = 0) -> int:
    """Return a seat's number: role, school (below 2¹⁴) and place in the school (below 2¹⁴)."""
    return role << 28 | school << 14 | index


# Initial conditions, chosen so that five years of warm-up suffice (judgement).
NEED_BOUNDS = (0.02, 0.98)
PRINCIPAL_PRACTICE, PRINCIPAL_NEED_SLOPE = 0.415, 0.125
TEACHER_PRACTICE, TEACHER_NEED_SLOPE = 0.475, 0.09
PRINCIPAL_TENURE, PRINCIPAL_CAREER = 60.0, 36.0
TEACHER_TENURE, TEACHER_CAREER, LONGEST_CAREER = 70.0, 60.0, 420.0
SUPERINTENDENT_TENURE = 40.0
FIRST_TRUST = 0.30
FIRST_FATIGUE = 0.15
FIRST_BENCH = 0.35
FIRST_TEACHER_TURNOVER = 0.16
MEAN_CONVICTION = 0.5

# Compiled code knows plain numbers, not enumerations.
TEACHER = int(Role.TEACHER)
INITIAL_PRACTICE, INITIAL_CONVICTION = int(Stream.INITIAL_PRACTICE), int(Stream.INITIAL_CONVICTION)
INITIAL_TENURE, INITIAL_EXPERIENCE = int(Stream.INITIAL_TENURE), int(Stream.INITIAL_EXPERIENCE)


@dataclass(slots=True)
class People:
    """First occupants of one kind of seat: parallel lists, one entry a seat."""

    practice: list[float]
    conviction: list[float]
    tenure: list[float]
    experience: list[float]
    embeddedness: list[float]
    """Of teachers; empty for leaders."""


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
    principals: People
    teachers: list[People]
    mean_need: float
    need_gap: float
    quartile: list[int]
    """Need quartile of each school, 0 the lowest need."""


def seat_people(
    scenario: Scenario, seed: int, replicate: int, *, teachers_too: bool = True
) -> Seats:
    """Return the district's seats with first occupants, drawn by key; teachers only if wanted."""
    district, p = scenario.district, scenario.coefficients
    month = scenario.first_month

    def z(stream: Stream, seat: int) -> float:
        return normal(seed, replicate, seat, month, stream, 0)

    def months(stream: Stream, seat: int, mean: float) -> float:
        return float(int(mean * exponential(seed, replicate, seat, month, stream, 0)))

    def unit(role: Role, posts: float) -> list[float]:
        staff = heads(posts)
        coaching = role is Role.TEACHING_LEARNING
        level = coaches_practice(float(staff), p) if coaching else p.central_entry
        seats = [seat_number(role, index=post) for post in range(staff)]
        return [clip01(level + p.central_sd * z(Stream.INITIAL_PRACTICE, seat)) for seat in seats]

    levers = scenario.baseline
    schools = range(district.schools)
    need = [
        min(
            NEED_BOUNDS[1],
            max(
                NEED_BOUNDS[0],
                district.need_mean
                + district.need_sd * z(Stream.NEED, seat_number(Role.SCHOOL, school)),
            ),
        )
        for school in schools
    ]
    mean_need = mean(need)

    principals = People([], [], [], [], [])
    for school in schools:
        seat = seat_number(Role.PRINCIPAL, school)
        level = PRINCIPAL_PRACTICE * (1.0 - PRINCIPAL_NEED_SLOPE * (need[school] - mean_need))
        principals.practice.append(clip01(level + p.entry_sd * z(Stream.INITIAL_PRACTICE, seat)))
        principals.conviction.append(
            clip01(MEAN_CONVICTION + p.conviction_sd * z(Stream.INITIAL_CONVICTION, seat))
        )
        tenure = months(Stream.INITIAL_TENURE, seat, PRINCIPAL_TENURE)
        principals.tenure.append(tenure)
        principals.experience.append(
            tenure + months(Stream.INITIAL_EXPERIENCE, seat, PRINCIPAL_CAREER)
        )

    teachers = []
    sizes = shares(district.teachers, district.schools) if teachers_too else []
    for school, count in enumerate(sizes):
        level = teachers_level(need[school] - mean_need)
        rows = [
            first_teacher(seed, replicate, month, school, index, level, p) for index in range(count)
        ]
        teachers.append(People(*(list(column) for column in zip(*rows, strict=True))))

    quartile = need_quartiles(need)
    top = seat_number(Role.SUPERINTENDENT)
    return Seats(
        need=need,
        superintendent_focus=clip01(p.focus_mean + p.focus_sd * z(Stream.INITIAL_FOCUS, top)),
        superintendent_tenure=months(Stream.INITIAL_TENURE, top, SUPERINTENDENT_TENURE),
        supervisors=unit(Role.LEADERSHIP_SUPPORT, district.schools / levers.span_of_control),
        coaches=unit(Role.TEACHING_LEARNING, district.teachers / levers.teachers_per_coach),
        principals=principals,
        teachers=teachers,
        mean_need=mean_need,
        need_gap=need_gap(need, quartile),
        quartile=quartile,
    )


def teachers_level(need_above_mean: float) -> float:
    """Return the mean practice of a school's first teachers."""
    return TEACHER_PRACTICE - TEACHER_NEED_SLOPE * need_above_mean


def first_teacher(
    seed: int, replicate: int, month: int, school: int, index: int, level: float, p: Coefficients
) -> tuple[float, float, float, float, float]:
    """Return practice, conviction, tenure, experience and embeddedness of a first occupant.

    Shared by both engines.
    """
    seat = seat_number(TEACHER, school, index)
    z = normal(seed, replicate, seat, month, INITIAL_PRACTICE, 0)
    practice = clip01(level + p.teacher_sd * z)
    z = normal(seed, replicate, seat, month, INITIAL_CONVICTION, 0)
    conviction = clip01(MEAN_CONVICTION + p.conviction_sd * z)
    spell = exponential(seed, replicate, seat, month, INITIAL_TENURE, 0)
    tenure = float(int(TEACHER_TENURE * spell))
    spell = exponential(seed, replicate, seat, month, INITIAL_EXPERIENCE, 0)
    experience = min(LONGEST_CAREER, tenure + float(int(TEACHER_CAREER * spell)))
    rooted = 1.0 - (1.0 - p.embed_new) * (1.0 - p.embed_rate) ** tenure
    return practice, conviction, tenure, experience, rooted


def heads(posts: float) -> int:
    """Return how many people hold a number of full-time posts: rounded, at least one."""
    return max(1, int(posts + 0.5))


def shares(total: int, parts: int) -> list[int]:
    """Spread a whole number as evenly as possible; the first parts take what is left over."""
    each, left = divmod(total, parts)
    return [each + (part < left) for part in range(parts)]


def need_quartiles(need: list[float]) -> list[int]:
    """Return each school's need quartile, 0 lowest to 3 highest, ties by number of the school."""
    order = sorted(range(len(need)), key=lambda school: (need[school], school))
    quartile = [0] * len(need)
    for rank, school in enumerate(order):
        quartile[school] = 4 * rank // len(need)
    return quartile


def need_gap(need: list[float], quartile: list[int]) -> float:
    """Mean need of the neediest quartile less that of the least needy."""
    return mean_where(need, quartile, max(quartile)) - mean_where(need, quartile, 0)


def mean(values: list[float]) -> float:
    """Return the mean, added in order: `sum` and numpy round differently. 0 for an empty list."""
    total = 0.0
    for value in values:
        total += value
    return total / len(values) if values else 0.0


def mean_where(values: list[float], label: list[int], wanted: int) -> float:
    """Return the mean of the values with a label, added in order."""
    return mean([value for value, own in zip(values, label, strict=True) if own == wanted])
