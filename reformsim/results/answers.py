"""Answers to questions in SQL, in texts that every program reads, within bounds of time and memory."""

from __future__ import annotations

import math
import re
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Literal, NamedTuple, NoReturn, TypeVar

from reformsim.errors import Problem, ReformsimError

from .query import check_question, connect, understood

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import duckdb

    from .counting import Counted

Form = Literal["text", "json"]
_Value = TypeVar("_Value")

AT_A_TIME = 2_000
"""Rows that are held in memory."""
SECONDS_TO_STOP = 2.0
"""For a question that is interrupted; what has not ended by then is left to itself."""
SECONDS_TO_LOOK = 0.1
"""After so long a Ctrl-C is noticed where the system does not wake whoever waits."""

# DuckDB's names of types.
NESTED = frozenset({"list", "array", "struct", "map", "union", "variant"})
INTEGERS = frozenset(
    f"{sign}{size}int" for sign in ("", "u") for size in ("tiny", "small", "big", "huge")
)
NUMBERS = INTEGERS | {"integer", "uinteger", "bignum", "decimal", "float", "double"}
TEXTS = frozenset({"varchar", "enum", "blob"})
_THREAD = "question to DuckDB"
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|NaN|-?Infinity')
_NO_JSON = {"NaN": "null", "Infinity": '"Infinity"', "-Infinity": '"-Infinity"'}


class Column(NamedTuple):
    """A column of an answer."""

    name: str
    """Different from all others'."""
    kind: str
    """DuckDB's name of its type, without what is inside."""

    @property
    def number(self) -> bool:
        """Whether it holds numbers."""
        return self.kind in NUMBERS

    @property
    def text(self) -> bool:
        """Whether it holds what somebody may have written."""
        return self.kind in TEXTS


class Answer(NamedTuple):
    """What a question came to, while it is open."""

    columns: list[Column]
    rows: Iterator[tuple[str | None, ...]]
    """The values as texts, None where there is nothing. They can be read once."""
    count: Callable[[int], int]
    """Returns how many rows there are, at most the number that is given."""


@contextmanager
def ask(
    folder: Path,
    sql: str,
    form: Form = "text",
    longest: int | None = None,
    seconds: float = math.inf,
    memory: int | None = None,
    counted: Counted | None = None,
) -> Iterator[Answer]:
    """Ask the tables of a folder a question, and give the answer to be read.

    In the form `text` values are as DuckDB writes them, but lists, structs and maps as JSON, and a
    text has at most `longest` characters. In the form `json` each value is a document of its own.

    What is `counted` is as for `connect`.
    Raises ReformsimError if the question is not understood or does anything but read, if all takes
    longer than so many `seconds`, reading included, or DuckDB more `memory`, in bytes.
    """
    connection = connect(folder, memory, counted)
    watch = _Watch(connection, seconds)

    def heeded(work: Callable[[], _Value]) -> _Value:
        with understood(connection, sql, folder):
            return watch.heeded(work)

    def bound() -> duckdb.DuckDBPyRelation:
        check_question(connection, sql)
        return connection.sql(sql)

    def rows(text: str, mended: list[bool]) -> Iterator[tuple[str | None, ...]]:
        heeded(lambda: connection.execute(text))
        while batch := heeded(lambda: connection.fetchmany(AT_A_TIME)):
            for row in batch:
                yield tuple(
                    _as_json(value) if value and mend else value
                    for value, mend in zip(row, mended, strict=True)
                )

    def count(most: int) -> int:
        text = question.limit(most).aggregate("count(*)").sql_query()
        return int(heeded(lambda: connection.execute(text).fetchall())[0][0])

    try:
        question = heeded(bound)
        kinds = [kind.id for kind in question.types]
        columns = list(map(Column, _different(question.columns), kinds))
        values = [_VALUE[form](f"#{position}", kind) for position, kind in enumerate(kinds, 1)]
        if longest is not None:
            values = [f"left({value}, {longest:d})" for value in values]
        text = question.project(", ".join(values)).sql_query()
        mended = [form == "json" or kind in NESTED for kind in kinds]
        yield Answer(columns, rows(text, mended), count)
    finally:
        watch.close()


def left_behind() -> bool:
    """Say whether a question that was given up goes on all the same: DuckDB is busy with one value."""
    return any(thread.name == _THREAD for thread in threading.enumerate())


class _Watch:
    """Works in a thread of its own, so that Ctrl-C and the clock are heeded whatever DuckDB does."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, seconds: float) -> None:
        self._connection, self._seconds = connection, seconds
        self._deadline = time.monotonic() + seconds
        self._busy = False

    def heeded(self, work: Callable[[], _Value]) -> _Value:
        """Return what work comes to. Raises ReformsimError if there is no more time for it."""
        came: list[_Value] = []
        failed: list[BaseException] = []

        def run() -> None:
            try:
                came.append(work())
            except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                failed.append(error)

        ended = _begun(run)
        try:
            while (left := self._deadline - time.monotonic()) > 0:
                if ended.acquire(timeout=min(left, SECONDS_TO_LOOK)):
                    break
            else:
                self._give_up()
        except BaseException:
            self._stop(ended)
            raise
        if failed:
            raise failed[0]
        return came[0]

    def close(self) -> None:
        """Close the connection, unless that would be to wait for what is left behind."""

        def close_connection() -> None:
            # DuckDB may still be busy with what was interrupted; the connection then goes with the process.
            with suppress(Exception):
                self._connection.close()

        if not self._busy:
            _begun(close_connection).acquire(timeout=SECONDS_TO_STOP)

    def _give_up(self) -> NoReturn:
        hint = "select less, or raise --seconds"
        message = f"the query took longer than {self._seconds:g} s"
        raise ReformsimError(Problem(message, hint=hint))

    def _stop(self, ended: threading.Lock) -> None:
        """Interrupt what goes on, again and again: what has not quite begun does not heed."""
        until = time.monotonic() + SECONDS_TO_STOP
        self._busy = True
        while self._busy and time.monotonic() < until:
            self._connection.interrupt()
            self._busy = not ended.acquire(timeout=SECONDS_TO_LOOK)


def _begun(work: Callable[[], None]) -> threading.Lock:
    """Begin work in a thread, and return a lock that is let go when it has ended.

    A bare lock: a Ctrl-C in the Python code of an Event or of Thread.join can leave these broken.
    """
    ended = threading.Lock()
    ended.acquire()

    def run() -> None:
        try:
            work()
        finally:
            ended.release()

    try:
        threading.Thread(target=run, name=_THREAD, daemon=True).start()
    except RuntimeError as error:  # the only reason there is: no room for another thread
        raise MemoryError from error
    return ended


def _text(value: str, kind: str) -> str:
    """Return what gives a value as text."""
    return f"CAST({f'to_json({value})' if kind in NESTED else value} AS VARCHAR)"


def _json(value: str, kind: str) -> str:
    """Return what gives a value as a JSON document."""
    if kind == "decimal":  # every digit
        return f"CAST({value} AS VARCHAR)"
    if kind == "float":  # 0.1 and not the nearest double to the nearest float to it
        value = f"CAST(CAST({value} AS VARCHAR) AS DOUBLE)"
    return f"CAST(to_json({value}) AS VARCHAR)"


_VALUE: dict[Form, Callable[[str, str], str]] = {"text": _text, "json": _json}


def _as_json(text: str) -> str:
    """Return what DuckDB takes for JSON without the numbers that JSON does not know."""
    if "NaN" not in text and "Infinity" not in text:
        return text
    return _TOKEN.sub(lambda match: _NO_JSON.get(match[0], match[0]), text)


def _different(names: Iterable[str]) -> list[str]:
    """Return names of columns, with a number where one has been there before."""
    made: dict[str, None] = {}
    again: Counter[str] = Counter()
    for name in names:
        unique = name
        while unique in made:
            again[name] += 1
            unique = f"{name}_{again[name]}"
        made[unique] = None
    return list(made)
