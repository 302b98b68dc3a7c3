"""`reformsim calibrate`: what it says, and what it leaves."""

from __future__ import annotations

import json
import sys

import pytest

from reformsim.calibration import statistics

FILE = """\
title = "Mine"
scenario = ["tiny-district.toml"]
[runs]
replicates = 5
[sampling]
population = 20
generations = 1
[targets]
principal_strain = { value = 0.4, error = 0.05 }
[free]
"coefficients.strain_up" = {}
"""
DISTRICT = """\
kind = "district"
title = "Tiny"
[district]
schools = 3
teachers = 30
enrolment = 450
"""


@pytest.fixture
def mine(tmp_path):
    """A targets file for a district that is quick."""
    (tmp_path / "tiny-district.toml").write_text(DISTRICT)
    path = tmp_path / "mine.toml"
    path.write_text(FILE)
    return path


def test_statistics_are_listed(invoke):
    out = invoke("calibrate", "statistics").out
    for name in statistics():
        assert name in out
    found = json.loads(invoke("calibrate", "statistics", "--json").out)
    assert {one["name"] for one in found} == set(statistics())


def test_all_problems_at_once_and_nothing_is_written(fails, mine, tmp_path):
    text = FILE.replace("principal_strain", "principal_strian").replace("strain_up", "strain_upp")
    mine.write_text(text)
    error = fails("calibrate", "run", mine, "--out", tmp_path / "out")
    assert "2 problems" in error
    assert "did you mean 'principal_strain'" in error
    assert "did you mean 'coefficients.strain_up'" in error
    assert not (tmp_path / "out").exists()


def test_an_option_that_is_too_small_for_the_targets_is_named(fails, tmp_path):
    error = fails(
        "calibrate", "run", "published-patterns", "--population", 20, "--out", tmp_path / "out"
    )
    assert "--population: too few particles" in error
    assert ".toml" not in error
    assert not (tmp_path / "out").exists()


def test_a_missing_pyabc(fails, mine, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyabc", None)
    error = fails("calibrate", "run", mine, "--out", tmp_path / "out")
    assert "pip install 'reformsim[calibration]'" in error
    assert not (tmp_path / "out").exists()


def test_resume_of_what_is_none(fails, tmp_path):
    error = fails("calibrate", "resume", tmp_path)
    assert error.startswith(f"Error: {tmp_path}: is not the folder of a calibration")


class TestWithPyabc:
    @pytest.fixture(autouse=True)
    def _needed(self):
        pytest.importorskip("pyabc")

    def test_run_writes_page_and_figures_and_resume_tells_it_anew(self, invoke, mine, tmp_path):
        ran = invoke("calibrate", "run", mine, "--out", "out")
        assert ran.code == 0, ran
        assert "coefficients.strain_up" in ran.out
        assert "generation 0: 20 of 20 particles" in ran.err
        page = (tmp_path / "out" / "calibration.md").read_text()
        assert "`coefficients.strain_up`" in page
        assert "`principal_strain`" in page
        for name in ("predictive", "posterior", "identifiability"):
            image = f"images/calibration/{name}.png"
            assert image in page
            assert (tmp_path / "out" / image).read_bytes().startswith(b"\x89PNG")
        again = invoke("calibrate", "resume", "out", "--json", "--quiet")
        assert again.err == ""
        assert json.loads(again.out)["parameters"][0]["parameter"] == "coefficients.strain_up"
        median = invoke(
            "run", "small-rural", "out/posterior-median.toml", "--years", "1", "--warm-up", "1"
        )
        assert median.code == 0, median

    def test_a_folder_that_is_taken(self, fails, mine, tmp_path):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "mine.txt").write_text("mine")
        assert "not empty" in fails("calibrate", "run", mine, "--out", "out")

    def test_check_writes_its_page(self, invoke, mine, tmp_path):
        ran = invoke("calibrate", "check", mine, "--trials", "2", "--out", "out")
        assert ran.code == 0, ran
        assert "of 2" in ran.out
        page = (tmp_path / "out" / "check.md").read_text()
        assert "In each of 2 trials" in page
        assert (tmp_path / "out" / "images/calibration/ranks.png").exists()


@pytest.mark.parametrize(("options", "warned"), [((), True), (("--quiet",), False)])
def test_that_others_can_reach_a_cluster_is_said(fails, mine, monkeypatch, options, warned):
    pytest.importorskip("distributed")
    monkeypatch.setattr("reformsim.running.cluster.SECONDS_TO_CONNECT", 0.5)
    cluster = ("--executor", "dask", "--scheduler", "tcp://192.0.2.1:9")
    err = fails("calibrate", "run", mine, *cluster, *options)
    assert ("whoever can reach this cluster can run code on it" in " ".join(err.split())) is warned
    assert "no Dask scheduler answers" in err
