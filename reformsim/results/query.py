"""Questions to the tables of an experiment, in SQL."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from reformsim.errors import Problem, ReformsimError
from reformsim.scenario.locating import did_you_mean, nearest, show

from . import counting
from .store import ORDER, paths

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    import pandas as pd

TO_KEEP = {
    "series": "with `outcomes.series.every` above 0",
    "agents": "with `outcomes.agents = true`",
}
"""How an experiment is told to keep a table that not every one has."""
_NO_TABLE = re.compile(r"Table with name (\S+) does not exist")
_NO_COLUMN = re.compile(r'[Cc]olumn (?:named )?"([^"]+)"')
_DOTTED = re.compile(r"""(?<![\w."'])\w+\.\w+(?![\w."'])""")


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB connection with a view for each table there is: runs, series, events, agents.

    The rows of a view are sorted, so that a question has the same answer whatever the order in
    which runs were done; they are those that count (`counting.py`). Raises ReformsimError if a part
    is damaged or there is no table yet.
    """
    import duckdb

    counted = counting.look(folder, counting.members_in(folder))
    if damaged := counted.damages:
        hint = f"'reformsim experiment resume {folder}' sets it aside and does its runs again"
        raise ReformsimError(
            *(
                Problem(f"a part is damaged: {one.reason}", str(folder), hint=hint)
                for one in damaged
            )
        )
    connection = duckdb.connect()
    found = False
    for table, order in ORDER.items():
        files = [str(path) for path in paths(folder, table, counted.empty)]
        if files:
            found = True
            named = bool(counted.left_out)
            rows = connection.read_parquet(files, union_by_name=True, filename=named)
            rows = counting.only_counted(connection, rows, counted)
            rows.order(", ".join(order)).create_view(table)
    if not found:
        hint = f"'reformsim experiment resume {folder}' does the runs"
        raise ReformsimError(Problem("holds no finished runs yet", str(folder), hint=hint))
    return connection


def query(folder: Path, sql: str) -> pd.DataFrame:
    """Return the answer to a question in SQL over the views of `connect`.

    Raises ReformsimError if it is not understood, or does anything but read.
    """
    import duckdb

    with connect(folder) as connection:
        try:
            statements = connection.extract_statements(sql)
            if len(statements) != 1:
                raise ReformsimError(Problem("is not one question in SQL", found=sql or "nothing"))
            if statements[0].type != duckdb.StatementType.SELECT:
                hint = "begin with SELECT; for a file, write '--csv > FILE' after the question"
                raise ReformsimError(Problem("a question only reads", found=show(sql), hint=hint))
            return connection.execute(sql).df()
        except duckdb.Error as error:
            message = str(error).strip().splitlines()[0]
            raise ReformsimError(_explained(message, sql, connection, folder)) from error


def frame(folder: Path, table: str) -> pd.DataFrame:
    """Return one table with its rows in order; empty if nothing was recorded for it."""
    import pandas as pd

    if not paths(folder, table):
        return pd.DataFrame()
    return query(folder, f"SELECT * FROM {table}")


def _explained(
    message: str, sql: str, connection: duckdb.DuckDBPyConnection, folder: Path
) -> Problem:
    """Return what DuckDB says of a question, with what was probably meant."""
    tables = [str(row[0]) for row in connection.sql("SHOW TABLES").fetchall()]
    if found := _NO_TABLE.search(message):
        return _no_table(found[1].lower(), tables, folder)
    named = [table for table in tables if table in sql] or tables
    columns = [name for table in named for name in connection.table(table).columns]
    sections = {name.partition(".")[0] for name in columns if "." in name}
    for word in _DOTTED.findall(sql):
        if word.partition(".")[0] in sections:
            return _no_column(message, word, columns, named[0], folder)
    if found := _NO_COLUMN.search(message):
        return _no_column(message, found[1], columns, named[0], folder)
    return Problem(message)


def _no_table(name: str, tables: list[str], folder: Path) -> Problem:
    if name in TO_KEEP:
        rerun = (
            f"'reformsim experiment rerun {shlex.quote(str(folder))} RUN_ID' keeps those of one run"
        )
        hint = f"an experiment keeps them {TO_KEEP[name]} in its file or after --set; {rerun}"
        return Problem(f"this experiment kept no {name}", hint=hint)
    if name in ORDER:
        return Problem(f"this experiment has no {name}")
    hint = did_you_mean(nearest(name, tables))
    return Problem(
        "no such table", found=name, allowed="" if hint else ", ".join(tables), hint=hint
    )


def _no_column(message: str, name: str, columns: list[str], table: str, folder: Path) -> Problem:
    near = nearest(name, columns)
    if "." in near:
        meant = "" if name == near else f"{did_you_mean(near)} "
        # A shell takes double quotes away inside of others.
        return Problem(
            message,
            hint=f"{meant}a column with a dot stands in double quotes, and the question then in single"
            f" ones: 'SELECT \"{near}\" …'",
        )
    whole = f"'reformsim query {shlex.quote(str(folder))} \"DESCRIBE {table}\"' lists the columns"
    return Problem(message, hint=did_you_mean(near) or whole)
