"""Names in the code say what they stand for."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

import reformsim

ROOT = Path(reformsim.__file__).parent
SAY_NOTHING = {"one", "found", "own", "place", "told", "kept"}
"""Words that anything can be called by: call it parameter, table, index or what else it is."""

MOST = {
    "analysis": 23,
    "calibration": 2,
    "cli": 67,
    "engines": 96,
    "experiments": 101,
    "mechanisms": 16,
    "running": 1,
    "studies": 1,
    "theory": 5,
}
"""How many such variables a part of the package may have: none if it is not listed. Only lower these."""


def variables(tree: ast.Module) -> list[tuple[str, int]]:
    """Return every variable and parameter that is given a value, with its line; no fields of classes."""
    fields = {
        statement.target
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.AnnAssign)
    }
    return [
        (node.arg, node.lineno) if isinstance(node, ast.arg) else (node.id, node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.arg)
        or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node not in fields)
    ]


def vague() -> dict[str, list[str]]:
    """Return where a variable has a name that says nothing, by part of the package."""
    lines = defaultdict(list)
    for path in sorted(ROOT.rglob("*.py")):
        file = path.relative_to(ROOT)
        for name, line in variables(ast.parse(path.read_text(encoding="utf-8"))):
            if name in SAY_NOTHING:
                lines[file.parts[0]].append(f"{file}:{line} {name}")
    return lines


LINES = vague()


@pytest.mark.parametrize("part", sorted({path.name for path in ROOT.iterdir()} - {"__pycache__"}))
def test_variables_are_called_what_they_are(part: str) -> None:
    assert len(LINES[part]) <= MOST.get(part, 0), "\n".join(LINES[part])


def test_a_variable_is_seen_wherever_it_gets_its_value() -> None:
    code = """
class Problem:
    found: str = ""
    kept = 1
    def told(self, own, *, place):
        for one in own:
            with place as told:
                pass
        return [found for found in own if (kept := found)], lambda one: one
"""
    names = [name for name, _ in variables(ast.parse(code)) if name in SAY_NOTHING]
    assert sorted(names) == sorted(["kept", "own", "place", "one", "told", "found", "kept", "one"])
