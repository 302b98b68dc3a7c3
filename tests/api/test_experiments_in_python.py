"""Sweeps and experiments in folders, from Python."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from asking import SMALL, VARIED, problems, untyped

import reformsim as rs
from reformsim.mechanisms import load_mechanisms

OUTREACH = Path(__file__).parents[2] / "docs" / "examples" / "outreach.py"


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


class TestWhatRunsAreMadeWith:
    """Custom mechanisms and a posterior, as the command line takes them."""

    def test_parameters_of_mechanisms_are_swept(self, tmp_path: Path) -> None:
        def sweep(replicates: int) -> Any:
            return rs.sweep(
                "small-rural",
                {"mechanism.outreach": [0, 0.1]},
                mechanisms=OUTREACH,
                folder=tmp_path / "swept",
                **SMALL | {"replicates": replicates},
            )

        runs = sweep(1).frame("runs")
        assert sorted(runs["mechanism.outreach"].unique()) == [0.0, 0.1]
        assert len(sweep(2).frame("runs")) == 2 * len(runs)

    def test_an_experiment_needs_its_mechanisms_again(self, tmp_path: Path) -> None:
        file = OUTREACH.with_suffix(".toml")
        experiment = rs.Experiment(tmp_path / "outreach")
        changes = {"mechanism.outreach": 0.1, "replicates": 1}
        done = experiment.run(file, set=changes, mechanisms=OUTREACH).status().done
        for call in (experiment.resume, lambda: experiment.extend(2)):
            (problem,) = problems(call)
            assert "its runs use custom mechanisms" in problem
        assert experiment.extend(2, mechanisms=OUTREACH).status().done == 2 * done
        assert experiment.resume(mechanisms=load_mechanisms(OUTREACH)).status().complete
        run = experiment.frame("runs")["run"][0]
        assert not experiment.rerun(run, mechanisms=OUTREACH).different

    def test_a_value_that_would_not_count_is_refused(self, tmp_path: Path) -> None:
        outreach = load_mechanisms(OUTREACH)
        experiment = rs.Experiment(tmp_path / "outreach")
        file, changes = OUTREACH.with_suffix(".toml"), {"replicates": 1}
        experiment.run(file, set=changes, mechanisms=outreach.with_values(outreach=0.05))
        other = outreach.with_values(outreach=0.07)
        for call in (
            experiment.resume,
            lambda mechanisms: experiment.extend(2, mechanisms=mechanisms),
        ):
            (problem,) = problems(lambda call=call: call(mechanisms=other))
            assert "mechanism.outreach: is set to another value" in problem
            assert "found 0.07; allowed: 0.05" in problem
        assert experiment.resume(mechanisms=outreach).status().complete
        again = rs.Experiment(tmp_path / "again")
        set_beside = {"mechanism.outreach": 0.2}
        said = problems(
            lambda: again.run(experiment.definition, set=set_beside, mechanisms=OUTREACH)
        )
        assert "`set`: goes with the name of an experiment" in said

    def test_mechanisms_that_cannot_be_read_are_the_only_problem(self, tmp_path: Path) -> None:
        varied = {"mechanism.outreach": [0, 0.1]}
        for given in ("nowhere.py", tmp_path):
            (problem,) = problems(
                lambda given=given: rs.sweep("small-rural", varied, mechanisms=given)
            )
            assert "outreach" not in problem

    def test_a_report_inside_the_experiment_is_refused(self) -> None:
        swept = rs.sweep("small-rural", VARIED, **SMALL)
        (problem,) = problems(lambda: swept.report(swept.folder / "inside"))
        assert "inside the folder of the experiment" in problem

    @pytest.mark.parametrize("by", ["name", "file"])
    def test_replicates_draw_from_a_posterior(self, tmp_path: Path, by: str) -> None:
        posterior: Any = "published-patterns"
        if by == "file":
            posterior = Path("calibrations") / "published-patterns.parquet"
        swept = rs.sweep("small-rural", VARIED, parameter_uncertainty=posterior, **SMALL)
        assert swept.definition.parameter_uncertainty is not None
        experiment = rs.Experiment(tmp_path / "exit").run(
            "external-coaching-exit",
            set={"districts": ["small-rural"], "replicates": 1, "horizon.years": 1},
            parameter_uncertainty=posterior,
        )
        drawn = experiment.definition.parameter_uncertainty
        assert drawn is not None
        assert drawn.sha256 == swept.definition.parameter_uncertainty.sha256

    def test_every_problem_of_both_is_said(self, tmp_path: Path) -> None:
        said = problems(
            lambda: untyped.sweep(
                "small-rural", {"levers.pipelin": [0]}, mechanisms=3, parameter_uncertainty="x.txt"
            )
        )
        assert len(said) == 3
        said = problems(
            lambda: untyped.Experiment(tmp_path).run(
                "nonsense", mechanisms="none.py", parameter_uncertainty=3, workers=0
            )
        )
        assert len(said) == 4
