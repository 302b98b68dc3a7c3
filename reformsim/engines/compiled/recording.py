"""What is written down at the end of a month."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from reformsim.district.state import TABLES
from reformsim.record import BY_DISTRICT, BY_SCHOOL, OUTCOMES, WorkedOut
from reformsim.theory.adoption import in_part
from reformsim.theory.budget import budget_line, current_spending
from reformsim.theory.costs import LEVELS, design_work_cost, seats_cost, training_cost
from reformsim.theory.equation import any_of
from reformsim.theory.support import (
    coach_support,
    contact,
    mentor_practice,
    operations_pull,
    partner_support,
)

from . import layout
from .jit import kernel
from .layout import BASELINE
from .means import means_within
from .plan import equity_weight, lever_row, own_posts, share_of_schools

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .layout import State

IS_SUMMED = np.array([outcome.summed for outcome in OUTCOMES])


def places(fields: Sequence[str], *tables: str, filled: bool = False) -> NDArray[np.uint64]:
    """Return the series that are among some fields, from these tables of the state.

    A row each: the series' number and the field's, without a sign, so that no compiled code asks for
    it. `filled` asks for those that are undefined while a
    principal's seat is empty.
    """
    names = {variable.key: variable.field for table in TABLES for variable in table.variables()}
    names |= {f"level.{name}": name for name in LEVELS}
    rows = [
        (series, fields.index(names[outcome.of]))
        for series, outcome in enumerate(OUTCOMES)
        if outcome.of.partition(".")[0] in tables
        and outcome.filled == filled
        and outcome.by_school == ("district" not in tables and "level" not in tables)
        and names[outcome.of] in fields
    ]
    return np.array(rows, np.uint64).reshape(-1, 2)


def _floats_and_counts(kind: np.dtype[Any], floats: int) -> tuple[list[str], list[str]]:
    """Return the fields of a record by place: those that are floats, and the whole numbers."""
    names = list(kind.names or ())
    return names[:floats], [""] * floats + names[floats:]


_SCHOOL, _SCHOOL_COUNTS = _floats_and_counts(layout.SCHOOL, layout.SCHOOL_FLOATS)
_DISTRICT, _DISTRICT_COUNTS = _floats_and_counts(layout.DISTRICT, layout.DISTRICT_FLOATS)
OF_SCHOOL = places(_SCHOOL, "school", "principal")
COUNTS_OF_SCHOOL = places(_SCHOOL_COUNTS, "school", "principal")
OF_FILLED = places(_SCHOOL, "principal", "tie", filled=True)
OF_TEACHERS = places(layout.OF_TEACHERS, "teacher")
OF_DISTRICT = places(_DISTRICT, "district", "superintendent")
COUNTS_OF_DISTRICT = places(_DISTRICT_COUNTS, "district", "superintendent")
OF_LEVELS = places(list(LEVELS), "level")
WORKED_OUT = np.array([BY_DISTRICT.index(name) for name in WorkedOut._fields], np.uint64)

_PLACED = [OF_SCHOOL, COUNTS_OF_SCHOOL, OF_FILLED, OF_TEACHERS, OF_DISTRICT, COUNTS_OF_DISTRICT]
_PLACED += [OF_LEVELS]
_missing = set(range(len(OUTCOMES))).difference(
    WORKED_OUT.tolist(), *(rows[:, 0].tolist() for rows in _PLACED)
)
if _missing:
    raise ValueError(f"cannot be recorded: {', '.join(OUTCOMES[number].of for number in _missing)}")


@kernel
def record(s: State, month: int) -> None:
    """Write the month down: every series of `OUTCOMES`, each in its own way."""
    now = month - s.setup.first_month
    leave_undefined(s, now)
    record_schools(s, now)
    for series in range(len(BY_SCHOOL)):
        total, count = 0.0, 0
        for school in range(s.setup.schools):
            value = s.out_schools[series, now, school]
            if not math.isnan(value):
                total += value
                count += 1
        value = total / count if count > 0 else math.nan
        s.out_district[series, now] = value * count if IS_SUMMED[series] else value
    for row in range(len(OF_DISTRICT)):
        s.out_district[OF_DISTRICT[row, 0], now] = s.district_numbers[OF_DISTRICT[row, 1]]
    for row in range(len(COUNTS_OF_DISTRICT)):
        count = s.district_counts[COUNTS_OF_DISTRICT[row, 1]]
        s.out_district[COUNTS_OF_DISTRICT[row, 0], now] = float(count)
    for row in range(len(OF_LEVELS)):
        s.out_district[OF_LEVELS[row, 0], now] = s.level_numbers[0, OF_LEVELS[row, 1]]
    worked_out = work_out(s, month, now)
    for row in range(len(WORKED_OUT)):
        s.out_district[WORKED_OUT[row], now] = worked_out[row]


@kernel
def leave_undefined(s: State, now: int) -> None:
    """Let every series of a month be NaN, so that what is never written passes for no number."""
    s.out_district[:, now] = math.nan
    s.out_schools[:, now] = math.nan
    s.out_costs[:, now] = math.nan


@kernel
def record_schools(s: State, now: int) -> None:
    """Write down every school; what is a vacant principal's is NaN."""
    for school in range(s.setup.schools):
        out = s.out_schools[:, now, school]
        numbers, counts = s.school_numbers[school], s.school_counts[school]
        for row in range(len(OF_SCHOOL)):
            out[OF_SCHOOL[row, 0]] = numbers[OF_SCHOOL[row, 1]]
        for row in range(len(COUNTS_OF_SCHOOL)):
            out[COUNTS_OF_SCHOOL[row, 0]] = float(counts[COUNTS_OF_SCHOOL[row, 1]])
        person = math.nan if s.schools[school].vacant != 0 else 1.0
        for row in range(len(OF_FILLED)):
            out[OF_FILLED[row, 0]] = person * numbers[OF_FILLED[row, 1]]
    for row in range(len(OF_TEACHERS)):
        values = s.teacher_numbers[OF_TEACHERS[row, 1]]
        means_within(values, s.first, s.out_schools[OF_TEACHERS[row, 0], now])


@kernel
def work_out(s: State, month: int, now: int) -> WorkedOut:
    """Return the series that are no state."""
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
    own_support = support - d.grant_spending  # what is taken from other lines
    spent = current_spending(budget, d.trend, d.budget_gap)
    other = max(0.0, s.p.instructional_support_share - d.baseline_cost / budget)
    return WorkedOut(
        central_practice=practice / share,
        central_conviction=conviction / share,
        central_strain=strain / share,
        outcome_gap=low / lows - high / highs,
        ownership=ownership(s, month),
        cost_per_pupil=support,
        spending=spent + d.grant_spending,
        instructional_support=support
        + budget_line(other, own_support, d.baseline_cost, budget, spent),
        administration=budget_line(
            s.p.administration_share, own_support, d.baseline_cost, budget, spent
        ),
        central_seats=float(d.supervisors + d.coaches),
    )


@kernel
def spend(s: State, month: int, now: int) -> float:
    """Write down this month's yearly rate of spending by lever, and return the sum."""
    d, k, p, levers = s.d, s.setup, s.p, s.levers[lever_row(s, month)]
    total = 0.0
    funded = len(s.prices)
    for lever in range(funded):
        s.out_costs[lever, now] = s.level_numbers[0, lever] * s.prices[lever]
    usual = training_cost(s.levers[BASELINE].training_hours, float(k.schools), k.enrolment, p)
    designed = training_cost(levers.training_hours, float(k.schools), k.enrolment, p)
    s.out_costs[funded, now] = in_part(usual, designed, share_of_schools(s))
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
    unshielded = operations_pull(
        d.fiscal_stress, 0.0, s.levels.operations_relief, p.scarcity_load, p.relief, p
    )
    own = total = 0.0
    for school in range(k.schools):
        x = s.schools[school]
        inside = x.cohort_support + x.distributed
        everything = inside + x.partner + x.coach_support + x.training_support
        if x.vacant == 0:
            staff = s.supervisors[x.caseload]
            if staff.vacant == 0:
                near = contact(
                    own_posts(s, school),
                    float(staff.load),
                    unshielded,
                    weight,
                    x.need_above_mean,
                    p,
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
