"""The stage of turnover and succession: who leaves this month, who comes, and what they bring.

Decisions are taken on the state from before the stage; only then do people move.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.district.seats import MEAN_CONVICTION, Role, mean
from reformsim.scenario.events import SuperintendentDeparture
from reformsim.theory.equation import clip01
from reformsim.theory.learning import leader_practice
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
)

from .advice import lose_ties
from .budgeting import end_contract, end_mentoring, step_down
from .happenings import partner_leaves, sent_away
from .peers import lose_head, lose_supervisor

if TYPE_CHECKING:
    from .leaders import CentralOfficeStaff, Principal
    from .model import DistrictModel
    from .teachers import Teacher


def turn_over(model: DistrictModel) -> None:
    """Let people leave, fill seats, let the bench grow, and let those who stay grow older."""
    june = month_of_year(model.month) == JUNE
    share = leaders_month(june, model.p)
    level = mean([x.practice for x in model.principals if not x.vacant] or [model.p.entry_practice])
    spirit = mean([x.conviction for x in model.principals if not x.vacant] or [MEAN_CONVICTION])

    superintendent_goes = superintendent_leaves(model, share)
    forced = sent_away(model)
    leaving = [
        x for x in model.principals if x in forced or principal_leaves(model, x, share, level)
    ]
    promoted = [
        x for x in model.principals if x not in leaving and is_promoted(model, x, share, level)
    ]
    filling = [x for x in model.principals if x.vacant and seat_is_filled(model, x)]
    teachers = [x for x in model.teachers if x in forced or (june and x.leaves())]
    central = [
        x for x in model.central_office if x in forced or (june and central_leaves(model, x))
    ]

    newcomers: set[int] = set()
    if superintendent_goes:
        succeed_superintendent(model)
        newcomers.add(model.superintendent.seat)
    from_bench = 0
    for principal in filling:
        from_bench += appoint(model, principal, level, spirit)
        newcomers.add(principal.seat)
    for principal in (*leaving, *promoted):
        depart(model, principal, promoted=principal in promoted)
    replace_teachers(model, teachers, june=june)
    newcomers.update(teacher.seat for teacher in teachers)
    for staff in central:
        leave_post(model, staff)
    partner_leaves(model)

    district, levels = model.district, model.district.levels
    district.bench = next_bench(
        district.bench,
        levels.pipeline,
        mean([school.distributed for school in model.schools]),
        float(from_bench),
        float(len(model.schools)),
        model.p,
    )
    grow_older(model, newcomers)


def superintendent_leaves(model: DistrictModel, share: float) -> bool:
    """Decide whether the superintendent leaves this month."""
    top, district = model.superintendent, model.district
    hazard = superintendent_hazard(
        top.tenure,
        top.political_capital,
        district.fiscal_stress,
        model.frailty,
        model.scenario.conditions.superintendent_turnover,
        model.p,
    )
    forced = any(isinstance(event, SuperintendentDeparture) for event in model.events_now())
    if top.interim:
        return forced or month_of_year(model.month) == JUNE
    draw = model.uniform(top.seat, Stream.SUPERINTENDENT_LEAVES)
    return forced or draw < chance_of_leaving(hazard, share)


def principal_leaves(
    model: DistrictModel, principal: Principal, share: float, level: float
) -> bool:
    """Decide whether a principal leaves this month, unless an event has decided it."""
    if principal.vacant:
        return False
    hazard = principal_hazard(
        principal.isolation,
        principal.strain,
        level - principal.practice,
        model.scenario.conditions.principal_turnover,
        model.p,
    )
    draw = model.uniform(principal.seat, Stream.PRINCIPAL_LEAVES)
    return draw < chance_of_leaving(hazard, share)


def is_promoted(model: DistrictModel, principal: Principal, share: float, level: float) -> bool:
    """Decide whether a principal is promoted into the central office this month."""
    if principal.vacant:
        return False
    hazard = promotion_hazard(principal.practice - level, model.p)
    draw = model.uniform(principal.seat, Stream.PRINCIPAL_PROMOTED)
    return draw < chance_of_leaving(hazard, share)


def seat_is_filled(model: DistrictModel, principal: Principal) -> bool:
    """Decide whether an empty seat is filled this month."""
    months = mean_vacancy(
        model.district.bench,
        principal.school.need_above_mean,
        model.scenario.conditions.labour_tightness,
        model.p,
    )
    return model.uniform(principal.seat, Stream.SEAT_FILLED) < 1.0 / months


def central_leaves(model: DistrictModel, staff: CentralOfficeStaff) -> bool:
    """Decide, in June, whether someone leaves the central office."""
    draw = model.uniform(staff.seat, Stream.CENTRAL_LEAVES)
    return not staff.vacant and draw < chance_of_leaving(model.p.central_hazard, 1.0)


def succeed_superintendent(model: DistrictModel) -> None:
    """Let the superintendent go and seat an interim, or a successor who keeps more or less."""
    top, district, p = model.superintendent, model.district, model.p
    model.note("departure", Role.SUPERINTENDENT.label, top.node, top.tenure)
    model.district.superintendent_departures += 1
    was_interim, top.person, top.tenure = top.interim, model.new_person(), 0.0
    top.political_capital = p.capital_start
    top.interim = not was_interim and model.uniform(top.seat, Stream.INTERIM) < p.interim_share
    if top.interim:
        top.learning_focus, top.insider = interim_focus(district.public_focus, p), True
        model.note("appointment", Role.SUPERINTENDENT.label, top.node, top.learning_focus)
        return
    planning = district.levels.succession_planning
    draw = model.uniform(top.seat, Stream.INSIDER_SUPERINTENDENT)
    insider = draw < insider_chance(planning, district.bench, p)
    convictions = [x.conviction for x in model.principals if not x.vacant]
    convictions += [x.conviction for x in model.leadership_support if not x.vacant]
    kept = continuity(insider, planning, mean(convictions), p)
    own = clip01(p.focus_mean + p.focus_sd * model.normal(top.seat, Stream.NEW_FOCUS))
    jump = departure_fatigue(kept, district.public_focus, p)
    district.initiative_fatigue = clip01(district.initiative_fatigue + jump)
    if district.programme is not None:
        review_contract(model, kept)
    top.learning_focus = successor_focus(kept, district.public_focus, own)
    top.insider = insider
    model.note("appointment", Role.SUPERINTENDENT.label, top.node, top.learning_focus)


def review_contract(model: DistrictModel, kept: float) -> None:
    """Let schools lose their seats in the outside contract, and end it if none is left."""
    district, contract = model.district, model.district.programme
    assert contract is not None
    lost = []
    for principal in model.principals:
        if any(coach.contracted for coach, _ in principal.coaches):
            staff = mean([teacher.conviction for teacher in principal.school.teachers])
            chance = contract_survival(kept, district.protection, staff, model.p)
            if model.uniform(principal.seat, Stream.CONTRACT_SURVIVAL) >= chance:
                lost.append(principal)
    for principal in lost:
        model.note("seat_cancelled", Role.PRINCIPAL.label, principal.node, principal.tenure)
    if len(lost) == contract.seats:
        end_contract(model, "contract_cancelled")
        return
    contract.seats -= len(lost)
    for principal in lost:
        coach = next(coach for coach, _ in principal.coaches if coach.contracted)
        model.graph.remove_edge(coach.node, principal.node, "coaching")
        principal.look_around()


def depart(model: DistrictModel, principal: Principal, *, promoted: bool) -> None:
    """Let a principal go: peers lose a colleague, trust falls, the mentor goes, the seat is empty."""
    kind = "promotion" if promoted else "departure"
    model.note(kind, Role.PRINCIPAL.label, principal.node, principal.tenure)
    principal.school.principal_departures += 1
    if promoted:
        taken = (principal.person, principal.ability, principal.conviction, principal.learnt)
        model.district.promoted.append(taken)
    end_mentoring(model, principal)
    lose_head(model, principal)
    lose_trust(model, principal.node)
    principal.leave_empty()


def lose_trust(model: DistrictModel, seat: str) -> None:
    """Let the trust in a seat's ties fall to that of newcomers, remembering what it was."""
    for tie, first_trust in model.trusting_ties(seat):
        tie["previous_trust"] = tie["trust"]
        tie["trust"] = first_trust


def appoint(model: DistrictModel, principal: Principal, level: float, spirit: float) -> int:
    """Fill a principal's seat from the bench or from outside; return 1 if from the bench.

    `level` and `spirit` are the mean practice and conviction of the principals in post.
    """
    district, p = model.district, model.p
    above = principal.school.need_above_mean
    tightness = model.scenario.conditions.labour_tightness
    seat = principal.seat
    from_bench = model.uniform(seat, Stream.FROM_BENCH) < district.bench
    pipeline = district.levels.pipeline
    if from_bench:
        expected = insider_ability(pipeline, p, p.entry_practice)
        brought = insider_learnt(level, p, p.entry_practice)
        principal.experience = 0.0
        principal.preparation = pipeline
        planning = district.levels.succession_planning
        for tie, first_trust in model.trusting_ties(principal.node):
            before = tie.get("previous_trust", 0.0)
            tie["trust"] = handed_on(before, planning, first_trust, p)
    else:
        expected = outsider_ability(above, tightness, p, p.entry_practice)
        brought = 0.0
        spirit = MEAN_CONVICTION
        career = model.exponential(seat, Stream.NEW_EXPERIENCE)
        principal.experience = float(int(p.market_experience * career))
        principal.preparation = 0.0
    principal.ability = clip01(expected + p.entry_sd * model.normal(seat, Stream.NEW_PRACTICE))
    staff = mean([teacher.conviction for teacher in principal.school.teachers])
    principal.learnt = found_learnt(brought, principal.school.carried, staff, p)
    principal.practice = leader_practice(principal.ability, principal.learnt)
    doubt = p.conviction_sd * model.normal(seat, Stream.NEW_CONVICTION)
    principal.conviction = clip01(spirit + doubt)
    principal.bring_ties()
    principal.person = model.new_person()
    principal.vacant = False
    model.note("appointment", Role.PRINCIPAL.label, principal.node, principal.practice)
    return int(from_bench)


def replace_teachers(model: DistrictModel, leaving: list[Teacher], *, june: bool) -> None:
    """Replace the teachers who leave, and count them: a school's turnover begins anew each June."""
    for teacher in leaving:
        teacher.school.teacher_departures += 1
        if teacher.teacher_leader:
            step_down(model, teacher.node)
        teacher.replace()
        if not june:
            lose_ties(teacher)
            school = teacher.school
            turnover = school.teacher_turnover + 1.0 / len(school.teachers)
            school.teacher_turnover = min(1.0, turnover)
    if june:
        for school in model.schools:
            school.teacher_turnover = school.teacher_departures / len(school.teachers)


def leave_post(model: DistrictModel, staff: CentralOfficeStaff) -> None:
    """Let someone leave the central office; the post is filled in July."""
    model.note("departure", staff.role.label, staff.node, staff.tenure)
    model.district.central_departures += 1
    if staff.role == Role.LEADERSHIP_SUPPORT:
        lose_supervisor(model, staff.post)
    lose_trust(model, staff.node)
    staff.vacant = True
    staff.person = 0


def grow_older(model: DistrictModel, newcomers: set[int]) -> None:
    """Add a month to everyone who was there all month, and to empty seats."""
    if model.superintendent.seat not in newcomers:
        model.superintendent.tenure += 1.0
    for staff in model.central_office:
        staff.tenure += 1.0
    for principal in model.principals:
        if principal.vacant:
            principal.vacant_months += 1
        elif principal.seat not in newcomers:
            principal.tenure += 1.0
            principal.experience += 1.0
    for teacher in model.teachers:
        if teacher.seat not in newcomers:
            teacher.age()
