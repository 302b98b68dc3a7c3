"""What a comparison comes to, in sentences computed from its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.analysis.catalogue import measure_named
from reformsim.analysis.paired import PairedSummary
from reformsim.analysis.ranking import LEAD, NEXT_BEST
from reformsim.analysis.wording import NO_DIFFERENCE
from reformsim.figures import title_of

from .numbers import interval, listed, percent, signed

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

    import pandas as pd

    Row = dict[Hashable, Any]

GAIN, EARLIER = "leadership_gain_end", "leadership_gain_4y"
TO_KEEP = 0.02
"""The smallest gain of year 4 of which it is worth saying how much is left."""


def headlines(
    table: pd.DataFrame,
    condition: str,
    *,
    baseline: str = "status_quo",
    titles: Mapping[str, str] | None = None,
) -> list[str]:
    """Return sentences on who ends with how much leadership gain under one condition.

    `table` is what `compare` gives for one district. The sentences say which strategy ends highest,
    how sure that is, in how many replicates it beats the baseline and the next best, and plainly
    which strategies cannot be told from `baseline`.
    """
    rows = table[
        (table["condition"] == condition)
        & (table["measure"] == GAIN)
        & (table["strategy"] != baseline)
        & (table["pairs"] > 0)
    ].sort_values("difference", ascending=False, kind="stable")
    base = title_of(baseline, titles)
    if rows.empty:
        return [f"No strategy besides {base} was simulated."]
    records = rows.to_dict("records")
    best = records[0]
    if best["pairs"] < 2:
        return _of_one(records, base, titles)
    sentences = []
    if best["clear"] and best["difference"] > 0:
        sentences.append(
            f"{title_of(best['strategy'], titles)} ends with the largest leadership gain over"
            f" {base}: {_with_interval(best)} on a scale from 0 to 1."
        )
        sentences += _kept(table, condition, best)
        sentences += [_in_how_many(best, base), *_lead(best, titles)]
    else:
        sentences.append(f"No strategy ends clearly above {base}.")
    above = [row for row in records[1:] if row["clear"] and row["difference"] > 0]
    if above:
        named = [f"{title_of(row['strategy'], titles)} ({_short(row)})" for row in above]
        sentences.append(f"Also clearly above {base}: {listed(named)}.")
    below = [row for row in records if row["clear"] and row["difference"] < 0]
    if below:
        named = [f"{title_of(row['strategy'], titles)} ({_with_interval(row)})" for row in below]
        sentences.append(f"Clearly below {base}: {listed(named)}.")
    unclear = [row for row in records if not row["clear"]]
    if unclear:
        named = [f"{title_of(row['strategy'], titles)} ({_with_interval(row)})" for row in unclear]
        sentences.append(
            f"{listed(named)}: {NO_DIFFERENCE} from {base} in {int(best['pairs'])} replicates."
        )
    return sentences


def _of_one(rows: list[Row], base: str, titles: Mapping[str, str] | None) -> list[str]:
    named = [f"{title_of(str(row['strategy']), titles)} ({_short(row)})" for row in rows]
    differences = (
        f"In the one replicate that was run, leadership at the end differs from {base} as follows:"
        f" {listed(named)}."
    )
    unsure = "One replicate, so no interval: how sure these differences are is unknown."
    return [differences, unsure]


def _kept(table: pd.DataFrame, condition: str, best: Row) -> list[str]:
    """How much of the gain of year 4 is left at the end, if there was one to speak of."""
    rows = table[
        (table["condition"] == condition)
        & (table["measure"] == EARLIER)
        & (table["strategy"] == best["strategy"])
    ].to_dict("records")
    if not rows or not rows[0]["clear"] or not rows[0]["difference"] > TO_KEEP:
        return []
    share = float(best["difference"]) / float(rows[0]["difference"])
    if share >= 1.05:
        return [f"That is more than it had gained by year 4 ({_short(rows[0])})."]
    return [f"That is {percent(share)} of what it had gained by year 4 ({_short(rows[0])})."]


def _lead(best: Row, titles: Mapping[str, str] | None) -> list[str]:
    """How often the best beats the next: their own paired difference."""
    if not best[NEXT_BEST]:
        return []
    lead = PairedSummary.of(best, LEAD)
    unit = measure_named(GAIN).unit
    unclear = "" if lead.clear else f": {NO_DIFFERENCE}"
    said = (
        f"It is better than {title_of(str(best[NEXT_BEST]), titles)}, the next best, in"
        f" {lead.better:,} of {lead.pairs:,} replicates (lead {signed(lead.difference, unit)},"
        f" interval {interval(lead.low, lead.high, unit)}){unclear}."
    )
    return [said]


def _in_how_many(best: Row, base: str) -> str:
    summary = PairedSummary.of(best)
    unit = measure_named(GAIN).unit
    return (
        f"It is better than {base} in {summary.better:,} of {summary.pairs:,} replicates; 5–95 % of"
        f" them gain {interval(summary.p05, summary.p95, unit)}."
    )


def _short(row: Row) -> str:
    return signed(float(row["difference"]), measure_named(GAIN).unit)


def _with_interval(row: Row) -> str:
    unit = measure_named(GAIN).unit
    low, high = (float(row[side]) for side in ("low", "high"))
    return f"{_short(row)}, interval {interval(low, high, unit)}"
