"""A district's own network survey: reading its ties from a file, and saving a graph.

Two formats: GraphML (`.graphml`) and a CSV edge list (`.csv`) with the header
`source,target,kind` or `source,target,kind,trust`. A tie points from the giver to the receiver, as
in the support graph, whose names of seats the file uses: `principal-12`, `teacher-12-7`.

What a survey can say is who asks whom for advice (`advice`, teacher → teacher) and who works with
whom in a cohort (`cohort`, principal ↔ principal; one direction stands for both, and trust starts
where all trust starts unless the file gives it). Ties of a kind that the file holds replace the
generated ties of that kind; a kind it does not hold stays as generated. All other kinds are laid by
the district's organisation and by the levers: a file may hold them, as one written by
`save_network` does, and they are read over.
"""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from reformsim.errors import Problem, ReformsimError, reason_of
from reformsim.scenario.locating import did_you_mean, nearest, show

from .network import KINDS, edges_of_kind, tie
from .seats import FIRST_TRUST, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    import networkx as nx

    from .network import SupportGraph

SURVEYED = {"advice": Role.TEACHER, "cohort": Role.PRINCIPAL}
"""The kinds of tie that a file can replace, and the role of those it joins."""

SUFFIXES = (".graphml", ".csv")
COLUMNS = ("source", "target", "kind")
OPTIONAL = ("trust",)
_SEAT = re.compile(r"superintendent|[a-z-]+-\d+(-\d+)?")
HINTS = 20
"""Unknown seats for which the nearest name is looked up; each look compares with every seat."""


@dataclass(frozen=True, slots=True)
class Tie:
    """One tie as a file states it."""

    source: str
    target: str
    kind: str
    trust: float | None = None
    line: int = 0


@dataclass(slots=True)
class _Survey:
    """The ties read from one file and what is wrong with it, in the order of the file."""

    path: Path
    ties: list[Tie] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    hints: int = HINTS

    def complain(self, message: str, line: int = 0, **details: str) -> None:
        self.problems.append(Problem(message, str(self.path), line, **details))


def apply_network(
    graph: SupportGraph,
    path: str | Path,
    trust: float = FIRST_TRUST,
    content: bytes | None = None,
) -> SupportGraph:
    """Put a file's ties in the place of the generated ones of the same kind; return the graph.

    `trust` is what cohort ties start with for which the file gives none. Where the `content` of the
    file is given, it is not read, and `path` only names it.
    Raises ReformsimError with every problem of the file, and then leaves the graph as it was.
    """
    survey = _read(Path(path), content)
    _check(survey, graph)
    if survey.problems:
        # Sorting is stable: problems without a line, as in GraphML, keep their order.
        raise ReformsimError(*sorted(survey.problems, key=lambda problem: problem.line))
    ties = [one for one in survey.ties if one.kind in SURVEYED]
    for kind in {one.kind for one in ties}:
        for giver, receiver in edges_of_kind(graph, kind):
            graph.remove_edge(giver, receiver, kind)
    for one in ties:
        tie(graph, one.source, one.target, one.kind, _trust_of(one, trust))
    for one in ties:
        if one.kind == "cohort":
            tie(graph, one.target, one.source, "cohort", _trust_of(one, trust))
    return graph


def _trust_of(one: Tie, default: float) -> float | None:
    if one.kind != "cohort":
        return None
    return default if one.trust is None else one.trust


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
                trust = data.get("trust")
                writer.writerow((source, target, kind, "" if trust is None else float(trust)))
        return
    import networkx as nx

    # A live graph may carry objects on its nodes; a file takes only what describes a seat. Edges
    # are numbered, because GraphML wants the identity of each to be its own.
    plain: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for name, data in graph.nodes(data=True):
        plain.add_node(name, **{key: data[key] for key in ("role", "school") if key in data})
    for number, (source, target, kind, data) in enumerate(graph.edges(keys=True, data=True)):
        details: dict[str, Any] = {"kind": kind}
        if data.get("trust") is not None:
            details["trust"] = float(data["trust"])
        plain.add_edge(source, target, number, **details)
    nx.write_graphml(plain, path)


def _check_suffix(path: Path) -> None:
    if path.suffix.lower() not in SUFFIXES:
        message = "is neither GraphML nor a CSV edge list"
        raise ReformsimError(
            Problem(message, str(path), allowed="a name ending in .graphml or .csv")
        )


def _read(path: Path, content: bytes | None) -> _Survey:
    _check_suffix(path)
    survey = _Survey(path)
    try:
        content = path.read_bytes() if content is None else content
    except (OSError, ValueError) as error:
        raise ReformsimError(Problem(f"cannot be read: {reason_of(error)}", str(path))) from None
    if not content.strip():
        raise ReformsimError(Problem("is empty", str(path)))
    if path.suffix.lower() == ".csv":
        _read_csv(survey, content)
    else:
        _read_graphml(survey, content)
    if not survey.ties and not survey.problems:
        survey.complain("holds no ties")
    return survey


def _read_csv(survey: _Survey, content: bytes) -> None:
    try:
        # Spreadsheets put a byte order mark first.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        survey.complain("is not UTF-8 text", line, hint="save the file as UTF-8")
        return
    rows = csv.reader(text.splitlines(keepends=True), strict=True, skipinitialspace=True)
    header: list[str] = []
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if header:
                _read_row(survey, header, cells, rows.line_num)
            elif _is_header(survey, cells, rows.line_num):
                header = cells
            else:
                return
    except csv.Error as error:
        survey.complain(f"is not CSV: {error}", rows.line_num)


def _is_header(survey: _Survey, cells: list[str], line: int) -> bool:
    """Say whether the first row names the columns, and complain if it does not."""
    allowed = f"{','.join(COLUMNS)} or {','.join((*COLUMNS, *OPTIONAL))}"
    missing = [column for column in COLUMNS if column not in cells]
    if missing:
        hint = ""
        if len(cells) == 1 and any(sign in cells[0] for sign in ";\t"):
            hint = "columns are separated by commas"
        survey.complain(
            f"the header lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}",
            line,
            found=show(",".join(cells)),
            allowed=allowed,
            hint=hint,
        )
        return False
    unknown = [cell for cell in cells if cell not in (*COLUMNS, *OPTIONAL)]
    for name in unknown:
        hint = did_you_mean(nearest(name, OPTIONAL))
        survey.complain(f"unknown column {show(name)}", line, allowed=allowed, hint=hint)
    if len(set(cells)) < len(cells) and not unknown:
        survey.complain("a column is named twice", line, found=show(",".join(cells)))
    return len(survey.problems) == 0


def _read_row(survey: _Survey, header: list[str], cells: list[str], line: int) -> None:
    if len(cells) != len(header):
        found = f"{len(cells)} cell{'s' * (len(cells) != 1)}"
        survey.complain("wrong number of cells", line, found=found, allowed=str(len(header)))
        return
    values = dict(zip(header, cells, strict=True))
    _add(survey, values["source"], values["target"], values["kind"], values.get("trust"), line)


def _read_graphml(survey: _Survey, content: bytes) -> None:
    import networkx as nx

    try:
        graph = nx.read_graphml(BytesIO(content), edge_key_type=str, force_multigraph=True)
    except ParseError as error:
        survey.complain(f"is not GraphML: {error.msg}", error.position[0])
        return
    except (nx.NetworkXException, ValueError, KeyError, TypeError) as error:
        survey.complain(f"is not GraphML: {error}")
        return
    if not graph.is_directed():
        hint = 'edgedefault="directed", from the giver to the receiver'
        survey.complain("is an undirected graph", hint=hint)
        return
    # Some programs number the nodes and keep the name in an attribute.
    names = {node: _seat_name(str(node), data) for node, data in graph.nodes(data=True)}
    for source, target, data in graph.edges(data=True):
        _add(survey, names[source], names[target], data.get("kind"), data.get("trust"), 0)


def _seat_name(node: str, data: dict[str, Any]) -> str:
    if _SEAT.fullmatch(node):
        return node
    return next((str(data[key]) for key in ("name", "label") if key in data), node)


def _add(survey: _Survey, source: str, target: str, kind: Any, trust: Any, line: int) -> None:
    """Add a tie whose kind and trust can be read, or say why they cannot."""
    about = f"{source} → {target}" if not line else ""
    allowed = ", ".join(KINDS)
    if kind is None or not str(kind).strip():
        survey.complain("a tie needs a kind", line, key=about, allowed=allowed)
        return
    kind = str(kind).strip()
    if kind not in KINDS:
        hint = did_you_mean(nearest(kind, KINDS))
        survey.complain(
            "unknown kind of tie", line, key=about, found=show(kind), allowed=allowed, hint=hint
        )
        return
    if trust is None or trust == "":
        number = None
    else:
        try:
            number = float(trust)
        except (TypeError, ValueError):
            number = math.nan
        if not 0.0 <= number <= 1.0:
            found, span = show(trust), "a number from 0 to 1"
            survey.complain("trust is out of bounds", line, key=about, found=found, allowed=span)
            return
    survey.ties.append(Tie(source, target, kind, number, line))


def _check(survey: _Survey, graph: SupportGraph) -> None:
    """Complain of every tie that these seats cannot hold."""
    seen: dict[tuple[str, str, str], int] = {}
    for one in survey.ties:
        if one.kind not in SURVEYED:
            continue
        shown = f"{one.source} → {one.target}"
        about = "" if one.line else shown
        strangers = [name for name in dict.fromkeys((one.source, one.target)) if name not in graph]
        for name in strangers:
            hint = _hint(survey, graph, name)
            survey.complain("unknown seat", one.line, key=about, found=show(name), hint=hint)
        if strangers:
            continue
        label = SURVEYED[one.kind].label
        if any(graph.nodes[name]["role"] != label for name in (one.source, one.target)):
            message = f"{one.kind} ties join {label}s"
            survey.complain(message, one.line, found=shown)
        elif one.source == one.target:
            survey.complain("a tie needs two people", one.line, found=shown)
        if one.kind == "advice" and one.trust is not None:
            hint = "leave it empty"
            survey.complain("advice ties carry no trust", one.line, key=about, hint=hint)
        key = (one.source, one.target, one.kind)
        if key in seen:
            hint = f"first in line {seen[key]}" if seen[key] else ""
            survey.complain(f"the same {one.kind} tie again", one.line, found=shown, hint=hint)
        seen.setdefault(key, one.line)


def _hint(survey: _Survey, graph: SupportGraph, name: str) -> str:
    """Return what helps to find the right name of a seat."""
    found = re.fullmatch(r"(principal|teacher)-(\d+)(?:-\d+)?", name)
    if found:
        schools = sum(1 for _ in _seats(graph, Role.PRINCIPAL))
        if int(found[2]) >= schools:
            return f"schools are numbered 0 to {schools - 1}"
        if found[1] == "teacher":
            school = int(found[2])
            count = sum(graph.nodes[one]["school"] == school for one in _seats(graph, Role.TEACHER))
            return f"school {school} has teacher-{school}-0 to teacher-{school}-{count - 1}"
    if not survey.hints:
        return ""
    survey.hints -= 1
    return did_you_mean(nearest(name, graph))


def _seats(graph: SupportGraph, role: Role) -> Iterator[str]:
    for name, data in graph.nodes(data=True):
        if data["role"] == role.label:
            yield name
