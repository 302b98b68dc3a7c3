"""Nothing inside a folder is reached through a link.

A folder that somebody sent may hold links that lead out of it: what reads there would show, and what
writes there would change, a file that has nothing to do with it. The folder itself may be a link:
its path is what the user gave.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from reformsim.errors import Problem, ReformsimError, reason_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

MESSAGE = "is a link, and nothing in this folder is reached through one"
HINT = (
    "put what it leads to in its place (git-annex: 'git annex get', then 'git annex unlock'), or"
    " take it away"
)


def is_link(path: Path) -> bool:
    """Say whether a path is a link of any kind, wherever it leads; junctions of Windows are."""
    try:
        status = path.lstat()
    except (OSError, ValueError):
        return False
    tag = getattr(status, "st_reparse_tag", 0)
    return stat.S_ISLNK(status.st_mode) or tag == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)


def refuse_links(folder: Path, names: Collection[str], read: Collection[str] = ()) -> None:
    """Raise ReformsimError if anything of these names in a folder is a link.

    In the folders named in `read`, no file may be one either.
    """
    try:
        links = [path for path in _entries(folder) if path.name in names and is_link(path)]
        links += [
            path
            for name in sorted(read)
            if (folder / name).is_dir() and not is_link(folder / name)
            for path in _entries(folder / name)
            if is_link(path)
        ]
    except (FileNotFoundError, NotADirectoryError):
        return  # who looks for something in it says so
    except (OSError, ValueError) as error:
        raise ReformsimError(Problem(f"cannot be read: {reason_of(error)}", str(folder))) from None
    if links:
        raise ReformsimError(*(Problem(MESSAGE, str(path), hint=HINT) for path in links))


def make_inside(folder: Path, within: Path) -> None:
    """Make a folder inside another one, and that one too; raises OSError at a link on the way."""
    parts = folder.relative_to(within).parts
    for depth in range(len(parts) + 1):
        path = within.joinpath(*parts[:depth])
        if depth and is_link(path):
            raise OSError(f"{path.name} {MESSAGE}")
        try:
            path.mkdir(parents=not depth)
        except FileExistsError:
            if not path.is_dir():
                raise NotADirectoryError(f"{path.name} is no folder") from None


def _entries(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        yield from sorted(folder / entry.name for entry in entries)
