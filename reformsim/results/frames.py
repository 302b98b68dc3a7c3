"""Tidy pandas tables of one run or many.

Every table starts with the columns of `IDENTITY`, which say what run a row belongs to, and nearly
all go on with `month` (0 is the launch, the warm-up lies below) and `year`, which is `month / 12`.
Rows come in the order of the runs given; nothing is carried by an index. An empty collection of
runs gives an empty table with its columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.errors import ReformsimError
from reformsim.record import (
    BY_DISTRICT,
    BY_SCHOOL,
    OUTCOMES,
    SUMMED,
    EventLog,
    Outcome,
    Result,
)
from reformsim.theory.schedule import MONTHS_IN_YEAR

from .rates import annual_rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Columns = dict[str, NDArray[Any]]

IDENTITY = ("district", "condition", "strategy", "seed", "replicate")
"""The columns that say which run a row belongs to. `strategy` and the numbers of a run tell it
from its paired runs, which share the rest."""

TURNOVER = (
    Outcome("principal_turnover", "a year", "Principals who leave, per seat"),
    Outcome("teacher_turnover", "a year", "Teachers who leave, per seat"),
    Outcome("superintendent_turnover", "a year", "Superintendents who leave, per seat"),
    Outcome("central_turnover", "a year", "Central-office staff who leave, per seat"),
)
"""Yearly turnover over the twelve months that end in a month, computed from departures."""

"""By-school outcomes that are added up over schools; the others are averaged."""

_CATALOGUE = {outcome.name: outcome for outcome in (*OUTCOMES, *TURNOVER)}


def outcome_named(name: str) -> Outcome:
    """Return the catalogue entry of a series: its unit and meaning.

    A name that is not in the catalogue gives an entry with no unit and the name as its meaning.
    """
    return _CATALOGUE.get(name) or Outcome(name, "", name.replace("_", " ").capitalize())


def identity_of(result: Result) -> dict[str, str | int]:
    """Return the columns of `IDENTITY` for one run, by name."""
    names = result.scenario.names
    return {
        "district": names.district,
        "condition": names.condition,
        "strategy": names.strategy,
        "seed": result.seed,
        "replicate": result.replicate,
    }


def turnover_rates(result: Result) -> dict[str, Floats]:
    """Return yearly turnover by role, under the names of `TURNOVER`, each of shape (months,).

    Departures of the last twelve months over the mean number of seats in them, in departures per
    seat and year; NaN in the first eleven months of the run and where a role has no seats.
    """
    district, series = result.scenario.district, result.district
    seats: dict[str, float | Floats] = {
        "principal": district.schools,
        "teacher": district.teachers,
        "superintendent": 1,
        "central": series["central_seats"],
    }
    return {
        f"{role}_turnover": annual_rate(series[f"{role}_departures"], posts)
        for role, posts in seats.items()
    }


def series_frame(results: Result | Iterable[Result]) -> pd.DataFrame:
    """Return one row per run and month.

    After identity and time there is a column for every outcome of the district, in the order and
    units of `reformsim.record.OUTCOMES`, and one for each of `TURNOVER`.
    """
    parts: list[Columns] = []
    for result in _listed(results):
        columns = _start(result, result.months, 1)
        columns |= {name: result.district[name] for name in BY_DISTRICT}
        parts.append(columns | turnover_rates(result))
    return _joined(parts, (*_TIME, *BY_DISTRICT, *(rate.name for rate in TURNOVER)))


def schools_frame(results: Result | Iterable[Result], every: int = 12) -> pd.DataFrame:
    """Return one row per run, month and school.

    After identity and time come `school` (numbered from 0), `need` (share of pupils in poverty),
    `quartile` (0 the lowest need) and every outcome by school. NaN marks what an empty
    principal's seat cannot have. To bound the size only months divisible by `every` are kept, so
    12 keeps each July and 1 every month. Raises ReformsimError if `every` is below 1.
    """
    parts: list[Columns] = []
    for result in _listed(results):
        months_kept = _kept(result.months, every)
        schools, months = len(result.need), int(months_kept.sum())
        columns = _start(result, result.months[months_kept], schools)
        columns["school"] = np.tile(np.arange(schools), months)
        columns["need"] = np.tile(result.need, months)
        columns["quartile"] = np.tile(result.quartile, months)
        columns |= {name: result.schools[name][months_kept].ravel() for name in BY_SCHOOL}
        parts.append(columns)
    return _joined(parts, (*_TIME, "school", "need", "quartile", *BY_SCHOOL))


def quartiles_frame(results: Result | Iterable[Result]) -> pd.DataFrame:
    """Return one row per run, month and need quartile that holds a school.

    After identity and time come `quartile` (0 the lowest need), `schools` (how many it holds),
    `need` (their mean) and every outcome by school: the mean over the schools that have a value
    (NaN if none has), departures as their sum.
    """
    parts: list[Columns] = []
    for result in _listed(results):
        groups = [np.flatnonzero(result.quartile == group) for group in range(4)]
        held = [group for group in range(4) if len(groups[group])]
        months = len(result.months)
        columns = _start(result, result.months, len(held))
        columns["quartile"] = np.tile(held, months)
        columns["schools"] = np.tile([len(groups[group]) for group in held], months)
        columns["need"] = np.tile([result.need[groups[group]].mean() for group in held], months)
        for name in BY_SCHOOL:
            values = result.schools[name]
            columns[name] = np.column_stack(
                [_over_schools(values[:, groups[group]], name in SUMMED) for group in held]
            ).ravel()
        parts.append(columns)
    return _joined(parts, (*_TIME, "quartile", "schools", "need", *BY_SCHOOL))


def events_frame(results: Result | Iterable[Result]) -> pd.DataFrame:
    """Return one row per event of a run: `kind`, `role`, `seat` and `detail` after its month.

    What `detail` holds depends on `kind`; see `reformsim.record.EventRecord`.
    """
    parts: list[Columns] = []
    for result in _listed(results):
        events = EventLog.of(result.events).columns
        columns = _start(result, events["month"], 1)
        columns |= {name: events[name] for name in ("kind", "role", "seat", "detail")}
        parts.append(columns)
    return _joined(parts, (*_TIME, "kind", "role", "seat", "detail"))


def costs_frame(results: Result | Iterable[Result], every: int = 1) -> pd.DataFrame:
    """Return one row per run, month and `lever`, with its `cost` in dollars per pupil a year.

    Only months divisible by `every` are kept. Raises ReformsimError if `every` is below 1.
    """
    parts: list[Columns] = []
    for result in _listed(results):
        months_kept = _kept(result.months, every)
        columns = _start(result, result.months[months_kept], len(result.costs))
        columns["lever"] = np.tile(
            np.array(list(result.costs), dtype=object), int(months_kept.sum())
        )
        costs = [values[months_kept] for values in result.costs.values()]
        columns["cost"] = np.column_stack(costs).ravel() if costs else np.empty(0)
        parts.append(columns)
    return _joined(parts, (*_TIME, "lever", "cost"))


_TIME = (*IDENTITY, "month", "year")


def _listed(results: Result | Iterable[Result]) -> list[Result]:
    return [results] if isinstance(results, Result) else list(results)


def _kept(months: NDArray[np.int64], every: int) -> NDArray[np.bool_]:
    if every < 1:
        raise ReformsimError(f"every must be at least 1 month, not {every}")
    return np.equal(months % every, 0)


def _start(result: Result, months: NDArray[np.int64], repeats: int) -> Columns:
    """Identity and time of a run's rows; each month stands `repeats` times in a row."""
    rows = len(months) * repeats
    columns: Columns = {}
    for name, value in identity_of(result).items():
        columns[name] = np.full(rows, value, dtype=object if isinstance(value, str) else np.int64)
    columns["month"] = np.repeat(months, repeats)
    columns["year"] = columns["month"] / MONTHS_IN_YEAR
    return columns


def _joined(parts: Sequence[Columns], names: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    if not parts:
        return pd.DataFrame({name: [] for name in names})
    return pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in names})


def _over_schools(values: Floats, summed: bool) -> Floats:
    """Sum or mean along schools, leaving NaN out; NaN where a mean has nothing."""
    filled = ~np.isnan(values)
    total = np.where(filled, values, 0.0).sum(axis=1)
    if summed:
        return np.asarray(total, dtype=np.float64)
    count = filled.sum(axis=1)
    mean = np.full(len(total), np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    return mean
