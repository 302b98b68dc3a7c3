"""The state of a district before its first month.

What follows from the scenario alone is worked out once and kept; each run copies what it changes,
and compiled code draws the first occupants.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from reformsim.district import network, network_files
from reformsim.district.caseloads import first_caseloads
from reformsim.district.drawing import drawn
from reformsim.district.seats import FIRST_TRUST, Role, heads, shares
from reformsim.district.state import District, Principal, School, Superintendent, Teacher
from reformsim.record import BY_DISTRICT, BY_SCHOOL
from reformsim.scenario.adoption import WAYS_TO_CHOOSE, place_of_listed
from reformsim.scenario.conditions import ADVICE_STRUCTURES
from reformsim.scenario.events import (
    BoardTurnover,
    CentralDeparture,
    Crisis,
    PartnerDeparture,
    PrincipalDeparture,
    PrincipalDepartures,
    SuperintendentDeparture,
    TeacherDeparture,
    UnionConflict,
)
from reformsim.scenario.revenue_events import RevenueEvent
from reformsim.theory.costs import LEVELS, costs_of, levels_of, prices_of, total_cost

from . import layout
from .layout import HOT_FIELDS, Happenings, Hot, State, first_of
from .people import seat

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from pydantic import BaseModel

    from reformsim.district.variables import Table
    from reformsim.scenario import Scenario
    from reformsim.scenario.coefficients import Coefficients
    from reformsim.scenario.events import Event
    from reformsim.scenario.grants import Grant
    from reformsim.scenario.levers import Levers

    Givers = tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float64]]
    CohortTrust = dict[tuple[int, int], float]

CARRIED = (
    *("schools", "shocks", "promoted", "cohort_trust", "cohort_previous", "cohort_formed"),
    *("peer", "peer_trust"),
)
"""What a run copies from the warm-up that it shares with others; and everything of teachers."""
OF_A_STRATEGY = ("rolls_out", "is_for_all", "chosen_by")
"""What the district's record holds of the strategy."""
SHARED = ("setup", "advice_start", "cohort_start", "cohort_other", "cohort_reverse")
"""What stays as it is from the beginning to the end of a run."""
COPIED = (
    *("setup", "supervisors", "coaches", "contracted", "shocks", "promoted", "cohort_trust"),
    *("cohort_previous", "cohort_formed", "peer", "peer_trust"),
    *("committed_levels", "granted_levels"),
)
"""What a run changes of the blank state of its scenario."""


def build(scenario: Scenario, seed: int, replicate: int, room: int = 0) -> State:
    """Return the state of a district before its first month, with room for that many events.

    Without a number there is room for what an ordinary run brings.
    """
    state = unseated(drawn(scenario, seed, replicate), room)
    state.setup.seed, state.setup.replicate = seed, replicate
    if scenario.district.network:
        state = _with_survey(state, scenario, seed, replicate)
    seat(state)
    return state


def unseated(scenario: Scenario, room: int = 0) -> State:
    """Return the state of a district with nobody in it yet."""
    blank = _blank(scenario)
    schools, teachers = scenario.district.schools, scenario.district.teachers
    months = scenario.last_month - scenario.first_month
    d, own_schools = _records(1, layout.DISTRICT), blank.schools.copy()
    d[0] = blank.d
    counts = [np.zeros(teachers if each.whole else 0, np.int64) for each in Teacher.variables()]
    return _with_views(
        blank._replace(
            **{name: getattr(blank, name).copy() for name in COPIED},
            schools=own_schools,
            teacher_numbers=np.zeros((len(layout.OF_TEACHERS), teachers)),
            teachers=layout.Teachers(*counts),
            advice_start=np.zeros(teachers + 1, np.uint32),
            advisers=np.zeros(teachers * scenario.district.advice_ties, np.uint32),
            depth=np.full(teachers * scenario.district.advice_ties, blank.p.tie_new),
            # `record` begins every month with NaN, while it is at hand: a pass over all takes longer.
            out_district=np.empty((len(BY_DISTRICT), months)),
            out_schools=np.empty((len(BY_SCHOOL), months, schools)),
            out_costs=np.empty((len(layout.COSTS), months)),
            events=_records(room or _ordinary_room(blank), layout.EVENT),
        ),
        d,
        blank.level_numbers.copy(),
    )


def _with_views(state: State, d: Any, level_numbers: NDArray[np.float64]) -> State:
    """Return a state with that district and those levels, and with all other ways to see the same memory."""
    rows = dict(zip(layout.OF_TEACHERS, state.teacher_numbers, strict=True))
    district_numbers, school_numbers = _rows_of(d)[0], _rows_of(state.schools)
    delivered = level_numbers.view(layout.LEVELS_DELIVERED)[:, 0].view(np.recarray)
    return state._replace(
        d=first_of(d),
        district_numbers=district_numbers,
        district_counts=district_numbers.view(np.int64),
        school_numbers=school_numbers,
        school_counts=school_numbers.view(np.int64),
        levels=first_of(delivered),
        delivered=delivered,
        level_numbers=level_numbers,
        teachers=state.teachers._replace(**rows),
    )


def fork(state: State, scenario: Scenario) -> State:
    """Return a copy of a state at the launch that goes on under another strategy.

    `state` is at the end of its warm-up under a scenario that differs in nothing but the levers.
    """
    other = unseated(drawn(scenario, int(state.setup.seed), int(state.setup.replicate)))
    d = _records(1, layout.DISTRICT)
    d[0] = state.d
    for name in OF_A_STRATEGY:
        d[name] = other.d[name]
    other.level_numbers[:] = state.level_numbers[0]  # before the launch all schools are alike
    for name in CARRIED:
        np.copyto(getattr(other, name), getattr(state, name))
    for copy, before in zip(other.teachers, state.teachers, strict=True):
        np.copyto(copy, before)
    # A strategy decides how many posts there is room for; those of the baseline always fit.
    for unit, before in ((other.supervisors, state.supervisors), (other.coaches, state.coaches)):
        filled = min(len(unit), len(before))
        unit[:filled] = before[:filled]
    done, noted = -scenario.first_month, int(state.d.events)
    other.out_district[:, :done] = state.out_district[:, :done]
    other.out_schools[:, :done] = state.out_schools[:, :done]
    other.out_costs[:, :done] = state.out_costs[:, :done]
    other.events[:noted] = state.events[:noted][: len(other.events)]
    shared = {name: getattr(state, name) for name in SHARED}
    shared |= {
        name: getattr(state, name).copy() for name in ("advisers", "depth")
    }  # a survey's own
    return _with_views(other._replace(**shared), d, other.level_numbers)


def _ordinary_room(blank: State) -> int:
    """Return how many events an ordinary run stays below."""
    years = (blank.setup.last_month - blank.setup.first_month) // 12
    staff = len(blank.supervisors) + len(blank.coaches)
    return int(1000 + years * (4 * blank.setup.schools + 4 * staff + 20))


@lru_cache(maxsize=64)
def _blank(scenario: Scenario) -> State:
    """Return what does not depend on chance; what each run makes for itself is left empty."""
    p, district, n = scenario.coefficients, scenario.district, scenario.district.schools
    plan = [scenario.baseline, *(design.levers for design in scenario.plan)]
    designs = [levels_of(levers, n, district.teachers) for levers in plan]
    baseline = designs[0]
    prices = prices_of(float(n), float(district.teachers), float(district.enrolment), p)
    record, hot = _coefficients(p)

    setup = first_of(_records(1, layout.SETUP))
    for name in ("schools", "teachers", "enrolment", "budget_per_pupil", "need_mean", "need_sd"):
        setattr(setup, name, getattr(district, name))
    setup.advice_ties, setup.advice_across = district.advice_ties, district.advice_across
    setup.advice_structure = ADVICE_STRUCTURES.index(district.advice_structure)
    setup.first_month, setup.last_month = scenario.first_month, scenario.last_month

    d = first_of(_records(1, layout.DISTRICT))
    _begin(d, (Superintendent, District), p)
    cost = total_cost(costs_of(baseline, prices))
    d.baseline_cost = d.committed_cost = d.support_funding = cost
    d.rolls_out = int(any(design != baseline for design in designs))
    adoption, d.is_for_all, d.willing = scenario.adoption, int(scenario.is_for_all), n
    d.chosen_by = WAYS_TO_CHOOSE.index(adoption.chosen_by)
    own_rows = 1 if scenario.is_for_all else 1 + n
    d.equity_groundwork = scenario.baseline.groundwork
    d.supervisors, d.coaches = heads(baseline.leadership_posts), heads(baseline.coaches)

    schools = _records(n, layout.SCHOOL)
    _begin(schools, (School, Principal), p)
    schools.caseload = first_caseloads(n, int(d.supervisors))
    schools.trust_from = schools.trust_back = FIRST_TRUST
    schools.coach = -1
    start, other, reverse = _csr_with_reverse(_generated_cohorts(n), n)

    # One more than the largest: what is delivered may be the design and a rounding error.
    most = [heads(max(posts)) + 1 for posts in list(zip(*designs, strict=True))[:2]]
    seats = min(max(levers.coaching_seats for levers in plan), n)
    announced = _announced(scenario.events)
    crises = _rows(scenario.events, Crisis, "month", "months", "load")
    crises[:, 1] += crises[:, 0]  # start and end
    years = (scenario.last_month - scenario.first_month) // 12
    nothing: Any = np.zeros(0)
    of_a_run = (
        *("district_numbers", "district_counts", "school_numbers", "school_counts", "levels"),
        *(
            "delivered",
            "teachers",
            "teacher_numbers",
            "advice_start",
            "advisers",
            "depth",
        ),
        *("out_district", "out_schools", "out_costs", "events"),
    )
    return State(
        p=record,
        hot=hot,
        conditions=as_record(scenario.conditions),
        levers=_levers(plan),
        begins=np.array([scenario.first_month, *(design.month for design in scenario.plan)]),
        setup=setup,
        design_levels=np.array(designs),
        committed_levels=np.tile(baseline, (own_rows, 1)),
        grants=_grants(scenario.grants),
        grant_lines=np.array(
            [[int(grant.pays(name)) for name in LEVELS] for grant in scenario.grants], np.int64
        ).reshape(-1, len(LEVELS)),
        granted_levels=np.zeros((own_rows, len(LEVELS))),
        prices=np.array(prices),
        level_numbers=np.tile(baseline, (own_rows, 1)),
        d=d,
        schools=schools,
        supervisors=_records(most[0], layout.STAFF),
        coaches=_records(most[1], layout.STAFF),
        contracted=np.zeros(max(1, -(-seats // network.LEADERS_PER_COACH))),
        cohort_start=start,
        cohort_other=other,
        cohort_trust=np.full(len(other), p.trust_new),
        cohort_previous=np.zeros(len(other)),
        cohort_reverse=reverse,
        cohort_formed=np.zeros(len(other), np.int64),
        peer=np.zeros((n, network.PEERS), np.int64),
        peer_trust=np.zeros((n, network.PEERS)),
        listed=np.array(
            [
                place_of_listed(adoption, school) if adoption.may_take_part(school) else -1
                for school in range(n)
            ]
        ),
        shocks=_records(len(announced) + years + 1, layout.SHOCK),
        announced=announced,
        forced=_rows(scenario.events, SuperintendentDeparture, "month").astype(np.int64)[:, 0],
        forced_heads=_rows(scenario.events, PrincipalDeparture, "month", "school").astype(np.int64),
        crises=crises,
        happenings=_happenings(scenario.events),
        promoted=_records(12 * n + 1, layout.PROMOTED),
        first=np.concatenate([[0], np.cumsum(shares(district.teachers, n))]).astype(np.int64),
        **dict.fromkeys(of_a_run, nothing),
    )


def _begin(records: Any, tables: Iterable[type[Table]], p: Coefficients) -> None:
    """Set the variables of tables, in one record or many, to what they begin with."""
    for table in tables:
        for variable in table.variables():
            records[variable.field] = variable.first(p)


@lru_cache(maxsize=64)
def _coefficients(p: Coefficients) -> tuple[Any, Any]:
    """Return all coefficients as a record, and those of teachers' loops as a tuple."""
    return as_record(p), Hot(*(getattr(p, name) for name in HOT_FIELDS))


def _levers(plan: Sequence[Levers]) -> Any:
    """Return sets of levers as records."""
    rows = np.recarray(len(plan), as_record(plan[0]).dtype)
    for row, levers in enumerate(plan):
        rows[row] = as_record(levers)
    return rows


@lru_cache(maxsize=64)
def as_record(model: BaseModel) -> Any:
    """Return a section of a scenario as one record of floats."""
    data = {name: value for name, value in model.model_dump().items() if not isinstance(value, str)}
    values = tuple(float(value) for value in data.values())
    return first_of(np.array([values], [(name, np.float64) for name in data]))


def _records(count: int, kind: np.dtype[Any]) -> Any:
    return np.zeros(count, kind).view(np.recarray)


def _rows_of(records: Any) -> NDArray[np.float64]:
    """Return records of 64-bit fields as a row of floats each, the same memory."""
    numbers: NDArray[np.float64] = np.asarray(records).view(np.float64)
    return numbers.reshape(len(records), -1)


def _rows(events: Sequence[Event], kind: type, *fields: str) -> NDArray[np.float64]:
    """Return one row of fields for each event of a kind."""
    rows = [[_as_number(getattr(e, f)) for f in fields] for e in events if isinstance(e, kind)]
    return np.array(rows, np.float64).reshape(-1, len(fields))


def _happenings(events: Sequence[Event]) -> Happenings:
    """Return the events that no other array of the state holds."""

    def whole(kind: type, *fields: str) -> NDArray[np.int64]:
        return _rows(events, kind, *fields).astype(np.int64)

    return Happenings(
        staff=whole(CentralDeparture, "month", "unit", "who", "seat"),
        heads=whole(PrincipalDepartures, "month", "principals", "who"),
        teachers=whole(TeacherDeparture, "month", "school", "who"),
        partner=whole(PartnerDeparture, "month")[:, 0],
        conflicts=_rows(events, UnionConflict, "month", "months", "severity"),
        boards=_rows(events, BoardTurnover, "month", "capital_lost"),
    )


def _as_number(value: float | str) -> float:
    """Return a value of an event as a number: a unit as its role, who leaves by its place in `WHO`."""
    if isinstance(value, str):
        return float(layout.WHO.index(value) if value in layout.WHO else Role[value.upper()])
    return float(value)


def _grants(grants: Sequence[Grant]) -> Any:
    """Return grants as records."""
    rows = _records(len(grants), layout.GRANT)
    for row, grant in zip(rows, grants, strict=True):
        row.month, row.months, row.dollars = grant.month, grant.months, grant.dollars
        row.taper_years, row.stands_in = grant.taper_years, grant.stands_in
    return rows


def _announced(events: Sequence[Event]) -> Any:
    """Return the revenue shocks that the scenario lists."""
    announced = [event for event in events if isinstance(event, RevenueEvent)]
    listed = _records(len(announced), layout.SHOCK)
    for row, event in zip(listed, announced, strict=True):
        row.start = event.month
        row.depth, row.ramp, row.hold, row.recovery, row.permanent = event.shape
    return listed


def _with_survey(state: State, scenario: Scenario, seed: int, replicate: int) -> State:
    """Return the state with the ties of a district's own network survey."""
    n = scenario.district.schools
    (advice_start, advisers, depth), cohort = _surveyed_ties(scenario, seed, replicate, state.first)
    if cohort is not None:
        state.setup.cohorts_loaded = 1
        start, other, reverse = _csr_with_reverse(cohort, n)
        trust = [cohort[int(giver), receiver] for receiver, giver in _pairs(start, other)]
        state = state._replace(
            cohort_start=start,
            cohort_other=other,
            cohort_reverse=reverse,
            cohort_trust=np.array(trust, np.float64),
            cohort_previous=np.zeros(len(other)),
            cohort_formed=np.ones(len(other), np.int64),
        )
        state.schools.in_cohort = np.diff(start) > 0
    if "advice" not in network_files.kinds_in(scenario.district.network, scenario.survey):
        return state
    state.setup.advice_loaded = 1
    return state._replace(advice_start=advice_start, advisers=advisers, depth=depth)


def _surveyed_ties(
    scenario: Scenario, seed: int, replicate: int, first: NDArray[np.int64]
) -> tuple[Givers, CohortTrust | None]:
    """Return who gives advice to each teacher, with the depth, and trust of cohort ties if there are any."""
    graph = network.generate(scenario, seed, replicate)
    path, trust = scenario.district.network, scenario.coefficients.trust_new
    tie_new = scenario.coefficients.tie_new
    network_files.apply_network(graph, path, trust, scenario.survey)
    cohort = {
        (_place(a)[0], _place(b)[0]): float(graph.edges[a, b, "cohort"]["trust"])
        for a, b in network.edges_of_kind(graph, "cohort")
    }
    asked: list[list[tuple[int, float]]] = [[] for _ in range(int(first[-1]))]
    for giver, asker in network.edges_of_kind(graph, "advice"):
        (school, index), (home, place) = _place(giver), _place(asker)
        depth = graph.edges[giver, asker, "advice"].get("depth", tie_new)
        asked[int(first[home]) + place].append((int(first[school]) + index, depth))
    start = np.concatenate([[0], np.cumsum([len(row) for row in asked])]).astype(np.uint32)
    rows = [tie for row in asked for tie in sorted(row)]
    advisers = np.array([adviser for adviser, _ in rows], np.uint32)
    return (start, advisers, np.array([depth for _, depth in rows], np.float64)), cohort or None


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
