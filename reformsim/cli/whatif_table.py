"""The tables that `reformsim whatif` ends with: the difference some time after the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reformsim.analysis import contrast
from reformsim.analysis.counterfactual import KEY_OUTCOMES
from reformsim.results import outcome_named

from .console import end, say, signed
from .tables import Cell, cell, say_table

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    import pandas as pd

    from reformsim.experiments.whatif import WhatIf

LATER = (12, 24, 36, 60)
"""Months after the change that the tables show, besides the last."""
DECIMALS = {"cost_per_pupil": 1}


def print_whatif(
    asked: Sequence[WhatIf],
    differences: pd.DataFrame,
    paths: pd.DataFrame,
    effects: pd.DataFrame,
    titles: Mapping[str, str],
) -> None:
    """Print a table for each outcome, what its numbers mean, and what the first one comes to."""
    names, since = asked[0].unchanged.names, asked[0].since
    place = (titles[names.district], titles[names.condition])
    say(f"{' · '.join(place)}: {'; '.join(asked[0].marks)}", style="bold")
    last = asked[0].unchanged.last_month - 1
    months = {f"+{later}": since + later for later in LATER if since + later < last}
    strategies = [one.unchanged.names.strategy for one in asked]
    rows = paths.set_index(["outcome", "strategy", "month"]).to_dict("index")
    for outcome in KEY_OUTCOMES:
        lines: list[tuple[str | Cell, ...]] = []
        for strategy in strategies:
            path = [rows[outcome, strategy, month] for month in (*months.values(), last)]
            cells = [_cell(row, DECIMALS.get(outcome, 3)) for row in path]
            lines.append((titles[strategy], *cells))
        entry = outcome_named(outcome)
        columns = (*months, "end")
        say_table(("", *columns), lines, f"{entry.meaning}, {entry.unit}", numbers=columns)
    replicates = differences.shape[1]
    spread = (
        "with 95 % intervals below them, bold where the interval leaves out 0"
        if replicates > 1
        else "without intervals, which need two replicates or more"
    )
    say(
        f"Mean differences (as changed − as it is) so many months after month {since}, over"
        f" {replicates} paired replicate{'s' * (replicates != 1)}, {spread}.",
        style="dim",
    )
    own = effects[effects["outcome"] == KEY_OUTCOMES[0]].set_index("strategy")
    for strategy in strategies:
        say(str(own.at[strategy, "sentence"]))
    if len(own) > 1 and replicates > 1:
        say(_widest(own["area"].sort_values(), differences, since, titles))


def _cell(row: Mapping[Hashable, Any], decimals: int) -> Cell:
    low, high = (end(row[side], decimals) for side in ("low", "high"))
    interval = [f"[{low}, {high}]"] if row["pairs"] > 1 else []
    return cell(
        signed(row["difference"], decimals), *interval, style="bold" if row["clear"] else ""
    )


def _widest(
    areas: pd.Series[float], differences: pd.DataFrame, since: int, titles: Mapping[str, str]
) -> str:
    """Say under which strategies the areas lie farthest apart, and whether that is clear."""
    lowest, highest = str(areas.index[0]), str(areas.index[-1])
    found = contrast(differences, since, KEY_OUTCOMES[0], (lowest, highest))
    low, high = (end(float(found[side])) for side in ("low", "high"))
    said = (
        f"Summed over the years this is {signed(areas.iloc[0])} point-years under {titles[lowest]}"
        f" and {signed(areas.iloc[-1])} under {titles[highest]}; they differ by"
        f" {signed(float(found['difference']))} ({low} to {high})"
    )
    return f"{said}." if found["clear"] else f"{said}: the interval covers 0, so it may be chance."
