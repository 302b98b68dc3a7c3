"""Many runs: in order, whole, the same with any number of workers, and failing by name."""

from __future__ import annotations

import os
import threading
import time
from typing import cast

import numpy as np
import pytest

from reformsim.engines import simulate
from reformsim.errors import ReformsimError
from reformsim.running import jobs as execution
from reformsim.running import pools
from reformsim.running.jobs import Job, RunError, run_many
from reformsim.scenario.loading import load

SHORT = ["horizon.years=1", "horizon.warm_up_years=1"]


@pytest.fixture(scope="module")
def jobs():
    small = load("small-rural", overrides=SHORT)
    longer = load("small-rural", "web_of_support", overrides=[*SHORT, "horizon.years=3"])
    return [Job(longer, 1, 0), Job(small, 1, 0), Job(small, 2, 1), Job(longer, 1, 1)]


def same(one, other):
    assert one.scenario == other.scenario
    assert (one.seed, one.replicate) == (other.seed, other.replicate)
    for name, values in one.district.items():
        np.testing.assert_array_equal(values, other.district[name])
    for name, values in one.schools.items():
        np.testing.assert_array_equal(values, other.schools[name])
    assert one.events == other.events


@pytest.fixture(scope="module")
def results(jobs):
    return run_many(jobs, workers=1)


def test_results_come_in_the_order_of_the_jobs(jobs, results):
    assert [(one.scenario, one.seed, one.replicate) for one in results] == [job[:3] for job in jobs]


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_the_number_of_workers_changes_nothing(engine, jobs, results):
    done: list = []
    progress: list = []
    found = run_many(jobs, 2, done.append, lambda *months: progress.append(months), engine)
    for one, other in zip(found, results, strict=True):
        same(one, other)
    assert len(done) == len(jobs)
    assert {id(one) for one in done} == {id(one) for one in found}
    total = sum(job.months for job in jobs)
    assert {months for _, months in progress} == {total}
    assert progress[-1] == (total, total)


def test_progress_of_runs_done_here(jobs):
    done: list = []
    progress: list = []
    run_many(jobs[1:3], 1, done.append, lambda *months: progress.append(months), engine="reference")
    assert progress == [(month, 48) for month in range(1, 49)]
    assert [one.seed for one in done] == [1, 2]


def test_an_alias_of_an_engine_is_that_engine(jobs):
    scenario, seed, replicate = jobs[0][:3]
    alone = simulate(scenario, seed, replicate, "mesa")
    assert alone.engine == "reference"
    (one,) = run_many(jobs[:1], engine="mesa")
    assert one.engine == "reference"
    same(one, alone)


def test_plain_tuples_will_do(jobs):
    (one,) = run_many([cast("Job", tuple(jobs[1]))])
    assert one.seed == 1


def test_no_jobs():
    assert run_many([]) == []


def test_workers_are_at_least_one(jobs):
    with pytest.raises(ReformsimError, match="at least 1"):
        run_many(jobs, 0)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_fails_is_named_with_its_cause(monkeypatch, jobs, workers):
    # The engine itself cannot be broken from here in another process, a scenario can: behind its
    # back, as every copy is checked.
    broken = jobs[1].scenario.model_copy()
    broken.__dict__["coefficients"] = None
    done: list = []
    with pytest.raises(RunError) as failure:
        run_many([jobs[1], Job(broken, 7, 3), jobs[2]], workers, done.append)
    assert "small-rural / stable / status_quo, seed 7, replicate 3" in str(failure.value)
    assert isinstance(failure.value.__cause__, AttributeError)
    assert len(done) <= 2


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_user_can_put_right_is_no_fault_of_the_program(jobs, workers, tmp_path):
    survey = tmp_path / "ties.csv"
    survey.write_text("source,target,kind\na,b,advice\n")
    district = jobs[1].scenario.district.model_copy(update={"network": str(survey)})
    scenario = jobs[1].scenario.model_copy(update={"district": district})
    with pytest.raises(ReformsimError) as failure:
        run_many([Job(scenario, 0, 0), jobs[1]], workers)
    assert not isinstance(failure.value, RunError)
    assert len(failure.value.problems) == 2
    assert all("replicate 0: " in str(problem) for problem in failure.value.problems)


def test_when_a_run_fails_the_others_are_stopped_in_their_midst(monkeypatch, jobs):
    begun, ended = threading.Event(), []

    def simulated(_engine, job, progress):
        if job == jobs[0]:
            assert begun.wait(30)
            raise ValueError("broke")
        begun.set()
        for month in range(600):
            progress(month, 600)
            time.sleep(0.05)
        ended.append(job)

    monkeypatch.setattr(execution, "_simulated", simulated)
    with pytest.raises(RunError, match="broke"):
        run_many(jobs[:2], 2)
    assert not ended


def test_an_interrupt_passes_on(jobs):
    def interrupt(_result):
        raise KeyboardInterrupt

    for workers in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            run_many(jobs, workers, interrupt)


def die(*_arguments):
    """End the process as the system does when memory runs out."""
    os._exit(9)


def test_a_worker_that_is_killed_is_no_silent_loss(monkeypatch, jobs):
    monkeypatch.setattr(execution, "_in_process", die)
    with pytest.raises(RunError, match="worker process ended"):
        run_many(jobs, 2, engine="reference")


def test_a_worker_that_is_killed_while_jobs_are_handed_out_is_told_by_the_name_of_one(
    monkeypatch, jobs
):
    submit = pools.Processes.submit

    def submit_to_the_dead(pool, _function, *arguments):
        pending = submit(pool, die)
        with pytest.raises(pools.WorkerDied):
            pending.result()
        return submit(pool, _function, *arguments)

    monkeypatch.setattr(pools.Processes, "submit", submit_to_the_dead)
    with pytest.raises(RunError, match=r"replicate 0: a worker process ended .*fewer --workers"):
        run_many(jobs, 2, engine="reference")
