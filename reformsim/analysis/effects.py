"""What strategies change in an experiment: each run against its reference, over replicates.

The table `runs` of an experiment says of every run which *reference* it has: the run of the
baseline that shares its luck. A *comparison* is what replicates have in common: a district,
condition, strategy and point of the design, or what else a reader wants to see in one. Most measures are differences from the reference
already (`Measure.paired`); of the others the reference's value is taken away.

What differences say of chance is worked out in `reformsim.analysis.paired`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reformsim.errors import ReformsimError

from .catalogue import measure_named
from .paired import moments, over_replicates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

COMPARISON = ("district", "condition", "strategy", "point")
"""The columns that a comparison's runs have in common."""


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
    replicate says, so that an interval still rests on replicates, which alone are independent.

    - `pairs` to `clear`: see `over_replicates`; numbers are in the measure's unit.
    - `needed`: pairs that make half the interval at most `half_width`, by the spread of those that
      are there (Student's t); NaN below two pairs. Only if `half_width` is given.

    Raises ReformsimError if a column or a run to compare with is missing.
    """
    keys, stacked = _differences(runs, measures, against, by)
    return _described(keys, measures, stacked, confidence, half_width)


def changes(
    runs: pd.DataFrame,
    measures: Sequence[str],
    along: str,
    against: str | None = None,
    confidence: float = 0.95,
    by: Sequence[str] = ("strategy",),
) -> pd.DataFrame:
    """Return by how much differences change from the first value of a column to each other one.

    A strategy's runs at two values of an uncertainty share their luck too, so that what it loses
    from one to the other is known better than either difference. Values are taken in their order,
    those of a categorical column in that of its categories. Columns: `by`, `start` and `value` of the column `along`, and those of
    `effects`; `superiority` is the share of replicates that fare better at `value`.

    Raises ReformsimError as `effects` does.
    """
    keys, stacked = _differences(runs, measures, against, (*by, along))
    found = list(keys[along].dropna().drop_duplicates().sort_values())
    places = {tuple(row): place for place, row in enumerate(keys.to_numpy().tolist())}
    rows, starts, ends = [], [], []
    for own in keys[list(by)].drop_duplicates().to_numpy().tolist():
        for other in found[1:]:
            if (*own, found[0]) in places and (*own, other) in places:
                rows.append((*own, found[0], other))
                starts.append(places[*own, found[0]])
                ends.append(places[*own, other])
    values = stacked.reshape(len(measures), len(keys), stacked.shape[1])
    moved = values[:, np.array(ends, np.intp)] - values[:, np.array(starts, np.intp)]
    table = pd.DataFrame(rows, columns=[*by, "start", "value"])
    return _described(
        table,
        measures,
        moved.reshape(len(measures) * len(table), stacked.shape[1]),
        confidence,
        None,
    )


def pairing(runs: pd.DataFrame, columns: Sequence[str], against: str | None = None) -> pd.DataFrame:
    """Return what it saves that runs share their luck, one row for each comparison and column.

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
    own = [runs[name].to_numpy(np.float64) for name in columns]
    theirs = [_taken(runs, name, other) for name in columns]
    undefined = [np.isnan(one - two) for one, two in zip(own, theirs, strict=True)]
    keys, first = _stacked(runs, _blanked(own, undefined), other, COMPARISON)
    second = _stacked(runs, _blanked(theirs, undefined), other, COMPARISON)[1]
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


def in_words(row: Mapping[str, Any], confidence: float = 0.95) -> str:
    """Return what a row of `effects` says, in a sentence."""
    measure = measure_named(str(row["measure"]))
    head = f"{row['strategy']}: {measure.title[:1].lower()}{measure.title[1:]}"
    if not row["pairs"]:
        return f"{head} is undefined in every replicate."
    unit = f" {measure.unit}" if measure.unit else ""
    value = f"{head} {digits(row['difference'], signed=True)}{unit}"
    if row["pairs"] < 2:
        return f"{value} in one replicate, which says nothing of chance."
    interval = f"{confidence:.0%} interval {digits(row['low'])} to {digits(row['high'])}"
    said = f"{value} ({interval}, {row['pairs']:,} replicates)"
    if row["clear"]:
        return f"{said}."
    return f"{said}: the interval covers 0, so that it may as well be no difference."


def digits(value: float, *, signed: bool = False) -> str:
    """Return a number in three significant digits, for people: with a true minus."""
    return f"{value:{'+' if signed else ''}.3g}".replace("-", "−")


def _check(runs: pd.DataFrame, measures: Sequence[str]) -> None:
    wanted = (*COMPARISON, "replicate", "run", "reference", *measures)
    if missing := [name for name in wanted if name not in runs]:
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
    found = references.get_indexer(pd.Index(runs["reference"]))
    return np.where(found >= 0, rows[found], -1)


def _taken(runs: pd.DataFrame, name: str, other: NDArray[np.intp]) -> Floats:
    """Return the values of the runs that are compared with."""
    if (other < 0).any():
        raise ReformsimError(
            f"{name} is compared with runs that are not there: add the baseline to the strategies"
        )
    return runs[name].to_numpy(np.float64)[other]


def _blanked(values: Sequence[Floats], undefined: Sequence[NDArray[np.bool_]]) -> list[Floats]:
    return [np.where(gone, np.nan, one) for one, gone in zip(values, undefined, strict=True)]


def _differences(
    runs: pd.DataFrame, measures: Sequence[str], against: str | None, by: Sequence[str]
) -> tuple[pd.DataFrame, Floats]:
    """Return the comparisons, and the differences as `_stacked` does."""
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
) -> tuple[pd.DataFrame, Floats]:
    """Return the comparisons, and values of shape (measures × comparisons, replicates).

    Replicates that lack a value are NaN. The runs that are compared with are left out.
    """
    kept = np.flatnonzero(other != np.arange(len(other)))
    some = runs[list(by)].iloc[kept]
    groups = some.groupby(list(by), sort=True, observed=True, dropna=False)
    number = groups.ngroup().to_numpy()
    replicates, place = np.unique(runs["replicate"].to_numpy()[kept], return_inverse=True)
    keys = some.iloc[np.unique(number, return_index=True)[1]].reset_index(drop=True)
    shape = (len(keys), len(replicates))
    # In the order of points, so that the last bit of a sum does not depend on the order of rows.
    order = np.argsort(runs["point"].to_numpy()[kept], kind="stable")
    cells = (number * shape[1] + place)[order]
    stacked = np.full((len(values), *shape), np.nan)
    for measure, one in enumerate(values):
        own = one[kept][order]
        there = ~np.isnan(own)
        count = np.bincount(cells[there], minlength=shape[0] * shape[1])
        total = np.bincount(cells[there], own[there], minlength=shape[0] * shape[1])
        stacked[measure] = (total / np.where(count, count, np.nan)).reshape(shape)
    return keys, stacked.reshape(len(values) * shape[0], shape[1])


def _repeated(keys: pd.DataFrame, column: str, names: Sequence[str]) -> pd.DataFrame:
    return pd.concat([keys.assign(**{column: name}) for name in names], ignore_index=True)


def _described(
    keys: pd.DataFrame,
    measures: Sequence[str],
    stacked: Floats,
    confidence: float,
    half_width: float | None,
) -> pd.DataFrame:
    """Return what `effects` says of differences."""
    better = np.repeat([measure_named(name).better for name in measures], len(keys))
    table = _repeated(keys, "measure", measures)
    table = table.assign(**over_replicates(stacked, better, confidence))
    if half_width is not None:
        table["needed"] = pairs_needed(moments(stacked)[2], half_width, confidence)
    return table
