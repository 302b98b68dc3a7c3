"""The figures of an experiment: its headline by strategy, along what is varied, and over the years.

Where only conditions and uncertainties are varied, panels are conditions and lines are strategies.
Where levers are, the question is what a lever does within a strategy: panels are strategies (under
each condition) and lines are the values of a lever.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from matplotlib.lines import Line2D

from reformsim.analysis import measure_named
from reformsim.experiments.summary import label
from reformsim.theory.schedule import MONTHS_IN_YEAR

from .labels import SIZE, WIDTH
from .layout import finished, legend_below, names_height
from .pages import BANDS, COLUMNS, FIRST_YEAR, differences_figure, drop_spare, one_label
from .saving import Picture
from .style import Style, grid, new_figure, styles_along, styles_for, title_of
from .sweeps import across, along
from .trajectories import trajectories

if TYPE_CHECKING:
    from collections.abc import Mapping, Sized
    from typing import Any

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from reformsim.experiments.summary import Summary

MOST_PANELS = 12
MOST_LINES = 6
"""Values of a lever that get a line each."""
INTERVALS = "with 95 % intervals of the mean; hollow markers: the interval covers 0"
RANGES = "thin lines: the 5–95 % range of the runs"


class Lines(NamedTuple):
    """What panels and lines of a figure are."""

    panels: tuple[str, ...]
    by: str
    styles: dict[Any, Style]
    titles: dict[Any, str]


def experiment_pictures(summary: Summary) -> list[Picture]:
    """Return the standard figures of an experiment; those that would be empty are left out."""
    pictures = []
    base = title_of(summary.base).lower()
    title = measure_named(summary.headline).title
    compared = summary.overall[summary.overall["pairs"] > 0]
    if compared.empty:
        return []
    district = summary.experiment.districts[0]
    table = summary.by("district", "condition", "strategy", measures=summary.measures)
    table = table[table["district"] == district]
    if len(compared["strategy"].unique()) > 1 and table["pairs"].any():
        pictures.append(
            _picture(
                differences_figure(
                    table.astype({"condition": str, "strategy": str}),
                    summary.measures,
                    baseline=summary.base,
                ),
                "strategies",
                "By strategy",
                f"Differences from {base}, means over all points, {INTERVALS}; {RANGES}."
                f"{_of_many(summary)}",
                "Dots with intervals, a row for each strategy.",
            )
        )
    for column in (name for name in summary.steps if name != "condition"):
        lines = _lines(summary, column)
        every = {
            panel: rows
            for panel, rows in _panels(summary.by(*lines.panels, lines.by, column), lines).items()
            if rows["pairs"].any()
        }
        panels = _first(every)
        if panels:
            pictures.append(
                _picture(
                    _figure_along(panels, column, lines, _unit(summary, column)),
                    f"along-{label(column).replace(' ', '-')}",
                    f"{title} along {label(column)}",
                    f"Differences from {base}, means over what else is varied, {INTERVALS}."
                    f"{_left_out(every)}",
                    f"Lines over {label(column)}, {_said(lines)}.",
                )
            )
    if summary.ranges:
        points = summary.effects[summary.effects["measure"] == summary.headline]
        pictures.append(
            _picture(
                _figure_across(points, {name: _unit(summary, name) for name in summary.ranges}),
                "across",
                f"{title} over all points",
                f"Each dot is a point of the design: the mean difference from {base} over its"
                " replicates. Lines join the means of groups of neighbouring points."
                f"{_left_out(summary.ranges)}",
                "Scattered dots with lines, a panel for each parameter.",
            )
        )
    if len(summary.series):
        outcomes = summary.experiment.outcomes.series.outcomes
        outcome = "leadership" if "leadership" in outcomes else outcomes[0]
        lines = _lines(summary, "")
        series = summary.series.assign(year=summary.series["month"] / MONTHS_IN_YEAR)
        if lines.by != "strategy":
            series, lines = _with_baseline(summary, series, lines)
        every = _panels(series, lines)
        yearly = 0 < summary.experiment.outcomes.series.every < MONTHS_IN_YEAR
        pictures.append(
            _picture(
                _figure_over_years(_first(every), outcome, lines, yearly=yearly),
                f"{outcome.replace('_', '-')}-over-years",
                f"{title_of(outcome)} over the years",
                "Means over replicates and points"
                + ("" if _crowded(lines) else "; bands hold the middle 80 % of runs")
                + ". Before the launch (grey) every strategy is the same district."
                + _left_out(every),
                f"Lines over the years, {_said(lines)}.",
            )
        )
    return pictures


def _lines(summary: Summary, along: str) -> Lines:
    """Return what panels and lines are in a figure along a column; "" for one over the years."""
    levers = [name for name in summary.steps if name in summary.experiment.levers]
    where = [name for name in ("district", "condition") if summary.runs[name].nunique() > 1]
    others = [name for name in [*levers, *summary.steps] if name not in (along, "condition")]
    crossed = summary.experiment.design.kind == "grid"
    lever = others[0] if levers and others and crossed else ""
    if not lever or summary.runs[lever].nunique() > MOST_LINES:
        styles = styles_for(str(name) for name in summary.runs["strategy"].unique())
        return Lines(tuple(where), "strategy", dict(styles), {})
    shades = styles_along(summary.runs[lever].dropna().unique())
    titles = {str(value): f"{label(lever)} {value:g}".replace("-", "−") for value in shades}
    return Lines((*where, "strategy"), lever, dict(shades), titles)


def _panels(table: pd.DataFrame, lines: Lines) -> dict[str, pd.DataFrame]:
    """Return the rows of each panel by its title, in order."""
    if not lines.panels:
        return {"": table}
    panels: dict[str, pd.DataFrame] = {}
    for names, rows in table.groupby(list(lines.panels), sort=True, observed=True):
        title = ", ".join(title_of(str(part)) for part in names)
        # Two names may make the same title.
        panels[title if title not in panels else ", ".join(map(str, names))] = rows
    return panels


def _first(panels: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return as many panels as a figure has room for."""
    return dict(list(panels.items())[:MOST_PANELS])


def _left_out(panels: Sized) -> str:
    """Say that a figure has not all of its panels, if so."""
    more = len(panels) > MOST_PANELS
    return f" Shown are the first {MOST_PANELS} of {len(panels):,} panels." if more else ""


def _of_many(summary: Summary) -> str:
    """Say which district a figure shows, if there are several."""
    districts = summary.experiment.districts
    if len(districts) == 1:
        return ""
    return f" Shown is the first of {len(districts):,} districts, {title_of(districts[0])}."


@finished
def _figure_along(panels: dict[str, pd.DataFrame], column: str, lines: Lines, unit: str) -> Figure:
    page = _page({title: rows[rows["pairs"] > 0] for title, rows in panels.items()}, lines)
    for ax, (title, rows) in zip(page.axes, panels.items(), strict=True):
        along(
            rows,
            column,
            ax,
            by=lines.by,
            styles=lines.styles,
            titles=lines.titles,
            labels=page.labels(ax),
        )
        ax.set_title(title)
        ax.set_xlabel(_axis(column, unit))
    one_label(page.axes, COLUMNS)
    return page.figure


@finished
def _figure_across(points: pd.DataFrame, units: Mapping[str, str]) -> Figure:
    ranges = list(units)
    compared = points[points["pairs"] > 0]
    styles = styles_for(str(name) for name in compared["strategy"].unique())
    lines = Lines((), "strategy", dict(styles), {})
    page = _page(dict.fromkeys(ranges[:MOST_PANELS], compared), lines, direct=False)
    for ax, column in zip(page.axes, ranges, strict=False):
        across(points, column, ax)
        ax.set_xlabel(_axis(column, units[column]))
    one_label(page.axes, COLUMNS)
    return page.figure


@finished
def _figure_over_years(
    panels: dict[str, pd.DataFrame], outcome: str, lines: Lines, *, yearly: bool
) -> Figure:
    page = _page(panels, lines)
    for ax, (title, rows) in zip(page.axes, panels.items(), strict=True):
        # One setting as far as the axes are concerned; lines stand in the column of strategies.
        trajectories(
            rows.assign(district="", condition="", strategy=rows[lines.by]),
            outcome,
            ax,
            band=None if _crowded(lines) else (0.1, 0.9),
            first_year=FIRST_YEAR,
            yearly=yearly,
            labels=page.labels(ax),
            titles=lines.titles,
            lines=lines.styles,
        )
        ax.set_title(title)
    one_label(page.axes, COLUMNS)
    return page.figure


def _with_baseline(
    summary: Summary, series: pd.DataFrame, lines: Lines
) -> tuple[pd.DataFrame, Lines]:
    """Return series with the baseline as one more line in the panel of each other strategy."""
    base = summary.experiment.baseline
    series = series.merge(summary.runs[["run", lines.by]], on="run")
    reference, others = (
        series[(series["strategy"] == base) == is_base] for is_base in (True, False)
    )
    reference = reference.assign(**{lines.by: base})
    added = [reference.assign(strategy=name) for name in others["strategy"].unique()]
    return pd.concat([others, *added], ignore_index=True), lines._replace(
        styles={**styles_for([base]), **lines.styles}
    )


class Page(NamedTuple):
    """A figure with its panels."""

    figure: Figure
    axes: list[Axes]
    direct: bool
    """Whether lines have their names beside their ends in the last panel, and not in a legend."""

    def labels(self, ax: Axes) -> bool:
        """Return whether names stand beside the lines of a panel."""
        return self.direct and ax is self.axes[-1]


def _page(panels: dict[str, pd.DataFrame], lines: Lines, *, direct: bool = True) -> Page:
    """Return a figure with these panels on one scale.

    Its lines have their names in the last panel if it has them all and stands in the first row;
    otherwise there is a legend.
    """
    columns = min(COLUMNS, len(panels))
    rows = math.ceil(len(panels) / columns)
    shown = {name for panel in panels.values() for name in panel[lines.by].unique()}
    last = list(panels.values())[-1][lines.by].unique()
    direct = direct and rows == 1 and shown == set(last)
    width = 7.6 if len(panels) == 1 else 2.9 * columns + (2.4 if direct else 1.0)
    names = [title_of(str(name), lines.titles) for name in lines.styles if name in shown]
    beside = names_height(names, WIDTH, SIZE) + 1.5 if direct else 0.0
    figure = new_figure(width, max(3.8, beside) if rows == 1 else 3.0 * rows)
    axes = [ax for line in grid(figure, rows, columns, sharey=True) for ax in line]
    drop_spare(figure, axes[len(panels) :])
    if not direct:
        _legend(figure, {name: look for name, look in lines.styles.items() if name in shown}, lines)
    return Page(figure, axes[: len(panels)], direct)


def _legend(figure: Figure, styles: dict[Any, Style], lines: Lines) -> None:
    entries = [
        Line2D(
            [],
            [],
            color=style.colour,
            linestyle=style.dash,
            marker=style.marker,
            markersize=5,
            label=title_of(str(name), lines.titles),
        )
        for name, style in styles.items()
    ]
    legend_below(figure, entries)


def _unit(summary: Summary, column: str) -> str:
    return summary.experiment.parameter(column).unit


def _axis(column: str, unit: str) -> str:
    """Return a parameter in words, with its unit."""
    words = label(column)
    shown = "" if unit in {"", "–", "[0, 1]"} or unit in words else f"\n({unit})"
    return f"{words[:1].upper()}{words[1:]}{shown}"


def _crowded(lines: Lines) -> bool:
    """Return whether bands would hide one another."""
    return lines.by != "strategy" or len(lines.styles) > BANDS


def _said(lines: Lines) -> str:
    each = "one for each strategy" if lines.by == "strategy" else f"one for each {label(lines.by)}"
    return f"{each}, a panel for each {' and '.join(lines.panels)}" if lines.panels else each


def _picture(figure: Figure, name: str, title: str, caption: str, alt: str) -> Picture:
    return Picture(name, title, caption, alt, figure)
