"""`reformsim query`: a question in SQL to the tables of an experiment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import csv_out, print_json, say
from .options import Json
from .tables import Column, say_table

if TYPE_CHECKING:
    import pandas as pd

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
            help="Print CSV and nothing else: every row and column. A text that a spreadsheet would"
            " take for a formula gets an apostrophe (') in front.",
            rich_help_panel="What comes out",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Ask the tables of an experiment a question in SQL (DuckDB)."""
    from reformsim.errors import ReformsimError
    from reformsim.results import counting
    from reformsim.results.query import query as ask
    from reformsim.results.spreadsheets import inert_table

    if as_csv and as_json:
        raise ReformsimError("--csv and --json exclude one another")
    if not (folder / "checksums").is_dir():
        from reformsim.experiments.recipe import recipe_of

        recipe_of(folder)  # says what is wrong with the folder
    answer = ask(folder, sql)
    for note in counting.count(folder, counting.members_in(folder)).notes:
        console(stderr=True).print(f"Note: {note}.", style="yellow", markup=False, soft_wrap=True)
    if as_csv:
        inert_table(answer).to_csv(csv_out(), index=False, lineterminator="\n")
    elif as_json:
        print_json(answer)
    else:
        _show(answer)


def _show(answer: pd.DataFrame) -> None:
    """Print what fits on a screen, and how much more there is."""
    rows = [
        [_cell(value) for value in row] for row in answer.head(MOST_ROWS).itertuples(index=False)
    ]
    kinds = [answer.iloc[:, nth : nth + 1] for nth in range(answer.shape[1])]
    columns = [
        Column(str(column.columns[0]), number=bool(column.select_dtypes("number").shape[1]))
        for column in kinds
    ]
    say_table(columns, rows, rest="--csv prints them all")
    if len(answer) > MOST_ROWS:
        say(f"… and {len(answer) - MOST_ROWS:,} rows more; --csv prints them all", style="dim")


def _cell(value: Any) -> str:
    """Return a value for a person; what is undefined is a dash."""
    if value is None or value != value:  # noqa: PLR0124 - only NaN differs from itself
        return "–"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
