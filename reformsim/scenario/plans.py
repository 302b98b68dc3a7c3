"""Dated plans: what a strategy starts, changes and ends, and in which school year.

A strategy without phases is one design from the launch to the end of the run. A phase says what is
otherwise from the July of its school year on, for good or for so many years; what it does not name
stays as it was before.

The value of a lever in a school year is that of the last phase, in the order of the plan, that is
under way and names it, and otherwise the strategy's own. A phase that ends the reform names every
lever: those without a value of their own go back to the baseline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import Field, field_serializer, field_validator, model_serializer, model_validator

from reformsim.errors import Problem, ScenarioError

from .levers import Levers
from .parameters import Section

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from pydantic import SerializerFunctionWrapHandler

AT_THE_LAUNCH = ("launch_focus", "pilot_months")
"""Levers that act at the launch, or count from it, and cannot change later."""
LONGEST = 100
"""School years of the longest run."""


class WrongLevers(ValueError):
    """Levers that a phase cannot have: a problem for each, whose key is the lever's name."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def _pairs(levers: Any) -> Any:
    return tuple(levers.items()) if isinstance(levers, Mapping) else levers


def _wrong_levers(pairs: Iterable[tuple[str, Any]]) -> Iterator[Problem]:
    """Yield what is wrong with the levers of a phase."""
    given: dict[str, Any] = {}
    for name, value in pairs:
        if name in AT_THE_LAUNCH:
            yield Problem(
                "acts at the launch and cannot change later",
                key=name,
                hint="put it among the levers of the strategy",
            )
        elif name in given:
            yield Problem("is given twice in one phase", key=name)
        else:
            given[name] = value
    try:
        Levers.model_validate(given)
    except ScenarioError as error:
        for problem in error.problems:
            yield replace(problem, key=problem.key.removeprefix("levers."))


class Phase(Section):
    """What a strategy does otherwise from a school year on."""

    year: Annotated[
        int,
        Field(
            ge=2,
            le=LONGEST,
            description="School year after the launch that it begins with; 1 is the first",
        ),
    ]
    years: Annotated[
        int | None,
        Field(
            ge=1,
            le=LONGEST,
            description="School years until what it names goes back; without it, never",
        ),
    ] = None
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
        beside = {name: given[name] for name in given if name not in cls.model_fields}
        rest = {name: given[name] for name in given if name not in beside}
        levers = rest.get("levers", {})
        if beside and isinstance(levers, Mapping | tuple):
            rest["levers"] = (*_pairs(levers), *beside.items())
        return rest

    @field_validator("levers", mode="before")
    @classmethod
    def _as_pairs(cls, levers: Any) -> Any:
        """Hold levers by name as pairs, which do not change and can be told apart by their hash.

        Checks that every lever is one, can change, and may have its value.
        """
        pairs = _pairs(levers)
        if not isinstance(pairs, tuple) or not all(
            isinstance(pair, tuple | list) and len(pair) == 2 and isinstance(pair[0], str)
            for pair in pairs
        ):
            return pairs
        if wrong := list(_wrong_levers(pairs)):
            raise WrongLevers(wrong)
        checked = Levers.model_validate(dict(pairs))
        return tuple((name, getattr(checked, name)) for name, _ in pairs)

    @field_serializer("levers")
    def _by_name(self, levers: tuple[tuple[str, float], ...]) -> dict[str, float]:
        return dict(levers)

    @model_serializer(mode="wrap")
    def _without_no_length(self, serialised: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out a length that is not there: a plan without lengths is what it always was."""
        data: dict[str, Any] = serialised(self)
        return data if self.years is not None else {k: v for k, v in data.items() if k != "years"}

    def sets(self, lever: str) -> bool:
        """Say whether it has a lever at a value of its own, or goes back to the baseline's."""
        named = lever in dict(self.levers)
        return named or (self.ends and lever in Levers.model_fields and lever not in AT_THE_LAUNCH)


class Span(NamedTuple):
    """A phase while a plan is worked out, which may begin with the launch as well."""

    year: int
    years: int | None = None
    title: str = ""
    ends: bool = False
    levers: tuple[tuple[str, int | float], ...] = ()


class InForce(NamedTuple):
    """Levers that are in force from a month on."""

    month: int
    """A July; the launch is month 0."""
    levers: Levers

    @property
    def year(self) -> int:
        """The school year that begins with that month; the first after the launch is 1."""
        return 1 + self.month // 12


def in_force(
    baseline: Levers, levers: Levers, phases: Iterable[Phase], years: int = LONGEST
) -> tuple[InForce, ...]:
    """Return the designs of a plan in a run of so many years, with the month in which each begins.

    The first is that of the launch, and each other differs from the one before.
    """
    designs = by_year(baseline.model_dump(), levers.model_dump(), tuple(phases), years)
    return tuple(
        InForce(12 * (year - 1), Levers.model_validate(values)) for year, values in designs
    )


def by_year(
    baseline: Mapping[str, float],
    levers: Mapping[str, float],
    phases: Sequence[Phase | Span],
    years: int = LONGEST,
) -> list[tuple[int, dict[str, float]]]:
    """Return what the levers are from which school year on: the first year, and those of a change."""
    turns = {1} | {phase.year for phase in phases}
    turns |= {phase.year + phase.years for phase in phases if phase.years}
    at_the_launch = {name: levers[name] for name in AT_THE_LAUNCH}
    designs: list[tuple[int, dict[str, float]]] = []
    for year in sorted(turn for turn in turns if turn <= years):
        values = dict(levers)
        for phase in phases:
            if phase.year <= year and not (phase.years and year >= phase.year + phase.years):
                values = {**(baseline if phase.ends else values), **dict(phase.levers)}
        values |= at_the_launch
        if not designs or values != designs[-1][1]:
            designs.append((year, values))
    return designs


def title_of_year(phases: Iterable[Phase | Span], year: int) -> str:
    """Return what begins and what is over in a school year, in words; nothing in most years."""
    said = []
    for phase in phases:
        if phase.year == year:
            said.append(phase.title or ("end" if phase.ends else ""))
        elif phase.years and phase.year + phase.years == year:
            said.append(f"{phase.title or f'phase of year {phase.year}'} ends")
    return " + ".join(filter(None, said))


def written_out(
    baseline: Levers, levers: Levers, spans: Sequence[Span], years: int
) -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Return the launch's levers and the phases of a plan in which a phase may begin at any time.

    There is one phase for each year in which something changes, without a length, as plain data:
    what begins with the launch becomes part of its levers, what begins in one year becomes one, and
    what begins after the run or changes nothing is dropped.
    """
    designs = by_year(baseline.model_dump(), levers.model_dump(), spans, years)
    phases = [
        {
            "year": year,
            "title": title_of_year(spans, year),
            "levers": {name: value for name, value in values.items() if value != before[name]},
        }
        for (_, before), (year, values) in pairwise(designs)
    ]
    return designs[0][1], phases


def without(
    baseline: Levers,
    levers: Levers,
    phases: Iterable[Phase],
    names: Container[str],
    years: int = LONGEST,
) -> tuple[Phase, ...]:
    """Return the phases of a plan that leaves some levers alone, but for those that then change nothing.

    `levers` are those at the launch of the plan that is wanted.
    """
    left = [
        phase.model_copy(
            update={"levers": tuple(pair for pair in phase.levers if pair[0] not in names)}
        )
        for phase in phases
    ]
    while idle := next(without_effect(baseline, levers, left, years), None):
        del left[idle[0]]
    return tuple(left)


def begins_after(years: int) -> str:
    """Return what to say of what begins after a run of so many years."""
    return f"begins after the run of {years} year{'s' * (years != 1)} has ended"


def misfits_of_phases(phases: Sequence[Phase]) -> Iterator[tuple[str, str]]:
    """Yield what does not fit together in a plan: the key of a phase, and a sentence."""
    begun: set[int] = set()
    for number, phase in enumerate(phases):
        key, latest = f"phases.{number}", max(begun, default=0)
        if phase.year in begun:
            yield key, f"two phases begin with year {phase.year}"
        elif phase.year < latest:
            yield key, f"the phase of year {phase.year} stands after that of year {latest}"
        begun.add(phase.year)


def without_effect(
    baseline: Levers, levers: Levers, phases: Sequence[Phase], years: int = LONGEST
) -> Iterator[tuple[int, str]]:
    """Yield the place of each phase without which the plan is the same, and a sentence that says so.

    Who writes a plan means no such thing; a lever that is varied, and a run that is made shorter, may
    well come to it.
    """
    values = baseline.model_dump(), levers.model_dump()
    whole = by_year(*values, phases, years)
    for number, phase in enumerate(phases):
        others = [*phases[:number], *phases[number + 1 :]]
        if phase.year > years:
            yield number, f"the phase of year {phase.year} {begins_after(years)}"
        elif by_year(*values, others, years) == whole:
            yield number, f"the phase of year {phase.year} changes nothing"
