"""What paired differences say: their mean, how well it is known, and how far replicates differ.

Runs of one replicate are under *common random numbers*: the same draw for the same decision of the
same seat in the same month, whatever the strategy. What a strategy changes is the difference between
two runs of one replicate, and these differences vary far less than the runs do. Commands, pages and
the API all ask here, so that the same runs have the same numbers everywhere.

Two things are told apart. The *interval* is that of the mean: it says how much the mean could still
move with more replicates, and narrows as there are more. The *range* holds the middle 90 % of the
replicates themselves, and does not narrow. Where each replicate draws its own parameters, both
include what is not known of these. Neither says whether the model is right.

Intervals are bootstrap ones (BCa), because survival, retention and gains that seldom come about are
lopsided, and an interval around their mean is too. They are repeated with the same draws each time.
Of MANY pairs and more they hold the mean about as often as they say. Of fewer they are too short,
and are expanded (Hesterberg 2015) to the level at which a bootstrap has the width of Student's t.
Fewer than FEW pairs do not show their own tails, and get Student's t itself. How often each holds
the truth is measured by `tests/analysis/test_coverage.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any, Self

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

FEW, MANY = 10, 40
RESAMPLES = 2_000
ALIKE = 1e-9
"""Spread, as a share of the mean, up to which pairs differ by rounding only."""
CELLS = 20_000_000
"""Numbers of a bootstrap that are in memory at one time."""
RANGE = (0.05, 0.95)
"""The quantiles of the replicates between which the range lies."""
FEWEST_RUNS, LEAST_SHARE = 5, 0.1
"""A mean over fewer runs than this, or over a smaller share of them, is no number to print (judgement)."""


@dataclass(frozen=True, slots=True)
class PairedSummary:
    """What the paired differences of one comparison come to: a row of every table of comparisons.

    NaN stands for what too few pairs cannot tell: an interval and a range need two.
    """

    pairs: int
    """Replicates in which the difference is defined; mean and interval rest on these."""
    difference: float
    """Their mean."""
    low: float
    high: float
    """The interval around the mean."""
    runs: int
    """Single differences, on which rest the range and `better`: as many as pairs, unless a replicate has
    several runs, as those of the points of a design, whose mean is what it says."""
    p05: float
    p95: float
    """The range of single differences: their quantiles at RANGE."""
    better: int
    """Runs that are better than what they are compared with; a tie is not."""
    superiority: float
    """Share of replicates in which the run is better, a tie counting half."""
    mcse: float
    """Monte Carlo standard error of the mean."""
    clear: bool
    """Whether the interval leaves out 0."""

    @classmethod
    def of(cls, row: Mapping[Hashable, Any] | Mapping[str, Any], prefix: str = "") -> Self:
        """Return what a row of a table says, its columns named as the fields are after a prefix."""
        return cls(**{name: row[f"{prefix}{name}"] for name in COLUMNS})


COLUMNS = tuple(field.name for field in fields(PairedSummary))
"""The columns of every table of comparisons."""


def summarise_pairs(
    differences: ArrayLike, better: int = 1, confidence: float = 0.95
) -> PairedSummary:
    """Return what the differences of one comparison come to, one for each replicate."""
    row = np.asarray(differences, np.float64)[None]
    columns = over_replicates(row, np.array([better]), confidence)
    return PairedSummary.of({name: column[0].item() for name, column in columns.items()})


def over_replicates(
    differences: Floats,
    better: NDArray[np.int64],
    confidence: float = 0.95,
    single: Floats | None = None,
) -> dict[str, NDArray[Any]]:
    """Return the fields of `PairedSummary` for many comparisons, each of shape (rows,).

    `differences` has the shape (rows, replicates); NaN is a difference that is undefined. `better`,
    of shape (rows,), is 1 where more is better, −1 where less is, and 0 where neither is. Where
    differences are means over several runs of a replicate, `single` has those of the runs, of shape
    (rows, runs).
    """
    pairs, mean, spread = moments(differences)
    low, high = _intervals(_defined_first(differences), confidence)
    single = differences if single is None else single
    ascending = np.sort(single, axis=1)  # NaN comes last
    runs = (~np.isnan(single)).sum(axis=1)
    p05, p95 = (_quantile(ascending, runs, quantile) for quantile in RANGE)
    direction = better[:, None].astype(np.float64)
    signs: Floats = np.sign(differences) * direction
    return {
        "pairs": pairs,
        "difference": mean,
        "low": low,
        "high": high,
        "runs": runs,
        "p05": p05,
        "p95": p95,
        "better": (single * direction > 0).sum(axis=1),
        "superiority": (_mean(signs) + 1) / 2,
        "mcse": spread / np.sqrt(np.maximum(pairs, 1)),
        "clear": (low > 0) | (high < 0),
    }


def rests_on_enough(defined: int, runs: int) -> bool:
    """Tell whether a measure that is defined in so many of the runs has a mean that is worth printing.

    It has if it is defined in all of them; else if they are FEWEST_RUNS and LEAST_SHARE at least.
    Those in which a half-life, say, is defined are no sample of all runs, and a few of them no
    sample of anything. Tables of numbers keep such means beside their count; people are told the
    count alone.
    """
    return defined > 0 and (defined == runs or defined >= max(FEWEST_RUNS, LEAST_SHARE * runs))


def moments(values: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return the count, mean and SD of what is there in each row; NaN where it takes more."""
    pairs = (~np.isnan(values)).sum(axis=1)
    mean = _mean(values)
    squares = np.nansum((values - mean[:, None]) ** 2, axis=1)
    spread = np.sqrt(squares / np.where(pairs > 1, pairs - 1, np.nan))
    return pairs, mean, spread


def _mean(values: Floats) -> Floats:
    pairs = (~np.isnan(values)).sum(axis=1)
    return np.asarray(np.nansum(values, axis=1) / np.where(pairs > 0, pairs, np.nan))


def _defined_first(values: Floats) -> Floats:
    """Return each row with what is defined in front, in its order."""
    return np.take_along_axis(values, np.argsort(np.isnan(values), axis=1, kind="stable"), 1)


def _quantile(ascending: Floats, pairs: NDArray[np.int64], quantile: float) -> Floats:
    """Return a quantile of each row, whose last values are NaN if it has fewer pairs; as NumPy does."""
    if not ascending.shape[1]:
        return np.full(len(ascending), np.nan)
    position = quantile * np.maximum(pairs - 1, 0)
    below = np.floor(position).astype(np.intp)
    rows = np.arange(len(ascending))
    start = ascending[rows, below]
    stop = ascending[rows, np.minimum(below + 1, np.maximum(pairs - 1, 0))]
    return np.where(pairs > 1, start + (position - below) * (stop - start), np.nan)


def _intervals(defined_first: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Return the interval around each row's mean."""
    from scipy.special import stdtrit  # scipy.stats, which calls it, takes half a second more

    pairs, mean, spread = moments(defined_first)
    quantiles = stdtrit(np.maximum(pairs - 1, 1), (1 + confidence) / 2)
    half = quantiles * spread / np.sqrt(pairs.clip(1))
    low, high = mean - half, mean + half
    for count in np.unique(pairs[pairs >= FEW]):
        # Where all pairs are alike but for rounding there is nothing to draw from.
        rows = np.flatnonzero((pairs == count) & (spread > ALIKE * np.abs(mean)))
        if len(rows):
            level = expanded(confidence, int(count))
            low[rows], high[rows] = _bootstrapped(defined_first[rows, :count], level)
    return low, high


def expanded(confidence: float, pairs: int) -> float:
    """Return the level of a bootstrap interval of so many pairs that holds the mean as often as asked.

    A resample of n values varies as if divided by n and not by n − 1, and the normal quantiles that
    it follows are less than those of Student's t: the level makes up for both.
    """
    from scipy.special import ndtr, stdtrit

    if pairs >= MANY:
        return confidence
    quantile = np.sqrt(pairs / (pairs - 1)) * stdtrit(pairs - 1, (1 + confidence) / 2)
    return float(2 * ndtr(quantile) - 1)


def _bootstrapped(values: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the BCa interval around the mean of each row; none is undefined."""
    from scipy.stats import bootstrap

    interval = bootstrap(
        (values,),
        np.mean,
        axis=1,
        n_resamples=RESAMPLES,
        batch=max(1, CELLS // values.size),
        confidence_level=level,
        vectorized=True,
        rng=np.random.default_rng(0),
    ).confidence_interval
    return np.asarray(interval.low), np.asarray(interval.high)
