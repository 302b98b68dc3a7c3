"""What outcomes hang on: Morris' effects, Sobol' indices, the ranking, and variants of the structure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reformsim.analysis import measure_named
from reformsim.experiments.summary import label
from reformsim.studies.sensitivity import LEAD, RANKING, outcome_key
from reformsim.studies.sensitivity_runs import HEADLINES, RANKED

from .labels import SIZE, WIDTH
from .layout import finished, names_height, rows_height
from .lettering import wrapped
from .saving import Picture
from .style import BLUE, GREY, INK, ORANGE, grid, new_figure, styles_for, title_of
from .sweeps import along

if TYPE_CHECKING:
    from typing import Any

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from reformsim.studies.sensitivity import Sensitivity
    from reformsim.studies.structure import Structure

SHOWN = 12
"""Parameters that a figure names."""
NAMED = 7
"""Points of a scatter that are named."""
MOST_RANKS = 12
"""Ranks side by side in a legend."""
NAMES_WIDTH, TICK_SIZE = 140.0, 9.0
"""Width in points at which names of strategies are wrapped, and their size."""
LINE = 0.05
"""Height of a name in a scatter, as a share of the axis."""


def ranked_effects(effects: pd.DataFrame, ax: Axes) -> Axes:
    """Draw the largest mean effects with their intervals as bars; return the axes.

    `effects` is a table of `elementary_effects` for one outcome.
    """
    top = effects.nlargest(SHOWN, "mu_star").iloc[::-1]
    middle, low, high = (top[key].to_numpy(np.float64) for key in ("mu_star", "low", "high"))
    places = np.arange(len(top))
    ax.barh(places, middle, color=BLUE, alpha=0.75, height=0.7)
    ax.hlines(places, low, high, color=INK, linewidth=1.2)
    ax.set_yticks(places, [label(name) for name in top["parameter"]])
    ax.set_xlim(left=0)
    ax.set_xlabel("mean size of the effect, μ*")
    return ax


def effects_and_spread(effects: pd.DataFrame, ax: Axes) -> Axes:
    """Draw the spread of effects over their mean size, the largest by name; return the axes."""
    x, y = (effects[key].to_numpy(np.float64) for key in ("mu_star", "sigma"))
    ax.scatter(x, y, s=14, color=BLUE, alpha=0.6, linewidth=0)
    most = max(float(np.max(x)), float(np.max(y))) * 1.05 or 1.0
    ax.plot([0, most], [0, most], color=GREY, linewidth=0.8, linestyle=(0, (4, 3)))
    right, top = max(float(np.max(x)) * 1.4, 1e-12), max(float(np.max(y)) * 1.12, 1e-12)
    lowest = 0.0
    for row in _records(effects.nlargest(NAMED, "mu_star").sort_values("sigma")):
        height = max(row["sigma"], lowest)
        lowest = height + LINE * top
        ax.annotate(
            label(row["parameter"]),
            (row["mu_star"], row["sigma"]),
            xytext=(row["mu_star"] + 0.03 * right, height),
            fontsize=7.5,
            va="center",
            arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.5},
        )
    ax.set_xlim(0, right)
    ax.set_ylim(0, max(top, lowest))
    ax.set_xlabel("mean size of the effect, μ*")
    ax.set_ylabel("spread of the effect, σ")
    return ax


def index_bars(indices: pd.DataFrame, ax: Axes) -> Axes:
    """Draw first-order and total Sobol' indices with their intervals as bars; return the axes.

    `indices` is a table of `sobol_indices` for one outcome.
    """
    if indices["ST"].isna().all():
        ax.text(0.5, 0.5, "constant", ha="center", va="center", transform=ax.transAxes)
        ax.set_axis_off()
        return ax
    ordered = indices.sort_values("ST").reset_index(drop=True)
    for key, shift, colour, text in (("ST", 0.19, ORANGE, "total"), ("S1", -0.19, BLUE, "alone")):
        places = ordered.index.to_numpy() + shift
        value = ordered[key].to_numpy(np.float64)
        ax.barh(places, value, height=0.36, color=colour, alpha=0.8, label=text)
        low, high = (ordered[f"{key}{end}"].to_numpy(np.float64) for end in ("_low", "_high"))
        ax.hlines(places, low, high, color=INK, linewidth=1)
    ax.set_yticks(ordered.index, [label(name) for name in ordered["parameter"]])
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_xlim(-0.1, 1.1)
    ax.set_xlabel("share of variance")
    return ax


def rank_shares(ranks: pd.DataFrame, ax: Axes) -> Axes:
    """Draw in what share of the points each strategy has each rank; return the axes.

    `ranks` has one row for each point and one column for each strategy; 1 is the best.
    """
    import matplotlib as mpl

    ordered = ranks.mean().sort_values(ascending=False).index
    count = ranks.shape[1]
    shades = mpl.colormaps["cividis"](np.linspace(0.05, 0.95, count))
    left = np.zeros(count)
    for rank in range(1, count + 1):
        share = np.array([(ranks[name] == rank).mean() for name in ordered])
        ax.barh(range(count), share, left=left, color=shades[rank - 1], label=str(rank))
        left += share
    ax.set_yticks(range(count), [_name(str(name)) for name in ordered])
    ax.set_xlim(0, 1)
    ax.set_xlabel("share of the points")
    return ax


def sensitivity_pictures(analysis: Sensitivity) -> list[Picture]:
    """Return the figures of a sensitivity analysis."""
    best = analysis.best
    name = title_of(best).lower()
    pictures = []
    for measure in HEADLINES:
        description = measure_named(measure)
        title = f"{description.title}: {name} ({description.unit})"
        pictures.append(
            _screened(analysis, outcome_key(measure, best), f"screening-{measure}", title)
        )
    for measure in RANKED:
        description = measure_named(measure)
        title = (
            f"{description.title}: lead of the best strategy over the others ({description.unit})"
        )
        key = outcome_key(measure, LEAD)
        pictures.append(_screened(analysis, key, f"screening-{measure}-lead", title))
        pictures.append(_ranked(analysis, measure))
    if analysis.indices is not None:
        pictures.append(_indexed(analysis))
    return pictures


def structure_pictures(analysis: Structure) -> list[Picture]:
    """Return one figure for each aspect of the structure."""
    pictures = []
    for aspect in dict.fromkeys(analysis.effects["aspect"]):
        effects = analysis.effects[analysis.effects["aspect"] == aspect]
        order = analysis.order_of(str(aspect))
        if len(order) < 2:
            continue
        table = effects.assign(variant=pd.Categorical(effects["variant"], order))
        figure = _by_variant(table, f"By {aspect}")
        pictures.append(
            Picture(
                name=str(aspect),
                title=f"Effect of {aspect}",
                caption="Differences from the baseline with 95 % intervals; a hollow marker means"
                " that the interval covers 0.",
                alt=f"Differences of each strategy from the baseline, by {aspect}",
                figure=figure,
            )
        )
    return pictures


@finished
def _by_variant(table: pd.DataFrame, title: str) -> Figure:
    styles = styles_for(table["strategy"].unique())
    names = names_height([title_of(name) for name in styles], WIDTH, SIZE)
    figure = new_figure(5.4 * len(RANKED), max(4.2, names + 1.8))
    for number, (measure, ax) in enumerate(
        zip(RANKED, grid(figure, 1, len(RANKED))[0], strict=True)
    ):
        rows = table[table["measure"] == measure]
        last = number == len(RANKED) - 1
        along(rows, "variant", ax, styles=styles, labels=last)
        ax.set_title(measure_named(measure).title)
    figure.suptitle(title, x=0.01, ha="left")
    return figure


def _screened(analysis: Sensitivity, outcome: str, name: str, title: str) -> Picture:
    effects = analysis.screening.found[analysis.screening.found["outcome"] == outcome]
    return Picture(
        name=name,
        title=title,
        caption="Left: mean absolute effect of moving a parameter over its whole range, with its 95 %"
        " interval. Right: above the dashed line, the effect depends more on other parameters than"
        " on the parameter's own range.",
        alt=f"Morris screening: the largest effects on {title[:1].lower()}{title[1:]}",
        figure=_effects_figure(effects, title),
    )


def _ranked(analysis: Sensitivity, measure: str) -> Picture:
    outcomes = analysis.screening.outcomes
    base = analysis.experiment.baseline
    gains = {
        name: outcomes[outcome_key(measure, name)]
        for name in analysis.experiment.strategies
        if name != base
    }
    ranks = pd.DataFrame({**gains, base: 0.0}).rank(axis=1, ascending=False, method="first")
    title = f"{measure_named(measure).title}: distribution of ranks"
    taus = outcomes[outcome_key(measure, RANKING)]
    return Picture(
        name=f"ranking-{measure}",
        title=title,
        caption="Left: share of the screened points at which each strategy has each rank. Right:"
        " agreement of the whole ranking with that at the defaults; 1 is the same order.",
        alt=f"Shares of ranks and a histogram of Kendall's tau for {measure.replace('_', ' ')}",
        figure=_ranks_figure(ranks, taus, title),
    )


@finished
def _effects_figure(effects: pd.DataFrame, title: str) -> Figure:
    figure = new_figure(9.6, 3.9)
    bars, scatter = grid(figure, 1, 2)[0]
    ranked_effects(effects, bars)
    effects_and_spread(effects, scatter)
    figure.suptitle(title, x=0.01, ha="left")
    return figure


@finished
def _ranks_figure(ranks: pd.DataFrame, taus: pd.Series[float], title: str) -> Figure:
    names = [_name(str(name)) for name in ranks]
    figure = new_figure(9.6, max(3.9, rows_height(names, TICK_SIZE, 0.2) + 1.6))
    shares, agreement = grid(figure, 1, 2, width_ratios=[3, 2])[0]
    rank_shares(ranks, shares)
    shares.legend(
        title="rank",
        ncols=min(MOST_RANKS, ranks.shape[1]),
        loc="lower center",
        bbox_to_anchor=(0.5, 1),
        handlelength=1.0,
        handletextpad=0.4,
        columnspacing=0.8,
    )
    agreement.hist(taus, bins=20, color=BLUE)
    agreement.set_xlabel("agreement with the ranking\nat the defaults, Kendall's τ")
    agreement.set_ylabel("points")
    figure.suptitle(title, x=0.01, ha="left")
    return figure


def _indexed(analysis: Sensitivity) -> Picture:
    tables = analysis.indices
    assert tables is not None
    keys = [outcome_key(measure, analysis.best) for measure in HEADLINES]
    titles = [measure_named(measure).title for measure in HEADLINES]
    for measure in RANKED:
        keys += [outcome_key(measure, LEAD), outcome_key(measure, RANKING)]
        title = measure_named(measure).title
        titles += [f"{title}: lead", f"{title}: ranking"]
    figure = _panels(tables.found, keys, titles)
    return Picture(
        name="indices",
        title="Sobol' indices",
        caption=f"Shares of the variance of each outcome with 95 % intervals: first-order and total. The"
        f" first panels show {title_of(analysis.best).lower()}.",
        alt="First-order and total Sobol' indices of the parameters that matter, by outcome",
        figure=figure,
    )


@finished
def _panels(table: pd.DataFrame, keys: list[str], titles: list[str]) -> Figure:
    columns = 3
    rows = -(-len(keys) // columns)
    figure = new_figure(4.2 * columns, 3.6 * rows)
    panels = [ax for line in grid(figure, rows, columns) for ax in line]
    for ax, key, title in zip(panels, keys, titles, strict=False):
        indices = table[table["outcome"] == key]
        index_bars(indices, ax)
        ax.set_title(title)
    panels[0].legend(loc="lower right")
    for ax in panels[len(keys) :]:
        ax.remove()
    return figure


def _name(strategy: str) -> str:
    return wrapped(title_of(strategy), NAMES_WIDTH, TICK_SIZE)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
