"""Coefficients of what happens in and around schools: work, support, learning, strain, outcomes."""

from __future__ import annotations

from functools import partial

from ..parameters import Kind, Section, declare

# A table, one parameter in two or three lines, so the formatter keeps away.
# fmt: off


_workload = partial(declare, Kind.COEFFICIENT, "workload")


class Workload(Section):
    """A principal's week."""

    week_hours: float = _workload(58.0, "hours a week", (40, 80),
        "Principal's working week", "4.1, 4.2")
    operations_base: float = _workload(0.315, "share of the week", (0, 0.8),
        "Operations and administration at need one half, without relief or events",
        "4.1-4.3", plausible=(0.28, 0.35))
    other_share: float = _workload(0.56, "share of the week", (0, 0.9),
        "Other fixed duties: pupils, parents, compliance",
        "4.1, 4.4, 4.7; fit 6", plausible=(0.53, 0.59))
    need_load: float = _workload(0.2, "per unit of need", (0, 1),
        "Extra operations per unit of need", "judgement", plausible=(0.1, 0.3))
    scarcity_load: float = _workload(1.5, "per unit of stress", (0, 5),
        "Extra operations per unit of fiscal stress",
        "judgement; direction 6.10, 6.11", plausible=(0, 3))
    order_ordinary: float = _workload(0.4, "[0, 1]", (0.01, 1),
        "Order at which nothing has to be put right for want of it", "judgement")
    problem_load: float = _workload(0.7, "share of operations", (0, 5),
        "Extra operations in a school without any order",
        "judgement", plausible=(0.2, 2.5))
    relief: float = _workload(0.25, "share", (0, 1),
        "Share of operations taken away at full operations funding",
        "judgement", plausible=(0.1, 0.4))
    integration: float = _workload(0.15, "–", (0, 1),
        "Use a skilled principal makes of operational matters for learning",
        "judgement; direction 4.6", plausible=(0, 0.3))
    event_rate: float = _workload(0.08, "events per school a month", (0, 1),
        "Chance that an operational event (facility, safety, compliance, staffing) starts",
        "judgement", plausible=(0.04, 0.15))
    event_size: float = _workload(0.25, "share of operations", (0, 2),
        "Mean extra operations of one event", "judgement", plausible=(0.1, 0.4))
    event_months: float = _workload(3.0, "months", (1, 36),
        "Mean duration of an event (geometric decay)", "judgement")
    time_min: float = _workload(0.03, "share of the week", (0, 0.2),
        "Time for learning leadership that no emergency takes", "judgement")
    time_max: float = _workload(0.3, "share of the week", (0, 1),
        "Ceiling of time for learning leadership; never binds", "judgement; fit 6")
    cohort_hours: float = _workload(4.0, "hours a month", (0, 40),
        "Principal's time in a cohort at intensity 1", "judgement", plausible=(2, 8))
    coaching_hours: float = _workload(8.0, "hours a month", (0, 40),
        "Principal's time in an outside programme at intensity 1",
        "judgement; 5.11 has 8 h a month", plausible=(4, 12))

_support = partial(declare, Kind.COEFFICIENT, "support")


class Support(Section):
    """Support that reaches principals and teachers."""

    staff_hours: float = _support(80.0, "hours a month", (0, 200),
        "Hours a full supervisor post can give to partnership before operations pull",
        "judgement; 5.15", plausible=(50, 110))
    contact_half: float = _support(5.0, "hours a month per principal", (0.1, 50),
        "Half-point of contact", "fit 16", plausible=(3, 8))
    pull_base: float = _support(0.55, "share", (0, 1),
        "Share of partnership time drawn into operations",
        "judgement; 5.16; fit 16", plausible=(0.35, 0.7))
    shield: float = _support(0.8, "–", (0, 1),
        "How far public focus protects that time", "judgement", plausible=(0.4, 1))
    coach_practice: float = _support(0.75, "[0, 1]", (0, 1),
        "Practice of the best coaches", "judgement", plausible=(0.6, 0.9))
    coach_floor: float = _support(0.5, "[0, 1]", (0, 1),
        "Practice of coaches however deep one hires", "judgement; fit 14", plausible=(0.45, 0.55))
    mentor_quality: float = _support(0.7, "share", (0, 1),
        "Practice of an ordinary mentor as a share of the best coaches'", "judgement")
    scale_loss: float = _support(0.5, "exponent", (0, 2),
        "Loss of coaches' quality with the size of a programme",
        "fit 14 (5.7, 5.8)", plausible=(0.3, 0.7))
    coach_pool: float = _support(2.0, "coaches", (0.1, 100),
        "Programme size at which that loss sets in", "calibrated to 14", plausible=(1, 4))
    coach_full_load: float = _support(15.0, "teachers per coach", (1, 200),
        "Teachers an instructional coach can serve at full dosage",
        "judgement; fit 14", plausible=(10, 20))
    mentor_dosage: float = _support(0.65, "share", (0, 1),
        "Dosage of a mentor beside a contracted coach", "fit 16", plausible=(0.4, 0.8))
    access_tilt: float = _support(2.0, "per unit of need", (0, 10),
        "Fall of mentor access per unit of need above the mean", "fit 18 (9.6)", plausible=(1, 2.5))
    academy_value: float = _support(0.06, "[0, 1] per 8 h a month", (0, 0.5),
        "Support from training without coaching", "fit 15 (5.11)", plausible=(0.02, 0.12))
    equity_reach: float = _support(2.0, "per unit of need", (0, 4),
        "Shift of supervisors' hours per unit of need at full equity weight", "judgement")

_trust = partial(declare, Kind.COEFFICIENT, "trust")


class Trust(Section):
    """Trust and wariness among leaders, and embeddedness among teachers."""

    trust_gain: float = _trust(0.08, "a month", (0, 1),
        "Growth of trust at full contact", "judgement", plausible=(0.05, 0.12))
    trust_fade: float = _trust(0.02, "a month", (0, 1),
        "Fading of trust without contact", "judgement", plausible=(0.01, 0.04))
    trust_new: float = _trust(0.1, "[0, 1]", (0, 1),
        "Trust between newcomers", "judgement", plausible=(0.05, 0.2))
    trust_mentor: float = _trust(0.2, "[0, 1]", (0, 1),
        "Extra first trust in a mentor", "judgement")
    trust_coach: float = _trust(0.1, "[0, 1]", (0, 1),
        "Extra first trust in a contracted coach", "judgement")
    handover: float = _trust(0.5, "share", (0, 1),
        "Share of trust a fully planned internal succession hands on", "judgement")
    cohort_contact: float = _trust(0.5, "[0, 1]", (0, 1),
        "Contact in a cohort at intensity 1", "judgement", plausible=(0.3, 0.7))
    coach_contact: float = _trust(0.5, "[0, 1]", (0, 1),
        "Contact with a coach or mentor at dosage 1", "judgement", plausible=(0.25, 0.75))
    peer_contact: float = _trust(0.7, "[0, 1]", (0, 1),
        "Contact with a peer of choice if neither is wary", "judgement", plausible=(0.5, 0.9))
    wary_up: float = _trust(0.3, "[0, 1]", (0, 1),
        "Wariness from the loss of somebody fully trusted", "judgement; fit 19",
        plausible=(0.1, 0.5))
    wary_fade: float = _trust(0.008, "a month", (0, 1),
        "Fading of wariness (10 years)", "judgement", plausible=(0.004, 0.016))
    embed_rate: float = _trust(0.028, "a month", (0, 1),
        "Growth of embeddedness (3 years)", "judgement")
    embed_new: float = _trust(0.2, "[0, 1]", (0, 1),
        "Embeddedness at arrival", "judgement")

    tie_new: float = _trust(0.15, "[0, 1]", (0, 1),
        "Depth of a new tie between teachers", "judgement", plausible=(0.05, 0.3))
    tie_deepen: float = _trust(1.0, "a year", (0, 4),
        "Growth of a tie's depth where leadership is 1", "judgement (7.7)", plausible=(0.5, 2))
    tie_thin: float = _trust(0.4, "a year", (0, 4),
        "Thinning of a tie at strain 1", "judgement", plausible=(0.2, 0.8))
    tie_change: float = _trust(0.4, "chance a year", (0, 1),
        "Chance that the least deep tie is given up, were its depth 0", "judgement; fit 28",
        plausible=(0.2, 0.6))
    tie_returned: float = _trust(0.35, "share", (0, 1),
        "New ties chosen among those who ask oneself; else among those whom a colleague asks",
        "fit 28 (3.12)", plausible=(0.2, 0.6))

_learning = partial(declare, Kind.COEFFICIENT, "learning")


class Learning(Section):
    """Learning along ties: one equation and a rate for each kind of tie."""

    help_rate: float = _learning(3.1, "a year", (0, 20),
        "Learning from somebody whose work it is to help: coach, teacher leader, supervisor",
        "7.15; calibrated to 14", plausible=(2, 5))
    team_rate: float = _learning(1.0, "a year", (0, 20),
        "Learning from a colleague of the grade team or the cohort", "7.16", plausible=(0.5, 2))
    asked_rate: float = _learning(0.15, "a year", (0, 20),
        "Learning from somebody who is asked", "judgement; 7.7, 7.12, 7.13",
        plausible=(0.05, 0.3))
    lead_rate: float = _learning(0.1, "a year", (0, 20),
        "Learning of teachers from the head, and of supervisors from a superintendent's priority",
        "judgement; fit 12, 17", plausible=(0.05, 0.3))
    unlearn_rate: float = _learning(0.25, "a year", (0, 5),
        "Fading of what was learnt from others", "7.15 (not above); fit 14", plausible=(0.1, 0.3))
    novice_gap: float = _learning(0.08, "[0, 1]", (0, 1),
        "What a beginner lacks, and gains with the years", "judgement; 3.2", plausible=(0.04, 0.12))
    novice_months: float = _learning(60.0, "months", (1, 240),
        "Career months until it is gained", "judgement; 3.2")
    entry_practice: float = _learning(0.39, "[0, 1]", (0, 1),
        "Ordinary practice: mean ability of principals from the market",
        "unit choice; fit 9", plausible=(0.35, 0.45))
    entry_sd: float = _learning(0.14, "[0, 1]", (0, 0.5),
        "Standard deviation of principals' ability at entry", "fit 12", plausible=(0.1, 0.18))

_leadership = partial(declare, Kind.COEFFICIENT, "leadership")


class Leadership(Section):
    """Leadership that reaches teachers."""

    time_half: float = _leadership(0.08, "share of the week", (0.001, 1),
        "Half-point of learning time in enacted leadership", "fit 15; 4.5", plausible=(0.04, 0.12))
    reference_time: float = _leadership(0.12, "share of the week", (0.001, 1),
        "Learning time at which enacted leadership equals practice", "unit choice; 4.4")
    permit: float = _leadership(0.1, "per unit of focus", (0, 2),
        "Practice that a superintendent's focus above the ordinary lets heads act on",
        "judgement (8.10)", plausible=(0, 0.2))
    unsettled: float = _leadership(0.25, "share", (0, 0.5),
        "Enacted leadership a new principal lacks; twice that while the seat is vacant",
        "fit 9; 2.12, 5.4", plausible=(0.15, 0.35))
    settle_months: float = _leadership(15.0, "months", (0.5, 120),
        "Time constant of settling in", "calibrated to 9; 2.12", plausible=(6, 24))
    bench_settle: float = _leadership(0.6, "share", (0, 1),
        "Part of the unsettled share that full preparation on the bench takes away", "judgement")
    order_rate: float = _leadership(0.12, "a month", (0, 1),
        "Speed at which a school's order follows the time and stability of its leaders",
        "judgement", plausible=(0.06, 0.24))
    share_half: float = _leadership(0.2, "share of teachers", (0.01, 1),
        "Half-point of the teacher-leader share", "judgement", plausible=(0.1, 0.3))
    release_half: float = _leadership(0.05, "share of a post", (0.001, 1),
        "Half-point of release time", "judgement")
    unreleased: float = _leadership(0.3, "share", (0, 1),
        "Worth of a teacher leader without release time", "judgement")
    leader_time: float = _leadership(0.02, "share of a post", (0, 1),
        "Time that a teacher leader finds for colleagues without release", "judgement",
        plausible=(0, 0.05))
    leader_reach: float = _leadership(2.0, "per share of a post", (0, 100),
        "Depth of a teacher leader's ties per unit of such time", "judgement", plausible=(1, 5))
    legitimacy_start: float = _leadership(0.18, "[0, 1]", (0, 1),
        "Role legitimacy of teacher leaders where roles were never agreed", "judgement")
    lone_legitimacy: float = _leadership(0.4, "share", (0, 1),
        "How far agreed roles are accepted in a school that is the only one to have them, against"
        " those that every school has", "judgement (8.8)", plausible=(0.2, 0.8))
    legitimacy_rate: float = _leadership(0.04, "a month", (0, 1),
        "Speed at which role legitimacy follows readiness", "judgement", plausible=(0.02, 0.08))

_conviction = partial(declare, Kind.COEFFICIENT, "conviction")


class Conviction(Section):
    """Conviction."""

    conv_rate: float = _conviction(0.04, "a month", (0, 1),
        "Speed of conviction", "judgement", plausible=(0.02, 0.06))
    a0_leader: float = _conviction(0.275, "–", (-1, 1),
        "Intercept of leaders' conviction", "fit SQ")
    a0_teacher: float = _conviction(0.22, "–", (-1, 1),
        "Intercept of teachers' conviction", "fit SQ")
    a_focus: float = _conviction(0.35, "–", (0, 2),
        "Weight of public focus", "judgement", plausible=(0.2, 0.5))
    a_support: float = _conviction(0.2, "–", (0, 2),
        "Weight of felt support (leaders) or leadership (teachers)",
        "judgement", plausible=(0.1, 0.35))
    a_peer: float = _conviction(0.25, "–", (0, 0.9),
        "Weight of peers' conviction; must stay well below 1", "judgement", plausible=(0.1, 0.4))
    a_progress: float = _conviction(0.1, "–", (0, 2),
        "Weight of perceived progress above its base", "judgement", plausible=(0, 0.2))
    a_fatigue: float = _conviction(0.35, "–", (0, 2),
        "Weight of initiative fatigue", "judgement (1.12)", plausible=(0.2, 0.5))

_strain = partial(declare, Kind.COEFFICIENT, "strain")


class Strain(Section):
    """Strain and isolation."""

    strain_up: float = _strain(0.15, "a month per unit of workload", (0, 2),
        "Rise of strain per unit of workload above capacity", "judgement", plausible=(0.1, 0.2))
    capacity: float = _strain(0.7, "share of the week", (0, 2),
        "Workload that causes no strain", "judgement")
    teacher_workload: float = _strain(0.85, "share of the week", (0, 2),
        "Teachers' workload on the same scale", "judgement")
    central_workload: float = _strain(0.8, "share of the week", (0, 2),
        "Central-office workload on the same scale", "judgement")
    strain_isolation: float = _strain(0.03, "a month", (0, 1),
        "Rise of strain per unit of isolation", "direction 9.4", plausible=(0, 0.06))
    strain_fatigue: float = _strain(0.02, "a month", (0, 1),
        "Rise of strain per unit of initiative fatigue", "judgement")
    strain_recovery: float = _strain(0.08, "a month", (0, 1),
        "Recovery from strain", "judgement", plausible=(0.06, 0.1))
    teacher_recovery: float = _strain(0.6, "share", (0, 2),
        "Teachers' recovery as a share of leaders'", "judgement")
    teacher_inflow: float = _strain(0.01, "a month", (0, 1),
        "Constant inflow of strain of teachers", "judgement")
    strain_new: float = _strain(0.35, "[0, 1]", (0, 1),
        "Strain on arrival in a post", "judgement")
    isolation_rate: float = _strain(0.15, "a month", (0, 1),
        "Speed of isolation", "judgement")
    isolation_new: float = _strain(0.6, "[0, 1]", (0, 1),
        "A principal's isolation on arrival, with ordinary ties", "judgement")
    staff_tie: float = _strain(0.5, "[0, 1]", (0, 1),
        "Largest tie of a principal with the school's own staff",
        "judgement (9.5)", plausible=(0.3, 0.7))
    coach_tie: float = _strain(0.7, "[0, 1]", (0, 1),
        "Tie with a coach or mentor at full trust", "fit 17", plausible=(0.4, 0.9))
    informal_tie: float = _strain(0.15, "[0, 1]", (0, 1),
        "Ties across schools that a principal has without a cohort, on average",
        "direction 7.4, 7.6, 7.11", plausible=(0.05, 0.3))

_outcome = partial(declare, Kind.COEFFICIENT, "outcome")


class Outcome(Section):
    """A school's outcome."""

    persistence: float = _outcome(0.25, "share", (0, 0.9),
        "What is left after a year of what a year at school has added", "5.22",
        plausible=(0.2, 0.35))
    outcome_slope: float = _outcome(0.16, "student SD a year per SD of practice", (0, 5),
        "What a standard deviation of teachers' practice adds in a year",
        "judgement (3.13); fit 14 (5.6)", plausible=(0.1, 0.2))
    conditions_slope: float = _outcome(0.1, "student SD a year per unit of leadership", (0, 5),
        "What leadership adds in a year through order, time and expectations",
        "judgement; fit 9, 12", plausible=(0.05, 0.2))
    turnover_penalty: float = _outcome(0.085, "student SD a year", (0, 2),
        "What a teacher turnover of 100 % costs in a year",
        "3.10 (size unconfirmed)", plausible=(0.05, 0.1))
