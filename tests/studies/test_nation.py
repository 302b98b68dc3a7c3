"""The synthetic nation has the sizes of the real one, and its districts are streamed."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
from districts import small

from reformsim.engines import simulate
from reformsim.studies import nation
from reformsim.studies.nation import CLASSES, simulate_nation, synthetic_districts


@pytest.fixture(scope="module")
def sizes() -> pd.DataFrame:
    return pd.DataFrame([one.model_dump() for one in synthetic_districts(0)])


def test_it_has_the_districts_schools_teachers_and_pupils_of_the_real_one(
    sizes: pd.DataFrame,
) -> None:
    assert len(sizes) == 13_318
    assert sizes["schools"].sum() == pytest.approx(98_469, rel=0.02)
    assert sizes["teachers"].sum() == pytest.approx(3_139_258, rel=0.02)
    assert sizes["enrolment"].sum() == pytest.approx(49_090_000, rel=0.02)


def test_the_largest_have_their_share_of_pupils(sizes: pd.DataFrame) -> None:
    share = sizes["enrolment"].sort_values(ascending=False).cumsum() / sizes["enrolment"].sum()
    assert share.iloc[99] == pytest.approx(0.23, abs=0.02)
    assert share.iloc[499] == pytest.approx(0.429, abs=0.03)


def test_each_class_has_its_districts(sizes: pd.DataFrame) -> None:
    for size in CLASSES:
        inside = (sizes["enrolment"] >= size.low) & (sizes["enrolment"] < size.high)
        assert inside.sum() == size.districts


def test_the_same_seed_gives_the_same_districts() -> None:
    some = [list(itertools.islice(synthetic_districts(seed), 50)) for seed in (7, 7, 8)]
    assert some[0] == some[1] != some[2]


def test_districts_are_lived_through_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nation, "CLASSES", (nation.SizeClass(30, 300, 21),))
    scenario = small(horizon={"years": 2, "warm_up_years": 1})
    steps: list = []
    rows = simulate_nation(scenario, 3, 2, steps.append)
    assert steps == list(range(1, 22))
    alone = simulate_nation(scenario, 3, 1)
    pd.testing.assert_frame_equal(rows, alone)
    district = list(synthetic_districts(3))[20]
    own = simulate(scenario.replace(district=district.model_dump()), 3, 20)
    assert rows["leadership"][20] == own.district["leadership"][-12:].mean()
