"""`reformsim experiment plan`: what is said of an experiment before it runs."""

from __future__ import annotations

import csv
import json
from types import SimpleNamespace

import pytest
import typer

from reformsim.cli.commands.experiment_plan import plan, size
from reformsim.cli.failures import Commands
from reformsim.experiments.loading import load_experiment
from reformsim.experiments.plan import Plan

FILE = """\
title = "Mine"
question = "What of it?"
districts = ["small-rural"]
strategies = ["status_quo", "web_of_support"]
replicates = 3

[horizon]
years = 2
warm_up_years = 1

[uncertainties]
"conditions.superintendent_turnover" = [0.5, 2]

[levers]
"levers.pilot_months" = [0, 12, 24]
"""


@pytest.fixture
def show(capsys, monkeypatch):
    """Run the command as a program of its own; return what it left."""
    monkeypatch.setenv("COLUMNS", "200")
    program = typer.Typer(cls=Commands, pretty_exceptions_enable=False)
    program.command("plan")(plan)
    program.callback()(lambda: None)

    def run(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            program(["plan", *map(str, arguments)])
        printed = capsys.readouterr()
        return SimpleNamespace(code=left.value.code, out=printed.out, err=printed.err)

    return run


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """An experiment file, and a machine on which nothing needs to be timed."""
    monkeypatch.setattr("reformsim.engines.compiled.cache.is_compiled", lambda: False)
    path = tmp_path / "mine.toml"
    path.write_text(FILE)
    return path


def test_a_table_of_what_will_be_run(show, mine):
    ran = show(mine)
    assert ran.code == 0
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert lines[:2] == ["Mine", "What of it?"]
    assert "strategies 2 status_quo, web_of_support" in lines
    assert "uncertainty 2 conditions.superintendent_turnover: 0.5, 2 × ordinary hazard" in lines
    assert "lever 3 levers.pilot_months: 0, 12, 24 months" in lines
    assert "replicates 3 0 to 2 of seed 1" in lines
    assert "Points of the design, the first 5 of 6" in lines
    assert "point 0 1 2 3 4" in lines
    assert "pilot_months 0 12 24 0 12" in lines
    assert "24 runs in 6 batches" in ran.out
    assert "not timed" in ran.out
    assert f"reformsim experiment run {mine}" in ran.out


def test_points_that_are_drawn_and_those_that_leave_values_alone(show, mine):
    set_range = 'uncertainties={"conditions.shock_rate" = {low = 0.01, high = 0.1, scale = "log"}}'
    text = FILE.partition("[uncertainties]")[0]
    mine.write_text(text + '[design]\nkind = "sobol"\npoints = 8\n')
    ran = show(mine, "--set", set_range)
    assert f"reformsim experiment run {mine} --set 'uncertainties=" in ran.out
    assert "conditions.shock_rate: 0.01 to 0.1 a year, evenly on a logarithmic scale" in ran.out

    mine.write_text(FILE + '[design]\nkind = "one-at-a-time"\n')
    ran = show(mine)
    assert ran.out.count("default") == 2 + 4


def test_json(show, mine):
    ran = show(mine, "--json")
    found = json.loads(ran.out)
    assert (found["points"], found["runs"], found["batches"]) == (6, 24, 6)
    assert found["seconds"] > 0
    assert found["bytes"] > 0
    assert found["measured"] is False
    assert found["varied"] == ["conditions.superintendent_turnover", "levers.pilot_months"]
    assert found["first_points"][1] == {
        "conditions.superintendent_turnover": 0.5,
        "levers.pilot_months": 12,
    }
    assert found["experiment"]["title"] == "Mine"


def test_the_list_of_all_runs(show, mine):
    ran = show(mine, "--csv")
    found = list(csv.DictReader(ran.out.splitlines()))
    expected = Plan(load_experiment(mine))
    runs = [run for batch in expected.batches() for run in batch.runs]
    assert [row["run"] for row in found] == [run.id for run in runs]
    assert found[0]["run"] == found[0]["reference"] == found[1]["reference"]
    assert found[2]["levers.pilot_months"] == "12"
    assert [row["replicate"] for row in found][::4] == ["0", "1", "2"] * 2


def test_changes_on_the_command_line(show, mine):
    changes = ("--set", "replicates=10", "--set", "horizon.years=1")
    found = json.loads(show(mine, "--json", *changes).out)
    assert found["runs"] == 80
    assert found["experiment"]["horizon"]["years"] == 1


def test_a_built_in_experiment_by_its_name(show, mine):
    ran = show("support-by-turnover")
    assert "9,450 runs in 1,350 batches" in ran.out


def test_what_may_not_be_meant_is_said(show, mine):
    mine.write_text(
        FILE.replace(
            '["small-rural"]',
            '["small-rural"]\nconditions = ["stable", "high-superintendent-churn"]',
        )
    )
    ran = show(mine)
    assert "Note: these are the same but for their names" in ran.out


def test_mistakes_end_in_a_message(show, mine):
    def refused(*arguments):
        ran = show(*arguments)
        assert (ran.code, ran.out) == (2, "")
        return ran.err

    mine.write_text(FILE + "replicats = 3\n'levers.pilot' = [1]\n")
    error = refused(mine, "--set", "seed=-1")
    assert "3 problems" in error
    assert "mine.toml:16: replicats: unknown parameter" in error
    assert "mine.toml:17: levers.pilot" in error
    assert "--set: seed" in error
    assert "did you mean 'support-by-turnover'" in refused("support-by-turnver")
    assert "mutually exclusive" in refused(mine, "--json", "--csv")


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 bytes"), (999, "999 bytes"), (2_500, "2.5 kB"), (3e6, "3.0 MB"), (12.5e9, "12.5 GB")],
)
def test_sizes(count, shown):
    assert size(count) == shown
