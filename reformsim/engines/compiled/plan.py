"""The plan over arrays: which levers are in force, and which schools take part in the design."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.district.seats import Role, seat_number
from reformsim.theory.adoption import posts_for_school, priority, schools_taking_part
from reformsim.theory.chance import uniform
from reformsim.theory.streams import Stream

from .jit import kernel
from .layout import BASELINE, STRATEGY

if TYPE_CHECKING:
    from .layout import State

SCHOOL_ROLE = int(Role.SCHOOL)
ADOPTION, REFUSAL = int(Stream.ADOPTION), int(Stream.REFUSAL)


@kernel
def lever_row(s: State, month: int) -> int:
    """Return which levers are in force: those of the baseline or, from the launch on, of the plan."""
    if month < 0:
        return BASELINE
    row = STRATEGY
    while row + 1 < len(s.begins) and s.begins[row + 1] <= month:
        row += 1
    return row


@kernel
def changes_design(s: State, month: int) -> bool:
    """Return whether a later phase of the plan begins this month and asks for other levels."""
    row = lever_row(s, month)
    if row <= STRATEGY or s.begins[row] != month:
        return False
    if s.levers[row].participation != s.levers[row - 1].participation:
        return True
    for lever in range(s.design_levels.shape[1]):
        if s.design_levels[row, lever] != s.design_levels[row - 1, lever]:
            return True
    return False


@kernel
def is_rolled_out(s: State, month: int) -> bool:
    """Return whether the strategy is past its pilot."""
    return month >= 0 and month >= s.levers[STRATEGY].pilot_months


@kernel
def equity_weight(s: State, month: int) -> float:
    """Return how strongly support is weighted by need."""
    row = lever_row(s, month) if is_rolled_out(s, month) else BASELINE
    weight: float = s.levers[row].equity_weight
    return weight


@kernel
def put_schools_in_order(s: State) -> None:
    """Settle, at the launch, which schools take part first, and which never do."""
    d, k, launch = s.d, s.setup, 0
    values = np.empty(k.schools)
    listed = s.listed.copy()
    d.willing = 0
    for school in range(k.schools):
        x, first, last = s.schools[school], s.first[school], s.first[school + 1]
        x.row = school + 1
        seat = seat_number(SCHOOL_ROLE, school, 0)
        refusal = uniform(k.seed, k.replicate, seat, launch, REFUSAL, 0)
        if refusal < s.conditions.refusing_schools:
            listed[school] = -1
        if listed[school] >= 0:
            d.willing += 1
        staff = 0.0
        for teacher in range(first, last):
            staff += s.teachers.conviction[teacher]
        values[school] = priority(
            d.chosen_by,
            x.need_above_mean,
            0.5 * (x.conviction + staff / (last - first)),
            uniform(k.seed, k.replicate, seat, launch, ADOPTION, 0),
        )
    for school in range(k.schools):
        before = k.schools if listed[school] < 0 else 0
        for other in range(k.schools):
            if (
                listed[school] >= 0
                and listed[other] >= 0
                and comes_first(other, school, listed, values)
            ):
                before += 1
        s.schools[school].schools_before = before


@kernel
def comes_first(school: int, other: int, listed: np.ndarray, values: np.ndarray) -> bool:
    """Return whether one school takes part before another: by list, by what counts, by number."""
    if listed[school] != listed[other]:
        sooner: bool = listed[school] < listed[other]
    elif values[school] != values[other]:
        sooner = values[school] > values[other]
    else:
        sooner = school < other
    return sooner


@kernel
def let_schools_take_part(s: State, month: int) -> None:
    """Let as many schools take part as the design in force asks for, in their order."""
    d, schools = s.d, s.setup.schools
    wanted = float(schools)
    if d.is_for_all == 0:
        if month == 0:
            put_schools_in_order(s)
        participation = s.levers[lever_row(s, month)].participation
        wanted = schools_taking_part(participation, float(schools), float(d.willing))
    for school in range(schools):
        s.schools[school].takes_part = month >= 0 and s.schools[school].schools_before < wanted


@kernel
def share_of_schools(s: State) -> float:
    """Return which share of the schools takes part in the design."""
    count = 0
    for school in range(s.setup.schools):
        count += s.schools[school].takes_part
    share: float = count / s.setup.schools
    return share


@kernel
def training_hours(s: State, school: int, month: int) -> float:
    """Return a school's hours of training a year: those of the design, if it takes part in it."""
    row = lever_row(s, month) if s.schools[school].takes_part != 0 else BASELINE
    hours: float = s.levers[row].training_hours
    return hours


@kernel
def own_posts(s: State, school: int) -> float:
    """Return what a supervisor's post comes to for a school."""
    of_school = s.delivered[s.schools[school].row].leadership_posts
    return posts_for_school(s.d.post_size, of_school, s.levels.leadership_posts)
