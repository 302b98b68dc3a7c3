"""The tables of an experiment on disk: append-only Parquet, in parts that are there whole or not at all.

A folder holds

    runs/000001.parquet  series/000001.parquet  events/000001.parquet  agents/000001.parquet
    checksums/000001.sha256

and so on for each *part*. The checksums are written last, and a part without them is none: so the
tables of a run become visible together. They are in the form of `sha256sum`; in the folder,
`cat checksums/* | sha256sum -c` verifies everything. Tables that would be empty have no file.

A part that is not what its checksums say is *damaged*: it is moved to `damaged/` as a whole, and
nothing that ever counted is deleted. The order of parts and of rows in them has no meaning; `ORDER`
says how rows are sorted when they are read.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reformsim.errors import OutputError, reason_of

from .durable import PART, refused, sha256, sync_folder, write_whole
from .parquet import open_parquet, read_table
from .provenance import source_hash

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

KEY = ("district", "condition", "strategy", "point", "seed", "replicate", "run")
"""The columns that every table starts with: what run a row belongs to, and the run's id."""
ORDER = {
    "runs": KEY,
    "series": (*KEY, "month"),
    "events": (*KEY, "month", "kind", "role", "seat", "detail"),
    "agents": (*KEY, "month", "role", "seat"),
}
"""The tables, and by what their rows are sorted when they are read, so that neither the number of
workers nor an interruption shows."""
CHECKSUMS, DAMAGED = "checksums", "damaged"
SOURCE = "reformsim.source"
"""In the metadata of every file: the hash of the model's sources."""
_LINE = re.compile(r"([0-9a-f]{64})  ((?:runs|series|events|agents)/\d{6,}\.parquet)")


class Part(NamedTuple):
    """What was written at one time: its number, and the hash of each of its files by path."""

    number: int
    files: dict[str, str]


class Damage(NamedTuple):
    """A part that is not what was written, and what is wrong with it."""

    number: int
    reason: str


def parts(folder: Path) -> list[Part]:
    """Return the parts in the order they were written; one whose list is unreadable has no files."""
    return [
        Part(int(path.stem), _files(path)) for path in sorted((folder / CHECKSUMS).glob("*.sha256"))
    ]


def damages(folder: Path) -> list[Damage]:
    """Read every file of every part, and return the parts that are not what was written."""
    found = [
        Damage(part.number, reason)
        for part in parts(folder)
        if (reason := _what_is_wrong(folder, part))
    ]
    known = {part.number for part in parts(folder)}
    lost = {number for number, _ in _loose_files(folder, known)}
    # The last number is what a process was writing when it was stopped: never a part.
    unfinished = max(known, default=0) + 1
    reason = f"its list {CHECKSUMS}/{{:06}}.sha256 is missing"
    found += [Damage(number, reason.format(number)) for number in lost if number != unfinished]
    return sorted(found)


def set_aside(folder: Path, damaged: Iterable[Damage]) -> None:
    """Move damaged parts to `damaged/`; their runs count as not done. Raises OutputError."""
    for damage in damaged:
        names = [f"{table}/{damage.number:06}.parquet" for table in ORDER]
        # The list goes first: without it the rest is no part any more.
        paths = [folder / name for name in (f"{CHECKSUMS}/{damage.number:06}.sha256", *names)]
        put_aside(folder, *(path for path in paths if path.exists()))


def put_aside(folder: Path, *files: Path) -> None:
    """Move files to a new folder in `damaged/`. Raises OutputError."""
    place = folder / DAMAGED
    try:
        place.mkdir(exist_ok=True)
        own = place / f"{1 + sum(1 for _ in place.iterdir()):04}"
        own.mkdir()
        for path in files:
            path.replace(own / "-".join(path.relative_to(folder).parts))
            sync_folder(path.parent)
    except OSError as error:
        raise OutputError(refused(place, error)) from error


def clean(folder: Path) -> None:
    """Delete what a process was writing when it was stopped. The folder has to be locked."""
    known = {part.number for part in parts(folder)}
    for number, path in _loose_files(folder, known):
        if number == max(known, default=0) + 1:
            path.unlink()
    for place in (folder, *(folder / name for name in (*ORDER, CHECKSUMS))):
        for path in place.glob(f".*{PART}"):
            path.unlink()


def append(folder: Path, tables: Mapping[str, pa.Table]) -> Part:
    """Write tables as one new part; all of them or, on an error, none count.

    The folder has to be locked. Raises OutputError if the part cannot be written.
    """
    number = max((part.number for part in parts(folder)), default=0) + 1
    files = {}
    for table in reversed(ORDER):
        if table in tables and tables[table].num_rows:
            name = f"{table}/{number:06}.parquet"
            files[name] = write(folder / name, tables[table])
    part = Part(number, files)
    _write_list(folder, part)
    return part


def drop(folder: Path, value: str) -> None:
    """Take runs with that value in the column `status` out of `runs`: they count as not done.

    It is for runs that have rows in no other table. A part is written anew in its place; stopped
    between its file and its list, it is damaged, and its runs are done again. The folder has to be
    locked. Raises OutputError if it cannot be written.
    """
    import pyarrow.compute as pc

    for part in parts(folder):
        name = f"runs/{part.number:06}.parquet"
        with open_parquet(folder / name) as file:
            texts = [one for one in file.schema_arrow.names if one not in ("run", "reference")]
        table = read_table(folder / name, dictionary=texts)
        kept = table.filter(pc.not_equal(table["status"], value))
        if kept.num_rows < table.num_rows:
            digest = write(folder / name, kept)
            _write_list(folder, part._replace(files=part.files | {name: digest}))


def paths(folder: Path, table: str, without: Container[int] = ()) -> list[Path]:
    """Return the files of a table in the order they were written, but for some parts."""
    return [
        folder / name
        for part in parts(folder)
        for name in part.files
        if name.startswith(f"{table}/") and part.number not in without
    ]


def run_ids(folder: Path) -> NDArray[np.uint64]:
    """Return the ids of the runs that are done, as sorted numbers: eight bytes each."""
    found = [
        numbers_of(read_table(path, ["run"])["run"].to_pylist()) for path in paths(folder, "runs")
    ]
    return np.sort(np.concatenate([np.empty(0, np.uint64), *found]))


def numbers_of(ids: Iterable[str]) -> NDArray[np.uint64]:
    """Return ids of 16 hexadecimal digits as numbers."""
    return np.fromiter((int(one, 16) for one in ids), np.uint64)


def counts(folder: Path, value: str, without: Container[int] = ()) -> tuple[int, int]:
    """Return the number of runs, and of those with that value in the column `status`."""
    import pyarrow.compute as pc

    total = found = 0
    for path in paths(folder, "runs", without):
        column = read_table(path, ["status"])["status"]
        total += len(column)
        found += pc.sum(pc.equal(column, value)).as_py() or 0
    return total, found


def sources(folder: Path, without: Container[int] = ()) -> set[str]:
    """Return the hashes of the model's sources that the runs were done with."""
    found = set()
    for path in paths(folder, "runs", without):
        with open_parquet(path) as file:
            found.add((file.metadata.metadata or {}).get(SOURCE.encode(), b"").decode())
    return found


def size(folder: Path, table: str, without: Container[int] = ()) -> int:
    """Return how many bytes a table takes on disk."""
    return sum(path.stat().st_size for path in paths(folder, table, without))


def write(path: Path, table: pa.Table) -> str:
    """Write one Parquet file, whole or not at all, and return its hash. Raises OutputError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    floats = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    texts = [field.name for field in table.schema if pa.types.is_string(field.type)]
    others = [name for name in table.column_names if name not in {*floats, *texts}]
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink,
        table.schema,
        compression="zstd",
        compression_level=9,
        # Texts that recur come as dictionaries; the others are ids, each of its own.
        use_dictionary=others,
        # Numbers stay whole: those of a warm-up recur in each strategy's run, and are found again.
        # A fifth of a small part would be what nobody asks for: bounds of measures, Arrow's types.
        write_statistics=others,
        store_schema=False,
    ) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({SOURCE: source_hash()})
    content = sink.getvalue()
    write_whole(path, content)
    return hashlib.sha256(content).hexdigest()


def _write_list(folder: Path, part: Part) -> None:
    lines = "".join(f"{digest}  {name}\n" for name, digest in part.files.items())
    write_whole(folder / CHECKSUMS / f"{part.number:06}.sha256", lines.encode())


def _files(path: Path) -> dict[str, str]:
    """Return the hash of each file of a list by path; empty if the list is not as it was written."""
    try:
        *lines, last = path.read_bytes().decode().split("\n")
    except (OSError, ValueError):
        return {}
    found = {match[2]: match[1] for line in lines if (match := _LINE.fullmatch(line))}
    # `runs` stands in the last line, so that none is missing at the end.
    whole = not last and len(found) == len(lines) and f"runs/{path.stem}.parquet" in found
    return found if whole else {}


def _what_is_wrong(folder: Path, part: Part) -> str:
    if not part.files:
        return f"its list {CHECKSUMS}/{part.number:06}.sha256 cannot be read"
    for name, digest in part.files.items():
        path = folder / name
        try:
            if sha256(path) != digest:
                cut = path.read_bytes()[-4:] != b"PAR1"
                return f"{name} has been cut short" if cut else f"the content of {name} has changed"
        except FileNotFoundError:
            return f"{name} is missing"
        except OSError as error:
            return f"{name} cannot be read: {reason_of(error)}"
    return ""


def _loose_files(folder: Path, known: set[int]) -> Iterator[tuple[int, Path]]:
    for table in ORDER:
        for path in sorted((folder / table).glob("*.parquet")):
            if path.stem.isdecimal() and int(path.stem) not in known:
                yield int(path.stem), path
