"""Batches carried out by a pool, a window of them at a time, in an order that never changes.

However many batches there are, only a few for each worker are in memory. They are handed on in the
order of the plan, whichever ends first.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from reformsim.engines import memory
from reformsim.running.pools import WINDOW, WorkerDied, window

from .rows import failed_rows, joined, simulate_batch
from .runner import Runner

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from threading import Event

    from reformsim.running.pools import Pending, Pool

    from .rows import Rows, Wanted
    from .runs import Batch

WHOLE = 2
"""Of the batches in flight for each worker, how many may be as large as a batch can be, so that what
is in flight is soon done."""
MEMORY = 0.5
"""Share of the free memory that batches in flight may take."""


def stream(batches: Iterable[Batch], pool: Pool, wanted: Wanted, stop: Event) -> Iterator[Rows]:
    """Yield the rows of every batch in order; once `stop` is set, only of runs that have ended.

    A batch under which worker processes died is taken apart, and a run under which they do so alone
    becomes a row that failed.
    """
    most_bytes = MEMORY * memory.available()

    def has_room(in_flight: Sequence[Batch], batch: Batch) -> bool:
        return (
            len(in_flight) < WINDOW * pool.workers
            and sum(other.share for other in in_flight) + batch.share <= WHOLE * pool.workers
            and sum(other.bytes for other in in_flight) + batch.bytes <= most_bytes
        )

    def submit(batch: Batch) -> Pending[Rows]:
        # Workers that cannot see the event do a batch whole, which does not take long.
        return pool.submit(_rows, batch, wanted, stop if pool.shares_memory else None)

    def rows(batch: Batch, pending: Pending[Rows]) -> Rows:
        try:
            return pending.result()
        except WorkerDied as error:
            if len(batch.runs) == 1:
                return failed_rows(batch, wanted, error.problems[0].message)
            parts = [batch._replace(runs=(run,)) for run in batch.runs]
            return joined([rows(part, submit(part)) for part in parts])

    for batch, pending in window(batches, submit, has_room, stop):
        yield rows(batch, pending)


_this_thread = threading.local()
"""In a thread of a pool: the runner that remembers the reference of its last batches."""


def _rows(batch: Batch, wanted: Wanted, stop: Event | None) -> Rows:
    """Do the runs of a batch with the runner of this thread."""
    runner: Runner | None = getattr(_this_thread, "runner", None)
    if runner is None or runner.stop is not stop:
        runner = _this_thread.runner = Runner(stop)
    return simulate_batch(batch, wanted, runner)
