"""Scenario files: reading them, laying them over one another, and saying where each value is from.

A file is TOML. At its top stand `kind` (district, condition, strategy or scenario) and `title`,
and if wanted `question` and `extends`; below them its sections:

    district    [district] [baseline] [conditions] [coefficients]
    condition   [conditions] [coefficients] [[events]] [[grants]]
    strategy    [levers] [[phases]] [adoption] [[grants]]
    scenario    any of these, and [horizon]

Parts are names of built-in files, as "web_of_support", or paths, known by a "/" or ".toml".
A path in `extends` or `district.network` is relative to the file it stands in.

Order. Later wins, key by key:
1. the defaults of the schema;
2. each part in the order given: first what it extends, left to right and each of those in the
   same way, then its own keys;
3. the overrides, as "levers.span_of_control=10", in the order given, and last those of a later
   school year, as "levers.pipeline@3=0.8".

A whole district after another, or a built-in strategy after one of which it leaves nothing, is
refused: the earlier would have no effect.

A lever that nothing sets has the value of the composed `baseline`. The phases of a later file take
the place of those before. Events and grants add up in that order; a
file reached twice gives them once, the first time. A district, condition or strategy extends
its own kind only; a scenario extends any.

Missing kinds. Without a district, condition or strategy among the parts, the one in DEFAULTS comes
before the first part. A file of kind scenario stands for each kind that it extends or whose
sections it holds ([district]; [conditions] or [[events]]; [levers]).

Names are the stems of the last part of a kind; several conditions are joined, as
"severe-recession+high-load". What a scenario extends names a kind only if no part does so itself.

Whatever a user can get wrong ends in one ScenarioError that holds every problem found.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from reformsim.errors import Problem, ScenarioError, printable
from reformsim.messages import bearable, brief, did_you_mean, nearest, path_hint, show, unreadable

from .checking import (
    HEADER,
    MODELS,
    File,
    allowed_in,
    check_header,
    check_sections,
    extends_of,
    option_of,
    owners_of,
    read_bytes,
)
from .files import BuiltIn, builtin_folder, is_path
from .later import Later, is_later, later, with_later
from .later import misfits as misfits_of_later
from .parameters import judge
from .schema import Misfits, Scenario
from .toml import loads, parse_toml

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

DEFAULTS = {
    "district": "mesa-public-schools",
    "condition": "stable",
    "strategy": "status_quo",
}
"""The built-in file that stands in for a kind nobody gave."""

LONGEST_CHAIN = 50
"""Files that may extend one another in a row."""
MOST_LAYERS = 1_000
"""Files that may be laid over one another; one that is extended twice counts twice."""

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


def load(
    *parts: str | Path, overrides: Iterable[str] = (), search: Sequence[Path] = ()
) -> Scenario:
    """Return the scenario that the parts and overrides make; see `compose`."""
    return compose(*parts, overrides=overrides, search=search).scenario


def compose(
    *parts: str | Path,
    overrides: Iterable[str] = (),
    search: Sequence[Path] = (),
    one_of_several: bool = False,
) -> Composed:
    """Lay the parts over one another as the module says, then the overrides.

    Files in the folders of `search`, or one folder below, may be named like built-in ones and come
    before them. Raises ScenarioError with every problem of every file and override. An override of a
    later school year that changes nothing is a problem too, unless the scenario is `one_of_several`
    with these overrides: `idle_in_all` says what changes none of them.
    """
    reader = _Reader(search)
    files = reader.parts(parts)
    changes, later_ones = reader.overrides(overrides)
    reader.give_up_on_problems()
    reader.problems += _without_effect(files)
    missing = [name for kind, name in DEFAULTS.items() if not _bringing(files, kind)]
    files = reader.parts(missing) + files
    reader.give_up_on_problems()
    composed = _with_later(_merge(files, changes), later_ones)
    if composed.idle and not one_of_several:
        raise ScenarioError(*composed.idle)
    return composed


def idle_in_all(composed: Sequence[Composed]) -> list[Problem]:
    """Return the overrides that change nothing in any of several scenarios."""
    first = composed[0].idle if composed else ()
    return [problem for problem in first if all(problem in each.idle for each in composed)]


def overridden(overrides: Iterable[str]) -> tuple[dict[str, dict[str, Any]], list[Later]]:
    """Return what overrides set, section by section, and what they set in later school years.

    Raises ScenarioError with every problem.
    """
    reader = _Reader(())
    sections: dict[str, dict[str, Any]] = {}
    changes, later_ones = reader.overrides(overrides)
    for change in changes:
        for section, values in change.data.items():
            sections.setdefault(section, {}).update(values)
    reader.give_up_on_problems()
    return sections, later_ones


def titles_of(composed: Iterable[Composed]) -> dict[str, str]:
    """Return what to call the districts, conditions and strategies of scenarios, by name.

    A name with two titles, as a condition and a strategy of one name have, stands for itself: either
    title would be wrong of the other.
    """
    titles: dict[str, str] = {}
    for each in composed:
        names = each.scenario.names.model_dump()
        for kind, title in each.titles.items():
            name = names[kind]
            titles[name] = title if titles.get(name, title) == title else name
    return titles


def every_combination(
    parts: Sequence[str] = (), districts: Sequence[str] = ()
) -> list[tuple[str, ...]]:
    """Return the parts of every built-in district, condition and strategy.

    With `parts`, conditions and strategies are laid over these; `districts` names those wanted.
    """
    names: dict[str, list[str]] = {}
    for file in builtin_files():
        names.setdefault(file.kind, []).append(file.name)
    bases = [tuple(parts)] if parts else [(name,) for name in districts or names["district"]]
    return [
        (*base, condition, strategy)
        for base in bases
        for condition in names["condition"]
        for strategy in names["strategy"]
    ]


def builtin_files() -> list[BuiltIn]:
    """Return the files that come with the package: districts, conditions, then strategies.

    Raises ScenarioError if one of them has been damaged.
    """
    reader = _Reader(())
    files = reader.parts(scenario_folder().glob("*/*.toml"))
    reader.give_up_on_problems()
    return [
        BuiltIn(kind, file.path.stem, file.data["title"], file.data.get("question", ""), file.path)
        for kind in DEFAULTS
        for file in sorted(files, key=lambda file: file.path.stem)
        if file.kind == kind
    ]


def scenario_folder() -> Path:
    """Return the folder of the built-in scenario files."""
    return builtin_folder("scenarios")


class _Reader:
    """Finds, reads and checks each file once, and collects what is wrong."""

    def __init__(self, search: Sequence[Path]) -> None:
        self.problems: list[Problem] = []
        self._folders = [scenario_folder(), *reversed(search)]
        self._files: dict[Path, File | None] = {}

    def give_up_on_problems(self) -> None:
        """Raise ScenarioError if anything has been found wrong, each file's problems by line."""
        if self.problems:
            raise ScenarioError(*_by_line(self.problems))

    def parts(self, parts: Iterable[str | Path]) -> list[File]:
        """Return the files of these parts, without those that cannot be read."""
        files = [self._part(part, Path.cwd(), None, ()) for part in parts]
        return [file for file in files if file]

    def overrides(self, texts: Iterable[str]) -> tuple[list[File], list[Later]]:
        """Return overrides as files, and those of a later school year as what they are."""
        changes, later_ones = [], []
        for typed in [texts] if isinstance(texts, str) else texts:
            shown = option_of(typed)
            # A command line that is not UTF-8 arrives with characters that cannot be printed.
            text = typed.encode(errors="backslashreplace").decode()
            if not is_later(text):
                changes.append(self._override(text, shown))
                continue
            key, _, given = text.partition("=")
            arguments = (key.strip(), _value(given), shown)
            wrong = list(misfits_of_later(*arguments))
            self.problems += wrong
            later_ones += [] if wrong else [later(*arguments)]
        return changes, later_ones

    def _override(self, text: str, shown: str) -> File:
        """Return an override as a file."""
        change = File(Path("override").absolute(), shown, _override_data(text))
        if listed := change.data.keys() & LISTED.keys():
            (name,) = listed
            hint = f"put them in a file of kind {LISTED[name]} and give it as a part"
            self.problems.append(change.problem((name,), "cannot be overridden", hint=hint))
        elif change.data:
            self.problems += check_sections(change, change.data)
        else:
            key = text.partition("=")[0].strip()
            near = next((f"{owner}.{key}" for owner in owners_of(key)), "")
            self.problems.append(
                Problem(
                    "not an override",
                    change.shown,
                    found=show(text),
                    allowed="section.name=value",
                    hint=did_you_mean(near),
                )
            )
        return change

    @cached_property
    def _named(self) -> dict[str, Path]:
        """The files that may be given by name; later folders win."""
        return {
            path.stem: path
            for folder in self._folders
            for pattern in ("*/*.toml", "*.toml")
            for path in sorted(Path(folder).glob(pattern))
        }

    def _part(
        self, part: str | Path, folder: Path, asker: File | None, chain: tuple[Path, ...]
    ) -> File | None:
        """Return the file of a part that the user, or else the file `asker`, names."""
        if is_path(part):
            path = folder / part
        elif part in self._named:
            path = self._named[str(part)]
        else:
            hint = path_hint(str(part)) or did_you_mean(nearest(str(part), self._named))
            hint = hint or _near_file(folder / part)
            allowed = "" if hint else ", ".join(sorted(self._named))
            self._complain(asker, part, Problem("unknown name", allowed=allowed, hint=hint))
            return None
        try:
            path = Path(os.path.realpath(path))
            content = b"" if path in chain or path in self._files else read_bytes(path)
        except (OSError, ValueError) as error:
            hint = path_hint(str(part)) or _near_file(path)
            self._complain(asker, part, Problem(unreadable(error), hint=hint))
            return None
        if path in chain:
            circle = " → ".join(map(_shown, [*chain[chain.index(path) :], path]))
            message = "files extend one another in a circle"
            self._complain(asker, part, Problem(message, found=circle))
            return None
        if len(chain) == LONGEST_CHAIN:
            message = f"more than {LONGEST_CHAIN} files extend one another in a row"
            self._complain(asker, part, Problem(message))
            return None
        if path not in self._files:
            self._files[path] = self._read(path, content, (*chain, path))
        return self._files[path]

    def _complain(self, asker: File | None, part: str | Path, problem: Problem) -> None:
        """Add a problem with a part, saying who named it."""
        name = problem.found or show(str(part))
        if asker:
            line = asker.line(("extends",))
            problem = replace(problem, file=asker.shown, line=line, key="extends", found=name)
        elif is_path(part):
            problem = replace(problem, file=brief(str(part)))
        else:
            problem = replace(problem, found=name)
        self.problems.append(problem)

    def _read(self, path: Path, content: bytes, chain: tuple[Path, ...]) -> File | None:
        """Return a file with all that it extends, checked."""
        shown = _shown(path)
        try:
            data, lines = parse_toml(content)
        except ScenarioError as error:
            self.problems += [replace(problem, file=shown) for problem in error.problems]
            return None
        file = File(path, shown, data, lines)
        sections = {name: value for name, value in data.items() if name not in HEADER}
        self.problems += bearable((*check_header(file), *check_sections(file, sections)))
        names = [name for name in extends_of(data) if isinstance(name, str)]
        extends: list[File] = []
        for name in names[:MOST_LAYERS]:
            other = self._part(name, path.parent, file, chain)
            if other and file.kind not in {other.kind, "scenario"}:
                message = f"a {file.kind} cannot extend a {other.kind}"
                hint = 'a file of kind "scenario" may extend any'
                self._complain(file, name, Problem(message, hint=hint))
            elif other:
                extends.append(other)
        layers = 1 + sum(other.layers for other in extends)
        if max(layers, len(names)) > MOST_LAYERS:
            message = f"more than {MOST_LAYERS:,} files would be combined"
            hint = "a file counts as often as it is reached"
            self.problems.append(file.problem(("extends",), message, hint=hint))
            return None
        return replace(file, extends=tuple(extends), layers=layers)


def _by_line(problems: Sequence[Problem]) -> list[Problem]:
    """Return problems file by file, those of each by line."""
    files = list(dict.fromkeys(problem.file for problem in problems))
    return sorted(problems, key=lambda problem: (files.index(problem.file), problem.line))


def _near_file(path: Path) -> str:
    """Return a hint at a file beside a path that is not there, or nothing."""
    try:
        stems = sorted(file.stem for file in path.parent.glob("*.toml"))
    except (OSError, ValueError):
        return ""
    near = nearest(path.stem, stems)
    return did_you_mean(f"{near}.toml") if near and f"{near}.toml" != path.name else ""


def _shown(path: Path) -> str:
    """Return a path as messages and tables show it, the same on every machine where possible."""
    for folder, start in ((scenario_folder(), "scenarios"), (Path.cwd(), "")):
        if path.is_relative_to(folder):
            return printable(Path(start, path.relative_to(folder)).as_posix())
    return printable(str(path))


def _override_data(text: str) -> dict[str, Any]:
    """Return an override as the data of a file; empty if it is not of the form a.b=c."""
    key, _, value = text.partition("=")
    section, _, name = (word.strip() for word in key.partition("."))
    if section in LISTED:
        return {section: []}
    if not (section and name and value.strip()):
        return {}
    return {section: {name: _value(value)}}


def _value(text: str) -> Any:
    """Return what TOML takes a text for, or the text; None if there is none."""
    text = text.strip()
    try:
        parsed = loads(f"value = {text}")
    except ValueError:
        parsed = {}
    # More than one key means that the text went on to a second line.
    return parsed["value"] if parsed.keys() == {"value"} else text or None


def _layers(files: Iterable[File]) -> Iterator[File]:
    """Yield files in the order in which they are laid over one another."""
    for file in files:
        yield from _layers(file.extends)
        yield file


def _bringing(files: Iterable[File], kind: str) -> list[File]:
    """Return the files that name a kind; what scenarios extend counts only if no other does."""
    direct = [file for file in files if _stands_for(file, kind)]
    scenarios = [file for file in files if file.kind == "scenario"]
    return direct or [
        direct_file for file in scenarios for direct_file in _bringing(file.extends, kind)
    ]


def _without_effect(parts: Sequence[File]) -> Iterator[Problem]:
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
    if later.kind != earlier.kind or earlier in _layers([later]):
        return False
    before, after = _keys(earlier), _keys(later)
    if earlier.kind == "district":
        return before & after >= _WHOLE
    built_in = all(file.path.is_relative_to(scenario_folder()) for file in (earlier, later))
    return earlier.kind == "strategy" and built_in and before <= after


def _keys(file: File) -> set[tuple[str, str]]:
    """Return the section and name of all that a file sets, with what it extends."""
    return {
        (section, name)
        for layer in _layers([file])
        for section in MODELS
        for name in layer.data.get(section, {})
    }


def _stands_for(file: File, kind: str) -> bool:
    if file.kind == "scenario":
        return any(section in file.data for section in _STANDS_FOR[kind])
    return file.kind == kind


def _merge(files: list[File], changes: list[File]) -> Composed:
    """Return the scenario of files and overrides that have been checked."""
    values: dict[str, dict[str, Any]] = {section: {} for section in MODELS}
    listed: dict[str, list[Any]] = {"events": [], "grants": []}
    phases: list[Any] = []
    of_conditions: set[int] = set()
    origins: dict[str, Origin] = {}
    seen: set[Path] = set()
    for file in [*_layers(files), *changes]:
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
    try:
        scenario = judge(Scenario, {"names": names, "phases": phases, **listed, **values})
    except ValidationError as error:
        district = _bringing(files, "district")[-1]
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
                for problem in _idle(misfits.scenario, origins, of_conditions)
                # What a phase changes can be told of phases in their order only.
                if problem.key not in named and not (in_disorder and "phases" in problem.key)
            ]
        raise ScenarioError(*_by_line(problems)) from None
    if wrong := list(_idle(scenario, origins, of_conditions)):
        raise ScenarioError(*_by_line(wrong))
    return Composed(scenario, titles, origins)


def _idle(
    scenario: Scenario, origins: Mapping[str, Origin], of_conditions: Container[int]
) -> Iterator[Problem]:
    """Yield what changes nothing in a plan, or cannot be among its events.

    `of_conditions` are the grants of conditions, which may meet a strategy that has no use for them.
    """
    for number, sentence in scenario.idle_phases():
        yield _at(origins, f"phases.{number}", sentence)
    for number, sentence in scenario.idle_grants():
        if number not in of_conditions:
            yield _at(origins, f"grants.{number}", sentence)
    for number, earlier, sentence in scenario.idle_events():
        first = origins.get(f"events.{earlier}")
        also = f"also at {first.file}:{first.line}" if first else ""
        yield replace(_at(origins, f"events.{number}", sentence), hint=also)


def _with_later(composed: Composed, overrides: Sequence[Later]) -> Composed:
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
        bringing = _bringing(files, kind)
        # A dictionary drops a part that was given twice and keeps the order.
        shown = {file.path.stem: file.data["title"] for file in bringing}
        if kind != "condition":
            shown = {bringing[-1].path.stem: bringing[-1].data["title"]}
        names[kind] = "+".join(shown)
        titles[kind] = " + ".join(shown.values())
    return names, titles


def _missing(details: Any, district: File) -> Problem:
    """Return that a district does not say what every district has to."""
    section, name = details["loc"]
    hint = f'extend a district that has it, as extends = ["{DEFAULTS["district"]}"]'
    allowed = allowed_in(section, MODELS[section], name)
    return district.problem((section, name), "missing key", allowed=allowed, hint=hint)
