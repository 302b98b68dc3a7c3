"""Phases of a plan as variables of a design: `phases.1.year`, `phases.2.years`, `phases.1.pipeline`.

A name says which phase, counted from 1 in the order of the strategy's file, and the year in which it
begins, the years that it lasts, or one of its levers. The number may be left out if there is only one.
What is varied has to be there: a strategy has the phase, and the design gives it other values. NaN
stands for what is left as it is: a length or a lever that the phase does not name, or a phase that the
baseline does not have.

Each point has a plan of its own, which is written out by year; see `written_out`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from math import isnan, nan
from typing import TYPE_CHECKING, NamedTuple

from reformsim.errors import Problem
from reformsim.scenario.levers import Levers
from reformsim.scenario.parameters import Kind, Parameter, parameters_of
from reformsim.scenario.plans import AT_THE_LAUNCH, LONGEST, Span, by_year

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reformsim.scenario import Scenario
    from reformsim.scenario.plans import Phase

SECTION = "phases"
MOST = 9
"""Phases that can be told apart by a number."""


class Named(NamedTuple):
    """What a name says."""

    number: int | None
    """Which phase, from 1; None if there is only one."""
    field: str
    """`year`, `years`, or a lever."""


@cache
def phase_parameters() -> dict[str, Parameter]:
    """Return everything of a phase that can be varied, as a parameter by its dotted name."""
    return {parameter.key: parameter for parameter in _parameters()}


def _parameters() -> Iterator[Parameter]:
    levers = [lever for lever in parameters_of("levers", Levers) if lever.name not in AT_THE_LAUNCH]
    for number in (None, *range(1, MOST + 1)):
        which, phase = (f"{number}.", f"phase {number}") if number else ("", "the phase")
        yield _time(f"{which}year", "school year", f"School year in which {phase} begins")
        yield _time(f"{which}years", "school years", f"School years that {phase} lasts")
        for lever in levers:
            yield replace(
                lever,
                section=SECTION,
                name=f"{which}{lever.name}",
                plausible=None,
                meaning=f"{lever.meaning}, in {phase}",
                source="",
                group=SECTION,
            )


def _time(name: str, unit: str, meaning: str) -> Parameter:
    return Parameter(
        section=SECTION,
        name=name,
        kind=Kind.LEVER,
        default=None,
        unit=unit,
        bounds=(1, LONGEST),
        plausible=None,
        meaning=meaning,
        source="",
        group=SECTION,
        whole=True,
    )


def named(key: str) -> Named:
    """Return what the name of a variable says, one of `phase_parameters`."""
    _, *number, field = key.split(".")
    return Named(int(number[0]) if number else None, field)


def is_phase(key: str) -> bool:
    """Say whether a variable belongs to a phase."""
    return key in phase_parameters()


def in_words(key: str) -> str:
    """Return a variable as figures call it: "year in which phase 1 begins"."""
    number, field = named(key)
    phase = f"phase {number}" if number else "the phase"
    if field == "year":
        return f"year in which {phase} begins"
    if field == "years":
        return f"school years that {phase} lasts"
    return f"{field.replace('_', ' ')} in {phase}"


def place_of(phases: Sequence[Phase], key: str) -> int | None:
    """Return where the phase of a variable stands; None if there is none, or it is not said which."""
    number = named(key).number
    if number is None and len(phases) == 1:
        number = 1
    return number - 1 if number is not None and number <= len(phases) else None


def value_in(phases: Sequence[Phase], key: str) -> float:
    """Return the value of a variable; NaN if there is none."""
    index, field = place_of(phases, key), named(key).field
    if index is None:
        return nan
    phase = phases[index]
    if field == "year":
        return float(phase.year)
    if field == "years":
        return nan if phase.years is None else float(phase.years)
    return float(dict(phase.levers).get(field, nan))


def changes(phases: Sequence[Phase], values: Mapping[str, float]) -> dict[str, float]:
    """Return the variables of phases that are otherwise than in these, with their values."""
    return {
        key: value
        for key, value in values.items()
        if is_phase(key) and not isnan(value) and value != value_in(phases, key)
    }


def replaced(phases: Sequence[Phase], values: Mapping[str, float]) -> list[Span]:
    """Return phases with other values of some variables, by the year in which they begin.

    Of those that begin in the same year, the later in the file comes later.
    """
    spans = [
        Span(phase.year, phase.years, phase.title, phase.ends, phase.levers) for phase in phases
    ]
    for key, value in values.items():
        index, field = place_of(phases, key), named(key).field
        if index is None:
            continue
        if field == "year":
            spans[index] = spans[index]._replace(year=int(value))
        elif field == "years":
            spans[index] = spans[index]._replace(years=int(value))
        else:
            given = int(value) if phase_parameters()[key].whole else float(value)
            levers = dict(spans[index].levers) | {field: given}
            spans[index] = spans[index]._replace(levers=tuple(levers.items()))
    return sorted(spans, key=lambda span: span.year)


def plan_at(scenario: Scenario, values: Mapping[str, float]) -> tuple[tuple[float, ...], ...]:
    """Return the plan of a strategy at a point: a year and the levers from then on, in turn.

    `values` are those of levers and phases. Points that come to the same plan are one run.
    """
    levers = scenario.levers.model_dump() | {
        key.removeprefix("levers."): value
        for key, value in values.items()
        if key.startswith("levers.")
    }
    spans = replaced(scenario.phases, changes(scenario.phases, values))
    designs = by_year(scenario.baseline.model_dump(), levers, spans, scenario.horizon.years)
    return tuple((year, *design.values()) for year, design in designs)


def misfits(scenarios: Iterable[Scenario], key: str) -> Iterator[Problem]:
    """Yield that strategies do not have a phase, or have several and it is not said which."""
    counts = {
        scenario.names.strategy: len(scenario.phases)
        for scenario in scenarios
        if place_of(scenario.phases, key) is None
    }
    number, field = named(key)
    several = {name: count for name, count in counts.items() if count > 1 and number is None}
    if several:
        hint = f"say which, as {SECTION}.1.{field}"
        yield Problem("there are several phases", key=key, found=_said(several), hint=hint)
    if lacking := {name: count for name, count in counts.items() if name not in several}:
        hint = "put the phase into the strategy, or leave the strategy out"
        yield Problem("there is no such phase", key=key, found=_said(lacking), hint=hint)


def _said(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count or 'none'} in {name}" for name, count in counts.items())
