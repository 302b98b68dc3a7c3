"""Compiled kernels are kept where they can be, and never outlive the equations they were made from."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from reformsim.engines.compiled import cache

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "source", ["theory/trust.py", "district/seats.py", "engines/compiled/month.py"]
)
def test_an_edited_source_has_a_folder_of_its_own(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = cache.fingerprint.__wrapped__()
    shutil.copytree(cache.PACKAGE, tmp_path / "reformsim")
    monkeypatch.setattr(cache, "PACKAGE", tmp_path / "reformsim")
    assert cache.fingerprint.__wrapped__() == before
    with (tmp_path / "reformsim" / source).open("a") as file:
        file.write("# edited\n")
    assert cache.fingerprint.__wrapped__() != before


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
