"""How the support graph changes: its ties in a table, and measures of them month by month.

Live ties are those that deepen and thin: among leaders they have `trust`, among teachers `depth`. A tie
is one between two *people*: where somebody else sits now, it is another tie, and with an empty seat there
is none. Mentors and outside coaches have no number of their own and count by their seat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from reformsim.district.network import KINDS
from reformsim.district.seats import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from reformsim.district.network import SupportGraph

    Graphs = Mapping[int, SupportGraph]
    """The support graphs of a run by month, which rise."""
    Pair = tuple[int | str, int | str]
    """Giver and receiver by the number of the person, else by the seat."""

LEADERS, TEACHERS = "leaders", "teachers"
STRENGTHS = {LEADERS: "trust", TEACHERS: "depth"}
"""What the live ties among leaders carry, and those among teachers."""
WITHOUT_NUMBER = (Role.MENTOR.label, Role.COACH.label)
NAN = float("nan")
_RANK = {kind: rank for rank, kind in enumerate(KINDS)}


class Shape(NamedTuple):
    """What live ties look like in a month; NaN where there is nothing to take a share of."""

    ties: int
    strength: float
    """Mean trust or depth."""
    reciprocity: float
    """Share of ties that are returned."""
    transitivity: float
    """Share of paths of two ties that a third closes."""
    new: float
    """Share of ties between people who had none in the month before of those asked for."""
    lost: float
    """Share of that month's ties that are gone."""


def ties_table(graphs: Graphs) -> pd.DataFrame:
    """Return every tie of every graph in a row: month, source, target, kind, trust, depth.

    Rows are in the order of month, kind, and the seats of receiver and giver in the graph, whatever
    the order in which ties came about. What a kind does not carry is NaN.
    """
    import pandas as pd

    rows = []
    for month, graph in graphs.items():
        rank = {name: number for number, name in enumerate(graph)}
        ties = sorted(
            graph.edges(keys=True, data=True),
            key=lambda tie: (_RANK[tie[2]], rank[tie[1]], rank[tie[0]]),
        )
        rows += [
            (month, source, target, kind, data.get("trust"), data.get("depth"))
            for source, target, kind, data in ties
        ]
    table = pd.DataFrame(rows, columns=["month", "source", "target", "kind", "trust", "depth"])
    return table.astype({"month": "int64", "trust": "float64", "depth": "float64"})


def people_table(graphs: Graphs) -> pd.DataFrame:
    """Return every seat of every graph in a row: month, seat, role, school, person, tenure.

    An empty seat, and one whose people have no number, has neither person nor tenure.
    """
    import pandas as pd

    rows = [
        (month, seat, *(data.get(name) for name in ("role", "school", "person", "tenure")))
        for month, graph in graphs.items()
        for seat, data in graph.nodes(data=True)
    ]
    table = pd.DataFrame(rows, columns=["month", "seat", "role", "school", "person", "tenure"])
    types = {"month": "int64", "school": "Int64", "person": "Int64", "tenure": "float64"}
    return table.astype(types)


def shapes_table(graphs: Graphs) -> pd.DataFrame:
    """Return a row for each month and kind of live tie, and for all among leaders and teachers together.

    Columns: month, among (`leaders` or `teachers`), kind (`all` for all of them), and those of `Shape`.
    """
    import pandas as pd

    rows, live = [], live_kinds(graphs.values())
    before: SupportGraph | None = None
    for month, graph in graphs.items():
        for among, kinds in live.items():
            each = {"all": kinds} if len(kinds) > 1 else {}
            for kind, chosen in (each | {kind: [kind] for kind in kinds}).items():
                rows.append((month, among, kind, *shape_of(graph, chosen, before)))
        before = graph
    return pd.DataFrame(rows, columns=["month", "among", "kind", *Shape._fields])


def live_kinds(graphs: Iterable[SupportGraph]) -> dict[str, list[str]]:
    """Return the kinds of live tie among leaders and among teachers that any of the graphs holds."""
    carried: dict[str, set[str]] = {among: set() for among in STRENGTHS}
    for graph in graphs:
        for _, _, kind, data in graph.edges(keys=True, data=True):
            for among, strength in STRENGTHS.items():
                if strength in data:
                    carried[among].add(kind)
    return {among: sorted(kinds, key=_RANK.__getitem__) for among, kinds in carried.items()}


def shape_of(
    graph: SupportGraph, kinds: Sequence[str], before: SupportGraph | None = None
) -> Shape:
    """Return what the live ties of some kinds look like, and what is new since a graph before."""
    strengths = live_ties(graph, kinds)
    pairs = {pair for pair, _ in strengths}
    old = None if before is None else {pair for pair, _ in live_ties(before, kinds)}
    asked: dict[int | str, set[int | str]] = {}
    for giver, receiver in pairs:
        asked.setdefault(receiver, set()).add(giver)
    paths = closed = 0
    for giver, receiver in pairs:
        further = asked.get(giver, set()) - {receiver}  # whom those ask who are asked
        paths += len(further)
        closed += len(further & asked[receiver])
    values = list(strengths.values())
    return Shape(
        ties=len(strengths),
        strength=_share(sum(values), len(values)),
        reciprocity=_share(sum((b, a) in pairs for a, b in pairs), len(pairs)),
        transitivity=_share(closed, paths),
        new=NAN if old is None else _share(len(pairs - old), len(pairs)),
        lost=NAN if old is None else _share(len(old - pairs), len(old)),
    )


def live_ties(graph: SupportGraph, kinds: Sequence[str]) -> dict[tuple[Pair, str], float]:
    """Return trust or depth of the ties of some kinds between people who are there."""
    who = people_of(graph)
    return {
        ((who[giver], who[receiver]), kind): float(data.get("depth", data.get("trust", NAN)))
        for giver, receiver, kind, data in graph.edges(keys=True, data=True)
        if kind in kinds and giver in who and receiver in who
    }


def people_of(graph: SupportGraph) -> dict[str, int | str]:
    """Return who is in each seat that is not empty: the number of the person, else the seat.

    A graph that nobody has been seated in yet goes by its seats.
    """
    seated = any("person" in data for _, data in graph.nodes(data=True))
    return {
        seat: data.get("person", seat)
        for seat, data in graph.nodes(data=True)
        if not seated or "person" in data or data["role"] in WITHOUT_NUMBER
    }


def _share(part: float, whole: int) -> float:
    return part / whole if whole else NAN
