"""What rows about money and programmes measure, on records where the answer is known."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import fabricate
import numpy as np
import pytest
from fabricated_units import MadeUp, census, leaves, month, run

from reformsim.scenario.loading import load
from reformsim.validation.rows import budget, coaching, nulls, pipeline
from reformsim.validation.studies import SHOCK_MONTH, SimulatedUnit


class TestRevenue:
    @staticmethod
    def path(*falls):
        """Revenue that falls by a share in each fiscal year from the onset on."""
        index = np.ones(240)
        start = 60 + budget.ONSET
        for year, fall in enumerate(falls):
            index[start + 12 * year : start + 12 * year + 12] = 1.0 - fall
        return budget.revenue(SimulatedUnit((run(district={"revenue_index": index}),)))

    def test_a_shock(self):
        units = [self.path(0.02, 0.05, 0.08, 0.06, 0.02, 0.001)] * 4
        assert budget.depth(units) == pytest.approx(8.0)
        assert budget.trough(units) == 3
        assert budget.back(units) == 6

    def test_the_nation_is_the_mean_and_the_worst_is_local(self):
        units = [self.path(0.04), self.path(0.12)]
        assert budget.depth(units) == pytest.approx(8.0)
        assert budget.local_depth(units) == pytest.approx(12.0)

    def test_no_way_back(self):
        assert math.isnan(budget.back([self.path(*[0.08] * 13)]))

    def test_no_fall(self):
        assert math.isnan(budget.back([self.path()]))


class TestUnderAShock:
    @staticmethod
    def unit(calm_extra, hit_extra):
        def made(extra, revenue):
            after = np.arange(-60, 180) >= 0
            hit = np.arange(-60, 180) >= SHOCK_MONTH
            line = 100.0 + np.where(after, calm_extra, 0.0)
            line = np.where(hit, 100.0 + extra, line)
            index = np.where(hit, revenue, 1.0)
            return run(district={"support_funding": line, "spending": 14_000.0 * index})

        return budget.under_a_shock(SimulatedUnit((made(calm_extra, 1.0), made(hit_extra, 0.95))))

    @pytest.mark.parametrize(
        ("left", "slowed", "stopped"), [(19.0, 0, 0), (17.0, 1, 0), (9.0, 1, 1), (-5.0, 1, 1)]
    )
    def test_slowed_and_stopped(self, left, slowed, stopped):
        found = self.unit(20.0, left)
        assert (found["slowed"], found["stopped"]) == (slowed, stopped)

    def test_cuts(self):
        found = self.unit(20.0, 8.0)
        assert found["support"] == pytest.approx(0.1)
        assert found["total"] == pytest.approx(0.05)

    def test_nothing_under_way(self):
        assert all(math.isnan(value) for value in self.unit(4.0, 0.0).values())


class TestCoaching:
    def test_a_years_effect(self):
        runs = [run() for _ in range(4)]
        may = month(runs[0], 10)
        runs[1].schools["teacher_practice"][may] += 0.05
        runs[1].schools["outcome"][may] += 0.12
        runs[3].schools["teacher_practice"][may] += 0.02
        practice = np.tile([0.4, 0.6], fabricate.TEACHERS // 2)[None, :]  # an SD of 0.1
        people = census([-1], teacher_practice=practice)
        units = [coaching.after_a_year(MadeUp(tuple(runs), {0: people, 2: people}))] * 5
        values = [one.estimate(units) for one in coaching.ROWS[0].measurements[0].statistics]
        assert values == pytest.approx([0.5, 0.12, 0.4, 0.0])

    def test_programmes_are_whole_and_free(self):
        places: Any = SimpleNamespace(ordinary=load("mesa-public-schools"), replicates=1)
        small, coached, large, _ = coaching.programmes(places)[0].scenarios
        assert (small.district.teachers, large.district.teachers) == (
            coaching.SMALL,
            coaching.LARGE,
        )
        assert coaching.SMALL < 100 <= coaching.LARGE
        assert coached.levers.teachers_per_coach == 15
        assert small.levers.teachers_per_coach == 150
        assert {one.coefficients.cost_coach for one in (small, coached)} == {0.0}


class TestNulls:
    def test_training(self):
        calm, trained = run(), run()
        trained.schools["outcome"][month(calm, 22)] += 0.02
        trained.schools["leadership"][month(calm, 12) : month(calm, 24)] -= 0.01
        found = nulls.after_two_years(SimulatedUnit((calm, trained)))
        assert found["outcome"] == pytest.approx(0.02)
        assert found["leadership"] == pytest.approx(-0.01)
        assert found["sd"] == pytest.approx(np.linspace(-0.05, 0.05, fabricate.SCHOOLS).std())

    def test_spans(self):
        runs = [run() for _ in range(4)]
        fourth = slice(month(runs[0], 36), month(runs[0], 48))
        runs[1].schools["support"][fourth] += 0.03
        runs[3].schools["leadership"][fourth] += 0.02
        found = nulls.in_year_four(SimulatedUnit(tuple(runs)))
        assert found["support_17"] == pytest.approx(0.03)
        assert found["support_24"] == 0.0
        assert found["leadership_24"] == pytest.approx(0.02)

    def test_a_span_is_all_that_changes_and_it_is_free(self):
        places: Any = SimpleNamespace(ordinary=load("mesa-public-schools"), replicates=1)
        arms = nulls.spans(places)[0].scenarios
        assert [one.levers.span_of_control for one in arms] == [17, 12, 24, 12]
        assert [one.baseline.span_of_control for one in arms] == [17, 17, 24, 24]
        same = arms[2].levers.model_copy(update={"span_of_control": 12.0})
        assert arms[3].levers == same


class TestPipeline:
    def test_appointments(self):
        made = run()
        leaves(made, 1, 47, back=50)
        leaves(made, 1, 80, back=84)  # lost within three years, and appointed once more
        leaves(made, 2, 170, back=172)  # too late
        made.schools["outcome"][month(made, 50) :, 1] += 0.1
        found = pipeline.appointments(made)
        assert found == pytest.approx({"new": 2, "growth": 0.1, "lost": 1})

    def test_cost_of_the_full_design(self):
        scenario = load("mesa-public-schools", "stable", "leadership_pipeline")
        p, d = scenario.coefficients, scenario.district
        posts = d.schools / 20 - d.schools / 24
        expected = (
            0.8 * p.cost_pipeline
            + 0.6 * p.cost_succession
            + 0.7 * p.cost_design
            + (posts * p.cost_supervisor + 0.21 * d.schools * p.cost_mentor) / d.enrolment
        )
        assert pipeline.full_cost(scenario) == pytest.approx(expected)

    def test_the_grant_pays_for_all_that_a_budget_would_fund(self):
        places: Any = SimpleNamespace(ordinary=load("small-rural"), replicates=1)
        free, treated, priced = pipeline.pipelines(places)[0].scenarios
        assert free.levers == free.baseline
        assert treated.levers == priced.levers != free.levers
        assert pipeline.full_cost(treated) == pytest.approx(
            treated.coefficients.cost_design * treated.levers.design_work
        )
        assert pipeline.full_cost(priced) > pipeline.full_cost(treated)
