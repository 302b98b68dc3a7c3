"""Batches are short and small whatever is swept, and how they are cut shows in no number."""

from __future__ import annotations

import threading
import weakref
from itertools import islice
from types import SimpleNamespace

import numpy as np
import pytest
from districts import WEB, small
from grid import PIPELINE, experiment
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import assert_same_tables, tiny

from reformsim.analysis import run_measures
from reformsim.engines import memory, simulate
from reformsim.engines.compiled import engine
from reformsim.errors import ReformsimError
from reformsim.experiments import plan as plan_module
from reformsim.experiments import rows, size, streaming
from reformsim.experiments.definition import Definition, Design, Outcomes, Range, Series
from reformsim.experiments.design import points
from reformsim.experiments.experiment import StoredExperiment
from reformsim.experiments.plan import Plan
from reformsim.experiments.rows import Wanted, simulate_batch
from reformsim.experiments.runner import Runner
from reformsim.running.jobs import jobs_of
from reformsim.scenario.schema import Horizon
from reformsim.studies.sensitivity_runs import Effort, check

EIGHT = tuple(number / 8 for number in range(8))
SWEPT = ("pipeline", "design_work", "mentor_share", "launch_focus")


def sweep(**changes):
    """4,096 sets of levers, each twice."""
    sweeping = {
        "title": "A sweep",
        "strategies": ("web_of_support",),
        "replicates": 2,
        "levers": {f"levers.{name}": EIGHT for name in SWEPT},
    }
    return Definition.model_validate({**sweeping, **changes})


class TestCuts:
    def test_the_first_batch_of_a_sweep_of_levers_is_there_at_once(self, monkeypatch):
        plan, made = Plan(sweep()), []
        real = Plan._template

        def counted(*given):
            made.append(1)
            return real(*given)

        monkeypatch.setattr(Plan, "_template", counted)
        first = next(plan.batches())
        assert len(first.runs) == size.MOST_WORK // (3278 * 240) == 25
        assert len(made) == 25 + 1
        assert plan.count_batches() == 2 * -(-4096 // 25)

    @pytest.mark.parametrize(
        "changes",
        [
            {"horizon": {"years": 1, "warm_up_years": 1}},
            {"horizon": {"years": 100, "warm_up_years": 20}},
            {"outcomes": {"agents": True, "series": {"every": 1}}},
            {"outcomes": {"series": {"every": 1}}},
            {"uncertainties": {"district.teachers": (3200, 400_000)}},
        ],
        ids=lambda changes: next(iter(changes)),
    )
    def test_whatever_is_asked_for_a_batch_is_short_and_small(self, changes):
        one = sweep(**changes)
        plan = Plan(one)
        for batch in (*islice(plan.batches(), 3), *islice(plan.batches(), 400, 403)):
            district, months = (
                batch.reference.scenario.district,
                12 * sum(one.horizon.model_dump().values()),
            )
            sizes = np.array([district.schools]), np.array([district.teachers])
            work, kept = size.size_of(*sizes, months, one.outcomes)
            runs = len(batch.runs)
            assert runs == 1 or runs * work <= size.MOST_WORK
            assert runs == 1 or runs * kept <= size.MOST_BYTES
            assert runs <= size.MOST_RUNS

    @settings(max_examples=12, deadline=None)
    @given(
        st.integers(1, 5),
        st.integers(1, 3),
        st.sampled_from(["grid", "latin-hypercube", "one-at-a-time"]),
        st.booleans(),
    )
    def test_the_runs_are_the_same_and_the_count_is_right(self, most, replicates, kind, by_work):
        values: dict = {"levers.pilot_months": (0, 6, 12), "levers.pipeline": (0.0, 0.5)}
        if kind == "latin-hypercube":
            values = {
                name: Range(low=0, high=1) for name in ("levers.pipeline", "levers.mentor_share")
            }
        drawn: dict = {"points": 7} if kind == "latin-hypercube" else {}
        uncertain = {"conditions.shock_rate": Range(low=0.01, high=0.1) if drawn else (0.01, 0.1)}
        one = experiment(
            levers=values,
            uncertainties=uncertain,
            design=Design(kind=kind, **drawn),
            replicates=replicates,
        )
        whole = {run for batch in Plan(one).batches() for run in ids_of(batch)}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(size, "MOST_RUNS", 128 if by_work else most)
            patch.setattr(plan_module, "MOST_RUNS", 128 if by_work else most)
            patch.setattr(size, "MOST_WORK", 146 * 48 * most if by_work else 1e12)
            plan = Plan(one)
            cut = list(plan.batches())
            assert plan.count_batches() == len(cut)
        assert all(len(batch.runs) <= most for batch in cut)
        assert len(plan) == sum(len(batch.runs) for batch in cut)
        assert {run for batch in cut for run in ids_of(batch)} == whole

    @pytest.mark.parametrize("by_work", [False, True])
    def test_the_tables_are_the_same(self, by_work, monkeypatch, tmp_path):
        StoredExperiment(tmp_path / "whole").run(tiny(tmp_path))
        monkeypatch.setattr(size, "MOST_WORK" if by_work else "MOST_RUNS", 1)
        if not by_work:
            monkeypatch.setattr(plan_module, "MOST_RUNS", 1)
        assert Plan(tiny(tmp_path)).count_batches() == 24
        StoredExperiment(tmp_path / "cut").run(tiny(tmp_path))
        assert_same_tables(tmp_path / "cut", tmp_path / "whole")


def ids_of(batch):
    return {(run.id, batch.reference.id) for run in batch.runs}


class TestOneBatch:
    def first_of(self, folder):
        plan = Plan(tiny(folder))
        return next(plan.batches()), Wanted.by(plan.experiment, plan.varied)

    def test_no_more_is_kept_of_a_run_than_its_rows(self, tmp_path, monkeypatch):
        plan = Plan(experiment(levers={PIPELINE: tuple(n / 20 for n in range(20))}))
        batch, wanted = next(plan.batches()), Wanted.by(plan.experiment, plan.varied)
        alive, most, real = [], [0], run_measures

        def measured(result, reference):
            alive.append(weakref.ref(result.district["leadership"]))
            most[0] = max(most[0], sum(one() is not None for one in alive))
            return real(result, reference)

        monkeypatch.setattr(rows, "run_measures", measured)
        assert len(simulate_batch(batch, wanted).runs) == 21
        assert most[0] <= 3

    def test_the_reference_of_the_last_batch_is_not_done_again(self, tmp_path, monkeypatch):
        batch, wanted = self.first_of(tmp_path)
        done, real = [], Runner._outcome

        def counted(runner, run):
            done.append(run.id)
            return real(runner, run)

        monkeypatch.setattr(Runner, "_outcome", counted)
        runner = Runner()
        parts = [batch._replace(runs=(run,)) for run in batch.runs]
        apart = [row for part in parts for row in simulate_batch(part, wanted, runner).runs]
        assert sorted(done) == sorted(run.id for run in batch.runs)
        assert repr(apart) == repr(simulate_batch(batch, wanted).runs)  # some are NaN

    def test_once_stopped_it_hands_over_what_has_ended(self, tmp_path, monkeypatch):
        batch, wanted = self.first_of(tmp_path)
        stop, real = threading.Event(), run_measures

        def stopping(*given):
            stop.set()
            return real(*given)

        monkeypatch.setattr(rows, "run_measures", stopping)
        found = simulate_batch(batch, wanted, Runner(stop))
        assert len(found.runs) == 1
        assert simulate_batch(batch, wanted, Runner(stop)).runs == []

    def test_a_long_run_is_stopped_within_itself(self, monkeypatch):
        monkeypatch.setattr(engine, "AT_ONCE", 1)
        seen = []

        def heed(done, total):
            seen.append((done, total))
            if done == 7:
                raise InterruptedError

        with pytest.raises(InterruptedError):
            simulate(small(), 1, 0, progress=heed)
        assert seen == [(done, seen[0][1]) for done in range(1, 8)]


@pytest.mark.parametrize("at_once", [1, 1000, 5000])
def test_lived_through_in_pieces_a_run_is_the_same(at_once, monkeypatch):
    scenario = small(levers=WEB)
    whole = simulate(scenario, 5, 2)
    monkeypatch.setattr(engine, "AT_ONCE", at_once)
    apart = simulate(scenario, 5, 2)
    for kind in ("district", "schools", "costs"):
        for name, values in getattr(whole, kind).items():
            np.testing.assert_array_equal(getattr(apart, kind)[name], values)
    assert apart.events == whole.events


class TestWindow:
    def in_flight(self, share, size_in_bytes, monkeypatch, free=1e9):
        """Return how many of such batches two workers are given before the first has ended."""
        monkeypatch.setattr(memory, "available", lambda: free)
        given = []

        def submit(_function, batch, *_others):
            given.append(batch)
            return SimpleNamespace(result=lambda: None)

        pool = SimpleNamespace(workers=2, shares_memory=True, submit=submit)
        wanted = Wanted.by(experiment(), ())
        batches: list = [SimpleNamespace(share=share, bytes=size_in_bytes)] * 100
        next(streaming.stream(batches, pool, wanted, threading.Event()))
        return len(given)

    def test_small_batches_are_many(self, monkeypatch):
        assert self.in_flight(0.01, 1e3, monkeypatch) == 16

    def test_those_that_take_a_second_are_few(self, monkeypatch):
        assert self.in_flight(1.0, 1e3, monkeypatch) == 4

    def test_those_that_are_large_are_as_many_as_fit(self, monkeypatch):
        assert self.in_flight(0.01, 2e8, monkeypatch) == 2
        assert self.in_flight(0.01, 9e9, monkeypatch) == 1


class TestRefused:
    def test_a_run_that_does_not_fit_before_anything_is_made(self, tmp_path, monkeypatch):
        monkeypatch.setattr(memory, "available", lambda: 80_000_000)
        one = sweep(outcomes=Outcomes(agents=True, series=Series(every=1)))
        with pytest.raises(ReformsimError) as caught:
            StoredExperiment(tmp_path / "out").run(one)
        (problem,) = caught.value.problems
        assert problem.message.startswith("too large for the memory of this machine: ")
        assert problem.found.endswith(
            "needed for one run and its reference, with every agent's state"
        )
        assert problem.hint == (
            "try fewer schools or teachers, fewer years or more months between two states"
        )
        assert not (tmp_path / "out").exists()

    def test_the_largest_point_counts(self, tmp_path, monkeypatch):
        monkeypatch.setattr(memory, "available", lambda: 80_000_000)
        one = sweep(uncertainties={"district.teachers": (3200, 1_000_000)})
        with pytest.raises(ReformsimError, match="1,000,000 teachers"):
            StoredExperiment(tmp_path / "out").run(one)

    def test_a_million_replicates_before_a_list_of_them_is_made(self, monkeypatch):
        made = []
        monkeypatch.setattr("reformsim.running.jobs.Job", lambda *_: made.append(1))
        with pytest.raises(ReformsimError, match="records of 100,000,000;"):
            jobs_of([small()] * 100, 1, 1_000_000, workers=2)
        assert made == []

    @pytest.mark.parametrize(
        ("levers", "design"),
        [
            ({f"levers.{name}": tuple(n / 1000 for n in range(1000)) for name in SWEPT}, {}),
            (
                {f"levers.{name}": {"low": 0, "high": 1} for name in SWEPT},
                {"kind": "saltelli", "points": 2**18},
            ),
            (
                {f"levers.{name}": {"low": 0, "high": 1} for name in SWEPT},
                {"kind": "morris", "points": 500_000},
            ),
        ],
        ids=["grid", "saltelli", "morris"],
    )
    def test_a_design_of_too_many_points(self, levers, design):
        with pytest.raises(ValueError, match=r"has too many points; found [12].* allowed: at most"):
            sweep(levers=levers, design=design)

    def test_a_design_that_follows_from_another_is_refused_before_the_first_is_begun(self):
        base = experiment(
            strategies=("status_quo", "web_of_support", "external_coaching"), levers={}
        )
        check(base, Effort())
        with pytest.raises(ReformsimError, match="has too many points"):
            check(base, Effort(trajectories=1_000_000))
        huge = base.model_copy(update={"design": Design(kind="sobol", points=2**19)})
        ranges = {f"coefficients.{n}": Range(low=0, high=1) for n in range(30)}
        with pytest.raises(ReformsimError, match="524,288 points for 30 parameters"):
            points(huge.model_copy(update={"uncertainties": ranges}))

    def test_of_a_million_points_that_do_not_fit_a_few_are_named(self):
        one = experiment(
            uncertainties={"district.schools": Range(low=200, high=10_000)},
            design=Design(kind="sobol", points=2**14),
            levers={},
            horizon=Horizon(years=1, warm_up_years=1),
        )
        with pytest.raises(ReformsimError) as caught:
            Plan(one)
        assert len(caught.value.problems) == plan_module.MOST_PROBLEMS
