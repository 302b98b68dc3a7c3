"""Comparisons in words: a sentence for a row, and what an interval and a range are of."""

from __future__ import annotations

from collections import Counter
from math import isnan
from typing import TYPE_CHECKING

from .catalogue import measure_named
from .paired import PairedSummary, rests_on_enough
from .ranking import LEAD, NEXT_BEST

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping
    from typing import Any

    Row = Mapping[Hashable, Any] | Mapping[str, Any]

NO_DIFFERENCE = "consistent with no difference"
NO_INTERVAL = "one replicate, so no interval"


def in_words(row: Row, baseline: str = "the baseline", confidence: float = 0.95) -> str:
    """Return what a row of `effects` or `changes` says, in a sentence."""
    measure = measure_named(str(row["measure"]))
    head = f"{row['strategy']}: {measure.title[:1].lower()}{measure.title[1:]}"
    summary = PairedSummary.of(row)
    if not summary.pairs:
        return f"{head} is undefined in every replicate."
    if not rests_on_enough(summary.pairs, row["replicates"]):
        return f"{head} is defined {count_in_words(summary.pairs, row['replicates'])}, too few for a number."
    said = f"{head} {amount(summary, measure.unit, confidence)}"
    return f"{said}{_better(summary, measure.better, f'than {baseline} ')}{unless_clear(summary)}."


def lead_in_words(row: Row, titles: Mapping[str, str] | None = None) -> str:
    """Return what a row says of the next best strategy, in a sentence; nothing if there is none."""
    if not row[NEXT_BEST]:
        return ""
    lead = PairedSummary.of(row, LEAD)
    measure = measure_named(str(row["measure"]))
    strategy, other = (
        (titles or {}).get(str(name), str(name)) for name in (row["strategy"], row[NEXT_BEST])
    )
    if not lead.pairs:
        return ""
    said = f"{strategy} against the next best, {other}: {amount(lead, measure.unit)}"
    return f"{said}{_better(lead, measure.better)}{unless_clear(lead)}."


def amount(summary: PairedSummary, unit: str = "", confidence: float = 0.95) -> str:
    """Return a mean difference with its interval and range."""
    value = f"{digits(summary.difference, signed=True)}{f' {unit}' if unit else ''}"
    if summary.pairs < 2:
        return f"{value} ({NO_INTERVAL})"
    return (
        f"{value} ({confidence * 100:g} % interval {digits(summary.low)} to {digits(summary.high)};"
        f" 5–95 % of {single_in_words(summary)} {digits(summary.p05)} to {digits(summary.p95)})"
    )


def single_in_words(summary: PairedSummary) -> str:
    """Return what the range is of: replicates, or runs if a replicate has several."""
    return f"{summary.runs:,} {'replicates' if summary.runs == summary.pairs else 'runs'}"


def count_in_words(defined: int, runs: int) -> str:
    """Return in how many runs a measure is defined, as what stands in place of its mean."""
    return f"in {defined:,} of {runs:,} run{'' if runs == 1 else 's'}"


def usual_year(years: Iterable[float]) -> str:
    """Return the year that is the costliest one in most runs, and in how many; nothing without one.

    Of several the earliest is named.
    """
    counts = Counter(int(year) for year in sorted(years) if not isnan(year))
    if not counts:
        return ""
    year, count = max(counts.items(), key=lambda each: (each[1], -each[0]))
    return f"year {year} in {count:,} of {counts.total():,}"


def what_is_shown(replicates: int, posterior: str = "", runs: int = 0) -> str:
    """Return what intervals and ranges are of, a sentence or two.

    `posterior` is what replicates draw their parameters from; `runs` is how many runs there are of what
    is compared, if they are more than replicates.
    """
    if replicates < 2:
        return f"{NO_INTERVAL[:1].upper()}{NO_INTERVAL[1:]}."
    if posterior:
        return (
            f"Each replicate draws its parameters from {posterior}, the same for all strategies."
            " The 95 % interval is of the mean over parameter draws and chance, and narrows with more"
            " replicates; the 5–95 % range is that of single draws, parameters and chance together,"
            " and does not narrow."
        )
    single = "replicates, which differ in chance alone,"
    if runs > replicates:
        single = "runs, which differ in chance and in all that is varied,"
    return (
        "The 95 % interval is of the mean over replicates, and narrows with more of them; the"
        f" 5–95 % range is that of single {single} and does not narrow."
    )


def digits(value: float, *, signed: bool = False) -> str:
    """Return a number in three significant digits, for people: with a true minus."""
    return f"{value:{'+' if signed else ''}.3g}".replace("-", "−")


def _better(summary: PairedSummary, direction: int, than: str = "") -> str:
    return f", better {than}in {summary.better:,} of {summary.runs:,}" if direction else ""


def unless_clear(summary: PairedSummary) -> str:
    """Return what is to be added where the interval covers 0."""
    return "" if summary.clear or summary.pairs < 2 else f": {NO_DIFFERENCE}"
