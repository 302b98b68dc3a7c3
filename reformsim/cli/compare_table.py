"""The table that `reformsim compare` ends with: strategies by conditions, and how sure each number is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reformsim.analysis import compare
from reformsim.analysis.paired import PairedSummary, rests_on_enough
from reformsim.analysis.wording import count_in_words, lead_in_words, usual_year, what_is_shown

from .console import number, say
from .difference_cells import difference_cell, spread
from .tables import Cell, Column, cell, say_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from reformsim.experiments.uncertainty import ParameterUncertainty

    Row = dict[str, Any]

HEADINGS = {
    "leadership_gain_end": ("Leadership", "gain at end"),
    "outcome_gain_end": ("Outcome", "gain at end, SD"),
    "cost_above_reference": ("Extra cost", "$/pupil a year"),
    "costliest_year_cost": ("Costliest year", "extra $/pupil"),
    "retention_36": ("Retention", "after 36 months"),
    "survival_time": ("Survival", "months"),
}
"""The measures of the table, by what stands above their columns."""

COLUMNS = (
    Column("Strategy"),
    *(Column(heading, unit, number=True) for heading, unit in HEADINGS.values()),
)
GAINS = ("leadership_gain_end", "outcome_gain_end")
COSTS = ("cost_above_reference", "costliest_year_cost")
DECIMALS = {"retention_36": 2}
LARGE = 10
"""Dollars from which on cents are of no interest."""


def print_comparison(
    runs: pd.DataFrame,
    baseline: str,
    titles: Mapping[str, str],
    posterior: ParameterUncertainty | None = None,
) -> None:
    """Print a table for each condition of `measure_runs`, and what its numbers mean."""
    district = str(runs["district"].iloc[0])
    replicates = len(runs[["seed", "replicate"]].drop_duplicates())
    table = compare(runs, baseline, [*HEADINGS])
    say(titles.get(district, district), style="bold")
    for condition, of_condition in runs.groupby("condition", sort=False):
        compared = _by_strategy(table[table["condition"] == condition])
        rows = _rows(of_condition, compared, baseline, titles)
        say_table(COLUMNS, rows, titles.get(str(condition), str(condition)))
        for strategy in dict.fromkeys(of_condition["strategy"]):
            if sentence := lead_in_words(compared[strategy][GAINS[0]], titles):
                say(f"Leadership: {sentence}")
    base = titles.get(baseline, baseline)
    cells = (
        "Below each mean: its [95 % interval], the 5–95 % range of the replicates, and how many of"
        f" them are better than under {base}. Bold: the interval leaves out 0."
        if replicates > 1
        else f"{what_is_shown(replicates)}"
    )
    say(
        f"Means over {replicates} paired replicate{'s' * (replicates != 1)}. Gains and extra costs"
        f" are differences from {base} under common random numbers. {cells}",
        style="dim",
    )
    if replicates > 1:
        say(what_is_shown(replicates, posterior.file if posterior else ""), style="dim")
    say(
        "Retention and survival count the runs in which a reform took hold; a reform that outlives"
        " its run counts as long as the run. A mean over too few of the runs is not shown.",
        style="dim",
    )


def _by_strategy(table: pd.DataFrame) -> dict[str, dict[str, Row]]:
    """Return the rows of a comparison by strategy and measure."""
    rows: dict[str, dict[str, Row]] = {}
    for row in table.to_dict("records"):
        rows.setdefault(row["strategy"], {})[row["measure"]] = {str(k): v for k, v in row.items()}
    return rows


def _rows(
    runs: pd.DataFrame,
    compared: Mapping[str, Mapping[str, Row]],
    baseline: str,
    titles: Mapping[str, str],
) -> Iterator[list[str | Cell]]:
    for strategy, of_strategy in runs.groupby("strategy", sort=False):
        rows = compared[str(strategy)]
        differences = {
            name: cell("–") if strategy == baseline else _difference(rows[name], name)
            for name in (*GAINS, *COSTS)
        }
        if year := "" if strategy == baseline else usual_year(of_strategy["costliest_year"]):
            highest = differences["costliest_year_cost"]
            differences["costliest_year_cost"] = highest._replace(lines=(*highest.lines, year))
        yield [
            titles.get(str(strategy), str(strategy)),
            *differences.values(),
            _level(rows["retention_36"], "retention_36"),
            _survival(of_strategy),
        ]


def _difference(row: Row, name: str) -> Cell:
    """Return a mean difference above its interval, its range, and how often it is for the better."""
    summary = PairedSummary.of(row)
    if not summary.pairs:
        return cell("–")
    if not rests_on_enough(summary.pairs, row["replicates"]):
        return cell(count_in_words(summary.pairs, row["replicates"]))
    if name in COSTS:
        decimals = 0 if abs(summary.difference) >= LARGE else 1
        return difference_cell(summary, decimals, "cheaper")
    return difference_cell(summary)


def _level(row: Row, name: str) -> Cell:
    """Return a mean above its interval and range, and in how many runs it is defined if not in all."""
    summary = PairedSummary.of(row)
    if not summary.pairs:
        return cell("–")
    count = count_in_words(summary.pairs, row["replicates"])
    if not rests_on_enough(summary.pairs, row["replicates"]):
        return cell(count)
    decimals = DECIMALS.get(name, 3)
    below = spread(summary, decimals) + [count] * (summary.pairs < row["replicates"])
    return cell(number(summary.difference, decimals), *below)


def _survival(runs: pd.DataFrame) -> Cell:
    """Return the mean months that reforms lived, and how many of them were seen to end."""
    lived = runs["survival_time"].dropna()
    if lived.empty:
        return cell("–")
    ended = f"{runs['survival_observed'].sum():.0f} of {len(lived)} ended"
    if not rests_on_enough(len(lived), len(runs)):
        return cell(count_in_words(len(lived), len(runs)), ended)
    return cell(number(lived.mean(), 0), ended)
