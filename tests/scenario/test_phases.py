"""Dated plans as they are written: in files, in Python, and what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from asking import problems
from districts import WEB, small

import reformsim as rs
from reformsim.analysis.plan_years import plan_years
from reformsim.experiments.whatif import what_if
from reformsim.scenario import Scenario
from reformsim.scenario.levers import Levers
from reformsim.scenario.loading import load
from reformsim.scenario.plans import Phase

if TYPE_CHECKING:
    from pathlib import Path

PHASED = """
kind = "strategy"
title = "Phased"

[levers]
span_of_control = 10

[[phases]]
year = 3
title = "Coaches"
teachers_per_coach = 40

[[phases]]
year = 6
ends = true
mentor_share = 0.4
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "phased.toml"
    path.write_text(text)
    return path


def test_a_file_is_what_python_makes(tmp_path: Path) -> None:
    scenario = load("small-rural", written(tmp_path, PHASED))
    by_hand = load("small-rural", "status_quo", overrides=["levers.span_of_control=10"]).replace(
        names=scenario.names.model_dump(),
        phases=[
            {"year": 3, "title": "Coaches", "teachers_per_coach": 40},
            Phase.model_validate({"year": 6, "ends": True, "levers": {"mentor_share": 0.4}}),
        ],
    )
    assert scenario == by_hand
    assert scenario.fingerprint == by_hand.fingerprint
    assert [design.month for design in scenario.plan] == [0, 24, 60]
    launch, coaches, end = (design.levers for design in scenario.plan)
    assert (launch.span_of_control, coaches.span_of_control) == (10, 10)
    assert coaches.teachers_per_coach == 40
    assert end == scenario.baseline.model_copy(update={"mentor_share": 0.4})


def test_a_recipe_gives_the_plan_back(tmp_path: Path) -> None:
    scenario = load("small-rural", written(tmp_path, PHASED))
    assert Scenario.model_validate_json(scenario.model_dump_json()) == scenario
    assert hash(scenario) == hash(Scenario.model_validate(scenario.model_dump()))


def test_without_phases_nothing_is_another_scenario() -> None:
    assert load("small-rural", "web_of_support").fingerprint == "d4de5964a215c777"
    plan = small().replace(phases=[{"year": 2, "pipeline": 0.3}])
    ended = plan.replace(phases=[*plan.phases, {"year": 3, "ends": True, "title": "E"}])
    assert ended.fingerprint == "17aa15c14e19496e"  # as before phases could have a length
    assert plan.fingerprint != small().fingerprint
    assert plan.replace(phases=[]).fingerprint == small().fingerprint


def test_every_problem_of_a_file_is_told_with_its_line(tmp_path: Path) -> None:
    text = """kind = "strategy"
title = "Wrong"
[[phases]]
pipelin = 0.3
[[phases]]
year = 1
launch_focus = 0.4
pipeline = 3
[[phases]]
year = "x"
"""
    said = problems(lambda: load("small-rural", written(tmp_path, text)))
    for number, part in (
        (3, "phases.0.year: missing key; allowed: a whole number from 2 to 100"),
        (4, "phases.0.pipelin: unknown key (did you mean 'pipeline'?)"),
        (6, "phases.1.year: out of bounds; found 1"),
        (7, "phases.1.launch_focus: acts at the launch and cannot change later"),
        (8, "phases.1.pipeline: out of bounds; found 3"),
        (10, 'phases.2.year: must be a whole number; found "x"'),
    ):
        assert any(f"phased.toml:{number}: {part}" in one for one in said), part
    assert len(said) == 6


def test_phases_that_do_not_fit_together_are_each_told(tmp_path: Path) -> None:
    text = """kind = "strategy"
title = "Wrong"
[[phases]]
year = 5
span_of_control = 24
[[phases]]
year = 4
pipeline = 0.5
[[phases]]
year = 40
pipeline = 0.6
"""
    said = problems(lambda: load("small-rural", written(tmp_path, text)))
    for number, part in (
        (6, "the phase of year 4 stands after that of year 5"),
        (9, "the phase of year 40 begins after the run of 15 years has ended"),
    ):
        assert any(f"phased.toml:{number}: " in one and part in one for one in said), said
    assert len(said) == 2
    idle = text[: text.index("[[phases]]", 60)]
    (said_of_idle,) = problems(lambda: load("small-rural", written(tmp_path, idle)))
    assert "phased.toml:3: phases.0: the phase of year 5 changes nothing" in said_of_idle


def test_a_lever_that_is_varied_may_come_to_what_a_phase_sets() -> None:
    plan = small().replace(phases=[{"year": 2, "pipeline": 0.4}])
    assert plan.replace(levers={"pipeline": 0.4}).phases == plan.phases
    (said,) = problems(lambda: plan.replace(levers={"pipeline": 0.4}, phases=plan.phases))
    assert "phases.0: the phase of year 2 changes nothing" in said


MENTORS = Levers().mentor_share


class TestALength:
    """A phase with a length goes back: the known answers of the definition."""

    def plan(self, *phases: dict[str, Any]) -> list[tuple[int, float, float]]:
        scenario = small(levers={"pipeline": 0.3}).replace(
            horizon={"years": 10}, phases=list(phases)
        )
        designs = scenario.plan
        return [(one.year, one.levers.pipeline, one.levers.mentor_share) for one in designs]

    def test_what_it_names_goes_back_to_what_is_under_way_and_the_rest_stays(self) -> None:
        found = self.plan(
            {"year": 2, "pipeline": 0.5},
            {"year": 4, "years": 3, "pipeline": 0.8},
            {"year": 5, "mentor_share": 0.6},
        )
        assert found == [
            (1, 0.3, MENTORS),
            (2, 0.5, MENTORS),
            (4, 0.8, MENTORS),
            (5, 0.8, 0.6),
            (7, 0.5, 0.6),
        ]

    def test_of_two_that_overlap_the_later_wins(self) -> None:
        longer_first = self.plan(
            {"year": 2, "years": 6, "pipeline": 0.5}, {"year": 4, "years": 2, "pipeline": 0.8}
        )
        assert longer_first == [
            (1, 0.3, MENTORS),
            (2, 0.5, MENTORS),
            (4, 0.8, MENTORS),
            (6, 0.5, MENTORS),
            (8, 0.3, MENTORS),
        ]
        later_lasts = self.plan(
            {"year": 2, "years": 4, "pipeline": 0.5}, {"year": 4, "pipeline": 0.8}
        )
        assert later_lasts == [(1, 0.3, MENTORS), (2, 0.5, MENTORS), (4, 0.8, MENTORS)]

    def test_an_end_with_a_length_is_a_pause(self) -> None:
        paused = self.plan({"year": 3, "years": 2, "ends": True, "mentor_share": 0.4})
        assert paused == [(1, 0.3, MENTORS), (3, 0.1, 0.4), (5, 0.3, MENTORS)]

    def test_a_length_beyond_the_run_is_no_mistake(self) -> None:
        assert self.plan({"year": 9, "years": 50, "pipeline": 0.8}) == [
            (1, 0.3, MENTORS),
            (9, 0.8, MENTORS),
        ]

    def test_one_that_is_hidden_for_all_its_length_changes_nothing(self) -> None:
        (said,) = problems(
            lambda: self.plan(
                {"year": 2, "pipeline": 0.8}, {"year": 4, "years": 2, "pipeline": 0.8}
            )
        )
        assert "phases.1: the phase of year 4 changes nothing" in said

    @pytest.mark.parametrize("years", [0, 101, 1.5, "2"])
    def test_one_that_cannot_be_is_told_with_its_line(self, tmp_path: Path, years: Any) -> None:
        text = PHASED.replace("year = 3", f"year = 3\nyears = {years!r}")
        (said,) = problems(lambda: load("small-rural", written(tmp_path, text)))
        assert "phased.toml:10: phases.0.years: " in said
        assert "a whole number" in said

    def test_it_is_kept_with_the_scenario(self) -> None:
        plan = small().replace(phases=[{"year": 2, "years": 2, "pipeline": 0.3}])
        assert Scenario.model_validate_json(plan.model_dump_json()) == plan
        for_good = small().replace(phases=[{"year": 2, "pipeline": 0.3}])
        assert plan.fingerprint != for_good.fingerprint
        assert "years" not in for_good.model_dump()["phases"][0]

    def test_the_years_of_a_plan_say_where_it_ends(self) -> None:
        plan = small().replace(
            phases=[
                {"year": 2, "years": 1, "title": "Coaches", "teachers_per_coach": 40},
                {"year": 3, "years": 1, "pipeline": 0.8},
            ]
        )
        years = plan_years(plan)
        assert [year.title for year in years] == [
            "launch",
            "Coaches",
            "Coaches ends",
            "phase of year 3 ends",
        ]
        assert years[2].changes["pipeline"] == (0.1, 0.8)
        assert years[3].changes == {"pipeline": (0.8, 0.1)}
        assert years[1].cost > years[2].cost > years[3].cost == 0


@pytest.mark.parametrize(
    ("phases", "part"),
    [
        ([{"year": 2, "pipelin": 0.3}], "pipelin: unknown key"),
        (
            [{"year": 2, "levers": {"pipelin": 0.3}}],
            "phases.0.pipelin: unknown key (did you mean 'pipeline'?)",
        ),
        ([{"year": 2, "levers": {"pilot_months": 3}}], "cannot change later"),
        ([{"year": 2, "pipeline": 7}], "out of bounds"),
        ([{"pipeline": 0.3}], "missing key"),
        (
            [{"year": 2, "pipeline": 0.3}, {"year": 2, "pipeline": 0.4}],
            "two phases begin with year 2",
        ),
        ({"year": 2}, "phases"),
        (3, "phases"),
    ],
)
def test_what_is_wrong_in_python_is_told(phases: Any, part: str) -> None:
    assert any(part in one for one in problems(lambda: small().replace(phases=phases)))


def test_a_phase_cannot_be_overridden_on_the_command_line() -> None:
    (said,) = problems(lambda: load("small-rural", overrides=["phases.0=3"]))
    assert "put them in a file of kind strategy" in said


def test_a_plan_costs_what_its_designs_cost() -> None:
    web = small(levers=WEB | {"coaching_seats": 0, "coaching_months": 0})
    plan = web.replace(phases=[{"year": 3, "ends": True}])
    years = plan_years(plan)
    assert [year.year for year in years] == [1, 2, 3, 4]
    assert [year.title for year in years] == ["launch", "", "end", ""]
    assert years[0].cost == years[1].cost == plan_years(web)[3].cost > 0
    assert years[2].cost == years[3].cost == 0
    assert years[2].changes["pipeline"] == (0.8, 0.1)


def test_a_contract_costs_what_it_does_when_its_phase_is_over() -> None:
    seats = {"coaching_seats": 4, "coaching_start": 6, "coaching_months": 24}
    plan = small(levers=seats).replace(phases=[{"year": 2, "ends": True}])
    costs = [year.cost for year in plan_years(plan)]
    assert costs == [pytest.approx(costs[1] / 2), costs[1], pytest.approx(costs[1] / 2), 0]
    assert costs[1] > 0


def test_a_strategy_made_in_memory_has_its_phases_beside_its_levers() -> None:
    phases = [{"year": 3, "ends": True}]
    strategies: Any = {"status_quo": None, "mine": {"pipeline": 0.8, "phases": phases}}
    compared = rs.compare(
        "small-rural", strategies, conditions="stable", years=3, warm_up=1, replicates=1
    )
    assert [len(scenario.plan) for scenario in compared.scenarios] == [1, 2]


def test_a_lever_taken_away_is_taken_from_every_phase() -> None:
    plan = small(levers={"pipeline": 0.4}).replace(
        phases=[{"year": 2, "pipeline": 0.8}, {"year": 3, "pipeline": 0.9, "mentor_share": 0.5}]
    )
    change = what_if(plan, removed=["pipeline"])
    assert [phase.levers for phase in change.changed.phases] == [(("mentor_share", 0.5),)]
    assert all(design.levers.pipeline == 0.1 for design in change.changed.plan)
    later = small().replace(phases=[{"year": 3, "pipeline": 0.8}])
    assert what_if(later, removed=["pipeline"]).since == 24


def test_what_is_wrong_with_levers_of_a_phase_is_told_with_all_else_and_its_place() -> None:
    phase = {"year": 2, "pipeline": 7, "mentor_shar": 0.3, "pilot_months": 3}
    said = problems(lambda: small().replace(phases=[phase], grants=[{"month": 0}]))
    for part in (
        "phases.0.pipeline: out of bounds; found 7; allowed: a number from 0 to 1",
        "phases.0.mentor_shar: unknown key (did you mean 'mentor_share'?)",
        "phases.0.pilot_months: acts at the launch and cannot change later",
        "grants.0.months: missing key",
        "grants.0.dollars: missing key",
    ):
        assert any(one.startswith(part) for one in said), said
    assert len(said) == 5


@pytest.mark.parametrize("levers", [None, "abc", 5, [("pipeline", 0.3)], (1,)])
def test_levers_of_a_phase_that_are_none_are_told_beside_one_that_is(levers: Any) -> None:
    phase = {"year": 2, "levers": levers, "pipeline": 0.4}
    said = problems(lambda: small().replace(phases=[phase]))
    assert all(one.startswith("phases.0.levers") for one in said), said


def test_a_lever_given_twice_in_a_phase_is_told() -> None:
    phase = {"year": 2, "levers": {"pipeline": 0.4}, "pipeline": 0.5}
    (said,) = problems(lambda: small().replace(phases=[phase]))
    assert said == "phases.0.pipeline: is given twice in one phase"


def test_all_that_does_not_fit_is_told_at_once_line_by_line(tmp_path: Path) -> None:
    text = """kind = "scenario"
title = "Nothing fits"
extends = ["small-rural"]
[levers]
pipeline = 0.4
[adoption]
first = [1, 7]
only = [1]
refuse = [1]
[[phases]]
year = 3
pipeline = 0.5
[[phases]]
year = 5
pipeline = 0.6
[[phases]]
year = 3
pipeline = 0.7
[[grants]]
month = 500
months = 12
dollars = 5
[[grants]]
month = 500
months = 13
dollars = 5
[[events]]
type = "principal_departure"
month = 3
school = 7
[[events]]
type = "principal_departure"
month = 3
school = 7
[[events]]
type = "superintendent_departure"
month = 3
[[events]]
type = "superintendent_departure"
month = 3
"""
    path = tmp_path / "nothing.toml"
    path.write_text(text)
    said = problems(lambda: load(path))
    expected = [
        "7: adoption.first: has school 7, but schools are numbered 0 to 5",
        "7: adoption.first: has school 7, which adoption.only has not",
        "9: adoption.refuse: has school 1, which adoption.first has too",
        "9: adoption.refuse: has school 1, which adoption.only has too",
        "16: phases.2: two phases begin with year 3",
        "19: grants.0: the grant of month 500 begins after",
        "23: grants.1: the grant of month 500 begins after",
        "27: events.0: principal_departure names school 7",
        "31: events.1: principal_departure names school 7",
        "38: events.3: the superintendent leaves twice in month 3",
    ]
    assert len(said) == len(expected), said
    for one, part in zip(said, expected, strict=True):
        assert f"nothing.toml:{part}" in one


def test_what_may_stand_in_the_lists_of_a_plan_is_told() -> None:
    (said,) = problems(lambda: small().replace(adoption={"first": 3}))
    assert said.endswith("allowed: a list of whole numbers from 0 to 15,999")
    (said,) = problems(lambda: small().replace(grants=[GRANT | {"lines": "coaches"}]))
    assert "allowed: a list of names: leadership_posts, coaches, " in said


GRANT: dict[str, Any] = {"month": 0, "months": 12, "dollars": 50}


def test_overrides_reach_every_strategy_made_in_memory() -> None:
    strategies: Any = {
        "status_quo": None,
        "mine": {"pipeline": 0.8, "phases": [{"year": 2, "ends": True}]},
    }
    changes = {"levers.mentor_share": 0.5, "adoption.first": [2], "levers.participation": 0.5}
    for district in ("small-rural", small()):
        compared = rs.compare(
            district, strategies, years=3, warm_up=1, replicates=1, workers=1, set=changes
        )
        assert {s.levers.mentor_share for s in compared.scenarios} == {0.5}
        assert {s.levers.participation for s in compared.scenarios} == {0.5}
        assert {s.adoption.first for s in compared.scenarios} == {(2,)}
        assert compared.scenarios[1].levers.pipeline == 0.8


def test_levers_of_a_phase_in_a_file_stand_beside_its_year(tmp_path: Path) -> None:
    text = PHASED.replace("teachers_per_coach = 40", "levers = {teachers_per_coach = 40}")
    (said,) = problems(lambda: load("small-rural", written(tmp_path, text)))
    assert said.endswith(
        ":11: phases.0.levers: unknown key (in a file the levers of a phase stand beside its year)"
    )


def test_a_strategy_made_in_memory_leaves_a_district_its_title() -> None:
    compared = rs.compare(
        "small-rural",
        {"status_quo": None, "mine": {"pipeline": 0.8}},
        conditions="stable",
        years=1,
        warm_up=1,
        replicates=1,
        workers=1,
    )
    assert compared.titles["small-rural"] == "Small rural district"
