"""What a published pattern is: the row of the list, its measurements, their statistics, a verdict.

A measurement simulates a *study* (a set of paired runs), measures each of its units, and
estimates statistics from all of them. A unit is one district and replicate; intervals come from
drawing units again with replacement, so they say what chance in the model leaves open, not how well
the published figure is known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from .studies import SimulatedUnit, Study

Unit: TypeAlias = Mapping[str, Any]
"""What was measured in one unit of a study, by name: numbers, or arrays of them."""
Estimate: TypeAlias = Callable[[Sequence[Unit]], float]

Edition: TypeAlias = Literal["first edition", "second edition"]
"""An edition of the model: a set of forms that were chosen together."""

UNIT_RESAMPLES = 400
LEAST_UNITS = 5
"""With fewer units in which a thing could be measured there is no estimate."""
INFINITY = math.inf


@dataclass(frozen=True)
class Statistic:
    """One number with the band that it has to lie in."""

    name: str
    unit: str
    low: float
    high: float
    estimate: Estimate
    reference_only: bool = False
    """Whether the band is for a kind of district that one's own need not be."""
    assumed: bool = False
    """Whether no published number stands behind the band."""
    missing: str = ""
    """What the model does not have and this needs, as "grades": it cannot be measured, and fails."""

    @property
    def band(self) -> str:
        """The band in words."""
        if self.low == -INFINITY:
            return f"≤ {_short(self.high)}"
        if self.high == INFINITY:
            return f"≥ {_short(self.low)}"
        if self.low == self.high:
            return _short(self.low)
        return f"{_short(self.low)} to {_short(self.high)}"


@dataclass(frozen=True)
class Measurement:
    """How some statistics of a row are measured: which runs, what in each, what from all."""

    study: Study
    measure: Callable[[SimulatedUnit], Unit]
    statistics: tuple[Statistic, ...]


@dataclass(frozen=True)
class Row:
    """One row of the list of published patterns."""

    number: int
    kind: str
    """C base rate, R virtual experiment, E emergent, N published null."""
    title: str
    sources: str
    """Rows of docs/evidence.md."""
    how: str
    """What is measured, on which districts, and how the row was read where it left that open."""
    measurements: tuple[Measurement, ...]
    if_it_fails: str
    """What a failure means for use, shown only then."""
    fitted: bool = False
    """Whether coefficients may have been set to it."""
    known_since: Edition = "first edition"
    """The first edition whose forms were chosen by people who knew it."""

    @property
    def binding(self) -> bool:
        """Whether a failure makes the command fail: base rates and nulls."""
        return "C" in self.kind or "N" in self.kind


@dataclass(frozen=True)
class Finding:
    """What came of one statistic."""

    row: Row
    statistic: Statistic
    value: float
    low: float
    high: float
    units: int
    """Units in which it could be measured."""
    passed: bool
    note: str = ""
    """Why there is no value, or what else keeps it from passing."""


def judge(row: Row, statistic: Statistic, units: Sequence[Unit]) -> Finding:
    """Estimate a statistic with its 95 % interval and say whether it passes.

    It passes if the estimate lies in the band; that of a null, only if the whole interval does,
    since a null that is merely not excluded is not shown. What is undefined, or cannot be measured
    for what the model does not have, never passes.
    """

    def failed(reason: str, known: int = 0) -> Finding:
        return Finding(row, statistic, math.nan, math.nan, math.nan, known, False, reason)

    if statistic.missing:
        return failed(f"cannot be measured: the model has no {statistic.missing}")
    if len(units) < LEAST_UNITS:
        return failed(f"too few units: {len(units)}", len(units))
    value = statistic.estimate(units)
    if not math.isfinite(value):
        return failed("undefined: too little to measure it in", len(units))
    low, high = _interval(statistic.estimate, units)
    inside = statistic.low <= value <= statistic.high
    note = ""
    if not (math.isfinite(low) and math.isfinite(high)):
        inside, note = False, "its interval is undefined"
    elif inside and "N" in row.kind and not (statistic.low <= low and high <= statistic.high):
        inside, note = False, "the interval leaves the band, so the null is not shown"
    return Finding(row, statistic, value, low, high, len(units), inside, note)


def _interval(estimate: Estimate, units: Sequence[Unit]) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval over units, the same each time."""
    chance = np.random.default_rng(len(units))
    drawn = chance.integers(len(units), size=(UNIT_RESAMPLES, len(units)))
    estimates = np.array([estimate([units[index] for index in row]) for row in drawn])
    if np.isnan(estimates).mean() > 0.1:
        return math.nan, math.nan
    low, high = np.nanpercentile(estimates, [2.5, 97.5])
    return float(low), float(high)


# --- estimates


def mean_of(name: str, scale: float = 1.0) -> Estimate:
    """Return an estimate: the mean over the units in which `name` is defined, times `scale`."""

    def estimate(units: Sequence[Unit]) -> float:
        values = np.array([unit[name] for unit in units], float)
        known = values[~np.isnan(values)]
        return float(known.mean()) * scale if len(known) >= LEAST_UNITS else math.nan

    return estimate


def ratio_of(part: str, whole: str, scale: float = 1.0) -> Estimate:
    """Return an estimate: the sum of `part` over the sum of `whole`, times `scale`.

    Units that lack either are left out.
    """

    def estimate(units: Sequence[Unit]) -> float:
        pairs = np.array([(unit[part], unit[whole]) for unit in units], float)
        known = pairs[~np.isnan(pairs).any(axis=1)]
        total = known[:, 1].sum() if len(known) >= LEAST_UNITS else 0.0
        return float(known[:, 0].sum() / total) * scale if total != 0.0 else math.nan

    return estimate


def quotient(above: Estimate, below: Estimate) -> Estimate:
    """Return an estimate: one estimate over another, undefined where the lower is 0."""

    def estimate(units: Sequence[Unit]) -> float:
        bottom = below(units)
        return above(units) / bottom if bottom != 0.0 else math.nan

    return estimate


def percentile_of(name: str, percentile: float) -> Estimate:
    """Return an estimate: a percentile over the units, in which `name` is a number each."""

    def estimate(units: Sequence[Unit]) -> float:
        return float(np.percentile([unit[name] for unit in units], percentile))

    return estimate


def missing(_: Sequence[Unit]) -> float:
    """Stand for the estimate of what cannot be measured: undefined."""
    return math.nan


def difference(first: Estimate, second: Estimate) -> Estimate:
    """Return an estimate: one estimate less another."""
    return lambda units: first(units) - second(units)


def _short(value: float) -> str:
    return f"{value:g}".replace("-", "−")
