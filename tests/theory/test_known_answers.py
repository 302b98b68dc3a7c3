"""Equations against arithmetic done by hand, at least one for every mechanism.

The coefficients an answer rests on are written out, so that a later fit changes no answer. The
last tests use the defaults instead, because there the evidence gives the answer.
"""

from __future__ import annotations

import math
from functools import partial
from statistics import NormalDist

import hypothesis.strategies as st
import pytest
from hypothesis import given

from reformsim.scenario.coefficients import (
    Budget,
    Coefficients,
    Conviction,
    Costs,
    Leadership,
    Learning,
    Outcome,
    Politics,
    Strain,
    Succession,
    Support,
    Trust,
    Turnover,
    Workload,
)
from reformsim.scenario.levers import Levers
from reformsim.theory import (
    budget,
    conviction,
    costs,
    equation,
    grants,
    leadership,
    learning,
    outcome,
    politics,
    revenue,
    strain,
    succession,
    support,
    trust,
    turnover,
    workload,
)

about = partial(pytest.approx, rel=1e-9, abs=1e-12)
roughly = partial(pytest.approx, rel=1e-4)  # for answers worked out to a few digits


def test_common_arithmetic() -> None:
    assert [equation.clip01(x) for x in (-0.1, 0.4, 1.1)] == [0.0, 0.4, 1.0]
    assert equation.sat(5.0, 5.0) == 0.5
    assert equation.sat(15.0, 5.0) == 0.75
    assert equation.any_of(0.5, 0.2) == about(0.6)
    assert equation.follow(0.2, 0.6, 0.25) == about(0.3)
    assert equation.follow(0.9, 2.0, 0.5) == 1.0


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


class TestWorkload:
    p = Workload(
        operations_base=0.3,
        other_share=0.56,
        need_load=0.2,
        scarcity_load=1.5,
        relief=0.25,
        integration=0.15,
        event_months=4.0,
        week_hours=60.0,
        cohort_hours=4.0,
        coaching_hours=8.0,
        time_min=0.02,
        time_max=0.3,
    )

    def test_operations(self) -> None:
        assert workload.operations_share(0.5, 0.0, 0.0, 0.0, 0.0, 1.0, self.p) == about(0.3)
        # 0.3 × 1.1 × (1 + 0.2 × 0.2) × (1 + 1.5 × 0.1) × (1 + 0.5) × (1 + 0.2) × (1 − 0.25 × 0.4)
        expected = 0.33 * 1.04 * 1.15 * 1.5 * 1.2 * 0.9
        assert workload.operations_share(0.7, 0.1, 0.5, 0.2, 0.4, 1.1, self.p) == about(expected)

    def test_problems_where_order_is_lacking(self) -> None:
        p = Workload(order_ordinary=0.4, problem_load=0.8)
        assert workload.problems(0.1, 0.3, p) == about(0.2)  # order is lacking by half: 0.8 / 4
        assert workload.problems(0.0, 0.0, p) == about(0.8)
        assert workload.problems(0.2, 0.6, p) == 0.0  # the district makes up for the school

    def test_need_weighs_on_teachers(self) -> None:
        assert workload.teaching_load(0.85, 0.5, self.p) == about(0.85)
        assert workload.teaching_load(0.85, 0.9, self.p) == about(0.918)  # × 1.08

    def test_events_fade(self) -> None:
        assert workload.operational_demand(0.4, 0.25, self.p) == about(0.55)

    def test_time_left_for_learning(self) -> None:
        # A month has 60 × 52 / 12 = 260 hours: 120 / 12 + 2 + 8 = 20 of them are training.
        training = workload.training_share(120, 0.5, 1.0, self.p)
        assert training == about(20 / 260)
        # 1 − 0.56 − 0.3 − 0.04 + 0.15 × 0.5 × 0.3
        assert workload.learning_time(0.3, 0.04, 0.5, self.p) == about(0.1225)
        assert workload.learning_time(0.5, 0.04, 0.0, self.p) == 0.02  # at least
        assert workload.learning_time(0.05, 0.0, 0.0, self.p) == 0.3
        assert workload.principal_workload(0.3, 0.04, self.p) == about(0.9)


class TestSupport:
    p = Support(
        staff_hours=80.0, contact_half=5.0, pull_base=0.5, shield=0.8, equity_reach=2.0,
        coach_practice=0.75, coach_pool=2.0, scale_loss=0.5, coach_full_load=15.0,
        academy_value=0.06, access_tilt=2.0,
    )  # fmt: skip

    def test_contact_at_an_ordinary_span_and_at_half_of_it(self) -> None:
        # 80 hours, 40 % of them drawn away: 2 or 4 a month for each of 24 or 12 principals.
        assert support.contact(1.0, 24, 0.4, 0.0, 0.3, self.p) == about(2 / 7)
        assert support.contact(1.0, 12, 0.4, 0.0, 0.3, self.p) == about(4 / 9)
        assert support.contact(2.0, 24, 0.4, 0.0, 0.3, self.p) == about(4 / 9)

    def test_contact_weighed_by_need(self) -> None:
        # At full weight a school 25 points needier than the mean gets half as many hours again.
        assert support.contact(1.0, 24, 0.4, 1.0, 0.25, self.p) == about(3 / 8)
        assert support.contact(1.0, 24, 0.4, 1.0, -0.6, self.p) == 0.0

    def test_pull(self) -> None:
        # 0.5 × (1 + 1.5 × 0.2) × (1 − 0.8 × 0.5) × (1 − 0.25 × 0.4)
        assert support.operations_pull(0.2, 0.5, 0.4, 1.5, 0.25, self.p) == about(0.351)

    def test_sources_add_up_as_independent(self) -> None:
        # 1 − 0.8 × 0.7 × 0.5 × 0.9
        assert support.felt_support(0.2, 0.3, 0.5, 0.1) == about(0.748)
        assert support.felt_support(0.0, 0.0, 0.4, 0.0) == about(0.4)
        assert support.partner_support(0.5, 0.4, 0.3) == about(0.06)
        assert support.coach_support(0.5, 0.4, 0.3) == about(0.06)
        assert support.training_support(96, self.p) == about(0.06)  # 8 hours a month

    def test_coaches(self) -> None:
        assert support.coaches_practice(0, self.p) == about(0.75)
        assert support.coaches_practice(6, self.p) == about(0.625)  # 0.5 + 0.25 × 4 ^ −½
        assert support.coaching_dosage(2, 60, self.p) == about(0.5)
        assert support.coaching_dosage(5, 60, self.p) == 1.0

    def test_queue_for_a_mentor(self) -> None:
        # A school 25 points needier than the mean stands twice as far back, unless equity counts.
        assert support.access_score(0.3, 0.25, 0.0, self.p) == about(0.6)
        assert support.access_score(0.3, 0.25, 0.5, self.p) == about(0.4)
        assert support.access_score(0.3, 0.25, 1.0, self.p) == about(0.3)


class TestTrust:
    p = Trust(
        trust_gain=0.08,
        trust_fade=0.02,
        handover=0.5,
        embed_rate=0.028,
        wary_up=0.2,
        wary_fade=0.01,
    )

    def test_settles_where_gain_and_fading_balance(self) -> None:
        # At half contact 0.04 (1 − t) = 0.01 t
        assert trust.next_trust(0.8, 0.5, self.p) == about(0.8)
        assert trust.next_trust(0.1, 0.5, self.p) == about(0.135)
        assert trust.next_trust(0.5, 0.0, self.p) == about(0.49)

    def test_embeddedness(self) -> None:
        assert trust.next_embeddedness(0.2, self.p) == about(0.2224)

    def test_wariness(self) -> None:
        assert trust.open_contact(0.7, 0.5, 0.2) == about(0.28)
        assert trust.wariness_after_loss(0.5, 0.6, self.p) == about(0.56)
        assert trust.wariness_after_loss(0.0, 1.0, self.p) == about(0.2)
        assert trust.next_wariness(0.5, self.p) == about(0.495)

    def test_wariness_of_a_first_principal_is_that_of_so_many_months(self) -> None:
        wariness = 0.0
        for _ in range(30):
            faded = trust.next_wariness(wariness, self.p)
            wariness = faded + self.p.wary_up * trust.USUAL_LOSS * (1.0 - wariness)
        assert trust.first_wariness(30.0, self.p) == about(wariness)
        assert trust.first_wariness(0.0, self.p) == 0.0
        calm = Trust(wary_up=0.0, wary_fade=0.0)
        assert trust.first_wariness(60.0, calm) == 0.0

    def test_ties_between_teachers(self) -> None:
        p = Trust(tie_deepen=1.0, tie_thin=0.4, tie_change=0.4)
        # 0.5 + (1 × 0.6 × 0.5 − 0.4 × 0.5 × 0.5) / 4
        assert trust.next_depth(0.5, 0.6, 0.5, p) == about(0.55)
        assert trust.chance_given_up(0.75, p) == about(0.1)

    def test_handed_on(self) -> None:
        assert trust.handed_on(0.8, 0.5, 0.1, self.p) == about(0.2)
        assert trust.handed_on(0.8, 0.1, 0.1, self.p) == about(0.1)


class TestLearning:
    p = Learning(
        help_rate=3.0, team_rate=1.0, asked_rate=0.2, lead_rate=0.1, unlearn_rate=0.24,
        novice_gap=0.08, novice_months=60.0,
    )  # fmt: skip

    def test_a_tie_teaches_what_the_other_does_better(self) -> None:
        assert learning.along_tie(0.5, 0.7, 0.4) == about(0.15)
        assert learning.along_tie(0.5, 0.4, 0.4) == 0.0

    @given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
    def test_nothing_is_lost_to_weaker_colleagues(self, depth: float, one: float, other: float):
        low, high = sorted((one, other))
        assert learning.along_tie(depth, low, high) == 0.0

    def test_colleagues(self) -> None:
        # 0.2 × 0.3 + 0.5 × 1 × 0.2 + 3 × 0.1: the depth of ties with those asked is in their sum
        assert learning.from_colleagues(0.5, 0.3, 0.2, 0.1, self.p) == about(0.46)

    def test_teacher(self) -> None:
        # 0.43 + 0.1 × 0.1 + 3 × 0.2 × 0.3; a head who does worse teaches nothing
        assert learning.teacher_sources(0.4, 0.43, 0.5, 0.2, 0.7, self.p) == about(0.62)
        assert learning.teacher_sources(0.4, 0.43, 0.3, 0.2, 0.7, self.p) == about(0.61)

    def test_leaders(self) -> None:
        assert learning.principal_sources(0.1, 0.2, 0.0, self.p) == about(0.5)
        more = learning.principal_sources(0.1, 0.2, 0.4, self.p)
        assert more == about(0.5 + 0.4 * self.p.asked_rate)
        assert learning.central_sources(0.2, 0.1, 0.05, self.p) == about(0.27)
        assert learning.coach_depth(5.0, 0.6, Support(contact_half=5.0)) == about(0.3)

    def test_engagement(self) -> None:
        assert learning.engagement(0.5, 0.2, 1.5) == about(0.6)

    def test_a_month_of_learning(self) -> None:
        # 0.2 + (0.4 × 0.6 − 0.24 × 0.2) / 12
        assert learning.next_learnt(0.2, 0.6, 0.4, self.p) == about(0.216)

    def test_a_constant_source_leads_to_a_level(self) -> None:
        """It teaches ever less as one comes near, and where that equals what fades, it holds."""
        ability, level, depth, engaged = 0.4, 0.7, 0.5, 0.4
        learnt = 0.0
        for _ in range(600):
            better = learning.along_tie(depth, level, ability + learnt)
            sources = self.p.help_rate * better
            learnt = learning.next_learnt(learnt, sources, engaged, self.p)
        # 0.6 × (0.3 − learnt) = 0.24 × learnt
        assert learnt == about(0.6 * 0.3 / 0.84)

    def test_what_was_learnt_fades_when_the_last_source_goes(self) -> None:
        assert learning.next_learnt(0.3, 0.0, 1.0, self.p) == about(0.3 * 0.98)

    def test_practice(self) -> None:
        assert learning.leader_practice(0.4, 0.25) == about(0.65)
        assert learning.teacher_practice(0.4, 0.1, 30.0, self.p) == about(0.5 - 0.04)
        assert learning.teacher_practice(0.4, 0.1, 60.0, self.p) == about(0.5)


class TestLeadership:
    p = Leadership(
        unsettled=0.25, settle_months=11.0, bench_settle=0.6, time_half=0.08, reference_time=0.12,
        share_half=0.2, release_half=0.05, unreleased=0.3, legitimacy_start=0.2,
        legitimacy_rate=0.05,
    )  # fmt: skip

    def test_settled(self) -> None:
        assert leadership.settled(0, False, 0.0, self.p) == about(0.75)
        assert leadership.settled(11, False, 0.0, self.p) == roughly(0.908030)  # 1 − 0.25 / e
        assert leadership.settled(0, False, 1.0, self.p) == about(0.9)
        assert leadership.settled(0, True, 0.0, self.p) == about(0.5)

    def test_enacted(self) -> None:
        # At the reference time leadership equals practice; a third of it gives (1/3) / (3/5).
        assert leadership.enacted(0.5, 0.0, 0.12, 1.0, self.p) == about(0.5)
        assert leadership.enacted(0.5, 0.0, 0.04, 1.0, self.p) == about(5 / 18)
        assert leadership.enacted(0.5, 0.0, 0.12, 0.75, self.p) == about(0.375)
        assert leadership.enacted(0.45, 0.05, 0.12, 0.75, self.p) == about(0.375)

    def test_guidance_is_what_a_settled_head_would_give(self) -> None:
        assert leadership.guidance(0.45, 0.05, 0.12, self.p) == about(0.5)
        assert leadership.guidance(0.5, 0.0, 0.04, self.p) == about(5 / 18)
        assert leadership.enacted(0.9, 0.1, 0.0, 1.0, self.p) == 0.0

    def test_order_is_kept_by_time_and_stability_of_whoever_has_both(self) -> None:
        p = Leadership(time_half=0.08, reference_time=0.12, order_rate=0.1)
        assert leadership.next_order(0.4, 0.4, 0.12, 1.0, 0.0, p) == about(0.4)
        # The head has no time: order falls by a tenth, and teacher leaders hold a fifth of it.
        assert leadership.next_order(0.4, 0.4, 0.0, 1.0, 0.0, p) == about(0.36)
        assert leadership.next_order(0.4, 0.4, 0.0, 1.0, 0.2, p) == about(0.38)
        assert leadership.next_order(0.4, 0.4, 0.12, 0.5, 0.0, p) == about(0.38)

    @pytest.mark.parametrize(("load", "problem_load", "states"), [
        (1.0, 0.7, 1), (1.1, 0.7, 1), (1.25, 0.7, 1), (1.0, 1.5, 2), (1.1, 0.0, 1)])  # fmt: skip
    def test_a_school_can_be_trapped_where_problems_weigh_much(
        self, load: float, problem_load: float, states: int
    ) -> None:
        p = Coefficients(problem_load=problem_load)
        ends = set()
        for start in (0.0, p.order_ordinary):
            order = start
            for _ in range(240):
                wrong = workload.problems(order, order, p)
                operations = workload.operations_share(0.5, 0.0, 0.06, wrong, 0.1, load, p)
                time = workload.learning_time(operations, 0.01, p.entry_practice, p)
                order = leadership.next_order(order, p.entry_practice, time, 0.93, 0.04, p)
            ends.add(round(order, 6))
        assert len(ends) == states

    def test_permission_comes_with_belief_and_goes_with_the_person(self) -> None:
        p = Leadership(permit=0.1)
        assert leadership.permission(0.8, 0.6, 0.4, p) == about(0.02)  # not believed in full yet
        assert leadership.permission(0.3, 0.8, 0.4, p) == about(-0.01)  # the successor's, at once

    def test_distributed(self) -> None:
        # Release half-way: 0.3 + 0.7 × ½ = 0.65 of a share of 0.2 / 0.65 is the half-point.
        assert leadership.distributed(0.6, 0.2 / 0.65, 0.05, 0.5, self.p) == about(0.15)
        assert leadership.school_leadership(0.4, 0.15) == about(0.49)

    def test_depth_of_a_teacher_leaders_ties(self) -> None:
        p = Leadership(leader_reach=2.0, leader_time=0.02)
        assert leadership.leader_depth(0.5, 0.1, p) == about(0.5 * 0.24)
        assert leadership.leader_depth(0.5, 0.5, p) == about(0.5)  # no deeper than the role

    def test_legitimacy_follows_readiness_once_rolled_out(self) -> None:
        assert leadership.next_legitimacy(0.3, 0.9, 0.3, False, 1.0, self.p) == 0.3
        # Half of the way from 0.3 to 1: the target is 0.2 + 0.8 × ½.
        assert leadership.next_legitimacy(0.2, 0.65, 0.3, True, 1.0, self.p) == about(0.22)
        assert leadership.next_legitimacy(0.6, 0.65, 0.3, True, 1.0, self.p) == about(0.6)


def test_conviction_follows_what_people_see() -> None:
    p = Conviction(
        conv_rate=0.04, a_focus=0.35, a_support=0.2, a_peer=0.25, a_progress=0.1, a_fatigue=0.35
    )
    # 0.275 + 0.14 + 0.06 + 0.125 + 0.01 − 0.07 = 0.54
    after = conviction.next_conviction(0.5, 0.275, 0.4, 0.3, 0.5, 0.1, 0.2, p)
    assert after == about(0.5 + 0.04 * 0.04)


class TestStrain:
    p = Strain(
        strain_up=0.15, capacity=0.7, strain_isolation=0.03, strain_fatigue=0.02,
        isolation_rate=0.15, isolation_new=0.6, staff_tie=0.5, coach_tie=0.7, informal_tie=0.15,
    )  # fmt: skip

    def test_strain(self) -> None:
        # (0.15 × 0.2 + 0.03 × 0.5) × 0.6 + 0.02 × 0.5 + 0.01 − 0.08 × 0.4 × 1.25
        after = strain.next_strain(0.4, 0.9, 0.5, 0.5, 0.25, 0.08, 0.01, self.p)
        assert after == about(0.4 + 0.027 + 0.01 + 0.01 - 0.04)

    def test_isolation(self) -> None:
        # Unconnected by 0.7 (partner) × 0.8 (cohort) × 0.65 (coach) × 0.8 (staff) = 0.2912
        after = strain.next_isolation(0.5, 0.3, 0.2, 0.1, 0.5, 0.8, 0.5, self.p)
        assert after == about(0.5 + 0.15 * (0.2912 - 0.5))

    def test_isolation_without_any_support(self) -> None:
        # The person's own tie is left: 1 − 0.25
        assert strain.next_isolation(0.75, 0.0, 0.0, 0.25, 0.0, 0.8, 0.0, self.p) == about(0.75)

    def test_who_knows_more_people_arrives_less_isolated(self) -> None:
        assert strain.personal_tie(0.9, self.p) == about(0.27)
        assert strain.first_isolation(0.27, self.p) == about(0.6 - 0.12)


class TestOutcome:
    p = Outcome(persistence=0.25, outcome_slope=0.2, conditions_slope=0.1, turnover_penalty=0.1)

    def test_flow(self) -> None:
        # 0.2 × 0.1 / 0.125 + 0.05 − 0.02
        assert outcome.yearly_flow(0.6, 0.05, 0.5, 0.125, 0.02, self.p) == about(0.19)

    def test_baseline_is_the_zero(self) -> None:
        assert outcome.yearly_flow(0.5, 0.03, 0.5, 0.125, 0.03, self.p) == 0.0
        assert outcome.next_outcome(0.0, 0.0, self.p) == 0.0

    def test_conditions(self) -> None:
        assert outcome.school_conditions(0.5, 0.2, self.p) == about(0.05 - 0.02)

    def test_a_flow_that_lasts_ends_where_its_years_add_up(self) -> None:
        # 0.15 × (1 + ¼ + 1/16 + …)
        assert outcome.next_outcome(0.2, 0.15, self.p) == about(0.2)

    def test_a_quarter_is_left_a_year_after_a_flow_has_ended(self) -> None:
        level = 0.2
        for _ in range(12):
            level = outcome.next_outcome(level, 0.0, self.p)
        assert level == about(0.05)

    def test_a_year_of_a_flow_adds_the_flow(self) -> None:
        level = 0.0
        for _ in range(12):
            level = outcome.next_outcome(level, 0.15, self.p)
        assert level == about(0.15)


class TestPolitics:
    p = Politics(
        focus_rate=0.06, progress_base=0.3, progress_rate=0.1, progress_leadership=1.0,
        progress_outcome=3.0, fatigue_jump=1.2, fatigue_fade=0.03, launch_fatigue=0.2,
        capital_start=0.55, capital_rate=0.06, capital_progress=0.6, capital_cuts=2.0,
        capital_pushback=0.6, groundwork_rate=0.03, readiness_rate=0.04,
    )  # fmt: skip

    def test_progress_and_focus(self) -> None:
        # Moves to 0.3 + 0.1 + 3 × 0.05 = 0.55.
        assert politics.next_progress(0.35, 0.1, 0.05, self.p) == about(0.37)
        assert politics.next_focus(0.4, 0.9, self.p) == about(0.43)

    def test_fatigue(self) -> None:
        assert politics.next_fatigue(0.5, 0.0, self.p) == about(0.485)
        assert politics.departure_fatigue(0.25, 0.4, self.p) == about(0.36)
        assert politics.rollout_fatigue(0.3, self.p) == about(0.14)

    def test_capital_settles(self) -> None:
        push = politics.pushback(0.5, 0.4, 0.1, 0.5)
        assert push == about(0.11)
        # 0.55 + 0.6 × 0.2 − 2 × 0.1 − 0.6 × 0.11
        assert politics.next_capital(0.404, 0.5, 0.1, push, self.p) == about(0.404)
        assert politics.next_capital(0.55, 0.3, 0.0, 0.0, self.p) == about(0.55)

    def test_groundwork_and_readiness(self) -> None:
        assert politics.next_groundwork(0.1, 0.9, 0.5, self.p) == about(0.1 + 0.03 * 0.5 * 0.8)
        assert politics.next_readiness(0.3, 0.5, self.p) == about(0.3 + 0.04 * 0.5 * 0.7)
        assert politics.next_readiness(0.3, 0.0, self.p) == 0.3


class TestSuccession:
    p = Succession(
        vacancy_months=2.0, vacancy_bench=0.4, vacancy_need=0.5, insider_base=0.3,
        insider_gain=0.6, continuity_insider=0.5, continuity_plan=0.5, continuity_culture=1.5,
        thin_market=0.25, tight_quality=0.2, tight_novices=0.3, bench_rate=0.14, bench_base=0.35,
        bench_needs=0.2, bench_lift=0.3, bench_blend=0.5, novice_share=0.4,
    )  # fmt: skip

    def test_bench_settles(self) -> None:
        # any_of(0.1, 0.05) = 0.145; 0.35 + 0.65 × 0.145
        assert succession.next_bench(0.44425, 0.1, 0.05, 0, 78, self.p) == about(0.44425)

    def test_bench_is_drawn_down(self) -> None:
        # A full bench of ten schools covers two appointments.
        assert succession.next_bench(0.8, 1.0, 0.0, 1, 10, self.p) == about(0.8 + 0.028 - 0.5)
        assert succession.next_bench(0.3, 0.0, 0.0, 2, 10, self.p) == 0.0

    def test_continuity(self) -> None:
        assert succession.continuity(False, 0.0, 0.5, self.p) == 0.0
        # 1 − ½ × (1 − 0.2) × (1 − 0.15)
        assert succession.continuity(True, 0.4, 0.6, self.p) == about(0.66)
        assert succession.successor_focus(0.25, 0.8, 0.4) == about(0.5)
        # 1 − 0.5 × 0.8 × (1 − 1.5 × 0.1)
        assert succession.contract_survival(0.5, 0.2, 0.6, self.p) == about(0.66)
        assert succession.contract_survival(0.5, 0.2, 0.4, self.p) == about(0.6)
        assert succession.insider_chance(0.5, 0.5, self.p) == about(0.45)

    def test_an_interim_is_ordinary_at_best(self) -> None:
        assert succession.interim_focus(0.8, Politics(focus_mean=0.4)) == 0.4
        assert succession.interim_focus(0.3, Politics(focus_mean=0.4)) == 0.3

    def test_vacancy(self) -> None:
        # 2 × (1 − 0.2) × (1 + 0.1) × 1.5
        assert succession.mean_vacancy(0.5, 0.2, 0.5, self.p) == about(2.64)
        assert succession.mean_vacancy(1.0, -1.0, 0.0, self.p) == 1.0

    def test_who_comes(self) -> None:
        assert succession.insider_ability(0.5, self.p, 0.4) == about(0.55)
        assert succession.insider_learnt(0.6, self.p, 0.4) == about(0.1)
        assert succession.insider_learnt(0.3, self.p, 0.4) == 0.0
        # A staff of conviction 0.6 keeps nine tenths of what the predecessor had learnt.
        p = Succession(found_share=1.5)
        assert succession.found_learnt(0.05, 0.2, 0.6, p) == about(0.18)
        assert succession.found_learnt(0.2, 0.2, 0.6, p) == about(0.2)
        assert succession.found_learnt(0.0, 0.2, 1.0, p) == about(0.2)  # never more than there was
        assert succession.outsider_ability(0.4, 0.5, self.p, 0.5) == about(0.405)
        assert succession.novice_chance(0.5, self.p) == about(0.49)


class TestTurnover:
    def test_superintendent_after_eight_years(self) -> None:
        p = Turnover(super_hazard=0.14, super_ageing=0.01, super_capital=1.5, super_stress=4.0)
        # Mid-month of the 96th month is 8 years.
        then = partial(turnover.superintendent_hazard, 95.5, p=p)
        assert then(0.55, 0.0, 1.0, 1.0) == about(0.22)
        assert then(0.55, 0.0, 1.5, 2.0) == about(0.66)
        assert then(0.35, 0.1, 1.0, 1.0) == about(0.22 * math.exp(0.3 + 0.4))

    def test_a_year_in_post_adds_its_hazard(self) -> None:
        # The hazard is straight, so the mid-months of year 3 have the mean of its middle, 2.5 years.
        p = Turnover(super_hazard=0.14, super_ageing=0.01)
        hazards = [turnover.superintendent_hazard(m, 0.55, 0.0, 1.0, 1.0, p) for m in range(24, 36)]
        assert math.fsum(hazards) / 12 == about(0.165)

    def test_frailty_has_mean_one(self) -> None:
        p = Turnover(super_frailty=0.35)
        steps = [n / 100 for n in range(-800, 801)]
        density = [math.exp(-z * z / 2) / math.sqrt(2 * math.pi) / 100 for z in steps]
        mean = sum(d * turnover.frailty(z, p) for d, z in zip(density, steps, strict=True))
        assert mean == about(1.0)

    def test_principal(self) -> None:
        p = Turnover(
            principal_hazard=0.19, p_isolation=3.5, p_strain=1.0, p_weak=1.0,
            promote_rate=0.02, p_promote=4.0,
        )  # fmt: skip
        assert turnover.principal_hazard(0.5, 0.35, 0.0, 1.0, p) == about(0.19)
        # exp(0.35 + 0.1 + 0.05) doubled
        expected = 0.38 * 1.6487212707
        assert turnover.principal_hazard(0.6, 0.45, 0.05, 2.0, p) == about(expected)
        assert turnover.promotion_hazard(0.25, p) == about(0.02 * math.e)

    def test_a_year_of_leaders_months_is_a_year(self) -> None:
        p = Turnover(june_share=0.6)
        assert turnover.leaders_month(True, p) == 0.6
        assert turnover.leaders_month(True, p) + 11 * turnover.leaders_month(False, p) == about(1)

    def test_chance_of_leaving(self) -> None:
        assert turnover.chance_of_leaving(0.2, 1.0) == roughly(0.181269)
        # Twelve months make the year, whatever their shares.
        staying = [1 - turnover.chance_of_leaving(0.2, share) for share in [0.6] + [0.4 / 11] * 11]
        assert 1 - math.prod(staying) == roughly(0.181269)


class TestDefaultsAgainstEvidence:
    @pytest.mark.parametrize(
        ("experience", "worked_out", "low", "high"),
        [(12, 0.1979, 0.18, 0.22), (180, 0.1097, 0.10, 0.14), (360, 0.1576, 0.14, 0.19)],
    )
    def test_teachers_leave_in_a_u(
        self, experience: float, worked_out: float, low: float, high: float
    ) -> None:
        """Row 3.2, as the bands of pattern 5: careers of 1-3, 10-19, and 20 or more years."""
        hazard = turnover.teacher_hazard(experience, 0.35, 0.44, 1.0, Coefficients())
        yearly = turnover.chance_of_leaving(hazard, 1.0)
        assert low <= yearly <= high
        p = Turnover(
            teacher_hazard=0.105, t_early=1.3, t_early_months=72.0, t_late=2.5, t_late_from=300.0,
            t_late_span=120.0,
        )  # fmt: skip
        hazard = turnover.teacher_hazard(experience, 0.35, 0.44, 1.0, p)
        assert turnover.chance_of_leaving(hazard, 1.0) == pytest.approx(worked_out, abs=1e-4)

    def test_principals_leave_at_the_published_rate(self) -> None:
        """Rows 2.1-2.6: between 17 and 23 % a year at the centres, promotions included."""
        p = Coefficients()
        hazard = turnover.principal_hazard(0.5, 0.35, 0.0, 1.0, p) + turnover.promotion_hazard(0, p)
        assert 0.17 <= turnover.chance_of_leaving(hazard, 1.0) <= 0.23

    def test_superintendents_leave_by_the_clock_of_the_directories(self) -> None:
        """Row 1.16, years 2 to 8, and a mean spell of 5.7 years (1.19), interims apart."""
        p = Coefficients()
        alive, years = 1.0, 0.0
        gone: list[float] = []
        for tenure in range(600):
            if tenure % 12 == 0:
                gone.append(alive)
            hazard = turnover.superintendent_hazard(tenure, 0.55, 0.0, 1.0, 1.0, p)
            years += alive / 12
            alive *= 1 - turnover.chance_of_leaving(hazard, 1 / 12)
        assert 5.0 <= years <= 6.5
        observed = [0.145, 0.163, 0.174, 0.173, 0.184, 0.180, 0.178]
        modelled = [1 - gone[year] / gone[year - 1] for year in range(2, 9)]
        assert modelled == pytest.approx(observed, abs=0.02)

    def test_an_ordinary_week(self) -> None:
        """Rows 4.1-4.7: operations 28-35 %, work on teaching 4-15 % of the week."""
        p = Coefficients()
        operations = workload.operations_share(0.5, 0.0, 0.0, 0.0, 0.0, 1.0, p)
        assert 0.28 <= operations <= 0.35
        assert 0.04 <= workload.learning_time(operations, 0.0, p.entry_practice, p) <= 0.15
