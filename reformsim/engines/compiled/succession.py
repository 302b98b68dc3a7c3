"""Turnover and succession over arrays: decisions on the state from before, then people move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.district.seats import MEAN_CONVICTION, Role, seat_number
from reformsim.theory.chance import exponential, normal, uniform
from reformsim.theory.equation import clip01
from reformsim.theory.learning import leader_practice, teacher_practice
from reformsim.theory.politics import departure_fatigue
from reformsim.theory.schedule import JUNE, month_of_year
from reformsim.theory.streams import Stream
from reformsim.theory.succession import (
    continuity,
    contract_survival,
    found_learnt,
    insider_ability,
    insider_chance,
    insider_learnt,
    interim_focus,
    mean_vacancy,
    next_bench,
    novice_chance,
    outsider_ability,
    successor_focus,
)
from reformsim.theory.trust import handed_on
from reformsim.theory.turnover import (
    chance_of_leaving,
    leaders_month,
    principal_hazard,
    promotion_hazard,
    superintendent_hazard,
    surely_stays,
    teacher_hazard,
)

from .budget import end_contract, new_person, note
from .events import partner_leaves, send_heads_away, send_staff_away, teachers_sent_away
from .jit import kernel
from .layout import APPOINTMENT, CANCELLED, DEPARTURE, PROMOTION, SEAT_CANCELLED
from .month import draw_by_school
from .peers import lose_head, lose_supervisor
from .people import bring_ties
from .ties import begin_anew, lose_ties

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layout import Record, State

STAYS, LEAVES, IS_PROMOTED, IS_FILLED = 0, 1, 2, 3
TOP = seat_number(Role.SUPERINTENDENT)
TOP_ROLE, HEAD, TEACHER = int(Role.SUPERINTENDENT), int(Role.PRINCIPAL), int(Role.TEACHER)
SUPERVISOR, INSTRUCTIONAL = int(Role.LEADERSHIP_SUPPORT), int(Role.TEACHING_LEARNING)
CONTRACT_SURVIVAL = int(Stream.CONTRACT_SURVIVAL)
SUPERINTENDENT_LEAVES = int(Stream.SUPERINTENDENT_LEAVES)
PRINCIPAL_LEAVES, PRINCIPAL_PROMOTED = int(Stream.PRINCIPAL_LEAVES), int(Stream.PRINCIPAL_PROMOTED)
TEACHER_LEAVES, CENTRAL_LEAVES = int(Stream.TEACHER_LEAVES), int(Stream.CENTRAL_LEAVES)
INSIDER, NEW_FOCUS = int(Stream.INSIDER_SUPERINTENDENT), int(Stream.NEW_FOCUS)
INTERIM = int(Stream.INTERIM)
SEAT_FILLED, FROM_BENCH = int(Stream.SEAT_FILLED), int(Stream.FROM_BENCH)
NEW_PRACTICE, NEW_CONVICTION = int(Stream.NEW_PRACTICE), int(Stream.NEW_CONVICTION)
NEW_EXPERIENCE, NOVICE = int(Stream.NEW_EXPERIENCE), int(Stream.NOVICE)


@kernel
def leaves(draw: float, hazard: float, share: float) -> bool:
    """Return whether a draw falls below the chance of leaving; most are spared its exponential."""
    return not surely_stays(draw, hazard, share) and draw < chance_of_leaving(hazard, share)


@kernel
def turnover(s: State, month: int) -> None:
    """Let people leave, fill seats, let the bench grow, and let those who stay grow older."""
    d, k, p = s.d, s.setup, s.p
    june = month_of_year(month) == JUNE
    share = leaders_month(june, p)
    level = spirit = 0.0
    filled = 0
    for school in range(k.schools):
        x = s.schools[school]
        if x.vacant == 0:
            level += x.practice
            spirit += x.conviction
            filled += 1
    level = level / filled if filled > 0 else p.entry_practice
    spirit = spirit / filled if filled > 0 else MEAN_CONVICTION
    decide(s, month, share, level)
    send_staff_away(s, month)
    replaced = superintendent_goes(s, month, share)
    if replaced:
        succeed_superintendent(s, month)
    from_bench = 0
    for school in range(k.schools):
        if s.schools[school].action == IS_FILLED:
            from_bench += appoint(s, month, school, level, spirit)
    for action in (LEAVES, IS_PROMOTED):
        for school in range(k.schools):
            if s.schools[school].action == action:
                depart(s, month, school, action == IS_PROMOTED)
    shared = 0.0
    for school in range(k.schools):
        shared += s.schools[school].distributed
    teachers_stay_or_leave(s, month, june)
    if june or len(s.happenings.staff) > 0:
        for post in range(d.supervisors):
            central_stays_or_leaves(s, month, s.supervisors[post], SUPERVISOR, post, june)
        for post in range(d.coaches):
            central_stays_or_leaves(s, month, s.coaches[post], INSTRUCTIONAL, post, june)
    partner_leaves(s, month)
    d.bench = next_bench(
        d.bench, s.levels.pipeline, shared / k.schools, float(from_bench), float(k.schools), p
    )
    if not replaced:
        d.tenure += 1.0
    for post in range(d.supervisors):
        s.supervisors[post].tenure += 1.0
    for post in range(d.coaches):
        s.coaches[post].tenure += 1.0
    for school in range(k.schools):
        x = s.schools[school]
        if x.vacant != 0:
            x.vacant_months += 1
        elif x.action != IS_FILLED:
            x.tenure += 1.0
            x.experience += 1.0


@kernel
def decide(s: State, month: int, share: float, level: float) -> None:
    """Decide what happens to each principal's seat this month."""
    k, p, c, bench = s.setup, s.p, s.conditions, s.d.bench
    promoted = draw_by_school(s, HEAD, month, PRINCIPAL_PROMOTED)
    left = draw_by_school(s, HEAD, month, PRINCIPAL_LEAVES)
    for school in range(k.schools):
        x = s.schools[school]
        x.action = STAYS
        if x.vacant != 0:
            months = mean_vacancy(bench, x.need_above_mean, c.labour_tightness, p)
            seat = seat_number(HEAD, school, 0)
            if uniform(k.seed, k.replicate, seat, month, SEAT_FILLED, 0) < 1.0 / months:
                x.action = IS_FILLED
            continue
        hazard = promotion_hazard(x.practice - level, p)
        if leaves(promoted[school], hazard, share):
            x.action = IS_PROMOTED
        hazard = principal_hazard(
            x.isolation, x.strain, level - x.practice, c.principal_turnover, p
        )
        if leaves(left[school], hazard, share):
            x.action = LEAVES
    sent_away = send_heads_away(s, month)
    for school in range(len(sent_away)):
        if sent_away[school]:
            s.schools[school].action = LEAVES


@kernel
def superintendent_goes(s: State, month: int, share: float) -> bool:
    """Decide whether the superintendent leaves this month."""
    d, k = s.d, s.setup
    for row in range(len(s.forced)):
        if s.forced[row] == month:
            return True
    if d.interim != 0:
        return month_of_year(month) == JUNE
    hazard = superintendent_hazard(
        d.tenure,
        d.political_capital,
        d.fiscal_stress,
        d.frailty,
        s.conditions.superintendent_turnover,
        s.p,
    )
    draw = uniform(k.seed, k.replicate, TOP, month, SUPERINTENDENT_LEAVES, 0)
    goes: bool = leaves(draw, hazard, share)
    return goes


@kernel
def succeed_superintendent(s: State, month: int) -> None:
    """Let the superintendent go and seat an interim, or a successor who keeps more or less."""
    d, k, p = s.d, s.setup, s.p
    note(s.d, s.events, month, DEPARTURE, TOP_ROLE, 0, d.tenure)
    d.superintendent_departures += 1
    was_interim = d.interim != 0
    d.person, d.tenure = new_person(s.d), 0.0
    d.political_capital = p.capital_start
    draw = uniform(k.seed, k.replicate, TOP, month, INTERIM, 0)
    d.interim = 1 if not was_interim and draw < p.interim_share else 0
    if d.interim != 0:
        d.learning_focus, d.insider = interim_focus(d.public_focus, p), 1
        note(s.d, s.events, month, APPOINTMENT, TOP_ROLE, 0, d.learning_focus)
        return
    planning = s.levels.succession_planning
    draw = uniform(k.seed, k.replicate, TOP, month, INSIDER, 0)
    insider = draw < insider_chance(planning, d.bench, p)
    total, count = 0.0, 0
    for school in range(k.schools):
        if s.schools[school].vacant == 0:
            total += s.schools[school].conviction
            count += 1
    for post in range(d.supervisors):
        if s.supervisors[post].vacant == 0:
            total += s.supervisors[post].conviction
            count += 1
    kept = continuity(insider, planning, total / count if count > 0 else 0.0, p)
    z = normal(k.seed, k.replicate, TOP, month, NEW_FOCUS, 0)
    own = clip01(p.focus_mean + p.focus_sd * z)
    jump = departure_fatigue(kept, d.public_focus, p)
    d.initiative_fatigue = clip01(d.initiative_fatigue + jump)
    if d.contract != 0:
        review_contract(s, month, kept)
    d.learning_focus = successor_focus(kept, d.public_focus, own)
    d.insider = 1 if insider else 0
    note(s.d, s.events, month, APPOINTMENT, TOP_ROLE, 0, d.learning_focus)


@kernel
def review_contract(s: State, month: int, kept: float) -> None:
    """Let schools lose their seats in the outside contract, and end it if none is left."""
    d, k, p, teachers = s.d, s.setup, s.p, s.teachers
    lost = 0
    for school in range(k.schools):
        x = s.schools[school]
        if x.coach < 0:
            continue
        staff, first, last = 0.0, s.first[school], s.first[school + 1]
        for teacher in range(first, last):
            staff += teachers.conviction[teacher]
        chance = contract_survival(kept, d.protection, staff / (last - first), p)
        seat = seat_number(HEAD, school, 0)
        if uniform(k.seed, k.replicate, seat, month, CONTRACT_SURVIVAL, 0) >= chance:
            x.coach = -1
            lost += 1
            note(s.d, s.events, month, SEAT_CANCELLED, HEAD, school, x.tenure)
    if lost == d.contract_seats:
        end_contract(s, month, CANCELLED)
    else:
        d.contract_seats -= lost


@kernel
def depart(s: State, month: int, school: int, promoted: bool) -> None:
    """Let a principal go: peers lose a colleague, trust falls, the mentor goes, the seat is empty."""
    d, p, x = s.d, s.p, s.schools[school]
    note(s.d, s.events, month, PROMOTION if promoted else DEPARTURE, HEAD, school, x.tenure)
    x.principal_departures += 1.0
    if promoted:
        row = s.promoted[d.promoted]
        row.person, row.conviction = x.person, x.conviction
        row.ability, row.learnt = x.ability, x.learnt
        d.promoted += 1
    x.mentored = 0
    lose_head(s, school)
    x.previous_from, x.previous_back = x.trust_from, x.trust_back
    x.trust_from = x.trust_back = p.trust_new
    if x.coach >= 0:
        x.previous_coach, x.trust_coach = x.trust_coach, p.trust_new + p.trust_coach
    for edge in range(s.cohort_start[school], s.cohort_start[school + 1]):
        if s.cohort_formed[edge] != 0:
            back = s.cohort_reverse[edge]
            s.cohort_previous[edge], s.cohort_trust[edge] = s.cohort_trust[edge], p.trust_new
            s.cohort_previous[back], s.cohort_trust[back] = s.cohort_trust[back], p.trust_new
    x.vacant, x.vacant_months, x.person = 1, 0, 0
    x.practice = x.ability = p.entry_practice
    x.carried, x.learnt, x.conviction = x.learnt, 0.0, MEAN_CONVICTION
    x.strain, x.isolation, x.informal_tie = p.strain_new, p.isolation_new, p.informal_tie
    x.tenure = x.experience = x.preparation = 0.0


@kernel
def appoint(s: State, month: int, school: int, level: float, spirit: float) -> int:
    """Fill a principal's seat from the bench or from outside; return 1 if from the bench."""
    d, k, p, x = s.d, s.setup, s.p, s.schools[school]
    seat = seat_number(HEAD, school, 0)
    tightness = s.conditions.labour_tightness
    from_bench = uniform(k.seed, k.replicate, seat, month, FROM_BENCH, 0) < d.bench
    pipeline, planning = s.levels.pipeline, s.levels.succession_planning
    if from_bench:
        expected = insider_ability(pipeline, p, p.entry_practice)
        brought = insider_learnt(level, p, p.entry_practice)
        x.experience, x.preparation = 0.0, pipeline
        x.trust_from = handed_on(x.previous_from, planning, p.trust_new, p)
        x.trust_back = handed_on(x.previous_back, planning, p.trust_new, p)
        if x.coach >= 0:
            x.trust_coach = handed_on(x.previous_coach, planning, p.trust_new + p.trust_coach, p)
        for edge in range(s.cohort_start[school], s.cohort_start[school + 1]):
            if s.cohort_formed[edge] != 0:
                back = s.cohort_reverse[edge]
                before = s.cohort_previous[edge]
                s.cohort_trust[edge] = handed_on(before, planning, p.trust_new, p)
                before = s.cohort_previous[back]
                s.cohort_trust[back] = handed_on(before, planning, p.trust_new, p)
    else:
        expected = outsider_ability(x.need_above_mean, tightness, p, p.entry_practice)
        brought = 0.0
        spirit = MEAN_CONVICTION
        career = exponential(k.seed, k.replicate, seat, month, NEW_EXPERIENCE, 0)
        x.experience, x.preparation = float(int(p.market_experience * career)), 0.0
    z = normal(k.seed, k.replicate, seat, month, NEW_PRACTICE, 0)
    x.ability = clip01(expected + p.entry_sd * z)
    staff, first, last = 0.0, s.first[school], s.first[school + 1]
    for teacher in range(first, last):
        staff += s.teachers.conviction[teacher]
    x.learnt = found_learnt(brought, x.carried, staff / (last - first), p)
    x.practice = leader_practice(x.ability, x.learnt)
    doubt = p.conviction_sd * normal(k.seed, k.replicate, seat, month, NEW_CONVICTION, 0)
    x.conviction = clip01(spirit + doubt)
    bring_ties(s, x, school, month)
    x.person = new_person(s.d)
    x.vacant = 0
    note(s.d, s.events, month, APPOINTMENT, HEAD, school, x.practice)
    return 1 if from_bench else 0


@kernel
def teachers_stay_or_leave(s: State, month: int, june: bool) -> None:
    """In June teachers may leave, in any month an event may send them away; others grow older."""
    teachers = s.teachers
    for teacher in range(len(teachers.tenure)):
        teachers.tenure[teacher] += 1.0
        teachers.experience[teacher] += 1.0
    sent_away = teachers_sent_away(s, month)
    if not june:
        replace_sent_away(s, month, sent_away)
        return
    k, p, multiplier = s.setup, s.p, s.conditions.teacher_turnover
    largest = s.first[1]  # the first schools are the largest
    draws = np.empty(largest)
    for school in range(k.schools):
        x = s.schools[school]
        first, last = s.first[school], s.first[school + 1]
        for index in range(last - first):  # a loop of its own, which vectorises
            seat = seat_number(TEACHER, school, index)
            draws[index] = uniform(k.seed, k.replicate, seat, month, TEACHER_LEAVES, 0)
        left = 0
        for teacher in range(first, last):
            experience = teachers.experience[teacher] - 1.0
            hazard = teacher_hazard(
                experience, teachers.strain[teacher], x.leadership, multiplier, p
            )
            forced = len(sent_away) > 0 and sent_away[teacher]
            if forced or leaves(draws[teacher - first], hazard, 1.0):
                replace_teacher(s, month, school, teacher)
                left += 1
        x.teacher_departures = float(left)
        x.teacher_turnover = left / (last - first)


@kernel
def replace_sent_away(s: State, month: int, sent_away: NDArray[np.bool_]) -> None:
    """Replace the teachers whom events send away outside June, and count them."""
    for school in range(s.setup.schools if len(sent_away) > 0 else 0):
        x = s.schools[school]
        first, last = s.first[school], s.first[school + 1]
        for teacher in range(first, last):
            if sent_away[teacher]:
                replace_teacher(s, month, school, teacher)
                lose_ties(s, teacher, month)
                x.teacher_departures += 1.0
                x.teacher_turnover = min(1.0, x.teacher_turnover + 1.0 / (last - first))


@kernel
def replace_teacher(s: State, month: int, school: int, teacher: int) -> None:
    """Hand a teacher's seat to a newcomer, whose ties begin anew."""
    k, p, teachers = s.setup, s.p, s.teachers
    seat = seat_number(TEACHER, school, teacher - s.first[school])
    teachers.person[teacher] = new_person(s.d)
    chance_of_novice = novice_chance(s.conditions.labour_tightness, p)
    if uniform(k.seed, k.replicate, seat, month, NOVICE, 0) < chance_of_novice:
        teachers.experience[teacher] = 0.0
    else:
        career = exponential(k.seed, k.replicate, seat, month, NEW_EXPERIENCE, 0)
        teachers.experience[teacher] = float(int(p.hire_experience * career))
    z = normal(k.seed, k.replicate, seat, month, NEW_PRACTICE, 0)
    teachers.ability[teacher], teachers.learnt[teacher] = (
        clip01(p.hire_practice + p.teacher_sd * z),
        0.0,
    )
    teachers.practice[teacher] = teacher_practice(
        teachers.ability[teacher], 0.0, teachers.experience[teacher], p
    )
    doubt = p.conviction_sd * normal(k.seed, k.replicate, seat, month, NEW_CONVICTION, 0)
    teachers.conviction[teacher] = clip01(MEAN_CONVICTION + doubt)
    teachers.from_colleagues[teacher] = 0.0  # until the next quarter
    teachers.peers[teacher] = teachers.conviction[teacher]
    teachers.strain[teacher] = p.strain_new
    teachers.tenure[teacher] = 0.0
    teachers.embeddedness[teacher] = p.embed_new
    teachers.leader[teacher] = 0
    begin_anew(s, teacher, month)


@kernel
def central_stays_or_leaves(
    s: State, month: int, staff: Record, role: int, post: int, june: bool
) -> None:
    """Let someone leave the central office by chance in June, or sent away by an event.

    The post is filled in July.
    """
    k, p = s.setup, s.p
    if staff.vacant != 0:
        return
    if staff.sent_away == 0:
        if not june:
            return
        draw = uniform(k.seed, k.replicate, seat_number(role, 0, post), month, CENTRAL_LEAVES, 0)
        if draw >= chance_of_leaving(p.central_hazard, 1.0):
            return
    staff.sent_away = 0
    note(s.d, s.events, month, DEPARTURE, role, post, staff.tenure)
    s.d.central_departures += 1
    staff.vacant, staff.person = 1, 0
    if role == SUPERVISOR:
        lose_supervisor(s, post)
        for school in range(k.schools):
            x = s.schools[school]
            if x.caseload == post:
                x.previous_from, x.previous_back = x.trust_from, x.trust_back
                x.trust_from = x.trust_back = p.trust_new
