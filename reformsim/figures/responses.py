"""Response curves: what an equation gives along an argument, at the default coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import signature
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from .layout import finished
from .style import BLUE, DASHED, DOTTED, GREEN, SOLID, VERMILLION, grid, new_figure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from reformsim.theory.catalogue import Argument, Promise

    Span = tuple[float, float]

COLUMNS, WIDTH, HEIGHT = 3, 3.0, 2.3
POINTS = 61
LINES = ((BLUE, DOTTED), (GREEN, DASHED), (VERMILLION, SOLID))
"""Colour and dash of the second argument's low, middle and high value."""


@dataclass(frozen=True)
class View:
    """How equations are shown: where arguments rest, and the span over which they are drawn.

    Both are by the argument's name, or by "equation.argument" for one equation alone. What is not
    named rests in the middle of its domain and is drawn over the whole of it.
    """

    rest: Mapping[str, float]
    spans: Mapping[str, Span]
    axes: Mapping[str, Sequence[str]]
    """By equation: the argument along the axis and the one that sets the lines apart. Where there
    is nothing, the two that change the result most."""


@dataclass(frozen=True)
class Response:
    """The curves of one equation."""

    name: str
    along: str
    result: str
    x: list[float]
    lines: dict[str, list[float]]
    """Results by what is said of the line, "" if there is only one."""


def response(function: Callable[..., object], promise: Promise, p: object, view: View) -> Response:
    """Return the curves of an equation.

    An equation that gives a state "a month later" is shown by the change of that state, its first
    argument: the state itself would hide what moves it. Raises ValueError if `view` names an axis
    that the equation does not have.
    """
    name, arguments = function.__name__, promise.arguments
    state = next(iter(arguments)) if "a month later" in promise.meaning else None
    rest = {
        argument: _rest(name, argument, declared, view) for argument, declared in arguments.items()
    }

    def results(values: Mapping[str, Any]) -> float:
        given = {
            argument: bool(values[argument]) if declared.unit == "yes or no" else values[argument]
            for argument, declared in arguments.items()
        }
        if "p" in signature(function).parameters:
            given["p"] = p
        value = float(cast("float", function(**given)))
        return value - values[state] if state else value

    def curve(along: str, **fixed: float) -> list[float]:
        values = _values(name, along, arguments[along], view)
        return [results(rest | fixed | {along: value}) for value in values]

    axes = list(view.axes.get(name, ()))
    if not set(axes) <= set(arguments):
        raise ValueError(f"{name} has no argument {', '.join(set(axes) - set(arguments))}")
    reach = {argument: float(np.ptp(curve(argument))) for argument in arguments}
    for argument in sorted(arguments, key=lambda argument: -reach[argument]):
        if len(axes) < 2 and argument not in axes:
            axes.append(argument)
    # Along a yes or no there is no curve.
    axes.sort(key=lambda argument: arguments[argument].unit == "yes or no")
    along, *others = axes
    unit = "change a month" if state else _unit(promise.unit)
    lines = {
        f"{other} {_short(value, arguments[other])}": curve(along, **{other: value})
        for other in others
        for value in _three(name, other, arguments[other], view)
    }
    x = _values(name, along, arguments[along], view)
    label = f"{along} ({_unit(arguments[along].unit)})"
    return Response(name, label, unit, x, lines or {"": curve(along)})


@finished
def responses_figure(responses: Sequence[Response]) -> Figure:
    """Return one figure with the curves of several equations, three beside one another."""
    rows = -(-len(responses) // COLUMNS)
    columns = min(COLUMNS, len(responses))
    figure = new_figure(columns * WIDTH, rows * HEIGHT)
    axes = [ax for row in grid(figure, rows, columns) for ax in row]
    for ax, shown in zip(axes, responses, strict=False):
        _draw(ax, shown)
    for ax in axes[len(responses) :]:
        ax.set_visible(False)
    return figure


def _draw(ax: Axes, shown: Response) -> None:
    looks = LINES[-1:] if len(shown.lines) == 1 else LINES[:: 2 if len(shown.lines) == 2 else 1]
    for (label, values), (colour, dash) in zip(shown.lines.items(), looks, strict=True):
        marker = "o" if len(shown.x) == 2 else ""  # no and yes, with nothing between
        line = "none" if marker else dash
        ax.plot(shown.x, values, color=colour, linestyle=line, marker=marker, label=label)
    if len(shown.x) == 2:
        ax.set_xticks(shown.x, ["no", "yes"])
        ax.margins(x=0.5)
    else:
        ax.locator_params(axis="x", nbins=5)
    ax.set_title(shown.name, fontsize=8.5, family="DejaVu Sans Mono")
    ax.set_xlabel(shown.along, fontsize=7.5)
    ax.set_ylabel(shown.result, fontsize=7.5)
    ax.tick_params(labelsize=7)
    ax.locator_params(axis="y", nbins=5)
    if len(shown.lines) > 1:
        ax.legend(fontsize=6.5, handlelength=1.8, borderaxespad=0.2, frameon=True, edgecolor="none")


def _rest(name: str, argument: str, declared: Argument, view: View) -> float:
    middle = 0.0 if declared.unit == "yes or no" else (declared.low + declared.high) / 2
    value = view.rest.get(f"{name}.{argument}", view.rest.get(argument, middle))
    return min(declared.high, max(declared.low, value))


def _span(name: str, argument: str, declared: Argument, view: View) -> Span:
    low, high = view.spans.get(
        f"{name}.{argument}", view.spans.get(argument, (declared.low, declared.high))
    )
    return max(low, declared.low), min(high, declared.high)


def _values(name: str, argument: str, declared: Argument, view: View) -> list[float]:
    low, high = _span(name, argument, declared, view)
    if declared.unit == "yes or no":
        return [low, high]
    return [float(value) for value in np.linspace(low, high, POINTS)]


def _three(name: str, argument: str, declared: Argument, view: View) -> list[float]:
    low, high = _span(name, argument, declared, view)
    if declared.unit == "yes or no":
        return [low, high]
    return [low + share * (high - low) for share in (0.1, 0.5, 0.9)]


def _short(value: float, declared: Argument) -> str:
    if declared.unit == "yes or no":
        return "yes" if value else "no"
    return f"{float(f'{value:.3g}'):,g}".replace("-", "−")


def _unit(unit: str) -> str:
    return {"[0, 1]": "0–1", "–": "no unit"}.get(unit, unit)
