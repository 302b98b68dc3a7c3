"""Compiled kernels are kept where they can be, and never outlive the equations they were made from."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import numba
import pytest

from reformsim.engines import compile_engine
from reformsim.engines.compiled import cache
from reformsim.engines.compiled.build import build
from reformsim.scenario.loading import load

if TYPE_CHECKING:
    from pathlib import Path

    from reformsim.scenario import Scenario


@pytest.mark.parametrize(
    "source", ["theory/trust.py", "district/seats.py", "engines/compiled/month.py"]
)
def test_an_edited_source_has_a_folder_of_its_own(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = cache.fingerprint.__wrapped__()
    shutil.copytree(cache.PACKAGE, tmp_path / "reformsim")
    monkeypatch.setattr(cache, "PACKAGE", tmp_path / "reformsim")
    before = cache.fingerprint.__wrapped__()
    assert before != elsewhere  # Numba would not find what it kept for the same source there
    with (tmp_path / "reformsim" / source).open("a") as file:
        file.write("# edited\n")
    assert cache.fingerprint.__wrapped__() != before


def test_what_was_kept_before_the_source_was_written_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    assert not cache.is_compiled()
    kept = tmp_path / "compiled_1" / "run.live-1.py311.1.nbc"
    kept.parent.mkdir()
    kept.touch()
    assert cache.is_compiled()
    os.utime(kept, (0, 0))
    assert not cache.is_compiled()


def test_the_folder_asked_for_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFORMSIM_CACHE", str(tmp_path / "kernels"))
    assert cache.folder.__wrapped__().parent == tmp_path / "kernels"


def test_a_folder_that_cannot_be_made_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("REFORMSIM_CACHE", str(tmp_path / "file"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))
    assert cache.folder.__wrapped__().parent == tmp_path / "other" / "reformsim"


def test_where_nothing_can_be_written_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    for name in ("REFORMSIM_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "file"))
    monkeypatch.setattr(cache.tempfile, "gettempdir", lambda: str(tmp_path / "file"))
    assert cache.folder.__wrapped__() is None


@pytest.mark.skipif(os.name != "posix", reason="asks whose a folder is")
def test_the_temporary_folder_of_someone_else_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    for name in ("REFORMSIM_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "file"))
    monkeypatch.setattr(cache.tempfile, "gettempdir", lambda: str(tmp_path))
    found = cache.folder.__wrapped__()
    assert found is not None
    assert found.parent == tmp_path / f"reformsim-{os.getuid()}"
    assert found.parent.stat().st_mode & 0o777 == 0o700
    (tmp_path / "reformsim-12345").mkdir()  # ours, and so not that of user 12345
    monkeypatch.setattr(cache.os, "getuid", lambda: 12345)
    assert cache.folder.__wrapped__() is None


def test_the_engine_is_compiled_first_for_the_districts_that_follow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lived: list[Scenario] = []
    monkeypatch.setattr(cache, "is_compiled", lambda _mechanisms: False)
    monkeypatch.setattr("reformsim.engines._lived", lambda scenario, *_: lived.append(scenario))
    compile_engine()
    types = [numba.typeof(build(one, 0, 0)) for one in (*lived, load("large-urban"))]
    assert len(types) == 2
    assert types[0] == types[1]
