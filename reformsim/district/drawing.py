"""What each replicate draws of a scenario: the numbers of its dated events that are ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.scenario.events import ranges_of
from reformsim.theory.chance import uniform
from reformsim.theory.streams import Stream

if TYPE_CHECKING:
    from reformsim.scenario import Scenario
    from reformsim.scenario.events import Event
    from reformsim.scenario.ranges import EventRange


def drawn(scenario: Scenario, seed: int, replicate: int) -> Scenario:
    """Return a scenario whose events have numbers, drawn where they are given as ranges.

    The key of a draw is seed, replicate, which of the scenario's events it is, and the field, so that
    all strategies of a replicate meet the same events. Without ranges it is the scenario itself.
    """
    if not any(ranges_of(event) for event in scenario.events):
        return scenario
    events = tuple(
        _drawn(event, number, seed, replicate) for number, event in enumerate(scenario.events)
    )
    return scenario.model_copy(update={"events": events})


def drawn_events(scenario: Scenario, seed: int, replicate: int = 0) -> tuple[Event, ...]:
    """Return the dated events of one replicate, each range replaced by the number that it drew.

    Of a result: `drawn_events(result.scenario, result.seed, result.replicate)`.
    """
    return drawn(scenario, seed, replicate).events


def _drawn(event: Event, number: int, seed: int, replicate: int) -> Event:
    fields = list(type(event).model_fields)
    return event.model_copy(
        update={
            name: _number(
                limits,
                uniform(seed, replicate, number, 0, Stream.EVENT_NUMBER, fields.index(name)),
            )
            for name, limits in ranges_of(event).items()
        }
    )


def _number(limits: EventRange, draw: float) -> int | float:
    """Return the number between two ends at a draw from [0, 1)."""
    low, high = limits.low, limits.high
    if isinstance(low, int) and isinstance(high, int):
        return low + min(high - low, int(draw * (high - low + 1)))
    return min(high, low + draw * (high - low))
