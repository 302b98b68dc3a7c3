"""Equations of money against arithmetic done by hand; see test_known_answers.py."""

from __future__ import annotations

import math
from functools import partial
from statistics import NormalDist

import pytest

from reformsim.scenario.coefficients import (
    Budget,
    Costs,
)
from reformsim.scenario.levers import Levers
from reformsim.theory import (
    budget,
    costs,
    grants,
    revenue,
)

about = partial(pytest.approx, rel=1e-9, abs=1e-12)
roughly = partial(pytest.approx, rel=1e-4)  # for answers worked out to a few digits


class TestRevenue:
    def test_a_whole_shock(self) -> None:
        # Falls for three months, holds for two, comes back over three.
        felt = [revenue.shock_profile(month, 3, 2, 3, False) for month in range(-2, 11)]
        thirds, quarters = [0, 0, 1, 2], [4, 4, 4, 3, 2, 1, 0, 0, 0]
        assert felt == about([t / 3 for t in thirds] + [q / 4 for q in quarters])

    def test_a_sudden_shock(self) -> None:
        felt = [revenue.shock_profile(month, 1, 0, 0, False) for month in range(-1, 4)]
        assert felt == [0.0, 1.0, 0.0, 0.0, 0.0]

    def test_a_lasting_shock(self) -> None:
        felt = [revenue.shock_profile(month, 2, 0, 6, True) for month in (-1, 0, 1, 300)]
        assert felt == [0.0, 0.5, 1.0, 1.0]

    def test_noise_remembers_half(self) -> None:
        p = Budget(revenue_noise=0.01, revenue_memory=0.6)
        # 0.6 × 0.02 + 0.01 × 0.8 × 1.5
        assert revenue.ordinary_noise(0.02, 1.5, p) == about(0.024)

    def test_noise_is_as_large_in_the_long_run_as_it_says(self) -> None:
        p = Budget(revenue_noise=0.01, revenue_memory=0.6)
        variance = 0.0
        for _ in range(60):
            variance = 0.36 * variance + revenue.ordinary_noise(0.0, 1.0, p) ** 2
        assert math.sqrt(variance) == about(0.01)

    def test_stress_is_the_shortfall_from_trend(self) -> None:
        assert revenue.trend(24, 0.02) == about(1.0404)
        assert revenue.trend(-12, 0.02) == about(1 / 1.02)
        assert revenue.fiscal_stress(0.9, 1.2) == about(0.25)
        assert revenue.fiscal_stress(1.3, 1.2) == 0.0


class TestBudget:
    # A yearly step of 0.3 % of $14,000 is $42; the design costs $300 where $50 was spent.
    p = Budget(
        reallocation_rate=0.003, cut_bias=1.0, protect_weight=0.9,
        reserves_median=0.07, reserves_spread=0.7, reserves_use=0.5, reserves_rebuild=0.2,
    )  # fmt: skip

    def planned(self, line: float, focus: float, gap: float, protection: float) -> float:
        return budget.planned_line(line, 50, 300, focus, 0.5, gap, protection, 14_000, self.p)

    def test_plan_is_met_where_it_is_near(self) -> None:
        # 50 + 250 × 0.4 × 0.5 = 100; with a gap of 10 % 90
        assert self.planned(95, 0.4, 0.0, 0.0) == about(100)
        assert self.planned(95, 0.4, 0.1, 0.0) == about(90)

    def test_plan_rises_by_a_step_at_most(self) -> None:
        assert self.planned(60, 1.0, 0.0, 0.0) == about(102)  # asks for 175

    def test_plan_falls_by_two_unprotected_steps_at_most(self) -> None:
        assert self.planned(300, 0.0, 0.0, 0.0) == about(216)  # asks for 50
        assert self.planned(300, 0.0, 0.0, 0.5) == about(258)
        assert self.planned(300, 0.0, 0.0, 1.0) == about(300)

    def test_cut_takes_support_first(self) -> None:
        assert budget.cut_line(200, 0.1, self.p) == about(160)  # twice the rise of the gap
        assert budget.cut_line(200, 0.0, self.p) == 200
        assert budget.cut_line(200, 0.7, self.p) == 0.0

    def test_a_line_that_is_spared_feels_nothing(self) -> None:
        assert budget.felt_gap(0.08, True) == 0.0
        assert budget.felt_gap(0.08, False) == 0.08

    def test_money_follows_a_leader_or_roles_that_have_taken_root(self) -> None:
        assert budget.backing(0.4, 0.2, 0.2) == about(0.4)
        assert budget.backing(0.4, 0.1, 0.2) == about(0.4)  # less than none has taken root
        assert budget.backing(0.4, 0.6, 0.2) == about(0.7)  # 1 − 0.6 × 0.5

    def test_protection_needs_a_public_case(self) -> None:
        # 2 × 0.3 × 0.9 × 0.4 × 0.8
        assert budget.protection(0.3, 0.4, 0.55, False, self.p) == about(0.1728)
        assert budget.protection(1.0, 0.0, 1.0, False, self.p) == 0.0
        assert budget.protection(1.0, 1.0, 1.0, True, self.p) == 0.0  # nobody speaks for it

    def test_reserves_fill_the_gap_as_far_as_half_of_them_goes(self) -> None:
        assert budget.drawn_reserves(0.2, 0.07, self.p) == 0.07
        assert budget.drawn_reserves(0.08, 0.07, self.p) == about(0.04)

    def test_reserves_are_built_up_to_their_usual_level(self) -> None:
        assert budget.next_reserves(0.06, 0.0, 0.10, self.p) == about(0.068)
        assert budget.next_reserves(0.10, 0.04, 0.10, self.p) == about(0.06)
        assert budget.next_reserves(0.12, 0.0, 0.10, self.p) == 0.12

    def test_six_in_ten_districts_hold_less_than_eight_percent(self) -> None:
        # As evidence row 6.20 counts them: 298 of 500
        z = NormalDist().inv_cdf(298 / 500)
        assert budget.first_reserves(z, self.p) == pytest.approx(0.08, abs=0.004)

    def test_other_lines_give_what_a_strategy_takes(self) -> None:
        # At the baseline a line has its share; 140 more of 14,000 leave 1 % less of 13,900
        assert budget.budget_line(0.6, 100, 100, 14_000, 14_000) == about(8400)
        assert budget.budget_line(0.6, 239, 100, 14_000, 14_000) == about(0.99 * 8400)
        assert budget.current_spending(14_000, 1.1, 0.05) == about(14_630)

    def test_what_is_delivered_for_the_line(self) -> None:
        assert budget.reach(150, 100, 300) == about(0.25)
        assert budget.reach(80, 100, 300) == 0.0
        assert budget.reach(80, 100, 100) == 1.0  # nothing stands in the way of a design
        assert budget.cover(50, 100, 300) == about(0.5)
        assert budget.cover(150, 100, 300) == 1.0
        # Where the cheaper of the two costs nothing, nothing of it can be missing.
        assert budget.cover(0, 0, 300) == budget.cover(50, 100, 0) == budget.cover(0, 0, 0) == 1.0
        assert budget.delivered(0.2, 1.0, 0.25, 1.0) == about(0.4)
        assert budget.delivered(0.2, 1.0, 0.0, 0.5) == about(0.1)

    def test_a_cheaper_design_is_reached_by_spending_less(self) -> None:
        assert budget.reach(150, 200, 100) == about(0.5)
        assert budget.cover(90, 200, 100) == about(0.9)


class TestCosts:
    # Ten schools, 400 teachers, 6,000 pupils.
    p = Costs(
        cost_supervisor=150_000, cost_coach=120_000, cost_stipend=3_000, cost_teacher=90_000,
        cost_mentor=3_000, cost_cohort=6_000, cost_operations=60_000, cost_pipeline=40,
        cost_succession=2, cost_groundwork=4, cost_training=60, cost_seat=15_000,
    )  # fmt: skip

    def test_a_design(self) -> None:
        design = Levers(
            span_of_control=5, teachers_per_coach=100, teacher_leader_share=0.1, release_time=0.2,
            mentor_share=0.5, cohort_intensity=1, operations_relief=0.25, pipeline=0.5,
            succession_planning=0.5, groundwork=0.25,
        )  # fmt: skip
        levels = costs.levels_of(design, 10, 400)
        prices = costs.prices_of(10, 400, 6_000, self.p)
        assert costs.costs_of(levels, prices) == {
            "leadership_posts": about(50),  # two posts
            "coaches": about(80),  # four coaches
            "teacher_leaders": about(20),  # 40 stipends
            "released_posts": about(120),  # eight posts
            "mentors": about(2.5),  # five mentors
            "cohorts": about(10),
            "operations_relief": about(25),  # two and a half posts
            "pipeline": about(20),
            "succession_planning": about(1),
            "groundwork": about(1),
        }
        total = costs.total_cost(costs.costs_of(levels, prices))
        assert total == about(329.5)

    def test_what_a_line_delivers_costs_what_the_line_holds(self) -> None:
        """Money buys every lever evenly, so dollars and deliveries have to agree."""
        price = partial(costs.costs_of, prices=costs.prices_of(10, 400, 6_000, self.p))
        baseline = costs.levels_of(Levers(), 10, 400)
        design = costs.levels_of(Levers(span_of_control=8, pipeline=1, release_time=0.1), 10, 400)
        low, high = costs.total_cost(price(baseline)), costs.total_cost(price(design))
        for line in (0.4 * low, low, 0.7 * low + 0.3 * high, high):
            reach, cover = budget.reach(line, low, high), budget.cover(line, low, high)
            bought = costs.delivered_levels(baseline, design, reach, cover)
            assert costs.total_cost(price(bought)) == about(line)

    def test_what_is_bought_directly(self) -> None:
        assert costs.training_cost(100, 10, 6_000, self.p) == about(10)
        assert costs.seats_cost(8, 0.5, 6_000, self.p) == about(10)


class TestGrants:
    def test_full_for_ten_months_then_two_steps(self) -> None:
        # 90, then 60 and 30 for a year each.
        months = (-1, 0, 9, 10, 21, 22, 33, 34)
        paid = [grants.grant_in_force(month, 90.0, 10, 2) for month in months]
        assert paid == about([0, 90, 90, 60, 60, 30, 30, 0])

    def test_a_cliff(self) -> None:
        paid = [grants.grant_in_force(month, 90.0, 10, 0) for month in (9, 10)]
        assert paid == [90.0, 0.0]

    def test_a_share_of_what_is_lacking(self) -> None:
        assert grants.shortfall(3.0, 5.0) == 2.0
        assert grants.shortfall(5.0, 3.0) == 0.0
        # $40 for a gap of $160 fill a quarter of it; $40 for one of $10 leave $30.
        assert [grants.grant_share(40.0, gap) for gap in (160.0, 10.0, 0.0)] == [0.25, 1.0, 0.0]
        assert [grants.grant_spent(40.0, gap) for gap in (160.0, 10.0, 0.0)] == [40.0, 10.0, 0.0]

    def test_what_the_own_line_moves_towards(self) -> None:
        # A design for $300 from $200; grants stand in for $60, for more than all of it, for nothing.
        costs_aimed_at = [grants.own_design_cost(300.0, 200.0, paid) for paid in (60.0, 150.0, 0.0)]
        assert costs_aimed_at == [240.0, 200.0, 300.0]
        # A design that costs less than what is there is nothing to stand in for.
        assert grants.own_design_cost(150.0, 200.0, 60.0) == 150.0

    def test_what_is_the_districts_own(self) -> None:
        assert grants.own_level(5.0, 2.0) == 3.0
        assert grants.own_level(1.0, 2.0) == 0.0
