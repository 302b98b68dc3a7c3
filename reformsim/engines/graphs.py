"""The support graph of a district, as it stands when a month begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from reformsim.district.network import (
    add_staff,
    node,
    tie,
    tie_instructional_coaches,
)
from reformsim.district.seats import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reformsim.district.network import SupportGraph
    from reformsim.mechanisms import Mechanisms
    from reformsim.scenario import Scenario

    from .compiled.layout import State


def graphs_at(
    scenario: Scenario,
    seed: int,
    replicate: int,
    months: Sequence[int],
    engine: str = "compiled",
    mechanisms: Mechanisms | None = None,
) -> list[SupportGraph]:
    """Run a scenario and return its support graph as it stands when each of the months begins.

    The months must rise; the last may be that after the run. It is the run of the same seed and
    replicate, and the graph is the same from either engine: its nodes carry `role`, `school`, and of
    everybody who is known `person` and `tenure`; its edges `kind`, `trust` and `depth`. Raises ValueError if
    the months do not rise or lie outside the run, and what `simulate` raises.
    """
    wanted = list(months)
    inside = all(scenario.first_month <= month <= scenario.last_month for month in wanted)
    if not wanted or wanted != sorted(set(wanted)) or not inside:
        raise ValueError("the months of graphs must rise and lie within the run")
    from . import engine_named, memory

    engine = engine_named(engine)
    size = len(wanted) * memory.needed(scenario, "reference")  # whose agents take what edges do
    memory.refuse_beyond(scenario, size, f"{len(wanted)} graphs", ["fewer months"])
    simulated = _compiled if engine == "compiled" else _reference
    return simulated(scenario, seed, replicate, wanted, mechanisms)


def _compiled(
    scenario: Scenario,
    seed: int,
    replicate: int,
    months: Sequence[int],
    mechanisms: Mechanisms | None,
) -> list[SupportGraph]:
    from .compiled.engine import engine_with
    from .finite import NotFinite

    engine = engine_with(mechanisms)
    state = engine.build(scenario, seed, replicate)
    graphs, at = [], scenario.first_month
    for month in months:
        if month > at and (stopped := engine.live(state, at, month)) != month:
            raise NotFinite(stopped)
        at = month
        graphs.append(graph_of(state))
    return graphs


def graph_of(state: State) -> SupportGraph:
    """Return the support graph of a district from the state of the compiled engine between two months."""
    import networkx as nx

    d, schools, teachers = state.d, state.schools, state.teachers
    sizes = [int(size) for size in np.diff(state.first)]
    graph: SupportGraph = nx.MultiDiGraph()
    top = node(Role.SUPERINTENDENT)
    graph.add_node(top, role=Role.SUPERINTENDENT.label, **_who(d))
    heads = [node(Role.PRINCIPAL, school) for school in range(len(sizes))]
    seats: list[str] = []
    for school, size in enumerate(sizes):
        head = schools[school]
        label = Role.PRINCIPAL.label
        graph.add_node(heads[school], role=label, school=school, **_who(head, bool(head.vacant)))
        first = int(state.first[school])
        colleagues = [node(Role.TEACHER, school, index) for index in range(size)]
        for index, name in enumerate(colleagues):
            person, tenure = teachers.person[first + index], teachers.tenure[first + index]
            known = {"person": int(person), "tenure": float(tenure)}
            graph.add_node(name, role=Role.TEACHER.label, school=school, **known)
            tie(graph, heads[school], name, "leadership")
        for index, name in enumerate(colleagues):
            if teachers.leader[first + index]:
                for colleague in colleagues:
                    if colleague != name:
                        tie(graph, name, colleague, "teacher_leadership")
        seats += colleagues
    start = state.advice_start.astype(np.int64)
    for asker, name in enumerate(seats):
        for row in range(start[asker], start[asker + 1]):
            if state.advisers[row] != asker:
                giver, depth = seats[int(state.advisers[row])], float(state.depth[row])
                tie(graph, giver, name, "advice", depth=depth)
    for role, unit, count in (
        (Role.LEADERSHIP_SUPPORT, state.supervisors, d.supervisors),
        (Role.TEACHING_LEARNING, state.coaches, d.coaches),
    ):
        for post in range(int(count)):
            name = add_staff(graph, role, post)
            graph.nodes[name].update(_who(unit[post], bool(unit[post].vacant)))
    tie_instructional_coaches(graph, sizes, int(d.coaches))
    if d.contract:
        for post in range(int(d.contract_coaches)):
            graph.add_node(node(Role.COACH, index=post), role=Role.COACH.label)
    for school, head in enumerate(heads):
        here = schools[school]
        supervisor = node(Role.LEADERSHIP_SUPPORT, index=int(here.caseload))
        tie(graph, supervisor, head, "partnership", float(here.trust_from))
        tie(graph, head, supervisor, "partnership", float(here.trust_back))
        if here.mentored:
            mentor = node(Role.MENTOR, school)
            graph.add_node(mentor, role=Role.MENTOR.label, school=school)
            tie(graph, mentor, head, "coaching", float(here.trust_mentor))
        if here.coach >= 0:
            coach = node(Role.COACH, index=int(here.coach))
            tie(graph, coach, head, "coaching", float(here.trust_coach))
        for row in range(int(state.cohort_start[school]), int(state.cohort_start[school + 1])):
            if state.cohort_formed[row]:
                giver, trust = heads[int(state.cohort_other[row])], float(state.cohort_trust[row])
                tie(graph, giver, head, "cohort", trust)
        for slot in range(int(here.peers)):
            giver, trust = (
                heads[int(state.peer[school, slot])],
                float(state.peer_trust[school, slot]),
            )
            tie(graph, giver, head, "peer", trust)
    return graph


def _reference(
    scenario: Scenario,
    seed: int,
    replicate: int,
    months: Sequence[int],
    mechanisms: Mechanisms | None,
) -> list[SupportGraph]:
    from .reference import model_with

    model: Any = model_with(mechanisms)(scenario, seed, replicate)
    graphs = []
    for month in months:
        while model.running and model.month < month:
            model.step()
        graph = model.graph.copy()
        for name, agent in model.agent_at.items():
            if hasattr(agent, "person"):
                graph.nodes[name].update(_who(agent, getattr(agent, "vacant", False)))
        for _, _, tied in graph.edges(data=True):
            for what in set(tied) - {"kind", "trust", "depth"}:
                del tied[what]
        graphs.append(graph)
    return graphs


def _who(seat: Any, vacant: bool = False) -> dict[str, Any]:
    """Return who is in a seat and since when; nothing if it is empty."""
    return {} if vacant else {"person": int(seat.person), "tenure": float(seat.tenure)}
