"""Compiled kernels are kept where nobody else can write, and one compilation serves every district."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numba
import pytest
from districts import WEB, small

from reformsim.engines import compile_engine, simulate
from reformsim.engines.compiled import cache, private
from reformsim.engines.compiled.build import build
from reformsim.engines.compiled.people import seat
from reformsim.engines.compiled.run import live
from reformsim.scenario.loading import load
from reformsim.studies.nation import district_of

if TYPE_CHECKING:
    from pathlib import Path

    from reformsim.scenario import Scenario

posix = pytest.mark.skipif(os.name != "posix", reason="asks whose a folder is")


def permissions(path: Path) -> int:
    return path.stat().st_mode & 0o777


class TestWhere:
    @pytest.fixture(autouse=True)
    def elsewhere(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let nothing be kept but in places of the test."""
        (tmp_path / "file").write_text("in the way")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
        monkeypatch.delenv("REFORMSIM_CACHE", raising=False)
        monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "file"))

    def test_the_folder_asked_for(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("REFORMSIM_CACHE", str(tmp_path / "a" / "kernels"))
        assert cache.folder.__wrapped__() == tmp_path / "a" / "kernels"

    def test_a_folder_that_cannot_be_made_is_passed_over(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setenv("REFORMSIM_CACHE", str(tmp_path / "file"))
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))
        assert cache.folder.__wrapped__() == tmp_path / "other" / "reformsim"
        assert not caplog.records

    def test_where_nothing_can_be_written_nothing_is_kept(self) -> None:
        assert cache.folder.__wrapped__() is None

    def test_an_account_without_a_home(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def home() -> Path:
            raise RuntimeError("Could not determine home directory.")

        monkeypatch.setattr("pathlib.Path.home", home)
        monkeypatch.delenv("XDG_CACHE_HOME")
        assert cache.folder.__wrapped__() is None
        assert not any("~" in str(place) for place in cache._wanted())
        monkeypatch.setenv("REFORMSIM_CACHE", str(tmp_path / "kernels"))
        assert cache.folder.__wrapped__() == tmp_path / "kernels"

    @posix
    def test_what_is_made_is_private_whatever_the_umask(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("REFORMSIM_CACHE", str(tmp_path / "a" / "b"))
        before = os.umask(0)
        try:
            place = cache.folder.__wrapped__()
            assert place is not None
            with cache._private_file(str(place / "x.nbc")) as file:
                file.write(b"x")
        finally:
            os.umask(before)
        assert [permissions(tmp_path / "a"), permissions(place)] == [0o700, 0o700]
        assert [permissions(path) for path in place.iterdir()] == [0o600]

    @posix
    @pytest.mark.parametrize("mode", [0o770, 0o777, 0o702])
    @pytest.mark.parametrize("inside", ["", "mine", "mine/deep"])
    def test_a_folder_that_others_can_write_to_is_refused(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        mode: int,
        inside: str,
    ) -> None:
        shared = tmp_path / "shared"
        (shared / "mine").mkdir(parents=True)
        shared.chmod(mode)
        monkeypatch.setenv("REFORMSIM_CACHE", str(shared / inside))
        monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "tmp"))
        assert cache.folder.__wrapped__() == tmp_path / "tmp" / f"reformsim-{os.geteuid()}"
        (record,) = caplog.records
        assert f"nothing is kept in {shared / inside}" in record.getMessage()
        assert f"other users can write to {shared}" in record.getMessage()
        assert sorted(path.name for path in shared.rglob("*")) == ["mine"]

    @posix
    @pytest.mark.parametrize("inside", ["", "mine"])
    def test_in_one_that_anybody_may_add_to_there_is_a_private_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str
    ) -> None:
        shared = tmp_path / "scratch"
        shared.mkdir()
        shared.chmod(0o1777)
        monkeypatch.setenv("REFORMSIM_CACHE", str(shared / inside))
        place = cache.folder.__wrapped__()
        assert place == shared / (inside or f"reformsim-{os.geteuid()}")
        assert permissions(place) == 0o700

    @posix
    @pytest.mark.parametrize("what", ["the folder", "one on the way", "what a link leads to"])
    def test_one_of_someone_else_is_not_trusted(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        what: str,
    ) -> None:
        theirs = tmp_path / "theirs"
        (theirs / "inside").mkdir(parents=True)
        (tmp_path / "link").symlink_to(theirs / "inside")
        places = {
            "the folder": theirs,
            "one on the way": theirs / "inside",
            "what a link leads to": tmp_path / "link",
        }
        owner = private._owner
        monkeypatch.setattr(private, "_owner", lambda p: 12345 if p == theirs else owner(p))
        monkeypatch.setenv("REFORMSIM_CACHE", str(places[what]))
        assert cache.folder.__wrapped__() is None
        assert f"{theirs} belongs to another user" in caplog.text

    @posix
    def test_a_link_of_someone_else_is_not_followed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        (tmp_path / "mine").mkdir(mode=0o700)
        link = tmp_path / "link"
        link.symlink_to(tmp_path / "mine")
        owner = private._owner
        monkeypatch.setattr(private, "_owner", lambda p: 12345 if p == link else owner(p))
        monkeypatch.setenv("REFORMSIM_CACHE", str(link / "kernels"))
        assert cache.folder.__wrapped__() is None
        assert f"{link} is a link of another user" in caplog.text
        assert not list((tmp_path / "mine").iterdir())

    @posix
    def test_what_others_have_put_there_is_thrown_away(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        names = ("mine", "open", "theirs", "link")
        for name in names[:3]:
            (tmp_path / name).write_text("x")
            (tmp_path / name).chmod(0o644)
        (tmp_path / "open").chmod(0o664)
        (tmp_path / "link").symlink_to(tmp_path / "mine")
        owner = private._owner
        theirs = tmp_path / "theirs"
        monkeypatch.setattr(private, "_owner", lambda p: 12345 if p == theirs else owner(p))
        assert private.clear(tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "mine"]

    def test_outside_the_profile_nothing_is_kept_on_windows(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(private, "POSIX", False)
        monkeypatch.setattr("pathlib.Path.home", lambda: tmp_path / "home")
        monkeypatch.setenv("REFORMSIM_CACHE", str(tmp_path / "shared"))
        assert cache.folder.__wrapped__() is None
        monkeypatch.setenv("REFORMSIM_CACHE", str(tmp_path / "home" / "kernels"))
        assert cache.folder.__wrapped__() == tmp_path / "home" / "kernels"


def test_whether_it_is_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    simulate(small(), 1)
    assert cache.is_compiled()
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    monkeypatch.setattr(live, "_cache", cache.KernelCache(live))
    assert not cache.is_compiled()


@pytest.mark.parametrize("name", ["NUMBA_OPT", "NUMBA_BOUNDSCHECK", "NUMBA_CPU_NAME"])
def test_how_numba_compiles_counts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = cache.compiler.__wrapped__()
    monkeypatch.setattr(cache.settings, name.removeprefix("NUMBA_"), "other")
    assert cache.compiler.__wrapped__() != before


def test_one_compilation_serves_every_district(tmp_path: Path) -> None:
    ties = tmp_path / "ties.csv"
    ties.write_text("source,target,kind,trust\nteacher-0-0,teacher-0-1,advice,\n")
    districts = [
        small(1, 1, levers=WEB),
        small(1, 30),
        small(2, 2),
        small(9, 9, levers=WEB, district={"advice_ties": 0}),
        small(1, 2, district={"network": str(ties)}),
        small(3, 30, district={"network": str(ties)}),
        small(1, 3, events=[{"type": "crisis", "month": 3, "months": 6, "load": 0.3}]),
        small(2, 9, events=[{"type": "principal_departure", "month": 8, "school": 1}]),
        *(small().model_copy(update={"district": district_of(n)}) for n in (1, 400, 40_000)),
        load("large-urban"),
    ]
    for scenario in districts:
        simulate(scenario, 1)
    kernels: list = [live, seat]
    assert [len(kernel.signatures) for kernel in kernels] == [1, 1]


def test_the_engine_is_compiled_first_for_the_districts_that_follow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lived: list[Scenario] = []
    monkeypatch.setattr(cache, "is_compiled", lambda _mechanisms: False)
    monkeypatch.setattr("reformsim.engines._simulated", lambda scenario, *_: lived.append(scenario))
    compile_engine()
    types = [numba.typeof(build(one, 0, 0)) for one in (*lived, load("large-urban"))]
    assert len(types) == 2
    assert types[0] == types[1]
