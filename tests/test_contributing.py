"""The recipes of CONTRIBUTING.md work as they stand, in both engines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from recipes import ROOT, edits, follow

if TYPE_CHECKING:
    from pathlib import Path

RECIPES = ("a mechanism", "a lever", "a strategy")
SHORT = ("--years", "2", "--warm-up", "1")
MECHANISM = """
import json
from reformsim.engines import simulate
from reformsim.scenario.loading import load
years = ["horizon.years=12", "horizon.warm_up_years=2"]  # routines take years
found = {}
for engine in ("compiled", "mesa"):
    for hold in (0.0, 0.8):
        changed = [*years, f"coefficients.routine_hold={hold}"]
        run = simulate(load("small-rural", "web_of_support", overrides=changed), engine=engine)
        vacant = run.schools["vacant"] == 1
        found[f"{engine} {hold}"] = {
            "routine": run.district["routine"].tolist(),
            "led while empty": run.schools["leadership"][vacant].mean(),
        }
print(json.dumps(found))
"""
LEVER = """
import json
from reformsim.engines import simulate
from reformsim.scenario.loading import load
years = ["horizon.years=4", "horizon.warm_up_years=2"]
found = {}
for engine in ("compiled", "mesa"):
    for time in (0.0, 1.0):
        changed = [*years, f"levers.advice_time={time}"]
        run = simulate(load("small-rural", "web_of_support", overrides=changed), engine=engine)
        found[f"{engine} {time}"] = {
            "spent": run.costs["advice_time"].max(),
            "practice": run.district["teacher_practice"].tolist(),
        }
print(json.dumps(found))
"""


def python(folder: Path, *arguments: str) -> str:
    """Run Python on the copy of the package, and return what it prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def numbers(folder: Path, program: str) -> Any:
    return json.loads(python(folder, "-c", program))


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_can_be_followed(recipe: str, tmp_path: Path) -> None:
    assert edits(recipe)
    follow(recipe, tmp_path)


def test_a_lever_takes_three_places() -> None:
    """The lever and its price are one edit each; all others are its effect."""
    paths = [edit.path for edit in edits("a lever")]
    effect = ("coefficients/school", "theory/trust", "reference/teachers", "compiled/month")
    others = [path for path in paths if not any(name in path for name in effect)]
    assert others == [
        "reformsim/scenario/levers.py",
        "reformsim/scenario/coefficients/system.py",
    ]


@pytest.mark.slow
def test_the_mechanism_is_at_work_in_both_engines(tmp_path: Path) -> None:
    folder = follow("a mechanism", tmp_path)
    said = python(folder, "-m", "reformsim", "verify", "small-rural", "web_of_support", *SHORT)
    assert "identical" in said
    found = numbers(folder, MECHANISM)
    for hold in (0.0, 0.8):
        assert found[f"compiled {hold}"] == found[f"mesa {hold}"]
        assert 0.0 < found[f"mesa {hold}"]["routine"][0] < found[f"mesa {hold}"]["routine"][-1] < 1
    assert found["mesa 0.8"]["led while empty"] > found["mesa 0.0"]["led while empty"]


@pytest.mark.slow
def test_the_lever_is_paid_for_and_acts_in_both_engines(tmp_path: Path) -> None:
    folder = follow("a lever", tmp_path)
    lever = ("--set", "levers.advice_time=1")
    said = python(
        folder, "-m", "reformsim", "verify", "small-rural", "web_of_support", *SHORT, *lever
    )
    assert "identical" in said
    found = numbers(folder, LEVER)
    for time in (0.0, 1.0):
        assert found[f"compiled {time}"] == found[f"mesa {time}"]
    assert found["mesa 0.0"]["spent"] == 0.0 < found["mesa 1.0"]["spent"]
    assert found["mesa 1.0"]["practice"][-1] != found["mesa 0.0"]["practice"][-1]


@pytest.mark.slow
def test_the_strategy_is_read_and_runs_in_both_engines(tmp_path: Path) -> None:
    folder = follow("a strategy", tmp_path)
    assert "More mentors" in python(folder, "-m", "reformsim", "show", "./more_mentors.toml")
    said = python(folder, "-m", "reformsim", "verify", "small-rural", "./more_mentors.toml", *SHORT)
    assert "identical" in said


def test_the_recipes_are_those_of_the_page() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert all(f"\n## Recipe: {recipe}\n" in page for recipe in RECIPES)
