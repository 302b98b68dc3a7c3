"""Every state variable with unit, meaning and the stage that changes it."""

from __future__ import annotations

from typing import NamedTuple

from reformsim.district.state import TABLES
from reformsim.theory.costs import LEVELS

PEOPLE_FIRST = (
    *("superintendent", "supervisor", "coach", "principal", "teacher", "contracted", "school"),
    *("district", "level", "shock", "promoted", "tie"),
)
"""The order of the tables on the page."""


class Variable(NamedTuple):
    """One state variable of one kind of agent or place."""

    name: str
    unit: str
    meaning: str
    stage: str
    """The stage that changes it, "" if it is fixed for the run."""


def state_variables() -> dict[str, list[Variable]]:
    """Return the state variables by table."""
    tables = {
        table.table: [
            Variable(declared.name, declared.unit, declared.meaning, declared.stage)
            for declared in table.variables()
        ]
        for table in TABLES
    }
    tables["level"] = [
        Variable(name, level.unit.replace("[0, 1]", "0–1"), level.meaning, "budget")
        for name, level in LEVELS.items()
    ]
    return {name: tables[name] for name in PEOPLE_FIRST}
