"""What can go wrong with an experiment, done for real: killed, interrupted, a full disk, a dead worker.

After each of them the tables are those of an experiment that nothing happened to.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest
from kills import PROGRAM, kill, left_alone, run_it
from signals import heed_signals
from tiny import RUNS, assert_same_tables, tables_of, tiny

from reformsim.errors import OutputError
from reformsim.experiments.experiment import StoredExperiment
from reformsim.results import store

pytestmark = pytest.mark.slow

KILLS = 10
"""`make kills` does sixty."""


@pytest.fixture
def start():
    """Starts the program, in a group of processes of its own as a shell does."""
    heed_signals()
    with ExitStack() as stack:

        def begin(*arguments):
            process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, *map(str, arguments)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)  # what a test that failed has left behind
            return process

        yield begin


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The larger experiment, with nothing that happened to it."""
    return left_alone(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own with little room."""
    place = tmp_path / "disk"
    place.mkdir()
    try:
        mount(place, "size=120k")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no file system can be mounted here: that takes root")
    yield place
    subprocess.run(["umount", place], check=True)


def mount(place, options):
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", place]
    subprocess.run(command, check=True, capture_output=True)


def test_killed_at_random_moments_with_every_executor(whole, tmp_path):
    done = kill(KILLS, 4, tmp_path, whole)
    assert sum(done.by_executor.values()) == KILLS
    assert max(done.by_executor.values()) - min(done.by_executor.values()) <= 1
    assert done.early < KILLS


@pytest.mark.parametrize(
    ("executor", "how"),
    [("threads", signal.SIGINT), ("threads", signal.SIGTERM), ("dask", signal.SIGINT)],
)
def test_interrupted_it_stores_what_is_finished_and_says_how_to_go_on(
    whole, tmp_path, start, executor, how
):
    if executor == "dask":
        pytest.importorskip("distributed")
    folder = tmp_path / "out"
    process = start(*run_it(folder, "--executor", executor))
    assert "runs to do" in process.stderr.readline()
    while process.poll() is None and not store.parts(folder):
        time.sleep(0.01)
    assert process.poll() is None, process.stderr.read()
    if how == signal.SIGINT:
        os.killpg(process.pid, how)  # a terminal sends Ctrl-C to the workers too
    else:
        process.send_signal(how)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 128 + how, err
    assert "Traceback" not in err
    found = StoredExperiment(folder).status()
    assert 0 < found.done < found.planned
    assert f"{found.done} of {found.planned} runs are stored" in out
    assert f"Continue with: reformsim experiment resume {folder}" in out
    assert not list(folder.rglob("*.part"))
    assert StoredExperiment(folder).resume().complete
    assert_same_tables(folder, whole)


def test_two_processes_do_not_work_on_one_folder(whole, tmp_path, start):
    folder = tmp_path / "out"
    first = start(*run_it(folder))
    assert "runs to do" in first.stderr.readline()
    first.send_signal(signal.SIGSTOP)  # or it might be done before the second one has begun
    second = start("experiment", "resume", folder)
    _, err = second.communicate(timeout=120)
    first.send_signal(signal.SIGCONT)
    assert second.returncode == 2
    assert f"Error: {folder}: another process is writing to this folder" in err
    assert f"process {first.pid} on" in err
    assert first.communicate(timeout=120)[0]
    assert first.returncode == 0
    assert_same_tables(folder, whole)


def test_a_disk_that_is_full(whole, tmp_path, small_disk, start):
    folder = small_disk / "out"
    process = start(*run_it(folder))
    _, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "cannot be written: no space left on device" in err
    assert (
        f"what is stored is safe; make it writable or free some space, then: reformsim experiment resume {folder}"
        in err
    )
    found = StoredExperiment(folder).status()
    assert found.notes == ()
    assert found.done > 0
    before = set(tables_of(folder)["runs"]["run"])
    mount(small_disk, "remount,size=20m")
    assert StoredExperiment(folder).resume().complete
    assert before <= set(tables_of(folder)["runs"]["run"])
    assert_same_tables(folder, whole)


def test_a_folder_that_cannot_be_written_to(tmp_path, small_disk):
    folder = small_disk / "out"
    StoredExperiment(folder).run(tiny(tmp_path))
    mount(small_disk, "remount,ro")
    assert StoredExperiment(folder).status().complete
    assert len(tables_of(folder)["runs"]) == RUNS
    with pytest.raises(OutputError, match=r"lock: cannot be written: read-only file system"):
        StoredExperiment(folder).extend(replicates=5)
    with pytest.raises(OutputError, match=r"new: cannot be written: read-only file system"):
        StoredExperiment(small_disk / "new").run(tiny(tmp_path))
    with pytest.raises(OutputError, match=r"cannot be written: read-only file system"):
        StoredExperiment(folder).rerun(tables_of(folder)["runs"]["run"].iloc[0])
    mount(small_disk, "remount,rw,size=20m")
    assert StoredExperiment(folder).extend(replicates=5).complete
