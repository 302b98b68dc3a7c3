"""Doing what is not done yet, and storing it as it comes."""

from __future__ import annotations

import shlex
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from reformsim.errors import OutputError, ReformsimError
from reformsim.results import counting, lock, store

from .recipe import recipe_of
from .rows import Rows, Wanted, tables
from .streaming import stream

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from reformsim.running.pools import Pool

    from .plan import Plan
    from .runs import Batch

FEWEST_SECONDS, MOST_SECONDS = 3.0, 60.0
"""Between two parts that are written: with the batches in flight, a kill loses no more than 5."""
LOST = 1 / 1200
"""Share of the time so far that a kill may lose: what takes more than an hour writes less often, as
each part is a few files more."""
MOST_RUNS, MOST_NUMBERS = 10_000, 4_000_000
"""In one part: runs, and numbers in its other tables."""


def do_what_is_missing(
    folder: Path,
    plan: Plan,
    pool: Pool,
    on_progress: Callable[[int, int], None],
    stop: threading.Event,
) -> None:
    """Do every run of the plan that is not stored, and store it; all but the rest, once `stop` is set.

    `on_progress` is called with the runs stored or in hand, and those planned. Raises OutputError
    if the folder can no longer be written to; what else ends the work leaves all finished runs stored.
    """
    members = counting.members_of(recipe_of(folder))
    again = resume_command(folder, plan.mechanisms.path if plan.mechanisms else "")
    done = counting.count(folder, members).ids
    finished = len(done)
    on_progress(finished, len(plan))
    writer = Writer(folder, Wanted.by(plan.experiment, plan.varied), members.marks)
    try:
        for rows in stream(missing(plan.batches(), done), pool, writer.wanted, stop):
            writer.add(rows)
            finished += len(rows.runs)
            on_progress(finished, len(plan))
        writer.write()
    except OutputError as error:
        busy = any(problem.message == lock.BUSY for problem in error.problems)
        first = "wait until it has ended" if busy else "make it writable or free some space"
        hint = f"what is stored is safe; {first}, then: {again}"
        raise OutputError(*(replace(one, hint=hint) for one in error.problems)) from error
    except BaseException as error:
        writer.write()  # nothing finished is lost
        if isinstance(error, ReformsimError):
            hint = f"what was finished is stored; then: {again}"
            raise ReformsimError(*(replace(one, hint=hint) for one in error.problems)) from error
        raise


def missing(batches: Iterable[Batch], done: NDArray[np.uint64]) -> Iterator[Batch]:
    """Yield what is left to do of each batch."""
    for batch in batches:
        runs = batch.runs
        if len(done):
            ids = store.numbers_of(one.id for one in runs)
            places = np.minimum(np.searchsorted(done, ids), len(done) - 1)
            there = done[places] == ids
            runs = tuple(one for one, is_there in zip(runs, there, strict=True) if not is_there)
        if runs:
            yield batch._replace(runs=runs)


class Writer:
    """Collects rows and stores them as parts of a sensible size."""

    def __init__(
        self, folder: Path, wanted: Wanted, marks: Mapping[str, str] | None = None
    ) -> None:
        self.wanted = wanted
        self._marks = marks
        self._folder = folder
        self._rows: list[Rows] = []
        self._runs = self._numbers = 0
        self._begun = self._written = time.monotonic()

    def add(self, rows: Rows) -> None:
        """Take rows, and store what has been collected if it is time."""
        self._rows.append(rows)
        self._runs += len(rows.runs)
        self._numbers += rows.numbers
        now = time.monotonic()
        pause = min(max(FEWEST_SECONDS, LOST * (now - self._begun)), MOST_SECONDS)
        if now - self._written >= pause or self._runs >= MOST_RUNS or self._numbers >= MOST_NUMBERS:
            self.write()

    def write(self) -> None:
        """Store what has been collected."""
        rows, self._rows, self._runs, self._numbers = self._rows, [], 0, 0
        if any(one.runs for one in rows):  # a batch that is stopped may have none
            store.append(self._folder, tables(rows, self.wanted), self._marks)
        self._written = time.monotonic()


def resume_command(folder: Path, mechanisms: str = "") -> str:
    """Return the command that goes on with an experiment, with its file of custom mechanisms."""
    option = f" --mechanisms {shlex.quote(mechanisms)}" if mechanisms else ""
    return f"reformsim experiment resume {shlex.quote(str(folder))}{option}"
