"""Comparisons over paired replicates."""

import math
import warnings

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from fabricate import comparison
from hypothesis import given

from reformsim.analysis import compare, measure_runs
from reformsim.analysis.comparison import COLUMNS
from reformsim.errors import ReformsimError


def runs(**strategies):
    """One row per run: turnover and spread for each replicate of each strategy."""
    rows = [
        {
            "district": "testville",
            "condition": "stable",
            "strategy": strategy,
            "seed": 0,
            "replicate": replicate,
            "spread_end": value,
            "principal_turnover": -value,
        }
        for strategy, values in strategies.items()
        for replicate, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def row(table, strategy, measure="spread_end"):
    found = table[(table["strategy"] == strategy) & (table["measure"] == measure)]
    assert len(found) == 1
    return found.iloc[0]


def test_worked_out_by_hand():
    # Differences 1, 2, 3, 2: mean 2, SD √(2/3), standard error √(2/3)/2 = 0.40825;
    # t(0.975, 3) = 3.182446, so 2 ± 1.299228.
    table = compare(runs(status_quo=[1.0, 5.0, 3.0, 2.0], web=[2.0, 7.0, 6.0, 4.0]))
    assert tuple(table.columns) == COLUMNS
    web = row(table, "web")
    assert (web["n"], web["pairs"], web["mean"], web["difference"]) == (4, 4, 4.75, 2.0)
    assert web["mcse"] == pytest.approx(0.408248, abs=1e-6)
    assert (web["low"], web["high"]) == pytest.approx((0.700772, 3.299228), abs=1e-6)
    assert web["superiority"] == 1.0
    assert web["clear"]
    assert table["strategy"].unique().tolist() == ["status_quo", "web"]


def test_less_turnover_is_better_and_ties_count_half():
    table = compare(runs(status_quo=[1.0, 1.0, 1.0, 1.0], web=[2.0, 2.0, 1.0, 0.0]))
    assert row(table, "web")["superiority"] == 0.625
    assert row(table, "web", "principal_turnover")["superiority"] == 0.625
    assert row(table, "web", "principal_turnover")["difference"] == -0.25
    assert not row(table, "web")["clear"]


def test_the_baseline_differs_from_itself_by_nothing():
    quo = row(compare(runs(status_quo=[1.0, 2.0], web=[1.0, 1.0])), "status_quo")
    assert (quo["difference"], quo["low"], quo["high"], quo["superiority"]) == (0, 0, 0, 0.5)
    assert not quo["clear"]


def test_one_replicate_has_no_interval_and_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        web = row(compare(runs(status_quo=[1.0], web=[2.0])), "web")
    assert web["difference"] == 1.0
    assert all(math.isnan(web[name]) for name in ("low", "high", "mcse"))
    assert not web["clear"]


def test_undefined_values_leave_their_pair_out():
    table = compare(runs(status_quo=[1.0, math.nan, 1.0], web=[3.0, 8.0, 3.0]))
    web = row(table, "web")
    assert (web["n"], web["pairs"], web["difference"]) == (3, 2, 2.0)
    assert web["mean"] == pytest.approx(14 / 3)
    nothing = row(compare(runs(status_quo=[math.nan] * 2, web=[math.nan] * 2)), "web")
    assert (nothing["n"], nothing["pairs"], nothing["clear"]) == (0, 0, False)
    assert math.isnan(nothing["mean"])
    assert math.isnan(nothing["superiority"])


def test_missing_and_repeated_replicates_are_named():
    complete = runs(status_quo=[1.0, 2.0, 3.0], web=[2.0, 3.0, 4.0], hero=[1.0, 1.0, 1.0])
    with pytest.raises(ReformsimError, match="web lacks replicate 1 of seed 0"):
        compare(complete.drop(index=4))
    with pytest.raises(ReformsimError, match="web has twice replicate 2 of seed 0"):
        compare(pd.concat([complete, complete.iloc[[5]]]))
    with pytest.raises(ReformsimError, match="status_quo lacks replicates 0, 2 of seed 0"):
        compare(complete.drop(index=[0, 2]))
    with pytest.raises(ReformsimError, match="no runs of status_quo"):
        compare(complete.iloc[3:])


def test_wrong_columns_and_confidence_are_all_named():
    with pytest.raises(ReformsimError) as caught:
        compare(runs(status_quo=[1.0]).drop(columns="seed"), measures=["gone"], confidence=2)
    assert len(caught.value.problems) == 3


def test_conditions_are_compared_apart():
    table = compare(measure_runs(comparison(conditions=("stable", "high-load"), replicates=3)))
    ends = table[(table["measure"] == "leadership_gain_end")]
    assert ends["condition"].tolist() == ["high-load"] * 3 + ["stable"] * 3
    assert "disruption_month" not in set(table["measure"])
    web = ends[ends["strategy"] == "web_of_support"]
    assert web["clear"].all()


@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(random):
    table = runs(status_quo=[1.0, 2.5, 3.0], web=[2.0, 3.1, 4.0], hero=[0.3, 0.2, 0.1])
    order = list(table.index)
    random.shuffle(order)
    pd.testing.assert_frame_equal(compare(table), compare(table.loc[order]), check_exact=True)


values = st.lists(st.integers(-64, 64), min_size=6, max_size=6).map(lambda x: np.array(x) / 16)


@given(values, values)
def test_swapping_the_baseline_turns_the_sign(one, other):
    table = runs(one=one, other=other)
    there = row(compare(table, baseline="one"), "other")
    back = row(compare(table, baseline="other"), "one")
    assert there["difference"] == -back["difference"]
    assert (there["low"], there["high"]) == (-back["high"], -back["low"])
    assert there["superiority"] == pytest.approx(1 - back["superiority"])
    assert there["clear"] == back["clear"]


@given(values, values, st.sampled_from([0.5, 0.8, 0.95]))
def test_more_confidence_is_a_wider_interval(one, other, confidence):
    table = runs(one=one, other=other)
    narrow, wide = (row(compare(table, "one", confidence=c), "other") for c in (confidence, 0.99))
    assert wide["low"] <= narrow["low"] <= narrow["difference"] <= narrow["high"] <= wide["high"]
