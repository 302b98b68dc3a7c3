"""The July budget: what the support line is worth this year, and the people and ties it pays for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.district.caseloads import add_member, remove_member
from reformsim.district.network import (
    LEADERS_PER_COACH,
    add_staff,
    cohorts,
    node,
    tie,
    tie_instructional_coaches,
    tie_partners,
    untie_partners,
)
from reformsim.district.seats import MEAN_CONVICTION, Role, heads, mean, seat_number
from reformsim.theory.budget import (
    NOTED_CUT,
    NOTICED_GAP,
    ROUNDING,
    backing,
    cover,
    cut_line,
    drawn_reserves,
    felt_gap,
    hold,
    kept,
    next_reserves,
    planned_line,
    protection,
    reach,
)
from reformsim.theory.costs import (
    FOR_SCHOOLS,
    Levels,
    UndeliverableError,
    costs_of,
    delivered_levels,
    in_schools,
    is_deliverable,
    total_cost,
)
from reformsim.theory.equation import clip01
from reformsim.theory.grants import own_design_cost, own_level
from reformsim.theory.streams import Stream
from reformsim.theory.support import access_score, coaches_practice, mentor_practice

from .adoption import let_schools_take_part
from .granting import add_grants, standing_in
from .leaders import CentralOfficeStaff, LeadershipCoach
from .peers import lose_supervisor
from .places import Apart, Contract

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .leaders import Principal
    from .model import DistrictModel
    from .places import School


def adopt_budget(model: DistrictModel) -> None:
    """Plan the district's own support line, and cut it."""
    district, p = model.district, model.p
    let_schools_take_part(model)
    if model.rolled_out and model.changes_design:
        commit(model)
    baseline_cost, design_cost = cost(model, model.baseline_levels), cost(model, asked_for(model))
    district.protection = protection(
        model.levers.protection,
        district.public_focus,
        model.superintendent.political_capital,
        model.superintendent.interim,
        p,
    )
    drawn = drawn_reserves(district.reserves, district.fiscal_stress, p)
    district.budget_gap = district.fiscal_stress - drawn
    district.reserves = next_reserves(district.reserves, drawn, district.usual_reserves, p)
    if district.gap_last_july < NOTICED_GAP <= district.budget_gap:
        draw = model.uniform(seat_number(Role.DISTRICT), Stream.LINE_SPARED)
        district.spared = draw < district.protection
    felt = felt_gap(district.budget_gap, district.spared)
    planned = planned_line(
        district.support_funding,
        baseline_cost,
        own_design_cost(design_cost, baseline_cost, standing_in(model)),
        backing(model.superintendent.learning_focus, district.role_legitimacy, p.legitimacy_start),
        district.readiness,
        felt,
        district.protection,
        model.scenario.district.budget_per_pupil,
        p,
    )
    line = cut_line(planned, max(0.0, felt - district.felt_gap), p)
    if line < (1.0 - NOTED_CUT) * planned:
        model.note("cut", "district", "district", planned - line)
    district.support_funding = line
    district.gap_last_july, district.felt_gap = district.budget_gap, felt


def commit(model: DistrictModel) -> None:
    """Keep what is there of a design that changes, but for what is given up, and what that costs."""
    district, unlike = model.district, schools_apart(model)
    model.committed = own_part(district.levels, district.granted, asked_for(model))
    for wanted, apart in unlike:
        apart.committed = own_part(apart.levels, apart.granted, wanted)
    if unlike:
        of_schools = [apart.committed for _, apart in unlike]
        means = {
            name: mean([getattr(levels, name) for levels in of_schools]) for name in FOR_SCHOOLS
        }
        model.committed = model.committed._replace(**means)
    model.committed_cost = cost(model, model.committed)
    district.support_funding = min(district.support_funding, model.committed_cost)


def own_part(levels: Levels, granted: Levels, design: Levels) -> Levels:
    """Return what a design keeps of levels that the own line pays for."""
    amounts = zip(levels, granted, design, strict=True)
    return Levels(*(kept(own_level(level, added), wanted) for level, added, wanted in amounts))


def asked_for(model: DistrictModel) -> Levels:
    """Return the levels that the strategy asks for in the district, with the schools that take part."""
    return in_schools(model.baseline_levels, design_in_force(model), model.share_of_schools)


def design_in_force(model: DistrictModel) -> Levels:
    """Return the levels of the design, where it is delivered; the baseline's until the roll-out."""
    return model.design.levels if model.rolled_out else model.baseline_levels


def schools_apart(model: DistrictModel) -> list[tuple[Levels, Apart]]:
    """Return what is asked for in each school, with what it has, if schools are unlike."""
    full, usual = design_in_force(model), model.baseline_levels
    return [
        (full if school.takes_part else usual, school.apart)
        for school in model.schools
        if school.apart is not None
    ]


def deliver(model: DistrictModel) -> None:
    """Deliver what the own line and grants fund, and bring people and ties in line with it."""
    district, design, usual = model.district, asked_for(model), model.baseline_levels
    line, design_cost = district.support_funding, cost(model, design)
    under_way = model.rolled_out and model.rolls_something_out
    district.reach = reach(line, model.committed_cost, design_cost) if under_way else 0.0
    held = hold(line, cost(model, usual), model.committed_cost)
    covered = cover(line, cost(model, usual), design_cost)

    def on_the_way(committed: Levels, wanted: Levels) -> Levels:
        start = delivered_levels(usual, committed, held, 1.0)
        return delivered_levels(start, wanted, district.reach, covered)

    unlike = schools_apart(model)
    district.levels = on_the_way(model.committed, design)
    for wanted, apart in unlike:
        apart.levels = on_the_way(apart.committed, wanted)
    add_grants(model, design, unlike)
    # Of what unlike schools have, the district's level is their mean, which may lie beyond its design.
    names = [name for name in Levels._fields if not (unlike and name in FOR_SCHOOLS)]
    refuse_undeliverable(model, names, district.levels, model.committed, design)
    for wanted, apart in unlike:
        refuse_undeliverable(model, Levels._fields, apart.levels, apart.committed, wanted)
    staff_leadership_support(model)
    staff_teaching_learning(model)
    for school in model.schools:
        appoint_teacher_leaders(model, school)
    form_cohorts(model)
    for takes_part in (True, False):
        assign_mentors(model, [x for x in model.principals if x.school.takes_part == takes_part])


def refuse_undeliverable(
    model: DistrictModel, names: Sequence[str], levels: Levels, committed: Levels, design: Levels
) -> None:
    """Raise UndeliverableError at the first of some levers that the budget cannot deliver so."""
    allowed = map(max, model.baseline_levels, committed, design)
    for lever, (level, highest) in enumerate(zip(levels, allowed, strict=True)):
        if Levels._fields[lever] in names and not is_deliverable(level, highest):
            raise UndeliverableError(model.month, lever, level, highest)


def cost(model: DistrictModel, levels: Levels) -> float:
    """Return what levels of delivery cost in dollars per pupil a year."""
    return total_cost(costs_of(levels, model.prices))


def staff_leadership_support(model: DistrictModel) -> None:
    """Hire or lay off principal supervisors, fill empty posts, and share out the schools."""
    unit, posts = model.leadership_support, model.district.levels.leadership_posts
    wanted = heads(posts)
    while len(unit) > wanted:
        last = len(unit) - 1
        if not unit[last].vacant:
            lose_supervisor(model, last)
        before = list(model.caseloads)
        remove_member(model.caseloads, last)
        move_partnerships(model, before)
        lay_off(model, unit)
    while len(unit) < wanted:
        staff = open_post(model, Role.LEADERSHIP_SUPPORT, unit)
        before = list(model.caseloads)
        add_member(model.caseloads, staff.post)
        move_partnerships(model, before)
    for staff in unit:
        if staff.vacant:
            hire_supervisor(model, staff)
    # Whoever found no post this year takes up other work that is not modelled.
    model.district.promoted.clear()
    model.post_size = posts / len(unit)


def move_partnerships(model: DistrictModel, before: list[int]) -> None:
    """Bring the partnership edges in line with the caseloads."""
    for school, (old, new) in enumerate(zip(before, model.caseloads, strict=True)):
        if old != new:
            untie_partners(model.graph, school, old)
            tie_partners(model.graph, school, new, model.p.trust_new)


def staff_teaching_learning(model: DistrictModel) -> None:
    """Hire or lay off instructional coaches and fill empty posts."""
    unit = model.teaching_learning
    before, wanted = len(unit), heads(model.district.levels.coaches)
    while len(unit) > wanted:
        lay_off(model, unit)
    while len(unit) < wanted:
        open_post(model, Role.TEACHING_LEARNING, unit)
    if len(unit) != before:
        tie_instructional_coaches(model.graph, model.school_sizes, len(unit))
    for staff in unit:
        if staff.vacant:
            level = coaches_practice(float(len(unit)), model.p)
            practice = clip01(
                level + model.p.central_sd * model.normal(staff.seat, Stream.NEW_PRACTICE)
            )
            staff.take_post(model.new_person(), practice, MEAN_CONVICTION)
            model.note("appointment", staff.role.label, staff.node, practice)


def open_post(
    model: DistrictModel, role: Role, unit: list[CentralOfficeStaff]
) -> CentralOfficeStaff:
    """Create an empty post at the end of a unit."""
    post = len(unit)
    staff = CentralOfficeStaff(model, role, post, add_staff(model.graph, role, post))
    model.agent_at[staff.node] = staff
    unit.append(staff)
    return staff


def lay_off(model: DistrictModel, unit: list[CentralOfficeStaff]) -> None:
    """Close the last post of a unit."""
    staff = unit.pop()
    if not staff.vacant:
        model.note("layoff", staff.role.label, staff.node, staff.tenure)
        model.district.central_departures += 1
    model.graph.remove_node(staff.node)
    del model.agent_at[staff.node]
    staff.remove()


def hire_supervisor(model: DistrictModel, staff: CentralOfficeStaff) -> None:
    """Fill a supervisor's post: with a principal promoted this year, or else from outside."""
    p = model.p
    if model.district.promoted:
        staff.take_post(*model.district.promoted.pop(0))
    else:
        spread = p.central_sd * model.normal(staff.seat, Stream.NEW_PRACTICE)
        staff.take_post(model.new_person(), clip01(p.central_entry + spread), MEAN_CONVICTION)
    model.note("appointment", staff.role.label, staff.node, staff.practice)


def appoint_teacher_leaders(model: DistrictModel, school: School) -> None:
    """Bring the number of teacher leaders to what is funded: the most skilled are asked first."""
    share = model.district.levels_of(school).teacher_leaders
    funded = int(share * len(school.teachers) + ROUNDING)
    leaders = school.teacher_leaders()
    if len(leaders) > funded:
        leaders.sort(key=lambda t: (t.practice, -t.seat))
        for teacher in leaders[: len(leaders) - funded]:
            step_down(model, teacher.node)
            teacher.teacher_leader = False
    elif len(leaders) < funded:
        others = [teacher for teacher in school.teachers if not teacher.teacher_leader]
        others.sort(key=lambda t: (-t.practice, t.seat))
        for teacher in others[: funded - len(leaders)]:
            teacher.teacher_leader = True
            for colleague in school.teachers:
                if colleague is not teacher:
                    tie(model.graph, teacher.node, colleague.node, "teacher_leadership")


def step_down(model: DistrictModel, leader: str) -> None:
    """Take the role's ties from a teacher leader."""
    edges = model.graph.out_edges(leader, keys=True)
    model.graph.remove_edges_from([e for e in edges if e[2] == "teacher_leadership"])


def form_cohorts(model: DistrictModel) -> None:
    """Tie principals into standing cohorts; a network of the district's own comes first."""
    if model.loaded_cohorts:
        return
    for school in model.schools:
        school.joined_cohorts |= model.district.levels_of(school).cohorts > 0.0
    for group in cohorts(len(model.schools)):
        members = [number for number in group if model.schools[number].joined_cohorts]
        for number in members:
            for other in members:
                if other != number:
                    giver, receiver = node(Role.PRINCIPAL, other), node(Role.PRINCIPAL, number)
                    tie(model.graph, giver, receiver, "cohort", model.p.trust_new)


def queue(model: DistrictModel, principals: list[Principal]) -> list[Principal]:
    """Return principals in the order in which they get a mentor or an outside seat."""
    weight, p = model.equity_weight, model.p

    def place(principal: Principal) -> tuple[float, int]:
        above = principal.school.need_above_mean
        return access_score(principal.access_draw, above, weight, p), principal.seat

    return sorted(principals, key=place)


def assign_mentors(model: DistrictModel, principals: Sequence[Principal]) -> None:
    """Bring the number of mentors of some principals to what is funded; who has one keeps it."""
    total = 0.0
    for principal in principals:
        total += model.district.levels_of(principal.school).mentors
    funded = int(total + ROUNDING)
    held = [principal for principal in principals if principal.mentor() is not None]
    for principal in queue(model, held)[funded:]:
        end_mentoring(model, principal)
    waiting = [p for p in principals if not p.vacant and p.mentor() is None]
    for principal in queue(model, waiting)[: max(0, funded - len(held))]:
        p, name = model.p, node(Role.MENTOR, principal.school.number)
        mentor = LeadershipCoach(
            model, name, mentor_practice(p.coach_practice, p), p.mentor_dosage, contracted=False
        )
        model.agent_at[name] = mentor
        model.graph.add_node(name, role=Role.MENTOR.label, school=principal.school.number)
        tie(model.graph, name, principal.node, "coaching", mentor.first_trust)
        principal.look_around()


def end_mentoring(model: DistrictModel, principal: Principal) -> None:
    """Let a principal's mentor go."""
    mentor = principal.mentor()
    if mentor is not None:
        model.graph.remove_node(mentor.node)
        del model.agent_at[mentor.node]
        mentor.remove()
        principal.look_around()


def run_contract(model: DistrictModel) -> None:
    """Start or end the outside partner's programme when its month has come."""
    district, levers = model.district, model.levers
    if district.programme is not None and model.month >= district.programme.end:
        end_contract(model, "contract_end")
    starts = levers.coaching_seats > 0 and levers.coaching_months > 0
    under_way = district.programme is not None  # a plan may ask for another meanwhile
    if starts and model.month == levers.coaching_start and not under_way:
        seated = [x for x in model.principals if not x.vacant and x.school.takes_part]
        seated = queue(model, seated)[: levers.coaching_seats]
        number = max(1, -(-len(seated) // LEADERS_PER_COACH))
        level = coaches_practice(float(number), model.p)
        coaches = []
        for index in range(number):
            name = node(Role.COACH, index=index)
            seat = seat_number(Role.COACH, index=index)
            spread = model.p.central_sd * model.normal(seat, Stream.COACH_PRACTICE)
            coach = LeadershipCoach(
                model, name, clip01(level + spread), levers.coaching_intensity, contracted=True
            )
            model.agent_at[name] = coach
            model.graph.add_node(name, role=Role.COACH.label)
            coaches.append(coach)
        for place, principal in enumerate(seated):
            coach = coaches[place % number]
            tie(model.graph, coach.node, principal.node, "coaching", coach.first_trust)
        end = model.month + levers.coaching_months
        district.programme = Contract(end, levers.coaching_intensity, len(seated), coaches)
        model.note("contract_start", Role.COACH.label, "district", float(len(seated)))
        model.look_around()


def end_contract(model: DistrictModel, why: str) -> None:
    """Send the outside partner's coaches home."""
    contract = model.district.programme
    if contract is not None:
        for coach in contract.coaches:
            model.graph.remove_node(coach.node)
            del model.agent_at[coach.node]
            coach.remove()
        model.district.programme = None
        model.note(why, Role.COACH.label, "district", float(contract.seats))
        model.look_around()
