"""Numbers of dated events, each of which may be a range from which every replicate draws.

`reformsim.district.drawing` puts the drawn numbers in the place of ranges before a run begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError, core_schema

from .parameters import Section

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler


class EventRange(Section):
    """What a replicate draws the number of an event from: evenly, from `low` to `high`.

    Of whole numbers both ends can be drawn.
    """

    low: int | float
    high: int | float


def _number_or_range(given: Any, number: Callable[[Any], Any]) -> Any:
    """Return a number, or a range both ends of which are such numbers."""
    given = given.model_dump() if isinstance(given, EventRange) else given
    if not isinstance(given, Mapping):
        return number(given)
    problems: list[InitErrorDetails] = []
    ends: dict[str, Any] = {}
    for name in (*EventRange.model_fields, *given):
        if name not in EventRange.model_fields:
            problems.append(_problem("extra_forbidden", name, given[name]))
        elif name not in given:
            problems.append(_problem("missing", name, given))
        elif name not in ends:
            try:
                ends[name] = number(given[name])
            except ValidationError as error:
                ends[name] = None
                problems += [
                    InitErrorDetails(
                        type=PydanticCustomError(details["type"], details["msg"]),
                        loc=(name,),
                        input=details["input"],
                    )
                    for details in error.errors(include_url=False)
                ]
    if not problems and ends["low"] > ends["high"]:
        above = PydanticCustomError("low_above_high", "low, {low}, is above high, {high}", {**ends})
        problems.append(InitErrorDetails(type=above, loc=(), input=dict(given)))
    if problems:
        raise ValidationError.from_exception_data("range", problems)
    return EventRange(**ends)


def _problem(kind: str, name: str, given: Any) -> InitErrorDetails:
    return InitErrorDetails(type=kind, loc=(name,), input=given)


def _as_data(number: Any) -> Any:
    return number.model_dump() if isinstance(number, EventRange) else number


class _OrRange:
    """Says that a number may be an EventRange. Whoever reads a drawn event sees the number."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_wrap_validator_function(
            _number_or_range,
            handler(source),
            serialization=core_schema.plain_serializer_function_ser_schema(_as_data),
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        number = handler(schema)
        ends = {"low": number, "high": number}
        span = {"type": "object", "properties": ends, "required": list(ends)}
        return {"anyOf": [number, span | {"additionalProperties": False}]}


OR_RANGE = _OrRange()
Month = Annotated[
    int, Field(ge=-600, le=1200, description="Month of the event (0 = launch)"), OR_RANGE
]
Months = Annotated[int, Field(ge=0, le=1200), OR_RANGE]
Length = Annotated[int, Field(ge=1, le=120, description="Length in months"), OR_RANGE]
School = Annotated[
    int, Field(ge=0, le=15_999, description="Number of the school, from 0"), OR_RANGE
]
