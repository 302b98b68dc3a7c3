"""Parameters and state of a file of mechanisms: as they are declared, and as an intervention sees them.

Both engines give an intervention one tuple, `s.own`, with a number for each parameter and an array
for each variable of state. A number is no part of what is compiled, so another value compiles nothing.
"""

from __future__ import annotations

import math
from collections import namedtuple
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .declaring import Mechanisms

PREFIX = "mechanism"
"""What the names of all that a file declares start with, in tables and designs."""
HOLDERS = ("school", "district")
"""Of what there can be custom state."""
_TYPE = "Own"


@dataclass(frozen=True, slots=True)
class OwnParameter:
    """A number that interventions read, and that a design can vary."""

    name: str
    value: float
    unit: str
    bounds: tuple[float, float]
    """What a value may be, ends included."""
    meaning: str

    @property
    def column(self) -> str:
        """Its name in tables and designs."""
        return f"{PREFIX}.{self.name}"

    def wrong(self, value: Any) -> str:
        """Return what is wrong with a value; nothing if it may be."""
        if not is_number(value):
            return "must be a finite number"
        return "" if self.bounds[0] <= value <= self.bounds[1] else "out of bounds"

    @property
    def allowed(self) -> str:
        """What a value may be, in words."""
        return f"{self.bounds[0]:.10g} to {self.bounds[1]:.10g}"


@dataclass(frozen=True, slots=True)
class OwnState:
    """A variable that interventions read and write, of each school or of the district."""

    name: str
    of: str
    start: float
    unit: str
    meaning: str

    @property
    def column(self) -> str:
        """The name of its series: of the district, or the mean of its schools."""
        return f"{PREFIX}.{self.name}"


def is_number(value: Any) -> bool:
    """Tell whether a value is a number that can be computed with."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number of 400 digits
        return False


@cache
def type_of(names: tuple[str, ...]) -> type[Any]:
    """Return the type of `s.own` with these fields; always the same one for the same names.

    Compiled code is kept for the types it takes, by where each is found: here, by its fields.
    """
    made: Any = namedtuple(_TYPE, names)  # type: ignore[misc]  # noqa: PYI024 - names are data
    made.__module__ = __name__
    made.__qualname__ = f"{_TYPE}({','.join(names)})"
    return cast("type[Any]", made)


def __getattr__(name: str) -> Any:
    """Return a type by its qualified name, for a process that loads what another has compiled."""
    if name.startswith(f"{_TYPE}(") and name.endswith(")"):
        return type_of(tuple(filter(None, name[len(_TYPE) + 1 : -1].split(","))))
    raise AttributeError(f"there is no {name}")


def own_of(mechanisms: Mechanisms, schools: int) -> Any:
    """Return `s.own` as it is before the first month."""
    import numpy as np

    values = mechanisms.values
    fields: dict[str, Any] = {
        declared.name: float(values[declared.name]) for declared in mechanisms.parameters
    }
    for state in mechanisms.states:
        fields[state.name] = np.full(schools if state.of == "school" else 1, float(state.start))
    return type_of(tuple(fields))(**fields)


def mean_of(values: NDArray[np.float64]) -> float:
    """Return the mean that is recorded; added in order, as both engines do."""
    total = 0.0
    for value in values:
        total += value
    return total / len(values)
