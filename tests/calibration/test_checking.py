"""The check of calibration: how coverage is counted, and what is kept."""

from __future__ import annotations

import pandas as pd
import pytest
from toys import SCALES, Toy, toy_targets

from reformsim.calibration import coverage
from reformsim.calibration.checking import trial


def rows(inside, ranks):
    return pd.DataFrame(
        {
            "trial": [number // 2 for number in range(len(inside))],
            "parameter": ["a", "b"] * (len(inside) // 2),
            "inside": inside,
            "rank": ranks,
        }
    )


def test_coverage_counts_by_parameter_and_together():
    found = coverage(rows([True, False] * 5, [0.5, 0.1] * 5))
    assert [(one.parameter, one.inside, one.trials, one.share) for one in found] == [
        ("a", 5, 5, 1.0),
        ("b", 0, 5, 0.0),
        ("all", 5, 10, 0.5),
    ]


def test_the_interval_of_all_is_that_of_so_many_trials():
    """Ten parameters of two trials are two independent things and not ten."""
    *_, whole = coverage(rows([True, True, True, False] * 10, [0.5] * 40))
    assert whole.low < 0.55
    assert whole.high > 0.87


def test_uneven_ranks_are_told():
    even = coverage(rows([True] * 200, [number / 200 for number in range(200)]))
    heaped = coverage(rows([True] * 200, [0.5] * 200))
    assert even[0].even > 0.5
    assert heaped[0].even < 1e-6


def test_a_trial_is_the_same_each_time_and_says_where_the_truth_lies():
    pytest.importorskip("pyabc")
    one, same = (trial(Toy(), SCALES, 1, 4) for _ in range(2))
    pd.testing.assert_frame_equal(one, same, check_exact=True)
    assert (
        (one["low_80"] <= one["truth"]) & (one["truth"] <= one["high_80"]) == one["inside"]
    ).all()
    assert one["rank"].between(0, 1).all()
    other = trial(Toy(), SCALES, 1, 5)
    assert (other["truth"] != one["truth"]).all()


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say():
    """A known model, so that what is tested is the search, the adjustment and the counting."""
    pytest.importorskip("pyabc")
    toy = Toy(toy_targets(population=100, generations=3))
    found = coverage(pd.concat([trial(toy, SCALES, 1, number) for number in range(40)]))
    assert 0.7 <= found[-1].share <= 0.9
    assert all(one.even > 0.01 for one in found[:-1])
