"""`reformsim experiment summary`, and the summary at the end of a run."""

from __future__ import annotations

import json

import pytest
from tiny import tiny_file


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The tiny experiment, done, and not summed up."""
    from reformsim.cli import main

    place = tmp_path_factory.mktemp("experiment")
    words = ["experiment", "run", str(tiny_file(place)), "--out", f"{place}/out", "-q"]
    assert main([*words, "--no-summary"]) == 0
    assert not (place / "out" / "summary").exists()
    return place / "out"


def test_a_short_table_and_where_the_rest_is(invoke, folder):
    ran = invoke("experiment", "summary", folder)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    title = "Leadership gain, end (points on [0, 1]), difference from status_quo, by superintendent turnover"
    assert lines[0] == f"{title}:"
    assert lines[2].split() == ["strategy", "all", "0.1", "0.4"]
    assert lines[4].split()[0] == "web_of_support"
    assert lines[-1] == f"Summary, figures and tables: {folder}/summary/summary.md"
    assert {path.name for path in (folder / "summary").iterdir()} == {
        *("summary.md", "effects.csv", "pairing.csv"),
        *("along-superintendent-turnover.png", "along-span-of-control.png"),
        "leadership-over-years.png",
    }


def test_figures_in_other_formats_come_besides_and_go_when_they_are_not_asked_for(invoke, folder):
    assert invoke("experiment", "summary", folder, "--format", "pdf", "--format", "svg").code == 0
    names = {path.name for path in (folder / "summary").iterdir()}
    images = {name.removesuffix(".png") for name in names if name.endswith(".png")}
    assert images
    assert {f"{name}.{kind}" for name in images for kind in ("svg", "pdf")} <= names
    assert invoke("experiment", "summary", folder).code == 0
    left = {path.suffix for path in (folder / "summary").iterdir()}
    assert left == {".md", ".csv", ".png"}


def test_json_with_another_measure(invoke, folder):
    ran = invoke("experiment", "summary", folder, "--measure", "principal_turnover", "--json")
    found = json.loads(ran.out)
    assert (found["against"], found["runs"], found["failed"]) == ("status_quo", 24, 0)
    (row,) = found["overall"]
    assert (row["strategy"], row["measure"]) == ("web_of_support", "principal_turnover")
    assert row["low"] <= row["difference"] <= row["high"]


def test_an_unfinished_experiment_says_so_first(invoke, tmp_path, monkeypatch):
    from reformsim.experiments import experiment

    words = ("experiment", "run", tiny_file(tmp_path), "--out", "out", "--set", "replicates=2")
    assert invoke(*words, "-q").code == 0
    assert json.loads(invoke("experiment", "summary", "out", "--json").out)["planned"] == 12
    with monkeypatch.context() as patch:  # as if it were interrupted before its first run
        patch.setattr(experiment, "do_what_is_missing", lambda *_: None)
        invoke("experiment", "extend", "out", "-n", 4, "-q")
    first = "Note: 12 of 24 runs are stored, and what follows is of these alone"
    ran = invoke("experiment", "summary", "out")
    assert ran.out.startswith(first)
    assert "continue with: reformsim experiment resume out)" in ran.out.splitlines()[0]
    page = (tmp_path / "out" / "summary" / "summary.md").read_text()
    assert first in page.replace("*", "").partition("## Results")[0]
    assert "12 of 24 runs of small rural" in page
    found = json.loads(invoke("experiment", "summary", "out", "--json").out)
    assert (found["runs"], found["planned"]) == (12, 24)
    assert found["notes"][0].startswith("12 of 24 runs")


def test_a_run_ends_with_its_summary_and_an_extension_renews_it(invoke, tmp_path):
    ran = invoke("experiment", "run", tiny_file(tmp_path), "--out", "out", "--set", "replicates=2")
    assert "Summary, figures and tables: out/summary/summary.md" in ran.out
    page = tmp_path / "out" / "summary" / "summary.md"
    assert "2 replicates of seed 1" in page.read_text()
    assert invoke("experiment", "extend", "out", "-n", 3, "--quiet").code == 0
    assert "3 replicates of seed 1" in page.read_text()
    page.unlink()
    again = invoke("experiment", "resume", "out", "--no-summary")
    assert not page.exists()
    assert "reformsim experiment summary out" in again.out


def test_a_summary_does_not_stand_in_the_way_of_a_lost_recipe(invoke, folder):
    """The folder still counts as one of an experiment, with a summary in it."""
    invoke("experiment", "summary", folder)
    (folder / "manifest.json").write_text("{}")
    ran = invoke("experiment", "run", tiny_file(folder.parent), "--out", folder, "-q")
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere",), "has no manifest.json"),
        (("FOLDER", "--measure", "leadership_gain_ed"), "did you mean 'leadership_gain_end'?"),
        (("FOLDER", "--baseline", "heroic_superintendent"), "not a strategy of this experiment"),
        (("FOLDER", "--against", "heroic_superintendent"), "not a strategy of this experiment"),
    ],
)
def test_mistakes_are_told(fails, folder, arguments, message):
    said = fails("experiment", "summary", *(folder if a == "FOLDER" else a for a in arguments))
    assert message in said
