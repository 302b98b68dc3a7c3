"""What `show`, its JSON and reports say of the schools that take part."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from districts import small

from reformsim.report.page import _event_in_words, _plan_settings
from reformsim.scenario.adoption import Adoption, adoption_in_words

PLAN = """kind = "strategy"
title = "Pilot"
[levers]
design_work = 0.8
mentor_share = 0.8
participation = 0.2
[adoption]
chosen_by = "readiness"
first = [4, 1]
refuse = [2]
[[phases]]
year = 3
participation = 1.0
[[grants]]
month = 0
months = 1
dollars = 50
taper_years = 1
stands_in = 0.5
"""
WORDS = [
    "The schools most ready at the launch come first",
    "Schools 4 and 1 come before all others, in this order",
    "School 2 never takes part",
]


@pytest.fixture
def pilot(tmp_path: Path) -> str:
    path = tmp_path / "pilot.toml"
    path.write_text(PLAN)
    return str(path)


def test_show_says_which_schools_take_part_and_how_many(invoke, pilot):
    shown = invoke("show", "small-rural", pilot).out
    for words in WORDS:
        assert f"{words}.\n" in shown
    assert re.search(r"adoption.first +4, 1 +\S*pilot.toml:9", shown)
    assert re.search(r"^ +1  launch .* 1 +\d+$", shown, re.MULTILINE)
    assert re.search(r"^ +3  – .* 5 +\d+$", shown, re.MULTILINE)
    plain = invoke("show", "small-rural", "web_of_support").out
    assert "Schools that take part" not in plain
    assert "adoption." not in plain


def test_json_has_it_too(invoke, pilot):
    found = json.loads(invoke("show", "small-rural", pilot, "--json").out)
    assert found["adoption"] == {
        "chosen_by": "readiness",
        "first": [4, 1],
        "only": [],
        "refuse": [2],
    }
    assert found["who_takes_part"] == WORDS
    assert [year["schools"] for year in found["plan"][:3]] == [1, 1, 5]
    (value,) = [row for row in found["values"] if row["key"] == "adoption.refuse"]
    assert value["value"] == [2]
    assert value["from"].endswith("pilot.toml:10")


def test_a_blank_line_stands_before_every_table(invoke, pilot):
    lines = invoke("show", "small-rural", pilot, "severe-recession").out.splitlines()
    for title in ("Plan", "Schools that take part", "Grants", "Money there is", "Events"):
        assert lines[lines.index(title) - 1] == "", title


def test_show_says_what_a_grant_stands_in_for_and_counts_one_year(invoke, pilot):
    shown = invoke("show", "small-rural", pilot).out
    assert "stands in" in shown
    assert "1 year " in shown
    assert "1 years" not in shown


def test_an_event_outside_of_the_run_is_said_to_do_nothing(invoke, tmp_path):
    events = {"superintendent_departure": -61, "partner_departure": 36, "board_turnover": 35}
    text = 'kind = "condition"\ntitle = "Late"\n' + "".join(
        f'[[events]]\ntype = "{kind}"\nmonth = {month}\n' for kind, month in events.items()
    )
    path = tmp_path / "late.toml"
    path.write_text(text + "capital_lost = 0.5\n")
    shown = invoke("show", "small-rural", str(path), "--years", "3").out
    assert shown.count("does nothing") == 2
    assert "(before the run: does nothing)" in shown
    assert "(after the run: does nothing)" in shown


def test_a_report_says_it_among_the_settings():
    scenario = small().replace(
        levers={"participation": 0.4, "pipeline": 0.8}, adoption={"only": [0, 2]}
    )
    assert _plan_settings(scenario)[-2:] == [
        "The neediest schools come first",
        "Only schools 0 and 2 may take part",
    ]


def test_an_order_that_does_not_matter_is_said_to():
    said = adoption_in_words(Adoption(first=(1,)), some_wait=False)
    assert said == ["Every design is for all schools: who comes first does not matter"]
    assert adoption_in_words(Adoption(), some_wait=False) == []


def test_months_and_years_are_counted_as_people_do(invoke, tmp_path):
    path = tmp_path / "one.toml"
    path.write_text(PLAN.replace("month = 0", "month = 12"))
    said = invoke("run", "small-rural", str(path), "--years", "1", "--warm-up", "1").err
    assert "a run of 1 year does not reach the phase of year 3, the grant of month 12" in said
    events = [{"type": "superintendent_departure", "month": month} for month in (0, 1, -3, 12)]
    assert [_event_in_words(event) for event in small(events=events).events] == [
        "Superintendent departure, at the launch",
        "Superintendent departure, 1 month after the launch",
        "Superintendent departure, 3 months before the launch",
        "Superintendent departure, 1 year after the launch",
    ]
