"""What must hold in every month of every run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import networkx as nx
import pytest
from districts import WEB, small
from hypothesis import given, settings
from hypothesis import strategies as st

from reformsim.district.network import KINDS, PEERS, edges_of_kind
from reformsim.engines.reference import DistrictModel
from reformsim.engines.reference.budgeting import cost
from reformsim.engines.reference.recording import spending

if TYPE_CHECKING:
    from reformsim.engines.reference.leaders import Principal
    from reformsim.scenario import Scenario

STATES = (
    *("practice", "conviction", "strain", "isolation", "embeddedness", "support", "contact"),
    "wary",
)


def is_vacant(head: Principal) -> bool:
    """Return whether it is now: a step changes it."""
    return head.vacant


def people(model: DistrictModel) -> list[int]:
    """Return the person in every filled seat."""
    leaders: list[Any] = [*model.central_office, *model.principals]
    filled = [agent.person for agent in leaders if not agent.vacant]
    return [model.superintendent.person, *filled, *(t.person for t in model.teachers)]


def check(model: DistrictModel) -> None:
    """Assert everything that holds after any month."""
    d, district = model.scenario.district, model.district
    # Seats: as many as the district has, each filled by one person or vacant.
    assert len(model.principals) == len(model.schools) == d.schools
    assert len(model.teachers) == d.teachers
    present = people(model)
    assert len(set(present)) == len(present)
    assert min(present) > 0
    assert max(present) <= model.people
    leaders: list[Any] = [*model.principals, *model.central_office]
    for leader in leaders:
        assert (leader.person == 0) == leader.vacant
    # State: finite and within bounds.
    for agent in model.agents:
        for name in STATES:
            if hasattr(agent, name):
                assert 0.0 <= getattr(agent, name) <= 1.0, (agent, name)
    for school in model.schools:
        assert math.isfinite(school.outcome)
        assert 0.0 <= school.leadership <= 1.0
    # Money: what is delivered costs no more than the line, and all of it no more than there is.
    assert cost(model, district.levels) <= district.support_funding + 1e-9
    spent = sum(spending(model).values())
    assert spent <= d.budget_per_pupil * district.revenue_index
    # The graph: one node a seat, known kinds, trust among leaders within bounds.
    assert isinstance(model.graph, nx.DiGraph)
    assert set(model.graph) == set(model.agent_at)
    for giver, receiver, kind, tie in model.graph.edges(keys=True, data=True):
        assert kind in KINDS
        assert tie["kind"] == kind
        assert giver != receiver
        if kind in {"partnership", "cohort", "peer", "coaching"}:
            assert 0.0 <= tie["trust"] <= 1.0
    for head in model.principals:
        assert len(head.peers) <= PEERS
        assert not head.vacant or (not head.peers and head.wary == 0.0)
        assert not any(peer.vacant for peer, _ in head.peers)
    partnered = [receiver for _, receiver in edges_of_kind(model.graph, "partnership")]
    assert sum(name.startswith("principal") for name in partnered) == d.schools
    leading = {giver for giver, _ in edges_of_kind(model.graph, "teacher_leadership")}
    assert leading == {
        t.node for t in model.teachers if t.teacher_leader and len(t.school.teachers) > 1
    }


def live(scenario: Scenario, seed: int = 0, replicate: int = 0) -> DistrictModel:
    """Run a scenario to its end, checking every month."""
    model = DistrictModel(scenario, seed, replicate)
    check_ready(model)
    while model.running:
        model.step()
        check(model)
    return model


def check_ready(model: DistrictModel) -> None:
    """Assert what holds before the first month."""
    assert len(people(model)) == model.people
    assert set(model.graph) == set(model.agent_at)


def test_a_busy_district_keeps_every_invariant(busy: Scenario) -> None:
    model = live(busy)
    kinds = {event.kind for event in model.recorder.events}
    # The run must have exercised what the invariants are about.
    assert {"departure", "appointment", "cut", "contract_start"} <= kinds


@settings(max_examples=15, derandomize=True)
@given(
    schools=st.integers(1, 9),
    teachers_each=st.integers(1, 9),
    odd=st.integers(0, 8),
    span=st.floats(3, 40),
    shares=st.tuples(*[st.floats(0, 0.5)] * 3),
    shock=st.floats(0, 0.4),
    churn=st.floats(0, 6),
    seed=st.integers(0, 2**32 - 1),
)
def test_invariants_hold_in_any_district(
    schools: int,
    teachers_each: int,
    odd: int,
    span: float,
    shares: tuple[float, float, float],
    shock: float,
    churn: float,
    seed: int,
) -> None:
    levers = WEB | {
        "span_of_control": span,
        "teacher_leader_share": shares[0],
        "release_time": shares[1],
        "mentor_share": shares[2],
    }
    scenario = small(
        schools,
        schools * teachers_each + odd,
        levers=levers,
        conditions={"principal_turnover": churn, "superintendent_turnover": churn},
        events=[{"type": "revenue_shock", "month": 4, "depth": shock}],
        horizon={"years": 2, "warm_up_years": 1},
    )
    live(scenario, seed)


def test_people_are_conserved(busy: Scenario) -> None:
    """Whoever joined is in post, has left, or was promoted to work outside the model."""
    model = DistrictModel(busy, 0)
    present = set(people(model))
    gone: set[int] = set()
    while model.running:
        before = model.people
        model.step()
        now = set(people(model))
        joined = now - present
        returned = {person for person in joined if person <= before}
        waiting = {person for person, *_ in model.district.promoted}
        # Only a principal promoted this year may come back, into the central office.
        assert returned <= gone
        assert not returned or all(
            any(s.person == person for s in model.leadership_support) for person in returned
        )
        assert {p for p in joined if p > before} == set(range(before + 1, model.people + 1))
        left = present - now
        events = [e for e in model.recorder.events if e.month == model.month - 1]
        counted = sum(e.kind in {"departure", "promotion", "layoff"} for e in events)
        counted += int(sum(school.teacher_departures for school in model.schools))
        assert len(left) == counted
        assert waiting <= gone | left
        gone |= left
        present = now


def test_trust_falls_to_that_of_newcomers_when_a_principal_leaves(busy: Scenario) -> None:
    model = DistrictModel(busy, 0)
    while model.month < 8:
        model.step()
    head = model.principals[1]
    assert not is_vacant(head)
    before = [tie["trust"] for tie, _ in model.trusting_ties(head.node)]
    model.step()  # month 8: the forced departure
    assert is_vacant(head)
    ties = model.trusting_ties(head.node)
    assert ties
    assert any(trust > 0.2 for trust in before)
    assert all(tie["trust"] == first for tie, first in ties)
    assert head.mentor() is None


def test_a_planned_successor_from_the_bench_inherits_part_of_the_trust() -> None:
    scenario = small(
        levers={"succession_planning": 1.0, "pipeline": 1.0, "launch_focus": 1.0},
        coefficients={
            "bench_base": 1.0,
            "bench_rate": 1.0,
            "readiness_start": 1.0,
            "vacancy_months": 0.1,
            "reallocation_rate": 1.0,
        },
        events=[{"type": "principal_departure", "month": 20, "school": 0}],
    )
    model = DistrictModel(scenario, 0)
    while model.month <= 20:
        model.step()
    head = model.principals[0]
    assert is_vacant(head)
    remembered = model.graph.edges["leadership-support-0", head.node, "partnership"][
        "previous_trust"
    ]
    model.step()
    assert not is_vacant(head)
    planning = model.district.levels.succession_planning
    trust = head.supervisor[1]["trust"]  # type: ignore[index]
    assert planning > 0.5
    assert trust == pytest.approx(max(0.1, 0.5 * planning * remembered))
    assert trust > 0.1


def test_vacant_seats_learn_nothing_and_are_left_out_of_means(busy: Scenario) -> None:
    model = DistrictModel(busy, 0)
    seen = False
    while model.running:
        vacant = [p for p in model.principals if p.vacant]
        practice = [p.practice for p in vacant]
        model.step()
        for head, before in zip(vacant, practice, strict=True):
            if head.vacant:
                seen = True
                assert head.practice == before
                assert head.support == 0.0
                recorded = model.recorder.schools["principal_practice"][-1][head.school.number]
                assert math.isnan(recorded)
    assert seen
