"""Questions to the tables of an experiment, in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.errors import Problem, ReformsimError

from .store import ORDER, damages, paths

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    import pandas as pd


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB connection with a view for each table there is: runs, series, events, agents.

    The rows of a view are sorted, so that a question has the same answer whatever the order in
    which runs were done. Raises ReformsimError if a part is damaged or there is no table yet.
    """
    import duckdb

    damaged = damages(folder)
    if damaged:
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
        files = [str(path) for path in paths(folder, table)]
        if files:
            found = True
            rows = connection.read_parquet(files, union_by_name=True)
            rows.order(", ".join(order)).create_view(table)
    if not found:
        hint = f"'reformsim experiment resume {folder}' does the runs"
        raise ReformsimError(Problem("holds no finished runs yet", str(folder), hint=hint))
    return connection


def query(folder: Path, sql: str) -> pd.DataFrame:
    """Return the answer to a question in SQL over the views of `connect`.

    Raises ReformsimError, with what DuckDB says and the columns there are, if it is not understood.
    """
    import duckdb

    with connect(folder) as connection:
        try:
            if len(connection.extract_statements(sql)) != 1:
                raise ReformsimError(Problem("is not one question in SQL", found=sql or "nothing"))
            return connection.execute(sql).df()
        except duckdb.Error as error:
            message = str(error).strip().splitlines()[0]
            raise ReformsimError(Problem(message, hint=_what_there_is(connection, sql))) from error


def frame(folder: Path, table: str) -> pd.DataFrame:
    """Return one table with its rows in order; empty if nothing was recorded for it."""
    import pandas as pd

    if not paths(folder, table):
        return pd.DataFrame()
    return query(folder, f"SELECT * FROM {table}")


def _what_there_is(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The columns of the tables that a question names, else of all."""
    tables = [str(row[0]) for row in connection.sql("SHOW TABLES").fetchall()]
    named = [table for table in tables if table in sql] or tables
    columns = {
        table: [f'"{name}"' if "." in name else name for name in connection.table(table).columns]
        for table in named
    }
    return "; ".join(f"columns of {table}: {', '.join(names)}" for table, names in columns.items())
