"""One process at a time: the lock is held by a process, not by a file."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from reformsim.errors import OutputError
from reformsim.results.lock import NAME, locked

HOLD = """
import sys, time
from pathlib import Path
from reformsim.results.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_process_is_refused_and_told_who_has_it(tmp_path, holder):
    with pytest.raises(OutputError) as caught, locked(tmp_path):
        pytest.fail("two at once")
    text = str(caught.value)
    assert text.startswith(f"{tmp_path}: another process is writing to this folder")
    assert f"process {holder.pid} on" in text
    assert "nothing has been changed" in text


def test_a_killed_process_blocks_nobody(tmp_path, holder):
    holder.kill()
    holder.wait()
    assert (tmp_path / NAME).exists()
    with locked(tmp_path):
        assert str(os.getpid()) in (tmp_path / NAME).read_text()


def test_it_can_be_taken_again(tmp_path):
    for _ in range(2):
        with locked(tmp_path):
            pass


def test_a_folder_that_is_not_there(tmp_path):
    with (
        pytest.raises(OutputError, match="cannot be written: no such file"),
        locked(tmp_path / "x"),
    ):
        pass
