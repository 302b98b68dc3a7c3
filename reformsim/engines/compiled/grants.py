"""Grants over arrays: what they pay in a month, and what they add to the district's own line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.theory.grants import grant_in_force, grant_share, grant_spent, shortfall

from .jit import kernel
from .month import is_rolled_out

if TYPE_CHECKING:
    from .layout import State


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
def add_grants(s: State, month: int, row: int) -> None:
    """Add to what the own line delivers what grants fill, one after another, of design `row`."""
    s.d.grant_spending = 0.0
    s.granted_levels[:] = 0.0
    if not is_rolled_out(s, month):
        return
    levels = len(s.level_numbers)
    for grant in range(len(s.grants)):
        money, gap = money_of(s, grant, month), 0.0
        for lever in range(levels):
            if s.grant_lines[grant, lever] != 0:
                lacks = shortfall(s.level_numbers[lever], s.design_levels[row, lever])
                gap += lacks * s.prices[lever]
        share = grant_share(money, gap)
        for lever in range(levels):
            if s.grant_lines[grant, lever] != 0:
                more = share * shortfall(s.level_numbers[lever], s.design_levels[row, lever])
                s.level_numbers[lever] += more
                s.granted_levels[lever] += more
        s.d.grant_spending += grant_spent(money, gap)
