"""The model is ordinary Mesa: its collectors, agent sets and batch runs work, and runs repeat."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import mesa
import numpy as np
import pytest
from districts import digest, small

from reformsim.district.record import BY_DISTRICT, BY_SCHOOL
from reformsim.engines import simulate
from reformsim.engines.reference import DistrictModel
from reformsim.engines.reference.leaders import (
    CentralOfficeStaff,
    LeadershipCoach,
    Principal,
    Superintendent,
)
from reformsim.engines.reference.teachers import Teacher
from reformsim.errors import ReformsimError

if TYPE_CHECKING:
    from reformsim.scenario import Scenario

SHORT = {"years": 1, "warm_up_years": 1}


def test_every_role_is_a_mesa_agent(busy: Scenario) -> None:
    model = DistrictModel(busy)
    while model.month < 7:
        model.step()
    kinds = {Superintendent, CentralOfficeStaff, Principal, Teacher, LeadershipCoach}
    assert set(model.agent_types) == kinds
    assert len(model.agents_by_type[Principal]) == 4
    skilled = model.agents_by_type[Teacher].select(lambda t: t.practice > 0.5)
    assert 0 < len(skilled) < 42
    assert np.isfinite(model.agents_by_type[Teacher].get("practice")).all()


def test_the_data_collector_holds_every_district_series(scenario: Scenario) -> None:
    model = DistrictModel(scenario.replace(horizon=SHORT))
    while model.running:
        model.step()
    frame = model.datacollector.get_model_vars_dataframe()
    assert list(frame["month"]) == list(range(-12, 12))
    assert set(BY_DISTRICT) <= set(frame)
    result = model.result()
    for name in BY_DISTRICT:
        np.testing.assert_array_equal(frame[name], result.district[name])
    assert set(result.schools) == set(BY_SCHOOL)
    assert result.schools["leadership"].shape == (24, 4)


def test_batch_run_works_without_warnings(scenario: Scenario) -> None:
    one, two = (
        scenario.replace(horizon=SHORT),
        scenario.replace(horizon=SHORT, levers={"pipeline": 1.0}),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = mesa.batch_run(
            DistrictModel,
            parameters={"scenario": [one, two], "replicate": [0, 1]},
            number_processes=1,
            data_collection_period=-1,
            display_progress=False,
        )
    assert len(rows) == 4
    assert {row["month"] for row in rows} == {11}
    # The pairing is visible: the same replicate, another strategy, different numbers.
    assert len({row["teacher_practice"] for row in rows}) == 4


def test_the_order_in_which_agents_act_does_not_matter(busy: Scenario) -> None:
    """Synchronous update: a stage reads only what was there before it."""
    plain, shuffled = DistrictModel(busy), DistrictModel(busy)
    while plain.running:
        for kind in (Teacher, Principal):
            shuffled.agents_by_type[kind].shuffle(inplace=True)
        plain.step()
        shuffled.step()
    assert digest(plain.result()) == digest(shuffled.result())


PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from districts import WEB, digest, small
from reformsim.engines.reference import DistrictModel
model = DistrictModel(small(levers=WEB, conditions={"superintendent_turnover": 4.0}), 7, 3)
while model.running:
    model.step()
print(digest(model.result()))
"""


def test_the_same_seed_gives_the_same_run_in_any_process() -> None:
    helpers = str(Path(__file__).parents[1] / "helpers")
    prints = set()
    for hashseed in ("0", "1", "4242"):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, helpers],
            env=os.environ | {"PYTHONHASHSEED": hashseed},
            capture_output=True,
            text=True,
            check=True,
        )
        prints.add(done.stdout.strip())
    assert len(prints) == 1


def test_another_seed_or_replicate_gives_another_run(scenario: Scenario) -> None:
    runs = [simulate(scenario, seed, replicate) for seed, replicate in ((0, 0), (0, 1), (1, 0))]
    means = {float(run.district["teacher_practice"][-1]) for run in runs}
    assert len(means) == 3


def test_progress_is_reported_every_month() -> None:
    seen: list[tuple[int, int]] = []
    simulate(
        small(horizon=SHORT),
        engine="mesa",
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(month, 24) for month in range(1, 25)]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"engine": "warp"}, "unknown engine 'warp'"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"replicate": 2**32}, "replicate must be a whole number"),
    ],
)
def test_wrong_calls_are_refused(scenario: Scenario, wrong: dict[str, object], words: str) -> None:
    with pytest.raises(ReformsimError, match=words):
        simulate(scenario, **wrong)  # type: ignore[arg-type]
