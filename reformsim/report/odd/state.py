"""Every state variable with unit, meaning and the stage that changes it."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, NamedTuple

from reformsim.engines.compiled import layout
from reformsim.engines.reference.places import District, School
from reformsim.engines.trace import STAGE_OF

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Words = Mapping[str, Mapping[str, Sequence[str]]]
    """Unit and meaning, by table of the trace and variable."""

RECORD = {"series", "school_series"}
"""Tables of the trace that are the record, and no state."""
PLACES = {"district": (layout.DISTRICT, District), "school": (layout.SCHOOL, School)}
"""What holds variables that the trace leaves out because they are fixed for a run."""


class Variable(NamedTuple):
    """One state variable of one kind of agent or place."""

    name: str
    unit: str
    meaning: str
    stage: str
    """The stage that changes it, "" if it is fixed for the run."""


def state_variables(words: Words) -> dict[str, list[Variable]]:
    """Return the state variables by table, in the order of `words`.

    Raises ValueError with every variable of the trace that `words` leaves out, and every one in
    `words` that neither the trace nor a place of either engine has.
    """
    traced = {key for key in STAGE_OF if key.partition(".")[0] not in RECORD}
    described = {f"{table}.{name}" for table, names in words.items() for name in names}
    stored = {
        f"{table}.{name}"
        for table, (record, view) in PLACES.items()
        for name in (*(record.names or ()), *(field.name for field in fields(view)))
    }
    wrong = [f"{key} is described nowhere" for key in sorted(traced - described)]
    wrong += [f"{key} does not exist" for key in sorted(described - traced - stored)]
    if wrong:
        raise ValueError("state variables in words.toml: " + "; ".join(wrong))
    return {
        table: [
            Variable(name, unit, meaning, STAGE_OF.get(f"{table}.{name}", ""))
            for name, (unit, meaning) in names.items()
        ]
        for table, names in words.items()
    }
