"""Which equations each stage of the month calls, read from the source of the Mesa engine."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from reformsim.theory.schedule import STAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = ("engines/reference", "district", "theory")
START = "__init__"
"""What is done before the first month, in `DistrictModel.__init__`."""


def equations_by_stage(equations: set[str]) -> dict[str, list[str]]:
    """Return the names of the equations that each stage calls, itself or through others, in order.

    Calls are followed by name alone. A name in quotes counts as a call, since agents are told
    `do("learn")`, and so does what `map` is given. START stands for what is done before the first month.
    """
    stages = _stages()
    return {stage: _called(stages[stage], equations) for stage in (START, *STAGES)}


def stage_meanings() -> dict[str, str]:
    """Return the first line of what each stage says of itself."""
    docstrings = {name: ast.get_docstring(method) or "" for name, method in _stages().items()}
    return {stage: docstrings[stage].partition("\n")[0] for stage in STAGES}


def _called(start: ast.FunctionDef, equations: set[str]) -> list[str]:
    called: list[str] = []
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for name in _names(waiting.pop(0)):
            if name in seen:
                continue
            seen.add(name)
            if name in equations:
                called.append(name)
            waiting += [function for function in _functions() if function.name == name]
    return called


def _names(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value
            if isinstance(node.func, ast.Name) and node.func.id == "map":
                yield from (each.id for each in node.args[:1] if isinstance(each, ast.Name))


@cache
def _trees() -> tuple[ast.Module, ...]:
    root = Path(__file__).parents[2]
    # An ordinary model does not pass through custom mechanisms, whose functions have names of its own.
    files = [
        path
        for folder in SOURCES
        for path in sorted((root / folder).glob("*.py"))
        if path.name != "mechanisms.py"
    ]
    return tuple(ast.parse(path.read_text(encoding="utf-8")) for path in files)


@cache
def _functions() -> tuple[ast.FunctionDef, ...]:
    """Return every function but the stages, which call no other stage."""
    every = [node for tree in _trees() for node in ast.walk(tree)]
    stages = set(_stages().values())
    return tuple(node for node in every if isinstance(node, ast.FunctionDef) and node not in stages)


@cache
def _stages() -> dict[str, ast.FunctionDef]:
    """Return the methods of the model that are stages, and the one that makes it."""
    classes = [node for tree in _trees() for node in tree.body if isinstance(node, ast.ClassDef)]
    model = next(node for node in classes if node.name == "DistrictModel")
    methods = [node for node in model.body if isinstance(node, ast.FunctionDef)]
    return {method.name: method for method in methods if method.name in {START, *STAGES}}
