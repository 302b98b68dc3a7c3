"""Showing how far many runs are: a bar on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from .console import console, say

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from rich.live import Live

    from reformsim.api.requests import R, Request
    from reformsim.api.results import Simulated
    from reformsim.calibration import Step
    from reformsim.mechanisms import Mechanisms

    from .bar import State

SHARE, SECONDS = 0.05, 10.0
"""Without a bar, a line at most for each share of the work and each so many seconds."""
LINE_SECONDS = 60.0
"""Without a bar, between two lines about an experiment."""


def simulated(request: Request[R], *, quiet: bool = False) -> R:
    """Run what was asked for, with progress on stderr, and return what came of it."""
    from reformsim.analysis.plan_notes import plan_note

    runs = len(request.jobs)
    if note := plan_note(request.scenarios):
        say(f"Note: {note}.", style="yellow", quiet=quiet, stderr=True)
    if request.how.engine == "compiled":
        announce_compiling(quiet=quiet, mechanisms=request.mechanisms)
    with Progress(runs, quiet=quiet) as progress:
        return request.simulate(progress.months, progress.done)


def say_notes(result: Simulated) -> None:
    """Say what may not have been meant, but for what is said before anything runs."""
    from reformsim.analysis.plan_notes import plan_note

    before = plan_note(result.scenarios)
    for note in result.notes:
        if note != before:
            say(f"Note: {note}.", style="yellow")


def announce_compiling(*, quiet: bool, mechanisms: Mechanisms | None = None) -> None:
    """Say on stderr that the engine will have to be compiled, if it will."""
    from reformsim.engines.compiled.cache import is_compiled

    if not quiet and not is_compiled(mechanisms):
        once = "once on this machine"
        if mechanisms is not None:
            once = f"with {mechanisms.name}, once for each version of it"
        say(f"Compiling the engine, {once}: half a minute to two …", stderr=True)


class Progress:
    """Follows runs while they are simulated; a context manager."""

    def __init__(
        self, runs: int, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._runs, self._quiet, self._clock = runs, quiet, clock
        self._console = console(stderr=True)
        self._finished, self._share = 0, 0.0
        # The rate counts from the first news on, as the engine may be compiled before it.
        self._first: tuple[float, float] | None = None
        self._start = self._shown_at = clock()
        self._shown_step = 0
        self._bar: Live | None = None

    def __enter__(self) -> Self:
        """Show that work has begun."""
        if self._quiet:
            return self
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            from .bar import open_bar

            self._bar = open_bar(self._console, self._state)
        else:
            self._say(f"{_runs(self._runs)} to do")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away, or say how long it took."""
        if self._bar is not None:
            self._bar.stop()
        if not self._quiet and kind is None:
            self._say(f"{_runs(self._runs)} done in {duration(self._clock() - self._start)}")

    def done(self, _result: object) -> None:
        """Take note that one run has ended."""
        self._finished += 1

    def months(self, done: int, total: int) -> None:
        """Take note of how many months have been simulated, of how many."""
        self._share = done / total if total else 1.0
        self._first = self._first or (self._clock(), self._share)
        if self._bar is None and not self._quiet and 0 < done < total:
            self._perhaps_say()

    def _perhaps_say(self) -> None:
        now = self._clock()
        step = int(self._share / SHARE + 1e-9)
        if step > self._shown_step and now - self._shown_at >= SECONDS and self._has_moved():
            self._shown_at, self._shown_step = now, step
            self._say(self._in_words())

    def _state(self) -> State:
        from .bar import State

        if self._first is None:
            return State(None, f"{_runs(self._runs)} to do")
        return State(self._share, self._in_words())

    def _has_moved(self) -> bool:
        """Say whether there has been news since the first, so that a rate is known."""
        return self._first is not None and self._share > self._first[1]

    def _in_words(self) -> str:
        now = self._clock()
        words = (
            f"{self._share:4.0%}  {self._finished:,} of {_runs(self._runs)},"
            f" {duration(now - self._start)} so far"
        )
        if self._first is not None and self._has_moved():
            first, share = self._first
            left = (now - first) * (1 - self._share) / (self._share - share)
            words += f", about {duration(left)} left"
        return words

    def _say(self, text: str) -> None:
        self._console.say(text, "dim")


class ExperimentProgress:
    """Follows an experiment, whose runs are counted; a context manager."""

    def __init__(self, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._quiet, self._clock = quiet, clock
        self._console = console(stderr=True)
        self._begun = self._before = self._done = self._planned = -1
        self._start = self._shown_at = clock()
        self._bar: Live | None = None

    def __enter__(self) -> Self:
        """Show a bar, on a terminal."""
        if not self._quiet and self._console.is_terminal and not self._console.is_dumb_terminal:
            from .bar import open_bar

            self._bar = open_bar(self._console, self._state)
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def runs(self, done: int, planned: int) -> None:
        """Take note of how many runs are done, of how many; called first before any is.

        Another experiment may follow; an extension of the same one continues from there.
        """
        another = planned != self._planned and done != self._done
        self._planned, self._done = planned, done
        if another:
            self._begun = self._before = done
            self._start = self._shown_at = self._clock()
            self.tell(f"{planned - done:,} of {_runs(planned)} to do")
            return
        if self._before == self._begun < done:  # the engine may have been compiled till now
            self._before, self._start = done, self._clock()
        if self._bar is None and self._clock() - self._shown_at >= LINE_SECONDS:
            self._shown_at = self._clock()
            self.tell(self._in_words())

    def tell(self, text: str) -> None:
        """Say something, above the bar if there is one."""
        if not self._quiet:
            self._console.say(text, "dim")

    def _state(self) -> State:
        from .bar import State

        if self._planned < 1:
            return State(None, "")
        return State(self._done / self._planned, self._in_words())

    def _in_words(self) -> str:
        done, planned = self._done, self._planned
        elapsed, own = self._clock() - self._start, done - self._before
        words = f"{done / planned:4.0%}  {done:,} of {_runs(planned)}"
        if own and elapsed > 0:
            rate, left = own / elapsed, elapsed * (planned - done) / own
            words += f", {rate:,.3g} a second, about {duration(left)} left"
        return words


class CalibrationProgress:
    """Follows a calibration: a line for each generation or trial, and now and then one between.

    `again` is the command that continues after an interruption.
    """

    def __init__(
        self, *, quiet: bool, again: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._quiet, self._again, self._clock = quiet, again, clock
        self._console = console(stderr=True)
        self._start = self._shown_at = clock()

    def __enter__(self) -> Self:
        """Say that work has begun."""
        self._tell("Measuring the stochastic variation of each statistic …")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Say how long it took, or how to go on."""
        if kind is None:
            self._tell(f"done in {duration(self._clock() - self._start)}")
        elif kind is KeyboardInterrupt:
            self._tell(f"Continue with: {self._again}")

    def step(self, step: Step) -> None:
        """Take note of one more candidate."""
        whole = step.accepted == step.wanted
        if whole or self._clock() - self._shown_at >= LINE_SECONDS:
            self._tell(
                f"generation {step.generation}: {step.accepted:,} of {step.wanted:,} particles,"
                f" {step.candidates:,} candidates,"
                f" {duration(self._clock() - self._start)} so far"
            )

    def trial(self, done: int, trials: int) -> None:
        """Take note of how many trials are done."""
        if done == 0 or self._clock() - self._shown_at >= SECONDS:
            self._tell(
                f"{done:,} of {trials:,} trials, {duration(self._clock() - self._start)} so far"
            )

    def _tell(self, text: str) -> None:
        self._shown_at = self._clock()
        if not self._quiet:
            self._console.say(text, "dim")


def duration(seconds: float) -> str:
    """Return a time in words, as "2 min 5 s"."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes} min"
    if minutes:
        return f"{minutes} min {rest} s"
    return f"{rest} s"


def _runs(count: int) -> str:
    return f"{count:,} run{'s' * (count != 1)}"
