"""`reformsim experiment` and `reformsim query`: what they say, and their exit codes."""

from __future__ import annotations

import csv
import io
import json
import shlex

import pytest
from tiny import RUNS, tiny_file

from reformsim.cli.progress import ExperimentProgress
from reformsim.results.counting import count
from reformsim.results.manifest import write_manifest


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The tiny experiment, done."""
    from reformsim.cli import main

    place = tmp_path_factory.mktemp("experiment")
    assert main(["experiment", "run", str(tiny_file(place)), "--out", f"{place}/out", "-q"]) == 0
    return place / "out"


def test_an_experiment_is_run_into_a_folder_of_its_name(invoke, tmp_path):
    ran = invoke("experiment", "run", tiny_file(tmp_path), "--set", "replicates=1")
    assert ran.code == 0
    assert ran.out.splitlines()[0] == "A tiny experiment"
    assert "6 of 6 runs are stored in results/tiny (" in ran.out
    (question,) = [line for line in ran.out.splitlines() if line.startswith("Query it with: ")]
    asked = invoke(*shlex.split(question.partition("reformsim ")[2]), "--csv")
    assert asked.out.splitlines()[0] == "strategy,avg(leadership_gain_end)"
    assert len(asked.out.splitlines()) == 3
    assert ran.err == "6 of 6 runs to do\n"
    assert len(count(tmp_path / "results" / "tiny", None).ids) == 6
    recipe = json.loads((tmp_path / "results" / "tiny" / "manifest.json").read_text())
    assert recipe["given"]["set"] == ["replicates=1"]
    assert recipe["given"]["text"].startswith('\ntitle = "A tiny experiment"')


def test_quiet_json(invoke, tmp_path):
    ran = invoke("experiment", "run", tiny_file(tmp_path), "--quiet", "--json", "--out", "here")
    assert (ran.code, ran.err) == (0, "")
    found = json.loads(ran.out)
    assert (found["done"], found["planned"], found["failed"]) == (RUNS, RUNS, 0)
    assert found["complete"] is True
    assert found["folder"] == "here"
    assert found["bytes"]["runs"] > 0


def test_status_and_resume_of_what_is_complete(invoke, folder):
    for command in ("status", "resume"):
        ran = invoke("experiment", command, folder)
        assert ran.code == 0
        assert f"24 of 24 runs are stored in {folder}" in ran.out


def test_extend(invoke, tmp_path):
    out = tmp_path / "out"
    invoke("experiment", "run", tiny_file(tmp_path), "--set", "replicates=1", "--out", out)
    ran = invoke("experiment", "extend", out, "-n", 2, "-s", "heroic_superintendent")
    assert ran.code == 0
    assert ran.err == "14 of 20 runs to do\n"
    assert "20 of 20 runs are stored" in ran.out


def test_failed_runs_are_told_with_what_shows_why_and_tries_them_again(
    invoke, tmp_path, monkeypatch
):
    from reformsim.experiments.runner import Runner

    def failing(_runner, batch):
        for run in dict.fromkeys(r.id for r in (batch.reference, *batch.runs)):
            yield run, ValueError("x")

    with monkeypatch.context() as patch:
        patch.setattr(Runner, "runs", failing)
        ran = invoke("experiment", "run", tiny_file(tmp_path), "--out", "out")
    assert ran.code == 1
    assert "24 of them failed; for the reasons:" in ran.out
    (question,) = [line for line in ran.out.splitlines() if "WHERE status = 'failed'" in line]
    asked = invoke("query", "out", question.split('"')[1], "--csv")
    assert len(asked.out.splitlines()) == 25
    assert "ValueError: x" in asked.out
    (again,) = [line for line in ran.out.splitlines() if line.startswith("Repeat them with: ")]
    tried = invoke(*again.partition("reformsim ")[2].split())
    assert (tried.code, tried.err) == (0, "24 of 24 runs to do\n")
    assert "failed" not in tried.out


def test_rerun(invoke, folder):
    asked = invoke("query", folder, "SELECT run FROM runs LIMIT 1", "--csv").out.split()[1]
    ran = invoke("experiment", "rerun", folder, asked, "--out", "once")
    assert ran.code == 0
    assert f"Run {asked}: series, events and every agent in once" in ran.out
    assert "measures are exactly those stored." in ran.out


def test_query_as_table_csv_and_json(invoke, folder):
    sql = "SELECT strategy, count(*) AS n, avg(retention_60) AS r FROM runs GROUP BY 1 ORDER BY 1"
    shown = invoke("query", folder, sql)
    assert shown.code == 0
    assert [line.split() for line in shown.out.splitlines() if "web" in line] == [
        ["web_of_support", "16", "–"]
    ]
    rows = list(csv.reader(io.StringIO(invoke("query", folder, sql, "--csv").out)))
    assert rows == [["strategy", "n", "r"], ["status_quo", "8", ""], ["web_of_support", "16", ""]]
    document = json.loads(invoke("query", folder, sql, "--json").out)
    assert document[0] == {"strategy": "status_quo", "n": 8, "r": None}


def test_a_long_answer_is_cut_for_people_only(invoke, folder):
    sql = "SELECT unnest(range(1000)) AS n"
    assert "… and 900 rows more; --csv prints them all" in invoke("query", folder, sql).out
    assert len(invoke("query", folder, sql, "--csv").out.splitlines()) == 1001


def test_a_wide_answer_is_cut_for_people_only(invoke, folder, monkeypatch):
    sql = "SELECT * FROM runs"
    names = invoke("query", folder, sql, "--csv").out.splitlines()[0].split(",")
    for width in (30, 80, 200):
        monkeypatch.setenv("COLUMNS", str(width))
        lines = invoke("query", folder, sql).out.splitlines()
        shown = lines[1].split()
        assert shown == names[: len(shown)]
        assert "…" not in "".join(lines[:-1])
        assert max(map(len, lines[:-1])) <= width
        assert lines[-1] == f"… and {len(names) - len(shown)} columns more; --csv prints them all"
    assert set(json.loads(invoke("query", folder, sql, "--json").out)[0]) == set(names)


def test_a_long_text_is_folded_and_not_cut(invoke, folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    ran = invoke("query", folder, "SELECT repeat('word ', 50) AS error, 7 AS seed")
    assert ran.out.count("word") == 50
    assert "more" not in ran.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("query", "FOLDER", "SELECT replicat FROM runs"), "did you mean 'replicate'?"),
        (("query", "nowhere", "SELECT 1"), "nowhere: is not the folder of an experiment"),
        (("query", "FOLDER", "SELECT 1", "--csv", "--json"), "are mutually exclusive"),
        (("experiment", "status", "nowhere"), "has no manifest.json"),
        (("experiment", "resume", "nowhere"), "has no manifest.json"),
        (("experiment", "resume", "FOLDER", "--executor", "dsk"), "did you mean 'dask'?"),
        (("experiment", "resume", "FOLDER", "--scheduler", "tcp://x:1"), "add --executor dask"),
        (("experiment", "extend", "FOLDER", "-n", "1"), "can only be extended"),
        (("experiment", "extend", "FOLDER", "-s", "web_of_suport"), "did you mean 'web_of_supp"),
        (("experiment", "extend", "FOLDER", "--precision", "x"), "MEASURE=HALFWIDTH"),
        (("experiment", "extend", "FOLDER", "--precision", "x=1"), "not a measure"),
        (("experiment", "rerun", "FOLDER", "x"), "no run of this experiment has this id"),
        (("experiment", "run", "nothing.toml"), "nothing.toml"),
        (("experiment", "run", "nope"), "allowed: distributed-versus-heroic, "),
        (("experiment", "run", "sensitivity", "--set", "replicates=0"), "--set: replicates: out"),
    ],
)
def test_mistakes_are_told(fails, folder, arguments, message):
    said = fails(*(folder if word == "FOLDER" else word for word in arguments))
    assert message in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("words", ["status", "resume", "extend", "summary", "query"])
def test_the_folder_of_a_calibration_is_not_that_of_an_experiment(fails, tmp_path, words):
    write_manifest(tmp_path / "made", {"command": "reformsim calibrate run x.toml", "targets": {}})
    command = ("query", "made", "SELECT 1") if words == "query" else ("experiment", words, "made")
    said = fails(*command)
    assert "made: is the folder of 'reformsim calibrate', not of an experiment" in said


def test_a_line_a_minute_without_a_terminal(capsys):
    now = [0.0]
    with ExperimentProgress(clock=lambda: now[0]) as progress:
        progress.runs(200, 1000)
        for done in range(201, 1001):
            now[0] += 0.5
            progress.runs(done, 1000)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "800 of 1,000 runs to do"
    assert lines[1] == " 32%  320 of 1,000 runs, 2 a second, about 5 min 40 s left"
    assert len(lines) == 1 + 400 // 60


def test_another_experiment_has_a_rate_of_its_own_and_an_extension_has_not(capsys):
    now = [0.0]
    with ExperimentProgress(clock=lambda: now[0]) as progress:
        for start, planned in ((0, 600), (300, 900), (900, 1000)):
            progress.runs(start, planned)
            progress.runs(start + 1, planned)
            now[0] += 100
            progress.runs(planned - 100, planned)
            progress.runs(planned, planned)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "600 of 600 runs to do"
    assert "500 of 600 runs, 4.99 a second" in lines[1]
    assert lines[2] == "600 of 900 runs to do"
    assert "800 of 900 runs, 4.99 a second" in lines[3]
    assert not any("of 1,000 runs to do" in line for line in lines)


def test_a_bar_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with ExperimentProgress() as progress:
        progress.runs(0, 10)
        progress.runs(5, 10)
    said = capsys.readouterr().err
    assert "50%" in said
    assert "5 of 10 runs" in said
