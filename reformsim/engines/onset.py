"""Where a run stopped being finite: it is simulated again, and examined in full after every month."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reformsim.errors import Problem, ReformsimError
from reformsim.record import OF_FILLED_SEATS
from reformsim.theory.schedule import STAGES

from .finite import NO_SUPPORT
from .trace import STAGE_OF, seat_of, stage_of, trace_compiled, trace_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from reformsim.mechanisms import Mechanisms
    from reformsim.scenario import Scenario

    from .trace import Trace

UNDEFINED_IF = {
    "district.contract_": ("district.contract", 0.0),
    "tie.contract": ("tie.contract_coach", np.nan),
    "tie.mentor": ("tie.mentored", 0.0),
    "supervisor.": ("supervisor.vacant", 1.0),
    "coach.": ("coach.vacant", 1.0),
    **{f"school_series.{name}": ("school_series.vacant", 1.0) for name in OF_FILLED_SEATS},
    **{f"series.{name}": ("series.vacant", 1.0) for name in OF_FILLED_SEATS},
}
"""Beginnings of the names of variables that may be undefined: if another one, at the same place, has
that value."""


class Onset(NamedTuple):
    """The first value of a run that is not finite."""

    month: int
    stage: str
    """The stage it comes from."""
    seat: str
    """The seat, as the support graph names it, or the tie between two seats."""
    variable: str
    value: float

    def error(self) -> ReformsimError:
        """Return what to tell the user."""
        return ReformsimError(
            Problem(
                f"month {self.month}, stage {self.stage}, seat {self.seat}, variable"
                f" {self.variable} is not finite; a coefficient or a changed equation has led it"
                " there",
                found=str(self.value),
            )
        )


def onset(
    scenario: Scenario,
    seed: int,
    replicate: int,
    engine: str,
    mechanisms: Mechanisms | None = None,
) -> Onset | None:
    """Live a run again and return the first value that is not finite, or None."""
    before: Trace = {}
    lived = _compiled if engine == "compiled" else _reference
    for month, trace in lived(scenario, seed, replicate, mechanisms):
        found = first_not_finite(trace, before, month)
        if found is not None:
            return found
        before = trace
    return None


def first_not_finite(trace: Trace, before: Trace, month: int) -> Onset | None:
    """Return what is not finite after a month and comes first in the schedule.

    `before` is the trace of the month before: what belongs to someone who was not there yet has
    come with the change of person.
    """
    found: list[Onset] = []
    for name in STAGE_OF:
        wrong = ~np.isfinite(trace[name]) & ~_may_be_undefined(name, trace)
        if wrong.any():
            place = int(np.argmax(wrong))
            stage = _stage(name, place, trace, before, month)
            seat = seat_of(name, place, trace)
            found.append(Onset(month, stage, seat, name, float(trace[name][place])))
    return min(found, key=lambda one: STAGES.index(one.stage), default=None)


def _stage(name: str, place: int, trace: Trace, before: Trace, month: int) -> str:
    person = f"{name.partition('.')[0]}.person"
    if person in trace and person in before:
        one, other = trace[person], before[person]
        if place >= len(other) or one[place] != other[place]:
            return stage_of(person, month)
    return stage_of(name, month)


def _may_be_undefined(name: str, trace: Trace) -> NDArray[np.bool_]:
    """Say of each place of a variable whether it may be undefined there."""
    values = trace[name]
    if name == f"series.{NO_SUPPORT}":
        return np.isnan(values)
    for beginning, (other, absent) in UNDEFINED_IF.items():
        if name.startswith(beginning):
            told = trace[other]
            allowed = np.isnan(told) if np.isnan(absent) else told == absent
            return np.isnan(values) & allowed
    return np.zeros(len(values), dtype=bool)


def _compiled(
    scenario: Scenario, seed: int, replicate: int, mechanisms: Mechanisms | None
) -> Iterator[tuple[int, Trace]]:
    from .compiled.engine import engine_with

    engine = engine_with(mechanisms)
    state = engine.build(scenario, seed, replicate)
    for month in range(scenario.first_month, scenario.last_month):
        engine.live(state, month, month + 1)
        yield month, trace_compiled(state, month)


def _reference(
    scenario: Scenario, seed: int, replicate: int, mechanisms: Mechanisms | None
) -> Iterator[tuple[int, Trace]]:
    from .reference import model_with

    model = model_with(mechanisms)(scenario, seed, replicate)
    while model.running:
        month = model.month
        try:
            model.step()
        except (
            ArithmeticError,
            ValueError,
        ):  # the month ended early, perhaps of what is looked for
            model.recorder.record(model)
            yield month, trace_reference(model)
            return
        yield month, trace_reference(model)
