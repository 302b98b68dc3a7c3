"""What levers cost: levels of delivery, and dollars per pupil for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from reformsim.errors import Problem, ReformsimError
from reformsim.scenario.coefficients import Costs
from reformsim.scenario.levers import Levers
from reformsim.scenario.parameters import parameters_of

from .adoption import in_part
from .budget import ROUNDING, delivered
from .equation import compilable, equation

if TYPE_CHECKING:
    from reformsim.scenario.parameters import Parameter

Amount: TypeAlias = Callable[[Levers, int, int], float]


class Level(NamedTuple):
    """A funded lever in a unit that money buys evenly, such as posts where the lever is a caseload."""

    unit: str
    meaning: str
    amount: Amount
    """How much of it a design wants, in a district of so many schools and teachers."""
    price: str
    """The coefficient that is its price."""
    per: str
    """What a unit of the level is: a `post`, or something for every `teacher`, `school` or `pupil`."""


WORKED_OUT: dict[str, tuple[str, str, Amount]] = {
    "leadership_posts": (
        "posts",
        "Full-time leadership-support posts in the district",
        lambda levers, schools, _teachers: schools / levers.span_of_control,
    ),
    "coaches": (
        "posts",
        "Instructional coaches in the district",
        lambda levers, _schools, teachers: teachers / levers.teachers_per_coach,
    ),
    "teacher_leaders": (
        "share of teachers",
        "Teacher leaders",
        lambda levers, _schools, _teachers: levers.teacher_leader_share,
    ),
    "released_posts": (
        "posts per teacher",
        "Release time, in posts per teacher of the district",
        lambda levers, _schools, _teachers: levers.teacher_leader_share * levers.release_time,
    ),
    "mentors": (
        "share of principals",
        "Principals with a mentor",
        lambda levers, _schools, _teachers: levers.mentor_share,
    ),
    "cohorts": (
        "0–1",
        "Intensity of principals' cohorts",
        lambda levers, _schools, _teachers: levers.cohort_intensity,
    ),
}
"""Unit, meaning and amount of the levels that are not simply a lever by its own name."""


def _level(bought: Parameter) -> tuple[str, Level]:
    """Return name and level of what a price buys."""
    assert bought.buys is not None
    name, per = bought.buys
    if name in WORKED_OUT:
        return name, Level(*WORKED_OUT[name], bought.name, per)
    lever = next(lever for lever in parameters_of("levers", Levers) if lever.name == name)
    meaning = lever.meaning.removesuffix("; funded")
    return name, Level(
        lever.unit, meaning, lambda levers, *_: getattr(levers, name), bought.name, per
    )


LEVELS: dict[str, Level] = dict(
    _level(price) for price in parameters_of("coefficients", Costs) if price.buys
)
"""What money buys, by name: one level for each price in `Costs` that says what it buys."""

if TYPE_CHECKING:
    Levels: TypeAlias = Any
else:
    Levels = NamedTuple("Levels", [(name, float) for name in LEVELS])
    Levels.__doc__ = "A number for each funded lever, in the order of `LEVELS`."


def levels_of(levers: Levers, schools: int, teachers: int) -> Levels:
    """Return the levels at which a design would be delivered in full."""
    return Levels(*(level.amount(levers, schools, teachers) for level in LEVELS.values()))


def delivered_levels(baseline: Levels, design: Levels, reach: float, cover: float) -> Levels:
    """Return what the support line delivers of each lever."""
    pairs = zip(baseline, design, strict=True)
    return Levels(*(delivered(low, high, reach, cover) for low, high in pairs))


FOR_SCHOOLS = tuple(name for name, level in LEVELS.items() if level.per != "pupil")
"""Levels that schools have; the others are the district's own, whichever schools take part."""


def in_schools(baseline: Levels, design: Levels, share: float) -> Levels:
    """Return what a design comes to in the district if a share of the schools has it."""
    return Levels(
        *(
            in_part(low, high, share if name in FOR_SCHOOLS else 1.0)
            for name, low, high in zip(Levels._fields, baseline, design, strict=True)
        )
    )


class UndeliverableError(ReformsimError):
    """An equation of the budget has been changed so that it delivers what cannot be."""

    def __init__(self, month: int, lever: int, level: float, highest: float) -> None:
        """Name the lever by its place in `Levels`."""
        allowed = f"0 to {highest:g}, the larger of baseline and design"
        key = f"month {month}, {Levels._fields[lever]}"
        message = "the budget delivers what it cannot"
        hint = "look at the equations of the budget that were replaced"
        super().__init__(Problem(message, key=key, found=f"{level:g}", allowed=allowed, hint=hint))


@compilable
def is_deliverable(level: float, highest: float) -> bool:
    """Return whether a level lies between nothing and the larger of baseline and design."""
    slack = ROUNDING * (1.0 + highest)
    return -slack <= level <= highest + slack


def prices_of(schools: float, teachers: float, enrolment: float, p: Costs) -> Levels:
    """Return what one unit of each level costs, in dollars per pupil a year."""

    def price(level: Level) -> float:
        dollars: float = getattr(p, level.price)
        if level.per == "pupil":
            return dollars
        if level.per == "post":
            return dollars / enrolment
        return {"teacher": teachers, "school": schools}[level.per] * dollars / enrolment

    return Levels(*map(price, LEVELS.values()))


def costs_of(levels: Levels, prices: Levels) -> dict[str, float]:
    """Return the cost of each funded lever in dollars per pupil a year."""
    pairs = zip(Levels._fields, levels, prices, strict=True)
    return {name: level * price for name, level, price in pairs}


def total_cost(costs: dict[str, float]) -> float:
    """Return the sum of costs, added in their own order."""
    total = 0.0
    for cost in costs.values():
        total += cost
    return total


@equation
def release_time(released_posts: float, teacher_leaders: float) -> float:
    """Release time of each teacher leader.

    min(1, released posts / teacher leaders); 0 if there are none
    Source: definition

    Arguments:
        released_posts: posts per teacher, [0, 0.25], +
        teacher_leaders: share of teachers, [0, 0.5], ±
    Returns: share of a post, [0, 1]
    """
    return min(1.0, released_posts / teacher_leaders) if teacher_leaders > 0.0 else 0.0


@equation
def design_work_cost(design_work: float, p: Costs) -> float:
    """Cost of designing and agreeing new roles, which is bought directly.

    design_work × cost_design
    Source: judgement

    Arguments:
        design_work: [0, 1], [0, 1], +
    Returns: $ per pupil a year, [0, 1000]
    """
    return p.cost_design * design_work


@equation
def training_cost(training_hours: float, schools: float, enrolment: float, p: Costs) -> float:
    """Cost of training, which is bought directly.

    training_hours × cost_training × schools / enrolment
    Source: judgement

    Arguments:
        training_hours: hours a year, [0, 400], +
        schools: schools, [1, 200], +
        enrolment: pupils, [100, 200000], −
    Returns: $ per pupil a year, [0, 100000]
    """
    return training_hours * p.cost_training * schools / enrolment


@equation
def seats_cost(seats: float, intensity: float, enrolment: float, p: Costs) -> float:
    """Cost of an outside programme, which is bought directly.

    seats × intensity × cost_seat / enrolment
    Source: judgement

    Arguments:
        seats: leaders, [0, 200], +
        intensity: [0, 1], [0, 1], +
        enrolment: pupils, [100, 200000], −
    Returns: $ per pupil a year, [0, 100000]
    """
    return seats * intensity * p.cost_seat / enrolment
