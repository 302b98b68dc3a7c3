"""What a plan does and what its condition brings, over time: a row for each thing.

`plan_rows` is the one place that says what a time line of a plan shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from reformsim.scenario.events import Crisis, PrincipalDeparture, RevenueShock
from reformsim.scenario.levers import Levers
from reformsim.scenario.parameters import parameters_of
from reformsim.theory.schedule import MONTHS_IN_YEAR

from .plan_years import contracts, plan_years

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reformsim.scenario import Scenario
    from reformsim.scenario.events import Event

OF_CONTRACTS = ("coaching_seats", "coaching_start", "coaching_months", "coaching_intensity")
"""Levers that a contract shows."""
EVENT_NAMES = {
    "superintendent_departure": "Superintendent leaves",
    "principal_departure": "Principal leaves",
}
"""What events are called that are not called by their type."""


class Stretch(NamedTuple):
    """From when to when something is so, in years after the launch; a moment if it ends as it begins."""

    begin: float
    end: float
    words: str = ""


class PlanRow(NamedTuple):
    """One thing that a plan does, or that its condition brings."""

    kind: Literal["phase", "lever", "contract", "event"]
    name: str
    stretches: tuple[Stretch, ...]
    pilot: float = 0.0
    """Years after the launch until which it is only piloted."""


def plan_rows(scenario: Scenario) -> list[PlanRow]:
    """Return the rows of a plan: its phases, the levers that differ from the baseline, contracts, events.

    A strategy of one design has no phases. What lies outside of the years after the launch is left out.
    """
    rows = [*_phases(scenario), *_levers(scenario), *_contracts(scenario), *_events(scenario)]
    within = [
        row._replace(stretches=tuple(_within(row.stretches, scenario.horizon.years)))
        for row in rows
    ]
    return [row for row in within if row.stretches]


def value_in_words(value: float) -> str:
    """Return the value of a lever, short enough to stand on a bar."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"


def _within(stretches: tuple[Stretch, ...], years: int) -> Iterator[Stretch]:
    for begin, end, words in stretches:
        if begin < years and (end > 0 or begin >= 0):
            yield Stretch(max(0.0, begin), min(float(years), end), words)


def _phases(scenario: Scenario) -> Iterator[PlanRow]:
    if not scenario.phases:
        return
    starts = [year for year in plan_years(scenario) if year.title or year.changes]
    ends = [*(start.year - 1 for start in starts[1:]), scenario.horizon.years]
    for start, end in zip(starts, ends, strict=True):
        name = f"Year {start.year}{': ' * bool(start.title)}{start.title}"
        yield PlanRow("phase", name, (Stretch(start.year - 1, end),))


def _levers(scenario: Scenario) -> Iterator[PlanRow]:
    """Yield each lever with when it has which value that is not the baseline's."""
    plan = scenario.plan
    ends = [*(design.month for design in plan[1:]), scenario.last_month]
    for parameter in parameters_of("levers", Levers):
        name = parameter.name
        if name in OF_CONTRACTS or name == "pilot_months":
            continue
        usual = getattr(scenario.baseline, name)
        stretches: list[Stretch] = []
        for design, over in zip(plan, ends, strict=True):
            value = getattr(design.levers, name)
            begin, end = design.month / MONTHS_IN_YEAR, over / MONTHS_IN_YEAR
            words = value_in_words(value)
            if name == "launch_focus":  # it acts at the launch, and only there
                if value != usual and not design.month:
                    stretches.append(Stretch(0.0, 0.0, words))
            elif value != usual:
                if stretches and stretches[-1].end == begin and stretches[-1].words == words:
                    begin = stretches.pop().begin
                stretches.append(Stretch(begin, end, words))
        called = f"{name.replace('_', ' ').capitalize()} ({value_in_words(usual)})"
        funded = parameter.meaning.endswith("; funded")
        pilot = scenario.levers.pilot_months / MONTHS_IN_YEAR if funded else 0.0
        yield PlanRow("lever", called, tuple(stretches), pilot)


def _contracts(scenario: Scenario) -> Iterator[PlanRow]:
    stretches = []
    for start, over, levers in contracts(scenario):
        seats = min(levers.coaching_seats, scenario.district.schools)
        if seats and over > start:
            words = f"{seats:,} seat{'s' * (seats != 1)}"
            if levers.coaching_intensity != 1:
                words += f" at {value_in_words(levers.coaching_intensity)}"
            stretches.append(Stretch(start / MONTHS_IN_YEAR, over / MONTHS_IN_YEAR, words))
    yield PlanRow("contract", "Outside contract", tuple(stretches))


def _events(scenario: Scenario) -> Iterator[PlanRow]:
    """Yield a row for each type of event, in the order in which they first come."""
    by_type: dict[str, list[Stretch]] = {}
    for event in sorted(scenario.events, key=lambda event: event.month):
        begin = event.month / MONTHS_IN_YEAR
        end = begin + _lasts(scenario, event) / MONTHS_IN_YEAR
        words = f"school {event.school}" if isinstance(event, PrincipalDeparture) else ""
        by_type.setdefault(event.type, []).append(Stretch(begin, end, words))
    for kind, stretches in by_type.items():
        name = EVENT_NAMES.get(kind, kind.replace("_", " ").capitalize())
        yield PlanRow("event", name, tuple(stretches))


def _lasts(scenario: Scenario, event: Event) -> int:
    """Return how many months an event lasts; a shock lasts until revenue has recovered."""
    if isinstance(event, RevenueShock):
        left = scenario.last_month - event.month
        return left if event.permanent else event.ramp + event.hold + event.recovery
    return event.months if isinstance(event, Crisis) else 0
