"""Intervals hold the mean about as often as they say: measured, and held against what they replaced.

Of 2,000 samples each (`python tests/analysis/test_coverage.py`; a share is known to ± 0.01):

| values | interval | 5 | 10 | 15 | 20 | 30 | 40 pairs |
|---|---|--:|--:|--:|--:|--:|--:|
| normal | this program's | 0.957 | 0.951 | 0.938 | 0.939 | 0.945 | 0.939 |
| normal | Student's t | 0.957 | 0.955 | 0.940 | 0.945 | 0.946 | 0.952 |
| normal | bootstrap (BCa) | 0.847 | 0.908 | 0.900 | 0.924 | 0.930 | 0.939 |
| lopsided (gamma 2) | this program's | 0.909 | 0.927 | 0.934 | 0.935 | 0.931 | 0.937 |
| lopsided (gamma 2) | Student's t | 0.909 | 0.916 | 0.920 | 0.923 | 0.931 | 0.933 |
| lopsided (gamma 2) | bootstrap (BCa) | 0.817 | 0.885 | 0.898 | 0.913 | 0.916 | 0.937 |
| very lopsided (exponential) | this program's | 0.884 | 0.914 | 0.930 | 0.936 | 0.942 | 0.934 |
| very lopsided (exponential) | Student's t | 0.884 | 0.892 | 0.911 | 0.922 | 0.930 | 0.935 |
| very lopsided (exponential) | bootstrap (BCa) | 0.810 | 0.867 | 0.897 | 0.909 | 0.924 | 0.934 |
| mostly 0 (three in ten exponential) | this program's | 0.812 | 0.850 | 0.895 | 0.908 | 0.920 | 0.924 |
| mostly 0 (three in ten exponential) | Student's t | 0.812 | 0.796 | 0.833 | 0.852 | 0.880 | 0.889 |
| mostly 0 (three in ten exponential) | bootstrap (BCa) | 0.798 | 0.807 | 0.872 | 0.888 | 0.906 | 0.924 |
"""

from __future__ import annotations

import numpy as np
import pytest

from reformsim.analysis.paired import FEW, MANY, _bootstrapped, _intervals, expanded, moments

SAMPLES = 2_000
KINDS = {
    "normal": (lambda random, shape: random.standard_normal(shape), 0.0),
    "lopsided (gamma 2)": (lambda random, shape: random.gamma(2, 0.5, shape), 1.0),
    "very lopsided (exponential)": (lambda random, shape: random.exponential(size=shape), 1.0),
    "mostly 0 (three in ten exponential)": (
        lambda random, shape: random.exponential(size=shape) * (random.random(shape) < 0.3),
        0.3,
    ),
}
SIZES = (5, FEW, 15, 20, 30, MANY)


def ours(values):
    return _intervals(values, 0.95)


def student(values):
    from scipy.special import stdtrit

    pairs, mean, spread = moments(values)
    half = stdtrit(pairs - 1, 0.975) * spread / np.sqrt(pairs)
    return mean - half, mean + half


def plain(values):
    """The bootstrap as it is, not expanded."""
    return _bootstrapped(values, 0.95)


def coverage(kind, pairs, method, samples=SAMPLES):
    draw, truth = KINDS[kind]
    values = draw(np.random.default_rng(8), (samples, pairs))
    values = values[moments(values)[2] > 0]
    low, high = method(values)
    return float(((low <= truth) & (truth <= high)).mean())


@pytest.mark.parametrize("pairs", [5, FEW, 20])
def test_normal_differences_have_intervals_that_hold_their_mean(pairs):
    assert coverage("normal", pairs, ours, 1_000) == pytest.approx(0.95, abs=0.017)


@pytest.mark.parametrize("kind", KINDS)
def test_expanding_holds_the_mean_more_often_where_pairs_are_few(kind):
    both = [coverage(kind, FEW, method, 1_000) for method in (ours, plain)]
    assert both[0] > both[1] + 0.02


def test_the_level_is_expanded_below_many_pairs_only():
    # √(10 / 9) × 2.262157 = 2.384523, which a normal value stays within 98.2899 % of the time.
    assert expanded(0.95, 10) == pytest.approx(0.982899, abs=1e-6)
    assert 0.95 < expanded(0.95, MANY - 1) < 0.96
    assert expanded(0.95, MANY) == 0.95


def table():
    methods = {"this program's": ours, "Student's t": student, "bootstrap (BCa)": plain}
    for kind in KINDS:
        for name, method in methods.items():
            shares = " | ".join(f"{coverage(kind, pairs, method):.3f}" for pairs in SIZES)
            yield f"| {kind} | {name} | {shares} |"


if __name__ == "__main__":
    print("\n".join(table()))
