"""Folders and files: refused before any run starts, never half written, nothing lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commands import SMALL

from reformsim.errors import OutputError
from reformsim.writing import OutputFolder, check_file, replacing

RUN = ("run", "small-rural", *SMALL, "--workers", "1")
COMPARE = ("compare", "--district", "small-rural", "-n", "1", *SMALL, "--workers", "1")


@pytest.fixture(autouse=True)
def no_run_starts(monkeypatch, request):
    """Fail if a run starts, except in tests marked by their name."""
    if "force" not in request.node.name:

        def started(*_arguments, **_options):
            pytest.fail("a run started")

        monkeypatch.setattr("reformsim.running.jobs.run_many", started)


@pytest.mark.parametrize("command", [RUN, COMPARE])
class TestFolders:
    def test_not_empty(self, fails, tmp_path, command):
        mine = tmp_path / "out" / "mine.txt"
        mine.parent.mkdir()
        mine.write_text("mine")
        assert "not empty" in fails(*command, "--out", "out")
        assert [one.name for one in mine.parent.iterdir()] == ["mine.txt"]

    @pytest.mark.parametrize("folder", ["file", "file/below", "file/below/deeper"])
    def test_a_file_in_the_place(self, fails, tmp_path, command, folder):
        (tmp_path / "file").write_text("mine")
        for force in ((), ("--force",)):
            assert "is a file" in fails(*command, "--out", folder, *force)
        assert (tmp_path / "file").read_text() == "mine"

    def test_a_dangling_link_in_the_place(self, fails, tmp_path, command):
        (tmp_path / "link").symlink_to(tmp_path / "nowhere")
        assert "link" in fails(*command, "--out", "link")

    @pytest.mark.skipif(os.name != "posix", reason="takes away rights as Unix does")
    def test_no_permission(self, tmp_path, command):
        (tmp_path / "locked").mkdir(mode=0o500)
        program = [sys.executable, "-m", "reformsim", *command, "--out", "locked/out"]
        if os.geteuid() == 0:  # root may write everywhere, unless it gives up that right
            if shutil.which("setpriv") is None:
                pytest.skip("root cannot give up its rights without setpriv")
            program = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", *program]
        ran = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ran.returncode == 2, ran.stderr
        assert "locked/out: cannot be written" in ran.stderr
        assert "to do" not in ran.stderr  # no run starts

    def test_a_name_that_is_too_long(self, fails, command):
        assert "cannot be written" in fails(*command, "--out", "x" * 5000)

    def test_a_folder_where_a_file_goes_even_with_force(self, fails, tmp_path, command):
        (tmp_path / "out" / "series.csv").mkdir(parents=True)
        assert "is a folder" in fails(*command, "--out", "out", "--force")


def test_force_replaces_own_files_only(invoke, tmp_path):
    out = tmp_path / "out"
    (out / "figures").mkdir(parents=True)
    for name in ("mine.txt", "series.csv", "figures/mine.png"):
        (out / name).write_text("mine")
    assert invoke(*RUN, "--out", "out", "--force").code == 0
    assert (out / "mine.txt").read_text() == "mine"
    assert (out / "figures" / "mine.png").read_text() == "mine"
    assert (out / "series.csv").read_text() != "mine"
    assert not [one for one in out.rglob("*") if "part" in one.name]


def test_force_replaces_a_link_and_not_what_it_leads_to(invoke, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "out" / "series.csv").symlink_to(tmp_path / "mine.txt")
    assert invoke(*RUN, "--out", "out", "--force").code == 0
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert not (tmp_path / "out" / "series.csv").is_symlink()


def test_a_folder_within_that_is_a_link_is_refused(fails, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "pictures").mkdir()
    (tmp_path / "out" / "figures").symlink_to(tmp_path / "pictures")
    assert "figures: is a link" in fails(*COMPARE, "--out", "out", "--force")
    with pytest.raises(OutputError, match="is a link"):
        OutputFolder(tmp_path / "out", force=True).writing("figures/a.png").__enter__()
    assert list((tmp_path / "pictures").iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_device_or_pipe_is_never_replaced(fails, tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    assert "is not an ordinary file" in fails("graph", "--out", "pipe.png", "--force")
    with pytest.raises(OutputError, match="is not an ordinary file"):
        check_file(Path("/dev/null"), force=True)
    (tmp_path / "out").mkdir()
    os.mkfifo(tmp_path / "out" / "series.csv")
    assert "is not an ordinary file" in fails(*RUN, "--out", "out", "--force")
    assert (tmp_path / "pipe.png").is_fifo()


def test_nobody_else_can_guess_or_reach_the_temporary_file(tmp_path):
    tmp_path.chmod(0o777)
    with replacing(tmp_path / "a.txt") as temporary:
        aside = temporary.parent
        assert aside.parent == tmp_path
        if os.name == "posix":
            assert aside.stat().st_mode & 0o077 == 0
        temporary.write_text("whole")
        with replacing(tmp_path / "a.txt") as another:
            assert another.parent != aside
            another.write_text("other")
    assert (tmp_path / "a.txt").read_text() == "whole"
    assert [one.name for one in tmp_path.iterdir()] == ["a.txt"]


def test_a_file_is_whole_or_not_there(tmp_path):
    folder = OutputFolder(tmp_path / "out", force=False)
    path = tmp_path / "out" / "a.txt"
    with folder.writing("a.txt") as temporary:
        assert temporary.suffix == ".txt"
        temporary.write_text("whole")
        assert not path.exists()

    def fail_halfway():
        with folder.writing("a.txt") as temporary:
            temporary.write_text("hal")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert [one.name for one in path.parent.iterdir()] == ["a.txt"]
    assert path.read_text() == "whole"
    assert folder.written == ["a.txt"]


def test_a_full_disk_is_an_output_error(tmp_path):
    with pytest.raises(OutputError, match="no space left"), replacing(tmp_path / "a.txt"):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_single_files(tmp_path):
    path = tmp_path / "a.png"
    check_file(path, force=False)
    path.write_text("mine")
    check_file(path, force=True)
    with pytest.raises(OutputError, match="exists already"):
        check_file(path, force=False)
    with pytest.raises(OutputError, match="is a file"):
        check_file(path / "b.png", force=True)
    with pytest.raises(OutputError, match="is a folder"):
        check_file(tmp_path, force=True)
