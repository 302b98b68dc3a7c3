"""A calibration in its folder: begun, gone on with, and what came of it.

| in the folder | what it is |
|---|---|
| `manifest.json` | the recipe: targets, priors, seed, versions, with a checksum over itself |
| `search.sqlite` | pyabc's own record, a generation at a time, from which a search goes on |
| `search.sha256` | its hash, and that of the record before it |
| `particles.parquet` | every accepted particle of every generation, with its statistics |
| `posterior.parquet` | the last generation, adjusted: weight and parameters, with a checksum |
| `parameters.csv`, `predictive.csv` | what has moved; what the posterior says of the data |
| `posterior-median.toml` | the medians, a condition that any scenario can be laid under |
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from reformsim.errors import OutputError, Problem, ReformsimError
from reformsim.experiments.recipe import changes_of_model
from reformsim.experiments.uncertainty import read_uncertainty
from reformsim.results import lock, manifest, provenance
from reformsim.results.durable import make_folder, write_whole
from reformsim.results.links import refuse_links
from reformsim.results.parquet import write_checked
from reformsim.theory.chance import DEFAULT_SEED

from .posterior import adjusted, described
from .sampling import import_pyabc, search
from .simulating import MEASURING, Simulator, seed_of, versions
from .statistics import statistics
from .targets import are_scales, of_another_version, understood

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reformsim.running.pools import Pool

    from .sampling import Step
    from .targets import Targets

DATABASE, PARTICLES, POSTERIOR = "search.sqlite", "particles.parquet", "posterior.parquet"
PARAMETERS, PREDICTIVE, MEDIAN = "parameters.csv", "predictive.csv", "posterior-median.toml"
_TEXTS = ("title", "command", "scenario", "source", "measuring")
"""What a recipe says in words."""
PREDICTED = 100
"""Draws from the posterior of which the data are predicted."""
FAR_OFF = (2.5, 97.5)
"""An observed figure outside of these percentiles of what is predicted is not met."""


class Calibration(NamedTuple):
    """What came of a calibration."""

    folder: Path
    targets: Targets
    recipe: dict[str, Any]
    particles: pd.DataFrame
    generations: pd.DataFrame
    """See `sampling.Found`."""
    posterior: pd.DataFrame
    """`particle`, `generation`, `weight` and the free parameters; see `posterior.adjusted`."""
    parameters: pd.DataFrame
    """One row for each free parameter; see `posterior.described`."""
    predictive: pd.DataFrame
    """One row for each target: `observed` and `error`; `median`, `low_95` and `high_95` of what
    would be observed if the posterior is right; the same before, as `prior_…`; and `met`."""


def begin(
    targets: Targets,
    folder: Path,
    seed: int = DEFAULT_SEED,
    workers: int | None = None,
    on_step: Callable[[Step], None] = lambda _: None,
    command: str = "",
    cluster: Pool | None = None,
) -> Calibration:
    """Calibrate in a new or empty folder; `command` is what the user wrote, for the recipe.

    Raises ReformsimError if pyabc is missing, the folder cannot be used, or a target is undefined.
    """
    import_pyabc()
    if (folder / manifest.NAME).exists():
        hint = f"continue with: reformsim calibrate resume {folder}; or choose another folder"
        raise OutputError(Problem("holds results already", str(folder), hint=hint))
    make_folder(folder, {lock.NAME, lock.HELD})
    with lock.locked(folder):
        simulator = Simulator(targets, 1 if cluster else workers)
        recipe = _begun(simulator, seed, command)
        manifest.write_manifest(folder, recipe)
        return _go_on(folder, recipe, simulator, on_step, cluster)


def resume(
    folder: Path,
    workers: int | None = None,
    on_step: Callable[[Step], None] = lambda _: None,
    cluster: Pool | None = None,
) -> Calibration:
    """Continue a calibration after its last whole generation; one that is done is only reported again.

    Raises ReformsimError if the folder holds none, or the model or the scenario has changed since.
    """
    import_pyabc()
    recipe_of(folder)  # nothing is locked where there is no calibration
    with lock.locked(folder):
        recipe = recipe_of(folder)
        targets = understood(recipe["targets"], folder)
        simulator = Simulator(targets, 1 if cluster else workers)
        problems = changes_of_model(recipe)
        hint = "calibrate again into another folder"
        if recipe["measuring"] != provenance.source_hash(MEASURING):
            problems.append(Problem("the statistics may have changed since it began", hint=hint))
        if recipe["scenario"] != simulator.places.ordinary.fingerprint:
            problems.append(Problem("the scenario has changed since it began", hint=hint))
        if problems:
            raise ReformsimError(*problems)
        return _go_on(folder, recipe, simulator, on_step, cluster)


def recipe_of(folder: Path) -> dict[str, Any]:
    """Return the recipe of a calibration.

    Raises ReformsimError if the folder holds none, or one that this version does not understand.
    """
    refuse_links(folder, {lock.NAME, lock.HELD, manifest.NAME, DATABASE, f"{DATABASE}-journal"})
    recipe = manifest.read_manifest(folder) if (folder / manifest.NAME).exists() else {}
    if "targets" not in recipe:
        hint = "one is made by 'reformsim calibrate run'"
        raise ReformsimError(Problem("is not the folder of a calibration", str(folder), hint=hint))
    targets = understood(recipe["targets"], folder)
    seed, versions_then = recipe.get("seed"), recipe.get("versions")
    wrong = [name for name in _TEXTS if not isinstance(recipe.get(name), str)]
    if type(seed) is not int or not 0 <= seed < 2**32:
        wrong.append("seed")
    if not isinstance(versions_then, dict) or not (
        versions().keys() <= versions_then.keys()
        and all(isinstance(version, str) for version in versions_then.values())
    ):
        wrong.append("versions")
    if not are_scales(recipe.get("scales"), targets):
        wrong.append("scales")
    if wrong:
        raise ReformsimError(*(of_another_version(folder, name) for name in wrong))
    return recipe


def _begun(simulator: Simulator, seed: int, command: str) -> dict[str, Any]:
    return {
        "what": "A complete recipe: these targets with this seed and these versions give the same"
        " posterior on any machine, with any number of workers.",
        "title": simulator.targets.title,
        "command": command,
        "targets": simulator.targets.model_dump(mode="json"),
        "seed": seed,
        "scales": simulator.scales(seed),
        "scenario": simulator.places.ordinary.fingerprint,
        "begun": time.strftime("%Y-%m-%d %H:%M:%S%z"),
        "source": provenance.source_hash(),
        "measuring": provenance.source_hash(MEASURING),
        "versions": versions(),
        **provenance.surroundings(),
    }


def _go_on(
    folder: Path,
    recipe: dict[str, Any],
    simulator: Simulator,
    on_step: Callable[[Step], None],
    cluster: Pool | None,
) -> Calibration:
    targets, scales, seed = simulator.targets, recipe["scales"], recipe["seed"]
    observed = {name: target.value for name, target in targets.targets.items()}
    particles, generations = search(
        simulator, observed, scales, seed, folder / DATABASE, on_step, cluster
    )
    posterior = adjusted(particles, targets, observed, scales)
    write_checked(folder / PARTICLES, particles)
    write_checked(folder / POSTERIOR, posterior)
    parameters = described(posterior, targets)
    predictive = _predictive(folder, simulator, particles, seed)
    for name, table in ((PARAMETERS, parameters), (PREDICTIVE, predictive)):
        write_whole(folder / name, table.to_csv(index=False, lineterminator="\n").encode())
    write_whole(folder / MEDIAN, _as_condition(targets, parameters).encode())
    return Calibration(
        folder, targets, recipe, particles, generations, posterior, parameters, predictive
    )


def _predictive(
    folder: Path, simulator: Simulator, particles: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """Return what would be observed if the posterior is right, beside what was."""
    posterior = read_uncertainty(folder / POSTERIOR)
    first_seed = seed_of(seed, {"predictive": 1.0})
    drawn = [posterior.particle(first_seed, number) for number in range(PREDICTED)]
    after = pd.DataFrame(
        [simulator.observations(values, first_seed + number) for number, values in enumerate(drawn)]
    )
    before = particles[particles["generation"] == 0]
    rows = []
    for name, target in simulator.targets.targets.items():
        low, median, high = np.nanpercentile(after[name], [FAR_OFF[0], 50, FAR_OFF[1]])
        prior_low, prior_high = np.nanpercentile(before[name], FAR_OFF)
        rows.append(
            {
                "statistic": name,
                "meaning": statistics()[name].meaning,
                "unit": statistics()[name].statistic.unit,
                "observed": target.value,
                "error": target.error,
                "source": target.source,
                "median": median,
                "low_95": low,
                "high_95": high,
                "prior_low_95": prior_low,
                "prior_high_95": prior_high,
                "met": bool(low <= target.value <= high),
            }
        )
    return pd.DataFrame(rows)


def _as_condition(targets: Targets, parameters: pd.DataFrame) -> str:
    """Return the medians as a scenario file of kind condition."""
    lines = [
        f"# Medians of the posterior of a calibration to: {targets.title}",
        "# The values go together; posterior.parquet says how far each is known.",
        "",
        'kind = "condition"',
        f"title = {json.dumps(f'Calibrated: {targets.title}', ensure_ascii=False)}",
    ]
    for section in ("conditions", "coefficients"):
        medians = [
            (row["parameter"].partition(".")[2], row["median"])
            for row in parameters.to_dict("records")
            if row["parameter"].startswith(f"{section}.")
        ]
        if medians:
            lines += ["", f"[{section}]", *(f"{name} = {value:.6g}" for name, value in medians)]
    return "\n".join([*lines, ""])
