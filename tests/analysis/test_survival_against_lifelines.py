"""Survival curves are those of lifelines, which nobody here wrote."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter

from reformsim.analysis.measures import kaplan_meier, survival_time
from reformsim.validation.rows.survival import alive_after_three_years

lives = st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=80)


def theirs(times, ended):
    return KaplanMeierFitter().fit(np.array(times, float), np.array(ended, bool))


@given(lives)
@settings(derandomize=True, max_examples=60)
def test_curve_and_numbers_at_risk(given_lives):
    times, ended = zip(*given_lives, strict=True)
    curve = kaplan_meier(times, ended)
    other = theirs(times, ended)
    expected = other.survival_function_at_times(curve.times).to_numpy()
    np.testing.assert_allclose(curve.survival, expected, rtol=0, atol=1e-12)
    table = other.event_table.loc[curve.times]
    assert curve.at_risk.tolist() == table["at_risk"].tolist()


@given(lives)
@settings(derandomize=True, max_examples=60)
def test_the_share_of_reforms_alive_after_three_years(given_lives):
    """Pooled over districts, as row 22 of the published patterns pools schools."""
    half = len(given_lives) // 2
    units = [
        {"times": [time for time, _ in part], "ended": [end for _, end in part]}
        for part in (given_lives[:half], given_lives[half:])
    ]
    times, ended = zip(*given_lives, strict=True)
    expected = 100 * theirs(times, ended).predict(36)
    assert alive_after_three_years(units) == pytest.approx(expected, abs=1e-9)


def test_reforms_from_their_gains_to_the_median_survival():
    """Gains that decay at drawn rates, some of them beyond the horizon, from series to curve."""
    months = np.arange(-12, 120)
    chance = np.random.default_rng(3)
    found = []
    for rate in chance.uniform(0.003, 0.06, 150):
        gain = np.where(months < 0, 0.0, np.exp(-rate * np.maximum(months, 0)))
        time, seen = survival_time(months, gain)
        # The gain is under half its peak from the first month after log(2) / rate on.
        truth = np.floor(np.log(2) / rate) + 1
        assert (time, seen) == ((truth, True) if truth <= 119 - 11 else (119, False))
        found.append((time, seen))
    times, ended = zip(*found, strict=True)
    assert 0 < sum(ended) < len(ended)
    curve = kaplan_meier(times, ended)
    median = curve.times[np.argmax(curve.survival <= 0.5)]
    assert median == theirs(times, ended).median_survival_time_
