"""Whether the state of a district is still made of finite numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .jit import kernel
from .layout import DISTRICT_FLOATS, SCHOOL_FLOATS

if TYPE_CHECKING:
    from .layout import Record, State


@kernel
def leaders_are_finite(s: State) -> bool:
    """Return whether all numbers of the district, schools, principals and staff are finite."""
    wrong = 0
    for column in range(DISTRICT_FLOATS):
        wrong += not math.isfinite(s.district_numbers[column])
    for school in range(s.setup.schools):
        numbers = s.school_numbers[school]
        for column in range(SCHOOL_FLOATS):
            wrong += not math.isfinite(numbers[column])
    wrong += staff_not_finite(s.supervisors) + staff_not_finite(s.coaches)
    finite: bool = wrong == 0
    return finite


@kernel
def staff_not_finite(unit: Record) -> int:
    """Count the posts of a unit of the central office with a number that is not finite."""
    wrong = 0
    for post in range(len(unit)):
        staff = unit[post]
        wrong += not math.isfinite(staff.practice + staff.conviction + staff.strain + staff.tenure)
    return wrong


@kernel
def teachers_are_finite(s: State) -> bool:
    """Return whether all numbers of teachers are finite."""
    wrong = 0
    for row in range(len(s.teacher_numbers)):
        numbers = s.teacher_numbers[row]
        for teacher in range(len(numbers)):
            wrong += not math.isfinite(numbers[teacher])
    finite: bool = wrong == 0
    return finite
