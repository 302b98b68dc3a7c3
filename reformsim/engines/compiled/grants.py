"""Grants over arrays: what they pay in a month, and what they add to the district's own line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.theory.costs import FOR_SCHOOLS, LEVELS
from reformsim.theory.grants import grant_in_force, grant_share, grant_spent, shortfall

from .jit import kernel
from .plan import is_rolled_out

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layout import State

IS_FOR_SCHOOLS = tuple(name in FOR_SCHOOLS for name in LEVELS)


@kernel
def money_of(s: State, grant: int, month: int) -> float:
    """Return what a grant pays in a month."""
    row = s.grants[grant]
    return grant_in_force(month - row.month, row.dollars, row.months, row.taper_years)


@kernel
def standing_in(s: State, month: int) -> float:
    """Return how much of the design grants stand in for, rather than add."""
    total = 0.0
    for grant in range(len(s.grants)):
        total += s.grants[grant].stands_in * money_of(s, grant, month)
    return total


@kernel
def grants_change(s: State, month: int) -> bool:
    """Return whether what can be spent of grants is not what it was last month."""
    if not is_rolled_out(s, month):
        return False
    spent_before = is_rolled_out(s, month - 1)
    for grant in range(len(s.grants)):
        before = money_of(s, grant, month - 1) if spent_before else 0.0
        if money_of(s, grant, month) != before:
            return True
    return False


@kernel
def add_grants(s: State, month: int, wanted: NDArray[np.float64]) -> None:
    """Add to what the own line delivers what grants fill of the designs, one after another.

    Where schools are unlike, what is lacking is what schools lack, and each of them gets the same
    share of it: one that has more than its design makes up for no other.
    """
    s.d.grant_spending = 0.0
    s.granted_levels[:] = 0.0
    if not is_rolled_out(s, month):
        return
    for grant in range(len(s.grants)):
        lacking = lacks(s, grant, wanted)
        money, gap = money_of(s, grant, month), 0.0
        for lever in range(len(s.prices)):
            gap += lacking[0, lever] * s.prices[lever]
        share = grant_share(money, gap)
        for row in range(len(wanted)):
            for lever in range(len(s.prices)):
                more = share * lacking[row, lever]
                s.level_numbers[row, lever] += more
                s.granted_levels[row, lever] += more
        s.d.grant_spending += grant_spent(money, gap)


@kernel
def lacks(s: State, grant: int, wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the district and unlike schools lack of designs, on the lines of a grant.

    Of what schools have, the district lacks the mean of what they lack.
    """
    lacking, schools = np.zeros_like(wanted), len(wanted) - 1
    for lever in range(len(s.prices)):
        if s.grant_lines[grant, lever] == 0:
            continue
        for row in range(len(wanted)):
            lacking[row, lever] = shortfall(s.level_numbers[row, lever], wanted[row, lever])
        if schools > 0 and IS_FOR_SCHOOLS[lever]:
            total = 0.0
            for school in range(schools):
                total += lacking[school + 1, lever]
            lacking[0, lever] = total / schools
    return lacking
