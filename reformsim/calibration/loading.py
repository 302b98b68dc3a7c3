"""Targets files: finding, reading and checking them, with every problem found at once."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from reformsim.errors import Problem, ScenarioError
from reformsim.experiments.definition import Misfit
from reformsim.messages import bearable, did_you_mean, nearest, show
from reformsim.scenario.checking import MESSAGES, File, allowed_in
from reformsim.scenario.files import (
    BuiltIn,
    builtin_folder,
    builtin_in,
    find_file,
    read_file,
    resolved,
)
from reformsim.scenario.loading import compose

from .targets import Runs, Sampling, Targets, completed, misfits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reformsim.scenario.parameters import Form

NOTHING: Mapping[str, int] = {}
_SECTIONS: dict[str, type[Form]] = {"runs": Runs, "sampling": Sampling}


def load_targets(name: str | Path, sampling: Mapping[str, int] = NOTHING) -> Targets:
    """Return the targets of a file, or the built-in ones of this name.

    `sampling` takes the place of what the file says there, as the options `--population` and
    `--generations` do. Raises ScenarioError with every problem of the file, of the scenario that
    it names, and of `sampling`, which is named by its option.
    """
    file = read_file(find_file(name, targets_folder(), "targets"))
    data = _under_dotted_names(file.data)
    if sampling and isinstance(data.get("sampling", {}), dict):
        data["sampling"] = {**data.get("sampling", {}), **sampling}
    problems = bearable(
        chain(
            (
                _problem(file, misfit, sampling)
                for misfit in chain(_wrong_types(data), misfits(data))
            ),
            _wrong_scenario(file, data),
        )
    )
    if problems:
        raise ScenarioError(
            *sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line))
        )
    data["scenario"] = [resolved(part, file.path.parent) for part in data.get("scenario", ())]
    return Targets.model_validate({**completed(data), "name": file.path.stem})


def builtin_targets() -> list[BuiltIn]:
    """Return the targets files that come with the package, by name."""
    return builtin_in(targets_folder(), "targets")


def targets_folder() -> Path:
    """Return the folder of the built-in targets files."""
    return builtin_folder("calibrations")


def _under_dotted_names(data: dict[str, Any]) -> dict[str, Any]:
    """Return data in which parameters stand under dotted names, in quotation marks or not."""
    free = data.get("free")
    if not isinstance(free, dict):
        return dict(data)
    flat: dict[str, Any] = {}
    for name, entry in free.items():
        if name in ("conditions", "coefficients") and isinstance(entry, dict):
            flat |= {f"{name}.{inner}": value for inner, value in entry.items()}
        else:
            flat[name] = entry
    return {**data, "free": flat}


def _problem(file: File, misfit: Misfit, sampling: Mapping[str, int]) -> Problem:
    """Return a misfit with where it stands: in the file, as the file has it, or in an option."""
    details = misfit._asdict()
    key = details.pop("key")
    if key[0] == "sampling" and key[-1] in sampling:
        return Problem(key=f"--{key[-1]}", **details)
    if len(key) > 1 and key[0] == "free" and key[1] not in file.data["free"]:
        key = ("free", *str(key[1]).split(".", 1), *key[2:])
    return file.problem(key, **details)


def _wrong_types(data: dict[str, Any]) -> Iterator[Misfit]:
    """Yield what pydantic finds outside of targets and priors, which `misfits` looks through."""
    if "name" in data:
        yield Misfit(("name",), "unknown key", hint="its file's name is its name")
    try:
        Targets.model_validate({**data, "targets": {}, "free": {}})
    except ValidationError as error:
        for details in error.errors(include_url=False):
            key = details["loc"]
            model = _SECTIONS.get(str(key[0]), Targets) if len(key) > 1 else Targets
            name = str(key[1]) if model is not Targets else str(key[0])
            if details["type"] == "extra_forbidden":
                hint = did_you_mean(nearest(name, model.model_fields))
                allowed = "" if hint else ", ".join(model.model_fields)
                yield Misfit(key, "unknown key", allowed=allowed, hint=hint)
            elif details["type"] == "missing":
                yield Misfit(key, "missing key")
            elif details["type"] == "string_too_short":
                yield Misfit(key, "must not be empty")
            elif key[0] == "scenario":
                allowed = "names and paths, as text"
                yield Misfit(("scenario",), "must be a list of text", allowed=allowed)
            else:
                message = MESSAGES.get(details["type"], details["msg"])
                value, allowed = show(details["input"]), allowed_in(str(key[0]), model, name)
                yield Misfit(key, message, value, allowed)


def _wrong_scenario(file: File, data: dict[str, Any]) -> Iterator[Problem]:
    parts = data.get("scenario", ())
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        return
    try:
        made = compose(*(resolved(part, file.path.parent) for part in parts)).scenario
    except ScenarioError as error:
        for problem in error.problems:
            yield problem if problem.line else file.problem(("scenario",), str(problem))
        return
    if made.has_strategy:
        hint = "name a district and conditions: data are of what a district does already"
        yield file.problem(("scenario",), "names a strategy", hint=hint)
