"""The people of a district in chosen months: what the monthly record leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reformsim.scenario import Scenario

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


class Census(NamedTuple):
    """Who was there at the end of each of some months; one row a month."""

    months: Integers
    vacant: Integers
    """Whether a school's principal's seat is empty; months × schools, as the next three."""
    experience: Floats
    """Months that the school's principal has been a principal anywhere."""
    mentored: Integers
    """Whether the school's principal has an ordinary mentor."""
    seated: Integers
    """Whether the school has a seat in an outside partner's programme."""
    teacher: Integers
    """Which person is in each teacher's seat; months × teachers, as the next two."""
    teacher_experience: Floats
    """Months of the career."""
    teacher_practice: Floats


def census(scenario: Scenario, seed: int, replicate: int, months: Sequence[int]) -> Census:
    """Return who is there at the end of each of `months`, which rise.

    It is the run of the same seed and replicate, simulated with the compiled engine. Raises ValueError
    if the months do not rise or lie outside the run, and what `simulate` raises.
    """
    from . import memory
    from .compiled.build import build
    from .compiled.run import live
    from .finite import NotFinite

    wanted = list(months)
    inside = all(scenario.first_month <= month < scenario.last_month for month in wanted)
    if not wanted or wanted != sorted(set(wanted)) or not inside:
        raise ValueError("the months of a census must rise and lie within the run")
    memory.check(scenario, "compiled")
    state = build(scenario, seed, replicate)
    rows: list[tuple[NDArray[Any], ...]] = []
    at = scenario.first_month
    for month in wanted:
        stopped = live(state, at, month + 1)
        if stopped != month + 1:
            raise NotFinite(stopped)
        at = month + 1
        schools = state.schools
        rows.append(
            (
                schools.vacant.copy(),
                schools.experience.copy(),
                schools.mentored.copy(),
                (schools.coach >= 0).astype(np.int64),
                state.teachers.person.copy(),
                state.teachers.experience.copy(),
                state.teachers.practice.copy(),
            )
        )
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return Census(np.array(wanted, np.int64), *columns)
