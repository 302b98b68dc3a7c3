"""The recipe of an experiment: what is written into `manifest.json`, and what it says when read."""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from reformsim.errors import Problem, ReformsimError, ScenarioError, printable
from reformsim.messages import show
from reformsim.results import manifest, provenance
from reformsim.results.inputs import survey_of
from reformsim.scenario import Scenario
from reformsim.scenario.levers import Levers
from reformsim.scenario.loading import compose

from .definition import MEASURE_NAMES, SERIES_NAMES, Definition
from .own_mechanisms import MechanismsUsed, columns_in
from .plan import UNCHANGED
from .precision import Precision
from .runs import at_equal_cost, cells

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from .plan import Plan
    from .runs import Cell

IDENTIFYING = ("seed", "baseline", "horizon", "uncertainties", "levers", "design")
"""What in an experiment decides, besides its scenarios, which runs are its own."""
_SCENARIO = TypeAdapter(Scenario)
"""Validates in the words of pydantic, which `_unreadable` explains."""


class _Shape(BaseModel):
    """What has to be in a recipe for anything to be read from it; more may be."""

    model_config = ConfigDict(strict=True, extra="allow", allow_inf_nan=False)


class _Described(_Shape):
    cell: Annotated[tuple[str, str, str], Field(strict=False)]
    fingerprint: str
    network_sha256: str = Field("", pattern="^([0-9a-f]{64})?$")


class _Precision(_Shape):
    measure: str
    half_width: float = Field(gt=0)


class _Outcomes(_Shape):
    headline: str


class _Experiment(_Shape):
    outcomes: _Outcomes
    mechanisms: MechanismsUsed | None = None
    replicates: int = Field(ge=1)
    seed: int = Field(ge=0)


class _Recipe(_Shape):
    title: str
    source: str
    versions: dict[str, str]
    experiment: _Experiment
    precision: _Precision | None
    runs: int = Field(ge=0)
    scenarios: list[_Described]
    identity: str = ""
    members: dict[str, str] = {}


def begun(plan: Plan, precision: Precision | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the recipe of an experiment that begins now; `given` is what the user wrote."""
    return {
        "what": "A complete recipe: these scenarios with these seeds and versions give the same"
        " numbers on any machine.",
        "title": plan.experiment.title,
        "given": dict(given),
        "begun": time.strftime("%Y-%m-%d %H:%M:%S%z"),
        "source": provenance.source_hash(),
        "versions": provenance.versions(),
        **provenance.surroundings(),
        "identity": _identity(plan),
        **planned(plan, precision),
    }


def planned(plan: Plan, precision: Precision | None) -> dict[str, Any]:
    """Return the part of the recipe that extending changes."""
    return {
        "experiment": plan.experiment.model_dump(mode="json"),
        "precision": precision._asdict() if precision else None,
        "runs": len(plan),
        "varied": list(plan.varied),
        "members": _members(plan),
        "scenarios": [
            {"cell": list(cell), **provenance.describe(scenario)}
            for cell, scenario in plan.scenarios.items()
        ],
    }


def _identity(plan: Plan) -> str:
    """Return a hash of what decides which runs are of an experiment, however it is extended."""
    data = plan.experiment.model_dump(mode="json")
    drawn = plan.experiment.parameter_uncertainty
    baseline = {
        cell: scenario.fingerprint
        for cell, scenario in plan.scenarios.items()
        if cell[2] == plan.experiment.baseline
    }
    text = [
        *(data[name] for name in IDENTIFYING),
        [drawn.sha256, *drawn.names] if drawn else None,
        list(baseline.items()),
        *([plan.mechanisms.identity] if plan.mechanisms else []),
        *([plan.experiment.equal_cost] if plan.experiment.equal_cost else []),
    ]
    return hashlib.sha256(json.dumps(text).encode()).hexdigest()[:16]


def _members(plan: Plan) -> dict[str, str]:
    """Return by the name of each strategy in the tables a hash of its scenarios."""
    found: dict[str, list[Any]] = {}
    for scenario in plan.scenarios.values():
        names = scenario.names
        own = [names.district, names.condition, scenario.fingerprint]
        found.setdefault(names.strategy, []).append(own)
    return {
        strategy: hashlib.sha256(json.dumps(own).encode()).hexdigest()[:16]
        for strategy, own in found.items()
    }


def recipe_of(folder: Path) -> dict[str, Any]:
    """Return the recipe of an experiment, of the right shape.

    Raises ReformsimError if the folder holds none, or it cannot be made sense of.
    """
    recipe = manifest.read_manifest(folder)
    if "experiment" not in recipe:
        raise ReformsimError(manifest.of_another_command(folder, recipe))
    try:
        _Recipe.model_validate(recipe)
    except ValidationError as error:
        raise ReformsimError(*_unreadable(recipe, error, str(folder / manifest.NAME))) from None
    return recipe


def definition_of(recipe: Mapping[str, Any]) -> Definition:
    """Return the experiment of a recipe.

    Raises ReformsimError with all that this version does not know, as in the recipe of another one.
    """
    try:
        return Definition.model_validate_json(json.dumps(recipe["experiment"]))
    except ValidationError as error:
        raise ReformsimError(*_unreadable(recipe, error, manifest.NAME, "experiment")) from None


def readable_definition(recipe: Mapping[str, Any]) -> tuple[Definition, list[str]]:
    """Return the experiment of a recipe without what this version does not know, and what that is.

    Measures, series and keys are left out. Raises ReformsimError if there is more that is unknown.
    """
    data = json.loads(json.dumps(recipe["experiment"]))
    version = recipe["versions"].get("reformsim", "?")
    unknown = list(_left_out(data))
    try:
        return Definition.model_validate_json(json.dumps(data)), [
            f"{name} of reformsim {version}, which made this folder, is not known to this version"
            f" ({provenance.version()}) and left out"
            for name in unknown
        ]
    except ValidationError as error:
        raise ReformsimError(*_unreadable(recipe, error, manifest.NAME, "experiment")) from None


def _left_out(data: dict[str, Any]) -> Iterator[str]:
    """Take out of an experiment, as plain data, what is not known; yield what that was."""
    for key in data.keys() - Definition.model_fields.keys():
        del data[key]
        yield f"the key {show(key)}"
    outcomes = data.get("outcomes")
    if not isinstance(outcomes, dict):
        return
    series = outcomes.get("series")
    own = data.get("mechanisms")
    known_measures = (*MEASURE_NAMES, *columns_in(own, "measures"))
    known_series = (*SERIES_NAMES, *columns_in(own, "states"))
    for table, key, known in (
        (outcomes, "measures", known_measures),
        (series if isinstance(series, dict) else {}, "outcomes", known_series),
    ):
        names = table.get(key)
        if isinstance(names, list):
            table[key] = [name for name in names if name in known]
            for name in names:
                if name not in known:
                    what = "measure" if key == "measures" else "series"
                    yield f"the {what} {show(str(name))}"
    if outcomes.get("headline") not in known_measures and outcomes.get("measures"):
        outcomes["headline"] = outcomes["measures"][0]


def _unreadable(
    recipe: Mapping[str, Any], error: ValidationError, file: str, *above: str
) -> list[Problem]:
    """Return what is wrong in a recipe, in the words of pydantic, and which version wrote it."""
    versions = recipe.get("versions")
    version = versions.get("reformsim", "?") if isinstance(versions, dict) else "?"
    hint = f"it was written by reformsim {version}, and this is {provenance.version()}"
    return [
        Problem(
            details["msg"].removeprefix("Value error, "),
            file,
            key=printable(".".join(map(str, (*above, *details["loc"])))),
            hint=hint,
        )
        for details in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def precision_of(recipe: Mapping[str, Any]) -> Precision | None:
    """Return the precision that was asked for, if one was."""
    asked = recipe["precision"]
    return Precision(asked["measure"], float(asked["half_width"])) if asked else None


def scenarios_of(
    folder: Path, recipe: Mapping[str, Any], experiment: Definition
) -> dict[Cell, Scenario]:
    """Return the scenarios that were composed when the experiment was begun, and new ones.

    Their files may have changed since, or be gone. Raises ReformsimError if a scenario, or a copy of
    a network survey, is not what it was.
    """
    found: dict[Cell, Scenario] = {}
    problems: dict[Problem, None] = {}
    surveys: dict[str, bytes] = {}
    for number, entry in enumerate(recipe["scenarios"]):
        cell: Cell = (entry["cell"][0], entry["cell"][1], entry["cell"][2])
        try:
            found[cell] = scenario_in(folder, entry, surveys)
        except ValidationError as error:
            where = ("scenarios", str(number))
            problems |= dict.fromkeys(_unreadable(recipe, error, manifest.NAME, *where))
        except ReformsimError as error:
            problems |= dict.fromkeys(error.problems)
    missing = [cell for cell in cells(definition_of(recipe)) if cell not in found]
    if missing and not problems:
        shown = ", ".join(" / ".join(cell) for cell in missing)
        problems[Problem("lacks scenarios of its experiment", manifest.NAME, found=shown)] = None
    if not problems:
        problems |= dict.fromkeys(_misnamed(found))
    if problems:
        raise ReformsimError(*problems)
    known = {strategy for _, _, strategy in found}
    new = [strategy for strategy in experiment.strategies if strategy not in known]
    return found | _with_strategies(found, experiment, new) if new else found


def _misnamed(scenarios: Mapping[Cell, Scenario]) -> Iterator[Problem]:
    """Yield the scenarios that are called otherwise than those they would be compared with."""
    called: dict[tuple[str, str], tuple[str, str]] = {}
    for cell, scenario in scenarios.items():
        names = scenario.names.district, scenario.names.condition
        if called.setdefault(cell[:2], names) != names:
            message = "has another name of the district or condition than the other strategies"
            yield Problem(
                message, manifest.NAME, key=" / ".join(cell), found=show(" / ".join(names))
            )


def scenario_in(folder: Path, entry: Mapping[str, Any], surveys: dict[str, bytes]) -> Scenario:
    """Return a scenario as described in a recipe; `surveys` holds those that have been read."""
    sections = {name: entry[name] for name in Scenario.model_fields if name in entry}
    text = json.dumps(sections)
    if entry.get("network_sha256"):
        # Whether there is a path in it is checked with everything else.
        bare = _SCENARIO.validate_json(text, context={"survey": b""})
        digest = entry["network_sha256"]
        if bare.district.network and digest not in surveys:
            surveys[digest] = survey_of(folder, entry)
        scenario = _SCENARIO.validate_json(text, context={"survey": surveys.get(digest, b"")})
    else:
        scenario = _SCENARIO.validate_json(text, context={"survey": b""})
    if scenario.fingerprint != entry["fingerprint"]:
        message = "is not the scenario that its fingerprint was taken of"
        raise ReformsimError(Problem(message, manifest.NAME, key=" / ".join(entry.get("cell", ()))))
    return scenario


def _with_strategies(
    scenarios: Mapping[Cell, Scenario], experiment: Definition, new: Sequence[str]
) -> dict[Cell, Scenario]:
    """Return the scenarios of an experiment under new strategies, which set levers and no more.

    The districts and conditions are those the experiment was begun with, whatever has become of
    their files. Raises ScenarioError if a strategy cannot be composed or changes more than levers.
    """
    plain = compose().scenario
    problems: dict[Problem, None] = {}
    found: dict[Cell, Scenario] = {}
    of_baseline = len(compose(experiment.baseline).scenario.grants)
    for strategy in (experiment.baseline, *new):
        try:
            composed = compose(strategy)
        except ScenarioError as error:
            problems |= dict.fromkeys(error.problems)
            continue
        for section in UNCHANGED:
            if getattr(composed.scenario, section) != getattr(plain, section):
                message = f"changes [{section}], and a strategy may change levers only"
                problems[Problem(message, key="strategies", found=f'"{strategy}"')] = None
        given = {
            name: getattr(composed.scenario.levers, name)
            for name in Levers.model_fields
            if composed.origins[f"levers.{name}"].file not in ("default", "baseline")
        }
        called = {"strategy": composed.scenario.names.strategy}
        for cell, scenario in scenarios.items():
            if cell[2] == experiment.baseline:
                levers = scenario.baseline.model_dump() | given
                # A strategy's grants come after those of conditions.
                others = scenario.grants[: len(scenario.grants) - of_baseline]
                added = scenario.varied(
                    levers=levers,
                    phases=composed.scenario.phases,
                    adoption=composed.scenario.adoption,
                    grants=(*others, *composed.scenario.grants),
                    names=called,
                )
                found[cell[0], cell[1], strategy] = at_equal_cost(added, experiment, strategy)
    if not problems and any(found[cell] != scenarios[cell] for cell in found if cell in scenarios):
        # Then districts or conditions set levers themselves, and it is not known which.
        hint = "run the experiment again into another folder, with all its strategies"
        message = (
            "is not what it was when the experiment was begun, so nothing can be added beside it"
        )
        problems[Problem(message, key=experiment.baseline, hint=hint)] = None
    if problems:
        raise ScenarioError(*problems)
    return {cell: scenario for cell, scenario in found.items() if cell[2] in new}


def extended(
    experiment: Definition, replicates: int | None = None, strategies: Sequence[str] = ()
) -> Definition:
    """Return an experiment with another number of replicates and further strategies."""
    data = experiment.model_dump()
    data["strategies"] = tuple(dict.fromkeys((*experiment.strategies, *strategies)))
    data["replicates"] = replicates or experiment.replicates
    return Definition.model_validate(data)


def changes_of_model(recipe: Mapping[str, Any]) -> list[Problem]:
    """Return what has changed since an experiment was begun so that its numbers could change."""
    hint = (
        "continue with the version it was begun with, or run the experiment again into another folder:"
        " numbers of two models are not to be mixed"
    )
    problems = []
    versions = recipe["versions"]
    if recipe["source"] != provenance.source_hash():
        version = versions.get("reformsim", "?")
        message = f"the model's sources are not those of reformsim {version} that it was begun with"
        problems.append(Problem(message, hint=hint))
    now = provenance.versions()
    for name in provenance.COMPUTING:
        before = versions.get(name, "an unknown version")
        if before != now[name]:
            message = f"was begun with {name} {before}"
            problems.append(Problem(message, found=now[name], hint=hint))
    return problems
