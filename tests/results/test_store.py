"""The tables on disk: parts are whole or nothing, and damage is found, set aside and not deleted."""

from __future__ import annotations

import os
import shutil
import subprocess

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import made_up, run_id

from reformsim.errors import OutputError
from reformsim.results import counting, query, store
from reformsim.results.store import CHECKSUMS, DAMAGED


@pytest.fixture
def folder(tmp_path):
    """A folder with three parts of three runs each."""
    for first in (0, 3, 6):
        store.append(tmp_path, made_up(first))
    return tmp_path


def ids(folder):
    return {f"{one:016x}" for one in counting.count(folder, None).ids.tolist()}


def test_what_is_appended_is_there(folder):
    assert [part.number for part in store.parts(folder)] == [1, 2, 3]
    assert ids(folder) == {run_id(one) for one in range(9)}
    assert counting.count(folder, None).failed == 0
    assert store.damages(folder) == []
    assert len(store.sources(folder)) == 1


def test_a_table_without_rows_has_no_file(tmp_path):
    tables = made_up(0)
    store.append(tmp_path, {"runs": tables["runs"], "series": tables["series"].slice(0, 0)})
    assert not (tmp_path / "series").exists()
    assert store.damages(tmp_path) == []


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="this system has no sha256sum")
def test_checksums_are_those_of_sha256sum(folder):
    said = subprocess.run(
        f"cat {CHECKSUMS}/* | sha256sum --check --strict",
        shell=True,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.count(": OK") == 6


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES = {
    "a truncated table": ("runs/000002.parquet", cut, "runs/000002.parquet has been cut short"),
    "one flipped bit": ("series/000002.parquet", flip, "content of series/000002.parquet has"),
    "an empty file": ("runs/000002.parquet", lambda path: path.write_bytes(b""), "cut short"),
    "a missing table": ("series/000002.parquet", lambda path: path.unlink(), "is missing"),
    "a damaged list": ("checksums/000002.sha256", cut, "list checksums/000002.sha256 cannot"),
    "an empty list": ("checksums/000002.sha256", lambda path: path.write_bytes(b""), "cannot"),
    "a list of zeros": ("checksums/000002.sha256", lambda p: p.write_bytes(bytes(9)), "cannot"),
    "a list without its last line": (
        "checksums/000002.sha256",
        lambda path: path.write_text(path.read_text().splitlines(keepends=True)[0]),
        "cannot",
    ),
    "a missing list": ("checksums/000002.sha256", lambda path: path.unlink(), "is missing"),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_damage_is_found_and_set_aside_and_nothing_is_deleted(folder, what):
    name, harm, reason = DAMAGES[what]
    harm(folder / name)
    before = {path.name: path.read_bytes() for path in folder.glob("*/000002.*")}
    (damage,) = store.damages(folder)
    assert damage.number == 2
    assert reason in damage.reason

    store.set_aside(folder, [damage])
    assert store.damages(folder) == []
    assert ids(folder) == {run_id(one) for one in (0, 1, 2, 6, 7, 8)}
    kept = [path.read_bytes() for path in (folder / DAMAGED).rglob("*") if path.is_file()]
    assert all(content in kept for content in before.values())

    store.append(folder, made_up(3))
    assert ids(folder) == {run_id(one) for one in range(9)}


def test_the_same_part_number_can_be_damaged_twice(folder):
    for _ in range(2):
        cut(folder / "runs/000003.parquet")
        store.set_aside(folder, store.damages(folder))
        assert store.append(folder, made_up(6)).number == 3
    assert len(list((folder / DAMAGED).iterdir())) == 2


@settings(max_examples=60)
@given(st.data())
def test_whatever_byte_is_changed_is_noticed(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("flipped")
    store.append(folder, made_up(0))
    path = data.draw(st.sampled_from(sorted(path for path in folder.rglob("*") if path.is_file())))
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    assert [one.number for one in store.damages(folder)] == [1]


def test_what_a_kill_leaves_before_the_checksums_is_no_part(folder):
    store.append(folder, made_up(9))
    (folder / CHECKSUMS / "000004.sha256").unlink()
    (folder / "runs" / ".000005.parquet.77.part").write_bytes(b"half")
    assert store.damages(folder) == []
    assert len(counting.count(folder, None).ids) == 9
    store.clean(folder)
    assert not list(folder.rglob("*000004*"))
    assert not list(folder.rglob("*.part"))
    assert store.append(folder, made_up(9)).number == 4
    assert len(counting.count(folder, None).ids) == 12


@pytest.mark.skipif(os.name != "posix", reason="limits the size of files as Unix does")
def test_a_part_that_cannot_be_written_leaves_the_others_as_they_were(folder):
    # Every file larger than this is refused by the system, as on a disk that is full.
    import resource
    import signal

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, limits[1]))
    try:
        with pytest.raises(
            OutputError, match=r"000004\.parquet: cannot be written: file too large"
        ):
            store.append(folder, made_up(9, count=500))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert store.damages(folder) == []
    assert not list(folder.rglob("*.part"))
    assert len(counting.count(folder, None).ids) == 9
    store.append(folder, made_up(9))
    assert len(counting.count(folder, None).ids) == 12


def test_rows_come_in_the_same_order_whatever_the_order_of_parts(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    for first in (6, 0, 3):
        store.append(other, made_up(first))
    for table in ("runs", "series"):
        pd.testing.assert_frame_equal(query.frame(folder, table), query.frame(other, table))
    assert list(query.frame(folder, "runs")["gain"].dropna())[:3] == [0, 2, 6]


def test_the_tables_open_in_pandas_polars_and_duckdb(folder):
    mean = np.mean([one for one in range(9) if one % 5 != 4])
    files = folder / "runs"
    by_pandas = pd.read_parquet(files)
    by_polars = pl.read_parquet(files)
    by_duckdb = duckdb.execute(f"SELECT * FROM '{files}/*.parquet'").df()
    assert list(by_pandas.columns) == by_polars.columns == list(by_duckdb.columns)
    assert by_pandas["gain"].mean() == by_polars["gain"].mean() == by_duckdb["gain"].mean() == mean
    assert set(by_pandas["strategy"]) == set(by_polars["strategy"]) == {"status_quo", "web"}
    assert by_polars["gain"].null_count() == by_pandas["gain"].isna().sum() == 1
    series = pl.read_parquet(folder / "series")
    assert series["month"].sum() == pd.read_parquet(folder / "series")["month"].sum() == 9 * 6


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "no hard links"])
def test_a_part_takes_no_others_place(monkeypatch, tmp_path, links):
    def refuses(_one, _other):
        raise OSError(1, "Operation not permitted")

    if not links:
        monkeypatch.setattr("os.link", refuses)
    store.append(tmp_path, made_up(0))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    monkeypatch.setattr(store, "_loose_files", lambda *_: iter(()))
    monkeypatch.setattr(store, "parts", lambda _: [])  # as if the other had not begun yet
    assert store.append(tmp_path, made_up(3)).number == 2
    monkeypatch.undo()
    assert all(path.read_bytes() == content for path, content in before.items())
    assert ids(tmp_path) == {run_id(one) for one in range(6)}
    assert not list(tmp_path.rglob("*.part"))


def test_what_a_linked_folder_holds_is_not_told(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "private.txt").touch()
    (tmp_path / "sent").mkdir()
    (tmp_path / "sent" / "runs").symlink_to(elsewhere)
    assert store.strays(tmp_path / "sent") == []
