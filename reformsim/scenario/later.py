"""Overrides of levers from a school year on, as `levers.pipeline@3=0.8`.

A phase of that year is added to the strategy, or the strategy's own of that year gets the value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from reformsim.errors import Problem, ScenarioError
from reformsim.messages import show

from .checking import File, check_sections
from .plans import AT_THE_LAUNCH, LONGEST, Phase, begins_after

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from .schema import Scenario

FORM = "levers.NAME@YEAR=VALUE, as levers.pipeline@3=0.8"


@dataclass(frozen=True)
class Later:
    """A lever that has another value from a school year on."""

    year: int
    lever: str
    value: int | float
    shown: str
    """What messages call the override: the option it was typed as."""

    def problem(self, message: str) -> Problem:
        """Return a problem with it."""
        key = f"levers.{self.lever}@{self.year}"
        return Problem(message, self.shown, key=key, found=show(self.value))


def is_later(text: str) -> bool:
    """Say whether an override names a school year."""
    return "@" in text.partition("=")[0]


def misfits(key: str, value: Any, shown: str) -> Iterator[Problem]:
    """Yield what is wrong with an override by itself; `key` is what stands before its value."""
    name, year = _parts(key)
    section, _, lever = name.partition(".")
    if value is None or not (section and lever and year):
        yield Problem("not an override", shown, found=show(key), allowed=FORM)
        return
    if section != "levers":
        message = "only levers change in a later school year"
        yield Problem(message, shown, key=key, allowed=FORM)
        return
    if not (year.isascii() and year.isdigit() and 2 <= int(year[:4]) <= LONGEST):
        allowed = f"a whole number from 2 to {LONGEST}"
        yield Problem("is no later school year", shown, key=key, found=show(year), allowed=allowed)
    if lever in AT_THE_LAUNCH:
        hint = f"set {name}, without a year"
        yield Problem("acts at the launch and cannot change later", shown, key=key, hint=hint)
    for problem in check_sections(File(Path(), shown, {}), {section: {lever: value}}):
        yield replace(problem, key=key)


def later(key: str, value: Any, shown: str) -> Later:
    """Return an override of which nothing is wrong."""
    name, year = _parts(key)
    return Later(int(year), name.partition(".")[2], value, shown)


def _parts(key: str) -> tuple[str, str]:
    name, _, year = key.partition("@")
    return name.strip(), year.strip()


def with_later(scenario: Scenario, overrides: Iterable[Later]) -> tuple[Scenario, list[Problem]]:
    """Return a scenario with levers otherwise from school years on, and what of it changes nothing.

    Of several for one lever and year the last counts. Raises ScenarioError for every one that begins
    after the run.
    """
    wanted = {(each.year, each.lever): each for each in overrides}
    years = scenario.horizon.years
    message = begins_after(years)
    if beyond := [each.problem(message) for each in wanted.values() if each.year > years]:
        raise ScenarioError(*beyond)
    phases = {phase.year: phase for phase in scenario.phases}
    for each in wanted.values():
        phase = phases.get(each.year, Phase(year=each.year))
        phases[each.year] = _with_levers(phase, dict(phase.levers) | {each.lever: each.value})
    changed = _planned(scenario, phases)
    idle = []
    for each in wanted.values():
        phase = phases[each.year]
        levers = {name: value for name, value in phase.levers if name != each.lever}
        if (
            _planned(scenario, phases | {each.year: _with_levers(phase, levers)}).plan
            == changed.plan
        ):
            idle.append(each.problem("changes nothing"))
    return changed, idle


def _with_levers(phase: Phase, levers: dict[str, int | float]) -> Phase:
    return phase.model_copy(update={"levers": tuple(levers.items())})


def _planned(scenario: Scenario, phases: dict[int, Phase]) -> Scenario:
    ordered = tuple(phases[year] for year in sorted(phases))
    return scenario.model_copy(update={"phases": ordered})
