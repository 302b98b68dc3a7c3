"""A paired difference as a cell of a table: its mean, and below it how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .console import end, signed
from .tables import Cell, cell

if TYPE_CHECKING:
    from reformsim.analysis.paired import PairedSummary


def difference_cell(summary: PairedSummary, decimals: int = 3, word: str = "better") -> Cell:
    """Return the mean above its interval, the range, and in how many replicates it is for the better.

    Bold where the interval leaves out 0. One replicate has its difference alone.
    """
    below = spread(summary, decimals)
    if summary.pairs > 1 and word:
        below.append(f"{summary.better:,} of {summary.runs:,} {word}")
    return cell(signed(summary.difference, decimals), *below, style="bold" if summary.clear else "")


def spread(summary: PairedSummary, decimals: int = 3) -> list[str]:
    """Return the interval of a mean and the range of the replicates, a line each."""
    if summary.pairs < 2:
        return []
    low, high, p05, p95 = (
        end(value, decimals) for value in (summary.low, summary.high, summary.p05, summary.p95)
    )
    return [f"[{low}, {high}]", f"{p05} to {p95}"]
