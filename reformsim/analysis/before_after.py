"""What became of a district: where it stood before the launch and at the end, over replicates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from reformsim.results import outcome_named, turnover_rates

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from reformsim.record import Result

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
    ("seat_cancelled", "principal"),
    ("union_conflict", "district"),
    ("board_turnover", "district"),
)
"""Kinds and roles of the events that a first look asks for."""


class Change(NamedTuple):
    """Where a district stood in one outcome."""

    outcome: str
    meaning: str
    unit: str
    start: float
    """Mean over replicates of the year before the launch."""
    end: float
    """Mean over replicates of the last year."""
    low: float
    """The lowest end of a replicate."""
    high: float
    """The highest end of a replicate."""
    change: float
    """Mean difference between end and start."""


class Happening(NamedTuple):
    """How often a kind of event came after the launch."""

    kind: str
    role: str
    mean: float
    """Events of a run."""
    low: float
    high: float
    first: float
    """Mean month of the first one in the runs that had any."""


def change(results: Sequence[Result], names: Sequence[str] = KEY_OUTCOMES) -> list[Change]:
    """Return where the district stood in each outcome; NaN stands for what is undefined everywhere."""
    rows = []
    series = [result.district | turnover_rates(result) for result in results]
    for name in names:
        starts, ends = [], []
        for result, own in zip(results, series, strict=True):
            before = (result.months >= -YEAR) & (result.months < 0)
            starts.append(_mean(own[name][before]))
            ends.append(_mean(own[name][-YEAR:]))
        known = [end for end in ends if not math.isnan(end)] or [math.nan]
        changes = [end - start for start, end in zip(starts, ends, strict=True)]
        told = outcome_named(name)
        levels = (_mean(starts), _mean(ends), min(known), max(known), _mean(changes))
        rows.append(Change(name, told.meaning, told.unit, *levels))
    return rows


def happenings(results: Sequence[Result]) -> list[Happening]:
    """Return how often each kind of event happened in a run after the launch, if it ever did."""
    rows = []
    for kind, role in KEY_EVENTS:
        months = [
            [e.month for e in result.events if (e.kind, e.role) == (kind, role) and e.month >= 0]
            for result in results
        ]
        counts = [len(one) for one in months]
        if any(counts):
            first = _mean([min(one) for one in months if one])
            rows.append(Happening(kind, role, _mean(counts), min(counts), max(counts), first))
    return rows


def _mean(values: Sequence[float] | NDArray[np.float64]) -> float:
    """Return the mean of what is defined, NaN if nothing is."""
    known = [float(value) for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan
