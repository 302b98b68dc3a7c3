"""`reformsim compare`: paired runs, tables, figures and the report."""

from __future__ import annotations

import json
import platform

import pandas as pd
import pytest
from commands import SMALL

from reformsim.analysis import compare, measure_runs, run_measures
from reformsim.engines import simulate
from reformsim.experiments.drawing import with_values
from reformsim.experiments.uncertainty import ParameterUncertainty, find_uncertainty
from reformsim.results import provenance
from reformsim.results.checkout import checkout
from reformsim.scenario.loading import load

COMPARE = ("compare", "--district", "small-rural", *SMALL)
FEW = (*COMPARE, "--workers", "1")
PAIR = ("-s", "status_quo", "-s", "web_of_support", "-c", "stable", "-n", "2")
TWO = (*FEW, *PAIR)
YEAR = ["horizon.years=1", "horizon.warm_up_years=1"]
STRATEGY = 'kind = "strategy"\ntitle = "{title}"\n[levers]\npipeline = 0.5\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of one comparison, written once for all the tests that read it."""
    from reformsim.cli import main

    out = tmp_path_factory.mktemp("compare") / "out"
    assert main([*TWO, "--out", str(out)]) == 0
    return out


def test_the_table_names_strategies_and_conditions(invoke):
    ran = invoke(*FEW, "-n", "1")
    assert ran.code == 0
    for title in ("Status quo", "Heroic superintendent", "External coaching", "Web of support"):
        assert title in ran.out
    assert ran.out.index("Stable") < ran.out.index("Severe recession")
    assert "--out" in ran.out


@pytest.mark.parametrize("words", [("query", "SELECT 1"), ("experiment", "status")])
def test_its_folder_is_not_that_of_an_experiment(fails, folder, words):
    said = fails(*words, folder) if words[0] == "experiment" else fails(words[0], folder, words[1])
    assert "is the folder of 'reformsim compare', not of an experiment" in said
    assert "'reformsim experiment run' makes one" in said


def test_what_is_written(folder):
    names = {one.name for one in folder.iterdir()}
    tables = {"series.csv", "runs.csv", "comparison.csv", "costs.csv", "events.csv"}
    assert names == tables | {"manifest.json", "report.html", "figures"}
    figures = {one.name for one in (folder / "figures").iterdir()}
    assert {"leadership.png", "outcome.png", "support_graph.png"} <= figures


def test_the_numbers_are_those_of_the_library(folder):
    changes = ["horizon.years=1", "horizon.warm_up_years=1"]
    results = [
        simulate(load("small-rural", "stable", strategy, overrides=changes), 1, replicate)
        for strategy in ("status_quo", "web_of_support")
        for replicate in range(2)
    ]
    runs = measure_runs(results)
    pd.testing.assert_frame_equal(
        pd.read_csv(folder / "runs.csv", keep_default_na=True).drop(columns="disruption"),
        runs.drop(columns="disruption"),
        check_dtype=False,
    )
    texts = {"next_best": str}  # empty, as there is one strategy besides the baseline
    comparison = pd.read_csv(folder / "comparison.csv", dtype=texts).fillna({"next_best": ""})
    pd.testing.assert_frame_equal(comparison, compare(runs), check_dtype=False)


def test_the_manifest_is_a_recipe(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["arguments"]["strategy"] == ["status_quo", "web_of_support"]
    assert manifest["arguments"]["seed"] == 1
    assert len(manifest["scenarios"]) == 2
    assert manifest["runs"] == [{"seed": 1, "replicate": 0}, {"seed": 1, "replicate": 1}]
    for one in manifest["scenarios"]:
        levers = one["levers"]["span_of_control"]
        assert levers == load("small-rural", one["names"]["strategy"]).levers.span_of_control
    written = [one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()]
    assert manifest["files"] == sorted(written)


def test_the_manifest_says_what_it_was_made_with(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["source"] == provenance.source_hash()
    assert manifest["git"] == checkout()
    assert manifest["platform"]["system"] == platform.system()
    assert manifest["platform"]["machine"] == platform.machine()


def test_the_report_is_one_page(folder):
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "<html" in page
    assert "Web of support" in page


def test_json_is_one_document(invoke):
    ran = invoke(*TWO, "--json")
    found = json.loads(ran.out)
    assert {one["strategy"] for one in found["comparison"]} == {"status_quo", "web_of_support"}
    assert len(found["runs"]) == 4
    assert found["report"] is None


def test_replicates_are_paired(invoke):
    found = json.loads(invoke(*TWO, "--json", "--seed", "4").out)
    keys = {(one["strategy"], one["seed"], one["replicate"]) for one in found["runs"]}
    assert keys == {
        (strategy, 4, number) for strategy in ("status_quo", "web_of_support") for number in (0, 1)
    }


def test_the_baseline_joins_the_strategies(invoke):
    arguments = ("-s", "web_of_support", "-c", "stable", "-n", "1", "--json")
    found = json.loads(invoke(*FEW, *arguments, "--baseline", "principal_training").out)
    assert [one["names"]["strategy"] for one in found["scenarios"]] == [
        "principal_training",
        "web_of_support",
    ]


def test_own_files_are_named_by_their_stem(invoke, tmp_path):
    (tmp_path / "mine.toml").write_text(STRATEGY.format(title="My own"))
    ran = invoke(*FEW, "-s", "./mine.toml", "-c", "stable", "-n", "1")
    assert ran.code == 0, ran
    assert "My own" in ran.out


def test_the_title_of_a_strategy_is_not_given_to_a_condition_of_the_same_name(invoke, tmp_path):
    (tmp_path / "stable.toml").write_text(STRATEGY.format(title="More principals"))
    ran = invoke(*FEW, "-s", "./stable.toml", "-c", "stable", "-c", "severe-recession", "-n", "1")
    assert ran.code == 0, ran
    assert "More principals" not in ran.out
    assert "Severe recession" in ran.out


def test_all_wrong_names_at_once_and_each_once(fails):
    names = ("-s", "web_of_sport", "-s", "status_quo", "-c", "stabel", "-c", "severe-recession")
    error = fails(*FEW, *names, "--set", "levers.pipeline=7")
    assert "3 problems" in error
    assert "did you mean 'web_of_support'" in error
    assert "did you mean 'stable'" in error


def test_a_name_of_another_kind(fails):
    error = fails(*FEW, "-s", "stable", "-c", "status_quo")
    assert "--strategy: is not a strategy" in error
    assert "--condition: is not a condition" in error
    assert "--district: is not a district" in fails("compare", "--district", "stable")


def test_the_baseline_alone_is_nothing_to_compare(fails):
    error = fails(*FEW, "-s", "status_quo", "-s", "status_quo")
    assert 'the only strategy is the baseline; found "status_quo"' in error


def test_two_files_of_one_name(fails, tmp_path):
    for folder_name in ("a", "b"):
        (tmp_path / folder_name).mkdir()
        (tmp_path / folder_name / "mine.toml").write_text(STRATEGY.format(title=folder_name))
    error = fails(*FEW, "-s", "a/mine.toml", "-s", "b/mine.toml")
    assert "same name" in error


@pytest.mark.slow
def test_the_number_of_workers_changes_nothing(invoke, tmp_path):
    for workers in ("1", "2"):
        assert invoke(*COMPARE, *PAIR, "--workers", workers, "--out", workers).code == 0
    for one in (tmp_path / "1").rglob("*"):
        if one.is_file():
            other = tmp_path / "2" / one.relative_to(tmp_path / "1")
            assert one.read_bytes() == other.read_bytes(), one


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The folder of a comparison whose replicates draw their parameters."""
    from reformsim.cli import main

    out = tmp_path_factory.mktemp("drawn") / "out"
    words = [*TWO, "--parameter-uncertainty", "published-patterns", "--out", str(out)]
    assert main(words) == 0
    return out


class TestParameterUncertainty:
    """Each replicate draws its parameters from a posterior, the same for all strategies."""

    def test_every_replicate_has_its_particle_under_all_strategies(self, drawn):
        posterior = find_uncertainty("published-patterns")
        plain = [
            load("small-rural", "stable", strategy, overrides=YEAR)
            for strategy in ("status_quo", "web_of_support")
        ]
        runs = pd.read_csv(drawn / "runs.csv")
        for replicate in range(2):
            particle = posterior.particle(1, replicate)
            base, web = (simulate(with_values(one, particle), 1, replicate) for one in plain)
            gain = run_measures(web, base)["leadership_gain_end"]
            (row,) = runs[
                (runs["strategy"] == "web_of_support") & (runs["replicate"] == replicate)
            ]["leadership_gain_end"]
            assert row == gain

    def test_the_recipe_holds_the_particles_and_the_page_names_them(self, drawn):
        manifest = json.loads((drawn / "manifest.json").read_text())
        kept = ParameterUncertainty.model_validate(manifest["parameter_uncertainty"])
        assert kept == find_uncertainty("published-patterns")
        assert "--parameter-uncertainty published-patterns" in manifest["command"]
        page = (drawn / "report.html").read_text()
        assert f"published-patterns (sha256 <code>{kept.sha256}</code>)" in page
        assert "mean over parameter draws and chance" in page

    def test_what_it_takes_the_place_of_is_a_note(self, invoke, tmp_path):
        pd.DataFrame({"weight": [1.0], "conditions.superintendent_turnover": [1.5]}).to_parquet(
            tmp_path / "own.parquet"
        )
        words = (*FEW, *PAIR, "-c", "high-superintendent-churn")
        ran = invoke(*words, "--parameter-uncertainty", "own.parquet")
        assert ran.code == 0, ran
        assert "Note: own.parquet has no checksum" in ran.out
        assert "takes the place of conditions.superintendent_turnover of small-rural" in ran.out

    def test_a_posterior_that_is_not_there(self, fails):
        error = fails(*TWO, "--parameter-uncertainty", "publishd-patterns")
        assert "unknown posterior" in error
        assert "did you mean 'published-patterns'" in error
        assert "own.parquet: cannot be read" in fails(
            *TWO, "--parameter-uncertainty", "own.parquet"
        )

    def test_a_particle_that_does_not_fit_is_told_and_no_fault(self, fails, tmp_path):
        pd.DataFrame({"weight": [1.0], "district.schools": [140]}).to_parquet(
            tmp_path / "many.parquet"
        )
        wrong = fails(
            *TWO, "--set", "district.teachers=100", "--parameter-uncertainty", "many.parquet"
        )
        assert "many.parquet: the parameters of replicate 0 do not fit" in wrong
