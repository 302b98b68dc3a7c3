"""What a run leaves behind: every recorded quantity, declared once, and the record of one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from .scenario import Scenario

    Floats = NDArray[np.float64]
    Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One recorded quantity: its name in tables, unit, meaning, and whether each school has it."""

    name: str
    unit: str
    meaning: str
    by_school: bool = False


_SCHOOL = (
    ("leadership", "[0, 1]", "Leadership that reaches teachers"),
    ("enacted", "[0, 1]", "Leadership enacted by the principal"),
    ("distributed", "[0, 1]", "Leadership added by teacher leaders"),
    ("principal_practice", "[0, 1]", "Principals' practice (filled seats)"),
    ("teacher_practice", "[0, 1]", "Teachers' practice"),
    ("support", "[0, 1]", "Support felt by principals (filled seats)"),
    ("learning_time", "share of the week", "Principals' time for learning leadership"),
    ("operations_time", "share of the week", "Principals' time on operations"),
    ("principal_conviction", "[0, 1]", "Principals' conviction (filled seats)"),
    ("teacher_conviction", "[0, 1]", "Teachers' conviction"),
    ("principal_strain", "[0, 1]", "Principals' strain (filled seats)"),
    ("teacher_strain", "[0, 1]", "Teachers' strain"),
    ("isolation", "[0, 1]", "Principals' isolation (filled seats)"),
    ("trust", "[0, 1]", "Trust between principals and supervisors"),
    ("outcome", "student SD", "School outcome relative to the baseline"),
    ("vacant", "share of seats", "Principals' seats that are empty"),
    ("principal_departures", "people a month", "Principals who left"),
    ("teacher_departures", "people a month", "Teachers who left"),
)
_DISTRICT = (
    ("central_practice", "[0, 1]", "Leadership-support staff's practice"),
    ("central_conviction", "[0, 1]", "Leadership-support staff's conviction"),
    ("central_strain", "[0, 1]", "Leadership-support staff's strain"),
    (
        "outcome_gap",
        "student SD",
        "Outcome of the least needy quartile of schools less the neediest",
    ),
    (
        "ownership",
        "share of support",
        "Support that passes neither through the superintendent nor an outside partner",
    ),
    ("learning_focus", "[0, 1]", "The superintendent's learning focus"),
    ("public_focus", "[0, 1]", "The district's public focus on learning"),
    ("political_capital", "[0, 1]", "The superintendent's political capital"),
    ("perceived_progress", "[0, 1]", "Perceived progress"),
    ("initiative_fatigue", "[0, 1]", "Initiative fatigue"),
    ("readiness", "[0, 1]", "Readiness for new roles"),
    ("role_legitimacy", "[0, 1]", "Role legitimacy of teacher leaders"),
    ("bench", "[0, 1]", "Strength of the leadership pipeline"),
    ("equity_groundwork", "[0, 1]", "Equity groundwork laid"),
    ("revenue_index", "× launch", "Real revenue"),
    ("fiscal_stress", "share of revenue", "Shortfall of revenue against plans"),
    ("reserves", "share of revenue", "Reserves that can be spent freely"),
    ("budget_gap", "share of revenue", "Shortfall that reserves did not fill in the last budget"),
    ("support_funding", "$ per pupil a year", "The support line of the budget"),
    ("operations_funding", "[0, 1]", "Operations relief delivered"),
    ("reach", "share", "How far the design is funded"),
    ("cost_per_pupil", "$ per pupil a year", "Spending on leadership support, contracts included"),
    ("spending", "$ per pupil a year", "Current spending on everything"),
    (
        "instructional_support",
        "$ per pupil a year",
        "Instructional-staff support, leadership support included",
    ),
    ("administration", "$ per pupil a year", "General and school administration"),
    ("superintendent_departures", "people a month", "Superintendents who left"),
    ("central_departures", "people a month", "Central-office staff who left or were laid off"),
    ("central_seats", "people", "Central-office staff"),
)

OUTCOMES: tuple[Outcome, ...] = (
    *(Outcome(*row, by_school=True) for row in _SCHOOL),
    *(Outcome(*row) for row in _DISTRICT),
)
"""Every monthly series. Those by school are also recorded as the district's mean (departures as the
district's sum) and by need quartile."""

BY_SCHOOL = tuple(outcome.name for outcome in OUTCOMES if outcome.by_school)
BY_DISTRICT = tuple(outcome.name for outcome in OUTCOMES)


@dataclass(frozen=True, slots=True)
class EventRecord:
    """Something that happened: a departure, an appointment, a cut, a contract."""

    month: int
    kind: str
    role: str
    seat: str
    detail: float
    """What `kind` says: tenure in months on leaving, practice on arrival, dollars per pupil cut."""


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
    def __getitem__(self, place: int) -> EventRecord: ...
    @overload
    def __getitem__(self, place: slice) -> list[EventRecord]: ...
    def __getitem__(self, place: int | slice) -> EventRecord | list[EventRecord]:
        """Return one event, or a list of some."""
        return self._events[place]

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
