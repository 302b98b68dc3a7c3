"""Experiment files: finding, reading and checking them, with every problem found at once.

An experiment file is TOML; `reformsim.experiments.definition` says what may stand in it. Districts,
conditions and strategies are named as for `reformsim run`: built-in names, or paths relative to the
file. The values of a parameter stand in [uncertainties] or [levers] under its dotted name.

Overrides are lines of such a file, as "replicates=5" or "horizon.years=3", laid over it in order.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

from pydantic import ValidationError

from reformsim.errors import Problem, ScenarioError, printable
from reformsim.messages import bearable, brief, did_you_mean, nearest, path_hint, show, unreadable
from reformsim.reading import read_ordinary
from reformsim.scenario.checking import MESSAGES, File, allowed_in, option_of, read_bytes
from reformsim.scenario.files import find_file, read_file, resolved
from reformsim.scenario.loading import compose
from reformsim.scenario.schema import Horizon
from reformsim.scenario.toml import loads, text_of

from .builtin import experiment_folder
from .definition import (
    MEASURE_NAMES,
    TABLES,
    CrossedKind,
    Definition,
    Design,
    DesignKind,
    Outcomes,
    Range,
    Series,
    misfits,
    variables,
    variables_in,
    wrong_value,
)
from .event_variables import SECTION as EVENTS
from .grant_variables import SECTION as GRANTS
from .own_mechanisms import SECTION as OWN
from .own_mechanisms import used
from .phase_variables import SECTION as PHASES
from .uncertainty import find_uncertainty

if TYPE_CHECKING:
    import _csv
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reformsim.mechanisms import Mechanisms
    from reformsim.scenario.parameters import Form, Parameter
    from reformsim.scenario.toml import Key

Places: TypeAlias = "dict[Key, tuple[File, Key]]"
"""Where each value stands: its file, and the way to it there."""

KINDS = {"districts": "district", "conditions": "condition", "strategies": "strategy"}
"""The keys of a file that name scenario files, and the kind each takes."""

_SECTIONS: dict[Key, type[Form]] = {
    (): Definition,
    ("horizon",): Horizon,
    ("design",): Design,
    ("outcomes",): Outcomes,
    ("outcomes", "series"): Series,
}
_NAMES = "names and paths, as text"
LARGEST_TABLE = 8_000_000
"""Bytes of the largest table of values that is read: 100,000 points of ten parameters."""
MOST_COLUMNS = 1_000
_TABLE_HINT = "a column for each parameter, headed by its dotted name, and a row for each point"


def load_experiment(
    name: str | Path, overrides: Iterable[str] = (), mechanisms: Mechanisms | None = None
) -> Definition:
    """Return the experiment of a file, or the built-in one of this name, with custom mechanisms.

    No file names a program: mechanisms are what the user has loaded.
    Raises ScenarioError with every problem of the file, of what it names, and of the overrides.
    """
    path = find_file(name, experiment_folder(), "experiment")
    return _checked([read_file(path), *(_override(text) for text in overrides)], mechanisms)


def experiment_of(
    data: Mapping[str, Any],
    name: str,
    overrides: Iterable[str] = (),
    mechanisms: Mechanisms | None = None,
) -> Definition:
    """Return the experiment that plain data describe, as the text of a file would.

    Paths are relative to the working folder. Raises ScenarioError as `load_experiment` does.
    """
    file = File(Path.cwd() / f"{name}.toml", "", dict(data))
    return _checked([file, *(_override(text) for text in overrides)], mechanisms)


def as_given(
    file: str | Path,
    changes: Sequence[str] = (),
    uncertainty: str | Path | None = None,
    mechanisms: str | Path | None = None,
) -> dict[str, Any]:
    """Return what the recipe of an experiment says of the file and changes it was asked for by."""
    given: dict[str, Any] = {"experiment": str(file), "set": list(changes)}
    if uncertainty:
        given["parameter_uncertainty"] = str(uncertainty)
    if mechanisms:
        given["mechanisms"] = str(mechanisms)
    if Path(file).is_file():
        given["text"] = read_bytes(Path(file)).decode("utf-8-sig")
    return given


def _checked(layers: Sequence[File], mechanisms: Mechanisms | None = None) -> Definition:
    """Return the experiment of a file and what is laid over it; raises every problem of all."""
    file = layers[0]
    path = file.path
    data, places = _laid_over(layers)
    problems = list(_named_mechanisms(data, places))
    own = used(mechanisms)
    if own:
        data["mechanisms"] = own.model_dump()
        _record_measures(data, [measure.column for measure in own.measures])
    problems += [*_read_table(file, data, places), *_read_posterior(data, places, path.parent)]
    problems += bearable(
        chain(
            _wrong_types(data, places),
            (_problem(places, **misfit._asdict()) for misfit in misfits(data)),
            _wrong_parts(data, places, path.parent),
        )
    )
    if problems:
        raise ScenarioError(*sorted(dict.fromkeys(problems), key=lambda one: (one.file, one.line)))
    return Definition.model_validate({**data, "name": path.stem})


def _named_mechanisms(data: dict[str, Any], places: Places) -> Iterator[Problem]:
    """Yield that a file names a program, and forget it."""
    if data.pop("mechanisms", None) is not None:
        message = "cannot be named by an experiment, as it is a program"
        hint = "name it yourself: `mechanisms` FILE.py"
        yield _problem(places, ("mechanisms",), message, hint=hint)


def _record_measures(data: dict[str, Any], columns: list[str]) -> None:
    """Let an experiment record the measures of custom mechanisms besides what it asks for."""
    outcomes = data.setdefault("outcomes", {}) if columns else None
    if isinstance(outcomes, dict):
        asked = outcomes.get("measures", [*MEASURE_NAMES])
        if isinstance(asked, list):
            outcomes["measures"] = [*asked, *(name for name in columns if name not in asked)]


def _override(text: str) -> File:
    """Return an override as a file of one line; what is not TOML on its right is taken as text."""
    shown = option_of(text)
    text = text.encode(errors="backslashreplace").decode()
    key, equals, value = text.partition("=")
    data: dict[str, Any] = {}
    for line in (text, f"{key}={value.strip()!r}"):
        try:
            data = loads(line)
            break
        except ValueError:
            continue
    if not (equals and value.strip() and data):
        problem = Problem("not an override", shown, found=show(text), allowed="key=value")
        raise ScenarioError(problem)
    return File(Path("override"), shown, data)


def _laid_over(layers: Sequence[File]) -> tuple[dict[str, Any], Places]:
    """Return the data of files laid over one another, and where each value stands.

    Parameters are brought under their dotted names, whether the file has the name in quotation
    marks or its parts as nested tables.
    """
    data: dict[str, Any] = {}
    places: Places = {}
    for file in layers:
        for name, value in file.data.items():
            places[name,] = file, (name,)
            if not isinstance(value, dict):
                data[name] = value
                continue
            before = data[name] if isinstance(data.get(name), dict) else {}
            if name in TABLES:
                entries = list(_entries(value))
                data[name] = before | {".".join(key): entry for key, entry in entries}
                places |= {(name, ".".join(key)): (file, (name, *key)) for key, _ in entries}
            else:
                data[name] = _joined(before, value)
                places |= {(name, *key): (file, (name, *key)) for key in _paths(value)}
    return data, places


def _entries(table: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    sections = {key.partition(".")[0] for key in variables()} | {"baseline", OWN}
    for name, value in table.items():
        if name in (EVENTS, PHASES, GRANTS) and isinstance(value, dict):
            yield from _leaves((name,), value)
        elif name in sections and isinstance(value, dict):
            yield from (((name, inner), entry) for inner, entry in value.items())
        else:
            yield (name,), value


def _leaves(key: tuple[str, ...], value: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield what stands in nested tables, each with its key; a range is no table."""
    for name, entry in value.items():
        if isinstance(entry, dict) and not entry.keys() & Range.model_fields.keys():
            yield from _leaves((*key, name), entry)
        else:
            yield (*key, name), entry


def _joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    both = dict(one)
    for name, value in other.items():
        old = both.get(name)
        both[name] = (
            _joined(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
        )
    return both


def _paths(table: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, value in table.items():
        yield (name,)
        if isinstance(value, dict):
            yield from ((name, *rest) for rest in _paths(value))


def _problem(places: Places, key: Key, message: str, **details: str) -> Problem:
    """Return a problem at a key, or at the nearest table around it that is there."""
    around = (key[:n] for n in range(len(key), 0, -1) if key[:n] in places)
    nearest_key = next(around, ())
    if not nearest_key:
        file = next(iter(places.values()))[0]
        return Problem(message, file.shown, 1 if file.lines else 0, _dotted(key), **details)
    file, place = places[nearest_key]
    line = file.line((*place, *key[len(nearest_key) :]))
    return Problem(message, file.shown, line, _dotted(key), **details)


def _dotted(key: Key) -> str:
    """Return a key as it is shown; a parameter's name says by itself what it belongs to."""
    shown = key[1:] if len(key) > 1 and key[0] in TABLES else key
    return brief(".".join(map(str, shown)))


def _wrong_types(data: dict[str, Any], places: Places) -> Iterator[Problem]:
    """Yield what pydantic finds, but in the tables of parameters, which `misfits` looks through."""
    for table in TABLES:
        if not isinstance(data.get(table, {}), dict):
            yield _problem(places, (table,), "must be a table", found=show(data[table]))
    if "name" in data:
        yield _problem(places, ("name",), "unknown key", hint="its file's name is its name")
    try:
        Definition.model_validate(data)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            loc = details["loc"]
            if loc and loc[0] not in TABLES:
                yield _explained(places, details["type"], loc, details["msg"], details["input"])


def _explained(places: Places, kind: str, key: Key, message: str, value: Any) -> Problem:
    depth = max(n for n in range(len(key)) if key[:n] in _SECTIONS)
    model, name = _SECTIONS[key[:depth]], str(key[depth])
    if kind == "extra_forbidden":
        hint = did_you_mean(nearest(name, model.model_fields))
        allowed = "" if hint else ", ".join(model.model_fields)
        return _problem(places, key, "unknown key", allowed=allowed, hint=hint)
    if kind == "missing":
        return _problem(places, key, "missing key")
    key, found = key[: depth + 1], show(value)
    if key in _SECTIONS:
        return _problem(places, key, "must be a table", found=found, allowed=f"[{_dotted(key)}]")
    if kind == "literal_error":
        kinds = get_args(CrossedKind if name == "cross" else DesignKind)
        hint = did_you_mean(nearest(str(value), kinds))
        allowed = ", ".join(kinds)
        return _problem(places, key, "unknown kind", found=found, allowed=allowed, hint=hint)
    if kind in ("tuple_type", "string_type") and name in (*KINDS, "measures", "outcomes"):
        return _problem(places, key, "must be a list of text", found=found, allowed=_NAMES)
    if kind == "string_too_short":
        return _problem(places, key, "must not be empty")
    message = MESSAGES.get(kind, message)
    allowed = allowed_in(str(key[0]), model, name)
    return _problem(places, key, message, found=found, allowed=allowed)


def _wrong_parts(data: dict[str, Any], places: Places, folder: Path) -> Iterator[Problem]:
    """Yield what is wrong with the scenario files named; paths in `data` become absolute."""
    called: dict[tuple[str, str], str] = {}
    for key, kind in {**KINDS, "baseline": "strategy"}.items():
        given = data.get(key, Definition.model_fields[key].default)
        names = [given] if key == "baseline" else given if isinstance(given, list | tuple) else []
        found = [resolved(name, folder) for name in names if isinstance(name, str)]
        for name in found:
            try:
                names_made = compose(name).scenario.names
            except ScenarioError as error:
                for one in error.problems:
                    here = not one.line
                    details = {"found": show(name), "allowed": one.allowed, "hint": one.hint}
                    yield _problem(places, (key,), one.message, **details) if here else one
                continue
            stem = Path(name).name.removesuffix(".toml")
            if getattr(names_made, kind) != stem:
                hint = f"`reformsim list {kind}` names them"
                yield _problem(places, (key,), f"is not a {kind}", found=show(name), hint=hint)
            elif called.setdefault((kind, stem), name) != name:
                message = "two files have the same name, which tells them apart in every table"
                yield _problem(places, (key,), message, found=show(name), hint="rename one")
        if key in data and len(found) == len(names):
            data[key] = found[0] if key == "baseline" else found


def _read_table(file: File, data: dict[str, Any], places: Places) -> list[Problem]:
    """Put the columns of a table's CSV file into `data` as the values of its parameters."""
    design = data.get("design")
    if not isinstance(design, dict) or design.get("kind") != "table":
        return []
    key = ("design", "file")
    hint = _TABLE_HINT
    name = design.get("file")
    if not isinstance(name, str) or not name:
        return [_problem(places, key, "missing key", allowed="a CSV file", hint=hint)]
    problems = [
        _problem(places, (table,), "cannot stand beside a table, which gives every value")
        for table in TABLES
        if data.get(table)
    ]
    path = file.path.parent / name
    try:
        text = text_of(read_ordinary(path, LARGEST_TABLE))
    except ScenarioError as error:
        (wrong_text,) = error.problems
        details = {"found": show(name), "hint": wrong_text.hint}
        return [*problems, _problem(places, key, wrong_text.message, **details)]
    except (OSError, ValueError) as error:
        details = {"found": show(name), "hint": path_hint(name)}
        return [*problems, _problem(places, key, unreadable(error), **details)]
    columns, wrong = _columns(printable(str(path)), text, variables_of_tables(data))
    for table, sections in TABLES.items():
        data[table] = {
            column: columns.pop(column)
            for column in list(columns)
            if column.partition(".")[0] in sections
        }
    return [*problems, *wrong]


def variables_of_tables(data: Mapping[str, Any]) -> dict[str, Parameter]:
    """Return all that an experiment may vary by its dotted name."""
    sections = {section for sections in TABLES.values() for section in sections}
    known = variables_in(data).items()
    return {key: parameter for key, parameter in known if key.partition(".")[0] in sections}


def _read_posterior(data: dict[str, Any], places: Places, folder: Path) -> Iterator[Problem]:
    """Put the particles of a posterior into `data` in place of its file's name."""
    key = ("parameter_uncertainty",)
    name = data.pop(*key, None)
    if name is None:
        return
    if not isinstance(name, str) or not name or "\0" in name:
        allowed = "a Parquet file or a built-in name, as text"
        yield _problem(places, key, "must name a posterior", found=show(name), allowed=allowed)
        return
    try:
        data[key[0]] = find_uncertainty(name, folder).model_dump()
    except ScenarioError as error:
        for problem in error.problems:
            hint = path_hint(name) or problem.hint
            if not problem.file:  # it is the name that is wrong, and not a file
                details = {"found": problem.found, "allowed": problem.allowed, "hint": hint}
                yield _problem(places, key, problem.message, **details)
                continue
            yield replace(problem, file=printable(problem.file), hint=hint)


def _columns(
    shown: str, text: str, known: Mapping[str, Parameter]
) -> tuple[dict[str, list[float]], list[Problem]]:
    """Return the columns of a table of known parameters and what is wrong with it."""
    rows = csv.reader(io.StringIO(text, newline=""))
    columns: dict[str, list[float]] = {}
    problems = bearable(_read_columns(shown, rows, columns, known))
    # What is wrong with a value has been said with its line, so that it need not be looked at again.
    return ({} if problems else columns), list(dict.fromkeys(problems))


def _read_columns(
    shown: str,
    rows: _csv.Reader,
    columns: dict[str, list[float]],
    variable: Mapping[str, Parameter],
) -> Iterator[Problem]:
    """Fill columns from the rows of a table, and yield what is wrong with it."""
    line = 1
    head: list[str] = []
    is_empty = True
    try:
        for row in rows:
            if line == 1:
                head = [name.strip() for name in row]
                yield from _wrong_columns(shown, head, variable)
                columns |= {name: [] for name in head if name in variable}
                if not columns:
                    return
            elif any(map(str.strip, row)):
                is_empty = False
                yield from _read_row(shown, line, head, row, columns, variable)
            line = rows.line_num + 1
    except csv.Error as error:
        yield Problem(f"is not CSV: {error}", shown, line)
    if is_empty:
        yield Problem("has no rows", shown, 1)


def _wrong_columns(
    shown: str, head: list[str], variable: Mapping[str, Parameter]
) -> Iterator[Problem]:
    known = [name for name in head if name in variable]
    near = {
        name: nearest(name, variable)
        for name in dict.fromkeys(head[:MOST_COLUMNS])
        if name not in variable
    }
    if not known and not any(near.values()):
        # Of a file that is no table nothing is shown: who knows what it is.
        message = "its first row names no parameter"
        yield Problem(message, shown, 1, allowed=_TABLE_HINT)
        return
    for name, likely in near.items():
        hint = did_you_mean(likely) or "`reformsim params` lists them all"
        yield Problem("unknown parameter", shown, 1, brief(name) or "a column", hint=hint)
    if len(head) > MOST_COLUMNS:
        yield Problem(f"has more than {MOST_COLUMNS:,} columns", shown, 1)
    for name, count in Counter(known).items():
        if count > 1:
            yield Problem("is given twice", shown, 1, name)


def _read_row(
    shown: str,
    line: int,
    head: list[str],
    row: list[str],
    columns: dict[str, list[float]],
    variable: Mapping[str, Parameter],
) -> Iterator[Problem]:
    if len(row) != len(head):
        count, allowed = f"{len(row)} values", f"{len(head)}, one for each column"
        yield Problem("wrong number of values", shown, line, "", count, allowed)
        return
    for name, text in zip(head, row, strict=True):
        if name not in columns:
            continue
        parameter = variable[name]
        # Not every text that Python takes for a number is one: 1_000 and ٣ are none elsewhere.
        plain = text.strip().isascii() and "_" not in text
        try:
            value = float(text) if plain else math.nan
            message = wrong_value(parameter, value) if plain else "must be a number"
        except ValueError:
            value, message = math.nan, "must be a number"
        columns[name].append(value)
        if message:
            yield Problem(message, shown, line, name, show(text.strip()), parameter.allowed)
