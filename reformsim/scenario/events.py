"""Dated events a scenario may hold. Months count from the launch of the strategy (month 0, a July);
negative months fall in the warm-up.

Each number may be a range instead, from which every replicate draws; `reformsim.district.drawing`
puts the drawn numbers in its place before a run begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, field_validator

from .parameters import Section
from .ranges import OR_RANGE, EventRange, Length, Month, School
from .revenue_events import LevyFailure, PermanentCut, Recession, RevenueEvent, RevenueShock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import ValidationInfo


class SuperintendentDeparture(Section):
    """The superintendent of that month leaves, whatever the hazard says."""

    type: Literal["superintendent_departure"]
    month: Month


class PrincipalDeparture(Section):
    """The principal of one school (numbered from 0) leaves, whatever the hazard says."""

    type: Literal["principal_departure"]
    month: Month
    school: School


class PrincipalDepartures(Section):
    """Several principals leave at once, whatever the hazard says: as many as have their seat filled."""

    type: Literal["principal_departures"]
    month: Month
    principals: Annotated[
        int, Field(ge=1, le=16_000, description="How many principals leave"), OR_RANGE
    ]
    who: Literal["random", "strongest", "neediest"] = "random"


class CentralDeparture(Section):
    """Someone of the central office leaves in any month; the post is filled next July."""

    type: Literal["central_departure"]
    month: Month
    unit: Literal["leadership_support", "teaching_learning"]
    who: Literal["strongest", "random", "seat"] = "strongest"
    seat: Annotated[
        int, Field(ge=0, le=15_999, description='Which post, from 0, if `who` is "seat"'), OR_RANGE
    ] = 0

    @field_validator("seat")
    @classmethod
    def _seat_is_asked_for(cls, seat: Any, info: ValidationInfo) -> Any:
        if seat != 0 and info.data.get("who", "seat") != "seat":
            raise ValueError('is of no use unless who = "seat"')
        return seat


class TeacherDeparture(Section):
    """A teacher of one school leaves in any month, and a newcomer takes the place."""

    type: Literal["teacher_departure"]
    month: Month
    school: School
    who: Literal["most_asked", "random"] = "most_asked"


class PartnerDeparture(Section):
    """The outside partner ends the contract that is under way, if there is one."""

    type: Literal["partner_departure"]
    month: Month


class UnionConflict(Section):
    """A conflict over the new roles: what had been agreed on is lost in part, and nothing is added."""

    type: Literal["union_conflict"]
    month: Month
    severity: Annotated[
        float,
        Field(ge=0, le=1, description="Share of readiness and role legitimacy lost at first"),
        OR_RANGE,
    ]
    months: Length = 12


class BoardTurnover(Section):
    """A new majority on the board: the superintendent loses part of the political capital."""

    type: Literal["board_turnover"]
    month: Month
    capital_lost: Annotated[
        float, Field(ge=0, le=1, description="Share of political capital lost"), OR_RANGE
    ]


class Crisis(Section):
    """Operational demands rise in every school for some months."""

    type: Literal["crisis"]
    month: Month
    months: Length = 12
    load: Annotated[
        float,
        Field(ge=0, le=2, description="Extra operational demand, as a share of the usual"),
        OR_RANGE,
    ]


Event = Annotated[
    RevenueShock
    | Recession
    | PermanentCut
    | LevyFailure
    | SuperintendentDeparture
    | PrincipalDeparture
    | PrincipalDepartures
    | CentralDeparture
    | TeacherDeparture
    | PartnerDeparture
    | UnionConflict
    | BoardTurnover
    | Crisis,
    Field(discriminator="type"),
]

NOT_CARRIED = ("school_closure", "school_opening")
"""Types of events that a user may look for and that the model has no place for."""
WHY_NOT_CARRIED = "the model has the same schools from the beginning to the end of a run"
WHERE_NOT_CARRIED = "docs/events.md says why, and what comes near"


def ranges_of(event: Event) -> dict[str, EventRange]:
    """Return the ranges among the numbers of an event, by the name of the field."""
    return {name: value for name, value in event if isinstance(value, EventRange)}


def lowest(number: Any) -> float:
    """Return the smallest value that the number of an event can have."""
    return float(number.low if isinstance(number, EventRange) else number)


def details_of(event: Event) -> dict[str, Any]:
    """Return what an event says besides type and month, without a seat that nobody asks for."""
    unused = {"type", "month"} | ({"seat"} if getattr(event, "who", "seat") != "seat" else set())
    return {name: value for name, value in event if name not in unused}


def highest(number: Any) -> float:
    """Return the largest value that the number of an event can have."""
    return float(number.high if isinstance(number, EventRange) else number)


def in_words(value: Any) -> str:
    """Return a value of an event for a message or table: a range as "24 to 60"."""
    if isinstance(value, EventRange):
        return f"{value.low:g} to {value.high:g}"
    return str(value) if isinstance(value, str | int) else f"{value:g}"


def beyond_the_district(event: Section, schools: int) -> str:
    """Return that an event names a school, or more principals, than there are; "" if not."""
    kind = getattr(event, "type", "")
    school, principals = getattr(event, "school", 0), getattr(event, "principals", 0)
    if highest(school) >= schools:
        return (
            f"{kind} names school {in_words(school)}, but schools are numbered 0 to {schools - 1}"
        )
    if highest(principals) > schools:
        return f"{kind} names {in_words(principals)} principals, but there are {schools} schools"
    return ""


def idle_events(
    events: Sequence[Event], most_posts: Mapping[str, int]
) -> Iterator[tuple[int, int | None, str]]:
    """Yield the place of each event that cannot be, of the earlier one it repeats, and a sentence.

    `most_posts` is how many posts each unit of the central office can have at most.
    """
    earlier: dict[tuple[Any, ...], int] = {}
    for number, event in enumerate(events):
        key: tuple[Any, ...]
        if isinstance(event, PrincipalDeparture):
            leaves, key = f"the principal of school {event.school}", ("principal", event.school)
        elif isinstance(event, CentralDeparture) and event.who == "seat":
            leaves, key = f"post {event.seat} of {event.unit}", (event.unit, event.seat)
            if highest(event.seat) >= most_posts[event.unit]:
                missing = (
                    f"a departure from a post that is not there: {event.unit} has"
                    f" {most_posts[event.unit]} at most, numbered from 0, and this is post"
                    f" {in_words(event.seat)}"
                )
                yield number, None, missing
        elif isinstance(event, SuperintendentDeparture):
            leaves, key = "the superintendent", ("superintendent",)
        else:
            continue
        if ranges_of(event):
            continue  # a replicate may draw two that are the same: one person leaves
        first = earlier.setdefault((*key, event.month), number)
        if first != number:
            yield number, first, f"{leaves} leaves twice in month {event.month}"


def called(event: Event) -> str:
    """Return what an event is called in tables and figures, as "permanent cut"."""
    name: str = event.called if isinstance(event, RevenueEvent) else event.type
    return name.replace("_", " ")
