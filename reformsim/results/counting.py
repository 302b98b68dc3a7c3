"""Which of the stored runs count: those of the plan, each of them once.

A folder can come to hold a run twice, as when two copies of it were extended apart and laid together,
or when the file `lock` was deleted while a process was writing. And it can hold runs of another
experiment, as when its manifest was lost and it was given another one. Every part says of which
experiment it is, and the manifest says which that of the folder is; see `recipe.py`.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from reformsim.errors import reason_of

from . import manifest, store
from .parquet import open_parquet
from .store import Damage

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa
    from duckdb import DuckDBPyConnection, DuckDBPyRelation
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint64]

_ID = "^[0-9a-f]{16}$"
FAILED = "failed"
"""What stands in the column `status` of a run that failed."""
PART = "part in the folder"
"""A column that says which part a row is of; no column of an experiment has such a name."""
_TEXTS = ("run", "reference", "strategy", "status")
_NEEDED = (*_TEXTS, "seed", "replicate")


class Members(NamedTuple):
    """What tells the runs of an experiment from others."""

    identity: str
    """A hash of what decides which runs are of it, however it is extended; none in old folders."""
    strategies: Mapping[str, str]
    """By name a hash of its scenarios."""
    replicates: int
    seed: int

    @property
    def marks(self) -> dict[str, str]:
        """What is written into every part."""
        return {store.EXPERIMENT: self.identity, store.STRATEGIES: json.dumps(self.strategies)}


class Counted(NamedTuple):
    """What counts of what is stored."""

    ids: Numbers
    """Of the runs that count, sorted: eight bytes each."""
    failed: int
    """How many of them failed."""
    left_out: dict[int, Numbers]
    """By the number of a part, the runs in it that do not count."""
    empty: frozenset[int]
    """Parts in which no run counts."""
    damages: tuple[Damage, ...]
    """Parts that are not what was written, or hold the same run with other numbers."""
    notes: tuple[str, ...]
    """What is to be said wherever numbers are shown."""


def members_of(recipe: Mapping[str, Any]) -> Members:
    """Return what tells the runs of an experiment, by its recipe (`experiments.recipe.recipe_of`)."""
    strategies = recipe.get("members") or {}
    experiment = recipe["experiment"]
    return Members(
        recipe.get("identity", ""), strategies, experiment["replicates"], experiment["seed"]
    )


def members_in(folder: Path) -> Members | None:
    """Return what tells the runs of the experiment in a folder; nothing if no recipe says so.

    Raises ReformsimError as `manifest.read_manifest` does, unless it is missing or damaged.
    """
    if not (folder / manifest.NAME).exists():
        return None
    try:
        recipe: Any = manifest.read_manifest(folder)
        members: Any = members_of(recipe)
    except (manifest.DamagedManifest, KeyError, TypeError, AttributeError):
        return None
    texts = isinstance(members.identity, str) and isinstance(members.strategies, dict)
    numbers = (members.replicates, members.seed)
    whole = all(isinstance(number, int) and abs(number) < 2**62 for number in numbers)
    return members if texts and whole else None


def look(folder: Path, members: Members | None) -> Counted:
    """Verify every file of a folder, and return what counts of those parts that are whole."""
    store.check_links(folder)
    damaged = store.damages(folder)
    counted = count(folder, members, {damage.number for damage in damaged})
    if counted.damages:  # none of their runs counts
        damaged = sorted([*damaged, *counted.damages])
        counted = count(folder, members, {damage.number for damage in damaged})
    return counted._replace(damages=(*damaged, *counted.damages))


def _strays(folder: Path) -> Iterator[str]:
    names = [str(path.relative_to(folder)) for path in store.strays(folder)]
    if names:
        more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
        verb = "is no file" if len(names) == 1 else "are no files"
        yield f"{', '.join(names[:3])}{more} {verb} of this program and ignored"


def only_counted(
    connection: DuckDBPyConnection, rows: DuckDBPyRelation, counted: Counted
) -> DuckDBPyRelation:
    """Return the rows of runs that count; `rows` has the column PART if some do not."""
    import pyarrow as pa

    if not counted.left_out:
        return rows
    schemas = connection.sql("SELECT schema_name FROM duckdb_schemas()").fetchall()
    if ("counting",) not in schemas:
        parts = [np.full(len(ids), number) for number, ids in counted.left_out.items()]
        runs = [f"{run:016x}" for ids in counted.left_out.values() for run in ids.tolist()]
        left_out = pa.table({"part": np.concatenate(parts), "run": pa.array(runs, pa.string())})
        # In a schema of its own it is not listed with the tables of the experiment.
        connection.sql("CREATE SCHEMA counting")
        connection.register("left_out", left_out)
        connection.sql("CREATE TABLE counting.left_out AS SELECT * FROM left_out")
        connection.unregister("left_out")
    uncounted = f'("{PART}", run) IN (SELECT (part, run) FROM counting.left_out)'
    return rows.filter(f"NOT {uncounted}").project(f'* EXCLUDE ("{PART}")')


def count(folder: Path, members: Members | None, without: Container[int] = ()) -> Counted:
    """Return which runs count; without `members` those of every experiment, each of them once.

    Parts in `without` are passed over; the others must be what their checksums say.
    """
    import pyarrow as pa

    numbers = [
        part.number for part in store.parts(folder) if part.files and part.number not in without
    ]
    strangers: dict[int, Numbers] = {}
    ids_of_parts: list[Numbers] = []
    failures = 0
    identities = set()
    conflicts: list[Damage] = []
    for number in tuple(numbers):
        try:
            table, metadata = _read(folder, number)
            ids, belong = numbers_of_column(table["run"]), _belonging(table, metadata, members)
        except (pa.ArrowException, ValueError, KeyError, OSError) as error:
            conflicts.append(Damage(number, _not_understood(number, error)))
            numbers.remove(number)
            continue
        identities.add(metadata.get(store.EXPERIMENT, ""))
        if not belong.all():
            strangers[number] = ids[~belong]
        ids_of_parts.append(ids[belong])
        failures += int(np.count_nonzero(_is_failed(table) & belong))
    every = np.sort(np.concatenate([np.empty(0, np.uint64), *ids_of_parts]))
    del ids_of_parts
    again = every[1:][every[1:] == every[:-1]]
    repeated = np.unique(again)
    twice: dict[int, Numbers] = {}
    if len(repeated):
        every = np.unique(every)
        twice, more, failures = _repeated(folder, numbers, repeated, members, failures)
        conflicts += more
    left_out = _merged(strangers, twice)
    return Counted(
        every,
        failures,
        left_out,
        frozenset(_without_any(folder, left_out)),
        tuple(conflicts),
        (*_notes(strangers, len(again), members, len(identities)), *_strays(folder)),
    )


def _not_understood(number: int, error: Exception) -> str:
    return f"runs/{number:06}.parquet cannot be understood: {reason_of(error)}"


def numbers_of_column(column: pa.ChunkedArray) -> Numbers:
    """Return a column of ids of 16 hexadecimal digits, each held once, as numbers.

    Raises ValueError if one is missing.
    """
    if column.null_count:
        raise ValueError("its column run holds other things than ids")
    numbers = [np.empty(0, np.uint64)]
    for chunk in column.chunks:
        texts = "".join(chunk.dictionary.to_pylist())
        ids = np.frombuffer(bytes.fromhex(texts), ">u8").astype(np.uint64)
        numbers.append(ids[chunk.indices.to_numpy()])
    return np.concatenate(numbers)


def _read(folder: Path, number: int) -> tuple[pa.Table, dict[str, str]]:
    """Return the columns of a part's runs that tell which of them count, and what it is marked with.

    Raises ValueError if an id is none: a long text in every row would fill the memory where it is
    spelt out.
    """
    path = folder / f"runs/{number:06}.parquet"
    with open_parquet(path, dictionary=_TEXTS) as file:
        table = file.read(columns=list(_NEEDED))
        metadata = store.metadata_of(file.metadata)
    for column in ("run", "reference"):
        _check_ids(table[column], column)
    return table, metadata


def _check_ids(column: pa.ChunkedArray, name: str) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_dictionary(column.type):
        raise ValueError(f"its column {name} holds other things than ids")
    for chunk in column.chunks:
        if not pc.all(pc.match_substring_regex(chunk.dictionary, _ID), min_count=0).as_py():
            raise ValueError(f"its column {name} holds other things than ids")


def _belonging(
    table: pa.Table, metadata: Mapping[str, str], members: Members | None
) -> NDArray[np.bool_]:
    """Say of each row whether it is of the experiment."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if members is None:
        return np.ones(len(table), dtype=bool)
    if metadata.get(store.EXPERIMENT, "") != members.identity:
        return np.zeros(len(table), dtype=bool)
    belong = pc.and_(
        pc.equal(table["seed"], members.seed), pc.less(table["replicate"], members.replicates)
    )
    if members.identity:
        marked = _strategies(metadata)
        same = [name for name, mark in members.strategies.items() if marked.get(name) == mark]
        known = pc.is_in(table["strategy"], pa.array(same, pa.string()))
        belong = pc.and_(belong, known)
    return np.asarray(pc.fill_null(belong, False).to_numpy(), dtype=bool)


def _strategies(metadata: Mapping[str, str]) -> dict[str, Any]:
    try:
        marks = json.loads(metadata.get(store.STRATEGIES, "{}"))
    except (ValueError, RecursionError):
        return {}
    return marks if isinstance(marks, dict) else {}


def _is_failed(table: pa.Table) -> NDArray[np.bool_]:
    import pyarrow.compute as pc

    failed = pc.fill_null(pc.equal(table["status"], FAILED), False)
    return np.asarray(failed.to_numpy(), dtype=bool)


def _repeated(
    folder: Path, numbers: list[int], repeated: Numbers, members: Members | None, failures: int
) -> tuple[dict[int, Numbers], list[Damage], int]:
    """Return by part the runs that count elsewhere, parts that contradict one another, and failures.

    Of a run's rows the first counts, but that of a run that failed only if there is no other.
    """
    import pyarrow as pa

    # Of each repeated run: the part that counts, whether it failed there, and what the row says.
    first = np.zeros(len(repeated), np.int64)
    failed = np.zeros(len(repeated), dtype=bool)
    says = np.zeros(len(repeated), np.uint64)
    left_out: dict[int, list[int]] = {}
    conflicts: dict[int, str] = {}
    for number in numbers:
        table, metadata = _read(folder, number)
        ids = numbers_of_column(table["run"])
        belong = _belonging(table, metadata, members)
        rows = np.flatnonzero(belong & np.isin(ids, repeated))
        if not len(rows):
            continue
        try:
            hashes = _hashes(folder, number, rows)
        except (pa.ArrowException, ValueError, KeyError, OSError) as error:
            conflicts[number] = _not_understood(number, error)
            continue
        for row, fails, digest in zip(rows, _is_failed(table)[rows], hashes, strict=True):
            index = int(np.searchsorted(repeated, ids[row]))
            before = int(first[index])
            if before == number:
                conflicts[number] = f"it holds the run {ids[row]:016x} twice"
            elif before and not fails and not failed[index] and digest != says[index]:
                for part, other in ((number, before), (before, number)):
                    conflicts[part] = (
                        f"its run {ids[row]:016x} has other numbers than in part {other}"
                    )
            if before and (fails or not failed[index]):
                left_out.setdefault(number, []).append(int(ids[row]))
                failures -= bool(fails)
                continue
            if before:
                left_out.setdefault(before, []).append(int(ids[row]))
                failures -= 1
            first[index], failed[index], says[index] = number, fails, digest
    elsewhere = {number: np.array(ids, np.uint64) for number, ids in left_out.items()}
    return elsewhere, sorted(Damage(*conflict) for conflict in conflicts.items()), failures


def _hashes(folder: Path, number: int, rows: NDArray[np.intp]) -> list[int]:
    """Return a hash of all that some rows of a part's runs say, to the last bit."""
    path = folder / f"runs/{number:06}.parquet"
    with open_parquet(path) as file:
        names = file.schema_arrow.names
    with open_parquet(path, dictionary=names) as file:
        table = file.read(columns=sorted(names)).take(rows)
    return [_hash(repr(row)) for row in zip(*map(_plain, table.columns), strict=True)]


def _plain(column: pa.ChunkedArray) -> list[Any]:
    """Return the values of a column; of a text its hash, as one may be long and stand in every row."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        return list(column.to_pylist())
    values: list[Any] = []
    for chunk in column.chunks:
        hashes = [None if text is None else _hash(text) for text in chunk.dictionary.to_pylist()]
        values += [None if index is None else hashes[index] for index in chunk.indices.to_pylist()]
    return values


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _merged(first: dict[int, Numbers], second: dict[int, Numbers]) -> dict[int, Numbers]:
    nothing = np.empty(0, np.uint64)
    return {
        number: np.concatenate([first.get(number, nothing), second.get(number, nothing)])
        for number in sorted({*first, *second})
    }


def _without_any(folder: Path, left_out: Mapping[int, Numbers]) -> Iterator[int]:
    """Yield the parts none of whose runs count."""
    for number, ids in left_out.items():
        with open_parquet(folder / f"runs/{number:06}.parquet") as file:
            if len(ids) >= file.metadata.num_rows:
                yield number


def _notes(
    strangers: Mapping[int, Numbers], again: int, members: Members | None, experiments: int
) -> Iterator[str]:
    if again:
        rows = "1 row is of a run" if again == 1 else f"{again:,} rows are of runs"
        yield f"{rows} that the folder holds already; each run counts once"
    if others := sum(map(len, strangers.values())):
        runs = "1 stored run is" if others == 1 else f"{others:,} stored runs are"
        yield f"{runs} not of this experiment's plan and left out"
    if members is None and experiments > 1:
        yield (
            f"the runs of {experiments} experiments are in this folder, and its manifest, which says"
            " which of them is meant, cannot be read: all are shown"
        )
