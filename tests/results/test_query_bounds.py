"""What a question can reach: the tables of its folder, whatever it says and however that is called."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tables import made_up, run_id

from reformsim.errors import ReformsimError
from reformsim.results import counting, store
from reformsim.results.query import connect, query

ATTACKS = [
    "WITH t AS (COPY (SELECT 'x') TO '{out}/w' (FORMAT csv, HEADER false, QUOTE '')) SELECT 1",
    "WITH t AS (COPY (SELECT 1 AS x) TO '{runs}' (FORMAT parquet)) SELECT 1",
    "SELECT * FROM read_text('{secret}')",
    "SELECT * FROM read_blob('{secret}')",
    "SELECT * FROM read_csv('{secret}')",
    "SELECT * FROM read_json('{secret}')",
    "SELECT * FROM read_parquet('{runs}')",
    "SELECT * FROM parquet_scan('{runs}')",
    "SELECT * FROM parquet_metadata('{runs}')",
    "SELECT * FROM sniff_csv('{secret}')",
    "SELECT * FROM glob('{out}/*')",
    "SELECT * FROM '{secret}'",
    "SELECT * FROM '{runs}'",
    "SELECT * FROM 'https://example.org/a.parquet'",
    "SELECT getenv('HOME')",
    "SELECT * FROM sql",
    "SELECT * FROM folder",
    "SELECT * FROM query_table('sql')",
    "SELECT * FROM query('COPY runs TO ''{out}/w''')",
    "SELECT * FROM enable_logging(storage = 'file', storage_path = '{out}/w')",
    "SELECT * FROM enable_profiling(save_location = '{out}/w')",
    "SELECT * FROM load_aws_credentials()",
    "SELECT ST_AsText(x) FROM ST_Read('{secret}') AS t(x)",
]
COMMANDS = [
    "SET enable_external_access = true",
    "RESET lock_configuration",
    "SET threads = 64",
    "SET temp_directory = '{out}'",
    "PRAGMA enable_profiling",
    "CALL enable_logging(storage = 'file', storage_path = '{out}/w')",
    "INSTALL httpfs",
    "LOAD httpfs",
    "ATTACH '{out}/w'",
    "EXPORT DATABASE '{out}/w'",
    "IMPORT DATABASE '{out}/w'",
    "COPY runs TO '{out}/w'",
    "CREATE PERSISTENT SECRET s (TYPE http)",
]


@pytest.fixture
def folder(tmp_path):
    store.append(tmp_path / "folder", made_up(0))
    return tmp_path / "folder"


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names(folder):
    secret = folder.parent / "secret.csv"
    secret.write_text("word\nhidden\n")
    return {
        "out": folder.parent,
        "runs": folder / "runs" / "000001.parquet",
        "secret": secret,
    }


@pytest.mark.parametrize("sql", ATTACKS)
def test_a_question_reaches_nothing_but_the_tables(folder, sql):
    question = sql.format(**names(folder))
    before = contents(folder.parent)
    with pytest.raises(ReformsimError) as caught:
        query(folder, question)
    assert "hidden" not in str(caught.value)
    assert contents(folder.parent) == before


@pytest.mark.parametrize("sql", [*ATTACKS, *COMMANDS])
def test_it_is_not_the_text_that_is_looked_at(folder, sql):
    """The connection itself refuses, so that no way of saying it gets round."""
    question = sql.format(**names(folder))
    before = contents(folder.parent)
    with connect(folder) as connection, pytest.raises(duckdb.Error):
        connection.execute(question).fetchall()
    assert contents(folder.parent) == before


@pytest.mark.parametrize(
    "name",
    [
        *("sweep[1]", "a*b", "a?b", "[!a]", "{x,y}", "~", "%41", "a b", "a'b", 'a"b', "a;b"),
        *(
            "s3:",
            "gs:",
            "file:",
            "http:",
            "new\nline",
            "a\\b",
            "strategy=web",
            ".hidden",
            "_x",
            "é",
        ),
    ],
)
def test_the_name_of_a_folder_is_no_pattern(tmp_path, monkeypatch, name):
    """Beside it lie folders that a pattern, an address or an escape would lead to."""
    for other in ("sweep1", "axb", "a", "b", "x", "y", "A"):
        store.append(tmp_path / other, made_up(100, 1))
    store.append(tmp_path / name, made_up(7, 2))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "a"))
    expected = [[run_id(7), "web"], [run_id(8), "status_quo"]]
    for folder in (tmp_path / name, Path(name)):
        found = query(folder, "SELECT run, strategy FROM runs ORDER BY replicate")
        assert found.to_numpy().tolist() == expected
        counted = counting.look(folder, None)
        assert set(counted.ids) == set(store.numbers_of([run_id(7), run_id(8)]))
        assert (counted.failed, counted.damages) == (0, ())
        assert len(store.sources(folder)) == 1
        store.drop(folder, "failed")


def test_a_name_that_is_no_text_is_refused(tmp_path):
    folder = tmp_path / "half-\udce9"
    try:
        store.append(folder, made_up(0, 1))
    except OSError:
        pytest.skip("the disk has names in UTF-8 only")
    with pytest.raises(ReformsimError, match="not in UTF-8"):
        query(folder, "SELECT 1")


def test_parts_that_differ_in_columns_are_one_table(tmp_path):
    store.append(tmp_path, made_up(0, 2))
    runs = made_up(2, 2)["runs"].append_column("later", pa.array([1.5, 2.5]))
    store.append(tmp_path, {"runs": runs})
    found = query(
        tmp_path, "SELECT replicate, later FROM runs ORDER BY replicate, later NULLS LAST"
    )
    assert found["later"].dropna().tolist() == [1.5, 2.5]
    assert len(found) == 4


def test_parts_that_do_not_fit_are_said(tmp_path):
    store.append(tmp_path, made_up(0, 2))
    runs = made_up(2, 2)["runs"].drop_columns("gain").append_column("gain", pa.array([["a"], []]))
    store.append(tmp_path, {"runs": runs})
    with pytest.raises(ReformsimError, match="parts do not fit one another"):
        query(tmp_path, "SELECT 1")


def test_a_table_that_unpacks_to_more_than_is_bearable_is_refused(tmp_path):
    """Kilobytes on disk say one number so often that it takes gigabytes."""
    one = made_up(0, 1)["runs"]
    path = tmp_path / "runs" / "000001.parquet"
    path.parent.mkdir()
    with pq.ParquetWriter(path, one.schema) as writer:
        for _ in range(15):
            writer.write_table(one.take(np.zeros(1_000_000, np.int64)))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / "checksums").mkdir()
    (tmp_path / "checksums" / "000001.sha256").write_text(f"{digest}  runs/000001.parquet\n")
    assert path.stat().st_size < 1_000_000
    with pytest.raises(ReformsimError, match=r"unpacks to 1,320,0[0-9]{2},[0-9]{3} bytes"):
        query(tmp_path, "SELECT 1")
