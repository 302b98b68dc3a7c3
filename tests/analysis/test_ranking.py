"""The next best strategy, and how sure the lead over it is; what rests on too few runs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reformsim.analysis import compare
from reformsim.analysis.paired import (
    COLUMNS,
    PairedSummary,
    over_replicates,
    rests_on_enough,
    summarise_pairs,
)
from reformsim.analysis.wording import in_words, lead_in_words, usual_year, what_is_shown

GAIN, COST = "leadership_gain_end", "cost_above_reference"


def runs(measure=GAIN, **strategies):
    rows = [
        {
            "district": "testville",
            "condition": "stable",
            "strategy": strategy,
            "seed": 1,
            "replicate": replicate,
            measure: value,
        }
        for strategy, values in {"status_quo": [0.0] * 4, **strategies}.items()
        for replicate, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def by_strategy(table):
    return {row["strategy"]: row for row in table.to_dict("records")}


class TestNextBest:
    def test_each_is_held_against_the_one_that_ranks_next_within_replicates(self):
        web, coach, hero = [4.0, 3.0, 2.0, 3.0], [1.0, 4.0, 1.0, 2.0], [-1.0, -1.0, -1.0, -2.0]
        rows = by_strategy(compare(runs(web=web, coach=coach, hero=hero)))
        names = {name: row["next_best"] for name, row in rows.items()}
        assert names == {"status_quo": "", "web": "coach", "coach": "hero", "hero": ""}
        # 3, −1, 1, 1: mean 1, better in three of four.
        lead = PairedSummary.of(rows["web"], "lead_")
        assert lead == summarise_pairs([3.0, -1.0, 1.0, 1.0])
        assert (lead.difference, lead.better, lead.pairs, lead.clear) == (1.0, 3, 4, False)
        assert np.isnan(rows["hero"]["lead_difference"])

    def test_less_is_better_of_a_cost(self):
        rows = by_strategy(compare(runs(COST, dear=[9.0] * 4, cheap=[1.0, 2.0, 10.0, 1.0])))
        assert rows["cheap"]["next_best"] == "dear"
        assert (rows["cheap"]["lead_better"], rows["cheap"]["better"]) == (3, 0)

    def test_a_mean_that_rests_on_one_run_ranks_nowhere(self):
        rare = [9.0, np.nan, np.nan, np.nan]
        rows = by_strategy(compare(runs(web=[1.0] * 4, coach=[0.5] * 4, rare=rare)))
        assert {rows[name]["next_best"] for name in ("rare", "coach")} == {""}
        assert rows["web"]["next_best"] == "coach"

    def test_in_words(self):
        rows = by_strategy(compare(runs(web=[4.0, 3.0, 2.0, 3.0], coach=[1.0, 4.0, 1.0, 2.0])))
        said = lead_in_words(rows["web"], {"coach": "Coaches"})
        assert said.startswith(
            "web against the next best, Coaches: +1 points on [0, 1] (95 % interval"
        )
        assert said.endswith("), better in 3 of 4: consistent with no difference.")
        assert lead_in_words(rows["coach"]) == ""


class TestRange:
    def test_it_holds_the_middle_of_the_replicates_as_numpy_has_it(self):
        random = np.random.default_rng(2)
        values = random.standard_normal((30, 23))
        values[random.random(values.shape) < 0.3] = np.nan
        values[0], values[1, 1:] = np.nan, np.nan
        found = over_replicates(values, np.ones(30, np.int64))
        expected = [np.nanquantile(row, [0.05, 0.95]) for row in values[2:]]
        assert found["p05"][2:].tolist() == pytest.approx([low for low, _ in expected])
        assert found["p95"][2:].tolist() == pytest.approx([high for _, high in expected])
        assert np.isnan([found[name][:2] for name in ("p05", "p95")]).all()

    def test_it_does_not_narrow_with_more_replicates_as_the_interval_does(self):
        values = np.random.default_rng(2).standard_normal(900)
        few, many = summarise_pairs(values[:30]), summarise_pairs(values)
        assert (many.high - many.low) < (few.high - few.low) / 4
        assert (many.p95 - many.p05) == pytest.approx(2 * 1.645, rel=0.1)

    def test_fields_are_the_columns(self):
        found = summarise_pairs([1.0, 2.0, -1.0], better=-1)
        assert (found.pairs, found.runs, found.better) == (3, 3, 1)
        assert found == PairedSummary.of({name: getattr(found, name) for name in COLUMNS})


class TestTooFewRuns:
    @pytest.mark.parametrize(
        ("defined", "of", "enough"),
        [
            *((1, 40, False), (4, 40, False), (5, 40, True), (40, 40, True)),
            *((1, 1, True), (2, 3, False), (3, 3, True), (0, 0, False), (0, 5, False)),
            *((9, 100, False), (10, 100, True), (50, 1000, False)),
        ],
    )
    def test_five_runs_and_a_tenth_of_them_or_all(self, defined, of, enough):
        assert rests_on_enough(defined, of) == enough

    def test_people_are_told_the_count_and_not_the_mean(self):
        row = compare(runs("half_life_contract", web=[7.0, np.nan, np.nan, np.nan])).iloc[1]
        assert row["difference"] == 7  # tables of numbers keep it, with the count
        said = in_words(row.to_dict())
        assert "in 1 of 4 runs" in said
        assert "7" not in said


def test_the_usual_year_is_the_most_frequent_and_of_several_the_first():
    assert usual_year([3.0, 2.0, 3.0, np.nan]) == "year 3 in 2 of 3"
    assert usual_year([5.0, 4.0]) == "year 4 in 1 of 2"
    assert usual_year([np.nan]) == ""


def test_what_an_interval_is_of_is_said():
    assert what_is_shown(1) == "One replicate, so no interval."
    assert "mean over parameter draws and chance" in what_is_shown(20, "mine.parquet")
    assert "drawn" not in what_is_shown(20)
    assert "all that is varied" in what_is_shown(20, runs=60)
