"""The measures of a run, each declared once with its unit, meaning, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """One number that sums up a run."""

    name: str
    unit: str
    title: str
    """A few words for the head of a column."""
    meaning: str
    better: int = 1
    """1 if more is better, −1 if less is, 0 if neither."""
    paired: bool = True
    """Whether it is made from differences from the paired run, and so needs no other to be taken
    away. What is not is a value of the run itself."""
    undefined: str = ""
    """For which runs there is no such number; "" if there always is one."""

    @property
    def direction(self) -> str:
        """Which way is better, in words."""
        return "more is better" if self.better > 0 else "less is better"


def _year(name: str, what: str, unit: str, meaning: str, *years: int) -> list[Measure]:
    at = [
        Measure(
            f"{name}_{y}y",
            unit,
            f"{what}, year {y}",
            f"{meaning}, mean of year {y}",
            undefined=f"the run ends before year {y} does",
        )
        for y in years
    ]
    return [*at, Measure(f"{name}_end", unit, f"{what}, end", f"{meaning}, mean of the last year")]


_NO_GAIN = "no gain above 0.01 to lose"
_NO_DISRUPTION = (
    "there is no disruption, the year before it begins before the launch, or its mean gain is not"
    " above 0.01"
)
_RATE = "a year"
_DOLLARS = "$ per pupil a year"
_LEADERSHIP = "Leadership that reaches teachers, beyond the paired run"

MEASURES: tuple[Measure, ...] = (
    *_year("leadership_gain", "Leadership gain", "points on [0, 1]", _LEADERSHIP, 2, 4, 10),
    *_year(
        "outcome_gain",
        "Outcome gain",
        "student SD",
        "School outcome beyond the paired run",
        *(4, 8, 10),
    ),
    Measure(
        "depth_end",
        "points on [0, 1]",
        "Depth, end",
        "Principals' practice beyond the paired run, mean of the last year",
        undefined="no principal's seat is filled in the last year",
    ),
    Measure(
        "spread_end",
        "share of schools",
        "Spread, end",
        "Schools whose leadership is above what only the best sixth or so reached in the warm-up"
        " (mean + 1 SD), mean of the last year",
        paired=False,
    ),
    Measure(
        "ownership_end",
        "share of support",
        "Ownership, end",
        "Support that passes neither through the superintendent nor an outside partner, mean of"
        " the last year",
        paired=False,
        undefined="there is no support in the last year",
    ),
    Measure(
        "leadership_area",
        "point-years",
        "Leadership gain, total",
        "Area under the leadership gain from the launch to the end",
    ),
    Measure(
        "took_hold",
        "share of runs",
        "Took hold",
        "Runs in which the leadership gain ever exceeded 0.01",
    ),
    Measure(
        "survival_time",
        "months",
        "Survival",
        "Months from the launch until the leadership gain stays under half its peak for a year;"
        " the length of the run where that never happens, undefined where nothing took hold",
        undefined="the reform never took hold",
    ),
    Measure(
        "survival_observed",
        "share of runs",
        "Reform ended",
        "Runs whose reform was seen to end, of those where it took hold",
        better=-1,
        undefined="the reform never took hold",
    ),
    Measure(
        "half_life_contract",
        "months",
        "Half-life after the contract",
        "Months from the end of the outside contract until the leadership gain has halved;"
        " undefined where it does not halve within the run",
        undefined=f"no outside contract ended, there was {_NO_GAIN}, or it never halved",
    ),
    Measure(
        "half_life_departure",
        "months",
        "Half-life after a departure",
        "Months from the first departure of a superintendent until the leadership gain has halved;"
        " undefined where it does not halve within the run",
        undefined=f"no superintendent left, there was {_NO_GAIN}, or it never halved",
    ),
    *(
        Measure(
            f"retention_{after}",
            "share of the gain",
            f"Retention, {after} months",
            f"Leadership gain held {after} months after the disruption ÷ gain of the year before",
            undefined=f"{_NO_DISRUPTION}; or the run ends before {after} months have passed",
        )
        for after in (24, 36, 60)
    ),
    Measure(
        "recovery_time",
        "months",
        "Recovery time",
        "Months from the disruption until 90 % of the gain before it is back, 0 if it never fell"
        " that far; undefined where it does not come back within the run",
        better=-1,
        undefined=f"{_NO_DISRUPTION}; or the gain does not come back within the run",
    ),
    Measure(
        "outcome_gap_change",
        "student SD",
        "Change of outcome gap",
        "Outcome gap between the least needy and the neediest quartile of schools, less that of"
        " the paired run, mean of the last year",
        better=-1,
    ),
    Measure(
        "principal_turnover",
        _RATE,
        "Principals' turnover",
        "Principals who leave, per seat, after the launch",
        better=-1,
        paired=False,
    ),
    Measure(
        "teacher_turnover",
        _RATE,
        "Teachers' turnover",
        "Teachers who leave, per seat, after the launch",
        better=-1,
        paired=False,
    ),
    Measure(
        "cost_per_pupil",
        _DOLLARS,
        "Cost",
        "Spending on leadership support, contracts included, mean after the launch",
        better=-1,
        paired=False,
    ),
    Measure(
        "cost_above_reference",
        _DOLLARS,
        "Extra cost",
        "Spending on leadership support, contracts included, less that of the paired run, mean"
        " after the launch",
        better=-1,
    ),
    Measure(
        "costliest_year_cost",
        _DOLLARS,
        "Extra cost, costliest year",
        "Extra cost in the year after the launch in which it is highest, which a mean over all"
        " years can hide",
        better=-1,
    ),
    Measure(
        "costliest_year",
        "year",
        "Costliest year",
        "The year in which the extra cost is highest, the first after the launch being 1;"
        " undefined where every year costs the same",
        better=0,
    ),
    Measure(
        "savings_per_pupil",
        _DOLLARS,
        "Savings",
        "What the departures of principals and teachers that did not happen, compared with the"
        " paired run, would have cost",
    ),
)
"""What `run_measures` gives, in its order. The paired run is the same replicate under the strategy
compared with; departures and draws they have in common cancel."""

_BY_NAME = {measure.name: measure for measure in MEASURES}


def measure_named(name: str) -> Measure:
    """Return a measure by its name; one that is not there is a value with no unit."""
    title = name.replace("_", " ").capitalize()
    return _BY_NAME.get(name) or Measure(name, "", title, title, paired=False)
