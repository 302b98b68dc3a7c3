"""Parquet files from anywhere: what they hold, bounded, or why they are refused."""

from __future__ import annotations

import io
import os
import random

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reformsim.results.parquet import (
    checked,
    is_checked,
    open_parquet,
    read_checked,
    read_columns,
    write_checked,
)

TABLE = pd.DataFrame({"number": [0.1, -2.5e-300], "whole": [1, 2], "text": ["a", "é"]})
COLUMNS = {"number": "double", "whole": "int64", "text": "string"}
ENOUGH = 2**20


def plain(table, **options):
    sink = io.BytesIO()
    pq.write_table(pa.table(table), sink, **options)
    return sink.getvalue()


def test_what_was_written_is_read_to_the_last_bit(tmp_path):
    write_checked(tmp_path / "a", TABLE)
    assert read_checked(tmp_path / "a", COLUMNS, ENOUGH).to_pydict() == TABLE.to_dict("list")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "a"), TABLE, check_exact=True)


def test_no_flipped_bit_gives_other_values(tmp_path):
    path = tmp_path / "a"
    content, chance = checked(TABLE), random.Random(1)
    expected = read_columns(content, ENOUGH)
    unnoticed = 0
    for place in chance.sample(range(len(content) * 8), 2000):
        damaged = bytearray(content)
        damaged[place // 8] ^= 1 << place % 8
        path.write_bytes(damaged)
        with pytest.raises(OSError, match=r"checksum"):
            read_checked(path, COLUMNS, ENOUGH)
        try:
            has = is_checked(bytes(damaged))
        except OSError:
            continue
        # Only where it says that it has a checksum: all else is as it was.
        assert not has
        assert read_columns(bytes(damaged), ENOUGH).equals(expected)
        unnoticed += 1
    assert unnoticed < 100


def test_other_columns_are_another_versions(tmp_path):
    write_checked(tmp_path / "a", TABLE[["number"]])
    with pytest.raises(OSError, match="other columns than this version writes"):
        read_checked(tmp_path / "a", COLUMNS, ENOUGH)


def test_what_unpacks_to_gigabytes_is_refused_by_what_it_says():
    bomb = plain({"weight": np.zeros(20_000_000)}, compression="zstd")
    assert len(bomb) < 100_000
    with pytest.raises(
        OSError, match=r"it unpacks to 160,000,000 bytes, and at most 1,048,576 are"
    ):
        read_columns(bomb, ENOUGH)


def test_one_long_text_said_often_is_refused_when_it_has_come_to_much():
    bomb = plain({"text": ["x" * 100_000] * 60_000}, compression="zstd")
    assert len(bomb) < 100_000
    with pytest.raises(OSError, match="larger than it says"):
        read_columns(bomb, ENOUGH)


@pytest.mark.parametrize(
    "metadata",
    [
        {b"pandas": b"{"},
        {b"pandas": b'{"index_columns": [{"kind": "range", "start": 0, "stop": 1e99, "step": 0}]}'},
        {b"ARROW:schema": b"nonsense"},
        {b"ARROW:schema": b"\xff" * 1000},
        {b"\xff\xfe": b"\x00"},
        {b"pandas": b"[" * 100_000},
    ],
)
def test_what_others_put_into_the_metadata_does_not_matter(metadata):
    sink = io.BytesIO()
    table = pa.table({"a": [1.5]})
    with pq.ParquetWriter(sink, table.schema, store_schema=False) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(metadata)
    if b"ARROW:schema" in metadata:
        with pytest.raises(OSError, match="description of itself"):
            read_columns(sink.getvalue(), ENOUGH)
    else:
        assert read_columns(sink.getvalue(), ENOUGH)["a"].to_pylist() == [1.5]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PAR1",
        b"PAR1PAR1",
        b"x" * 100,
        b"PAR1" + b"\0" * 100 + b"\xff\xff\xff\x7fPAR1",
        b"PAR1" + b"\x15" * 100 + b"\x40\0\0\0PAR1",
    ],
)
def test_what_is_no_parquet_is_said(content):
    with pytest.raises(OSError, match=r"it is not a Parquet file|its description of itself"):
        read_columns(content, ENOUGH)


def test_damage_never_ends_the_process():
    content = plain({"a": np.arange(50.0), "b": ["x", "y"] * 25})
    chance, said = random.Random(2), []
    for _ in range(3000):
        damaged = bytearray(content)
        for _ in range(chance.choice((1, 2, 5))):
            place = chance.randrange(len(content) * 8)
            damaged[place // 8] ^= 1 << place % 8
        try:
            read_columns(bytes(damaged), ENOUGH)
        except OSError as error:
            said.append(str(error))
    assert said
    assert "\n" not in "".join(said)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_only_ordinary_files_are_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    for name in ("pipe", "link", "."):
        with pytest.raises(OSError, match="it is"), open_parquet(tmp_path / name):
            pass
