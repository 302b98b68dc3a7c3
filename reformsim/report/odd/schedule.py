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

    Calls are followed by name alone, and a name in quotes counts as a call, since agents are told
    `do("learn")`. START stands for what is done before the first month.
    """
    stages = _stages()
    return {stage: _called(stages[stage], equations) for stage in (START, *STAGES)}


def stage_meanings() -> dict[str, str]:
    """Return the first line of what each stage says of itself."""
    said = {name: ast.get_docstring(method) or "" for name, method in _stages().items()}
    return {stage: said[stage].partition("\n")[0] for stage in STAGES}


def _called(start: ast.FunctionDef, equations: set[str]) -> list[str]:
    found: list[str] = []
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for name in _names(waiting.pop(0)):
            if name in seen:
                continue
            seen.add(name)
            if name in equations:
                found.append(name)
            waiting += [one for one in _functions() if one.name == name]
    return found


def _names(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr
            for said in node.args:
                if isinstance(said, ast.Constant) and isinstance(said.value, str):
                    yield said.value


@cache
def _trees() -> tuple[ast.Module, ...]:
    root = Path(__file__).parents[2]
    files = [path for folder in SOURCES for path in sorted((root / folder).glob("*.py"))]
    return tuple(ast.parse(path.read_text(encoding="utf-8")) for path in files)


@cache
def _functions() -> tuple[ast.FunctionDef, ...]:
    """Return every function but the stages, which call no other stage."""
    every = [node for tree in _trees() for node in ast.walk(tree)]
    own = set(_stages().values())
    return tuple(one for one in every if isinstance(one, ast.FunctionDef) and one not in own)


@cache
def _stages() -> dict[str, ast.FunctionDef]:
    """Return the methods of the model that are stages, and the one that makes it."""
    classes = [node for tree in _trees() for node in tree.body if isinstance(node, ast.ClassDef)]
    model = next(one for one in classes if one.name == "DistrictModel")
    methods = [one for one in model.body if isinstance(one, ast.FunctionDef)]
    return {one.name: one for one in methods if one.name in {START, *STAGES}}
