"""The levers: what a strategy may set. Defaults are the status quo of an ordinary district."""

from __future__ import annotations

from functools import partial

from .parameters import Kind, Section, declare

_lever = partial(declare, Kind.LEVER)


class Levers(Section):
    """One design of leadership support.

    Levers marked "funded" are delivered at the reach the budget allows; "direct" ones are bought
    at once and in full; the others cost nothing.
    """

    launch_focus: float = _lever(
        "leadership",
        0.0,
        "[0, 1]",
        (0, 1),
        "Learning focus to which the sitting superintendent rises at the launch; 0 leaves it as it"
        " is, and a superintendent already above it stays there",
        "judgement",
    )
    span_of_control: float = _lever(
        "central office",
        24.0,
        "principals per supervisor",
        (3, 60),
        "Principals per leadership-support post (principal supervisor); funded",
        "5.12, 5.13",
        plausible=(8, 24),
    )
    cohort_intensity: float = _lever(
        "peers",
        0.0,
        "[0, 1]",
        (0, 1),
        "How intensely principals work in standing cohorts of about six; funded",
        "judgement",
        plausible=(0, 1),
    )
    mentor_share: float = _lever(
        "peers",
        0.24,
        "share of principals",
        (0, 1),
        "Principals with an ordinary mentor; funded",
        "9.6",
        plausible=(0.1, 0.6),
    )
    teacher_leader_share: float = _lever(
        "school",
        0.05,
        "share of teachers",
        (0, 0.5),
        "Teachers in a recognised teacher-leader role; funded",
        "judgement",
        plausible=(0.05, 0.25),
    )
    release_time: float = _lever(
        "school",
        0.0,
        "share of a post",
        (0, 0.5),
        "Time each teacher leader is released from teaching; funded",
        "judgement",
        plausible=(0, 0.2),
    )
    teachers_per_coach: float = _lever(
        "central office",
        150.0,
        "teachers per coach",
        (5, 1000),
        "Teachers per instructional coach of the teaching-and-learning unit; funded",
        "10.6, assuming a quarter of a coordinator coaches",
        plausible=(30, 150),
    )
    operations_relief: float = _lever(
        "school",
        0.2,
        "[0, 1]",
        (0, 1),
        "Operations posts that take administrative work off principals, 1 being one per school;"
        " funded",
        "judgement",
        plausible=(0, 1),
    )
    pipeline: float = _lever(
        "succession",
        0.1,
        "[0, 1]",
        (0, 1),
        "Investment in preparing future principals; funded",
        "5.9, 5.10",
        plausible=(0, 1),
    )
    succession_planning: float = _lever(
        "succession",
        0.1,
        "[0, 1]",
        (0, 1),
        "How far successions of leaders are planned ahead; funded",
        "judgement",
        plausible=(0, 1),
    )
    equity_weight: float = _lever(
        "equity",
        0.0,
        "[0, 1]",
        (0, 1),
        "How strongly central-office support is weighted by the need of schools; costs nothing,"
        " but draws pushback",
        "judgement",
        plausible=(0, 1),
    )
    groundwork: float = _lever(
        "equity",
        0.1,
        "[0, 1]",
        (0, 1),
        "Work to prepare a community for differential investment; funded",
        "judgement",
        plausible=(0, 1),
    )
    protection: float = _lever(
        "budget",
        0.3,
        "[0, 1]",
        (0, 1),
        "How hard the district works to keep the support line out of cuts; costs nothing",
        "judgement",
        plausible=(0, 1),
    )
    participation: float = _lever(
        "readiness",
        1.0,
        "share of schools",
        (0, 1),
        "Schools that take part in the design; the others keep the baseline of what is bought for"
        " schools",
        "judgement",
    )
    pilot_months: int = _lever(
        "readiness",
        0,
        "months",
        (0, 60),
        "Months of pilot before the design is rolled out",
        "judgement",
        plausible=(0, 24),
    )
    design_work: float = _lever(
        "readiness",
        0.0,
        "[0, 1]",
        (0, 1),
        "Effort put into designing and agreeing new roles; direct",
        "judgement",
        plausible=(0, 1),
    )
    training_hours: float = _lever(
        "external",
        0.0,
        "hours per principal a year",
        (0, 400),
        "Training for principals without coaching or relief; direct",
        "5.11",
        plausible=(0, 150),
    )
    coaching_seats: int = _lever(
        "external",
        0,
        "leaders",
        (0, 10_000),
        "Principals with a seat in an outside partner's programme (academy, small cohort and"
        " one-to-one coaching); direct",
        "10.9",
    )
    coaching_start: int = _lever(
        "external",
        0,
        "months after the launch",
        (0, 600),
        "Month in which the outside contract starts",
        "judgement",
    )
    coaching_months: int = _lever(
        "external",
        0,
        "months",
        (0, 600),
        "Length of the outside contract",
        "judgement",
        plausible=(12, 60),
    )
    coaching_intensity: float = _lever(
        "external",
        1.0,
        "[0, 1]",
        (0, 1),
        "Dosage of the outside coaching, 1 being a full programme",
        "judgement",
        plausible=(0.5, 1),
    )
