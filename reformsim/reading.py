"""Reading files that somebody else may have made: ordinary ones only, and no more than is bearable.

A path may lead to a device that never ends, to a pipe that nobody writes to, or through a link to
what the user never meant to show. So a file is opened before it is looked at, and what is looked at
is what was opened.
"""

from __future__ import annotations

import os
import stat
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_READ_ONLY = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
# Without waiting for a pipe's other end, or becoming the owner of a terminal.
_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


def open_ordinary(path: Path, *, links: bool = True) -> IO[bytes]:
    """Open an ordinary file for reading; without `links` the file itself must not be one.

    Raises OSError, with a reason that ends a sentence, for anything else.
    """
    if not links and path.is_symlink():
        raise OSError("it is a link")
    place = os.open(path, _READ_ONLY | _AT_ONCE | (0 if links else getattr(os, "O_NOFOLLOW", 0)))
    mode = os.fstat(place).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(place, "rb")
    os.close(place)
    raise OSError("it is a folder" if stat.S_ISDIR(mode) else "it is not an ordinary file")


def read_ordinary(path: Path, largest: int, *, links: bool = True) -> bytes:
    """Return the content of an ordinary file of at most `largest` bytes; raises OSError otherwise."""
    with open_ordinary(path, links=links) as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise OSError(f"it is larger than {largest:,} bytes")
    return content
