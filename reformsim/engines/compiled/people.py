"""Seat the first occupants and lay teachers' advice ties, compiled."""

from __future__ import annotations

import numpy as np

from reformsim.district.network import CHOSEN, ask_colleagues, places
from reformsim.district.seats import (
    MEAN_CONVICTION,
    TEACHER_LEARNT,
    Role,
    first_principal,
    first_staff,
    first_superintendent,
    first_teacher,
    mean,
    need_gap,
    need_quartiles,
    school_need,
    seat_number,
    teachers_level,
)
from reformsim.theory.budget import first_reserves
from reformsim.theory.chance import normal, uniform
from reformsim.theory.equation import share_with_numba
from reformsim.theory.learning import teacher_practice
from reformsim.theory.strain import first_isolation, personal_tie
from reformsim.theory.streams import Stream
from reformsim.theory.support import coaches_practice
from reformsim.theory.trust import first_wariness
from reformsim.theory.turnover import frailty

from .jit import borrowed, entry, kernel
from .layout import Record, State

share_with_numba()

DISTRICT, HEAD = seat_number(Role.DISTRICT), int(Role.PRINCIPAL)
TEACHER = int(Role.TEACHER)
SUPERVISOR, INSTRUCTIONAL = int(Role.LEADERSHIP_SUPPORT), int(Role.TEACHING_LEARNING)
FRAILTY, RESERVES = int(Stream.FRAILTY), int(Stream.RESERVES)
ACCESS, PERSONAL_TIE = int(Stream.ACCESS), int(Stream.PERSONAL_TIE)


@entry
def seat(s: State) -> None:
    """Draw everyone's first state, and whom teachers ask unless a survey has said it."""
    s = borrowed(s)
    seat_leaders(s)
    seat_teachers(s)
    if s.setup.advice_loaded == 0:
        lay_advice(s)


@kernel
def seat_leaders(s: State) -> None:
    """Seat the superintendent, the central office and principals; number everyone."""
    d, k, p = s.d, s.setup, s.p
    z = normal(k.seed, k.replicate, DISTRICT, k.first_month, FRAILTY, 0)
    d.frailty = frailty(z, p)
    z = normal(k.seed, k.replicate, DISTRICT, k.first_month, RESERVES, 0)
    d.reserves = d.usual_reserves = first_reserves(z, p)
    focus, tenure = first_superintendent(k.seed, k.replicate, k.first_month, p)
    d.learning_focus = d.public_focus = focus
    d.tenure = tenure
    d.person = d.people = 1
    level = coaches_practice(float(d.coaches), p)
    seat_unit(s, s.supervisors, SUPERVISOR, d.supervisors, p.central_entry)
    seat_unit(s, s.coaches, INSTRUCTIONAL, d.coaches, level)
    need = np.empty(k.schools)
    for school in range(k.schools):
        need[school] = school_need(
            k.seed, k.replicate, k.first_month, school, k.need_mean, k.need_sd
        )
    quartile = need_quartiles(need)
    d.mean_need, d.need_gap = mean(need), need_gap(need, quartile)
    d.top_quartile = 0
    for school in range(k.schools):
        x = s.schools[school]
        x.need, x.quartile = need[school], quartile[school]
        d.top_quartile = max(d.top_quartile, x.quartile)
        x.need_above_mean = x.need - d.mean_need
        x.ability, x.conviction, x.tenure, x.experience = first_principal(
            k.seed, k.replicate, k.first_month, school, x.need_above_mean, p
        )
        x.practice = x.ability
        x.wary = first_wariness(x.tenure, p)
        bring_ties(s, x, school, k.first_month)
        d.people += 1
        x.person = d.people
        for teacher in range(s.first[school], s.first[school + 1]):
            d.people += 1
            s.teachers.person[teacher] = d.people


@kernel
def bring_ties(s: State, x: Record, school: int, month: int) -> None:
    """Draw what a principal brings to the post: ties across schools, and priority in queues."""
    k, p = s.setup, s.p
    seat = seat_number(HEAD, school, 0)
    x.access_draw = uniform(k.seed, k.replicate, seat, month, ACCESS, 0)
    draw = uniform(k.seed, k.replicate, seat, month, PERSONAL_TIE, 0)
    x.informal_tie = personal_tie(draw, p)
    x.isolation = first_isolation(x.informal_tie, p)


@kernel
def seat_unit(s: State, unit: Record, role: int, posts: int, level: float) -> None:
    """Seat a unit of the central office."""
    k, p = s.setup, s.p
    for post in range(posts):
        s.d.people += 1
        staff = unit[post]
        staff.person = s.d.people
        staff.ability = first_staff(k.seed, k.replicate, k.first_month, role, post, level, p)
        staff.practice = staff.ability
        staff.conviction, staff.strain = MEAN_CONVICTION, p.strain_new


@kernel
def seat_teachers(s: State) -> None:
    """Draw every teacher's first state."""
    k, p, teachers = s.setup, s.p, s.teachers
    for school in range(k.schools):
        level = teachers_level(s.schools[school].need_above_mean)
        first = s.first[school]
        for index in range(s.first[school + 1] - first):
            drawn = first_teacher(k.seed, k.replicate, k.first_month, school, index, level, p)
            teacher = first + index
            (
                teachers.ability[teacher],
                teachers.conviction[teacher],
                teachers.tenure[teacher],
            ) = drawn[:3]
            teachers.experience[teacher], teachers.embeddedness[teacher] = drawn[3:]
            teachers.learnt[teacher] = TEACHER_LEARNT
            teachers.practice[teacher] = teacher_practice(
                teachers.ability[teacher], TEACHER_LEARNT, teachers.experience[teacher], p
            )
            teachers.peers[teacher] = teachers.conviction[teacher]
            teachers.strain[teacher] = p.strain_new


@kernel
def lay_advice(s: State) -> None:
    """Write down whom each teacher asks, in the order of their seats."""
    k, filled = s.setup, 0
    sizes = s.first[1:] - s.first[:-1]
    asked = np.empty(k.advice_ties, np.int64)
    s.advice_start[0] = 0
    for school in range(k.schools):
        for index in range(sizes[school]):
            count = ask_colleagues(
                k.seed,
                k.replicate,
                k.first_month,
                school,
                index,
                k.advice_ties,
                k.advice_across,
                k.advice_structure,
                sizes,
                asked,
            )
            start = filled
            for place in asked[:count]:
                adviser = s.first[place >> 14] + (place & 0x3FFF)
                here = filled
                while here > start and s.advisers[here - 1] > adviser:
                    s.advisers[here] = s.advisers[here - 1]
                    here -= 1
                s.advisers[here] = adviser
                filled += 1
            if k.advice_structure == CHOSEN:  # places may be empty
                seat = seat_number(TEACHER, school, index)
                most = places(
                    k.seed, k.replicate, k.first_month, seat, k.advice_ties, k.advice_structure
                )
                for _ in range(count, most):
                    s.advisers[filled] = s.first[school] + index
                    filled += 1
            s.advice_start[s.first[school] + index + 1] = filled
