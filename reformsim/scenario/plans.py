"""Dated plans: what a strategy starts, changes and ends, and in which school year.

A strategy without phases is one design from the launch to the end of the run. A phase says what is
otherwise from the July of its school year on; what it does not name stays as it was before.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import Field, field_serializer, field_validator, model_validator

from .levers import Levers
from .parameters import Section

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

AT_THE_LAUNCH = ("launch_focus", "pilot_months")
"""Levers that act at the launch, or count from it, and cannot change later."""


class Phase(Section):
    """What a strategy does otherwise from a school year on."""

    year: Annotated[
        int,
        Field(
            ge=2,
            le=100,
            description="School year after the launch that it begins with; 1 is the first",
        ),
    ]
    title: str = ""
    ends: Annotated[
        bool, Field(description="Whether all that is not named here goes back to the baseline")
    ] = False
    levers: Annotated[
        tuple[tuple[str, int | float], ...], Field(description="The levers that change, by name")
    ] = ()

    @model_validator(mode="before")
    @classmethod
    def _gather_levers(cls, given: Any) -> Any:
        """Take levers that stand beside the year, as in a file."""
        if not isinstance(given, Mapping):
            return given
        beside = {name: given[name] for name in given if name in Levers.model_fields}
        rest = {name: given[name] for name in given if name not in beside}
        return rest | {"levers": {**dict(rest.get("levers", {})), **beside}} if beside else rest

    @field_validator("levers", mode="before")
    @classmethod
    def _as_pairs(cls, levers: Any) -> Any:
        """Hold levers by name as pairs, which do not change and can be told apart by their hash."""
        return tuple(levers.items()) if isinstance(levers, Mapping) else levers

    @field_serializer("levers")
    def _by_name(self, levers: tuple[tuple[str, float], ...]) -> dict[str, float]:
        return dict(levers)

    @field_validator("levers")
    @classmethod
    def _are_levers(cls, levers: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
        """Check that every lever is one, can change, and may have its value."""
        wrong = [
            f"{name} acts at the launch and cannot change later"
            if name in AT_THE_LAUNCH
            else f"unknown lever {name}"
            for name, _ in levers
            if name in AT_THE_LAUNCH or name not in Levers.model_fields
        ]
        if wrong:
            raise ValueError("; ".join(wrong))
        checked = Levers.model_validate(dict(levers))
        return tuple((name, getattr(checked, name)) for name, _ in levers)

    @property
    def month(self) -> int:
        """The month in which it begins, a July; the launch is month 0."""
        return 12 * (self.year - 1)

    def sets(self, lever: str) -> bool:
        """Say whether it has a lever at a value of its own, or goes back to the baseline's."""
        named = lever in dict(self.levers)
        return named or (self.ends and lever in Levers.model_fields and lever not in AT_THE_LAUNCH)


class InForce(NamedTuple):
    """Levers that are in force from a month on."""

    month: int
    levers: Levers


def in_force(baseline: Levers, levers: Levers, phases: Iterable[Phase]) -> tuple[InForce, ...]:
    """Return the designs of a plan with the month in which each begins; the first is the launch."""
    designs = [InForce(0, levers)]
    for phase in phases:
        before = (
            baseline.model_copy(update={name: getattr(levers, name) for name in AT_THE_LAUNCH})
            if phase.ends
            else designs[-1].levers
        )
        changed = Levers.model_validate(before.model_dump() | dict(phase.levers))
        designs.append(InForce(phase.month, changed))
    return tuple(designs)


def without(
    baseline: Levers, levers: Levers, phases: Iterable[Phase], names: Container[str]
) -> tuple[Phase, ...]:
    """Return the phases of a plan that leaves some levers alone, but for those that then change nothing.

    `levers` are those at the launch of the plan that is wanted.
    """
    remaining: list[Phase] = []
    for phase in phases:
        pairs = tuple(pair for pair in phase.levers if pair[0] not in names)
        left = phase.model_copy(update={"levers": pairs})
        before, after = in_force(baseline, levers, [*remaining, left])[-2:]
        if after.levers != before.levers:
            remaining.append(left)
    return tuple(remaining)


def misfits_of_phases(phases: Sequence[Phase], years: int) -> Iterator[str]:
    """Yield what does not fit together in a plan, a sentence each."""
    for before, after in pairwise(phases):
        if after.year == before.year:
            yield f"two phases begin with year {after.year}"
        elif after.year < before.year:
            yield f"the phase of year {after.year} stands after that of year {before.year}"
    for phase in phases:
        if phase.year > years:
            yield f"the phase of year {phase.year} begins after the run of {years} years has ended"


def without_effect(
    baseline: Levers, levers: Levers, phases: Sequence[Phase]
) -> Iterator[tuple[int, str]]:
    """Yield the place of each phase that changes nothing, and a sentence that says so.

    Who writes a plan means no such thing; a lever that is varied may well come to it.
    """
    for number, (before, after) in enumerate(pairwise(in_force(baseline, levers, phases))):
        if after.levers == before.levers:
            yield number, f"the phase of year {phases[number].year} changes nothing"
