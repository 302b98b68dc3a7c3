"""Figures are the same whatever the user's settings for matplotlib, and whatever state they are in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUBBISH = bytes(range(255, 0, -1)) * 9
SETTINGS = b"""text.usetex: True
backend: nonsense
axes.formatter.use_mathtext: True
text.parse_math: True
font.size: 40
no.such.key: 3
"""
DRAW = """
import hashlib
from reformsim.figures import png_bytes
from reformsim.figures.layout import finished
from reformsim.figures.style import grid, new_figure

@finished
def draw():
    figure = new_figure(3, 3)
    ax = grid(figure, 1, 1)[0][0]
    ax.plot([1, 1e-7])
    ax.set_title("Between $5 and 10% of $100")
    return figure

print(hashlib.sha256(png_bytes(draw())).hexdigest())
"""


def drawn(folder, **variables):
    """Return what a process of its own draws in a folder, and what it says."""
    environment = {
        name: value for name, value in os.environ.items() if name[:3] not in {"MPL", "MAT"}
    }
    done = subprocess.run(
        [sys.executable, "-c", DRAW],
        cwd=folder,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return drawn(tmp_path_factory.mktemp("usual"))


def test_a_backend_that_does_not_exist(tmp_path, usual):
    assert drawn(tmp_path, MPLBACKEND="nonsense") == usual


@pytest.mark.parametrize("content", [RUBBISH, SETTINGS], ids=["rubbish", "settings"])
def test_a_file_of_settings(tmp_path, usual, content):
    (tmp_path / "matplotlibrc").write_bytes(content)
    (tmp_path / "else").mkdir()
    # By its name, and because it lies in the current folder.
    assert drawn(tmp_path / "else", MATPLOTLIBRC=str(tmp_path / "matplotlibrc")) == usual
    assert drawn(tmp_path) == usual


def test_a_pipe_given_as_settings_is_not_waited_for(tmp_path, usual):
    os.mkfifo(tmp_path / "matplotlibrc")
    assert drawn(tmp_path) == usual


def test_a_users_style_that_cannot_be_read(tmp_path, usual):
    (tmp_path / "stylelib").mkdir()
    (tmp_path / "stylelib" / "mine.mplstyle").write_bytes(RUBBISH)
    assert drawn(tmp_path, MPLCONFIGDIR=str(tmp_path)) == usual


def test_a_folder_of_settings_that_cannot_be_written(tmp_path, usual):
    (tmp_path / "file").write_text("in the way")
    assert drawn(tmp_path, MPLCONFIGDIR=str(tmp_path / "file" / "settings")) == usual


def test_the_users_settings_stay_for_what_the_user_draws(tmp_path):
    (tmp_path / "matplotlibrc").write_text("font.size: 33\n")
    shown = subprocess.run(
        [
            sys.executable,
            "-c",
            "import reformsim.figures, matplotlib; print(matplotlib.rcParams['font.size'])",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout
    assert shown == "33.0\n"


def test_the_program_forgets_them_before_it_draws(monkeypatch):
    from reformsim.cli.app import run_program

    monkeypatch.setenv("MPLBACKEND", "nonsense")
    monkeypatch.setenv("MATPLOTLIBRC", str(Path(__file__)))
    assert run_program(["--version"]) == 0
    assert "MPLBACKEND" not in os.environ
    assert os.environ["MATPLOTLIBRC"] == os.devnull
