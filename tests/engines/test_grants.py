"""Grants in both engines: when they pay, for what, how much of them is spent, and what they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import numpy as np
import pytest
from dated import grants_within
from districts import WEB, digest, small
from exactness import EXAMPLES, assert_equal, check, scenarios
from hypothesis import HealthCheck, given, settings

from reformsim.engines import simulate, simulate_paired
from reformsim.scenario.grants import LINES
from reformsim.theory.costs import LEVELS, costs_of, levels_of, prices_of

if TYPE_CHECKING:
    from reformsim.record import Result
    from reformsim.scenario import Scenario

FEW_YEARS = 4


@st.composite
def granted(draw: st.DrawFn) -> Scenario:
    """Return any small district with any grants, some of them with a later phase."""
    scenario = draw(scenarios()).replace(horizon={"years": FEW_YEARS})
    if draw(st.booleans()):
        ends = draw(st.booleans())
        phase = {"year": draw(st.integers(2, FEW_YEARS)), "ends": ends, "pipeline": 0.77}
        scenario = scenario.model_copy(update={"phases": [phase]})
    return scenario.model_copy(update={"grants": draw(grants_within(FEW_YEARS))})


def funded(run: Result) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the cost of all funded levers, month by month."""
    return np.sum([run.costs[name] for name in LEVELS], axis=0)


def in_force(scenario: Scenario) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return what grants pay month by month, worked out anew from what the documents say."""
    months = np.arange(scenario.first_month, scenario.last_month)
    total = np.zeros(len(months))
    for grant in scenario.grants:
        for year in range(grant.taper_years + 1):
            begin = grant.month + (grant.months + 12 * (year - 1) if year else 0)
            end = grant.month + grant.months + 12 * year
            share = 1 - year / (grant.taper_years + 1)
            total[(months >= begin) & (months < end)] += share * grant.dollars
    return total


some_grants = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class TestAnyGrants:
    @some_grants
    @given(granted(), st.integers(0, 2**32 - 1))
    def test_both_engines_agree(self, scenario: Scenario, seed: int) -> None:
        check(scenario, seed, 1)

    @some_grants
    @given(granted(), st.integers(0, 2**32 - 1))
    def test_they_are_spent_only_while_they_pay_and_never_beyond(
        self, scenario: Scenario, seed: int
    ) -> None:
        run = simulate(scenario, seed)
        money, spent = run.district["grant_money"], run.district["grant_spending"]
        np.testing.assert_allclose(money, in_force(scenario), rtol=1e-12)
        assert (spent <= money * (1 + 1e-12)).all()
        assert spent[run.months < scenario.levers.pilot_months].sum() == 0.0
        assert spent[run.months < 0].sum() == 0.0

    @some_grants
    @given(granted(), st.integers(0, 2**32 - 1))
    def test_what_grants_pay_is_what_they_add(self, scenario: Scenario, seed: int) -> None:
        """In the first month in which they differ, the district's own part is what it would be."""
        scenario = scenario.model_copy(
            update={
                "grants": [grant.model_copy(update={"stands_in": 0.0}) for grant in scenario.grants]
            }
        )
        first = min(grant.month for grant in scenario.grants)
        first = max(first, scenario.levers.pilot_months)
        month = first - scenario.first_month
        if month >= scenario.last_month - scenario.first_month:
            return
        run, usual = (
            simulate(each, seed) for each in (scenario, scenario.model_copy(update={"grants": ()}))
        )
        spent, before = run.district["grant_spending"][month], funded(usual)[month]
        assert funded(run)[month] == pytest.approx(before + spent, rel=1e-9, abs=1e-9)
        allowed = {line for grant in scenario.grants for line in LINES if grant.pays(line)}
        for name in set(LINES) - allowed:
            assert run.costs[name][month] == pytest.approx(usual.costs[name][month], rel=1e-9)

    def test_strategies_with_and_without_grants_share_a_warm_up(self) -> None:
        web = small(levers=WEB)
        grant = {"month": 7, "months": 20, "dollars": 60.0, "taper_years": 2, "stands_in": 0.5}
        variants = [web.replace(grants=[grant]), web, small()]
        for variant, result in zip(variants, simulate_paired(variants, 3, 1), strict=True):
            assert_equal(result, simulate(variant, 3, 1))


@pytest.fixture(scope="module")
def web() -> Scenario:
    """A web of support over eight years without turnover at the top or shocks."""
    calm = {"superintendent_turnover": 0.0, "shock_rate": 0.0}
    return small(levers=WEB, conditions=calm, horizon={"years": 8, "warm_up_years": 2})


@pytest.fixture(params=["compiled", "reference"])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def place(scenario: Scenario, month: int) -> int:
    return month - scenario.first_month


class TestOneGrant:
    def test_a_large_one_delivers_the_design_in_full_from_its_first_month(
        self, web: Scenario, engine: str
    ) -> None:
        grant = {"month": 3, "months": 14, "dollars": 50_000.0}
        piloted = web.replace(levers={"pilot_months": 5}, grants=[grant])
        run = simulate(piloted, 4, engine=engine)
        d = piloted.district
        levels = levels_of(piloted.levers, d.schools, d.teachers)
        prices = prices_of(
            float(d.schools), float(d.teachers), float(d.enrolment), web.coefficients
        )
        full = costs_of(levels, prices)
        start, end = place(piloted, 5), place(piloted, 17)
        assert run.district["grant_spending"][:start].max() == 0.0
        for name, cost in full.items():
            np.testing.assert_allclose(run.costs[name][start:end], cost, rtol=1e-9, err_msg=name)
        assert run.district["grant_spending"][end:].max() == 0.0

    def test_a_cliff_leaves_what_the_own_line_pays(self, web: Scenario, engine: str) -> None:
        plan = web.replace(grants=[{"month": 14, "months": 15, "dollars": 50_000.0}])
        run, usual = simulate(plan, 4, engine=engine), simulate(web, 4, engine=engine)
        end = place(web, 29)
        assert funded(run)[end - 1] > 1.05 * funded(run)[end]
        own = funded(run) - run.district["grant_spending"]
        np.testing.assert_allclose(own[end], own[end - 1], rtol=1e-9)
        assert own[end] == pytest.approx(funded(usual)[end], rel=0.05)

    def test_it_is_spent_on_its_lines_only(self, web: Scenario, engine: str) -> None:
        plan = web.replace(
            grants=[{"month": 2, "months": 6, "dollars": 9_000.0, "lines": ["mentors", "pipeline"]}]
        )
        run, usual = simulate(plan, 4, engine=engine), simulate(web, 4, engine=engine)
        month = place(web, 2)
        more = {name: run.costs[name][month] - usual.costs[name][month] for name in LINES}
        assert {name for name, extra in more.items() if extra != 0.0} == {"mentors", "pipeline"}
        spent = run.district["grant_spending"][month]
        assert sum(more.values()) == pytest.approx(spent, rel=1e-9)

    def test_a_taper_falls_in_equal_steps_that_are_noted(self, web: Scenario, engine: str) -> None:
        plan = web.replace(grants=[{"month": 5, "months": 10, "dollars": 9.0, "taper_years": 2}])
        run = simulate(plan, 4, engine=engine)
        money = run.district["grant_money"]
        steps = [place(web, month) for month in (4, 5, 14, 15, 26, 27, 38, 39)]
        np.testing.assert_allclose(money[steps], [0, 9, 9, 6, 6, 3, 3, 0])
        happened = [(one.month, one.kind, one.detail) for one in run.events if "grant" in one.kind]
        assert happened == [
            (5, "grant_start", 9.0),
            (15, "grant_step", pytest.approx(-3.0)),
            (27, "grant_step", pytest.approx(-3.0)),
            (39, "grant_end", pytest.approx(-3.0)),
        ]

    def test_what_it_stands_in_for_the_district_does_not_move(
        self, web: Scenario, engine: str
    ) -> None:
        grant = {"month": 0, "months": 48, "dollars": 450.0}
        beside, instead = (
            simulate(web.replace(grants=[grant | {"stands_in": share}]), 4, engine=engine)
            for share in (0.0, 1.0)
        )
        line = "support_funding"
        month = place(web, 40)
        assert instead.district[line][month] < beside.district[line][month] - 5.0
        late = place(web, 95)  # when nobody pays in its stead any more
        assert instead.district[line][late] > instead.district[line][month] + 5.0

    def test_one_that_finds_nothing_to_pay_changes_nothing_but_its_record(
        self, web: Scenario, engine: str
    ) -> None:
        idle = web.model_copy(
            update={
                "levers": web.levers.model_copy(update={"mentor_share": 0.0}),
                "grants": [{"month": 7, "months": 9, "dollars": 5.0, "lines": ["mentors"]}],
            }
        )
        run = simulate(idle, 4, engine=engine)
        usual = simulate(idle.model_copy(update={"grants": ()}), 4, engine=engine)
        start = place(web, 7)
        for name, series in usual.district.items():
            if name != "grant_money":
                np.testing.assert_array_equal(
                    series[:start], run.district[name][:start], err_msg=name
                )
        np.testing.assert_array_equal(
            usual.district["cost_per_pupil"], run.district["cost_per_pupil"]
        )
        assert run.district["grant_spending"].max() == 0.0


def test_no_grants_are_the_scenario_as_it_was() -> None:
    scenario = small(levers=WEB)
    assert digest(simulate(scenario.replace(grants=[]), 4)) == digest(simulate(scenario, 4))


def test_several_fill_one_after_another_what_is_left() -> None:
    web = small(levers=WEB)
    grants: list[dict[str, Any]] = [
        {"month": 0, "months": 12, "dollars": 20.0},
        {"month": 0, "months": 12, "dollars": 50_000.0},
    ]
    both, large = (simulate(web.replace(grants=each), 2) for each in (grants, grants[1:]))
    month = place(web, 0)
    np.testing.assert_allclose(
        both.district["grant_spending"][month], large.district["grant_spending"][month], rtol=1e-9
    )
