"""A picture of how the support graph changes: the same people at the same places, month by month."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from reformsim.analysis.ties import (
    LEADERS,
    TEACHERS,
    live_kinds,
    live_ties,
    people_of,
    shape_of,
)
from reformsim.district.network import names_of
from reformsim.district.seats import Role
from reformsim.errors import ReformsimError

from .graph import LOOKS, layout, school_order
from .layout import finished, legend_below
from .style import INK, VERMILLION, grid, new_figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from reformsim.district.network import SupportGraph

    from .graph import Places

COLUMNS = 4
"""Months side by side, at most."""
SHOWN_SCHOOLS, SHOWN_TEACHERS = 6, 200
"""How many schools are drawn at most, and about how many teachers; the schools are evenly spaced by number."""
KEPT, NEW, LOST = "#46627F", VERMILLION, "#B5B5B5"
WIDE = 3.5
"""Inches of a panel."""
STRENGTH = {LEADERS: "trust", TEACHERS: "depth"}


@finished
def ties_figure(graphs: Mapping[int, SupportGraph], *, title: str = "") -> Figure:
    """Return how the live ties of a district change: a column for each month, leaders above teachers.

    Everybody keeps a place. What is new since the month before is in colour, people and ties; ties
    that are gone since then are grey. In large districts the teachers of some schools stand for all;
    the numbers below are the whole district's. Raises ReformsimError if there is no graph, or none
    with live ties.
    """
    kinds = live_kinds(graphs.values())
    rows = [among for among, some in kinds.items() if some]
    if not rows:
        raise ReformsimError("there are no live ties to draw")
    months = list(graphs)
    blocks = math.ceil(len(months) / COLUMNS)
    columns = math.ceil(len(months) / blocks)
    everybody = union(list(graphs.values()))
    schools = schools_shown(everybody)
    across = math.ceil(math.sqrt(len(schools)))
    tall = {LEADERS: 1.0, TEACHERS: math.ceil(len(schools) / across) / across}
    heights = [WIDE * tall[among] for among in rows]
    figure = new_figure(
        WIDE * columns + 0.2, blocks * (sum(heights) + 0.6 * len(rows)) + 0.4 * bool(title)
    )
    axes = grid(figure, blocks * len(rows), columns, height_ratios=heights * blocks)
    order = school_order(next(iter(graphs.values())))
    places = {
        LEADERS: leader_places(everybody, order, kinds[LEADERS]),
        TEACHERS: teacher_places(everybody, schools, across),
    }
    for number, month in enumerate(months):
        before = graphs[months[number - 1]] if number else None
        for row, among in enumerate(rows):
            ax = axes[number // columns * len(rows) + row][number % columns]
            _draw(ax, graphs[month], before, kinds[among], places[among])
            if not row:
                ax.set_title(month_name(month), loc="center")
            ax.set_xlabel(_numbers(graphs[month], before, kinds[among], STRENGTH[among]))
            if number % columns == 0:
                ax.set_ylabel(_name(among, everybody, schools))
    for spare in range(len(months), blocks * columns):
        for row in range(len(rows)):
            figure.delaxes(axes[spare // columns * len(rows) + row][spare % columns])
    if title:
        figure.suptitle(title, fontsize=10.5)
    legend_below(figure, _legend(everybody, places[LEADERS], rows, changes=len(months) > 1), most=5)
    return figure


def month_name(month: int) -> str:
    """Return what to call a month: by years from the launch where it is a whole number of them."""
    years, rest = divmod(abs(month), 12)
    if rest:
        return f"Month {month}".replace("-", "\N{MINUS SIGN}")
    if not month:
        return "At the launch"
    count = f"{years} year{'s' * (years != 1)}"
    return f"After {count}" if month > 0 else f"{count} before the launch"


def union(graphs: Sequence[SupportGraph]) -> SupportGraph:
    """Return everybody who is in any of the graphs, with the ties that each gave at first."""
    import networkx as nx

    joined: SupportGraph = nx.MultiDiGraph()
    for graph in graphs:
        new = set(graph) - set(joined)
        joined.add_nodes_from(graph.nodes(data=True))
        for giver, receiver, kind in graph.edges(keys=True):
            if giver in new:
                joined.add_edge(giver, receiver, kind)
    return joined


def schools_shown(graph: SupportGraph) -> list[int]:
    """Return the schools whose teachers are drawn: all, or some evenly spaced by number."""
    schools = sorted({data["school"] for _, data in graph.nodes(data=True) if "school" in data})
    teachers = len(names_of(graph, Role.TEACHER))
    fitting = max(1, SHOWN_TEACHERS * len(schools) // max(1, teachers))
    count = min(SHOWN_SCHOOLS, fitting, len(schools))
    return [schools[number * len(schools) // count] for number in range(count)]


def leader_places(graph: SupportGraph, order: list[int], kinds: Sequence[str]) -> Places:
    """Return the places of principals and all who have live ties with them, as in the whole picture."""
    places, _ = layout(graph, order)
    tied = {name for *ends, kind in graph.edges(keys=True) if kind in kinds for name in ends}
    heads = set(names_of(graph, Role.PRINCIPAL))
    return {name: at for name, at in places.items() if name in tied | heads}


def teacher_places(graph: SupportGraph, schools: Sequence[int], columns: int) -> Places:
    """Return the places of the teachers of some schools: a circle each, in rows, by seat from the top."""
    staff: dict[int, list[str]] = {}
    for name in names_of(graph, Role.TEACHER):
        staff.setdefault(graph.nodes[name]["school"], []).append(name)
    places: Places = {}
    for number, school in enumerate(schools):
        x, y = number % columns * 2.3, -(number // columns) * 2.3
        names = staff.get(school, [])
        for seat, name in enumerate(names):
            angle = math.pi / 2 - 2 * math.pi * seat / len(names)
            places[name] = (x + math.cos(angle), y + math.sin(angle))
    return places


def _draw(
    ax: Axes,
    graph: SupportGraph,
    before: SupportGraph | None,
    kinds: Sequence[str],
    places: Places,
) -> None:
    who = people_of(graph)
    now = live_ties(graph, kinds)
    old = {} if before is None else live_ties(before, kinds)
    here = _seats(who)
    teachers = any(
        graph.nodes[seat]["role"] == Role.TEACHER.label for seat in places if seat in graph
    )
    fine = 0.6 if teachers else 1.0  # there are many
    there = here if before is None else _seats(people_of(before))
    gone = {pair for pair, _ in old} - {pair for pair, _ in now}
    known = {pair for pair, _ in old} if before is not None else {pair for pair, _ in now}
    lost = [(there[a], there[b]) for a, b in gone]
    lasting = [((here[a], here[b]), v) for ((a, b), _), v in now.items() if (a, b) in known]
    new = [((here[a], here[b]), v) for ((a, b), _), v in now.items() if (a, b) not in known]

    def lines(ties: Sequence[tuple[str, str]]) -> list[list[tuple[float, float]]]:
        return [[places[a], places[b]] for a, b in ties if a in places and b in places]

    ax.add_collection(
        LineCollection(lines(lost), colors=LOST, linewidths=0.7 * fine, linestyles=":", zorder=1)
    )
    for ties, colour, least, order in ((lasting, KEPT, 0.3, 2.0), (new, NEW, 0.6, 3.0)):
        drawn = [(tie, value) for tie, value in ties if tie[0] in places and tie[1] in places]
        if not drawn:
            continue
        ax.add_collection(
            LineCollection(
                lines([tie for tie, _ in drawn]),
                colors=colour,
                linewidths=[fine * _width(value, least) for _, value in drawn],
                alpha=[_alpha(value) for _, value in drawn],
                zorder=order,
            )
        )
    earlier = who if before is None else people_of(before)
    for role, (_, _, marker, size) in LOOKS.items():
        seats = [name for name in places if name in graph and graph.nodes[name]["role"] == role]
        scale = 0.9 if len(places) < 40 else 0.55
        for chosen, face, edge in (
            ([s for s in seats if s in who and who[s] == earlier.get(s)], INK, "white"),
            ([s for s in seats if s in who and who[s] != earlier.get(s)], NEW, "white"),
            ([s for s in seats if s not in who], "white", INK),
        ):
            ax.plot(
                [places[name][0] for name in chosen],
                [places[name][1] for name in chosen],
                linestyle="none",
                marker="o" if role == Role.TEACHER.label else marker,
                markersize=2.4 if role == Role.TEACHER.label else max(2.5, size * scale),
                markerfacecolor=face,
                markeredgecolor=edge,
                markeredgewidth=0.3 if face != "white" else 0.6,
                zorder=4,
            )
    xs, ys = zip(*places.values(), strict=True)
    if not teachers:  # as wide as high, wherever people stand around the middle
        far = max(map(abs, (*xs, *ys)))
        xs = ys = (-far, far)
    for limit, values in ((ax.set_xlim, xs), (ax.set_ylim, ys)):
        limit(min(values) - 0.15, max(values) + 0.15)
    ax.set_aspect("equal")
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)


def _seats(who: Mapping[str, int | str]) -> dict[int | str, str]:
    return {person: seat for seat, person in who.items()}


def _width(value: float, least: float) -> float:
    return least + 1.6 * value


def _alpha(value: float) -> float:
    return 0.25 + 0.7 * min(1.0, value)


def _numbers(
    graph: SupportGraph, before: SupportGraph | None, kinds: Sequence[str], strength: str
) -> str:
    """Return the measures of a month as they stand below a panel."""
    shape = shape_of(graph, kinds, before)
    if not shape.ties:
        return "no ties"
    new = "" if before is None else f", new {_percent(shape.new)}"
    return (
        f"{shape.ties:,} ties, mean {strength} {shape.strength:.2f}\n"
        f"returned {_percent(shape.reciprocity)}, closed {_percent(shape.transitivity)}{new}"
    )


def _percent(share: float) -> str:
    return "\N{EN DASH}" if math.isnan(share) else f"{100 * share:.0f} %"


def _name(among: str, graph: SupportGraph, schools: Sequence[int]) -> str:
    if among == LEADERS:
        return "Leaders"
    principals = len(names_of(graph, Role.PRINCIPAL))
    if len(schools) == principals:
        return "Teachers, by school"
    return f"Teachers of {len(schools)} of {principals:,} schools"


def _legend(
    graph: SupportGraph, leaders: Places, rows: Sequence[str], *, changes: bool
) -> list[Line2D]:
    roles = {graph.nodes[name]["role"] for name in leaders}
    entries = [
        Line2D([], [], linestyle="none", marker=marker, color=INK, markersize=5.5, label=name)
        for role, (name, _, marker, _) in LOOKS.items()
        if role in roles - {Role.TEACHER.label} and LEADERS in rows
    ]
    if TEACHERS in rows:
        entries.append(
            Line2D([], [], linestyle="none", marker="o", color=INK, markersize=3, label="Teacher")
        )
    entries.append(
        Line2D([], [], color=KEPT, linewidth=1.6, label="Tie: wider and darker the stronger")
    )
    if changes:
        entries += [
            Line2D([], [], color=NEW, linewidth=1.4, label="Not there in the picture before"),
            Line2D(
                [],
                [],
                linestyle="none",
                marker="o",
                color=NEW,
                markersize=5,
                label="New in the seat",
            ),
            Line2D(
                [],
                [],
                color=LOST,
                linewidth=1.4,
                linestyle=":",
                label="Gone since the picture before",
            ),
        ]
    entries.append(
        Line2D(
            *([], []),
            linestyle="none",
            marker="o",
            markerfacecolor="white",
            color=INK,
            markersize=5,
            label="Empty seat",
        )
    )
    return entries
