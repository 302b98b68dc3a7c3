"""The commit in a manifest is that of the package's own checkout, and finding it runs nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import reformsim
from reformsim.results import checkout as module
from reformsim.results.checkout import checkout, checkout_of

OURS = Path(reformsim.__file__).parents[1]
posix = pytest.mark.skipif(os.name != "posix", reason="the programs here are shell scripts")
needs_git = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")


def known(folder):
    """What is known of a folder that is a checkout."""
    described = checkout_of(folder)
    assert described is not None
    return described


def git(folder, *arguments):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    words = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    ran = subprocess.run(
        [*words, *arguments], cwd=folder, env=clean, check=True, capture_output=True, text=True
    )
    return ran.stdout.strip()


@pytest.fixture
def repository(tmp_path):
    """A repository with one commit that looks like the package's."""
    root = tmp_path / "checkout"
    (root / "reformsim").mkdir(parents=True)
    (root / "reformsim/__init__.py").write_text("")
    (root / "README.md").write_text("a")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-qm", "First")
    return root


@needs_git
class TestARepository:
    def test_its_commit(self, repository):
        commit = git(repository, "rev-parse", "HEAD")
        assert checkout_of(repository) == {"commit": commit, "dirty": False}

    @pytest.mark.parametrize("how", ["packed", "detached"])
    def test_its_commit_however_it_is_kept(self, repository, how):
        commit = git(repository, "rev-parse", "HEAD")
        if how == "packed":
            git(repository, "pack-refs", "--all")
            assert not (repository / ".git/refs/heads/main").exists()
        else:
            git(repository, "checkout", "-q", "--detach")
        assert checkout_of(repository) == {"commit": commit, "dirty": False}

    @pytest.mark.parametrize("packed", [False, True])
    def test_of_a_worktree(self, repository, tmp_path, packed):
        git(repository, "worktree", "add", "-q", "-b", "other", str(tmp_path / "tree"))
        if packed:
            git(repository, "pack-refs", "--all")
        commit = git(repository, "rev-parse", "other")
        assert checkout_of(tmp_path / "tree") == {"commit": commit, "dirty": False}

    @pytest.mark.parametrize("change", ["edited", "staged", "new", "deleted"])
    def test_a_change_of_the_package_makes_it_dirty(self, repository, change):
        path = repository / "reformsim" / ("new.py" if change == "new" else "__init__.py")
        if change == "deleted":
            path.unlink()
        else:
            path.write_text("changed = True")
        if change == "staged":
            git(repository, "add", ".")
        assert known(repository)["dirty"] is True

    def test_a_change_of_anything_else_does_not(self, repository):
        (repository / "README.md").write_text("b")
        assert known(repository)["dirty"] is False

    def test_what_the_environment_says_of_another_repository_is_passed_over(
        self, repository, tmp_path, monkeypatch
    ):
        (repository / "reformsim/new.py").write_text("")
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
        monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
        assert known(repository)["dirty"] is True

    @posix
    def test_a_git_in_the_current_folder_is_not_run(self, repository, tmp_path, monkeypatch):
        ran = tmp_path / "ran"
        evil = tmp_path / "received" / "git"
        evil.parent.mkdir()
        evil.write_text(f"#!/bin/sh\ntouch {ran}\n")
        evil.chmod(0o755)
        monkeypatch.chdir(evil.parent)
        monkeypatch.setenv("PATH", f".{os.pathsep}{os.pathsep}received")
        assert known(repository)["dirty"] is None
        assert not ran.exists()

    @posix
    def test_of_the_current_folder_nothing_is_run(self, repository, tmp_path, monkeypatch):
        """A received folder may be a repository whose settings name programs."""
        ran = tmp_path / "ran"
        git(repository, "config", "core.fsmonitor", f"touch {ran};")
        monkeypatch.chdir(repository)
        checkout()
        assert not ran.exists()

    @posix
    def test_a_program_that_its_settings_name_for_watching_is_not_run(self, repository, tmp_path):
        ran = tmp_path / "ran"
        git(repository, "config", "core.fsmonitor", f"touch {ran};")
        assert known(repository)["dirty"] is False
        assert not ran.exists()


def test_an_installed_package_has_no_commit(tmp_path):
    assert checkout_of(tmp_path) is None


@pytest.mark.parametrize("outside", [True, False])
def test_a_repository_around_an_installed_package_is_not_its_own(tmp_path, outside):
    """As a virtual environment within somebody's project."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/HEAD").write_text("0" * 40)
    packages = tmp_path / "venv/lib" if outside else tmp_path
    packages.mkdir(parents=True, exist_ok=True)
    assert (checkout_of(packages) is None) == outside


@pytest.mark.parametrize(
    "head", ["", "x", "ref: ../../../secret", "ref: refs/../secret", "ref: refs/heads/none", "\xff"]
)
def test_a_head_that_is_none_is_no_commit(tmp_path, head):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/HEAD").write_bytes(head.encode("latin-1"))
    (tmp_path / "secret").write_text("0" * 40)
    (tmp_path / ".git/secret").write_text("0" * 40)
    assert checkout_of(tmp_path) is None


def test_without_git_it_is_not_known_whether_it_is_dirty(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/HEAD").write_text("0" * 40)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert checkout_of(tmp_path) == {"commit": "0" * 40, "dirty": None}


@posix
def test_a_git_that_does_not_answer_is_given_up(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/HEAD").write_text("0" * 40)
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin{os.pathsep}/usr/bin")
    monkeypatch.setattr(module, "SECONDS", 0.2)
    assert checkout_of(tmp_path) == {"commit": "0" * 40, "dirty": None}


def test_these_tests_run_from_a_checkout_or_none():
    found = checkout()
    assert (found is None) == (not (OURS / ".git").exists())
