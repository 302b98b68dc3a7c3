"""The record of a search in its folder: whole, and what was written, or said not to be.

pyabc writes to a database of its own in a temporary folder. After each generation all of it is laid
into the calibration's folder, and its hash beside it, in the form of `sha256sum`. The hash is
written first and stands beside that of the record before, so that a search that is stopped between
the two goes on from the latter.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from reformsim.errors import Problem, ReformsimError, reason_of
from reformsim.reading import open_ordinary, read_ordinary
from reformsim.results.durable import sha256, write_whole

if TYPE_CHECKING:
    from pathlib import Path

CHECKSUM = ".sha256"
"""What the name of the file with the hashes ends in."""
LARGEST = 2**32
"""Bytes of a record."""
_PIECE = 2**20
_LINE = re.compile(r"([0-9a-f]{64})  \S+\n")
_TABLES = frozenset(
    [
        "abc_smc",
        "models",
        "parameters",
        "particles",
        "populations",
        "samples",
        "summary_statistics",
        "version",
    ]
)
_LONGEST_NUMBER = 1000
"""Bytes that NumPy takes to write down one number, and some."""
_NUMPY = b"\x93NUMPY"
"""What a number begins with. Of anything else pyabc would take tables, in Parquet or older forms."""


def fetch(path: Path, working: Path) -> bool:
    """Copy the record at `path` to a new file, if there is one, and say so.

    Raises ReformsimError if it is not what was written.
    """
    digest = hashlib.sha256()
    try:
        with open_ordinary(path, links=False) as file, working.open("wb") as copy:
            while piece := file.read(_PIECE):
                digest.update(piece)
                copy.write(piece)
                if copy.tell() > LARGEST:
                    raise _damaged(path, f"it is larger than {LARGEST:,} bytes")
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ReformsimError(Problem(f"cannot be read: {reason_of(error)}", str(path))) from error
    if digest.hexdigest() not in _hashes(path):
        raise _damaged(path, f"its checksum is not that of {_beside(path).name}")
    _check(path, working)
    return True


def keep(working: Path, path: Path) -> None:
    """Lay the record into the folder. Raises OutputError if that is impossible."""
    content = working.read_bytes()
    latest = hashlib.sha256(content).hexdigest()
    before = [known for known in _hashes(path) if known == _hash(path)]
    lines = [f"{known}  {path.name}\n" for known in dict.fromkeys((latest, *before))]
    write_whole(_beside(path), "".join(lines).encode())
    write_whole(path, content)


def not_understood(path: Path) -> ReformsimError:
    """Return that a record, though it is what was written, is none of a search such as ours."""
    return _damaged(path, "it does not hold the generations of this search")


def _beside(path: Path) -> Path:
    return path.with_suffix(CHECKSUM)


def _hashes(path: Path) -> list[str]:
    """Return the hashes of the records that may be there, the latest first."""
    try:
        text = read_ordinary(_beside(path), 1000, links=False).decode("ascii", errors="replace")
    except FileNotFoundError:
        return []
    except OSError as error:
        reason = f"cannot be read: {reason_of(error)}"
        raise ReformsimError(Problem(reason, str(_beside(path)))) from error
    return _LINE.findall(text)


def _hash(path: Path) -> str:
    try:
        return sha256(path)
    except OSError:  # there is none yet
        return ""


def _check(path: Path, working: Path) -> None:
    """Raise ReformsimError if a database is none such as pyabc makes, whoever made it."""
    try:
        with closing(sqlite3.connect(working)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            made = dict(database.execute("SELECT name, type FROM sqlite_master").fetchall())
            names = {name for name in made if not name.startswith("sqlite_autoindex")}
            if set(made.values()) - {"table", "index"} or names != _TABLES:
                raise not_understood(path)
            ((whole,),) = database.execute("PRAGMA quick_check(1)").fetchall()
            ((longest, others),) = database.execute(
                "SELECT coalesce(max(length(value)), 0), count(*) FILTER"
                " (WHERE substr(value, 1, ?) IS NOT ?) FROM summary_statistics",
                (len(_NUMPY), _NUMPY),
            ).fetchall()
    except (sqlite3.Error, ValueError, OverflowError) as error:
        raise not_understood(path) from error
    if whole != "ok" or longest > _LONGEST_NUMBER or others:
        raise not_understood(path)


def _damaged(path: Path, reason: str) -> ReformsimError:
    hint = (
        "put back a copy of both files, or take both away: the search then starts again, and comes to"
        " the same"
    )
    return ReformsimError(Problem(f"is damaged: {reason}", str(path), hint=hint))
