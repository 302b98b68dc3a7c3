"""Comparisons: dots with intervals, and what a gain costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.analysis import measure_named
from reformsim.errors import ReformsimError

from .labels import SIZE, WIDTH, beside
from .layout import as_written, placed
from .lettering import wrapped
from .style import INK, styles_for, title_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

NAME_WIDTH = 140.0
"""Width in points at which names of strategies on y are wrapped."""
CONDITION_MARKERS = (*"os^DvPXhp*<>d8H",)


def differences(
    table: pd.DataFrame,
    measure: str,
    ax: Axes,
    *,
    baseline: str = "status_quo",
    conditions: Sequence[str] | None = None,
    titles: Mapping[str, str] | None = None,
) -> Axes:
    """Draw paired differences from the baseline with intervals and ranges; return the axes.

    `table` comes from `compare`, for one district. Strategies lie on y, the first on top, and
    conditions (those given, else all, in the order of the table) side by side with their own
    markers. A filled marker means that the interval leaves out 0. A row with no difference is left
    empty. Raises ReformsimError if the table has no row of the measure or several districts.
    """
    rows = table[(table["measure"] == measure) & (table["strategy"] != baseline)]
    if rows.empty:
        raise ReformsimError(f"the table has no comparison of {measure}")
    if rows["district"].nunique() > 1:
        raise ReformsimError("axes show one district")
    shown = list(conditions) if conditions is not None else list(rows["condition"].unique())
    styles = styles_for(rows["strategy"].unique())
    names = list(styles)
    gap = min(0.8 / len(shown), 0.26)
    for number, condition in enumerate(shown):
        shift = (number - (len(shown) - 1) / 2) * gap
        compared = rows[rows["condition"] == condition].set_index("strategy")
        for line, name in enumerate(names):
            if name not in compared.index or not compared["pairs"].at[name]:
                continue
            y, colour = line + shift, styles[name].colour
            middle = _number(compared, "difference", name)
            low, high = _number(compared, "low", name), _number(compared, "high", name)
            p05, p95 = _number(compared, "p05", name), _number(compared, "p95", name)
            ax.plot([p05, p95], [y, y], color=colour, linewidth=0.7, solid_capstyle="butt")
            ax.plot([low, high], [y, y], color=colour, linewidth=2.4, solid_capstyle="butt")
            ax.plot(
                [middle],
                [y],
                color=colour,
                marker=CONDITION_MARKERS[number % len(CONDITION_MARKERS)],
                markersize=6,
                markerfacecolor=colour if compared["clear"].at[name] else "white",
                markeredgewidth=1.4,
                linestyle="none",
            )
    ax.axvline(0, color=INK, linewidth=0.9, zorder=0.9)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_yticks(
        range(len(names)), [wrapped(title_of(name, titles), NAME_WIDTH, 9) for name in names]
    )
    ax.tick_params(axis="y", length=0)
    for line in range(1, len(names)):
        ax.axhline(line - 0.5, color="#EEEEEE", linewidth=0.8, zorder=0)
    ax.grid(axis="x", color="#E2E2E2", linewidth=0.6)
    ax.locator_params(axis="x", nbins=5)
    entry = measure_named(measure)
    ax.set_title(entry.title)
    arrow = {1: "→ better", -1: "← better", 0: ""}[entry.better]
    unit = f"{entry.unit}   " if entry.unit else ""
    ax.set_xlabel(f"{unit}{arrow}".rstrip())
    return as_written(ax)


def cost_and_gain(
    table: pd.DataFrame,
    ax: Axes,
    *,
    gain: str = "leadership_gain_end",
    cost: str = "cost_above_reference",
    baseline: str = "status_quo",
    names: bool = True,
    titles: Mapping[str, str] | None = None,
) -> Axes:
    """Draw what each strategy gains against what it costs, with both intervals; return the axes.

    `table` comes from `compare`, for one district and condition, and holds both measures. With
    `names` strategies are named beside the axes.
    Raises ReformsimError if one of them is missing.
    """
    wide = {}
    for measure in (gain, cost):
        compared = table[(table["measure"] == measure) & (table["strategy"] != baseline)]
        if compared.empty or compared["strategy"].duplicated().any():
            raise ReformsimError(
                f"{measure} must be compared in exactly one district and condition"
            )
        wide[measure] = compared.set_index("strategy")
    for name, style in styles_for(wide[gain].index).items():
        x, y = (_number(wide[measure], "difference", name) for measure in (cost, gain))
        for measure, draw in ((cost, True), (gain, False)):
            ends = [_number(wide[measure], side, name) for side in ("low", "high")]
            line = (ends, [y, y]) if draw else ([x, x], ends)
            ax.plot(*line, color=style.colour, linewidth=1.2)
        ax.plot([x], [y], color=style.colour, marker=style.marker, markersize=7, linestyle="none")
    ax.axhline(0, color=INK, linewidth=0.8, zorder=0)
    ax.axvline(0, color=INK, linewidth=0.8, zorder=0)
    ax.grid(color="#E8E8E8", linewidth=0.6)
    ax.set_xlabel(f"{measure_named(cost).title} ({measure_named(cost).unit})")
    ax.set_ylabel(f"{measure_named(gain).title}\n({measure_named(gain).unit})")
    ax.margins(0.12)
    if names:
        _name_points(ax, wide[cost]["difference"], wide[gain]["difference"], titles)
    return as_written(ax)


def _number(rows: pd.DataFrame, column: str, name: str) -> float:
    return float(rows[column].to_numpy(dtype=np.float64)[rows.index.get_loc(name)])


def _name_points(
    ax: Axes,
    across: pd.Series[float],
    up: pd.Series[float],
    titles: Mapping[str, str] | None,
) -> None:
    """Write names beside points: in the column to the right of the axes, joined by thin lines."""
    low, high = ax.get_ylim()
    order = sorted(up.index, key=lambda name: (float(up[name]), str(name)))
    wanted = [(float(up[name]) - low) / (high - low) for name in order]
    words = [wrapped(title_of(name, titles), WIDTH, SIZE) for name in order]
    texts = [
        ax.annotate(
            shown,
            (float(across[name]), float(up[name])),
            (1.03, 0.5),
            textcoords="axes fraction",
            va="center",
            fontsize=SIZE,
            arrowprops={
                "arrowstyle": "-",
                "relpos": (0, 0.5),
                "color": "#BBBBBB",
                "linewidth": 0.6,
                "shrinkA": 1,
                "shrinkB": 4,
            },
            annotation_clip=False,
        )
        for name, shown in zip(order, words, strict=True)
    ]

    def place() -> None:
        for text, middle in zip(texts, beside(ax, wanted, words), strict=True):
            text.set_position((1.03, middle))

    placed(ax, place)
