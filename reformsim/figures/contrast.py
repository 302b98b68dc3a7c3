"""What goes with a superintendent and what stays: the gain of strategies with and without a departure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from reformsim.errors import ReformsimError
from reformsim.theory.schedule import MONTHS_IN_YEAR

from .layout import as_written, finished, legend_below
from .style import DASHED, INK, SOLID, axis_label, grid, new_figure, styles_for, title_of
from .trajectories import finish_time_axis

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BEFORE = 24
"""Months before the launch that figures show at most."""
DASHES = {"stays": DASHED, "leaves": SOLID}
"""The line of a gain, by what the superintendent does."""


def contrast(
    paths: pd.DataFrame, shares: pd.DataFrame, strategy: str, outcome: str, month: int, ax: Axes
) -> Axes:
    """Draw the gain of one strategy in one series with and without a departure; return the axes.

    `paths` and `shares` are tables of `gain_paths` and `gain_shares` for one district and condition.
    Below the axes stands what is left of the gain. Raises ReformsimError if the table has no such gain.
    """
    gain = paths[(paths["strategy"] == strategy) & (paths["outcome"] == outcome)]
    gain = gain[gain["month"] >= -BEFORE]
    if gain.empty:
        raise ReformsimError(f"the table has no gain in {outcome} of {strategy}")
    style = styles_for(paths["strategy"].unique())[strategy]
    for side, dash in DASHES.items():
        path = gain[gain["superintendent"] == side]
        years = path["month"].to_numpy(np.float64) / MONTHS_IN_YEAR
        low, high = (path[end].to_numpy(np.float64) for end in ("low", "high"))
        ax.fill_between(years, low, high, color=style.colour, alpha=0.15, linewidth=0)
        mean = path["difference"].to_numpy(np.float64)
        ax.plot(years, mean, color=style.colour, linestyle=dash, linewidth=1.8)
    finish_time_axis(ax, 0.0, float(gain["month"].max()) / MONTHS_IN_YEAR)
    ax.axhline(0, color=INK, linewidth=0.9, zorder=0.9)
    ax.axvline(month / MONTHS_IN_YEAR, color=INK, linewidth=0.9, linestyle=(0, (2, 2)))
    left = shares[(shares["strategy"] == strategy) & (shares["outcome"] == outcome)]
    ax.set_xlabel(_left(left))
    return as_written(ax)


@finished
def contrast_figure(
    paths: pd.DataFrame,
    shares: pd.DataFrame,
    month: int,
    *,
    baseline: str = "status_quo",
    titles: Mapping[str, str] | None = None,
) -> Figure:
    """Return a column of axes for each strategy and a row for each series, each row on one scale."""
    strategies, outcomes = (list(dict.fromkeys(paths[kind])) for kind in ("strategy", "outcome"))
    figure = new_figure(3.1 * len(strategies) + 1.4, 2.05 * len(outcomes) + 1.1)
    panels = grid(figure, len(outcomes), len(strategies), sharey="row", sharex=True)
    for row, outcome in zip(panels, outcomes, strict=True):
        for ax, strategy in zip(row, strategies, strict=True):
            contrast(paths, shares, strategy, outcome, month, ax)
            if row is panels[0]:
                ax.set_title(title_of(strategy, titles))
        row[0].set_ylabel(axis_label(outcome))
    for ax in panels[-1]:
        ax.set_xlabel(f"{ax.get_xlabel()}\nYears after the launch")
    where = [title_of(str(paths[kind].iloc[0]), titles) for kind in ("district", "condition")]
    figure.suptitle(
        f"Gain over {title_of(baseline, titles).lower()}: {' · '.join(where)}", fontsize=10.5
    )
    entries = [
        Line2D([], [], color=INK, linestyle=DASHES["stays"], label="no such departure"),
        Line2D(
            [],
            [],
            color=INK,
            linestyle=DASHES["leaves"],
            label=f"superintendent leaves, month {month}",
        ),
        Patch(color="#BBBBBB", alpha=0.6, label="95 % interval of the mean"),
    ]
    legend_below(figure, entries)
    return figure


def _left(shares: pd.DataFrame) -> str:
    """Return what is left, in per cent of the gain without the departure; a dash where it is undefined."""
    if shares["left"].isna().all():
        return "no share left can be told"
    years = ", ".join(f"{months // MONTHS_IN_YEAR}" for months in shares["months_later"])
    left = ", ".join("–" if np.isnan(share) else f"{100 * share:.0f}" for share in shares["left"])
    last = "year" if years == "1" else "years"
    return f"left after {years} {last}: {left.replace('-', '−')} %"
