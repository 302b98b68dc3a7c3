"""What dated events do, over arrays: whom they send away, and what the politics of a month lose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.district.seats import Role, seat_number
from reformsim.theory.chance import uniform
from reformsim.theory.politics import after_loss, in_conflict
from reformsim.theory.streams import Stream

from .budget import end_contract, note
from .jit import kernel
from .layout import (
    BOARD_TURNOVER,
    CANCELLED,
    MOST_ASKED,
    RANDOM,
    SEAT,
    STRONGEST,
    UNION_CONFLICT,
)
from .month import politics as ordinary_politics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layout import Record, State

HEAD, TEACHER = int(Role.PRINCIPAL), int(Role.TEACHER)
SUPERVISOR, DISTRICT = int(Role.LEADERSHIP_SUPPORT), int(Role.DISTRICT)
EVENT_CHOICE = int(Stream.EVENT_CHOICE)


@kernel
def chance_to_be_chosen(s: State, seat: int, month: int) -> float:
    """Return the draw of a seat by which events choose at random: who has the largest leaves."""
    draw: float = uniform(s.setup.seed, s.setup.replicate, seat, month, EVENT_CHOICE, 0)
    return draw


@kernel
def send_staff_away(s: State, month: int) -> None:
    """Mark who leaves the central office by an event."""
    rows = s.happenings.staff
    for row in range(len(rows)):
        if rows[row, 0] == month:
            role, who, seat = rows[row, 1], rows[row, 2], rows[row, 3]
            if role == SUPERVISOR:
                mark_staff(s, month, s.supervisors, s.d.supervisors, role, who, seat)
            else:
                mark_staff(s, month, s.coaches, s.d.coaches, role, who, seat)


@kernel
def mark_staff(
    s: State, month: int, unit: Record, posts: int, role: int, who: int, seat: int
) -> None:
    """Mark one of a unit's staff in post who is not marked yet, if there is one."""
    chosen, most = -1, 0.0
    for post in range(posts):
        staff = unit[post]
        if staff.vacant != 0 or staff.sent_away != 0 or (who == SEAT and post != seat):
            continue
        merit = staff.practice
        if who == RANDOM:
            merit = chance_to_be_chosen(s, seat_number(role, 0, post), month)
        if chosen < 0 or merit > most:
            chosen, most = post, merit
    if chosen >= 0:
        unit[chosen].sent_away = 1


@kernel
def send_heads_away(s: State, month: int) -> NDArray[np.bool_]:
    """Return whether each principal leaves by an event; nothing if there is no such event."""
    single, several, schools = s.forced_heads, s.happenings.heads, s.setup.schools
    sent_away = np.zeros(0, np.bool_)
    for row in range(len(single)):
        if single[row, 0] == month:
            if len(sent_away) == 0:
                sent_away = np.zeros(schools, np.bool_)
            sent_away[single[row, 1]] = s.schools[single[row, 1]].vacant == 0
    for row in range(len(several)):
        if several[row, 0] == month:
            if len(sent_away) == 0:
                sent_away = np.zeros(schools, np.bool_)
            for _ in range(several[row, 1]):
                choose_head(s, month, several[row, 2], sent_away)
    return sent_away


@kernel
def choose_head(s: State, month: int, who: int, sent_away: NDArray[np.bool_]) -> None:
    """Send away one principal in post who is not sent away yet, if there is one."""
    chosen, most = -1, 0.0
    for school in range(s.setup.schools):
        x = s.schools[school]
        if x.vacant != 0 or sent_away[school]:
            continue
        if who == RANDOM:
            merit = chance_to_be_chosen(s, seat_number(HEAD, school, 0), month)
        elif who == STRONGEST:
            merit = x.practice
        else:
            merit = x.need
        if chosen < 0 or merit > most:
            chosen, most = school, merit
    if chosen >= 0:
        sent_away[chosen] = True


@kernel
def teachers_sent_away(s: State, month: int) -> NDArray[np.bool_]:
    """Return whether each teacher leaves by an event; nothing if there is no such event."""
    rows = s.happenings.teachers
    sent_away = np.zeros(0, np.bool_)
    for row in range(len(rows)):
        if rows[row, 0] == month:
            if len(sent_away) == 0:
                sent_away = np.zeros(s.setup.teachers, np.bool_)
            choose_teacher(s, month, rows[row, 1], rows[row, 2], sent_away)
    return sent_away


@kernel
def choose_teacher(
    s: State, month: int, school: int, who: int, sent_away: NDArray[np.bool_]
) -> None:
    """Send away one teacher of a school who is not sent away yet, if there is one."""
    first, last = s.first[school], s.first[school + 1]
    asked = np.zeros(last - first)
    if who == MOST_ASKED:
        for teacher in range(len(sent_away)):
            for row in range(
                np.int64(s.advice_start[teacher]), np.int64(s.advice_start[teacher + 1])
            ):
                adviser = s.advisers[row]
                if first <= adviser < last and adviser != teacher:
                    asked[adviser - first] += 1.0
    chosen, most = -1, 0.0
    for teacher in range(first, last):
        if sent_away[teacher]:
            continue
        merit = asked[teacher - first]
        if who == RANDOM:
            merit = chance_to_be_chosen(s, seat_number(TEACHER, school, teacher - first), month)
        if chosen < 0 or merit > most:
            chosen, most = teacher, merit
    if chosen >= 0:
        sent_away[chosen] = True


@kernel
def partner_leaves(s: State, month: int) -> None:
    """Let the outside partner end the contract, if an event says so and one is under way."""
    for row in range(len(s.happenings.partner)):
        if s.happenings.partner[row] == month:
            end_contract(s, month, CANCELLED)


@kernel
def politics(s: State, month: int) -> None:
    """The politics of a month, and what conflicts and new boards do to them."""
    legitimacy, readiness = s.d.role_legitimacy, s.d.readiness
    ordinary_politics(s, month)
    disturb_politics(s, month, legitimacy, readiness)


@kernel
def disturb_politics(s: State, month: int, legitimacy: float, readiness: float) -> None:
    """Let conflicts hold legitimacy and readiness down, and new boards take political capital.

    `legitimacy` and `readiness` are those from before the stage.
    """
    d, conflicts, boards = s.d, s.happenings.conflicts, s.happenings.boards
    for row in range(len(conflicts)):
        start, months, severity = conflicts[row, 0], conflicts[row, 1], conflicts[row, 2]
        if start <= month < start + months:
            d.role_legitimacy = in_conflict(legitimacy, d.role_legitimacy)
            d.readiness = in_conflict(readiness, d.readiness)
        if month == start:
            d.role_legitimacy = after_loss(d.role_legitimacy, severity)
            d.readiness = after_loss(d.readiness, severity)
            note(s.d, s.events, month, UNION_CONFLICT, DISTRICT, 0, severity)
    for row in range(len(boards)):
        if month == boards[row, 0]:
            d.political_capital = after_loss(d.political_capital, boards[row, 1])
            note(s.d, s.events, month, BOARD_TURNOVER, DISTRICT, 0, boards[row, 1])
