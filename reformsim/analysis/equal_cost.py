"""Strategies for the same money: how much of what a design buys a given sum pays for.

A design that costs more is scaled down: everything it buys is bought in the same part of what it adds
to the baseline, and everything that costs nothing stays as designed. A design that costs no more stays
whole: what a district would do with money that its plan does not ask for is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from reformsim.scenario.levers import Levers
from reformsim.scenario.parameters import parameters_of

from .plan_years import plan_years

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reformsim.scenario import Scenario

CASELOADS = ("span_of_control", "teachers_per_coach")
"""Levers that are people per post: half the posts are twice the caseload."""
SEATS = "coaching_seats"
"""The only whole number that money buys; the others are months."""
MOST_DOLLARS = 1e6
"""The most that strategies can be scaled to, $ per pupil a year."""
HALVINGS = 40
"""Of the interval in which the part lies: to 1e-12."""


class Scaled(NamedTuple):
    """A strategy for a sum of money."""

    scenario: Scenario
    part: float
    """Of what its design adds to the baseline; 1 if it is whole."""


def plan_cost(scenario: Scenario) -> float:
    """Return what a plan asks for beyond the baseline: mean over the years, $ per pupil a year."""
    years = plan_years(scenario)
    return sum(year.cost for year in years) / len(years)


def scaled_to(scenario: Scenario, dollars: float) -> Scaled:
    """Return a strategy whose plan asks for no more than so many dollars per pupil a year.

    What a plan asks for is its mean over the years after the launch at the scenario's prices, paid
    in full. Seats of outside coaching are whole, so the sum may not be reached to the cent.
    """
    cost = plan_cost(scenario)
    if cost <= dollars:
        return Scaled(scenario, 1.0)
    bought = [name for name in _may_be_bought() if plan_cost(_in_part(scenario, [name], 0)) < cost]
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if plan_cost(_in_part(scenario, bought, middle)) <= dollars:
            low = middle
        else:
            high = middle
    return Scaled(_in_part(scenario, bought, low), low)


def equal_cost_note(scenarios: Iterable[Scenario], dollars: float) -> str:
    """Return what the plans ask for, of strategies that have been brought to the same money."""
    asked = {each.names.strategy: f"${plan_cost(each):,.0f}" for each in scenarios}
    costs = ", ".join(f"{strategy} {cost}" for strategy, cost in asked.items())
    return (
        f"designs that cost more than ${dollars:,g} per pupil a year are scaled down to it; on"
        f" average over the years the plans ask for: {costs}"
    )


def _may_be_bought() -> list[str]:
    return [
        lever.name
        for lever in parameters_of("levers", Levers)
        if not lever.whole or lever.name == SEATS
    ]


def _in_part(scenario: Scenario, bought: Sequence[str], part: float) -> Scenario:
    """Return a scenario with a part of what its plan adds to the baseline by these levers."""

    def value_of(name: str, designed: float) -> float:
        usual = getattr(scenario.baseline, name)
        if name in CASELOADS:
            return float(1.0 / (1.0 / usual + part * (1.0 / designed - 1.0 / usual)))
        value = usual + part * (designed - usual)
        return int(value) if name == SEATS else float(value)

    def of(levers: Iterable[tuple[str, float]]) -> dict[str, float]:
        return {name: value_of(name, value) if name in bought else value for name, value in levers}

    return scenario.varied(
        levers=of(scenario.levers.model_dump().items()),
        phases=tuple(
            phase.model_copy(update={"levers": tuple(of(phase.levers).items())})
            for phase in scenario.phases
        ),
    )
