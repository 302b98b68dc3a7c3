"""Grants as they are written: in files, in Python, and what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from asking import problems
from districts import WEB, small

import reformsim as rs
from reformsim.analysis.plan_notes import plan_note
from reformsim.scenario import Scenario
from reformsim.scenario.grants import LINES
from reformsim.scenario.loading import load
from reformsim.theory.costs import LEVELS

if TYPE_CHECKING:
    from pathlib import Path

STRATEGY = 'kind = "strategy"\ntitle = "Granted"\n[levers]\nmentor_share = 0.5\n'
GRANT = '[[grants]]\ntitle = "Federal"\nmonth = 3\nmonths = 24\ndollars = 100\n'
FEDERAL = {"title": "Federal", "month": 3, "months": 24, "dollars": 100}


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_lines_are_the_funded_levels() -> None:
    assert tuple(LEVELS) == LINES


def test_a_file_is_what_python_makes(tmp_path: Path) -> None:
    scenario = load("small-rural", written(tmp_path, "granted.toml", STRATEGY + GRANT))
    by_hand = load("small-rural", "status_quo", overrides=["levers.mentor_share=0.5"]).replace(
        names=scenario.names.model_dump(), grants=[FEDERAL]
    )
    assert scenario == by_hand
    assert scenario.fingerprint == by_hand.fingerprint
    assert Scenario.model_validate_json(scenario.model_dump_json()) == scenario
    assert hash(scenario) == hash(by_hand)


def test_without_grants_nothing_is_another_scenario() -> None:
    assert load("small-rural", "web_of_support").fingerprint == "d4de5964a215c777"
    granted = small(levers=WEB).replace(grants=[FEDERAL])
    assert granted.fingerprint != small(levers=WEB).fingerprint
    assert granted.replace(grants=[]).fingerprint == small(levers=WEB).fingerprint


def test_grants_of_conditions_and_strategies_add_up_in_order(tmp_path: Path) -> None:
    condition = 'kind = "condition"\ntitle = "Aid"\n' + GRANT.replace("Federal", "State")
    scenario = load(
        "small-rural",
        written(tmp_path, "aid.toml", condition),
        written(tmp_path, "granted.toml", STRATEGY + GRANT),
    )
    assert [grant.title for grant in scenario.grants] == ["State", "Federal"]


def test_every_problem_of_a_file_is_told_with_its_line(tmp_path: Path) -> None:
    text = (
        STRATEGY
        + """[[grants]]
month = -3
dollars = 10
[[grants]]
month = 3
months = 0
dollars = 0
lines = ["coach", "mentors"]
taper_years = 1.5
stands_in = 2
[[grants]]
month = 3
months = 4
dollars = 10
line = ["mentors"]
"""
    )
    said = problems(lambda: load("small-rural", written(tmp_path, "granted.toml", text)))
    for number, part in (
        (6, "grants.0.month: out of bounds; found -3"),
        (5, "grants.0.months: missing key"),
        (10, "grants.1.months: out of bounds; found 0"),
        (11, "grants.1.dollars: out of bounds; found 0; allowed: a number above 0"),
        (12, "grants.1.lines: unknown line 'coach' (did you mean 'coaches'?)"),
        (13, "grants.1.taper_years: must be a whole number; found 1.5"),
        (14, "grants.1.stands_in: out of bounds; found 2"),
        (19, "grants.2.line: unknown key (did you mean 'lines'?)"),
    ):
        assert any(f"granted.toml:{number}: {part}" in one for one in said), (part, said)
    assert len(said) == 8
    assert any("a grant without an end is none" in one for one in said)


@pytest.mark.parametrize(
    ("grants", "part"),
    [
        ([{"month": 3, "dollars": 10}], "a grant without an end is none"),
        ([FEDERAL | {"month": -1}], "month: out of bounds; found -1"),
        ([FEDERAL | {"month": 180}], "the grant of month 180 begins after the run of 15 years"),
        ([FEDERAL | {"dollars": -1}], "dollars: out of bounds"),
        ([FEDERAL | {"lines": ["mentor"]}], "did you mean 'mentors'?"),
        ([FEDERAL | {"lines": "mentors"}], "lines: must be a list"),
        ([FEDERAL | {"lines": ["cohorts"]}], "changes nothing: it is for cohorts, which no design"),
        ({"month": 3}, "must be a list of grants"),
        (3, "must be a list of grants"),
    ],
)
def test_what_is_wrong_in_python_is_told(grants: Any, part: str) -> None:
    plan = load("small-rural", overrides=["levers.mentor_share=0.5", "levers.cohort_intensity=0"])
    assert any(part in one for one in problems(lambda: plan.replace(grants=grants)))


def test_one_that_is_over_before_the_roll_out_changes_nothing() -> None:
    piloted = small(levers=WEB | {"pilot_months": 12})
    (said,) = problems(lambda: piloted.replace(grants=[FEDERAL | {"months": 9}]))
    assert "grants.0: the grant of month 3 changes nothing: it is over before the roll-out" in said
    assert piloted.replace(grants=[FEDERAL | {"months": 10}]).grants


def test_a_condition_may_bring_one_that_a_strategy_has_no_use_for(tmp_path: Path) -> None:
    idle = GRANT + 'lines = ["cohorts"]\n'
    condition = written(tmp_path, "aid.toml", 'kind = "condition"\ntitle = "Aid"\n' + idle)
    unused = ["levers.cohort_intensity=0"]
    assert load("small-rural", condition, "status_quo", overrides=unused).grants
    strategy = written(tmp_path, "granted.toml", STRATEGY + idle)
    (said,) = problems(lambda: load("small-rural", strategy, overrides=unused))
    assert "granted.toml:5: grants.0: the grant of month 3 changes nothing" in said


def test_one_beyond_the_run_is_told_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, "granted.toml", STRATEGY + GRANT.replace("month = 3", "month = 180"))
    (said,) = problems(lambda: load("small-rural", path))
    assert "granted.toml:5: grants.0: the grant of month 180 begins after the run" in said


def test_one_that_a_shortened_run_does_not_reach_is_noted(tmp_path: Path) -> None:
    path = written(tmp_path, "granted.toml", STRATEGY + GRANT.replace("month = 3", "month = 40"))
    scenario = load("small-rural", path, overrides=["horizon.years=3"])
    assert "a run of 3 years does not reach the grant of month 40" in plan_note([scenario])
    assert plan_note([scenario.replace(horizon={"years": 4})]) == ""


def test_a_grant_cannot_be_overridden_on_the_command_line() -> None:
    (said,) = problems(lambda: load("small-rural", overrides=["grants.0=3"]))
    assert "put them in a file of kind strategy" in said


def test_a_strategy_made_in_memory_has_its_grants_beside_its_levers() -> None:
    strategies: Any = {"status_quo": None, "mine": {"pipeline": 0.8, "grants": [FEDERAL]}}
    compared = rs.compare(
        "small-rural", strategies, conditions="stable", years=3, warm_up=1, replicates=1
    )
    assert [len(scenario.grants) for scenario in compared.scenarios] == [0, 1]
    wrong: Any = {"mine": {"pipeline": 0.8, "grants": 3}}
    assert any(
        "must be a list of grants" in one
        for one in problems(lambda: rs.compare("small-rural", wrong, conditions="stable"))
    )
