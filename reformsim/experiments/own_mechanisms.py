"""Own mechanisms in an experiment: which file its runs are done with, and that it is the same again.

A file of mechanisms is a program. So an experiment, its file and its folder only say which one it
was, by name and hash; the program itself is what the user names on the command line, each time.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from reformsim.errors import Problem, ReformsimError
from reformsim.messages import show
from reformsim.scenario.parameters import Section

if TYPE_CHECKING:
    from reformsim.mechanisms import Mechanisms
    from reformsim.record import Result

    from .definition import Definition

OPTION = "--mechanisms"


class MeasureUsed(Section):
    """A custom measure, as it is described; the column is `mechanism.NAME`."""

    column: str = Field(max_length=255, pattern=r"^mechanism\.\w+$")
    unit: str = Field(max_length=255)
    meaning: str = Field(max_length=10_000)
    better: int = Field(default=1, ge=-1, le=1)


class MechanismsUsed(Section):
    """The file of mechanisms that the runs of an experiment are done with."""

    name: str = Field(max_length=255)
    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="Hash of the file's text")
    measures: Annotated[tuple[MeasureUsed, ...], Field(strict=False, max_length=1000)] = Field(
        default=(), description="What it makes of each run"
    )


def used(mechanisms: Mechanisms | None) -> MechanismsUsed | None:
    """Return what an experiment says of mechanisms."""
    if mechanisms is None:
        return None
    measures = tuple(
        MeasureUsed(
            column=measure.column, unit=measure.unit, meaning=measure.meaning, better=measure.better
        )
        for measure in mechanisms.measures
    )
    return MechanismsUsed(name=mechanisms.name, sha256=mechanisms.sha256, measures=measures)


def own_measures(mechanisms: Mechanisms, run: Result) -> dict[str, float]:
    """Return what own measures make of a run. Raises ReformsimError for one that fails."""
    values = {}
    for measure in mechanisms.measures:
        try:
            value = float(measure.function(run))
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            raise ReformsimError(Problem(said, mechanisms.name, key=measure.name)) from error
        values[measure.column] = value if math.isfinite(value) else math.nan
    return values


def check_mechanisms(experiment: Definition, mechanisms: Mechanisms | None) -> None:
    """Raise ReformsimError unless the mechanisms at hand are those of an experiment."""
    wanted, given = experiment.mechanisms, used(mechanisms)
    if (wanted and wanted.sha256) == (given and given.sha256):
        return
    if wanted is None:
        message = "the experiment was begun without custom mechanisms"
        found = show(given.name if given else "")
        hint = "run it with them into another folder: numbers of two models are not to be mixed"
        raise ReformsimError(Problem(message, key=OPTION, found=found, hint=hint))
    digest = wanted.sha256[:12]
    if given is None:
        message = f"its runs use custom mechanisms, {show(wanted.name)}"
        hint = (
            f"name the file again: {OPTION} FILE.py. It is a program that will be run; the text of the"
            f" file that the experiment was begun with is in inputs/{wanted.sha256}.txt"
        )
        found = f"no {OPTION}"
    else:
        message = f"is not the file that its runs are done with, {show(wanted.name)}"
        hint = "an edited file is another model: run the experiment into another folder"
        found = f"sha256 {given.sha256[:12]}…"
    raise ReformsimError(
        Problem(message, key=OPTION, found=found, allowed=f"sha256 {digest}…", hint=hint)
    )
