"""Readers meet one vocabulary: the glossary's terms exist, are used, and former words are gone."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command

from reformsim.analysis.catalogue import MEASURES
from reformsim.cli.app import app
from reformsim.district.seats import Role
from reformsim.engines import ALIASES, ENGINES
from reformsim.figures.graph import LOOKS
from reformsim.scenario import parameters

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PROGRAM: Any = get_command(app)
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
HISTORY = {"model-history.md"}
"""Pages that record what was said and done at a time."""
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted((ROOT / "docs").glob("**/*.md")) if page.name not in HISTORY),
    *(ROOT / folder / "README.md" for folder in ("experiments", "calibrations")),
    ROOT / "CONTRIBUTING.md",
    ROOT / "Makefile",
]
TEMPLATES = sorted((ROOT / "reformsim" / "report").glob("**/*.j2"))
SCENARIOS = [
    *sorted((ROOT / "scenarios").glob("**/*.toml")),
    *sorted((ROOT / "experiments").glob("*.toml")),
    *sorted((ROOT / "calibrations").glob("*.toml")),
]
MODULES = [
    module
    for folder in (
        "analysis",
        "api",
        "calibration",
        "cli",
        "experiments",
        "figures",
        "report",
        "studies",
    )
    for module in sorted((ROOT / "reformsim" / folder).glob("**/*.py"))
]

BANNED = {
    r"\bluck\b": "common random numbers, or random draws",
    r"\b(re)?liv(e|es|ed|ing) through\b": "simulated",
    r"\bheld against\b|\bhold(s)? the model against\b": "compared with",
    r"\bmade[- ]up\b": "synthetic, or hypothetical",
    r"\banew\b(?! each month)": "again; regenerate, recompute",
    r"\bown mechanisms?\b": "custom mechanism",
    r"\bone's own\b": "your, or their",
    r"\bhang(s)? (most )?on\b": "depends on, is sensitive to",
    r"\bgone on with\b|\bgoes on\.": "continued, reused",
    r"\bcarr(y|ies|ied) out\b": "run, simulate",
    r"\bdiffer in nothing but chance\b": "stochastic replicates",
    r"\b(is|are) said at once\b": "reported together",
    r"\bMesa engine\b|--engine mesa\b(?!` is accepted)": "reference engine",
}


def wrong_words(text: str) -> list[str]:
    """Every banned word of a text, with what stands around it."""
    flat = re.sub(r"\s+", " ", text)
    return [
        f"…{flat[max(0, found.start() - 30) : found.end() + 30]}… (say: {instead})"
        for pattern, instead in BANNED.items()
        for found in re.finditer(pattern, flat, re.IGNORECASE)
    ]


@pytest.mark.parametrize("file", [*PAGES, *TEMPLATES], ids=lambda file: file.name)
def test_pages_use_the_words_of_the_field(file: Path) -> None:
    assert wrong_words(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.name)
def test_scenarios_use_the_words_of_the_field(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert wrong_words(text) == []
    tomllib.loads(text)


def help_texts(command: Any) -> Iterator[str]:
    """The help of a command, its options and its subcommands."""
    yield from filter(None, (command.help, command.epilog))
    for option in command.params:
        shown = (
            option.show_default if isinstance(getattr(option, "show_default", None), str) else ""
        )
        panel = getattr(option, "rich_help_panel", None)
        yield from filter(None, (getattr(option, "help", ""), shown, panel))
    for subcommand in getattr(command, "commands", {}).values():
        yield from help_texts(subcommand)


def test_help_uses_the_words_of_the_field() -> None:
    texts = list(help_texts(PROGRAM))
    assert len(texts) > 200
    assert [wrong for text in texts for wrong in wrong_words(text)] == []


def test_every_parameter_and_measure_uses_the_words_of_the_field() -> None:
    meanings = [parameter.meaning for parameter in parameters()]
    meanings += [text for measure in MEASURES for text in (measure.title, measure.meaning)]
    assert [wrong for text in meanings for wrong in wrong_words(text)] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_messages_use_the_words_of_the_field(module: Path) -> None:
    """Texts in code but for docstrings, which are not shown."""
    assert [wrong for text in shown_texts(module) for wrong in wrong_words(text)] == []


def shown_texts(module: Path) -> Iterator[str]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in silent
        ):
            yield node.value


@pytest.mark.parametrize(
    "text",
    [
        "the same luck",
        "districts are lived through",
        "what they are held\nagainst",
        "Own mechanisms",
        "written anew",
        "a made-up survey",
    ],
)
def test_a_banned_word_is_noticed(text: str) -> None:
    assert len(wrong_words(text)) == 1


def test_the_last_words_of_a_row_are_no_banned_ones() -> None:
    assert wrong_words("an unlucky alive person holds on; recomputed (*anew each month*)") == []


# The glossary.


def rows(heading: str = "") -> list[tuple[str, str, list[str]]]:
    """Term, meaning and names in the program of the glossary's rows, or of those of one table."""
    text = GLOSSARY.partition(f"| {heading} |")[2].partition("\n\n")[0] if heading else GLOSSARY
    found = re.findall(r"^\| \*\*(.+?)\*\* \| (.+?) \| ?(.*?) ?\|$", text, re.MULTILINE)
    return [(term, meaning, re.findall(r"`([^`]+)`", names)) for term, meaning, names in found]


@cache
def everything_shown() -> str:
    pages = [page for page in PAGES if page.name != "glossary.md"]
    texts = [file.read_text(encoding="utf-8") for file in [*pages, *TEMPLATES]]
    return re.sub(r"\s+", " ", "\n".join([*texts, *help_texts(PROGRAM)])).lower()


def test_the_glossary_has_a_term_once() -> None:
    terms = [term for term, _, _ in rows()]
    assert 30 <= len(terms) <= 50
    assert len(terms) == len(set(terms))


@pytest.mark.parametrize("term", [term for term, _, _ in rows()])
def test_every_term_of_the_glossary_is_used(term: str) -> None:
    assert re.search(rf"\b{re.escape(term)}s?\b", everything_shown())


def test_the_engines_are_those_of_the_glossary() -> None:
    engines = {term: names for term, _, names in rows("engine")}
    assert engines == {f"{name} engine": [name] for name in ENGINES}
    meanings = {term: meaning for term, meaning, _ in rows("engine")}
    for alias, engine in ALIASES.items():
        assert f"`--engine {alias}` is accepted" in meanings[f"{engine} engine"]


def test_the_roles_are_those_of_the_glossary() -> None:
    roles = {name: term for term, _, names in rows("role") for name in names}
    people = {role for role in Role if role not in {Role.SCHOOL, Role.DISTRICT}}
    assert roles == {role.name: LOOKS[role.label][0].lower() for role in people}


def test_measures_in_the_glossary_are_those_of_the_program() -> None:
    results = GLOSSARY.partition("## Results")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(\w+_\w+)`", results)) - {"MEASURES"}
    assert named
    assert named <= {measure.name for measure in MEASURES}
    titles = {measure.name: measure.title.lower() for measure in MEASURES}
    for term, _, names in rows():
        for name in set(names) & set(titles):
            assert titles[name].startswith(term)


@pytest.mark.parametrize("name", sorted({name for _, _, names in rows() for name in names}))
def test_names_in_the_glossary_exist(name: str) -> None:
    if name.startswith("reformsim."):
        assert resolved(name) is not None
    elif name.startswith("--"):
        assert name in {option for command in all_commands(PROGRAM) for option in options(command)}
    else:
        sources = "\n".join(
            file.read_text(encoding="utf-8") for file in (ROOT / "reformsim").glob("**/*.py")
        )
        assert all(re.search(rf"\b{re.escape(part)}\b", sources) for part in name.split("."))


def resolved(name: str) -> Any:
    """The object or module of a dotted name."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            found: Any = import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        for part in parts[count:]:
            found = getattr(found, part)
        return found
    return None


def all_commands(command: Any) -> Iterator[Any]:
    yield command
    for subcommand in getattr(command, "commands", {}).values():
        yield from all_commands(subcommand)


def options(command: Any) -> list[str]:
    return [option for parameter in command.params for option in parameter.opts]
