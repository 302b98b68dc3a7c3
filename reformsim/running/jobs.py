"""Running many simulations side by side: in threads what is compiled, in processes what is not.

A run depends on its scenario, seed and replicate alone, so the results do not depend on the number
of workers nor on which run ends first.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from reformsim.errors import Problem, ReformsimError

from .compiling import compile_first
from .pools import SPAWNING, Here, Processes, Threads, WorkerDied, at_least_one, stoppable_work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from reformsim.engines.trace import Verification
    from reformsim.mechanisms import Mechanisms
    from reformsim.record import Result
    from reformsim.scenario import Scenario

    from .pools import Pending

    Progress = Callable[[int, int], None]
    """Takes the months done and the months in all."""

    Board = NDArray[np.intc]
    """One number for each job, the months it has done, and at the end one that says "stop".

    Each is written by one worker only, and an old value does no harm, so there is no lock."""

T = TypeVar("T")


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
    at_once = min(at_least_one(workers), count)
    refuse_what_is_too_large(scenarios, engine, runs=at_once, kept=count - at_once)
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
    refuse_what_is_too_large(_scenarios(jobs), engine, runs=count, kept=len(jobs) - count)
    report = _Report(sum(job.months for job in jobs), on_done, on_progress)
    work = partial(_simulated, engine)
    if jobs and engine == "compiled":
        compile_first(jobs[0].mechanisms)
    return _carry_out(jobs, work, count, report, apart=engine != "compiled")


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
    refuse_what_is_too_large(_scenarios(jobs), "reference", runs=count)
    report = _Report(sum(job.months for job in jobs), on_done, on_progress)
    if jobs:
        compile_first(jobs[0].mechanisms)
    return _carry_out(jobs, _verified, count, report, apart=True)


def _simulated(engine: str, job: Job, progress: Progress | None = None) -> Result:
    from reformsim.engines import simulate

    return simulate(*job[:3], engine, progress, job.mechanisms)


def _verified(job: Job, progress: Progress | None = None) -> Verification:
    from reformsim.engines.trace import verify

    return verify(*job[:3], progress, job.mechanisms)


def _workers_for(jobs: Sequence[Job], workers: int | None) -> int:
    return min(at_least_one(workers), len(jobs))


def _scenarios(jobs: Sequence[Job]) -> list[Scenario]:
    return list({id(job.scenario): job.scenario for job in jobs}.values())


def refuse_what_is_too_large(
    scenarios: Sequence[Scenario], engine: str, runs: int, kept: int = 0, *, tables: bool = False
) -> None:
    """Raise ReformsimError if the largest scenario, so many at a time, does not fit into memory.

    `kept` are the runs whose records stay to the end, with `tables` to make tables of them.
    """
    from reformsim.engines import memory

    if scenarios:
        largest = max(scenarios, key=lambda scenario: memory.needed(scenario, engine))
        memory.check(largest, engine, runs=runs, kept=kept, tables=tables)


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

    def months(self, board: Board) -> None:
        if self._on_progress is not None:
            self._on_progress(int(board[:-1].sum()), self._total)


def _carry_out(
    jobs: Sequence[Job],
    work: Callable[[Job, Progress], T],
    workers: int,
    report: _Report,
    *,
    apart: bool,
) -> list[T]:
    """Do work on each job: here, if there is one worker, else in threads or, `apart`, in processes."""
    board: Board = np.zeros(len(jobs) + 1, np.intc)
    begin: Callable[[int, Job, Callable[[Job, Progress], T]], T]
    pool: Here | Threads | Processes
    if workers <= 1:
        pool, begin = Here(), partial(_noting, board, lambda: report.months(board))
    elif not apart:
        pool, begin = Threads(workers), partial(_noting, board, None)
    else:
        shared = SPAWNING.RawArray("i", len(board))
        board = np.frombuffer(shared, np.intc)
        pool, begin = Processes(workers, _take_board, shared), _in_process
    results: dict[int, T] = {}
    with stoppable_work(pool) as heed_interrupt:

        def look() -> None:
            report.months(board)
            heed_interrupt()

        try:
            pending: list[Pending[T]] = []
            for number, job in enumerate(jobs):
                with _named(job):
                    pending.append(pool.submit(begin, number, job, work))
            for number in pool.as_they_end(pending, look):
                with _named(jobs[number]):
                    results[number] = pending[number].result()
                report.done(results[number])
        finally:
            board[-1] = 1
    return [results[number] for number in range(len(jobs))]


def _noting(
    board: Board,
    look: Callable[[], None] | None,
    number: int,
    job: Job,
    work: Callable[[Job, Progress], T],
) -> T:
    """Do work on a job and note on the board how far it is; raises Stopped once that says so."""

    def progress(done: int, _total: int) -> None:
        if board[-1]:
            raise Stopped
        board[number] = done
        if look is not None:
            look()

    result = work(job, progress)
    board[number] = job.months  # where the engines differ, not all are simulated
    return result


_board: Board = np.zeros(0, np.intc)
"""In a process that was started for work: the board it shares with the one that started it."""


def _take_board(shared: Any) -> None:
    global _board  # noqa: PLW0603 - a process has no other way to keep what it is given as it starts
    _board = np.frombuffer(shared, np.intc)


def _in_process(number: int, job: Job, work: Callable[[Job, Progress], T]) -> T:
    return _noting(_board, None, number, job, work)


@contextmanager
def _named(job: Job) -> Iterator[None]:
    """Let what is raised name the run."""
    try:
        yield
    except Exception as error:
        raise _failure(job, error) from error


def _failure(job: Job, error: Exception) -> ReformsimError:
    """Return the error that names the run; what a user can put right stays such an error."""
    if isinstance(error, WorkerDied):
        (problem,) = error.problems
        return RunError(replace(problem, key=job.title))
    if isinstance(error, ReformsimError):
        # Errors cross from a worker as their text, one problem a line.
        return ReformsimError(*(f"{job.title}: {line}" for line in str(error).splitlines()))
    cause = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return RunError(Problem("the run failed", key=job.title, found=cause))
