"""What is written down at the end of a month."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from reformsim.record import BY_SCHOOL
from reformsim.theory.budget import budget_line, current_spending
from reformsim.theory.costs import design_work_cost, seats_cost, training_cost
from reformsim.theory.equation import any_of
from reformsim.theory.support import (
    coach_support,
    contact,
    mentor_practice,
    operations_pull,
    partner_support,
)

from .jit import kernel
from .month import equity_weight, lever_row

if TYPE_CHECKING:
    from .layout import State

SCHOOL_SERIES = len(BY_SCHOOL)
PRINCIPALS_LEFT = BY_SCHOOL.index("principal_departures")
TEACHERS_LEFT = BY_SCHOOL.index("teacher_departures")


@kernel
def record(s: State, month: int) -> None:
    """Write the month down, in the order of the catalogue of outcomes."""
    now = month - s.setup.first_month
    record_schools(s, now)
    for series in range(SCHOOL_SERIES):
        total, count = 0.0, 0
        for school in range(s.setup.schools):
            value = s.out_schools[series, now, school]
            if not math.isnan(value):
                total += value
                count += 1
        value = total / count if count > 0 else math.nan
        if series in (PRINCIPALS_LEFT, TEACHERS_LEFT):
            value = value * count
        s.out_district[series, now] = value
    record_district(s, month, now)


@kernel
def record_schools(s: State, now: int) -> None:
    """Write down every school; a vacant principal's values are NaN."""
    for school in range(s.setup.schools):
        x, out = s.schools[school], s.out_schools[:, now, school]
        person = math.nan if x.vacant != 0 else 1.0
        conviction = strain = 0.0
        first, last = s.first[school], s.first[school + 1]
        for teacher in range(first, last):
            conviction += s.conviction[teacher]
            strain += s.strain[teacher]
        out[0], out[1], out[2] = x.leadership, x.enacted, x.distributed
        out[3], out[4], out[5] = person * x.practice, x.teacher_practice, person * x.support
        out[6], out[7], out[8] = x.learning_time, x.operations, person * x.conviction
        out[9] = conviction / (last - first)
        out[10] = person * x.strain
        out[11] = strain / (last - first)
        out[12], out[13], out[14] = person * x.isolation, person * x.trust_from, x.outcome
        out[15], out[16], out[17] = float(x.vacant), x.principal_departures, x.teacher_departures


@kernel
def record_district(s: State, month: int, now: int) -> None:
    """Write down what only the district has."""
    d, k = s.d, s.setup
    practice = conviction = strain = 0.0
    filled = 0
    for post in range(d.supervisors):
        staff = s.supervisors[post]
        if staff.vacant == 0:
            practice += staff.practice
            conviction += staff.conviction
            strain += staff.strain
            filled += 1
    share = max(1, filled)
    low = high = 0.0
    lows = highs = 0
    for school in range(k.schools):
        x = s.schools[school]
        if x.quartile == 0:
            low += x.outcome
            lows += 1
        if x.quartile == d.top_quartile:
            high += x.outcome
            highs += 1
    budget = k.budget_per_pupil
    support = spend(s, month, now)
    spent = current_spending(budget, d.trend, d.budget_gap)
    other = max(0.0, s.p.instructional_support_share - d.baseline_cost / budget)
    values = (
        practice / share,
        conviction / share,
        strain / share,
        low / lows - high / highs,
        ownership(s, month),
        d.learning_focus,
        d.public_focus,
        d.political_capital,
        d.perceived_progress,
        d.initiative_fatigue,
        d.readiness,
        d.role_legitimacy,
        d.bench,
        d.equity_groundwork,
        d.revenue_index,
        d.fiscal_stress,
        d.reserves,
        d.budget_gap,
        d.support_funding,
        s.levels[6],
        d.reach,
        support,
        spent,
        support + budget_line(other, support, d.baseline_cost, budget, spent),
        budget_line(s.p.administration_share, support, d.baseline_cost, budget, spent),
        float(d.superintendent_departures),
        float(d.central_departures),
        float(d.supervisors + d.coaches),
    )
    for series in range(len(values)):
        s.out_district[SCHOOL_SERIES + series, now] = values[series]


@kernel
def spend(s: State, month: int, now: int) -> float:
    """Write down this month's yearly rate of spending by lever, and return the sum."""
    d, k, p, levers = s.d, s.setup, s.p, s.levers[lever_row(month)]
    total = 0.0
    funded = len(s.levels)
    for lever in range(funded):
        s.out_costs[lever, now] = s.levels[lever] * s.prices[lever]
    s.out_costs[funded, now] = training_cost(
        levers.training_hours, float(k.schools), k.enrolment, p
    )
    s.out_costs[funded + 1, now] = design_work_cost(levers.design_work, p)
    s.out_costs[funded + 2, now] = 0.0
    if d.contract != 0:
        s.out_costs[funded + 2, now] = seats_cost(
            float(d.contract_seats), d.contract_intensity, k.enrolment, p
        )
    for lever in range(funded + 3):
        total += s.out_costs[lever, now]
    return total


@kernel
def ownership(s: State, month: int) -> float:
    """Share of support that passes neither through the superintendent nor an outside partner."""
    d, k, p = s.d, s.setup, s.p
    weight = equity_weight(s, month)
    unshielded = operations_pull(d.fiscal_stress, 0.0, s.levels[6], p.scarcity_load, p.relief, p)
    own = total = 0.0
    for school in range(k.schools):
        x = s.schools[school]
        inside = x.cohort_support + x.distributed
        everything = inside + x.partner + x.coach_support + x.training_support
        if x.vacant == 0:
            staff = s.supervisors[x.caseload]
            if staff.vacant == 0:
                near = contact(
                    d.post_size, float(staff.load), unshielded, weight, x.need_above_mean, p
                )
                inside += partner_support(staff.practice, x.trust_from, near)
            mentors = 0.0
            if x.mentored != 0:
                one = coach_support(
                    p.mentor_dosage, mentor_practice(p.coach_practice, p), x.trust_mentor
                )
                mentors = any_of(mentors, one)
            inside += mentors
        own += inside
        total += everything
    return own / total if total > 0.0 else np.nan
