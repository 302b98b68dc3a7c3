"""Indices against functions whose answers are known, and what is refused rather than passed over."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from SALib.test_functions import Ishigami, Sobol_G

from reformsim.analysis.sensitivity import (
    elementary_effects,
    importance,
    ranking_agreement,
    sobol_indices,
)
from reformsim.errors import ReformsimError
from reformsim.experiments.definition import MORRIS_LEVELS, Definition
from reformsim.experiments.design import points

LEVELS = MORRIS_LEVELS
COEFFICIENTS = (
    "coefficients.relief",
    "coefficients.integration",
    "coefficients.shield",
    "coefficients.handover",
    "coefficients.event_rate",
    "coefficients.coach_practice",
    "coefficients.staff_tie",
    "coefficients.coach_tie",
)


def design(kind: str, dimensions: int, count: int, seed: int = 1) -> pd.DataFrame:
    """Return points of the unit cube as an experiment draws them."""
    ranges = {name: {"low": 0.0, "high": 1.0} for name in COEFFICIENTS[:dimensions]}
    made = Definition.model_validate(
        {
            "title": "known",
            "seed": seed,
            "uncertainties": ranges,
            "design": {"kind": kind, "points": count},
        }
    )
    return points(made)


def outcome(drawn: pd.DataFrame, function) -> pd.DataFrame:
    return pd.DataFrame({"known": function(drawn.to_numpy())}, index=drawn.index)


def covers(found: pd.DataFrame, key: str, truth: np.ndarray) -> np.ndarray:
    """Return whether intervals, half as wide again, cover the truth: a 95 % one misses now and then."""
    half = 1.5 * (found[f"{key}_high"] - found[key]) + 0.005
    return np.abs(found[key] - truth) <= half


class TestSobol:
    @pytest.mark.parametrize("seed", [0, 1, 7])
    def test_ishigami(self, seed):
        drawn = design("saltelli", 3, 1024, seed)
        found = sobol_indices(
            drawn, outcome(drawn, lambda x: Ishigami.evaluate(np.pi * (2 * x - 1)))
        )
        # Ishigami and Homma (1990) with a = 7, b = 0.1: variances from their formula.
        a, b = 7.0, 0.1
        one = 0.5 * (1 + b * np.pi**4 / 5) ** 2
        two, both = a**2 / 8, 8 * b**2 * np.pi**8 / 225
        total = one + two + both
        first = np.array([one, two, 0.0]) / total
        assert first == pytest.approx([0.3139, 0.4424, 0.0], abs=1e-4)
        whole = np.array([one + both, two, both]) / total
        assert covers(found, "S1", first).all()
        assert covers(found, "ST", whole).all()
        assert (found["S1_high"] - found["S1"] < 0.12).all()

    def test_sobol_g(self):
        weights = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0])
        drawn = design("saltelli", 8, 1024)
        found = sobol_indices(drawn, outcome(drawn, lambda x: Sobol_G.evaluate(x, weights)))
        parts = 1 / (3 * (1 + weights) ** 2)
        total = np.prod(1 + parts) - 1
        others = np.array([np.prod(np.delete(1 + parts, own)) for own in range(8)])
        assert covers(found, "S1", parts / total).all()
        assert covers(found, "ST", parts * others / total).all()

    def test_the_same_table_gives_the_same_intervals(self):
        drawn = design("saltelli", 3, 16, seed=0)
        made = outcome(drawn, lambda x: x @ [1.0, 2.0, 3.0])
        pd.testing.assert_frame_equal(sobol_indices(drawn, made), sobol_indices(drawn, made))

    def test_what_never_changes_has_no_indices_and_no_warning(self):
        drawn = design("saltelli", 3, 8)
        assert sobol_indices(drawn, outcome(drawn, lambda x: 0 * x[:, 0]))["ST"].isna().all()


class TestMorris:
    def test_a_straight_line_has_its_slopes_and_no_spread(self):
        drawn = design("morris", 4, 10)
        slopes = np.array([3.0, -2.0, 0.5, 0.0])
        found = elementary_effects(drawn, outcome(drawn, lambda x: x @ slopes), LEVELS)
        assert found["mu"].to_numpy() == pytest.approx(slopes)
        assert found["mu_star"].to_numpy() == pytest.approx(np.abs(slopes))
        assert found["sigma"].to_numpy() == pytest.approx(0, abs=1e-9)
        assert found["high"].to_numpy() == pytest.approx(np.abs(slopes))

    def test_effects_are_those_of_the_whole_range_whatever_its_unit(self):
        made = Definition.model_validate(
            {
                "title": "known",
                "uncertainties": {
                    "coefficients.staff_hours": {"low": 50.0, "high": 110.0},
                    "coefficients.trust_new": {"low": 0.01, "high": 0.1, "scale": "log"},
                },
                "design": {"kind": "morris", "points": 8},
            }
        )
        drawn = points(made)
        values = pd.DataFrame({"hours": 2.0 * drawn["coefficients.staff_hours"]})
        values["tenfold"] = np.log10(drawn["coefficients.trust_new"])
        found = elementary_effects(drawn, values, LEVELS).set_index(["outcome", "parameter"])
        assert found.loc[("hours", "coefficients.staff_hours"), "mu"] == pytest.approx(120)
        assert found.loc[("tenfold", "coefficients.trust_new"), "mu"] == pytest.approx(1)
        assert found.loc[("hours", "coefficients.trust_new"), "mu_star"] == 0

    def test_a_product_shows_as_spread(self):
        drawn = design("morris", 3, 20)
        found = elementary_effects(drawn, outcome(drawn, lambda x: x[:, 0] * x[:, 1]), LEVELS)
        assert (found["sigma"][:2] > 0.1).all()
        assert found["mu_star"][2] == found["sigma"][2] == 0

    def test_importance_is_in_spreads_of_the_outcome(self):
        drawn = design("morris", 3, 20)
        values = outcome(drawn, lambda x: x @ [2.0, 1.0, 0.0]).assign(never=1.0)
        wide = importance(elementary_effects(drawn, values, LEVELS), values)
        expected = np.array([2, 1, 0]) / values["known"].std(ddof=0)
        assert wide["known"][list(COEFFICIENTS[:3])].to_numpy() == pytest.approx(expected)
        assert (wide["never"] == 0).all()


ANALYSES = {
    "saltelli": sobol_indices,
    "morris": lambda drawn, made: elementary_effects(drawn, made, LEVELS),
}


@pytest.mark.parametrize("kind", ANALYSES)
class TestRefused:
    @pytest.mark.parametrize("wrong", [np.nan, np.inf])
    def test_what_is_not_finite(self, kind, wrong):
        drawn = design(kind, 3, 4)
        made = outcome(drawn, lambda x: x[:, 0])
        made.loc[[5, 7], "known"] = wrong
        with pytest.raises(
            ReformsimError, match=r"known: is not a finite number; found 2 of .*5, 7"
        ):
            ANALYSES[kind](drawn, made)

    def test_points_without_runs(self, kind):
        drawn = design(kind, 3, 4)
        made = outcome(drawn, lambda x: x[:, 0]).drop(index=[2, 3])
        with pytest.raises(ReformsimError, match=r"no runs; found 2 of .* missing: 2, 3"):
            ANALYSES[kind](drawn, made)

    def test_a_design_cut_short_and_all_else_at_once(self, kind):
        drawn = design(kind, 3, 4).iloc[:-1]
        made = outcome(drawn, lambda x: x[:, 0])
        made.loc[0, "known"] = np.nan
        with pytest.raises(ReformsimError) as caught:
            ANALYSES[kind](drawn, made)
        assert len(caught.value.problems) == 2
        assert "cut short" in str(caught.value)

    def test_no_outcome(self, kind):
        drawn = design(kind, 3, 4)
        with pytest.raises(ReformsimError, match="no outcome"):
            ANALYSES[kind](drawn, pd.DataFrame(index=drawn.index))


def test_agreement_of_rankings():
    values = pd.DataFrame([[3, 2, 1], [1, 2, 3], [3, 1, 2], [1, 1, 1]], columns=list("abc"))
    reference = pd.Series({"c": 0.1, "a": 0.9, "b": 0.5})
    # Of the three pairs of the third row, two agree and one does not.
    assert ranking_agreement(values, reference).tolist() == pytest.approx([1, -1, 1 / 3, 0])
