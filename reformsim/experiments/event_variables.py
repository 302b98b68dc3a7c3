"""Dated events as variables of a design: `events.recession.depth`, `events.crisis.2.month`.

A name says the type of the event and which of its numbers; of several events of a type the number
between says which one, counted from 1 in the order of the scenario. `revenue_shock`, the older name,
means all that happens to revenue, and the name of what one is means it however it was written. What is varied has to be there:
a condition holds the event, and the design gives it other values.
"""

from __future__ import annotations

from functools import cache
from math import isnan
from typing import TYPE_CHECKING, NamedTuple

from reformsim.scenario.checking import EVENTS
from reformsim.scenario.parameters import Kind, Parameter
from reformsim.scenario.ranges import EventRange
from reformsim.scenario.revenue_events import is_called

from .numbered import MOST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic.fields import FieldInfo

    from reformsim.scenario.events import Event

SECTION = "events"
UNITS = {
    "month": "months from the launch",
    "depth": "share of revenue",
    "load": "× the usual",
    "severity": "share",
    "capital_lost": "share",
    "principals": "people",
    "school": "",
    "seat": "",
}
"""Of the numbers of an event; all others are lengths in months. Schools and seats are numbered."""


class Named(NamedTuple):
    """What a name says."""

    type: str
    number: int | None
    """Which of the events of this type, from 1; None if there is only one."""
    field: str


@cache
def event_parameters() -> dict[str, Parameter]:
    """Return every number of an event that can be varied, as a parameter by its dotted name."""
    return {parameter.key: parameter for parameter in _parameters()}


def _parameters() -> Iterator[Parameter]:
    for kind, model in EVENTS.items():
        for name, field in model.model_fields.items():
            if field.annotation not in (int, float):
                continue
            yield _parameter(kind, name, field)
            for number in range(1, MOST + 1):
                yield _parameter(f"{kind}.{number}", name, field)


def _parameter(which: str, name: str, field: FieldInfo) -> Parameter:
    limits = {type(limit).__name__: limit for limit in field.metadata}
    kind, _, number = which.partition(".")
    event = f"{kind.replace('_', ' ')}{f' {number}' if number else ''}"
    said = field.description or name.capitalize()
    return Parameter(
        section=SECTION,
        name=f"{which}.{name}",
        kind=Kind.CONDITION,
        default=None,
        unit=UNITS.get(name, "months"),
        bounds=(limits["Ge"].ge, limits["Le"].le),
        plausible=None,
        meaning=f"{said}, of the event {event}",
        source="",
        group=SECTION,
        whole=field.annotation is int,
    )


def named(key: str) -> Named:
    """Return what the name of a variable says, one of `event_parameters`."""
    _, kind, *number, field = key.split(".")
    return Named(kind, int(number[0]) if number else None, field)


def is_event(key: str) -> bool:
    """Say whether a variable is a number of an event."""
    return key in event_parameters()


def places_of(events: Sequence[Event], kind: str) -> list[int]:
    """Return where the events of a type stand."""
    return [place for place, event in enumerate(events) if is_called(event, kind)]


def place_of(events: Sequence[Event], key: str) -> int | None:
    """Return where the event of a variable stands; None if there is none, or it is not said which."""
    name = named(key)
    places = places_of(events, name.type)
    number = 1 if name.number is None and len(places) == 1 else name.number
    if number is None or number > len(places):
        return None
    place = places[number - 1]
    return place if name.field in type(events[place]).model_fields else None


def value_in(events: Sequence[Event], key: str) -> float:
    """Return the value of a variable; NaN if its event is not there, or each replicate draws it."""
    place = place_of(events, key)
    value = None if place is None else getattr(events[place], named(key).field)
    return float("nan") if value is None or isinstance(value, EventRange) else float(value)


def replaced(events: Sequence[Event], values: Mapping[str, float]) -> list[dict[str, object]]:
    """Return events, as plain data, with other values of some variables; NaN leaves an event alone."""
    data = [event.model_dump() for event in events]
    for key, value in values.items():
        place = place_of(events, key)
        if place is not None and not isnan(value):
            data[place][named(key).field] = value
    return data
