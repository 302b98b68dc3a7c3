"""The state of a district as arrays, for the compiled schedule.

Few and many-sided things (the district, schools with their principals, staff) are arrays of
records; teachers, of whom there are many, have one array per variable, school by school.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from reformsim.scenario.coefficients import Conviction, Learning, Strain, Trust
from reformsim.theory.costs import Levels

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXTRA_COSTS = ("training", "design_work", "outside_coaching")
COSTS = (*Levels._fields, *EXTRA_COSTS)


def record_type(floats: str, integers: str = "") -> np.dtype[Any]:
    """Return a record type with fields of 64-bit floats and of 64-bit integers."""
    fields = [(name, np.float64) for name in floats.split()]
    return np.dtype(fields + [(name, np.int64) for name in integers.split()])


DISTRICT = record_type(
    "public_focus perceived_progress equity_groundwork initiative_fatigue bench revenue_noise"
    " revenue_index trend fiscal_stress reserves usual_reserves budget_gap gap_last_july protection reach support_funding"
    " role_legitimacy readiness outcome outcome_growth pull post_size learning_focus"
    " political_capital tenure reference_practice reference_practice_sd reference_penalty"
    " reference_leadership late_practice late_practice_sd late_penalty late_leadership"
    " contract_intensity frailty mean_need need_gap baseline_cost design_cost mean_leadership",
    "insider person people supervisors coaches superintendent_departures central_departures"
    " contract contract_end contract_seats contract_coaches shocks promoted cohorts_formed events"
    " rolls_out late_months top_quartile",
)
SETUP = record_type(
    "budget_per_pupil enrolment need_mean need_sd advice_across",
    "seed replicate schools teachers first_month last_month advice_ties advice_structure"
    " advice_loaded cohorts_loaded",
)
SCHOOL = record_type(
    "need need_above_mean operational_demand operations coaching enacted distributed leadership"
    " guidance"
    " outcome teacher_practice teacher_turnover principal_departures teacher_departures"
    # the principal
    " practice conviction strain isolation tenure experience preparation access_draw"
    " informal_tie"
    " learning_time workload training contact partner cohort_support coach_support"
    " training_support support settled practice_next conviction_next"
    # ties: partnership there and back, mentor, contracted coach
    " trust_from trust_back previous_from previous_back trust_mentor previous_mentor"
    " trust_coach previous_coach",
    "quartile person vacant vacant_months caseload mentored coach action",
)
STAFF = record_type(
    "practice conviction strain tenure practice_next conviction_next partnership",
    "person vacant load in_post",
)
SHOCK = record_type("depth", "start ramp hold recovery permanent")
PROMOTED = record_type("practice conviction", "person")
EVENT = record_type("detail", "month kind role school")


def _floats_of(kind: np.dtype[Any]) -> int:
    return [kind[name].kind for name in kind.names or ()].count("f")


DISTRICT_FLOATS, SCHOOL_FLOATS = _floats_of(DISTRICT), _floats_of(SCHOOL)
"""How many fields of a record are floats: the first ones."""

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
)
DEPARTURE, PROMOTION, APPOINTMENT, LAYOFF, CUT = range(5)
CONTRACT_START, CONTRACT_END, CANCELLED, SEAT_CANCELLED = range(5, 9)


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


HOT_FIELDS = tuple(
    name for section in (Learning, Conviction, Strain, Trust) for name in section.model_fields
)
if TYPE_CHECKING:
    Hot = Any
else:
    Hot = NamedTuple("Hot", [(name, float) for name in HOT_FIELDS])


class State(NamedTuple):
    """Everything the compiled schedule reads and writes."""

    p: Any
    """All coefficients, as one record."""
    hot: Hot
    """The coefficients that teachers' loops read, as a tuple of numbers, which vectorises."""
    conditions: Any
    levers: Any
    """Two records: the baseline and the strategy."""
    setup: Any
    baseline: NDArray[np.float64]
    design: NDArray[np.float64]
    prices: NDArray[np.float64]
    levels: NDArray[np.float64]
    d: Any
    """The district and its superintendent."""
    schools: Any
    district_numbers: NDArray[np.float64]
    """The floats of `d`, the same memory."""
    school_numbers: NDArray[np.float64]
    """A row of floats a school, the memory of `schools`; the first `SCHOOL_FLOATS` are floats there too.

    Rows are whole, as without the integers at their ends a single row would be of another type."""
    supervisors: Any
    coaches: Any
    contracted: NDArray[np.float64]
    """Practice of the outside partner's coaches."""
    cohort_start: NDArray[np.int64]
    cohort_other: NDArray[np.int64]
    cohort_trust: NDArray[np.float64]
    cohort_previous: NDArray[np.float64]
    cohort_reverse: NDArray[np.int64]
    shocks: Any
    announced: Any
    forced: NDArray[np.int64]
    """Months in which the superintendent leaves."""
    forced_heads: NDArray[np.int64]
    """Month and school of principals who leave."""
    crises: NDArray[np.float64]
    """Start, end and load of each crisis."""
    promoted: Any
    first: NDArray[np.int64]
    """Where each school's teachers start, and where the last one's end."""
    practice: NDArray[np.float64]
    conviction: NDArray[np.float64]
    strain: NDArray[np.float64]
    experience: NDArray[np.float64]
    tenure: NDArray[np.float64]
    embeddedness: NDArray[np.float64]
    leader: NDArray[np.int64]
    person: NDArray[np.int64]
    advice: NDArray[np.float64]
    peers: NDArray[np.float64]
    advice_start: NDArray[np.uint32]
    advisers: NDArray[np.uint32]
    out_district: NDArray[np.float64]
    out_schools: NDArray[np.float64]
    out_costs: NDArray[np.float64]
    events: Any
