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
    for (model, settings), top, bottom in zip(curves.items(), above, below, strict=True):
        closed = [knowledge for knowledge in settings if not knowledge.setting.periods]
        _lines(top, closed, "code_rate", "socialisation", "code learns at")
        _lines(
            bottom,
            [knowledge for knowledge in settings if knowledge.setting.periods],
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
        {
            rate
            for knowledge in curves["march"]
            if isinstance(rate := knowledge.setting.socialisation, float)
        }
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


def _lines(ax: Axes, settings: Sequence[Knowledge], apart: str, along: str, words: str) -> None:
    settings = [
        knowledge for knowledge in settings if isinstance(knowledge.setting.socialisation, float)
    ]
    values = sorted({getattr(knowledge.setting, apart) for knowledge in settings})
    for value, (colour, dash, marker) in zip(values, LOOKS, strict=False):
        line = [knowledge for knowledge in settings if getattr(knowledge.setting, apart) == value]
        ax.errorbar(
            [getattr(knowledge.setting, along) for knowledge in line],
            [float(knowledge.known.mean()) for knowledge in line],
            yerr=[
                1.96 * float(knowledge.known.std(ddof=1)) / len(knowledge.known) ** 0.5
                for knowledge in line
            ],
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
    names = list(dict.fromkeys(contrast.name for contrast in contrasts))
    figure = new_figure(2.9 * len(names), 2.5)
    for ax, name in zip(grid(figure, 1, len(names))[0], names, strict=True):
        hosts = [contrast for contrast in contrasts if contrast.name == name]
        for x, contrast in enumerate(hosts):
            ax.errorbar(
                x,
                contrast.value,
                yerr=[[contrast.value - contrast.low], [contrast.high - contrast.value]],
                color={1: BLUE, -1: VERMILLION, 0: GREY}[contrast.sign],
                marker="o",
                capsize=3,
            )
        ax.axhline(0.0, color="#888888", linewidth=0.8)
        ax.set_xticks(range(len(hosts)), [contrast.model.replace(" ", "\n") for contrast in hosts])
        ax.set_xlim(-0.5, len(hosts) - 0.5)
        ax.set_title(name)
        ax.set_ylabel(units[name])
    return figure
