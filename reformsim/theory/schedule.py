"""The order of a month, as data: both engines walk through these stages in this order."""

from __future__ import annotations

from .equation import compilable

MONTHS_IN_YEAR = 12

STAGES: tuple[str, ...] = (
    "environment",
    "budget",
    "workload",
    "support",
    "learning",
    "conviction",
    "strain",
    "trust",
    "outcome",
    "politics",
    "turnover",
    "record",
)
"""All reads inside a stage see the state from before that stage. `budget` acts in July only;
teachers and central-office staff leave in June only."""


def _moved(stage: str, before: str) -> tuple[str, ...]:
    rest = [one for one in STAGES if one != stage]
    place = rest.index(before)
    return (*rest[:place], stage, *rest[place:])


OTHER_ORDERS: dict[str, tuple[str, ...]] = {
    "departures first": _moved("turnover", "workload"),
    "learning before support": _moved("learning", "support"),
    "politics first": _moved("politics", "workload"),
    "backwards": (*STAGES[:2], *reversed(STAGES[2:-1]), STAGES[-1]),
}
"""Orders that one could have chosen as well, to see what hangs on the choice: a month opens with the
environment and the budget and ends with the record in all of them. What a stage then reads of one
that follows it is that of the month before."""

JULY, JUNE = 0, 11
QUARTER = 3
"""Months for which a look around among colleagues holds."""


@compilable
def month_of_year(month: int) -> int:
    """Return 0 for July to 11 for June; month 0 is the July of the launch."""
    return month % 12


@compilable
def begins_quarter(month: int) -> bool:
    """Return whether teachers look around anew: in July, October, January and April."""
    return month % QUARTER == 0
