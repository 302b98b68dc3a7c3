"""Whether calibration finds again what is known: parameters drawn, data simulated, calibrated to.

If intervals are right, an 80 % interval holds the true value in 80 % of trials, and the true value
is anywhere in the posterior equally often (simulation-based calibration: Talts et al. 2018).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binomtest, kstest

from reformsim.errors import OutputError, Problem, ReformsimError, reason_of
from reformsim.results import lock, manifest, provenance
from reformsim.results.durable import make_folder
from reformsim.results.parquet import read_checked, write_checked
from reformsim.theory.chance import DEFAULT_SEED, uniform
from reformsim.theory.streams import Stream

from .posterior import adjusted, frozen, quantiles, rank_of
from .sampling import import_pyabc, search
from .simulating import MEASURING, Simulator, seed_of, versions
from .targets import are_scales, of_another_version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from .targets import Targets

TRIALS, PAGE = "trials.parquet", "check.md"
OWN = {lock.NAME, lock.HELD, manifest.NAME, TRIALS, PAGE, "images"}
"""What the folder of a check may hold."""

COLUMNS = {
    "trial": "int64",
    "parameter": "string",
    **dict.fromkeys(("truth", "low_80", "median", "high_80", "rank"), "double"),
    "inside": "bool",
}
LARGEST = 2**28
"""Bytes of the trials, unpacked or not."""
LEVEL = 0.8
"""What share of trials the intervals are to hold."""


class Coverage(NamedTuple):
    """In how many trials an interval held the true value, with the 95 % interval of that share."""

    parameter: str
    """The parameter, or "all"."""
    inside: int
    trials: int
    low: float
    high: float
    even: float
    """How likely ranks as uneven as these are if they are even (Kolmogorov and Smirnov)."""

    @property
    def share(self) -> float:
        """The share of trials."""
        return self.inside / self.trials


def check(
    targets: Targets,
    folder: Path,
    trials: int,
    seed: int = DEFAULT_SEED,
    workers: int | None = None,
    on_trial: Callable[[int, int], None] = lambda _done, _all: None,
) -> pd.DataFrame:
    """Do so many trials in a folder, and keep those that are there; a row as `trial` gives it.

    Raises ReformsimError if pyabc is missing, or the folder holds anything but an earlier check of
    the same targets with the same seed and the same model.
    """
    import_pyabc()
    make_folder(folder, OWN)
    with lock.locked(folder):
        simulator = Simulator(targets, workers)
        recipe = _recipe(simulator, seed, folder)
        done = [rows for _, rows in _kept(folder).groupby("trial")]
        for number in range(len(done), trials):
            on_trial(number, trials)
            done.append(trial(simulator, recipe["scales"], seed, number))
            write_checked(folder / TRIALS, pd.concat(done, ignore_index=True))
    return pd.concat(done[:trials], ignore_index=True)


def _recipe(simulator: Simulator, seed: int, folder: Path) -> dict[str, Any]:
    """Return the recipe of the check that the folder holds, or begin one."""
    asked = {
        "title": f"Check of: {simulator.targets.title}",
        "checked": simulator.targets.model_dump(mode="json"),
        "seed": seed,
        "scenario": simulator.places.ordinary.fingerprint,
        "source": provenance.source_hash(),
        "measuring": provenance.source_hash(MEASURING),
        "versions": versions(),
    }
    if (folder / manifest.NAME).exists():
        recipe = manifest.read_manifest(folder)
        if {name: recipe.get(name) for name in asked} == asked:
            if not are_scales(recipe.get("scales"), simulator.targets):
                raise ReformsimError(of_another_version(folder, "scales"))
            return recipe
        hint = "choose another folder"
        message = "holds results of other targets, another seed or another version of the model"
        raise OutputError(Problem(message, str(folder), hint=hint))
    recipe = asked | {"scales": simulator.scales(seed)} | provenance.surroundings()
    manifest.write_manifest(folder, recipe)
    return recipe


def _kept(folder: Path) -> pd.DataFrame:
    """Return the trials that are there. Raises ReformsimError if they are not what was written."""
    path = folder / TRIALS
    try:
        table = read_checked(path, COLUMNS, LARGEST)
    except FileNotFoundError:
        return pd.DataFrame({"trial": []})
    except OSError as error:
        hint = "put back a copy of it, or take it away: its trials are then repeated"
        message = f"is damaged: {reason_of(error)}"
        raise ReformsimError(Problem(message, str(path), hint=hint)) from error
    return pd.DataFrame({name: table[name].to_pylist() for name in COLUMNS})


def trial(
    simulator: Simulator, scales: Mapping[str, float], seed: int, number: int
) -> pd.DataFrame:
    """Draw parameters from the priors, simulate data, calibrate to them; a row for each parameter.

    The columns are `trial`, `parameter`, `truth`, `low_80`, `median`, `high_80`, `rank` (the share
    of the posterior below the truth) and `inside`.
    """
    targets = simulator.targets
    trial_seed = seed_of(seed, {"trial": float(number)})
    truth = {
        name: float(frozen(prior).ppf(uniform(trial_seed, 0, 0, 0, Stream.PARTICLE, index)))
        for index, (name, prior) in enumerate(targets.free.items())
    }
    observed = simulator.observations(truth, trial_seed)
    particles = search(simulator, observed, scales, trial_seed).particles
    posterior = adjusted(particles, targets, observed, scales)
    weight = posterior["weight"].to_numpy()
    rows = []
    for name, value in truth.items():
        values = posterior[name].to_numpy()
        low, median, high = quantiles(values, weight, ((1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2))
        rows.append(
            {
                "trial": number,
                "parameter": name,
                "truth": value,
                "low_80": low,
                "median": median,
                "high_80": high,
                "rank": rank_of(value, values, weight),
                "inside": bool(low <= value <= high),
            }
        )
    return pd.DataFrame(rows)


def coverage(trials: pd.DataFrame) -> list[Coverage]:
    """Return the coverage of each parameter's intervals, and of all of them together.

    Parameters of one trial share its data, so the interval of all is that of so many trials with
    the same share, which is on the safe side.
    """
    coverages = [_of(str(name), rows) for name, rows in trials.groupby("parameter", sort=False)]
    count = int(trials["trial"].nunique())
    whole = _of("all", trials)
    interval = binomtest(round(whole.share * count), count).proportion_ci()
    return [*coverages, whole._replace(low=float(interval.low), high=float(interval.high))]


def _of(name: str, rows: pd.DataFrame) -> Coverage:
    inside, count = int(rows["inside"].sum()), len(rows)
    interval = binomtest(inside, count).proportion_ci()
    even = float(kstest(np.asarray(rows["rank"], float), "uniform").pvalue)
    return Coverage(name, inside, count, float(interval.low), float(interval.high), even)
