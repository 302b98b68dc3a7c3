"""The stages of a month over arrays, but for leaders, the July budget and succession."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from reformsim.district.seats import Role, seat_number
from reformsim.theory.chance import exponential, normal, uniform
from reformsim.theory.conviction import next_conviction
from reformsim.theory.costs import release_time
from reformsim.theory.equation import any_of
from reformsim.theory.leadership import (
    distributed,
    enacted,
    guidance,
    leader_depth,
    next_legitimacy,
    next_order,
    permission,
    school_leadership,
    settled,
)
from reformsim.theory.learning import (
    engagement,
    next_learnt,
    teacher_practice,
    teacher_sources,
)
from reformsim.theory.outcome import (
    REFERENCE_MONTHS,
    next_outcome,
    school_conditions,
    yearly_flow,
)
from reformsim.theory.politics import (
    next_capital,
    next_fatigue,
    next_focus,
    next_groundwork,
    next_progress,
    next_readiness,
    pushback,
    rollout_fatigue,
)
from reformsim.theory.revenue import (
    HOLD,
    RAMP,
    RECOVERY,
    fiscal_stress,
    ordinary_noise,
    shock_depth,
    shock_profile,
    trend,
)
from reformsim.theory.schedule import JULY, begins_quarter, month_of_year
from reformsim.theory.strain import next_strain
from reformsim.theory.streams import Stream
from reformsim.theory.support import (
    coach_support,
    coaching_dosage,
    contact,
    felt_support,
    mentor_practice,
    operations_pull,
    partner_support,
    training_support,
)
from reformsim.theory.trust import next_embeddedness
from reformsim.theory.workload import (
    event_load,
    learning_time,
    operational_demand,
    operations_share,
    principal_workload,
    problems,
    teaching_load,
    training_share,
)

from .jit import kernel
from .layout import STRATEGY
from .plan import (
    changes_design,
    equity_weight,
    is_rolled_out,
    lever_row,
    own_posts,
    share_of_schools,
    training_hours,
)
from .ties import look_to_colleagues, renew_ties

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layout import Record, State

DISTRICT_SEAT = seat_number(Role.DISTRICT)
SCHOOL_ROLE = int(Role.SCHOOL)
REVENUE_NOISE, SHOCK = int(Stream.REVENUE_NOISE), int(Stream.SHOCK)
OPERATIONAL_EVENT = int(Stream.OPERATIONAL_EVENT)


@kernel
def draw_by_school(s: State, role: int, month: int, stream: int) -> NDArray[np.float64]:
    """Return an even draw for the seat of a role in each school: a loop of its own, which vectorises."""
    k = s.setup
    draws = np.empty(k.schools)
    for school in range(k.schools):
        seat = seat_number(role, school, 0)
        draws[school] = uniform(k.seed, k.replicate, seat, month, stream, 0)
    return draws


@kernel
def environment(s: State, month: int) -> None:
    """Revenue and its shocks, fiscal stress, operational events in schools."""
    d, k, p, c = s.d, s.setup, s.p, s.conditions
    for row in range(len(s.announced)):
        if s.announced[row].start == month:
            s.shocks[d.shocks] = s.announced[row]
            d.shocks += 1
    if month_of_year(month) == JULY:
        z = normal(k.seed, k.replicate, DISTRICT_SEAT, month, REVENUE_NOISE, 0)
        d.revenue_noise = ordinary_noise(d.revenue_noise, z, p)
        if uniform(k.seed, k.replicate, DISTRICT_SEAT, month, SHOCK, 0) < c.shock_rate:
            spread = uniform(k.seed, k.replicate, DISTRICT_SEAT, month, SHOCK, 1)
            new = s.shocks[d.shocks]
            new.start, new.depth = month, shock_depth(c.shock_depth, spread)
            new.ramp, new.hold, new.recovery, new.permanent = RAMP, HOLD, RECOVERY, 0
            d.shocks += 1
    left = 1.0
    for row in range(d.shocks):
        shock = s.shocks[row]
        felt = shock_profile(
            month - shock.start, shock.ramp, shock.hold, shock.recovery, shock.permanent != 0
        )
        left *= 1.0 - shock.depth * felt
    d.trend = trend(month, c.revenue_trend)
    d.revenue_index = d.trend * left * (1.0 + d.revenue_noise)
    d.fiscal_stress = fiscal_stress(d.revenue_index, d.trend)
    draws = draw_by_school(s, SCHOOL_ROLE, month, OPERATIONAL_EVENT)
    for school in range(k.schools):
        arrival = 0.0
        if draws[school] < p.event_rate:
            seat = seat_number(SCHOOL_ROLE, school, 0)
            size = exponential(k.seed, k.replicate, seat, month, OPERATIONAL_EVENT, 1)
            arrival = event_load(size, p)
        place = s.schools[school]
        place.operational_demand = operational_demand(place.operational_demand, arrival, p)


@kernel
def workload(s: State, month: int) -> None:
    """Divide each principal's week."""
    d, k, p = s.d, s.setup, s.p
    crisis = 0.0
    for row in range(len(s.crises)):
        if s.crises[row, 0] <= month < s.crises[row, 1]:
            crisis += s.crises[row, 2]
    order = 0.0
    for school in range(k.schools):
        order += s.schools[school].order
    order /= k.schools
    for school in range(k.schools):
        x = s.schools[school]
        x.operations = operations_share(
            x.need,
            d.fiscal_stress,
            x.operational_demand + crisis,
            problems(x.order, order, p),
            s.delivered[x.row].operations_relief,
            s.conditions.operational_load,
            p,
        )
        x.training = 0.0
        if x.vacant == 0:
            x.training = training_share(
                training_hours(s, school, month),
                s.delivered[x.row].cohorts if x.in_cohort != 0 else 0.0,
                d.contract_intensity if x.coach >= 0 else 0.0,
                p,
            )
        x.workload = principal_workload(x.operations, x.training, p)
        x.learning_time = learning_time(x.operations, x.training, x.practice, p)


@kernel
def count_loads(s: State) -> None:
    """Count the schools of each supervisor."""
    for post in range(s.d.supervisors):
        s.supervisors[post].load = 0
    for school in range(s.setup.schools):
        s.supervisors[s.schools[school].caseload].load += 1


@kernel
def support(s: State, month: int) -> None:
    """Deliver support to principals, and leadership and coaching into schools."""
    d, k, p, teachers = s.d, s.setup, s.p, s.teachers
    d.pull = operations_pull(
        d.fiscal_stress, d.public_focus, s.levels.operations_relief, p.scarcity_load, p.relief, p
    )
    count_loads(s)
    receive_support(s, month)
    permitted = permission(d.learning_focus, d.public_focus, p.focus_mean, p)
    for school in range(k.schools):
        x = s.schools[school]
        levels = s.delivered[x.row]
        x.coaching = coaching_dosage(levels.coaches, float(k.teachers), p)
        x.coaches_level = coaches_of(s.coaches, d.coaches, k.schools, school)
        release = release_time(levels.released_posts, levels.teacher_leaders)
        x.leader_depth = leader_depth(d.role_legitimacy, release, p)
        leaders, skill = 0, 0.0
        first, last = s.first[school], s.first[school + 1]
        leader, practice = teachers.leader[first:last], teachers.practice[first:last]
        for i in range(last - first):
            leaders += leader[i]
        for i in range(last - first):  # adding nothing for the others is quicker than asking
            skill += leader[i] * practice[i]
        x.distributed = distributed(
            d.role_legitimacy,
            leaders / (last - first),
            release,
            skill / leaders if leaders > 0 else 0.0,
            p,
        )
        x.enacted = enacted(x.practice, permitted, x.learning_time, x.settled, p)
        x.leadership = school_leadership(x.enacted, x.distributed)
        x.guidance = guidance(x.practice, permitted, x.learning_time, p)
        x.order = next_order(
            x.order, p.entry_practice, x.learning_time, x.settled, x.distributed, p
        )


@kernel
def receive_support(s: State, month: int) -> None:
    """Work out the support that principals feel."""
    d, p, weight = s.d, s.p, equity_weight(s, month)
    mentor = mentor_practice(p.coach_practice, p)
    for school in range(s.setup.schools):
        x = s.schools[school]
        x.settled = settled(x.tenure, x.vacant != 0, x.preparation, p)
        x.contact = x.partner = x.cohort_support = 0.0
        x.coach_support = x.training_support = x.support = 0.0
        if x.vacant != 0:
            continue
        staff = s.supervisors[x.caseload]
        if staff.vacant == 0:
            x.contact = contact(
                own_posts(s, school), float(staff.load), d.pull, weight, x.need_above_mean, p
            )
            x.partner = partner_support(staff.practice, x.trust_from, x.contact)
        total, count = 0.0, 0
        if x.in_cohort != 0:
            for edge in range(s.cohort_start[school], s.cohort_start[school + 1]):
                other = s.schools[s.cohort_other[edge]]
                if s.cohort_formed[edge] != 0 and other.vacant == 0:
                    total += s.cohort_trust[edge] * other.practice
                    count += 1
        x.cohort_support = s.delivered[x.row].cohorts * (total / count if count > 0 else 0.0)
        if x.mentored != 0:
            one = coach_support(p.mentor_dosage, mentor, x.trust_mentor)
            x.coach_support = any_of(x.coach_support, one)
        if x.coach >= 0:
            one = coach_support(d.contract_intensity, s.contracted[x.coach], x.trust_coach)
            x.coach_support = any_of(x.coach_support, one)
        x.training_support = training_support(training_hours(s, school, month), p)
        x.support = felt_support(x.partner, x.cohort_support, x.coach_support, x.training_support)


@kernel
def coaches_of(unit: Record, coaches: int, schools: int, school: int) -> float:
    """Return the mean practice of the instructional coaches of a school who are in post."""
    if coaches <= schools:
        one = unit[school * coaches // schools]
        return one.practice if one.vacant == 0 else 0.0
    total, count = 0.0, 0
    for post in range(school, coaches, schools):
        if unit[post].vacant == 0:
            total += unit[post].practice
            count += 1
    return total / count if count > 0 else 0.0


@kernel
def teach(s: State, month: int) -> None:
    """Teachers learn along ties from those who do better, form conviction, bear strain, take root."""
    d, p, teachers = s.d, s.hot, s.teachers
    renew_ties(s, month)
    if begins_quarter(month):
        look_to_colleagues(s)
    focus, fatigue = d.public_focus, d.initiative_fatigue
    progress = d.perceived_progress - s.p.progress_base
    recovery = p.strain_recovery * p.teacher_recovery
    for school in range(s.setup.schools):
        x = s.schools[school]
        first, last = s.first[school], s.first[school + 1]
        leadership, guided, coaching, level = (
            x.leadership,
            x.guidance,
            x.coaching,
            x.coaches_level,
        )
        load = teaching_load(p.teacher_workload, x.need, s.p)
        practice, conviction = teachers.practice[first:last], teachers.conviction[first:last]
        ability, learnt = teachers.ability[first:last], teachers.learnt[first:last]
        strain, embeddedness = teachers.strain[first:last], teachers.embeddedness[first:last]
        experience, colleagues, peers = (
            teachers.experience[first:last],
            teachers.from_colleagues[first:last],
            teachers.peers[first:last],
        )
        for i in range(last - first):
            sources = teacher_sources(practice[i], colleagues[i], guided, coaching, level, p)
            engaged = engagement(conviction[i], strain[i], 1.0)
            learnt[i] = next_learnt(learnt[i], sources, engaged, p)
            practice[i] = teacher_practice(ability[i], learnt[i], experience[i], p)
            conviction[i] = next_conviction(
                conviction[i], p.a0_teacher, focus, leadership, peers[i], progress, fatigue, p
            )
            strain[i] = next_strain(
                strain[i],
                load,
                0.0,
                fatigue,
                leadership,
                recovery,
                p.teacher_inflow,
                p,
            )
            embeddedness[i] = next_embeddedness(embeddedness[i], p)
        total = 0.0
        for i in range(last - first):
            total += practice[i]
        x.teacher_practice = total / (last - first)


@kernel
def outcome(s: State, month: int) -> None:
    """Schools' outcomes: what the year adds, and what is left of the years before."""
    d, k, p = s.d, s.setup, s.p
    if month < 0:
        present_reference(s, month)
    level = 0.0
    for school in range(k.schools):
        x = s.schools[school]
        flow = yearly_flow(
            x.teacher_practice,
            school_conditions(x.leadership, x.teacher_turnover, p),
            d.reference_practice,
            d.reference_practice_sd,
            d.reference_conditions,
            p,
        )
        x.outcome = next_outcome(x.outcome, flow, p)
        level += x.outcome
    level /= k.schools
    d.outcome_growth = 12.0 * (level - d.outcome) if month >= 0 else 0.0
    d.outcome = level


@kernel
def present_reference(s: State, month: int) -> None:
    """Measure the warm-up from the present month, and remember its last 36 months."""
    d, k, teachers = s.d, s.setup, s.teachers
    total = squares = 0.0
    for teacher in range(k.teachers):
        total += teachers.practice[teacher]
        squares += teachers.practice[teacher] * teachers.practice[teacher]
    practice = total / k.teachers
    d.reference_practice = practice
    spread = squares / k.teachers - practice * practice
    d.reference_practice_sd = max(0.01, math.sqrt(max(0.0, spread)))
    conditions = leadership = 0.0
    for school in range(k.schools):
        x = s.schools[school]
        conditions += school_conditions(x.leadership, x.teacher_turnover, s.p)
        leadership += x.leadership
    d.reference_conditions = conditions / k.schools
    d.reference_leadership = leadership / k.schools
    if month >= -REFERENCE_MONTHS:
        d.late_months += 1
        d.late_practice += d.reference_practice
        d.late_practice_sd += d.reference_practice_sd
        d.late_conditions += d.reference_conditions
        d.late_leadership += d.reference_leadership


@kernel
def launch(s: State) -> None:
    """Fix the references and let the sitting superintendent take up the strategy."""
    d = s.d
    d.reference_practice = d.late_practice / d.late_months
    d.reference_practice_sd = d.late_practice_sd / d.late_months
    d.reference_conditions = d.late_conditions / d.late_months
    d.reference_leadership = d.late_leadership / d.late_months
    d.learning_focus = max(d.learning_focus, s.levers[STRATEGY].launch_focus)
    d.interim = 0  # nobody launches a strategy and goes


@kernel
def politics(s: State, month: int) -> None:
    """Focus, progress, capital, fatigue, groundwork, readiness, legitimacy."""
    d, k, p = s.d, s.setup, s.p
    total = 0.0
    for school in range(k.schools):
        total += s.schools[school].leadership
    above = total / k.schools - d.reference_leadership if month >= 0 else 0.0
    jump = 0.0
    begins = month == s.levers[STRATEGY].pilot_months and d.rolls_out != 0
    if begins or (is_rolled_out(s, month) and changes_design(s, month)):
        jump = rollout_fatigue(d.readiness, p)
    against = pushback(equity_weight(s, month), d.need_gap, d.fiscal_stress, d.equity_groundwork)
    d.political_capital = next_capital(
        d.political_capital, d.perceived_progress, d.fiscal_stress, against, p
    )
    d.equity_groundwork = next_groundwork(
        d.equity_groundwork, s.levels.groundwork, d.public_focus, p
    )
    d.role_legitimacy = next_legitimacy(
        d.role_legitimacy,
        d.readiness,
        p.readiness_start,
        is_rolled_out(s, month),
        share_of_schools(s),
        p,
    )
    d.readiness = next_readiness(d.readiness, s.levers[lever_row(s, month)].design_work, p)
    d.public_focus = next_focus(d.public_focus, d.learning_focus, p)
    d.perceived_progress = next_progress(d.perceived_progress, above, d.outcome_growth, p)
    d.initiative_fatigue = next_fatigue(d.initiative_fatigue, jump, p)
