"""Equations against arithmetic done by hand, at least one for every mechanism.

The coefficients an answer rests on are written out, so that a later fit changes no answer. Those of
money and of people who leave have files of their own.
"""

from __future__ import annotations

from functools import partial

import hypothesis.strategies as st
import pytest
from hypothesis import given

from reformsim.scenario.coefficients import (
    Coefficients,
    Conviction,
    Leadership,
    Learning,
    Outcome,
    Strain,
    Support,
    Trust,
    Workload,
)
from reformsim.theory import (
    conviction,
    equation,
    leadership,
    learning,
    outcome,
    strain,
    support,
    trust,
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
