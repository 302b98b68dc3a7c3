"""Questions to the tables of an experiment, in SQL."""

from __future__ import annotations

import re
import shlex
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reformsim.errors import Problem, ReformsimError, reason_of
from reformsim.messages import did_you_mean, nearest, show

from . import counting
from .parquet import open_parquet
from .store import ORDER, paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import duckdb
    import pandas as pd
    import pyarrow.dataset as ds

TO_KEEP = {
    "series": "with `outcomes.series.every` above 0",
    "agents": "with `outcomes.agents = true`",
}
"""How an experiment is told to keep a table that not every one has."""
SETTINGS = {
    # Variables of this program are no tables.
    "python_enable_replacements": "false",
    "python_scan_all_frames": "false",
    # Nothing is loaded or fetched, and no secret of the user's is looked up.
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    # What does not fit into memory is refused: where DuckDB may put it, a question may write too.
    "temp_directory": "''",
    # No file, folder or address is read or written.
    "enable_external_access": "false",
    # And none of that can be taken back.
    "lock_configuration": "true",
}
"""What keeps a question from doing anything but reading the views, in the order it is set."""
_NO_TABLE = re.compile(r"Table with name (\S+) does not exist")
_NO_COLUMN = re.compile(r'[Cc]olumn (?:named )?"([^"]+)"')
_DOTTED = re.compile(r"""(?<![\w."'])\w+\.\w+(?![\w."'])""")


def connect(
    folder: Path, memory: int | None = None, counted: counting.Counted | None = None
) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB connection with a view for each table there is: runs, series, events, agents.

    It can do nothing but read them, with at most so many bytes of `memory` if that is given. Whoever
    has looked at the folder already says what is `counted`: to look verifies every file.

    The rows of a view are sorted, so that a question has the same answer whatever the order in
    which runs were done; they are those that count (`counting.py`). Raises ReformsimError if a part
    is damaged or there is no table yet.
    """
    import duckdb

    counted = counted or counting.look(folder, counting.members_in(folder))
    if damaged := counted.damages:
        hint = f"'reformsim experiment resume {folder}' sets it aside and repeats its runs"
        raise ReformsimError(
            *(
                Problem(f"a part is damaged: {part.reason}", str(folder), hint=hint)
                for part in damaged
            )
        )
    files = {table: paths(folder, table, counted.empty) for table in ORDER}
    if not any(files.values()):
        hint = f"'reformsim experiment resume {folder}' does the runs"
        raise ReformsimError(Problem("holds no finished runs yet", str(folder), hint=hint))
    connection = duckdb.connect()
    for table, order in ORDER.items():
        if files[table]:
            rows = connection.from_arrow(_dataset(files[table], numbered=bool(counted.left_out)))
            rows = counting.only_counted(connection, rows, counted)
            rows.order(", ".join(order)).create_view(table)
    if memory is not None:
        connection.execute(f"SET memory_limit = '{memory:d}B'")
    for setting, value in SETTINGS.items():
        connection.execute(f"SET {setting} = {value}")
    return connection


def _dataset(files: Sequence[Path], *, numbered: bool) -> ds.Dataset:
    """Return the rows of files, which are read as they are needed, as one table.

    DuckDB gets rows and no names of files: it would take some for patterns or addresses, and what it
    may read by name it may write to. A column that not every file has is null in the others. If the
    parts are to be `numbered`, the column `counting.PART` says which a row is of.
    """
    import pyarrow as pa
    import pyarrow.dataset as ds
    from pyarrow.fs import LocalFileSystem

    schemas = []
    for path in files:
        try:
            with open_parquet(path) as file:
                schemas.append(file.schema_arrow.remove_metadata())
        except OSError as error:
            problem = Problem(f"cannot be read: {reason_of(error)}", str(path))
            raise ReformsimError(problem) from error
    try:
        schema = pa.unify_schemas(schemas, promote_options="permissive")
    except pa.ArrowException as error:
        message = f"its parts do not fit one another: {reason_of(error)}"
        raise ReformsimError(Problem(message, str(files[0].parent))) from error
    # A text that recurs is in memory once, as it is in the file.
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    for name in texts:
        field = schema.field(name).with_type(pa.dictionary(pa.int32(), pa.string()))
        schema = schema.set(schema.get_field_index(name), field)
    form = ds.ParquetFileFormat(dictionary_columns=texts)
    folder = files[0].absolute().parent
    if not _is_text(str(folder)):
        hint = "give the folder another name"
        raise ReformsimError(
            Problem("has a name that is not in UTF-8", show(str(folder)), hint=hint)
        )
    names = [path.absolute().as_posix() for path in files]
    partitions = None
    if numbered:
        schema = schema.append(pa.field(counting.PART, pa.int64()))
        partitions = [ds.field(counting.PART) == int(path.stem) for path in files]
    return ds.FileSystemDataset.from_paths(
        names, schema=schema, format=form, filesystem=LocalFileSystem(), partitions=partitions
    )


def query(folder: Path, sql: str) -> pd.DataFrame:
    """Return the answer to a question in SQL over the views of `connect`.

    Raises ReformsimError if it is not understood, or does anything but read.
    """
    import pandas  # noqa: F401, ICN001 - an interruption of DuckDB's own import would say it is missing

    with connect(folder) as connection, understood(connection, sql, folder):
        check_question(connection, sql)
        return connection.execute(sql).df()


def check_question(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Raise ReformsimError if a text is not one question.

    It is here for the words: what keeps a question from doing more than reading are `SETTINGS`.
    """
    import duckdb

    if not _is_text(sql):
        raise ReformsimError(Problem("the query is not in UTF-8", found=ascii(sql)))
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise ReformsimError(Problem("is not a single SQL query", found=sql or "nothing"))
    if statements[0].type != duckdb.StatementType.SELECT:
        hint = "begin with SELECT; to write a file, add '--csv > FILE'"
        raise ReformsimError(Problem("queries are read-only", found=show(sql), hint=hint))


@contextmanager
def understood(connection: duckdb.DuckDBPyConnection, sql: str, folder: Path) -> Iterator[None]:
    """Turn what DuckDB says of a question into ReformsimError, and its Ctrl-C into ours."""
    import duckdb

    try:
        yield
    except duckdb.InterruptException as error:
        raise KeyboardInterrupt from error
    except RuntimeError as error:
        if str(error) != "Query interrupted":
            raise
        raise KeyboardInterrupt from error
    except duckdb.PermissionException as error:
        message = "a query can read only the tables of the folder"
        hint = "to write a file, add '--csv > FILE'"
        raise ReformsimError(Problem(message, found=show(sql), hint=hint)) from error
    except (duckdb.OutOfMemoryException, MemoryError) as error:
        raise ReformsimError(too_large()) from error
    except duckdb.Error as error:
        message = (str(error).strip().splitlines() or ["it gives no reason"])[0]
        raise ReformsimError(_explained(message, sql, connection, folder)) from error


def frame(folder: Path, table: str) -> pd.DataFrame:
    """Return one table with its rows in order; empty if nothing was recorded for it."""
    import pandas as pd

    if not paths(folder, table):
        return pd.DataFrame()
    return query(folder, f"SELECT * FROM {table}")


def too_large() -> Problem:
    """Return that a question needs more memory than it gets."""
    hint = "select fewer rows or columns, or aggregate them"
    return Problem("the query needs more memory than it may use", hint=hint)


def _is_text(value: str) -> bool:
    """Say whether a name or question from outside is text; Python lets half characters through."""
    try:
        value.encode()
    except UnicodeError:
        return False
    return True


def _explained(
    message: str, sql: str, connection: duckdb.DuckDBPyConnection, folder: Path
) -> Problem:
    """Return what DuckDB says of a question, with what was probably meant."""
    tables = [str(row[0]) for row in connection.sql("SHOW TABLES").fetchall()]
    if match := _NO_TABLE.search(message):
        return _no_table(match[1].lower(), tables, folder)
    named = [table for table in tables if table in sql] or tables
    columns = [name for table in named for name in connection.table(table).columns]
    sections = {name.partition(".")[0] for name in columns if "." in name}
    for word in _DOTTED.findall(sql):
        if word.partition(".")[0] in sections:
            return _no_column(message, word, columns, named[0], folder)
    if match := _NO_COLUMN.search(message):
        return _no_column(message, match[1], columns, named[0], folder)
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
            hint=f"{meant}put a column with a dot in double quotes, and the query in single ones:"
            f" 'SELECT \"{near}\" …'",
        )
    whole = f"'reformsim query {shlex.quote(str(folder))} \"DESCRIBE {table}\"' lists the columns"
    return Problem(message, hint=did_you_mean(near) or whole)
