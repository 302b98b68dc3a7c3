"""The measures, on trajectories whose answer is worked out by hand beside the test."""

from __future__ import annotations

import dataclasses
import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given

from reformsim.analysis import measures as m
from reformsim.results.rates import annual_rate

NAN = math.nan


def months(count, start=0):
    return np.arange(start, start + count)


def pieces(*parts):
    """A series from (value, how many months) pairs."""
    return np.concatenate([np.full(count, float(value)) for value, count in parts])


# Sixty-fourths: exact in binary, so that a power of two scales them without rounding.
def gains(size, lowest=-64, highest=64):
    return st.lists(st.integers(lowest, highest), min_size=size, max_size=size).map(
        lambda values: np.array(values) / 64
    )


powers_of_two = st.integers(-8, 8).map(lambda power: 2.0**power)


class TestGainAndResilience:
    def test_a_number_and_a_paired_run_are_taken_away(self):
        assert m.gain([0.5, 0.75], 0.25).tolist() == [0.25, 0.5]
        assert m.gain([0.5, 0.75], [0.5, 0.25]).tolist() == [0.0, 0.5]

    def test_nan_stays_nan(self):
        np.testing.assert_array_equal(m.gain([NAN, 1.0], 0.5), [NAN, 0.5])
        np.testing.assert_array_equal(m.resilience([1.0, 1.0], [NAN, 2.0]), [NAN, -1.0])

    def test_a_departure_that_costs_something_is_negative(self):
        assert m.resilience([0.25, 0.5], [0.5, 0.5]).tolist() == [-0.25, 0.0]

    def test_shapes_must_fit(self):
        with pytest.raises(ValueError, match="one shape"):
            m.gain([1.0, 2.0], [1.0])
        with pytest.raises(ValueError, match="one shape"):
            m.resilience([1.0, 2.0], 1.0)

    @given(gains(5), gains(5))
    def test_swapping_the_runs_swaps_the_sign(self, one, other):
        np.testing.assert_array_equal(m.resilience(one, other), -m.resilience(other, one))
        np.testing.assert_array_equal(m.gain(one, other) + other, one)


class TestDepth:
    def test_mean_over_people_along_either_axis(self):
        table = [[0.0, 1.0], [0.5, 0.5], [1.0, 0.75]]
        assert m.depth(table).tolist() == [0.5, 0.5, 0.875]
        assert m.depth(table, axis=0).tolist() == [0.5, 0.75]
        assert m.depth([0.25, 0.75]) == 0.5

    def test_an_empty_seat_is_left_out_and_nobody_is_nan(self):
        np.testing.assert_array_equal(m.depth([[NAN, 0.5], [NAN, NAN]]), [0.5, NAN])
        np.testing.assert_array_equal(m.depth(np.empty((2, 0))), [NAN, NAN])

    def test_the_axis_must_exist(self):
        with pytest.raises(ValueError, match="no axis 1"):
            m.depth([1.0], axis=1)
        with pytest.raises(ValueError, match="no axis"):
            m.depth(1.0)

    @given(gains(12))
    def test_lies_between_the_least_and_the_most(self, people):
        assert people.min() - 1e-12 <= m.depth(people) <= people.max() + 1e-12


class TestSpread:
    def test_a_school_at_the_threshold_does_not_count(self):
        table = [[0.1, 0.5, 0.9, 0.6], [0.1, 0.2, 0.3, 0.4]]
        assert m.spread(table, 0.5).tolist() == [0.5, 0.0]

    def test_wrong_input(self):
        for table in ([0.5, 0.6], np.empty((3, 0)), [[NAN, 1.0]]):
            with pytest.raises(ValueError, match=r"leadership_by_school|number of schools"):
                m.spread(table, 0.5)
        with pytest.raises(ValueError, match="threshold must be finite"):
            m.spread([[0.5]], NAN)

    @given(gains(12), st.floats(-1, 1), st.floats(0, 1))
    def test_is_a_share_that_falls_with_the_threshold(self, values, threshold, more):
        low = m.spread(values.reshape(3, 4), threshold)
        high = m.spread(values.reshape(3, 4), threshold + more)
        assert ((high >= 0) & (high <= low) & (low <= 1)).all()


class TestSpreadThreshold:
    def test_by_hand(self):
        # Schools at 1 and 3: mean 2, SD 1 → 3. At 2 and 6: mean 4, SD 2 → 6. Mean of both: 4.5.
        # Month −3 lies before the window and months 0 and 1 after the warm-up: none may count.
        table = [[90, 99], [1, 3], [2, 6], [70, 80], [70, 80]]
        assert m.spread_threshold(table, months(5, -3), window=2) == 4.5

    def test_wrong_input(self):
        table = np.ones((40, 2))
        with pytest.raises(ValueError, match="months of warm-up must be at least 36, not 35"):
            m.spread_threshold(table, months(40, -35))
        with pytest.raises(ValueError, match="window"):
            m.spread_threshold(table, months(40, -40), window=0)
        with pytest.raises(ValueError, match="do not fit"):
            m.spread_threshold(table, months(39, -39))

    @given(gains(12), st.integers(1, 3))
    def test_alike_schools_have_no_spread_and_the_sd_only_adds(self, values, window):
        table = values.reshape(3, 4)
        threshold = m.spread_threshold(table, months(3, -3), window)
        assert threshold >= table[-window:].mean() - 1e-12
        alike = np.full((3, 4), values[0])
        assert m.spread_threshold(alike, months(3, -3), window) == pytest.approx(values[0])


class TestOwnership:
    def test_nothing_is_owned_by_nobody(self):
        np.testing.assert_array_equal(m.ownership([1, 0, 0], [4, 5, 0]), [0.25, 0.0, NAN])

    def test_rounding_is_forgiven_but_no_more(self):
        assert m.ownership([0.1 + 0.2], [0.3]).tolist() == [1.0]
        with pytest.raises(ValueError, match="exceed"):
            m.ownership([2.0], [1.0])

    def test_wrong_input(self):
        with pytest.raises(ValueError, match="at least 0"):
            m.ownership([-1.0], [1.0])
        with pytest.raises(ValueError, match="total must be finite"):
            m.ownership([1.0], [NAN])
        with pytest.raises(ValueError, match="one shape"):
            m.ownership([1.0], [1.0, 2.0])

    @given(gains(6, 0), gains(6, 1))
    def test_is_a_share(self, inside, outside):
        share = m.ownership(inside, inside + outside)
        assert ((share >= 0) & (share < 1)).all()


class TestRetention:
    def test_by_hand(self):
        # Months 12–23 (a year before month 24): six at 0.2, six at 0.6, mean 0.4.
        # Months 43–48 (six that end at 24 + 24): three at 0.1, three at 0.3, mean 0.2.
        # 0.2 ÷ 0.4 = 0.5. The 9s lie outside both windows.
        series = pieces((9, 12), (0.2, 6), (0.6, 6), (9, 19), (0.1, 3), (0.3, 3), (9, 5))
        assert m.retention(months(54), series, 24, 24) == pytest.approx(0.5)
        # The same with a warm-up in front: months, not positions, are counted.
        series = np.concatenate([np.full(7, 9.0), series])
        assert m.retention(months(61, -7), series, 24, 24) == pytest.approx(0.5)

    def test_the_windows_have_to_be_covered(self):
        series = np.ones(36)
        assert m.retention(months(36), series, 12, 23) == 1.0
        assert math.isnan(m.retention(months(36), series, 12, 24))  # ends in month 36
        assert math.isnan(m.retention(months(36), series, 11, 12))  # starts in month −1
        assert math.isnan(m.retention(months(36, -10), series, 11, 6))  # warm-up is no gain
        assert math.isnan(m.retention(months(36, 2), series, 12, 12))  # no months 0 and 1

    def test_nothing_to_retain(self):
        series = pieces((0.0078125, 12), (0.5, 24))  # 1/128: below 0.01
        assert math.isnan(m.retention(months(36), series, 12, 12))
        assert math.isnan(m.retention(months(36), series, 12, 12, minimum=1 / 128))
        assert m.retention(months(36), series, 12, 12, minimum=0.005) == 64

    def test_wrong_input(self):
        with pytest.raises(ValueError, match="after must be at least 6"):
            m.retention(months(36), np.ones(36), 12, 5)
        with pytest.raises(ValueError, match="minimum"):
            m.retention(months(36), np.ones(36), 12, 6, minimum=-1)

    @given(st.floats(0.02, 5), st.integers(12, 60), st.integers(6, 60))
    def test_a_constant_gain_is_retained(self, level, disruption, after):
        series = np.full(121, level)
        assert m.retention(months(121), series, disruption, after) == pytest.approx(1)

    @given(gains(60, 1), st.floats(0.01, 100))
    def test_scale_does_not_matter(self, series, scale):
        plain = m.retention(months(60), series, 20, 24, minimum=0)
        assert m.retention(months(60), series * scale, 20, 24, minimum=0) == pytest.approx(plain)

    @given(gains(60, 1))
    def test_lies_between_the_extremes_of_the_gain(self, series):
        held = m.retention(months(60), series, 20, 24)
        assert series.min() / series.max() - 1e-9 <= held <= series.max() / series.min() + 1e-9


class TestSurvivalTime:
    def test_the_first_month_of_the_spell(self):
        # Peak 1.0 in months 10–19, so the line is 0.5; 0.4 from month 20 on lasts 12 months.
        series = pieces((0.6, 10), (1, 10), (0.4, 12))
        assert m.survival_time(months(32), series) == (20.0, True)
        warm = np.concatenate([np.full(5, 7.0), series])  # a peak of the warm-up does not count
        assert m.survival_time(months(37, -5), warm) == (20.0, True)

    def test_eleven_months_are_not_a_spell(self):
        series = pieces((1, 20), (0.4, 11), (0.5, 1), (0.4, 11))
        assert m.survival_time(months(43), series) == (42.0, False)
        assert m.survival_time(months(43), series, spell=11) == (20.0, True)

    def test_the_peak_is_the_one_so_far(self):
        # 0.3 under a peak of 0.4 is alive (line 0.2), whatever comes later; the later peak of 2
        # makes the same 0.3 a death (line 1).
        series = pieces((0.4, 5), (0.3, 20), (2, 5), (0.3, 20))
        assert m.survival_time(months(50), series) == (30.0, True)

    def test_share_sets_the_line(self):
        series = pieces((1, 5), (0.7, 15))
        assert m.survival_time(months(20), series) == (19.0, False)
        assert m.survival_time(months(20), series, share=0.8) == (5.0, True)

    def test_never_took_hold(self):
        time, observed = m.survival_time(months(40), pieces((0.01, 40)))
        assert math.isnan(time)
        assert observed is False
        time, observed = m.survival_time(months(40, -20), pieces((1, 20), (-1, 20)), minimum=0)
        assert math.isnan(time)
        assert observed is False

    def test_what_has_not_taken_hold_cannot_die(self):
        # A flicker of 0.004, then a year of nothing, then the reform.
        series = pieces((0.004, 1), (0, 15), (0.5, 20))
        assert m.survival_time(months(36), series) == (35.0, False)
        assert m.survival_time(months(36), series, minimum=0) == (1.0, True)

    def test_a_short_horizon_is_censored(self):
        assert m.survival_time(months(1), [0.5]) == (0.0, False)

    def test_wrong_input(self):
        series = np.ones(20)
        for months_, words in (
            (months(20, 1), "hold the launch"),
            (months(20, -20), "hold the launch"),
            (months(19), "do not fit"),
            (months(40)[::2], "rise by one"),
            (months(20) / 1.0, "whole numbers"),
            (months(20).reshape(4, 5), "1-D"),
        ):
            with pytest.raises(ValueError, match=words):
                m.survival_time(months_, series)
        with pytest.raises(ValueError, match="gain must be finite"):
            m.survival_time(months(2), [1.0, NAN])
        with pytest.raises(ValueError, match="dimension"):
            m.survival_time(months(2), np.ones((2, 2)))
        with pytest.raises(ValueError, match="do not fit"):
            m.survival_time(months(0), [])
        with pytest.raises(ValueError, match="spell"):
            m.survival_time(months(20), series, spell=0)
        with pytest.raises(ValueError, match="minimum"):
            m.survival_time(months(20), series, minimum=-0.1)
        for share in (0, 1.1, NAN):
            with pytest.raises(ValueError, match="share"):
                m.survival_time(months(20), series, share=share)

    @given(gains(40), powers_of_two, st.integers(1, 6))
    def test_scale_does_not_matter(self, series, scale, spell):
        plain = m.survival_time(months(40), series, spell=spell, minimum=0)
        scaled = m.survival_time(months(40), series * scale, spell=spell, minimum=0)
        np.testing.assert_array_equal(scaled, plain)  # NaN equals NaN here

    @given(gains(40), st.integers(1, 6))
    def test_the_end_is_seen_within_the_horizon_or_censored_at_it(self, series, spell):
        time, observed = m.survival_time(months(40), series, spell=spell)
        if math.isnan(time):
            assert not observed
            assert series.max() <= 0.01
        elif observed:
            start = int(time)
            assert start <= 40 - spell
            assert (series[start : start + spell] < series.max() / 2).all()
        else:
            assert time == 39


class TestKaplanMeier:
    def test_a_table_by_hand(self):
        # time       3        5+         7        7          10+
        # at risk    5        4          3        3          1
        # S          4/5      4/5        4/5 × 1/3 = 4/15    4/15
        # The + marks are censored. Two further reforms never took hold.
        curve = m.kaplan_meier([7, NAN, 3, 10, 5, 7, NAN], [1, 0, 1, 0, 0, 1, 0])
        assert curve.times.tolist() == [3, 5, 7, 10]
        np.testing.assert_allclose(curve.survival, [4 / 5, 4 / 5, 4 / 15, 4 / 15])
        assert curve.at_risk.tolist() == [5, 4, 3, 1]
        assert curve.never_took_hold == 2

    def test_censored_in_the_month_of_an_end_is_at_risk_then(self):
        # Both at risk in month 6, one ends: S = 1/2.
        curve = m.kaplan_meier([6, 6], [True, False])
        np.testing.assert_allclose(curve.survival, [0.5])
        assert curve.at_risk.tolist() == [2]

    def test_no_end_seen(self):
        curve = m.kaplan_meier([5.0, 9.0], [False, False])
        assert curve.survival.tolist() == [1.0, 1.0]

    @pytest.mark.parametrize("times", [[], [NAN, NAN]])
    def test_none_took_hold(self, times):
        curve = m.kaplan_meier(times, [False] * len(times))
        assert curve.times.size == curve.survival.size == curve.at_risk.size == 0
        assert curve.never_took_hold == len(times)

    def test_the_result_is_frozen(self):
        with pytest.raises(dataclasses.FrozenInstanceError):
            m.kaplan_meier([1.0], [True]).never_took_hold = 3  # type: ignore[misc]

    def test_wrong_input(self):
        for times, observed, words in (
            ([1.0, 2.0], [True], "one shape"),
            ([[1.0]], [[True]], "1-D"),
            ([NAN], [True], "NaN"),
            ([-1.0], [True], "at least 0"),
            ([math.inf], [False], "finite"),
        ):
            with pytest.raises(ValueError, match=words):
                m.kaplan_meier(times, observed)

    @given(st.lists(st.integers(0, 20), min_size=1, max_size=30))
    def test_without_censoring_it_is_the_share_still_alive(self, times):
        curve = m.kaplan_meier(times, [True] * len(times))
        alive = [np.mean(np.array(times) > time) for time in curve.times]
        np.testing.assert_allclose(curve.survival, alive, atol=1e-12)

    @given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=30))
    def test_equals_the_product_formula(self, lives):
        times, observed = np.array([life[0] for life in lives]), np.array([x[1] for x in lives])
        curve = m.kaplan_meier(times, observed)
        survival = 1.0
        for time, risk, value in zip(curve.times, curve.at_risk, curve.survival, strict=True):
            assert risk == (times >= time).sum()
            survival *= 1 - (observed & (times == time)).sum() / risk
            assert value == pytest.approx(survival, abs=1e-12)


class TestHalfLife:
    def test_by_hand(self):
        # 0.8 in month 2; 0.4 (exactly half) from month 6 on: 4 months.
        series = pieces((0.1, 2), (0.8, 4), (0.4, 10))
        assert m.half_life(months(16), series, 2) == 4
        assert m.half_life(months(16, -3), series, -1) == 4

    def test_two_months_are_a_dip_unless_they_are_the_last(self):
        series = pieces((1, 4), (0.5, 2), (1, 4), (0.3, 3), (1, 5))
        assert m.half_life(months(18), series, 0) == 10
        assert m.half_life(months(6), series[:6], 0) == 4

    def test_undefined(self):
        assert math.isnan(m.half_life(months(9), np.ones(9), 0))  # never halves
        assert math.isnan(m.half_life(months(9), pieces((0.01, 3), (0, 6)), 0))  # no gain
        assert math.isnan(m.half_life(months(9), -np.ones(9), 0, minimum=0))
        assert math.isnan(m.half_life(months(9), np.ones(9), 9))  # outside
        assert math.isnan(m.half_life(months(9), np.ones(9), -1))

    def test_wrong_input(self):
        with pytest.raises(ValueError, match="minimum"):
            m.half_life(months(9), np.ones(9), 0, minimum=-1)
        with pytest.raises(ValueError, match="finite"):
            m.half_life(months(1), [math.inf], 0)

    @given(st.integers(1, 60), st.integers(0, 12), powers_of_two)
    def test_linear_decay(self, half, start, scale):
        # 2h, 2h − 1, 2h − 2, … reaches h after h months.
        series = np.append(np.full(start, 2.0 * half), np.arange(2 * half, -1, -1)) * scale
        assert m.half_life(months(series.size), series, start, minimum=0) == half

    @given(st.integers(1, 30))
    def test_exponential_decay(self, half):
        # 2^(−1) is exact in month `half`, and every earlier month is above it.
        series = 2.0 ** (-np.arange(4 * half) / half)
        assert m.half_life(months(series.size), series, 0) == half


class TestRecoveryTime:
    def test_by_hand(self):
        # 1.0 for a year, so the line is 0.9; 0.5 for 8 months, then 0.95: back in month 20, 8
        # months after month 12.
        series = pieces((1, 12), (0.5, 8), (0.95, 10))
        assert m.recovery_time(months(30), series, 12) == 8
        assert m.recovery_time(months(32, -2), np.append([5.0, 5.0], series), 12) == 8
        assert m.recovery_time(months(30), series, 12, share=0.5) == 0

    def test_a_late_fall_counts_from_the_disruption(self):
        series = pieces((1, 15), (0.5, 5), (1, 10))
        assert m.recovery_time(months(30), series, 12) == 8

    def test_a_two_month_return_is_none_unless_it_is_the_last(self):
        series = pieces((1, 12), (0.5, 3), (1, 2), (0.5, 3), (1, 3))
        assert m.recovery_time(months(23), series, 12) == 8
        assert m.recovery_time(months(17), series[:17], 12) == 3

    def test_undefined(self):
        series = pieces((1, 12), (0.5, 8))
        assert math.isnan(m.recovery_time(months(20), series, 12))  # not back by the end
        assert math.isnan(m.recovery_time(months(20), series, 11))  # no year before
        assert math.isnan(m.recovery_time(months(20), series, 20))  # after the end
        assert math.isnan(m.recovery_time(months(20), np.full(20, 0.01), 12))  # no gain

    def test_wrong_input(self):
        with pytest.raises(ValueError, match="share"):
            m.recovery_time(months(20), np.ones(20), 12, share=2)
        with pytest.raises(ValueError, match="minimum"):
            m.recovery_time(months(20), np.ones(20), 12, minimum=-1)

    @given(st.floats(0.02, 5), st.floats(0.01, 1) | st.just(1.0))
    @example(0.03, 1.0)  # the mean of twelve of these is above each of them
    def test_a_constant_gain_never_falls(self, level, share):
        assert m.recovery_time(months(40), np.full(40, level), 20, share=share) == 0

    @given(gains(40), powers_of_two)
    def test_scale_does_not_matter_and_the_time_is_bounded(self, series, scale):
        plain = m.recovery_time(months(40), series, 20, minimum=0)
        scaled = m.recovery_time(months(40), series * scale, 20, minimum=0)
        np.testing.assert_array_equal(scaled, plain)
        assert math.isnan(plain) or 0 <= plain < 20


class TestAreaUnderGain:
    def test_by_hand(self):
        # A ramp from 0 to 1 over 24 months: ½ × 2 years × 1 = 1 unit-year.
        ramp = np.arange(25) / 24
        assert m.area_under_gain(months(25), ramp) == pytest.approx(1)
        # A warm-up at 5 adds nothing.
        warm = np.append(np.full(6, 5.0), ramp)
        assert m.area_under_gain(months(31, -6), warm) == pytest.approx(1)

    def test_no_area_yet(self):
        assert math.isnan(m.area_under_gain(months(7, -6), np.ones(7)))

    def test_the_launch_must_be_there(self):
        with pytest.raises(ValueError, match="hold the launch"):
            m.area_under_gain(months(7, -7), np.ones(7))

    @given(gains(30), powers_of_two)
    def test_is_linear_and_bounded(self, series, scale):
        area = m.area_under_gain(months(30), series)
        assert m.area_under_gain(months(30), series * scale) == pytest.approx(area * scale)
        assert series.min() * 29 / 12 - 1e-9 <= area <= series.max() * 29 / 12 + 1e-9


class TestAboveThresholdAtEnd:
    def test_the_mean_of_the_last_window(self):
        # Last two: 0.25 and 0.75, mean 0.5.
        series = [9.0, 0.25, 0.75]
        assert m.above_threshold_at_end(series, 0.49, window=2) is True
        assert m.above_threshold_at_end(series, 0.5, window=2) is False

    def test_wrong_input(self):
        with pytest.raises(ValueError, match="must be at least 12, not 11"):
            m.above_threshold_at_end(np.ones(11), 0.5)
        with pytest.raises(ValueError, match="window"):
            m.above_threshold_at_end(np.ones(11), 0.5, window=0)
        with pytest.raises(ValueError, match="series must be finite"):
            m.above_threshold_at_end([NAN], 0.5, window=1)
        with pytest.raises(ValueError, match="threshold must be finite"):
            m.above_threshold_at_end([1.0], NAN, window=1)
        with pytest.raises(ValueError, match="dimension"):
            m.above_threshold_at_end(np.ones((12, 2)), 0.5)


class TestAnnualRate:
    def test_by_hand(self):
        # One of ten leaves each month of the first year, none in month 12:
        # 12 ÷ 10 = 1.2 a year, then 11 ÷ 10.
        rate = annual_rate(pieces((1, 12), (0, 1)), 10)
        assert np.isnan(rate[:11]).all()
        np.testing.assert_allclose(rate[11:], [1.2, 1.1])

    def test_seats_may_change_and_windows_differ(self):
        # Two months: 1 + 2 leave, mean seats (4 + 8) ÷ 2 = 6, half of them; six such windows a
        # year: 3. Then 2 + 0 of mean 8: a quarter × 6 = 1.5.
        np.testing.assert_allclose(annual_rate([1, 2, 0], [4, 8, 8], window=2), [NAN, 3, 1.5])

    def test_no_seats_and_short_series_are_nan(self):
        assert np.isnan(annual_rate(np.zeros(12), 0)).all()
        assert np.isnan(annual_rate(np.zeros(5), 3)).all()
        assert annual_rate([], 3).shape == (0,)

    def test_wrong_input(self):
        for counts, seats, window, words in (
            ([[1.0]], 1, 1, "dimension"),
            ([1.0], [1.0, 2.0], 1, "one shape"),
            ([-1.0], 1, 1, "counts must be at least 0"),
            ([1.0], -1, 1, "seats must be at least 0"),
            ([NAN], 1, 1, "counts must be finite"),
            ([1.0], 1, 0, "window"),
        ):
            with pytest.raises(ValueError, match=words):
                annual_rate(counts, seats, window)

    @given(gains(30, 0), st.integers(1, 24))
    def test_no_more_leave_than_the_busiest_month_would_give(self, counts, window):
        rate = annual_rate(counts, 2, window)[window - 1 :]
        assert ((rate >= 0) & (rate <= counts.max() / 2 * 12 + 1e-9)).all()
