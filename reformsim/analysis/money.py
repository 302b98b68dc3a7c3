"""The money that there is for a plan, year by year: what it asks for, and what can be paid at most."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from reformsim.theory.budget import cover, hold, kept, planned_line, reach
from reformsim.theory.costs import (
    Levels,
    costs_of,
    delivered_levels,
    levels_of,
    prices_of,
    total_cost,
)
from reformsim.theory.grants import (
    grant_in_force,
    grant_share,
    grant_spent,
    own_design_cost,
    shortfall,
)

from .plan_years import plan_years, wanted_levels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reformsim.scenario import Scenario
    from reformsim.scenario.grants import Grant

NOTED = 0.5
"""Dollars per pupil a year that have to be lacking to be told: less is not seen in whole dollars."""


class MoneyYear(NamedTuple):
    """One school year of a plan, in dollars per pupil a year beyond the baseline."""

    year: int
    """The first year after the launch is 1."""
    cost: float
    """What the plan asks for: its design in full from the first July after the pilot, and what is bought."""
    bought: float
    """Of that: training, design work and outside coaching, which are bought directly and paid in full."""
    own: float
    """What the district's own line pays of the design at most."""
    grants: float
    """Grants in force."""
    granted: float
    """What can be spent of them on what the own line leaves."""
    lacking: float
    """What nobody pays."""


def money_years(scenario: Scenario) -> list[MoneyYear]:
    """Return the years of a run after the launch, in order, if all goes well.

    That is: a superintendent who wants nothing else, full readiness, and no shortfall of revenue. The
    own line then rises as fast as lines can be moved. It falls as fast when a design costs less.
    """
    d, p = scenario.district, scenario.coefficients
    prices = prices_of(float(d.schools), float(d.teachers), float(d.enrolment), p)

    def cost(levels: Levels) -> float:
        return total_cost(costs_of(levels, prices))

    baseline = levels_of(scenario.baseline, d.schools, d.teachers)
    usual = line = cost(baseline)
    start = levels = baseline
    start_cost = usual
    years = []
    for plan_year in plan_years(scenario):
        july = 12 * (plan_year.year - 1)
        in_force = max(
            (each for each in scenario.plan if each.month <= july), key=lambda each: each.month
        )
        wanted = wanted_levels(scenario, in_force.levers)
        bought = plan_year.cost - (cost(wanted) - usual)
        rolled_out = july >= scenario.levers.pilot_months
        design = wanted if rolled_out else baseline
        if in_force.month == july > 0 and rolled_out:
            start = Levels(*map(kept, levels, design))
            start_cost = cost(start)
            line = min(line, start_cost)
        standing_in = 0.0
        for grant in scenario.grants:
            standing_in += grant.stands_in * _in_force(grant, july)
        aim = own_design_cost(cost(design), usual, standing_in)
        line = planned_line(line, usual, aim, 1.0, 1.0, 0.0, 0.0, d.budget_per_pupil, p)
        way = reach(line, start_cost, cost(design)) if rolled_out else 0.0
        held = delivered_levels(baseline, start, hold(line, usual, start_cost), 1.0)
        levels = delivered_levels(held, design, way, cover(line, usual, cost(design)))
        months = range(july, july + 12) if rolled_out else range(0)
        granted = (
            sum(_spent(scenario.grants, month, levels, design, prices) for month in months) / 12
        )
        years.append(
            MoneyYear(
                plan_year.year,
                bought + cost(design) - usual,
                bought,
                cost(levels) - usual,
                sum(
                    _in_force(grant, month)
                    for grant in scenario.grants
                    for month in range(july, july + 12)
                )
                / 12,
                granted,
                max(0.0, cost(design) - cost(levels) - granted),
            )
        )
    return years


def shortfalls(scenarios: Iterable[Scenario]) -> str:
    """Return in one note which dated plans ask for more than there can be; nothing if none does.

    Plans are dated that have phases or grants.
    """
    said: dict[str, str] = {}
    for scenario in scenarios:
        strategy = scenario.names.strategy or "the plan"
        if strategy in said or not (scenario.phases or scenario.grants):
            continue
        short = [year for year in money_years(scenario) if year.lacking > NOTED]
        if short:
            first = short[0]
            said[strategy] = (
                f"{strategy} asks in year {first.year} for ${first.cost:,.0f} per pupil more than the"
                f" baseline, and there can be ${first.cost - first.lacking:,.0f} at most"
                f" (${first.own:,.0f} of the district's own line, ${first.granted:,.0f} of grants,"
                f" ${first.bought:,.0f} bought directly)"
            )
    if not said:
        return ""
    return (
        "; ".join(said.values()) + ": what is lacking is not delivered ('reformsim show' says more)"
    )


def _in_force(grant: Grant, month: int) -> float:
    return grant_in_force(month - grant.month, grant.dollars, grant.months, grant.taper_years)


def _spent(
    grants: Iterable[Grant], month: int, levels: Levels, design: Levels, prices: Levels
) -> float:
    """Return what grants pay in a month of what a line leaves, one after another."""
    filled, total = list(levels), 0.0
    for grant in grants:
        lines = [place for place, name in enumerate(Levels._fields) if grant.pays(name)]
        gap = 0.0
        for lever in lines:
            gap += shortfall(filled[lever], design[lever]) * prices[lever]
        money = _in_force(grant, month)
        share = grant_share(money, gap)
        for lever in lines:
            filled[lever] += share * shortfall(filled[lever], design[lever])
        total += grant_spent(money, gap)
    return total
