"""A real Dask cluster, and what can happen to it: its workers die, it goes, or was never there."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing, suppress

import psutil
import pytest
from deadly import Deadly
from tiny import assert_same_tables, tiny, tiny_file

from reformsim.errors import ReformsimError
from reformsim.experiments.experiment import Options, StoredExperiment
from reformsim.experiments.plan import Plan
from reformsim.experiments.rows import Wanted
from reformsim.experiments.streaming import stream
from reformsim.results import store
from reformsim.running import cluster
from reformsim.running.cluster import Dask

pytestmark = pytest.mark.slow
distributed = pytest.importorskip("distributed")

REPLICATES = 100
STOP = threading.Event()


@pytest.fixture
def existing():
    """Return what starts a cluster that was there before, with so many workers."""
    clusters = []

    def start(workers):
        clusters.append(
            distributed.LocalCluster(
                n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:0"
            )
        )
        return clusters[-1]

    yield start
    for one in clusters:
        one.close()


def batch_of(folder, **changes):
    """Return the first batch of a tiny experiment, and what is wanted of it."""
    plan = Plan(tiny(folder))
    return next(plan.batches())._replace(**changes), Wanted.by(plan.experiment, plan.varied)


def rows_of(pool, batch, wanted):
    """Return the rows of a batch that a pool carries out."""
    (rows,) = stream([batch], pool, wanted, STOP)
    return rows


def workers_from_here():
    """Return the worker processes that were started from here and live."""
    workers = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # a zombie is one too
            if "spawn_main" in " ".join(process.cmdline()):
                workers.append(process)
    return workers


def test_a_worker_process_that_is_killed(tmp_path):
    killed: list = []

    def kill_one(done, _planned):
        if done and not killed:
            worker = workers_from_here()[0]
            worker.kill()
            killed.append(worker.pid)

    definition = tiny(tmp_path, f"replicates={REPLICATES}")
    StoredExperiment(tmp_path / "whole").run(definition)
    options = Options(workers=2, executor="dask", on_progress=kill_one)
    found = StoredExperiment(tmp_path / "out").run(definition, options)
    assert killed
    assert found.complete
    assert found.failed == 0
    assert_same_tables(tmp_path / "out", tmp_path / "whole")
    assert not workers_from_here()


def test_a_run_under_which_workers_die_becomes_a_row(tmp_path):
    batch, wanted = batch_of(tmp_path)
    deadly = batch.runs[1]._replace(varied={"levers.span_of_control": Deadly()})
    with closing(Dask(None, 2)) as pool:
        batch = batch._replace(runs=(batch.runs[0], deadly, batch.runs[2]))
        rows = rows_of(pool, batch, wanted)
    errors = {row[6]: row[11] for row in rows.runs}
    assert errors.pop(deadly.id) == "the worker processes that had it died"
    assert len(errors) == 2
    assert set(errors.values()) == {None}


def test_workers_that_dask_gives_up_are_started_again(tmp_path, monkeypatch):
    import dask

    monkeypatch.setattr(cluster, "SECONDS_BETWEEN_LOOKS", 0.5)
    batch, wanted = batch_of(tmp_path)
    impatient = dask.config.set({"distributed.deploy.lost-worker-timeout": "0.2s"})
    with impatient, closing(Dask(None, 1)) as pool:
        assert pool._cluster is not None
        (nanny,) = pool._cluster.workers.values()
        pool._cluster.sync(nanny.close)
        assert not pool._client.nthreads()
        rows = rows_of(pool, batch, wanted)
    assert len(rows.runs) == len(batch.runs)


def test_a_cluster_without_workers_is_given_up(tmp_path, monkeypatch, existing):
    monkeypatch.setattr(cluster, "SECONDS_BETWEEN_LOOKS", 0.2)
    monkeypatch.setattr(cluster, "SECONDS_WITHOUT_WORKERS", 1.0)
    batch, wanted = batch_of(tmp_path)
    their = existing(1)
    with closing(Dask(their.scheduler_address, None)) as pool:
        their.scale(0)
        their.sync(their._correct_state)
        with pytest.raises(ReformsimError, match="no workers left; found none for 1 seconds"):
            rows_of(pool, batch, wanted)


def test_a_cluster_that_goes_loses_nothing_finished(tmp_path, existing):
    their, folder = existing(1), tmp_path / "out"
    definition = tiny(tmp_path, f"replicates={REPLICATES}")

    def close(done, _planned):
        if done:
            their.close()

    options = Options(executor="dask", scheduler=their.scheduler_address, on_progress=close)
    with pytest.raises(ReformsimError, match="the Dask cluster has gone"):
        StoredExperiment(folder).run(definition, options)
    assert 0 < StoredExperiment(folder).status().done < definition.replicates
    assert StoredExperiment(folder).resume().complete
    StoredExperiment(tmp_path / "whole").run(definition)
    assert_same_tables(folder, tmp_path / "whole")


def test_a_cluster_that_was_there_before_is_still_there(existing):
    their = existing(1)
    Dask(their.scheduler_address, None).close()
    with distributed.Client(their) as client:
        assert client.submit(sum, [1, 2]).result() == 3


def test_a_local_cluster_beside_another_program_with_the_port_of_dask():
    with socket.socket() as other:
        with suppress(OSError):  # taken by somebody else is as good
            other.bind(("127.0.0.1", 8787))
            other.listen()
        Dask(None, 1).close()  # that it takes another port would be a warning: an error here


def test_a_scheduler_that_dies_leaves_one_line(tmp_path):
    folder, address = tmp_path / "out", f"tcp://127.0.0.1:{free_port()}"
    words = ["--no-dashboard", "--host", "127.0.0.1"]
    with ExitStack() as stack:
        port = address.rpartition(":")[2]
        scheduler = start(stack, "distributed.cli.dask_scheduler", *words, "--port", port)
        start(stack, "distributed.cli.dask_worker", address, *words, "--nthreads", "1")
        ours = ["--set", "replicates=1000000", "--executor", "dask", "--scheduler", address]
        run: list = [sys.executable, "-m", "reformsim", "experiment", "run", tiny_file(tmp_path)]
        process = subprocess.Popen(
            [*run, *ours, "--out", folder],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        stack.callback(process.kill)
        while process.poll() is None and not store.parts(folder):
            time.sleep(0.1)
        scheduler.kill()
        out, err = process.communicate(timeout=120)
        again = subprocess.run(
            [*run, *ours, "--out", tmp_path / "no"], capture_output=True, text=True, check=False
        )
    assert (process.returncode, out) == (2, "")
    assert err.splitlines() == [
        "6,000,000 of 6,000,000 runs to do",
        (
            "Error: the Dask cluster has gone; found the connection to its scheduler was lost (what was"
            f" finished is stored; then: reformsim experiment resume {folder})"
        ),
    ]
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr == (
        f"Error: {address}: no Dask scheduler answers (start one with: dask scheduler)\n"
    )


def start(stack, module, *words):
    """Start a program of Dask, and end it when a test does."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    stack.enter_context(process)
    stack.callback(os.killpg, process.pid, signal.SIGKILL)
    return process


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("tcp://10.0.0.1:8786", True),
        ("node7:8786", True),
        ("tls://10.0.0.1:8786", False),
        ("tcp://127.0.0.1:8786", False),
        ("tcp://localhost:8786", False),
        ("tcp://[::1]:8786", False),
    ],
)
def test_a_cluster_that_others_can_reach_is_told(address, expected):
    assert cluster.is_open(address) is expected


def test_a_cluster_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "SECONDS_TO_CONNECT", 1)
    options = Options(executor="dask", scheduler="tcp://127.0.0.1:9")
    with pytest.raises(ReformsimError, match=r"tcp://127.0.0.1:9: no Dask scheduler answers"):
        StoredExperiment(tmp_path / "out").run(tiny(tmp_path), options)


def test_without_dask_the_command_to_install_it_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ReformsimError) as caught:
        StoredExperiment(tmp_path / "out").run(tiny(tmp_path), Options(executor="dask"))
    assert str(caught.value) == (
        "Dask is not installed (install it with: pip install 'reformsim[cluster]')"
    )
