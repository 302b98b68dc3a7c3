"""The state of the model: every variable of every kind of person and place, declared once.

The reference engine's agents and places inherit from their table and begin with what it says; the
records and arrays of the compiled engine, the trace by which the engines are compared, what an
intervention sees, the estimate of memory and the ODD page are made from the same lines. What the
funded levers deliver is the one table that is not here: `reformsim.theory.costs.LEVELS`.
"""

from __future__ import annotations

from .seats import FIRST_BENCH, FIRST_FATIGUE, FIRST_TEACHER_TURNOVER, MEAN_CONVICTION
from .variables import Table, variable

# A table, one variable in one to three lines, so the formatter keeps away.
# fmt: off


class District(Table):
    """What all agents share: money, focus, politics, readiness, the bench."""

    table = "district"

    frailty: float = variable("× ordinary",
        "The district's lasting factor on superintendents' turnover; fixed", elsewhere=True)
    mean_need: float = variable("share of pupils", "Mean need of the schools; fixed",
        elsewhere=True)
    need_gap: float = variable("share of pupils",
        "Mean need of the neediest quartile less that of the least needy; fixed", elsewhere=True)
    revenue_noise: float = variable("share of revenue",
        "Ordinary ups and downs of revenue this year", "environment")
    trend: float = variable("× launch", "Real revenue that plans count on", "environment", 1.0)
    revenue_index: float = variable("× launch", "Real revenue", "environment", 1.0, seen="recomputed")
    fiscal_stress: float = variable("share of revenue", "Shortfall of revenue against plans",
        "environment", seen="recomputed")
    protection: float = variable("0–1", "How well the support line is protected from cuts",
        "budget", seen="recomputed")
    reserves: float = variable("share of revenue", "Reserves that can be spent freely", "budget",
        seen="write")
    usual_reserves: float = variable("share of revenue", "The level they are built up to; fixed",
        "budget")
    budget_gap: float = variable("share of revenue",
        "Shortfall that reserves did not fill in the last budget", "budget", seen="recomputed")
    gap_last_july: float = variable("share of revenue", "The same, as the next budget remembers it",
        "budget")
    spared: bool = variable("yes or no",
        "Whether the support line is spared while the present shortfall lasts", "budget")
    felt_gap: float = variable("share of revenue", "Shortfall that the support line felt last July",
        "budget")
    shocks: int = variable("number", "Revenue shocks that have begun", "environment",
        elsewhere=True)
    support_funding: float = variable("$ per pupil a year", "The support line of the budget",
        "budget", seen="write")
    reach: float = variable("share", "How far the design is funded", "budget", seen="recomputed")
    grant_money: float = variable("$ per pupil a year", "Grants in force", "budget",
        seen="recomputed")
    grant_spending: float = variable("$ per pupil a year", "What is spent of grants", "budget")
    supervisors: int = variable("posts", "Supervisors' posts that are funded", "budget",
        elsewhere=True)
    post_size: float = variable("posts", "Full-time posts that each supervisor stands for",
        "budget", 1.0, elsewhere=True)
    coaches: int = variable("posts", "Instructional coaches' posts that are funded", "budget",
        elsewhere=True)
    contract: bool = variable("yes or no", "Whether an outside partner's programme runs", "budget",
        elsewhere=True)
    contract_end: int = variable("month", "When the contract ends", "budget", elsewhere=True)
    contract_seats: int = variable("principals", "Seats in the programme", "budget", elsewhere=True)
    contract_intensity: float = variable("0–1", "Dosage of the programme", "budget", elsewhere=True)
    pull: float = variable("share", "Share of supervisors' time drawn into operations", "support",
        elsewhere=True)
    public_focus: float = variable("0–1", "How much the district is seen to put learning first",
        "politics", "focus_mean", seen="write")
    perceived_progress: float = variable("0–1", "Whether people think that it is getting somewhere",
        "politics", "progress_base", seen="write")
    initiative_fatigue: float = variable("0–1", "Weariness from agendas that came and went",
        "politics", FIRST_FATIGUE, seen="write")
    readiness: float = variable("0–1", "How far new roles have been designed and agreed",
        "politics", "readiness_start", seen="write")
    role_legitimacy: float = variable("0–1", "Whether teacher leaders are accepted as such",
        "politics", "legitimacy_start", seen="write")
    equity_groundwork: float = variable("0–1",
        "How well the community is prepared for unequal investment", "politics", seen="write")
    bench: float = variable("0–1", "Strength of the pool of prepared future principals", "turnover",
        FIRST_BENCH, seen="write")
    outcome: float = variable("student SD", "Mean outcome of the schools", "outcome", seen="recomputed")
    outcome_growth: float = variable("student SD a year", "Growth of that mean", "outcome",
        seen="recomputed")
    reference_practice: float = variable("0–1",
        "Teachers' mean practice that outcomes are measured from", "outcome", elsewhere=True)
    reference_practice_sd: float = variable("0–1",
        "SD of teachers' practice that outcomes are measured in", "outcome", 0.1, elsewhere=True)
    reference_conditions: float = variable("student SD a year",
        "What conditions add on average, from which outcomes are measured", "outcome", elsewhere=True)
    reference_leadership: float = variable("0–1",
        "Mean leadership that perceived progress is measured from", "outcome", elsewhere=True)
    superintendent_departures: int = variable("people", "Superintendents who left this month",
        "turnover")
    central_departures: int = variable("people",
        "Central-office staff who left or were laid off this month", "turnover")
    people: int = variable("people",
        "How many have ever belonged to the district; numbers the next who joins", "turnover",
        elsewhere=True)


class Superintendent(Table):
    """The superintendent."""

    table = "superintendent"

    political_capital: float = variable("0–1", "Standing with the board and the public", "politics",
        "capital_start", seen="write")
    person: int = variable("number", "Which person it is", "turnover")
    insider: bool = variable("yes or no", "Whether appointed from inside the district", "turnover")
    interim: bool = variable("yes or no", "Whether only keeping the seat until June", "turnover")
    learning_focus: float = variable("0–1",
        "The superintendent's own lasting priority on learning; fixed for the stay", "turnover",
        seen="write")
    tenure: float = variable("months", "Time in post", "turnover", seen="write")


class Principal(Table):
    """A principal's seat; an acting head keeps an empty one."""

    table = "principal"

    training: float = variable("share of the week",
        "Time in training, cohorts and outside programmes", "workload", seen="recomputed")
    workload: float = variable("share of the week", "Load that weighs on strain", "workload",
        seen="recomputed")
    learning_time: float = variable("share of the week", "Time for leading learning", "workload",
        seen="recomputed")
    settled: float = variable("0–1", "How settled the school is under its head", "support", 1.0,
        seen="recomputed")
    contact: float = variable("0–1", "Working relationship with the supervisor", "support",
        seen="recomputed")
    partner: float = variable("0–1", "Support felt from the supervisor", "support")
    cohort_support: float = variable("0–1", "Support felt from the cohort", "support")
    coach_support: float = variable("0–1", "Support felt from coaches and mentors", "support")
    training_support: float = variable("0–1", "Support felt from training", "support")
    support: float = variable("0–1", "Support felt from all sources", "support", seen="recomputed")
    learnt: float = variable("0–1", "What the person has learnt from others", "learning",
        seen="write")
    practice: float = variable("0–1",
        "How well the person does the learning-focused part of the job", "learning",
        seen="recomputed")
    conviction: float = variable("0–1", "How far the person believes in it", "conviction",
        MEAN_CONVICTION, seen="write")
    strain: float = variable("0–1", "How worn down the person is", "strain", "strain_new",
        seen="write")
    isolation: float = variable("0–1",
        "Cut off from those above and beside, alienated from those below", "strain",
        "isolation_new", seen="write")
    wary: float = variable("0–1", "How far the person holds back from others after losses", "trust",
        seen="write")
    person: int = variable("number", "Which person it is", "turnover", seen="read")
    ability: float = variable("0–1", "The person's own level, drawn on arrival, lasting", "turnover",
        seen="write")
    vacant: bool = variable("yes or no",
        "Whether the seat is empty; an acting head then keeps the school", "turnover", seen="read")
    vacant_months: int = variable("months", "How long the seat has been empty", "turnover")
    tenure: float = variable("months", "Time at this school", "turnover", seen="write")
    experience: float = variable("months", "Time as a principal anywhere", "turnover", seen="write")
    preparation: float = variable("0–1",
        "Strength of the pipeline behind someone appointed from the bench, else 0", "turnover",
        seen="write")
    access_draw: float = variable("0–1",
        "Random priority of the person in the queue for mentors and outside seats; drawn on arrival",
        "turnover")
    informal_tie: float = variable("0–1",
        "Ties across schools that the person brought along; drawn on arrival", "turnover",
        "informal_tie", seen="write")


class Supervisor(Table):
    """A post of the unit of leadership support."""

    table = "supervisor"

    ability: float = variable("0–1", "The person's own level, drawn on arrival, lasting", "budget",
        seen="write")
    learnt: float = variable("0–1", "What the person has learnt from others", "learning",
        seen="write")
    practice: float = variable("0–1", "How well the person supports principals", "learning",
        seen="recomputed")
    conviction: float = variable("0–1",
        "How far the person believes in learning-focused leadership", "conviction", MEAN_CONVICTION,
        seen="write")
    strain: float = variable("0–1", "How worn down the person is", "strain", "strain_new",
        seen="write")
    wary: float = variable("0–1", "How far the person holds back from others after losses", "trust")
    person: int = variable("number", "Which person it is", "turnover", seen="read")
    vacant: bool = variable("yes or no", "Whether the post is empty", "turnover", seen="read")
    tenure: float = variable("months", "Time in the post", "turnover", seen="write")


class Coach(Table):
    """A post of the unit of teaching and learning, whose staff coach teachers."""

    table = "coach"

    practice: float = variable("0–1",
        "How good a coach the person is; fixed from the day of hiring", "learning", seen="write")
    conviction: float = variable("0–1", "Carried along, not followed", "conviction",
        MEAN_CONVICTION, seen="write")
    strain: float = variable("0–1", "Carried along, not followed", "strain", "strain_new",
        seen="write")
    person: int = variable("number", "Which person it is", "turnover", seen="read")
    vacant: bool = variable("yes or no", "Whether the post is empty", "turnover", seen="read")
    tenure: float = variable("months", "Time in the post", "turnover", seen="write")


class Teacher(Table):
    """A teacher's seat."""

    table = "teacher"

    teacher_leader: bool = variable("yes or no", "Whether in a recognised leadership role",
        "budget", seen="read", seen_as="leader")
    learnt: float = variable("0–1", "What the person has learnt from others", "learning",
        seen="write")
    practice: float = variable("0–1", "How well the person teaches", "learning", seen="recomputed")
    from_colleagues: float = variable("a year",
        "What colleagues have to teach, as the teacher saw it when the quarter began", "learning")
    peers: float = variable("0–1",
        "Mean conviction of those asked, as it was when the quarter began", "learning")
    conviction: float = variable("0–1", "How far the person believes in the reform", "conviction",
        MEAN_CONVICTION, seen="write")
    strain: float = variable("0–1", "How worn down the person is", "strain", "strain_new",
        seen="write")
    embeddedness: float = variable("0–1", "How rooted in colleagues' advice", "trust", "embed_new",
        seen="write")
    person: int = variable("number", "Which person it is", "turnover", seen="read")
    ability: float = variable("0–1", "The person's own level, drawn on arrival, lasting", "turnover",
        seen="write")
    tenure: float = variable("months", "Time at this school", "turnover", seen="write")
    experience: float = variable("months", "Time in the career", "turnover", seen="write")


class School(Table):
    """A school: its need, the load on it, the leadership in it, and its outcome."""

    table = "school"

    need: float = variable("share of pupils", "Share of pupils in poverty; fixed", seen="read")
    need_above_mean: float = variable("share of pupils",
        "The same less the mean of the schools; fixed", seen="read")
    quartile: int = variable("0 to 3", "Quartile by need, 0 the least needy; fixed", seen="read")
    schools_before: int = variable("schools",
        "How many take part before it does, settled at the launch; all, if it never does", "budget")
    joined_cohorts: bool = variable("yes or no",
        "Whether the principal has been in a cohort that the budget pays for", "budget")
    takes_part: bool = variable("yes or no", "Whether the school takes part in the design", "budget",
        seen="read")
    operational_demand: float = variable("share of operations", "Extra operations from events",
        "environment", seen="write")
    operations: float = variable("share of the week", "Time of the head that operations take",
        "workload", seen="recomputed")
    coaching: float = variable("share", "Dosage of instructional coaching that teachers get",
        "support", seen="recomputed")
    coaches_level: float = variable("0–1", "Mean practice of the coaches in post who serve it",
        "support", seen="recomputed")
    leader_depth: float = variable("0–1",
        "Depth of its teacher leaders' ties with those whom they help", "support",
        seen="recomputed")
    enacted: float = variable("0–1", "Leadership enacted by the principal", "support", seen="recomputed")
    distributed: float = variable("0–1", "Leadership added by teacher leaders", "support",
        seen="recomputed")
    leadership: float = variable("0–1", "Leadership that reaches teachers", "support", seen="recomputed")
    order: float = variable("0–1", "How well it runs", "support", "order_ordinary", seen="write")
    carried: float = variable("0–1", "What the last principal who left had learnt", "turnover")
    guidance: float = variable("0–1",
        "What teachers can learn from the head: the leadership that a settled head would enact",
        "support", seen="recomputed")
    teacher_practice: float = variable("0–1", "Teachers' mean practice", "learning", seen="recomputed")
    teacher_turnover: float = variable("share of teachers", "Who left last June", "turnover",
        FIRST_TEACHER_TURNOVER, seen="write")
    outcome: float = variable("student SD", "Outcome relative to the district's ordinary",
        "outcome", seen="write")
    principal_departures: float = variable("people", "Principals who left this month", "turnover")
    teacher_departures: float = variable("people", "Teachers who left this month", "turnover")


class Contracted(Table):
    """A coach from an outside partner."""

    table = "contracted"

    practice: float = variable("0–1", "How good the coach is; fixed for the contract", "budget")


class Shock(Table):
    """A revenue shock that has been announced or has arrived."""

    table = "shock"

    start: int = variable("month", "When the shock begins", "environment")
    depth: float = variable("share of revenue", "Share lost at the trough", "environment")
    ramp: int = variable("months", "How long the fall takes", "environment")
    hold: int = variable("months", "How long the trough lasts", "environment")
    recovery: int = variable("months", "How long the recovery takes", "environment")
    permanent: bool = variable("yes or no", "Whether it never recovers", "environment")


class Promoted(Table):
    """A principal promoted since last July, who waits for a post."""

    table = "promoted"

    person: int = variable("number", "Which person it is", "turnover")
    ability: float = variable("0–1", "Ability taken along", "turnover")
    learnt: float = variable("0–1", "What was learnt and is taken along", "turnover")
    conviction: float = variable("0–1", "Conviction taken along", "turnover")


class Tie(Table):
    """Ties into a principal's seat, and those between principals."""

    table = "tie"

    supervisor: int = variable("post", "Which supervisor a principal has", "budget", seen="read",
        elsewhere=True)
    mentored: bool = variable("yes or no", "Whether a principal has an ordinary mentor", "budget",
        seen="read", elsewhere=True)
    contract_coach: int = variable("coach", "Which outside coach a principal has, if any", "budget",
        elsewhere=True)
    cohort_between: int = variable("pair", "Which principals share a cohort", "budget",
        elsewhere=True)
    partnership: float = variable("0–1", "Trust, supervisor to principal", "trust", seen="write",
        seen_as="trust_from", elsewhere=True)
    partnership_back: float = variable("0–1", "Trust, principal to supervisor", "trust",
        seen="write", seen_as="trust_back", elsewhere=True)
    cohort: float = variable("0–1", "Trust between principals of a cohort", "trust", elsewhere=True)
    peer_between: int = variable("pair", "Whom a principal turns to by choice, by place", "budget",
        elsewhere=True)
    peer: float = variable("0–1", "Trust in that tie", "trust", elsewhere=True)
    mentor: float = variable("0–1", "Trust, mentor to principal", "trust", elsewhere=True)
    contract: float = variable("0–1", "Trust, outside coach to principal", "trust", elsewhere=True)
    partnership_before: float = variable("0–1",
        "`partnership` before the last departure; a planned successor inherits part of it",
        "turnover", elsewhere=True)
    partnership_back_before: float = variable("0–1", "The same of `partnership_back`", "turnover",
        elsewhere=True)
    cohort_before: float = variable("0–1", "The same of `cohort`", "turnover", elsewhere=True)
    contract_before: float = variable("0–1", "The same of `contract`", "turnover", elsewhere=True)


TABLES: tuple[type[Table], ...] = (
    District, Superintendent, Principal, Supervisor, Coach, Teacher, School, Contracted, Shock,
    Promoted, Tie,
)
