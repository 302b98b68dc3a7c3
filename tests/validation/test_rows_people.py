"""What rows about people measure, on records where the answer is known."""

from __future__ import annotations

import math
from dataclasses import replace

import fabricate
import numpy as np
import pytest
from fabricated_units import MadeUp, census, leaves, month, run
from hypothesis import given
from hypothesis import strategies as st

from reformsim.validation.readings import months_in_post, row_of, within_a_year, years_of
from reformsim.validation.rows import (
    coaching,
    contribution,
    principals,
    superintendents,
    survival,
    teachers,
    week,
)
from reformsim.validation.studies import SimulatedUnit


class TestReadings:
    def test_months_in_post(self):
        made = run()
        leaves(made, 2, 10, back=13)
        tenure = months_in_post(made)
        assert tenure[month(made, 9), 2] == 70  # five years of warm-up and ten months
        assert tenure[month(made, 10), 2] == 0
        assert tenure[month(made, 13), 2] == 1
        assert tenure[month(made, 24), 2] == 12

    def test_within_a_year_of_a_month(self):
        flags = np.zeros((30, 4), bool)
        flags[[5, 6, 17, 18], [0, 1, 2, 3]] = True
        assert list(within_a_year(flags, 5)) == [False, True, True, False]

    def test_a_month_that_is_not_there(self):
        with pytest.raises(ValueError, match="no month 180"):
            row_of(run(), 180)
        with pytest.raises(ValueError, match="no month"):
            years_of(run(), 0, 10, 6)


class TestSuperintendents:
    def test_departures_are_changes_from_one_october_to_the_next(self):
        """Before the first October after the launch and after the last nothing is seen."""
        found = superintendents.departures(SimulatedUnit((run(departures=(-5, 0, 100, 179)),)))
        assert found == {"departures": 1.0, "years": 14.0}

    def test_who_comes_and_goes_between_two_octobers_is_not_seen(self):
        once, twice = (
            superintendents.departures(SimulatedUnit((run(departures=months),)))
            for months in ((24,), (16, 20, 24))
        )
        assert once == twice
        in_october = superintendents.departures(SimulatedUnit((run(departures=(16, 28)),)))
        assert in_october["departures"] == 2.0  # sat for a year, in the October of month 27

    @given(st.lists(st.integers(1, 179), unique=True, max_size=30).map(sorted))
    def test_falls_never_count_more_than_events(self, departures):
        made = SimulatedUnit((run(departures=departures),))
        found, windows = superintendents.departures(made), superintendents.tenures(made)
        seen = [month for month in departures if 3 < month <= 171]
        assert found["departures"] == len({(month - 4) // 12 for month in seen})
        assert windows["many"] <= windows["some"] <= windows["windows"] == 3

    def test_tenures(self):
        made = run(departures=(10, 20, 30, 60))
        made.events = [
            replace(event, detail=detail)
            for event, detail in zip(made.events, (69.0, 9.0, 9.0, 29.0), strict=True)
        ]
        found = superintendents.tenures(SimulatedUnit((made,)))
        assert found["spells"] == 4
        assert found["completed"] == 6 + 1 + 1 + 2  # Octobers from month −60 on
        assert found["ongoing"] == 9  # came in month 60, the tenth October is that of month 171
        assert (found["some"], found["many"], found["windows"]) == (2, 1, 3)

    def test_a_stay_without_an_october_is_none(self):
        made = run(departures=(16, 20))
        made.events = [
            replace(event, detail=detail)
            for event, detail in zip(made.events, (75.0, 3.0), strict=True)
        ]
        found = superintendents.tenures(SimulatedUnit((made,)))
        assert (found["spells"], found["completed"]) == (1, 7)

    @pytest.mark.parametrize(("came", "completed"), [(171, 0), (170, 0), (159, 1), (158, 1)])
    def test_the_present_year_is_not_completed(self, came, completed):
        found = superintendents.tenures(SimulatedUnit((run(departures=(came,)),)))
        assert found["ongoing"] == completed

    def test_years_of_a_change_belong_to_nobody(self):
        found = superintendents.by_school_year(run(departures=(66,)))
        assert list(found["superintendent"][:2]) == [-1, 1]
        assert found["tenure"][1] == pytest.approx((83 - 66) / 12)

    @staticmethod
    def made_up(sd, slope=0.0, districts=400):
        chance = np.random.default_rng(5)
        holders = np.repeat([0, 1], 5)
        tenure = np.tile(np.arange(1.0, 6.0), 2)
        return [
            {
                "outcome": sd * chance.standard_normal(2)[holders] + chance.normal(0, 0.01, 10),
                "growth": slope * tenure + np.full(10, 0.3),
                "superintendent": holders,
                "tenure": tenure + number % 3,
            }
            for number, holders in enumerate([holders] * districts)
        ]

    def test_share_of_variance(self):
        assert superintendents.superintendents_share(self.made_up(0.2)) == pytest.approx(4, rel=0.1)
        assert superintendents.superintendents_share(self.made_up(0.0)) < 0.01

    def test_share_without_changes_is_undefined(self):
        data = self.made_up(0.2)
        for unit in data:
            unit["superintendent"] = np.zeros(10, int)
        assert math.isnan(superintendents.superintendents_share(data))

    def test_slope(self):
        data = [
            {
                "growth": np.array([0.1, 0.2]) + 0.05 * np.array([number, 3.0 - number]),
                "tenure": np.array([number, 3.0 - number]),
                "superintendent": np.zeros(2, int),
            }
            for number in (0.0, 1.0, 2.0, 3.0)
        ]
        assert superintendents.slope_on_tenure(data) == pytest.approx(0.05)
        assert math.isnan(superintendents.slope_on_tenure(data[:1]))


class TestPrincipals:
    def test_staying(self):
        made = run()
        leaves(made, 0, 20, back=22)  # after the January of year 2
        found = principals.staying(SimulatedUnit((made,)))
        assert found["left"] == 1
        assert found["base"] == 14 * fabricate.SCHOOLS
        assert found["asked"] == 5 * fabricate.SCHOOLS
        assert found["short"] == 0
        assert (
            found["long"] == 5 * fabricate.SCHOOLS - 2
        )  # school 0 in Januaries of years 11 and 12

    def test_a_change(self):
        calm, changed = run(), run()
        leaves(changed, 0, principals.CHANGE, back=40)
        leaves(changed, 5, principals.CHANGE, back=40)
        first = month(changed, principals.CHANGE + 1)
        changed.schools["outcome"][first : first + 12, 0] -= 0.15
        changed.schools["outcome"][first + 12 : first + 24, 0] -= 0.05
        changed.schools["teacher_departures"][first + 11, 5] += 1.0  # of ten teachers
        found = principals.after_a_change(SimulatedUnit((calm, changed)))
        assert found["schools"] == 2
        assert found["early"] == pytest.approx(-0.1)
        assert found["late"] == pytest.approx(0.0)
        assert found["retention"] == pytest.approx(-10.0)
        assert found["later_retention"] == 0.0

    def test_schools_that_lose_their_principal_anyway_are_left_out(self):
        calm, changed = run(), run()
        for school in (0, 5):
            leaves(calm, school, principals.CHANGE, back=40)
        found = principals.after_a_change(SimulatedUnit((calm, changed)))
        assert found["schools"] == 0
        assert math.isnan(found["early"])

    def test_who_leaves(self):
        made = run()
        made.schools["principal_practice"] = np.tile(
            np.linspace(0.1, 0.8, fabricate.SCHOOLS), (len(made.months), 1)
        )
        leaves(made, 0, 10, back=12)  # one of the two weakest
        leaves(made, 7, 10, back=12, kind="promotion")
        months = range(-1, 180)
        experience = np.zeros((181, fabricate.SCHOOLS))
        experience[:12] = 60.0
        experience[13:, 0] = 24.0
        experience[13:, 7] = 36.0
        simulated = MadeUp((made,), {0: census(months, experience=experience)})
        found = principals.who_leaves(simulated)
        assert (found["weak"], found["middle"], found["strong"]) == (28, 28, 14)
        assert (found["weak_left"], found["middle_left"]) == (1, 0)
        assert (found["strong_promoted"], found["middle_promoted"]) == (1, 0)
        assert found["successions"] == 2
        assert found["change"] == pytest.approx((24 - 60 + 36 - 60) / 12)

    def test_lasting_contribution(self):
        """Growth of 0.03 or −0.03 a year that goes with the person, in schools that differ too."""
        chance = np.random.default_rng(8)
        data = []
        for _ in range(40):
            made = run()
            yearly = np.zeros((15, fabricate.SCHOOLS))
            for school in range(fabricate.SCHOOLS):
                left = int(chance.integers(6, 10))
                leaves(made, school, 12 * left - 1, back=12 * left)
                effect = 0.03 * chance.choice([-1.0, 1.0], 2)
                yearly[:left, school], yearly[left:, school] = effect
            yearly += chance.normal(0.0, 0.03, fabricate.SCHOOLS)
            level = np.repeat(yearly.cumsum(axis=0), 12, axis=0)
            made.schools["outcome"][made.months >= 0] = level
            data.append(contribution.growth_by_principal(SimulatedUnit((made,))))
        # The mean of eight schools is taken out, which leaves 7/8 of the variance.
        expected = 0.03 * math.sqrt(7 / 8)
        assert contribution.persistent_sd(data) == pytest.approx(expected, rel=0.15)

    def test_contribution_without_changes_is_undefined(self):
        data = [contribution.growth_by_principal(SimulatedUnit((run(),)))] * 9
        assert math.isnan(contribution.persistent_sd(data))


class TestTeachers:
    def test_leaving_by_experience(self):
        months = [12 * year + one for year in teachers.YEARS for one in (10, 11)]
        experience = np.zeros((20, fabricate.TEACHERS))
        experience[:, :10] = 11.0  # first year
        experience[:, 10:20] = 108.0  # tenth year
        experience[:, 20:30] = 107.0  # ninth year
        experience[:, 30:40] = 228.0  # twentieth year
        experience[:, 40:] = 60.0
        person = np.zeros((20, fabricate.TEACHERS))
        person[1::2, [0, 1, 10, 30, 31, 32]] = 1.0  # someone else in July
        person = person.cumsum(axis=0)
        simulated = MadeUp(
            (run(),), {0: census(months, teacher_experience=experience, teacher=person)}
        )
        found = teachers.leaving_by_experience(simulated)
        assert (found["early"], found["early_left"]) == (100, 20)
        assert (found["middle"], found["middle_left"]) == (100, 10)
        assert (found["late"], found["late_left"]) == (100, 30)
        assert (found["all"], found["all_left"]) == (800, 60)

    def test_leadership_and_turnover(self):
        made = run()
        chance = np.random.default_rng(2)
        leadership = np.zeros_like(made.schools["leadership"])
        turnover = np.zeros_like(leadership)
        for year in range(15):
            now = chance.normal(0.4, 0.1, fabricate.SCHOOLS)
            june = month(made, 12 * year + 11)
            leadership[june - 11 : june + 1] = now
            turnover[june] = 10.0 * (0.2 - 0.3 * (now - 0.4) + 0.01 * year)
        leadership[made.months < 0] = 0.4 + np.tile([-0.1, 0.1], 4)  # an SD of 0.1
        made.schools["leadership"], made.schools["teacher_departures"] = leadership, turnover
        data = [teachers.turnover_and_leadership(SimulatedUnit((made,)))] * 5
        mean = turnover[turnover.sum(axis=1) > 0].mean() / 10
        assert teachers.change_for_one_sd(data) == pytest.approx(-100 * 0.03 / mean, rel=1e-6)

    def test_without_differences_it_is_undefined(self):
        made = run()
        made.schools["leadership"][:] = 0.4
        data = [teachers.turnover_and_leadership(SimulatedUnit((made,)))] * 5
        assert math.isnan(teachers.change_for_one_sd(data))


def test_week():
    made = run()
    made.schools["operations_time"][:] = 0.3
    made.schools["learning_time"][:] = 0.1
    made.schools["learning_time"][-1, 3] = 0.31
    found = [week.week(SimulatedUnit((made,)))]
    assert found[0]["hours"] == 58.0
    assert found[0]["operations"] == pytest.approx(0.3)
    assert week.largest(found) == pytest.approx(31.0)


class TestCoachesAndIsolation:
    def test_mentors_and_newcomers(self):
        made = run()
        leaves(made, 3, 4, back=5)
        leaves(made, 3, 10, back=12)
        januaries = [12 * year + 6 for year in range(14)]
        mentored = np.zeros((14, fabricate.SCHOOLS))
        mentored[:, [0, 7]] = 1
        simulated = MadeUp((made,), {0: census(januaries, mentored=mentored)})
        found = coaching.coached_and_isolated(simulated)
        assert found["mentored"] / found["there"] == pytest.approx(0.25)
        poor = int((fabricate.NEED >= coaching.HIGH_POVERTY).sum())
        assert found["poor_mentored"] / found["poor"] == pytest.approx(1 / poor)
        assert found["new"].shape == (2, 7)  # school 3 in the Januaries of years 1 and 2
        assert list(found["new"][:, -1]) == [1.0, 0.0]

    def test_odds_ratio(self):
        chance = np.random.default_rng(4)
        x = chance.normal(5.0, 2.0, 20_000)
        logit = math.log(1.6) * (x - 5.0) / 2.0 - 1.5
        left = (chance.random(20_000) < 1 / (1 + np.exp(-logit))).astype(float)
        assert coaching.logistic_odds_ratio(x, left) == pytest.approx(1.6, rel=0.05)
        assert math.isnan(coaching.logistic_odds_ratio(x, np.zeros_like(x)))
        assert math.isnan(coaching.logistic_odds_ratio(np.ones(9), np.arange(9.0) % 2))

    def test_rank(self):
        chance = np.random.default_rng(4)
        rows = chance.normal(size=(5000, 7))
        rows[:, -1] = rows[:, 0] + 2 * rows[:, 3] + chance.normal(size=5000) > 0
        assert coaching.rank_of_isolation([{"new": rows}]) == 2
        rows[:, -1] = 0.0
        assert math.isnan(coaching.rank_of_isolation([{"new": rows}]))


class TestLives:
    @staticmethod
    def unit(gain, cancelled=None):
        from reformsim.record import EventRecord

        calm, reform = run(), run(gain=gain)
        if cancelled is not None:
            reform.events = [
                *reform.events,
                *(
                    EventRecord(
                        cancelled, "seat_cancelled", "principal", f"principal-{school}", 0.0
                    )
                    for school in range(3)
                ),
            ]
        seated = np.zeros((1, fabricate.SCHOOLS))
        seated[0, :3] = 1
        return MadeUp((calm, reform), {1: census([0], seated=seated)})

    def test_a_reform_that_stays(self):
        found = survival.lives(self.unit(0.1))
        assert found["schools"] == 3
        assert found["kept"] == 3
        assert found["ended"] == [False] * 3
        assert survival.alive_after_three_years([found]) == 100.0

    def test_a_reform_that_is_cancelled(self):
        found = survival.lives(self.unit(0.1, cancelled=20))
        assert found["times"] == [20] * 3
        assert found["kept"] == 0
        assert survival.alive_after_three_years([found]) == 0.0

    def test_a_gain_that_is_lost(self):
        found = survival.lives(self.unit(np.where(np.arange(180) < 12, 0.1, 0.0)))
        assert found["ended"] == [True] * 3
        assert 12 < found["times"][0] < 24

    def test_a_reform_that_never_takes_hold(self):
        found = survival.lives(self.unit(0.001))
        assert found["schools"] == 0
        assert math.isnan(survival.alive_after_three_years([found]))
