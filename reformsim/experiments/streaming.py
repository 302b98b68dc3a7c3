"""Batches carried out side by side, a window of them at a time, in an order that never changes.

However many batches there are, only a few for each worker are in memory. They are handed on in the
order of the plan, whichever ends first.
"""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from reformsim.errors import ReformsimError

from .rows import carry_out

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Iterator

    from .plan import Batch
    from .rows import Rows, Wanted

    Pending = Callable[[], Rows]
    """Waits for the rows of a batch that is being carried out, and returns them."""

WINDOW = 8
"""Batches in flight for each worker: enough that none is idle while a part is written."""


class Pool(Protocol):
    """Workers that carry out batches."""

    workers: int

    def submit(self, batch: Batch, wanted: Wanted) -> Pending:
        """Take on a batch."""

    def close(self) -> None:
        """Let the workers go; what has not begun is dropped."""


class Threads:
    """Threads of this process: the compiled engine runs free of Python's lock."""

    def __init__(self, workers: int | None) -> None:
        if workers is not None and workers < 1:
            raise ReformsimError(f"workers must be at least 1; got {workers}")
        self.workers = workers or os.cpu_count() or 1
        self._executor = ThreadPoolExecutor(self.workers)

    def submit(self, batch: Batch, wanted: Wanted) -> Pending:
        """Take on a batch."""
        return self._executor.submit(carry_out, batch, wanted).result

    def close(self) -> None:
        """Wait for the batches that have begun and drop the others."""
        self._executor.shutdown(wait=True, cancel_futures=True)


def stream(
    batches: Iterable[Batch], pool: Pool, wanted: Wanted, stop: threading.Event
) -> Iterator[Rows]:
    """Yield the rows of every batch in order; once `stop` is set, only of those in flight."""
    pending: deque[Pending] = deque()
    for batch in batches:
        if stop.is_set():
            break
        pending.append(pool.submit(batch, wanted))
        if len(pending) >= WINDOW * pool.workers:
            yield pending.popleft()()
    while pending:
        yield pending.popleft()()
