"""Running many simulations side by side: in threads what is compiled, in processes what is not.

A run depends on its scenario, seed and replicate alone, so the results do not depend on the number
of workers nor on which run ends first.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from reformsim.errors import Problem, ReformsimError

from .interrupts import compile_first, interrupts_ignored, stoppable_work

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, MutableSequence, Sequence
    from concurrent.futures import Future

    from reformsim.engines.trace import Verification
    from reformsim.mechanisms import Mechanisms
    from reformsim.record import Result
    from reformsim.scenario import Scenario

    Progress = Callable[[int, int], None]
    """Takes the months done and the months in all."""

T = TypeVar("T")
POLL = 0.25
"""Seconds between two looks at how far the workers are."""


class Job(NamedTuple):
    """One run to do."""

    scenario: Scenario
    seed: int
    replicate: int
    mechanisms: Mechanisms | None = None

    @property
    def title(self) -> str:
        """The run in words, for messages."""
        names = self.scenario.names
        parts = [part for part in (names.district, names.condition, names.strategy) if part]
        scenario = " / ".join(parts) or f"scenario {self.scenario.fingerprint}"
        return f"{scenario}, seed {self.seed}, replicate {self.replicate}"

    @property
    def months(self) -> int:
        """How many months the run takes."""
        return self.scenario.last_month - self.scenario.first_month


class Stopped(Exception):
    """Ends a run that is not to be finished."""


class RunError(ReformsimError):
    """A run failed though its scenario had been accepted. The cause is the error itself."""


def jobs_of(
    scenarios: Sequence[Scenario],
    seed: int,
    replicates: int,
    mechanisms: Mechanisms | None = None,
    engine: str = "compiled",
    workers: int | None = None,
) -> list[Job]:
    """Return a job for each scenario and replicate, those of a scenario after one another.

    Raises ReformsimError, before any is made, if all of them are too much for memory.
    """
    from reformsim.engines import engine_named

    engine = engine_named(engine)
    count = len(scenarios) * replicates
    at_once = min(workers or os.cpu_count() or 1, count)
    _refuse_what_is_too_large(scenarios, engine, runs=at_once, kept=count - at_once)
    return [
        Job(scenario, seed, replicate, mechanisms)
        for scenario in scenarios
        for replicate in range(replicates)
    ]


def run_many(
    jobs: Sequence[Job],
    workers: int | None = None,
    on_done: Callable[[Result], None] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    engine: str = "compiled",
) -> list[Result]:
    """Run every job and return the results in the order of the jobs.

    `workers` is the number of threads (compiled engine, whose kernels run free of Python's lock) or
    processes (reference engine), by default that of the processors; with one, the runs are done here.
    `on_done` is called after each run, in the order in which they end; `on_progress` now and then
    with the months done and the months in all. Runs too large for memory are refused before the
    first begins. If a run fails the others are stopped and ReformsimError names it, with the
    original as its cause; it is a RunError unless the original says what the user can put right. A
    KeyboardInterrupt stops all workers and passes on.
    """
    from reformsim.engines import engine_named

    engine = engine_named(engine)
    jobs = [Job(*job) for job in jobs]
    count = _workers_for(jobs, workers)
    _refuse_what_is_too_large(_scenarios(jobs), engine, runs=count, kept=len(jobs) - count)
    report = _Report(sum(job.months for job in jobs), on_done, on_progress)
    work = partial(_simulated, engine)
    if jobs and engine == "compiled":
        compile_first(jobs[0].mechanisms)
    if count <= 1:
        return _run_here(jobs, work, report)
    run = _run_in_threads if engine == "compiled" else _run_apart
    return run(jobs, work, count, report)


def verify_many(
    jobs: Sequence[Job],
    workers: int | None = None,
    on_done: Callable[[Verification], None] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Verification]:
    """Simulate every job with both engines, and return what came of it in the order of the jobs.

    `workers` is the number of processes, by default that of the processors. What is refused and
    raised, and when the other arguments are called, is as for `run_many`.
    """
    count = _workers_for(jobs, workers)
    _refuse_what_is_too_large(_scenarios(jobs), "reference", runs=count)
    report = _Report(sum(job.months for job in jobs), on_done, on_progress)
    if jobs:
        compile_first(jobs[0].mechanisms)
    if count <= 1:
        return _run_here(jobs, _verified, report)
    return _run_apart(jobs, _verified, count, report)


def _simulated(engine: str, job: Job, progress: Progress | None = None) -> Result:
    from reformsim.engines import simulate

    return simulate(*job[:3], engine, progress, job.mechanisms)


def _verified(job: Job, progress: Progress | None = None) -> Verification:
    from reformsim.engines.trace import verify

    return verify(*job[:3], progress, job.mechanisms)


def _workers_for(jobs: Sequence[Job], workers: int | None) -> int:
    if workers is not None and workers < 1:
        raise ReformsimError(f"workers must be at least 1; got {workers}")
    return min(workers or os.cpu_count() or 1, len(jobs))


def _scenarios(jobs: Sequence[Job]) -> list[Scenario]:
    return list({id(job.scenario): job.scenario for job in jobs}.values())


def _refuse_what_is_too_large(
    scenarios: Sequence[Scenario], engine: str, runs: int, kept: int = 0
) -> None:
    """Raise ReformsimError if the largest scenario, so many at a time, does not fit into memory."""
    from reformsim.engines import memory

    if scenarios:
        largest = max(scenarios, key=lambda scenario: memory.needed(scenario, engine))
        memory.check(largest, engine, runs=runs, kept=kept)


class _Report:
    """Passes on what has been done to those who asked."""

    def __init__(
        self,
        total: int,
        on_done: Callable[[Any], None] | None,
        on_progress: Callable[[int, int], None] | None,
    ) -> None:
        self._total, self._on_done, self._on_progress = total, on_done, on_progress

    def done(self, result: object) -> None:
        if self._on_done is not None:
            self._on_done(result)

    def months(self, count: int) -> None:
        if self._on_progress is not None:
            self._on_progress(count, self._total)


def _run_here(jobs: Sequence[Job], work: Callable[[Job, Progress], T], report: _Report) -> list[T]:
    results: list[T] = []
    before = 0
    for job in jobs:
        start = before

        def progress(done: int, _total: int, start: int = start) -> None:
            report.months(start + done)

        try:
            result = work(job, progress)
        except Exception as error:
            raise _failure(job, error) from error
        results.append(result)
        report.done(result)
        before += job.months
    return results


def _run_in_threads(
    jobs: Sequence[Job], work: Callable[[Job, Progress], T], workers: int, report: _Report
) -> list[T]:
    results: list[T | None] = [None] * len(jobs)
    executor = ThreadPoolExecutor(workers)
    with stoppable_work(executor) as heed_interrupt:

        def heed(_done: int, _total: int) -> None:
            heed_interrupt()

        futures = {executor.submit(work, job, heed): number for number, job in enumerate(jobs)}
        done = 0
        for future in _as_they_end(futures, heed_interrupt):
            number = futures[future]
            results[number] = _result(jobs[number], future)
            done += jobs[number].months
            report.done(results[number])
            report.months(done)
    return [result for result in results if result is not None]


def _run_apart(
    jobs: Sequence[Job], work: Callable[[Job, Progress], T], workers: int, report: _Report
) -> list[T]:
    context = multiprocessing.get_context("spawn")
    # One number for each job, the months it has done, and at the end one that says "stop". Each is
    # written by one process only, and an old value does no harm, so there is no lock.
    board: MutableSequence[int] = context.RawArray("i", len(jobs) + 1)
    results: list[T | None] = [None] * len(jobs)
    executor = ProcessPoolExecutor(workers, context, initializer=_start_worker, initargs=(board,))
    with stoppable_work(executor) as heed_interrupt:

        def look() -> None:
            report.months(sum(board[:-1]))
            heed_interrupt()

        try:
            with interrupts_ignored():
                futures = {
                    executor.submit(_run_in_worker, number, job, work): number
                    for number, job in enumerate(jobs)
                }
            for future in _as_they_end(futures, look):
                number = futures[future]
                results[number] = _result(jobs[number], future)
                report.done(results[number])
        finally:
            board[-1] = 1
    return [result for result in results if result is not None]


def _as_they_end(
    futures: Collection[Future[T]], meanwhile: Callable[[], None]
) -> Iterator[Future[T]]:
    """Yield futures in the order in which they end; call `meanwhile` after each, and now and then."""
    ended: SimpleQueue[Future[T]] = SimpleQueue()
    for future in futures:
        future.add_done_callback(ended.put)
    left = len(futures)
    while left:
        with suppress(Empty):
            yield ended.get(timeout=POLL)
            left -= 1
        meanwhile()


def _result(job: Job, future: Future[T]) -> T:
    try:
        return future.result()
    except BrokenExecutor as error:
        hint = "memory may have run out: try fewer --workers"
        message = "a worker process ended before its run did"
        raise RunError(Problem(message, key=job.title, hint=hint)) from error
    except Exception as error:
        raise _failure(job, error) from error


def _failure(job: Job, error: Exception) -> ReformsimError:
    """Return the error that names the run; what a user can put right stays such an error."""
    if isinstance(error, ReformsimError):
        # Errors cross from a worker as their text, one problem a line.
        return ReformsimError(*(f"{job.title}: {line}" for line in str(error).splitlines()))
    cause = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return RunError(Problem("the run failed", key=job.title, found=cause))


_board: MutableSequence[int] = []
"""In a worker: the board it shares with the process that started it."""


def _start_worker(board: MutableSequence[int]) -> None:
    global _board  # noqa: PLW0603 - an initializer has no other way to leave something behind
    _board = board
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _run_in_worker(number: int, job: Job, work: Callable[[Job, Progress], T]) -> T:
    def progress(done: int, _total: int) -> None:
        if _board[-1]:
            raise Stopped
        _board[number] = done

    result = work(job, progress)
    _board[number] = job.months  # where the engines differ, not all are simulated
    return result
