"""The same runs have the same interval, whichever command, page or function is asked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fabricate import comparison

from reformsim.analysis import MEASURES, compare, effects, measure_runs
from reformsim.analysis.paired import over_replicates
from reformsim.errors import ReformsimError

COLUMNS = ["pairs", "difference", "low", "high", "superiority", "mcse", "clear"]
NAMES = [measure.name for measure in MEASURES]


def as_of_an_experiment(runs):
    """The same runs as the table of an experiment has them."""
    where = [*zip(runs["condition"], runs["replicate"], strict=True)]
    return runs.assign(
        point=0,
        run=[f"{s} {w}" for s, w in zip(runs["strategy"], where, strict=True)],
        reference=[f"status_quo {w}" for w in where],
    )


@pytest.mark.parametrize("replicates", [1, 2, 9, 20])
def test_a_comparison_and_an_experiment_say_the_same_of_every_measure(replicates):
    runs = measure_runs(comparison(replicates=replicates))
    # Retention is undefined where nothing took hold: in the baseline, and in one more replicate.
    held = (runs["strategy"] != "status_quo") & (runs["replicate"] > 0)
    runs["retention_36"] = np.where(held, 1 / (2 + runs["replicate"]), np.nan)
    table = compare(runs, measures=NAMES)
    table = table[table["strategy"] != "status_quo"]
    other = effects(as_of_an_experiment(runs), NAMES, by=("district", "condition", "strategy"))
    order = ["condition", "strategy", "measure"]
    both = [one.sort_values(order).reset_index(drop=True) for one in (table, other)]
    pd.testing.assert_frame_equal(both[0][[*order, *COLUMNS]], both[1][[*order, *COLUMNS]])
    assert (both[0].loc[both[0]["measure"] == "retention_36", "pairs"] == replicates - 1).all()


def test_the_interval_of_twenty_lopsided_pairs_is_a_lopsided_one():
    """Reference: scipy.stats.bootstrap(method="BCa", rng=0), and not Student's 0.0092 ± 0.0065."""
    gains = np.random.default_rng(7).exponential(0.009, size=20)
    runs = pd.DataFrame(
        {
            "district": "testville",
            "condition": "stable",
            "strategy": ["status_quo"] * 20 + ["web"] * 20,
            "seed": 1,
            "replicate": [*range(20)] * 2,
            "leadership_gain_end": [*np.zeros(20), *gains],
        }
    )
    web = compare(runs).iloc[1]
    alone = over_replicates(gains[None], np.array([1]))
    assert (web["low"], web["high"]) == (alone["low"][0], alone["high"][0])
    assert web["high"] - web["difference"] > 1.1 * (web["difference"] - web["low"])


def test_runs_measured_against_another_strategy_are_refused():
    runs = measure_runs(comparison(replicates=3))
    with pytest.raises(ReformsimError, match="measured against another strategy"):
        compare(runs, "web_of_support")
