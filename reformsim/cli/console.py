"""What the commands print with: text and tables for people, one JSON document for programs."""

from __future__ import annotations

import json
import math
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

PIPE_WIDTH = 120
"""Columns of a table that goes to a file or another program."""


def console(*, stderr: bool = False) -> Console:
    """Return a Rich console; it colours nothing unless it writes to a terminal."""
    from rich.console import Console

    made = Console(stderr=stderr, highlight=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = PIPE_WIDTH
    return made


def say(*what: RenderableType, style: str = "", quiet: bool = False) -> None:
    """Print text or tables on stdout; a long line of text is left to the terminal to break."""
    if not quiet:
        out = console()
        for one in what:
            if isinstance(one, str):
                out.print(one, style=style, markup=False, soft_wrap=True)
            else:
                out.print(one)


def table(
    columns: Iterable[str],
    rows: Iterable[Sequence[str | Text]],
    title: str = "",
    numbers: Iterable[str] = (),
    fold: Iterable[str] = (),
) -> Table:
    """Return a table; the columns in `numbers` are set to the right, those in `fold` may wrap."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    right, wrapped = set(numbers), set(fold)
    for name in columns:
        made.add_column(
            name,
            justify="right" if name in right else "left",
            no_wrap=name not in wrapped,
            overflow="fold" if name in wrapped else "ellipsis",
        )
    for row in rows:
        made.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return made


def two_lines(first: str, second: str) -> Text:
    """Return the text of a cell with something of less weight below."""
    from rich.text import Text

    return Text(first).append(f"\n{second}", style="dim")


def print_json(document: Any) -> None:
    """Print one JSON document on stdout; what is undefined becomes null, as JSON knows no NaN."""
    unicode = "utf" in (sys.stdout.encoding or "").lower()
    text = json.dumps(plain(document), indent=2, ensure_ascii=not unicode, allow_nan=False)
    sys.stdout.write(f"{text}\n")


def plain(value: Any) -> Any:
    """Return a value with only what JSON knows: tables as lists of rows, NaN as None."""
    if hasattr(value, "to_dict"):
        return plain(value.to_dict("records"))
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def number(value: float, decimals: int = 3) -> str:
    """Return a number with at most so many decimals, fewer if it is large; a dash if undefined."""
    if math.isnan(value):
        return "–"
    shown = f"{value:,.{0 if abs(value) >= 100 else decimals}f}"
    nothing = not shown.strip("-0.,")
    return shown.lstrip("-") if nothing else shown.replace("-", "−")


def end(value: float, decimals: int = 3) -> str:
    """Return an end of an interval: below 0 it has a sign, so that one sees whether 0 is covered."""
    shown = number(value, decimals)
    return f"−{shown}" if value < 0 and not shown.startswith("−") else shown


def signed(value: float, decimals: int = 3) -> str:
    """Return a number with its sign."""
    shown = number(value, decimals)
    return f"+{shown}" if value > 0 and shown.strip("0.,") else shown
