"""What is not known of the model's parameters, as particles of a posterior: one for each replicate.

`reformsim calibrate` writes such a file. Replicates then differ in random draws and in parameters, so that
an interval over replicates includes both; the strategies and conditions of one replicate share its
particle, so that they stay paired.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from reformsim.errors import Problem, ScenarioError, reason_of
from reformsim.messages import bearable, brief, did_you_mean, nearest, path_hint, show
from reformsim.reading import read_ordinary
from reformsim.results.parquet import is_checked, read_columns
from reformsim.scenario.files import builtin_folder
from reformsim.scenario.parameters import Form
from reformsim.theory.chance import uniform
from reformsim.theory.streams import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from numpy.typing import NDArray

    from reformsim.scenario.parameters import Parameter

PARTS = ("particle", "generation", "weight")
"""The columns of a posterior that are no parameters."""
LARGEST = 2**28
"""Bytes of a posterior, unpacked or not: a hundred thousand particles of three hundred parameters."""

Numbers = Annotated[tuple[float, ...], Field(strict=False, min_length=1)]


class ParameterUncertainty(Form):
    """The particles of a posterior, complete, so that its file need not be there any more."""

    file: str = Field(max_length=10_000)
    sha256: str = Field(description="Hash of the file's content", pattern="^[0-9a-f]{64}$")
    has_checksum: bool = Field(
        default=True, description="Whether the file says by itself what was written into it"
    )
    names: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    weights: Numbers
    values: Annotated[
        tuple[Numbers, ...], Field(strict=False, description="Particles × names, one row for each")
    ]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Check what a recipe may hold that somebody else has made."""
        width, weights = len(self.names), np.array(self.weights)
        if width * len(weights) > LARGEST // 8:
            raise ValueError("a posterior is not that large")
        if not len(self.values) == len(weights) or any(len(row) != width for row in self.values):
            raise ValueError(
                "a posterior has a weight and a value of each parameter for a particle"
            )
        if not (weights >= 0).all() or not 0 < weights.sum() < np.inf:
            raise ValueError("weights are numbers from 0 up, not all of them 0")
        if len(set(self.names)) < width:
            raise ValueError("a posterior has each parameter once")
        known = _drawable()
        for name, values in zip(self.names, np.array(self.values).T, strict=True):
            if name not in known:
                raise ValueError(f"unknown parameter {brief(name)}")
            if _is_wrong(known[name], values).any():
                raise ValueError(f"particles are no values of {name}")
        return self

    @property
    def recipe(self) -> dict[str, str]:
        """What tells a reader which particles these are."""
        return {"file": self.file, "sha256": self.sha256}

    def particle(self, seed: int, replicate: int) -> dict[str, float]:
        """Return the parameters of a replicate, drawn in proportion to the weights."""
        below = np.cumsum(self.weights)
        drawn = uniform(seed, replicate, 0, 0, Stream.PARTICLE, 0) * below[-1]
        place = min(int(np.searchsorted(below, drawn, side="right")), len(below) - 1)
        return dict(zip(self.names, self.values[place], strict=True))


def find_uncertainty(name: str, folder: Path = Path()) -> ParameterUncertainty:
    """Return the particles of a file, its path taken from a folder, or those that come by a name.

    Raises ScenarioError with everything that is wrong with it.
    """
    if is_file(name):
        return read_uncertainty(folder / name)
    known = {path.stem: path for path in builtin_folder("calibrations").glob("*.parquet")}
    if name in known:
        return read_uncertainty(known[name]).model_copy(update={"file": name})
    hint = path_hint(name) or did_you_mean(nearest(name, known))
    allowed = f"{', '.join(sorted(known))}, or a file, which ends in .parquet or has a slash in it"
    raise ScenarioError(Problem("unknown posterior", found=show(name), allowed=allowed, hint=hint))


def is_file(name: str) -> bool:
    """Tell whether a posterior is named by its file, and not as one that comes with the program."""
    return name.endswith(".parquet") or bool(set(name) & {"/", os.sep})


def read_uncertainty(path: Path) -> ParameterUncertainty:
    """Return the particles of a Parquet file.

    Raises ScenarioError with everything that is wrong with it.
    """
    shown = str(path)
    hint = "'reformsim calibrate run' writes posterior.parquet"
    try:
        content = read_ordinary(path, LARGEST)
    except OSError as error:
        raise ScenarioError(Problem(f"cannot be read: {reason_of(error)}", shown)) from None
    try:
        has_checksum = is_checked(content)
        table = read_columns(content, LARGEST)
    except OSError as error:
        # What is damaged is no longer Parquet for the most part, and some was never meant to be.
        message = f"is not a Parquet file, or a damaged one: {reason_of(error)}"
        raise ScenarioError(Problem(message, shown, hint=hint)) from None
    names = [name for name in table.column_names if name not in PARTS]
    problems = bearable(_problems(table, names))
    if problems:
        raise ScenarioError(
            *(replace(problem, file=shown, hint=problem.hint or hint) for problem in problems)
        )
    values = [table[name].to_numpy().astype(float).tolist() for name in names]
    return ParameterUncertainty(
        file=shown,
        sha256=hashlib.sha256(content).hexdigest(),
        has_checksum=has_checksum,
        names=tuple(names),
        weights=tuple(table["weight"].to_numpy().astype(float).tolist()),
        values=tuple(zip(*values, strict=True)),
    )


def _problems(table: pa.Table, names: list[str]) -> Iterator[Problem]:
    from pyarrow import types

    if "weight" not in table.column_names or not names or not len(table):
        yield Problem("holds no posterior: it needs particles, their weight and parameters")
        return
    twice = sorted(name for name, count in Counter(table.column_names).items() if count > 1)
    if twice:
        yield from (Problem("is given twice", key=show(name)) for name in twice)
        return

    def numbers(name: str) -> NDArray[np.float64] | None:
        column = table[name]
        if not (types.is_integer(column.type) or types.is_floating(column.type)):
            return None
        return np.asarray(column.to_numpy(), float)

    weight = numbers("weight")
    if weight is None or not (weight >= 0).all() or not 0 < weight.sum() < np.inf:
        yield Problem("must be numbers from 0 up, not all of them 0", key="weight")
    known = _drawable()
    for name in names:
        if name not in known:
            hint = did_you_mean(nearest(name, known))
            yield Problem("unknown parameter", key=brief(name), hint=hint)
            continue
        parameter, values = known[name], numbers(name)
        if values is None:
            yield Problem("must be numbers", key=name, found=show(str(table[name].type)))
            continue
        wrong = values[_is_wrong(parameter, values)]
        if len(wrong):
            message = f"{len(wrong):,} particles are no values of it"
            yield Problem(message, key=name, found=str(wrong[0]), allowed=parameter.allowed)


def _drawable() -> dict[str, Parameter]:
    """Return the parameters that a posterior may be of, by their dotted names."""
    from .definition import TABLES, catalogue

    sections = TABLES["uncertainties"]
    return {key: each for key, each in catalogue().items() if key.partition(".")[0] in sections}


def _is_wrong(parameter: Parameter, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell of each value whether it is none of a parameter."""
    low, high = parameter.bounds or (-np.inf, np.inf)
    wrong = ~np.isfinite(values) | (values < low) | (values > high)
    return wrong | (values != np.trunc(values)) if parameter.whole else wrong
