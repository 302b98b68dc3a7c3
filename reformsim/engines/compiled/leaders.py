"""Learning, conviction, strain, isolation and trust of supervisors and principals, over arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.theory.conviction import next_conviction
from reformsim.theory.learning import central_drive, central_practice, principal_practice
from reformsim.theory.strain import next_isolation, next_strain
from reformsim.theory.trust import next_trust

from .jit import kernel

if TYPE_CHECKING:
    from .layout import State


@kernel
def lead(s: State) -> None:
    """Learning, conviction, strain, isolation and trust of supervisors and principals.

    Teachers have been through their own stages before: nothing here is read by them this month.
    """
    d, k, p = s.d, s.setup, s.p
    progress = d.perceived_progress - p.progress_base
    practice = conviction = 0.0
    filled = 0
    for post in range(d.supervisors):
        staff = s.supervisors[post]
        if staff.vacant == 0:
            practice += staff.practice
            conviction += staff.conviction
            filled += 1
    if filled > 0:
        practice, conviction = practice / filled, conviction / filled
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
    principals(s, progress)
    for post in range(d.supervisors):
        staff = s.supervisors[post]
        if staff.vacant == 0:
            drive = central_drive(d.public_focus, practice, staff.partnership)
            staff.practice = central_practice(
                staff.practice, drive, staff.conviction, staff.strain, p
            )
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
        x.practice_next = principal_practice(x.practice, x.support, x.conviction, x.strain, p)
    for school in range(k.schools):
        x = s.schools[school]
        if x.vacant == 0:
            x.practice, x.conviction = x.practice_next, x.conviction_next
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
    """Let principals' trust in supervisor, cohort and coaches grow or fade."""
    d, p = s.d, s.p
    for school in range(s.setup.schools):
        x = s.schools[school]
        if x.vacant != 0:
            continue
        if s.supervisors[x.caseload].vacant == 0:
            x.trust_from = next_trust(x.trust_from, x.contact, p)
            x.trust_back = next_trust(x.trust_back, x.contact, p)
        if x.in_cohort != 0:
            together = p.cohort_contact * s.delivered[x.row].cohorts
            for edge in range(s.cohort_start[school], s.cohort_start[school + 1]):
                if s.cohort_formed[edge] != 0 and s.schools[s.cohort_other[edge]].vacant == 0:
                    s.cohort_trust[edge] = next_trust(s.cohort_trust[edge], together, p)
        if x.mentored != 0:
            x.trust_mentor = next_trust(x.trust_mentor, p.coach_contact * p.mentor_dosage, p)
        if x.coach >= 0:
            x.trust_coach = next_trust(x.trust_coach, p.coach_contact * d.contract_intensity, p)
