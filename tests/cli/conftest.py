"""What the tests of the command line share: running it, and a district small enough to be quick."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from reformsim.cli import main


@dataclass(frozen=True)
class Ran:
    """What one command left: its exit code and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def invoke(capsys, monkeypatch, tmp_path):
    """Run `reformsim` with arguments, in an empty folder, as if its output went to a file."""
    monkeypatch.chdir(tmp_path)
    for name in ("FORCE_COLOR", "GITHUB_ACTIONS", "PY_COLORS", "REFORMSIM_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments):
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return run


@pytest.fixture
def fails(invoke):
    """Run a command that must fail: exit code 2, nothing on stdout, no traceback; return stderr."""

    def run(*arguments):
        ran = invoke(*arguments)
        assert ran.code == 2, ran
        assert ran.out == ""
        assert "Traceback" not in ran.err
        return ran.err

    return run
