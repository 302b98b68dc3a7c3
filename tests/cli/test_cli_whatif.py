"""`reformsim whatif`: tables, files and messages."""

from __future__ import annotations

import json

import pandas as pd
import pytest

LEAVES = "superintendent_departure@6"
BRIEF = ("--years", "2", "--warm-up", "1", "--workers", "1", "-q")
SMALL = ("whatif", "small-rural", *BRIEF)
FEW = (*SMALL, "-n", "3")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of one command, written once for all the tests that read it."""
    from reformsim.cli import main

    out = tmp_path_factory.mktemp("whatif") / "out"
    assert main([*FEW, "--with", LEAVES, "--out", str(out)]) == 0
    return out


def test_the_tables_name_strategies_months_and_intervals(invoke):
    ran = invoke(*FEW, "--with", LEAVES)
    assert ran.code == 0, ran
    assert "Stable: with superintendent departure in month 6" in ran.out
    assert ran.out.index("Status quo") < ran.out.index("Web of support")
    assert "+12" in ran.out
    assert "+24" not in ran.out  # beyond the run
    assert "over 3 paired replicates. Below each mean: its [95 % interval]" in ran.out
    assert "Extra cost: spending on leadership support" in ran.out
    assert "Summed over the years" in ran.out
    assert "--out" in ran.out


def test_what_is_written(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    written = [one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()]
    assert manifest["files"] == sorted(written)
    assert {"paths.csv", "effects.csv", "figures/leadership.png"} <= set(written)
    assert len(manifest["scenarios"]) == 4
    assert f"--with {LEAVES}" in manifest["command"]


def test_before_the_event_all_differences_are_nothing(folder):
    paths = pd.read_csv(folder / "paths.csv")
    before = paths[paths["month"] < 6]
    assert (before[["difference", "low", "high"]] == 0).all(axis=None)
    after = paths[(paths["month"] >= 6) & (paths["outcome"] == "leadership")]
    assert (after["difference"] != 0).groupby(after["strategy"]).any().all()


def test_taking_away_is_the_mirror_image_of_adding(invoke, tmp_path):
    (tmp_path / "leaves.toml").write_text(
        'kind = "condition"\ntitle = "Leaves"\n[[events]]\ntype = "superintendent_departure"\n'
        "month = 6\n"
    )
    added = json.loads(invoke(*FEW, "--with", LEAVES, "--json").out)["paths"]
    taken = json.loads(invoke(*FEW, "leaves.toml", "--without", LEAVES, "--json").out)["paths"]
    assert [one["difference"] for one in added] == [-one["difference"] for one in taken]


def test_the_strategy_of_the_scenario_is_the_one_asked_about(invoke):
    found = json.loads(
        invoke(*SMALL, "external_coaching", "--with", LEAVES, "-n", "1", "--json").out
    )
    assert [one["names"]["strategy"] for one in found["unchanged"]] == ["external_coaching"]


def test_a_lever_at_the_baseline_is_a_note(invoke):
    ran = invoke(*FEW, "--without", "levers.pipeline")
    assert ran.code == 0
    assert ran.out.startswith("Note: status_quo: pipeline is at the baseline's value anyway, 0.1.")
    assert "does not change at all" in ran.out


def test_what_would_change_nothing_is_refused(fails):
    error = fails(*FEW, "status_quo", "--without", "pipeline")
    assert "nothing would differ: status_quo: pipeline is at the baseline's value anyway" in error
    assert "(ask under a strategy that sets it)" in error
    leaves = ("--without", "superintendent_departure@36", "--with", "superintendent_departure@36")
    few = ("whatif", "small-rural", "superintendent-leaves-year-3", *leaves)
    assert "nothing would differ: the changes undo one another" in fails(*few)


def test_one_replicate_has_no_interval(invoke):
    ran = invoke(*SMALL, "-n", "1", "--with", LEAVES)
    assert ran.code == 0, ran
    assert "1 paired replicate. One replicate, so no interval." in ran.out
    assert "[95 %" not in ran.out


def test_problems_of_scenario_strategies_and_changes_at_once(fails):
    error = fails(
        *FEW, "-s", "web_of_sport", "-s", "stable", "--without", LEAVES, "--with", "crises@3"
    )
    assert "4 problems" in error
    for part in (
        "did you mean 'web_of_support'",
        "--strategy: is not a strategy",
        f"--without {LEAVES}: is not in the scenario",
        "did you mean 'crisis@3'",
    ):
        assert part in error


def test_a_strategy_twice(fails, tmp_path):
    assert "has a strategy already" in fails(
        *FEW, "status_quo", "-s", "status_quo", "--with", LEAVES
    )
    (tmp_path / "status_quo.toml").write_text('kind = "strategy"\ntitle = "Mine"\n')
    error = fails(*FEW, "-s", "status_quo", "-s", "./status_quo.toml", "--with", LEAVES)
    assert "same name" in error


def test_nothing_is_overwritten(fails, folder):
    assert "not empty" in fails(*FEW, "--with", LEAVES, "--out", str(folder))
