"""`import reformsim as rs`: ten names, quick to import, with results that show themselves."""

from __future__ import annotations

import ast
import copy
import gc
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import reformsim as rs
from reformsim.api.front import compare
from reformsim.cli import main

SMALL: dict[str, Any] = {"years": 2, "warm_up": 1, "replicates": 2, "workers": 1}
VARIED: dict[str, Any] = {"levers.pipeline": [0, 0.5]}
untyped: Any = rs  # as a caller without a type checker sees it
ARGUMENTS = ("--years", "2", "--warm-up", "1", "-n", "2", "--workers", "1", "--quiet")


class Odd:
    """Something that fails when it is asked what it is."""

    def __repr__(self) -> str:
        raise RuntimeError

    def __index__(self) -> int:
        raise RuntimeError


def problems(call: Any) -> list[str]:
    with pytest.raises(rs.ReformsimError) as raised:
        call()
    return [str(problem) for problem in raised.value.problems]


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
        assert len(files) > 4
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


class TestArguments:
    def test_every_problem_is_said_at_once_before_anything_runs(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("reformsim.running.jobs.run_many", lambda *_: pytest.fail("ran"))
        found = problems(
            lambda: untyped.run(
                "small-rurl",
                set={"levers.pipelin": 1},
                years=0,
                seed=-1,
                replicates=True,
                workers=0,
                engine="compild",
                mechanisms=3,
            )
        )
        for part in (
            "unknown name; found \"small-rurl\" (did you mean 'small-rural'?)",
            "`set`: levers.pipelin: unknown key (did you mean 'pipeline'?)",
            "`years`: horizon.years: out of bounds; found 0",
            "`seed`: out of bounds; found -1; allowed: a whole number from 0 to 4,294,967,295",
            "`replicates`: must be a whole number; found true",
            "`workers`: out of bounds; found 0",
            'unknown engine; found "compild"; allowed: compiled',
            "`mechanisms`: must name a file; found 3",
        ):
            assert any(problem.startswith(part) for problem in found), (part, found)
        assert len(found) == 8

    @pytest.mark.parametrize(
        ("call", "parts"),
        [
            (lambda: untyped.load(3), ["is no part of a scenario; found 3"]),
            (lambda: untyped.load(None), ["is no part of a scenario; found nothing"]),
            (
                lambda: untyped.run(untyped.load("small-rural"), "web_of_support"),
                ["a Scenario is complete, and stands alone"],
            ),
            (
                lambda: untyped.run(
                    untyped.load("small-rural"), set={"district.schools": -9, "x.y": 1}
                ),
                ["`set`: district.schools: out of bounds; found -9", "`set`: x: unknown section"],
            ),
            (
                lambda: untyped.run("small-rural", years="ten"),
                ["`years`: horizon.years: must be a whole"],
            ),
            (
                lambda: untyped.run("small-rural", years=2.5),
                ["`years`: horizon.years: must be a whole"],
            ),
            (
                lambda: untyped.run("small-rural", seed=1.5),
                ["`seed`: must be a whole number; found 1.5"],
            ),
            (lambda: untyped.run("small-rural", set=3), ["`set`: must be a list of text; found 3"]),
            (lambda: untyped.run("small-rural", set="levers"), ["`set`: not an override"]),
            (
                lambda: untyped.run("small-rural", set={"levers.pipeline": float("nan")}),
                ["`set`: levers.pipeline: must be a finite number"],
            ),
            (
                lambda: untyped.run("small-rural", set={"levers.pipeline": None}),
                ["`set`: levers.pipeline: must be a number"],
            ),
            (lambda: untyped.compare(3), ["`district`: must be text; found 3"]),
            (
                lambda: untyped.compare(
                    "small-rural", ["web_of_suport", "stable"], conditions="status_quo"
                ),
                [
                    'unknown name; found "web_of_suport"',
                    '`conditions`: is not a condition; found "status_quo"',
                    '`strategies`: is not a strategy; found "stable"',
                ],
            ),
            (
                lambda: untyped.compare("small-rural", {"mine": {"mentor_shar": 2}, "b": 3}),
                ["`strategies`: is no strategy; found 3", "levers.mentor_shar: unknown key"],
            ),
            (
                lambda: untyped.compare("small-rural", "status_quo"),
                ["there is nothing to compare: the only strategy is the baseline"],
            ),
            (
                lambda: untyped.compare(untyped.load("small-rural"), conditions="stable"),
                ["`conditions`: go with the name of a district"],
            ),
            (
                lambda: untyped.what_if("small-rural"),
                ["nothing is changed: give `added` or `removed`"],
            ),
            (
                lambda: untyped.what_if("small-rural", added="crisi@3", removed=3),
                ["`added` crisi@3: unknown type of event", "`removed`: must be a list of text"],
            ),
            (
                lambda: untyped.what_if(
                    untyped.load("small-rural"), strategies="web_of_support", added="crisis@3:1"
                ),
                ["`strategies`: the scenario has a strategy already"],
            ),
            (
                lambda: untyped.sweep(
                    "small-rurl", {"pipeline": [0], "levers.x": 1}, replicates=0, seed="a"
                ),
                [
                    "districts: unknown name",
                    "pipeline: unknown parameter (did you mean 'levers.pipeline'?)",
                    "levers.x: unknown parameter",
                    "replicates: out of bounds; found 0",
                    "seed: must be a whole number",
                ],
            ),
            (lambda: untyped.sweep("small-rural", []), ["`varied`: must be a dict"]),
            (lambda: untyped.sweep("small-rural", {3: [1]}), ["`varied`: must be a dict"]),
            (
                lambda: untyped.sweep("small-rural", {"levers": {"pipelin": [0, 1]}}),
                ["levers.pipelin: unknown parameter (did you mean 'levers.pipeline'?)"],
            ),
            (lambda: untyped.sweep("small-rural", {}), ["`varied`: names nothing to vary"]),
            (
                lambda: untyped.sweep(
                    "small-rural", {"levers.pipeline": [0, 1]}, strategies="status_quo"
                ),
                ["`strategies`: nothing would differ: the baseline keeps its levers"],
            ),
            (
                lambda: untyped.sweep(
                    "small-rural", {"levers.pipeline": [0, 1]}, workers=0, points=3
                ),
                [
                    "`workers`: out of bounds",
                    "design.points: a grid design has no number of points",
                ],
            ),
            (
                lambda: untyped.compare("small-rurl", baseline=3, strategies=4, replicates=0),
                [
                    "`baseline`: must be text; found 3",
                    "`strategies`: must be a list of text; found 4",
                    "`replicates`: out of bounds; found 0",
                ],
            ),
            (
                lambda: untyped.sweep("small-rural", VARIED, baseline=3, design=4, progress=5),
                ["baseline: must be", "design.kind: unknown kind", "`progress`: cannot be called"],
            ),
            (lambda: untyped.sweep("small-rural", VARIED, folder=3), ["`folder`: must be a path"]),
            (
                lambda: untyped.run("small-rural", progress=3),
                ["`progress`: cannot be called; found 3"],
            ),
            (lambda: untyped.Experiment("x").run(3), ["`experiment`: must be text; found 3"]),
            (
                lambda: untyped.Experiment("x").run("nope", precision=3),
                ["`precision`: must be text"],
            ),
            (lambda: untyped.Experiment("x").report(3), ["x: is not the folder of an experiment"]),
            (lambda: untyped.Experiment(3), ["`folder`: must be a path"]),
            (
                lambda: untyped.Experiment("nowhere").table,
                ["nowhere: is not the folder of an experiment"],
            ),
            (
                lambda: untyped.Experiment("nowhere").run("leverag", precision="x", workers="a"),
                ["`workers`: must be a whole number", "precision"],
            ),
            (lambda: untyped.parameters("pipelin", kind="levr"), ["`kind`: unknown name"]),
            (lambda: untyped.parameters("qqq"), ["no parameter holds the text"]),
            (lambda: untyped.parameters(3), ["`pattern`: must be text; found 3"]),
            (
                lambda: untyped.run("small-rural", years=np.arange(2), seed=Odd(), workers=Odd()),
                ["`years`", "`seed`: must be a whole number", "`workers`: must be a whole number"],
            ),
            (lambda: untyped.run("small-rural", set=range(10**12)), ["`set`: is too long"]),
            (lambda: untyped.run(Odd()), ["is no part of a scenario; found <Odd>"]),
            (
                lambda: untyped.run("small-rural", engine="x" * 100_000),
                [f'unknown engine; found "{"x" * 75} …; allowed: compiled, reference'],
            ),
            (
                lambda: untyped.compare("small-rural", with_and_without=np.arange(2), seed=-1),
                ["`with_and_without`: must be yes or no", "`seed`: out of bounds"],
            ),
            (
                lambda: untyped.sweep("small-rural", VARIED, baseline=np.arange(2), seed="x"),
                ["baseline", "seed"],
            ),
            (lambda: untyped.sweep("small-rural", VARIED, design=np.arange(2)), ["design.kind"]),
            (lambda: untyped.sweep("small-rural", VARIED, folder="\0"), ["cannot be written"]),
            (lambda: untyped.Experiment("x" * 5000), ["cannot be written: "]),
        ],
    )
    def test_what_is_wrong_is_said(self, call: Any, parts: list[str]) -> None:
        found = problems(call)
        for part in parts:
            assert any(part in problem for problem in found), (part, found)

    def test_numbers_of_numpy_are_numbers(self) -> None:
        runs = untyped.run(
            "small-rural",
            years=np.int64(1),
            warm_up=1,
            replicates=np.int64(2),
            workers=np.int64(1),
            set={"levers.pipeline": np.float64(0.5)},
        )
        assert runs.scenario.levers.pipeline == 0.5
        assert len(runs.results) == 2

    def test_values_may_be_given_section_by_section(self) -> None:
        one, other = (
            rs.load("small-rural", set=changes)
            for changes in ({"levers": {"pipeline": 0.5}}, {"levers.pipeline": 0.5})
        )
        assert one == other

    def test_progress_is_told(self) -> None:
        told: list[tuple[int, int]] = []
        untyped.run("small-rural", **SMALL, progress=lambda *months: told.append(months))
        assert told[-1] == (72, 72)


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


class TestSweeps:
    def test_the_same_call_goes_on_and_more_replicates_are_added(self, tmp_path: Path) -> None:
        done: list[tuple[int, int]] = []

        def sweep(replicates: int, varied: Any = None) -> Any:
            done.clear()
            return rs.sweep(
                "small-rural",
                varied or VARIED,
                years=1,
                warm_up=1,
                replicates=replicates,
                folder=tmp_path / "kept",
                progress=lambda *runs: done.append(runs),
            )

        first = sweep(2).frame("runs")
        again = sweep(2)
        assert done[0] == (4, 4), "nothing is run again"
        pd.testing.assert_frame_equal(again.frame("runs"), first)
        assert len(sweep(3).frame("runs")) == 6
        assert done[0] == (4, 6)
        (problem,) = problems(lambda: sweep(3, {"levers.pipeline": [0, 1]}))
        assert "holds another experiment" in problem
        assert len(rs.Experiment(tmp_path / "kept").frame("runs")) == 6

    def test_without_a_folder_nothing_is_left(self) -> None:
        swept = rs.sweep("small-rural", VARIED, **SMALL)
        folder = swept.folder
        assert folder.is_dir()
        del swept
        gc.collect()
        assert not folder.exists()

    def test_a_report_elsewhere_is_the_whole_experiment(self, tmp_path: Path) -> None:
        swept = rs.sweep("small-rural", VARIED, **SMALL)
        summary = swept.report(tmp_path / "copy")
        assert summary == tmp_path / "copy" / "summary"
        assert (summary / "summary.md").is_file()
        copied = rs.Experiment(tmp_path / "copy")
        pd.testing.assert_frame_equal(copied.frame("runs"), swept.frame("runs"))
        assert copied.status().complete

    def test_an_experiment_is_run_extended_and_repeated(self, tmp_path: Path) -> None:
        experiment = rs.Experiment(tmp_path / "exit")
        assert repr(experiment) == f"<Experiment: nothing yet in {tmp_path / 'exit'}>"
        changes = {
            "districts": ["small-rural"],
            "replicates": 1,
            "horizon.years": 1,
            "horizon.warm_up_years": 1,
        }
        assert experiment.run("external-coaching-exit", set=changes) is experiment
        runs = experiment.frame("runs")
        assert len(experiment.extend(2).frame("runs")) == 2 * len(runs)
        assert experiment.resume().status().complete
        assert not experiment.rerun(runs["run"][0]).different
        done = 2 * len(runs)
        assert f"; {done} of {done} runs in " in repr(experiment)


def test_parameters_are_found_and_show_themselves() -> None:
    every = rs.parameters()
    levers = rs.parameters(kind="lever")
    assert len(every) > len(levers) > 5
    assert {each.kind.value for each in levers} == {"lever"}
    assert len(every[:3]) == 3
    assert every[0].key == every.table["key"][0]
    assert "levers.pipeline" in repr(rs.parameters("pipeline"))
    assert "<table" in levers._repr_html_()
