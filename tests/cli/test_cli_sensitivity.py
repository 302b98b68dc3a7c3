"""`reformsim sensitivity`: what it prints, writes and refuses, and that it can be gone on with."""

from __future__ import annotations

import json

import pytest

from reformsim.results import store
from reformsim.studies import sensitivity_runs

TINY = (
    "--set",
    'districts=["small-rural"]',
    "--set",
    'strategies=["status_quo","web_of_support","external_coaching"]',
    "--set",
    "replicates=2",
    "--set",
    "horizon.years=1",
    "--set",
    "horizon.warm_up_years=1",
    "-q",
)
RUN = ("sensitivity", "run", *TINY, "-n", 1, "--trajectories", 2, "--keep", 2, "--base-points", 2)


@pytest.fixture
def short(monkeypatch):
    """Try everything with as few runs as there can be."""
    monkeypatch.setattr(sensitivity_runs, "TRIED", 1)
    monkeypatch.setattr(sensitivity_runs, "REPLICATES_TRIED", 1)
    monkeypatch.setattr(sensitivity_runs, "builtin_files", list)


@pytest.mark.slow
def test_run_report_and_what_is_missing(invoke, fails, short, tmp_path):
    ran = invoke(*RUN, "--out", "found")
    assert ran.code == 0, ran.err
    assert "web_of_support > external_coaching" in ran.out
    assert "No effect on any recorded measure" in ran.out
    folder = tmp_path / "found"
    page = (folder / "sensitivity.md").read_text(encoding="utf-8")
    command = next(line for line in page.splitlines() if line.startswith("$ "))
    assert "--trajectories 2 --keep 2 --base-points 2 --out found" in command
    assert "--replicates 1" in command
    for name in ("sensitivity.html", "conclusions.csv", "screening.csv", "indices.csv"):
        assert (folder / name).stat().st_size > 100

    found = json.loads(invoke("sensitivity", "report", "found", "--json").out)
    assert found["tried"] > 100
    assert {row["verdict"] for row in found["conclusions"]} <= {
        "robust",
        "mostly robust",
        "sensitive",
        "open",
    }

    for table in store.ORDER:
        for path in store.paths(folder / "indices", table):
            path.unlink()
    refused = fails("sensitivity", "report", "found")
    assert "reformsim experiment resume found/indices" in refused
    assert invoke("sensitivity", "report", "found", "--run-missing", "-q").code == 0
    assert (folder / "sensitivity.md").read_text(encoding="utf-8") != ""


def test_options_that_cannot_be_are_refused_before_anything_runs(fails, tmp_path):
    said = fails("sensitivity", "run", "--base-points", 100, "--set", 'strategies=["status_quo"]')
    assert "--base-points" in said
    assert "power of two" in said
    assert "too few strategies" in said
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_an_analysis_is_refused(fails, tmp_path):
    said = fails("sensitivity", "report", "nothing")
    for stage in ("defaults", "everything", "screening"):
        assert f"there is no experiment {stage}" in said
    assert "reformsim sensitivity run --out nothing" in said
