"""From particles to a posterior: adjusted for what is left of their distance, and described.

A particle was accepted because it came near the data, not because it met them. The remaining
distance is taken out by a weighted linear regression of the parameters on the statistics, nearer
particles counting more (Beaumont, Zhang and Balding 2002), with shrinkage. It is done on a logit scale between the
ends of each prior, so that no particle leaves it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import loguniform, truncnorm, uniform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from .targets import Prior, Targets

    Floats = NDArray[np.float64]

QUANTILES = (0.025, 0.1, 0.5, 0.9, 0.975)
INSIDE = 1e-6
"""How near to an end of its prior a value may come on the logit scale."""
UNMOVED = 0.8
"""Data tell nothing to speak of about a parameter whose 80 % interval is wider than this share of
the prior's."""


def adjusted(
    particles: pd.DataFrame,
    targets: Targets,
    observed: Mapping[str, float],
    scales: Mapping[str, float],
) -> pd.DataFrame:
    """Return the posterior: the last generation of particles, adjusted, with weights that sum to 1.

    The columns are `particle`, `generation`, `weight` and the free parameters.
    """
    last = particles[particles["generation"] == particles["generation"].max()]
    distance = last["distance"].to_numpy()
    kernel = 1.0 - (distance / (distance.max() * (1.0 + 1e-9))) ** 2
    weight = last["weight"].to_numpy() * kernel
    weight = weight / weight.sum()
    away = np.column_stack(
        [(last[name].to_numpy() - observed[name]) / scales[name] for name in targets.targets]
    )
    columns: dict[str, object] = {
        "particle": np.arange(len(last)),
        "generation": last["generation"].to_numpy(),
        "weight": weight,
    }
    for name, prior in targets.free.items():
        width = prior.high - prior.low
        share = np.clip((last[name].to_numpy() - prior.low) / width, INSIDE, 1.0 - INSIDE)
        moved = _without(away, logit(share), weight)
        columns[name] = prior.low + width * expit(moved)
    return pd.DataFrame(columns)


def _without(away: Floats, values: Floats, weight: Floats) -> Floats:
    """Return values with what a regression on the distances explains taken out of them.

    The regression shrinks effects for which there is no evidence (MacKay 1992), so that many
    statistics and few particles do not make up a fit. What is left over is given the spread that
    it predicts where the data are, what is not known of the effects included. The number of
    particles is that of equal weights which would tell as much.
    """
    from sklearn.linear_model import BayesianRidge

    size = 1.0 / (weight**2).sum()
    model = BayesianRidge().fit(away, values, sample_weight=weight * size)
    left = values - model.predict(away)
    centre, spread = model.predict(np.zeros((1, away.shape[1])), return_std=True)
    left = left - (weight * left).sum()
    deviation = np.sqrt((weight * left**2).sum())
    scale = spread[0] / deviation if deviation > 0.0 else 1.0
    return np.asarray(centre[0] + scale * left)


def quantiles(values: Floats, weight: Floats, shares: tuple[float, ...] = QUANTILES) -> Floats:
    """Return the values below which these shares of the weight lie."""
    order = np.argsort(values)
    below = np.cumsum(weight[order]) - 0.5 * weight[order]
    return np.interp(shares, below / weight.sum(), values[order])


def rank_of(value: float, values: Floats, weight: Floats) -> float:
    """Return the share of the weight that lies below a value."""
    return float(weight[values < value].sum() / weight.sum())


def described(posterior: pd.DataFrame, targets: Targets) -> pd.DataFrame:
    """Return one row for each free parameter: what was believed, what is, and what has moved.

    `contraction` is 1 − posterior variance ÷ prior variance; `width` the 80 % interval over the
    prior's; `distance` the largest gap between the two distribution functions (Kolmogorov and
    Smirnov); `moved` says whether the data narrowed or shifted it at all.
    """
    weight = posterior["weight"].to_numpy()
    # A gap that so few particles would hardly show by chance (1 %).
    least = max(1.0 - UNMOVED, 1.63 * np.sqrt((weight**2).sum()) / weight.sum())
    rows = []
    for name, prior in targets.free.items():
        values = posterior[name].to_numpy()
        low, ten, median, ninety, high = quantiles(values, weight)
        mean = float((values * weight).sum())
        variance = float(((values - mean) ** 2 * weight).sum())
        before = frozen(prior)
        width = (ninety - ten) / (before.ppf(0.9) - before.ppf(0.1))
        gap = _largest_gap(values, weight, before)
        rows.append(
            {
                "parameter": name,
                "prior_low": prior.low,
                "prior_high": prior.high,
                "prior_median": float(before.median()),
                "median": median,
                "mean": mean,
                "low_80": ten,
                "high_80": ninety,
                "low_95": low,
                "high_95": high,
                "contraction": 1.0 - variance / float(before.var()),
                "width": width,
                "distance": gap,
                "moved": bool(width < UNMOVED or gap > least),
            }
        )
    return pd.DataFrame(rows)


def frozen(prior: Prior):  # type: ignore[no-untyped-def]
    """Return a prior as a distribution of scipy."""
    if prior.mean is not None and prior.sd is not None:
        ends = ((end - prior.mean) / prior.sd for end in (prior.low, prior.high))
        return truncnorm(*ends, loc=prior.mean, scale=prior.sd)
    if prior.scale == "log":
        return loguniform(prior.low, prior.high)
    return uniform(prior.low, prior.high - prior.low)


def _largest_gap(values: Floats, weight: Floats, before: object) -> float:
    order = np.argsort(values)
    above = np.cumsum(weight[order]) / weight.sum()
    expected = before.cdf(values[order])  # type: ignore[attr-defined]
    under = np.concatenate([[0.0], above[:-1]])
    return float(max(np.abs(above - expected).max(), np.abs(under - expected).max()))
