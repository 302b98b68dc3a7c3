"""What a comparison comes to, in sentences computed from its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.analysis.catalogue import measure_named
from reformsim.analysis.paired import over_replicates
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
    runs: pd.DataFrame,
    table: pd.DataFrame,
    condition: str,
    *,
    baseline: str = "status_quo",
    titles: Mapping[str, str] | None = None,
) -> list[str]:
    """Return sentences on who ends with how much leadership gain under one condition.

    `runs` and `table` are what `measure_runs` and `compare` give for one district. The sentences
    say which strategy ends highest, how sure that is, whether its lead over the next is more than
    noise, and plainly which strategies cannot be told from `baseline`.
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
        sentences += _lead(runs, condition, records, titles)
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
            f"Consistent with no difference from {base} over {int(best['pairs'])} replicates:"
            f" {listed(named)}."
        )
    return sentences


def _of_one(rows: list[Row], base: str, titles: Mapping[str, str] | None) -> list[str]:
    named = [f"{title_of(str(row['strategy']), titles)} ({_short(row)})" for row in rows]
    differences = (
        f"In the one replicate that was run, leadership at the end differs from {base} as follows:"
        f" {listed(named)}."
    )
    unsure = "There is one replicate, so no interval."
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


def _lead(
    runs: pd.DataFrame,
    condition: str,
    rows: list[Row],
    titles: Mapping[str, str] | None,
) -> list[str]:
    """Whether the lead of the best over the next is more than noise: their own paired difference."""
    if len(rows) < 2:
        return []
    values = []
    for row in rows[:2]:
        replicates = runs[(runs["condition"] == condition) & (runs["strategy"] == row["strategy"])]
        values.append(
            replicates.sort_values(["seed", "replicate"])[GAIN].to_numpy(dtype=np.float64)
        )
    lead = over_replicates((values[0] - values[1])[None], np.array([measure_named(GAIN).better]))
    if lead["clear"][0]:
        return []
    second = title_of(str(rows[1]["strategy"]), titles)
    return [f"Its lead over {second} ({_short(rows[1])}) is consistent with no difference."]


def _short(row: Row) -> str:
    return signed(float(row["difference"]), measure_named(GAIN).unit)


def _with_interval(row: Row) -> str:
    unit = measure_named(GAIN).unit
    low, high = (float(row[side]) for side in ("low", "high"))
    return f"{_short(row)}, interval {interval(low, high, unit)}"
