"""The table that `reformsim compare` ends with: strategies by conditions, each with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.analysis.paired import over_replicates

from .console import end, number, say, signed
from .tables import Cell, Column, cell, say_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

HEADINGS = {
    "leadership_gain_end": ("Leadership", "gain at end"),
    "outcome_gain_end": ("Outcome", "gain at end, SD"),
    "retention_36": ("Retention", "after 36 months"),
    "survival_time": ("Survival", "months"),
    "cost_per_pupil": ("Cost", "$/pupil a year"),
}
"""The measures of the table, by what stands above their columns."""

COLUMNS = (
    Column("Strategy"),
    *(Column(heading, unit, number=True) for heading, unit in HEADINGS.values()),
)
GAINS = ("leadership_gain_end", "outcome_gain_end")
DECIMALS = {"retention_36": 2, "survival_time": 0, "cost_per_pupil": 0}


def print_comparison(runs: pd.DataFrame, baseline: str, titles: Mapping[str, str]) -> None:
    """Print a table for each condition of `measure_runs`, and what its numbers mean."""
    district = str(runs["district"].iloc[0])
    replicates = len(runs[["seed", "replicate"]].drop_duplicates())
    say(titles.get(district, district), style="bold")
    for condition, own in runs.groupby("condition", sort=False):
        rows = _rows(own, baseline, titles)
        say_table(COLUMNS, rows, titles.get(str(condition), str(condition)))
    base = titles.get(baseline, baseline)
    if replicates > 1:
        spread = "with 95 % intervals below them; gains are bold where the interval leaves out 0"
    else:
        spread = "without intervals, which need two replicates or more"
    say(
        f"Means over {replicates} paired replicate{'s' * (replicates != 1)}, {spread}. Gains are"
        f" those over {base}. Retention and survival count the runs in which a reform took hold;"
        " a reform that outlives its run counts as long as the run.",
        style="dim",
    )


def _rows(
    runs: pd.DataFrame, baseline: str, titles: Mapping[str, str]
) -> Iterator[list[str | Cell]]:
    for strategy, own in runs.groupby("strategy", sort=False):
        known = {name: own[name] for name in HEADINGS}
        if strategy == baseline:
            known |= {name: own[name].iloc[:0] for name in GAINS}
        cells = [_cell(values, name) for name, values in known.items() if name != "survival_time"]
        cells.insert(list(HEADINGS).index("survival_time"), _survival(own))
        yield [titles.get(str(strategy), str(strategy)), *cells]


def _cell(values: pd.Series[float], name: str) -> Cell:
    """Return a mean above its interval, and in how many runs it is defined if not in all."""
    there = values.dropna()
    if there.empty:
        return cell("–")
    # A gain is already a difference from the paired run, so that 0 is what it is held against.
    array = np.array([there.tolist()], dtype=np.float64)
    found = {key: column[0] for key, column in over_replicates(array, np.array([1])).items()}
    decimals = DECIMALS.get(name, 3)
    mean = (signed if name in GAINS else number)(float(found["difference"]), decimals)
    below = []
    if len(there) > 1:
        low, high = (end(float(found[key]), decimals) for key in ("low", "high"))
        below.append(f"[{low}, {high}]")
    if len(there) < len(values):
        below.append(f"in {len(there)} of {len(values)}")
    return cell(mean, *below, style="bold" if name in GAINS and found["clear"] else "")


def _survival(runs: pd.DataFrame) -> Cell:
    """Return the mean months that reforms lived, and how many of them were seen to end."""
    lived = runs["survival_time"].dropna()
    if lived.empty:
        return cell("–")
    ended = f"{runs['survival_observed'].sum():.0f} of {len(lived)} ended"
    return cell(number(lived.mean(), 0), ended)
