"""Folders of another version: what can be read is read, what cannot is named, and nothing breaks."""

from __future__ import annotations

import json
import os
import random
import shutil

import pytest
from mutating import mutated
from tiny import tables_of

from reformsim.cli import main
from reformsim.errors import ReformsimError
from reformsim.experiments.experiment import Options, StoredExperiment
from reformsim.experiments.loading import load_experiment
from reformsim.experiments.summary import summarise
from reformsim.results import manifest

SMALL = """
title = "Small"
districts = ["small-rural"]
strategies = ["status_quo", "web_of_support"]
replicates = 2
[horizon]
years = 1
warm_up_years = 1
[uncertainties]
"conditions.superintendent_turnover" = [0.1, 0.4]
[levers]
"levers.span_of_control" = [3, 6]
[outcomes.series]
every = 6
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    home = tmp_path_factory.mktemp("made")
    (home / "small.toml").write_text(SMALL)
    StoredExperiment(home / "out").run(load_experiment(home / "small.toml"), Options(workers=1))
    return home / "out"


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made, tmp_path / "out")


def changed(folder, change):
    """Change the recipe and give it the right checksum."""
    recipe = manifest.read_manifest(folder)
    change(recipe)
    manifest.write_manifest(folder, recipe)
    return folder


def commands(folder, run):
    where = str(folder)
    return {
        "status": ["experiment", "status", where],
        "summary": ["experiment", "summary", where],
        "query": ["query", where, "SELECT count(*) FROM runs"],
        "rerun": ["experiment", "rerun", where, run],
        "resume": ["experiment", "resume", where, "--quiet", "--no-summary"],
        "extend": ["experiment", "extend", where, "-n", "2", "--quiet", "--no-summary"],
    }


def codes(folder, made, capsys):
    """Return what each command ends with, and all that they said."""
    run = tables_of(made)["runs"]["run"][0]
    found = {name: main(arguments) for name, arguments in commands(folder, run).items()}
    printed = capsys.readouterr()
    assert "This is a bug" not in printed.err
    assert "Traceback" not in printed.err
    return found, printed


def test_measures_series_and_keys_that_are_no_more_are_left_out_and_named(folder, made, capsys):
    def change(recipe):
        outcomes = recipe["experiment"]["outcomes"]
        outcomes["measures"].append("morale_end")
        outcomes["headline"] = "morale_end"
        outcomes["series"]["outcomes"].append("morale")
        recipe["experiment"]["weather"] = "fine"
        recipe["versions"]["reformsim"] = "0.9"

    changed(folder, change)
    found, printed = codes(folder, made, capsys)
    assert found == {"status": 0, "summary": 0, "query": 0, "rerun": 2, "resume": 2, "extend": 2}
    for name in ('the measure "morale_end"', 'the series "morale"', 'the key "weather"'):
        assert f"{name} of reformsim 0.9, which made this folder, is not known" in printed.out
    assert "it was written by reformsim 0.9, and this is" in printed.err
    summary = summarise(folder)
    whole = summarise(made)
    assert len(summary.runs) == len(whole.runs)
    assert summary.overall["difference"].tolist() != []
    assert summary.effects.equals(whole.effects)


@pytest.mark.parametrize(
    ("where", "name"),
    [("uncertainties", "conditions.weather"), ("levers", "levers.free_lunch")],
)
def test_a_parameter_that_is_no_more_is_named(folder, made, capsys, where, name):
    changed(folder, lambda recipe: recipe["experiment"][where].update({name: [0.5]}))
    found, printed = codes(folder, made, capsys)
    assert found == {"status": 0, "summary": 2, "query": 0, "rerun": 2, "resume": 2, "extend": 2}
    assert f"{where}.{name}: unknown parameter" in printed.err


def test_a_coefficient_that_is_no_more_is_named(folder, made, capsys):
    def change(recipe):
        for entry in recipe["scenarios"]:
            entry["coefficients"]["luck"] = 0.5

    changed(folder, change)
    found, printed = codes(folder, made, capsys)
    assert found == {"status": 0, "summary": 0, "query": 0, "rerun": 2, "resume": 2, "extend": 2}
    assert "manifest.json: scenarios.0.coefficients.luck: Extra inputs are not" in printed.err


def test_a_scenario_that_is_called_otherwise_than_its_baseline_is_named(folder, made, capsys):
    """Its runs would be paired with none and fail, one after another."""

    def change(recipe):
        recipe["scenarios"][-1]["names"]["district"] = ""

    changed(folder, change)
    found, printed = codes(folder, made, capsys)
    assert found == {"status": 0, "summary": 0, "query": 0, "rerun": 2, "resume": 2, "extend": 2}
    assert "has another name of the district or condition than the other" in printed.err


def test_a_measure_that_was_not_stored_is_left_out_and_named(folder, made):
    def change(recipe):
        recipe["experiment"]["outcomes"]["series"]["outcomes"].append("isolation")

    changed(folder, change)
    assert "not stored, and so left out: isolation" in summarise(folder).notes


def test_another_model_is_named_before_all_else(folder):
    def change(recipe):
        recipe["source"] = "0" * 16
        recipe["experiment"]["outcomes"]["measures"].append("morale_end")

    changed(folder, change)
    with pytest.raises(ReformsimError, match="the model's sources are not those of reformsim"):
        StoredExperiment(folder).resume()


@pytest.mark.parametrize("number", [3, 99, 0, -1, "2", 1.5, True, None, [], 10**4000])
def test_a_newer_format_is_refused(folder, made, capsys, number):
    recipe = manifest.read_manifest(folder)
    recipe["format"] = number
    text = json.dumps(recipe | {"checksum": manifest._checksum(recipe)})
    (folder / "manifest.json").write_text(text)
    found, printed = codes(folder, made, capsys)
    assert set(found.values()) == {2}
    assert "format: is in a format that this version does not know" in printed.err
    assert "allowed: 1 to 2" in printed.err


def test_a_folder_from_before_formats_were_said_is_read(folder, made, capsys):
    recipe = manifest.read_manifest(folder)
    text = json.dumps(recipe | {"checksum": manifest._checksum(recipe)})
    (folder / "manifest.json").write_text(text)
    assert set(codes(folder, made, capsys)[0].values()) == {0}
    assert json.loads((made / "manifest.json").read_text())["format"] == manifest.FORMAT


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000, '"\\ud800"', "1" * 5000])
def test_a_recipe_that_cannot_be_one_is_damaged(folder, made, capsys, text):
    (folder / "manifest.json").write_text(text)
    found, printed = codes(folder, made, capsys)
    assert {found[name] for name in ("status", "summary", "rerun", "resume")} == {2}
    assert "is damaged: its checksum does not fit" in printed.err


def copied_with(recipe, made, folder):
    """Make a folder with the same parts and another recipe, which has the right checksum."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made, folder, copy_function=os.link)
    (folder / "lock").unlink()
    manifest.write_manifest(folder, recipe)


def no_command_breaks(seeds, made, tmp_path, capsys):
    recipe = manifest.read_manifest(made)
    for seed in seeds:
        odd = mutated(recipe, random.Random(seed))
        copied_with(odd, made, tmp_path / "odd")
        found, _ = codes(tmp_path / "odd", made, capsys)
        assert set(found.values()) <= {0, 2}, f"seed {seed}: {found}"


def test_whatever_a_recipe_says_no_command_breaks(made, tmp_path, capsys):
    no_command_breaks(range(8), made, tmp_path, capsys)


@pytest.mark.slow
def test_whatever_a_recipe_says_no_command_breaks_at_length(made, tmp_path, capsys):
    no_command_breaks(range(8, 40), made, tmp_path, capsys)
