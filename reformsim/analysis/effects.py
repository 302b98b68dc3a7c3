"""What strategies change in an experiment: each run against its reference, over replicates.

The table `runs` of an experiment says of every run which *reference* it has: the run of the
baseline that shares its luck. A *comparison* is what replicates have in common: a district,
condition, strategy and point of the design. Most measures are differences from the reference
already (`Measure.paired`); of the others the reference's value is taken away.

Intervals are bootstrap ones (BCa), because survival, retention and gains that seldom come about are
lopsided, and an interval around their mean is too. They are repeated with the same draws each time.
Fewer than FEW pairs do not show their own tails, and get Student's t as in
`reformsim.analysis.comparison`, whose comparisons are of a handful of replicates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reformsim.analysis.catalogue import measure_named
from reformsim.errors import ReformsimError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

COMPARISON = ("district", "condition", "strategy", "point")
"""The columns that a comparison's runs have in common."""
FEW = 10
RESAMPLES = 2_000
ALIKE = 1e-9
"""Spread, as a share of the mean, up to which pairs differ by rounding only."""
CELLS = 20_000_000
"""Numbers of a bootstrap that are in memory at one time."""


def effects(
    runs: pd.DataFrame,
    measures: Sequence[str],
    against: str | None = None,
    confidence: float = 0.95,
    half_width: float | None = None,
) -> pd.DataFrame:
    """Return one row for each comparison and measure.

    `runs` has the columns of `COMPARISON`, `replicate`, `run`, `reference`, and the measures; the order of its
    rows does not matter. With `against`, runs are held against those of that strategy with the
    same reference, which has to be at one point only.

    - `pairs`: replicates in which the difference is defined; the other columns rest on these.
    - `difference`, `low`, `high`: their mean and the interval around it, in the measure's unit.
    - `superiority`: share of replicates in which the run is better, a tie counting half.
    - `mcse`: Monte Carlo standard error of the mean.
    - `clear`: whether the interval leaves out 0.
    - `needed`: pairs that make half the interval at most `half_width`, by the spread of those that
      are there (Student's t); NaN below two pairs. Only if `half_width` is given.

    Raises ReformsimError if a column or a run to compare with is missing.
    """
    _check(runs, measures)
    other = _partners(runs, against)
    differences = [
        runs[name].to_numpy(np.float64)
        - (0.0 if against is None and measure_named(name).paired else _taken(runs, name, other))
        for name in measures
    ]
    keys, stacked = _stacked(runs, differences, other)
    better = np.repeat([measure_named(name).better for name in measures], len(keys))
    table = pd.concat([keys.assign(measure=name) for name in measures], ignore_index=True)
    table = table.assign(**over_replicates(stacked, better, confidence))
    if half_width is not None:
        table["needed"] = pairs_needed(_moments(stacked)[2], half_width, confidence)
    return table


def over_replicates(
    differences: Floats, better: NDArray[np.int64], confidence: float = 0.95
) -> dict[str, NDArray[Any]]:
    """Return the columns `pairs` to `clear` of `effects` for differences of shape (rows, replicates).

    NaN is a difference that is undefined. `better`, of shape (rows,), is 1 where more is better and
    −1 where less is.
    """
    pairs, mean, spread = _moments(differences)
    low, high = _intervals(differences, confidence)
    return {
        "pairs": pairs,
        "difference": mean,
        "low": low,
        "high": high,
        "superiority": (_mean(np.sign(differences) * better[:, None]) + 1) / 2,
        "mcse": spread / np.sqrt(np.maximum(pairs, 1)),
        "clear": (low > 0) | (high < 0),
    }


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
    both = [
        np.where(np.isnan(one - two), np.nan, one) for one, two in zip(own, theirs, strict=True)
    ]
    rest = [
        np.where(np.isnan(one - two), np.nan, two) for one, two in zip(own, theirs, strict=True)
    ]
    keys, first = _stacked(runs, both, other)
    second = _stacked(runs, rest, other)[1]
    table = pd.concat([keys.assign(column=name) for name in columns], ignore_index=True)
    table["pairs"], _, spread = _moments(first - second)
    table["paired"] = spread**2
    table["independent"] = _moments(first)[2] ** 2 + _moments(second)[2] ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        table["saved"] = table["independent"] / table["paired"]
    return table


def pairs_needed(spread: Floats | float, half_width: float, confidence: float = 0.95) -> Floats:
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
    value = f"{head} {row['difference']:+.3g}{unit}"
    if row["pairs"] < 2:
        return f"{value} in one replicate, which says nothing of chance."
    interval = f"{confidence:.0%} interval {row['low']:.3g} to {row['high']:.3g}"
    said = f"{value} ({interval}, {row['pairs']:,} replicates)"
    if row["clear"]:
        return f"{said}."
    return f"{said}: the interval covers 0, so that it may as well be no difference."


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


def _stacked(
    runs: pd.DataFrame, values: Sequence[Floats], other: NDArray[np.intp]
) -> tuple[pd.DataFrame, Floats]:
    """Return the comparisons, and values of shape (measures × comparisons, replicates).

    Replicates that lack a value are NaN. The runs that are compared with are left out.
    """
    # In the order of replicates, so that each is drawn the same wherever it stands in the table.
    order = np.argsort(runs["replicate"].to_numpy(), kind="stable")
    kept = order[other[order] != order]
    some = runs[list(COMPARISON)].iloc[kept]
    groups = some.groupby(list(COMPARISON), sort=True, observed=True)
    number, place = groups.ngroup().to_numpy(), groups.cumcount().to_numpy()
    keys = some.iloc[np.unique(number, return_index=True)[1]].reset_index(drop=True)
    shape = (len(values), len(keys), int(place.max(initial=-1)) + 1)
    stacked = np.full(shape, np.nan)
    for measure, one in enumerate(values):
        stacked[measure, number, place] = one[kept]
    return keys, stacked.reshape(-1, shape[2])


def _moments(values: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return the count, mean and SD of what is there in each row; NaN where it takes more."""
    pairs = (~np.isnan(values)).sum(axis=1)
    mean = _mean(values)
    squares = np.nansum((values - mean[:, None]) ** 2, axis=1)
    spread = np.sqrt(squares / np.where(pairs > 1, pairs - 1, np.nan))
    return pairs, mean, spread


def _mean(values: Floats) -> Floats:
    pairs = (~np.isnan(values)).sum(axis=1)
    return np.asarray(np.nansum(values, axis=1) / np.where(pairs > 0, pairs, np.nan))


def _intervals(values: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Return the interval around each row's mean."""
    from scipy.stats import bootstrap, t

    pairs, mean, spread = _moments(values)
    half = t.ppf((1 + confidence) / 2, np.maximum(pairs - 1, 1)) * spread / np.sqrt(pairs.clip(1))
    low, high = mean - half, mean + half
    there_first = np.take_along_axis(values, np.argsort(np.isnan(values), axis=1, kind="stable"), 1)
    for count in np.unique(pairs[pairs >= FEW]):
        # Where all pairs are alike but for rounding there is nothing to draw from.
        rows = np.flatnonzero((pairs == count) & (spread > ALIKE * np.abs(mean)))
        if len(rows):
            found = bootstrap(
                (there_first[rows, :count],),
                np.mean,
                axis=1,
                n_resamples=RESAMPLES,
                batch=max(1, CELLS // (len(rows) * int(count))),
                confidence_level=confidence,
                vectorized=True,
                rng=np.random.default_rng(0),
            ).confidence_interval
            low[rows], high[rows] = found.low, found.high
    return low, high
