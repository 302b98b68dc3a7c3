"""The recipe of an experiment: what is written into `manifest.json`, and what it says when read."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from reformsim.errors import Problem, ReformsimError
from reformsim.results import manifest, provenance
from reformsim.scenario import Scenario

from .definition import Definition
from .plan import composed
from .precision import Precision

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from .plan import Cell, Plan


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
        **planned(plan, precision),
    }


def planned(plan: Plan, precision: Precision | None) -> dict[str, Any]:
    """Return the part of the recipe that extending changes."""
    return {
        "experiment": plan.experiment.model_dump(mode="json"),
        "precision": precision._asdict() if precision else None,
        "runs": len(plan),
        "varied": list(plan.varied),
        "scenarios": [
            {"cell": list(cell), **provenance.describe(scenario)}
            for cell, scenario in plan.scenarios.items()
        ],
    }


def recipe_of(folder: Path) -> dict[str, Any]:
    """Return the recipe of an experiment. Raises ReformsimError if the folder holds none."""
    recipe = manifest.read_manifest(folder)
    if "experiment" not in recipe:
        raise ReformsimError(manifest.of_another_command(folder, recipe))
    return recipe


def definition_of(recipe: Mapping[str, Any]) -> Definition:
    return Definition.model_validate_json(json.dumps(recipe["experiment"]))


def precision_of(recipe: Mapping[str, Any]) -> Precision | None:
    return Precision(**recipe["precision"]) if recipe["precision"] else None


def scenarios_of(recipe: Mapping[str, Any], experiment: Definition) -> dict[Cell, Scenario]:
    """Return the scenarios that were composed when the experiment was begun, and new ones.

    Their files may have changed since. Raises ReformsimError if a network survey has.
    """
    found: dict[Cell, Scenario] = {}
    problems = []
    for entry in recipe["scenarios"]:
        cell: Cell = (entry["cell"][0], entry["cell"][1], entry["cell"][2])
        sections = {name: entry[name] for name in Scenario.model_fields}
        found[cell] = Scenario.model_validate_json(json.dumps(sections))
        if found[cell].fingerprint != entry["fingerprint"]:
            message = "the network survey has changed since the experiment was begun"
            hint = "put back the file as it was"
            problems.append(Problem(message, found[cell].district.network, hint=hint))
    if problems:
        raise ReformsimError(*dict.fromkeys(problems))
    known = {strategy for _, _, strategy in found}
    new = [strategy for strategy in experiment.strategies if strategy not in known]
    if new:
        found = composed(extended(experiment, strategies=new)) | found
    return found


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
        "go on with what it was begun with, or run the experiment anew into another folder:"
        " numbers of two models are not to be mixed"
    )
    problems = []
    if recipe["source"] != provenance.source_hash():
        version = recipe["versions"]["reformsim"]
        message = f"the model's sources are not those of reformsim {version} that it was begun with"
        problems.append(Problem(message, hint=hint))
    now = provenance.versions()
    for name in provenance.COMPUTING:
        before = recipe["versions"][name]
        if before != now[name]:
            message = f"was begun with {name} {before}"
            problems.append(Problem(message, found=now[name], hint=hint))
    return problems
