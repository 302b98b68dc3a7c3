"""Overrides of levers from a school year on, as `--set levers.pipeline@3=0.8`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from asking import problems
from districts import small

import reformsim as rs
from reformsim.scenario.loading import compose, load

if TYPE_CHECKING:
    from pathlib import Path

    from reformsim.scenario import Scenario

PHASED = """kind = "strategy"
title = "Phased"
[[phases]]
year = 3
title = "Coaches"
teachers_per_coach = 40
[[phases]]
year = 6
pipeline = 0.9
"""
SHORT: dict[str, Any] = {"years": 4, "warm_up": 1, "replicates": 1}


@pytest.fixture
def phased(tmp_path: Path) -> str:
    path = tmp_path / "phased.toml"
    path.write_text(PHASED)
    return str(path)


def pipelines(scenario: Scenario) -> list[tuple[int, float]]:
    return [(design.year, design.levers.pipeline) for design in scenario.plan]


class TestAnOverride:
    def test_adds_a_phase_to_a_strategy_without_any(self) -> None:
        scenario = load("small-rural", overrides=["levers.pipeline@3=0.8"])
        by_hand = load("small-rural").replace(phases=[{"year": 3, "pipeline": 0.8}])
        assert scenario == by_hand

    def test_gives_a_value_to_the_phase_of_its_year(self, phased: str) -> None:
        composed = compose("small-rural", phased, overrides=["levers.pipeline@3=0.5"])
        coaches, later = composed.scenario.phases
        assert (coaches.title, dict(coaches.levers)) == (
            "Coaches",
            {"teachers_per_coach": 40, "pipeline": 0.5},
        )
        assert pipelines(composed.scenario) == [(1, 0.1), (3, 0.5), (6, 0.9)]
        assert later.year == 6

    def test_of_several_there_is_a_phase_for_each_year_and_the_last_counts(self) -> None:
        texts = ["pipeline@5=0.5", "pipeline@2=0.7", "mentor_share@5=1", "pipeline@5=0.6"]
        scenario = load("small-rural", overrides=[f"levers.{text}" for text in texts])
        assert [phase.year for phase in scenario.phases] == [2, 5]
        assert dict(scenario.phases[1].levers) == {"pipeline": 0.6, "mentor_share": 1}

    def test_comes_after_those_of_the_launch_in_any_order(self) -> None:
        texts = ["levers.pipeline@3=0.8", "levers.pipeline=0.5", "horizon.years=3"]
        assert pipelines(load("small-rural", overrides=texts)) == [(1, 0.5), (3, 0.8)]

    def test_of_a_file_keeps_its_line_and_its_own_has_its_option(self, phased: str) -> None:
        composed = compose("small-rural", phased, overrides=["levers.pipeline@4=0.5"])
        origins = [composed.origins[f"phases.{number}"] for number in range(3)]
        assert [origin.line for origin in origins] == [3, 0, 7]
        assert origins[1].file == "override"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("levers.pipelin@3=0.5", "unknown key (did you mean 'pipeline'?)"),
        ("levers.year@3=5", "unknown key"),
        ("levers.pipeline@1=0.5", 'is no later school year; found "1"'),
        ("levers.pipeline@101=0.5", "allowed: a whole number from 2 to 100"),
        ("levers.pipeline@2.5=0.5", "is no later school year"),
        ("levers.pipeline@-3=0.5", "is no later school year"),
        ("levers.pipeline@٣=0.5", "is no later school year"),
        ("levers.pipeline@16=0.5", "begins after the run of 15 years has ended"),
        ("levers.pilot_months@3=5", "acts at the launch and cannot change later"),
        ("levers.pipeline@3=0.1", "changes nothing; found 0.1"),
        ("levers.pipeline@3=7", "out of bounds; found 7; allowed: a number from 0 to 1"),
        ("levers.pipeline@3=x", 'must be a number; found "x"'),
        ("levers.pipeline@3=", "not an override"),
        ("levers.pipeline@3", "not an override"),
        ("levers.pipeline@=0.5", "not an override"),
        ("pipeline@3=0.5", "not an override"),
        ("@3=0.5", "not an override"),
        ("baseline.pipeline@3=0.5", "only levers change in a later school year"),
    ],
)
def test_what_is_wrong_is_told(text: str, part: str) -> None:
    (said,) = problems(lambda: load("small-rural", overrides=[text]))
    assert part in said
    (said,) = problems(lambda: rs.run(small(horizon={"years": 15}), set=[text], replicates=1))
    assert part in said


def test_every_problem_is_told() -> None:
    texts = ["levers.pipelin@3=0.5", "levers.pipeline@1=0.5", "horizon.year=3"]
    assert len(problems(lambda: load("small-rural", overrides=texts))) == 3


def test_one_that_a_later_one_hides_changes_nothing(phased: str) -> None:
    texts = ["levers.pipeline@5=0.5", "levers.pipeline@6=0.5"]
    (said,) = problems(lambda: load("small-rural", phased, overrides=texts))
    assert "levers.pipeline@6: changes nothing" in said


class TestSeveralStrategies:
    """As every override, one of a later year is for all that are compared, the baseline included."""

    def compared(self, **arguments: Any) -> dict[str, list[tuple[int, float]]]:
        given: dict[str, Any] = {
            "strategies": ["status_quo", "web_of_support"],
            "conditions": "stable",
            **SHORT,
        }
        compared = rs.compare("small-rural", **(given | arguments))
        return {one.names.strategy: pipelines(one) for one in compared.scenarios}

    def test_of_a_comparison_all_have_it(self) -> None:
        assert self.compared(set={"levers.pipeline@3": 0.5}) == {
            "status_quo": [(1, 0.1), (3, 0.5)],
            "web_of_support": [(1, 0.8), (3, 0.5)],
        }

    def test_it_may_change_nothing_in_one_but_not_in_all(self) -> None:
        assert self.compared(set=["levers.pipeline@3=0.8"]) == {
            "status_quo": [(1, 0.1), (3, 0.8)],
            "web_of_support": [(1, 0.8)],
        }
        alike = ["levers.pipeline=0.8", "levers.pipeline@3=0.8"]
        (said,) = problems(lambda: self.compared(set=alike))
        assert "levers.pipeline@3: changes nothing" in said

    def test_those_made_in_memory_have_it_too(self) -> None:
        strategies = {"status_quo": None, "mine": {"pipeline": 0.8}}
        assert self.compared(strategies=strategies, set=["levers.pipeline@3=0.5"]) == {
            "status_quo": [(1, 0.1), (3, 0.5)],
            "mine": [(1, 0.8), (3, 0.5)],
        }

    def test_what_if_has_it_on_both_sides(self) -> None:
        changes = {"set": ["levers.pipeline@3=0.8"], **SHORT}
        asked = rs.what_if(
            "small-rural",
            removed="mentor_share",
            strategies=["status_quo", "web_of_support"],
            **changes,
        )
        plans = [pipelines(result.scenario) for result in asked.results]
        assert sorted(plans) == 2 * [[(1, 0.1), (3, 0.8)]] + 2 * [[(1, 0.8)]]
