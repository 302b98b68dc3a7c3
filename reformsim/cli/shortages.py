"""Telling what a machine lacks (memory, threads, open files, room on a disk) from a bug of ours."""

from __future__ import annotations

import errno
from pathlib import Path

from reformsim.errors import Problem, reason_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = "there is not enough memory"
LESS = "try fewer --workers, replicates or schools, or allow more: see 'ulimit -v'"
THREADS = "no more threads or processes can be started"
FILES = "too many files are open"

_OF_THE_SYSTEM = {
    errno.ENOMEM: (MEMORY, LESS),
    errno.EAGAIN: (THREADS, "try fewer --workers, or allow more: see 'ulimit -u'"),
    errno.EMFILE: (FILES, "allow more: see 'ulimit -n'"),
    errno.ENFILE: (FILES, "the whole machine has too many open"),
    errno.ENOSPC: ("no space is left on the disk", ""),
    errno.EDQUOT: ("the quota of the disk is used up", ""),
    errno.EROFS: ("the file system can only be read", ""),
    errno.EIO: ("the disk or the terminal fails", ""),
    errno.EACCES: ("permission is denied", ""),
    errno.EPERM: ("the system does not permit it", ""),
    errno.ELOOP: ("links lead round in a circle", ""),
    errno.ENAMETOOLONG: ("a file's name is too long", ""),
}
"""What the numbers of the system's errors say of the machine, and what to do about it."""

_SILENT = ("a library failed without saying why: memory may be short", LESS)
"""Inferred: seen under `ulimit -v`, where a library had not passed on that an allocation failed."""
_IN_WORDS = (
    ("temporary directory", ("there is no folder for temporary files", "see TMPDIR")),
    ("start new thread", _OF_THE_SYSTEM[errno.EAGAIN]),
    ("pthread_create", _OF_THE_SYSTEM[errno.EAGAIN]),
    ("resource temporarily unavailable", _OF_THE_SYSTEM[errno.EAGAIN]),
    ("too many open files", _OF_THE_SYSTEM[errno.EMFILE]),
    ("no space left", _OF_THE_SYSTEM[errno.ENOSPC]),
    ("load shared object", ("a library cannot be loaded: memory may be short", LESS)),
    ("failed to map segment", _OF_THE_SYSTEM[errno.ENOMEM]),
    ("paging file is too small", _OF_THE_SYSTEM[errno.ENOMEM]),
    ("not enough memory", _OF_THE_SYSTEM[errno.ENOMEM]),
    ("out of memory", _OF_THE_SYSTEM[errno.ENOMEM]),
    ("bad_alloc", _OF_THE_SYSTEM[errno.ENOMEM]),
    ("allocate", _OF_THE_SYSTEM[errno.ENOMEM]),
    ("without exception set", _SILENT),
    ("without setting an exception", _SILENT),
)
"""What libraries say in words only."""


def shortage(error: BaseException) -> Problem | None:
    """Return what the machine lacks if an error, or what it came from, says so; else None."""
    for cause in _causes(error):
        if isinstance(cause, FileNotFoundError) and _is_nowhere():
            return Problem("the current folder does not exist any more", hint="cd to another one")
        if isinstance(cause, MemoryError):
            return Problem(MEMORY, found=_first_line(cause), hint=LESS)
        if isinstance(cause, OSError) and cause.errno in _OF_THE_SYSTEM:
            message, hint = _OF_THE_SYSTEM[cause.errno]
            file = str(cause.filename) if cause.filename is not None else ""
            found = "" if file else reason_of(cause)
            return Problem(message, file, found=found, hint=hint)
        if isinstance(cause, OSError | ImportError | RuntimeError | SystemError):
            said = str(cause).lower()
            for words, (message, hint) in _IN_WORDS:
                if words in said:
                    return Problem(message, found=_first_line(cause), hint=hint)
    return None


def _is_nowhere() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        within = error.__context__ if isinstance(error, ImportError) else None
        error = error.__cause__ or within


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0]
