"""The support graph of any month, from runs in Python."""

from __future__ import annotations

from pathlib import Path

import pytest

import reformsim as rs
from reformsim.district.network_files import save_network
from reformsim.engines.graphs import graphs_at


@pytest.fixture(scope="module")
def runs():
    return rs.run("small-rural", "web_of_support", years=2, warm_up=1, replicates=2, seed=5)


def ties(graph):
    return {(*ends, kind): data for *ends, kind, data in graph.edges(keys=True, data=True)}


def test_they_are_those_of_a_replicate(runs):
    found = runs.graphs([12, -12], replicate=1)
    expected = graphs_at(runs.scenario, 5, 1, [-12, 12])
    assert list(found.by_month) == [-12, 12]
    for one, other in zip(found.by_month.values(), expected, strict=True):
        assert ties(one) == ties(other)
    (first,) = runs.graphs().by_month.values()
    assert ties(first) == ties(graphs_at(runs.scenario, 5, 0, [0])[0])


def test_people_are_those_of_the_record(runs):
    """Who is new in a teacher's seat after a year is whom the record counts as gone, or more than one."""
    people = (
        runs.graphs([0, 12])
        .frame("people")
        .query("role == 'teacher'")
        .pivot(index="seat", columns="month", values="person")
    )
    changed = int((people[0] != people[12]).sum())
    result = runs.results[0]
    year = (result.months >= 0) & (result.months < 12)
    assert 0 < changed <= result.district["teacher_departures"][year].sum()


def test_it_shows_itself(runs, tmp_path: Path):
    found = runs.graphs([0, 12])
    assert "at the launch, after 1 year" in repr(found)
    assert set(found.table["among"]) == {"leaders", "teachers"}
    assert len(found.plot().axes) == 4
    assert len(runs.graphs(3).plot().axes) == 1
    ties = found.frame("ties")
    assert len(ties) == sum(graph.number_of_edges() for graph in found.by_month.values())
    written = found.save(tmp_path / "t.graphml")
    assert [path.name for path in written] == ["t-month0.graphml", "t-month12.graphml"]
    save_network(found.by_month[0], tmp_path / "same.graphml")
    assert written[0].read_bytes() == (tmp_path / "same.graphml").read_bytes()
    with pytest.raises(rs.ReformsimError, match="exists already"):
        found.save(tmp_path / "t.graphml")
    assert found.save(tmp_path / "t.graphml", force=True) == written


@pytest.mark.parametrize(
    ("months", "words"),
    [
        ((), ["names no month"]),
        ("0,x", ['found "x"']),
        (25, ["found 25", "-12 to 24"]),
        ([0, 0, 1.5, 99], ["twice", "found 1.5", "found 99"]),
        (range(25), ["1 to 24 of them"]),
        (None, ["must be a whole number"]),
        (True, ["must be a whole number"]),
    ],
)
def test_what_is_wrong_is_said_at_once(runs, months, words):
    with pytest.raises(rs.ReformsimError) as failure:
        runs.graphs(months, replicate=7)
    told = str(failure.value)
    assert "`replicate`" in told
    assert all(word in told for word in words), told


@pytest.mark.parametrize("path", ["t.xlsx", 3])
def test_a_file_that_is_none(runs, path):
    with pytest.raises(rs.ReformsimError, match="`path`"):
        runs.graphs().save(path)
