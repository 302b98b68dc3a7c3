"""What becomes of a difference along a parameter: value by value, or over points that were drawn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from reformsim.analysis import measure_named
from reformsim.errors import ReformsimError

from .labels import End, label_ends
from .layout import as_written, placed
from .lettering import width_of, wrapped
from .style import INK, inches, legend_name, styles_for, title_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from matplotlib.axes import Axes

    from .style import Style

BINS = 8
TICK_SIZE, UPRIGHT = 9.0, 110.0
"""Size of the letters of a value's name, and how long it may be before it breaks if it is upright."""
DODGE = 0.06
"""How far lines are set apart at one value, in steps from one value to the next."""


def along(
    table: pd.DataFrame,
    column: str,
    ax: Axes,
    *,
    by: str = "strategy",
    styles: Mapping[Any, Style] | None = None,
    labels: bool = True,
    titles: Mapping[Any, str] | None = None,
) -> Axes:
    """Draw differences with their intervals at each value of a column; return the axes.

    `table` comes from `effects` and has one row for each value of `by` (a line each) and of
    `column`, of one measure. Values stand side by side at even distances. A filled marker means
    that the interval leaves out 0. Raises ReformsimError if a value is there twice.
    """
    rows = table[table["pairs"] > 0]
    if rows.duplicated([by, column]).any():
        raise ReformsimError(f"axes show one difference for each {by} and {column}")
    values = list(table[column].drop_duplicates().sort_values())
    styles = styles or styles_for(rows[by].unique())
    shown = {name: look for name, look in styles.items() if (rows[by] == name).any()}
    ends: list[End] = []
    for line, (name, style) in enumerate(shown.items()):
        shift = DODGE * (line - (len(shown) - 1) / 2)
        line_rows = rows[rows[by] == name].sort_values(column)
        x = np.array([values.index(value) for value in line_rows[column]]) + shift
        middle, low, high = (
            line_rows[key].to_numpy(np.float64) for key in ("difference", "low", "high")
        )
        title = title_of(str(name), titles)
        ax.plot(
            x,
            middle,
            color=style.colour,
            linestyle=style.dash,
            linewidth=1.3,
            label=legend_name(str(name), titles),
        )
        ax.vlines(x, low, high, color=style.colour, linewidth=1.6)
        for clear in (True, False):
            ax.plot(
                x[line_rows["clear"] == clear],
                middle[line_rows["clear"] == clear],
                color=style.colour,
                marker=style.marker,
                markersize=5,
                markerfacecolor=style.colour if clear else "white",
                linestyle="none",
            )
        if len(x) and line_rows[column].iloc[-1] == values[-1]:
            ends.append(End(float(middle[-1]), title, style.colour, style.marker))
    words = [_word(value, titles) for value in values]
    placed(ax, lambda: _name_values(ax, words))
    ax.set_xlim(-0.4, len(values) - 0.6)
    _finish(ax, rows)
    if labels:
        label_ends(ax, ends)
    return as_written(ax)


def across(
    table: pd.DataFrame,
    column: str,
    ax: Axes,
    *,
    titles: Mapping[str, str] | None = None,
) -> Axes:
    """Draw the difference at each point that was drawn over a parameter's value; return the axes.

    `table` comes from `effects` with a row for each strategy and point, of one measure. Lines join
    the means of BINS groups of points that are equally many. Raises ReformsimError if there is no
    difference to show.
    """
    rows = table[(table["pairs"] > 0) & table[column].notna()]
    if rows.empty:
        raise ReformsimError(f"there is no difference to show over {column}")
    for name, style in styles_for(rows["strategy"].unique()).items():
        points = rows[rows["strategy"] == name].sort_values(column)
        x, y = points[column].to_numpy(np.float64), points["difference"].to_numpy(np.float64)
        ax.scatter(
            x, y, s=9, color=style.colour, marker=style.marker, alpha=0.45, linewidth=0, zorder=2
        )
        groups = np.array_split(np.arange(len(x)), min(BINS, max(1, len(x) // 3)))
        ax.plot(
            [x[group].mean() for group in groups],
            [y[group].mean() for group in groups],
            color=style.colour,
            linestyle=style.dash,
            linewidth=style.width + 0.4,
            label=legend_name(name, titles),
        )
    ax.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    _finish(ax, rows)
    return as_written(ax)


def _finish(ax: Axes, rows: pd.DataFrame) -> None:
    measure = measure_named(str(rows["measure"].iloc[0]) if len(rows) else "")
    ax.axhline(0, color=INK, linewidth=0.8, zorder=0.9)
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.6)
    ax.margins(y=0.08)
    unit = f"\n({measure.unit})" if measure.unit else ""
    ax.set_ylabel(f"{measure.title}{unit}")


def _word(value: Any, titles: Mapping[Any, str] | None) -> str:
    return title_of(value, titles) if isinstance(value, str) else f"{value:g}".replace("-", "−")


def _name_values(ax: Axes, words: Sequence[str]) -> None:
    """Write names below values: in lines as wide as there is room, or upright where there is none.

    Where not even that leaves room, as for a fine grid, only every second or third is named.
    """
    room = inches(ax)[0] * 72 / max(1, len(words) - 0.2) - 4
    widest = max(width_of(part, TICK_SIZE) for word in words for part in word.split() or [""])
    level = widest <= room
    names = [wrapped(word, room if level else UPRIGHT, TICK_SIZE) for word in words]
    line = max(name.count("\n") + 1 for name in names) * TICK_SIZE * 1.2
    every = 1 if level else max(1, math.ceil(line / (room + 4)))
    ax.set_xticks(range(0, len(words), every), names[::every], rotation=0 if level else 90)
