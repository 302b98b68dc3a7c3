"""How a file says what it replaces, and which interventions, parameters, state and measures it adds."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from reformsim.errors import Problem, ReformsimError
from reformsim.messages import did_you_mean, nearest, show

from .own import OwnParameter, OwnState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    F = TypeVar("F", bound=Callable[..., Any])

STAGES_WITH_INTERVENTIONS = (
    "environment",
    "budget",
    "workload",
    "support",
    "trust",
    "outcome",
    "politics",
    "turnover",
)
"""Stages after which both engines have the same state. Learning, conviction, strain and trust are one
pass for each person in the compiled engine, so the first moment after learning is after trust."""

PACKAGE = __name__.partition(".")[0]
DECLARED = "__mechanisms__"
"""Where a module keeps what it has declared, in order."""


class MechanismsError(ReformsimError):
    """A file of custom mechanisms that cannot be used, or a mechanism that fails in a run."""


class Declaration(NamedTuple):
    """One use of a decorator, or of `parameter` or `state`, before it has been checked."""

    kind: str
    """`equation`, `stage`, `measure`, `parameter` or `state`."""
    target: str
    function: Any
    """The function; of a parameter or state, what it is declared to be."""
    words: tuple[Any, ...] = ()
    """Unit, meaning and direction of a measure; the line of a parameter or state."""


def replaces(equation: str | Callable[..., Any]) -> Callable[[F], F]:
    """Put the decorated function in the place of an equation, given by its name or itself.

    It takes the arguments of the equation, by the same names, and is plain arithmetic on numbers.
    """
    if callable(equation) and not str(equation.__module__).startswith(f"{PACKAGE}."):
        raise TypeError('give the equation: @replaces("next_trust")')
    return _declare("equation", getattr(equation, "__name__", equation))


def intervention(*, after: str) -> Callable[[F], F]:
    """Call the decorated function, `f(s, month)`, after a stage of every month.

    `s` is a `View` of the district, which it may read and change.
    """
    return _declare("stage", after)


def measure(*, unit: str, meaning: str, better: int = 1) -> Callable[[F], F]:
    """Record a number that the decorated function, `f(run)`, makes of each run of an experiment.

    `run` is a `reformsim.record.Result`. The column is `mechanism.NAME`, with the function's name;
    `better` is 1 if more of it is better, −1 if less is. What is undefined is NaN.
    """
    return _declare("measure", "", (unit, meaning, better))


def parameter(
    name: str,
    value: float,
    *,
    unit: str,
    bounds: tuple[float, float],
    meaning: str,
) -> OwnParameter:
    """Declare a number that interventions read as `s.own.NAME` and that a design can vary.

    Outside the file it is `mechanism.NAME`, with any value within its bounds, ends included.
    """
    return _declared("parameter", OwnParameter(name, value, unit, bounds, meaning))


def state(name: str, *, of: str, unit: str, meaning: str, start: float = 0.0) -> OwnState:
    """Declare numbers that interventions read and write as `s.own.NAME[school]`.

    `of` is "school", or "district" for `s.own.NAME[0]` alone. All are `start` before the first month.
    Their mean is recorded each month, as the series `mechanism.NAME`.
    """
    return _declared("state", OwnState(name, of, start, unit, meaning))


Own = TypeVar("Own", OwnParameter, OwnState)


def _declared(kind: str, described: Own) -> Own:
    caller = sys._getframe(2)
    declared = caller.f_globals.setdefault(DECLARED, [])
    declared.append(Declaration(kind, str(described.name), described, (caller.f_lineno,)))
    return described


def _declare(kind: str, target: Any, words: tuple[Any, ...] = ()) -> Callable[[F], F]:
    def note(function: F) -> F:
        # In the file that says so, wherever the function itself comes from.
        declared = sys._getframe(1).f_globals.setdefault(DECLARED, [])
        declared.append(Declaration(kind, str(target), function, words))
        return function

    return note


class Intervention(NamedTuple):
    """A function that is called after a stage."""

    stage: str
    function: Callable[[Any, int], None]


class OwnMeasure(NamedTuple):
    """A number that is made of a run."""

    name: str
    unit: str
    meaning: str
    better: int
    function: Callable[[Any], float]

    @property
    def column(self) -> str:
        """Its name in tables."""
        return f"mechanism.{self.name}"


@dataclass(frozen=True, slots=True)
class Mechanisms:
    """What one file changes in the model, with values of its parameters.

    Two are equal if their files' names, sources and values are.
    """

    path: str
    source: str = field(repr=False)
    replaced: Mapping[str, Callable[..., Any]] = field(compare=False, repr=False)
    """New functions by the name of the equation."""
    interventions: tuple[Intervention, ...] = field(compare=False, repr=False)
    """In the order in which they are declared, which is the order within a stage."""
    measures: tuple[OwnMeasure, ...] = field(default=(), compare=False, repr=False)
    """What an experiment records of each run besides."""
    parameters: tuple[OwnParameter, ...] = field(default=(), compare=False, repr=False)
    states: tuple[OwnState, ...] = field(default=(), compare=False, repr=False)
    changed: tuple[tuple[str, float], ...] = ()
    """Parameters that have another value than the file gives them, in the order of the file."""

    @property
    def values(self) -> dict[str, float]:
        """The value of each parameter by its name."""
        return {declared.name: float(declared.value) for declared in self.parameters} | dict(
            self.changed
        )

    @property
    def as_declared(self) -> Mechanisms:
        """The same file with the values that it gives itself."""
        return replace(self, changed=()) if self.changed else self

    def with_values(self, /, **values: float) -> Mechanisms:
        """Return the same mechanisms with other values of some parameters; the rest stay.

        Raises MechanismsError with every name that is no parameter and every value that cannot be.
        """
        known = {declared.name: declared for declared in self.parameters}
        problems = []
        for name, value in values.items():
            where: dict[str, Any] = {"file": self.path, "key": f"mechanism.{name}"}
            if name not in known:
                hint = did_you_mean(nearest(name, known))
                allowed = ", ".join(known) or "none: the file declares no parameter"
                problems.append(Problem("no such parameter", **where, allowed=allowed, hint=hint))
            elif message := known[name].wrong(value):
                allowed = known[name].allowed
                problems.append(Problem(message, **where, found=show(value), allowed=allowed))
        if problems:
            raise MechanismsError(*problems)
        merged = self.values | {name: float(value) for name, value in values.items()}
        changed = tuple(
            (name, merged[name])
            for name, declared in known.items()
            if merged[name] != declared.value
        )
        return replace(self, changed=changed)

    @property
    def identity(self) -> str:
        """A hash of the file and the values, which is part of the id of every run with them."""
        if not self.changed:
            return self.sha256
        text = f"{self.sha256} {[(name, value.hex()) for name, value in self.changed]}"
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def name(self) -> str:
        """The file's name."""
        return PurePath(self.path).name

    @property
    def sha256(self) -> str:
        """The hash of the file."""
        return hashlib.sha256(self.source.encode()).hexdigest()

    @property
    def fingerprint(self) -> str:
        """The start of the hash, which compiled code is kept under."""
        return self.sha256[:16]

    @property
    def acts(self) -> bool:
        """Whether the model is another one with them; measures alone change nothing."""
        return bool(self.replaced or self.interventions)

    def after(self, stage: str) -> list[Callable[[Any, int], None]]:
        """Return the functions that are called after a stage."""
        return [one.function for one in self.interventions if one.stage == stage]

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        """Cross into a worker process as source: functions of a user's file have no other way."""
        return _read_again, (self.path, self.source, dict(self.changed))


def _read_again(path: str, source: str, values: dict[str, float]) -> Mechanisms:
    from .loading import read_mechanisms

    return read_mechanisms(path, source).with_values(**values)
