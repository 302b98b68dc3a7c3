"""The page and its figures."""

from __future__ import annotations

import ast
import hashlib
import importlib
import inspect
import json
import tomllib
from dataclasses import astuple, dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING, Any, get_args

from reformsim.analysis.catalogue import MEASURES
from reformsim.district import seats
from reformsim.district.network import KINDS
from reformsim.engines.compiled.layout import KINDS as EVENTS_RECORDED
from reformsim.figures.responses import Response, View, response, responses_figure
from reformsim.figures.saving import save
from reformsim.record import OUTCOMES
from reformsim.scenario import parameters
from reformsim.scenario.checking import EVENTS
from reformsim.scenario.coefficients import Coefficients
from reformsim.scenario.loading import builtin_files
from reformsim.theory.catalogue import Promise, equations, parse
from reformsim.theory.schedule import STAGES
from reformsim.theory.streams import Stream
from reformsim.validation import ROWS

from ..numbers import trimmed
from ..templates import rendered
from .schedule import START, equations_by_stage, stage_meanings
from .state import state_variables

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reformsim.scenario.parameters import Parameter, Section

IMAGES = "images/odd"
SHARED = "equation"
"""The module of the arithmetic that all mechanisms share."""


@dataclass(frozen=True)
class Equation:
    """One equation as the page shows it."""

    name: str
    said: Promise
    coefficients: tuple[Parameter, ...]
    """Those that it reads by name."""


@dataclass(frozen=True)
class Module:
    """One module of the theory: a submodel."""

    name: str
    title: str
    equations: tuple[Equation, ...]
    coefficients: tuple[Parameter, ...]
    """Those that are declared under its name."""
    digest: str
    """Of the curves, so that the page changes when they do."""


def write_odd(folder: Path) -> None:
    """Write odd.md and its figures into a folder, that of the other documents."""
    for name, shown in responses_by_module().items():
        save(responses_figure(shown), folder / IMAGES / f"{name}.png")
    (folder / "odd.md").write_text(odd_page(), encoding="utf-8")


def odd_page() -> str:
    """Return the page. Raises ValueError if words.toml and the code do not fit together."""
    return rendered(
        __package__,
        "page.md.j2",
        markdown=True,
        filters={"number": _number, "span": _span, "cell": _cell},
        rows=ROWS,
        state=state_variables(),
        stages=[(name, stage_meanings()[name], _called(name)) for name in STAGES],
        at_start=_called(START),
        ties=KINDS,
        start=_start_values(),
        streams=[stream.name.lower().replace("_", " ") for stream in Stream],
        outcomes=OUTCOMES,
        measures=MEASURES,
        events_recorded=EVENTS_RECORDED,
        events=[_event(kind) for kind in EVENTS.values()],
        built_in=[
            (kind, list(members))
            for kind, members in groupby(builtin_files(), lambda file: file.kind)
        ],
        settings=[
            (section, list(members))
            for section, members in groupby(_settings(), lambda parameter: parameter.section)
        ],
        modules=_modules(),
        images=IMAGES,
        shared=SHARED,
    )


@cache
def responses_by_module() -> dict[str, list[Response]]:
    """Return the response curves of every equation, by module of the theory."""
    words, p = _words(), Coefficients()
    view = View(words["rest"], words["spans"], words["axes"])
    return {
        module: [response(equation, parse(equation), p, view) for equation in members]
        for module, members in _by_module().items()
    }


def _modules() -> list[Module]:
    every = {
        parameter.name: parameter
        for parameter in parameters()
        if parameter.section == "coefficients"
    }
    return [
        Module(
            name,
            (importlib.import_module(f"reformsim.theory.{name}").__doc__ or "").partition("\n")[0],
            tuple(
                Equation(equation.__name__, parse(equation), _read_by(equation, every))
                for equation in members
            ),
            tuple(parameter for parameter in every.values() if parameter.group == name),
            _digest(responses_by_module()[name]),
        )
        for name, members in _by_module().items()
    ]


@cache
def _by_module() -> dict[str, list[Callable[..., object]]]:
    """Return the equations by module: shared arithmetic, then in the order of the month."""
    grouped = groupby(equations().values(), lambda equation: equation.__module__.rpartition(".")[2])
    by_module = {name: list(members) for name, members in grouped}
    called = equations_by_stage(set(equations()))

    def place(module: str) -> tuple[int, int]:
        """Return the stage that calls most of a module, and where the first of it comes there."""
        names = {equation.__name__ for equation in by_module[module]}
        shares = [len(names.intersection(called[stage])) for stage in STAGES]
        stage = shares.index(max(shares))
        called_now = [name in names for name in called[STAGES[stage]]]
        return stage, called_now.index(True)

    order = sorted((name for name in by_module if name != SHARED), key=place)
    return {name: by_module[name] for name in (SHARED, *order)}


def _read_by(function: Callable[..., object], every: dict[str, Parameter]) -> tuple[Parameter, ...]:
    tree = ast.parse(inspect.getsource(function))
    read = dict.fromkeys(
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "p"
    )
    return tuple(every[name] for name in read)


def _called(stage: str) -> list[str]:
    """Return the equations that a stage calls, but for shared arithmetic.

    What is only recorded has been worked out by an earlier stage.
    """
    specific = {
        equation.__name__
        for name, every in _by_module().items()
        if name != SHARED
        for equation in every
    }
    called = equations_by_stage(specific)
    before = (
        {equation for name in STAGES[: STAGES.index(stage)] for equation in called[name]}
        if stage == STAGES[-1]
        else set()
    )
    return [name for name in called[stage] if name not in before]


def _settings() -> list[Parameter]:
    """Return what a user sets: all parameters but coefficients."""
    return [parameter for parameter in parameters() if parameter.section != "coefficients"]


def _start_values() -> list[tuple[str, str, str]]:
    """Return name, meaning and value of each constant with which a run begins."""
    words: dict[str, str] = _words()["start"]
    constants = {
        name
        for name, value in vars(seats).items()
        if name.isupper() and isinstance(value, float | tuple)
    }
    if constants != set(words):
        raise ValueError(
            "words.toml, start: "
            + ", ".join(sorted(constants ^ set(words)))
            + " here or there only"
        )
    return [(name, meaning, _number(getattr(seats, name))) for name, meaning in words.items()]


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "words.toml").read_text(encoding="utf-8"))


def _digest(responses: list[Response]) -> str:
    """Return a few digits that change with what is drawn, and not with the machine."""
    text = json.dumps([astuple(curves) for curves in responses])
    rounded = json.loads(text, parse_float=lambda digits: f"{float(digits):.6g}")
    return hashlib.sha256(json.dumps(rounded).encode()).hexdigest()[:8]


def _event(kind: type[Section]) -> tuple[str, str, list[str]]:
    """Return the name of a kind of event in files, what it is, and its fields."""
    name, *fields = kind.model_fields
    return get_args(kind.model_fields[name].annotation)[0], kind.__doc__ or "", fields


def _number(value: object) -> str:
    if isinstance(value, tuple):
        return " to ".join(map(trimmed, value))
    return "required" if value is None else trimmed(value)


def _span(parameter: Parameter) -> str:
    """Return the span worth varying, or else what is accepted."""
    low, high = parameter.plausible or parameter.bounds or (0.0, 0.0)
    return f"{trimmed(low)} to {trimmed(high)}" + ("" if parameter.plausible else " (bounds)")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
