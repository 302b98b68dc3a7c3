"""Processes that do tries, and are started again when they die or do not come back."""

from __future__ import annotations

import multiprocessing
import os
import random
import resource
import sys
import time
from pathlib import Path
from typing import Any

from .trying import Room, Tried, attempt, kind_of

SPARE = 4 << 30
"""Bytes that a process may take beyond what it has: what asks for more is a MemoryError."""
PATIENCE = 120.0
"""Seconds after which a process that does not come back is ended."""


def work(
    where: tuple[Path, Path], numbers: range, how: dict[str, Any], board: Any, out: Any
) -> None:
    """Do the tries of some numbers; in a process of its own."""
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        most = pages * os.sysconf("SC_PAGE_SIZE") + SPARE
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    room = Room(*where, seconds=how["limit"])
    for number in numbers:
        if time.time() > how["end"]:
            break
        board[0], board[1] = number, time.time()
        out.put(attempt(room, how["seed"], number, how["kinds"]))
    board[0] = -1


class Worker:
    """A process that does every so manyth try, and is started again when it dies or hangs."""

    def __init__(self, index: int, bases: Path, scratch: Path, numbers: range, how: dict) -> None:
        self._context = multiprocessing.get_context("spawn")
        self.out = self._context.Queue()
        self._board = self._context.Array("d", 2, lock=False)
        self._index, self._where, self._how = index, (bases, scratch), how
        self._starts = 0
        self._start(numbers)

    def _start(self, numbers: range) -> None:
        self._numbers, self._starts = numbers, self._starts + 1
        self._board[0], self._board[1] = numbers.start, time.time() + 60
        scratch = self._where[1] / f"{self._index}-{self._starts}"
        given = ((self._where[0], scratch), numbers, self._how, self._board, self.out)
        self._process = self._context.Process(target=work, args=given, daemon=True)
        self._process.start()

    def look(self) -> Tried | None:
        """Return the try at which the process died or hung, if it did, and go on after it."""
        number, since = int(self._board[0]), self._board[1]
        hung = time.time() - since > PATIENCE
        if number < 0 or (self._process.is_alive() and not hung):
            return None
        self.end()
        code = self._process.exitcode
        kind = kind_of(random.Random(f"{self._how['seed']}/{number}"), self._how["kinds"])
        rest = range(number + self._numbers.step, self._numbers.stop, self._numbers.step)
        if rest and time.time() < self._how["end"]:
            self._start(rest)
        else:
            self._board[0] = -1
        found = "does not come back" if hung else f"the process died ({code})"
        return Tried(number, kind, "", None, found=found)

    @property
    def busy(self) -> bool:
        """Whether there is more to come."""
        return self._board[0] >= 0 or not self.out.empty()

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
