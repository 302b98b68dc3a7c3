"""Comparison of strategies over paired replicates, for runs that are in memory.

What differences say of chance is worked out in `reformsim.analysis.paired`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reformsim.errors import ReformsimError
from reformsim.results import IDENTITY

from .catalogue import measure_named
from .paired import COLUMNS as STATISTICS
from .paired import moments, over_replicates
from .ranking import LEAD, NEXT_BEST, with_next_best

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

COLUMNS = (
    "district",
    "condition",
    "strategy",
    "measure",
    "replicates",
    "n",
    "mean",
    *STATISTICS,
    NEXT_BEST,
    *(f"{LEAD}{name}" for name in STATISTICS),
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

    `runs` has one row per run: the columns of `IDENTITY` and numbers, as `measure_runs` gives it
    against `baseline`. `measures` says which columns to compare, by default every number that is
    not identity. The units of a row are those of its measure.

    - `replicates`: how many runs of the strategy there are.
    - `n`, `mean`: how many of them have a value, and their mean.
    - `pairs` to `clear`: the fields of `PairedSummary`, of the differences from `baseline` within
      replicates. A measure that is made from differences from the paired run (`Measure.paired`) is
      one already, as in `reformsim.analysis.effects`.
    - `next_best` to `lead_clear`: see `with_next_best`.

    A NaN in `runs` is an undefined value and leaves its pair out; a *missing row* is an error. The
    order of the rows of `runs` does not matter. Rows come sorted by district and condition,
    `baseline` first among the strategies, measures in the order of their columns.

    Raises ReformsimError, with every problem, if columns are missing, a replicate is missing or
    duplicated under a strategy, `baseline` is not among the strategies of a condition or not what
    the runs were measured against, or `confidence` is not between 0 and 1.
    """
    chosen = _checked(runs, measures, confidence)
    keys: list[tuple[str, str, str, str]] = []
    values: list[Floats] = []
    differences: list[Floats] = []
    problems: list[str] = []
    for (district, condition), group in runs.groupby(["district", "condition"], sort=True):
        parts = {
            str(strategy): part.set_index(["seed", "replicate"]).sort_index()
            for strategy, part in group.groupby("strategy", sort=True)
        }
        where = f"{district}, {condition}"
        if baseline not in parts:
            problems.append(f"{where}: no runs of {baseline}, the strategy to compare with")
            continue
        problems += [*_incomplete(where, parts), *_of_another_baseline(where, parts[baseline])]
        if problems:
            continue
        base = parts.pop(baseline)
        for strategy, part in {baseline: base, **parts}.items():
            for measure in chosen:
                keys.append((str(district), str(condition), strategy, measure))
                values.append(part[measure].to_numpy(dtype=np.float64))
                reference = base[measure].to_numpy(dtype=np.float64)
                is_difference = measure_named(measure).paired
                differences.append(values[-1] - (0.0 if is_difference else reference))
    if problems:
        raise ReformsimError(*problems)
    table = pd.DataFrame(keys, columns=["district", "condition", "strategy", "measure"])
    runs_with_value, mean, _ = moments(_side_by_side(values))
    better = np.array([measure_named(measure).better for *_, measure in keys], dtype=np.int64)
    table = table.assign(replicates=[*map(len, values)], n=runs_with_value, mean=mean)
    stacked = _side_by_side(differences)
    table = table.assign(**over_replicates(stacked, better, confidence))
    return with_next_best(table, stacked, baseline, confidence)


def _side_by_side(rows: list[Floats]) -> Floats:
    """Return rows of different lengths as one array, NaN where a row has no more."""
    array = np.full((len(rows), max(map(len, rows), default=0)), np.nan)
    for place, row in enumerate(rows):
        array[place, : len(row)] = row
    return array


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


def _of_another_baseline(where: str, base: pd.DataFrame) -> list[str]:
    """Say whether the baseline's runs differ from what they were measured against: not themselves."""
    gains = [name for name in base if measure_named(str(name)).paired and base[name].any()]
    return [
        f"{where}: the runs were measured against another strategy: {name} of the baseline is not 0"
        for name in gains
    ]


def _listing(keys: list[tuple[int, int]]) -> str:
    """The keys by seed, as "replicates 3, 4 of seed 0"; only the first few of many."""
    parts = []
    for seed in sorted({key[0] for key in keys}):
        numbers = [str(replicate) for own, replicate in keys if own == seed]
        word = "replicate" if len(numbers) == 1 else "replicates"
        some = ", ".join(numbers[:5]) + (f" and {len(numbers) - 5} more" if numbers[5:] else "")
        parts.append(f"{word} {some} of seed {seed}")
    return "; ".join(parts)
