"""Learning, conviction, strain, isolation and trust of supervisors and principals, over arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.theory.conviction import next_conviction
from reformsim.theory.leadership import time_to_lead
from reformsim.theory.learning import (
    along_tie,
    central_sources,
    coach_depth,
    engagement,
    leader_practice,
    next_learnt,
    principal_sources,
)
from reformsim.theory.strain import next_isolation, next_strain
from reformsim.theory.support import mentor_practice
from reformsim.theory.trust import next_trust, open_contact

from .jit import kernel
from .peers import build_peer_trust, let_wariness_fade

if TYPE_CHECKING:
    from .layout import Record, State


@kernel
def lead(s: State) -> None:
    """Learning, conviction, strain, isolation and trust of supervisors and principals.

    Teachers have been through their own stages before: nothing here is read by them this month.
    """
    d, k, p = s.d, s.setup, s.p
    progress = d.perceived_progress - p.progress_base
    conviction = 0.0
    filled = 0
    for post in range(d.supervisors):
        staff = s.supervisors[post]
        if staff.vacant == 0:
            conviction += staff.conviction
            filled += 1
    if filled > 0:
        conviction /= filled
    for post in range(d.supervisors):
        staff = s.supervisors[post]
        staff.partnership = 0.0
    for school in range(k.schools):
        x = s.schools[school]
        s.supervisors[x.caseload].partnership += x.trust_back * x.contact
    for post in range(d.supervisors):
        staff = s.supervisors[post]
        if staff.load > 0:
            staff.partnership /= staff.load
    learn_in_central_office(s)
    principals(s, progress)
    for post in range(d.supervisors):
        staff = s.supervisors[post]
        if staff.vacant == 0:
            staff.learnt = staff.learnt_next
            staff.practice = leader_practice(staff.ability, staff.learnt)
            staff.strain = next_strain(
                staff.strain,
                p.central_workload,
                0.0,
                d.initiative_fatigue,
                staff.partnership,
                p.strain_recovery,
                0.0,
                p,
            )
            staff.conviction = next_conviction(
                staff.conviction,
                p.a0_leader,
                d.public_focus,
                staff.partnership,
                conviction,
                progress,
                d.initiative_fatigue,
                p,
            )


@kernel
def learn_in_central_office(s: State) -> None:
    """Supervisors learn from the superintendent's priority, their colleagues, and their principals."""
    d, p = s.d, s.p
    focus = d.public_focus
    for post in range(d.supervisors):
        s.supervisors[post].from_principals = 0.0
    for school in range(s.setup.schools):
        x = s.schools[school]
        staff = s.supervisors[x.caseload]
        staff.from_principals += along_tie(x.trust_back * x.contact, x.practice, staff.practice)
    for post in range(d.supervisors):
        staff = s.supervisors[post]
        if staff.vacant != 0:
            continue
        present, unit, colleagues = staff.practice, 0.0, 0
        for other in range(d.supervisors):
            if other != post and s.supervisors[other].vacant == 0:
                unit += along_tie(focus, s.supervisors[other].practice, present)
                colleagues += 1
        sources = central_sources(
            along_tie(1.0, focus, present),
            unit / colleagues if colleagues > 0 else 0.0,
            staff.from_principals / staff.load if staff.load > 0 else 0.0,
            p,
        )
        engaged = engagement(staff.conviction, staff.strain, 1.0)
        staff.learnt_next = next_learnt(staff.learnt, sources, engaged, p)


@kernel
def learn_as_head(s: State, x: Record, school: int) -> float:
    """Return what a principal will have learnt from supervisor, cohort, peers, coaches and training."""
    d, p, present = s.d, s.p, x.practice
    helped = cohort = asked = 0.0
    staff = s.supervisors[x.caseload]
    if staff.vacant == 0:
        helped += along_tie(x.trust_from * x.contact, staff.practice, present)
    if x.mentored != 0:
        depth = coach_depth(p.coaching_hours * p.mentor_dosage, x.trust_mentor, p)
        helped += along_tie(depth, mentor_practice(p.coach_practice, p), present)
    if x.coach >= 0:
        depth = coach_depth(p.coaching_hours * d.contract_intensity, x.trust_coach, p)
        helped += along_tie(depth, s.contracted[x.coach], present)
    helped += along_tie(x.training_support, p.coach_practice, present)
    if x.in_cohort != 0:
        intensity = s.delivered[x.row].cohorts
        for edge in range(s.cohort_start[school], s.cohort_start[school + 1]):
            other = s.schools[s.cohort_other[edge]]
            if s.cohort_formed[edge] != 0 and other.vacant == 0:
                cohort += along_tie(s.cohort_trust[edge] * intensity, other.practice, present)
    for slot in range(x.peers):
        other = s.schools[s.peer[school, slot]]
        asked += along_tie(s.peer_trust[school, slot], other.practice, present)
    sources = principal_sources(helped, cohort, asked, p)
    engaged = engagement(x.conviction, x.strain, time_to_lead(x.learning_time, p))
    learnt: float = next_learnt(x.learnt, sources, engaged, p)
    return learnt


@kernel
def principals(s: State, progress: float) -> None:
    """Principals learn, form conviction, bear strain, and build trust."""
    d, k, p = s.d, s.setup, s.p
    for post in range(d.supervisors):
        s.supervisors[post].conviction_next = 0.0
        s.supervisors[post].in_post = 0
    for school in range(k.schools):  # mean conviction of each caseload
        x = s.schools[school]
        if x.vacant == 0:
            s.supervisors[x.caseload].conviction_next += x.conviction
            s.supervisors[x.caseload].in_post += 1
    for post in range(d.supervisors):
        staff = s.supervisors[post]
        if staff.in_post > 0:
            staff.conviction_next /= staff.in_post
    for school in range(k.schools):
        x = s.schools[school]
        if x.vacant != 0:
            continue
        total, count = 0.0, 0
        if x.in_cohort != 0:
            for edge in range(s.cohort_start[school], s.cohort_start[school + 1]):
                other = s.schools[s.cohort_other[edge]]
                if s.cohort_formed[edge] != 0 and other.vacant == 0:
                    total += other.conviction
                    count += 1
        if x.in_cohort == 0:
            peers = s.supervisors[x.caseload].conviction_next
        else:
            peers = total / count if count > 0 else x.conviction
        x.conviction_next = next_conviction(
            x.conviction,
            p.a0_leader,
            d.public_focus,
            x.support,
            peers,
            progress,
            d.initiative_fatigue,
            p,
        )
        x.learnt_next = learn_as_head(s, x, school)
    for school in range(k.schools):
        x = s.schools[school]
        if x.vacant == 0:
            x.learnt, x.conviction = x.learnt_next, x.conviction_next
            x.practice = leader_practice(x.ability, x.learnt)
    bear_strain(s)
    build_trust(s)


@kernel
def bear_strain(s: State) -> None:
    """Let principals gather and shed strain, and feel more or less isolated."""
    d, p, conviction = s.d, s.p, s.teachers.conviction
    fatigue = d.initiative_fatigue
    for school in range(s.setup.schools):
        x = s.schools[school]
        if x.vacant != 0:
            continue
        strain = next_strain(
            x.strain, x.workload, x.isolation, fatigue, x.support, p.strain_recovery, 0.0, p
        )
        total, count = 0.0, 0
        if x.in_cohort != 0:
            for edge in range(s.cohort_start[school], s.cohort_start[school + 1]):
                if s.cohort_formed[edge] != 0 and s.schools[s.cohort_other[edge]].vacant == 0:
                    total += s.cohort_trust[edge]
                    count += 1
        coach = 0.0
        if x.mentored != 0:
            coach = x.trust_mentor
        if x.coach >= 0:
            coach = max(coach, x.trust_coach)
        staff, first, last = 0.0, s.first[school], s.first[school + 1]
        for teacher in range(first, last):
            staff += conviction[teacher]
        x.isolation = next_isolation(
            x.isolation,
            x.trust_from * x.contact,
            s.delivered[x.row].cohorts * (total / count if count > 0 else 0.0),
            x.informal_tie,
            coach,
            x.settled,
            staff / (last - first),
            p,
        )
        x.strain = strain


@kernel
def build_trust(s: State) -> None:
    """Let principals' trust in supervisor, cohort, peers and coaches grow or fade, and wariness fade."""
    d, p = s.d, s.p
    for school in range(s.setup.schools):
        x = s.schools[school]
        if x.vacant != 0:
            continue
        staff = s.supervisors[x.caseload]
        if staff.vacant == 0:
            contact = open_contact(x.contact, x.wary, staff.wary)
            x.trust_from = next_trust(x.trust_from, contact, p)
            x.trust_back = next_trust(x.trust_back, contact, p)
        if x.in_cohort != 0:
            together = p.cohort_contact * s.delivered[x.row].cohorts
            for edge in range(s.cohort_start[school], s.cohort_start[school + 1]):
                if s.cohort_formed[edge] != 0 and s.schools[s.cohort_other[edge]].vacant == 0:
                    s.cohort_trust[edge] = next_trust(s.cohort_trust[edge], together, p)
        build_peer_trust(s, school)
        if x.mentored != 0:
            x.trust_mentor = next_trust(x.trust_mentor, p.coach_contact * p.mentor_dosage, p)
        if x.coach >= 0:
            x.trust_coach = next_trust(x.trust_coach, p.coach_contact * d.contract_intensity, p)
    let_wariness_fade(s)
