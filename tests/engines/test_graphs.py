"""The support graph of a month: the same from either engine, and what it says of people and ties."""

from __future__ import annotations

from pathlib import Path

import pytest
from districts import WEB, small

from reformsim.district.network import edges_of_kind
from reformsim.engines.graphs import graphs_at
from reformsim.mechanisms import load_mechanisms
from reformsim.scenario import Scenario
from reformsim.scenario.events import PrincipalDeparture

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "summer_institutes.py"
MONTHS = (-24, -23, -12, 0, 5, 6, 13, 24, 37, 48)
EVERYTHING = small(levers=WEB)
KINDS = (
    *("oversight", "partnership", "cohort", "coaching", "leadership", "teacher_leadership"),
    *("instructional_coaching", "advice", "peer"),
)


def gone(month):
    """The principal of school 1 leaves."""
    return PrincipalDeparture(type="principal_departure", month=month, school=1)


def ties(graph):
    """What every tie of a graph carries."""
    return {(*ends, kind): data for *ends, kind, data in graph.edges(keys=True, data=True)}


def people(graph):
    """What every seat of a graph carries."""
    return {seat: graph.nodes[seat] for seat in graph}


@pytest.mark.parametrize(
    "scenario",
    [
        EVERYTHING,
        small(),
        small(district={"advice_structure": "clustered"}),
        EVERYTHING.replace(events=[gone(11)]),
    ],
    ids=["web", "status quo", "clustered", "departure"],
)
def test_it_is_the_same_from_either_engine(scenario: Scenario):
    compiled = graphs_at(scenario, 3, 1, MONTHS)
    reference = graphs_at(scenario, 3, 1, MONTHS, "reference")
    for month, one, other in zip(MONTHS, compiled, reference, strict=True):
        assert people(one) == people(other), month
        assert ties(one) == ties(other), month


def test_a_survey_says_how_deep_ties_are_at_first():
    rows = ["source,target,kind,depth", "teacher-0-3,teacher-0-1,advice,0.75"]
    rows += ["teacher-0-2,teacher-0-1,advice,", "teacher-1-0,teacher-0-1,advice,0.5"]
    plain = small()
    data = plain.model_dump()
    data["district"]["network"] = "ties.csv"
    scenario = Scenario.model_validate(data, context={"survey": "\n".join(rows).encode()})
    new = plain.coefficients.tie_new
    compiled = graphs_at(scenario, 3, 1, MONTHS)
    found = {
        ends: compiled[0].edges[*ends, "advice"]["depth"]
        for ends in edges_of_kind(compiled[0], "advice")
    }
    asker = "teacher-0-1"
    assert found == {
        ("teacher-0-2", asker): new,
        ("teacher-0-3", asker): 0.75,
        ("teacher-1-0", asker): 0.5,
    }
    for one, other in zip(compiled, graphs_at(scenario, 3, 1, MONTHS, "reference"), strict=True):
        assert ties(one) == ties(other)


def test_it_is_that_of_the_run_with_mechanisms_of_ones_own():
    mechanisms = load_mechanisms(EXAMPLE)
    compiled = graphs_at(EVERYTHING, 3, 1, (0, 24), mechanisms=mechanisms)
    reference = graphs_at(EVERYTHING, 3, 1, (0, 24), "reference", mechanisms)
    assert [ties(graph) for graph in compiled] == [ties(graph) for graph in reference]
    assert ties(compiled[1]) != ties(graphs_at(EVERYTHING, 3, 1, (24,))[0])


def test_every_kind_of_tie_is_there_once():
    found = [
        {kind for *_, kind in graph.edges(keys=True)}
        for graph in graphs_at(EVERYTHING, 3, 1, MONTHS)
    ]
    assert set().union(*found) == set(KINDS)


def test_a_tie_deepens_while_both_stay_and_is_new_to_a_newcomer():
    before, after = graphs_at(small(), 3, 1, (24, 36))
    who = {name: data.get("person") for name, data in before.nodes(data=True)}
    stayed = {name for name, person in who.items() if after.nodes[name].get("person") == person}
    new = small().coefficients.tie_new
    kept = set(edges_of_kind(before, "advice")) & set(edges_of_kind(after, "advice"))
    assert kept
    deeper = 0
    for giver, asker in edges_of_kind(after, "advice"):
        depth = after.edges[giver, asker, "advice"]["depth"]
        if {giver, asker} <= stayed and (giver, asker) in kept:
            deeper += depth > before.edges[giver, asker, "advice"]["depth"]
        elif not {giver, asker} <= stayed:
            assert after.nodes[asker]["tenure"] <= 12.0 or after.nodes[giver]["tenure"] <= 12.0
    assert deeper > 0
    assert all(0.0 < after.edges[giver, asker, "advice"]["depth"] <= 1.0 for giver, asker in kept)
    assert new < max(after.edges[*ends, "advice"]["depth"] for ends in kept)


def test_an_empty_seat_has_nobody_in_it():
    scenario = small(events=[gone(2)])
    before, after = graphs_at(scenario, 3, 1, (2, 3))
    assert before.nodes["principal-1"]["tenure"] >= 0.0
    assert after.nodes["principal-1"] == {"role": "principal", "school": 1}


@pytest.mark.parametrize("months", [[], [3, 2], [2, 2], [-25], [49]])
def test_months_out_of_order_or_out_of_the_run(months):
    with pytest.raises(ValueError, match="months of graphs"):
        graphs_at(small(), 0, 0, months)
