"""What several rows read from a record: months, tenures and departures of principals, years."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.district.seats import shares
from reformsim.theory.schedule import MONTHS_IN_YEAR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reformsim.record import Result

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

YEAR = MONTHS_IN_YEAR
FALL, JANUARY, MAY, JUNE = 3, 6, 10, 11
"""Months of the year, July being 0: October, when directories ask who is superintendent; when surveys
ask; the end of lessons; when teachers leave.
"""


def row_of(run: Result, month: int) -> int:
    """Return where in the record a month counted from the launch stands.

    Raises ValueError if the record has no such month.
    """
    row = month - int(run.months[0])
    if not 0 <= row < len(run.months):
        raise ValueError(f"the record has no month {month}")
    return row


def between(run: Result, values: Floats, first: int, last: int) -> Floats:
    """Return the months from `first` up to, not including, `last` of a series."""
    return values[row_of(run, first) : row_of(run, last - 1) + 1]


def years_of(run: Result, month_of_year: int, first: int, years: int) -> list[int]:
    """Return the same month of several years after the launch, as places in the record."""
    return [row_of(run, YEAR * year + month_of_year) for year in range(first, first + years)]


def months_in_post(run: Result) -> Integers:
    """Return how many months each school's principal has been there, 0 where there is none.

    Whoever was there in the first month of the record may have been there for longer.
    """
    filled = run.schools["vacant"] == 0
    tenure: Integers = filled.astype(np.int64)
    for month in range(1, len(tenure)):
        tenure[month] += np.where(filled[month], tenure[month - 1], 0)
    return tenure


def leaving(run: Result, kind: str) -> Flags:
    """Return in which month of which school the principal left: "departure" or "promotion"."""
    flags = np.zeros(run.schools["vacant"].shape, bool)
    for event in run.events:
        if event.kind == kind and event.role == "principal":
            flags[row_of(run, event.month), school_of(event.seat)] = True
    return flags


def school_of(seat: str) -> int:
    """Return the number of the school of a principal's seat."""
    return int(seat.rpartition("-")[2])


def within_a_year(flags: Flags, start: int) -> Flags:
    """Return for each school whether something happened in the twelve months after a month."""
    return np.asarray(flags[start + 1 : start + 1 + YEAR].any(axis=0))


def months_at_post_of_superintendent(run: Result) -> Integers:
    """Return how many months the superintendent has been there at the end of each month.

    Whoever was there in the first month of the record may have been there for longer.
    """
    left = run.district["superintendent_departures"] > 0
    tenure = np.zeros(len(left), np.int64)
    current = 0
    for month, gone in enumerate(left):
        current = 0 if gone else current + 1
        tenure[month] = current
    return tenure


def superintendent_each_fall(run: Result, since: int | None = None) -> Integers:
    """Return who is superintendent each October, numbered in order; from a month of the run on, or all.

    This is what a directory sees: who came and went between two falls is in none, and an interim who
    sits at a fall is a person like any other.
    """
    number = np.cumsum(run.district["superintendent_departures"] > 0)
    asked = run.months % YEAR == FALL
    if since is not None:
        asked = asked & (run.months >= since)
    return np.asarray(number[asked])


def falls_between(first: int, last: int) -> int:
    """Return how many Octobers there are from the end of a month up to, not including, that of another."""
    return (last - 1 - FALL) // YEAR - (first - 1 - FALL) // YEAR


def teachers_by_school(run: Result) -> Floats:
    """Return how many teachers each school has."""
    district = run.scenario.district
    return np.array(shares(district.teachers, district.schools), float)


def spread_in_warm_up(run: Result, name: str) -> float:
    """Return the SD of a series over schools, the mean over the last 36 warm-up months."""
    values = run.schools[name][run.months < 0][-36:]
    return float(np.nanmean(np.nanstd(values, axis=1)))
