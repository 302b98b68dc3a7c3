"""Every parameter is declared in full, sourced, sensible, and used."""

from __future__ import annotations

import ast
import math
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import reformsim
from reformsim.scenario.coefficients import Coefficients
from reformsim.scenario.parameters import Kind, Parameter
from reformsim.scenario.schema import SECTIONS, Scenario, parameters
from reformsim.theory.costs import LEVELS

PACKAGE = Path(reformsim.__file__).parent
EVIDENCE = Path(__file__).parents[2] / "docs" / "evidence.md"
PARAMETERS = list(parameters())
COMPULSORY = {"district.schools", "district.teachers", "district.enrolment"}
# No contract by default; the plausible span is that of a district that has one.
SWITCHED_OFF = {"levers.coaching_months"}

ROW = re.compile(r"(?<![\d.])\d+\.\d+(?![\d.])")
RANGE = re.compile(r"(\d+)\.(\d+)[-–](\d+)\.(\d+)")
# What may stand behind a value that no row of evidence gives.
OTHER_SOURCE = re.compile(
    r"judgement|(fit|calibrated to) (\d+|SQ)|identity|choice|section 12|et al\. \d{4}"
)

each_parameter = pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda p: p.key)


@cache
def evidence() -> str:
    return EVIDENCE.read_text(encoding="utf-8")


@cache
def rows() -> dict[str, str]:
    """The rows of evidence, by number."""
    return dict(re.findall(r"^\| (\d+\.\d+) \|(.*)$", evidence(), re.MULTILINE))


@cache
def patterns() -> set[str]:
    """The numbers of the published patterns that values are fitted to."""
    section = evidence().split("## Published patterns")[1]
    return set(re.findall(r"^\| (\d+) \|", section, re.MULTILINE))


@cache
def attributes_read() -> set[str]:
    """Every name that the package, the scenario aside, reads as `something.name`."""
    names: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if "scenario" not in path.relative_to(PACKAGE).parts:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return names


@cache
def json_schema() -> dict[str, Any]:
    return Scenario.model_json_schema()


def test_there_are_parameters_of_every_kind() -> None:
    assert {p.kind for p in PARAMETERS} == set(Kind)
    assert {p.section for p in PARAMETERS} == {*SECTIONS, "horizon"} - {"baseline"}


def test_names_are_unique() -> None:
    """So that a table or a message can name a parameter without its section."""
    counts = Counter(p.name for p in PARAMETERS)
    assert [name for name, count in counts.items() if count > 1] == []


def test_every_coefficient_is_declared() -> None:
    """A field of the model that was not declared as a parameter would be invisible to readers."""
    declared = [p.name for p in PARAMETERS if p.section == "coefficients"]
    assert sorted(declared) == sorted(Coefficients.model_fields)


@each_parameter
def test_declaration_is_complete(parameter: Parameter) -> None:
    assert parameter.name.isidentifier()
    assert parameter.name == parameter.name.lower()
    for text in (parameter.unit, parameter.meaning, parameter.source, parameter.group):
        assert text
        assert text == text.strip()


@each_parameter
def test_default_and_ranges_fit_together(parameter: Parameter) -> None:
    assert parameter.bounds is not None
    low, high = parameter.bounds
    assert math.isfinite(low)
    assert math.isfinite(high)
    assert low < high
    if parameter.default is None:
        assert parameter.key in COMPULSORY
        return
    assert not isinstance(parameter.default, str)
    assert low <= parameter.default <= high
    if parameter.plausible:
        first, last = parameter.plausible
        assert low <= first < last <= high
        assert first <= parameter.default <= last or parameter.key in SWITCHED_OFF


@each_parameter
def test_source_can_be_looked_up(parameter: Parameter) -> None:
    source = parameter.source
    assert ROW.search(source) or OTHER_SOURCE.search(source)
    missing = [number for number in ROW.findall(source) if number not in rows()]
    assert missing == []
    for chapter, first, end_chapter, last in RANGE.findall(source):
        assert chapter == end_chapter
        between = {f"{chapter}.{n}" for n in range(int(first), int(last) + 1)}
        assert len(between) > 1
        assert between <= set(rows())
    if "section 12" in source:
        assert "## 12. " in evidence()


@each_parameter
def test_fits_name_a_published_pattern(parameter: Parameter) -> None:
    for listed in re.findall(r"(?:fit|calibrated to) (\d+(?:, \d+(?!\.\d))*)", parameter.source):
        assert set(re.split(r", ", listed)) <= patterns()


@each_parameter
def test_source_is_no_gap_in_the_evidence(parameter: Parameter) -> None:
    """Rows marked so are not to be cited; see the table at the head of docs/evidence.md."""
    for number in ROW.findall(parameter.source):
        status = rows()[number].rstrip(" |").rsplit("|", 1)[1].strip()
        assert not status.startswith(("Gap", "Unconfirmed")), number


@each_parameter
def test_json_schema_carries_the_declaration(parameter: Parameter) -> None:
    """Editors and other programs read the schema, so it has to say as much as the code."""
    reference = json_schema()["properties"][parameter.section]
    target = reference.get("$ref") or reference["allOf"][0]["$ref"]
    section = json_schema()["$defs"][target.rsplit("/", 1)[1]]
    entry = section["properties"][parameter.name]
    assert (entry["minimum"], entry["maximum"]) == parameter.bounds
    assert entry["unit"] == parameter.unit
    assert entry["source"] == parameter.source
    assert entry["description"] == parameter.meaning
    assert entry["kind"] == parameter.kind
    assert entry["group"] == parameter.group
    assert tuple(entry["plausible"] or ()) == (parameter.plausible or ())
    assert entry.get("default") == parameter.default
    assert (parameter.name in section.get("required", ())) == (parameter.default is None)
    assert entry["type"] == ("integer" if is_whole(parameter) else "number")


def is_whole(parameter: Parameter) -> bool:
    return isinstance(parameter.default, int) or parameter.key in COMPULSORY


def test_baseline_and_levers_are_one_declaration() -> None:
    properties = json_schema()["properties"]
    assert properties["baseline"]["$ref"] == properties["levers"]["$ref"]


@pytest.mark.parametrize("name", sorted(Coefficients.model_fields))
def test_coefficient_is_used(name: str) -> None:
    """A coefficient that nothing reads would be varied in vain."""
    bought = {level.price for level in LEVELS.values()}
    assert name in attributes_read() | bought
