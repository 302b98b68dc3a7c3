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
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reformsim.errors import Problem, ScenarioError, printable
from reformsim.messages import bearable, brief, did_you_mean, nearest, path_hint, show, unreadable

from .checking import (
    HEADER,
    File,
    check_header,
    check_sections,
    extends_of,
    option_of,
    owners_of,
    read_bytes,
)
from .files import BuiltIn, builtin_folder, is_path
from .later import Later, is_later, later
from .later import misfits as misfits_of_later
from .merging import (
    DEFAULTS,
    LISTED,
    Composed,
    bringing,
    by_line,
    merge,
    with_later_levers,
    without_effect,
)
from .schema import Scenario
from .toml import loads, parse_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LONGEST_CHAIN = 50
"""Files that may extend one another in a row."""
MOST_LAYERS = 1_000
"""Files that may be laid over one another; one that is extended twice counts twice."""


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
    reader.problems += without_effect(files)
    missing = [name for kind, name in DEFAULTS.items() if not bringing(files, kind)]
    files = reader.parts(missing) + files
    reader.give_up_on_problems()
    composed = with_later_levers(merge(files, changes), later_ones)
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
            raise ScenarioError(*by_line(self.problems))

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
