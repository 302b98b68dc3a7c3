"""What dated events do: whom they send away, and what the politics of a month lose.

Those whom chance has leave in the same month are chosen like everyone else, and leave once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from reformsim.district.seats import Role
from reformsim.scenario.events import (
    BoardTurnover,
    CentralDeparture,
    PartnerDeparture,
    PrincipalDeparture,
    PrincipalDepartures,
    TeacherDeparture,
    UnionConflict,
)
from reformsim.theory.politics import after_loss, in_conflict
from reformsim.theory.streams import Stream

from .budgeting import end_contract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .leaders import CentralOfficeStaff, Principal
    from .model import DistrictModel
    from .teachers import Teacher

    Person = TypeVar("Person", CentralOfficeStaff, Principal, Teacher)


def sent_away(model: DistrictModel) -> list[CentralOfficeStaff | Principal | Teacher]:
    """Return everyone in post whom an event of this month sends away, all still in their seats."""
    return [*_principals(model), *_staff(model), *_teachers(model)]


def _principals(model: DistrictModel) -> list[Principal]:
    filled = [principal for principal in model.principals if not principal.vacant]
    schools = {
        event.school for event in model.events_now() if isinstance(event, PrincipalDeparture)
    }
    leaving = [principal for principal in filled if principal.school.number in schools]
    merits: dict[str, Callable[[Principal], float]] = {
        "random": lambda principal: model.uniform(principal.seat, Stream.EVENT_CHOICE),
        "strongest": lambda principal: principal.practice,
        "neediest": lambda principal: principal.school.need,
    }
    for event in model.events_now():
        if isinstance(event, PrincipalDepartures):
            leaving += _first(filled, leaving, merits[event.who], event.principals)
    return leaving


def _staff(model: DistrictModel) -> list[CentralOfficeStaff]:
    leaving: list[CentralOfficeStaff] = []
    merits: dict[str, Callable[[CentralOfficeStaff], float]] = {
        "random": lambda staff: model.uniform(staff.seat, Stream.EVENT_CHOICE),
        "strongest": lambda staff: staff.practice,
    }
    for event in model.events_now():
        if isinstance(event, CentralDeparture):
            unit = [
                staff
                for staff in model.central_office
                if staff.unit == event.unit and not staff.vacant
            ]
            if event.who == "seat":
                leaving += [staff for staff in unit if staff.post == event.seat]
            else:
                leaving += _first(unit, leaving, merits[event.who], 1)
    return leaving


def _teachers(model: DistrictModel) -> list[Teacher]:
    leaving: list[Teacher] = []
    merits: dict[str, Callable[[Teacher], float]] = {
        "random": lambda teacher: model.uniform(teacher.seat, Stream.EVENT_CHOICE),
        "most_asked": lambda teacher: _askers(model, teacher),
    }
    for event in model.events_now():
        if isinstance(event, TeacherDeparture):
            school = model.schools[event.school]
            leaving += _first(school.teachers, leaving, merits[event.who], 1)
    return leaving


def _first(
    people: Iterable[Person],
    leaving: Sequence[Person],
    merit: Callable[[Person], float],
    number: int,
) -> list[Person]:
    """Return those of the largest merit who do not leave already, the lower seat first."""
    staying = [person for person in people if person not in leaving]
    return sorted(staying, key=lambda person: (-merit(person), person.seat))[:number]


def _askers(model: DistrictModel, teacher: Teacher) -> float:
    """Return how many colleagues ask a teacher for advice."""
    ties = model.graph.out_edges(teacher.node, keys=True)
    return float(sum(kind == "advice" for _, _, kind in ties))


def partner_leaves(model: DistrictModel) -> None:
    """Let the outside partner end the contract, if an event says so and one is under way."""
    for event in model.events_now():
        if isinstance(event, PartnerDeparture):
            end_contract(model, "contract_cancelled")


def disturb_politics(model: DistrictModel, legitimacy: float, readiness: float) -> None:
    """Let conflicts hold legitimacy and readiness down, and new boards take political capital.

    `legitimacy` and `readiness` are those from before the stage.
    """
    district, top, month = model.district, model.superintendent, model.month
    for event in model.events:
        if not isinstance(event, UnionConflict):
            continue
        if event.month <= month < event.month + event.months:
            district.role_legitimacy = in_conflict(legitimacy, district.role_legitimacy)
            district.readiness = in_conflict(readiness, district.readiness)
        if event.month == month:
            district.role_legitimacy = after_loss(district.role_legitimacy, event.severity)
            district.readiness = after_loss(district.readiness, event.severity)
            model.note("union_conflict", Role.DISTRICT.label, "district", event.severity)
    for event in model.events_now():
        if isinstance(event, BoardTurnover):
            top.political_capital = after_loss(top.political_capital, event.capital_lost)
            model.note("board_turnover", Role.DISTRICT.label, "district", event.capital_lost)
