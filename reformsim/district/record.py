"""What a run leaves behind: every recorded quantity, declared once, and the record of one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from reformsim.scenario import Scenario

    Floats = NDArray[np.float64]


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
    ("support_funding", "$ per pupil a year", "The support line of the budget"),
    ("operations_funding", "[0, 1]", "Operations relief delivered"),
    ("reach", "share", "How far the design is funded"),
    ("cost_per_pupil", "$ per pupil a year", "Spending on leadership support, contracts included"),
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
