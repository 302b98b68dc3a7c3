"""What the tutorials show is executed, block by block, in an empty folder."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

TUTORIALS = Path(__file__).parents[1] / "docs" / "tutorials"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def executed(code: str, names: dict[str, Any]) -> Any:
    """Execute code as a notebook does, and return the value of its last line."""
    *lines, last = ast.parse(code).body
    exec(compile(ast.Module(lines, []), "tutorial", "exec"), names)  # noqa: S102
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), "tutorial", "eval"), names)
    return exec(compile(ast.Module([last], []), "tutorial", "exec"), names)  # noqa: S102


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)


def blocks(page: str) -> list[tuple[str, str]]:
    """The blocks of a page, each with its language."""
    return BLOCK.findall((TUTORIALS / page).read_text(encoding="utf-8"))


def test_the_three_tasks_of_the_first_screen_are_done() -> None:
    names: dict[str, Any] = {}
    figure, compared, swept = [executed(code, names) for _, code in blocks("first-study.md")[:3]]
    assert isinstance(figure, Figure)
    assert set(compared["strategy"]) == {"web_of_support"}
    assert compared[["difference", "low", "high"]].notna().any().all()
    assert list(swept["levers.pipeline"]) == [0, 0.5, 1]
    assert (swept["pairs"] == 10).all()


@pytest.mark.slow
def test_the_first_study_runs_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    shown = []
    said = []
    for language, code in blocks("first-study.md"):
        if language == "python":
            shown.append(executed(code, names))
            said.append(capsys.readouterr().out)
        else:
            assert said[-1] == code, "what it says that is printed"
    assert Path("mentors/report.html").is_file()
    assert Path("turnover/summary/summary.md").is_file()
    assert len(names["grid"].frame("runs")) == 3 * 2 * 4
    assert isinstance(shown[-1], pd.Series)


def test_its_first_screen_has_three_tasks_in_at_most_two_statements() -> None:
    text = (TUTORIALS / "first-study.md").read_text(encoding="utf-8")
    tasks = blocks("first-study.md")[:3]
    last = text.index(tasks[-1][1])
    assert text[:last].count("\n") < 30, "on the first screen"
    for _, code in tasks:
        statements = [line for line in ast.parse(code).body if not isinstance(line, ast.Import)]
        assert len(statements) <= 2


@pytest.mark.parametrize("page", sorted(TUTORIALS.iterdir()), ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.mark.slow
def test_every_cell_of_the_notebook_runs() -> None:
    notebook = json.loads((TUTORIALS / "sweep-and-mesa.ipynb").read_text(encoding="utf-8"))
    names: dict[str, Any] = {}
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for cell in cells:
        executed("".join(cell["source"]), names)
    assert len(cells) > 5
    assert names["grid"].table["levers.pipeline"].nunique() == 3
    assert {"RunId", "iteration", "leadership"} <= set(names["batch"].columns)


def test_the_notebook_is_stored_without_outputs() -> None:
    """Outputs would be stale one day, and hide what changed in a diff."""
    notebook = json.loads((TUTORIALS / "sweep-and-mesa.ipynb").read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)
