"""What a change does: runs with it against the same runs without it, month by month.

Both runs of a replicate are under common random numbers, so that they are equal until the change and
differ through it alone from then on. Differences are the changed run less the unchanged one; intervals are
those of `reformsim.analysis.paired`, for each month by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reformsim.errors import ReformsimError
from reformsim.results import outcome_named
from reformsim.theory.schedule import MONTHS_IN_YEAR

from . import measures
from .catalogue import measure_named
from .paired import over_replicates, summarise_pairs
from .wording import NO_DIFFERENCE, NO_INTERVAL, digits

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from .paired import PairedSummary

COST = "cost_per_pupil"
END = "end"
KEY_OUTCOMES = ("leadership", "principal_practice", "outcome", COST)
"""The series that a first look asks for."""
LINE = ["district", "condition", "strategy", "outcome"]
"""What one path belongs to."""
BACK, MONTHS = 0.1, 3
"""A difference has recovered when no more than this share of its peak is left, for so many months."""


def paired_differences(
    changed: pd.DataFrame, unchanged: pd.DataFrame, outcomes: Sequence[str] = KEY_OUTCOMES
) -> pd.DataFrame:
    """Return changed − unchanged, a row for each line and month, a column for each replicate.

    Both tables are those of `series_frame` for the same runs, in any order; the index has the levels
    of `LINE` and `month`. Raises ReformsimError if they do not hold the same runs and months.
    """
    sides = []
    for series in (changed, unchanged):
        runs = ["seed", "replicate"]
        keys = [*LINE[:-1], "month", *runs]
        long = series.melt(id_vars=keys, value_vars=list(outcomes), var_name="outcome")
        wide = long.pivot(index=[*LINE, "month"], columns=runs, values="value")
        sides.append(wide.sort_index().sort_index(axis=1))
    first, second = sides
    if not (first.index.equals(second.index) and first.columns.equals(second.columns)):
        raise ReformsimError("the changed and the unchanged runs are not the same months and runs")
    return first - second


def difference_paths(differences: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Return a row for each line and month: `LINE`, `month`, and the fields of `PairedSummary`."""
    return _with_intervals(differences, confidence)


def change_effects(differences: pd.DataFrame, since: int, confidence: float = 0.95) -> pd.DataFrame:
    """Return what each line comes to from the month `since` on, a row for each.

    - `pairs`, `area`, `low`, …: the area under the difference, in its unit times years, with the other
      fields of `PairedSummary`. Undefined months count nothing.
    - `end`, `end_low`, …: the same of the mean difference over the last twelve months, which for a
      strategy with and without its levers is the gain at the end that `compare` gives.
    - `peak`, `peak_month`, `peak_low`, `peak_high`: the mean difference that is farthest from 0.
    - `recovered`: the first month after the peak in which at most BACK of it is left, and stays so
      for MONTHS; NaN if it does not, or if the interval of the peak covers 0.
    - `last_clear`: the last month whose interval leaves out 0; NaN if none does.
    """
    after = differences[differences.index.get_level_values("month") >= since]
    area = after.groupby(level=LINE).sum(min_count=1) / MONTHS_IN_YEAR
    table = _with_intervals(area, confidence).rename(columns={"difference": "area"})
    paths = difference_paths(after, confidence)
    lines = [_line(path) for _, path in paths.groupby(LINE, sort=True)]
    at_end = _with_intervals(
        after.groupby(level=LINE).tail(MONTHS_IN_YEAR).groupby(level=LINE).mean(), confidence
    )
    at_end = (
        at_end.drop(columns=LINE).add_prefix(f"{END}_").rename(columns={f"{END}_difference": END})
    )
    return table.join(at_end).join(pd.DataFrame(lines))


def costliest_year(
    differences: pd.DataFrame, strategy: str, since: int
) -> tuple[PairedSummary, list[float]]:
    """Return the extra cost in each replicate's costliest year, and which one, the first being 1.

    Years count from the launch; those before that of the month `since` cost the same either way and
    are left out.
    """
    cost = differences.xs(COST, level="outcome").xs(strategy, level="strategy")
    months = cost.index.get_level_values("month").to_numpy(np.int64)
    before = max(0, since // MONTHS_IN_YEAR)
    later = months - before * MONTHS_IN_YEAR
    runs = cost.to_numpy(np.float64).T[:, later >= 0]
    found = [measures.costliest_year(later[later >= 0], run) for run in runs]
    summary = summarise_pairs([highest for highest, _ in found], better=-1)
    return summary, [before + year for _, year in found]


def contrast(
    differences: pd.DataFrame, since: int, outcome: str, strategies: tuple[str, str]
) -> PairedSummary:
    """Return the area under the difference with the first strategy less that with the second.

    The differences are of one district and condition; replicates are paired here too.
    """
    months = differences.index.get_level_values("month") >= since
    of_outcome = differences[months].xs(outcome, level="outcome")
    areas = of_outcome.groupby(level="strategy").sum(min_count=1) / MONTHS_IN_YEAR
    values = areas.loc[strategies[0]].to_numpy() - areas.loc[strategies[1]].to_numpy()
    return summarise_pairs(values, measure_named(outcome).better)


def in_words(row: Mapping[Hashable, Any], titles: Mapping[str, str] | None = None) -> str:
    """Return what a row of `change_effects` says, in a sentence."""
    outcome = outcome_named(str(row["outcome"]))
    name = (titles or {}).get(str(row["strategy"]), str(row["strategy"]))
    what = f"{name}: {outcome.meaning[:1].lower()}{outcome.meaning[1:]}"
    if not row["peak"]:
        return f"{what} does not change at all."
    size = digits(row["peak"], signed=True) + (
        "" if outcome.unit == "[0, 1]" else f" {outcome.unit}"
    )
    said = f"{what} differs most in month {row['peak_month']}, by {size}"
    if row["pairs"] < 2:
        return f"{said}: {NO_INTERVAL}."
    said += f" ({digits(row['peak_low'])} to {digits(row['peak_high'])})"
    if not (row["peak_low"] > 0 or row["peak_high"] < 0):
        return f"{said}: {NO_DIFFERENCE}."
    if np.isnan(row["recovered"]):
        return f"{said}, and has not recovered by the end of the run."
    return f"{said}, and has recovered by month {row['recovered']:.0f}."


def _with_intervals(values: pd.DataFrame, confidence: float) -> pd.DataFrame:
    table = values.index.to_frame(index=False)
    better = np.array([measure_named(str(name)).better for name in table["outcome"]])
    return table.assign(**over_replicates(values.to_numpy(np.float64), better, confidence))


def _line(path: pd.DataFrame) -> dict[str, float]:
    """Return peak, recovery and last clear month of one path."""
    months = path["month"].to_numpy()
    mean = path["difference"].fillna(0.0).to_numpy(np.float64)
    place = int(np.argmax(np.abs(mean)))
    peak = path.iloc[place]
    clear = months[path["clear"]]
    return {
        "peak": float(mean[place]),
        "peak_month": int(months[place]),
        "peak_low": float(peak["low"]),
        "peak_high": float(peak["high"]),
        "recovered": _recovered(months, mean, place) if peak["clear"] else np.nan,
        "last_clear": float(clear[-1]) if len(clear) else np.nan,
    }


def _recovered(months: NDArray[np.int64], mean: NDArray[np.float64], peak: int) -> float:
    back = np.abs(mean[peak:]) <= BACK * abs(mean[peak])
    lasting = np.lib.stride_tricks.sliding_window_view(back, min(MONTHS, len(back))).all(axis=1)
    return float(months[peak + np.argmax(lasting)]) if lasting.any() else np.nan
