"""Figures of the external checks: knowledge in March's world, turnover in ESIM's hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .layout import finished
from .style import (
    BLUE,
    DASHED,
    DOTTED,
    GREEN,
    GREY,
    INK,
    SOLID,
    VERMILLION,
    grid,
    new_figure,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from reformsim.validation.external import Contrast, Knowledge

TITLES = {
    "march": "March's own model",
    "conviction": "conviction rule",
    "practice": "practice rule",
}
LOOKS = ((BLUE, DOTTED, "o"), (GREEN, DASHED, "s"), (VERMILLION, SOLID, "^"))


@finished
def march_figure(
    curves: Mapping[str, Sequence[Knowledge]], recreated: Mapping[float, Sequence[float]]
) -> Figure:
    """Return knowledge along socialisation (above) and turnover (below), a column a model.

    `recreated` is drawn as crosses in the first column: published values along socialisation.
    """
    figure = new_figure(3.1 * len(curves), 5.6)
    above, below = grid(figure, 2, len(curves), sharex="row")
    for (model, own), top, bottom in zip(curves.items(), above, below, strict=True):
        closed = [one for one in own if not one.setting.periods]
        _lines(top, closed, "code_rate", "socialisation", "code learns at")
        _lines(
            bottom,
            [one for one in own if one.setting.periods],
            "socialisation",
            "turnover",
            "people learn at",
        )
        top.set_title(TITLES.get(model, model))
        top.set_xlabel("people's rate of learning")
        bottom.set_xlabel("turnover a period")
        for ax in (top, bottom):
            ax.set_ylim(-0.05, 1.05)
    rates = sorted(
        {rate for one in curves["march"] if isinstance(rate := one.setting.socialisation, float)}
    )
    for values in recreated.values():
        above[0].plot(
            rates, values, color=INK, marker="x", markersize=6, zorder=5, linestyle="none"
        )
    above[0].set_ylabel("knowledge at rest")
    below[0].set_ylabel("knowledge, people leaving")
    above[0].legend(fontsize=7, loc="lower left")
    below[0].legend(fontsize=7, loc="lower right")
    return figure


def _lines(ax: Axes, own: Sequence[Knowledge], apart: str, along: str, words: str) -> None:
    own = [one for one in own if isinstance(one.setting.socialisation, float)]
    values = sorted({getattr(one.setting, apart) for one in own})
    for value, (colour, dash, marker) in zip(values, LOOKS, strict=False):
        line = [one for one in own if getattr(one.setting, apart) == value]
        ax.errorbar(
            [getattr(one.setting, along) for one in line],
            [float(one.known.mean()) for one in line],
            yerr=[1.96 * float(one.known.std(ddof=1)) / len(one.known) ** 0.5 for one in line],
            color=colour,
            linestyle=dash,
            marker=marker,
            markersize=3.5,
            linewidth=1.3,
            label=f"{words} {value:g}",
        )


@finished
def esim_figure(contrasts: Sequence[Contrast], units: Mapping[str, str]) -> Figure:
    """Return what turnover adds to each series, host by host, with intervals."""
    names = list(dict.fromkeys(one.name for one in contrasts))
    figure = new_figure(2.9 * len(names), 2.5)
    for ax, name in zip(grid(figure, 1, len(names))[0], names, strict=True):
        own = [one for one in contrasts if one.name == name]
        for place, one in enumerate(own):
            ax.errorbar(
                place,
                one.value,
                yerr=[[one.value - one.low], [one.high - one.value]],
                color={1: BLUE, -1: VERMILLION, 0: GREY}[one.sign],
                marker="o",
                capsize=3,
            )
        ax.axhline(0.0, color="#888888", linewidth=0.8)
        ax.set_xticks(range(len(own)), [one.model.replace(" ", "\n") for one in own])
        ax.set_xlim(-0.5, len(own) - 0.5)
        ax.set_title(name)
        ax.set_ylabel(units[name])
    return figure
