"""A picture of the support graph of a whole district."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import EllipseCollection, LineCollection
from matplotlib.lines import Line2D

from reformsim.district.network import edges_of_kind
from reformsim.district.seats import Role

from .style import BLACK, BLUE, GREEN, INK, ORANGE, PURPLE, SKY, VERMILLION, inches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from reformsim.district.network import SupportGraph

    from .style import Line

    Places = dict[str, tuple[float, float]]

CENTRE, COACHES_IN, OFFICE, PARTNERS, PRINCIPALS, MENTORS, SCHOOLS = (
    *(0.0, 0.55, 1.0, 1.5, 2.05),
    *(2.32, 2.95),
)
"""Radii: superintendent, instructional coaches, supervisors, outside coaches, principals, mentors,
and the middles of schools."""
CROWDED = 30
"""From so many schools on, every second school lies farther out."""
DRAWN_ADVICE = 250
"""Up to so many teachers, advice ties are drawn without being asked for."""

LOOKS: dict[str, tuple[str, str, str, float]] = {
    Role.SUPERINTENDENT.label: ("Superintendent", BLACK, "*", 15),
    Role.LEADERSHIP_SUPPORT.label: ("Principal supervisor", BLUE, "s", 8),
    Role.TEACHING_LEARNING.label: ("Instructional coach", SKY, "D", 5.5),
    Role.PRINCIPAL.label: ("Principal", VERMILLION, "o", 6),
    Role.COACH.label: ("Outside coach", ORANGE, "h", 9),
    Role.MENTOR.label: ("Mentor", PURPLE, "v", 5),
    Role.TEACHER.label: ("Teacher", "#9A9A9A", ".", 5),
}
"""Name, colour, marker and size in points of each role."""
LEADER_LOOK = ("Teacher leader", GREEN, "^", 4.5)

TIES: dict[str, tuple[str, str, Line]] = {
    "oversight": ("Oversight", "#555555", ":"),
    "partnership": ("Partnership with a supervisor", BLUE, "-"),
    "cohort": ("Cohort of principals", GREEN, "-"),
    "peer": ("Peer of choice", VERMILLION, "-"),
    "coaching": ("Coaching or mentoring", ORANGE, "-"),
}
"""Name, colour and line of the ties among leaders, in the order in which they are drawn."""
SCHOOL_TIES: dict[str, tuple[str, str, Line]] = {
    "leadership": ("Leadership of a school", VERMILLION, "-"),
    "instructional_coaching": ("Coaching of teachers", SKY, "-"),
    "advice": ("Advice among teachers", "#8A8A8A", "-"),
}
"""The same of the ties with teachers, which are drawn fainter."""


def support_graph(
    graph: SupportGraph, ax: Axes, *, teachers: bool = True, advice: bool | None = None
) -> Axes:
    """Draw who leads and supports whom in a district, and return the axes.

    The superintendent stands in the middle; around it lie instructional coaches, principal
    supervisors, outside coaches, principals (in the order of their supervisors' caseloads) and,
    outside, each school's teachers as a cluster of dots. Ties among leaders are wider and darker
    the more they are trusted. The leadership of a principal is one line to the school, and so are
    the schools of an instructional coach, drawn faintly. `teachers=False` leaves schools out;
    `advice` says whether to draw advice among teachers, by default in small districts only.
    """
    by_role = _by_role(graph)
    order = school_order(graph)
    places, radius = layout(graph, order)
    staff = by_role.get(Role.TEACHER.label, []) if teachers else []
    if staff:
        if _draws_advice(graph, advice):
            ties = [(places[a], places[b]) for a, b in edges_of_kind(graph, "advice")]
            alpha = min(0.5, 60 / max(1, len(ties)) + 0.05)
            ax.add_collection(
                LineCollection(
                    ties,
                    colors=SCHOOL_TIES["advice"][1],
                    linewidths=0.35,
                    alpha=alpha,
                    zorder=0.5,
                )
            )
        _draw_school_lines(graph, ax, places, order)
        _draw_teachers(graph, ax, places, staff, radius)
    _draw_leader_ties(graph, ax, places)
    for role, (_, colour, marker, size) in LOOKS.items():
        points = [places[name] for name in by_role.get(role, [])]
        if role == Role.TEACHER.label or not points:
            continue
        shrink = min(1.0, 8 / math.sqrt(len(points))) if role == Role.PRINCIPAL.label else 1.0
        ax.plot(
            *zip(*points, strict=True),
            linestyle="none",
            marker=marker,
            color=colour,
            markersize=size * max(0.55, shrink),
            markeredgecolor="white",
            markeredgewidth=0.7,
            zorder=4 if role != Role.SUPERINTENDENT.label else 5,
        )
    spill = 0.24 if len(order) > CROWDED else 0.05
    edge = SCHOOLS + radius + spill if staff else PRINCIPALS + 0.45
    ax.set_xlim(-edge, edge)
    ax.set_ylim(-edge, edge)
    ax.set_aspect("equal")
    ax.set_axis_off()
    return ax


def legend_entries(
    *graphs: SupportGraph, teachers: bool = True, advice: bool | None = None
) -> list[Line2D]:
    """Return the entries of a legend for the roles and ties that are drawn of any of the graphs."""
    roles = {role for graph in graphs for role in _by_role(graph)}
    kinds = {kind for graph in graphs for _, _, kind in graph.edges(keys=True)}
    if not any(_draws_advice(graph, advice) for graph in graphs):
        kinds.discard("advice")
    lines = TIES | SCHOOL_TIES if teachers else TIES
    looks = [look for role, look in LOOKS.items() if role in roles]
    if not teachers:
        looks = [look for look in looks if look is not LOOKS[Role.TEACHER.label]]
    elif "teacher_leadership" in kinds:
        looks.append(LEADER_LOOK)
    entries = [
        Line2D([], [], linestyle="none", marker=marker, color=colour, markersize=size, label=name)
        for name, colour, marker, size in looks
    ]
    entries += [
        Line2D([], [], color=colour, linestyle=line, linewidth=1.8, label=name)
        for kind, (name, colour, line) in lines.items()
        if kind in kinds
    ]
    return entries + [
        Line2D([], [], color=INK, linewidth=_width(trust), alpha=_alpha(trust), label=name)
        for trust, name in ((0.2, "Trust 0.2"), (0.8, "Trust 0.8"))
    ]


def _draws_advice(graph: SupportGraph, advice: bool | None) -> bool:
    if advice is not None:
        return advice
    return len(_by_role(graph).get(Role.TEACHER.label, [])) <= DRAWN_ADVICE


def school_order(graph: SupportGraph) -> list[int]:
    """Return the schools in the order of their principals' supervisors, then of their numbers."""
    post: dict[int, int] = {}
    for giver, receiver in edges_of_kind(graph, "partnership"):
        data = graph.nodes[receiver]
        if data["role"] == Role.PRINCIPAL.label:
            post[data["school"]] = _number(giver)
    schools = [graph.nodes[name]["school"] for name in _by_role(graph)[Role.PRINCIPAL.label]]
    return sorted(schools, key=lambda school: (post.get(school, len(graph)), school))


def layout(graph: SupportGraph, order: list[int]) -> tuple[Places, float]:
    """Return the place of everyone, and the radius of the cluster of a school's teachers.

    Schools lie evenly on a circle in the `order` given, from the top, clockwise. Everyone else
    has the direction of the schools they serve, on the circle of their role.
    """
    slot = {school: position for position, school in enumerate(order)}
    count, crowded = len(order), len(order) > CROWDED
    room = math.pi * SCHOOLS / max(3, count) * (1.9 if crowded else 0.95)
    radius = min(0.36, room)
    places: Places = {}
    middles: dict[int, tuple[float, float]] = {}
    for school, position in slot.items():
        out = (0.19 if position % 2 else -0.19) if crowded else 0.0
        middles[school] = _at(SCHOOLS + out, position / count)
    by_role = _by_role(graph)
    served: dict[str, list[int]] = {}
    for giver, receiver in graph.edges():
        receiving = graph.nodes[receiver].get("school")
        if receiving in slot and "school" not in graph.nodes[giver]:
            served.setdefault(giver, []).append(slot[receiving])
    for role, distance in (
        (Role.LEADERSHIP_SUPPORT.label, OFFICE),
        (Role.TEACHING_LEARNING.label, COACHES_IN),
        (Role.COACH.label, PARTNERS),
    ):
        people = by_role.get(role, [])
        middle = {name: _mean(served.get(name, [0])) for name in people}
        ranked = sorted(people, key=lambda name: (middle[name], name))
        even = role != Role.LEADERSHIP_SUPPORT.label
        for rank, name in enumerate(ranked):
            turn = (rank + 0.5) / len(ranked) if even else middle[name] / count
            if role == Role.COACH.label:  # off the lines between others
                turn = (math.floor((turn + 0.25) * count) + 0.5) / count
            places[name] = _at(distance, turn)
    for name in by_role.get(Role.SUPERINTENDENT.label, []):
        places[name] = (0.0, 0.0)
    for role, distance in ((Role.PRINCIPAL.label, PRINCIPALS), (Role.MENTOR.label, MENTORS)):
        for name in by_role.get(role, []):
            shift = 0.22 / count if role == Role.MENTOR.label else 0.0
            places[name] = _at(distance, slot[graph.nodes[name]["school"]] / count + shift)
    staff: dict[int, list[str]] = {}
    for name in by_role.get(Role.TEACHER.label, []):
        staff.setdefault(graph.nodes[name]["school"], []).append(name)
    for school, names in staff.items():
        x, y = middles[school]
        for seed, name in enumerate(names):
            # A sunflower's seeds: even spacing for any number.
            far = radius * 0.93 * math.sqrt((seed + 0.5) / len(names))
            turn = seed * 2.399963
            places[name] = (x + far * math.cos(turn), y + far * math.sin(turn))
    return places, radius


def _draw_school_lines(graph: SupportGraph, ax: Axes, places: Places, order: list[int]) -> None:
    """One line from each principal to the school, and one from each coach to each school served."""
    middles: dict[int, list[tuple[float, float]]] = {}
    for name, data in graph.nodes(data=True):
        if data["role"] == Role.TEACHER.label:
            middles.setdefault(data["school"], []).append(places[name])
    centre = {
        school: (float(np.mean(xs)), float(np.mean(ys)))
        for school, points in middles.items()
        for xs, ys in [list(zip(*points, strict=True))]
    }
    lines = {
        (giver, graph.nodes[receiver]["school"])
        for giver, receiver in edges_of_kind(graph, "instructional_coaching")
    }
    served = [(places[giver], centre[school]) for giver, school in sorted(lines)]
    ax.add_collection(LineCollection(served, colors=SKY, linewidths=0.6, alpha=0.28, zorder=0.6))
    heads = {graph.nodes[name]["school"]: name for name in _by_role(graph)[Role.PRINCIPAL.label]}
    led = [(places[heads[school]], centre[school]) for school in order if school in centre]
    ax.add_collection(LineCollection(led, colors=VERMILLION, linewidths=0.8, alpha=0.6, zorder=0.8))


def _draw_teachers(
    graph: SupportGraph, ax: Axes, places: Places, staff: list[str], radius: float
) -> None:
    leaders = {giver for giver, _ in edges_of_kind(graph, "teacher_leadership")}
    largest = max(1, len(staff) / max(1, len({graph.nodes[name]["school"] for name in staff})))
    size = min(0.07, 1.25 * radius / math.sqrt(largest))
    for people, colour in (
        ([name for name in staff if name not in leaders], LOOKS[Role.TEACHER.label][1]),
        ([name for name in staff if name in leaders], LEADER_LOOK[1]),
    ):
        if not people:
            continue
        width = size if colour == LOOKS[Role.TEACHER.label][1] else size * 1.6
        points = [places[name] for name in people]
        if colour == LEADER_LOOK[1]:
            scale = 72 * inches(ax)[1]
            points_wide = width / (2 * SCHOOLS + 1.5) * scale
            ax.scatter(
                [x for x, _ in points],
                [y for _, y in points],
                s=max(2.0, points_wide**2),
                marker=LEADER_LOOK[2],
                color=colour,
                linewidths=0,
                zorder=2,
            )
            continue
        ax.add_collection(
            EllipseCollection(
                [width] * len(points),
                [width] * len(points),
                [0.0] * len(points),
                units="xy",
                offsets=points,
                offset_transform=ax.transData,
                facecolors=colour,
                edgecolors="none",
                zorder=1.5,
            )
        )


def _draw_leader_ties(graph: SupportGraph, ax: Axes, places: Places) -> None:
    for kind, (_, colour, line) in TIES.items():
        trusts = _mutual(graph, kind)
        if not trusts:
            continue
        ax.add_collection(
            LineCollection(
                [(places[giver], places[receiver]) for giver, receiver in trusts],
                colors=colour,
                linewidths=[_width(trust) for trust in trusts.values()],
                alpha=[_alpha(trust) for trust in trusts.values()],
                linestyles=line,
                zorder=2.5,
            )
        )


def _mutual(graph: SupportGraph, kind: str) -> Mapping[tuple[str, str], float]:
    """Ties of a kind with their trust, the two directions of a pair as one tie."""
    trusts_of: dict[tuple[str, str], list[float]] = {}
    for giver, receiver in edges_of_kind(graph, kind):
        trust = graph.edges[giver, receiver, kind].get("trust")
        pair = (giver, receiver) if giver < receiver else (receiver, giver)
        trusts_of.setdefault(pair, []).append(0.5 if trust is None else float(trust))
    return {pair: _mean(trusts) for pair, trusts in trusts_of.items()}


def _width(trust: float) -> float:
    return 0.4 + 2.2 * trust


def _alpha(trust: float) -> float:
    return 0.2 + 0.75 * min(1.0, trust)


def _by_role(graph: SupportGraph) -> dict[str, list[str]]:
    names_of: dict[str, list[str]] = {}
    for name, role in graph.nodes(data="role"):
        names_of.setdefault(str(role), []).append(name)
    return names_of


def _number(name: str) -> int:
    return int(name.rsplit("-", 1)[1])


def _at(distance: float, turn: float) -> tuple[float, float]:
    """A point at a distance from the middle; `turn` goes clockwise from the top, 1 a full round."""
    angle = math.pi / 2 - 2 * math.pi * turn
    return distance * math.cos(angle), distance * math.sin(angle)


def _mean(values: list[int] | list[float]) -> float:
    return float(sum(values)) / len(values)
