"""The last stage of a month: what is written down, and the references that the warm-up leaves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from reformsim.district.seats import mean, mean_where
from reformsim.record import (
    BY_DISTRICT,
    BY_SCHOOL,
    OUTCOMES,
    EventLog,
    EventRecord,
    Outcome,
    Result,
    WorkedOut,
)
from reformsim.theory.adoption import in_part
from reformsim.theory.budget import budget_line, current_spending
from reformsim.theory.costs import costs_of, design_work_cost, seats_cost, total_cost, training_cost
from reformsim.theory.equation import any_of
from reformsim.theory.outcome import REFERENCE_MONTHS, school_conditions
from reformsim.theory.support import coach_support, operations_pull, partner_support

from .budgeting import cost
from .places import Reference

if TYPE_CHECKING:
    from .model import DistrictModel
    from .places import School


class Recorder:
    """Gathers the monthly series of one run."""

    def __init__(self) -> None:
        self.months: list[int] = []
        self.latest: dict[str, float] = {}
        self.district: dict[str, list[float]] = {name: [] for name in BY_DISTRICT}
        self.schools: dict[str, list[list[float]]] = {name: [] for name in BY_SCHOOL}
        self.costs: dict[str, list[float]] = {}
        self.events: list[EventRecord] = []

    def record(self, model: DistrictModel) -> None:
        """Write down the month that has just passed."""
        self.months.append(model.month)
        costs = spending(model)
        holders = holders_of_district(model)
        self.latest = {}
        for outcome in OUTCOMES:
            table, _, variable = outcome.of.partition(".")
            if outcome.by_school:
                rows = [school_value(school, outcome, table, variable) for school in model.schools]
                self.schools[outcome.name].append(rows)
                self.latest[outcome.name] = over_schools(outcome, rows)
            elif outcome.of:
                self.latest[outcome.name] = float(getattr(holders[table], variable))
        self.latest |= work_out(model, total_cost(costs))._asdict()
        for name in BY_DISTRICT:
            self.district[name].append(self.latest[name])
        for lever, spent in costs.items():
            self.costs.setdefault(lever, []).append(spent)

    def result(self, model: DistrictModel) -> Result:
        """Return the record as arrays."""
        return Result(
            scenario=model.scenario,
            seed=model.seed_number,
            replicate=model.replicate,
            engine="reference",
            months=np.array(self.months, dtype=np.int64),
            district={name: np.array(values) for name, values in self.district.items()},
            schools={name: np.array(values) for name, values in self.schools.items()},
            costs={name: np.array(values) for name, values in self.costs.items()},
            need=np.array([school.need for school in model.schools]),
            quartile=np.array([school.quartile for school in model.schools], dtype=np.int64),
            events=EventLog.of(list(self.events)),
        )


def school_value(school: School, outcome: Outcome, table: str, variable: str) -> float:
    """Return a school's value of a series; NaN if it is a principal's and the seat is empty."""
    head = school.principal
    if outcome.filled and head.vacant:
        return math.nan
    if table == "teacher":
        return mean([getattr(teacher, variable) for teacher in school.teachers])
    if table == "tie":  # the partnership is the one that is recorded
        return head.supervisor[1]["trust"] if head.supervisor else math.nan
    return float(getattr(school if table == "school" else head, variable))


def over_schools(outcome: Outcome, values: list[float]) -> float:
    """Return the district's value of a series: the mean or the sum of its schools."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return math.nan
    return mean(known) * len(known) if outcome.summed else mean(known)


def holders_of_district(model: DistrictModel) -> dict[str, Any]:
    """Return what holds the variables of the tables of which there is one."""
    return {
        "district": model.district,
        "superintendent": model.superintendent,
        "level": model.district.levels,
    }


def work_out(model: DistrictModel, support: float) -> WorkedOut:
    """Return the series that are no state; `support` is what is spent on it, in $ per pupil."""
    district, p = model.district, model.p
    outcomes = [school.outcome for school in model.schools]
    neediest = max(school.quartile for school in model.schools)
    quartile = [school.quartile for school in model.schools]
    budget, baseline = model.scenario.district.budget_per_pupil, cost(model, model.baseline_levels)
    own_support = support - district.grant_spending  # what is taken from other lines
    spent = current_spending(budget, district.trend, district.budget_gap)
    other = max(0.0, p.instructional_support_share - baseline / budget)
    return WorkedOut(
        central_practice=model.central_mean("practice"),
        central_conviction=model.central_mean("conviction"),
        central_strain=model.central_mean("strain"),
        outcome_gap=mean_where(outcomes, quartile, 0) - mean_where(outcomes, quartile, neediest),
        ownership=ownership(model),
        cost_per_pupil=support,
        spending=spent + district.grant_spending,
        instructional_support=support + budget_line(other, own_support, baseline, budget, spent),
        administration=budget_line(p.administration_share, own_support, baseline, budget, spent),
        central_seats=float(len(model.central_office)),
    )


def ownership(model: DistrictModel) -> float:
    """Share of support that passes neither through the superintendent nor an outside partner.

    Summed over the support edges into principals and the distributed leadership of schools. Of a
    supervisor's support, the part counts that would be left without the superintendent's focus to
    shield the time for it. Coburn (2003): a shift in ownership.
    """
    p, district = model.p, model.district
    unshielded = operations_pull(
        district.fiscal_stress, 0.0, district.operations_funding, p.scarcity_load, p.relief, p
    )
    internal = total = 0.0
    for school in model.schools:
        head = school.principal
        inside = head.cohort_support + school.distributed
        everything = inside + head.partner + head.coach_support + head.training_support
        if not head.vacant:
            if head.supervisor is not None and not head.supervisor[0].vacant:
                staff, tie = head.supervisor
                contact = head.contact_with(staff, unshielded)
                inside += partner_support(staff.practice, tie["trust"], contact)
            mentors = 0.0
            for coach, tie in head.coaches:
                if not coach.contracted:
                    mentors = any_of(
                        mentors, coach_support(coach.dosage, coach.practice, tie["trust"])
                    )
            inside += mentors
        internal += inside
        total += everything
    return internal / total if total > 0.0 else math.nan


def spending(model: DistrictModel) -> dict[str, float]:
    """Return this month's yearly rate of spending on each lever, in dollars per pupil."""
    d, p = model.scenario.district, model.p
    schools, enrolment = float(d.schools), float(d.enrolment)
    costs = costs_of(model.district.levels, model.prices)
    usual, designed = (
        training_cost(levers.training_hours, schools, enrolment, p)
        for levers in (model.scenario.baseline, model.levers)
    )
    costs["training"] = in_part(usual, designed, model.share_of_schools)
    costs["design_work"] = design_work_cost(model.levers.design_work, p)
    contract = model.district.programme
    costs["outside_coaching"] = 0.0
    if contract is not None:
        seats = float(contract.seats)
        costs["outside_coaching"] = seats_cost(seats, contract.intensity, enrolment, p)
    return costs


def present_reference(model: DistrictModel) -> Reference:
    """Return this month's values of what outcomes and progress are measured from."""
    total = squares = 0.0
    for teacher in model.teachers:
        total += teacher.practice
        squares += teacher.practice * teacher.practice
    count = len(model.teachers)
    practice = total / count
    return Reference(
        practice=practice,
        practice_sd=max(0.01, math.sqrt(max(0.0, squares / count - practice * practice))),
        conditions=mean(
            [school_conditions(s.leadership, s.teacher_turnover, model.p) for s in model.schools]
        ),
        leadership=mean([school.leadership for school in model.schools]),
    )


def mean_reference(months: list[Reference]) -> Reference:
    """Return the mean of the late warm-up's months."""
    late = months[-REFERENCE_MONTHS:]
    return Reference(
        practice=mean([month.practice for month in late]),
        practice_sd=mean([month.practice_sd for month in late]),
        conditions=mean([month.conditions for month in late]),
        leadership=mean([month.leadership for month in late]),
    )
