"""Every equation with what its docstring says of it; equation.py gives the convention."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .equation import EQUATIONS

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBER = r"(-?\d+(?:\.\d+)?)"
# The unit may hold a bracket or a comma of its own, so it takes all that the rest leaves.
ARGUMENT = re.compile(rf"(\w+): (.+), \[{NUMBER}, {NUMBER}\], ([+−±])")
RETURNS = re.compile(rf"^Returns: (.+), \[{NUMBER}, {NUMBER}\]$", re.MULTILINE)
SOURCE = re.compile(r"^Source: (.+)$", re.MULTILINE)
ARGUMENTS = re.compile(r"^Arguments:\n((?: +.+\n?)+)", re.MULTILINE)
FORMULA = re.compile(r"\A(.+)\n\n((?:.+\n)+?)Source: ")


@dataclass(frozen=True)
class Argument:
    """One argument: its unit, its domain, and where the result goes when it rises."""

    unit: str
    low: float
    high: float
    direction: str


@dataclass(frozen=True)
class Promise:
    """All that a docstring says of an equation."""

    meaning: str
    formula: str
    source: str
    arguments: dict[str, Argument]
    unit: str
    low: float
    high: float


def equations() -> dict[str, Callable[..., object]]:
    """Return every equation of the model by name, in the order of modules and of definition.

    Draws of chance have a key and no domain, and are left out.
    """
    package = __name__.rpartition(".")[0]
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        importlib.import_module(f"{package}.{module.name}")
    named = {one.__name__: one for one in EQUATIONS if one.__module__ != f"{package}.chance"}
    return dict(sorted(named.items(), key=lambda item: item[1].__module__))


def parse(function: Callable[..., object]) -> Promise:
    """Return what the docstring promises; ValueError says what is missing or malformed."""
    text = inspect.getdoc(function) or ""
    source, returns, block, words = (
        _find(pattern, text, function) for pattern in (SOURCE, RETURNS, ARGUMENTS, FORMULA)
    )
    arguments: dict[str, Argument] = {}
    for line in block[1].splitlines():
        found = ARGUMENT.fullmatch(line.strip())
        if not found:
            raise ValueError(f"{function.__name__}: cannot read {line.strip()!r}")
        name, unit, low, high, direction = found.groups()
        if name in arguments:
            raise ValueError(f"{function.__name__}: {name} is documented twice")
        arguments[name] = Argument(unit, *_domain(function, low, high), direction)
    taken = [name for name in inspect.signature(function).parameters if name != "p"]
    if list(arguments) != taken:
        raise ValueError(f"{function.__name__}: takes {taken}, documents {list(arguments)}")
    return Promise(
        words[1],
        words[2].strip(),
        source[1].strip(),
        arguments,
        returns[1],
        *_domain(function, returns[2], returns[3]),
    )


def _find(pattern: re.Pattern[str], text: str, function: Callable[..., object]) -> re.Match[str]:
    found = pattern.search(text)
    if not found:
        raise ValueError(f"{function.__name__}: no line like {pattern.pattern!r}")
    return found


def _domain(function: Callable[..., object], low: str, high: str) -> tuple[float, float]:
    if not float(low) < float(high):
        raise ValueError(f"{function.__name__}: [{low}, {high}] is empty")
    return float(low), float(high)
