"""Pools: who calls functions side by side. All threads and processes of the program are started here.

A pool takes on calls and hands back what waits for their results; who uses it need not know whether
that is another thread, another process, a cluster (`cluster`), or nobody but the caller. A run depends
on its scenario, seed and replicate alone, so no number depends on which pool it was.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections import deque
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from reformsim.errors import Problem, ReformsimError

from .interrupts import interrupts_ignored, stoppable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Executor, Future
    from threading import Event

T = TypeVar("T")
Item = TypeVar("Item")
T_co = TypeVar("T_co", covariant=True)

POLL = 0.25
"""Seconds between two looks at how far the workers are."""
WINDOW = 8
"""Calls in flight for each worker: enough that none is idle while a result is made use of."""


class WorkerDied(ReformsimError):
    """A worker process ended before the call that it had been given did."""


class Pending(Protocol[T_co]):
    """A call that a pool has taken on."""

    def result(self) -> T_co:
        """Wait until it has ended, and return what it returned or raise what it raised.

        Raises WorkerDied if a process ended that had it.
        """


class Pool(Protocol):
    """Workers that call functions."""

    workers: int
    shares_memory: bool
    """Whether the workers see what changes in this process, such as an event that is set."""

    def submit(self, function: Callable[..., T], *arguments: Any) -> Pending[T]:
        """Take on a call."""

    def share(self, value: Any) -> Any:
        """Return what to pass in the place of an argument that many calls have in common."""

    def close(self) -> None:
        """Let the workers go; calls that have begun are waited for, the others dropped."""


class Here:
    """The caller alone: a call is made when its result is asked for."""

    workers = 1
    shares_memory = True

    def submit(self, function: Callable[..., T], *arguments: Any) -> Pending[T]:
        """Take on a call."""
        return _Postponed(partial(function, *arguments))

    def share(self, value: Any) -> Any:
        """Return the value itself."""
        return value

    def as_they_end(
        self, pending: Sequence[Pending[Any]], meanwhile: Callable[[], None]
    ) -> Iterator[int]:
        """Yield the number of each call in their order; there is no meanwhile."""
        del meanwhile
        yield from range(len(pending))

    def close(self) -> None:
        """Do nothing: there is nobody to let go."""


class _Postponed(Generic[T]):
    """A call that the caller will make."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._results: list[T] = []

    def result(self) -> T:
        """Make the call, the first time."""
        if not self._results:
            self._results.append(self._call())
        return self._results[0]


class _Executing:
    """A pool of the workers of an executor."""

    def __init__(self, workers: int, executor: Executor) -> None:
        self.workers = workers
        self._executor = executor

    def submit(self, function: Callable[..., T], *arguments: Any) -> Pending[T]:
        """Take on a call."""
        try:
            return _Submitted(self._executor.submit(function, *arguments))
        except BrokenExecutor as error:
            raise _died() from error

    def share(self, value: Any) -> Any:
        """Return the value itself."""
        return value

    def as_they_end(
        self, pending: Sequence[Pending[Any]], meanwhile: Callable[[], None]
    ) -> Iterator[int]:
        """Yield the number of each call as it ends; call `meanwhile` after each, and now and then."""
        ended: SimpleQueue[int] = SimpleQueue()
        for number, call in enumerate(pending):
            if isinstance(call, _Submitted):
                call.future.add_done_callback(partial(_put, ended, number))
        left = len(pending)
        while left:
            with suppress(Empty):
                yield ended.get(timeout=POLL)
                left -= 1
            meanwhile()

    def close(self) -> None:
        """Wait for the calls that have begun and drop the others."""
        self._executor.shutdown(wait=True, cancel_futures=True)


def _put(ended: SimpleQueue[int], number: int, _future: Future[Any]) -> None:
    ended.put(number)


class _Submitted(Generic[T]):
    """A call that an executor has."""

    def __init__(self, future: Future[T]) -> None:
        self.future = future

    def result(self) -> T:
        """Wait for it."""
        try:
            return self.future.result()
        except BrokenExecutor as error:
            raise _died() from error


class Threads(_Executing):
    """Threads of this process: the compiled engine runs free of Python's lock."""

    shares_memory = True

    def __init__(self, workers: int | None = None) -> None:
        """Have so many threads, by default one for each processor."""
        count = at_least_one(workers)
        super().__init__(count, ThreadPoolExecutor(count))


class Processes(_Executing):
    """Processes on this machine, for what holds Python's lock; they leave Ctrl-C to this one."""

    shares_memory = False

    def __init__(
        self, workers: int | None = None, begin: Callable[..., None] | None = None, *given: Any
    ) -> None:
        """Have so many processes; each calls `begin` with what is given, as it starts."""
        count = at_least_one(workers)
        executor = ProcessPoolExecutor(
            count, SPAWNING, initializer=_start_process, initargs=(begin, given)
        )
        super().__init__(count, executor)

    def submit(self, function: Callable[..., T], *arguments: Any) -> Pending[T]:
        """Take on a call, which may start a process."""
        with interrupts_ignored():
            return super().submit(function, *arguments)


SPAWNING = multiprocessing.get_context("spawn")
"""Processes that begin anew: a copy of this one would have the locks that its threads hold."""


def _start_process(begin: Callable[..., None] | None, given: Sequence[Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if begin is not None:
        begin(*given)


def _died() -> WorkerDied:
    hint = "memory may have run out: try fewer --workers"
    if script := _unguarded_script():
        hint = (
            f"{script} needs 'if __name__ == \"__main__\":' above what it calls, as every worker"
            f" process reads it; if it has that, {hint}"
        )
    return WorkerDied(Problem("a worker process ended before its run did", hint=hint))


def _unguarded_script() -> str:
    """Return the script that was run, if no line of it tells a worker process from the first one."""
    path = getattr(sys.modules.get("__main__"), "__file__", None)
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace") if path else ""
    except (OSError, ValueError):
        return ""
    return Path(path).name if path and text and "__main__" not in text else ""


def at_least_one(workers: int | None) -> int:
    """Return a number of workers, by default that of processors. Raises ReformsimError below 1."""
    if workers is not None and workers < 1:
        raise ReformsimError(f"workers must be at least 1; got {workers}")
    return workers or os.cpu_count() or 1


@contextmanager
def stoppable_work(pool: Pool) -> Iterator[Callable[[], None]]:
    """Use a pool, and at the end drop what it has not begun; give a function that heeds Ctrl-C.

    The locks of an executor are Python code: a KeyboardInterrupt in the midst of it can leave one
    held, and everyone waiting for it. So Ctrl-C is only noted, and that function raises it, called
    where nothing can be left half done. The caller alone has no such locks, and is stopped at once.
    """
    if isinstance(pool, Here):
        yield lambda: None
        return
    with stoppable() as stop:

        def heed_interrupt() -> None:
            if stop.is_set():
                raise KeyboardInterrupt

        try:
            yield heed_interrupt
        finally:
            pool.close()
    heed_interrupt()


def in_order(pool: Pool, function: Callable[..., T], calls: Iterable[Sequence[Any]]) -> Iterator[T]:
    """Yield what a function returns with the arguments of each call, in their order.

    However many there are, only a window of them is in flight.
    """

    def has_room(in_flight: Sequence[Sequence[Any]], _call: Sequence[Any]) -> bool:
        return len(in_flight) < WINDOW * pool.workers

    def submit(call: Sequence[Any]) -> Pending[T]:
        return pool.submit(function, *call)

    return (pending.result() for _, pending in window(calls, submit, has_room))


def window(
    items: Iterable[Item],
    submit: Callable[[Item], Pending[T]],
    has_room: Callable[[Sequence[Item], Item], bool],
    stop: Event | None = None,
) -> Iterator[tuple[Item, Pending[T]]]:
    """Yield each item with the call that it was submitted as, in order, when it is to be waited for.

    The next item is submitted once `has_room` says so of those in flight and itself, or none is left;
    when `stop` is set, no more are.
    """
    in_flight: deque[tuple[Item, Pending[T]]] = deque()
    for item in items:
        while in_flight and not has_room([earlier for earlier, _ in in_flight], item):
            yield in_flight.popleft()
        if stop is not None and stop.is_set():
            break
        in_flight.append((item, submit(item)))
    while in_flight:
        yield in_flight.popleft()
