"""Doing again what a manifest says, and comparing what comes of it with what came of it then.

A manifest is data of somebody else. Its scenarios, seeds and a few words are read, within bounds and
checked as if they were typed; no path in it is written to, and no program is run but the mechanisms
that the user names. Files are written under names that this program gives them, compared by hash.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reformsim.errors import Problem, ReformsimError, printable, reason_of
from reformsim.experiments.own_mechanisms import OPTION, check_mechanisms
from reformsim.experiments.recipe import (
    definition_of,
    recipe_of,
    scenario_in,
    scenarios_of,
)
from reformsim.experiments.uncertainty import ParameterUncertainty
from reformsim.messages import show
from reformsim.reading import read_ordinary
from reformsim.results import manifest, provenance, query, store
from reformsim.scenario.merging import Composed

from .arguments import Problems
from .contrast import EVENT, ContrastRequest, month_within
from .requests import ComparisonRequest, How, RunRequest, WhatIfRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from reformsim.experiments.definition import Definition
    from reformsim.experiments.experiment import Options
    from reformsim.experiments.whatif import WhatIf as Change
    from reformsim.mechanisms import Mechanisms
    from reformsim.scenario import Scenario

    AnyRequest = RunRequest | ComparisonRequest | WhatIfRequest | ContrastRequest

COMMANDS = ("run", "compare", "whatif", "contrast")
COMPARED = (".csv", ".png", ".svg", ".pdf")
"""Files that are compared; pages and recipes say what they were made with."""
LARGEST_FILE = 2**31
_MOST_SCENARIOS, _MOST_RUNS, _LONGEST = 10_000, 1_000_000, 10_000
_Name = Annotated[str, Field(max_length=_LONGEST)]


class _Shape(BaseModel):
    """What is read of a manifest; more may stand in it."""

    model_config = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)


class _Pair(_Shape):
    seed: int = Field(ge=0, le=2**32 - 1)
    replicate: int = Field(ge=0, le=2**32 - 1)


class _Mechanisms(_Shape):
    file: _Name
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    values: dict[_Name, float] = Field(default={}, max_length=1000)


class _Described(_Shape):
    fingerprint: str = Field(max_length=_LONGEST)
    network_sha256: str = Field("", pattern="^([0-9a-f]{64})?$")


class _Arguments(_Shape):
    added: list[_Name] = Field(default=[], alias="with", max_length=1000)
    without: list[_Name] = Field(default=[], max_length=1000)
    with_and_without: bool = False
    month: int = 0
    engine: str = "compiled"
    formats: list[str] = Field(default=["png"], alias="format", max_length=10)
    command: str
    made_by: str = ""

    @property
    def made_with(self) -> str:
        """The command, or that which does the same for scenarios made in memory."""
        return self.command or self.made_by


class _Manifest(_Shape):
    arguments: _Arguments
    runs: list[_Pair] = Field(min_length=1, max_length=_MOST_RUNS)
    mechanisms: _Mechanisms | None = None
    parameter_uncertainty: ParameterUncertainty | None = None
    source: str = Field("", max_length=_LONGEST)
    versions: dict[_Name, _Name] = Field(max_length=1000)
    scenarios: list[dict[str, Any]] = Field(min_length=1, max_length=_MOST_SCENARIOS)
    command: _Name = ""
    titles: dict[_Name, _Name] = Field(default={}, max_length=3 * _MOST_SCENARIOS)
    sha256: dict[_Name, _Name] = Field(default={}, max_length=100_000)


class Recipe(NamedTuple):
    """What a manifest says, checked and ready to be done again."""

    folder: Path
    """Where the manifest lies."""
    command: str
    """What made it."""
    differences: list[str]
    """In what this program is not the one that made it."""
    request: AnyRequest | None
    """What to run, unless it is an experiment."""
    hashes: Mapping[str, str]
    """Of the files that were written, by name."""
    formats: tuple[str, ...]
    experiment: Definition | None = None
    scenarios: Mapping[Any, Scenario] | None = None
    mechanisms: Mechanisms | None = None


class Reproduced(NamedTuple):
    """What came of doing it again."""

    out: Path
    identical: list[str]
    different: list[str]
    missing: list[str]
    """What there was nothing to compare with."""


def read_recipe(
    path: Path, mechanisms: Mechanisms | None = None, workers: int | None = None
) -> Recipe:
    """Return what a manifest, or the one of a folder, says.

    Raises ReformsimError with what is wrong with it, or if it needs mechanisms that are not given.
    """
    folder = path if path.is_dir() else path.parent
    if not path.exists():
        raise ReformsimError(Problem("there is no such file or folder", printable(str(path))))
    if not path.is_dir() and path.name != manifest.NAME:
        hint = f"give a {manifest.NAME}, or the folder that holds one"
        raise ReformsimError(Problem("is no manifest by its name", printable(str(path)), hint=hint))
    data = _document(folder / manifest.NAME)
    if "experiment" in data and "checksum" in data:
        return _experiment(folder, mechanisms)
    given = data.get("arguments")
    arguments: dict[str, Any] = given if isinstance(given, dict) else {}
    if str(arguments.get("command") or arguments.get("made_by")) not in COMMANDS:
        known = ", ".join(f"'{name}'" for name in COMMANDS)
        message = "is not a manifest that can be reproduced"
        allowed = f"one of {known} or 'experiment run'"
        raise ReformsimError(Problem(message, printable(str(path)), allowed=allowed))
    try:
        said = _Manifest.model_validate_json(json.dumps(data))
    except ValidationError as error:
        raise ReformsimError(*_wrong(folder, error)) from None
    request = _request(folder, said, mechanisms, workers)
    formats = tuple(dict.fromkeys(said.arguments.formats))
    differences = list(_differences(said.source, said.versions))
    name = said.arguments.made_with
    return Recipe(folder, name, differences, request, said.sha256, formats)


def reproduce(
    recipe: Recipe, out: Path, options: Options | None = None, *, progress: Any = None
) -> Reproduced:
    """Do again what a recipe says, into a new or empty folder, and compare what can be compared.

    `progress` simulates a request in the caller's way. Raises ReformsimError if a run fails,
    OutputError if the folder cannot be written to.
    """
    if recipe.experiment is not None:
        return _experiment_again(recipe, out, options)
    assert recipe.request is not None
    folder = recipe.request.folder(out, force=None)
    result = progress(recipe.request) if progress else recipe.request.simulate()
    result.report(folder, formats=recipe.formats)
    return _compared_files(recipe, out, folder.written)


# --- reading


def _document(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(read_ordinary(path, manifest.LARGEST, links=False))
    except OSError as error:
        raise ReformsimError(
            Problem(f"cannot be read: {reason_of(error)}", printable(str(path)))
        ) from None
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise ReformsimError(Problem("is no manifest", printable(str(path))))
    return data


def _wrong(folder: Path, error: ValidationError, above: str = "") -> Iterator[Problem]:
    for details in error.errors(include_url=False, include_context=False, include_input=False)[:20]:
        key = printable(above + ".".join(map(str, details["loc"])))[:200]
        message = details["msg"].removeprefix("Value error, ")
        yield Problem(message, printable(str(folder / manifest.NAME)), key=key)


def _request(
    folder: Path, said: _Manifest, mechanisms: Mechanisms | None, workers: int | None
) -> AnyRequest:
    """Return what to run, made of the scenarios that a manifest holds."""
    problems = Problems()
    surveys: dict[str, bytes] = {}
    composed = []
    for number, entry in enumerate(said.scenarios):
        scenario = problems.tried(_scenario, folder, number, entry, surveys)
        if scenario:
            composed.append(_composed(scenario, said.titles))
    pairs = [(pair.seed, pair.replicate) for pair in said.runs]
    seed = pairs[0][0]
    if pairs != [(seed, replicate) for replicate in range(len(pairs))]:
        allowed = "one seed, and its replicates from 0 on"
        problems.add(Problem("cannot be done again", manifest.NAME, key="runs", allowed=allowed))
    if mechanisms and said.mechanisms and mechanisms.sha256 == said.mechanisms.sha256:
        mechanisms = problems.tried(_as_then, mechanisms, said.mechanisms.values) or mechanisms
    posterior = said.parameter_uncertainty
    how = How(seed, len(pairs), workers, said.arguments.engine, mechanisms, posterior)
    how.check(problems)
    for kind in said.arguments.formats:
        if f".{kind}" not in COMPARED[1:]:
            problems.add(
                Problem("unknown format", manifest.NAME, 0, "arguments.format", show(kind))
            )
    problems.tried(_check_file, said, mechanisms)
    problems.raise_any()
    given: dict[str, Any] = {"reproduced": said.command or said.arguments.made_with}
    command, all_of = said.arguments.made_with, tuple(composed)
    if command == "run":
        if len(all_of) > 1:
            raise ReformsimError(Problem("has several scenarios, and a run has one", manifest.NAME))
        if posterior:
            message = "is given, and a run draws none"
            raise ReformsimError(Problem(message, manifest.NAME, key="parameter_uncertainty"))
        return RunRequest(all_of, how, mechanisms, given)
    if command == "compare":
        both = said.arguments.with_and_without
        baseline = all_of[0].scenario.names.strategy
        given |= {"with_and_without": both}
        return ComparisonRequest(all_of, how, mechanisms, given, baseline, both)
    half = all_of[: len(all_of) // 2]
    if command == "contrast":
        month = said.arguments.month
        given |= {"month": month}
        _check_contrast(half, month)
        changes = _changes(all_of, [f"{EVENT}@{month}"])
        baseline = all_of[0].scenario.names.strategy
        return ContrastRequest(half, how, mechanisms, given, baseline, month, changes)
    given |= {"with": said.arguments.added, "without": said.arguments.without}
    changes = _changes(all_of, said.arguments.added, said.arguments.without)
    return WhatIfRequest(half, how, mechanisms, given, changes)


def _check_contrast(composed: tuple[Composed, ...], month: int) -> None:
    """Raise ReformsimError unless these are strategies of one place, and the month leaves time to see."""
    names = [each.scenario.names for each in composed]
    places = {(each.district, each.condition) for each in names}
    if not 1 < len({each.strategy for each in names}) == len(names) or len(places) > 1:
        message = "are not several strategies of one district and condition"
        raise ReformsimError(Problem(message, manifest.NAME, key="scenarios"))
    problems = Problems()
    month_within(problems, month, [each.scenario for each in composed])
    problems.raise_any()


def _changes(
    composed: tuple[Composed, ...], added: Sequence[str], removed: Sequence[str] = ()
) -> tuple[Change, ...]:
    """Return what is changed in each of the unchanged scenarios; the changed ones have to come of it."""
    from reformsim.experiments.whatif import what_if

    half = len(composed) // 2
    changes = [what_if(each.scenario, added, removed) for each in composed[:half]]
    changed = [change.changed for change in changes]
    if not half or changed != [each.scenario for each in composed[half:]]:
        message = "its changed scenarios are not what its changes make of the unchanged ones"
        raise ReformsimError(Problem(message, manifest.NAME, key="scenarios"))
    return tuple(changes)


def _scenario(
    folder: Path, number: int, entry: dict[str, Any], surveys: dict[str, bytes]
) -> Scenario:
    try:
        _Described.model_validate(entry)
        return scenario_in(folder, entry | {"cell": (f"scenarios.{number}",)}, surveys)
    except ValidationError as error:
        raise ReformsimError(*_wrong(folder, error, f"scenarios.{number}.")) from None


def _composed(scenario: Scenario, titles: Mapping[str, str]) -> Composed:
    names = scenario.names.model_dump()
    return Composed(scenario, {kind: titles.get(name, name) for kind, name in names.items()}, {})


def _as_then(mechanisms: Mechanisms, values: Mapping[str, float]) -> Mechanisms:
    """Return mechanisms with the values of a manifest."""
    return mechanisms.with_values(**values)


def _check_file(said: _Manifest, mechanisms: Mechanisms | None) -> None:
    """Raise ReformsimError unless the mechanisms given are those of a manifest."""
    wanted = said.mechanisms.sha256 if said.mechanisms else ""
    given = mechanisms.sha256 if mechanisms else ""
    if wanted == given:
        return
    if not said.mechanisms:
        raise ReformsimError(Problem("was made without custom mechanisms", key=OPTION))
    name = show(said.mechanisms.file)
    if mechanisms is None:
        message = f"was made with custom mechanisms, {name}"
        hint = f"name the file: {OPTION} FILE.py. It is a program that will be run"
        raise ReformsimError(Problem(message, manifest.NAME, hint=hint))
    allowed = f"sha256 {wanted[:12]}…"
    message = f"is not the file that it was made with, {name}"
    raise ReformsimError(
        Problem(message, key=OPTION, found=f"sha256 {given[:12]}…", allowed=allowed)
    )


def _differences(source: str, versions: Mapping[str, str]) -> Iterator[str]:
    """Yield in what this program is not the one that a manifest was made with."""
    then = versions.get("reformsim", "?")
    if not source:
        yield "the manifest does not say with which sources of the model it was made"
    elif source != provenance.source_hash():
        yield (
            f"the sources of the model are not those of the reformsim {printable(then)} that made it"
        )
    for name, now in provenance.versions().items():
        before = versions.get(name, "unknown")
        if before != now:
            yield f"{name} was {printable(before)} and is {now}"


# --- files


def _compared_files(recipe: Recipe, out: Path, written: Sequence[str]) -> Reproduced:
    reproduced = Reproduced(out, [], [], [])
    for name in sorted(written):
        if not name.endswith(COMPARED):
            continue
        before = recipe.hashes.get(name) or _hash(recipe.folder / name)
        if not before:
            reproduced.missing.append(name)
        else:
            same = before == _hash(out / name)
            (reproduced.identical if same else reproduced.different).append(name)
    return reproduced


def _hash(path: Path) -> str:
    """Return the hash of a file; nothing if it is not there or no ordinary file."""
    try:
        return hashlib.sha256(read_ordinary(path, LARGEST_FILE, links=False)).hexdigest()
    except (OSError, ValueError):
        return ""


# --- experiments


def _experiment(folder: Path, mechanisms: Mechanisms | None) -> Recipe:
    recipe = recipe_of(folder)
    definition = definition_of(recipe)
    check_mechanisms(definition, mechanisms)
    scenarios = scenarios_of(folder, recipe, definition)
    differences = list(_differences(recipe["source"], recipe["versions"]))
    return Recipe(
        folder, "experiment run", differences, None, {}, (), definition, scenarios, mechanisms
    )


def _experiment_again(recipe: Recipe, out: Path, options: Options | None) -> Reproduced:
    from reformsim.experiments.experiment import BY_DEFAULT, StoredExperiment

    assert recipe.experiment is not None
    given = {"reproduced": recipe.experiment.name}
    StoredExperiment(out).run(
        recipe.experiment,
        options or BY_DEFAULT,
        None,
        given,
        recipe.scenarios,
        recipe.mechanisms,
    )
    reproduced = Reproduced(out, [], [], [])
    for table in store.ORDER:
        before = _stored(recipe.folder, table)
        if before is None or before.empty:
            after = _stored(out, table)
            if after is not None and not after.empty:
                reproduced.missing.append(table)
            continue
        after = query.frame(out, table)
        after = after[after["run"].isin(set(before["run"]))].reset_index(drop=True)
        (reproduced.identical if before.equals(after) else reproduced.different).append(table)
    return reproduced


def _stored(folder: Path, table: str) -> pd.DataFrame | None:
    """Return a table of an experiment's folder; None if it has none of its own."""
    store.check_links(folder)
    if not store.paths(folder, table):
        return None
    return query.frame(folder, table).reset_index(drop=True)
