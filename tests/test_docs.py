"""The documents name what the code has, and what they say of it is still so."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reformsim.analysis.catalogue import MEASURES
from reformsim.cli.app import app
from reformsim.district.network import KINDS
from reformsim.district.state import District, School
from reformsim.engines.reference import DistrictModel
from reformsim.record import BY_DISTRICT
from reformsim.scenario import Scenario, parameters
from reformsim.scenario.conditions import District as DistrictConditions
from reformsim.theory.catalogue import equations
from reformsim.theory.schedule import STAGES

ROOT = Path(__file__).parents[1]
MODEL, ODD = ROOT / "docs" / "model.md", ROOT / "docs" / "odd.md"
PAGES = [
    page
    for page in (
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *sorted((ROOT / "docs").glob("*.md")),
    )
    if page.exists()
]

# What is not shared arithmetic.
MECHANISMS = {
    name for name, one in equations().items() if one.__module__ != "reformsim.theory.equation"
}
# What an agent or a place has besides its state: who and where it is, and its neighbours.
NOT_STATE = {
    *("unique_id", "role", "seat", "person", "post"),
    *("number", "index", "principal", "teachers"),
}
PARAMETERS = list(parameters())
COEFFICIENTS = {p.name: p for p in PARAMETERS if p.section == "coefficients"}

BOLD_CODE = re.compile(r"\*\*`(\w+)`\*\*")
VALUE = re.compile(r"`(\w+)` = (-?[\d,]+(?:\.\d+)?)")
ROW = re.compile(r"(?<![\d.])\d+\.\d+(?![\d.])")
LINK = re.compile(r"(?:\]\(|<img [^>]*src=\"|<a [^>]*href=\")([^)\s\"]+)")


@cache
def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@cache
def names_in_code(page: Path) -> frozenset[str]:
    """Every word that a page sets in code font, in a line or in a block of its own."""
    blocks = re.findall(r"```.*?```", text(page), re.DOTALL)
    rest = re.sub(r"```.*?```", "", text(page), flags=re.DOTALL)
    return frozenset(re.findall(r"\w+", " ".join([*blocks, *re.findall(r"`[^`]+`", rest)])))


def state_variables() -> set[str]:
    """Every number and every yes or no that an agent or a place carries from month to month."""
    district = DistrictConditions(schools=1, teachers=2, enrolment=30)
    model = DistrictModel(
        Scenario(district=district).replace(levers={"coaching_seats": 1, "coaching_months": 9})
    )
    model.month = 0
    model.budget()  # so that a coach is there
    names = {
        name
        for kind in model.agent_types
        for agent in model.agents_by_type[kind]
        for name, value in vars(agent).items()
        if isinstance(value, (bool, int, float)) and not name.startswith("_")
    }
    names |= {
        variable.name
        for place in (District, School)
        for variable in place.variables()
        if not variable.elsewhere
    }
    names |= {"operations_funding", "release_time"}
    return names - NOT_STATE


def evidence_rows() -> set[str]:
    return set(re.findall(r"^\| (\d+\.\d+) \|", text(ROOT / "docs" / "evidence.md"), re.MULTILINE))


def cited_rows(source: str) -> set[str]:
    """The rows of evidence that a source names, those within a range like 4.1-4.3 included."""
    cited = set(ROW.findall(source))
    for chapter, first, _, last in re.findall(r"(\d+)\.(\d+)[-–](\d+)\.(\d+)", source):
        cited |= {f"{chapter}.{number}" for number in range(int(first), int(last) + 1)}
    return cited


both_descriptions = pytest.mark.parametrize("page", [MODEL, ODD], ids=lambda page: page.name)


@both_descriptions
def test_every_mechanism_is_described_and_every_one_described_exists(page: Path) -> None:
    """Equations stand in bold code font, so that `reach` the word is no `reach` the function."""
    described = set(BOLD_CODE.findall(text(page)))
    assert sorted(MECHANISMS - described) == [], "equations that are missing"
    assert sorted(described - MECHANISMS) == [], "described, and not there"


@both_descriptions
def test_every_state_variable_is_named(page: Path) -> None:
    assert sorted(state_variables() - names_in_code(page)) == []


@both_descriptions
def test_every_recorded_outcome_is_named(page: Path) -> None:
    assert sorted(set(BY_DISTRICT) - names_in_code(page)) == []


def test_every_measure_of_a_run_is_named() -> None:
    assert sorted({one.name for one in MEASURES} - names_in_code(ODD)) == []


@both_descriptions
def test_every_parameter_is_named(page: Path) -> None:
    """Levers, conditions and coefficients; `network` is the one that is declared as a path."""
    assert sorted(({p.name for p in PARAMETERS} | {"network"}) - names_in_code(page)) == []


@both_descriptions
def test_every_stage_and_kind_of_tie_is_named(page: Path) -> None:
    assert sorted({*STAGES, *KINDS} - names_in_code(page)) == []


@both_descriptions
def test_stages_are_in_their_order(page: Path) -> None:
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", text(page), re.MULTILINE)
    assert rows == [(str(number), stage) for number, stage in enumerate(STAGES, start=1)]


def test_the_values_given_are_the_defaults() -> None:
    given = {
        name: float(value.replace(",", ""))
        for name, value in VALUE.findall(text(MODEL))
        if name in COEFFICIENTS
    }
    wrong = {
        name: (value, COEFFICIENTS[name].default)
        for name, value in given.items()
        if value != COEFFICIENTS[name].default
    }
    assert wrong == {}
    assert sorted(set(COEFFICIENTS) - set(given)) == [], "coefficients without their value"


def test_the_values_of_levers_are_the_defaults() -> None:
    """The table gives a name, or two with a comma, and as many values in the next column."""
    table = text(MODEL).partition("### 8.1 ")[2].partition("### 8.2 ")[0]
    given: dict[str, float] = {}
    for names, values in re.findall(
        r"^\| (`\w+`(?:, `\w+`)*) \| ([\d., ]+) \|", table, re.MULTILINE
    ):
        pairs = zip(re.findall(r"\w+", names), values.split(", "), strict=True)
        given |= {name: float(value) for name, value in pairs}
    assert given == {p.name: p.default for p in PARAMETERS if p.section == "levers"}


def test_rows_of_evidence_cited_by_coefficients_exist() -> None:
    missing = {
        name: sorted(cited_rows(parameter.source) - evidence_rows())
        for name, parameter in COEFFICIENTS.items()
    }
    assert {name: rows for name, rows in missing.items() if rows} == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_rows_of_evidence_cited_by_documents_exist(page: Path) -> None:
    cited = {
        row
        for listed in re.findall(r"[Ee]vidence (\d+\.\d+(?:(?:, | and |–|-)\d+\.\d+)*)", text(page))
        for row in cited_rows(listed)
    }
    assert sorted(cited - evidence_rows()) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(text(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = page.parent / path if path else page
        if not found.exists() or (anchor and anchor not in anchors(found)):
            broken.append(target)
    assert broken == []


@cache
def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as hosting sites make them."""
    if page.suffix != ".md":
        return set()
    prose = re.sub(r"```.*?```", "", text(page), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+?)\s*$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_tests_can_fail() -> None:
    """What the patterns above find, on text where it is known."""
    assert BOLD_CODE.findall("**`a_b`** `= c`, `reach`") == ["a_b"]
    assert VALUE.findall("`x_y` = 1,000 $, `z` = 0.5.") == [("x_y", "1,000"), ("z", "0.5")]
    assert cited_rows("4.1-4.3; fit 6, 5.12") == {"4.1", "4.2", "4.3", "5.12"}
    assert LINK.findall('[a](b.md#c) ![d](e.svg) <img alt="x" src="f.png">') == [
        "b.md#c",
        "e.svg",
        "f.png",
    ]


def test_the_page_of_parameters_is_the_one_the_program_writes() -> None:
    """`reformsim params --markdown > docs/parameters.md` brings it up to date."""
    shown = CliRunner().invoke(app, ["params", "--markdown"])
    assert shown.exit_code == 0
    assert text(ROOT / "docs" / "parameters.md") == shown.stdout


ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
BY_THEIR_FOLDER = ("commands", "coefficients", "rows", "external", "odd", "theory")
"""Folders of which the page names no file but says what is in them."""


def test_every_module_has_its_place_on_the_page_of_the_architecture() -> None:
    named = {Path(name).name for name in re.findall(r"`([\w/.]+\.py)\b", ARCHITECTURE)}
    modules = {
        path.name
        for path in (ROOT / "reformsim").rglob("*.py")
        if not path.name.startswith("__") and path.parent.name not in BY_THEIR_FOLDER
    }
    assert modules <= named, sorted(modules - named)


def test_every_file_named_on_the_page_of_the_architecture_exists() -> None:
    paths = re.findall(r"`([\w/.]+\.(?:py|toml|md|svg))\b", ARCHITECTURE)
    missing = [path for path in paths if not any(ROOT.rglob(f"reformsim/**/{path}"))]
    assert [path for path in missing if not (ROOT / path).exists()] == []
