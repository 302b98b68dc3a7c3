"""The money of any dated plan in both engines: what pays for what, in every month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import hypothesis.strategies as st
import numpy as np
import pytest
from dated import grants_within, phases_within
from districts import WEB, small
from exactness import EXAMPLES, check, scenarios
from hypothesis import HealthCheck, given, settings

from reformsim.engines import simulate
from reformsim.engines.reference import DistrictModel
from reformsim.scenario.grants import Grant
from reformsim.theory.costs import FOR_SCHOOLS, LEVELS, Levels, costs_of, total_cost

if TYPE_CHECKING:
    from reformsim.scenario import Scenario

YEARS = 5
any_plan = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@st.composite
def paid_plans(draw: st.DrawFn) -> Scenario:
    """Return any small district with any phases, schools that take part, grants and cuts."""
    scenario = draw(scenarios()).replace(horizon={"years": YEARS})
    grants = tuple(map(Grant.model_validate, draw(grants_within(YEARS))))
    return scenario.model_copy(update={"phases": draw(phases_within(YEARS)), "grants": grants})


@any_plan
@given(paid_plans(), st.integers(0, 2**32 - 1))
def test_both_engines_agree(scenario: Scenario, seed: int) -> None:
    check(scenario, seed)


@any_plan
@given(paid_plans(), st.integers(0, 2**32 - 1))
def test_the_own_line_and_grants_pay_for_all_of_it(scenario: Scenario, seed: int) -> None:
    run = simulate(scenario, seed)
    funded = np.sum([run.costs[name] for name in LEVELS], axis=0)
    granted = run.district["grant_spending"]
    own, line = funded - granted, run.district["support_funding"]
    slack = 1e-9 * (1.0 + funded)
    assert (own <= line + slack).all()
    assert (own >= -slack).all()
    total = np.sum(list(run.costs.values()), axis=0)
    np.testing.assert_allclose(run.district["cost_per_pupil"], total, rtol=1e-12, atol=1e-9)


@any_plan
@given(paid_plans(), st.integers(0, 2**32 - 1), st.integers(1, 12 * YEARS - 1))
def test_nothing_is_paid_before_it_begins(scenario: Scenario, seed: int, month: int) -> None:
    """What begins from some month on, a phase or a grant, changes nothing before."""
    earlier = scenario.model_copy(
        update={
            "phases": tuple(each for each in scenario.phases if 12 * (each.year - 1) < month),
            "grants": tuple(each for each in scenario.grants if each.month < month),
        }
    )
    run, other = simulate(scenario, seed), simulate(earlier, seed)
    before = run.months < month
    for one, usual in ((run.costs, other.costs), (run.district, other.district)):
        for name, series in one.items():
            np.testing.assert_allclose(
                series[before], usual[name][before], rtol=1e-9, atol=1e-12, err_msg=name
            )


@any_plan
@given(paid_plans(), st.integers(0, 2**32 - 1))
def test_what_schools_get_is_what_is_paid_for(scenario: Scenario, seed: int) -> None:
    model = DistrictModel(scenario, seed)
    for_schools = [Levels._fields.index(name) for name in FOR_SCHOOLS]
    while model.month < scenario.last_month:
        month = model.month
        model.step()
        granted = model.district.granted
        paid = total_cost(costs_of(granted, model.prices))
        assert paid == pytest.approx(model.district.grant_spending, rel=1e-9, abs=1e-9)
        under_way = [each for each in scenario.grants if each.month <= month < each.end]
        for name in LEVELS:
            if not any(grant.pays(name) for grant in under_way):
                assert getattr(granted, name) == 0.0
        apart = [school.apart for school in model.schools if school.apart]
        if apart:
            for table, district in (
                ("levels", model.district.levels),
                ("granted", granted),
                ("committed", model.committed),
            ):
                schools = np.array([getattr(each, table) for each in apart])[:, for_schools]
                np.testing.assert_allclose(
                    schools.mean(axis=0),
                    np.array(district)[for_schools],
                    rtol=1e-9,
                    atol=1e-12,
                    err_msg=f"{table} in month {month}",
                )


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_schools_that_leave_a_design_keep_nothing_of_it_at_the_cost_of_others(engine: str) -> None:
    """Half of the schools leave a design of which the others are to have more."""
    calm = {"superintendent_turnover": 0.0, "shock_rate": 0.0}
    plan = small(levers=WEB, conditions=calm, horizon={"years": 6}).replace(
        phases=[{"year": 4, "participation": 0.5, "mentor_share": 1.0}],
        grants=[{"month": 36, "months": 12, "dollars": 9_000.0, "lines": ["mentors"]}],
    )
    usual = simulate(plan.replace(grants=[]), 3, engine=engine)
    run = simulate(plan, 3, engine=engine)
    month = 36 - plan.first_month
    price = plan.coefficients.cost_mentor * plan.district.schools / plan.district.enrolment
    design = 0.5 * 1.0 + 0.5 * plan.baseline.mentor_share
    assert run.costs["mentors"][month] / price == pytest.approx(design)
    more = run.costs["mentors"][month] - usual.costs["mentors"][month]
    assert more == pytest.approx(run.district["grant_spending"][month], rel=1e-9)
