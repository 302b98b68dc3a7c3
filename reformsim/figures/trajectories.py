"""Series over time: strategies against each other, need quartiles, and what happened when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from reformsim.analysis.measures import kaplan_meier
from reformsim.errors import ReformsimError
from reformsim.results import TURNOVER
from reformsim.scenario.events import (
    BoardTurnover,
    Crisis,
    SuperintendentDeparture,
    UnionConflict,
    called,
    ranges_of,
)
from reformsim.scenario.revenue_events import RevenueEvent
from reformsim.theory.schedule import MONTHS_IN_YEAR

from .labels import End, label_ends, note
from .layout import as_written
from .style import FAINT, INK, axis_label, legend_name, styles_for, title_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

    from reformsim.scenario import Scenario

    from .style import Style

QUARTILE_COLOURS = ("#0072B2", "#56B4E9", "#E69F00", "#D55E00")
QUARTILE_NAMES = ("least needy quarter", "second", "third", "neediest quarter")
_LOOKS_BACK = {rate.name for rate in TURNOVER}


def trajectories(
    series: pd.DataFrame,
    outcome: str,
    ax: Axes,
    *,
    band: tuple[float, float] | None = (0.1, 0.9),
    first_year: float | None = None,
    yearly: bool = False,
    labels: bool = True,
    titles: Mapping[str, str] | None = None,
    lines: Mapping[str, Style] | None = None,
) -> Axes:
    """Draw the mean of a series over replicates, a line for each strategy, and return the axes.

    `series` is a table of `series_frame` for one district and condition, `outcome` one of its
    columns. Runs at several points of an experiment count as replicates. `lines` says how to draw
    what stands in the column `strategy`, by default as `styles_for` does. `band` shades these quantiles of the replicates at each month, if there are two or
    more replicates. The years before `first_year` are left out. `yearly` shows the means of school
    years, each at its middle, which many lines in one place need to be told apart. With `labels` each line has its
    name at its end; otherwise the lines only carry it, for a legend. `titles` says what to call
    strategies. Raises ReformsimError if the column is missing, or the table holds no rows or more
    than one district or condition.
    """
    shown = _one_setting(series, outcome)
    if first_year is not None:
        shown = shown[shown["year"] >= first_year]
    ends: list[End] = []
    luck = [name for name in ("seed", "replicate", "point") if name in shown]
    for name, style in (lines or styles_for(shown["strategy"].unique())).items():
        wide = shown[shown["strategy"] == name].pivot_table(
            index="month", columns=luck, values=outcome, observed=True
        )
        if yearly:
            wide = _by_year(wide, outcome)
        years = wide.index.to_numpy(dtype=np.float64) / MONTHS_IN_YEAR
        mean = wide.mean(axis=1).to_numpy(dtype=np.float64)
        if band is not None and wide.shape[1] > 1:
            low, high = (wide.quantile(share, axis=1).to_numpy(np.float64) for share in band)
            ax.fill_between(years, low, high, color=style.colour, alpha=0.13, linewidth=0)
        ax.plot(
            years,
            mean,
            color=style.colour,
            linestyle=style.dash,
            linewidth=style.width,
            marker=style.marker,
            markevery=_marks(years),
            markersize=4.5,
            markeredgecolor="white",
            markeredgewidth=0.5,
            label=legend_name(str(name), titles),
        )
        seen = mean[~np.isnan(mean)]
        if len(seen):
            ends.append(
                End(float(seen[-1]), title_of(str(name), titles), style.colour, style.marker)
            )
    finish_time_axis(ax, float(shown["year"].min()), float(shown["year"].max()))
    ax.set_ylabel(axis_label(outcome))
    if labels:
        label_ends(ax, ends)
    return as_written(ax)


def finish_time_axis(ax: Axes, first: float, last: float) -> None:
    """Set the limits and ticks of an axis in years and shade the warm-up, if any of it is shown."""
    ax.set_xlim(first, last)
    ax.set_xlabel("Years after the launch")
    ax.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, steps=[1, 2, 5, 10]))
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.6)
    ax.margins(y=0.08)
    if first < 0:
        ax.axvspan(first, 0, color=FAINT, zorder=0, linewidth=0)
        ax.axvline(0, color="#999999", linewidth=0.8, zorder=1)
        note(ax, first / 2, "warm-up", middle=True)


def mark_events(scenario: Scenario, ax: Axes) -> Axes:
    """Mark what the scenario announces: falls of revenue, crises, conflicts, and who leaves at the top.

    A fall of revenue is hatched from its start until it is over; so are a crisis and a conflict. An event of
    which a replicate draws a number is not marked: it is not the same in all. Departures that the model draws by chance differ between replicates and are
    not marked; see `mark_departures`.
    """
    first, last = ax.get_xlim()
    for event in scenario.events:
        if ranges_of(event):
            continue
        start = event.month / MONTHS_IN_YEAR
        if not first <= start <= last:
            continue
        if isinstance(event, RevenueEvent):
            shape = event.shape
            months = shape.ramp + shape.hold + shape.recovery
            over = last if shape.permanent else start + months / MONTHS_IN_YEAR
            _hatch(ax, start, min(last, over), called(event), "////")
        elif isinstance(event, Crisis | UnionConflict):
            name, pattern = (
                ("crisis", "\\\\\\\\") if isinstance(event, Crisis) else ("conflict", "----")
            )
            over = start + event.months / MONTHS_IN_YEAR
            _hatch(ax, start, min(last, over), name, pattern)
        elif isinstance(event, SuperintendentDeparture | BoardTurnover):
            ax.axvline(start, color=INK, linewidth=0.9, linestyle=(0, (2, 2)), zorder=1.5)
            new_board = isinstance(event, BoardTurnover)
            note(ax, start, "new\nboard" if new_board else "superintendent\nleaves")
    return ax


def mark_departures(events: pd.DataFrame, ax: Axes, role: str = "superintendent") -> Axes:
    """Mark the departures of a role in one run, a tick at the foot of the axes for each.

    `events` is a table of `events_frame`. Raises ReformsimError if it holds more than one run.
    """
    runs = events[["district", "condition", "strategy", "seed", "replicate"]].drop_duplicates()
    if len(runs) > 1:
        raise ReformsimError(f"departures are marked for one run, not for {len(runs)}")
    departures = events[(events["kind"] == "departure") & (events["role"] == role)]
    first, last = ax.get_xlim()
    for year in departures["year"]:
        if first <= year <= last:
            ax.axvline(float(year), ymax=0.05, color=INK, linewidth=1.2)
    return ax


def need_gap(
    quartiles: pd.DataFrame,
    strategy: str,
    ax: Axes,
    *,
    outcome: str = "outcome",
    first_year: float | None = None,
    labels: bool = True,
) -> Axes:
    """Draw a series for each need quartile under one strategy, the gap shaded; return the axes.

    `quartiles` is a table of `quartiles_frame` for one district and condition; lines are means
    over replicates and school years, each year at its middle. The gap lies between the least needy
    and the neediest quartile there are; its sizes in the year before the launch and in the
    last year are written at the foot. Raises ReformsimError if the
    strategy is missing or the table holds more than one district or condition.
    """
    shown = _one_setting(quartiles, outcome)
    shown = shown[shown["strategy"] == strategy]
    if shown.empty:
        raise ReformsimError(f"the table has no rows of {strategy}")
    if first_year is not None:
        shown = shown[shown["year"] >= first_year]
    wide = shown.pivot_table(index="month", columns="quartile", values=outcome, dropna=False)
    wide = _by_year(wide, outcome)
    years = wide.index.to_numpy(dtype=np.float64) / MONTHS_IN_YEAR
    groups = [int(group) for group in wide.columns]
    for group in groups:
        outer = group in (groups[0], groups[-1])
        ax.plot(
            years,
            wide[group].to_numpy(dtype=np.float64),
            color=QUARTILE_COLOURS[group],
            linewidth=2.0 if outer else 1.1,
            linestyle=("-", (0, (1, 1)), (0, (3, 1, 1, 1)), (0, (5, 1.5)))[group],
            label=QUARTILE_NAMES[group],
        )
    top, bottom = (wide[group].to_numpy(np.float64) for group in (groups[0], groups[-1]))
    ax.fill_between(years, bottom, top, color="#BBBBBB", alpha=0.25, linewidth=0)
    finish_time_axis(ax, float(shown["year"].min()), float(shown["year"].max()))
    ax.set_ylabel(axis_label(outcome))
    if len(groups) > 1:
        before = np.flatnonzero(years < 0)
        times = (int(before[-1]) if len(before) else 0, -1)
        for at in times:
            ax.plot([years[at]] * 2, [bottom[at], top[at]], color=INK, linewidth=0.9, zorder=3)
        sizes = [float(top[at] - bottom[at]) for at in times]
        ax.text(
            0.98,
            0.03,
            f"gap {sizes[0]:.3f} → {sizes[1]:.3f}",
            transform=ax.transAxes,
            ha="right",
            fontsize=8.5,
        )
    if labels:
        label_ends(
            ax,
            [
                End(float(wide[group].iloc[-1]), QUARTILE_NAMES[group], QUARTILE_COLOURS[group])
                for group in groups
            ],
        )
    return as_written(ax)


def survival(
    runs: pd.DataFrame,
    ax: Axes,
    *,
    labels: bool = True,
    titles: Mapping[str, str] | None = None,
) -> Axes:
    """Draw the Kaplan–Meier curve of reforms, a step line for each strategy; return the axes.

    `runs` is a table of `measure_runs` for one district and condition. A reform lives until its
    leadership gain stays under half its peak for a year; ticks mark runs that ended first. A
    strategy under which nothing took hold has no curve. Raises ReformsimError as `trajectories`.
    """
    reforms = _one_setting(runs, "survival_time")
    ends: list[End] = []
    last = float(reforms["survival_time"].max()) / MONTHS_IN_YEAR
    for name, style in styles_for(reforms["strategy"].unique()).items():
        of_strategy = reforms[(reforms["strategy"] == name) & reforms["survival_time"].notna()]
        curve = kaplan_meier(of_strategy["survival_time"], of_strategy["survival_observed"] == 1)
        if not len(curve.times):
            continue
        years = np.array([0.0, *curve.times, last * MONTHS_IN_YEAR]) / MONTHS_IN_YEAR
        share = np.array([1.0, *curve.survival, curve.survival[-1]])
        ax.step(
            years,
            share,
            where="post",
            color=style.colour,
            linestyle=style.dash,
            linewidth=style.width,
            label=legend_name(str(name), titles),
        )
        ends.append(End(float(share[-1]), title_of(str(name), titles), style.colour, style.marker))
    if ends:
        ax.set_xlim(0, last)
        ax.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, steps=[1, 2, 5, 10]))
    ax.set_ylim(-0.02, 1.04)
    ax.set_xlabel("Years after the launch")
    ax.set_ylabel("Surviving reforms\n(share of those that took hold)")
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.6)
    if labels:
        label_ends(ax, ends)
    return as_written(ax)


def _one_setting(table: pd.DataFrame, column: str) -> pd.DataFrame:
    problems = []
    if column not in table:
        problems.append(f"the table has no column {column}")
    if table.empty:
        problems.append("the table has no rows")
    for name in ("district", "condition"):
        values = table[name].unique()
        if len(values) > 1:
            problems.append(f"axes show one {name}, not {len(values)}: {', '.join(values)}")
    if problems:
        raise ReformsimError(*problems)
    return table


def _by_year(wide: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Means of school years, each at its middle month, and nothing at the launch.

    Without the gap at the launch, a line would start to change before it. Turnover already looks
    back over twelve months, so that a school year's is that of its last month.
    """
    year = wide.index.to_numpy(dtype=np.int64) // MONTHS_IN_YEAR
    years = wide.groupby(year)
    means = years.last() if outcome in _LOOKS_BACK else years.mean()
    means.index = means.index * MONTHS_IN_YEAR + MONTHS_IN_YEAR // 2
    if (year < 0).any() and (year >= 0).any():
        means.loc[0] = np.nan
    return means.sort_index()


def _marks(years: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[int]:
    """Where to put markers: about every eighth of the years after the launch."""
    since = np.flatnonzero(years >= 0)
    step = max(1, len(since) // 8)
    return [int(index) for index in since[step // 2 :: step]]


def _hatch(ax: Axes, start: float, end: float, name: str, hatch: str) -> None:
    ax.axvspan(
        start, end, facecolor="none", edgecolor="#CFCFCF", hatch=hatch, linewidth=0, zorder=0.5
    )
    note(ax, start, name)
