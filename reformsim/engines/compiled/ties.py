"""Whom teachers ask, over arrays: ties are chosen each July, and look to colleagues each quarter.

Each teacher has places for colleagues, the rows of `advisers`; an empty place holds the teacher.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.district.network import CHOICES, CHOSEN, place_met, team_of
from reformsim.district.seats import Role, seat_number
from reformsim.theory.chance import draw_words, uniform
from reformsim.theory.learning import along_tie, from_colleagues
from reformsim.theory.schedule import JULY, month_of_year
from reformsim.theory.streams import Stream
from reformsim.theory.trust import chance_given_up, next_depth

from .jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layout import State

TEACHER = int(Role.TEACHER)
TIE_GIVEN_UP, TIE_CHOSEN = int(Stream.TIE_GIVEN_UP), int(Stream.TIE_CHOSEN)


@kernel
def are_chosen(s: State, month: int) -> bool:
    """Return whether teachers choose whom they ask: those of a survey stay as they are up to the launch."""
    k = s.setup
    return k.advice_structure == CHOSEN and (k.advice_loaded == 0 or month > 0)


@kernel
def renew_ties(s: State, month: int) -> None:
    """In July let ties with newcomers begin anew, or let teachers choose others in their places."""
    if month_of_year(month) != JULY:
        return
    if are_chosen(s, month):
        let_go(s, month)
        fill_places(s, month)
        return
    for row in range(np.int64(s.advice_start[s.setup.teachers])):
        if s.teachers.tenure[s.advisers[row]] == 0.0:
            s.depth[row] = s.p.tie_new


@kernel
def empty(s: State, teacher: int, row: int) -> None:
    """Empty one place of a teacher."""
    s.advisers[row] = teacher
    s.depth[row] = 0.0


@kernel
def let_go(s: State, month: int) -> None:
    """Let each teacher lose those who have left, and give up the least deep of the other ties, by chance."""
    k, tenure = s.setup, s.teachers.tenure
    draws = np.empty(s.first[1])  # the first schools are the largest
    for school in range(k.schools):
        first, last = np.int64(s.first[school]), np.int64(s.first[school + 1])
        for index in range(last - first):  # by themselves, these become vector instructions
            seat = seat_number(TEACHER, school, index)
            draws[index] = uniform(k.seed, k.replicate, seat, month, TIE_GIVEN_UP, 0)
        for teacher in range(first, last):
            least, least_depth = -1, 2.0
            for row in range(
                np.int64(s.advice_start[teacher]), np.int64(s.advice_start[teacher + 1])
            ):
                if tenure[s.advisers[row]] == 0.0:
                    empty(s, teacher, row)
                elif s.depth[row] < least_depth and s.advisers[row] != teacher:
                    least, least_depth = row, s.depth[row]
            if least >= 0 and draws[teacher - first] < chance_given_up(least_depth, s.p):
                empty(s, teacher, least)


@kernel
def fill_places(s: State, month: int) -> None:
    """Let teachers find somebody for their empty places; all see the ties of the others from before."""
    k = s.setup
    before = s.advisers.copy()
    sizes = s.first[1:] - s.first[:-1]
    start = np.empty(s.first[1] + 3, np.int64)  # the first schools are the largest
    askers = np.empty(len(before) + 1, np.int64)
    for school in range(k.schools):
        first, last = s.first[school], s.first[school + 1]
        find_askers(s, before, first, last, start, askers)
        for teacher in range(first, last):
            places = np.int64(s.advice_start[teacher])
            for row in range(places, np.int64(s.advice_start[teacher + 1])):
                if before[row] != teacher:
                    continue
                asking = askers[start[teacher - first] : start[teacher - first + 1]]
                for attempt in range(CHOICES):
                    number = (row - places) * CHOICES + attempt
                    candidate = colleague_found(
                        s, before, sizes, asking, month, school, teacher, number
                    )
                    if candidate >= 0:
                        s.advisers[row] = candidate
                        s.depth[row] = s.p.tie_new
                        break


@kernel
def find_askers(
    s: State,
    before: NDArray[np.uint32],
    first: int,
    last: int,
    start: NDArray[np.int64],
    askers: NDArray[np.int64],
) -> None:
    """Write who of a school asks each of its teachers: where their rows start, and the rows.

    Ties to nobody of the school go, uncounted, to one row past the last: branches cost more.
    """
    size = last - first
    start[: size + 3] = 0
    for asked in (False, True):
        for teacher in range(first, last):
            for row in range(
                np.int64(s.advice_start[teacher]), np.int64(s.advice_start[teacher + 1])
            ):
                other = np.int64(before[row])
                counts = first <= other < last and other != teacher
                index = other - first if counts else size
                if asked:
                    askers[start[index + 1]] = teacher
                    start[index + 1] += int(counts)
                else:
                    start[index + 2] += int(counts)
        if not asked:
            for index in range(size):
                start[index + 2] += start[index + 1]


@kernel
def colleague_found(
    s: State,
    before: NDArray[np.uint32],
    sizes: NDArray[np.int64],
    asking: NDArray[np.int64],
    month: int,
    school: int,
    teacher: int,
    number: int,
) -> int:
    """Return somebody whom a teacher will ask, or −1: an asker, a colleague's colleague, or the better of two met."""
    k, p = s.setup, s.p
    index = teacher - s.first[school]
    seat = seat_number(TEACHER, school, index)
    way, first, third, fourth = draw_words(k.seed, k.replicate, seat, month, TIE_CHOSEN, number)
    candidate = -1
    if way < p.tie_returned * 4294967296.0:
        if len(asking) > 0:
            candidate = asking[first * len(asking) >> 32]
    else:
        between = one_asked(s, teacher, first)
        if between >= 0:
            candidate = best_asked(s, before, between, teacher)
    if candidate >= 0 and not is_known(s, teacher, candidate):
        return candidate
    candidate, most = -1, -1.0
    for word in (third, fourth):
        met = place_met(word, school, index, k.advice_across, sizes)
        other = s.first[met >> 14] + (met & 0x3FFF)
        able = s.teachers.practice[other]
        if able > most and not is_known(s, teacher, other):
            candidate, most = other, able
    return candidate


@kernel
def one_asked(s: State, teacher: int, draw: int) -> int:
    """Return one of those whom a teacher asks, by a 32-bit draw, or −1 if there is nobody."""
    first, last = np.int64(s.advice_start[teacher]), np.int64(s.advice_start[teacher + 1])
    count = 0
    for row in range(first, last):
        if s.advisers[row] != teacher:
            count += 1
    left = draw * count >> 32
    for row in range(first, last):
        if s.advisers[row] != teacher:
            if left == 0:
                return int(s.advisers[row])
            left -= 1
    return -1


@kernel
def best_asked(s: State, before: NDArray[np.uint32], between: int, teacher: int) -> int:
    """Return the one who does best of those whom a colleague asks and the teacher does not, or −1."""
    candidate, most = -1, -1.0
    for row in range(np.int64(s.advice_start[between]), np.int64(s.advice_start[between + 1])):
        other = int(before[row])
        able = s.teachers.practice[other]
        if other != between and able > most and not is_known(s, teacher, other):
            candidate, most = other, able
    return candidate


@kernel
def is_known(s: State, teacher: int, other: int) -> bool:
    """Return whether somebody is the teacher, or asked by him or her already."""
    if other == teacher:
        return True
    for row in range(np.int64(s.advice_start[teacher]), np.int64(s.advice_start[teacher + 1])):
        if s.advisers[row] == other:
            return True
    return False


@kernel
def begin_anew(s: State, teacher: int, month: int) -> None:
    """Let a newcomer's ties begin anew: as deep as new ones, or none where they are chosen."""
    chosen = are_chosen(s, month + 1)
    for row in range(np.int64(s.advice_start[teacher]), np.int64(s.advice_start[teacher + 1])):
        s.depth[row] = s.p.tie_new
        if chosen:
            empty(s, teacher, row)


@kernel
def lose_ties(s: State, teacher: int, month: int) -> None:
    """Let the ties of those who asked a teacher who has left begin anew, or go where they are chosen."""
    chosen = are_chosen(s, month + 1)
    for other in range(s.setup.teachers):
        for row in range(np.int64(s.advice_start[other]), np.int64(s.advice_start[other + 1])):
            if s.advisers[row] == teacher and other != teacher:
                s.depth[row] = s.p.tie_new
                if chosen:
                    empty(s, other, row)


@kernel
def look_to_colleagues(s: State) -> None:
    """See what those who are asked and those of the grade team do better, and what they believe."""
    p, teachers = s.hot, s.teachers
    practice, conviction = teachers.practice, teachers.conviction
    embeddedness, leader = teachers.embeddedness, teachers.leader
    for school in range(s.setup.schools):
        leads, depth = s.schools[school].leadership, s.schools[school].leader_depth
        first, last = s.first[school], s.first[school + 1]
        for teacher in range(first, last):
            present, strain = practice[teacher], teachers.strain[teacher]
            weight = belief = asked = team = helped = 0.0
            for row in range(s.advice_start[teacher], s.advice_start[teacher + 1]):
                colleague = s.advisers[row]
                if colleague == teacher:
                    continue
                tie = s.depth[row]
                weight += tie
                belief += tie * conviction[colleague]
                asked += along_tie(tie, practice[colleague], present)
                if leader[colleague] != 0 and first <= colleague < last:
                    helped += along_tie(depth, practice[colleague], present)
                s.depth[row] = next_depth(tie, leads, strain, p)
            start, end = team_of(teacher - first, last - first)
            # from oneself there is nothing to learn
            for colleague in range(first + start, first + end):
                team += along_tie(embeddedness[colleague], practice[colleague], present)
                if leader[colleague] != 0:
                    helped += along_tie(depth, practice[colleague], present)
            teachers.from_colleagues[teacher] = from_colleagues(
                embeddedness[teacher], asked, team, helped, p
            )
            teachers.peers[teacher] = belief / weight if weight > 0.0 else conviction[teacher]
