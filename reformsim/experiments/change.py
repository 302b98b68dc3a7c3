"""What became of a district: where it stood before the launch and at the end, over replicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from reformsim.results import outcome_named, series_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reformsim.district.record import Result

YEAR = 12
KEY_OUTCOMES = (
    "leadership",
    "principal_practice",
    "teacher_practice",
    "support",
    "learning_time",
    "isolation",
    "outcome",
    "outcome_gap",
    "principal_turnover",
    "teacher_turnover",
    "cost_per_pupil",
)
"""What a first look at a district asks for."""

KEY_EVENTS = (
    ("departure", "superintendent"),
    ("departure", "principal"),
    ("cut", "district"),
    ("layoff", "leadership-support"),
    ("contract_start", "coach"),
    ("contract_end", "coach"),
    ("contract_cancelled", "coach"),
)
"""Kinds and roles of the events that a first look asks for."""


def change(results: Sequence[Result], names: Sequence[str] = KEY_OUTCOMES) -> pd.DataFrame:
    """Return one row per outcome: the means of the year before the launch and of the last year.

    `start` and `end` are means over replicates; `low` and `high` the lowest and the highest `end`
    of a replicate; `change` is the mean difference. NaN stands for what is undefined everywhere.
    """
    series = series_frame(results)
    last = int(series["month"].max())
    by = ["seed", "replicate"]
    before = series[(series["month"] >= -YEAR) & (series["month"] < 0)]
    after = series[series["month"] > last - YEAR]
    start = before.groupby(by)[list(names)].mean()
    end = after.groupby(by)[list(names)].mean()
    table = pd.DataFrame(
        {
            "start": start.mean(),
            "end": end.mean(),
            "low": end.min(),
            "high": end.max(),
            "change": (end - start).mean(),
        }
    )
    outcomes = [outcome_named(name) for name in names]
    table.insert(0, "outcome", list(names))
    table.insert(1, "meaning", [outcome.meaning for outcome in outcomes])
    table.insert(2, "unit", [outcome.unit for outcome in outcomes])
    return table.reset_index(drop=True)


def happenings(results: Sequence[Result]) -> pd.DataFrame:
    """Return one row per kind of event after the launch: how often it happened in a run.

    `mean`, `low` and `high` count the events of a run; `first` is the mean month of the first one
    in the runs that had any.
    """
    rows = []
    for kind, role in KEY_EVENTS:
        months = [
            [e.month for e in result.events if (e.kind, e.role) == (kind, role) and e.month >= 0]
            for result in results
        ]
        counts = pd.Series([len(one) for one in months], dtype="float64")
        first = pd.Series([min(one) for one in months if one], dtype="float64")
        if counts.any():
            rows.append((kind, role, counts.mean(), counts.min(), counts.max(), first.mean()))
    return pd.DataFrame(rows, columns=["kind", "role", "mean", "low", "high", "first"])
