"""Whole figures. Each function returns a Figure, to show in a notebook or to write with `save`.

`titles` everywhere says what to call strategies, conditions and districts; without it their names
are written out in words.
"""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from reformsim.errors import ReformsimError

from .differences import CONDITION_MARKERS, cost_and_gain, differences
from .graph import legend_entries, support_graph
from .style import INK, grid, inches, new_figure, settings, styles_for, title_of
from .trajectories import (
    QUARTILE_COLOURS,
    mark_events,
    need_gap,
    survival,
    trajectories,
)

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
    with settings():
        single = len(conditions) == 1
        columns = min(COLUMNS, len(conditions))
        rows = math.ceil(len(conditions) / columns)
        figure = new_figure(7.6 if single else 2.9 * columns + 1.6, 4.2 if single else 3.1 * rows)
        panels = [ax for line in grid(figure, rows, columns, sharey=True) for ax in line]
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
        drop_spare(figure, panels[len(conditions) :])
        if not single:
            _strategy_legend(figure, series, titles)
    return figure


def strain_figure(
    series: pd.DataFrame,
    *,
    outcomes: Sequence[str] = FELT,
    first_year: float = FIRST_YEAR,
    titles: Mapping[str, str] | None = None,
) -> Figure:
    """Return panels side by side for one condition: felt support, isolation, principals' turnover.

    `series` is a table of `series_frame` for one district and condition; `outcomes` may name
    other columns. Turnover is that of the last twelve months.
    """
    strategies = series["strategy"].nunique()
    with settings():
        figure = new_figure(3.2 * len(outcomes), 3.9)
        for ax, outcome in zip(grid(figure, 1, len(outcomes))[0], outcomes, strict=True):
            trajectories(
                series,
                outcome,
                ax,
                band=(0.1, 0.9) if strategies <= BANDS else None,
                first_year=first_year,
                yearly=strategies > BANDS,
                labels=False,
                titles=titles,
            )
        _strategy_legend(figure, series, titles)
    return figure


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
    strategies = len(_of(table, "strategy")) - 1
    with settings():
        columns = min(COLUMNS, len(shown))
        rows = math.ceil(len(shown) / columns)
        spread = max(0.34, 0.17 * len(conditions))
        figure = new_figure(2.5 * columns + 2.0, rows * (strategies * spread + 1.1) + 0.6)
        panels = [ax for line in grid(figure, rows, columns) for ax in line]
        for place, (ax, measure) in enumerate(zip(panels, shown, strict=False)):
            differences(table, measure, ax, baseline=baseline, conditions=conditions, titles=titles)
            if place % columns:
                ax.set_yticklabels([])
        drop_spare(figure, panels[len(shown) :])
        entries = [
            Line2D([], [], color=INK, marker=marker, linestyle="none", markersize=6, label=name)
            for marker, name in zip(
                [CONDITION_MARKERS[i % len(CONDITION_MARKERS)] for i in range(len(conditions))],
                [title_of(condition, titles) for condition in conditions],
                strict=True,
            )
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
        fitting = max(1, int(figure.get_size_inches()[0] / 2.2))
        figure.legend(
            handles=entries, loc="outside lower center", ncols=min(4, len(entries), fitting)
        )
    return figure


def need_gap_figure(
    quartiles: pd.DataFrame,
    *,
    strategies: Sequence[str] | None = None,
    outcome: str = "outcome",
    first_year: float = FIRST_YEAR,
    titles: Mapping[str, str] | None = None,
) -> Figure:
    """Return one panel a strategy with a series by need quartile, on one scale.

    `quartiles` is a table of `quartiles_frame` for one district and condition; `strategies` says
    which to show, by default all.
    """
    shown = list(strategies) if strategies else list(styles_for(quartiles["strategy"].unique()))
    with settings():
        columns = min(COLUMNS, len(shown))
        rows = math.ceil(len(shown) / columns)
        figure = new_figure(2.9 * columns + 0.8, 2.8 * rows + 0.5)
        panels = [ax for line in grid(figure, rows, columns, sharey=True) for ax in line]
        for ax, strategy in zip(panels, shown, strict=False):
            need_gap(quartiles, strategy, ax, outcome=outcome, first_year=first_year, labels=False)
            ax.set_title(title_of(strategy, titles))
        one_label(panels, columns)
        drop_spare(figure, panels[len(shown) :])
        handles: list[Artist] = list(panels[0].lines[: quartiles["quartile"].nunique()])
        handles.append(Patch(color="#BBBBBB", alpha=0.4, label="the gap"))
        figure.legend(handles=handles, loc="outside lower center", ncols=len(QUARTILE_COLOURS) + 1)
    return figure


def survival_figure(runs: pd.DataFrame, *, titles: Mapping[str, str] | None = None) -> Figure:
    """Return the survival curves of reforms, one panel a condition.

    `runs` is a table of `measure_runs` for one district.
    """
    conditions = _of(runs, "condition")
    with settings():
        columns = min(COLUMNS, len(conditions))
        rows = math.ceil(len(conditions) / columns)
        single = len(conditions) == 1
        figure = new_figure(7.2 if single else 2.9 * columns + 1.6, 3.8 if single else 3.1 * rows)
        panels = [ax for line in grid(figure, rows, columns, sharey=True) for ax in line]
        for ax, condition in zip(panels, conditions, strict=False):
            own = runs[runs["condition"] == condition]
            survival(own, ax, labels=single, titles=titles)
            ax.set_title(title_of(condition, titles))
        one_label(panels, columns)
        drop_spare(figure, panels[len(conditions) :])
        if not single:
            _strategy_legend(figure, runs[runs["survival_time"].notna()], titles, marked=False)
    return figure


def cost_and_gain_figure(
    table: pd.DataFrame,
    *,
    gain: str = "leadership_gain_end",
    cost: str = "cost_above_reference",
    baseline: str = "status_quo",
    titles: Mapping[str, str] | None = None,
) -> Figure:
    """Return what strategies gain against what they cost, for one district and condition.

    `table` is what `reformsim.analysis.compare` gives for them; `gain` and `cost` are measures in it.
    """
    with settings():
        figure = new_figure(7.2, 4.2)
        cost_and_gain(
            table,
            grid(figure, 1, 1)[0][0],
            gain=gain,
            cost=cost,
            baseline=baseline,
            titles=titles,
        )
    return figure


def graph_figure(
    graphs: Mapping[str, SupportGraph], *, teachers: bool = True, advice: bool | None = None
) -> Figure:
    """Return pictures of support graphs side by side, each under its name, with one legend.

    As `{"At the start": first, "After ten years": last}`. See `reformsim.figures.support_graph`.
    Raises ReformsimError if there are none.
    """
    if not graphs:
        raise ReformsimError("there is no support graph to draw")
    with settings():
        size, columns = (7.0, 3) if len(graphs) == 1 else (6.2, 6)
        legend = legend_entries(*graphs.values(), teachers=teachers, advice=advice)
        rows = math.ceil(len(legend) / columns)
        figure = new_figure(size * len(graphs), size + 0.5 + 0.22 * rows)
        for ax, (name, graph) in zip(grid(figure, 1, len(graphs))[0], graphs.items(), strict=True):
            support_graph(graph, ax, teachers=teachers, advice=advice)
            ax.set_title(name, loc="center")
        figure.legend(
            handles=legend,
            loc="outside lower center",
            ncols=columns,
        )
    return figure


def _of(table: pd.DataFrame, column: str) -> list[str]:
    if table.empty:
        raise ReformsimError("the table has no rows")
    return [str(value) for value in table[column].unique()]


def drop_spare(figure: Figure, panels: Sequence[Axes]) -> None:
    for ax in panels:
        figure.delaxes(ax)


def one_label(panels: Sequence[Axes], columns: int) -> None:
    """Keep the label that panels share on y in the first column only, in lines that fit there."""
    for place, ax in enumerate(panels):
        letters = int(inches(ax)[1] * 72 / 4.9)
        lines = [textwrap.fill(line, letters) for line in ax.get_ylabel().split("\n")]
        ax.set_ylabel("" if place % columns else "\n".join(lines))


def _strategy_legend(
    figure: Figure,
    table: pd.DataFrame,
    titles: Mapping[str, str] | None,
    *,
    marked: bool = True,
) -> None:
    entries = [
        Line2D(
            [],
            [],
            color=style.colour,
            linestyle=style.dash,
            linewidth=style.width,
            marker=style.marker if marked else None,
            markersize=5,
            markeredgecolor="white",
            markeredgewidth=0.5,
            label=title_of(name, titles),
        )
        for name, style in styles_for(table["strategy"].unique()).items()
    ]
    if entries:
        width = figure.get_size_inches()[0]
        figure.legend(
            handles=entries,
            loc="outside lower center",
            ncols=min(len(entries), max(1, int(width / 2.3))),
            handlelength=3.2,
        )
