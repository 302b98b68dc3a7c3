"""Phases of a plan as variables of a design: `phases.1.year`, `phases.2.years`, `phases.1.pipeline`.

A name says which phase, counted from 1 in the order of the strategy's file, and the year in which it
begins, the years that it lasts, or one of its levers; see `numbered`.
What is varied has to be there: a strategy has the phase, and the design gives it other values. NaN
stands for what is left as it is: a length or a lever that the phase does not name, or a phase that the
baseline does not have.

Each point has a plan of its own, which is written out by year; see `written_out`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from math import isnan, nan
from typing import TYPE_CHECKING

from reformsim.scenario.levers import Levers
from reformsim.scenario.parameters import Kind, Parameter, parameters_of
from reformsim.scenario.plans import AT_THE_LAUNCH, LONGEST, Span, by_year

from .numbered import MOST, named, place_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reformsim.scenario import Scenario
    from reformsim.scenario.plans import Phase

SECTION = "phases"


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


def value_in(phases: Sequence[Phase], key: str) -> float:
    """Return the value of a variable; NaN if there is none."""
    index, field = place_in(len(phases), key), named(key).field
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
        index, field = place_in(len(phases), key), named(key).field
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
