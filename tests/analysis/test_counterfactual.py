"""The path of the difference that a change makes, and what it comes to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fabricate import result

from reformsim.analysis import change_effects, contrast, difference_paths, paired_differences
from reformsim.analysis.counterfactual import costliest_year, in_words
from reformsim.errors import ReformsimError
from reformsim.results import series_frame

SINCE, MONTHS = 12, 72
OUTCOMES = ["leadership", "cost_per_pupil"]


def after(*values):
    """A path that is 0 up to SINCE, has these values from then on, and stays at the last."""
    path = np.full(MONTHS, float(values[-1]))
    path[:SINCE] = 0.0
    path[SINCE : SINCE + len(values)] = values
    return path


def differences(replicates=3, spread=0.0, **paths):
    """The difference of each strategy is its path, times 1 ± `spread` by replicate."""
    factors = 1.0 + spread * np.linspace(-1.0, 1.0, replicates)
    pairs = [
        (
            result(name, k, gain=0.2 + path * factors[k], noise=0.05),
            result(name, k, gain=0.2, noise=0.05),
        )
        for name, path in paths.items()
        for k in range(replicates)
    ]
    changed, unchanged = zip(*pairs, strict=True)
    return paired_differences(series_frame(changed), series_frame(unchanged[::-1]), OUTCOMES)


def effect(found, outcome="leadership"):
    (row,) = found[found["outcome"] == outcome].to_dict("records")
    return row


def test_the_path_by_hand():
    # −0.05, −0.1, −0.15 in the three replicates: mean −0.1, SD 0.05; t(0.975, 2) = 4.302653.
    paths = difference_paths(differences(web=after(-0.1), spread=0.5))
    own = paths[paths["outcome"] == "leadership"].set_index("month")
    assert list(own.index) == list(range(-48, MONTHS))
    assert not own.loc[: SINCE - 1, ["difference", "low", "high", "mcse"]].any(axis=None)
    assert (own.loc[: SINCE - 1, "superiority"] == 0.5).all()
    row = own.loc[SINCE]
    assert row["difference"] == pytest.approx(-0.1)
    half = 4.302653 * 0.05 / 3**0.5
    assert (row["low"], row["high"]) == pytest.approx((-0.1 - half, -0.1 + half), abs=1e-6)
    assert (row["superiority"], row["pairs"]) == (0, 3)


def test_less_cost_is_better():
    row = effect(change_effects(differences(web=after(-0.1)), SINCE), "cost_per_pupil")
    assert row["superiority"] == 1


def test_area_peak_and_recovery_by_hand():
    # A year at −0.1, a month at −0.2, 11 at −0.1, then less than a tenth of the peak, then nothing.
    path = after(*[-0.1] * 12, -0.2, *[-0.1] * 11, *[-0.019] * 6, 0.0)
    row = effect(change_effects(differences(replicates=12, web=path, spread=0.01), SINCE))
    assert row["area"] == pytest.approx((-23 * 0.1 - 0.2 - 6 * 0.019) / 12)
    assert (row["peak"], row["peak_month"]) == (pytest.approx(-0.2), SINCE + 12)
    assert row["recovered"] == SINCE + 24
    assert row["last_clear"] == SINCE + 29
    assert row["low"] < row["area"] < row["high"] < 0


def test_back_for_two_months_is_no_recovery():
    path = after(-0.2, 0.0, 0.0, -0.05, -0.05, 0.0, 0.0, 0.0, -0.05)
    assert effect(change_effects(differences(web=path), SINCE))["recovered"] == SINCE + 5
    path = after(-0.2, 0.0, 0.0, -0.05)
    assert np.isnan(effect(change_effects(differences(web=path), SINCE))["recovered"])


def test_no_difference_is_exactly_none():
    found = change_effects(differences(replicates=12, web=after(0.0)), SINCE)
    assert not found[["area", "low", "high", "peak", "clear"]].any(axis=None)
    assert found["last_clear"].isna().all()
    assert found["recovered"].isna().all()
    assert "does not change at all" in in_words(effect(found))


def test_strategies_are_held_against_each_other_within_replicates():
    # Both vary a lot between replicates, and together: their difference does not.
    both = differences(web=after(-0.2), coach=after(-0.1), spread=0.9)
    found = contrast(both, SINCE, "leadership", ("web", "coach"))
    assert found.difference == pytest.approx(-0.1 * 5)
    assert (found.better, found.superiority) == (0, 0)
    alone = change_effects(both, SINCE).set_index(["strategy", "outcome"])
    assert not alone.loc[("web", "leadership"), "clear"]


def test_the_words():
    lasting = in_words(effect(change_effects(differences(web=after(-0.2), spread=0.1), SINCE)))
    assert lasting.startswith("web: leadership that reaches teachers differs most in month ")
    assert lasting.endswith("has not recovered by the end of the run.")
    over = effect(change_effects(differences(web=after(-0.2, 0.0), spread=0.1), SINCE))
    assert "has recovered by month 13." in in_words(over)
    assert in_words(over, {"web": "Web of support"}).startswith("Web of support: ")
    vague = effect(change_effects(differences(web=after(-0.2), spread=5.0), SINCE))
    assert "consistent with no difference" in in_words(vague)
    one = effect(change_effects(differences(1, web=after(-0.2)), SINCE))
    assert "one replicate, so no interval" in in_words(one)


def test_runs_that_do_not_match():
    one, two = (series_frame(result("web", replicate)) for replicate in (0, 1))
    with pytest.raises(ReformsimError, match="not the same months and runs"):
        paired_differences(one, two)
    with pytest.raises(ReformsimError, match="not the same months and runs"):
        paired_differences(one, one[one["month"] > 0])
    pd.testing.assert_frame_equal(paired_differences(one, one), paired_differences(one, one[::-1]))


class TestCostliestYear:
    def of(self, *by_year, since=SINCE):
        """The extra cost of two replicates, given year by year from the launch on."""
        months = np.arange(12 * len(by_year[0]))
        keys = ["district", "condition", "strategy", "outcome", "month"]
        index = pd.MultiIndex.from_tuples(
            [("here", "stable", "web", "cost_per_pupil", month) for month in months], names=keys
        )
        wide = pd.DataFrame({n: np.repeat(one, 12) for n, one in enumerate(by_year)}, index=index)
        return costliest_year(wide, "web", since)

    def test_it_is_each_replicates_own(self):
        summary, years = self.of([0, 4, 1, 0], [0, 1, 8, 0], since=0)
        assert (summary.difference, years) == (6, [2, 3])

    def test_years_before_the_change_are_left_out(self):
        summary, years = self.of([0, 0, -3, -1], [0, 0, -5, -9], since=30)
        assert (summary.difference, summary.better, years) == (-3, 2, [4, 3])


def test_the_end_is_the_mean_of_the_last_year():
    table = change_effects(differences(web=-0.01 * np.arange(MONTHS)), SINCE)
    row = effect(table)
    assert row["end"] == pytest.approx(-0.01 * np.mean(np.arange(MONTHS)[-12:]))
