"""`import reformsim as rs`: a few names, quick to import, with results that show themselves."""

from __future__ import annotations

import ast
import copy
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from asking import SMALL, problems
from matplotlib.figure import Figure

import reformsim as rs
from reformsim.api.front import compare
from reformsim.cli import main

ARGUMENTS = ("--years", "2", "--warm-up", "1", "-n", "2", "--workers", "1", "--quiet")


class TestImport:
    def test_it_imports_nothing_heavy(self) -> None:
        code = (
            "import sys, reformsim; heavy = {'numpy', 'pandas', 'mesa', 'numba', 'pydantic', 'typer'};"
            " print(sorted(heavy & set(sys.modules)), sorted(reformsim.__all__))"
        )
        ran = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert ran.stdout.startswith("[] ")

    def test_every_name_is_there_and_listed(self) -> None:
        assert set(rs.__all__) <= set(dir(rs))
        assert all(getattr(rs, name) is not None for name in rs.__all__)
        assert rs.compare is compare
        assert rs.__version__.count(".") == 2

    def test_another_name_is_an_attribute_error(self) -> None:
        with pytest.raises(AttributeError, match="no attribute 'simulate'"):
            rs.simulate  # noqa: B018

    def test_a_type_checker_sees_what_is_imported_later(self) -> None:
        tree = ast.parse(Path(str(rs.__file__)).read_text(encoding="utf-8"))
        (block,) = [node for node in tree.body if isinstance(node, ast.If)]
        seen = {
            alias.name
            for node in block.body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        seen |= {
            node.target.id
            for node in block.body
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        }
        assert seen - {"Any"} == set(rs.__all__)


@pytest.fixture(scope="module")
def runs() -> Any:
    return rs.run("small-rural", "web_of_support", **SMALL)


@pytest.fixture(scope="module")
def comparison() -> Any:
    return rs.compare("small-rural", ["web_of_support"], conditions="stable", **SMALL)


@pytest.fixture(scope="module")
def answer() -> Any:
    return rs.what_if("small-rural", "web_of_support", removed="pipeline", **SMALL)


@pytest.fixture(scope="module")
def contrasted() -> Any:
    return rs.contrast("small-rural", "web_of_support", month=3, **SMALL)


@pytest.fixture(scope="module")
def swept() -> Any:
    return rs.sweep("small-rural", {"levers.pipeline": np.array([0, 1])}, **SMALL)


class TestResults:
    @pytest.mark.parametrize("name", ["runs", "comparison", "answer", "swept"])
    def test_each_shows_itself(self, name: str, request: pytest.FixtureRequest) -> None:
        result = request.getfixturevalue(name)
        assert len(repr(result)) < 200
        assert repr(result).startswith(f"<{type(result).__name__}: ")
        assert isinstance(result.table, pd.DataFrame)
        assert len(result.table)
        assert "<table" in result._repr_html_()
        assert isinstance(result.plot(), Figure)
        for frame in result.frames:
            assert isinstance(result.frame(frame), pd.DataFrame), frame
        pd.testing.assert_frame_equal(result.frame(), result.frame(result.frames[0]))

    @pytest.mark.parametrize("name", ["runs", "comparison", "answer", "swept"])
    def test_a_frame_that_is_not_there_has_a_near_one(
        self, name: str, request: pytest.FixtureRequest
    ) -> None:
        (problem,) = problems(lambda: request.getfixturevalue(name).frame("serie"))
        assert problem == "`name`: unknown name; found \"serie\" (did you mean 'series'?)"

    def test_a_series_that_is_not_there_has_a_near_one(
        self, runs: Any, comparison: Any, answer: Any, swept: Any
    ) -> None:
        for call in (
            lambda: runs.plot("leadrship"),
            lambda: comparison.plot("leadrship"),
            lambda: answer.plot("leadrship"),
        ):
            assert problems(call)[0].endswith("(did you mean 'leadership'?)")
        assert problems(lambda: swept.plot("levers.pipelin"))[0].endswith(
            "(did you mean 'levers.pipeline'?)"
        )

    @pytest.mark.parametrize("name", ["runs", "comparison", "answer"])
    def test_each_can_be_copied_and_sent_to_another_process(
        self, name: str, request: pytest.FixtureRequest
    ) -> None:
        result = request.getfixturevalue(name)
        for copied in (copy.deepcopy(result), pickle.loads(pickle.dumps(result))):
            assert copied.table.equals(result.table)
            assert repr(copied) == repr(result)

    @pytest.mark.parametrize("formats", [5, None, b"png"])
    def test_what_names_no_format_is_refused(self, runs: Any, tmp_path: Path, formats: Any) -> None:
        (problem,) = problems(lambda: runs.report(tmp_path / "new", formats=formats))
        assert problem.startswith("`formats`: must name formats; found")
        assert not (tmp_path / "new").exists()

    def test_each_draws_its_plan(self, runs: Any, comparison: Any) -> None:
        assert len(runs.plot_plan().axes) == len(comparison.plot_plan().axes) == 7
        asked = comparison.plot_plan("status_quo", "stable")
        assert asked.get_suptitle() == "Status quo · Stable"
        assert comparison.plot_plan().get_suptitle() == "Web of support · Stable"
        assert problems(lambda: comparison.plot_plan("web_of_suport"))[0].endswith(
            "(did you mean 'web_of_support'?)"
        )
        (problem,) = problems(lambda: comparison.plot_plan(condition="x"))
        assert problem == '`condition`: unknown name; found "x"; allowed: stable'

    def test_a_strategy_that_changes_with_time_is_drawn_first(self) -> None:
        strategies: Any = {
            "web_of_support": None,
            "mine": {"phases": [{"year": 2, "pipeline": 0.5}]},
        }
        compared = rs.compare("small-rural", strategies, conditions="stable", **SMALL)
        assert compared.plot_plan().get_suptitle() == "Mine · Stable"

    def test_an_array_is_no_name(self, runs: Any) -> None:
        (problem,) = problems(lambda: runs.plot(np.arange(2)))
        assert problem.startswith("`outcome`: unknown name; found array([0, 1])")

    def test_titles_are_not_taken_for_markup(self) -> None:
        runs = rs.run(rs.load("small-rural").replace(names={"district": "<b>&"}), **SMALL)
        assert "&lt;b&gt;&amp;" in runs._repr_html_()

    @pytest.mark.parametrize(
        ("name", "command"),
        [
            ("runs", ("run", "small-rural", "web_of_support", *ARGUMENTS)),
            (
                "comparison",
                (
                    "compare",
                    "--district",
                    "small-rural",
                    "-s",
                    "web_of_support",
                    "-c",
                    "stable",
                    *ARGUMENTS,
                ),
            ),
            (
                "answer",
                ("whatif", "small-rural", "web_of_support", "--without", "pipeline", *ARGUMENTS),
            ),
            (
                "contrasted",
                (
                    "contrast",
                    *("--district", "small-rural", "-s", "web_of_support", "--month", "3"),
                    *ARGUMENTS,
                ),
            ),
        ],
    )
    def test_a_report_is_what_the_command_writes(
        self, name: str, command: tuple[str, ...], request: pytest.FixtureRequest, tmp_path: Path
    ) -> None:
        assert main([*command, "--out", str(tmp_path / "command")]) == 0
        folder = request.getfixturevalue(name).report(tmp_path / "python")
        files = {
            path.relative_to(tmp_path / "command") for path in (tmp_path / "command").rglob("*.*")
        }
        assert {path.relative_to(folder) for path in folder.rglob("*.*")} == files
        assert len(files) > 3
        for file in files:
            if file.suffix in (".csv", ".png"):
                assert (folder / file).read_bytes() == (tmp_path / "command" / file).read_bytes()
        manifests = [
            json.loads((tmp_path / side / "manifest.json").read_text())
            for side in ("command", "python")
        ]
        assert manifests[0]["scenarios"] == manifests[1]["scenarios"]
        assert manifests[0]["runs"] == manifests[1]["runs"]
        assert manifests[0]["arguments"] == manifests[1]["arguments"]

    def test_a_report_overwrites_nothing(self, runs: Any, tmp_path: Path) -> None:
        (tmp_path / "mine.txt").write_text("mine")
        (problem,) = problems(lambda: runs.report(tmp_path))
        assert "the folder is not empty" in problem
        assert "`force`" in problem
        assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]

    def test_the_same_numbers_as_the_command_prints(
        self, comparison: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        arguments = ("--district", "small-rural", "-s", "web_of_support", "-c", "stable")
        assert main(["compare", *arguments, *ARGUMENTS, "--json"]) == 0
        printed = pd.DataFrame(json.loads(capsys.readouterr().out)["comparison"])
        columns = ["strategy", "measure", "difference", "low", "high"]
        pd.testing.assert_frame_equal(
            printed[columns], comparison.frame("comparison")[columns], check_dtype=False
        )

    def test_a_file_that_is_written_from_memory_names_no_command(self, tmp_path: Path) -> None:
        made = rs.load("small-rural").replace(district={"schools": 3})
        folder = rs.run(made, years=1, warm_up=1).report(tmp_path / "out")
        manifest = json.loads((folder / "manifest.json").read_text())
        assert manifest["command"] == ""
        assert manifest["scenarios"][0]["district"]["schools"] == 3


class TestInMemory:
    def test_a_scenario_from_scratch_is_told_apart_in_tables(self) -> None:
        from reformsim.scenario import District, Scenario

        made = Scenario(district=District(schools=2, teachers=20, enrolment=300))
        comparison = rs.compare(made, ["web_of_support"], **SMALL)
        assert set(comparison.frame("runs")["strategy"]) == {"status_quo", "web_of_support"}
        assert (comparison.frame("runs")["district"] == "district").all()
        assert len(rs.run(made, **SMALL).table)
        assert len(rs.what_if(made, added="crisis@3:0.4", **SMALL).table)

    def test_a_strategy_by_name_is_the_same_over_a_scenario_and_over_a_district(self) -> None:
        arguments: dict[str, Any] = {"strategies": ["web_of_support"], **SMALL}
        named = rs.compare("small-rural", conditions="stable", **arguments)
        made = rs.compare(rs.load("small-rural"), **arguments)
        assert [each.fingerprint for each in named.scenarios] == [
            each.fingerprint for each in made.scenarios
        ]

    def test_a_strategy_made_in_memory_is_its_levers_over_the_baseline(self) -> None:
        comparison = rs.compare(
            "small-rural", {"mine": {"mentor_share": 0.6}}, conditions="stable", **SMALL
        )
        mine = comparison.scenarios[1]
        assert mine.names.strategy == "mine"
        assert mine.levers.model_dump() == {**mine.baseline.model_dump(), "mentor_share": 0.6}


def test_parameters_are_found_and_show_themselves() -> None:
    every = rs.parameters()
    levers = rs.parameters(kind="lever")
    assert len(every) > len(levers) > 5
    assert {each.kind.value for each in levers} == {"lever"}
    assert len(every[:3]) == 3
    assert every[0].key == every.table["key"][0]
    assert "levers.pipeline" in repr(rs.parameters("pipeline"))
    assert "<table" in levers._repr_html_()
