"""The plan of an experiment: which runs, and what they are called."""

from __future__ import annotations

import ast
import subprocess
import sys
import tracemalloc
from itertools import islice

import pytest
from grid import PIPELINE, TURNOVER, experiment
from hypothesis import given, settings
from hypothesis import strategies as st

from reformsim.errors import ScenarioError
from reformsim.experiments import runs as runs_module
from reformsim.experiments.definition import Design, Outcomes, Range, Series
from reformsim.experiments.plan import Plan
from reformsim.experiments.runs import composed, run_id
from reformsim.scenario.loading import load
from reformsim.scenario.schema import Horizon

LOAD, PILOT = "conditions.operational_load", "levers.pilot_months"


def runs(plan):
    return [run for batch in plan.batches() for run in batch.runs]


def ids(one):
    return {run.id for run in runs(Plan(one))}


class TestBatches:
    def test_a_batch_is_what_shares_its_luck_and_all_but_its_levers(self):
        batches = list(Plan(experiment()).batches())
        assert len(batches) == 3 * 2
        for batch in batches:
            quo, *webs = batch.runs
            assert quo == batch.reference
            assert quo.scenario.names.strategy == "status_quo"
            assert quo.scenario.levers == quo.scenario.baseline
            assert [web.varied[PIPELINE] for web in webs] == [0, 1]
            assert [web.scenario.levers.pipeline for web in webs] == [0, 1]
            assert len({(run.seed, run.replicate) for run in batch.runs}) == 1
            assert len({run.scenario.conditions for run in batch.runs}) == 1
        turnover = [
            batch.reference.scenario.conditions.superintendent_turnover for batch in batches
        ]
        assert turnover == [0.5, 0.5, 1, 1, 2, 2]
        assert [batch.reference.replicate for batch in batches] == [0, 1] * 3

    def test_what_varies_is_what_the_run_has(self):
        for run in runs(Plan(experiment())):
            assert run.varied == {
                TURNOVER: run.scenario.conditions.superintendent_turnover,
                PIPELINE: run.scenario.levers.pipeline,
            }

    def test_whole_numbers_stay_whole(self):
        found = runs(Plan(experiment(levers={PILOT: (0, 12)}, strategies=("web_of_support",))))
        assert {type(run.scenario.levers.pilot_months) for run in found} == {int}
        assert {type(run.varied[PILOT]) for run in found} == {int}

    def test_the_point_is_that_of_the_design(self):
        plan = Plan(experiment())
        for run in runs(plan):
            point = plan.points.loc[run.point]
            assert point[TURNOVER] == run.varied[TURNOVER]
            if run.scenario.names.strategy != "status_quo":
                assert point[PIPELINE] == run.varied[PIPELINE]

    def test_a_baseline_that_is_not_kept_is_still_the_reference(self):
        plan = Plan(experiment(strategies=("web_of_support",)))
        assert len(plan) == 3 * 2 * 2
        for batch in plan.batches():
            assert batch.reference.scenario.names.strategy == "status_quo"
            assert batch.reference.id not in {run.id for run in batch.runs}

    def test_nothing_varied(self):
        plan = Plan(experiment(uncertainties={}, levers={}))
        assert plan.varied == ()
        assert [run.varied for run in runs(plan)] == [{}] * 4
        assert len(plan) == 4

    def test_one_at_a_time_leaves_a_scenario_its_own_values(self):
        plan = Plan(
            experiment(
                conditions=("high-superintendent-churn",),
                uncertainties={TURNOVER: (0.5, 1.5)},
                levers={PIPELINE: (0.3, 0.8)},
                design=Design(kind="one-at-a-time"),
                replicates=1,
            )
        )
        found = [
            (run.scenario.names.strategy, run.varied[TURNOVER], run.varied[PIPELINE])
            for run in runs(plan)
        ]
        # Turnover is 1.5 in this condition and the pipeline 0.8 in the web of support: where a point
        # sets what is there already, it is no other run.
        assert found == [
            ("status_quo", 1.5, 0.1),
            ("web_of_support", 1.5, 0.8),
            ("web_of_support", 1.5, 0.3),
            ("status_quo", 0.5, 0.1),
            ("web_of_support", 0.5, 0.8),
        ]
        assert len(plan) == 5
        assert plan.count_batches() == 2

    def test_points_that_repeat_are_run_once_and_that_is_said(self):
        plan = Plan(
            experiment(
                uncertainties={TURNOVER: (1, 2, 1)},
                levers={PIPELINE: (0, 1, 0)},
                design=Design(kind="list"),
            )
        )
        assert len(plan.points) == 3
        assert len(plan) == len(runs(plan)) == len(ids(plan.experiment)) == 2 * 2 * 2
        assert plan.notes() == ["1 of 3 points repeat another one; each is run once"]

    def test_whole_numbers_that_are_rounded_to_the_same_are_said_to_be(self):
        plan = Plan(
            experiment(
                uncertainties={},
                levers={PILOT: Range(low=0, high=3)},
                design=Design(kind="sobol", points=16),
            )
        )
        assert len(plan) == 2 * (1 + 4)
        assert plan.notes() == ["12 of 16 points repeat another one; each is run once"]

    def test_cells_that_differ_in_name_only_are_said_to(self):
        plan = Plan(experiment(conditions=("stable", "high-superintendent-churn")))
        (first, second) = plan.notes()
        assert "small-rural / stable / status_quo, small-rural / high-superintendent-churn" in first
        assert "web_of_support" in second
        assert len({run.id for run in runs(plan)}) == len(plan)

    def test_varied_levers_that_a_phase_sets_are_told(self, tmp_path):
        file = tmp_path / "later.toml"
        file.write_text(
            'kind = "strategy"\ntitle = "Later"\n[[phases]]\nyear = 2\nmentor_share = 0.5\n'
            "[[phases]]\nyear = 3\npipeline = 0.5\n[[phases]]\nyear = 4\nends = true\n"
        )
        varied = experiment(
            strategies=("status_quo", str(file)),
            uncertainties={TURNOVER: (1, 2)},
            levers={PIPELINE: (0, 1), PILOT: (0, 6)},
            horizon=Horizon(years=5, warm_up_years=1),
        )
        held = "whose varied values hold from the launch until then"
        assert Plan(varied).notes() == [
            f"{file}: the phase of year {year} sets levers.pipeline, {held}" for year in (3, 4)
        ]


designs = st.one_of(
    st.builds(
        lambda turnover, pipeline: {
            "uncertainties": {TURNOVER: turnover},
            "levers": {PIPELINE: pipeline},
            "design": Design(kind="grid"),
        },
        *[st.lists(st.sampled_from([0.1, 0.5, 0.8, 1.0]), min_size=1, unique=True).map(tuple)] * 2,
    ),
    st.builds(
        lambda kind, count: {
            "uncertainties": {TURNOVER: Range(low=0.5, high=2)},
            "levers": {PILOT: Range(low=0, high=24)},
            "design": Design(kind=kind, points=2**count),
        },
        st.sampled_from(["latin-hypercube", "sobol", "morris", "saltelli"]),
        st.integers(1, 3),
    ),
)
strategies = st.lists(
    st.sampled_from(["status_quo", "web_of_support", "heroic_superintendent"]),
    min_size=1,
    unique=True,
).map(tuple)
experiments = st.builds(
    lambda design, strategies, conditions, replicates: experiment(
        **design, strategies=strategies, conditions=conditions, replicates=replicates
    ),
    designs,
    strategies,
    st.sampled_from([("stable",), ("severe-recession", "stable")]),
    st.integers(1, 3),
)
few = settings(max_examples=15)


class TestIds:
    @few
    @given(experiments)
    def test_no_run_is_there_twice_and_the_length_is_right(self, one):
        plan = Plan(one)
        found = runs(plan)
        assert len(plan) == len(found) == len({run.id for run in found})
        assert plan.count_batches() == sum(1 for _ in plan.batches())
        assert found == runs(Plan(one))

    @few
    @given(experiments)
    def test_none_changes_when_something_is_added(self, one):
        before = ids(one)
        more = {
            "districts": (*one.districts, "mid-size"),
            "conditions": ("high-load", *one.conditions),
            "strategies": ("external_coaching", *one.strategies),
            "replicates": one.replicates + 2,
            "outcomes": Outcomes(agents=True, series=Series(every=1)),
        }
        for name, value in more.items():
            assert before <= ids(one.model_copy(update={name: value})), name
        assert before <= ids(one.model_copy(update=more))

    @few
    @given(experiments)
    def test_all_change_with_what_decides_all(self, one):
        before = ids(one)
        assert not before & ids(one.model_copy(update={"seed": 2}))
        longer = Horizon(years=3, warm_up_years=2)
        assert not before & ids(one.model_copy(update={"horizon": longer}))

    def test_each_part_counts(self):
        parts = ("f", ("d", "c", "s"), 1, 0)
        others = [
            ("g", ("d", "c", "s"), 1, 0),
            ("f", ("e", "c", "s"), 1, 0),
            ("f", ("d", "d", "s"), 1, 0),
            ("f", ("d", "c", "t"), 1, 0),
            ("f", ("d", "c", "s"), 0, 0),
            ("f", ("d", "c", "s"), 1, 1),
            ("f", ("dc", "", "s"), 1, 0),
            ("f", ("d", "c", "s"), 10, 0),
            ("f", ("d", "c", "s 1"), 1, 0),
        ]
        assert len({run_id(*one) for one in (parts, *others)}) == 10

    def test_a_value_from_a_file_or_from_a_design_gives_the_same_run(self):
        alone = {"strategies": ("status_quo",), "levers": {}, "replicates": 1}
        alone["conditions"] = ("high-superintendent-churn",)
        assert ids(experiment(**alone, uncertainties={})) == ids(
            experiment(**alone, uncertainties={TURNOVER: (1.5,)})
        )

    def test_they_are_the_same_in_another_process_with_other_hashes(self):
        code = (
            "from test_plan import Plan, experiment, runs\n"
            "print([run.id for run in runs(Plan(experiment()))])"
        )
        ran = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": "7", "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
            cwd=__file__.rpartition("/")[0],
        )
        assert ast.literal_eval(ran.stdout) == [run.id for run in runs(Plan(experiment()))]


class TestSize:
    def test_memory_does_not_grow_with_the_runs(self):
        """A million runs: not stored anywhere, and the first comes at once."""
        plan = Plan(experiment(replicates=100_000))
        assert len(plan) == 900_000
        for _ in islice(plan.batches(), 100):
            pass
        tracemalloc.start()
        for _ in islice(plan.batches(), 5_000):
            pass
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 1_000_000

    def test_a_scenario_is_composed_once_and_not_for_every_replicate(self, monkeypatch):
        plan = Plan(experiment(replicates=500))
        count = 0
        make = Plan._template

        def counted(*arguments):
            nonlocal count
            count += 1
            return make(*arguments)

        monkeypatch.setattr(Plan, "_template", counted)
        assert sum(1 for _ in plan.batches()) == 1500
        assert count == 3 * (1 + 2)


class TestWhatCannotBe:
    def test_every_problem_of_the_files(self):
        one = experiment(conditions=("stabl",), strategies=("web",))
        with pytest.raises(ScenarioError) as caught:
            Plan(one)
        assert {problem.found for problem in caught.value.problems} == {'"stabl"', '"web"'}

    @pytest.mark.parametrize(
        ("section", "value"), [("conditions", "labour_tightness = 1"), ("baseline", "pipeline = 1")]
    )
    def test_a_strategy_that_changes_more_than_levers(self, tmp_path, section, value):
        mine = tmp_path / "mine.toml"
        text = f'kind = "scenario"\ntitle = "Mine"\n[levers]\npipeline = 1\n[{section}]\n{value}\n'
        mine.write_text(text)
        with pytest.raises(ScenarioError, match=rf"changes \[{section}\].*mine"):
            Plan(experiment(strategies=(str(mine),)))

    def test_sizes_that_do_not_fit_together(self):
        with pytest.raises(ScenarioError) as caught:
            Plan(experiment(uncertainties={"district.schools": (6, 141, 200)}))
        assert [str(problem)[:59] for problem in caught.value.problems] == [
            "point 2 of the design: teachers (140) are fewer than school",
            "point 4 of the design: teachers (140) are fewer than school",
        ]


def test_a_plan_from_composed_scenarios_reads_no_file(monkeypatch):
    one = experiment()
    scenarios = composed(one)
    expected = runs(Plan(one))
    monkeypatch.setattr(runs_module, "compose", None)
    assert runs(Plan(one, scenarios)) == expected
    fewer = one.model_copy(update={"strategies": ("status_quo",)})
    assert len(Plan(fewer, scenarios)) == len(runs(Plan(fewer, scenarios))) == 3 * 2


def test_the_horizon_is_that_of_the_experiment():
    (scenario, _) = composed(experiment()).values()
    assert scenario == load("small-rural", overrides=["horizon.years=3", "horizon.warm_up_years=1"])
