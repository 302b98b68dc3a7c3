#!/usr/bin/env -S uv run --script

# /// script
# dependencies = ["nox>=2025.10.14"]
# ///
"""The checks of `make lint` and `make test` in environments of their own, on each Python."""

from __future__ import annotations

import nox

nox.needs_version = ">=2025.10.14"
nox.options.default_venv_backend = "uv|virtualenv"

EVERY_TEST = ("-m", "", "-n", "auto", "--maxprocesses", "4")
EVERY_TEST += ("--dist", "loadgroup", "--max-worker-restart", "0")  # as the Makefile has it
PYTHONS = nox.project.python_versions(nox.project.load_toml("pyproject.toml"))


def install(session: nox.Session) -> None:
    """Install the pinned versions, then the package."""
    session.install("--require-hashes", "-r", "requirements/dev.txt")
    session.install("--no-deps", "--no-build-isolation", "--editable", ".")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format, and the project's habits."""
    install(session)
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("sp-repo-review", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types."""
    install(session)
    session.run("mypy", *session.posargs)


@nox.session
def contracts(session: nox.Session) -> None:
    """Check which part of the package imports which."""
    install(session)
    session.run("lint-imports", *session.posargs)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run every test, the slow ones too; arguments after -- replace that choice."""
    install(session)
    session.run("pytest", *(session.posargs or EVERY_TEST))


@nox.session
def uncompiled(session: nox.Session) -> None:
    """Compare the engines with the compiler switched off."""
    install(session)
    switches = {"NUMBA_DISABLE_JIT": "1", "REFORMSIM_EXAMPLES": "3"}
    session.run("pytest", "tests/engines/test_exactness.py", env=switches)


@nox.session(default=False)
def build(session: nox.Session) -> None:
    """Build the source package and, from it, the wheel."""
    install(session)
    session.run("python", "-m", "build", "--no-isolation")


if __name__ == "__main__":
    nox.main()
