"""What a plan does and what its condition brings, over time: a row for each thing.

`plan_rows` is the one place that says what a time line of a plan shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from reformsim.scenario.events import (
    Crisis,
    PrincipalDeparture,
    TeacherDeparture,
    UnionConflict,
    called,
    highest,
    lowest,
    ranges_of,
)
from reformsim.scenario.levers import Levers
from reformsim.scenario.parameters import parameters_of
from reformsim.scenario.revenue_events import RevenueEvent
from reformsim.theory.grants import grant_in_force
from reformsim.theory.schedule import MONTHS_IN_YEAR

from .plan_years import contracts, plan_years

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reformsim.scenario import Scenario
    from reformsim.scenario.events import Event
    from reformsim.scenario.grants import Grant

OF_CONTRACTS = ("coaching_seats", "coaching_start", "coaching_months", "coaching_intensity")
"""Levers that a contract shows."""
EVENT_NAMES = {
    "superintendent_departure": "Superintendent leaves",
    "principal_departure": "Principal leaves",
    "principal_departures": "Principals leave",
    "central_departure": "Central office staff leave",
    "teacher_departure": "Teacher leaves",
    "partner_departure": "Outside partner leaves",
    "board_turnover": "New board",
    "union_conflict": "Union conflict",
}
"""What events are called that are not called by their type."""


class Stretch(NamedTuple):
    """From when to when something is so, in years after the launch; a moment if it ends as it begins."""

    begin: float
    end: float
    words: str = ""


class PlanRow(NamedTuple):
    """One thing that a plan does, or that its condition brings."""

    kind: Literal["phase", "lever", "contract", "grant", "event"]
    name: str
    stretches: tuple[Stretch, ...]
    pilot: float = 0.0
    """Years after the launch until which it is only piloted."""


def plan_rows(scenario: Scenario) -> list[PlanRow]:
    """Return a plan's phases, levers that differ from the baseline, contracts, grants and events.

    A strategy of one design has no phases. What lies outside of the years after the launch is left out.
    """
    rows = [*_phases(scenario), *_levers(scenario), *_contracts(scenario)]
    rows += [*_grants(scenario), *_events(scenario)]
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


def _grants(scenario: Scenario) -> Iterator[PlanRow]:
    """Yield each grant with what it pays in $ per pupil a year, step by step."""
    for number, grant in enumerate(scenario.grants, start=1):
        ends = [grant.month + grant.months + 12 * year for year in range(grant.taper_years + 1)]
        begins = [grant.month, *ends[:-1]]
        stretches = (
            Stretch(
                begin / MONTHS_IN_YEAR,
                end / MONTHS_IN_YEAR,
                f"${value_in_words(round(_paid(grant, begin), 2))}",
            )
            for begin, end in zip(begins, ends, strict=True)
        )
        yield PlanRow("grant", grant.title or f"Grant {number}", tuple(stretches))


def _paid(grant: Grant, month: int) -> float:
    return grant_in_force(month - grant.month, grant.dollars, grant.months, grant.taper_years)


def _events(scenario: Scenario) -> Iterator[PlanRow]:
    """Yield a row for each kind of event, in the order in which they first come.

    One of which replicates draw a number is shown from the first to the last month it may come in.
    """
    by_name: dict[str, list[Stretch]] = {}
    for event in sorted(scenario.events, key=lambda event: lowest(event.month)):
        begin, words = lowest(event.month) / MONTHS_IN_YEAR, ""
        if ranges_of(event):
            end, words = highest(event.month) / MONTHS_IN_YEAR, "drawn"
        else:
            end = begin + _lasts(scenario, event) / MONTHS_IN_YEAR
            if isinstance(event, PrincipalDeparture | TeacherDeparture):
                words = f"school {event.school}"
        name = EVENT_NAMES.get(event.type, called(event).capitalize())
        by_name.setdefault(name, []).append(Stretch(begin, end, words))
    for name, stretches in by_name.items():
        yield PlanRow("event", name, tuple(stretches))


def _lasts(scenario: Scenario, event: Event) -> int:
    """Return how many months an event lasts; a fall of revenue lasts until revenue is back."""
    if isinstance(event, RevenueEvent):
        shape = event.shape
        left = scenario.last_month - event.month
        return left if shape.permanent else shape.ramp + shape.hold + shape.recovery
    return event.months if isinstance(event, Crisis | UnionConflict) else 0
