"""The API page describes every public name, every member of results, and nothing else."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

import reformsim as rs

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
TEXT = PAGE.read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `([\w.]+)`\n(.*?)(?=^##|\Z)", TEXT, re.DOTALL | re.MULTILINE))
ROW = re.compile(r"^\| `(\w+)(\(.*?\))?` \| (.+) \|$", re.MULTILINE)
SMALL: dict[str, Any] = {"years": 1, "warm_up": 1, "replicates": 1, "workers": 1}


def results() -> dict[str, object]:
    runs = rs.run("small-rural", **SMALL)
    return {
        "Runs": runs,
        "Graphs": runs.graphs(),
        "Comparison": rs.compare("small-rural", "web_of_support", conditions="stable", **SMALL),
        "WhatIf": rs.what_if("small-rural", added="crisis@3:0.4", **SMALL),
        "Contrast": rs.contrast("small-rural", month=3, **(SMALL | {"years": 2})),
        "Parameters": rs.parameters("pipeline"),
        "rs.Experiment": rs.Experiment("nowhere"),
    }


RESULTS = results()


def test_every_public_name_is_described_and_nothing_else() -> None:
    described = {heading.removeprefix("rs.") for heading in SECTIONS if heading.startswith("rs.")}
    assert described == set(rs.__all__)
    assert {heading for heading in SECTIONS if not heading.startswith("rs.")} == {
        type(result).__name__ for name, result in RESULTS.items() if not name.startswith("rs.")
    }


@pytest.mark.parametrize("name", RESULTS)
def test_every_member_of_a_result_is_described_and_nothing_else(name: str) -> None:
    result = RESULTS[name]
    members = {member for member in dir(type(result)) if not member.startswith("_")}
    members |= {member for member in vars(result) if not member.startswith("_")}
    assert {row[0] for row in ROW.findall(SECTIONS[name])} == members


@pytest.mark.parametrize("name", RESULTS)
def test_the_arguments_of_every_method_are_named(name: str) -> None:
    for member, arguments, _ in ROW.findall(SECTIONS[name]):
        method = inspect.getattr_static(type(RESULTS[name]), member, None)
        if name == "Parameters" and member in ("index", "count"):
            continue  # a sequence's own
        if inspect.isfunction(method):
            wanted = [each for each in inspect.signature(method).parameters if each != "self"]
            assert arguments == f"({', '.join(wanted)})", member
        else:
            assert not arguments, member


@pytest.mark.parametrize(
    "name", [name for name in rs.__all__ if name[0] != "_" and name != "ReformsimError"]
)
def test_the_signature_is_that_of_the_code(name: str) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", SECTIONS[f"rs.{name}"], re.DOTALL)
    shown = re.sub(r",?\s*\)$", ")", " ".join(block.split())).replace("( ", "(")
    parameters = [
        each.replace(annotation=inspect.Parameter.empty)
        for each in inspect.signature(getattr(rs, name)).parameters.values()
    ]
    wanted = str(inspect.Signature(parameters)).replace("'", '"')
    assert shown == f"rs.{name}{wanted}"
