"""Effects in an experiment's runs, and what pairing saves."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from scipy.stats import bootstrap, t

from reformsim.analysis import changes, effects, pairing
from reformsim.analysis.effects import COMPARISON, pairs_needed
from reformsim.analysis.paired import COLUMNS, FEW, RESAMPLES
from reformsim.analysis.wording import in_words
from reformsim.errors import ReformsimError

GAIN, TURNOVER, COST = "leadership_gain_end", "principal_turnover", "cost_per_pupil"


def table(replicates=3, points=(0,), **values):
    """Runs of a baseline and strategies: `web=[…]` gives GAIN, one value for each replicate."""
    rows = []
    for point in points:
        for replicate in range(replicates):
            for strategy in ("quo", *values):
                gain = values[strategy][replicate] if strategy != "quo" else 0.0
                rows.append(
                    {
                        "district": "testville",
                        "condition": "stable",
                        "strategy": strategy,
                        "point": point,
                        "replicate": replicate,
                        "run": f"{strategy}-{point}-{replicate}",
                        "reference": f"quo-{point}-{replicate}",
                        GAIN: gain,
                        TURNOVER: 0.5 + replicate - gain / 2,
                    }
                )
    return pd.DataFrame(rows)


def only(found):
    (row,) = found.to_dict("records")
    return row


def test_worked_out_by_hand():
    # A gain is a difference already: 1, 2, 3, mean 2, SD 1; t(0.975, 2) = 4.302653.
    # Turnover lies 0.5, 1, 1.5 below that of the reference, and less of it is better.
    found = effects(table(web=[1.0, 2.0, 3.0]), [GAIN, TURNOVER])
    gain, turnover = found.to_dict("records")
    assert (gain["strategy"], gain["point"], gain["pairs"]) == ("web", 0, 3)
    assert (gain["difference"], gain["superiority"], gain["clear"]) == (2, 1, False)
    assert gain["mcse"] == pytest.approx(1 / 3**0.5)
    assert gain["low"] == pytest.approx(2 - 4.302653 / 3**0.5, abs=1e-6)
    assert gain["high"] == pytest.approx(2 + 4.302653 / 3**0.5, abs=1e-6)
    assert (turnover["difference"], turnover["superiority"]) == (-1, 1)


def test_pairs_that_differ_by_rounding_only_are_alike():
    gains = [*[3.2] * (FEW - 1), float(np.nextafter(3.2, 4))]
    row = only(effects(table(FEW, web=gains), [GAIN]))
    assert (row["low"], row["high"]) == pytest.approx((3.2, 3.2))


def test_many_pairs_get_the_interval_of_scipy():
    gains = np.random.default_rng(3).exponential(size=40)
    row = only(effects(table(40, web=gains), [GAIN], confidence=0.9))
    expected = bootstrap(
        (gains,), np.mean, n_resamples=RESAMPLES, confidence_level=0.9, rng=np.random.default_rng(0)
    ).confidence_interval
    assert (row["low"], row["high"]) == pytest.approx((expected.low, expected.high))
    # Lopsided, as the values are.
    assert row["high"] - row["difference"] > 1.1 * (row["difference"] - row["low"])


def test_an_interval_does_not_depend_on_what_else_is_compared():
    gains = np.random.default_rng(3).exponential(size=(3, 30))
    together = effects(table(30, one=gains[0], two=gains[1], three=gains[2]), [TURNOVER, GAIN])
    alone = effects(table(30, two=gains[1]), [GAIN])
    both = together[(together["strategy"] == "two") & (together["measure"] == GAIN)]
    names = [*COMPARISON, "measure", "replicates", *COLUMNS]
    pd.testing.assert_frame_equal(both.reset_index(drop=True)[names], alone[names], rtol=1e-12)


@pytest.mark.parametrize("pairs", [5, FEW, 30])
def test_intervals_hold_the_truth_about_as_often_as_they_say(pairs):
    """400 times over values whose mean is 1, lopsided as survival times are."""
    drawn = np.random.default_rng(8).gamma(2, 0.5, size=(400, pairs))
    found = effects(table(pairs, **{f"s{n}": one for n, one in enumerate(drawn)}), [GAIN])
    covered = ((found["low"] < 1) & (found["high"] > 1)).mean()
    assert 0.86 < covered < 0.98


def test_the_same_values_everywhere_have_an_interval_of_no_width():
    row = only(effects(table(20, web=[0.5] * 20), [GAIN]))
    assert (row["difference"], row["low"], row["high"], row["clear"]) == (0.5, 0.5, 0.5, True)
    nothing = only(effects(table(20, web=[0.0] * 20), [GAIN]))
    assert (nothing["superiority"], nothing["clear"]) == (0.5, False)


def test_undefined_values_leave_their_pair_out():
    runs = table(4, web=[1.0, np.nan, 3.0, np.nan], rare=[np.nan] * 4)
    runs.loc[runs["run"] == "quo-0-0", TURNOVER] = np.nan
    found = effects(runs, [GAIN, TURNOVER]).set_index(["strategy", "measure"])
    assert found["pairs"].to_dict() == {
        ("rare", GAIN): 0,
        ("web", GAIN): 2,
        ("rare", TURNOVER): 0,
        ("web", TURNOVER): 1,
    }
    assert found.loc[("web", GAIN), "difference"] == 2
    by_hand = found.to_dict("index")
    assert np.isnan([by_hand["rare", GAIN][name] for name in ("difference", "low", "mcse")]).all()
    assert np.isnan(by_hand["rare", GAIN]["superiority"])
    assert np.isnan(by_hand["web", TURNOVER]["low"])
    assert not found["clear"].any()


def test_points_are_compared_apart():
    found = effects(table(2, points=(0, 4), web=[1.0, 2.0]), [GAIN])
    assert found["point"].tolist() == [0, 4]


def test_against_another_strategy():
    runs = table(web=[3.0, 5.0, 4.0], hero=[1.0, 2.0, 3.0])
    found = effects(runs, [GAIN], against="hero").set_index("strategy")
    assert found["difference"].to_dict() == {"quo": -2, "web": 2}
    assert found["superiority"].to_dict() == {"quo": 0, "web": 1}


def test_the_order_of_rows_does_not_matter():
    runs = table(12, web=np.linspace(0, 3, 12), hero=np.linspace(1, 0, 12))
    shuffled = runs.sample(frac=1, random_state=1)
    both = effects(runs, [GAIN, TURNOVER]), effects(shuffled, [GAIN, TURNOVER])
    pd.testing.assert_frame_equal(*both, check_exact=True)
    pd.testing.assert_frame_equal(pairing(runs, [TURNOVER]), pairing(shuffled, [TURNOVER]))


def test_what_is_not_there_is_named():
    runs = table(web=[1.0, 2.0, 3.0])
    with pytest.raises(ReformsimError) as caught:
        effects(runs.drop(columns="reference"), [GAIN, COST])
    assert [str(one) for one in caught.value.problems] == [
        "the runs have no column reference",
        f"the runs have no column {COST}",
    ]
    kept = runs[runs["strategy"] == "web"].reset_index(drop=True)
    assert only(effects(kept, [GAIN]))["difference"] == 2
    with pytest.raises(ReformsimError, match="add the baseline to the strategies"):
        effects(kept, [TURNOVER])
    with pytest.raises(ReformsimError, match="no runs of hero"):
        effects(runs, [GAIN], against="hero")
    twice = pd.concat([runs, runs[runs["strategy"] == "web"].assign(point=1)], ignore_index=True)
    with pytest.raises(ReformsimError, match="several points"):
        effects(twice, [GAIN], against="web")


class TestPairsNeeded:
    @given(st.floats(0.01, 3), st.floats(0.1, 3), st.sampled_from([0.8, 0.95]))
    def test_one_less_would_not_do(self, spread, half_width, confidence):
        (needed,) = pairs_needed(np.array([spread]), half_width, confidence)

        def half(pairs):
            return t.ppf((1 + confidence) / 2, pairs - 1) * spread / pairs**0.5

        assert half(needed) <= half_width
        assert needed == 2 or half(needed - 1) > half_width

    def test_beside_the_effects(self):
        row = only(effects(table(web=[1.0, 2.0, 3.0]), [GAIN], half_width=0.5))
        # 2.1 × 1 / √18 = 0.497: eighteen pairs of SD 1.
        assert row["needed"] == 18

    def test_no_spread_needs_two_and_one_pair_tells_nothing(self):
        found = pairs_needed(np.array([0.0, np.nan]), 0.1)
        assert found[0] == 2
        assert np.isnan(found[1])


class TestPairing:
    def test_variances_are_those_of_numpy(self):
        runs = table(4, web=[1.0, 2.0, 0.0, 4.0])
        row = only(pairing(runs, [TURNOVER]))
        web, quo = (runs[runs["strategy"] == name][TURNOVER].to_numpy() for name in ("web", "quo"))
        assert row["paired"] == pytest.approx(np.var(web - quo, ddof=1))
        assert row["independent"] == pytest.approx(np.var(web, ddof=1) + np.var(quo, ddof=1))
        assert row["saved"] == pytest.approx(row["independent"] / row["paired"])

    @settings(max_examples=20)
    @given(st.floats(0, 10))
    def test_the_more_luck_is_shared_the_more_it_saves(self, shared):
        random = np.random.default_rng(5)
        luck, own, other = random.standard_normal((3, 5000))
        runs = table(5000, web=[0.0] * 5000)
        runs["leadership"] = np.nan
        runs.loc[runs["strategy"] == "quo", "leadership"] = shared * luck + own
        runs.loc[runs["strategy"] == "web", "leadership"] = shared * luck + other + 3
        row = only(pairing(runs, ["leadership"]))
        # Var(a) + Var(b) = 2 (shared² + 1), Var(a − b) = 2.
        assert row["saved"] == pytest.approx(shared**2 + 1, rel=0.1)

    def test_a_difference_has_lost_what_it_is_about(self):
        with pytest.raises(ReformsimError, match=f"{GAIN} is a difference"):
            pairing(table(web=[1.0, 2.0, 3.0]), [GAIN])


class TestInWords:
    def test_clear(self):
        row = only(effects(table(4, web=[1.0, 1.1, 0.9, 1.0]), [GAIN]))
        assert in_words(row, "quo") == (
            "web: leadership gain, end +1 points on [0, 1] (95 % interval 0.87 to 1.13;"
            " 5–95 % of 4 replicates 0.915 to 1.08), better than quo in 4 of 4."
        )

    def test_an_interval_that_covers_0_is_said_to(self):
        row = only(effects(table(web=[1.0, -1.0, 0.5]), [GAIN]))
        assert in_words(row).endswith("in 2 of 3: consistent with no difference.")

    def test_too_few(self):
        alone = in_words(only(effects(table(1, web=[1.0]), [GAIN])))
        assert "(one replicate, so no interval)" in alone
        nothing = only(effects(table(2, web=[np.nan] * 2), [GAIN]))
        assert in_words(nothing) == "web: leadership gain, end is undefined in every replicate."


class TestBy:
    def test_runs_of_one_replicate_are_averaged_first(self):
        # Means over both points: 2, 4, 6 with SD 2; six runs for themselves would have SD 2.19.
        runs = table(points=(0, 1), web=[2.0, 4.0, 6.0])
        runs.loc[runs["point"] == 1, GAIN] += runs["strategy"].eq("web") * 2.0
        runs.loc[runs["point"] == 0, GAIN] -= runs["strategy"].eq("web") * 2.0
        row = only(effects(runs, [GAIN], by=["strategy"]))
        assert (row["pairs"], row["difference"]) == (3, 4)
        assert row["mcse"] == pytest.approx(2 / 3**0.5)

    def test_a_point_that_is_undefined_leaves_the_others_of_its_replicate(self):
        runs = table(points=(0, 1), web=[2.0, 4.0, 6.0])
        runs.loc[runs["run"] == "web-1-0", GAIN] = np.nan
        row = only(effects(runs, [GAIN], by=["strategy"]))
        assert (row["pairs"], row["difference"]) == (3, 4)

    def test_a_column_that_is_not_there_is_named(self):
        with pytest.raises(ReformsimError, match="no column town"):
            effects(table(web=[1.0, 2.0, 3.0]), [GAIN], by=["town"])


class TestChanges:
    def test_worked_out_by_hand(self):
        # From point 0 to 4 each replicate gains 1, 2, 3 more: mean 2, SD 1.
        runs = table(points=(0, 4, 7), web=[5.0, 1.0, 9.0])
        extra = runs["replicate"] + 1.0
        web = runs["strategy"] == "web"
        runs.loc[web & (runs["point"] == 4), GAIN] += extra
        runs.loc[web & (runs["point"] == 7), GAIN] -= 1
        found = changes(runs.sample(frac=1, random_state=2), [GAIN], "point")
        assert found[["strategy", "start", "value"]].to_numpy().tolist() == [
            ["web", 0, 4],
            ["web", 0, 7],
        ]
        assert found["difference"].tolist() == [2, -1]
        assert found["mcse"].tolist() == pytest.approx([1 / 3**0.5, 0])
        assert found["superiority"].tolist() == [1, 0]

    def test_names_are_taken_in_the_order_of_their_categories(self):
        runs = pd.concat(
            [
                table(web=[value] * 3).assign(condition=name)
                for name, value in (("calm", 3.0), ("awful", 1.0))
            ],
            ignore_index=True,
        )
        runs["condition"] = pd.Categorical(runs["condition"], ["calm", "awful"])
        runs["run"] += runs["condition"].astype(str)
        runs["reference"] += runs["condition"].astype(str)
        row = only(changes(runs, [GAIN], "condition"))
        assert (row["start"], row["value"], row["difference"]) == ("calm", "awful", -2)

    def test_one_value_or_one_that_is_missing_has_no_change(self):
        assert changes(table(web=[1.0, 2.0, 3.0]), [GAIN], "point").empty
        runs = table(points=(0, 4), web=[1.0, 2.0, 3.0], hero=[1.0, 2.0, 3.0])
        runs = runs[(runs["strategy"] != "hero") | (runs["point"] == 4)].reset_index(drop=True)
        assert changes(runs, [GAIN], "point")["strategy"].tolist() == ["web"]


class TestRangeOverWhatIsVaried:
    def test_it_is_of_single_runs_and_not_of_their_means(self):
        # Each replicate is −8 at one point and +10 at another: means 1, runs far apart.
        runs = table(points=(0, 1), web=[1.0, 1.0, 1.0])
        runs.loc[runs["strategy"] == "web", GAIN] += np.where(
            runs.loc[runs["strategy"] == "web", "point"] == 0, -9.0, 9.0
        )
        row = only(effects(runs, [GAIN], by=["strategy"]))
        assert (row["pairs"], row["difference"], row["low"], row["high"]) == (3, 1, 1, 1)
        assert (row["runs"], row["better"], row["p05"], row["p95"]) == (6, 3, -8, 10)
        assert "5–95 % of 6 runs −8 to 10), better than quo in 3 of 6." in in_words(row, "quo")

    def test_the_lead_is_that_of_runs_at_the_same_point_and_replicate(self):
        runs = table(points=(0, 1), web=[4.0, 4.0, 4.0], hero=[1.0, 3.0, 5.0])
        row = effects(runs, [GAIN], by=["strategy"]).set_index("strategy").loc["web"]
        assert (row["next_best"], row["lead_difference"]) == ("hero", 1)
        assert (row["lead_pairs"], row["lead_runs"], row["lead_better"]) == (3, 6, 4)

    def test_without_any_run_to_compare_there_is_no_row(self):
        assert effects(table(2), [GAIN], by=["strategy"]).empty
        assert effects(table(2), [GAIN]).empty
