"""One process at a time writes to a folder."""

from __future__ import annotations

import os
import platform
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from reformsim.errors import OutputError, Problem

from .durable import refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the system lets it go when the process ends, however.

    So a file `lock` that was left behind blocks nobody. Raises OutputError if another process
    holds the folder, with its number, or if the folder cannot be written to.
    """
    path = folder / NAME
    try:
        file = path.open("a+b")
    except OSError as error:
        raise OutputError(refused(path, error)) from error
    with file:
        if not _take(file):
            file.seek(0)
            holder = file.read().decode(errors="replace").strip()
            hint = "wait until it has ended, or stop it; nothing has been changed"
            message = "another process is writing to this folder"
            raise OutputError(Problem(message, str(folder), found=holder, hint=hint))
        file.truncate(0)
        now = time.strftime("%Y-%m-%d %H:%M:%S")
        file.write(f"process {os.getpid()} on {platform.node()}, since {now}".encode())
        file.flush()
        yield


def _take(file: IO[bytes]) -> bool:
    """Take the lock of an open file; say whether that was possible. Closing it gives it back."""
    try:
        if os.name == "posix":
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            import msvcrt

            file.seek(1 << 20)  # a byte that nobody reads: on Windows a locked one cannot be
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return False
    return True
