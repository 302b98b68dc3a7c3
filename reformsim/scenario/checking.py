"""One scenario file: its data, the line of every key, and what is wrong in it by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, get_args, get_origin

from pydantic import ValidationError

from reformsim.errors import Problem
from reformsim.messages import brief, did_you_mean, nearest, path_hint, show, unreadable
from reformsim.reading import open_ordinary, read_once

from .adoption import Adoption
from .events import NOT_CARRIED, WHERE_NOT_CARRIED, WHY_NOT_CARRIED, Event
from .grants import LINES, WITHOUT_END, Grant
from .levers import Levers
from .parameters import Section, judge, parameters_of
from .plans import AT_THE_LAUNCH, Phase
from .ranges import EventRange
from .schema import SECTIONS, Horizon

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .toml import Key

LARGEST = 300_000
"""Bytes of the largest TOML file that is read; those that come with the package have 3,000."""

HOLDS = {
    "district": ("district", "baseline", "conditions", "coefficients"),
    "condition": ("conditions", "coefficients", "events", "grants"),
    "strategy": ("levers", "phases", "adoption", "grants"),
    "scenario": (*SECTIONS, "phases", "adoption", "grants", "events", "horizon"),
}
"""The sections a file of each kind may hold."""

HEADER = ("kind", "title", "question", "extends")
MODELS: dict[str, type[Section]] = {**SECTIONS, "horizon": Horizon, "adoption": Adoption}
EVENTS: dict[str, type[Section]] = {
    get_args(model.model_fields["type"].annotation)[0]: model
    for model in get_args(get_args(Event)[0])
}
"""The types of dated events."""
_WORDS: dict[Any, str] = {int: "a whole number", float: "a number", bool: "true or false"}
MESSAGES = {
    "greater_than_equal": "out of bounds",
    "less_than_equal": "out of bounds",
    "greater_than": "out of bounds",
    "tuple_type": "must be a list",
    "finite_number": "must be a finite number",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "literal_error": "is none of the choices",
}
"""What to say for a kind of error that pydantic finds."""


def message_of(details: Any) -> str:
    """Return what to say for one error that pydantic finds."""
    message: str = MESSAGES.get(details["type"], details["msg"])
    return message.removeprefix("Value error, ")


class Typed(str):
    """An override with the option that it was typed as, which messages name."""

    __slots__ = ("option",)
    option: str

    def __new__(cls, text: str, option: str) -> Self:
        """Return the text with its option."""
        typed = super().__new__(cls, text)
        typed.option = option
        return typed

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        """Return what a copy is made of: a result that is pickled says what was asked for."""
        return str(self), self.option


@dataclass(frozen=True)
class File:
    """A file as read, or an override as a file that holds one value."""

    path: Path
    shown: str
    data: dict[str, Any]
    lines: dict[Key, int] = field(default_factory=dict)
    extends: tuple[File, ...] = ()
    layers: int = 1
    """How many files it consists of, each counted as often as it is reached."""

    @property
    def kind(self) -> str:
        """The kind it says it is; a scenario, which may hold anything, if it says nothing known."""
        kind = self.data.get("kind")
        return kind if isinstance(kind, str) and kind in HOLDS else "scenario"

    def line(self, key: Key) -> int:
        """Return the line of a key, or of the nearest table around it; 0 if there are no lines."""
        around = (self.lines[key[:n]] for n in range(len(key), 0, -1) if key[:n] in self.lines)
        return next(around, 1 if self.lines else 0)

    def problem(self, key: Key, message: str, **details: str) -> Problem:
        """Return a problem with a key of this file."""
        name = ".".join(map(str, key))
        return Problem(message, self.shown, self.line(key), brief(name), **details)


def option_of(override: str) -> str:
    """Return what messages call an override: the option it was typed as, if it was typed."""
    return override.option if isinstance(override, Typed) else "override"


def read_bytes(path: Path) -> bytes:
    """Return the content of a TOML file; raises OSError for all but a small ordinary file."""
    return read_once(path, LARGEST)


def extends_of(data: dict[str, Any]) -> list[Any]:
    """Return what a file says it extends as a list."""
    given = data.get("extends", [])
    return given if isinstance(given, list) else [given]


def check_header(file: File) -> Iterator[Problem]:
    """Yield what is wrong with the keys at the top of a file."""
    kind = file.data.get("kind")
    if kind is None:
        yield file.problem(("kind",), "missing key", allowed=", ".join(HOLDS))
    elif kind not in list(HOLDS):
        hint = did_you_mean(nearest(str(kind), HOLDS))
        allowed = ", ".join(HOLDS)
        yield file.problem(("kind",), "unknown kind", found=show(kind), allowed=allowed, hint=hint)
    for name in ("title", "question"):
        value = file.data.get(name, "")
        if not isinstance(value, str):
            yield file.problem((name,), "must be text", found=show(value))
        elif name == "title" and not value.strip():
            message = "must not be empty" if "title" in file.data else "missing key"
            yield file.problem((name,), message, allowed="text, short enough for a figure")
    if not all(isinstance(name, str) for name in extends_of(file.data)):
        value, allowed = show(file.data["extends"]), "names and paths, as text"
        yield file.problem(("extends",), "must be a list of text", found=value, allowed=allowed)


def check_sections(file: File, sections: dict[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with sections of a file, each value judged by itself."""
    allowed = _sections_of(file.kind)
    for name, values in sections.items():
        if name not in HOLDS["scenario"]:
            yield _unknown_section(file, name, values)
        elif name not in HOLDS[file.kind]:
            message = f"section not allowed in a {file.kind}"
            hint = 'kind = "scenario" may hold any'
            yield file.problem((name,), message, allowed=allowed, hint=hint)
        elif name == "events":
            yield from _check_events(file, values)
        elif name == "phases":
            yield from _check_phases(file, values)
        elif name == "grants":
            yield from _check_grants(file, values)
        elif not isinstance(values, dict):
            message = "must be a section"
            yield file.problem((name,), message, found=show(values), allowed=f"[{name}]")
        else:
            yield from _check_values(file, (name,), MODELS[name], values)
            yield from _check_network(file, name, values)


def _sections_of(kind: str) -> str:
    """Return the sections that a file of a kind may hold, as they are written."""
    return ", ".join(f"[{name}]" if name in MODELS else f"[[{name}]]" for name in HOLDS[kind])


def _unknown_section(file: File, name: str, values: Any) -> Problem:
    near = nearest(name, [*HOLDS["scenario"], *(HEADER if file.lines else ())])
    owners = owners_of(name)
    hint = f"it belongs below [{owners[0]}]" if owners else did_you_mean(near)
    allowed = _sections_of(file.kind)
    kind = "section" if isinstance(values, dict | list) else "key"
    return file.problem((name,), f"unknown {kind}", allowed=allowed, hint=hint)


def _check_tables(file: File, name: str, tables: Any) -> Iterator[Problem]:
    """Yield that what should be a list of tables is none."""
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        message = "must be a list of tables"
        yield file.problem((name,), message, found=show(tables), allowed=f"[[{name}]]")


def _check_phases(file: File, phases: Any) -> Iterator[Problem]:
    if wrong := list(_check_tables(file, "phases", phases)):
        yield from wrong
        return
    of_a_phase = [name for name in Phase.model_fields if name != "levers"]
    for number, phase in enumerate(phases):
        key = ("phases", number)
        if "year" not in phase:
            allowed = allowed_in("phases", Phase, "year")
            yield file.problem((*key, "year"), "missing key", allowed=allowed)
        for name in AT_THE_LAUNCH:
            if name in phase:
                message = "acts at the launch and cannot change later"
                yield file.problem((*key, name), message, hint="put it below [levers]")
        yield from _check_values(
            file, key, Phase, {name: phase[name] for name in of_a_phase if name in phase}
        )
        if "levers" in phase:
            hint = "in a file the levers of a phase stand beside its year"
            yield file.problem((*key, "levers"), "unknown key", hint=hint)
        levers = {
            name: value for name, value in phase.items() if name not in (*of_a_phase, "levers")
        }
        yield from _check_values(file, key, Levers, levers)


def _check_grants(file: File, grants: Any) -> Iterator[Problem]:
    if wrong := list(_check_tables(file, "grants", grants)):
        yield from wrong
        return
    for number, grant in enumerate(grants):
        yield from _check_values(file, ("grants", number), Grant, grant)


def _check_events(file: File, events: Any) -> Iterator[Problem]:
    if wrong := list(_check_tables(file, "events", events)):
        yield from wrong
        return
    types = ", ".join(EVENTS)
    for number, event in enumerate(events):
        key = ("events", number)
        kind = event.get("type")
        if kind is None:
            yield file.problem((*key, "type"), "missing key", allowed=types)
        elif kind in NOT_CARRIED:
            details = {"found": show(kind), "hint": WHERE_NOT_CARRIED}
            yield file.problem((*key, "type"), WHY_NOT_CARRIED, **details)
        elif kind not in list(EVENTS):
            hint = did_you_mean(nearest(str(kind), EVENTS))
            message = "unknown type of event"
            yield file.problem((*key, "type"), message, found=show(kind), allowed=types, hint=hint)
        else:
            yield from _check_values(file, key, EVENTS[kind], event)


def _check_network(file: File, section: str, values: dict[str, Any]) -> Iterator[Problem]:
    network = values.get("network")
    if section == "district" and isinstance(network, str) and network:
        try:
            open_ordinary(file.path.parent / network).close()
        except (OSError, ValueError) as error:
            missing = isinstance(error, FileNotFoundError)
            message = "no such file" if missing else unreadable(error)
            details = {"found": show(network), "hint": path_hint(network)}
            yield file.problem((section, "network"), message, **details)


def _check_values(
    file: File, key: Key, model: type[Section], values: dict[str, Any]
) -> Iterator[Problem]:
    """Yield what is wrong with a section's values; what it leaves out another file may give."""
    try:
        judge(model, values)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            name, *within = map(str, details["loc"])
            if details["type"] == "extra_forbidden":
                owner = EventRange if within else model
                yield _unknown_key(file, (*key, name, *within), owner)
            elif details["type"] != "missing":
                message = message_of(details)
                value = show(details["input"])
                allowed = allowed_in(str(key[0]), model, name)
                yield file.problem((*key, name, *within), message, found=value, allowed=allowed)
            elif key[0] in ("events", "grants"):
                allowed = allowed_in(str(key[0]), model, name)
                hint = WITHOUT_END if name == "months" and model is Grant else ""
                where = (*key, name, *within)
                yield file.problem(where, "missing key", allowed=allowed, hint=hint)


def _unknown_key(file: File, key: Key, model: type[Section]) -> Problem:
    name = str(key[-1])
    if name in HEADER:
        hint = f"{name} belongs at the top of the file, above the first section"
    elif key[0] not in ("events", "grants") and (owners := owners_of(name)):
        hint = f"it belongs in [{owners[0]}]"
    else:
        hint = did_you_mean(nearest(name, model.model_fields))
    allowed = "" if hint else ", ".join(model.model_fields)
    if len(allowed) > 1000:
        allowed, hint = "", "`reformsim params` lists them all"
    return file.problem(key, "unknown key", allowed=allowed, hint=hint)


@cache
def allowed_in(section: str, model: type[Section], name: str) -> str:
    """Return what a key may hold, in words, from where it is declared."""
    for parameter in parameters_of(section, model):
        if parameter.name == name:
            return parameter.allowed
    declared = model.model_fields[name]
    if get_origin(declared.annotation) is Literal:
        return ", ".join(get_args(declared.annotation))
    if declared.annotation == tuple[str, ...]:
        return f"a list of names: {', '.join(LINES)}"
    if model is Phase and name == "levers":
        return "levers by name, as {pipeline = 0.8}"
    if get_origin(declared.annotation) is tuple:
        return "a list of whole numbers from 0 to 15,999"
    limits = {type(limit).__name__: limit for limit in declared.metadata}
    kinds = (declared.annotation, *get_args(declared.annotation))
    words = next((_WORDS[kind] for kind in kinds if kind in _WORDS), "text")
    if "Ge" in limits and "Le" in limits:
        return f"{words} from {limits['Ge'].ge:,} to {limits['Le'].le:,}"
    if "Gt" in limits and "Le" in limits:
        return f"{words} above {limits['Gt'].gt:,} and up to {limits['Le'].le:,}"
    return words


def owners_of(name: str) -> list[str]:
    """Return the sections that have a key of this name, the likeliest first."""
    order = ("levers", *MODELS)
    return [section for section in order if name in MODELS[section].model_fields]
