"""Validation: the model held against published patterns, on reference districts or on one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.theory.chance import DEFAULT_SEED

from .pattern import Finding, Row, judge
from .places import Places, builtin_places, own_places
from .rows import NUMBERS, ROWS
from .studies import simulate_units

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .pattern import Measurement, Statistic

__all__ = [
    "NUMBERS",
    "ROWS",
    "Finding",
    "Places",
    "Row",
    "builtin_places",
    "own_places",
    "units_in",
    "validate",
]


def units_in(places: Places, rows: Sequence[Row] = ROWS) -> int:
    """Return how many units `validate` lives through."""
    studies = {measurement.study for _, measurement, _ in _asked(places, rows)}
    return sum(len(study(places)) for study in studies)


def validate(
    places: Places,
    rows: Sequence[Row] = ROWS,
    seed: int = DEFAULT_SEED,
    workers: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Finding]:
    """Hold the model against rows of the list and return what came of every statistic.

    Statistics whose band is for a kind of reference district are left out in one's own. `seed`
    fixes all chance; `on_progress` is called after each unit with the work done and that in all.
    Raises what `simulate` raises.
    """
    asked = _asked(places, rows)
    units = simulate_units(
        [measurement for _, measurement, _ in asked], places, seed, workers, on_progress
    )
    findings = [
        judge(row, statistic, measured)
        for (row, _, statistics), measured in zip(asked, units, strict=True)
        for statistic in statistics
    ]
    return sorted(findings, key=lambda finding: finding.row.number)


def _asked(places: Places, rows: Sequence[Row]) -> list[tuple[Row, Measurement, list[Statistic]]]:
    """Return each measurement with the statistics of it that these places are asked for."""
    asked = [
        (
            row,
            measurement,
            [
                statistic
                for statistic in measurement.statistics
                if not (places.own and statistic.reference_only)
            ],
        )
        for row in rows
        for measurement in row.measurements
    ]
    return [entry for entry in asked if entry[2]]
