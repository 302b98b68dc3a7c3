"""Units of studies made up for tests: fabricated runs, and a census that no model took."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import fabricate
import numpy as np

from reformsim.engines.census import Census
from reformsim.record import EventRecord
from reformsim.validation.studies import SimulatedUnit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reformsim.record import Result

STANDARD = {"years": 15, "warm_up_years": 5}


@dataclass(frozen=True)
class MadeUp(SimulatedUnit):
    """A unit with a census that is given, by arm; only the months that are asked for come back."""

    people: dict[int, Census] = field(default_factory=dict)

    def census(self, arm: int, months: Sequence[int]) -> Census:
        """Return the months that are asked for."""
        known = self.people[arm]
        rows = [list(known.months).index(month) for month in months]
        return Census._make(np.asarray(column)[rows] for column in known)


def run(**choices: Any) -> Result:
    """Return a fabricated run of the standard length in which nobody leaves and nothing happens."""
    made = fabricate.result(**(STANDARD | choices))
    for name in ("vacant", "principal_departures", "teacher_departures"):
        made.schools[name] = np.zeros_like(made.schools[name])
    return made


def month(made: Result, number: int) -> int:
    """Return where a month stands."""
    return number - int(made.months[0])


def leaves(made: Result, school: int, at: int, *, back: int, kind: str = "departure") -> None:
    """Let the principal of a school leave; the seat is filled again in month `back`."""
    assert isinstance(made.events, list)
    made.events.append(EventRecord(at, kind, "principal", f"principal-{school}", 30.0))
    made.schools["principal_departures"][month(made, at), school] = 1.0
    made.schools["vacant"][month(made, at) : month(made, back), school] = 1.0
    made.events.append(EventRecord(back, "appointment", "principal", f"principal-{school}", 0.4))


def census(
    months: Sequence[int],
    schools: int = fabricate.SCHOOLS,
    teachers: int = fabricate.TEACHERS,
    **columns: Any,
) -> Census:
    """Return a census of zeros but for the columns that are given."""
    count = len(months)
    sizes = dict.fromkeys(("vacant", "experience", "mentored", "seated"), schools)
    sizes |= dict.fromkeys(("teacher", "teacher_experience", "teacher_practice"), teachers)
    zeros = {name: np.zeros((count, size)) for name, size in sizes.items()}
    return Census(months=np.array(list(months)), **(zeros | columns))
