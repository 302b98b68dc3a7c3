"""Whole figures. Each function returns a Figure, to show in a notebook or to write with `save`.

`titles` everywhere says what to call strategies, conditions and districts; without it their names
are written out in words.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from reformsim.errors import ReformsimError

from .differences import CONDITION_MARKERS, NAME_WIDTH, cost_and_gain, differences
from .graph import legend_entries, support_graph
from .labels import SIZE, WIDTH
from .layout import finished, legend_below, names_height
from .lettering import height_of, wrapped
from .style import INK, grid, new_figure, styles_for, title_of
from .trajectories import mark_events, need_gap, survival, trajectories

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from reformsim.district.network import SupportGraph
    from reformsim.scenario import Scenario

FIRST_YEAR = -2.0
"""How much of the warm-up figures show, in years after the launch."""
BANDS = 5
"""With more strategies than this in one set of axes, bands would hide the lines and are left out."""
COLUMNS = 3
FELT = ("support", "isolation", "principal_turnover")


@finished
def trajectories_figure(
    series: pd.DataFrame,
    outcome: str,
    *,
    scenarios: Mapping[str, Scenario] | None = None,
    first_year: float = FIRST_YEAR,
    titles: Mapping[str, str] | None = None,
) -> Figure:
    """Return one panel a condition with the trajectories of a series, on one scale.

    `series` is a table of `series_frame` for one district. `scenarios` gives a scenario for each
    condition whose events are to be marked. See `reformsim.figures.trajectories`.
    """
    conditions = _of(series, "condition")
    strategies = series["strategy"].nunique()
    single = len(conditions) == 1
    figure, panels, columns = _panels(len(conditions), _named(series, titles), (7.6, 4.2))
    for ax, condition in zip(panels, conditions, strict=False):
        trajectories(
            series[series["condition"] == condition],
            outcome,
            ax,
            band=(0.1, 0.9) if strategies <= BANDS else None,
            first_year=first_year,
            yearly=strategies > BANDS,
            labels=single,
            titles=titles,
        )
        ax.set_title(title_of(condition, titles))
        if scenarios and condition in scenarios:
            mark_events(scenarios[condition], ax)
    one_label(panels, columns)
    if not single:
        _strategy_legend(figure, series, titles)
    return figure


@finished
def strain_figure(
    series: pd.DataFrame,
    *,
    outcomes: Sequence[str] = FELT,
    first_year: float = FIRST_YEAR,
    titles: Mapping[str, str] | None = None,
) -> Figure:
    """Return panels side by side: felt support, isolation and turnover of principals.

    Each condition has a row of its own. `series` is a table of `series_frame` for one district;
    `outcomes` may name other columns. Turnover is that of the last twelve months.
    """
    conditions = _of(series, "condition")
    strategies = series["strategy"].nunique()
    rows = len(conditions)
    figure = new_figure(3.2 * len(outcomes), 3.9 if rows == 1 else 3.0 * rows + 0.6)
    for line, condition in zip(
        grid(figure, rows, len(outcomes), sharey="col"), conditions, strict=True
    ):
        for ax, outcome in zip(line, outcomes, strict=True):
            trajectories(
                series[series["condition"] == condition],
                outcome,
                ax,
                band=(0.1, 0.9) if strategies <= BANDS else None,
                first_year=first_year,
                yearly=strategies > BANDS,
                labels=False,
                titles=titles,
            )
        line[0].set_title(title_of(condition, titles))
    _strategy_legend(figure, series, titles)
    return figure


@finished
def differences_figure(
    table: pd.DataFrame,
    measures: Sequence[str],
    *,
    baseline: str = "status_quo",
    conditions: Sequence[str] | None = None,
    titles: Mapping[str, str] | None = None,
) -> Figure:
    """Return one panel a measure with paired differences from the baseline and their intervals.

    `table` comes from `compare`, for one district. Measures that nothing has a value of are left
    out. Raises ReformsimError if none is left.
    """
    known = set(table.loc[(table["strategy"] != baseline) & (table["pairs"] > 0), "measure"])
    shown = [measure for measure in measures if measure in known]
    if not shown:
        raise ReformsimError("none of the measures has a value to show")
    conditions = list(conditions) if conditions is not None else _of(table, "condition")
    names = [title_of(name, titles) for name in _of(table, "strategy") if name != baseline]
    columns = min(COLUMNS, len(shown))
    rows = math.ceil(len(shown) / columns)
    tallest = max(height_of(wrapped(name, NAME_WIDTH, 9), 9) for name in names) / 72
    spread = max(0.34, 0.17 * len(conditions), tallest + 0.06)
    figure = new_figure(2.5 * columns + 2.0, rows * (len(names) * spread + 1.1) + 0.6)
    panels = [ax for line in grid(figure, rows, columns) for ax in line]
    for number, (ax, measure) in enumerate(zip(panels, shown, strict=False)):
        differences(table, measure, ax, baseline=baseline, conditions=conditions, titles=titles)
        if number % columns:
            ax.set_yticklabels([])
    drop_spare(figure, panels[len(shown) :])
    entries = [
        Line2D(
            [],
            [],
            color=INK,
            marker=CONDITION_MARKERS[number % len(CONDITION_MARKERS)],
            linestyle="none",
            markersize=6,
            label=title_of(condition, titles),
        )
        for number, condition in enumerate(conditions)
    ]
    figure.suptitle(
        f"Difference from {title_of(baseline, titles).lower()}, with interval", fontsize=10.5
    )
    entries.append(
        Line2D(
            [],
            [],
            color=INK,
            marker=CONDITION_MARKERS[0],
            markerfacecolor="white",
            linestyle="none",
            markersize=6,
            label="hollow: the interval covers 0",
        )
    )
    legend_below(figure, entries, most=4)
    return figure


@finished
def need_gap_figure(
    quartiles: pd.DataFrame,
    *,
    strategies: Sequence[str] | None = None,
    outcome: str = "outcome",
    first_year: float = FIRST_YEAR,
    titles: Mapping[str, str] | None = None,
) -> Figure:
    """Return one panel a strategy with a series by need quartile, on one scale.

    `quartiles` is a table of `quartiles_frame` for one district and condition, which the figure
    names; `strategies` says which to show, by default all.
    """
    shown = list(strategies) if strategies else list(styles_for(quartiles["strategy"].unique()))
    columns = min(COLUMNS, len(shown))
    rows = math.ceil(len(shown) / columns)
    figure = new_figure(max(5.4, 2.9 * columns + 0.8), 2.8 * rows + 0.9)
    panels = [ax for line in grid(figure, rows, columns, sharey=True) for ax in line]
    for ax, strategy in zip(panels, shown, strict=False):
        need_gap(quartiles, strategy, ax, outcome=outcome, first_year=first_year, labels=False)
        ax.set_title(title_of(strategy, titles))
    figure.suptitle(
        " · ".join(title_of(name, titles) for name in _of(quartiles, "condition")), fontsize=10.5
    )
    one_label(panels, columns)
    drop_spare(figure, panels[len(shown) :])
    handles: list[Artist] = list(panels[0].lines[: quartiles["quartile"].nunique()])
    handles.append(Patch(color="#BBBBBB", alpha=0.4, label="the gap"))
    legend_below(figure, handles)
    return figure


@finished
def survival_figure(runs: pd.DataFrame, *, titles: Mapping[str, str] | None = None) -> Figure:
    """Return the survival curves of reforms, one panel a condition.

    `runs` is a table of `measure_runs` for one district.
    """
    conditions = _of(runs, "condition")
    single = len(conditions) == 1
    figure, panels, columns = _panels(len(conditions), _named(runs, titles), (7.2, 3.8))
    for ax, condition in zip(panels, conditions, strict=False):
        reforms = runs[runs["condition"] == condition]
        survival(reforms, ax, labels=single, titles=titles)
        ax.set_title(title_of(condition, titles))
    one_label(panels, columns)
    if not single:
        _strategy_legend(figure, runs[runs["survival_time"].notna()], titles, marked=False)
    return figure


@finished
def cost_and_gain_figure(
    table: pd.DataFrame,
    *,
    gain: str = "leadership_gain_end",
    cost: str = "cost_above_reference",
    baseline: str = "status_quo",
    conditions: Sequence[str] | None = None,
    titles: Mapping[str, str] | None = None,
) -> Figure:
    """Return what strategies gain against what they cost, one panel a condition, on one scale.

    `table` is what `reformsim.analysis.compare` gives for one district; `gain` and `cost` are
    measures in it. A condition under which one of the two has no value is left out. Raises
    ReformsimError if none is left.
    """
    table = table[table["measure"].isin([gain, cost]) & (table["strategy"] != baseline)]
    known = table.groupby("condition", sort=False, observed=True)["measure"].nunique() == 2
    conditions = [name for name in conditions or _of(table, "condition") if known.get(name)]
    if not conditions:
        raise ReformsimError(f"no condition has both {gain} and {cost}")
    single = len(conditions) == 1
    figure, panels, columns = _panels(
        len(conditions), _named(table, titles), (7.2, 4.2), sharex=True
    )
    for ax, condition in zip(panels, conditions, strict=False):
        compared = table[table["condition"] == condition]
        cost_and_gain(
            compared, ax, gain=gain, cost=cost, baseline=baseline, names=single, titles=titles
        )
        ax.set_title(title_of(condition, titles))
    one_label(panels, columns)
    if not single:
        _strategy_legend(figure, table, titles, lines=False)
    return figure


@finished
def graph_figure(
    graphs: Mapping[str, SupportGraph],
    *,
    teachers: bool = True,
    advice: bool | None = None,
    title: str = "",
) -> Figure:
    """Return pictures of support graphs side by side, each under its name, with one legend.

    As `{"At the start": first, "After ten years": last}`; `title` says whose they are. See
    `reformsim.figures.support_graph`. Raises ReformsimError if there are none.
    """
    if not graphs:
        raise ReformsimError("there is no support graph to draw")
    size, most = (7.0, 3) if len(graphs) == 1 else (6.2, 6)
    figure = new_figure(size * len(graphs), size + 0.9 + 0.4 * bool(title))
    for ax, (name, graph) in zip(grid(figure, 1, len(graphs))[0], graphs.items(), strict=True):
        support_graph(graph, ax, teachers=teachers, advice=advice)
        ax.set_title(name, loc="center")
    if title:
        figure.suptitle(title, fontsize=10.5)
    legend_below(
        figure, legend_entries(*graphs.values(), teachers=teachers, advice=advice), most=most
    )
    return figure


def _panels(
    count: int, names: Sequence[str], single: tuple[float, float], **options: bool
) -> tuple[Figure, list[Axes], int]:
    """Return a figure of panels on one scale, the panels, and how many stand side by side.

    One alone has a size of its own, and the names of its lines beside it.
    """
    columns = min(COLUMNS, count)
    rows = math.ceil(count / columns)
    if count == 1:
        figure = new_figure(single[0], max(single[1], names_height(names, WIDTH, SIZE) + 1.5))
    else:
        figure = new_figure(2.9 * columns + 1.6, 3.1 * rows)
    panels = [ax for line in grid(figure, rows, columns, sharey=True, **options) for ax in line]
    drop_spare(figure, panels[count:])
    return figure, panels[:count], columns


def _named(table: pd.DataFrame, titles: Mapping[str, str] | None) -> list[str]:
    return [title_of(name, titles) for name in _of(table, "strategy")]


def _of(table: pd.DataFrame, column: str) -> list[str]:
    if table.empty:
        raise ReformsimError("the table has no rows")
    return [str(value) for value in table[column].unique()]


def drop_spare(figure: Figure, panels: Sequence[Axes]) -> None:
    for ax in panels:
        figure.delaxes(ax)


def one_label(panels: Sequence[Axes], columns: int) -> None:
    """Keep the label that panels share on y in the first column only."""
    for number, ax in enumerate(panels):
        if number % columns:
            ax.set_ylabel("")


def _strategy_legend(
    figure: Figure,
    table: pd.DataFrame,
    titles: Mapping[str, str] | None,
    *,
    marked: bool = True,
    lines: bool = True,
) -> None:
    entries = [
        Line2D(
            [],
            [],
            color=style.colour,
            linestyle=style.dash if lines else "none",
            linewidth=style.width,
            marker=style.marker if marked else None,
            markersize=5,
            markeredgecolor="white",
            markeredgewidth=0.5,
            label=title_of(name, titles),
        )
        for name, style in styles_for(table["strategy"].unique()).items()
    ]
    legend_below(figure, entries)
