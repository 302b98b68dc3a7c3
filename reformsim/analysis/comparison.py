"""Comparison of strategies over paired replicates.

A replicate has the same luck under every strategy, so what a strategy changes is the difference
between two runs of one replicate, and the differences vary far less than the runs do. Differences
are averaged over replicates, and the interval around their mean comes from Student's t: with few
replicates their spread is itself only roughly known, and the normal distribution would give
intervals that are too short (with five replicates by three tenths). The interval says how much the mean
could still move with more replicates. It says nothing about whether the model is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reformsim.analysis.catalogue import measure_named
from reformsim.errors import ReformsimError
from reformsim.results import IDENTITY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

COLUMNS = (
    "district",
    "condition",
    "strategy",
    "measure",
    "n",
    "mean",
    "pairs",
    "difference",
    "low",
    "high",
    "superiority",
    "mcse",
    "clear",
)
"""The columns of a comparison; see `compare`."""

_NOT_COMPARED = (*IDENTITY, "disruption_month")


def compare(
    runs: pd.DataFrame,
    baseline: str = "status_quo",
    measures: Sequence[str] | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return one row per district, condition, strategy and measure, with the columns of `COLUMNS`.

    `runs` has one row per run: the columns of `IDENTITY` and numbers, as `measure_runs` gives it.
    `measures` says which columns to compare, by default every number that is not identity. The
    units of a row are those of its measure.

    - `n`, `mean`: how many runs of the strategy have a value, and their mean.
    - `pairs`: how many replicates have a value under both the strategy and `baseline`. The columns
      that follow rest on these pairs alone.
    - `difference`: mean of strategy − baseline within replicates; `low`, `high`: the interval
      around it at `confidence`.
    - `superiority`: share of replicates in which the strategy is better, a tie counting half.
      Which way is better is part of each measure (`reformsim.analysis.MEASURES`).
    - `mcse`: Monte Carlo standard error of the difference.
    - `clear`: whether the interval leaves out 0.

    NaN stands for what too few values cannot tell: an interval needs two pairs. A NaN in `runs` is
    an undefined value and leaves its pair out; a *missing row* is an error. The order of the rows
    of `runs` does not matter. Rows come sorted by district and condition, `baseline` first among
    the strategies, measures in the order of their columns.

    Raises ReformsimError, with every problem, if columns are missing, a replicate is missing or
    duplicated under a strategy, `baseline` is not among the strategies of a condition, or
    `confidence` is not between 0 and 1.
    """
    chosen = _checked(runs, measures, confidence)
    rows: list[dict[str, object]] = []
    problems: list[str] = []
    for (district, condition), group in runs.groupby(["district", "condition"], sort=True):
        found = {
            str(strategy): part.set_index(["seed", "replicate"]).sort_index()
            for strategy, part in group.groupby("strategy", sort=True)
        }
        where = f"{district}, {condition}"
        if baseline not in found:
            problems.append(f"{where}: no runs of {baseline}, the strategy to compare with")
            continue
        problems += _incomplete(where, found)
        if problems:
            continue
        base = found.pop(baseline)
        for strategy, part in {baseline: base, **found}.items():
            for measure in chosen:
                row: dict[str, object] = {"district": district, "condition": condition}
                row |= {"strategy": strategy, "measure": measure}
                row |= paired(
                    part[measure].to_numpy(dtype=np.float64),
                    base[measure].to_numpy(dtype=np.float64),
                    measure_named(measure).better,
                    confidence,
                )
                rows.append(row)
    if problems:
        raise ReformsimError(*problems)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def paired(
    values: Floats, base: Floats, better: int = 1, confidence: float = 0.95
) -> dict[str, float | int | bool]:
    """Return the columns `n` to `clear` of `compare` for one measure.

    `values` and `base` are arrays of shape (replicates,), entry by entry of the same replicate,
    NaN where undefined. `better` is 1 if more is better and −1 if less is.
    """
    there = values[~np.isnan(values)]
    differences = values - base
    differences = differences[~np.isnan(differences)]
    pairs = len(differences)
    mean = low = high = error = superiority = float("nan")
    if pairs:
        mean = float(differences.mean())
        superiority = float((np.sign(differences) * better + 1).mean() / 2)
    if pairs > 1:
        from scipy.special import stdtrit  # scipy.stats, which calls it, takes half a second more

        error = float(differences.std(ddof=1) / np.sqrt(pairs))
        half = float(stdtrit(pairs - 1, (1 + confidence) / 2)) * error
        low, high = mean - half, mean + half
    return {
        "n": len(there),
        "mean": float(there.mean()) if len(there) else float("nan"),
        "pairs": pairs,
        "difference": mean,
        "low": low,
        "high": high,
        "superiority": superiority,
        "mcse": error,
        "clear": low > 0 or high < 0,
    }


def _checked(runs: pd.DataFrame, measures: Sequence[str] | None, confidence: float) -> list[str]:
    problems = [f"the runs have no column {name}" for name in IDENTITY if name not in runs]
    if measures is None:
        numbers = runs.select_dtypes(include=["number", "bool"]).columns
        chosen = [str(name) for name in numbers if name not in _NOT_COMPARED]
    else:
        chosen = list(measures)
        problems += [f"the runs have no measure {name}" for name in chosen if name not in runs]
    if not 0 < confidence < 1:
        problems.append(f"confidence must lie between 0 and 1, not be {confidence}")
    if problems:
        raise ReformsimError(*problems)
    return chosen


def _incomplete(where: str, found: dict[str, pd.DataFrame]) -> list[str]:
    """Say which strategies miss or repeat a replicate that another one has."""
    problems = []
    wanted = {key for part in found.values() for key in part.index}
    for strategy, part in found.items():
        twice = part.index[part.index.duplicated()].unique()
        missing = sorted(wanted - set(part.index))
        for what, keys in (("lacks", missing), ("has twice", list(twice))):
            if keys:
                problems.append(f"{where}: {strategy} {what} {_listing(keys)}")
    return problems


def _listing(keys: list[tuple[int, int]]) -> str:
    """The keys by seed, as "replicates 3, 4 of seed 0"; only the first few of many."""
    parts = []
    for seed in sorted({key[0] for key in keys}):
        numbers = [str(replicate) for own, replicate in keys if own == seed]
        word = "replicate" if len(numbers) == 1 else "replicates"
        some = ", ".join(numbers[:5]) + (f" and {len(numbers) - 5} more" if numbers[5:] else "")
        parts.append(f"{word} {some} of seed {seed}")
    return "; ".join(parts)
