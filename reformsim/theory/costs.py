"""What levers cost: levels of delivery, and dollars per pupil for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from reformsim.errors import Problem, ReformsimError

from .budget import ROUNDING, delivered
from .equation import compilable, equation

if TYPE_CHECKING:
    from reformsim.scenario.coefficients import Costs
    from reformsim.scenario.levers import Levers


class Levels(NamedTuple):
    """Funded levers in units in which money buys them evenly."""

    leadership_posts: float
    """Full-time leadership-support posts in the district."""
    coaches: float
    """Instructional coaches in the district."""
    teacher_leaders: float
    """Share of teachers who are teacher leaders."""
    released_posts: float
    """Posts of release time per teacher of the district."""
    mentors: float
    """Share of principals with a mentor."""
    cohorts: float
    """Intensity of principals' cohorts."""
    operations_relief: float
    """Operations posts per school."""
    pipeline: float
    """Investment in preparing principals."""
    succession_planning: float
    """How far successions are planned."""
    groundwork: float
    """Equity groundwork."""


def levels_of(levers: Levers, schools: int, teachers: int) -> Levels:
    """Return the levels at which a design would be delivered in full."""
    return Levels(
        leadership_posts=schools / levers.span_of_control,
        coaches=teachers / levers.teachers_per_coach,
        teacher_leaders=levers.teacher_leader_share,
        released_posts=levers.teacher_leader_share * levers.release_time,
        mentors=levers.mentor_share,
        cohorts=levers.cohort_intensity,
        operations_relief=levers.operations_relief,
        pipeline=levers.pipeline,
        succession_planning=levers.succession_planning,
        groundwork=levers.groundwork,
    )


def delivered_levels(baseline: Levels, design: Levels, reach: float, cover: float) -> Levels:
    """Return what the support line delivers of each lever."""
    pairs = zip(baseline, design, strict=True)
    return Levels(*(delivered(low, high, reach, cover) for low, high in pairs))


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
    return Levels(
        leadership_posts=p.cost_supervisor / enrolment,
        coaches=p.cost_coach / enrolment,
        teacher_leaders=teachers * p.cost_stipend / enrolment,
        released_posts=teachers * p.cost_teacher / enrolment,
        mentors=schools * p.cost_mentor / enrolment,
        cohorts=schools * p.cost_cohort / enrolment,
        operations_relief=schools * p.cost_operations / enrolment,
        pipeline=p.cost_pipeline,
        succession_planning=p.cost_succession,
        groundwork=p.cost_groundwork,
    )


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
