"""Batches carried out side by side, a window of them at a time, in an order that never changes.

However many batches there are, only a few for each worker are in memory. They are handed on in the
order of the plan, whichever ends first.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from reformsim.engines import memory
from reformsim.errors import ReformsimError

from .rows import carry_out
from .runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from threading import Event

    from .plan import Batch
    from .rows import Rows, Wanted

    Pending = Callable[[], Rows]
    """Waits for the rows of a batch that is being carried out, and returns them."""

WINDOW = 8
"""Batches in flight for each worker: enough that none is idle while a part is written."""
WHOLE = 2
"""Of those, how many may be as large as a batch can be, so that what is in flight is soon done."""
MEMORY = 0.5
"""Share of the free memory that batches in flight may take."""


class Pool(Protocol):
    """Workers that carry out batches."""

    workers: int

    def submit(self, batch: Batch, wanted: Wanted, stop: Event) -> Pending:
        """Take on a batch; once `stop` is set, less than all of it may be done."""

    def close(self) -> None:
        """Let the workers go; what has not begun is dropped."""


class Threads:
    """Threads of this process: the compiled engine runs free of Python's lock."""

    def __init__(self, workers: int | None) -> None:
        if workers is not None and workers < 1:
            raise ReformsimError(f"workers must be at least 1; got {workers}")
        self.workers = workers or os.cpu_count() or 1
        self._executor = ThreadPoolExecutor(self.workers)
        self._own = threading.local()

    def submit(self, batch: Batch, wanted: Wanted, stop: Event) -> Pending:
        """Take on a batch."""
        return self._executor.submit(self._carry_out, batch, wanted, stop).result

    def close(self) -> None:
        """Wait for the runs that have begun and drop the others."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _carry_out(self, batch: Batch, wanted: Wanted, stop: Event) -> Rows:
        runner: Runner = self._own.__dict__.setdefault("runner", Runner(stop))
        return carry_out(batch, wanted, runner)


def stream(batches: Iterable[Batch], pool: Pool, wanted: Wanted, stop: Event) -> Iterator[Rows]:
    """Yield the rows of every batch in order; once `stop` is set, only of runs that have ended."""
    pending: deque[tuple[Batch, Pending]] = deque()
    most_bytes = MEMORY * memory.available()
    for batch in batches:
        while pending and (
            len(pending) >= WINDOW * pool.workers
            or sum(waiting.share for waiting, _ in pending) + batch.share > WHOLE * pool.workers
            or sum(waiting.bytes for waiting, _ in pending) + batch.bytes > most_bytes
        ):
            yield pending.popleft()[1]()
        if stop.is_set():
            break
        pending.append((batch, pool.submit(batch, wanted, stop)))
    while pending:
        yield pending.popleft()[1]()
