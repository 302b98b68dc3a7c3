"""The July budget over arrays: the support line, and the people and ties it pays for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.district.caseloads import add_member, remove_member
from reformsim.district.network import LEADERS_PER_COACH
from reformsim.district.seats import MEAN_CONVICTION, Role, heads, seat_number
from reformsim.theory.adoption import in_part
from reformsim.theory.budget import (
    NOTED_CUT,
    NOTICED_GAP,
    ROUNDING,
    backing,
    cover,
    cut_line,
    delivered,
    drawn_reserves,
    felt_gap,
    hold,
    kept,
    next_reserves,
    planned_line,
    protection,
    reach,
)
from reformsim.theory.chance import normal, uniform
from reformsim.theory.costs import UndeliverableError, is_deliverable
from reformsim.theory.equation import clip01
from reformsim.theory.grants import own_design_cost, own_level
from reformsim.theory.learning import leader_practice
from reformsim.theory.schedule import JULY, month_of_year
from reformsim.theory.streams import Stream
from reformsim.theory.support import access_score, coaches_practice

from .grants import IS_FOR_SCHOOLS, add_grants, grants_change, money_of, standing_in
from .jit import kernel
from .layout import (
    APPOINTMENT,
    BASELINE,
    CONTRACT_END,
    CONTRACT_START,
    CUT,
    GRANT_END,
    GRANT_START,
    GRANT_STEP,
    LAYOFF,
)
from .peers import choose_peers, lose_supervisor
from .plan import (
    changes_design,
    equity_weight,
    is_rolled_out,
    let_schools_take_part,
    lever_row,
    share_of_schools,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layout import Record, State

SUPERVISOR, INSTRUCTIONAL = int(Role.LEADERSHIP_SUPPORT), int(Role.TEACHING_LEARNING)
COACH, DISTRICT = int(Role.COACH), int(Role.DISTRICT)
DISTRICT_SEAT, LINE_SPARED = seat_number(DISTRICT), int(Stream.LINE_SPARED)
NEW_PRACTICE, COACH_PRACTICE = int(Stream.NEW_PRACTICE), int(Stream.COACH_PRACTICE)


@kernel
def note(
    d: Record, events: Record, month: int, kind: int, role: int, place: int, detail: float
) -> None:
    """Write an event down; those beyond the room for them are only counted."""
    if d.events < len(events):
        row = events[d.events]
        row.month, row.kind, row.role, row.school, row.detail = month, kind, role, place, detail
    d.events += 1


@kernel
def new_person(d: Record) -> int:
    """Return the number of someone who joins the district."""
    d.people += 1
    person: int = d.people
    return person


@kernel
def budget(s: State, month: int) -> None:
    """In July the budget is adopted; outside contracts start and end in their own month."""
    s.d.superintendent_departures = s.d.central_departures = 0
    for school in range(s.setup.schools):
        s.schools[school].principal_departures = s.schools[school].teacher_departures = 0.0
    note_grants(s, month)
    if month_of_year(month) == JULY:
        adopt_budget(s, month)
        deliver(s, month)
        choose_peers(s, month)
    elif grants_change(s, month):
        deliver(s, month)
    if month >= 0:
        run_contract(s, month)


@kernel
def note_grants(s: State, month: int) -> None:
    """Write down what grants pay this month, and which begin, step or end."""
    total = 0.0
    for grant in range(len(s.grants)):
        now, before = money_of(s, grant, month), money_of(s, grant, month - 1)
        total += now
        if now != before:
            kind = GRANT_START if before == 0.0 else GRANT_END if now == 0.0 else GRANT_STEP
            note(s.d, s.events, month, kind, DISTRICT, 0, now - before)
    s.d.grant_money = total


@kernel
def adopt_budget(s: State, month: int) -> None:
    """Plan the district's own support line, and cut it."""
    d, p = s.d, s.p
    let_schools_take_part(s, month)
    wanted = designs(s, row_asked_for(s, month))
    design_cost = cost_of(s, wanted[0])
    if is_rolled_out(s, month) and changes_design(s, month):
        commit(s, wanted)
    d.protection = protection(
        s.levers[lever_row(s, month)].protection,
        d.public_focus,
        d.political_capital,
        d.interim != 0,
        p,
    )
    drawn = drawn_reserves(d.reserves, d.fiscal_stress, p)
    d.budget_gap = d.fiscal_stress - drawn
    d.reserves = next_reserves(d.reserves, drawn, d.usual_reserves, p)
    if d.gap_last_july < NOTICED_GAP and d.budget_gap >= NOTICED_GAP:
        k = s.setup
        draw = uniform(k.seed, k.replicate, DISTRICT_SEAT, month, LINE_SPARED, 0)
        d.spared = 1 if draw < d.protection else 0
    felt = felt_gap(d.budget_gap, d.spared != 0)
    planned = planned_line(
        d.support_funding,
        d.baseline_cost,
        own_design_cost(design_cost, d.baseline_cost, standing_in(s, month)),
        backing(d.learning_focus, d.role_legitimacy, p.legitimacy_start),
        d.readiness,
        felt,
        d.protection,
        s.setup.budget_per_pupil,
        p,
    )
    line = cut_line(planned, max(0.0, felt - d.felt_gap), p)
    if line < (1.0 - NOTED_CUT) * planned:
        note(s.d, s.events, month, CUT, DISTRICT, 0, planned - line)
    d.support_funding = line
    d.gap_last_july, d.felt_gap = d.budget_gap, felt


@kernel
def commit(s: State, wanted: NDArray[np.float64]) -> None:
    """Keep what is there of a design that changes, but for what is given up, and what that costs."""
    for row in range(len(wanted)):
        for lever in range(len(s.prices)):
            level = own_level(s.level_numbers[row, lever], s.granted_levels[row, lever])
            s.committed_levels[row, lever] = kept(level, wanted[row, lever])
    schools = len(wanted) - 1
    for lever in range(len(s.prices)):
        if schools > 0 and IS_FOR_SCHOOLS[lever]:
            total = 0.0
            for school in range(schools):
                total += s.committed_levels[school + 1, lever]
            s.committed_levels[0, lever] = total / schools
    s.d.committed_cost = cost_of(s, s.committed_levels[0])
    s.d.support_funding = min(s.d.support_funding, s.d.committed_cost)


@kernel
def row_asked_for(s: State, month: int) -> int:
    """Return which design is asked for: that of the baseline until the roll-out."""
    row: int = lever_row(s, month) if is_rolled_out(s, month) else BASELINE
    return row


@kernel
def designs(s: State, row: int) -> NDArray[np.float64]:
    """Return what a design comes to in the district, and in each school that has a row of its own."""
    share, wanted = share_of_schools(s), np.empty_like(s.level_numbers)
    for lever in range(len(s.prices)):
        full, usual = s.design_levels[row, lever], s.design_levels[BASELINE, lever]
        wanted[0, lever] = in_part(usual, full, share if IS_FOR_SCHOOLS[lever] else 1.0)
        for school in range(len(wanted) - 1):
            wanted[school + 1, lever] = full if s.schools[school].takes_part != 0 else usual
    return wanted


@kernel
def cost_of(s: State, levels: NDArray[np.float64]) -> float:
    """Return what levels cost in dollars per pupil a year."""
    total = 0.0
    for lever in range(len(levels)):
        total += levels[lever] * s.prices[lever]
    return total


@kernel
def deliver(s: State, month: int) -> None:
    """Deliver what the own line and grants fund, and bring people and ties in line with it."""
    d = s.d
    wanted = designs(s, row_asked_for(s, month))
    line, design_cost = d.support_funding, cost_of(s, wanted[0])
    reached = reach(line, d.committed_cost, design_cost)
    d.reach = reached if is_rolled_out(s, month) and d.rolls_out != 0 else 0.0
    held = hold(line, d.baseline_cost, d.committed_cost)
    covered = cover(line, d.baseline_cost, design_cost)
    for row in range(len(wanted)):
        for lever in range(len(s.prices)):
            committed, usual = s.committed_levels[row, lever], s.design_levels[BASELINE, lever]
            start = delivered(usual, committed, held, 1.0)
            s.level_numbers[row, lever] = delivered(start, wanted[row, lever], d.reach, covered)
    add_grants(s, month, wanted)
    for row in range(len(wanted)):
        for lever in range(len(s.prices)):
            if row == 0 and len(wanted) > 1 and IS_FOR_SCHOOLS[lever]:
                continue  # the mean of unlike schools, which may lie beyond the district's design
            level = s.level_numbers[row, lever]
            highest = max(
                s.design_levels[BASELINE, lever],
                s.committed_levels[row, lever],
                wanted[row, lever],
            )
            if not is_deliverable(level, highest):  # there would be no room for the posts
                raise UndeliverableError(month, lever, level, highest)
    staff_leadership_support(s, month)
    staff_teaching_learning(s, month)
    for school in range(s.setup.schools):
        appoint_teacher_leaders(s, school)
    if s.setup.cohorts_loaded == 0:
        form_cohorts(s)
    assign_mentors(s, month, 1)
    assign_mentors(s, month, 0)


@kernel
def form_cohorts(s: State) -> None:
    """Tie principals into standing cohorts, of the schools that have had any."""
    for school in range(s.setup.schools):
        x = s.schools[school]
        if s.delivered[x.row].cohorts > 0.0:
            x.joined_cohorts = 1
    for school in range(s.setup.schools):
        x = s.schools[school]
        for edge in range(s.cohort_start[school], s.cohort_start[school + 1]):
            if x.joined_cohorts != 0 and s.schools[s.cohort_other[edge]].joined_cohorts != 0:
                s.cohort_formed[edge] = x.in_cohort = 1


@kernel
def staff_leadership_support(s: State, month: int) -> None:
    """Hire or lay off principal supervisors, fill empty posts, and share out the schools."""
    d, p, k = s.d, s.p, s.setup
    before = np.empty(k.schools, np.int64)
    wanted = heads(s.levels.leadership_posts)
    while d.supervisors > wanted:
        last = d.supervisors - 1
        if s.supervisors[last].vacant == 0:
            lose_supervisor(s, last)
        before[:] = s.schools.caseload
        remove_member(s.schools.caseload, last)
        move_partnerships(s, before)
        lay_off(s, month, s.supervisors[last], SUPERVISOR, last)
        d.supervisors -= 1
    while d.supervisors < wanted:
        open_post(s.p, s.supervisors[d.supervisors])
        before[:] = s.schools.caseload
        add_member(s.schools.caseload, d.supervisors)
        move_partnerships(s, before)
        d.supervisors += 1
    taken = 0
    for post in range(d.supervisors):
        staff = s.supervisors[post]
        if staff.vacant != 0:
            if taken < d.promoted:
                row = s.promoted[taken]
                taken += 1
                take_post(s.p, staff, row.person, row.ability, row.conviction, row.learnt)
            else:
                person = new_person(s.d)
                z = normal(
                    k.seed, k.replicate, seat_number(SUPERVISOR, 0, post), month, NEW_PRACTICE, 0
                )
                ability = clip01(p.central_entry + p.central_sd * z)
                take_post(s.p, staff, person, ability, MEAN_CONVICTION, 0.0)
            note(s.d, s.events, month, APPOINTMENT, SUPERVISOR, post, staff.practice)
    d.promoted = 0
    d.post_size = s.levels.leadership_posts / d.supervisors


@kernel
def move_partnerships(s: State, before: np.ndarray) -> None:
    """Start partnerships again where the supervisor has changed."""
    for school in range(s.setup.schools):
        x = s.schools[school]
        if x.caseload != before[school]:
            x.trust_from = x.trust_back = s.p.trust_new
            x.previous_from = x.previous_back = 0.0


@kernel
def staff_teaching_learning(s: State, month: int) -> None:
    """Hire or lay off instructional coaches and fill empty posts."""
    d, p, k = s.d, s.p, s.setup
    wanted = heads(s.levels.coaches)
    while d.coaches > wanted:
        d.coaches -= 1
        lay_off(s, month, s.coaches[d.coaches], INSTRUCTIONAL, d.coaches)
    while d.coaches < wanted:
        open_post(s.p, s.coaches[d.coaches])
        d.coaches += 1
    for post in range(d.coaches):
        staff = s.coaches[post]
        if staff.vacant != 0:
            level = coaches_practice(float(d.coaches), p)
            z = normal(
                k.seed, k.replicate, seat_number(INSTRUCTIONAL, 0, post), month, NEW_PRACTICE, 0
            )
            ability = clip01(level + p.central_sd * z)
            take_post(s.p, staff, new_person(s.d), ability, MEAN_CONVICTION, 0.0)
            note(s.d, s.events, month, APPOINTMENT, INSTRUCTIONAL, post, staff.practice)


@kernel
def open_post(p: Record, staff: Record) -> None:
    """Make an empty post."""
    staff.vacant, staff.person = 1, 0
    staff.ability = staff.learnt = staff.practice = 0.0
    staff.conviction = MEAN_CONVICTION
    staff.strain, staff.wary, staff.tenure = p.strain_new, 0.0, 0.0


@kernel
def take_post(
    p: Record, staff: Record, person: int, ability: float, conviction: float, learnt: float
) -> None:
    """Seat a newcomer."""
    staff.vacant, staff.person = 0, person
    staff.ability, staff.learnt = ability, learnt
    staff.practice, staff.conviction = leader_practice(ability, learnt), conviction
    staff.strain, staff.wary, staff.tenure = p.strain_new, 0.0, 0.0


@kernel
def lay_off(s: State, month: int, staff: Record, role: int, post: int) -> None:
    """Close a post."""
    if staff.vacant == 0:
        note(s.d, s.events, month, LAYOFF, role, post, staff.tenure)
        s.d.central_departures += 1


@kernel
def appoint_teacher_leaders(s: State, school: int) -> None:
    """Bring the number of teacher leaders to what is funded: the most skilled are asked first."""
    practice, is_leader = s.teachers.practice, s.teachers.leader
    first, last = s.first[school], s.first[school + 1]
    share = s.delivered[s.schools[school].row].teacher_leaders
    funded = int(share * (last - first) + ROUNDING)
    leaders = 0
    for teacher in range(first, last):
        leaders += is_leader[teacher]
    while leaders > funded:
        least = -1
        for teacher in range(first, last):
            if is_leader[teacher] != 0 and (least < 0 or practice[teacher] <= practice[least]):
                least = teacher
        is_leader[least] = 0
        leaders -= 1
    while leaders < funded:
        best = -1
        for teacher in range(first, last):
            if is_leader[teacher] == 0 and (best < 0 or practice[teacher] > practice[best]):
                best = teacher
        is_leader[best] = 1
        leaders += 1


@kernel
def place_in_queue(x: Record, weight: float, p: Record) -> float:
    """Return the score by which a principal queues for a mentor or an outside seat."""
    return access_score(x.access_draw, x.need_above_mean, weight, p)


@kernel
def assign_mentors(s: State, month: int, takes_part: int) -> None:
    """Bring the number of mentors of some principals to what is funded; who has one keeps it."""
    p, schools = s.p, s.setup.schools
    weight = equity_weight(s, month)
    total, held = 0.0, 0
    for school in range(schools):
        x = s.schools[school]
        if x.takes_part == takes_part:
            total += s.delivered[x.row].mentors
            held += x.mentored
    funded = int(total + ROUNDING)
    while held > funded:
        last = -1
        for school in range(schools):
            x = s.schools[school]
            if (
                x.mentored != 0
                and x.takes_part == takes_part
                and (
                    last < 0
                    or place_in_queue(x, weight, p) >= place_in_queue(s.schools[last], weight, p)
                )
            ):
                last = school
        s.schools[last].mentored = 0
        held -= 1
    while held < funded:
        best = -1
        for school in range(schools):
            x = s.schools[school]
            if (
                x.mentored == 0
                and x.vacant == 0
                and x.takes_part == takes_part
                and (
                    best < 0
                    or place_in_queue(s.schools[school], weight, p)
                    < place_in_queue(s.schools[best], weight, p)
                )
            ):
                best = school
        if best < 0:
            break
        x = s.schools[best]
        x.mentored = 1
        x.trust_mentor, x.previous_mentor = p.trust_new + p.trust_mentor, 0.0
        held += 1


@kernel
def run_contract(s: State, month: int) -> None:
    """Start or end the outside partner's programme when its month has come."""
    d, p, k = s.d, s.p, s.setup
    levers = s.levers[lever_row(s, month)]
    if d.contract != 0 and month >= d.contract_end:
        end_contract(s, month, CONTRACT_END)
    if (
        d.contract == 0  # a plan may ask for another while one is under way
        and levers.coaching_seats > 0.0
        and levers.coaching_months > 0.0
        and month == levers.coaching_start
    ):
        filled = 0
        for school in range(k.schools):
            if s.schools[school].vacant == 0 and s.schools[school].takes_part != 0:
                filled += 1
        seats = min(filled, int(levers.coaching_seats))
        number = max(1, -(-seats // LEADERS_PER_COACH))
        level = coaches_practice(float(number), p)
        for index in range(number):
            z = normal(k.seed, k.replicate, seat_number(COACH, 0, index), month, COACH_PRACTICE, 0)
            s.contracted[index] = clip01(level + p.central_sd * z)
        weight = equity_weight(s, month)
        for place in range(seats):
            best = -1
            for school in range(k.schools):
                x = s.schools[school]
                if (
                    x.coach < 0
                    and x.vacant == 0
                    and x.takes_part != 0
                    and (
                        best < 0
                        or place_in_queue(s.schools[school], weight, p)
                        < place_in_queue(s.schools[best], weight, p)
                    )
                ):
                    best = school
            x = s.schools[best]
            x.coach = place % number
            x.trust_coach, x.previous_coach = p.trust_new + p.trust_coach, 0.0
        d.contract, d.contract_seats, d.contract_coaches = 1, seats, number
        d.contract_intensity = levers.coaching_intensity
        d.contract_end = month + int(levers.coaching_months)
        note(s.d, s.events, month, CONTRACT_START, COACH, -1, float(seats))


@kernel
def end_contract(s: State, month: int, why: int) -> None:
    """Send the outside partner's coaches home."""
    if s.d.contract != 0:
        s.d.contract = 0
        for school in range(s.setup.schools):
            s.schools[school].coach = -1
        note(s.d, s.events, month, why, COACH, -1, float(s.d.contract_seats))
