"""Grants as variables of a design: `grants.1.month`, `grants.2.dollars`, `grants.taper_years`.

A number says which grant, counted from 1 in the order of the scenario: those of the condition come
first, those of the strategy after them. Only a strategy's own are varied, as a choice; one of the
condition meets the baseline too.
"""

from __future__ import annotations

from functools import cache
from math import isnan, nan
from typing import TYPE_CHECKING

from reformsim.errors import Problem
from reformsim.scenario.grants import Grant
from reformsim.scenario.parameters import Kind, Parameter

from .numbered import MOST, named, place_in
from .numbered import misfits as misfits_of_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reformsim.scenario import Scenario

SECTION = "grants"
LEAST_DOLLARS = 0.01
"""A grant of nothing is none; a cent is next to nothing."""
FIELDS: dict[str, tuple[str, str]] = {
    "month": ("months from the launch", "first month of {}"),
    "months": ("months", "months for which {} pays in full"),
    "dollars": ("$ per pupil a year", "dollars of {}"),
    "taper_years": ("years", "years over which {} tapers off"),
    "stands_in": ("share", "share of {} that stands in for the own line"),
}
"""Unit of each number of a grant that can be varied, and what figures call it."""


@cache
def grant_parameters() -> dict[str, Parameter]:
    """Return every number of a grant that can be varied, as a parameter by its dotted name."""
    return {parameter.key: parameter for parameter in _parameters()}


def _parameters() -> Iterator[Parameter]:
    for name, (unit, _) in FIELDS.items():
        field = Grant.model_fields[name]
        limits = {type(limit).__name__: limit for limit in field.metadata}
        low = limits["Ge"].ge if "Ge" in limits else LEAST_DOLLARS
        for number in (None, *range(1, MOST + 1)):
            yield Parameter(
                section=SECTION,
                name=f"{number}.{name}" if number else name,
                kind=Kind.LEVER,
                default=None,
                unit=unit,
                bounds=(low, limits["Le"].le),
                plausible=None,
                meaning=f"{field.description}, of {_called(number)}",
                source="",
                group=SECTION,
                whole=field.annotation is int,
            )


def _called(number: int | None) -> str:
    return f"grant {number}" if number else "the grant"


def is_grant(key: str) -> bool:
    """Say whether a variable is a number of a grant."""
    return key in grant_parameters()


def in_words(key: str) -> str:
    """Return a variable as figures call it: "first month of grant 1"."""
    number, field = named(key)
    return FIELDS[field][1].format(_called(number))


def value_in(grants: Sequence[Grant], key: str) -> float:
    """Return the value of a variable; NaN if its grant is not there."""
    index = place_in(len(grants), key)
    return nan if index is None else float(getattr(grants[index], named(key).field))


def replaced(grants: Sequence[Grant], values: Mapping[str, float]) -> list[dict[str, object]]:
    """Return grants, as plain data, with other values of some variables; NaN leaves a grant alone."""
    data = [grant.model_dump() for grant in grants]
    for key, value in values.items():
        index = place_in(len(grants), key)
        if index is not None and not isnan(value):
            whole = grant_parameters()[key].whole
            data[index][named(key).field] = int(value) if whole else float(value)
    return data


def misfits(scenario: Scenario, baseline: Scenario, key: str) -> Iterator[Problem]:
    """Yield why a grant cannot be varied in a strategy that is measured against a baseline."""
    where = f"{scenario.names.condition} / {scenario.names.strategy}"
    index = place_in(len(scenario.grants), key)
    if index is None:
        yield from misfits_of_numbers([(where, len(scenario.grants))], key)
    elif scenario.grants[index : index + 1] == baseline.grants[index : index + 1]:
        message = "is a grant of the condition, which no strategy chooses"
        hint = "those of a strategy are counted after it"
        yield Problem(message, key=key, found=f"under {where}", hint=hint)
