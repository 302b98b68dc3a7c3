"""The state of a district as arrays, for the compiled schedule.

Few and many-sided things (the district, schools with their principals, staff) are arrays of
records; teachers, of whom there are many, have one array per variable, school by school.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from reformsim.district import state
from reformsim.scenario.coefficients import Conviction, Learning, Strain, Trust
from reformsim.theory.costs import LEVELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reformsim.district.variables import Table

EXTRA_COSTS = ("training", "design_work", "outside_coaching")
COSTS = (*LEVELS, *EXTRA_COSTS)


def record_type(*tables: type[Table], floats: str = "", integers: str = "") -> np.dtype[Any]:
    """Return a record type with the variables of tables, and with what a month or a run hands on.

    All are 64-bit: first the floats, then the whole numbers.
    """
    state = [variable for table in tables for variable in table.variables()]
    names = [
        *(variable.field for variable in state if not variable.whole),
        *floats.split(),
        *(variable.field for variable in state if variable.whole),
        *integers.split(),
    ]
    wholes = {variable.field for variable in state if variable.whole} | set(integers.split())
    return np.dtype([(name, np.int64 if name in wholes else np.float64) for name in names])


DISTRICT = record_type(
    state.Superintendent,
    state.District,
    floats="late_practice late_practice_sd late_conditions late_leadership baseline_cost committed_cost",
    integers="contract_coaches promoted events rolls_out late_months top_quartile"
    " is_for_all chosen_by willing",
)
SETUP = record_type(
    floats="budget_per_pupil enrolment need_mean need_sd advice_across",
    integers="seed replicate schools teachers first_month last_month advice_ties advice_structure"
    " advice_loaded cohorts_loaded",
)
SCHOOL = record_type(
    state.School,
    state.Principal,
    # ties: partnership there and back, mentor, contracted coach; then what a stage hands on
    floats="trust_from trust_back previous_from previous_back trust_mentor trust_coach"
    " previous_mentor previous_coach learnt_next conviction_next",
    integers="caseload mentored coach action row in_cohort peers",
)
STAFF = record_type(
    state.Supervisor,
    floats="learnt_next conviction_next partnership from_principals",
    integers="load in_post sent_away",
)
SHOCK, PROMOTED = record_type(state.Shock), record_type(state.Promoted)
GRANT = record_type(floats="dollars stands_in", integers="month months taper_years")
EVENT = record_type(floats="detail", integers="month kind role school")
LEVELS_DELIVERED = record_type(floats=" ".join(LEVELS))


def floats_of(kind: np.dtype[Any]) -> int:
    """Return how many fields of a record are floats: the first ones."""
    return sum(kind[name].kind == "f" for name in kind.names or ())


DISTRICT_FLOATS, SCHOOL_FLOATS = floats_of(DISTRICT), floats_of(SCHOOL)

KINDS = (
    "departure",
    "promotion",
    "appointment",
    "layoff",
    "cut",
    "contract_start",
    "contract_end",
    "contract_cancelled",
    "seat_cancelled",
    "union_conflict",
    "board_turnover",
    "grant_start",
    "grant_step",
    "grant_end",
)
DEPARTURE, PROMOTION, APPOINTMENT, LAYOFF, CUT = range(5)
CONTRACT_START, CONTRACT_END, CANCELLED, SEAT_CANCELLED = range(5, 9)
UNION_CONFLICT, BOARD_TURNOVER = range(9, 11)
GRANT_START, GRANT_STEP, GRANT_END = range(11, 14)


Record: TypeAlias = Any
"""One numpy record or many, whose fields are attributes."""


class OneRecord(np.void):  # type: ignore[misc] # numpy's stubs call it final; np.record is one
    """A row of numbers whose fields are attributes.

    numpy's own `record` looks every attribute up in Python: a Ctrl-C that falls there while a kernel
    unpacks its arguments is lost, and the kernel fails instead. Here Python is asked last.
    """

    def __getattr__(self, name: str) -> Any:
        """Return a field."""
        try:
            return self[name]
        except ValueError:
            raise AttributeError(f"there is no field {name}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        """Change a field."""
        self[name] = value


def first_of(rows: NDArray[Any]) -> Record:
    """Return the first row of structured data as a record that shares its memory."""
    return np.asarray(rows).view(np.dtype((OneRecord, rows.dtype)))[0]


BASELINE, STRATEGY = 0, 1
"""Rows of `State.levers`."""

OF_TEACHERS = tuple(variable.field for variable in state.Teacher.variables() if not variable.whole)
"""Variables of teachers that are floats."""
HOT_FIELDS = tuple(
    name for section in (Learning, Conviction, Strain, Trust) for name in section.model_fields
)
if TYPE_CHECKING:
    Hot: TypeAlias = Any
    Teachers: TypeAlias = Any
else:
    Hot = NamedTuple("Hot", [(name, float) for name in HOT_FIELDS])
    Teachers = NamedTuple(
        "Teachers", [(variable.field, np.ndarray) for variable in state.Teacher.variables()]
    )
    Teachers.__doc__ = "An array for each variable of teachers, school by school."


WHO = ("seat", "random", "strongest", "neediest", "most_asked")
"""How a dated event says who leaves."""
SEAT, RANDOM, STRONGEST, NEEDIEST, MOST_ASKED = range(5)


class Happenings(NamedTuple):
    """Dated events, a row each in the order of the scenario, that other arrays do not hold."""

    staff: NDArray[np.int64]
    """Month, role, who and seat of departures from the central office."""
    heads: NDArray[np.int64]
    """Month, number and who of departures of several principals."""
    teachers: NDArray[np.int64]
    """Month, school and who of departures of teachers."""
    partner: NDArray[np.int64]
    """Month in which the outside partner leaves."""
    conflicts: NDArray[np.float64]
    """Month, months and severity of conflicts with the union."""
    boards: NDArray[np.float64]
    """Month and share of capital lost of new majorities on the board."""


class State(NamedTuple):
    """Everything the compiled schedule reads and writes."""

    p: Any
    """All coefficients, as one record."""
    hot: Hot
    """The coefficients that teachers' loops read, as a tuple of numbers, which vectorises."""
    conditions: Any
    levers: Any
    """Records: those of `BASELINE`, and from `STRATEGY` on those of each design of the plan."""
    begins: NDArray[np.int64]
    """The month in which each row of `levers` comes into force."""
    setup: Any
    design_levels: NDArray[np.float64]
    """A row for each row of `levers`."""
    committed_levels: NDArray[np.float64]
    """What was delivered when the design in force began: the way to the design starts there. A row for
    the district and, where not all schools take part in a design, one for each school."""
    grants: Any
    grant_lines: NDArray[np.int64]
    """Of each grant: whether it may be spent on a funded lever."""
    granted_levels: NDArray[np.float64]
    """What grants add to the levels that the own line delivers, in the same rows."""
    prices: NDArray[np.float64]
    levels: Any
    """What is delivered of the funded levers in the district, by name."""
    delivered: Any
    """The same, and what is delivered to each school by its own `row`; all look at the district's
    unless not all schools take part."""
    level_numbers: NDArray[np.float64]
    """The same memory, a row for each of `delivered`, in the order of `LEVELS`."""
    d: Any
    """The district and its superintendent."""
    schools: Any
    district_numbers: NDArray[np.float64]
    district_counts: NDArray[np.int64]
    """The memory of `d` as numbers, of which the first `DISTRICT_FLOATS` are floats, and as whole ones."""
    school_numbers: NDArray[np.float64]
    school_counts: NDArray[np.int64]
    """The memory of `schools` in the same two ways, a row a school."""
    supervisors: Any
    coaches: Any
    contracted: NDArray[np.float64]
    """Practice of the outside partner's coaches."""
    cohort_start: NDArray[np.int64]
    cohort_other: NDArray[np.int64]
    cohort_trust: NDArray[np.float64]
    cohort_previous: NDArray[np.float64]
    cohort_reverse: NDArray[np.int64]
    cohort_formed: NDArray[np.int64]
    """Whether the two principals of each tie are in a cohort yet."""
    peer: NDArray[np.int64]
    """The schools to whose heads each school's head turns by choice, in their order; as many as `peers`
    says are in use."""
    peer_trust: NDArray[np.float64]
    listed: NDArray[np.int64]
    """Where each school stands among those that are to take part first; -1 if it never may."""
    shocks: Any
    announced: Any
    forced: NDArray[np.int64]
    """Months in which the superintendent leaves."""
    forced_heads: NDArray[np.int64]
    """Month and school of principals who leave."""
    crises: NDArray[np.float64]
    """Start, end and load of each crisis."""
    happenings: Happenings
    promoted: Any
    first: NDArray[np.int64]
    """Where each school's teachers start, and where the last one's end."""
    teachers: Teachers
    teacher_numbers: NDArray[np.float64]
    """The memory of those of `teachers` that are floats, a row each, in the order of `OF_TEACHERS`."""
    advice_start: NDArray[np.uint32]
    advisers: NDArray[np.uint32]
    """Whom each teacher asks, a row for each place; where nobody is asked, the teacher."""
    depth: NDArray[np.float64]
    """How deep each of these ties is."""
    out_district: NDArray[np.float64]
    out_schools: NDArray[np.float64]
    out_costs: NDArray[np.float64]
    events: Any
