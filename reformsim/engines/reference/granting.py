"""Grants: what they pay in a month, and what they add to the district's own line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.theory.costs import Levels
from reformsim.theory.grants import grant_in_force, grant_share, grant_spent, shortfall

if TYPE_CHECKING:
    from reformsim.scenario.grants import Grant

    from .model import DistrictModel


def money_of(grant: Grant, month: int) -> float:
    """Return what a grant pays in a month."""
    return grant_in_force(month - grant.month, grant.dollars, grant.months, grant.taper_years)


def standing_in(model: DistrictModel) -> float:
    """Return how much of the design grants stand in for, rather than add."""
    total = 0.0
    for grant in model.scenario.grants:
        total += grant.stands_in * money_of(grant, model.month)
    return total


def note_grants(model: DistrictModel) -> None:
    """Write down what grants pay this month, and which begin, step or end."""
    total = 0.0
    for grant in model.scenario.grants:
        now, before = money_of(grant, model.month), money_of(grant, model.month - 1)
        total += now
        if now != before:
            kind = "grant_start" if before == 0.0 else "grant_end" if now == 0.0 else "grant_step"
            model.note(kind, "district", "district", now - before)
    model.district.grant_money = total


def grants_change(model: DistrictModel) -> bool:
    """Return whether what can be spent of grants is not what it was last month."""
    if not model.rolled_out:
        return False
    month = model.month
    spent_before = model.was_rolled_out(month - 1)
    return any(
        money_of(grant, month) != (money_of(grant, month - 1) if spent_before else 0.0)
        for grant in model.scenario.grants
    )


def add_grants(model: DistrictModel, design: Levels) -> None:
    """Add to what the own line delivers what grants fill, one after another."""
    district = model.district
    district.grant_spending = 0.0
    model.granted_levels = Levels(*(0.0 for _ in Levels._fields))
    if not model.rolled_out:
        return
    levels, granted = list(district.levels), list(model.granted_levels)
    for grant in model.scenario.grants:
        lines = [lever for lever, name in enumerate(Levels._fields) if grant.pays(name)]
        money, gap = money_of(grant, model.month), 0.0
        for lever in lines:
            gap += shortfall(levels[lever], design[lever]) * model.prices[lever]
        share = grant_share(money, gap)
        for lever in lines:
            more = share * shortfall(levels[lever], design[lever])
            levels[lever] += more
            granted[lever] += more
        district.grant_spending += grant_spent(money, gap)
    district.levels, model.granted_levels = Levels(*levels), Levels(*granted)
