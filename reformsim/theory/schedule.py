"""The order of a month, as data: both engines walk through these stages in this order."""

from __future__ import annotations

STAGES: tuple[str, ...] = (
    "environment",
    "budget",
    "workload",
    "support",
    "learning",
    "conviction",
    "strain",
    "trust",
    "outcome",
    "politics",
    "turnover",
    "record",
)
"""All reads inside a stage see the state from before that stage. `budget` acts in July only;
teachers and central-office staff leave in June only."""

JULY, JUNE = 0, 11


def month_of_year(month: int) -> int:
    """Return 0 for July to 11 for June; month 0 is the July of the launch."""
    return month % 12
