"""What rows about growth, loss, overload and tenure measure, on records where the answer is known."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fabricated_units import month, run

from reformsim.scenario.loading import load
from reformsim.validation.places import GRANT, ROLL_OUT, by_grant, with_levers
from reformsim.validation.rows import growth, overload, resilience, tenure
from reformsim.validation.studies import SimulatedUnit

MONTHS = np.arange(-60, 180)


@pytest.fixture(scope="module")
def places() -> Any:
    return SimpleNamespace(ordinary=load("mesa-public-schools"), replicates=6, own=False)


class TestByGrant:
    def test_it_pays_for_the_design_and_ends_with_it(self):
        calm = load("mesa-public-schools")
        granted = by_grant(calm, {"mentor_share": 0.9}, 5)
        assert granted.levers.mentor_share == 0.9
        assert (granted.grants[0].month, granted.grants[0].end) == (ROLL_OUT, 48)
        assert granted.grants[0].stands_in == 1.0
        assert [(design.month, design.levers.mentor_share) for design in granted.plan] == [
            (0, 0.9),
            (48, calm.baseline.mentor_share),
        ]

    def test_without_an_end_it_pays_to_the_end_of_the_run(self):
        granted = by_grant(load("small-rural"), {"mentor_share": 0.9})
        assert granted.grants[0].end == granted.last_month
        assert granted.phases == ()

    @pytest.mark.parametrize("district", ["mesa-public-schools", "small-rural", "large-urban"])
    def test_the_grant_is_more_than_the_dearest_design_costs(self, district):
        from reformsim.validation.rows.pipeline import full_cost

        designs = [growth.WEB, {"teachers_per_coach": 15.0, "span_of_control": 10.0}]
        assert all(full_cost(with_levers(load(district), **each)) < GRANT for each in designs)


class TestTenure:
    @staticmethod
    def unit(*departures):
        return tenure.years_in_post(SimulatedUnit((run(departures=departures),)))

    def test_spells_whose_start_was_seen_are_counted_by_year(self):
        """One comes in June of year 1 and goes in June of year 3: two falls in post."""
        counted = self.unit(11, 35)
        assert list(counted["there"][:3]) == [2, 2, 1]
        assert list(counted["gone"][:3]) == [0, 1, 0]

    def test_who_was_there_from_the_beginning_does_not_count(self):
        counted = self.unit()
        assert counted["there"].sum() == 0
        assert math.isnan(tenure.hazard_in(1, 1)([counted]))

    def test_who_comes_and_goes_between_two_falls_is_not_seen(self):
        once, twice = self.unit(11), self.unit(5, 11)
        assert list(once["there"]) == list(twice["there"])

    def test_hazards(self):
        units = [self.unit(11, 35), self.unit(11, 23)]
        assert tenure.hazard_in(1, 1)(units) == pytest.approx(1 / 4)
        assert tenure.hazard_in(1, 2)(units) == pytest.approx(2 / 7)

    def test_windows_by_their_number_of_departures(self):
        counted = tenure.departures_that_bunch(
            SimulatedUnit((run(departures=(11, 23, 35, 40, 60)),))
        )
        assert [counted[name] for name in ("none", "one", "two", "more")] == [1, 1, 0, 1]
        assert counted["windows"] == 3

    def test_short_stays_after_short_ones_and_after_longer_ones(self):
        """Stays of 2, 1, 3, 4 and 2 Octobers; the first and the last are not seen whole."""
        octobers = np.cumsum([-33, 24, 12, 36, 48, 24, 108])
        counted = tenure.departures_that_bunch(SimulatedUnit((run(departures=octobers[:-1]),)))
        assert (counted["after_short"], counted["short_after_short"]) == (2, 1)
        assert (counted["after_longer"], counted["short_after_longer"]) == (2, 1)

    def test_the_longest_stays_are_in_neither_group(self):
        octobers = np.cumsum([-33, 96, 12])
        counted = tenure.departures_that_bunch(SimulatedUnit((run(departures=octobers),)))
        assert counted["after_short"] == counted["after_longer"] == 0


class TestGrowth:
    @staticmethod
    def path(*, first=0.0, third=0.0, after=0.0):
        """A gain that is so high around May of years 1, 3 and 6 of delivery, and 0 otherwise."""
        gain = np.zeros(240)
        for start, height in ((22, first), (46, third), (82, after)):
            gain[60 + start - 1 : 60 + start + 2] = height
        return gain

    def arm(self, gain):
        return run(district={"outcome": 0.1 + gain, "leadership": 0.3 + gain})

    def test_what_is_there_while_and_after(self):
        arms = [
            self.arm(np.zeros(240)),
            self.arm(self.path(first=0.01, third=0.1, after=0.08)),
            self.arm(self.path(first=0.02, third=0.2, after=0.1)),
            self.arm(self.path(first=0.02, third=0.1, after=0.02)),
            self.arm(self.path(third=0.1, after=0.05)),
        ]
        units = [growth.while_and_after(SimulatedUnit(tuple(arms)))] * 5
        statistics = growth.ROWS[0].measurements[0].statistics
        values = [each.estimate(units) for each in statistics]
        assert values == pytest.approx([0.1, 0.8, 0.5, 0.2, 0.5])
        passes = [
            each.low <= value <= each.high for each, value in zip(statistics, values, strict=True)
        ]
        assert passes == [True, True, False, True, False]

    def test_the_designs_end_with_the_money(self, places):
        calm, *treated = growth.three_years_of_money(places)[0].scenarios
        assert calm.grants == ()
        for granted in treated[:3]:
            assert granted.grants[0].end == 48
            assert granted.plan[-1].levers == granted.baseline.model_copy(
                update={"pilot_months": ROLL_OUT, "launch_focus": granted.levers.launch_focus}
            )
        partner = treated[3].levers
        assert partner.coaching_seats == 78
        assert partner.coaching_start + partner.coaching_months == 48

    def test_the_fastest_five_years(self):
        """A rise by 0.3 within five years, and slower before and after."""
        gain = np.interp(MONTHS, [0, 48, 108, 180], [0.0, 0.08, 0.38, 0.4])
        runs = self.arm(np.zeros(240)), self.arm(gain), self.arm(np.zeros(240))
        measured = growth.fastest_growth(SimulatedUnit(runs))
        assert measured["fastest"] == pytest.approx(0.06)
        assert measured["three_years"] == pytest.approx(0.08 * 47 / 48)

    def test_nine_runs_in_ten(self):
        units = [{"fastest": value / 100} for value in range(101)]
        statistic = growth.ROWS[1].measurements[0].statistics[0]
        assert statistic.estimate(units) == pytest.approx(0.9)

    def test_a_constant_programme(self):
        gain = np.interp(MONTHS, [0, 22, 118, 180], [0.0, 0.1, 0.25, 0.3])
        measured = growth.constant_coaching(
            SimulatedUnit((self.arm(np.zeros(240)), self.arm(gain)))
        )
        assert measured == pytest.approx({"year_2": 0.1, "year_10": 0.25})


class TestLosingTheCentre:
    def test_who_leaves(self, places):
        star: Any = resilience.losing_the_centre(places)[0].scenarios[3:]
        calm, best, everyone = star
        assert calm.events == ()
        assert [event.type for event in best.events] == [
            "superintendent_departure",
            "central_departure",
        ]
        assert best.events[1].who == "strongest"
        assert [event.seat for event in everyone.events[1:]] == list(range(8))
        assert {event.month for event in everyone.events} == {resilience.LEAVE}
        assert list(everyone.idle_events()) == []

    def test_loss(self):
        def arm(lost):
            after = (MONTHS >= resilience.LEAVE) & (MONTHS < resilience.LEAVE + 24)
            return run(district={"principal_practice": 0.6 - lost * after})

        runs = tuple(arm(lost) for lost in (0.0, 0.01, 0.03, 0.0, 0.04, 0.05))
        units = [resilience.practice_lost(SimulatedUnit(runs))] * 5
        values = [each.estimate(units) for each in resilience.ROWS[0].measurements[0].statistics]
        assert values == pytest.approx([0.25, 0.6])


class TestAdoptingTogether:
    def test_every_share_is_tried_in_every_replicate(self, places):
        units = resilience.adopting_together(places)
        assert len(units) == 6 * len(resilience.SHARES)
        assert {unit.scenarios[1].levers.participation for unit in units} == set(resilience.SHARES)
        assert {unit.scenarios[0].levers.participation for unit in units} == {1.0}

    def test_who_sustains(self):
        """Four schools adopt: one keeps its gain, two lose it, one never had any."""
        calm, reform = run(), run(participation=0.5)
        takes_part = np.zeros((240, 8))
        takes_part[60:, :4] = 1.0
        reform.schools["takes_part"] = takes_part
        leadership = calm.schools["leadership"].copy()
        leadership[month(calm, 12) :, :3] += 0.1
        leadership[month(calm, 26) :, 1:3] -= 0.09
        leadership[month(calm, 12) :, 5] += 0.1  # takes no part
        reform.schools["leadership"] = leadership
        unit = resilience.sustained(SimulatedUnit((calm, reform)))
        assert unit["share"] == 0.5
        assert list(unit["sustained"]) == [True, False, False]

    def test_odds_ratio(self):
        units = [
            {"share": 0.2, "sustained": np.arange(100) < 50},
            {"share": 0.8, "sustained": np.arange(100) < 80},
        ]
        assert resilience.odds_ratio_of_share(units) == pytest.approx(2.0)  # odds 1 and 4, two SD


class TestOverload:
    @staticmethod
    def unit(leadership, outcome):
        after = np.arange(156)
        paths = {"leadership": leadership(after), "outcome": outcome(after)}
        calm = run(district={name: np.full(240, 0.5) for name in paths})
        loaded = run(
            district={
                name: np.concatenate([np.full(84, 0.5), 0.5 - path]) for name, path in paths.items()
            }
        )
        return overload.falls(SimulatedUnit((calm, loaded)))

    def test_a_slow_fall_and_a_slower_recovery(self):
        def slow(after):
            """Down by one hundredth a month for 21 months, back by a quarter of that from month 24 on."""
            return np.interp(after, [-1, 20, 23, 107], [0.0, 0.21, 0.21, 0.0])

        def quick(after):
            return np.where((after >= 0) & (after < 24), 0.1, 0.0)

        units = [self.unit(quick, slow)]
        assert overload.at_once(units) == 1.0
        assert overload.outcomes_hold(units) == 2.0  # a tenth of the fall is there in the third
        assert overload.recovery_over_fall("leadership")(units) == 1.0
        assert overload.recovery_over_fall("outcome")(units) == pytest.approx(76 / 19)

    def test_what_does_not_recover_counts_up_to_the_end(self):
        def for_good(after):
            return np.full(len(after), 0.1)

        units = [self.unit(for_good, for_good)]
        assert overload.recovery_over_fall("outcome")(units) == 156 - 24 + 1

    def test_no_fall_at_all(self):
        def none(after):
            return np.zeros(len(after))

        units = [self.unit(none, none)]
        assert math.isnan(overload.at_once(units))
        assert math.isnan(overload.outcomes_hold(units))
        assert math.isnan(overload.recovery_over_fall("outcome")(units))

    def test_points_lie_in_the_plausible_region_and_differ(self, places):
        units = overload.plausible_points(places)
        points = {unit.scenarios[0].coefficients for unit in units}
        assert len(points) == overload.POINTS
        assert len(units) == 6 * overload.POINTS
        calm, loaded = units[0].scenarios
        assert loaded.model_copy(update={"events": ()}) == calm
        again = overload.plausible_points(places)
        assert [unit.scenarios[0].fingerprint for unit in again[:9]] == [
            unit.scenarios[0].fingerprint for unit in units[:9]
        ]
        relief = [point.relief for point in points]
        assert min(relief) < places.ordinary.coefficients.relief < max(relief)

    @pytest.mark.parametrize(
        ("fall", "late", "locked"), [(0.1, 0.08, 1), (0.1, 0.02, 0), (0.005, 0.005, 0)]
    )
    def test_still_down(self, fall, late, locked):
        calm = run(district={"leadership": np.full(240, 0.5)})
        path = np.where(MONTHS < 24, 0.0, np.where(MONTHS < 48, fall, late))
        loaded = run(district={"leadership": 0.5 - path})
        assert overload.still_down(SimulatedUnit((calm, loaded)))["locked"] == locked

    def test_a_point_counts_if_some_runs_lock_and_some_do_not(self):
        units = [
            {"point": point, "locked": float(locked)}
            for point, runs in (("a", [1, 0, 0]), ("b", [0, 0, 0]), ("c", [1, 1, 1]))
            for locked in runs
        ]
        assert overload.points_that_lock(units) == 1
