"""What the commands say of grants, and of the money that there is for a plan."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from reformsim.experiments.loading import load_experiment
from reformsim.experiments.plan import Plan
from reformsim.scenario.loading import compose

PAGE = Path(__file__).parents[2] / "docs" / "money.md"
SHORT = ("--years", "4", "--warm-up", "1", "--replicates", "1")


@pytest.fixture
def granted(tmp_path: Path) -> str:
    """Return the strategy of the page about money, as a file."""
    blocks = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "granted.toml"
    path.write_text(blocks[0])
    return str(path)


@pytest.fixture
def short_of_money(granted: str) -> str:
    """Return the same with more coaches than can be paid."""
    path = Path(granted)
    path.write_text(path.read_text().replace("teachers_per_coach = 40", "teachers_per_coach = 15"))
    return granted


def test_the_examples_of_the_page_are_read(granted, tmp_path):
    assert [grant.dollars for grant in compose("mid-size", granted).scenario.grants] == [90]
    blocks = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert "levy_failure" in blocks[1]
    condition = tmp_path / "levy.toml"
    condition.write_text(f'kind = "condition"\ntitle = "Levy"\n{blocks[1]}')
    (event,) = compose("mid-size", str(condition)).scenario.events
    assert event.model_dump() == {"type": "levy_failure", "month": 18, "depth": 0.05, "months": 24}
    assert len(blocks) == 2
    assert tomllib.loads(blocks[0])["grants"][0]["lines"] == ["coaches"]


def test_show_says_what_money_there_is(invoke, granted):
    shown = invoke("show", "mid-size", granted).out
    assert "Grants" in shown
    assert "State grant" in shown
    assert "Money there is" in shown
    assert "Money there is" not in invoke("show", "mid-size", "web_of_support").out
    found = json.loads(invoke("show", "mid-size", granted, "--json").out)
    assert found["grants"][0]["taper_years"] == 2
    assert [year["grants"] for year in found["money"][:7]] == [90, 90, 90, 60, 30, 0, 0]


def test_what_is_lacking_is_noted_before_runs(invoke, short_of_money):
    ran = invoke("run", "mid-size", short_of_money, *SHORT)
    assert "Note: granted asks in year 1 for $" in ran.err
    assert "Note: granted" not in ran.out
    assert "Note:" not in invoke("run", "mid-size", "status_quo", *SHORT).err
    assert "Note:" not in invoke("run", "mid-size", short_of_money, *SHORT, "--quiet").err


def test_an_experiment_with_such_a_plan_notes_it(short_of_money, tmp_path):
    file = tmp_path / "experiment.toml"
    file.write_text(
        'title = "Mine"\ndistricts = ["mid-size"]\n'
        f'strategies = ["status_quo", "{short_of_money}"]\nreplicates = 2\n'
        "[horizon]\nyears = 4\nwarm_up_years = 1\n"
    )
    notes = Plan(load_experiment(file)).notes()
    assert sum("asks in year 1" in note for note in notes) == 1


def test_a_report_says_what_grants_there_are(invoke, granted, tmp_path):
    asked = ("--district", "mid-size", "-s", "status_quo", "-s", granted, "-c", "stable")
    assert invoke("compare", *asked, *SHORT, "--out", tmp_path / "out").code == 0
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Grant (State grant): $90 per pupil a year from month 0 on for 36 months" in page
