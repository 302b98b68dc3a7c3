"""The mark of an equation, and the arithmetic that every mechanism uses.

An equation is a pure function of scalars that plain Python runs as it stands and that Numba can
inline into compiled loops: one source for both. `@equation` only writes the function down in
`EQUATIONS`; `share_with_numba` hands them to Numba, so that importing the science costs nothing.
`@compilable` marks what both engines call and is no equation, such as who sits where.

Every equation's docstring gives the formula, its source (rows of docs/evidence.md, or "judgement"),
and a line per argument with unit, domain and the direction in which the result moves: `+` up, `−`
down, `±` either way. `p` stands for the coefficients. The tests read those lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")

EQUATIONS: list[Callable[..., object]] = []
"""Every equation of the model, in the order of definition."""

INSIDE: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "forceinline": True}
"""How Numba treats what compiled code alone calls: without a way in from Python, which halves the
time of compilation, and put into the place of every call, without which loops do not vectorise."""

_unshared: list[Callable[..., object]] = []


def compilable(function: F) -> F:
    """Mark a plain function that compiled code calls as well."""
    _unshared.append(function)
    return function


def equation(function: F) -> F:
    """Mark a pure function of scalars as part of the model."""
    EQUATIONS.append(function)
    return compilable(function)


def share_with_numba() -> None:
    """Let compiled code call what is marked so far; plain Python goes on calling it as it is."""
    from numba.extending import register_jitable

    while _unshared:
        register_jitable(**INSIDE)(_unshared.pop())


@equation
def clip01(x: float) -> float:
    """Bound to [0, 1].

    clip01(x) = min(1, max(0, x))
    Source: definition

    Arguments:
        x: –, [-5, 5], +
    Returns: –, [0, 1]
    """
    # Comparisons, because the Mesa engine spends a tenth of its time in here.
    if x < 0.0:
        return 0.0
    return 1.0 if x > 1.0 else x  # noqa: FURB136


@equation
def sat(x: float, half: float) -> float:
    """Saturate: one half at `half`, towards 1 beyond.

    sat(x, h) = x / (x + h)
    Source: definition

    Arguments:
        x: –, [0, 100], +
        half: unit of x, [0.01, 100], −
    Returns: –, [0, 1]
    """
    return x / (x + half)


@equation
def any_of(a: float, b: float) -> float:
    """Combine two independent sources.

    any_of(a, b) = 1 − (1 − a) (1 − b); nested for more than two
    Source: definition

    Arguments:
        a: –, [0, 1], +
        b: –, [0, 1], +
    Returns: –, [0, 1]
    """
    return 1.0 - (1.0 - a) * (1.0 - b)


@equation
def follow(state: float, target: float, rate: float) -> float:
    """Move a state towards a target, at most all the way.

    state + rate × (target − state), within [0, 1]
    Source: definition

    Arguments:
        state: –, [0, 1], +
        target: –, [-2, 3], +
        rate: a month, [0, 1], ±
    Returns: –, [0, 1]
    """
    return clip01(state + rate * (target - state))
