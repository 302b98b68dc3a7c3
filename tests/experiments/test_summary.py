"""What the finished runs of an experiment say, in tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sweeps import LOAD, RELIEF, TURNOVER, experiment, summary
from tiny import tiny

from reformsim.errors import ReformsimError
from reformsim.experiments.experiment import StoredExperiment
from reformsim.experiments.summary import correlations, label, summarise, summary_of


def gain(row):
    """The web gains 0.4, the hero 0.2 ÷ turnover; each replicate has a luck of its own."""
    own = 0.4 if row["strategy"] == "web_of_support" else 0.2 / row.get(TURNOVER, 1.0)
    return own + 0.01 * (row["replicate"] - 1.5)


def differences(table, column):
    return {
        (row["strategy"], row[column]): round(row["difference"], 6)
        for row in table.to_dict("records")
    }


def test_the_answer_over_everything_and_along_what_is_varied():
    found = summary(gain, uncertainties={TURNOVER: [0.5, 2.0]})
    assert found.headline == "leadership_gain_end"
    assert found.steps == ("condition", TURNOVER)
    assert found.ranges == ()
    overall = found.overall.set_index("strategy")["difference"]
    assert overall.to_dict() == pytest.approx(
        {"web_of_support": 0.4, "heroic_superintendent": 0.25}
    )
    assert differences(found.by("strategy", TURNOVER), TURNOVER) == {
        ("web_of_support", 0.5): 0.4,
        ("web_of_support", 2.0): 0.4,
        ("heroic_superintendent", 0.5): 0.4,
        ("heroic_superintendent", 2.0): 0.1,
    }
    changed = found.changes(TURNOVER).set_index("strategy")
    assert changed["difference"].to_dict() == pytest.approx(
        {"web_of_support": 0.0, "heroic_superintendent": -0.3}
    )
    # Replicates keep their luck from one value to the other.
    assert changed["mcse"].max() == pytest.approx(0, abs=1e-12)


def test_names_are_in_the_order_of_the_file():
    found = summary(gain)
    assert found.by("condition")["condition"].tolist() == ["stable", "crisis-year"]
    assert found.changes("condition")["start"].tolist() == ["stable"] * 2
    assert found.overall["strategy"].tolist() == ["web_of_support", "heroic_superintendent"]


def test_every_comparison_has_its_values_and_the_replicates_still_needed():
    found = summary(gain, uncertainties={TURNOVER: [0.5, 2.0]})
    table = found.effects
    assert len(table) == 2 * 2 * 2 * 2  # conditions, points, strategies, measures
    assert set(table[TURNOVER]) == {0.5, 2.0}
    # SD 0.0129: half an interval of two is 0.0129 × 12.7 ÷ √2 = 0.116, of three 0.032.
    gains = table[table["measure"] == "leadership_gain_end"]
    assert (gains["needed"] == gains["difference"].gt(0.116).map({True: 2, False: 3})).all()
    assert set(gains["needed"]) == {2, 3}
    assert (table["pairs"] == 4).all()


def test_measures_and_another_strategy_to_hold_against():
    found = summary(
        gain, "principal_turnover", "leadership_gain_end", against="heroic_superintendent"
    )
    assert found.measures == ("principal_turnover", "leadership_gain_end")
    assert found.against == "heroic_superintendent"
    own = found.overall.set_index(["measure", "strategy"])["difference"]
    assert own["leadership_gain_end", "web_of_support"] == pytest.approx(0.2)
    assert own["leadership_gain_end", "status_quo"] == pytest.approx(-0.2)
    assert own["principal_turnover", "web_of_support"] == pytest.approx(-0.02)


def test_one_at_a_time_only_a_parameters_own_points_tell_of_it():
    """The load moves the gain; it must not show in the gain along turnover."""
    found = summary(
        lambda row: row[LOAD] + row[TURNOVER],
        uncertainties={TURNOVER: [1.5, 2.0], LOAD: [2.0, 3.0]},
        design={"kind": "one-at-a-time"},
    )
    table = found.by("strategy", TURNOVER)
    assert set(differences(table, TURNOVER).items()) == {
        ((name, value), 1 + value)
        for name in ("web_of_support", "heroic_superintendent")
        for value in (1.0, 1.5, 2.0)
    }


def test_correlations_over_points_that_were_drawn():
    found = summary(
        lambda row: -(row[TURNOVER] ** 3),
        uncertainties={TURNOVER: {"low": 0.5, "high": 2.0}, LOAD: {"low": 0.9, "high": 1.2}},
        design={"kind": "latin-hypercube", "points": 40},
    )
    assert found.ranges == (TURNOVER, LOAD)
    table = correlations(found)
    np.testing.assert_allclose(table[TURNOVER], -1)
    assert (table[LOAD].abs() < 0.5).all()


def test_failed_runs_are_left_out_and_kept_apart():
    whole = summary(gain)
    broken = whole.runs["run"] == "web_of_support-stable-0-2"
    runs = whole.runs.assign(
        status=whole.runs["status"].mask(broken, "failed"),
        error=whole.runs["error"].mask(broken, "ValueError: x"),
        leadership_gain_end=whole.runs["leadership_gain_end"].mask(broken),
        principal_turnover=whole.runs["principal_turnover"].mask(broken),
    )
    found = summary_of(whole.experiment, runs, whole.series)
    assert found.failed["error"].tolist() == ["ValueError: x"]
    stable = found.by("condition", "strategy").iloc[0]
    assert (stable["strategy"], stable["pairs"]) == ("web_of_support", 3)
    assert stable["difference"] == pytest.approx(0.4 + 0.01 * (-1.5 - 0.5 + 1.5) / 3)


def test_without_the_baselines_rows_only_differences_can_be_shown():
    whole = summary(gain)
    kept = whole.runs[whole.runs["strategy"] != "status_quo"]
    found = summary_of(whole.experiment, kept, pd.DataFrame())
    assert set(found.effects["measure"]) == {"leadership_gain_end"}
    assert found.pairing.empty
    assert "add it to the strategies" in found.notes[0]
    with pytest.raises(ReformsimError, match="principal_turnover cannot be compared"):
        summary_of(whole.experiment, kept, pd.DataFrame(), ["principal_turnover"])


def test_pairing_tells_of_absolute_measures_and_the_last_month():
    found = summary(gain)
    assert set(found.pairing["column"]) == {"principal_turnover", "leadership, last month"}


def test_mistakes_are_told_together():
    with pytest.raises(ReformsimError) as caught:
        summary(gain, "leadership_gain_ed", against="web")
    first, second = caught.value.problems
    assert "did you mean 'leadership_gain_end'?" in str(first)
    assert "not a strategy of this experiment" in str(second)


def test_files_go_by_the_names_that_tables_have(tmp_path):
    made = experiment(strategies=["status_quo", f"{tmp_path}/web_of_support.toml"])
    found = summary_of(
        made, summary(gain, strategies=["status_quo", "web_of_support"]).runs, pd.DataFrame()
    )
    assert found.overall["strategy"].tolist() == ["web_of_support"]


def test_a_column_in_words():
    assert label(RELIEF) == "operations relief"
    assert label("condition") == "condition"


def test_the_summary_of_stored_runs_is_that_of_their_numbers(tmp_path):
    made = tiny(tmp_path)
    StoredExperiment(tmp_path / "out").run(made)
    found = summarise(tmp_path / "out")
    runs = StoredExperiment(tmp_path / "out").frames().runs
    web = runs[runs["strategy"] == "web_of_support"]
    expected = web.groupby("levers.span_of_control")["leadership_gain_end"].mean()
    table = found.by("strategy", "levers.span_of_control").set_index("levers.span_of_control")
    pd.testing.assert_series_equal(table["difference"], expected, check_names=False)
    assert found.steps == (TURNOVER, "levers.span_of_control")
