"""Run a scenario over arrays and return the same record as the reference engine."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from reformsim.district.network import node
from reformsim.district.seats import Role
from reformsim.record import BY_DISTRICT, BY_SCHOOL, EventLog, Result
from reformsim.scenario.adoption import Adoption
from reformsim.scenario.levers import Levers
from reformsim.scenario.schema import Names

from ..finite import NotFinite
from . import layout
from .build import build, fork
from .run import live

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from reformsim.mechanisms import Mechanisms
    from reformsim.scenario import Scenario

    from .layout import State

PLACE_BITS = 20
PLACES = (1 << PLACE_BITS) - 1
AT_ONCE = 10_000_000
"""Agents times months that are lived through in one compiled call, which nothing can stop: half a
second."""
ROLES = ("", *(role.label for role in Role))
"""Names of roles, by number."""


def run(
    scenario: Scenario,
    seed: int,
    replicate: int,
    on_month: Callable[[int], None] | None = None,
    begin: Callable[..., State] | None = None,
    finish: Callable[..., Result] | None = None,
) -> Result:
    """Run a scenario from the warm-up to the horizon.

    `on_month` is called with the month to come, between any two compiled calls; `begin` and `finish`
    stand for `build` and `result_of` where mechanisms need more. Raises NotFinite if anything in it
    stops being finite.
    """
    begin = begin or build
    state = begin(scenario, seed, replicate)
    _live(state, scenario.first_month, scenario.last_month, on_month)
    if state.d.events > len(state.events):  # now it is known how much room the events need
        state = begin(scenario, seed, replicate, room=int(state.d.events))
        _live(state, scenario.first_month, scenario.last_month, on_month)
    return (finish or result_of)(state, scenario, seed, replicate)


class Engine(NamedTuple):
    """The compiled engine's ways in: `run` of this module, `build` and `live`."""

    run: Callable[..., Result]
    build: Callable[..., State]
    live: Callable[[State, int, int], int]


def engine_with(mechanisms: Mechanisms | None) -> Engine:
    """Return the engine, with a researcher's custom mechanisms in it if there are any."""
    if mechanisms is None or not mechanisms.acts:
        return Engine(run, build, live)
    from .mechanisms import with_mechanisms

    return with_mechanisms(mechanisms)


class Paired:
    """Runs of one seed and replicate, of which neighbours that differ in levers only share a warm-up."""

    def __init__(
        self, seed: int, replicate: int, on_month: Callable[[int], None] | None = None
    ) -> None:
        self._seed, self._replicate, self._on_month = seed, replicate, on_month
        self._before: Scenario | None = None
        self._shared: State

    def run(self, scenario: Scenario) -> Result:
        """Return the record of a scenario. Raises NotFinite, after which others can still be run."""
        key = self._seed, self._replicate
        before = warm_up_of(scenario)
        if self._before != before:
            self._before = None  # nothing is shared if this warm-up fails
            self._shared = build(scenario, *key)
            _live(self._shared, scenario.first_month, 0, self._on_month)
            self._before = before
        state = fork(self._shared, scenario)
        if state.d.events <= len(state.events):
            _live(state, 0, scenario.last_month, self._on_month)
        if state.d.events <= len(state.events):
            return result_of(state, scenario, *key)
        return run(scenario, *key, self._on_month)


def _live(
    state: State, start: int, end: int, on_month: Callable[[int], None] | None = None
) -> None:
    """Live through some months; raise NotFinite with the month in which it shows."""
    at_once = max(1, AT_ONCE // (len(state.schools) + state.setup.teachers))
    for month in range(start, end, at_once):
        then = min(month + at_once, end)
        stopped = live(state, month, then)
        if stopped != then:
            raise NotFinite(stopped)
        if on_month is not None:
            on_month(then)


def warm_up_of(scenario: Scenario) -> Scenario:
    """Return what a scenario has in common with all that live through the same warm-up."""
    ordinary: dict[str, Any] = {"names": Names(), "levers": Levers(), "adoption": Adoption()}
    return scenario.model_copy(update=ordinary | {"phases": (), "grants": ()})


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
