"""Arguments of the public functions: every problem at once, before anything runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from asking import SMALL, VARIED, problems, untyped

import reformsim as rs


class Odd:
    """Something that fails when it is asked what it is."""

    def __repr__(self) -> str:
        raise RuntimeError

    def __index__(self) -> int:
        raise RuntimeError


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
