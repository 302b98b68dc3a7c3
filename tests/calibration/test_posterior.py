"""The adjustment and the description of a posterior, against known answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, truncnorm
from toys import ERROR, HAZARD, OBSERVED, SCALE, SCALES, toy_targets

from reformsim.calibration.posterior import (
    _without,
    adjusted,
    described,
    frozen,
    quantiles,
    rank_of,
)
from reformsim.calibration.targets import Prior


def from_prior(count, seed=1):
    """Return particles straight from the prior of the toy, with statistics and distances."""
    chance = np.random.default_rng(seed)
    one, other = chance.uniform(0, 1, count), chance.uniform(-1, 2, count)
    first = one + ERROR * chance.normal(size=count)
    second = one + other + ERROR * chance.normal(size=count)
    away = np.hypot(
        (first - OBSERVED["principal_turnover"]) / ERROR,
        (second - OBSERVED["teacher_turnover"]) / ERROR,
    )
    table = pd.DataFrame(
        {
            "generation": 0,
            "weight": 1.0,
            "distance": away,
            HAZARD: one,
            SCALE: other,
            "principal_turnover": first,
            "teacher_turnover": second,
        }
    ).sort_values("distance")
    kept = table.head(count // 20).reset_index(drop=True)
    return kept.assign(weight=1.0 / len(kept))


class TestAdjusted:
    def test_it_is_the_exact_posterior_of_a_linear_model(self):
        """With even priors: normal about 0.4 (SD 0.1), and about 0.5 (SD 0.1 × √2)."""
        found = adjusted(from_prior(40_000), toy_targets(), OBSERVED, SCALES)
        weight = found["weight"].to_numpy()
        for name, centre, spread in ((HAZARD, 0.4, 0.1), (SCALE, 0.5, 0.1 * 2**0.5)):
            shares = quantiles(found[name].to_numpy(), weight, (0.1, 0.5, 0.9))
            assert shares == pytest.approx(norm(centre, spread).ppf([0.1, 0.5, 0.9]), abs=0.02)

    def test_without_it_the_posterior_is_too_wide(self):
        """What the adjustment is for: the same particles as they were accepted."""
        raw = from_prior(40_000)
        assert raw[SCALE].std() > 1.3 * 0.1 * 2**0.5

    def test_only_the_last_generation_counts(self):
        last = from_prior(2_000)
        before = from_prior(2_000, seed=2).assign(generation=-1)
        both = adjusted(pd.concat([before, last]), toy_targets(), OBSERVED, SCALES)
        pd.testing.assert_frame_equal(both, adjusted(last, toy_targets(), OBSERVED, SCALES))

    @given(st.integers(0, 1000), st.floats(-50, 50))
    def test_no_particle_leaves_its_prior(self, seed, far):
        observed = {"principal_turnover": far, "teacher_turnover": -far}
        found = adjusted(from_prior(800, seed), toy_targets(), observed, SCALES)
        assert found[HAZARD].between(0, 1).all()
        assert found[SCALE].between(-1, 2).all()
        assert found["weight"].sum() == pytest.approx(1)


def test_quantiles_and_ranks_go_by_weight():
    values, weight = np.array([3.0, 1.0, 2.0]), np.array([0.0, 1.0, 1.0])
    assert quantiles(values, weight, (0.5,)) == pytest.approx([1.5])
    assert rank_of(1.5, values, weight) == 0.5
    assert rank_of(2.5, values, weight) == 1.0


def test_what_has_not_moved_is_said():
    targets, chance = toy_targets(), np.random.default_rng(1)
    posterior = pd.DataFrame(
        {"weight": 1 / 2000, HAZARD: chance.uniform(0, 1, 2000), SCALE: chance.normal(0, 0.1, 2000)}
    )
    found = described(posterior, targets).set_index("parameter")
    assert not found.loc[HAZARD, "moved"]
    assert found.loc[HAZARD, "contraction"] == pytest.approx(0, abs=0.1)
    assert found.loc[HAZARD, "width"] == pytest.approx(1, abs=0.05)
    assert found.loc[SCALE, "moved"]
    assert found.loc[SCALE, "contraction"] == pytest.approx(1 - 0.01 / (9 / 12), abs=0.01)


def test_one_that_is_shifted_has_moved_though_it_is_as_wide():
    posterior = pd.DataFrame(
        {"weight": 0.001, HAZARD: np.linspace(0.3, 1, 1000) ** 0.5, SCALE: np.linspace(-1, 2, 1000)}
    )
    found = described(posterior, toy_targets()).set_index("parameter")
    assert found.loc[HAZARD, "moved"]
    assert not found.loc[SCALE, "moved"]


@pytest.mark.parametrize(
    ("prior", "median"),
    [
        (Prior(low=1, high=3), 2),
        (Prior(low=1, high=9, scale="log"), 3),
        (Prior(low=0, high=1, mean=0.2, sd=0.1), truncnorm(-2, 8, 0.2, 0.1).median()),
    ],
)
def test_priors(prior, median):
    assert frozen(prior).median() == pytest.approx(median)
    assert frozen(prior).ppf([0, 1]) == pytest.approx([prior.low, prior.high])


def test_intervals_hold_the_truth_with_few_particles_and_data_at_their_edge():
    """60 particles, 20 statistics, and data a standard deviation away from the particles in each."""
    chance = np.random.default_rng(1)
    inside = 0
    for _ in range(600):
        effect, away = chance.normal(size=20), chance.normal(1.0, 1.0, size=(60, 20))
        values = away @ effect + chance.normal(size=60)
        found = _without(away, values, np.full(60, 1 / 60))
        low, high = quantiles(found, np.full(60, 1 / 60), (0.1, 0.9))
        inside += low <= chance.normal() <= high
    assert inside / 600 == pytest.approx(0.8, abs=0.05)
