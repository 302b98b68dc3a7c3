"""Strategies scaled to the same money."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import sampled_from

import reformsim as rs
from reformsim.analysis.equal_cost import plan_cost, scaled_to
from reformsim.api.requests import ComparisonRequest
from reformsim.errors import ReformsimError
from reformsim.experiments.loading import load_experiment
from reformsim.experiments.plan import Plan
from reformsim.experiments.recipe import definition_of, recipe_of, scenarios_of
from reformsim.scenario.levers import Levers

DESIGNS = ("web_of_support", "distributed_leadership", "web_phased", "principal_training")
FREE = ("launch_focus", "protection", "pilot_months", "coaching_start", "coaching_months")


@given(sampled_from(DESIGNS), st.floats(0.1, 400))
def test_a_plan_asks_for_no_more_than_the_money(strategy, dollars):
    scenario = rs.load("mid-size", strategy, years=8)
    scaled = scaled_to(scenario, dollars)
    cost = plan_cost(scaled.scenario)
    assert cost <= dollars
    assert (scaled.part == 1) == (plan_cost(scenario) <= dollars)
    if scaled.part == 1:
        assert scaled.scenario == scenario
    # One seat of outside coaching is the only thing that cannot be bought in part.
    seat = scenario.coefficients.cost_seat / scenario.district.enrolment
    assert scaled.part == 1 or cost > dollars - seat - 1e-6


@given(sampled_from(DESIGNS), st.floats(1, 60))
def test_each_lever_lies_between_baseline_and_design(strategy, dollars):
    scenario = rs.load("mid-size", strategy)
    scaled = scaled_to(scenario, dollars).scenario
    for name in Levers.model_fields:
        usual, designed = (getattr(each, name) for each in (scenario.baseline, scenario.levers))
        low, high = sorted((usual, designed))
        assert low - 1e-12 <= getattr(scaled.levers, name) <= high + 1e-12
    assert all(getattr(scaled.levers, name) == getattr(scenario.levers, name) for name in FREE)


def test_half_the_money_for_supervisors_is_half_the_posts_that_are_added():
    """Only posts cost here: 25/12 − 25/24 more of them, of which half are 25/24 + 25/48 posts."""
    scenario = rs.load("mid-size", set={"levers.span_of_control": 12})
    scaled = scaled_to(scenario, plan_cost(scenario) / 2)
    assert scaled.part == pytest.approx(0.5)
    assert scaled.scenario.levers.span_of_control == pytest.approx(16)


def test_the_design_of_each_phase_is_scaled():
    scenario = rs.load("mid-size", "web_phased")
    scaled = scaled_to(scenario, 40).scenario
    assert [phase.year for phase in scaled.phases] == [phase.year for phase in scenario.phases]
    assert scaled.phases != scenario.phases


def test_a_comparison_says_to_what_part_and_leaves_the_baseline_alone():
    request = ComparisonRequest.of(
        "mid-size", ["web_of_support", "supervisor_redesign"], ["stable"], equal_cost=40
    )
    titles = request.titles
    assert titles["web_of_support"] == "Web of support (26 % of its design)"
    assert titles["supervisor_redesign"] == "Supervisor redesign"
    costs = {each.names.strategy: plan_cost(each) for each in request.scenarios}
    assert costs["status_quo"] == 0
    assert costs["web_of_support"] == pytest.approx(40, abs=1)


def test_a_title_holds_the_parts_under_all_conditions(tmp_path):
    """Schools that refuse cost nothing, so that more of the design is bought."""
    file = tmp_path / "refusals.toml"
    file.write_text(
        'kind = "condition"\ntitle = "Refusals"\n[conditions]\nrefusing_schools = 0.5\n'
    )
    request = ComparisonRequest.of(
        "mid-size", ["web_of_support"], ["stable", str(file)], equal_cost=40
    )
    low, high = sorted(
        scaled_to(rs.load("mid-size", condition, "web_of_support"), 40).part
        for condition in ("stable", str(file))
    )
    assert high > low + 0.05
    title = f"Web of support ({100 * low:.0f} to {100 * high:.0f} % of its design)"
    assert request.titles["web_of_support"] == title


@pytest.mark.parametrize("wrong", [0, -3, float("nan"), float("inf"), True, "40", 2e6])
def test_what_is_no_amount_is_said_with_every_other_problem(wrong):
    with pytest.raises(ReformsimError) as raised:
        ComparisonRequest.of("mid-size", ["web_of_suport"], equal_cost=wrong)
    told = str(raised.value)
    assert "equal_cost" in told
    assert "web_of_suport" in told


def test_an_experiment_scales_its_strategies_and_what_is_added_later(tmp_path):
    folder = tmp_path / "same-money"
    changes = {
        "districts": ["small-rural"],
        "strategies": ["status_quo", "distributed_leadership"],
        "replicates": 1,
        "horizon.years": 2,
        "horizon.warm_up_years": 1,
    }
    rs.Experiment(folder).run("equal-cost", set=changes)
    rs.Experiment(folder).extend(1, strategies=["web_phased"])
    recipe = recipe_of(folder)
    scenarios = scenarios_of(folder, recipe, definition_of(recipe))
    costs = {cell[2]: plan_cost(scenario) for cell, scenario in scenarios.items()}
    assert costs == {
        "status_quo": 0,
        "distributed_leadership": pytest.approx(40, abs=0.001),
        "web_phased": pytest.approx(40, abs=0.001),
    }


def test_a_plan_of_an_experiment_says_what_each_strategy_asks_for():
    (note,) = Plan(load_experiment("equal-cost")).notes()
    assert "$40 per pupil a year" in note
    assert "external_coaching $6" in note


def test_an_experiment_of_the_same_money_varies_no_lever():
    with pytest.raises(ReformsimError, match="does not go with"):
        load_experiment("equal-cost", ["levers.'levers.pipeline'=[0, 1]"])
