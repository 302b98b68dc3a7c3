"""The ODD page is the one that the code gives, and nothing in it is left over or missing."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from reformsim.district.state import TABLES
from reformsim.figures.responses import View, response
from reformsim.report.odd import odd_page, page, responses_by_module
from reformsim.report.odd.schedule import START, equations_by_stage, stage_meanings
from reformsim.report.odd.state import state_variables
from reformsim.scenario.coefficients import Coefficients
from reformsim.theory.catalogue import equations, parse
from reformsim.theory.outcome import school_conditions
from reformsim.theory.schedule import STAGES

DOCS = Path(__file__).parents[2] / "docs"
WORDS = page._words()
PLAIN = View({}, {}, {})


def test_the_page_is_the_one_the_code_gives() -> None:
    """`make odd` brings it up to date, curves included: their digests stand in it."""
    assert (DOCS / "odd.md").read_text(encoding="utf-8") == odd_page()


def test_every_figure_is_there_and_no_other() -> None:
    there = {path.stem for path in (DOCS / page.IMAGES).glob("*.png")}
    assert there == set(responses_by_module())


def test_the_digest_tells_when_curves_change() -> None:
    p = Coefficients()
    other = p.model_copy(update={"turnover_penalty": 1.1 * p.turnover_penalty})
    one, same, changed = (
        page._digest([response(school_conditions, parse(school_conditions), given, PLAIN)])
        for given in (p, p, other)
    )
    assert one == same != changed


def test_modules_stand_in_the_order_of_the_month() -> None:
    order = list(responses_by_module())
    assert order[0] == "equation"
    ranks = [order.index(name) for name in ("revenue", "workload", "learning", "turnover")]
    assert ranks == sorted(ranks)


class TestState:
    def test_every_declared_table_is_shown(self):
        assert set(state_variables()) == {table.table for table in TABLES} | {"level"}

    def test_what_no_stage_changes_is_fixed(self):
        stages = {variable.name: variable.stage for variable in state_variables()["school"]}
        assert stages["need"] == ""
        assert stages["leadership"] == "support"


class TestSchedule:
    def test_every_equation_is_called_somewhere(self):
        called = equations_by_stage(set(equations()))
        missing = set(equations()) - {name for names in called.values() for name in names}
        assert missing == set()

    @pytest.mark.parametrize(
        ("stage", "equation"),
        [
            (START, "frailty"),
            ("environment", "trend"),
            ("budget", "delivered"),  # through delivered_levels
            ("learning", "novice"),  # through another equation
            ("turnover", "teacher_hazard"),  # through an agent
            ("record", "seats_cost"),  # through another method of the stage's name
        ],
    )
    def test_calls_are_followed(self, stage, equation):
        called = equations_by_stage(set(equations()))
        assert equation in called[stage]

    def test_a_stage_calls_nothing_of_others(self):
        called = equations_by_stage(set(equations()))
        assert "next_trust" not in {name for stage in STAGES[:7] for name in called[stage]}

    def test_every_stage_says_what_it_does(self):
        assert all(stage_meanings().values())


def test_every_curve_moves() -> None:
    flat = [
        one.name
        for own in responses_by_module().values()
        for one in own
        if max(map(max, one.lines.values())) == min(map(min, one.lines.values()))
    ]
    assert flat == []


@pytest.mark.parametrize("table", ["rest", "spans", "axes"])
def test_words_about_curves_are_about_what_is_there(table: str) -> None:
    """A name that is left over from an equation that has gone would mislead."""
    arguments = {
        name: [one for one in inspect.signature(function).parameters if one != "p"]
        for name, function in equations().items()
    }
    known = (
        set(arguments)
        if table == "axes"
        else {
            key for name, own in arguments.items() for one in own for key in (one, f"{name}.{one}")
        }
    )
    assert sorted(set(WORDS[table]) - known) == []
