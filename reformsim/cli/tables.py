"""The tables that commands print, in any width: no number is ever cropped or broken.

A command says what stands in a table. How it is laid out depends on the terminal: `layout.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .console import console, spelt_out

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence


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
    heads = [_head(column, numbers) for column in columns]
    body = [[_cell(given) for given in row] for row in rows]
    rule = "-" if out.options.ascii_only else "─"
    lines, shown = laid_out(heads, body, out.width, rule, all_of_them=not rest)
    if title:
        out.say(title, "bold")
    out.say("")
    for line in lines:
        out.print(line, soft_wrap=True)
    out.say("")
    if left := len(heads) - shown:
        out.say(f"… and {left:,} column{'s' * (left != 1)} more; {rest}", "dim")


def _head(column: Column | str, numbers: Collection[str]) -> Column:
    head = Column(column, number=column in numbers) if isinstance(column, str) else column
    return head._replace(heading=spelt_out(head.heading), below=spelt_out(head.below))


def _cell(given: Cell | str) -> Cell:
    lines, style = ((given,), "") if isinstance(given, str) else given
    return Cell(tuple(spelt_out(line) for line in lines), style)
