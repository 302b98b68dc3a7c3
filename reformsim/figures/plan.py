"""A plan as a picture: what it does and when, what it costs, and what comes of it."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedFormatter, FixedLocator

from reformsim.analysis.money import money_years
from reformsim.analysis.plan_rows import plan_rows
from reformsim.analysis.plan_years import extra_spending, grant_spending
from reformsim.results import outcome_named, series_frame
from reformsim.theory.schedule import MONTHS_IN_YEAR

from .labels import WIDTH
from .layout import as_written, finished, legend_below, placed
from .lettering import height_of, width_of, wrapped
from .saving import Picture
from .style import (
    BLUE,
    DOTTED,
    GREEN,
    GREY,
    INK,
    PALE,
    SOLID,
    Style,
    grid,
    inches,
    new_figure,
    title_of,
)
from .trajectories import trajectories

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    from reformsim.analysis.plan_rows import PlanRow, Stretch
    from reformsim.record import Result
    from reformsim.scenario import Scenario

SERIES = ("leadership", "principal_practice", "teacher_practice", "support_funding", "outcome")
"""Series below the plan."""
BAND = (0.1, 0.9)
"""Quantiles of the replicates between which bands and whiskers lie."""
COLOURS = {
    "phase": PALE,
    "lever": "#A6CDE8",
    "contract": "#F3C97B",
    "grant": "#9BD3C3",
    "event": "#BDBDBD",
}
"""Fills of the bars, light enough for dark words on them."""
PILOT = "#E6F1F9"
PLANNED, BESIDE = Style(BLUE, SOLID, "", 1.8), Style(GREY, DOTTED, "", 1.8)
ROW, BAR, NAME_SIZE, WORD_SIZE = 0.21, 0.16, 8.0, 7.5
"""Inches from row to row and of a bar, and points of the letters beside and on them."""
MONEY, PANEL = 1.3, 0.78
"""Inches of the panel of money and of each of the series."""
MOST_TICKS = 20


@finished
def plan_figure(
    scenario: Scenario,
    results: Sequence[Result] = (),
    *,
    beside: Sequence[Result] = (),
    titles: Mapping[str, str] | None = None,
) -> Figure:
    """Return a plan as a time line, with its money by year and, if there are runs, what comes of it.

    `results` are runs of the scenario; without them money is only what the plan costs in full.
    `beside` are runs of another strategy to compare with. Years are school years from the launch.
    """
    rows, years = plan_rows(scenario), scenario.horizon.years
    names = [wrapped(row.name, WIDTH, NAME_SIZE) for row in rows]
    heights = [max(ROW, height_of(name, NAME_SIZE) / 72 + 0.05) for name in names]
    tall = [max(ROW, sum(heights)), MONEY, *[PANEL] * (len(SERIES) if results else 0)]
    figure = new_figure(
        8.6 + min(4.0, 0.2 * max(0, years - 15)), sum(tall) + 0.27 * len(tall) + 0.9
    )
    panels = [line[0] for line in grid(figure, len(tall), 1, height_ratios=tall, sharex=True)]
    time_line(rows, panels[0], names=names, heights=heights)
    money_by_year(scenario, panels[1], results)
    series = series_frame([*results, *beside])
    styles = {run.scenario.names.strategy: BESIDE for run in beside}
    styles[scenario.names.strategy] = PLANNED
    for ax, name in zip(panels[2:], SERIES, strict=True) if results else ():
        trajectories(series, name, ax, band=BAND, first_year=0, labels=False, lines=styles)
        ax.set_title(_headed(name), fontsize=9)
        ax.set_ylabel("")
    for ax in panels:
        _school_years(ax, years)
        for design in scenario.plan[1:]:
            ax.axvline(design.month / MONTHS_IN_YEAR, color="#999999", linewidth=0.7, zorder=0.6)
    panels[-1].set_xlabel("School year after the launch")
    named = scenario.names
    figure.suptitle(
        " · ".join(title_of(name, titles) for name in (named.strategy, named.condition) if name)
    )
    entries = _entries(rows, results)
    if beside:
        entries += [
            Line2D(
                [],
                [],
                color=style.colour,
                linestyle=style.dash,
                linewidth=style.width,
                label=title_of(name, titles),
            )
            for name, style in styles.items()
        ]
    legend_below(figure, entries, most=4)
    return figure


def time_line(
    rows: Sequence[PlanRow], ax: Axes, *, names: Sequence[str], heights: Sequence[float]
) -> Axes:
    """Draw the rows of a plan as bars, and moments as marks; return the axes.

    `names` are those of the rows in lines that fit, `heights` the inches that each row takes.
    """
    feet = list(accumulate(heights))
    middles = [foot - height / 2 for foot, height in zip(feet, heights, strict=True)]
    for row, middle in zip(rows, middles, strict=True):
        for stretch in row.stretches:
            if stretch.end > stretch.begin:
                _bar(ax, middle, stretch.begin, stretch.end, COLOURS[row.kind])
                if row.pilot > stretch.begin:
                    _bar(ax, middle, stretch.begin, min(stretch.end, row.pilot), PILOT)
            else:
                ax.plot([stretch.begin], [middle], "D", color=INK, markersize=4.5, clip_on=False)
        _write(ax, middle, row.stretches)
    if not rows:
        ax.text(0.01, 0.5, "nothing but the baseline", transform=ax.transAxes, va="center")
    ax.set_ylim(max(ROW, sum(heights)), 0)
    ax.set_yticks(middles, names, fontsize=NAME_SIZE)
    ax.tick_params(axis="y", length=0, pad=7)
    ax.spines["left"].set_visible(False)
    ax.set_title("What is done, and when (in brackets: the baseline)", fontsize=9)
    return as_written(ax)


def money_by_year(scenario: Scenario, ax: Axes, results: Sequence[Result] = ()) -> Axes:
    """Draw what a plan asks for and what runs spend, both beyond the baseline; return the axes.

    What grants pay stands on top of the rest. Where runs have prices of their own, what is asked for is
    their mean.
    """
    scenarios = [run.scenario for run in results] or [scenario]
    cost_of = {each: [year.cost for year in money_years(each)] for each in set(scenarios)}
    full = np.mean([cost_of[each] for each in scenarios], axis=0)
    middles = np.arange(len(full)) + 0.5
    if results:
        spent = extra_spending(results)
        from_line = spent.mean(axis=0)
        if any(each.grants for each in scenarios):
            granted = grant_spending(results).mean(axis=0)
            from_line -= granted
            ax.bar(middles, granted, 0.62, from_line, color=GREEN, alpha=0.75, linewidth=0)
        # Where the rest is below 0, grants begin there too: a narrow bar hides none of theirs.
        width = np.where(from_line < 0, 0.3, 0.62) if scenario.grants else 0.62
        ax.bar(middles, from_line, width, color=BLUE, alpha=0.75, linewidth=0)
        if len(results) > 1:
            low, high = np.quantile(spent, BAND, axis=0)
            ax.vlines(middles, low, high, color=INK, linewidth=1.1)
    ax.bar(middles, full, 0.86, facecolor="none", edgecolor=INK, linewidth=0.9)
    ax.axhline(0, color="#888888", linewidth=0.8)
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.6)
    ax.margins(y=0.08)
    ax.set_title("Money beyond the baseline ($ per pupil a year)", fontsize=9)
    return as_written(ax)


def plan_picture(
    results: Sequence[Result],
    name: str,
    *,
    beside: Sequence[Result] = (),
    titles: Mapping[str, str] | None = None,
) -> Picture:
    """Return the figure of a plan that was run, with its words; `results` are runs of one scenario."""
    scenario = results[0].scenario
    strategy, condition = scenario.names.strategy, scenario.names.condition
    many = len(results) > 1
    against = (
        f", next to those under {title_of(beside[0].scenario.names.strategy, titles)}"
        if beside
        else ""
    )
    return Picture(
        name,
        f"The plan of {title_of(strategy, titles)}",
        f"Condition: {title_of(condition, titles)}. Above, what the plan does in which school year: a"
        " bar for each lever that differs from the baseline, whose value stands in brackets."
        " Lines down the figure are where the plan changes. In the middle, money beyond what the"
        " baseline costs in full: outlines are what the design in force would cost if it were paid in"
        f" full, filled bars what is spent{', the mean over replicates' * many}"
        f"{', out of grants in green' * bool(scenario.grants)}. Below, what comes"
        f" of it{against}." + " Bands and whiskers hold the middle 80 % of the replicates." * many,
        f"A time line of the plan. {_in_words(plan_rows(scenario))} Below it, bars of money for each"
        " school year, and lines over the years for "
        + ", ".join(_lower(outcome_named(series).meaning) for series in SERIES)
        + ".",
        plan_figure(scenario, results, beside=beside, titles=titles),
    )


def _in_words(rows: Iterable[PlanRow]) -> str:
    """Say when each row begins and ends, as "Pipeline (0.1): 0.8 in years 1 to 5"."""
    return " ".join(
        f"{row.name.rstrip('.')}: {'; '.join(map(_when, row.stretches))}." for row in rows
    )


def _when(stretch: Stretch) -> str:
    first, last = int(stretch.begin) + 1, max(1, -int(-stretch.end // 1))
    when = f"in year {first}" if last <= first else f"in years {first} to {last}"
    return f"{stretch.words} {when}".strip()


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _headed(series: str) -> str:
    outcome = outcome_named(series)
    return f"{outcome.meaning} ({outcome.unit.strip('[]').replace(', ', '–')})"


def _bar(ax: Axes, middle: float, begin: float, end: float, colour: str) -> None:
    ax.barh(
        middle,
        end - begin,
        BAR,
        begin,
        color=colour,
        edgecolor="white",
        linewidth=0.8,
        zorder=2,
    )


def _write(ax: Axes, middle: float, stretches: Sequence[Stretch]) -> None:
    """Write what a row says of its stretches on their bars, or beside them where there is room."""
    texts = [
        ax.text(0, middle, stretch.words, ha="center", va="center", fontsize=WORD_SIZE, zorder=4)
        for stretch in stretches
    ]
    placed(ax, lambda: _place_words(ax, stretches, texts))


def _place_words(ax: Axes, stretches: Sequence[Stretch], texts: Sequence[Text]) -> None:
    """Put words in the middle of their bars, else to the right; those with no room are not shown.

    Nor are those of a stretch that overlaps an earlier one, if the words would too.
    """
    last, written = ax.get_xlim()[1], 0.0
    points = 72 * inches(ax)[0] / last
    nexts = [*(stretch.begin for stretch in stretches[1:]), last]
    for stretch, text, following in zip(stretches, texts, nexts, strict=True):
        wide = (width_of(stretch.words, WORD_SIZE) + 3) / points
        gap = 6 / points
        if wide <= stretch.end - stretch.begin:
            text.set_x((stretch.begin + stretch.end) / 2)
        else:
            text.set_x(stretch.end + gap + wide / 2)
            text.set_visible(stretch.end + 2 * gap + wide <= following)
        middle = text.get_position()[0]
        if middle - wide / 2 < written:
            text.set_visible(False)
        elif text.get_visible():
            written = middle + wide / 2


def _school_years(ax: Axes, years: int) -> None:
    """Number school years, each at its middle; short lines are where they begin."""
    step = next(step for step in (1, 2, 5, 10) if years <= MOST_TICKS * step)
    numbers = [1, *range(step, years + 1, step)] if step > 1 else range(1, years + 1)
    ax.xaxis.set_major_locator(FixedLocator([number - 0.5 for number in numbers]))
    ax.xaxis.set_major_formatter(FixedFormatter([str(number) for number in numbers]))
    ax.xaxis.set_minor_locator(FixedLocator(list(range(years + 1))))
    ax.tick_params(axis="x", which="major", length=0)
    ax.set_xlim(0, years)
    ax.set_xlabel("")


def _entries(rows: Sequence[PlanRow], results: Sequence[Result]) -> list[Artist]:
    """Return what a legend says of the bars that are there."""
    entries: list[Artist] = []
    if any(row.pilot for row in rows):
        entries.append(Patch(color=PILOT, label="pilot: not rolled out yet"))
    entries.append(Patch(facecolor="none", edgecolor=INK, label="cost if paid in full"))
    if results:
        entries.append(Patch(color=BLUE, alpha=0.75, label="spent"))
    if results and any(row.kind == "grant" for row in rows):
        entries.append(Patch(color=GREEN, alpha=0.75, label="spent out of grants"))
    if len(results) > 1:
        words = "middle 80 % of the replicates"
        entries.append(Line2D([], [], color=INK, linewidth=1.1, label=words))
    return entries
