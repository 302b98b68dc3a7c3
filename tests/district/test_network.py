"""The support graph as generated."""

from __future__ import annotations

from collections import Counter
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reformsim.district.network import edges_of_kind, generate, pick
from reformsim.scenario import District, Scenario
from reformsim.scenario.conditions import ADVICE_STRUCTURES


@pytest.fixture(scope="module")
def graph() -> nx.MultiDiGraph:
    """The graph of a district of 26 schools."""
    district = District(schools=26, teachers=780, enrolment=13_000)
    return generate(Scenario(district=district), 3, 0)


def test_nodes_carry_role_and_school(graph: nx.DiGraph) -> None:
    assert isinstance(graph, nx.DiGraph)
    roles = Counter(role for _, role in graph.nodes(data="role"))
    assert roles == {
        "superintendent": 1,
        "leadership-support": 1,  # 26 schools at a span of 24
        "teaching-learning": 5,  # 780 teachers at 150 a coach
        "principal": 26,
        "teacher": 780,
    }
    assert graph.nodes["teacher-7-3"]["school"] == 7


def test_edges_carry_kind_and_trust_among_leaders(graph: nx.MultiDiGraph) -> None:
    kinds = Counter(tie["kind"] for _, _, tie in graph.edges(data=True))
    assert kinds["leadership"] == kinds["instructional_coaching"] == 780
    assert kinds["partnership"] == 52
    assert kinds["oversight"] == 6
    # Where ties are chosen, each teacher has two to five, as many of each: 3.5 on average.
    assert kinds["advice"] == pytest.approx(780 * 3.5, rel=0.05)
    trust = {kind for _, _, kind, tie in graph.edges(keys=True, data=True) if "trust" in tie}
    assert trust == {"partnership"}


def test_advice_stays_mostly_inside_schools(graph: nx.MultiDiGraph) -> None:
    ties = edges_of_kind(graph, "advice")
    assert len(set(ties)) == len(ties)
    assert all(giver != asker for giver, asker in ties)
    across = sum(
        graph.nodes[giver]["school"] != graph.nodes[asker]["school"] for giver, asker in ties
    )
    # One in twenty reaches for the whole district, of which one in 26 lands at home.
    assert across / len(ties) == pytest.approx(0.05 * 25 / 26, abs=0.01)


def advice(structure: Any, across: float = 0.0, teachers: int = 30) -> nx.DiGraph:
    """The advice graph of one school, from the giver to the asker."""
    district = District(
        schools=1,
        teachers=teachers,
        enrolment=500,
        advice_across=across,
        advice_structure=structure,
    )
    return nx.DiGraph(edges_of_kind(generate(Scenario(district=district), 3, 0), "advice"))


def test_structures_have_the_same_number_of_ties_and_differ_in_whom_they_join() -> None:
    graphs = {structure: advice(structure) for structure in ADVICE_STRUCTURES}
    chosen = graphs.pop("chosen")
    assert set(dict(chosen.in_degree).values()) == {2, 3, 4, 5}
    assert {len(graph.edges) for graph in graphs.values()} == {30 * 5}
    clustering = {name: nx.transitivity(graph.to_undirected()) for name, graph in graphs.items()}
    # A ring in which each asks three on one side and two on the other: by hand, 0.6.
    assert clustering["clustered"] == pytest.approx(0.6, abs=0.01)
    assert clustering["random"] < 0.45
    asked = {name: sorted(dict(graph.out_degree).values()) for name, graph in graphs.items()}
    assert set(asked["clustered"]) == {5}
    assert max(asked["random"]) < 15
    # The first five are asked by all others and ask each other and a sixth.
    assert asked["star"][-5:] == [29] * 5
    assert sum(asked["star"]) - 5 * 29 == 5


@pytest.mark.parametrize("structure", ADVICE_STRUCTURES)
def test_nobody_asks_themselves_in_a_school_smaller_than_the_ties(structure: str) -> None:
    assert set(advice(structure, teachers=3).edges) == {
        (f"teacher-0-{giver}", f"teacher-0-{asker}")
        for giver in range(3)
        for asker in range(3)
        if giver != asker
    }


def test_the_graph_is_a_matter_of_seed_and_replicate(graph: nx.DiGraph) -> None:
    scenario = Scenario(district=District(schools=26, teachers=780, enrolment=13_000))
    assert nx.utils.graphs_equal(graph, generate(scenario, 3, 0))
    assert not nx.utils.graphs_equal(graph, generate(scenario, 3, 1))


@settings(derandomize=True)
@given(key=st.integers(0, 2**32 - 1), size=st.integers(1, 3000))
def test_a_key_keeps_its_place_or_moves_to_the_new_one(key: int, size: int) -> None:
    place = pick(key, size)
    assert 0 <= place < size
    assert pick(key, size + 1) in {place, size}


def test_picks_are_even() -> None:
    counts = Counter(pick(key * 0x9E3779B1 % 2**32, 10) for key in range(20_000))
    assert max(counts.values()) - min(counts.values()) < 250


def test_a_teacher_without_colleagues_asks_nobody() -> None:
    lonely = generate(Scenario(district=District(schools=1, teachers=1, enrolment=20)), 0, 0)
    assert edges_of_kind(lonely, "advice") == []
