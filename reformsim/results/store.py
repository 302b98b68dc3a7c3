"""The tables of an experiment on disk: append-only Parquet, in parts that are there whole or not at all.

A folder holds

    runs/000001.parquet  series/000001.parquet  events/000001.parquet  agents/000001.parquet
    checksums/000001.sha256

and so on for each *part*. The checksums are written last, and a part without them is none: so the
tables of a run become visible together. They are in the form of `sha256sum`; in the folder,
`cat checksums/* | sha256sum -c` verifies everything. Tables that would be empty have no file.

A part that is not what its checksums say is *damaged*: it is moved to `damaged/` as a whole, and
nothing that ever counted is deleted. The order of parts and of rows in them has no meaning; `ORDER`
says how rows are sorted when they are read, and `counting.py` which of them count.

Files with other names are not of this program (a program that keeps folders alike may leave them):
they are never read, moved or deleted. Nothing is read or written through a link.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reformsim.errors import OutputError, reason_of, refused
from reformsim.reading import open_ordinary, read_ordinary

from .durable import sha256, sync_folder, unfinished, write_whole
from .inputs import INPUTS, unfinished_inputs
from .links import is_link, make_inside, refuse_links
from .lock import HELD, NAME, still_locked
from .manifest import FORMAT
from .manifest import NAME as MANIFEST
from .parquet import open_parquet
from .provenance import source_hash

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa
    import pyarrow.parquet as pq
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
DICTIONARY = "dictionary.csv"
"""What every column of the tables means; written for people, never read."""
RERUNS = "reruns"
SUMMARY, SUMMARY_LIST = "summary", "summary.sha256"
"""The folder of a summary, and the list of what it has written there, as `sha256sum` has it."""
NAMES = frozenset(
    {
        *(NAME, HELD, MANIFEST, INPUTS, *ORDER),
        *(CHECKSUMS, DAMAGED, DICTIONARY, RERUNS, SUMMARY, SUMMARY_LIST),
    }
)
"""What the folder of an experiment may hold; none of it is reached through a link."""
SOURCE, FORMATTED = "reformsim.source", "reformsim.format"
"""In the metadata of every file: the hash of the model's sources, and the version of its form."""
EXPERIMENT, STRATEGIES = "reformsim.experiment", "reformsim.strategies"
"""There too: which experiment the runs are of; see `counting.Members`."""
MOST_ROWS = 1_000_000
"""Runs in one part; far fewer are ever written."""
_LARGEST_LIST = 10_000
_LINE = re.compile(r"([0-9a-f]{64})  ((?:runs|series|events|agents)/[0-9]{6,}\.parquet)")
_FILE = re.compile(r"([0-9]{6,})\.([a-z0-9]+)")
_OWN = re.compile(r"[0-9]{6,}\.(?:parquet|sha256)|manifest\.json|dictionary\.csv|summary\.sha256")
_KINDS = {
    "run": "is_string",
    "reference": "is_string",
    "strategy": "is_string",
    "status": "is_string",
    "seed": "is_integer",
    "replicate": "is_integer",
}
"""What has to be in the table `runs`, and of which type, for its rows to be counted."""


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
    paths = _numbered(folder / CHECKSUMS, "sha256")
    return [Part(number, _files(path)) for number, path in sorted(paths.items())]


def check_links(folder: Path) -> None:
    """Raise ReformsimError if anything of an experiment in a folder is a link."""
    refuse_links(folder, NAMES, {CHECKSUMS, INPUTS, *ORDER})


def strays(folder: Path) -> list[Path]:
    """Return the files beside the parts that are none, as a program that syncs may leave them."""
    others = []
    for name in (CHECKSUMS, *ORDER):
        table, suffix = folder / name, "sha256" if name == CHECKSUMS else "parquet"
        if table.is_dir() and not is_link(table):
            ours = {*_numbered(table, suffix).values(), *unfinished(table, _OWN)}
            others += [path for path in sorted(table.iterdir()) if path not in ours]
    return [path for path in others if path.name not in (".DS_Store", "desktop.ini", "Thumbs.db")]


def damages(folder: Path) -> list[Damage]:
    """Read every file of every part, and return the parts that are not what was written."""
    damaged = [
        Damage(part.number, reason)
        for part in parts(folder)
        if (reason := _what_is_wrong(folder, part))
    ]
    known = {part.number for part in parts(folder)}
    lost = {number for number, _ in _loose_files(folder, known)}
    # The last number is what a process was writing when it was stopped: never a part.
    being_written = max(known, default=0) + 1
    reason = f"its list {CHECKSUMS}/{{:06}}.sha256 is missing"
    damaged += [Damage(number, reason.format(number)) for number in lost if number != being_written]
    return sorted(damaged)


def set_aside(folder: Path, damaged: Iterable[Damage]) -> None:
    """Move damaged parts to `damaged/`; their runs count as not done. Raises OutputError."""
    for damage in damaged:
        names = [f"{table}/{damage.number:06}.parquet" for table in ORDER]
        # The list goes first: without it the rest is no part any more.
        paths = [folder / name for name in (f"{CHECKSUMS}/{damage.number:06}.sha256", *names)]
        put_aside(folder, *(path for path in paths if os.path.lexists(path)))


def put_aside(folder: Path, *files: Path) -> None:
    """Move files to a new folder in `damaged/`. Raises OutputError."""
    damaged = folder / DAMAGED
    try:
        make_inside(damaged, folder)
        taken = {path.name for path in damaged.iterdir()}
        names = (f"{number:04}" for number in count(1))
        aside = damaged / next(name for name in names if name not in taken)
        aside.mkdir()
        for path in files:
            path.replace(aside / "-".join(path.relative_to(folder).parts))
            sync_folder(path.parent)
    except OSError as error:
        raise OutputError(refused(damaged, error)) from error


def clean(folder: Path) -> None:
    """Delete what a process was writing when it was stopped. The folder has to be locked."""
    known = {part.number for part in parts(folder)}
    for number, path in _loose_files(folder, known):
        if number == max(known, default=0) + 1:
            path.unlink()
    for directory in (folder, *(folder / name for name in (*ORDER, CHECKSUMS))):
        for path in unfinished(directory, _OWN):
            path.unlink()
    for path in unfinished_inputs(folder):
        path.unlink()


def append(
    folder: Path, tables: Mapping[str, pa.Table], marks: Mapping[str, str] | None = None
) -> Part:
    """Write tables as one new part; all of them or, on an error, none count.

    `marks` are put into the metadata of every file. The folder has to be locked; if it is not any
    more, another process may be writing parts, and takes no harm. Raises OutputError if the part
    cannot be written.
    """
    still_locked(folder)
    used = [part.number for part in parts(folder)]
    used += [number for number, _ in _loose_files(folder, set(used))]
    for number in count(max(used, default=0) + 1):
        files: dict[str, str] = {}
        try:
            for table in reversed(ORDER):
                if table in tables and tables[table].num_rows:
                    name = f"{table}/{number:06}.parquet"
                    files[name] = write(folder / name, tables[table], folder, marks, new=True)
            still_locked(folder)
            part = Part(number, files)
            _write_list(folder, part, new=True)
        except FileExistsError:  # another process has begun this part
            _take_back(folder, files)
            continue
        except OutputError:
            _take_back(folder, files)
            raise
        if lost := [name for name in files if not (folder / name).exists()]:
            # Whoever took the folder over has cleaned it, in between: what is left is no part.
            (folder / CHECKSUMS / f"{number:06}.sha256").unlink()
            _take_back(folder, set(files) - set(lost))
            continue
        return part
    raise AssertionError


def _take_back(folder: Path, names: Iterable[str]) -> None:
    """Delete files that this process has just written, and that are of no part."""
    for name in names:
        with suppress(OSError):
            (folder / name).unlink()


def drop(folder: Path, value: str) -> None:
    """Take runs with that value in the column `status` out of `runs`: they count as not done.

    It is for runs that have rows in no other table. A part is rewritten in its place; stopped
    between its file and its list, it is damaged, and its runs are done again. The folder has to be
    locked. Raises OutputError if it cannot be written.
    """
    import pyarrow.compute as pc

    still_locked(folder)
    for part in parts(folder):
        name = f"runs/{part.number:06}.parquet"
        with open_parquet(folder / name) as file:
            marks = metadata_of(file.metadata)
            texts = [
                column for column in file.schema_arrow.names if column not in ("run", "reference")
            ]
        with open_parquet(folder / name, dictionary=texts) as file:
            table = file.read()
        others = table.filter(pc.not_equal(table["status"], value))
        if others.num_rows < table.num_rows:
            digest = write(folder / name, others, folder, marks)
            _write_list(folder, part._replace(files=part.files | {name: digest}))


def paths(folder: Path, table: str, without: Container[int] = ()) -> list[Path]:
    """Return the files of a table in the order they were written, but for some parts."""
    return [
        folder / name
        for part in parts(folder)
        for name in part.files
        if name.startswith(f"{table}/") and part.number not in without
    ]


def numbers_of(ids: Iterable[str]) -> NDArray[np.uint64]:
    """Return ids of 16 hexadecimal digits as numbers."""
    return np.fromiter((int(text, 16) for text in ids), np.uint64)


def sources(folder: Path, without: Container[int] = ()) -> set[str]:
    """Return the hashes of the model's sources that the runs were done with."""
    hashes = set()
    for path in paths(folder, "runs", without):
        with open_parquet(path) as file:
            hashes.add(metadata_of(file.metadata).get(SOURCE, ""))
    return hashes


def metadata_of(metadata: pq.FileMetaData) -> dict[str, str]:
    """Return what a Parquet file says of itself; what is no text is shown as what it could be."""
    return {
        key.decode(errors="replace"): value.decode(errors="replace")
        for key, value in (metadata.metadata or {}).items()
    }


def size(folder: Path, table: str, without: Container[int] = ()) -> int:
    """Return how many bytes a table takes on disk."""
    return sum(path.stat().st_size for path in paths(folder, table, without))


def write(
    path: Path,
    table: pa.Table,
    within: Path | None = None,
    marks: Mapping[str, str] | None = None,
    *,
    new: bool = False,
) -> str:
    """Write one Parquet file as `write_whole` does, and return its hash."""
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
        standard = {SOURCE: source_hash(), FORMATTED: str(FORMAT)}
        writer.add_key_value_metadata({**standard, **(marks or {})})
    content = sink.getvalue()
    write_whole(path, content, within, new=new)
    return hashlib.sha256(content).hexdigest()


def _write_list(folder: Path, part: Part, *, new: bool = False) -> None:
    lines = "".join(f"{digest}  {name}\n" for name, digest in part.files.items())
    path = folder / CHECKSUMS / f"{part.number:06}.sha256"
    write_whole(path, lines.encode(), folder, new=new)


def _files(path: Path) -> dict[str, str]:
    """Return the hash of each file of a list by path; empty if the list is not as it was written."""
    try:
        *lines, last = read_ordinary(path, _LARGEST_LIST, links=False).decode().split("\n")
    except (OSError, ValueError):
        return {}
    digests = {match[2]: match[1] for line in lines if (match := _LINE.fullmatch(line))}
    # `runs` stands in the last line, so that none is missing at the end.
    whole = not last and len(digests) == len(lines) and f"runs/{path.stem}.parquet" in digests
    possible = {f"{table}/{path.stem}.parquet" for table in ORDER}
    return digests if whole and digests.keys() <= possible else {}


def _what_is_wrong(folder: Path, part: Part) -> str:
    if not part.files:
        return f"its list {CHECKSUMS}/{part.number:06}.sha256 cannot be read"
    for name, digest in part.files.items():
        path = folder / name
        try:
            if sha256(path) != digest:
                cut = _last_bytes(path) != b"PAR1"
                return f"{name} has been cut short" if cut else f"the content of {name} has changed"
            if reason := _what_is_odd(path, name):
                return f"{name} {reason}"
        except FileNotFoundError:
            return f"{name} is missing"
        except OSError as error:
            return f"{name} cannot be read: {reason_of(error)}"
    return ""


def _last_bytes(path: Path) -> bytes:
    with open_ordinary(path, links=False) as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 4))
        return file.read()


def _what_is_odd(path: Path, name: str) -> str:
    """Return why a table with the right checksum cannot be one of this program."""
    import pyarrow as pa

    with open_parquet(path) as file:
        metadata, schema = file.metadata, file.schema_arrow
    form = metadata_of(metadata).get(FORMATTED, "1")
    if form not in map(str, range(1, FORMAT + 1)):
        return f"is in the format {form[:20]!r} of another version; this one knows 1 to {FORMAT}"
    doubled = [column for column, times in Counter(schema.names).items() if times > 1]
    if doubled:
        return f"has several columns {doubled[0][:50]}"
    kinds = _KINDS if name.startswith("runs/") else {"run": "is_string"}
    for column, kind in kinds.items():
        fields = [field for field in schema if field.name == column]
        if len(fields) != 1 or not getattr(pa.types, kind)(fields[0].type):
            return f"has no column {column} as this program writes it"
    if name.startswith("runs/") and metadata.num_rows > MOST_ROWS:
        return "says that it unpacks to more than this program ever writes"
    return ""


def _loose_files(folder: Path, known: set[int]) -> Iterator[tuple[int, Path]]:
    for table in ORDER:
        for number, path in sorted(_numbered(folder / table, "parquet").items()):
            if number not in known:
                yield number, path


def _numbered(folder: Path, suffix: str) -> dict[int, Path]:
    """Return the files of parts in a folder by their numbers; other files are not of this program."""
    if not folder.is_dir() or is_link(folder):
        return {}
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries]
    matches = (match for name in names if (match := _FILE.fullmatch(name)))
    return {
        int(match[1]): folder / match[0]
        for match in matches
        if match[2] == suffix and match[1] == f"{int(match[1]):06}"
    }
