"""`reformsim query`: a question in SQL to the tables of an experiment."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import console, print_json, say, table
from .options import Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

MOST_ROWS = 100
"""Of a table for people."""
WIDEST = 40
"""Characters of a cell in one line; longer text is folded."""
BETWEEN = 3
"""Characters between two columns."""


def query(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="An experiment's folder.", show_default=False)
    ],
    sql: Annotated[
        str,
        typer.Argument(
            metavar="SQL",
            help='A question, as "SELECT strategy, avg(leadership_gain_end) FROM runs GROUP BY'
            ' strategy". The tables are runs, series, events and agents, and "DESCRIBE runs" lists'
            " the columns of one; a column with a dot stands in double quotes. A question only reads:"
            " for a file, write --csv > FILE.",
            show_default=False,
        ),
    ],
    as_csv: Annotated[
        bool,
        typer.Option(
            "--csv",
            help="Print CSV and nothing else: every row and column.",
            rich_help_panel="What comes out",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Ask the tables of an experiment a question in SQL (DuckDB)."""
    from reformsim.errors import ReformsimError
    from reformsim.results import counting
    from reformsim.results.query import query as ask

    if as_csv and as_json:
        raise ReformsimError("--csv and --json exclude one another")
    if not (folder / "checksums").is_dir():
        from reformsim.experiments.recipe import recipe_of

        recipe_of(folder)  # says what is wrong with the folder
    answer = ask(folder, sql)
    for note in counting.count(folder, counting.members_in(folder)).notes:
        console(stderr=True).print(f"Note: {note}.", style="yellow", markup=False, soft_wrap=True)
    if as_csv:
        answer.to_csv(sys.stdout, index=False, lineterminator="\n")
    elif as_json:
        print_json(answer)
    else:
        _show(answer)


def _show(answer: pd.DataFrame) -> None:
    """Print what fits on a screen, and how much more there is."""
    rows = [
        [_cell(value) for value in row] for row in answer.head(MOST_ROWS).itertuples(index=False)
    ]
    names = [str(name) for name in answer.columns]
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    many = _fitting(widths, console().width)
    numbers = [str(name) for name in answer.select_dtypes("number").columns]
    long = [name for name, width in zip(names, widths, strict=True) if width > WIDEST]
    say(table(names[:many], [row[:many] for row in rows], numbers=numbers, fold=long))
    if len(names) > many:
        say(f"… and {len(names) - many:,} columns more; --csv prints them all", style="dim")
    if len(answer) > MOST_ROWS:
        say(f"… and {len(answer) - MOST_ROWS:,} rows more; --csv prints them all", style="dim")


def _fitting(widths: Sequence[int], room: int) -> int:
    """Return how many columns of these widths fit beside one another, at least one."""
    taken = 0
    for place, width in enumerate(widths):
        taken += min(width, WIDEST) + BETWEEN
        if taken > room and place:
            return place
    return len(widths)


def _cell(value: Any) -> str:
    """Return a value for a person; what is undefined is a dash."""
    if value is None or value != value:  # noqa: PLR0124 - only NaN differs from itself
        return "–"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
