"""What is not known of the model's parameters, as particles of a posterior: one for each replicate.

`reformsim calibrate` writes such a file. Replicates then differ in luck and in parameters, so that
an interval over replicates includes both; the strategies and conditions of one replicate share its
particle, so that they stay paired.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from reformsim.errors import Problem, ScenarioError, reason_of
from reformsim.scenario.locating import did_you_mean, nearest
from reformsim.scenario.parameters import Section
from reformsim.theory.chance import uniform
from reformsim.theory.streams import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

PARTS = ("particle", "generation", "weight")
"""The columns of a posterior that are no parameters."""

Numbers = Annotated[tuple[float, ...], Field(strict=False, min_length=1)]


class ParameterUncertainty(Section):
    """The particles of a posterior, complete, so that its file need not be there any more."""

    file: str
    sha256: str = Field(description="Hash of the file's content")
    names: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    weights: Numbers
    values: Annotated[
        tuple[Numbers, ...], Field(strict=False, description="Particles × names, one row for each")
    ]

    def particle(self, seed: int, replicate: int) -> dict[str, float]:
        """Return the parameters of a replicate, drawn in proportion to the weights."""
        below = np.cumsum(self.weights)
        drawn = uniform(seed, replicate, 0, 0, Stream.PARTICLE, 0) * below[-1]
        place = min(int(np.searchsorted(below, drawn, side="right")), len(below) - 1)
        return dict(zip(self.names, self.values[place], strict=True))


def read_uncertainty(path: Path) -> ParameterUncertainty:
    """Return the particles of a Parquet file.

    Raises ScenarioError with everything that is wrong with it.
    """
    import pandas as pd

    shown = str(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ScenarioError(Problem(f"cannot be read: {reason_of(error)}", shown)) from None
    hint = "'reformsim calibrate run' writes posterior.parquet"
    try:
        table = pd.read_parquet(io.BytesIO(content))
    except (OSError, ValueError):
        raise ScenarioError(Problem("is not a Parquet file", shown, hint=hint)) from None
    names = [str(name) for name in table.columns if name not in PARTS]
    problems = list(_problems(table, names))
    if problems:
        raise ScenarioError(
            *(
                Problem(one.message, shown, 0, one.key, one.found, one.allowed, one.hint or hint)
                for one in problems
            )
        )
    return ParameterUncertainty(
        file=shown,
        sha256=hashlib.sha256(content).hexdigest(),
        names=tuple(names),
        weights=tuple(table["weight"].astype(float)),
        values=tuple(tuple(map(float, row)) for row in table[names].to_numpy()),
    )


def _problems(table: pd.DataFrame, names: list[str]) -> Iterator[Problem]:
    from .definition import TABLES, catalogue, wrong_value

    if "weight" not in table or not names or table.empty:
        yield Problem("holds no posterior: it needs particles, their weight and parameters")
        return
    weight = table["weight"]
    if weight.dtype.kind not in "fi" or not (weight >= 0).all() or not 0 < weight.sum() < np.inf:
        yield Problem("must be numbers from 0 up, not all of them 0", key="weight")
    known = [key for key in catalogue() if key.partition(".")[0] in TABLES["uncertainties"]]
    for name in names:
        if name not in known:
            yield Problem("unknown parameter", key=name, hint=did_you_mean(nearest(name, known)))
            continue
        parameter = catalogue()[name]
        wrong = [value for value in table[name].tolist() if wrong_value(parameter, value)]
        if wrong:
            message = f"{len(wrong):,} particles are no values of it"
            yield Problem(message, key=name, found=str(wrong[0]), allowed=parameter.allowed)
