"""Run a scenario over arrays and return the same record as the reference engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING, overload

import numpy as np

from reformsim.district.network import node
from reformsim.district.record import BY_DISTRICT, BY_SCHOOL, EventRecord, Result
from reformsim.district.seats import Role
from reformsim.engines.finite import NotFinite
from reformsim.scenario.levers import Levers
from reformsim.scenario.schema import Names

from . import layout
from .build import build, fork
from .run import live

if TYPE_CHECKING:
    from reformsim.scenario import Scenario

    from .layout import State


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
        events=EventLog(state.events[: int(state.d.events)].copy()),
    )


class EventLog(Sequence[EventRecord]):
    """The events of a run, read from the engine's records when somebody asks for them."""

    def __init__(self, rows: layout.Record) -> None:
        self._rows = rows

    @cached_property
    def _events(self) -> list[EventRecord]:
        return [_event(*row) for row in self._rows.tolist()]

    def __len__(self) -> int:
        """Return how many events there are."""
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> EventRecord: ...
    @overload
    def __getitem__(self, place: slice) -> list[EventRecord]: ...
    def __getitem__(self, place: int | slice) -> EventRecord | list[EventRecord]:
        """Return one event, or a list of some."""
        return self._events[place]

    def __eq__(self, other: object) -> bool:
        """Say whether another sequence holds the same events."""
        return isinstance(other, Sequence) and list(self) == list(other)

    def __repr__(self) -> str:
        """Return the events as a list shows them."""
        return repr(self._events)

    __hash__ = None  # type: ignore[assignment]


def _event(detail: float, month: int, kind: int, role: int, place: int) -> EventRecord:
    return EventRecord(month, layout.KINDS[kind], Role(role).label, _seat(role, place), detail)


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
