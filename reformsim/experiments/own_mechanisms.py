"""Own mechanisms in an experiment: which file its runs are done with, and that it is the same again.

A file of mechanisms is a program. So an experiment, its file and its folder only say which one it
was, by name and hash; the program itself is what the user names on the command line, each time.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from reformsim.errors import Problem, ReformsimError
from reformsim.messages import show
from reformsim.scenario.parameters import Kind, Parameter, Section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reformsim.mechanisms import Mechanisms
    from reformsim.record import Result

    from .definition import Definition

OPTION = "`mechanisms`"
SECTION = "mechanism"
"""What the names of all that a file of mechanisms declares start with."""
COLUMN = Field(max_length=255, pattern=rf"^{SECTION}\.\w+$")
UNIT, MEANING = Field(max_length=255), Field(max_length=10_000)


class MeasureUsed(Section):
    """A custom measure, as it is described; the column is `mechanism.NAME`."""

    column: str = COLUMN
    unit: str = UNIT
    meaning: str = MEANING
    better: int = Field(default=1, ge=-1, le=1)


class ParameterUsed(Section):
    """A custom parameter, as it is described, with the value that it has where none is set."""

    column: str = COLUMN
    unit: str = UNIT
    meaning: str = MEANING
    low: float
    high: float
    value: float

    @property
    def declared(self) -> Parameter:
        """The parameter as those of the model are declared."""
        return Parameter(
            section=SECTION,
            name=self.column.partition(".")[2],
            kind=Kind.COEFFICIENT,
            default=self.value,
            unit=self.unit,
            bounds=(self.low, self.high),
            plausible=None,
            meaning=self.meaning,
            source="",
            group=SECTION,
            whole=False,
        )


class StateUsed(Section):
    """Custom state, as it is described; the column is that of its series."""

    column: str = COLUMN
    of: str = Field(max_length=255)
    unit: str = UNIT
    meaning: str = MEANING


class MechanismsUsed(Section):
    """The file of mechanisms that the runs of an experiment are done with."""

    name: str = Field(max_length=255)
    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="Hash of the file's text")
    measures: Annotated[tuple[MeasureUsed, ...], Field(strict=False, max_length=1000)] = Field(
        default=(), description="What it makes of each run"
    )
    parameters: Annotated[tuple[ParameterUsed, ...], Field(strict=False, max_length=1000)] = Field(
        default=(), description="What a design can vary of it, with the values of all other runs"
    )
    states: Annotated[tuple[StateUsed, ...], Field(strict=False, max_length=1000)] = Field(
        default=(), description="State of its own, which can be kept as monthly series"
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
    parameters = tuple(
        ParameterUsed(
            column=declared.column,
            unit=declared.unit,
            meaning=declared.meaning,
            low=float(declared.bounds[0]),
            high=float(declared.bounds[1]),
            value=mechanisms.values[declared.name],
        )
        for declared in mechanisms.parameters
    )
    states = tuple(
        StateUsed(
            column=declared.column, of=declared.of, unit=declared.unit, meaning=declared.meaning
        )
        for declared in mechanisms.states
    )
    return MechanismsUsed(
        name=mechanisms.name,
        sha256=mechanisms.sha256,
        measures=measures,
        parameters=parameters,
        states=states,
    )


def is_own(key: str) -> bool:
    """Say whether a variable of a design is a parameter of own mechanisms."""
    return key.startswith(f"{SECTION}.")


def columns_in(mechanisms: Any, kind: str) -> list[str]:
    """Return the columns of one kind that mechanisms, as plain data, declare."""
    listed = mechanisms.get(kind) if isinstance(mechanisms, dict) else None
    entries = listed if isinstance(listed, list | tuple) else ()
    columns = [entry.get("column") for entry in entries if isinstance(entry, dict)]
    return [column for column in columns if isinstance(column, str)]


def own_parameters(mechanisms: Any) -> dict[str, Parameter]:
    """Return the parameters of mechanisms, described as plain data, by their dotted names."""
    if not columns_in(mechanisms, "parameters"):
        return {}
    used = MechanismsUsed.model_validate(mechanisms)
    return {parameter.column: parameter.declared for parameter in used.parameters}


def as_begun(mechanisms: Mechanisms | None, used: MechanismsUsed | None) -> Mechanisms | None:
    """Return mechanisms with the values that an experiment was begun with."""
    if mechanisms is None or used is None or not used.parameters:
        return mechanisms
    return with_own(mechanisms, {declared.column: declared.value for declared in used.parameters})


def with_own(mechanisms: Mechanisms, values: Mapping[str, float]) -> Mechanisms:
    """Return mechanisms with the values of a point of the design that are theirs."""
    settings = {key.partition(".")[2]: value for key, value in values.items() if is_own(key)}
    return mechanisms.with_values(**settings) if settings else mechanisms


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


def _check_values(wanted: MechanismsUsed | None, changed: MechanismsUsed | None) -> None:
    """Raise ReformsimError if parameters were set otherwise than an experiment was begun with."""
    if wanted is None or changed is None:
        return
    pairs = zip(wanted.parameters, changed.parameters, strict=True)
    problems = [
        Problem(
            "is set to another value than the experiment was begun with",
            key=declared.column,
            found=f"{other.value:g}",
            allowed=f"{declared.value:g}",
            hint="run it with this value into another folder",
        )
        for declared, other in pairs
        if declared.value != other.value
    ]
    if problems:
        raise ReformsimError(*problems)


def check_mechanisms(experiment: Definition, mechanisms: Mechanisms | None) -> None:
    """Raise ReformsimError unless the mechanisms at hand are those of an experiment."""
    wanted, given = experiment.mechanisms, used(mechanisms)
    if (wanted and wanted.sha256) == (given and given.sha256):
        _check_values(wanted, given if mechanisms and mechanisms.changed else None)
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
