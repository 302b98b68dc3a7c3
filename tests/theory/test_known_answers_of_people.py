"""Equations of who leaves and who comes, by hand; see test_known_answers.py.

The last tests use the defaults, because there the evidence gives the answer.
"""

from __future__ import annotations

import math
from functools import partial

import pytest

from reformsim.scenario.coefficients import (
    Coefficients,
    Politics,
    Succession,
    Turnover,
)
from reformsim.theory import (
    politics,
    succession,
    turnover,
    workload,
)

about = partial(pytest.approx, rel=1e-9, abs=1e-12)
roughly = partial(pytest.approx, rel=1e-4)  # for answers worked out to a few digits


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
