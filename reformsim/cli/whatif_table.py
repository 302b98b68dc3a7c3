"""The tables that `reformsim whatif` ends with: the difference some time after the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reformsim.analysis import contrast
from reformsim.analysis.counterfactual import COST, END, KEY_OUTCOMES, costliest_year
from reformsim.analysis.paired import COLUMNS, PairedSummary
from reformsim.analysis.wording import amount, unless_clear, usual_year, what_is_shown
from reformsim.results import outcome_named

from .console import say, signed
from .difference_cells import difference_cell
from .tables import Cell, say_table

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    import pandas as pd

    from reformsim.experiments.uncertainty import ParameterUncertainty
    from reformsim.experiments.whatif import WhatIf

    Row = Mapping[Hashable, Any]

LATER = (12, 24, 36, 60)
"""Months after the change that the tables show, besides the last year."""
DECIMALS = {COST: 1}
LAST = "end"
LEAST = 0.05
"""Dollars that are nothing to one decimal."""


def print_whatif(
    asked: Sequence[WhatIf],
    differences: pd.DataFrame,
    paths: pd.DataFrame,
    effects: pd.DataFrame,
    titles: Mapping[str, str],
    posterior: ParameterUncertainty | None = None,
) -> None:
    """Print a table for each outcome, what its numbers mean, and what the first one comes to."""
    names, since = asked[0].unchanged.names, asked[0].since
    where = (titles[names.district], titles[names.condition])
    say(f"{' · '.join(where)}: {'; '.join(asked[0].marks)}", style="bold")
    last = asked[0].unchanged.last_month - 1
    months = {f"+{later}": since + later for later in LATER if since + later < last}
    strategies = [question.unchanged.names.strategy for question in asked]
    rows = paths.set_index(["outcome", "strategy", "month"]).to_dict("index")
    of_strategies = effects.set_index(["outcome", "strategy"]).to_dict("index")
    for outcome in KEY_OUTCOMES:
        lines: list[tuple[str | Cell, ...]] = []
        for strategy in strategies:
            summaries = [
                PairedSummary.of(rows[outcome, strategy, month]) for month in months.values()
            ]
            summaries.append(_at_end(of_strategies[outcome, strategy]))
            word = "cheaper" if outcome == COST else "better"
            cells = [difference_cell(each, DECIMALS.get(outcome, 3), word) for each in summaries]
            lines.append((titles[strategy], *cells))
        columns = (*months, LAST)
        say_table(("", *columns), lines, _heading(outcome), numbers=columns)
    replicates = differences.shape[1]
    _say_what_is_shown(since, replicates, posterior)
    for strategy in strategies:
        say(str(of_strategies[KEY_OUTCOMES[0], strategy]["sentence"]))
    for strategy in strategies:
        _say_costliest_year(differences, strategy, since, titles)
    areas = effects[effects["outcome"] == KEY_OUTCOMES[0]].set_index("strategy")["area"]
    if len(areas) > 1 and replicates > 1:
        say(_widest(areas.sort_values(), differences, since, titles))


def _heading(outcome: str) -> str:
    entry = outcome_named(outcome)
    meaning = entry.meaning
    if outcome == COST:
        meaning = f"Extra cost: {meaning[:1].lower()}{meaning[1:]}"
    return f"{meaning}, {entry.unit}"


def _at_end(row: Row) -> PairedSummary:
    """Return the difference over the last year, which is called END in the table of effects."""
    return PairedSummary.of(
        {name: row[END if name == "difference" else f"{END}_{name}"] for name in COLUMNS}
    )


def _say_what_is_shown(since: int, replicates: int, posterior: ParameterUncertainty | None) -> None:
    cells = (
        "Below each mean: its [95 % interval], the 5–95 % range of the replicates, and how many of them"
        " are better with the change. Bold: the interval leaves out 0."
        if replicates > 1
        else what_is_shown(replicates)
    )
    say(
        f"Mean differences (as changed − as it is) so many months after month {since}, and over the"
        f" last year ({LAST}), over {replicates} paired replicate{'s' * (replicates != 1)}. {cells}",
        style="dim",
    )
    if replicates > 1:
        say(what_is_shown(replicates, posterior.file if posterior else ""), style="dim")


def _say_costliest_year(
    differences: pd.DataFrame, strategy: str, since: int, titles: Mapping[str, str]
) -> None:
    """Say in which year the change costs most, unless it may as well cost nothing in any."""
    highest, years = costliest_year(differences, strategy, since)
    costs_something = highest.difference > LEAST and (highest.clear or highest.pairs < 2)
    if costs_something and (year := usual_year(years)):
        unit = outcome_named(COST).unit
        say(f"{titles[strategy]}: costliest year {amount(highest, unit)}; most often {year}.")


def _widest(
    areas: pd.Series[float], differences: pd.DataFrame, since: int, titles: Mapping[str, str]
) -> str:
    """Say under which strategies the areas lie farthest apart, and whether that is clear."""
    lowest, highest = str(areas.index[0]), str(areas.index[-1])
    apart = contrast(differences, since, KEY_OUTCOMES[0], (highest, lowest))
    return (
        f"Summed over the years this is {signed(areas.iloc[0])} point-years under {titles[lowest]}"
        f" and {signed(areas.iloc[-1])} under {titles[highest]}; they differ by"
        f" {amount(apart)}, more under {titles[highest]} in {apart.better} of"
        f" {apart.pairs}{unless_clear(apart)}."
    )
