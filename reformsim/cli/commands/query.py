"""`reformsim query`: SQL over the tables of an experiment."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, cast

import typer

from ..console import csv_out, json_spelt_out, say
from ..examples import example
from ..failures import show_problems
from ..options import Json
from ..process import INTERRUPTED, USAGE
from ..tables import Column, say_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reformsim.errors import ReformsimError
    from reformsim.results.answers import Answer, Form
    from reformsim.results.answers import Column as Answered

MOST_ROWS = 100
"""Of a table for people."""
MOST_COUNTED = 1_000_000
"""Rows beyond which nobody is told how many there are."""
LONGEST = 10_000
"""Characters of a text in a table for people."""
SHARE, MOST = 0.5, 2**32
"""Of the memory that is free, and bytes at most, for a question."""
BESIDE = 2**29
"""Bytes for the rest of the program, and for rows on their way."""


@example(
    "reformsim query results/turnover-by-budget"
    ' "SELECT strategy, avg(leadership_gain_end) FROM runs GROUP BY strategy"'
)
def query(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Folder of an experiment.", show_default=False)
    ],
    sql: Annotated[
        str,
        typer.Argument(
            metavar="SQL",
            help="A query over the tables runs, series, events and agents; 'DESCRIBE runs' lists the"
            " columns of a table. Put column names that contain a dot in double quotes. Queries are"
            " read-only; to save a result, use --csv > FILE.",
            show_default=False,
        ),
    ],
    as_csv: Annotated[
        bool,
        typer.Option(
            "--csv",
            help="Print every row and column as CSV. Lists and structs are written as JSON; text that a"
            " spreadsheet would read as a formula is prefixed with an apostrophe.",
            rich_help_panel="Output",
        ),
    ] = False,
    as_json: Json = False,
    seconds: Annotated[
        float,
        typer.Option(
            "--seconds",
            metavar="NUMBER",
            min=0.1,
            max=1e6,
            help="Time limit of the query.",
        ),
    ] = 60.0,
) -> None:
    """Query the tables of an experiment in SQL (DuckDB)."""
    from reformsim.engines.memory import available
    from reformsim.errors import ReformsimError
    from reformsim.results import counting
    from reformsim.results.answers import ask, left_behind

    if as_csv and as_json:
        raise ReformsimError("--csv and --json are mutually exclusive")
    if not (folder / "checksums").is_dir():
        from reformsim.experiments.recipe import recipe_of

        recipe_of(folder)  # says what is wrong with the folder
    counted = counting.look(folder, counting.members_in(folder))
    for note in counted.notes:
        say(f"Note: {note}.", style="yellow", stderr=True)
    memory = min(int(SHARE * available()), MOST)
    form: Form = "json" if as_json else "text"
    longest = None if as_csv or as_json else LONGEST + 1
    try:
        with (
            _no_more_than(memory + BESIDE),
            ask(folder, sql, form, longest, seconds, memory, counted) as answer,
        ):
            if as_csv:
                _write_csv(answer)
            elif as_json:
                _write_json(answer)
            else:
                _show(answer)
    except (ReformsimError, KeyboardInterrupt) as error:
        if left_behind():
            _end_at_once(error)
        raise


def _end_at_once(error: BaseException) -> NoReturn:
    """Say what is wrong and end the process, which would otherwise wait for DuckDB."""
    if isinstance(error, KeyboardInterrupt):
        say("", "Stopped.", style="yellow", stderr=True)
    else:
        show_problems(cast("ReformsimError", error))
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(INTERRUPTED if isinstance(error, KeyboardInterrupt) else USAGE)


@contextmanager
def _no_more_than(memory: int) -> Iterator[None]:
    """Let the process take so many bytes more and no more, where the system can see to it.

    DuckDB keeps to its limit with tables, not with a single text or list.
    """
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[5])
    except (ImportError, OSError, ValueError, IndexError):
        yield
        return
    from reformsim.errors import ReformsimError
    from reformsim.results.query import too_large

    before, most = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = pages * resource.getpagesize() + memory
    limits = [one for one in (before, most, wanted) if one != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(limits), most))
    try:
        yield
    except MemoryError as error:
        raise ReformsimError(too_large()) from error
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (before, most))


def _write_csv(answer: Answer) -> None:
    """Print every row as it comes; no spreadsheet calculates what is text."""
    from reformsim.results.spreadsheet import harmless

    def text_field(value: str) -> str:
        return _field(harmless(value))

    write = csv_out().write
    fields = [text_field if column.text else _field for column in answer.columns]
    write(",".join(text_field(column.name) for column in answer.columns) + "\n")
    for row in answer.rows:
        values = zip(fields, row, strict=True)
        write(",".join("" if value is None else field(value) for field, value in values) + "\n")


def _field(value: str) -> str:
    """Return a value as CSV has it; an empty text is in quotes, as what is undefined is empty."""
    if value and not any(one in value for one in ',"\n\r'):
        return value
    return '"' + value.replace('"', '""') + '"'


def _write_json(answer: Answer) -> None:
    """Print every row as it comes, as a list of objects."""
    import json

    plain = "utf" not in (sys.stdout.encoding or "").lower()
    names = [json.dumps(column.name, ensure_ascii=plain) for column in answer.columns]
    between = "[\n  "
    for row in answer.rows:
        values = (value or "null" for value in row)
        text = ", ".join(f"{name}: {value}" for name, value in zip(names, values, strict=True))
        if plain and not text.isascii():
            text = "".join(one if one.isascii() else json.dumps(one)[1:-1] for one in text)
        sys.stdout.write(json_spelt_out(f"{between}{{{text}}}"))
        between = ",\n  "
    sys.stdout.write("[]\n" if between.startswith("[") else "\n]\n")


def _show(answer: Answer) -> None:
    """Print what fits on a screen, and how much more there is."""
    taken = list(islice(answer.rows, MOST_ROWS + 1))
    rows = [list(map(_cell, row, answer.columns)) for row in taken[:MOST_ROWS]]
    columns = [Column(column.name, number=column.number) for column in answer.columns]
    say_table(columns, rows, rest="--csv prints them all")
    if len(taken) > MOST_ROWS:
        more = answer.count(MOST_COUNTED + 1) - MOST_ROWS
        many_more = (
            f"more than {MOST_COUNTED:,}" if more > MOST_COUNTED - MOST_ROWS else f"{more:,}"
        )
        say(f"… and {many_more} rows more; --csv prints them all", style="dim")


def _cell(value: str | None, column: Answered) -> str:
    """Return a value for a person; what is undefined is a dash."""
    if value is None or (column.number and value == "nan"):
        return "–"
    if column.kind in ("double", "float"):
        return f"{float(value):.6g}"
    if len(value) > LONGEST:
        return f"{value[:LONGEST]}… (--csv prints all of it)"
    return value
