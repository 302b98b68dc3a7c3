"""The tables of a scenario in `reformsim show`: its plan, its grants, its money and its events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reformsim.scenario.events import (
    Crisis,
    UnionConflict,
    called,
    details_of,
    highest,
    in_words,
    lowest,
)
from reformsim.scenario.ranges import EventRange
from reformsim.scenario.revenue_events import RevenueEvent

from .console import say
from .tables import say_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reformsim.analysis.money import MoneyYear
    from reformsim.analysis.plan_years import PlanYear
    from reformsim.scenario import Scenario
    from reformsim.scenario.merging import Composed, Origin


def where(origin: Origin) -> str:
    return f"{origin.file}:{origin.line}" if origin.line else origin.file


def say_plan(years: Sequence[PlanYear], *, in_part: bool) -> None:
    """Print what a plan changes in which school year, and what its designs cost.

    And how many schools take part, if they are not all, or not always.
    """
    rows = [
        (
            str(year.year),
            year.title or "–",
            "; ".join(
                f"{name.replace('_', ' ')} {shown(before)} → {shown(after)}"
                for name, (before, after) in year.changes.items()
            )
            or "as before",
            *([f"{year.schools:,.0f}"] * in_part),
            f"{year.cost:,.0f}",
        )
        for year in years
        if year.changes or year.title or year.year == len(years)
    ]
    numbers = ("year", *["schools"] * in_part, "extra cost")
    columns = (numbers[0], "phase", "what changes", *numbers[1:])
    say_table(columns, rows, "Plan", numbers=numbers)
    say(
        "Years are school years after the launch. Extra cost: over the baseline, in $ per pupil a year,"
        " if the design were paid in full; the budget pays it in steps.",
        style="dim",
    )
    say("")


def say_grants(composed: Composed) -> None:
    """Print the grants, and where each stands."""
    instead = any(grant.stands_in for grant in composed.scenario.grants)
    rows = [
        (
            str(grant.month),
            grant.title or "–",
            f"{grant.dollars:,.10g}",
            str(grant.months),
            f"{grant.taper_years} year{'s' * (grant.taper_years != 1)}"
            if grant.taper_years
            else "at once",
            *([f"{grant.stands_in:.3g}"] * instead),
            ", ".join(line.replace("_", " ") for line in grant.lines) or "all lines",
            where(composed.origins[f"grants.{n}"]),
        )
        for n, grant in enumerate(composed.scenario.grants)
    ]
    if rows:
        numbers = ("month", "$ per pupil a year", "months", *["stands in"] * instead)
        columns = ("month", "grant", *numbers[1:3], "ends within", *numbers[3:], "for", "from")
        say_table(columns, rows, "Grants", numbers=numbers)


def say_money(years: Sequence[MoneyYear]) -> None:
    """Print by year what a plan asks for, and what there can be for it."""
    rows = [
        (
            str(year.year),
            *(f"{amount:,.0f}" for amount in year[1:]),
        )
        for year in years
    ]
    columns = ("year", "asked for", "bought", "own line", "grants", "spent of them", "lacking")
    say_table(columns, rows, "Money there is", numbers=columns)
    say(
        "In $ per pupil a year beyond the baseline. The own line and what is spent of grants are the most"
        " that there can be: with a superintendent who wants nothing else, full readiness and no"
        " shortfall of revenue. Training, design work and outside coaching are bought and paid in full.",
        style="dim",
    )
    say("")


def say_events(composed: Composed) -> None:
    events = composed.scenario.events
    if not events:
        return
    rows = [
        (
            in_words(event.month),
            called(event),
            _details(event) + _outside(event, composed.scenario),
            _event_origin(composed, n),
        )
        for n, event in enumerate(events)
    ]
    say_table(("month", "event", "details", "from"), rows, "Events", numbers=("month",))


def _details(event: Any) -> str:
    return ", ".join(f"{name} {shown(value)}" for name, value in details_of(event).items())


def _outside(event: Any, scenario: Scenario) -> str:
    """Say that an event does nothing, as its month is none of the run; nothing if it may do something."""
    lasts = isinstance(event, RevenueEvent | Crisis | UnionConflict)
    if lowest(event.month) >= scenario.last_month:
        return " (after the run: does nothing)"
    if highest(event.month) < scenario.first_month and not lasts:
        return " (before the run: does nothing)"
    return ""


def _event_origin(composed: Composed, number: int) -> str:
    return where(composed.origins[f"events.{number}"])


def shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, EventRange):
        return f"{shown(value.low)} to {shown(value.high)}"
    if isinstance(value, tuple):
        return ", ".join(map(shown, value)) or "–"
    return f"{value:,.10g}" if isinstance(value, float) else str(value) or "–"
