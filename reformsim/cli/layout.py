"""How a table is laid out in a width.

To make room, headings of numbers are wrapped first, then text, and at last cells of numbers, but
between their numbers only. What is still too wide is stacked: a block for each row, in which every
value stands behind its heading. Where a table can have any number of columns and has many, the last
ones are left out instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from rich.text import Text

from .tables import Cell
from .wrapping import atoms, figures, parts, pieces, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from .tables import Column

BETWEEN = 2
"""Spaces between two columns."""
SLIM = 12
"""A column of text may always be as narrow as this."""
LONG = 40
"""A word that is longer may be broken."""
MANY = 8
"""Columns that are stacked in any case."""
DIM = "dim not bold"
"""What is of less weight: second lines, and headings in front of their values."""


class _Measured(NamedTuple):
    """A column, and how wide it is as it stands, with some of it wrapped, and with all of it."""

    column: Column
    cells: list[Cell]
    widths: tuple[int, int, int]


def laid_out(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    width: int,
    *,
    all_of_them: bool,
) -> tuple[Iterator[Text], int]:
    """Return the lines of a table, and how many columns it shows: all, unless some may be left out."""
    every = [
        _measured(column, [row[nth] for row in rows], parts if nth == 0 else pieces)
        for nth, column in enumerate(columns)
    ]
    shown, widths = every, _widths(every, width)
    all_of_them = all_of_them or len(every) <= MANY
    while widths is None and not all_of_them and len(shown) > 1:
        shown = shown[:-1]
        widths = _widths(shown, width)
    if widths is None:
        return _stacked(columns[: len(shown)], rows, width), len(shown)
    return _side_by_side(shown, widths), len(shown)


def _measured(column: Column, cells: list[Cell], smallest: Callable[[str], list[str]]) -> _Measured:
    """Measure a column; `smallest` says where text may be broken: the names of rows stay whole."""
    head = [column.heading, column.below]
    lines = [line for cell in cells for line in cell.lines]
    natural = _widest([*head, *lines])
    number = _widest([*head, *lines], atoms)
    if column.number:
        above = _widest(head, figures)
        narrow = [_widest(lines), max(number, min(LONG, _widest(lines, figures)))]
        return _Measured(column, cells, (natural, max(above, narrow[0]), max(above, narrow[1])))
    longest = [min(LONG, _widest([*head, *lines], split)) for split in (parts, smallest)]
    narrow = [min(natural, max(SLIM, number, least)) for least in longest]
    return _Measured(column, cells, (natural, narrow[0], narrow[1]))


def _widest(lines: Iterable[str], split: Callable[[str], list[str]] | None = None) -> int:
    """Return the cells of a terminal that the widest line takes, or the widest part of any."""
    texts = lines if split is None else (part for line in lines for part in split(line))
    return max((cell_len(part.rstrip()) for part in texts), default=0)


def _widths(measured: Sequence[_Measured], width: int) -> list[int] | None:
    """Return how wide each column is, side by side; None if they do not fit."""
    room = width - BETWEEN * (len(measured) - 1)
    for numbers, text in ((0, 0), (1, 0), (1, 1), (2, 1), (2, 2)):
        taken = [measure.widths[numbers if measure.column.number else text] for measure in measured]
        if sum(taken) <= room:
            return _shared(taken, measured, room)
    return None


def _shared(taken: list[int], measured: Sequence[_Measured], room: int) -> list[int]:
    """Return widths with the room that is left used: for numbers in one line, then for text.

    Where least is missing for numbers they get it first; of text, the fullest column does.
    """
    numbers = [nth for nth, measure in enumerate(measured) if measure.column.number]
    for nth in sorted(numbers, key=lambda nth: measured[nth].widths[1] - taken[nth]):
        if (missing := measured[nth].widths[1] - taken[nth]) <= room - sum(taken):
            taken[nth] += max(0, missing)
    text = [nth for nth, measure in enumerate(measured) if not measure.column.number]
    for _ in range(room - sum(taken)):
        short = [nth for nth in text if taken[nth] < measured[nth].widths[0]]
        if not short:
            break
        taken[max(short, key=lambda nth: measured[nth].widths[0] / max(1, taken[nth]))] += 1
    return taken


def _side_by_side(measured: Sequence[_Measured], widths: Sequence[int]) -> Iterator[Text]:
    """Yield the lines of a table whose columns are as wide as given."""
    columns = [measure.column for measure in measured]
    heads = [
        Cell((column.heading, column.below) if column.below else (column.heading,))
        for column in columns
    ]
    yield from _row(columns, [head._replace(style="bold") for head in heads], widths, low=True)
    yield Text("─" * (sum(widths) + BETWEEN * (len(widths) - 1)))
    for cells in zip(*(measure.cells for measure in measured), strict=True):
        yield from _row(columns, cells, widths)


def _row(
    columns: Sequence[Column], cells: Sequence[Cell], widths: Sequence[int], *, low: bool = False
) -> Iterator[Text]:
    """Yield the lines of a row; those of a `low` one stand at its foot."""
    filled = [_lines(*each) for each in zip(columns, cells, widths, strict=True)]
    height = max(map(len, filled))
    for lines in filled:
        lines[0 if low else len(lines) : 0] = [("", "")] * (height - len(lines))
    for nth in range(height):
        text = Text()
        for column, lines, width in zip(columns, filled, widths, strict=True):
            line, style = lines[nth]
            space = " " * (width - cell_len(line))
            text.append(space if column.number else "").append(line, style)
            text.append("" if column.number else space).append(" " * BETWEEN)
        text.rstrip()
        yield text


def _lines(column: Column, filling: Cell, width: int) -> list[tuple[str, str]]:
    """Return the lines of a cell in a width, each with its style."""
    split = figures if column.number else parts
    first, *below = filling.lines
    lines = [(line, filling.style) for line in wrapped(first, width, split)]
    return lines + [(line, DIM) for text in below for line in wrapped(text, width, split)]


def _stacked(
    columns: Sequence[Column], rows: Iterable[Sequence[Cell]], width: int
) -> Iterator[Text]:
    """Yield the lines of blocks: the first value of a row, and below it all others."""
    for row in rows:
        first, *others = _labelled(columns, row) or [("", "–", "")]
        yield from (Text(line, "bold") for line in wrapped(first[1], width))
        for label, value, style in others:
            head = f"{label}: " if label else ""
            if cell_len(f"  {head}{value}") <= width:
                yield Text.assemble("  ", (head, DIM), (value, style))
                continue
            yield from (Text(f"  {line}", DIM) for line in wrapped(head, width - 2) if head)
            yield from (Text(f"    {line}", style) for line in wrapped(value, width - 4))


def _labelled(columns: Sequence[Column], row: Sequence[Cell]) -> list[tuple[str, str, str]]:
    """Return what is not empty in a row: the heading, the value in one line, its style."""
    cells = []
    for column, (lines, style) in zip(columns, row, strict=False):
        if column.pairs:
            second = zip((column.heading, column.below), lines, (style, ""), strict=False)
            cells += list(second)
            continue
        label = ", ".join(filter(None, (column.heading, column.below)))
        value = lines[0]
        for line in lines[1:]:
            value += f" {line}" if line.startswith("[") else f", {line}"
        cells.append((label, value, style))
    return [cell for cell in cells if cell[1]]
