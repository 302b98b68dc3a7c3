"""Run a scenario over arrays and return the same record as the reference engine."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from reformsim.district.network import node
from reformsim.district.record import BY_DISTRICT, BY_SCHOOL, EventLog, Result
from reformsim.district.seats import Role
from reformsim.engines.finite import NotFinite
from reformsim.scenario.levers import Levers
from reformsim.scenario.schema import Names

from . import layout
from .build import build, fork
from .run import live

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from reformsim.scenario import Scenario

    from .layout import State

PLACE_BITS = 20
PLACES = (1 << PLACE_BITS) - 1
ROLES = ("", *(role.label for role in Role))
"""Names of roles, by number."""


def run(scenario: Scenario, seed: int, replicate: int) -> Result:
    """Run a scenario from the warm-up to the horizon.

    Raises NotFinite if anything in it stops being finite.
    """
    state = build(scenario, seed, replicate)
    _live(state, scenario.first_month, scenario.last_month)
    if state.d.events > len(state.events):  # now it is known how much room the events need
        state = build(scenario, seed, replicate, room=int(state.d.events))
        _live(state, scenario.first_month, scenario.last_month)
    return result_of(state, scenario, seed, replicate)


def run_paired(scenarios: Iterable[Scenario], seed: int, replicate: int) -> Iterator[Result]:
    """Yield the record of each scenario; neighbours that differ in levers only share their warm-up."""
    before: Scenario | None = None
    for scenario in scenarios:
        if before is None or before != warm_up_of(scenario):
            before, shared = warm_up_of(scenario), build(scenario, seed, replicate)
            _live(shared, scenario.first_month, 0)
        state = fork(shared, scenario)
        if state.d.events <= len(state.events):
            _live(state, 0, scenario.last_month)
        if state.d.events <= len(state.events):
            yield result_of(state, scenario, seed, replicate)
        else:
            yield run(scenario, seed, replicate)


def _live(state: State, start: int, end: int) -> None:
    """Live through some months; raise NotFinite with the month in which it shows."""
    stopped = live(state, start, end)
    if stopped != end:
        raise NotFinite(stopped)


def warm_up_of(scenario: Scenario) -> Scenario:
    """Return what a scenario has in common with all that live through the same warm-up."""
    return scenario.model_copy(update={"names": Names(), "levers": Levers()})


def result_of(state: State, scenario: Scenario, seed: int, replicate: int) -> Result:
    """Return the record that a finished run has left in its arrays."""
    happened = state.events[: int(state.d.events)].copy()
    return Result(
        scenario=scenario,
        seed=seed,
        replicate=replicate,
        engine="compiled",
        months=np.arange(scenario.first_month, scenario.last_month),
        district=dict(zip(BY_DISTRICT, state.out_district, strict=True)),
        schools=dict(zip(BY_SCHOOL, state.out_schools, strict=True)),
        costs=dict(zip(layout.COSTS, state.out_costs, strict=True)),
        need=np.array(state.schools.need),
        quartile=np.array(state.schools.quartile),
        events=EventLog(len(happened), partial(event_columns, happened)),
    )


def event_columns(rows: layout.Record) -> dict[str, NDArray[Any]]:
    """Return the columns of a log of events, from the engine's own records."""
    seats, which = np.unique(rows.role << PLACE_BITS | rows.school + 1, return_inverse=True)
    names = [_seat(int(one) >> PLACE_BITS, (int(one) & PLACES) - 1) for one in seats]
    return {
        "month": rows.month,
        "kind": np.array(layout.KINDS, dtype=object)[rows.kind],
        "role": np.array(ROLES, dtype=object)[rows.role],
        "seat": np.array(names, dtype=object)[which],
        "detail": rows.detail,
    }


@cache
def _seat(role: int, place: int) -> str:
    """Return the seat that an event is about, as the support graph names it."""
    if role == Role.SUPERINTENDENT:
        return node(Role.SUPERINTENDENT)
    if role == Role.PRINCIPAL:
        return node(Role.PRINCIPAL, place)
    if role != Role.DISTRICT and place >= 0:
        return node(Role(role), index=place)
    return "district"
