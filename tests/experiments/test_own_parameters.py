"""Parameters of own mechanisms as variables of a design, and custom state as series."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny import tables_of

from reformsim.cli import main
from reformsim.engines import simulate
from reformsim.errors import ScenarioError
from reformsim.experiments.loading import load_experiment
from reformsim.experiments.plan import Plan
from reformsim.mechanisms import load_mechanisms
from reformsim.results import manifest

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
OWN, FILE = EXAMPLES / "outreach.py", EXAMPLES / "outreach.toml"
NAME = "mechanism.outreach"


@pytest.fixture
def own():
    return load_mechanisms(OWN)


def plan_of(own, *changes, file=FILE):
    experiment = load_experiment(file, changes, own)
    return Plan(experiment, mechanisms=own)


def runs_of(plan):
    return [run for batch in plan.batches() for run in batch.runs]


def ids_of(plan):
    return {run.id for run in runs_of(plan)}


def written(tmp_path, old, new):
    path = tmp_path / "varied.toml"
    path.write_text(FILE.read_text().replace(old, new))
    return path


class TestThePlan:
    def test_each_point_has_its_own_value_and_its_own_reference(self, own):
        plan = plan_of(own)
        assert len(plan) == 12  # three values, two replicates, two strategies
        assert len(ids_of(plan)) == 12
        for batch in plan.batches():
            for run in batch.runs:
                assert run.mechanisms.values == {"outreach": run.varied[NAME]}
                assert batch.reference.mechanisms == run.mechanisms
                assert run.scenario.fingerprint in {
                    scenario.fingerprint for scenario in plan.scenarios.values()
                }

    def test_the_value_of_the_file_is_the_run_without_a_design(self, own, tmp_path):
        without = plan_of(own, file=written(tmp_path, f'"{NAME}" = [0.0, 0.02, 0.1]', ""))
        assert ids_of(without) < ids_of(plan_of(own))
        other = own.with_values(outreach=0.1)
        at_once = plan_of(other, file=tmp_path / "varied.toml")
        assert ids_of(at_once) < ids_of(plan_of(own))
        assert not ids_of(at_once) & ids_of(without)

    def test_as_a_lever_it_leaves_the_baseline_as_the_file_has_it(self, own, tmp_path):
        path = written(tmp_path, "[uncertainties]", "[levers]")
        plan = plan_of(own, file=path)
        assert len(plan) == 2 * (1 + 3)
        for batch in plan.batches():
            assert batch.reference.mechanisms.values == {"outreach": 0.02}
        web = [run for run in runs_of(plan) if run.scenario.names.strategy == "web_of_support"]
        assert {run.mechanisms.values["outreach"] for run in web} == {0.0, 0.02, 0.1}

    @pytest.mark.parametrize(
        ("design", "count"),
        [
            ('kind = "latin-hypercube"\npoints = 5', 5),
            ('kind = "sobol"\npoints = 4', 4),
            ('kind = "morris"\npoints = 3', 6),
            ('kind = "grid"\ncross = "latin-hypercube"\npoints = 5', 5),
        ],
    )
    def test_it_is_drawn_from_a_range(self, own, tmp_path, design, count):
        entry = f'"{NAME}" = {{low = 0.0, high = 0.2}}\n[design]\n{design}'
        plan = plan_of(own, file=written(tmp_path, f'"{NAME}" = [0.0, 0.02, 0.1]', entry))
        assert len(plan.points) == count
        assert plan.points[NAME].between(0.0, 0.2).all()

    def test_a_table_gives_it(self, own, tmp_path):
        (tmp_path / "points.csv").write_text(
            f"{NAME},levers.span_of_control\n0.05,5\n0.1,8\n", encoding="utf-8"
        )
        entry = '[design]\nkind = "table"\nfile = "points.csv"'
        path = written(tmp_path, f'[uncertainties]\n"{NAME}" = [0.0, 0.02, 0.1]', entry)
        assert plan_of(own, file=path).points[NAME].tolist() == [0.05, 0.1]

    def test_a_table_of_toml_says_the_same_as_a_dotted_name(self, own, tmp_path):
        entry = "[uncertainties.mechanism]\noutreach = [0.0, 0.02, 0.1]"
        path = written(tmp_path, f'[uncertainties]\n"{NAME}" = [0.0, 0.02, 0.1]', entry)
        assert ids_of(plan_of(own, file=path)) == ids_of(plan_of(own))


class TestWhatCannotBe:
    def wrong(self, tmp_path, own, old, new):
        with pytest.raises(ScenarioError) as caught:
            load_experiment(written(tmp_path, old, new), (), own)
        return [str(problem) for problem in caught.value.problems]

    def test_a_name_that_the_file_does_not_declare(self, tmp_path, own):
        (message,) = self.wrong(tmp_path, own, NAME, "mechanism.outrech")
        assert "varied.toml:11: mechanism.outrech: unknown parameter" in message
        assert f"did you mean '{NAME}'" in message

    def test_a_file_that_is_not_named(self, tmp_path):
        unknown, series = self.wrong(tmp_path, None, "title", "title")
        assert f"{NAME}: unknown parameter" in unknown
        assert "`mechanisms` FILE.py" in unknown
        assert "mechanism.goodwill" in series

    def test_values_out_of_bounds(self, tmp_path, own):
        (message,) = self.wrong(tmp_path, own, "0.02, 0.1]", "0.02, 0.3]")
        assert "out of bounds; found 0.3; allowed: a number from 0 to 0.2 (a month)" in message

    def test_in_both_tables(self, tmp_path, own):
        both = f'[levers]\n"{NAME}" = [0.0]\n[outcomes.series]'
        (message,) = self.wrong(tmp_path, own, "[outcomes.series]", both)
        assert f"{NAME}: is given twice" in message

    def test_a_series_that_is_none(self, tmp_path, own):
        (message,) = self.wrong(tmp_path, own, "mechanism.goodwill", "mechanism.godwill")
        assert "did you mean 'mechanism.goodwill'" in message


class TestTheCommandLine:
    def plan(self, capsys, *words):
        command = ["experiment", "plan", str(FILE), "--mechanisms", str(OWN), "--csv", *words]
        assert main(command) == 0
        return list(csv.DictReader(capsys.readouterr().out.splitlines()))

    def test_a_plan_shows_the_values(self, capsys):
        assert {row[NAME] for row in self.plan(capsys)} == {"0.0", "0.02", "0.1"}

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ("mechanism.outrech=0.1", "--set: mechanism.outrech: no such parameter"),
            ("mechanism.outreach=0.3", "out of bounds; found 0.3; allowed: 0 to 0.2"),
            ("mechanism.outreach=[0.1]", "must be a finite number; found a list"),
            ("mechanism.outreach=a", "not an override"),
            ("mechanism=5", "not an override"),
            ("mechanism.outreach=nan", "must be a finite number"),
        ],
    )
    @pytest.mark.parametrize("words", [("run", "small-rural"), ("experiment", "plan", str(FILE))])
    def test_what_cannot_be_set(self, capsys, words, change, said):
        command = [*words, "--mechanisms", str(OWN), "--set", change]
        assert main(command) == 2
        error = capsys.readouterr().err
        assert said in " ".join(error.split())
        assert "Traceback" not in error

    def test_a_value_needs_its_file(self, capsys):
        assert main(["run", "small-rural", "--set", "mechanism.outreach=0.1"]) == 2
        assert "name the file of mechanisms" in " ".join(capsys.readouterr().err.split())

    def test_a_run_has_it_and_its_manifest_says_so_and_it_is_reproduced(self, tmp_path, capsys):
        words = ["--set", "horizon.years=2", "--set", "mechanism.outreach=0.1"]
        words += ["--engine", "reference", "--mechanisms", str(OWN), "-q"]
        out = tmp_path / "out"
        assert main(["run", "small-rural", *words, "--out", str(out)]) == 0
        said = json.loads((out / "manifest.json").read_text())
        assert said["mechanisms"]["values"] == {"outreach": 0.1}
        assert "--set mechanism.outreach=0.1" in said["command"]
        capsys.readouterr()
        again = ["reproduce", str(out / "manifest.json"), "--out", str(tmp_path / "again"), "-q"]
        assert main([*again, "--mechanisms", str(OWN)]) == 0


def test_in_python_values_are_changes_or_of_the_mechanisms(own):
    import reformsim as rs

    some: Any = {"years": 1, "engine": "reference"}
    changed = rs.run("small-rural", set={NAME: 0.1}, mechanisms=OWN, **some)
    made = rs.run("small-rural", mechanisms=own.with_values(outreach=0.1), **some)
    as_it_is = rs.run("small-rural", mechanisms=OWN, **some)
    series = [runs.results[0].district["mechanism.goodwill"] for runs in (changed, made, as_it_is)]
    assert np.array_equal(series[0], series[1])
    assert not np.array_equal(series[0], series[2])


@pytest.mark.slow
@pytest.mark.xdist_group("custom mechanisms")
def test_an_experiment_from_beginning_to_end(tmp_path, own, capsys):
    out = tmp_path / "out"
    run = ["experiment", "run", str(FILE), "--mechanisms", str(OWN), "--out", str(out), "-q"]
    assert main([*run, "--set", "replicates=1"]) == 0
    tables = tables_of(out)
    runs, series = tables["runs"], tables["series"]
    assert set(runs["status"]) == {"done"}
    assert set(runs[NAME]) == {0.0, 0.02, 0.1}
    # Each row is what the engine gives with its value, and the series is the record's.
    for run in runs_of(plan_of(own, "replicates=1")):
        result = simulate(
            run.scenario,
            run.seed,
            run.replicate,
            mechanisms=own.with_values(outreach=run.varied[NAME]),
        )
        kept = series[series["run"] == run.id].sort_values("month")
        expected = result.district["mechanism.goodwill"][result.months % 12 == 0]
        assert kept["mechanism.goodwill"].tolist() == expected.tolist()
    ends = series[series["month"] == 24].groupby(series["run"].map(runs.set_index("run")[NAME]))[
        "mechanism.goodwill"
    ]
    assert ends.mean().is_monotonic_increasing

    with (out / "dictionary.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row["table"], row["column"]): row for row in csv.DictReader(file)}
    assert (
        rows["runs", NAME]["meaning"] == "Part of the goodwill still lacking that outreach brings"
    )
    assert rows["runs", NAME]["unit"] == "a month"
    assert rows["series", "mechanism.goodwill"]["meaning"].startswith("Goodwill of the community")

    # It is gone on with by the file alone, looked at without it, and one run is repeated.
    words = ["experiment", "extend", str(out), "-n", "2", "-q"]
    assert main([*words, "--mechanisms", str(OWN)]) == 0
    assert set(tables_of(out)["runs"]["run"]) == ids_of(plan_of(own))
    assert main(["experiment", "summary", str(out)]) == 0
    some_run = runs["run"].iloc[-1]
    again = ["experiment", "rerun", str(out), some_run, "--mechanisms", str(OWN)]
    capsys.readouterr()
    assert main(again) == 0
    assert "measures are exactly those stored" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.xdist_group("custom mechanisms")
def test_a_value_that_is_set_for_all_runs_is_kept_and_needs_not_be_said_again(tmp_path, own):
    out = tmp_path / "out"
    file = written(tmp_path, f'"{NAME}" = [0.0, 0.02, 0.1]', "")
    words = ["--mechanisms", str(OWN), "-q", "--set", "replicates=1", "--set", f"{NAME}=0.1"]
    assert main(["experiment", "run", str(file), "--out", str(out), *words]) == 0
    said = manifest.read_manifest(out)["experiment"]["mechanisms"]["parameters"]
    assert [entry["value"] for entry in said] == [0.1]
    words = ["experiment", "extend", str(out), "-n", "2", "--mechanisms", str(OWN), "-q"]
    assert main(words) == 0
    other = own.with_values(outreach=0.1)
    assert set(tables_of(out)["runs"]["run"]) == ids_of(plan_of(other, file=file))
