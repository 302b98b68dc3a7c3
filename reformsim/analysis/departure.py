"""What is left of a gain when the superintendent leaves: each strategy with and without the departure.

Four runs of a replicate make one comparison, all under common random numbers: the strategy and the
baseline, each with the departure and without it. A *gain* is the strategy less the baseline, both with
or both without the departure. What is *left* is the mean gain with it as a share of the mean gain
without it. The interval of such a share is that of a ratio estimator (Cochran 1977, Sampling
Techniques, section 6.4): each replicate has the share plus what its own gain with the departure lies
above that share of its gain without, over the mean gain without. The mean of these values is the share,
and their interval is that of `reformsim.analysis.paired`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reformsim.results import outcome_named
from reformsim.theory.schedule import MONTHS_IN_YEAR

from .counterfactual import LINE, difference_paths, paired_differences
from .paired import moments, over_replicates, summarise_pairs
from .wording import digits, unless_clear

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

    from numpy.typing import NDArray

    from .paired import PairedSummary

    Floats = NDArray[np.float64]
    Row = Mapping[Hashable, Any]

SHOWN = ("leadership", "teacher_conviction", "principal_practice", "teacher_practice", "outcome")
"""The series that are compared: conditions for teachers' work, practice, and pupils' outcomes."""
LATER = (12, 36, 60)
"""Months after the departure at which is said what is left."""
STAYS, LEAVES = "stays", "leaves"
"""The superintendent, in the column `superintendent` of paths."""
PARTS = ("before", STAYS, LEAVES, "left", "of_before")
"""Columns of the table of shares, each with `_low` and `_high`."""


def gains(series: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Return each strategy less the baseline: a row for each line and month, a column a replicate.

    `series` is a table of `series_frame` with the baseline among its strategies.
    """
    strategies = [name for name in series["strategy"].unique() if name != baseline]
    of_baseline = series[series["strategy"] == baseline]
    beside = pd.concat([of_baseline.assign(strategy=name) for name in strategies])
    return paired_differences(series[series["strategy"] != baseline], beside, SHOWN)


def gain_paths(staying: pd.DataFrame, leaving: pd.DataFrame) -> pd.DataFrame:
    """Return the gains of `gains` month by month with their intervals, without and with the departure.

    A row has `superintendent` (STAYS or LEAVES), `LINE`, `month`, and the fields of `PairedSummary`.
    """
    sides = {STAYS: staying, LEAVES: leaving}
    tables = [difference_paths(side) for side in sides.values()]
    for table, name in zip(tables, sides, strict=True):
        table.insert(0, "superintendent", name)
    return pd.concat(tables, ignore_index=True)


def gain_shares(staying: pd.DataFrame, leaving: pd.DataFrame, month: int) -> pd.DataFrame:
    """Return what is left of each gain some months after a departure: a row for each line and LATER.

    - `months_later`, and `pairs`, the replicates.
    - `before`: the gain in the month before the departure, the same with and without it.
    - `stays`, `leaves`: the gain without and with the departure.
    - `left`: the second as a share of the first; undefined unless the interval of the first is above 0.
    - `of_before`: the gain with the departure as a share of that before it, defined likewise.

    Each has `_low` and `_high`, its interval. Moments after the end of the run are left out.
    """
    last = staying.index.get_level_values("month").max()
    tables = []
    for later in LATER:
        if month + later > last:
            break
        before = _at(staying, month - 1)
        stays, leaves = _at(staying, month + later), _at(leaving, month + later)
        table = stays.index.to_frame(index=False).assign(
            months_later=later, pairs=(~np.isnan(stays.to_numpy())).sum(axis=1)
        )
        values: dict[str, Floats] = {
            "before": before.to_numpy(np.float64),
            STAYS: stays.to_numpy(np.float64),
            LEAVES: leaves.to_numpy(np.float64),
        }
        values["left"] = shares_of(values[LEAVES], values[STAYS])
        values["of_before"] = shares_of(values[LEAVES], values["before"])
        for part in PARTS:
            summary = _summary(values[part])
            table[part] = summary["difference"]
            table[f"{part}_low"], table[f"{part}_high"] = summary["low"], summary["high"]
        tables.append(table)
    return pd.concat(tables, ignore_index=True).sort_values(
        [*LINE, "months_later"], ignore_index=True
    )


def shares_of(part: Floats, whole: Floats) -> Floats:
    """Return values by replicate whose mean is the share that the mean of one is of the other's.

    Both have the shape (rows, replicates). A row is undefined unless the interval of its whole lies
    above 0: a share of what may be nothing has no meaning.
    """
    undefined = np.isnan(part) | np.isnan(whole)
    part, whole = (np.where(undefined, np.nan, values) for values in (part, whole))
    known = _summary(whole)["low"] > 0
    mean = np.where(known, moments(whole)[1], np.nan)[:, None]
    share = moments(part)[1][:, None] / mean
    return np.asarray(share + (part - share * whole) / mean)


def share_apart(
    staying: pd.DataFrame,
    leaving: pd.DataFrame,
    month: int,
    outcome: str,
    strategies: tuple[str, str],
) -> PairedSummary:
    """Return by how much more is left under the first strategy than under the second, in that month.

    The gains are of one district and condition; replicates are paired here too.
    """
    stays, leaves = (
        _at(side, month).xs(outcome, level="outcome").droplevel(["district", "condition"])
        for side in (staying, leaving)
    )
    first, second = (
        shares_of(leaves.loc[[name]].to_numpy(), stays.loc[[name]].to_numpy())[0]
        for name in strategies
    )
    return summarise_pairs(first - second)


def in_words(row: Row, titles: Mapping[str, str] | None = None) -> str:
    """Return what a row of `gain_shares` says, in a sentence."""
    outcome = outcome_named(str(row["outcome"]))
    name = (titles or {}).get(str(row["strategy"]), str(row["strategy"]))
    head = f"{name}, {years_in_words(row['months_later'])} after the departure: gain in"
    unit = "" if outcome.unit == "[0, 1]" else f" {outcome.unit}"
    what = f"{outcome.meaning[:1].lower()}{outcome.meaning[1:]}"
    said = f"{head} {what} {digits(row[LEAVES], signed=True)}{unit}"
    if row["pairs"] < 2:
        return f"{said}; one replicate, so neither a share nor an interval."
    if np.isnan(row["left"]):
        return (
            f"{said}; without the departure it is not clearly above 0, so there is no share of it."
        )
    said += f", which is {percent(row, 'left')} of the gain without the departure"
    if not np.isnan(row["of_before"]):
        said += f" and {percent(row, 'of_before')} of the gain just before it"
    return f"{said}."


def apart_in_words(
    summary: PairedSummary, later: int, outcome: str, titles: tuple[str, str]
) -> str:
    """Return what `share_apart` says of two strategies, in a sentence; nothing if it is undefined."""
    if summary.pairs < 2:
        return ""
    meaning = outcome_named(outcome).meaning
    low, high = (f"{100 * value:.0f}".replace("-", "−") for value in (summary.low, summary.high))
    points = f"{100 * abs(summary.difference):.0f} percentage points"
    more = "more" if summary.difference >= 0 else "less"
    return (
        f"{meaning}, {years_in_words(later)} after the departure: {points} {more} of the gain is left"
        f" under {titles[0]} than under {titles[1]} (95 % interval of the difference {low} to"
        f" {high}){unless_clear(summary)}."
    )


def years_in_words(months: int) -> str:
    """Return months that are whole years in words."""
    years = int(months) // MONTHS_IN_YEAR
    return f"{years} year{'s' * (years != 1)}"


def percent(row: Row, part: str) -> str:
    """Return a share of a row in per cent, with its interval."""
    share, low, high = (
        f"{100 * row[name]:.0f}".replace("-", "−") for name in (part, f"{part}_low", f"{part}_high")
    )
    return f"{share} % ({low} to {high})"


def _at(values: pd.DataFrame, month: int) -> pd.DataFrame:
    return values[values.index.get_level_values("month") == month].droplevel("month")


def _summary(values: Floats) -> dict[str, NDArray[Any]]:
    return over_replicates(values, np.ones(len(values), np.int64))
