"""Reading the ties of a survey from a CSV edge list."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from reformsim.errors import ScenarioError
from reformsim.messages import did_you_mean, nearest, show
from reformsim.scenario.toml import text_of

from .survey import MOST_TIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .survey import Survey

COLUMNS = ("source", "target", "kind")
OPTIONAL = ("trust", "depth")
LONGEST_LINE = 10_000
MOST_LINES = 100
"""How long a line may be, in characters, and a row, in lines."""


def read_edge_list(survey: Survey, content: bytes) -> None:
    """Add the ties of an edge list, or what is wrong with it."""
    try:
        text = text_of(content)
    except ScenarioError as error:
        (problem,) = error.problems
        survey.give_up(problem.message, problem.line, hint=problem.hint)
    line = 1

    def lines() -> Iterator[str]:
        # Lines end as the file has them: a cell in quotation marks may hold line ends of its own.
        for number, written in enumerate(io.StringIO(text, newline=""), 1):
            if len(written) > LONGEST_LINE or number - line > MOST_LINES:
                raise csv.Error("a row is longer than any tie")
            yield written

    rows = csv.reader(lines(), strict=True, skipinitialspace=True)
    columns: dict[str, int] = {}
    try:
        for row in rows:
            if columns:
                _read_row(survey, columns, row, line)
            elif any(map(str.strip, row)):
                names = _header_of(survey, [cell.strip() for cell in row], line)
                columns = {name: number for number, name in enumerate(names)}
            line = rows.line_num + 1
            if line > MOST_TIES:
                survey.give_up(f"holds more than {MOST_TIES:,} lines", line)
    except csv.Error as error:
        survey.complain(f"is not CSV: {error}", line)


def _header_of(survey: Survey, cells: list[str], line: int) -> list[str]:
    """Return the names of the columns; raises ReformsimError if they are not those of ties."""
    # Spreadsheets leave commas at the ends of lines.
    names = [cell.lower() for cell in _without_empty_end(cells, 0)]
    known = (*COLUMNS, *OPTIONAL)
    allowed = f"{','.join(COLUMNS)} or {','.join(known)}"
    near = {name: nearest(name, known) for name in dict.fromkeys(names) if name not in known}
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        # Of a file that is no edge list nothing is shown: who knows what it is.
        related = any(name in known for name in names) or any(near.values())
        separator = next((sign for sign in ";\t|" if sign in ",".join(cells)), "")
        hint = "columns are separated by commas" if len(cells) == 1 and separator else ""
        survey.give_up(
            f"the header lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}",
            line,
            found=show(",".join(cells)) if related else "",
            allowed=allowed,
            hint=hint,
        )
    for name, likely in near.items():
        hint = did_you_mean(likely)
        survey.complain(f"unknown column {show(name)}", line, allowed=allowed, hint=hint)
    if len(set(names)) < len(names):
        survey.complain("a column is named twice", line, found=show(",".join(cells)))
    survey.give_up_on_problems()
    return names


def _read_row(survey: Survey, columns: dict[str, int], row: list[str], line: int) -> None:
    if len(row) != len(columns):
        cells = _without_empty_end([cell.strip() for cell in row], len(columns))
        if not any(cells):
            return
        if len(cells) != len(columns):
            count = f"{len(cells)} cell{'s' * (len(cells) != 1)}"
            survey.complain("wrong number of cells", line, found=count, allowed=str(len(columns)))
            return
        row = cells
    ends = row[columns["source"]].strip(), row[columns["target"]].strip()
    trust, depth = (row[columns[name]] if name in columns else None for name in OPTIONAL)
    if ends != ("", "") or any(map(str.strip, row)):
        survey.add(ends, row[columns["kind"]], trust, line, depth=depth)


def _without_empty_end(cells: list[str], least: int) -> list[str]:
    """Return cells without the empty ones at their end, but at least so many."""
    count = len(cells)
    while count > least and not cells[count - 1]:
        count -= 1
    return cells[:count]
