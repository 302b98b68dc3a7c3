"""Dated plans in both engines: what begins and ends when, and what it is paid with."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from dated import phases_within
from districts import WEB, digest, small
from exactness import EXAMPLES, assert_equal, check, scenarios
from hypothesis import HealthCheck, given, settings

from reformsim.engines import simulate, simulate_paired
from reformsim.scenario import Scenario
from reformsim.scenario.levers import Levers
from reformsim.scenario.plans import AT_THE_LAUNCH, Phase

YEARS = 10


def as_defined(scenario: Scenario, year: int) -> dict[str, float]:
    """Return what docs/plans.md says of the levers in a school year, lever by lever."""
    found = {}
    for name in Levers.model_fields:
        found[name] = getattr(scenario.levers, name)
        for phase in reversed(scenario.phases) if name not in AT_THE_LAUNCH else ():
            over = math.inf if phase.years is None else phase.year + phase.years
            named = dict(phase.levers)
            if phase.year <= year < over and (phase.ends or name in named):
                found[name] = named.get(name, getattr(scenario.baseline, name))
                break
    return found


@st.composite
def planned(draw: st.DrawFn) -> Scenario:
    """Return any small district with any plan."""
    scenario = draw(scenarios())
    scenario = scenario.replace(horizon={"years": YEARS})
    return scenario.model_copy(update={"phases": draw(phases_within(YEARS))})


class TestAnyPlan:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(planned(), st.integers(0, 2**32 - 1))
    def test_both_engines_agree(self, scenario: Scenario, seed: int) -> None:
        check(scenario, seed, 1)

    @settings(max_examples=100, derandomize=True, database=None, deadline=None)
    @given(planned())
    def test_each_year_has_the_levers_of_the_definition(self, scenario: Scenario) -> None:
        months = [design.month for design in scenario.plan]
        assert months == sorted(set(months))
        assert set(months) <= set(range(0, 12 * YEARS, 12))
        for before, after in pairwise(scenario.plan):
            assert before.levers != after.levers
        for year in range(1, YEARS + 1):
            design = next(each for each in reversed(scenario.plan) if each.year <= year)
            assert design.levers.model_dump() == as_defined(scenario, year)

    @settings(max_examples=50, derandomize=True, database=None, deadline=None)
    @given(planned())
    def test_the_phases_that_change_nothing_are_those_without_which_it_is_the_same(
        self, scenario: Scenario
    ) -> None:
        idle = {place for place, _ in scenario.idle_phases()}
        for place in range(len(scenario.phases)):
            others = [phase for n, phase in enumerate(scenario.phases) if n != place]
            same = scenario.model_copy(update={"phases": others}).plan == scenario.plan
            assert (place in idle) == same

    def test_strategies_with_and_without_a_plan_share_a_warm_up(self) -> None:
        web = small(levers=WEB)
        variants = [web, web.replace(phases=[{"year": 3, "ends": True}]), small()]
        for variant, result in zip(variants, simulate_paired(variants, 3, 1), strict=True):
            assert_equal(result, simulate(variant, 3, 1))


@pytest.fixture(scope="module")
def web() -> Scenario:
    """A web of support over eight years without turnover at the top or shocks."""
    calm = {"superintendent_turnover": 0.0, "shock_rate": 0.0}
    return small(levers=WEB, conditions=calm, horizon={"years": 8, "warm_up_years": 2})


def month(scenario: Scenario, number: int) -> int:
    return number - scenario.first_month


@pytest.mark.parametrize("engine", ["compiled", "reference"])
class TestWhatAPhaseDoes:
    def test_before_it_begins_nothing_is_different(self, web: Scenario, engine: str) -> None:
        plan = web.replace(phases=[{"year": 4, "pipeline": 0.1, "teachers_per_coach": 30.0}])
        one, other = (simulate(each, 5, engine=engine) for each in (web, plan))
        start = month(web, 36)
        for before, after in ((one.district, other.district), (one.costs, other.costs)):
            for name, series in before.items():
                np.testing.assert_array_equal(series[:start], after[name][:start], err_msg=name)
        assert (one.costs["coaches"][start:] != other.costs["coaches"][start:]).any()

    def test_what_begins_later_costs_nothing_before(self, engine: str) -> None:
        plain = small(horizon={"years": 5, "warm_up_years": 1})
        later = plain.replace(phases=[{"year": 3, **WEB_LATER}])
        usual, with_plan = (simulate(each, 2, engine=engine) for each in (plain, later))
        start = month(plain, 24)
        for name, spent in with_plan.costs.items():
            np.testing.assert_array_equal(spent[:start], usual.costs[name][:start], err_msg=name)
        assert with_plan.costs["training"][start:].min() > 0

    def test_what_is_delivered_already_is_kept_while_more_is_added(
        self, web: Scenario, engine: str
    ) -> None:
        first = web.replace(levers={"teacher_leader_share": 0.05, "release_time": 0.0})
        plan = first.replace(phases=[{"year": 4, "teacher_leader_share": 0.2}])
        run = simulate(plan, 5, engine=engine)
        start = month(plan, 36)
        posts = run.costs["leadership_posts"]
        assert posts[start : start + 12].min() >= posts[start - 1]
        leaders = run.costs["teacher_leaders"]
        assert leaders[start - 1] < leaders[-1]

    def test_an_end_brings_the_baseline_back(self, web: Scenario, engine: str) -> None:
        plan = web.replace(phases=[{"year": 4, "ends": True}])
        run = simulate(plan, 5, engine=engine)
        start, extra = month(plan, 36), run.district["cost_per_pupil"]
        usual = simulate(web.replace(levers=web.baseline.model_dump()), 5, engine=engine)
        assert extra[start - 1] > 1.2 * usual.district["cost_per_pupil"][start - 1]
        assert run.costs["training"][start:].max() == 0.0
        assert run.costs["design_work"][start:].max() == 0.0
        assert extra[-1] < 1.05 * usual.district["cost_per_pupil"][-1]

    def test_a_phase_with_a_length_is_two_without(self, web: Scenario, engine: str) -> None:
        first = web.replace(levers={"teacher_leader_share": 0.05})
        once = first.replace(phases=[{"year": 3, "years": 2, "teacher_leader_share": 0.2}])
        phases = [
            {"year": 3, "teacher_leader_share": 0.2},
            {"year": 5, "teacher_leader_share": 0.05},
        ]
        one, other = (
            simulate(each, 5, engine=engine) for each in (once, first.replace(phases=phases))
        )
        assert digest(one) == digest(other)
        for_good = simulate(first.replace(phases=phases[:1]), 5, engine=engine)
        over = month(first, 48)
        leaders = one.costs["teacher_leaders"]
        np.testing.assert_array_equal(leaders[:over], for_good.costs["teacher_leaders"][:over])
        assert leaders[-1] < for_good.costs["teacher_leaders"][-1]

    def test_a_phase_that_sets_what_is_there_already_is_nothing(
        self, web: Scenario, engine: str
    ) -> None:
        named = {"pipeline": web.levers.pipeline, "mentor_share": web.levers.mentor_share}
        idle = web.model_copy(update={"phases": (Phase(year=4, levers=tuple(named.items())),)})
        assert digest(simulate(idle, 5, engine=engine)) == digest(simulate(web, 5, engine=engine))

    def test_steps_create_no_money(self, web: Scenario, engine: str) -> None:
        """What a district comes to pay does not depend on the steps that lead to the design."""
        supervisors = {"span_of_control": 4.0, "cohort_intensity": 0.7}
        coaches = {"teachers_per_coach": 30.0}
        plain = web.replace(levers={**web.baseline.model_dump(), "launch_focus": 0.75})
        at_once = plain.replace(levers=supervisors | coaches)
        steps = plain.replace(phases=[{"year": 2, **supervisors}, {"year": 4, **coaches}])
        lines = [
            simulate(each, 5, engine=engine).district["support_funding"][-1]
            for each in (at_once, steps)
        ]
        assert lines[0] > 1.1 * simulate(plain, 5, engine=engine).district["support_funding"][-1]
        assert lines[1] == pytest.approx(lines[0], rel=0.02)

    def test_a_step_that_changes_nothing_funded_leaves_the_way_alone(
        self, web: Scenario, engine: str
    ) -> None:
        first = web.replace(levers={"coaching_seats": 0})
        idle = first.replace(phases=[{"year": 3, "coaching_intensity": 0.5}])
        one, other = (simulate(each, 5, engine=engine) for each in (first, idle))
        for name, series in one.district.items():
            np.testing.assert_array_equal(series, other.district[name], err_msg=name)

    def test_what_is_given_up_ends_in_its_july(self, web: Scenario, engine: str) -> None:
        run = simulate(web.replace(phases=[{"year": 4, "mentor_share": 0.0}]), 5, engine=engine)
        start = month(web, 36)
        assert run.costs["mentors"][start - 1] > 0.0
        assert run.costs["mentors"][start:].max() == 0.0
        assert run.costs["cohorts"][start] >= run.costs["cohorts"][start - 1]

    def test_a_contract_runs_to_its_end_and_no_other_begins_meanwhile(
        self, web: Scenario, engine: str
    ) -> None:
        first = web.replace(levers={"coaching_start": 5, "coaching_months": 30})
        phases = [{"year": 2, "coaching_start": 20}, {"year": 3, "coaching_start": 40}]
        run = simulate(first.replace(phases=phases), 5, engine=engine)
        paid = np.flatnonzero(run.costs["outside_coaching"] > 0) + web.first_month
        assert set(paid.tolist()) <= {*range(5, 35), *range(40, 70)}
        starts = [one.month for one in run.events if one.kind == "contract_start"]
        assert starts == [5, 40]

    def test_a_change_of_design_tires_people_and_one_of_attention_does_not(
        self, web: Scenario, engine: str
    ) -> None:
        start = month(web, 36)
        changes: tuple[dict[str, Any], ...] = ({"pipeline": 0.1}, {"protection": 0.1})
        tired, untired = (
            simulate(web.replace(phases=[{"year": 4, **levers}]), 5, engine=engine)
            for levers in changes
        )
        usual = simulate(web, 5, engine=engine).district["initiative_fatigue"][start]
        assert tired.district["initiative_fatigue"][start] > usual
        assert untired.district["initiative_fatigue"][start] == usual


WEB_LATER = {name: value for name, value in WEB.items() if name not in AT_THE_LAUNCH} | {
    "coaching_start": 24
}


def test_a_plan_of_one_design_is_the_strategy() -> None:
    """Two ways to say the same: the levers at the launch, or later phases that do not begin in time."""
    scenario = small(levers=WEB)
    with pytest.raises(Exception, match="begins after the run"):
        scenario.replace(phases=[{"year": 9, "ends": True}])
    longer = scenario.replace(horizon={"years": 9}, phases=[{"year": 9, "ends": True}])
    cut = simulate(longer, 4)
    usual = simulate(scenario, 4)
    months = len(usual.months)
    for name, series in usual.district.items():
        np.testing.assert_array_equal(series, cut.district[name][:months], err_msg=name)
    assert digest(simulate(scenario.replace(phases=[]), 4)) == digest(usual)
