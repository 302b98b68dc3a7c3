"""One process at a time writes to a folder.

The system holds the lock of a file for a process, and lets it go when the process ends, however it
does. Some network disks hold no locks (NFS without its lock daemon, Lustre without `-o flock`). There
a file that only one process can make takes the lock's place; a process that is killed leaves it
behind, and only on the same machine can be seen that it has ended.
"""

from __future__ import annotations

import errno
import os
import platform
import re
import stat
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from reformsim.errors import OutputError, Problem, ReformsimError, refused
from reformsim.reading import read_ordinary

from .links import refuse_links

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME, HELD = "lock", "lock.held"
"""The file that the system locks, and the one that stands for the lock where the system cannot."""
_BUSY = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, getattr(errno, "EDEADLK", errno.EAGAIN)}
"""What a system says of a lock that another process holds; anything else is that it has none."""
_HOLDER = re.compile(r"process ([0-9]+) on (.*), since ")
_LARGEST = 10_000
_ATTEMPTS = 3
BUSY = "another process is writing to this folder"
_held: dict[Path, _Lock] = {}


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the system lets it go when the process ends, however.

    So a file `lock` that was left behind blocks nobody. Raises OutputError if another process
    holds the folder, with its number, or if the folder cannot be written to.
    """
    lock = _Lock(folder)
    lock.take()
    _held[folder] = lock
    try:
        yield
    finally:
        del _held[folder]
        lock.release()


def still_locked(folder: Path) -> None:
    """Raise OutputError if this process held a folder and does not any more.

    Somebody may have deleted the file that is locked. It is then locked again, unless another process
    has begun to write.
    """
    if lock := _held.get(folder):
        lock.renew()


class _Lock:
    """The lock of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._by_file = False
        """Whether the file that stands for the lock was made."""
        self._watched = True
        """Whether the system tells by a file's number that it is another one."""
        self._text = b""

    def take(self) -> None:
        refuse_links(self._folder, {NAME, HELD})
        now = time.strftime("%Y-%m-%d %H:%M:%S")
        self._text = f"process {os.getpid()} on {platform.node()}, since {now}".encode()
        path = self._folder / NAME
        try:
            for _ in range(_ATTEMPTS):
                self._file = file = _open(path)
                taken = _take(file)
                if taken is False:
                    file.seek(0)
                    raise self._busy(file.read(_LARGEST))
                self._watched = _same(file, path)
                if taken is None:
                    self._make_held()
                if taken is None or self._watched:
                    break
            if taken:
                self._heed_held()
            file.seek(0)
            file.truncate()
            file.write(self._text)
            file.flush()
        except OSError as error:
            self.release()
            raise OutputError(refused(path, error)) from error
        except ReformsimError:
            self.release()
            raise

    def renew(self) -> None:
        if self._by_file:
            if _content(self._folder / HELD) != self._text:
                self._make_held()
            return
        if self._file is None or not self._watched or _same(self._file, self._folder / NAME):
            return
        self._file.close()
        self.take()

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._by_file and _content(self._folder / HELD) == self._text:
            with suppress(OSError):
                (self._folder / HELD).unlink()
        self._by_file = False

    def _heed_held(self) -> None:
        """Raise OutputError if a process of a machine where this disk has no locks may be writing."""
        path = self._folder / HELD
        if path.exists() and not _has_ended(holder := _content(path)):
            raise self._busy(holder, HELD)

    def _make_held(self) -> None:
        """Make the file that stands for the lock; raises OutputError if another process has."""
        path = self._folder / HELD
        self._by_file = False
        for _ in range(2):
            try:
                with path.open("xb") as file:
                    file.write(self._text)
            except FileExistsError:
                holder = _content(path)
                if not _has_ended(holder):
                    raise self._busy(holder, HELD) from None
                path.unlink(missing_ok=True)
            else:
                self._by_file = True
                return
        raise self._busy(_content(path), HELD)

    def _busy(self, holder: bytes, name: str = "") -> OutputError:
        hint = "wait until it has ended, or stop it; nothing has been changed"
        if name:
            hint += (
                ". Where it runs this disk keeps no locks (flock), so if it was killed, delete"
                f" {name} in the folder and try again"
            )
        process = holder.decode(errors="replace").strip()
        return OutputError(Problem(BUSY, str(self._folder), found=process, hint=hint))


def _open(path: Path) -> IO[bytes]:
    """Open the file to be locked, an ordinary one that has no other name; raises OSError."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC"):
        flags |= getattr(os, name, 0)
    number = os.open(path, flags, 0o666)
    status = os.fstat(number)
    if stat.S_ISREG(status.st_mode) and status.st_nlink <= 1:
        return os.fdopen(number, "r+b")
    os.close(number)
    if stat.S_ISREG(status.st_mode):
        raise OSError("the file has another name elsewhere, a hard link; delete this one")
    raise OSError("it is not an ordinary file")


def _same(file: IO[bytes], path: Path) -> bool:
    """Say whether a path still leads to an open file."""
    try:
        named = path.lstat()
    except OSError:
        return False
    opened = os.fstat(file.fileno())
    return (opened.st_dev, opened.st_ino) == (named.st_dev, named.st_ino)


def _content(path: Path) -> bytes:
    with suppress(OSError):
        return read_ordinary(path, _LARGEST, links=False)
    return b""


def _has_ended(holder: bytes) -> bool:
    """Say whether the process that a file names was one of this machine and is there no more."""
    match = _HOLDER.match(holder.decode(errors="replace"))
    if not match or match[2] != platform.node() or os.name != "posix":
        return False
    try:
        os.kill(int(match[1]), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:
        return False
    return False


def _take(file: IO[bytes]) -> bool | None:
    """Take the lock of an open file; say whether that was possible. Closing it gives it back.

    None says that there are no locks on this disk.
    """
    try:
        if os.name == "posix":
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            import msvcrt

            file.seek(1 << 20)  # a byte that nobody reads: on Windows a locked one cannot be
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    except OSError as error:
        return False if error.errno in _BUSY else None
    return True
