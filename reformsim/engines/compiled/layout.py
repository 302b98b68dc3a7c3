"""The state of a district as arrays, for the compiled schedule.

Few and many-sided things (the district, schools with their principals, staff) are arrays of
records; teachers, of whom there are many, have one array per variable, school by school.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from reformsim.district import network, network_files
from reformsim.district.caseloads import first_caseloads
from reformsim.district.record import BY_DISTRICT, BY_SCHOOL
from reformsim.district.seats import (
    FIRST_BENCH,
    FIRST_FATIGUE,
    FIRST_TEACHER_TURNOVER,
    FIRST_TRUST,
    MEAN_CONVICTION,
    Role,
    heads,
    seat_number,
    seat_people,
    shares,
)
from reformsim.scenario.coefficients import Conviction, Learning, Strain, Trust
from reformsim.scenario.events import (
    Crisis,
    PrincipalDeparture,
    RevenueShock,
    SuperintendentDeparture,
)
from reformsim.theory import chance
from reformsim.theory.costs import Levels, costs_of, levels_of, prices_of, total_cost
from reformsim.theory.streams import Stream
from reformsim.theory.turnover import frailty

from .people import lay_advice, seat_teachers

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydantic import BaseModel

    from reformsim.scenario import Scenario

EXTRA_COSTS = ("training", "design_work", "outside_coaching")
COSTS = (*Levels._fields, *EXTRA_COSTS)


def record_type(floats: str, integers: str = "") -> np.dtype[Any]:
    """Return a record type with fields of 64-bit floats and of 64-bit integers."""
    fields = [(name, np.float64) for name in floats.split()]
    return np.dtype(fields + [(name, np.int64) for name in integers.split()])


DISTRICT = record_type(
    "public_focus perceived_progress equity_groundwork initiative_fatigue bench revenue_noise"
    " revenue_index trend fiscal_stress stress_last_july protection reach support_funding"
    " role_legitimacy readiness outcome outcome_growth pull post_size learning_focus"
    " political_capital tenure reference_practice reference_practice_sd reference_penalty"
    " reference_leadership late_practice late_practice_sd late_penalty late_leadership"
    " contract_intensity frailty mean_need need_gap baseline_cost design_cost mean_leadership",
    "insider person people supervisors coaches superintendent_departures central_departures"
    " contract contract_end contract_seats contract_coaches shocks promoted cohorts_formed events"
    " rolls_out late_months top_quartile",
)
SETUP = record_type(
    "budget_per_pupil enrolment",
    "seed replicate schools teachers first_month last_month cohorts_loaded",
)
SCHOOL = record_type(
    "need need_above_mean operational_demand operations coaching enacted distributed leadership"
    " outcome teacher_practice teacher_turnover principal_departures teacher_departures"
    # the principal
    " practice conviction strain isolation tenure experience preparation access_draw"
    " learning_time workload training contact partner cohort_support coach_support"
    " training_support support settled practice_next conviction_next"
    # ties: partnership there and back, mentor, contracted coach
    " trust_from trust_back previous_from previous_back trust_mentor previous_mentor"
    " trust_coach previous_coach",
    "quartile person vacant vacant_months caseload mentored coach action",
)
STAFF = record_type(
    "practice conviction strain tenure practice_next conviction_next partnership",
    "person vacant load",
)
SHOCK = record_type("depth", "start ramp hold recovery permanent")
PROMOTED = record_type("practice conviction", "person")
EVENT = record_type("detail", "month kind role school")

KINDS = (
    "departure",
    "promotion",
    "appointment",
    "layoff",
    "cut",
    "contract_start",
    "contract_end",
    "contract_cancelled",
)
DEPARTURE, PROMOTION, APPOINTMENT, LAYOFF, CUT, CONTRACT_START, CONTRACT_END, CANCELLED = range(8)


Record: TypeAlias = Any
"""A numpy record, whose fields are attributes."""


class State(NamedTuple):
    """Everything the compiled schedule reads and writes."""

    p: Any
    """All coefficients, as one record."""
    hot: Any
    """The coefficients that teachers' loops read, as a tuple of numbers, which vectorises."""
    conditions: Any
    levers: Any
    """Two records: the baseline and the strategy."""
    setup: Any
    baseline: NDArray[np.float64]
    design: NDArray[np.float64]
    prices: NDArray[np.float64]
    levels: NDArray[np.float64]
    d: Any
    """The district and its superintendent."""
    schools: Any
    supervisors: Any
    coaches: Any
    contracted: NDArray[np.float64]
    """Practice of the outside partner's coaches."""
    cohort_start: NDArray[np.int64]
    cohort_other: NDArray[np.int64]
    cohort_trust: NDArray[np.float64]
    cohort_previous: NDArray[np.float64]
    cohort_reverse: NDArray[np.int64]
    shocks: Any
    announced: Any
    forced: NDArray[np.int64]
    """Months in which the superintendent leaves."""
    forced_heads: NDArray[np.int64]
    """Month and school of principals who leave."""
    crises: NDArray[np.float64]
    """Start, end and load of each crisis."""
    promoted: Any
    first: NDArray[np.int64]
    """Where each school's teachers start, and where the last one's end."""
    practice: NDArray[np.float64]
    conviction: NDArray[np.float64]
    strain: NDArray[np.float64]
    experience: NDArray[np.float64]
    tenure: NDArray[np.float64]
    embeddedness: NDArray[np.float64]
    leader: NDArray[np.int64]
    person: NDArray[np.int64]
    advice: NDArray[np.float64]
    peers: NDArray[np.float64]
    advice_start: NDArray[np.uint32]
    advisers: NDArray[np.uint32]
    out_district: NDArray[np.float64]
    out_schools: NDArray[np.float64]
    out_costs: NDArray[np.float64]
    events: Any


def as_record(model: BaseModel) -> Any:
    """Return a section of a scenario as one record of floats."""
    data = {name: value for name, value in model.model_dump().items() if not isinstance(value, str)}
    row = np.recarray(1, np.dtype([(name, np.float64) for name in data]))
    row[0] = tuple(float(value) for value in data.values())
    return row[0]


def _records(count: int, kind: np.dtype[Any]) -> Any:
    rows = np.recarray(count, kind)
    rows.view(np.uint8)[:] = 0
    return rows


HOT_FIELDS = tuple(
    name for section in (Learning, Conviction, Strain, Trust) for name in section.model_fields
)
Hot = NamedTuple("Hot", [(name, float) for name in HOT_FIELDS])  # type: ignore[misc]


def build(scenario: Scenario, seed: int, replicate: int, room: int = 0) -> State:
    """Return the state of a district before its first month, with room for that many events.

    Without a number there is room for what an ordinary run brings.
    """
    p, district = scenario.coefficients, scenario.district
    n, months = district.schools, scenario.last_month - scenario.first_month
    seats = seat_people(scenario, seed, replicate, teachers_too=False)
    sizes = shares(district.teachers, n)
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    def draw(kind: Any, seat: int, stream: Stream) -> float:
        return float(kind(seed, replicate, seat, scenario.first_month, stream, 0))

    setup = _records(1, SETUP)[0]
    setup.budget_per_pupil = district.budget_per_pupil
    setup.enrolment = district.enrolment
    setup.seed, setup.replicate = seed, replicate
    setup.schools, setup.teachers = n, district.teachers
    setup.first_month, setup.last_month = scenario.first_month, scenario.last_month

    baseline = levels_of(scenario.baseline, n, district.teachers)
    design = levels_of(scenario.levers, n, district.teachers)
    prices = prices_of(float(n), float(district.teachers), float(district.enrolment), p)

    d = _records(1, DISTRICT)[0]
    d.initiative_fatigue, d.bench, d.revenue_index, d.trend = FIRST_FATIGUE, FIRST_BENCH, 1.0, 1.0
    d.baseline_cost = d.support_funding = total_cost(costs_of(baseline, prices))
    d.design_cost = total_cost(costs_of(design, prices))
    d.rolls_out = int(design != baseline)
    d.role_legitimacy, d.readiness = p.legitimacy_start, p.readiness_start
    d.perceived_progress = p.progress_base
    d.equity_groundwork = scenario.baseline.groundwork
    d.reference_practice_sd = 0.1
    d.post_size = 1.0
    d.learning_focus = d.public_focus = seats.superintendent_focus
    d.political_capital, d.tenure = p.capital_start, seats.superintendent_tenure
    d.frailty = frailty(draw(chance.normal, seat_number(Role.DISTRICT), Stream.FRAILTY), p)
    d.mean_need, d.need_gap, d.top_quartile = seats.mean_need, seats.need_gap, max(seats.quartile)
    people = 1
    d.person = people

    # One more than the larger of the two: what is delivered may be the design and a rounding error.
    most = [heads(max(a, b)) + 1 for a, b in zip(baseline, design, strict=True)]
    supervisors = _records(most[0], STAFF)
    coaches = _records(most[1], STAFF)
    for unit, practices in ((supervisors, seats.supervisors), (coaches, seats.coaches)):
        for post, practice in enumerate(practices):
            people += 1
            unit[post].practice, unit[post].conviction = practice, MEAN_CONVICTION
            unit[post].strain, unit[post].person = p.strain_new, people
    d.supervisors, d.coaches = len(seats.supervisors), len(seats.coaches)

    schools = _records(n, SCHOOL)
    schools.need = seats.need
    schools.need_above_mean = [need - seats.mean_need for need in seats.need]
    schools.quartile = seats.quartile
    schools.teacher_turnover = FIRST_TEACHER_TURNOVER
    schools.practice = seats.principals.practice
    schools.conviction = seats.principals.conviction
    schools.tenure = seats.principals.tenure
    schools.experience = seats.principals.experience
    schools.strain, schools.isolation, schools.settled = p.strain_new, p.isolation_new, 1.0
    schools.access_draw = [
        draw(chance.uniform, seat_number(Role.PRINCIPAL, s), Stream.ACCESS) for s in range(n)
    ]
    schools.caseload = first_caseloads(n, len(seats.supervisors))
    schools.trust_from = schools.trust_back = FIRST_TRUST
    schools.coach = -1
    person = np.empty(district.teachers, np.int64)
    for school in range(n):
        people += 1
        schools[school].person = people
        size = sizes[school]
        person[first[school] : first[school + 1]] = np.arange(people + 1, people + 1 + size)
        people += size
    d.people = people

    givers, cohort = _ties(scenario, seed, replicate, first)
    setup.cohorts_loaded = int(cohort is not None)
    d.cohorts_formed = setup.cohorts_loaded
    groups = cohort if cohort is not None else _generated_cohorts(n)
    cohort_start, cohort_other, reverse = _csr_with_reverse(groups, n)
    trust = np.full(len(cohort_other), p.trust_new)
    if cohort is not None:
        trust[:] = [cohort[int(o), s] for s, o in _pairs(cohort_start, cohort_other)]

    announced = [event for event in scenario.events if isinstance(event, RevenueShock)]
    listed = _records(len(announced), SHOCK)
    for row, event in zip(listed, announced, strict=True):
        row.start, row.depth, row.ramp = event.month, event.depth, event.ramp
        row.hold, row.recovery, row.permanent = event.hold, event.recovery, event.permanent
    years = months // 12
    seats_wanted = scenario.levers.coaching_seats
    levers = np.recarray(2, as_record(scenario.levers).dtype)
    levers[0], levers[1] = as_record(scenario.baseline), as_record(scenario.levers)
    dump = p.model_dump()
    state = State(
        p=as_record(p),
        hot=Hot(*(dump[name] for name in HOT_FIELDS)),
        conditions=as_record(scenario.conditions),
        levers=levers,
        setup=setup,
        baseline=np.array(baseline),
        design=np.array(design),
        prices=np.array(prices),
        levels=np.array(baseline),
        d=d,
        schools=schools,
        supervisors=supervisors,
        coaches=coaches,
        contracted=np.zeros(max(1, -(-min(seats_wanted, n) // network.LEADERS_PER_COACH))),
        cohort_start=cohort_start,
        cohort_other=cohort_other,
        cohort_trust=trust,
        cohort_previous=np.zeros(len(cohort_other)),
        cohort_reverse=reverse,
        shocks=_records(len(announced) + years + 1, SHOCK),
        announced=listed,
        forced=np.array(
            [e.month for e in scenario.events if isinstance(e, SuperintendentDeparture)], np.int64
        ),
        forced_heads=np.array(
            [(e.month, e.school) for e in scenario.events if isinstance(e, PrincipalDeparture)],
            np.int64,
        ).reshape(-1, 2),
        crises=np.array(
            [
                (e.month, e.month + e.months, e.load)
                for e in scenario.events
                if isinstance(e, Crisis)
            ],
            np.float64,
        ).reshape(-1, 3),
        promoted=_records(12 * n + 1, PROMOTED),
        first=first,
        practice=np.zeros(district.teachers),
        conviction=np.zeros(district.teachers),
        strain=np.full(district.teachers, p.strain_new),
        experience=np.zeros(district.teachers),
        tenure=np.zeros(district.teachers),
        embeddedness=np.zeros(district.teachers),
        leader=np.zeros(district.teachers, np.int64),
        person=person,
        advice=np.zeros(district.teachers),
        peers=np.zeros(district.teachers),
        advice_start=givers[0],
        advisers=givers[1],
        out_district=np.full((len(BY_DISTRICT), months), np.nan),
        out_schools=np.full((len(BY_SCHOOL), months, n), np.nan),
        out_costs=np.zeros((len(COSTS), months)),
        events=_records(room or 1000 + years * (4 * n + 4 * (most[0] + most[1]) + 20), EVENT),
    )
    seat_teachers(state)
    return state


def _ties(
    scenario: Scenario, seed: int, replicate: int, first: NDArray[np.int64]
) -> tuple[tuple[NDArray[np.uint32], NDArray[np.uint32]], dict[tuple[int, int], float] | None]:
    """Return who gives advice to each teacher, and a loaded network's cohort ties."""
    own = scenario.district
    if not own.network:
        month = scenario.first_month
        return lay_advice(seed, replicate, month, own.advice_ties, own.advice_across, first), None
    graph = network.generate(scenario, seed, replicate)
    cohort = None
    network_files.apply_network(graph, own.network, scenario.coefficients.trust_new)
    loaded = network.edges_of_kind(graph, "cohort")
    if loaded:
        cohort = {
            (_place(a)[0], _place(b)[0]): float(graph.edges[a, b, "cohort"]["trust"])
            for a, b in loaded
        }
    asked: list[list[int]] = [[] for _ in range(int(first[-1]))]
    for giver, asker in network.edges_of_kind(graph, "advice"):
        (school, index), (home, place) = _place(giver), _place(asker)
        asked[int(first[home]) + place].append(int(first[school]) + index)
    start = np.concatenate([[0], np.cumsum([len(row) for row in asked])]).astype(np.uint32)
    advisers = np.array([one for row in asked for one in sorted(row)], np.uint32)
    return (start, advisers), cohort


def _place(node: str) -> tuple[int, int]:
    """Return school and place of a node inside a school."""
    parts = node.split("-")
    return int(parts[1]), int(parts[2]) if len(parts) > 2 else 0


def _generated_cohorts(schools: int) -> dict[tuple[int, int], float]:
    return {
        (giver, receiver): 0.0
        for group in network.cohorts(schools)
        for receiver in group
        for giver in group
        if giver != receiver
    }


def _csr_with_reverse(
    pairs: dict[tuple[int, int], float], schools: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return each receiver's givers in order, and for each edge the edge the other way."""
    edges = sorted((receiver, giver) for giver, receiver in pairs)
    place = {edge: index for index, edge in enumerate(edges)}
    counts = np.bincount([receiver for receiver, _ in edges], minlength=schools)
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    other = np.array([giver for _, giver in edges], np.int64)
    reverse = np.array([place[giver, receiver] for receiver, giver in edges], np.int64)
    return start, other, reverse


def _pairs(start: NDArray[np.int64], other: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return (receiver, giver) of every edge."""
    return [
        (receiver, int(giver))
        for receiver in range(len(start) - 1)
        for giver in other[start[receiver] : start[receiver + 1]]
    ]
