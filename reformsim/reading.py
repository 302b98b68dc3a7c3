"""Reading files that somebody else may have made: ordinary ones only, and no more than is bearable.

A path may lead to a device that never ends, to a pipe that nobody writes to, or through a link to
what the user never meant to show. So a file is opened before it is looked at, and what is looked at
is what was opened.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader
    from pathlib import Path

_readings: ContextVar[dict[str, bytes] | None] = ContextVar("readings", default=None)

_READ_ONLY = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
# Without waiting for a pipe's other end, or becoming the owner of a terminal.
_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


def open_ordinary(path: Path, *, links: bool = True) -> BufferedReader:
    """Open an ordinary file for reading; without `links` the file itself must not be one.

    Raises OSError, with a reason that ends a sentence, for anything else.
    """
    if not links and path.is_symlink():
        raise OSError("it is a link")
    number = os.open(path, _READ_ONLY | _AT_ONCE | (0 if links else getattr(os, "O_NOFOLLOW", 0)))
    mode = os.fstat(number).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(number, "rb")
    os.close(number)
    raise OSError("it is a folder" if stat.S_ISDIR(mode) else "it is not an ordinary file")


def read_ordinary(path: Path, largest: int, *, links: bool = True) -> bytes:
    """Return the content of an ordinary file of at most `largest` bytes; raises OSError otherwise."""
    with open_ordinary(path, links=links) as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise OSError(f"it is larger than {largest:,} bytes")
    return content


@contextmanager
def one_reading() -> Iterator[None]:
    """Let `read_once` read every file once while this lasts; inside another, that one lasts.

    The strategies of a comparison share a district's files. If somebody saved one of them while they
    are composed one after another, they would be compared with each other in two districts.
    """
    if _readings.get() is not None:
        yield
        return
    token = _readings.set({})
    try:
        yield
    finally:
        _readings.reset(token)


def read_once(path: Path, largest: int) -> bytes:
    """Return what `read_ordinary` does, within `one_reading` what it did the first time."""
    readings = _readings.get()
    if readings is None:
        return read_ordinary(path, largest)
    name = os.path.realpath(path)
    if name not in readings:
        readings[name] = read_ordinary(path, largest)
    return readings[name]
