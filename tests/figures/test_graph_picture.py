"""The picture of the support graph: places, ties and legend."""

import math

import pytest
from fabricate import scenario
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from reformsim import figures as f
from reformsim.district.network import add_staff, edges_of_kind, generate, node, tie, tie_partners
from reformsim.district.seats import Role
from reformsim.errors import ReformsimError
from reformsim.figures import graph as drawing


@pytest.fixture
def graph():
    return generate(scenario(), 1, 0)


@pytest.fixture
def grown(graph):
    """The same district with a second supervisor, a cohort, a coach, a mentor and a leader."""
    add_staff(graph, Role.LEADERSHIP_SUPPORT, 1)
    for school in (1, 3):
        graph.remove_edges_from(
            [
                edge
                for edge in graph.edges(keys=True)
                if edge[2] == "partnership" and node(Role.PRINCIPAL, school) in edge[:2]
            ]
        )
        tie_partners(graph, school, 1, 0.9)
    for giver, receiver in ((1, 2), (2, 1)):
        seats = node(Role.PRINCIPAL, giver), node(Role.PRINCIPAL, receiver)
        tie(graph, seats[0], seats[1], "cohort", 0.4)
    graph.add_node("coach-0", role=Role.COACH.label)
    tie(graph, "coach-0", node(Role.PRINCIPAL, 2), "coaching", 0.5)
    graph.add_node("mentor-4", role=Role.MENTOR.label, school=4)
    tie(graph, "mentor-4", node(Role.PRINCIPAL, 4), "coaching", 0.3)
    tie(graph, node(Role.TEACHER, 0, 0), node(Role.TEACHER, 0, 1), "teacher_leadership")
    return graph


def far(place):
    return math.hypot(*place)


def test_principals_stand_in_the_order_of_caseloads(graph, grown):
    assert drawing.school_order(grown) == [0, 2, 4, 5, 6, 7, 1, 3]


def test_everyone_has_a_place_on_the_circle_of_their_role(grown):
    order = drawing.school_order(grown)
    places, radius = drawing.layout(grown, order)
    assert set(places) == set(grown)
    assert len(set(places.values())) == len(places)
    assert places[node(Role.SUPERINTENDENT)] == (0, 0)
    for school in range(8):
        assert far(places[node(Role.PRINCIPAL, school)]) == pytest.approx(drawing.PRINCIPALS)
    assert far(places["mentor-4"]) == pytest.approx(drawing.MENTORS)
    assert far(places["coach-0"]) == pytest.approx(drawing.PARTNERS)
    x, y = places[node(Role.PRINCIPAL, order[0])]
    assert (x, y) == pytest.approx((0, drawing.PRINCIPALS))
    for name in places:
        if name.startswith("teacher-") and "learning" not in name:
            assert abs(far(places[name]) - drawing.SCHOOLS) <= radius


def test_clusters_of_many_schools_do_not_overlap():
    middle = drawing.SCHOOLS
    many = generate(scenario().replace(district={"schools": 78, "teachers": 780}), 1, 0)
    order = drawing.school_order(many)
    places, radius = drawing.layout(many, order)
    centres = []
    for place, school in enumerate(order):
        names = [node(Role.TEACHER, school, index) for index in range(10)]
        centre = tuple(sum(places[name][axis] for name in names) / 10 for axis in (0, 1))
        assert all(math.dist(places[name], centre) < 1.2 * radius for name in names)
        centres.append(centre)
        assert abs(far(centre) - middle - (0.19 if place % 2 else -0.19)) < 0.1 * radius + 0.02
    nearest = min(math.dist(a, b) for i, a in enumerate(centres) for b in centres[:i])
    assert nearest > 1.6 * radius


def test_the_two_directions_of_a_tie_are_one_line_and_trust_widens_it(grown):
    ties = drawing._mutual(grown, "partnership")
    assert len(ties) == len(edges_of_kind(grown, "partnership")) / 2 == 8
    low, high = sorted((node(Role.LEADERSHIP_SUPPORT, index=1), node(Role.PRINCIPAL, 3)))
    assert ties[low, high] == pytest.approx(0.9)
    assert drawing._width(0.9) > drawing._width(0.3)
    assert drawing._alpha(0.9) > drawing._alpha(0.3)


def test_teachers_and_advice_may_be_left_out(grown):
    def lines(**choices):
        ax = Figure().add_subplot()
        assert f.support_graph(grown, ax, **choices) is ax
        return sum(isinstance(one, LineCollection) for one in ax.collections)

    assert lines() == lines(advice=True) == lines(advice=False) + 1
    assert lines(teachers=False) == 4


def test_the_legend_names_what_is_there(graph):
    names = [entry.get_label() for entry in drawing.legend_entries(graph)]
    assert names[:4] == [
        *("Superintendent", "Principal supervisor", "Instructional coach", "Principal"),
    ]
    assert "Cohort of principals" not in names
    assert {"Leadership of a school", "Coaching of teachers", "Advice among teachers"} < set(names)
    without = {entry.get_label() for entry in drawing.legend_entries(graph, advice=False)}
    assert set(names) - without == {"Advice among teachers"}
    leaders = {entry.get_label() for entry in drawing.legend_entries(graph, teachers=False)}
    assert not leaders & {"Teacher", "Leadership of a school", "Coaching of teachers"}
    assert names[-2:] == ["Trust 0.2", "Trust 0.8"]


@pytest.mark.parametrize("names", [["Whole"], ["At the start", "At the end"]])
def test_nothing_is_cut_off(grown, names):
    figure = f.graph_figure(dict.fromkeys(names, grown))
    f.png_bytes(figure)
    whole = figure.bbox
    for part in (*(ax.title for ax in figure.axes), *figure.legends):
        box = part.get_window_extent()
        assert whole.x0 <= box.x0
        assert whole.y0 <= box.y0
        assert box.x1 <= whole.x1
        assert box.y1 <= whole.y1


def test_two_graphs_side_by_side(graph, grown):
    figure = f.graph_figure({"At the start": graph, "At the end": grown})
    assert [ax.get_title() for ax in figure.axes] == ["At the start", "At the end"]
    assert f.png_bytes(figure).startswith(b"\x89PNG")
    with pytest.raises(ReformsimError, match="no support graph"):
        f.graph_figure({})
