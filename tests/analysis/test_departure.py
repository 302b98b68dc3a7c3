"""What is left of a gain after a departure: shares of mean gains, by hand and on average."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from fabricate import result
from hypothesis import given

from reformsim.analysis import gain_paths, gain_shares, gains
from reformsim.analysis.departure import apart_in_words, in_words, share_apart, shares_of
from reformsim.analysis.paired import over_replicates
from reformsim.results import series_frame

MONTH, MONTHS = 12, 72
AFTER = np.arange(MONTHS) >= MONTH


def gains_of(*, stays, leaves, baseline=0.1, replicates=3, spread=0.0) -> Any:
    """The gains of strategies, a path each, times 1 ± `spread` by replicate, over a baseline of its own."""
    factors = 1.0 + spread * np.linspace(-1.0, 1.0, replicates)

    def side(paths):
        runs = [result("status_quo", k, gain=baseline, noise=0.05) for k in range(replicates)]
        runs += [
            result(name, k, gain=baseline + path * factors[k], noise=0.05)
            for name, path in paths.items()
            for k in range(replicates)
        ]
        return gains(series_frame(runs), "status_quo")

    return side(stays), side(leaves)


def shares(both):
    staying, leaving = both
    return gain_shares(staying, leaving, MONTH)


def apart(both, strategies):
    staying, leaving = both
    return share_apart(staying, leaving, MONTH + 12, "leadership", strategies)


def rows(table, outcome="leadership", strategy="web"):
    own = table[(table["outcome"] == outcome) & (table["strategy"] == strategy)]
    return own.set_index("months_later").to_dict("index")


FLAT = np.full(MONTHS, 0.2)


def test_shares_by_hand():
    # 0.2 before; 0.3 a year later if nobody leaves, 0.15 if somebody does: half is left, and three
    # quarters of what there was.
    stays, leaves = np.where(AFTER, 0.3, 0.2), np.where(AFTER, 0.15, 0.2)
    found = rows(shares(gains_of(stays={"web": stays}, leaves={"web": leaves}, spread=0.1)))
    assert list(found) == [12, 36]  # five years later the run is over
    for row in found.values():
        assert (row["before"], row["stays"], row["leaves"]) == pytest.approx((0.2, 0.3, 0.15))
        assert (row["left"], row["of_before"]) == pytest.approx((0.5, 0.75))
        # Every replicate loses the same share, so that it is known without error.
        assert (row["left_low"], row["left_high"]) == pytest.approx((0.5, 0.5))
        assert row["stays_low"] < 0.3 < row["stays_high"]


def test_the_interval_of_a_share_by_hand():
    values = shares_of(np.array([[0.0, 1.0, 2.0]]), np.array([[1.9, 2.0, 2.1]]))
    # The whole is 2, the share 1/2: each has 1/2 + (part − whole / 2) / 2.
    np.testing.assert_allclose(values, [[0.025, 0.5, 0.975]])


def test_there_is_no_share_of_what_may_be_nothing():
    part, whole = np.array([[0.1, 0.2, 0.3]] * 2), np.array([[-1.0, 0.5, 2.0], [-3.0, -3.1, -2.9]])
    assert np.isnan(shares_of(part, whole)).all()


def test_a_replicate_without_a_value_has_no_part_in_either_mean():
    part, whole = np.array([[1.0, np.nan, 1.05]]), np.array([[2.0, 9.0, 2.1]])
    np.testing.assert_allclose(shares_of(part, whole), [[0.5, np.nan, 0.5]])


@given(st.integers(2, 30), st.floats(0.01, 3), st.integers(0, 10_000))
def test_the_mean_of_the_values_is_the_share_of_the_means(count, share, seed):
    draws = np.random.default_rng(seed)
    whole = 50 + draws.random((1, count))
    part = share * whole + draws.normal(size=(1, count))
    assert shares_of(part, whole).mean() == pytest.approx(part.mean() / whole.mean())


def test_intervals_hold_the_share_about_as_often_as_they_say():
    """400 studies of 40 replicates, of lopsided gains of which 0.6 is left on average."""
    draws = np.random.default_rng(3)
    whole = draws.gamma(2.0, 1.0, (400, 40))
    part = 0.6 * whole + draws.gamma(1.0, 0.5, (400, 40)) - 0.5
    table = over_replicates(shares_of(part, whole), np.ones(400, np.int64))
    held = (table["low"] <= 0.6) & (table["high"] >= 0.6)
    assert 0.91 < held.mean() < 0.98


def test_the_baseline_leaves_with_the_strategy():
    """A departure that takes as much from the baseline as from the strategy takes nothing of the gain."""
    sides: Any = [
        [
            result(name, k, gain=gain - lost, noise=0.05)
            for name, gain in (("status_quo", 0.3), ("web", 0.5))
            for k in range(3)
        ]
        for lost in (np.zeros(MONTHS), np.where(AFTER, 0.2, 0.0))
    ]
    stays, leaves = (gains(series_frame(side), "status_quo") for side in sides)
    found = rows(gain_shares(stays, leaves, MONTH))
    assert found[12]["left"] == pytest.approx(1)


def test_paths_are_the_same_up_to_the_departure():
    both = gains_of(stays={"web": FLAT}, leaves={"web": np.where(AFTER, 0.1, 0.2)}, spread=0.1)
    paths = gain_paths(*both)
    paths = paths[paths["outcome"] == "leadership"]
    stays, leaves = (
        paths[paths["superintendent"] == side].set_index("month")["difference"]
        for side in ("stays", "leaves")
    )
    np.testing.assert_allclose(stays.loc[: MONTH - 1], leaves.loc[: MONTH - 1])
    np.testing.assert_allclose((stays - leaves).loc[MONTH:], 0.1)


class TestApart:
    def both(self) -> Any:
        return gains_of(
            stays={"web": FLAT, "hero": FLAT},
            leaves={"web": 0.9 * FLAT, "hero": np.where(AFTER, 0.06, 0.2)},
            spread=0.1,
        )

    def test_by_hand(self):
        summary = apart(self.both(), ("web", "hero"))
        assert summary.difference == pytest.approx(0.6)
        assert summary.pairs == 3
        assert summary.clear

    def test_in_words(self):
        summary = apart(self.both(), ("hero", "web"))
        words = apart_in_words(summary, 12, "leadership", ("Hero", "Web"))
        assert "1 year after the departure: 60 percentage points less of the gain is left" in words
        assert "under Hero than under Web (95 % interval of the difference −60 to −60)" in words

    def test_nothing_is_said_of_what_is_undefined(self):
        both = gains_of(stays={"web": FLAT, "hero": 0 * FLAT}, leaves={"web": FLAT, "hero": FLAT})
        summary = apart(both, ("web", "hero"))
        assert apart_in_words(summary, 12, "leadership", ("Web", "Hero")) == ""


def sentence(stays, leaves, **how):
    staying, leaving = gains_of(stays={"web": stays}, leaves={"web": leaves}, **how)
    return in_words(rows_with_names(shares((staying, leaving))), {"web": "Web of support"})


def rows_with_names(table):
    return next(row for row in table.to_dict("records") if row["outcome"] == "leadership")


def test_the_words():
    said = sentence(np.where(AFTER, 0.3, 0.2), np.where(AFTER, 0.15, 0.2), spread=0.1)
    assert said == (
        "Web of support, 1 year after the departure: gain in leadership that reaches teachers +0.15,"
        " which is 50 % (50 to 50) of the gain without the departure and 75 % (75 to 75) of the gain"
        " just before it."
    )
    assert "so there is no share of it" in sentence(FLAT, FLAT, spread=5.0)
    assert "one replicate, so neither a share" in sentence(FLAT, FLAT, replicates=1)
