"""What a run leaves behind: every recorded quantity, declared once, and the record of one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, overload

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from .scenario import Scenario

    Floats = NDArray[np.float64]
    Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One recorded quantity: its name in tables, unit, meaning, and whose it is."""

    name: str
    unit: str
    meaning: str
    of: str = ""
    """The state variable that it is, as "school.leadership"; "" if it is worked out when recorded."""
    by_school: bool = False
    """Whether each school has it; the district's is then the mean of its schools."""
    filled: bool = False
    """Whether it is undefined while the principal's seat is empty."""
    summed: bool = False
    """Whether the district's value is the sum over its schools instead."""


_school = partial(Outcome, by_school=True)
_principal = partial(Outcome, by_school=True, filled=True)

# A table, one series in one or two lines, so the formatter keeps away.
# fmt: off
_DECLARED = (
    _school("leadership", "[0, 1]", "Leadership that reaches teachers", "school.leadership"),
    _school("enacted", "[0, 1]", "Leadership enacted by the principal", "school.enacted"),
    _school("distributed", "[0, 1]", "Leadership added by teacher leaders", "school.distributed"),
    _principal("principal_practice", "[0, 1]", "Principals' practice (filled seats)",
        "principal.practice"),
    _school("teacher_practice", "[0, 1]", "Teachers' practice", "school.teacher_practice"),
    _principal("support", "[0, 1]", "Support felt by principals (filled seats)",
        "principal.support"),
    _school("learning_time", "share of the week", "Principals' time for learning leadership",
        "principal.learning_time"),
    _school("operations_time", "share of the week", "Principals' time on operations",
        "school.operations"),
    _principal("principal_conviction", "[0, 1]", "Principals' conviction (filled seats)",
        "principal.conviction"),
    _school("teacher_conviction", "[0, 1]", "Teachers' conviction", "teacher.conviction"),
    _principal("principal_strain", "[0, 1]", "Principals' strain (filled seats)",
        "principal.strain"),
    _school("teacher_strain", "[0, 1]", "Teachers' strain", "teacher.strain"),
    _principal("isolation", "[0, 1]", "Principals' isolation (filled seats)",
        "principal.isolation"),
    _principal("trust", "[0, 1]", "Trust between principals and supervisors", "tie.partnership"),
    _school("outcome", "student SD", "School outcome relative to the baseline", "school.outcome"),
    _school("vacant", "share of seats", "Principals' seats that are empty", "principal.vacant"),
    _school("takes_part", "share of schools", "Schools that take part in the design",
        "school.takes_part"),
    _school("principal_departures", "people a month", "Principals who left",
        "school.principal_departures", summed=True),
    _school("teacher_departures", "people a month", "Teachers who left",
        "school.teacher_departures", summed=True),
    Outcome("central_practice", "[0, 1]", "Leadership-support staff's practice"),
    Outcome("central_conviction", "[0, 1]", "Leadership-support staff's conviction"),
    Outcome("central_strain", "[0, 1]", "Leadership-support staff's strain"),
    Outcome("outcome_gap", "student SD",
        "Outcome of the least needy quartile of schools less the neediest"),
    Outcome("ownership", "share of support",
        "Support that passes neither through the superintendent nor an outside partner"),
    Outcome("learning_focus", "[0, 1]", "The superintendent's learning focus",
        "superintendent.learning_focus"),
    Outcome("public_focus", "[0, 1]", "The district's public focus on learning",
        "district.public_focus"),
    Outcome("political_capital", "[0, 1]", "The superintendent's political capital",
        "superintendent.political_capital"),
    Outcome("perceived_progress", "[0, 1]", "Perceived progress", "district.perceived_progress"),
    Outcome("initiative_fatigue", "[0, 1]", "Initiative fatigue", "district.initiative_fatigue"),
    Outcome("readiness", "[0, 1]", "Readiness for new roles", "district.readiness"),
    Outcome("role_legitimacy", "[0, 1]", "Role legitimacy of teacher leaders",
        "district.role_legitimacy"),
    Outcome("bench", "[0, 1]", "Strength of the leadership pipeline", "district.bench"),
    Outcome("equity_groundwork", "[0, 1]", "Equity groundwork laid", "district.equity_groundwork"),
    Outcome("revenue_index", "× launch", "Real revenue", "district.revenue_index"),
    Outcome("fiscal_stress", "share of revenue", "Shortfall of revenue against plans",
        "district.fiscal_stress"),
    Outcome("reserves", "share of revenue", "Reserves that can be spent freely",
        "district.reserves"),
    Outcome("budget_gap", "share of revenue",
        "Shortfall that reserves did not fill in the last budget", "district.budget_gap"),
    Outcome("support_funding", "$ per pupil a year", "The support line of the budget",
        "district.support_funding"),
    Outcome("operations_funding", "[0, 1]", "Operations relief delivered",
        "level.operations_relief"),
    Outcome("reach", "share", "How far the design is funded by the district's own line",
        "district.reach"),
    Outcome("grant_money", "$ per pupil a year", "Grants in force", "district.grant_money"),
    Outcome("grant_spending", "$ per pupil a year", "Spending out of grants",
        "district.grant_spending"),
    Outcome("cost_per_pupil", "$ per pupil a year",
        "Spending on leadership support, contracts included"),
    Outcome("spending", "$ per pupil a year", "Current spending on everything"),
    Outcome("instructional_support", "$ per pupil a year",
        "Instructional-staff support, leadership support included"),
    Outcome("administration", "$ per pupil a year", "General and school administration"),
    Outcome("superintendent_departures", "people a month", "Superintendents who left",
        "district.superintendent_departures"),
    Outcome("central_departures", "people a month",
        "Central-office staff who left or were laid off", "district.central_departures"),
    Outcome("central_seats", "people", "Central-office staff"),
)
# fmt: on

OUTCOMES: tuple[Outcome, ...] = tuple(sorted(_DECLARED, key=lambda outcome: not outcome.by_school))
"""Every monthly series, those by school first; these are also tabulated by need quartile."""

BY_SCHOOL = tuple(outcome.name for outcome in OUTCOMES if outcome.by_school)
BY_DISTRICT = tuple(outcome.name for outcome in OUTCOMES)
SUMMED = tuple(outcome.name for outcome in OUTCOMES if outcome.summed)
"""Series of schools whose district value is the sum, not the mean."""
OF_FILLED_SEATS = tuple(outcome.name for outcome in OUTCOMES if outcome.filled)
"""Series that are undefined while a principal's seat is empty; for the district, while all are."""

if TYPE_CHECKING:
    WorkedOut: TypeAlias = Any
else:
    WorkedOut = NamedTuple(
        "WorkedOut", [(outcome.name, float) for outcome in OUTCOMES if not outcome.of]
    )
    WorkedOut.__doc__ = (
        "What either recorder works out by itself of a month: it must give them all."
    )


@dataclass(frozen=True, slots=True)
class EventRecord:
    """Something that happened: a departure, an appointment, a cut, a contract."""

    month: int
    kind: str
    role: str
    seat: str
    detail: float
    """What `kind` says: tenure in months on leaving, practice on arrival, dollars per pupil cut, the
    change of a grant in dollars per pupil a year."""


class EventLog(Sequence[EventRecord]):
    """The events of a run, in the order in which they happened.

    Held as columns, which tables are made of; an event by itself is made when somebody asks for it.
    """

    def __init__(self, length: int, read: Callable[[], Columns]) -> None:
        """Take how many events there are, and what returns their columns by the fields' names."""
        self._length, self._read = length, read

    @classmethod
    def of(cls, events: Sequence[EventRecord]) -> EventLog:
        """Return a log of these events."""
        return (
            events if isinstance(events, EventLog) else cls(len(events), partial(_columns, events))
        )

    @cached_property
    def columns(self) -> Columns:
        """Month, kind, role, seat and detail, each of shape (events,)."""
        return self._read()

    @cached_property
    def _events(self) -> list[EventRecord]:
        columns = (self.columns[name].tolist() for name in _EVENT_FIELDS)
        return [EventRecord(*row) for row in zip(*columns, strict=True)]

    def __len__(self) -> int:
        """Return how many events there are."""
        return self._length

    @overload
    def __getitem__(self, index: int) -> EventRecord: ...
    @overload
    def __getitem__(self, index: slice) -> list[EventRecord]: ...
    def __getitem__(self, index: int | slice) -> EventRecord | list[EventRecord]:
        """Return one event, or a list of some."""
        return self._events[index]

    def __eq__(self, other: object) -> bool:
        """Say whether another sequence holds the same events."""
        return isinstance(other, Sequence) and list(self) == list(other)

    def __repr__(self) -> str:
        """Return the events as a list shows them."""
        return repr(self._events)

    __hash__ = None  # type: ignore[assignment]


_EVENT_FIELDS = ("month", "kind", "role", "seat", "detail")


def _columns(events: Sequence[EventRecord]) -> Columns:
    import numpy as np

    kinds = {"month": np.int64, "detail": np.float64}
    return {
        name: np.array([getattr(event, name) for event in events], dtype=kinds.get(name, object))
        for name in _EVENT_FIELDS
    }


@dataclass(slots=True)
class Result:
    """The record of one run."""

    scenario: Scenario
    seed: int
    replicate: int
    engine: str
    months: NDArray[np.int64]
    """Shape (months,); month 0 is the launch."""
    district: dict[str, Floats]
    """Each of shape (months,)."""
    schools: dict[str, Floats]
    """Each of shape (months, schools)."""
    costs: dict[str, Floats]
    """Dollars per pupil a year by lever, each of shape (months,)."""
    need: Floats
    quartile: NDArray[np.int64]
    """Need quartile of each school, 0 the lowest need."""
    events: Sequence[EventRecord] = ()
