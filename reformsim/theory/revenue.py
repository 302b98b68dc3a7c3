"""Revenue, its shocks, and fiscal stress."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .equation import clip01, equation

if TYPE_CHECKING:
    from reformsim.scenario.coefficients import Budget


RAMP, HOLD, RECOVERY = 12, 12, 36
"""Months of an unannounced revenue shock (judgement, from 6.2)."""


@equation
def shock_depth(mean_depth: float, draw: float) -> float:
    """Depth of a shock that comes by chance: half to one and a half times the mean.

    mean_depth × (½ + draw)
    Source: 6.1, 6.5 (how deep, how different), judgement (evenly)

    Arguments:
        mean_depth: share of revenue, [0, 0.5], +
        draw: even in [0, 1), [0, 1], +
    Returns: share of revenue, [0, 0.75]
    """
    return mean_depth * (0.5 + draw)


@equation
def shock_profile(elapsed: int, ramp: int, hold: int, recovery: int, permanent: bool) -> float:
    """How much of a shock's depth is felt some months after it started.

    0 before; rises evenly over `ramp` to 1 in its last month; 1 for `hold`; falls evenly over
    `recovery`, or never
    Source: 6.1–6.4 (shape), judgement (evenly)

    Arguments:
        elapsed: months since the start, [-50, 300], ±
        ramp: months, [1, 60], ±
        hold: months, [0, 60], +
        recovery: months, [0, 60], +
        permanent: yes or no, [0, 1], +
    Returns: share of the depth, [0, 1]
    """
    if elapsed < 0:
        return 0.0
    if elapsed < ramp:
        return (elapsed + 1) / ramp
    if permanent or elapsed < ramp + hold:
        return 1.0
    since = elapsed - ramp - hold
    if since >= recovery:
        return 0.0
    return 1.0 - (since + 1) / (recovery + 1)


@equation
def ordinary_noise(previous: float, z: float, p: Budget) -> float:
    """Ordinary revenue of a year, as a deviation from trend, remembering last year's.

    memory × previous + noise × √(1 − memory²) × z, within ±30 %
    Source: 6.6; the memory is judgement

    Arguments:
        previous: share of revenue, [-0.1, 0.1], +
        z: standard normal, [-4, 4], +
    Returns: share of revenue, [-0.3, 0.3]
    """
    fresh = p.revenue_noise * math.sqrt(1.0 - p.revenue_memory * p.revenue_memory) * z
    return min(0.3, max(-0.3, p.revenue_memory * previous + fresh))


@equation
def trend(month: int, growth: float) -> float:
    """Real revenue that plans count on, 1 at the launch.

    (1 + growth) ^ (month / 12)
    Source: definition

    Arguments:
        month: months after the launch, [-60, 360], ±
        growth: a year, [-0.05, 0.05], ±
    Returns: × revenue at the launch, [0, 5]
    """
    return float((1.0 + growth) ** (month / 12.0))


@equation
def fiscal_stress(revenue_index: float, on_trend: float) -> float:
    """Shortfall of revenue against what plans count on.

    clip01(1 − revenue_index / trend)
    Source: definition

    Arguments:
        revenue_index: × revenue at the launch, [0, 2], −
        on_trend: × revenue at the launch, [0.3, 3], +
    Returns: share of revenue, [0, 1]
    """
    return clip01(1.0 - revenue_index / on_trend)
