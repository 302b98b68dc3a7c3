"""The money that there is for a plan, against arithmetic by hand and against runs."""

from __future__ import annotations

import pytest
from districts import WEB, small

from reformsim.analysis.money import money_years, shortfalls
from reformsim.engines import simulate
from reformsim.scenario.loading import load

CALM = {"superintendent_turnover": 0.0, "shock_rate": 0.0}


def test_the_own_line_rises_by_a_step_a_year_until_the_design_is_paid() -> None:
    # Of $14,000 three thousandths a year can be moved: $42.
    scenario = load("mid-size", overrides=["levers.teachers_per_coach=60", "horizon.years=5"])
    years = money_years(scenario)
    asked = years[0].cost
    assert 42 < asked < 126
    assert [year.own for year in years[:2]] == pytest.approx([42, min(84, asked)])
    assert years[-1].own == pytest.approx(asked)
    assert [year.lacking for year in years] == pytest.approx([asked - year.own for year in years])


def test_grants_fill_what_the_own_line_leaves_and_no_more() -> None:
    plain = load("mid-size", overrides=["levers.teachers_per_coach=60", "horizon.years=5"])
    grant = {"month": 6, "months": 12, "dollars": 20.0}
    years = money_years(plain.replace(grants=[grant]))
    assert [year.grants for year in years[:3]] == [10.0, 10.0, 0.0]
    lacking = [year.lacking for year in money_years(plain)]
    assert years[0].granted == pytest.approx(10.0)
    assert years[1].granted == pytest.approx(min(20.0, lacking[1]) / 2)
    assert [year.lacking + year.granted for year in years] == pytest.approx(lacking)


def test_what_is_bought_is_paid_in_full() -> None:
    plan = small(levers={"training_hours": 40, "design_work": 0.5})
    for year in money_years(plan):
        assert year.cost == pytest.approx(year.bought)
        assert year.bought > 0
        assert year.lacking == 0.0


def test_nothing_is_asked_for_before_the_roll_out() -> None:
    years = money_years(small(levers=WEB | {"pilot_months": 14}))
    assert [year.cost == year.bought for year in years[:3]] == [True, True, False]


def test_no_run_spends_more_than_there_can_be() -> None:
    grant = {"month": 3, "months": 30, "dollars": 200.0, "taper_years": 1}
    plan = small(levers=WEB, conditions=CALM, horizon={"years": 6}).replace(
        grants=[grant], phases=[{"year": 3, "mentor_share": 0.9}]
    )
    usual = money_years(plan.replace(levers=plan.baseline.model_dump(), phases=[], grants=[]))
    assert all(year.cost == year.own == 0.0 for year in usual)
    before = simulate(plan.replace(phases=[], grants=[]), 3).district["cost_per_pupil"][0]
    run = simulate(plan, 3)
    for year in money_years(plan):
        start = 12 * (year.year - 1) - plan.first_month
        spent = run.district["cost_per_pupil"][start : start + 12].mean() - before
        assert spent <= year.cost - year.lacking + 1.0


def test_only_dated_plans_that_ask_for_too_much_are_told_of() -> None:
    web = small(levers=WEB, names={"strategy": "web"})
    assert shortfalls([web]) == ""
    said = shortfalls([web.replace(phases=[{"year": 3, "ends": True}])] * 2)
    assert said.count("web asks in year 1") == 1
    rich = web.replace(grants=[{"month": 0, "months": 600, "dollars": 9_000.0}])
    assert shortfalls([rich]) == ""
