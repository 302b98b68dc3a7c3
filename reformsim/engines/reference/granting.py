"""Grants: what they pay in a month, and what they add to the district's own line."""

from __future__ import annotations

from operator import add
from typing import TYPE_CHECKING

from reformsim.district.seats import mean
from reformsim.theory.costs import FOR_SCHOOLS, Levels, costs_of, total_cost
from reformsim.theory.grants import grant_in_force, grant_share, grant_spent, shortfall

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reformsim.scenario.grants import Grant

    from .model import DistrictModel
    from .places import Apart, District


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


def add_grants(model: DistrictModel, design: Levels, apart: Sequence[tuple[Levels, Apart]]) -> None:
    """Add to what the own line delivers what grants fill of designs, one after another.

    `apart` are designs of schools with what these have, if schools are unlike. What is lacking is then
    what schools lack, and each of them gets the same share of it: one that has more than its design
    makes up for no other.
    """
    district = model.district
    district.grant_spending = 0.0
    receivers: list[tuple[Levels, District | Apart]] = [(design, district), *apart]
    for _, receiver in receivers:
        receiver.granted = Levels(*(0.0 for _ in Levels._fields))
    if not model.rolled_out:
        return
    for grant in model.scenario.grants:
        lacking = [lacks(grant, wanted, receiver.levels) for wanted, receiver in receivers]
        lacking[0] = in_district(lacking[0], lacking[1:])
        money, gap = money_of(grant, model.month), total_cost(costs_of(lacking[0], model.prices))
        share = grant_share(money, gap)
        for (_, receiver), gaps in zip(receivers, lacking, strict=True):
            more = [share * each for each in gaps]
            receiver.levels = Levels(*map(add, receiver.levels, more))
            receiver.granted = Levels(*map(add, receiver.granted, more))
        district.grant_spending += grant_spent(money, gap)


def lacks(grant: Grant, wanted: Levels, levels: Levels) -> Levels:
    """Return what levels lack of a design, on the lines that a grant may be spent on."""
    pairs = zip(Levels._fields, levels, wanted, strict=True)
    return Levels(
        *(shortfall(level, full) if grant.pays(name) else 0.0 for name, level, full in pairs)
    )


def in_district(lacking: Levels, by_school: Sequence[Levels]) -> Levels:
    """Return what the district lacks: of what schools have, the mean of what they lack, if unlike."""
    if not by_school:
        return lacking
    means = {name: mean([getattr(each, name) for each in by_school]) for name in FOR_SCHOOLS}
    return lacking._replace(**means)
