"""What paired differences say: their mean, and how well it is known. The one method for it.

A replicate has the same luck under every strategy, so what a strategy changes is the difference
between two runs of one replicate, and the differences vary far less than the runs do. Commands,
pages and the API all ask here, so that the same runs have the same interval everywhere.

Intervals are bootstrap ones (BCa), because survival, retention and gains that seldom come about are
lopsided, and an interval around their mean is too. They are repeated with the same draws each time.
Fewer than FEW pairs do not show their own tails, and get Student's t: the normal distribution would
give intervals that are too short (with five replicates by three tenths). An interval says how much
the mean could still move with more replicates. It says nothing about whether the model is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEW = 10
RESAMPLES = 2_000
ALIKE = 1e-9
"""Spread, as a share of the mean, up to which pairs differ by rounding only."""
CELLS = 20_000_000
"""Numbers of a bootstrap that are in memory at one time."""


def over_replicates(
    differences: Floats, better: NDArray[np.int64], confidence: float = 0.95
) -> dict[str, NDArray[Any]]:
    """Return what differences of shape (rows, replicates) come to, each of shape (rows,).

    NaN is a difference that is undefined. `better`, of shape (rows,), is 1 where more is better and
    −1 where less is.

    - `pairs`: replicates in which the difference is defined; the other columns rest on these.
    - `difference`, `low`, `high`: their mean and the interval around it at `confidence`.
    - `superiority`: share of replicates in which the run is better, a tie counting half.
    - `mcse`: Monte Carlo standard error of the mean.
    - `clear`: whether the interval leaves out 0.

    NaN stands for what too few pairs cannot tell: an interval needs two.
    """
    pairs, mean, spread = moments(differences)
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


def _intervals(values: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Return the interval around each row's mean."""
    from scipy.special import stdtrit  # scipy.stats, which calls it, takes half a second more

    pairs, mean, spread = moments(values)
    quantiles = stdtrit(np.maximum(pairs - 1, 1), (1 + confidence) / 2)
    half = quantiles * spread / np.sqrt(pairs.clip(1))
    low, high = mean - half, mean + half
    defined_first = np.take_along_axis(
        values, np.argsort(np.isnan(values), axis=1, kind="stable"), 1
    )
    for count in np.unique(pairs[pairs >= FEW]):
        # Where all pairs are alike but for rounding there is nothing to draw from.
        rows = np.flatnonzero((pairs == count) & (spread > ALIKE * np.abs(mean)))
        if len(rows):
            low[rows], high[rows] = _bootstrapped(defined_first[rows, :count], confidence)
    return low, high


def _bootstrapped(values: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Return the BCa interval around the mean of each row; none is undefined."""
    from scipy.stats import bootstrap

    interval = bootstrap(
        (values,),
        np.mean,
        axis=1,
        n_resamples=RESAMPLES,
        batch=max(1, CELLS // values.size),
        confidence_level=confidence,
        vectorized=True,
        rng=np.random.default_rng(0),
    ).confidence_interval
    return np.asarray(interval.low), np.asarray(interval.high)
