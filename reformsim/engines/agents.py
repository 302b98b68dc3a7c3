"""Every agent's state month by month, as columns: for a close look at one run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from reformsim.district.network import node
from reformsim.district.seats import Role, shares

from .trace import STAGE_OF, trace_compiled

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from reformsim.mechanisms import Mechanisms
    from reformsim.scenario import Scenario

    Columns = dict[str, NDArray[Any]]

ROLES = {
    "superintendent": Role.SUPERINTENDENT,
    "supervisor": Role.LEADERSHIP_SUPPORT,
    "coach": Role.TEACHING_LEARNING,
    "principal": Role.PRINCIPAL,
    "teacher": Role.TEACHER,
}
"""The tables of a trace that hold people, and their role."""
VARIABLES = tuple(
    dict.fromkeys(
        variable
        for name in STAGE_OF
        for table, _, variable in [name.partition(".")]
        if table in ROLES
    )
)
"""Everything that the model knows of anybody; NaN in `agent_columns` where a role has no such thing."""


def agent_columns(
    scenario: Scenario,
    seed: int,
    replicate: int,
    every: int = 1,
    heed: Callable[[], None] | None = None,
    mechanisms: Mechanisms | None = None,
) -> Columns:
    """Simulate a run and return one row per kept month and seat, as columns of one length.

    `month` (those divisible by `every`), `role`, `seat` (its name in the support graph), then
    VARIABLES, in the units of the record, as they are when the month is over and those who leave
    have left; what an empty seat does not have is NaN. `heed` is called before each month; what it
    raises ends the run and passes on. `mechanisms` are one's own.
    """
    from .compiled.engine import engine_with

    engine = engine_with(mechanisms)
    state = engine.build(scenario, seed, replicate)
    teachers = [
        node(Role.TEACHER, school, place)
        for school, size in enumerate(shares(scenario.district.teachers, scenario.district.schools))
        for place in range(size)
    ]
    parts: dict[str, list[NDArray[Any]]] = {
        name: [] for name in ("month", "role", "seat", *VARIABLES)
    }
    for month in range(scenario.first_month, scenario.last_month):
        if heed is not None:
            heed()
        engine.live(state, month, month + 1)
        if month % every:
            continue
        trace = trace_compiled(state, month)
        for table, role in ROLES.items():
            count = len(trace[f"{table}.person"])
            seats = teachers if table == "teacher" else _seats(role, count)
            parts["month"].append(np.full(count, month))
            parts["role"].append(np.full(count, role.label, dtype=object))
            parts["seat"].append(np.array(seats, dtype=object))
            for name in VARIABLES:
                nothing = np.full(count, np.nan)
                parts[name].append(trace.get(f"{table}.{name}", nothing))
    return {name: np.concatenate(columns) for name, columns in parts.items()}


def _seats(role: Role, count: int) -> list[str]:
    if role is Role.SUPERINTENDENT:
        return [node(role)] * count
    if role is Role.PRINCIPAL:
        return [node(role, school) for school in range(count)]
    return [node(role, index=place) for place in range(count)]
