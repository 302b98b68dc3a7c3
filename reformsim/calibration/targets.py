"""What a calibration is asked for: observed figures, free parameters, districts, how long to look.

An observed figure names a statistic and gives a value and its standard error; a parameter is free
within its plausible range of `reformsim params` unless the file says otherwise.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, ValidationError

from reformsim.errors import Problem, ReformsimError
from reformsim.experiments.definition import (
    TABLES,
    Misfit,
    catalogue,
    is_finite,
    variables,
    wrong_value,
)
from reformsim.messages import did_you_mean, nearest, show
from reformsim.scenario.parameters import Form

from .statistics import statistics

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from reformsim.scenario.toml import Key

FREE = tuple(
    key
    for key, parameter in catalogue().items()
    if key.partition(".")[0] in ("conditions", "coefficients") and not parameter.whole
)
"""What may be free: what nobody chooses, by dotted name."""
ERRORS_IN_BAND = 4.0
"""A band is read as two standard errors either side of its middle."""
LARGEST_FIGURE = 1e15
"""No statistic of a district is larger; squares and spans of what is much larger overflow."""
PARTICLES_PER_TARGET = 5
"""The adjustment is a regression on the targets, and has to have so many particles for each."""


class Prior(Form):
    """What is believed of a parameter beforehand: even, or normal, between `low` and `high`."""

    low: float
    high: float
    scale: Literal["linear", "log"] = "linear"
    mean: float | None = Field(default=None, description="With `sd`: normal, cut off at the ends")
    sd: float | None = None


class Target(Form):
    """One observed figure."""

    value: float
    error: float = Field(
        gt=0, description="Standard error, what else is doubtful about it included"
    )
    source: str = ""


class Runs(Form):
    """What is simulated for each parameter set."""

    replicates: int = Field(default=6, ge=5, le=1000, description="Replicates of the district")
    mixed: int = Field(
        default=60, ge=5, le=1300, description="Mixed districts, where the file names no district"
    )
    schools: int = Field(
        default=20, ge=5, le=200, description="Schools of the reference districts, likewise"
    )


class Sampling(Form):
    """How the space of parameters is searched: approximate Bayesian computation, ABC-SMC."""

    population: int = Field(default=300, ge=20, le=100_000, description="Particles per generation")
    generations: int = Field(default=6, ge=1, le=100, description="Generations at most")
    least_accepted: float = Field(
        default=0.1, gt=0, lt=1, description="Share of candidates below which the search ends"
    )


class Targets(Form):
    """A targets file, complete and checked."""

    name: str = Field(default="targets", description="The stem of its file")
    title: str = Field(min_length=1)
    question: str = ""
    scenario: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="A district and conditions; the reference districts if none is named",
    )
    runs: Runs = Runs()
    sampling: Sampling = Sampling()
    targets: dict[str, Target]
    free: dict[str, Prior]


def understood(stored: Any, folder: Path) -> Targets:
    """Return the targets in the recipe of a folder.

    Raises ReformsimError with every part that is not of this version.
    """
    try:
        targets = Targets.model_validate_json(json.dumps(stored))
    except ValidationError as error:
        keys = {".".join(map(str, problem["loc"])) for problem in error.errors(include_url=False)}
        problems = [of_another_version(folder, f"targets.{key}") for key in sorted(keys)]
        raise ReformsimError(*problems) from error
    plain = targets.model_dump(mode="json")
    for prior in plain["free"].values():
        for name in ("mean", "sd"):
            if prior[name] is None:
                del prior[name]
    if wrong := list(misfits(plain)):
        keys = {".".join(map(str, misfit.key)) for misfit in wrong}
        raise ReformsimError(
            *(of_another_version(folder, f"targets.{key}") for key in sorted(keys))
        )
    return targets


def are_scales(stored: Any, targets: Targets) -> bool:
    """Say whether a recipe holds what one unit of distance is for each target."""
    return (
        isinstance(stored, dict)
        and stored.keys() == targets.targets.keys()
        and all(_is_number(scale) and scale > 0 for scale in stored.values())
    )


def of_another_version(folder: Path, key: str) -> Problem:
    """Return that a recipe holds what this version does not understand."""
    hint = "continue with the version of reformsim that made it (see its manifest.json), or calibrate again"
    return Problem(
        "the recipe is of another version", str(folder), key=show(key).strip('"'), hint=hint
    )


def misfits(data: Mapping[str, Any]) -> Iterator[Misfit]:
    """Yield what is wrong with a file's targets and priors; `data` is the file as plain data."""
    for table, what in (("targets", "statistic"), ("free", "parameter")):
        if not isinstance(data.get(table), dict) or not data[table]:
            hint = f"name at least one {what} below [{table}]"
            yield Misfit((table,), f"there is no {what}", hint=hint)
    for name, entry in _tables(data, "targets"):
        yield from _misfits_of_target(name, entry, own=bool(data.get("scenario")))
    for name, entry in _tables(data, "free"):
        yield from _misfits_of_prior(name, entry)
    sampling = data.get("sampling")
    population = sampling.get("population") if isinstance(sampling, dict) else None
    population = population if isinstance(population, int) else Sampling().population
    targets = data.get("targets")
    least = PARTICLES_PER_TARGET * (len(targets) if isinstance(targets, dict) else 0)
    if population < least:
        message = f"too few particles to tell {len(data['targets'])} targets apart"
        yield Misfit(("sampling", "population"), message, show(population), f"{least} or more")


def completed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a file's data with its shorthands written out: bands, published bands, prior ranges."""
    complete = dict(data)
    complete["targets"] = {name: _observed(name, entry) for name, entry in data["targets"].items()}
    complete["free"] = {name: _range_of(name, entry) for name, entry in data["free"].items()}
    return complete


def _tables(data: Mapping[str, Any], name: str) -> Iterator[tuple[str, Any]]:
    table = data.get(name)
    yield from table.items() if isinstance(table, dict) else ()


# --- targets


def _misfits_of_target(name: str, entry: Any, *, own: bool) -> Iterator[Misfit]:
    key: Key = ("targets", name)
    if name not in statistics():
        hint = did_you_mean(nearest(name, statistics()))
        hint = hint or "`reformsim calibrate statistics` lists them all"
        yield Misfit(key, "unknown statistic", hint=hint)
        return
    forms = "{value = …, error = …}, {low = …, high = …}, or {} for the published band"
    if not isinstance(entry, dict):
        yield Misfit(key, "must be a table", show(entry), forms)
        return
    named = statistics()[name]
    if own and named.statistic.reference_only:
        yield Misfit(key, "is of a kind of reference district", hint="leave it out")
    for part in entry.keys() - {"value", "error", "low", "high", "source"}:
        yield Misfit((*key, part), "unknown key", allowed=forms)
    numbers = {part: entry[part] for part in ("value", "error", "low", "high") if part in entry}
    wrong = [part for part, value in numbers.items() if not _is_number(value)]
    for part in wrong:
        yield Misfit((*key, part), "must be a finite number", show(numbers[part]))
    if wrong:
        return
    if numbers.keys() not in ({"value", "error"}, {"low", "high"}, set()):
        yield Misfit(key, "must have one of these forms", ", ".join(numbers), forms)
    elif not numbers and named.row is None:
        message = "is a district's own figure, and no band of it is published"
        yield Misfit(key, message, allowed="{value = …, error = …}")
    elif not numbers and not math.isfinite(named.statistic.high - named.statistic.low):
        message = "its published band has one end only"
        yield Misfit(key, message, named.statistic.band, "{value = …, error = …}")
    elif numbers.get("error", 1) <= 0:
        yield Misfit((*key, "error"), "must be above 0", show(numbers["error"]))
    elif "low" in numbers and numbers["low"] >= numbers["high"]:
        yield Misfit(key, "low must be below high", f"{numbers['low']} and {numbers['high']}")
    else:
        beyond = [show(number) for number in numbers.values() if abs(number) > LARGEST_FIGURE]
        if beyond or not 0 < _observed(name, entry)["error"] < math.inf:
            allowed = f"figures up to {LARGEST_FIGURE:,.0f}, with some room between the ends"
            yield Misfit(key, "cannot be computed with", " and ".join(beyond), allowed)


def _observed(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return value and standard error of a target."""
    if "value" in entry:
        return dict(entry)
    named = statistics()[name]
    low = entry.get("low", named.statistic.low)
    high = entry.get("high", named.statistic.high)
    published = f"evidence {named.row.sources}" if named.row and "low" not in entry else ""
    return {
        "value": (low + high) / 2.0,
        "error": (high - low) / ERRORS_IN_BAND,
        "source": entry.get("source", published),
    }


# --- priors


def _misfits_of_prior(name: str, entry: Any) -> Iterator[Misfit]:
    key: Key = ("free", name)
    if name not in FREE:
        yield _not_free(key, name)
        return
    parameter = catalogue()[name]
    forms = '{low = …, high = …, scale = "linear" or "log", mean = …, sd = …}, or {}'
    if not isinstance(entry, dict):
        yield Misfit(key, "must be a table", show(entry), forms)
        return
    for part in entry.keys() - Prior.model_fields.keys():
        yield Misfit((*key, part), "unknown key", allowed=forms)
    if entry.get("scale", "linear") not in ("linear", "log"):
        yield Misfit((*key, "scale"), "unknown scale", show(entry["scale"]), "linear, log")
        return
    if not {"low", "high"} <= entry.keys() and parameter.plausible is None:
        message = "has no plausible range, so a prior has to be given"
        yield Misfit(key, message, allowed=forms)
        return
    wrong = False
    for part in ("low", "high", "mean", "sd"):
        if part in entry:
            message = wrong_value(parameter, entry[part]) if part != "sd" else ""
            if part == "sd" and not (_is_number(entry["sd"]) and entry["sd"] > 0):
                message = "must be above 0"
            if message:
                wrong = True
                yield Misfit((*key, part), message, show(entry[part]), parameter.allowed)
    if wrong:
        return
    prior = _range_of(name, entry)
    if prior["low"] >= prior["high"]:
        yield Misfit(key, "low must be below high", f"{prior['low']} and {prior['high']}")
    elif prior.get("scale") == "log" and prior["low"] <= 0:
        message = "must be above 0 on a logarithmic scale"
        yield Misfit((*key, "low"), message, show(prior["low"]))
    if ("mean" in entry) != ("sd" in entry):
        yield Misfit(key, "mean and sd go together", ", ".join(sorted(entry)))
    elif "mean" in entry and prior.get("scale") == "log":
        yield Misfit(key, "a normal prior is on a linear scale", "log", "linear")
    elif "sd" in entry and not 1e-6 <= entry["sd"] / (prior["high"] - prior["low"]) <= 1e6:
        allowed = "a millionth to a million times the range"
        yield Misfit((*key, "sd"), "cannot be drawn from", show(entry["sd"]), allowed)


def _not_free(key: Key, name: str) -> Misfit:
    if name in variables():
        if name.partition(".")[0] in TABLES["levers"]:
            return Misfit(key, "is a lever, which a district chooses and knows")
        return Misfit(key, "cannot be free", allowed="conditions and coefficients")
    section = [known for known in FREE if known.rpartition(".")[2] == name.rpartition(".")[2]]
    near = section[0] if section else nearest(name, FREE)
    return Misfit(
        key, "unknown parameter", hint=did_you_mean(near) or "`reformsim params` lists them all"
    )


def _range_of(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    low, high = catalogue()[name].plausible or (0.0, 0.0)
    return {"low": float(low), "high": float(high), **entry}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and is_finite(value)
