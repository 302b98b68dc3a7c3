"""The model is ordinary Mesa: its collectors, agent sets and batch runs work, and runs repeat."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
import pytest
from districts import digest, small

from reformsim.engines import simulate
from reformsim.engines.reference import DistrictModel, model_with
from reformsim.engines.reference.batches import HANDS_OUT_SEEDS
from reformsim.engines.reference.leaders import (
    CentralOfficeStaff,
    LeadershipCoach,
    Principal,
    Superintendent,
)
from reformsim.engines.reference.teachers import Teacher
from reformsim.errors import ReformsimError
from reformsim.mechanisms import load_mechanisms
from reformsim.record import BY_DISTRICT, BY_SCHOOL

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


class TestBatchRuns:
    """Iterations are replicates; a row is what `simulate` gives for its seed and replicate."""

    def rows(self, parameters: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
        given: dict[str, Any] = {"number_processes": 1, "display_progress": False} | options
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # but for Mesa's own, about its way of saying the same
            warnings.filterwarnings("ignore", "The `iterations` keyword", DeprecationWarning)
            return list(mesa.batch_run(DistrictModel, parameters=parameters, **given))

    def check(self, rows: list[dict[str, Any]], scenario: Scenario) -> None:
        for row in rows:
            run = simulate(scenario, row["seed"], row["replicate"], engine="reference")
            for name in BY_DISTRICT:
                np.testing.assert_equal(row[name], run.district[name][-1], err_msg=name)

    @pytest.mark.parametrize(
        "processes", [1, pytest.param(2, marks=pytest.mark.slow)], ids=["alone", "in processes"]
    )
    def test_iterations_are_replicates(self, processes: int) -> None:
        scenario = small(horizon=SHORT)
        rows = self.rows({"scenario": [scenario]}, iterations=3, number_processes=processes)
        rows.sort(key=lambda row: row["iteration"])
        assert [(row["iteration"], row["seed"], row["replicate"]) for row in rows] == [
            (0, 1, 0),
            (1, 1, 1),
            (2, 1, 2),
        ]
        assert len({row["outcome"] for row in rows}) == 3
        self.check(rows, scenario)

    def test_a_scenario_that_mesa_takes_apart_is_refused(self) -> None:
        with pytest.raises(ReformsimError, match=r"'scenario' is not a Scenario.*in a list"):
            self.rows({"scenario": small(horizon=SHORT)})

    def test_seeds_can_be_given(self) -> None:
        scenario = small(horizon=SHORT)
        if HANDS_OUT_SEEDS:
            rows = self.rows({"scenario": [scenario]}, rng=[5, np.int64(6)])
            expected = {(5, 0), (6, 0)}
        else:
            rows = self.rows({"scenario": [scenario], "seed": [5, 6]}, iterations=2)
            expected = {(5, 0), (6, 0), (5, 1), (6, 1)}
        assert {(row["seed"], row["replicate"]) for row in rows} == expected
        self.check(rows, scenario)

    def test_seeds_that_mesa_drops_are_refused(self) -> None:
        if not HANDS_OUT_SEEDS:
            return  # Mesa drops none
        with pytest.raises(ReformsimError, match="does not hand on the parameter 'seed'"):
            self.rows({"scenario": [small(horizon=SHORT)], "seed": [5, 6]})

    def test_the_same_replicate_again_is_refused(self) -> None:
        parameters = {"scenario": [small(horizon=SHORT)], "replicate": [4]}
        assert [row["replicate"] for row in self.rows(parameters)] == [4]
        with pytest.raises(ReformsimError, match="iteration 1 would be replicate 4 once more"):
            self.rows(parameters, iterations=2)

    def test_with_mechanisms_of_ones_own(self, tmp_path: Path) -> None:
        (tmp_path / "own.py").write_text(
            "from reformsim.mechanisms import replaces\n"
            '@replaces("novice")\ndef f(experience, p):\n    return 0.5\n'
        )
        own, scenario = load_mechanisms(tmp_path / "own.py"), small(horizon=SHORT)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            rows = mesa.batch_run(
                model_with(own), {"scenario": [scenario]}, iterations=2, display_progress=False
            )
        for row in rows:
            run = simulate(scenario, 1, row["iteration"], "reference", mechanisms=own)
            assert row["outcome"] == run.district["outcome"][-1]


def test_the_defaults_are_those_of_simulate(scenario: Scenario) -> None:
    model = DistrictModel(scenario)
    assert (model.seed_number, model.replicate) == (1, 0)
    run = simulate(scenario)
    assert (run.seed, run.replicate) == (1, 0)
    assert DistrictModel(scenario, None).seed_number == 1


def mean_practice(model: DistrictModel) -> float:
    return float(np.mean(model.agents_by_type[Teacher].get("practice")))


def times(value: float, factor: float) -> float:
    return value * factor


class TestReporters:
    def test_a_users_own_stand_beside_ours(self) -> None:
        model = DistrictModel(
            small(horizon=SHORT),
            model_reporters={
                "people_so_far": "people",
                "by_hand": mean_practice,
                "in_words": lambda model: f"month {model.month}",
                "part": partial(mean_practice),
                "list": [times, [3.0, 4.0]],
            },
            agent_reporters={"skill": "practice", "node": lambda agent: agent.node},
            tables={"notes": ["who", "what"]},
        )
        kinds = {Teacher: {"rooted": "embeddedness"}, Principal: {"lonely": "isolation"}}
        typed = DistrictModel(small(horizon=SHORT), agenttype_reporters=kinds)
        while model.running:
            model.step()
            typed.step()
        frame = model.datacollector.get_model_vars_dataframe()
        assert set(BY_DISTRICT) < set(frame)
        assert len(frame) == 24
        assert list(frame["by_hand"]) == list(frame["part"])
        assert frame["by_hand"].iloc[-1] == mean_practice(model)
        assert list(frame["list"]) == [12.0] * 24
        assert frame["in_words"].iloc[0] == "month -12"
        assert frame["people_so_far"].iloc[-1] == model.people
        agents = model.datacollector.get_agent_vars_dataframe()
        last = agents.xs(agents.index.get_level_values("Step").max(), level="Step")
        by_node = dict(zip(last["node"], last["skill"], strict=True))
        assert by_node["teacher-0-0"] == model.agent_at["teacher-0-0"].practice
        model.datacollector.add_table_row("notes", {"who": "me", "what": "this"})
        assert list(model.datacollector.get_table_dataframe("notes")["who"]) == ["me"]
        rooted = typed.datacollector.get_agenttype_vars_dataframe(Teacher)["rooted"]
        assert len(rooted) == 24 * 42
        assert rooted.iloc[-1] == typed.teachers[-1].embeddedness

    def test_in_a_batch_run(self) -> None:
        rows = mesa.batch_run(
            DistrictModel,
            {
                "scenario": [small(2, 4, horizon=SHORT)],
                "model_reporters": [{"by_hand": mean_practice}],
                "agent_reporters": [{"skill": lambda agent: getattr(agent, "practice", None)}],
            },
            display_progress=False,
        )
        assert len(rows) == len(DistrictModel(small(2, 4)).agents)
        assert {row["month"] for row in rows} == {11}
        assert len({row["by_hand"] for row in rows}) == 1
        assert len({row["skill"] for row in rows}) > 4

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            (
                {"model_reporters": {"x": "monht"}},
                "x: no such attribute; found 'monht' .did you mean",
            ),
            ({"agent_reporters": {"x": "practise"}}, "x: no such attribute; found 'practise'"),
            (
                {"agenttype_reporters": {Teacher: {"x": "isolation"}}},
                "Teacher: x: no such attribute",
            ),
            ({"agenttype_reporters": {"Teacher": {"x": "y"}}}, "is not a class of agents"),
            ({"agenttype_reporters": {Teacher: "practice"}}, "Teacher: is not a dict"),
            ({"model_reporters": "people"}, "model_reporters: is not a dict.*put it in a list"),
            ({"model_reporters": ["people"]}, "model_reporters: is not a dict"),
            ({"model_reporters": {"outcome": "people"}}, "outcome: is a name of the model's own"),
            ({"agent_reporters": {"outcome": "practice"}}, "outcome: is a name of the model's own"),
            ({"agent_reporters": {"AgentID": "practice"}}, "AgentID: is a name of the model's own"),
            ({"model_reporters": {"x": 3}}, "x: cannot report; found 3"),
            ({"model_reporters": {"x": None}}, "x: cannot report; found None"),
            ({"model_reporters": {"x": [3]}}, "x: is no such list"),
            ({"tables": {"t": "column"}}, "tables: t: is not a list of columns"),
        ],
    )
    def test_wrong_ones_are_refused(self, wrong: dict[str, Any], words: str) -> None:
        with pytest.raises(ReformsimError, match=words):
            DistrictModel(small(2, 4), **wrong)

    def test_all_at_once(self) -> None:
        with pytest.raises(ReformsimError) as caught:
            DistrictModel(
                small(2, 4), model_reporters={"a": "b", "c": 3}, agent_reporters={"d": "e"}
            )
        assert len(caught.value.problems) == 3

    @pytest.mark.parametrize(
        ("wanted", "words"),
        [
            ({"model_reporters": {"x": lambda _: 1 / 0}}, "model reporter x: fails: ZeroDivision"),
            ({"model_reporters": {"x": [times, [1]]}}, "model reporter x: fails: TypeError"),
            ({"agent_reporters": {"x": lambda a: a.nothing}}, "agent reporter x: fails: Attrib"),
        ],
    )
    def test_one_that_fails_is_named(self, wanted: dict[str, Any], words: str) -> None:
        model = DistrictModel(small(2, 4), **wanted)
        with pytest.raises((ReformsimError, RuntimeError), match=words):
            model.step()


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
from reformsim.engines.reference.batches import HANDS_OUT_SEEDS
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
        engine="reference",
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(month, 24) for month in range(1, 25)]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"engine": "warp"}, 'unknown engine; found "warp"; allowed: compiled, reference'),
        ({"seed": -1}, "seed must be a whole number"),
        ({"replicate": 2**32}, "replicate must be a whole number"),
    ],
)
def test_wrong_calls_are_refused(scenario: Scenario, wrong: dict[str, object], words: str) -> None:
    with pytest.raises(ReformsimError, match=words):
        simulate(scenario, **wrong)  # type: ignore[arg-type]
