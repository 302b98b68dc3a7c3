"""A district's own network survey: putting its ties into a graph, and saving a graph.

Two formats: GraphML (`.graphml`) and a CSV edge list (`.csv`) with the header
`source,target,kind`, and `trust` and `depth` besides. A tie points from the giver to the receiver, as
in the support graph, whose names of seats the file uses: `principal-12`, `teacher-12-7`.

What a survey can say is who asks whom for advice (`advice`, teacher → teacher; a tie is as deep as a
new one unless the file gives its depth) and who works with whom in a cohort (`cohort`, principal ↔
principal; one direction stands for both, and trust starts where all trust starts unless the file
gives it). Ties of a kind that the file holds replace the
generated ties of that kind; a kind it does not hold stays as generated. All other kinds are laid by
the district's organisation and by the levers: a file may hold them, as one written by
`save_network` does, and they are read over.
"""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reformsim.errors import Problem, ReformsimError, printable
from reformsim.messages import did_you_mean, nearest, show
from reformsim.scenario import schema

from .edge_list import COLUMNS, OPTIONAL, read_edge_list
from .graphml import read_graphml
from .network import edges_of_kind, tie
from .seats import FIRST_TRUST, Role
from .survey import Survey, Tie, show_tie

if TYPE_CHECKING:
    from collections.abc import Iterator

    import networkx as nx

    from .network import SupportGraph

SURVEYED = {"advice": Role.TEACHER, "cohort": Role.PRINCIPAL}
"""The kinds of tie that a file can replace, and the role of those it joins."""

SUFFIXES = (".graphml", ".csv")
OF_NODES = ("role", "school", "person", "tenure")
"""What a file says of a seat: the last two where somebody is in it and is known."""
HINTS = 20
"""Unknown seats for which the nearest name is looked up; each look compares with every seat."""


def apply_network(
    graph: SupportGraph,
    path: str | Path,
    trust: float = FIRST_TRUST,
    content: bytes | None = None,
) -> SupportGraph:
    """Put a file's ties in the place of the generated ones of the same kind; return the graph.

    `trust` is what cohort ties start with for which the file gives none. Where the `content` of the
    file is given, the path only names it.
    Raises ReformsimError with every problem of the file, and then leaves the graph as it was.
    """
    path = Path(path)
    _check_suffix(path)
    name = printable(str(path))
    if content is None:
        content = schema.read_survey(path)
    elif len(content) > schema.LARGEST_SURVEY:
        raise ReformsimError(Problem(f"is larger than {schema.LARGEST_SURVEY:,} bytes", name))
    ties, problems = read_survey(name, path.suffix.lower(), content)
    survey = Survey(name, list(ties), list(problems))
    _check(survey, graph)
    survey.give_up_on_problems()
    for kind in kinds_in(path, content):
        for giver, receiver in edges_of_kind(graph, kind):
            graph.remove_edge(giver, receiver, kind)
    for stated in ties:
        given = _trust_of(stated, trust)
        tie(graph, stated.source, stated.target, stated.kind, given, stated.depth)
    for stated in ties:
        if stated.kind == "cohort":
            tie(graph, stated.target, stated.source, "cohort", _trust_of(stated, trust))
    return graph


def kinds_in(path: str | Path, content: bytes) -> set[str]:
    """Return the kinds of tie of a survey that replace generated ones.

    Raises ReformsimError for a file that cannot be read to its end.
    """
    path = Path(path)
    ties, _ = read_survey(printable(str(path)), path.suffix.lower(), content)
    return {stated.kind for stated in ties}


@lru_cache(maxsize=4)
def read_survey(
    name: str, suffix: str, content: bytes
) -> tuple[tuple[Tie, ...], tuple[Problem, ...]]:
    """Return the ties that a run depends on, and what is wrong with them whatever the district.

    Thousands of runs may have the same survey, so the last few are remembered.
    Raises ReformsimError for a file that cannot be read to its end.
    """
    survey = Survey(name)
    if not content.strip():
        survey.give_up("is empty")
    if suffix == ".csv":
        read_edge_list(survey, content)
    else:
        read_graphml(survey, content)
    if not survey.ties and not survey.problems:
        survey.give_up("holds no ties")
    surveyed = (stated for stated in survey.ties if stated.kind in SURVEYED)
    return tuple(surveyed), tuple(survey.problems)


def _trust_of(stated: Tie, default: float) -> float | None:
    if stated.kind != "cohort":
        return None
    return default if stated.trust is None else stated.trust


def save_network(graph: SupportGraph, path: str | Path) -> None:
    """Write the ties of a support graph; the suffix, .graphml or .csv, chooses the format.

    Raises ReformsimError for another suffix, and OSError if the file cannot be written.
    """
    path = Path(path)
    _check_suffix(path)
    if path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow((*COLUMNS, *OPTIONAL))
            for source, target, kind, data in graph.edges(keys=True, data=True):
                strengths = (data.get(name) for name in OPTIONAL)
                cells = ("" if number is None else float(number) for number in strengths)
                writer.writerow((source, target, kind, *cells))
        return
    import networkx as nx

    # A live graph may carry objects on its nodes; a file takes only what describes a seat. Edges
    # are numbered, because GraphML wants the identity of each to be its own.
    plain: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for name, data in graph.nodes(data=True):
        plain.add_node(name, **{key: data[key] for key in OF_NODES if key in data})
    for number, (source, target, kind, data) in enumerate(graph.edges(keys=True, data=True)):
        details: dict[str, Any] = {"kind": kind}
        for key in OPTIONAL:
            if data.get(key) is not None:
                details[key] = float(data[key])
        plain.add_edge(source, target, number, **details)
    nx.write_graphml(plain, path)


def _check_suffix(path: Path) -> None:
    if path.suffix.lower() not in SUFFIXES:
        message = "is neither GraphML nor a CSV edge list"
        raise ReformsimError(
            Problem(message, str(path), allowed="a name ending in .graphml or .csv")
        )


def _check(survey: Survey, graph: SupportGraph) -> None:
    """Complain of every tie that these seats cannot hold."""
    seen: dict[tuple[str, str, str], Tie] = {}
    hints = HINTS
    for stated in survey.ties:
        source, target, kind, line = stated.source, stated.target, stated.kind, stated.line
        strangers = [name for name in dict.fromkeys((source, target)) if name not in graph]
        for name in strangers:
            hint = _hint(graph, name, nearby=hints > 0)
            hints -= 1
            about = show_tie(source, target)
            survey.complain("unknown seat", line, key=about, found=show(name), hint=hint)
        if strangers:
            continue
        label = SURVEYED[kind].label
        if graph.nodes[source]["role"] != label or graph.nodes[target]["role"] != label:
            survey.complain(f"{kind} ties join {label}s", line, found=show_tie(source, target))
        elif source == target:
            survey.complain("a tie needs two people", line, found=show_tie(source, target))
        if kind == "advice" and stated.trust is not None:
            about, hint = show_tie(source, target), "leave it empty"
            survey.complain("advice ties carry no trust", line, key=about, hint=hint)
        if kind == "cohort" and stated.depth is not None:
            about, hint = show_tie(source, target), "leave it empty"
            survey.complain("cohort ties carry no depth", line, key=about, hint=hint)
        for key in ((source, target, kind), (target, source, kind))[: 1 + stated.mutual]:
            first = seen.setdefault(key, stated)
            if first is not stated:
                hint = f"first in line {first.line}"
                message = f"the same {kind} tie again"
                survey.complain(message, line, found=show_tie(source, target), hint=hint)


def _hint(graph: SupportGraph, name: str, *, nearby: bool) -> str:
    """Return what helps to find the right name of a seat, looking through all of them if wanted."""
    parts = re.fullmatch(r"(principal|teacher)-(\d{1,9})(?:-\d+)?", name, re.ASCII)
    if parts:
        schools = sum(1 for _ in _seats(graph, Role.PRINCIPAL))
        school = int(parts[2])
        if school >= schools:
            return f"schools are numbered 0 to {schools - 1}"
        if parts[1] == "teacher":
            count = sum(
                graph.nodes[seat]["school"] == school for seat in _seats(graph, Role.TEACHER)
            )
            return f"school {school} has teacher-{school}-0 to teacher-{school}-{count - 1}"
    return did_you_mean(nearest(name, graph)) if nearby else ""


def _seats(graph: SupportGraph, role: Role) -> Iterator[str]:
    for name, data in graph.nodes(data=True):
        if data["role"] == role.label:
            yield name
