"""The picture of how ties change: places that stay, colours that say what is new, and numbers."""

from __future__ import annotations

import networkx as nx
import pytest
from matplotlib.colors import to_rgba

from reformsim import figures as f
from reformsim.district.network import tie
from reformsim.errors import ReformsimError
from reformsim.figures import ties as drawing


def district(people, advice, trust=0.5, schools=2):
    """Schools of three teachers and a head each; who sits in the first school, who advises whom there."""
    graph: nx.MultiDiGraph = nx.MultiDiGraph()
    graph.add_node("superintendent", role="superintendent", person=900, tenure=1.0)
    for school in range(schools):
        head = f"principal-{school}"
        graph.add_node(head, role="principal", school=school, person=800 + school, tenure=1.0)
        for place in range(3):
            person = people[place] if not school else 100 * school + place
            known = {} if person is None else {"person": person, "tenure": 1.0}
            graph.add_node(f"teacher-{school}-{place}", role="teacher", school=school, **known)
    graph.add_node("leadership-support-0", role="leadership-support", person=700, tenure=1.0)
    for school in range(schools):
        tie(graph, "leadership-support-0", f"principal-{school}", "partnership", trust)
    for giver, asker in advice:
        tie(graph, f"teacher-0-{giver}", f"teacher-0-{asker}", "advice", depth=0.5)
    return graph


BEFORE = district((1, 2, 3), [(0, 1), (1, 2)])
AFTER = district((1, 2, 9), [(0, 1), (0, 2)], 0.7)


def lines(ax):
    """How many lines of each colour there are."""
    return {
        colour: sum(
            len(part.get_segments())
            for part in ax.collections
            if tuple(part.get_colors()[0][:3]) == to_rgba(colour)[:3]
        )
        for colour in (drawing.KEPT, drawing.NEW, drawing.LOST)
    }


def dots(ax, colour):
    return sum(len(line.get_xdata()) for line in ax.lines if line.get_markerfacecolor() == colour)


def test_new_ties_are_in_colour_and_lost_ones_grey():
    figure = f.ties_figure({0: BEFORE, 12: AFTER}, title="Here")
    leaders, later_leaders, teachers, later = figure.axes
    assert lines(teachers) == {drawing.KEPT: 2, drawing.NEW: 0, drawing.LOST: 0}
    assert lines(later) == {drawing.KEPT: 1, drawing.NEW: 1, drawing.LOST: 1}
    assert (
        lines(later_leaders) == lines(leaders) == {drawing.KEPT: 2, drawing.NEW: 0, drawing.LOST: 0}
    )
    assert dots(later, drawing.NEW) == 1
    assert dots(teachers, drawing.NEW) == 0
    assert [ax.get_title(loc="center") for ax in (leaders, later_leaders)] == [
        "At the launch",
        "After 1 year",
    ]
    assert "2 ties, mean depth 0.50" in later.get_xlabel()
    assert "new 50 %" in later.get_xlabel()
    assert "new" not in teachers.get_xlabel()
    assert "mean trust 0.70" in later_leaders.get_xlabel()


def test_everybody_keeps_a_place():
    grown = AFTER.copy()
    grown.add_node("leadership-support-1", role="leadership-support", person=701, tenure=0.0)
    tie(grown, "leadership-support-1", "principal-1", "partnership", 0.2)
    joined = drawing.union([BEFORE, grown])
    assert set(joined) == set(grown)
    alone = drawing.leader_places(drawing.union([BEFORE]), [0, 1], ["partnership"])
    both = drawing.leader_places(joined, [0, 1], ["partnership"])
    assert {name: both[name] for name in alone} == alone
    assert "superintendent" not in both


def test_an_empty_seat_is_hollow():
    figure = f.ties_figure({0: BEFORE, 1: district((1, 2, None), [(0, 1)])})
    assert dots(figure.axes[3], "white") == 1


def test_a_large_district_shows_some_schools():
    large = district((1, 2, 3), [(0, 1)], schools=9)
    assert drawing.schools_shown(BEFORE) == [0, 1]
    assert drawing.schools_shown(large) == [0, 1, 3, 4, 6, 7]
    figure = f.ties_figure({0: large})
    assert figure.axes[1].get_ylabel() == "Teachers of 6 of 9 schools"
    assert "2 ties" not in figure.axes[1].get_xlabel()


def test_many_months_are_in_rows():
    months = [0, 1, 12, 14, 24, -7]
    figure = f.ties_figure(dict.fromkeys(months, BEFORE))
    assert len(figure.axes) == 2 * len(months)
    names = [ax.get_title(loc="center") for ax in figure.axes]
    assert {name for name in names if name} == {drawing.month_name(month) for month in months}


@pytest.mark.parametrize(
    ("month", "name"),
    [
        (0, "At the launch"),
        (12, "After 1 year"),
        (36, "After 3 years"),
        (-24, "2 years before the launch"),
        (7, "Month 7"),
        (-7, "Month \N{MINUS SIGN}7"),
    ],
)
def test_names_of_months(month, name):
    assert drawing.month_name(month) == name


def test_nothing_to_draw():
    empty: nx.MultiDiGraph = nx.MultiDiGraph()
    empty.add_node("principal-0", role="principal", school=0)
    for graphs in ({}, {0: empty}):
        with pytest.raises(ReformsimError, match="no live ties"):
            f.ties_figure(graphs)
