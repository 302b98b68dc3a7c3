"""`reformsim query`: a question in SQL to the tables of an experiment."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from .console import print_json, say, table
from .options import Json

MOST_ROWS = 100
"""Of a table for people."""


def query(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="An experiment's folder.", show_default=False)
    ],
    sql: Annotated[
        str,
        typer.Argument(
            metavar="SQL",
            help='A question, as "SELECT strategy, avg(leadership_gain_end) FROM runs GROUP BY'
            ' strategy". The tables are runs, series, events and agents; a column with a dot stands'
            " in double quotes.",
            show_default=False,
        ),
    ],
    as_csv: Annotated[
        bool,
        typer.Option("--csv", help="Print CSV and nothing else.", rich_help_panel="What comes out"),
    ] = False,
    as_json: Json = False,
) -> None:
    """Ask the tables of an experiment a question in SQL (DuckDB)."""
    from reformsim.errors import ReformsimError
    from reformsim.results.manifest import read_manifest
    from reformsim.results.query import query as ask

    if as_csv and as_json:
        raise ReformsimError("--csv and --json exclude one another")
    if not (folder / "checksums").is_dir():
        read_manifest(folder)  # says what is wrong with the folder
    answer = ask(folder, sql)
    if as_csv:
        answer.to_csv(sys.stdout, index=False, lineterminator="\n")
    elif as_json:
        print_json(answer)
    else:
        shown = answer.head(MOST_ROWS)
        numbers = [str(name) for name in answer.select_dtypes("number").columns]
        rows = [[_cell(value) for value in row] for row in shown.itertuples(index=False)]
        say(table([str(name) for name in answer.columns], rows, numbers=numbers))
        if len(answer) > MOST_ROWS:
            say(f"… and {len(answer) - MOST_ROWS:,} rows more; --csv prints them all", style="dim")


def _cell(value: Any) -> str:
    """Return a value for a person; what is undefined is a dash."""
    if value is None or value != value:  # noqa: PLR0124 - only NaN differs from itself
        return "–"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
