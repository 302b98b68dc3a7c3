"""Files that are there whole or not at all, whatever happens to the process or the machine."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from reformsim.errors import OutputError, Problem, refused
from reformsim.reading import open_ordinary

from .links import MESSAGE, is_link, make_inside

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

PART = ".part"
"""What the name of a file ends in while it is being written."""
_UNFINISHED = re.compile(r"\.(.+)\.[0-9]+(?:-[0-9a-f]{8})?\.part")
_PATIENCE = (0.05, 0.2, 0.5, 1.0) if os.name == "nt" else ()
"""Seconds after which a file is given its name again: on Windows a virus scanner may hold it."""


def write_whole(
    path: Path, content: bytes, within: Path | None = None, *, new: bool = False
) -> None:
    """Write a file beside its place, bring it to the disk, and only then give it its name.

    Folders below `within` are made, and none of them may be a link; without it, the file's own folder
    is the user's choice. A `new` file takes no other's place: raises FileExistsError if there is one.

    Raises OutputError if it cannot be written; what stood at `path` is then untouched.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}{PART}")
    named = False
    try:
        make_inside(path.parent, within or path.parent)
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        named = new
        if new:
            _name_first(temporary, path)
        else:
            _rename(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        if named and isinstance(error, FileExistsError):
            raise
        raise OutputError(refused(path, error)) from error
    finally:
        with suppress(OSError):  # a folder that has become read-only
            temporary.unlink(missing_ok=True)


def _name_first(temporary: Path, path: Path) -> None:
    """Give a file a name that no other has; raises FileExistsError if one has."""
    try:
        os.link(temporary, path)  # at once, and never in another's place
    except FileExistsError:
        raise
    except OSError:  # a disk that knows one name for a file
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        _rename(temporary, path)


def _rename(temporary: Path, path: Path) -> None:
    for seconds in _PATIENCE:
        try:
            temporary.replace(path)
        except PermissionError:
            time.sleep(seconds)
        else:
            return
    temporary.replace(path)


def make_folder(folder: Path, names: Collection[str]) -> None:
    """Make a folder for files of these names.

    Raises OutputError if that is impossible, or if there is anything else in it, or a link.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise OutputError(refused(folder, error)) from error
    hint = "choose another folder"
    if [path for path in paths if path.name not in names and not _unfinished(path)]:
        raise OutputError(Problem("the folder is not empty", str(folder), hint=hint))
    if links := [path for path in paths if is_link(path)]:
        raise OutputError(*(Problem(MESSAGE, str(path), hint=hint) for path in links))


def unfinished(folder: Path, names: re.Pattern[str]) -> Iterator[Path]:
    """Yield what `write_whole` left in a folder when it was stopped, of files with such names."""
    if folder.is_dir() and not is_link(folder):
        for path in sorted(folder.iterdir()):
            name = _unfinished(path)
            if name and names.fullmatch(name) and (is_link(path) or path.is_file()):
                yield path


def _unfinished(path: Path) -> str:
    """Return the name of the file that was being written under this one; nothing if none was."""
    match = _UNFINISHED.fullmatch(path.name)
    return match[1] if match else ""


def sync_folder(folder: Path) -> None:
    """Bring the names of files to the disk, where the system can do so."""
    if os.name == "posix":
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def sha256(path: Path) -> str:
    """Return the hash of an ordinary file's content, as `sha256sum` gives it; raises OSError."""
    with open_ordinary(path, links=False) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
