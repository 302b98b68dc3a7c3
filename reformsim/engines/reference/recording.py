"""The last stage of a month: what is written down, and the references that the warm-up leaves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from reformsim.district.seats import mean, mean_where
from reformsim.record import BY_SCHOOL, EventLog, EventRecord, Result
from reformsim.theory.budget import budget_line, current_spending
from reformsim.theory.costs import costs_of, design_work_cost, seats_cost, total_cost, training_cost
from reformsim.theory.equation import any_of
from reformsim.theory.outcome import REFERENCE_MONTHS, penalty
from reformsim.theory.support import coach_support, operations_pull, partner_support

from .budgeting import cost
from .places import Reference

if TYPE_CHECKING:
    from .model import DistrictModel
    from .places import School

SUMMED = ("principal_departures", "teacher_departures")
"""School series whose district value is the sum, not the mean."""


class Recorder:
    """Gathers the monthly series of one run."""

    def __init__(self) -> None:
        self.months: list[int] = []
        self.latest: dict[str, float] = {}
        self.district: dict[str, list[float]] = {}
        self.schools: dict[str, list[list[float]]] = {name: [] for name in BY_SCHOOL}
        self.costs: dict[str, list[float]] = {}
        self.events: list[EventRecord] = []

    def record(self, model: DistrictModel) -> None:
        """Write down the month that has just passed."""
        self.months.append(model.month)
        rows = [school_values(school) for school in model.schools]
        costs = spending(model)
        self.latest = {}
        for place, name in enumerate(BY_SCHOOL):
            values = [row[place] for row in rows]
            self.schools[name].append(values)
            known = [value for value in values if not math.isnan(value)]
            total = mean(known) * len(known) if name in SUMMED else mean(known)
            self.latest[name] = total if known else math.nan
        self.latest |= district_values(model)
        self.latest |= budget_values(model, total_cost(costs))
        for name, value in self.latest.items():
            self.district.setdefault(name, []).append(value)
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


def school_values(school: School) -> list[float]:
    """Return a school's values in the order of `BY_SCHOOL`; a vacant principal's are NaN."""
    head, teachers = school.principal, school.teachers
    person = math.nan if head.vacant else 1.0
    partner = head.supervisor[1]["trust"] if head.supervisor else math.nan
    return [
        school.leadership,
        school.enacted,
        school.distributed,
        person * head.practice,
        school.teacher_practice,
        person * head.support,
        head.learning_time,
        school.operations,
        person * head.conviction,
        mean([teacher.conviction for teacher in teachers]),
        person * head.strain,
        mean([teacher.strain for teacher in teachers]),
        person * head.isolation,
        person * partner,
        school.outcome,
        float(head.vacant),
        float(school.principal_departures),
        float(school.teacher_departures),
    ]


def district_values(model: DistrictModel) -> dict[str, float]:
    """Return the values that only the district has."""
    district, top = model.district, model.superintendent
    outcomes = [school.outcome for school in model.schools]
    neediest = max(school.quartile for school in model.schools)
    quartile = [school.quartile for school in model.schools]
    return {
        "central_practice": model.central_mean("practice"),
        "central_conviction": model.central_mean("conviction"),
        "central_strain": model.central_mean("strain"),
        "outcome_gap": mean_where(outcomes, quartile, 0) - mean_where(outcomes, quartile, neediest),
        "ownership": ownership(model),
        "learning_focus": top.learning_focus,
        "public_focus": district.public_focus,
        "political_capital": top.political_capital,
        "perceived_progress": district.perceived_progress,
        "initiative_fatigue": district.initiative_fatigue,
        "readiness": district.readiness,
        "role_legitimacy": district.role_legitimacy,
        "bench": district.bench,
        "equity_groundwork": district.equity_groundwork,
        "revenue_index": district.revenue_index,
        "fiscal_stress": district.fiscal_stress,
        "reserves": district.reserves,
        "budget_gap": district.budget_gap,
        "support_funding": district.support_funding,
        "operations_funding": district.operations_funding,
        "reach": district.reach,
        "superintendent_departures": float(model.superintendent_departures),
        "central_departures": float(model.central_departures),
        "central_seats": float(len(model.central_office)),
    }


def budget_values(model: DistrictModel, support: float) -> dict[str, float]:
    """Return spending on leadership support and what the budget is beside it, in $ per pupil."""
    district, p = model.district, model.p
    budget, baseline = model.scenario.district.budget_per_pupil, cost(model, model.baseline_levels)
    spent = current_spending(budget, district.trend, district.budget_gap)
    other = max(0.0, p.instructional_support_share - baseline / budget)
    return {
        "cost_per_pupil": support,
        "spending": spent,
        "instructional_support": support + budget_line(other, support, baseline, budget, spent),
        "administration": budget_line(p.administration_share, support, baseline, budget, spent),
    }


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
    own = total = 0.0
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
        own += inside
        total += everything
    return own / total if total > 0.0 else math.nan


def spending(model: DistrictModel) -> dict[str, float]:
    """Return this month's yearly rate of spending on each lever, in dollars per pupil."""
    d, p = model.scenario.district, model.p
    schools, enrolment = float(d.schools), float(d.enrolment)
    costs = costs_of(model.district.levels, model.prices)
    costs["training"] = training_cost(model.levers.training_hours, schools, enrolment, p)
    costs["design_work"] = design_work_cost(model.levers.design_work, p)
    contract = model.district.contract
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
        penalty=mean(
            [penalty(s.teacher_turnover, s.principal.settled, model.p) for s in model.schools]
        ),
        leadership=mean([school.leadership for school in model.schools]),
    )


def mean_reference(months: list[Reference]) -> Reference:
    """Return the mean of the late warm-up's months."""
    late = months[-REFERENCE_MONTHS:]
    return Reference(
        practice=mean([month.practice for month in late]),
        practice_sd=mean([month.practice_sd for month in late]),
        penalty=mean([month.penalty for month in late]),
        leadership=mean([month.leadership for month in late]),
    )
