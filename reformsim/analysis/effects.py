"""What strategies change in an experiment: each run against its reference, over replicates.

The table `runs` of an experiment says of every run which *reference* it has: the run of the
baseline of the same replicate. A *comparison* is what replicates have in common: a district,
condition, strategy and point of the design, or what else a reader wants to see in one. Most measures are differences from the reference
already (`Measure.paired`); of the others the reference's value is taken away.

What differences say of chance is worked out in `reformsim.analysis.paired`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from reformsim.errors import ReformsimError

from .catalogue import measure_named
from .paired import moments, over_replicates
from .ranking import with_next_best

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Counts = NDArray[np.intp]

COMPARISON = ("district", "condition", "strategy", "point")
"""The columns that a comparison's runs have in common."""


class _Stacked(NamedTuple):
    """Values by comparison; NaN where there is no run, or its value is undefined."""

    keys: pd.DataFrame
    """The comparisons."""
    values: Floats
    """Means over the runs of a replicate, of shape (measures × comparisons, replicates)."""
    single: Floats
    """Those of the runs themselves, of shape (measures × comparisons, runs)."""
    replicates: Counts
    """In how many replicates a comparison has a run."""


def effects(
    runs: pd.DataFrame,
    measures: Sequence[str],
    against: str | None = None,
    confidence: float = 0.95,
    half_width: float | None = None,
    by: Sequence[str] = COMPARISON,
) -> pd.DataFrame:
    """Return one row for each comparison and measure.

    `runs` has the columns of `COMPARISON`, `replicate`, `run`, `reference`, and the measures; the order of its
    rows does not matter. With `against`, runs are held against those of that strategy with the
    same reference, which has to be at one point only. `by` says what the runs of a comparison have
    in common; where it has several of one replicate, as those of all points, their mean is what the
    replicate says, so that an interval still rests on replicates, which alone are independent. The
    range is that of single runs, over replicates and all else that is varied.

    - `replicates`: those in which the comparison has a run.
    - `pairs` to `clear`: the fields of `PairedSummary`; numbers are in the measure's unit.
    - `next_best` to `lead_clear`: see `with_next_best`; only if strategies are among `by`.
    - `needed`: pairs that make half the interval at most `half_width`, by the spread of those that
      are there (Student's t); NaN below two pairs. Only if `half_width` is given.

    Raises ReformsimError if a column or a run to compare with is missing.
    """
    found = _differences(runs, measures, against, by)
    table = _described(found, measures, confidence)
    if "strategy" in by:
        table = with_next_best(table, found.values, against or "", confidence, found.single)
    if half_width is not None:
        table["needed"] = pairs_needed(moments(found.values)[2], half_width, confidence)
    return table


def changes(
    runs: pd.DataFrame,
    measures: Sequence[str],
    along: str,
    against: str | None = None,
    confidence: float = 0.95,
    by: Sequence[str] = ("strategy",),
) -> pd.DataFrame:
    """Return by how much differences change from the first value of a column to each other one.

    A strategy's runs at two values of an uncertainty are paired too, so that what it loses from one
    to the other is known better than either difference. Values are taken in their order, those of a
    categorical column in that of its categories. Columns: `by`, `start` and `value` of the column
    `along`, `measure`, `replicates`, and the fields of `PairedSummary`, to which better is better at
    `value`.

    Raises ReformsimError as `effects` does.
    """
    keys, stacked, _, counts = _differences(runs, measures, against, (*by, along))
    values_along = list(keys[along].dropna().drop_duplicates().sort_values())
    row_of = {tuple(row): number for number, row in enumerate(keys.to_numpy().tolist())}
    rows, starts, ends = [], [], []
    for comparison in keys[list(by)].drop_duplicates().to_numpy().tolist():
        for value in values_along[1:]:
            if (*comparison, values_along[0]) in row_of and (*comparison, value) in row_of:
                rows.append((*comparison, values_along[0], value))
                starts.append(row_of[*comparison, values_along[0]])
                ends.append(row_of[*comparison, value])
    values = stacked.reshape(len(measures), len(keys), stacked.shape[1])
    moved = values[:, np.array(ends, np.intp)] - values[:, np.array(starts, np.intp)]
    table = pd.DataFrame(rows, columns=[*by, "start", "value"])
    both = np.minimum(counts[np.array(starts, np.intp)], counts[np.array(ends, np.intp)])
    changed = moved.reshape(len(measures) * len(table), stacked.shape[1])
    return _described(_Stacked(table, changed, changed, both), measures, confidence)


def pairing(runs: pd.DataFrame, columns: Sequence[str], against: str | None = None) -> pd.DataFrame:
    """Return what common random numbers save, one row for each comparison and column.

    `columns` hold values of the runs themselves, such as `principal_turnover` or the last month of
    a series; measures that are differences already have lost what this is about. `paired` is the
    variance of the difference within replicates, `independent` what it would be with seeds of
    their own: the sum of the two variances. `saved` is their ratio: as many times more replicates
    would be needed for the same interval.

    Raises ReformsimError as `effects` does, and for a measure that is a difference already.
    """
    _check(runs, columns)
    if lost := [name for name in columns if measure_named(name).paired]:
        raise ReformsimError(
            *(f"{name} is a difference from the paired run already" for name in lost)
        )
    other = _partners(runs, against)
    values = [runs[name].to_numpy(np.float64) for name in columns]
    references = [_taken(runs, name, other) for name in columns]
    undefined = [np.isnan(run - base) for run, base in zip(values, references, strict=True)]
    keys, first, *_ = _stacked(runs, _blanked(values, undefined), other, COMPARISON)
    second = _stacked(runs, _blanked(references, undefined), other, COMPARISON).values
    table = _repeated(keys, "column", columns)
    table["pairs"], _, spread = moments(first - second)
    table["paired"] = spread**2
    table["independent"] = moments(first)[2] ** 2 + moments(second)[2] ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        table["saved"] = table["independent"] / table["paired"]
    return table


def pairs_needed(
    spread: Floats | float, half_width: Floats | float, confidence: float = 0.95
) -> Floats:
    """Return the smallest number of pairs of that spread (SD) whose interval is as narrow as that."""
    from scipy.stats import norm, t

    tail = (1 + confidence) / 2
    needed = np.maximum(2, np.ceil((norm.ppf(tail) * spread / half_width) ** 2))
    while (wide := t.ppf(tail, needed - 1) * spread / np.sqrt(needed) > half_width).any():
        needed = np.where(wide, needed + 1, needed)
    return np.asarray(needed, dtype=np.float64)


def _check(runs: pd.DataFrame, measures: Sequence[str]) -> None:
    needed = (*COMPARISON, "replicate", "run", "reference", *measures)
    if missing := [name for name in needed if name not in runs]:
        raise ReformsimError(*(f"the runs have no column {name}" for name in missing))


def _partners(runs: pd.DataFrame, against: str | None) -> NDArray[np.intp]:
    """Return for each run the row of the run it is held against; −1 if there is none."""
    if against is None:
        return np.asarray(pd.Index(runs["run"]).get_indexer(pd.Index(runs["reference"])))
    rows = np.flatnonzero(runs["strategy"] == against)
    references = pd.Index(runs["reference"].iloc[rows])
    if not len(rows):
        raise ReformsimError(f"there are no runs of {against} to compare with")
    if references.has_duplicates:
        raise ReformsimError(f"{against} has runs at several points of its levers: choose one")
    nth = references.get_indexer(pd.Index(runs["reference"]))
    return np.where(nth >= 0, rows[nth], -1)


def _taken(runs: pd.DataFrame, name: str, other: NDArray[np.intp]) -> Floats:
    """Return the values of the runs that are compared with."""
    if (other < 0).any():
        raise ReformsimError(
            f"{name} is compared with runs that are not there: add the baseline to the strategies"
        )
    return runs[name].to_numpy(np.float64)[other]


def _blanked(values: Sequence[Floats], undefined: Sequence[NDArray[np.bool_]]) -> list[Floats]:
    return [np.where(gone, np.nan, column) for column, gone in zip(values, undefined, strict=True)]


def _differences(
    runs: pd.DataFrame, measures: Sequence[str], against: str | None, by: Sequence[str]
) -> _Stacked:
    """Return the comparisons and their differences."""
    _check(runs, [*measures, *by])
    other = _partners(runs, against)
    differences = [
        runs[name].to_numpy(np.float64)
        - (0.0 if against is None and measure_named(name).paired else _taken(runs, name, other))
        for name in measures
    ]
    return _stacked(runs, differences, other, by)


def _stacked(
    runs: pd.DataFrame, values: Sequence[Floats], other: NDArray[np.intp], by: Sequence[str]
) -> _Stacked:
    """Return the comparisons and the values of their runs, without those that are compared with."""
    compared = np.flatnonzero(other != np.arange(len(other)))
    some = runs[list(by)].iloc[compared]
    groups = some.groupby(list(by), sort=True, observed=True, dropna=False)
    number = groups.ngroup().to_numpy()
    replicates, column = np.unique(runs["replicate"].to_numpy()[compared], return_inverse=True)
    keys = some.iloc[np.unique(number, return_index=True)[1]].reset_index(drop=True)
    shape = (len(keys), len(replicates))
    # In the order of points, so that the last bit of a sum does not depend on the order of rows.
    order = np.argsort(runs["point"].to_numpy()[compared], kind="stable")
    cells = (number * shape[1] + column)[order]
    size = shape[0] * shape[1]
    stacked = np.full((len(values), *shape), np.nan)
    for measure, of_runs in enumerate(values):
        ordered = of_runs[compared][order]
        there = ~np.isnan(ordered)
        count = np.bincount(cells[there], minlength=size)
        total = np.bincount(cells[there], ordered[there], minlength=size)
        stacked[measure] = (total / np.where(count, count, np.nan)).reshape(shape)
    counts = (np.bincount(cells, minlength=size).reshape(shape) > 0).sum(axis=1)
    means = stacked.reshape(len(values) * shape[0], shape[1])
    # Runs that strategies have in common stand in one column: those of one place and replicate.
    where = [name for name in (*COMPARISON, "replicate") if name not in by]
    place = runs[where].iloc[compared].groupby(where, sort=True, observed=True).ngroup().to_numpy()
    single = np.full((len(values), len(keys), int(place.max(initial=-1)) + 1), np.nan)
    for measure, of_runs in enumerate(values):
        single[measure, number, place] = of_runs[compared]
    return _Stacked(keys, means, single.reshape(len(means), single.shape[2]), counts)


def _repeated(keys: pd.DataFrame, column: str, names: Sequence[str]) -> pd.DataFrame:
    return pd.concat([keys.assign(**{column: name}) for name in names], ignore_index=True)


def _described(found: _Stacked, measures: Sequence[str], confidence: float) -> pd.DataFrame:
    """Return what differences come to, and in how many replicates there were runs for them."""
    better = np.repeat([measure_named(name).better for name in measures], len(found.keys))
    table = _repeated(found.keys, "measure", measures)
    table = table.assign(replicates=np.tile(found.replicates, len(measures)))
    return table.assign(**over_replicates(found.values, better, confidence, found.single))
