"""The record of a search: what is read back is what was written, or it is said not to be."""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
from contextlib import closing

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from toys import OBSERVED, SCALES, Toy, toy_targets

from reformsim.calibration import record
from reformsim.calibration.sampling import search
from reformsim.errors import OutputError, ReformsimError
from reformsim.results.durable import write_whole

pytest.importorskip("pyabc")


class Stopped(Exception):
    pass


def toy():
    return Toy(toy_targets(population=20, generations=2))


def searched(path, model=None, on_step=lambda _: None):
    return search(model or toy(), OBSERVED, SCALES, 1, path, on_step)


def stop(step):
    if (step.generation, step.candidates) == (1, 5):
        raise Stopped


def sign(path):
    """Give a record the checksum of what it is, as somebody who means harm would."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_suffix(".sha256").write_text(f"{digest}  {path.name}\n")


@pytest.fixture(scope="module")
def expected():
    return search(toy(), OBSERVED, SCALES, 1).particles


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A search that has been done; nobody may change it."""
    path = tmp_path_factory.mktemp("whole") / "search.sqlite"
    searched(path)
    return path


@pytest.fixture
def copied(whole, tmp_path):
    for suffix in (".sqlite", ".sha256"):
        shutil.copy(whole.with_suffix(suffix), tmp_path)
    return tmp_path / whole.name


def test_it_is_verified_by_sha256sum(whole):
    lines = whole.with_suffix(".sha256").read_text().splitlines()
    assert lines[0] == f"{hashlib.sha256(whole.read_bytes()).hexdigest()}  search.sqlite"
    assert len(lines) == 2  # the record before, until the next one is there


def test_a_flipped_bit_of_the_record_is_always_found(copied, tmp_path):
    content, chance = copied.read_bytes(), random.Random(1)
    for _ in range(500):
        place = chance.randrange(len(content) * 8)
        damaged = bytearray(content)
        damaged[place // 8] ^= 1 << place % 8
        copied.write_bytes(damaged)
        with pytest.raises(ReformsimError, match=r"is damaged: its checksum .*take both away"):
            record.fetch(copied, tmp_path / "working")
    copied.write_bytes(content)
    assert record.fetch(copied, tmp_path / "working")


def test_a_flipped_bit_of_the_checksum_changes_nothing_or_is_found(copied, tmp_path):
    beside, chance = copied.with_suffix(".sha256"), random.Random(2)
    content = beside.read_bytes()
    refused = 0
    for _ in range(300):
        place = chance.randrange(len(content) * 8)
        damaged = bytearray(content)
        damaged[place // 8] ^= 1 << place % 8
        beside.write_bytes(damaged)
        try:
            record.fetch(copied, tmp_path / "working")
        except ReformsimError:
            refused += 1
        else:
            assert (tmp_path / "working").read_bytes() == copied.read_bytes()
    assert refused > 100


@pytest.mark.parametrize("missing", [".sqlite", ".sha256"])
def test_half_of_it_is_never_taken_for_the_whole(copied, expected, missing):
    copied.with_suffix(missing).unlink()
    if missing == ".sha256":
        with pytest.raises(ReformsimError, match=r"checksum is not that of search\.sha256"):
            searched(copied)
        return
    pd.testing.assert_frame_equal(searched(copied).particles, expected)


def test_a_search_that_is_killed_between_checksum_and_record_goes_on(
    tmp_path, monkeypatch, expected
):
    path = tmp_path / "search.sqlite"
    with pytest.raises(Stopped):
        searched(path, on_step=stop)
    first, write = path.read_bytes(), write_whole

    def killed(target, content):
        if target == path:
            raise OutputError("killed")
        write(target, content)

    for _ in range(2):
        with monkeypatch.context() as patch:
            patch.setattr(record, "write_whole", killed)
            with pytest.raises(OutputError, match="killed"):
                searched(path)
        assert path.read_bytes() == first
    model = toy()
    pd.testing.assert_frame_equal(searched(path, model).particles, expected, rtol=1e-12)
    assert 0 < model.asked < len(expected) * 5


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE samples",
        "CREATE TABLE more (x)",
        "CREATE VIEW more AS SELECT 1",
        "CREATE TRIGGER more AFTER INSERT ON samples BEGIN DELETE FROM particles; END",
        "DELETE FROM abc_smc",
        "DELETE FROM populations",
        "DELETE FROM parameters",
        "DELETE FROM summary_statistics",
        "UPDATE parameters SET name = 'other'",
        "UPDATE parameters SET value = 'text'",
        "UPDATE particles SET w = NULL",
        "UPDATE populations SET nr_samples = 0",
        "UPDATE summary_statistics SET value = randomblob(100)",
        "UPDATE summary_statistics SET value = zeroblob(2000)",
        "UPDATE summary_statistics SET value = 1",
        "ALTER TABLE samples DROP COLUMN distance",
        "UPDATE version SET version_num = 'x'",
    ],
)
def test_a_record_that_somebody_has_made_up_is_refused(copied, sql):
    with closing(sqlite3.connect(copied)) as database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute(sql)
        database.commit()
    sign(copied)
    with pytest.raises(ReformsimError, match="does not hold the generations of this search"):
        searched(copied)


def test_no_table_in_place_of_a_number_is_given_to_pyabc(copied, tmp_path):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"x": [1.0]}), sink, compression="none", store_schema=False)
    content = bytes(sink.getvalue())
    assert len(content) < 1000  # so that it is not refused for its length
    with closing(sqlite3.connect(copied)) as database:
        database.execute("UPDATE summary_statistics SET value = ?", (content,))
        database.commit()
    sign(copied)
    with pytest.raises(ReformsimError, match="does not hold the generations of this search"):
        record.fetch(copied, tmp_path / "working.sqlite")


@pytest.mark.parametrize("content", [b"", b"x" * 5000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_what_is_no_database_is_refused(tmp_path, content):
    path = tmp_path / "search.sqlite"
    path.write_bytes(content)
    sign(path)
    with pytest.raises(ReformsimError, match="does not hold the generations of this search"):
        searched(path)


def test_damage_with_a_checksum_that_fits_is_no_fault_of_ours(copied):
    """It is told or it does not matter; it never ends in a traceback."""
    content, chance, said = copied.read_bytes(), random.Random(3), []
    for _ in range(40):
        damaged = bytearray(content)
        for _ in range(chance.choice((1, 10, 100))):
            damaged[chance.randrange(len(content))] = chance.randrange(256)
        copied.write_bytes(damaged)
        sign(copied)
        try:
            searched(copied)
        except ReformsimError as error:
            said.append(str(error))
    assert said
    assert all("search.sqlite" in one for one in said)


def test_a_record_is_not_reached_through_a_link(copied, tmp_path):
    copied.rename(tmp_path / "elsewhere")
    copied.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ReformsimError, match="it is a link"):
        searched(copied)


@pytest.mark.parametrize("name", ["x?y#z%20", "a;b&mode=ro", "file:", "sweep[1]", "~", "a\nb"])
def test_the_name_of_a_folder_is_no_address(copied, tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    for suffix in (".sqlite", ".sha256"):
        copied.with_suffix(suffix).rename(folder / f"search{suffix}")
    model = toy()
    assert len(searched(folder / "search.sqlite", model).particles) == 40
    assert model.asked == 0
    assert {path.name for path in folder.iterdir()} == {"search.sqlite", "search.sha256"}
