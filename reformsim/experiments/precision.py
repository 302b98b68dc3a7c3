"""How narrow the intervals of a measure are, and how many replicates would make them narrower."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from reformsim.analysis.catalogue import measure_named
from reformsim.analysis.effects import pairs_needed
from reformsim.errors import Problem, ReformsimError
from reformsim.results.query import connect

if TYPE_CHECKING:
    from pathlib import Path

MOST_REPLICATES = 10_000
"""No experiment is given more to reach a precision."""
CONFIDENCE = 0.95
SPARE = 1.1
"""What is asked for beyond the estimate, since a spread that was guessed from few may be larger."""


class Precision(NamedTuple):
    """A measure, and the half-width that the interval of its paired difference is to have."""

    measure: str
    half_width: float

    @classmethod
    def parse(cls, text: str) -> Precision:
        """Return what `retention_60=0.02` says. Raises ReformsimError."""
        measure, _, number = text.partition("=")
        try:
            half_width = float(number)
        except ValueError:
            half_width = math.nan
        if not (measure and 0 < half_width < math.inf):
            allowed = "MEASURE=HALFWIDTH, as retention_60=0.02"
            raise ReformsimError(Problem("is not a precision", found=f'"{text}"', allowed=allowed))
        return cls(measure.strip(), half_width)


class Widest(NamedTuple):
    """The comparison whose interval is the widest."""

    name: str
    """District, condition, strategy and point."""
    pairs: int
    half_width: float
    """Of the 95 % interval (Student t) of the mean paired difference; infinite below two pairs."""
    needed: int
    """How many pairs would make it as narrow as wanted, by what is known of its spread."""


def widest(folder: Path, wanted: Precision) -> Widest | None:
    """Return the comparison with the widest interval; None if nothing can be compared.

    Each run is paired with its reference, and runs that differ in the replicate alone are one
    comparison. A measure that is undefined in every pair of a comparison leaves it out.
    """
    name = f'"{wanted.measure}"'
    # Most measures are differences from the reference already.
    difference = f"r.{name}" if measure_named(wanted.measure).paired else f"r.{name} - b.{name}"
    with connect(folder) as connection:
        rows = connection.sql(
            f"""
            SELECT r.district, r.condition, r.strategy, r.point,
                count(difference), stddev_samp(difference)
            FROM (
                SELECT r.*, {difference} AS difference
                FROM runs r LEFT JOIN runs b ON r.reference = b.run
                WHERE r.run <> r.reference
            ) r
            GROUP BY ALL HAVING count(difference) > 0
            """
        ).fetchall()
    found = [
        Widest(
            f"{district}, {condition}, {strategy}, point {point}",
            pairs,
            half_width(pairs, spread or 0.0),
            int(pairs_needed(spread or 0.0, wanted.half_width)) if pairs > 1 else 2,
        )
        for district, condition, strategy, point, pairs, spread in rows
    ]
    return max(found, key=lambda one: (one.half_width, one.needed), default=None)


def half_width(pairs: int, spread: float) -> float:
    """Return half the width of the interval of a mean of so many pairs of that spread (SD)."""
    from scipy.stats import t

    if pairs < 2:
        return math.inf
    return float(t.ppf((1 + CONFIDENCE) / 2, pairs - 1)) * spread / math.sqrt(pairs)


def replicates_for(one: Widest, replicates: int) -> int:
    """Return how many replicates to have next, so that about as many pairs as needed are defined."""
    wanted = math.ceil(SPARE * one.needed * replicates / one.pairs)
    # Not more than four times as many at once: a spread of few pairs is a poor guess.
    return min(max(wanted, replicates + 1), 4 * replicates, MOST_REPLICATES)
