"""The figures of a calibration: what was believed and is, what the data would be, and the check."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .layout import finished, rows_height
from .lettering import wrapped
from .style import BLUE, GREY, INK, PALE, VERMILLION, grid, new_figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from reformsim.calibration import Targets

COLUMNS = 4
NAMES, TICK_SIZE = 190.0, 9.0
"""Width in points at which names of parameters and targets are wrapped, and their size."""
BINS = 10
"""Bars of a histogram of ranks."""


@finished
def posterior_figure(posterior: pd.DataFrame, targets: Targets) -> Figure:
    """Return the density of each free parameter before (grey) and after (blue) the data."""
    from scipy.stats import gaussian_kde

    from reformsim.calibration import frozen

    names = list(targets.free)
    weight = posterior["weight"].to_numpy()
    figure, axes = _panels(len(names), 1.9)
    for ax, name in zip(axes, names, strict=True):
        prior, values = targets.free[name], posterior[name].to_numpy()
        along = np.linspace(prior.low, prior.high, 200)
        ax.fill_between(along, frozen(prior).pdf(along), color=PALE, linewidth=0)
        if np.ptp(values) > 0:
            density = gaussian_kde(values, weights=weight)(along)
            ax.plot(along, density, color=BLUE, linewidth=1.8)
        ax.set_title(_short(name).replace("\n", " "), fontsize=9)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.set_ylim(0)
    return figure


@finished
def identifiability_figure(parameters: pd.DataFrame) -> Figure:
    """Return how much of the prior's width is left of each parameter, the widest last."""
    table = parameters.sort_values("width", ascending=False)
    names = [_short(name) for name in table["parameter"]]
    figure = new_figure(7.2, 0.9 + rows_height(names, TICK_SIZE, 0.27))
    ax = grid(figure, 1, 1)[0][0]
    colours = [BLUE if moved else VERMILLION for moved in table["moved"]]
    ax.barh(range(len(table)), table["width"], color=colours, height=0.65)
    ax.set_yticks(range(len(table)), names)
    ax.set_ylim(-0.6, len(table) - 0.4)
    ax.axvline(1, color=INK, linewidth=0.9)
    ax.set_xlabel("80 % interval of the posterior ÷ that of the prior")
    if not table["moved"].all():
        ax.set_title("Red: not informed by the data", color=VERMILLION)
    return figure


@finished
def predictive_figure(predictive: pd.DataFrame) -> Figure:
    """Return what would be observed, before and after, beside what was, in standard errors."""
    names = [_short(statistic) for statistic in predictive["statistic"][::-1]]
    figure = new_figure(7.6, 1.0 + rows_height(names, TICK_SIZE, 0.3))
    ax = grid(figure, 1, 1)[0][0]
    for height, row in enumerate(predictive[::-1].to_dict("records")):
        ends = [
            (row[end] - row["observed"]) / row["error"]
            for end in ("prior_low_95", "prior_high_95", "low_95", "high_95", "median")
        ]
        colour = BLUE if row["met"] else VERMILLION
        ax.plot(ends[:2], [height] * 2, color=PALE, linewidth=7, solid_capstyle="butt")
        ax.plot(ends[2:4], [height] * 2, color=colour, linewidth=2.5)
        ax.plot(ends[4], height, "o", color=colour, markersize=4.5)
    ax.axvline(0, color=INK, linewidth=0.9)
    ax.axvspan(-2, 2, color=GREY, alpha=0.08, linewidth=0)
    ax.set_yticks(range(len(predictive)), names)
    ax.set_ylim(-0.6, len(predictive) - 0.4)
    ax.set_xlim(-8, 8)
    ax.set_xlabel("Predicted minus observed, in standard errors")
    ax.set_title("Prior (grey) and posterior predictions; red: not met")
    return figure


@finished
def ranks_figure(trials: pd.DataFrame) -> Figure:
    """Return, for each parameter, how often the truth had which rank in the posterior."""
    from scipy.stats import binom

    groups = list(trials.groupby("parameter", sort=False))
    figure, axes = _panels(len(groups), 2.0)
    for ax, (name, rows) in zip(axes, groups, strict=True):
        low, high = (binom.ppf(end, len(rows), 1 / BINS) for end in (0.025, 0.975))
        ax.axhspan(low, high, color=PALE, linewidth=0)
        ax.hist(rows["rank"], bins=BINS, range=(0, 1), color=BLUE, rwidth=0.85)
        ax.set_title(_short(str(name)).replace("\n", " "), fontsize=9)
        ax.set_xlim(0, 1)
    for ax in axes:
        ax.set_xlabel("Rank of the true value")
    return figure


def _panels(count: int, height: float) -> tuple[Figure, list[Axes]]:
    columns = min(count, COLUMNS)
    rows = math.ceil(count / columns)
    figure = new_figure(2.2 * columns + 0.4, height * rows)
    axes = [ax for row in grid(figure, rows, columns) for ax in row]
    for ax in axes[count:]:
        ax.set_visible(False)
    return figure, axes[:count]


def _short(name: str) -> str:
    return wrapped(name.rpartition(".")[2].replace("_", " "), NAMES, TICK_SIZE)
