"""Files of a scenario laid over one another: one scenario, with where each of its values is from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from reformsim.errors import Problem, ScenarioError

from .checking import MODELS, File, allowed_in
from .files import builtin_folder
from .later import Later, with_later
from .parameters import judge
from .schema import Misfits, Scenario

IDLE = "changes nothing"
"""How the sentence about a phase ends that could be left out."""

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

DEFAULTS = {
    "district": "mesa-public-schools",
    "condition": "stable",
    "strategy": "status_quo",
}
"""The built-in file that stands in for a kind nobody gave."""

LISTED = {"events": "condition", "phases": "strategy", "grants": "strategy"}
"""The sections that are lists of tables, and the kind of file that holds them."""

_STANDS_FOR = {
    "district": ("district",),
    "condition": ("conditions", "events"),
    "strategy": ("levers", "phases", "adoption"),
}
_WHOLE = {
    ("district", name)
    for name, field in MODELS["district"].model_fields.items()
    if field.is_required()
}
"""What a district has to say of itself; one that changes another says less."""


@dataclass(frozen=True)
class Origin:
    """Where a value came from: a file and line, or "default", "baseline", "override" or an option."""

    file: str
    line: int = 0


@dataclass(frozen=True)
class Composed:
    """A scenario with the titles of its parts, by kind, and the origin of every value, by key."""

    scenario: Scenario
    titles: Mapping[str, str]
    origins: Mapping[str, Origin]
    idle: tuple[Problem, ...] = ()
    """Overrides of a later school year that change nothing in it, where that may be."""


def by_line(problems: Sequence[Problem]) -> list[Problem]:
    """Return problems file by file, those of each by line."""
    files = list(dict.fromkeys(problem.file for problem in problems))
    return sorted(problems, key=lambda problem: (files.index(problem.file), problem.line))


def layers(files: Iterable[File]) -> Iterator[File]:
    """Yield files in the order in which they are laid over one another."""
    for file in files:
        yield from layers(file.extends)
        yield file


def bringing(files: Iterable[File], kind: str) -> list[File]:
    """Return the files that name a kind; what scenarios extend counts only if no other does."""
    direct = [file for file in files if _stands_for(file, kind)]
    scenarios = [file for file in files if file.kind == "scenario"]
    return direct or [
        direct_file for file in scenarios for direct_file in bringing(file.extends, kind)
    ]


def without_effect(parts: Sequence[File]) -> Iterator[Problem]:
    """Yield the parts whose place another one takes, which nobody means who names both."""
    for number, earlier in enumerate(parts):
        after = [later for later in parts[number + 1 :] if _takes_place(later, earlier)]
        if after:
            yield Problem(
                f"has no effect, since {after[-1].path.stem} takes its place",
                earlier.shown,
                hint=f"give one {earlier.kind}: parts are combined, not run in turn",
            )


def _takes_place(later: File, earlier: File) -> bool:
    """Say whether both are whole districts, or built-in strategies of which the later sets more."""
    if later.kind != earlier.kind or earlier in layers([later]):
        return False
    before, after = _keys(earlier), _keys(later)
    if earlier.kind == "district":
        return before & after >= _WHOLE
    built_in = all(
        file.path.is_relative_to(builtin_folder("scenarios")) for file in (earlier, later)
    )
    return earlier.kind == "strategy" and built_in and before <= after


def _keys(file: File) -> set[tuple[str, str]]:
    """Return the section and name of all that a file sets, with what it extends."""
    return {
        (section, name)
        for layer in layers([file])
        for section in MODELS
        for name in layer.data.get(section, {})
    }


def _stands_for(file: File, kind: str) -> bool:
    if file.kind == "scenario":
        return any(section in file.data for section in _STANDS_FOR[kind])
    return file.kind == kind


def merge(files: list[File], changes: list[File]) -> Composed:
    """Return the scenario of files and overrides that have been checked."""
    values: dict[str, dict[str, Any]] = {section: {} for section in MODELS}
    listed: dict[str, list[Any]] = {"events": [], "grants": []}
    phases: list[Any] = []
    of_conditions: set[int] = set()
    origins: dict[str, Origin] = {}
    seen: set[Path] = set()
    for file in [*layers(files), *changes]:
        for section, section_values in values.items():
            for name, value in file.data.get(section, {}).items():
                is_path = (section, name) == ("district", "network") and value
                section_values[name] = (
                    str((file.path.parent / value).resolve()) if is_path else value
                )
                origins[f"{section}.{name}"] = Origin(file.shown, file.line((section, name)))
        for name, gathered in listed.items():
            for number, table in enumerate(file.data.get(name, ())):
                if file.path not in seen:
                    line = file.line((name, number))
                    origins[f"{name}.{len(gathered)}"] = Origin(file.shown, line)
                    if name == "grants" and file.kind == "condition":
                        of_conditions.add(len(gathered))
                    gathered.append(table)
        if "phases" in file.data:
            phases = file.data["phases"]
            for number in range(len(phases)):
                line = file.line(("phases", number))
                origins[f"phases.{number}"] = Origin(file.shown, line)
        seen.add(file.path)
    for name in values["baseline"].keys() - values["levers"].keys():
        origins[f"levers.{name}"] = Origin("baseline")
    for section, model in MODELS.items():
        for name in model.model_fields:
            origins.setdefault(f"{section}.{name}", Origin("default"))
    values["levers"] = values["baseline"] | values["levers"]
    names, titles = _names(files)
    # Who makes a run shorter knows that it does not reach all of a plan.
    shortened = any("years" in change.data.get("horizon", {}) for change in changes)
    try:
        scenario = judge(Scenario, {"names": names, "phases": phases, **listed, **values})
    except ValidationError as error:
        district = bringing(files, "district")[-1]
        problems: list[Problem] = []
        for details in error.errors():
            misfits = details.get("ctx", {}).get("error")
            if not isinstance(misfits, Misfits):
                problems.append(_missing(details, district))
                continue
            problems += [_at(origins, key, sentence) for key, sentence in misfits.wrong]
            named = {key for key, _ in misfits.wrong}
            in_disorder = any(key.startswith("phases") for key in named)
            problems += [
                problem
                for problem in _idle(misfits.scenario, origins, of_conditions, shortened=shortened)
                # What a phase changes can be told of phases in their order only.
                if problem.key not in named
                and not (
                    in_disorder
                    and problem.key.startswith("phases")
                    and problem.message.endswith(IDLE)
                )
            ]
        raise ScenarioError(*by_line(problems)) from None
    if wrong := list(_idle(scenario, origins, of_conditions, shortened=shortened)):
        raise ScenarioError(*by_line(wrong))
    return Composed(scenario, titles, origins)


def _idle(
    scenario: Scenario,
    origins: Mapping[str, Origin],
    of_conditions: Container[int],
    *,
    shortened: bool,
) -> Iterator[Problem]:
    """Yield what changes nothing in a plan, or cannot be among its events.

    `of_conditions` are the grants of conditions, which may meet a strategy that has no use for them.
    """
    years = scenario.horizon.years
    for number, sentence in scenario.idle_phases():
        if not (shortened and scenario.phases[number].year > years):
            yield _at(origins, f"phases.{number}", sentence)
    for number, sentence in scenario.idle_grants():
        beyond = shortened and scenario.grants[number].month >= 12 * years
        if number not in of_conditions and not beyond:
            yield _at(origins, f"grants.{number}", sentence)
    for number, earlier, sentence in scenario.idle_events():
        first = origins.get(f"events.{earlier}")
        also = f"also at {first.file}:{first.line}" if first else ""
        yield replace(_at(origins, f"events.{number}", sentence), hint=also)


def with_later_levers(composed: Composed, overrides: Sequence[Later]) -> Composed:
    """Return a scenario with levers that overrides set in later school years."""
    if not overrides:
        return composed
    scenario, idle = with_later(composed.scenario, overrides)
    of_years = {
        phase.year: composed.origins[f"phases.{number}"]
        for number, phase in enumerate(composed.scenario.phases)
    }
    shown = {each.year: Origin(each.shown) for each in overrides}
    origins = dict(composed.origins) | {
        f"phases.{number}": of_years.get(phase.year) or shown[phase.year]
        for number, phase in enumerate(scenario.phases)
    }
    return replace(composed, scenario=scenario, origins=origins, idle=tuple(idle))


def _at(origins: Mapping[str, Origin], key: str, message: str) -> Problem:
    """Return a problem with a value, at the line that it comes from."""
    return Problem(message, origins[key].file, origins[key].line, key)


def _names(files: list[File]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the names and the titles of the parts, by kind."""
    names, titles = {}, {}
    for kind in DEFAULTS:
        parts = bringing(files, kind)
        # A dictionary drops a part that was given twice and keeps the order.
        shown = {file.path.stem: file.data["title"] for file in parts}
        if kind != "condition":
            shown = {parts[-1].path.stem: parts[-1].data["title"]}
        names[kind] = "+".join(shown)
        titles[kind] = " + ".join(shown.values())
    return names, titles


def _missing(details: Any, district: File) -> Problem:
    """Return that a district does not say what every district has to."""
    section, name = details["loc"]
    hint = f'extend a district that has it, as extends = ["{DEFAULTS["district"]}"]'
    allowed = allowed_in(section, MODELS[section], name)
    return district.problem((section, name), "missing key", allowed=allowed, hint=hint)
