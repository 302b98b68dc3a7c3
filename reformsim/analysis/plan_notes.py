"""What to say of dated plans before they are run: what is not paid for, and what is not reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .money import shortfalls

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reformsim.scenario import Scenario


def plan_note(scenarios: Iterable[Scenario]) -> str:
    """Return in one note what may not be meant by dated plans; nothing if there is nothing to say."""
    known = list(scenarios)
    return ". ".join(filter(None, (not_reached(known), shortfalls(known))))


def not_reached(scenarios: Iterable[Scenario]) -> str:
    """Return which phases and grants of strategies begin after a run that has been made shorter."""
    said: dict[str, str] = {}
    for scenario in scenarios:
        years = scenario.horizon.years
        beyond = [f"the phase of year {each.year}" for each in scenario.phases if each.year > years]
        beyond += [
            f"the grant of month {each.month}"
            for each in scenario.grants
            if each.month >= 12 * years
        ]
        if beyond:
            reached = f"{years} year{'s' * (years != 1)}"
            said[scenario.names.strategy or "the plan"] = (
                f"a run of {reached} does not reach {', '.join(beyond)}"
            )
    return "; ".join(f"{strategy}: {what}" for strategy, what in said.items())
