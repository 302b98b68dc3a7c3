"""March's own model is his, and the reduced rules are the model's, in his world."""

from __future__ import annotations

import numpy as np
import pytest

from reformsim.scenario.coefficients import Coefficients
from reformsim.theory.conviction import next_conviction
from reformsim.validation.external import march as march_check
from reformsim.validation.external import march_contrasts, march_curves
from reformsim.validation.external.march import (
    CODE_RATES,
    FAST,
    MIDDLE,
    RECREATED,
    SLOW,
    SOCIALISATION,
    Setting,
    conviction,
    march,
    measure,
    practice,
)


def known(model, *setting, runs=40):
    return measure(model, Setting(*setting), runs).known.mean()


class TestHisOwnModel:
    @pytest.mark.slow
    def test_knowledge_at_rest_is_that_of_the_published_recreation(self):
        for rate in CODE_RATES:
            found = [known("march", one, rate, 0.0, 0, runs=200) for one in SOCIALISATION]
            np.testing.assert_allclose(found, RECREATED[rate], atol=0.025)

    @pytest.mark.slow
    def test_all_seven_published_directions(self):
        found = march_contrasts(march_curves("march", 100))
        assert {one.name: one.agrees for one in found} == {one.name: True for one in found}
        assert len(found) == 7

    def test_slow_socialisation_and_a_fast_code_know_most(self):
        best, worst = known("march", SLOW, FAST, 0.0, 0), known("march", FAST, FAST, 0.0, 0)
        assert best > 0.94
        assert worst < 0.8

    def test_at_rest_everyone_agrees_with_the_code(self):
        code, people = march(Setting(MIDDLE, MIDDLE, 0.0, 0), 5, 1)
        np.testing.assert_allclose(people, np.broadcast_to(code[:, None], people.shape))

    def test_a_code_that_does_not_learn_knows_nothing(self):
        code, _ = march(Setting(MIDDLE, 0.0, 0.0, 10), 5, 1)
        assert (code == 0).all()


class TestReducedRules:
    def test_socialisation_is_the_rule_for_conviction(self, monkeypatch):
        """With the equation held still people keep their beliefs, so it is what moves them."""
        setting = Setting(FAST, MIDDLE, 0.0, 5)
        _, moved = conviction(setting, 2, 1)
        kept = np.frompyfunc(lambda belief, *_: belief, 8, 1)
        monkeypatch.setattr(march_check, "_next_conviction", kept)
        _, still = conviction(setting, 2, 1)
        assert still.std() > 10 * moved.std()

    def test_reduced_to_the_code_conviction_closes_the_share_that_is_its_rate(self):
        weights = dict.fromkeys(("a_support", "a_peer", "a_progress", "a_fatigue"), 0.0)
        p = Coefficients().model_copy(update={"a_focus": 1.0, "conv_rate": 0.3, **weights})
        assert next_conviction(0.5, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, p) == pytest.approx(0.65)

    def test_averaging_ends_diversity_where_nobody_comes(self):
        _, people = conviction(Setting(SLOW, MIDDLE, 0.0, 0), 2, 1)
        assert people.std(axis=1).max() < 1e-3

    def test_slow_socialisation_knows_more_and_turnover_helps(self):
        slow, fast = (known("conviction", one, MIDDLE, 0.0, 0, runs=3) for one in (SLOW, FAST))
        turning = known("conviction", FAST, MIDDLE, 0.1, 20, runs=3)
        assert slow > fast + 0.1
        assert turning > fast + 0.1

    def test_practice_is_learnt_upwards_only(self):
        code, people = practice(Setting(FAST, MIDDLE, 0.0, 20), 20, 1)
        first = practice(Setting(FAST, MIDDLE, 0.0, 1), 20, 1)[0]
        assert (code > first).all()
        assert people.max() <= 1.0
        left = practice(Setting(FAST, MIDDLE, 0.2, 20), 20, 1)[0]
        assert left.mean() < code.mean()

    def test_half_the_people_learn_slowly_where_two_rates_are_given(self):
        rates = march_check._rates(Setting((SLOW, FAST), MIDDLE, 0.0, 0))
        assert [(rates == one).mean() for one in (SLOW, FAST)] == [0.5, 0.5]
