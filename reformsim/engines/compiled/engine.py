"""Run a scenario over arrays and return the same record as the reference engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.district.network import node
from reformsim.district.record import BY_DISTRICT, BY_SCHOOL, EventRecord, Result
from reformsim.district.seats import Role
from reformsim.engines.finite import check_arrays, check_record

from . import layout
from .run import live

if TYPE_CHECKING:
    from reformsim.scenario import Scenario

    from .layout import State


def run(scenario: Scenario, seed: int, replicate: int) -> Result:
    """Run a scenario from the warm-up to the horizon.

    Raises NotFinite if anything in it stops being finite.
    """
    state = layout.build(scenario, seed, replicate)
    live(state, scenario.first_month, scenario.last_month)
    if state.d.events > len(state.events):  # now it is known how much room the events need
        state = layout.build(scenario, seed, replicate, room=int(state.d.events))
        live(state, scenario.first_month, scenario.last_month)
    result = result_of(state, scenario, seed, replicate)
    check_record(result.district, result.schools)
    check_arrays(
        values
        for name, values in state._asdict().items()
        if isinstance(values, np.ndarray | np.void) and not name.startswith("out_")
    )
    return result


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
        events=[_event(row) for row in state.events[: int(state.d.events)]],
    )


def _event(row: layout.Record) -> EventRecord:
    role, kind, place = Role(int(row.role)), layout.KINDS[int(row.kind)], int(row.school)
    seat = "district"
    if role is Role.SUPERINTENDENT:
        seat = node(role)
    elif role is Role.PRINCIPAL:
        seat = node(role, place)
    elif role is not Role.DISTRICT and place >= 0:
        seat = node(role, index=place)
    return EventRecord(int(row.month), kind, role.label, seat, float(row.detail))
