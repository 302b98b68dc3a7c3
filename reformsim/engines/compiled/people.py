"""Seat the first teachers and lay their advice ties, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.district.network import ask_colleagues
from reformsim.district.seats import first_teacher, teachers_level
from reformsim.theory.equation import share_with_numba

from .jit import entry

if TYPE_CHECKING:
    from .layout import State

share_with_numba()


@entry
def seat_teachers(s: State) -> None:
    """Draw every teacher's first state."""
    k, p = s.setup, s.p
    for school in range(k.schools):
        level = teachers_level(s.schools[school].need_above_mean)
        first = s.first[school]
        for index in range(s.first[school + 1] - first):
            drawn = first_teacher(k.seed, k.replicate, k.first_month, school, index, level, p)
            teacher = first + index
            s.practice[teacher], s.conviction[teacher], s.tenure[teacher] = drawn[:3]
            s.experience[teacher], s.embeddedness[teacher] = drawn[3:]


@entry
def lay_advice(
    seed: int, replicate: int, month: int, ties: int, across: float, first: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return where each teacher's advisers start, and the advisers, in the order of their seats."""
    schools, teachers = len(first) - 1, first[-1]
    sizes = first[1:] - first[:-1]
    start = np.zeros(teachers + 1, np.uint32)
    advisers = np.zeros(teachers * ties, np.uint32)
    asked = np.zeros(ties, np.int64)
    filled = 0
    for school in range(schools):
        for index in range(sizes[school]):
            count = ask_colleagues(
                seed, replicate, month, school, index, ties, across, sizes, asked
            )
            for place in np.sort(asked[:count]):
                advisers[filled] = first[place >> 14] + (place & 0x3FFF)
                filled += 1
            start[first[school] + index + 1] = filled
    return start, advisers[:filled]
