"""The tables that commands print, in any width: no number is ever cropped or broken.

A command says what stands in a table. How it is laid out depends on the terminal: `layout.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .console import console

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from .terminal import Terminal


class Column(NamedTuple):
    """What stands above a column, and what is in it."""

    heading: str
    below: str = ""
    """The second line of the heading: the rest of it, or what the cells' second lines are."""
    number: bool = False
    pairs: bool = False
    """Whether the second line of a cell is a value of its own, with `below` for a heading."""


class Cell(NamedTuple):
    """What stands in one column of a row: a line, and others of less weight below it."""

    lines: tuple[str, ...]
    style: str = ""


def cell(text: str, *below: str, style: str = "") -> Cell:
    """Return a cell; `style` is that of its first line."""
    return Cell((text, *below), style)


def say_table(
    columns: Iterable[Column | str],
    rows: Iterable[Sequence[Cell | str]],
    title: str = "",
    *,
    numbers: Collection[str] = (),
    rest: str = "",
) -> None:
    """Print a table on stdout; `numbers` names columns that hold numbers.

    If columns may be left out, `rest` says where they can be seen.
    """
    from .layout import laid_out

    out = console()
    heads = [_head(column, numbers, out) for column in columns]
    body = [[_cell(given, out) for given in row] for row in rows]
    lines, shown = laid_out(heads, body, out.width, all_of_them=not rest)
    if title:
        out.say(title, "bold")
    out.say("")
    for line in lines:
        out.print(line, soft_wrap=True)
    out.say("")
    if left := len(heads) - shown:
        out.say(f"… and {left:,} column{'s' * (left != 1)} more; {rest}", "dim")


def _head(column: Column | str, numbers: Collection[str], out: Terminal) -> Column:
    head = Column(column, number=column in numbers) if isinstance(column, str) else column
    return head._replace(heading=out.written(head.heading), below=out.written(head.below))


def _cell(given: Cell | str, out: Terminal) -> Cell:
    lines, style = ((given,), "") if isinstance(given, str) else given
    return Cell(tuple(out.written(line) for line in lines), style)
