"""What an intervention sees of the district: the same names in both engines.

Tables hold one array for each variable. Those in `READ_ONLY` cannot be written to, since who sits
where is decided by the model; everything else can, and takes effect at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]


class District:
    """The district and its superintendent: one record of numbers, all of which can be written."""

    learning_focus: float
    """The superintendent's learning focus, [0, 1]."""
    political_capital: float
    """The superintendent's political capital, [0, 1]."""
    tenure: float
    """The superintendent's months in office."""
    public_focus: float
    """The district's public focus on learning, [0, 1]."""
    perceived_progress: float
    """[0, 1]."""
    initiative_fatigue: float
    """[0, 1]."""
    readiness: float
    """Readiness for new roles, [0, 1]."""
    role_legitimacy: float
    """Role legitimacy of teacher leaders, [0, 1]."""
    equity_groundwork: float
    """Equity groundwork laid, [0, 1]."""
    bench: float
    """Strength of the leadership pipeline, [0, 1]."""
    revenue_index: float
    """Real revenue, × launch; worked out anew each month."""
    fiscal_stress: float
    """Shortfall of revenue against plans, share of revenue; worked out anew each month."""
    reserves: float
    """Reserves that can be spent freely, share of a year's revenue."""
    budget_gap: float
    """Shortfall that reserves did not fill, share of revenue; worked out anew each July."""
    support_funding: float
    """The support line of the budget, $ per pupil a year."""
    protection: float
    """How well the support line is protected, [0, 1]; worked out anew each July."""
    reach: float
    """How far the design is funded, share; worked out anew each July."""
    outcome: float
    """Mean outcome of schools relative to the baseline, student SD; worked out anew each month."""
    outcome_growth: float
    """Growth of `outcome`, student SD a year; worked out anew each month."""


class Schools(NamedTuple):
    """One entry a school."""

    need: Floats
    """Need, [0, 1]; read-only."""
    need_above_mean: Floats
    """Need less the district's mean; read-only."""
    quartile: Whole
    """Need quartile, 0 the lowest need; read-only."""
    operational_demand: Floats
    """Load of operational events, share of the week."""
    operations: Floats
    """Principal's time that operations ask for, share of the week; anew each month."""
    coaching: Floats
    """Instructional coaching that teachers get, [0, 1]; anew each month."""
    enacted: Floats
    """Leadership enacted by the principal, [0, 1]; anew each month."""
    distributed: Floats
    """Leadership added by teacher leaders, [0, 1]; anew each month."""
    leadership: Floats
    """Leadership that reaches teachers, [0, 1]; anew each month."""
    guidance: Floats
    """Leadership that teachers' practice rests on, [0, 1]; anew each month."""
    teacher_practice: Floats
    """Teachers' mean practice, [0, 1]; anew each month, after learning."""
    teacher_turnover: Floats
    """Share of teachers who left last June."""
    outcome: Floats
    """Outcome relative to the baseline, student SD."""


class Principals(NamedTuple):
    """One entry a principal's seat, in the order of schools; an acting head keeps an empty one."""

    person: Whole
    """Number of the person, 0 while the seat is empty; read-only."""
    vacant: Whole
    """1 while the seat is empty; read-only."""
    supervisor: Whole
    """Post of the supervisor, a place in `supervisors`; read-only."""
    mentored: Whole
    """1 while there is an ordinary mentor; read-only."""
    practice: Floats
    """[0, 1]."""
    conviction: Floats
    """[0, 1]."""
    strain: Floats
    """[0, 1]."""
    isolation: Floats
    """[0, 1]."""
    tenure: Floats
    """Months in the seat."""
    experience: Floats
    """Months as a principal."""
    preparation: Floats
    """Pipeline behind a principal from the bench, [0, 1]."""
    informal_tie: Floats
    """The person's own ties across schools, [0, 1]."""
    learning_time: Floats
    """Time for learning leadership, share of the week; anew each month."""
    workload: Floats
    """Share of the week; anew each month."""
    training: Floats
    """Time in training, share of the week; anew each month."""
    contact: Floats
    """Contact with the supervisor, [0, 1]; anew each month."""
    support: Floats
    """Support felt, [0, 1]; anew each month."""
    settled: Floats
    """How settled in the seat, [0, 1]; anew each month."""
    trust_from: Floats
    """Trust in the partnership with the supervisor, as the principal has it, [0, 1]."""
    trust_back: Floats
    """The same as the supervisor has it."""


class Staff(NamedTuple):
    """One entry a post of a unit of the central office; there are as many as are funded."""

    person: Whole
    """Number of the person, 0 while the post is empty; read-only."""
    vacant: Whole
    """1 while the post is empty; read-only."""
    practice: Floats
    """[0, 1]."""
    conviction: Floats
    """[0, 1]."""
    strain: Floats
    """[0, 1]."""
    tenure: Floats
    """Months in the post."""


class Teachers(NamedTuple):
    """One entry a teacher's seat, school by school; `View.first` says where each school starts."""

    person: Whole
    """Number of the person; read-only."""
    leader: Whole
    """1 for a teacher leader; read-only."""
    practice: Floats
    """[0, 1]."""
    conviction: Floats
    """[0, 1]."""
    strain: Floats
    """[0, 1]."""
    experience: Floats
    """Career months."""
    tenure: Floats
    """Months in the school."""
    embeddedness: Floats
    """How rooted in colleagues' advice, [0, 1]."""


class View(NamedTuple):
    """The district as an intervention sees it."""

    seed: int
    replicate: int
    """With `seed`, the first two numbers of the key of a draw."""
    p: Any
    """Coefficients by name; a copy, so that writing to it changes nothing."""
    conditions: Any
    """Conditions by name; a copy."""
    levers: Any
    """Levers in force by name, the baseline before the launch; a copy."""
    levels: Any
    """What money delivers of the funded levers this year: `reformsim.theory.costs.Levels` by name."""
    district: Any
    """`District` by name."""
    schools: Schools
    principals: Principals
    supervisors: Staff
    """The unit of leadership support."""
    coaches: Staff
    """The unit of teaching and learning, whose staff coach teachers."""
    teachers: Teachers
    first: Whole
    """Place of each school's first teacher, and at the end the number of teachers; read-only."""


DISTRICT = tuple(District.__annotations__)
"""Names of the district's variables."""
READ_ONLY = frozenset(
    {
        "need",
        "need_above_mean",
        "quartile",
        "person",
        "vacant",
        "supervisor",
        "mentored",
        "leader",
    }
)
