"""How a file says which equations it replaces, and which interventions and measures it adds."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

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


class Declaration(NamedTuple):
    """One use of a decorator, before it has been checked."""

    kind: str
    """`equation`, `stage` or `measure`."""
    target: str
    function: Any
    words: tuple[Any, ...] = ()
    """Unit, meaning and direction of a measure."""


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
    """What one file changes in the model. Two are equal if their files' names and sources are."""

    path: str
    source: str = field(repr=False)
    replaced: Mapping[str, Callable[..., Any]] = field(compare=False, repr=False)
    """New functions by the name of the equation."""
    interventions: tuple[Intervention, ...] = field(compare=False, repr=False)
    """In the order in which they are declared, which is the order within a stage."""
    measures: tuple[OwnMeasure, ...] = field(default=(), compare=False, repr=False)
    """What an experiment records of each run besides."""

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

    def __reduce__(self) -> tuple[Any, tuple[str, str]]:
        """Cross into a worker process as source: functions of a user's file have no other way."""
        from .loading import read_mechanisms

        return read_mechanisms, (self.path, self.source)
