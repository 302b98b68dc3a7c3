"""Whether a reform took hold, spread and lasted: one row of measures for each run.

Every run is held against its *reference*, the paired run: the same district, condition, seed and
replicate under the baseline strategy, usually the status quo. Both are under common random numbers,
so that what differs is the strategy's doing. `reformsim.analysis.MEASURES` says what the measures
mean; the formulas are those of `reformsim.analysis.measures`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reformsim.district.drawing import drawn_events
from reformsim.errors import ReformsimError
from reformsim.record import EventLog
from reformsim.results import IDENTITY, identity_of
from reformsim.scenario.revenue_events import RevenueEvent
from reformsim.theory.schedule import MONTHS_IN_YEAR

from . import measures
from .catalogue import MEASURES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from reformsim.record import Result

    Floats = NDArray[np.float64]

YEAR = MONTHS_IN_YEAR
THRESHOLD_WINDOW = 36
"""Months of the warm-up from which the threshold of `spread_end` is taken, if it is that long."""
DISRUPTIONS = (
    *("contract_end", "superintendent_departure"),
    *("recession", "permanent_cut", "levy_failure"),
)
"""What counts as the disruption of a run: the first of these kinds that happened."""
NAN = float("nan")


def run_measures(result: Result, reference: Result) -> dict[str, float | str]:
    """Return the measures of one run against its paired run, by name.

    Besides every entry of `MEASURES` there are `disruption`, one of `DISRUPTIONS` or "" for none,
    and `disruption_month`, counted from the launch; retention and recovery are measured from it.
    NaN marks a measure that is undefined for this run, such as one whose months lie beyond the
    end, or retention without a gain to retain.

    Raises ReformsimError if the two are not paired: different district, condition, seed,
    replicate or months.
    """
    _check_pair(result, reference)
    months, own, other = result.months, result.district, reference.district
    since = slice(max(0, -int(months[0])), None)
    leadership = measures.gain(own["leadership"], other["leadership"])
    outcome = measures.gain(own["outcome"], other["outcome"])
    practice = measures.gain(own["principal_practice"], other["principal_practice"])
    lived, ended = measures.survival_time(months, leadership)
    took_hold = not np.isnan(lived)
    contract_end = _first_contract_end(result)
    departure = _first_departure(result)
    kind, disruption = _disruption(result, contract_end, departure)
    extra = _mean(own["cost_per_pupil"][since]) - _mean(other["cost_per_pupil"][since])
    extra_by_month = measures.gain(own["cost_per_pupil"], other["cost_per_pupil"])
    highest, costliest = measures.costliest_year(months, extra_by_month)

    values: dict[str, float | str] = {}
    for year in (2, 4, 10):
        values[f"leadership_gain_{year}y"] = _mean_of_year(months, leadership, year)
    values["leadership_gain_end"] = _mean_at_end(months, leadership)
    for year in (4, 8, 10):
        values[f"outcome_gain_{year}y"] = _mean_of_year(months, outcome, year)
    values["outcome_gain_end"] = _mean_at_end(months, outcome)
    values["depth_end"] = _mean_at_end(months, practice)
    values["spread_end"] = _mean_at_end(months, _spread(result, reference))
    values["ownership_end"] = _mean_at_end(months, own["ownership"])
    values["leadership_area"] = measures.area_under_gain(months, leadership)
    values["took_hold"] = float(took_hold)
    values["survival_time"] = lived
    values["survival_observed"] = float(ended) if took_hold else NAN
    for name, start in (("contract", contract_end), ("departure", departure)):
        values[f"half_life_{name}"] = (
            NAN if start is None else measures.half_life(months, leadership, start)
        )
    for after in (24, 36, 60):
        values[f"retention_{after}"] = (
            NAN if disruption is None else measures.retention(months, leadership, disruption, after)
        )
    values["recovery_time"] = (
        NAN if disruption is None else measures.recovery_time(months, leadership, disruption)
    )
    gap = measures.gain(own["outcome_gap"], other["outcome_gap"])
    values["outcome_gap_change"] = _mean_at_end(months, gap)
    district = result.scenario.district
    for role, seats in (("principal", district.schools), ("teacher", district.teachers)):
        left = _mean(own[f"{role}_departures"][since])
        values[f"{role}_turnover"] = left / seats * YEAR
    values["cost_per_pupil"] = _mean(own["cost_per_pupil"][since])
    values["cost_above_reference"] = extra
    values["costliest_year_cost"] = highest
    values["costliest_year"] = costliest
    values["savings_per_pupil"] = _savings(result, reference)
    values["disruption"] = kind
    values["disruption_month"] = NAN if disruption is None else float(disruption)
    return values


def measure_runs(results: Iterable[Result], baseline: str = "status_quo") -> pd.DataFrame:
    """Return one row per run: identity, then what `run_measures` gives.

    Each run is held against the run of strategy `baseline` that shares its district, condition,
    seed and replicate; the rows of `baseline` are held against themselves, and their gains are 0.
    Rows come in the order of the runs.

    Raises ReformsimError, naming all of them, if runs lack a paired run or occur twice.
    """
    runs = list(results)
    place = IDENTITY.index("strategy")
    references: dict[tuple[str | int, ...], Result] = {}
    seen: set[tuple[str | int, ...]] = set()
    problems: list[str] = []
    for run in runs:
        key = tuple(identity_of(run).values())
        if key in seen:
            problems.append(f"the run {_called(run)} occurs twice")
        seen.add(key)
        if key[place] == baseline:
            references[key[:place] + key[place + 1 :]] = run
    rows = []
    for run in runs:
        key = tuple(identity_of(run).values())
        reference = references.get(key[:place] + key[place + 1 :])
        if reference is None:
            problems.append(f"the run {_called(run)} has no paired run under {baseline}")
        elif not problems:
            rows.append({**identity_of(run), **run_measures(run, reference)})
    if problems:
        raise ReformsimError(*problems)
    names = [measure.name for measure in MEASURES]
    return pd.DataFrame(rows, columns=[*IDENTITY, *names, "disruption", "disruption_month"])


def _disruption(
    result: Result, contract_end: int | None, departure: int | None
) -> tuple[str, int | None]:
    """Return the kind and the month of the disruption that retention is measured from.

    The end of the outside contract, cancelled ones included; else the first departure of a
    superintendent after the launch; else the first fall of revenue that the scenario announces
    after it. ("", None) if there was none of them.
    """
    if contract_end is not None:
        return "contract_end", contract_end
    if departure is not None:
        return "superintendent_departure", departure
    falls = [
        event
        for event in drawn_events(result.scenario, result.seed, result.replicate)
        if isinstance(event, RevenueEvent) and 0 < event.month <= int(result.months[-1])
    ]
    if not falls:
        return "", None
    first = min(falls, key=lambda event: event.month)
    return first.called, first.month


def _first_contract_end(result: Result) -> int | None:
    """Return the month in which the outside contract ended or was cancelled; None if it did not."""
    events = EventLog.of(result.events).columns
    kinds, months = events["kind"], events["month"]
    ends = months[((kinds == "contract_end") | (kinds == "contract_cancelled")) & (months > 0)]
    return int(ends[0]) if len(ends) else None


def _first_departure(result: Result) -> int | None:
    """Return the first month after the launch in which a superintendent left; None if none did."""
    left = result.months[(result.district["superintendent_departures"] > 0) & (result.months > 0)]
    return int(left[0]) if len(left) else None


def _check_pair(result: Result, reference: Result) -> None:
    own, other = identity_of(result), identity_of(reference)
    problems = [
        f"the two runs are not paired: {name} is {own[name]!r} and {other[name]!r}"
        for name in IDENTITY
        if name != "strategy" and own[name] != other[name]
    ]
    if not np.array_equal(result.months, reference.months):
        problems.append("the two runs are not paired: they do not cover the same months")
    if problems:
        raise ReformsimError(*problems)


def _called(result: Result) -> str:
    names = result.scenario.names
    return (
        f"{names.district}, {names.condition}, {names.strategy},"
        f" seed {result.seed}, replicate {result.replicate}"
    )


def _spread(result: Result, reference: Result) -> Floats:
    warm_up = int((reference.months < 0).sum())
    threshold = measures.spread_threshold(
        reference.schools["leadership"], reference.months, min(THRESHOLD_WINDOW, warm_up)
    )
    return measures.spread(result.schools["leadership"], threshold)


def _savings(result: Result, reference: Result) -> float:
    """Dollars per pupil and year that departures which did not happen would have cost."""
    p = result.scenario.coefficients
    since = slice(max(0, -int(result.months[0])), None)
    saved = 0.0
    for role, price in (
        ("principal", p.cost_principal_loss),
        ("teacher", p.cost_teacher_loss),
    ):
        name = f"{role}_departures"
        saved += price * _mean((reference.district[name] - result.district[name])[since])
    return saved * YEAR / result.scenario.district.enrolment


def _mean(values: Floats) -> float:
    """Mean of what is there; NaN if nothing is."""
    total = values.sum()
    if np.isnan(total):
        values = values[~np.isnan(values)]
        total = values.sum()
    return float(total / len(values)) if len(values) else NAN


def _mean_of_year(months: NDArray[np.int64], values: Floats, year: int) -> float:
    """Mean of the twelve months that end just before month `12 × year`; NaN beyond the end."""
    last = YEAR * year - 1
    if last > months[-1]:
        return NAN
    end = last + 1 - int(months[0])
    return _mean(values[max(0, end - YEAR) : end])


def _mean_at_end(months: NDArray[np.int64], values: Floats) -> float:
    """Mean of the last twelve months after the launch."""
    start = max(0, int(months[-1]) - YEAR + 1)
    return _mean(values[start - int(months[0]) :])
