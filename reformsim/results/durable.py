"""Files that are there whole or not at all, whatever happens to the process or the machine."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from reformsim.errors import OutputError, Problem, reason_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

PART = ".part"
"""What the name of a file ends in while it is being written."""


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place, bring it to the disk, and only then give it its name.

    Raises OutputError if that is impossible; what stood at `path` is then untouched.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}{PART}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise OutputError(refused(path, error)) from error
    finally:
        with suppress(OSError):  # a folder that has become read-only
            temporary.unlink(missing_ok=True)


def make_folder(folder: Path, own: Collection[str]) -> None:
    """Make a folder for files of these names.

    Raises OutputError if that is impossible, or if there is anything else in it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = [path for path in folder.iterdir() if path.name not in own and path.suffix != PART]
    except OSError as error:
        raise OutputError(refused(folder, error)) from error
    if others:
        hint = "choose another folder with --out"
        raise OutputError(Problem("the folder is not empty", str(folder), hint=hint))


def sync_folder(folder: Path) -> None:
    """Bring the names of files to the disk, where the system can do so."""
    if os.name == "posix":
        place = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(place)
        finally:
            os.close(place)


def sha256(path: Path) -> str:
    """Return the hash of a file's content, as `sha256sum` gives it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def refused(path: Path, error: Exception) -> Problem:
    """Return the problem of a file or folder that the system does not let us write."""
    return Problem(f"cannot be written: {reason_of(error)}", str(path))
