"""What a change does over the months: the path of the difference under each strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.errors import ReformsimError
from reformsim.theory.schedule import MONTHS_IN_YEAR

from .labels import SIZE, WIDTH, End, label_ends
from .layout import as_written, finished, names_height
from .style import INK, axis_label, grid, new_figure, styles_for, title_of
from .trajectories import finish_time_axis

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BEFORE = 24
"""Months before the change that figures show."""


def difference_path(
    paths: pd.DataFrame,
    outcome: str,
    ax: Axes,
    *,
    marks: Mapping[str, int] | None = None,
    titles: Mapping[str, str] | None = None,
) -> Axes:
    """Draw the mean difference with its interval, a line for each strategy; return the axes.

    `paths` is a table of `difference_paths` for one district and condition; `marks` says what is
    changed, and the month from which it acts. Raises ReformsimError if the table has no such outcome.
    """
    differences = paths[paths["outcome"] == outcome]
    if differences.empty:
        raise ReformsimError(f"the table has no differences of {outcome}")
    since = min((marks or {"launch": 0}).values())
    differences = differences[differences["month"] >= since - BEFORE]
    ends = []
    for name, style in styles_for(differences["strategy"].unique()).items():
        path = differences[differences["strategy"] == name]
        columns = (path[column].to_numpy(np.float64) for column in ("difference", "low", "high"))
        mean, low, high = columns
        years = path["month"].to_numpy(np.float64) / MONTHS_IN_YEAR
        ax.fill_between(years, low, high, color=style.colour, alpha=0.15, linewidth=0)
        ax.plot(years, mean, color=style.colour, linestyle=style.dash, linewidth=style.width)
        ends.append(End(float(mean[-1]), title_of(name, titles), style.colour, style.marker))
    months = differences["month"] / MONTHS_IN_YEAR
    finish_time_axis(ax, float(months.min()), float(months.max()))
    ax.axhline(0, color=INK, linewidth=0.9, zorder=0.9)
    for month in (marks or {}).values():
        ax.axvline(month / MONTHS_IN_YEAR, color=INK, linewidth=0.9, linestyle=(0, (2, 2)))
    changes = "; ".join(marks or ())
    ax.set_title(changes[:1].upper() + changes[1:])
    ax.set_ylabel(f"Difference\n{axis_label(outcome)}")
    label_ends(ax, [end for end in ends if not np.isnan(end.height)])
    return as_written(ax)


@finished
def difference_path_figure(
    paths: pd.DataFrame,
    outcome: str,
    *,
    marks: Mapping[str, int] | None = None,
    titles: Mapping[str, str] | None = None,
) -> Figure:
    """Return what `difference_path` draws as a figure of its own."""
    names = [title_of(name, titles) for name in paths["strategy"].unique()]
    figure = new_figure(7.6, max(4.2, names_height(names, WIDTH, SIZE) + 1.5))
    difference_path(paths, outcome, grid(figure, 1, 1)[0][0], marks=marks, titles=titles)
    return figure
