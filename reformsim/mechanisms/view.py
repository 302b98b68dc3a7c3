"""What an intervention sees of the district: the same names in both engines.

Tables hold one array for each variable that `reformsim.district.state` declares as `seen`. Those that
are only to be read cannot be written to, since who sits where is decided by the model; everything else
can, and takes effect at once, though what is recomputed each month or July does not last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from reformsim.district import state

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from reformsim.district.variables import Table, Variable

    Whole = NDArray[np.int64]


def seen(*tables: type[Table]) -> list[Variable]:
    """Return the variables of tables that an intervention sees."""
    return [variable for table in tables for variable in table.variables() if variable.seen]


def _table(name: str, what: str, *tables: type[Table]) -> Any:
    """Return the type of a table with an array for each variable that is seen."""
    variables = seen(*tables)
    made: Any = NamedTuple(name, [(variable.field, Any) for variable in variables])  # type: ignore[misc]
    made.__doc__ = "\n\n".join([what, *map(_described, variables)])
    made.__module__ = __name__
    return made


def _described(variable: Variable) -> str:
    notes = {"read": "; read-only", "recomputed": "; recomputed", "write": ""}
    return f"{variable.field}: {variable.meaning}, {variable.unit}{notes[variable.seen]}."


if TYPE_CHECKING:
    Schools: TypeAlias = Any
    Principals: TypeAlias = Any
    Staff: TypeAlias = Any
    Teachers: TypeAlias = Any
else:
    Schools = _table("Schools", "One entry a school.", state.School)
    Principals = _table(
        "Principals",
        "One entry a principal's seat, in the order of schools; an acting head keeps an empty one.",
        state.Principal,
        state.Tie,
    )
    Staff = _table(
        "Staff",
        "One entry a post of a unit of the central office; there are as many as are funded.",
        state.Supervisor,
    )
    Teachers = _table(
        "Teachers",
        "One entry a teacher's seat; `View.first` says where each school starts.",
        state.Teacher,
    )


class View(NamedTuple):
    """The district as an intervention sees it."""

    seed: int
    replicate: int
    """With `seed`, the first two numbers of the key of a draw."""
    p: Any
    """Coefficients by name; a copy, so that writing to it changes nothing."""
    conditions: Any
    """Conditions by name; a copy."""
    levers: Any
    """Levers in force by name, the baseline before the launch; a copy."""
    levels: Any
    """What money delivers of the funded levers this year: those of `reformsim.theory.costs.LEVELS`, by name."""
    district: Any
    """The district and its superintendent: one record of numbers, all of which can be written."""
    schools: Schools
    principals: Principals
    supervisors: Staff
    """The unit of leadership support."""
    coaches: Staff
    """The unit of teaching and learning, whose staff coach teachers."""
    teachers: Teachers
    first: Whole
    """Place of each school's first teacher, and at the end the number of teachers; read-only."""
    own: Any
    """What the file itself declares, by name: each parameter a number, each state an array."""


OF_DISTRICT = {
    variable.field: variable.table for variable in seen(state.Superintendent, state.District)
}
"""Names of the district's variables, and whose they are: the district's or its superintendent's."""
READ_ONLY = frozenset(
    variable.field
    for table in state.TABLES
    for variable in table.variables()
    if variable.seen == "read"
)
