"""What if: a scenario as it is, and the same with dated events or levers taken away or added.

A *change* is written as text. An event is `superintendent_departure@36`, its type and month; after
a colon comes what its type needs besides: the school of `principal_departure@14:2`, the depth of
`recession@24:0.08`, the unit of `central_departure@30:leadership_support`. It may be left out
of what is taken away, which then is every such event of the month. A lever is `pipeline` or
`levers.pipeline`; taken away, it is back at the baseline's value. Departures that chance brings are
no events of a scenario.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import TypeAdapter

from reformsim.errors import Problem, ScenarioError, printable
from reformsim.messages import did_you_mean, nearest
from reformsim.scenario.checking import EVENTS, File, check_sections
from reformsim.scenario.events import (
    NOT_CARRIED,
    WHERE_NOT_CARRIED,
    WHY_NOT_CARRIED,
    CentralDeparture,
    Event,
    called,
    in_words,
    ranges_of,
)
from reformsim.scenario.levers import Levers
from reformsim.scenario.plans import without
from reformsim.scenario.revenue_events import is_called

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reformsim.scenario import Scenario

EXAMPLES = {
    "school": "2",
    "depth": "0.08",
    "load": "0.4",
    "principals": "3",
    "unit": "leadership_support",
    "severity": "0.5",
    "capital_lost": "0.5",
}
"""A value for each of what a type of event may need."""


@dataclass(frozen=True)
class WhatIf:
    """A scenario as it is and as it would be."""

    unchanged: Scenario
    changed: Scenario
    marks: dict[str, int]
    """What is changed, in words, and the month from which it acts."""
    notes: tuple[str, ...] = ()
    """Levers that are at the baseline's value anyway."""

    @property
    def since(self) -> int:
        """The month before which both are the same."""
        return min(self.marks.values())


class _Named(NamedTuple):
    """An event as a text names it; its values are not checked yet."""

    type: str
    month: Any
    number: Any = None


def what_if(scenario: Scenario, added: Iterable[str] = (), removed: Iterable[str] = ()) -> WhatIf:
    """Return a scenario with and without changes; what is removed goes before what is added comes.

    Raises ScenarioError with every problem: a type of event or a lever that does not exist, an event
    that the scenario does not have or has already, values that are missing or out of bounds, or
    nothing to change.
    """
    problems: list[Problem] = []
    events, levers = list(scenario.events), {}
    marks: dict[str, int] = {}
    notes = []
    for text in dict.fromkeys(removed):
        name, where = text.strip().removeprefix("levers."), f"`removed` {printable(text)}"
        if name in Levers.model_fields:
            levers[name] = getattr(scenario.baseline, name)
            unlike = [each for each in scenario.plan if getattr(each.levers, name) != levers[name]]
            marks[f"{name.replace('_', ' ')} as in the baseline"] = unlike[0].month if unlike else 0
            if not unlike:
                strategy = scenario.names.strategy
                notes.append(
                    f"{strategy}: {name} is at the baseline's value anyway, {levers[name]}"
                )
        elif wrong := _unknown("removed", text, [*EVENTS, *Levers.model_fields]):
            problems.append(wrong)
        elif gone := [one for one in events if _is(one, _named(text))]:
            if any(map(ranges_of, events[min(map(events.index, gone)) + 1 :])):
                hint = (
                    "put it last in its file: a draw depends on which event of the scenario it is"
                )
                problems.append(Problem("stands before events with ranges", where, hint=hint))
            events = [one for one in events if one not in gone]
            marks |= {_mark("without", one): one.month for one in gone}
            problems += _outside(gone[0].month, scenario, where)
        else:
            there = ", ".join(map(as_text, scenario.events))
            hint = "" if there else "it has no dated events; `added` adds one"
            problems.append(Problem("is not in the scenario", where, allowed=there, hint=hint))
    for text in dict.fromkeys(added):
        found = list(_problems_of_added(text, scenario))
        if not found:
            event: Event = TypeAdapter(Event).validate_python(_data(_named(text)))
            if event in events:
                hint = "`removed` takes it away"
                found = [
                    Problem("is in the scenario already", f"`added` {printable(text)}", hint=hint)
                ]
            events.append(event)
            marks[_mark("with", event)] = event.month
        problems += found
    if not marks and not problems:
        hint = "as `added` superintendent_departure@36, or `removed` pipeline"
        problems.append(Problem("nothing is changed: give `added` or `removed`", hint=hint))
    if problems:
        raise ScenarioError(*problems)
    changed = scenario.replace(
        events=[one.model_dump() for one in events],
        levers=levers,
        phases=without(
            scenario.baseline,
            scenario.levers.model_copy(update=levers),
            scenario.phases,
            levers,
            scenario.horizon.years,
        ),
    )
    return WhatIf(scenario, changed, marks, tuple(notes))


def as_text(event: Event) -> str:
    """Return the text that names an event."""
    number = _number_of(event.type)
    value = f":{in_words(getattr(event, number))}" if number else ""
    return f"{event.type}@{in_words(event.month)}{value}"


def _unknown(argument: str, text: str, names: Iterable[str]) -> Problem | None:
    """Return what is wrong with what should be an event with its month, or one of `names`."""
    name, at, _ = text.strip().partition("@")
    where = f"`{argument}` {printable(text)}"
    if name in NOT_CARRIED:
        return Problem(WHY_NOT_CARRIED, where, hint=WHERE_NOT_CARRIED)
    if name in EVENTS:
        hint = f"as {name}@36"
        return None if at else Problem("needs the month of the event", where, hint=hint)
    near = nearest(name.removeprefix("levers."), EVENTS if at else names)
    what = "type of event" if at or argument == "added" else "event or lever"
    hint = did_you_mean(text.replace(name, near) if near else "")
    levers = "" if what == "type of event" else ", or a lever ('reformsim params levers')"
    return Problem(f"unknown {what}", where, allowed=", ".join(EVENTS) + levers, hint=hint)


def _problems_of_added(text: str, scenario: Scenario) -> Iterator[Problem]:
    where = f"`added` {printable(text)}"
    if text.strip().removeprefix("levers.") in Levers.model_fields:
        hint = "`removed` sets it back, and `set` changes it on both sides"
        yield Problem("is a lever, which cannot be added", where, hint=hint)
        return
    if wrong := _unknown("added", text, EVENTS):
        yield wrong
        return
    named = _named(text)
    number = _number_of(named.type)
    if named.number is not None and not number:
        yield Problem(f"{named.type} takes no number after its month", where)
        return
    found = list(check_sections(File(Path(), where, {}), {"events": [_data(named)]}))
    for problem in found:
        key = problem.key.rpartition(".")[2]
        hint = f"as {named.type}@36:{EXAMPLES[key]}" if key in EXAMPLES else ""
        yield replace(problem, key=key, hint=problem.hint or hint)
    if isinstance(named.month, int):
        yield from _outside(named.month, scenario, where)
    schools = scenario.district.schools
    if not found and number == "school" and named.number >= schools:
        message = f"there is no school {named.number}"
        yield Problem(message, where, allowed=f"0 to {schools - 1}")
    elif not found and number == "principals" and named.number > schools:
        message = f"there are not {named.number} principals"
        yield Problem(message, where, allowed=f"1 to {schools}")


def _outside(month: int, scenario: Scenario, where: str) -> Iterator[Problem]:
    first, last = scenario.first_month, scenario.last_month - 1
    if not first <= month <= last:
        allowed = f"{first} to {last}, of which 0 is the launch"
        yield Problem("is no month of the run", where, found=str(month), allowed=allowed)


def _named(text: str) -> _Named:
    name, _, rest = text.strip().partition("@")
    month, colon, number = rest.partition(":")
    return _Named(name, _value(month), _value(number) if colon else None)


def _value(text: str) -> int | float | str:
    """Return a text as the number that it is, or as it is."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _number_of(kind: str) -> str | None:
    """Return what the number after the month of an event means; None if its type has none."""
    fields = EVENTS[kind].model_fields.items()
    needed = (name for name, field in fields if field.is_required())
    return next((name for name in needed if name not in ("type", "month")), None)


def _data(named: _Named) -> dict[str, Any]:
    data = {"type": named.type, "month": named.month}
    number = _number_of(named.type)
    return data if named.number is None or not number else data | {number: named.number}


def _is(event: Event, named: _Named) -> bool:
    number = _number_of(event.type)
    value = getattr(event, number) if number else None
    same = is_called(event, named.type) and event.month == named.month
    return same and named.number in (None, value)


def _mark(word: str, event: Event) -> str:
    of = f" of school {event.school}" if hasattr(event, "school") else ""
    of = f" of {event.unit.replace('_', ' ')}" if isinstance(event, CentralDeparture) else of
    return f"{word} {called(event)}{of} in month {event.month}"
