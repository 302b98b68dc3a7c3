"""Answers as texts: every type of DuckDB's in every form, within bounds of time and memory."""

from __future__ import annotations

import json
import time

import pytest
from tables import made_up

from reformsim.errors import ReformsimError
from reformsim.results import store
from reformsim.results.answers import _different, ask

VALUES = {
    "NULL": (None, None),
    "7::TINYINT": ("7", 7),
    "18446744073709551615::UBIGINT": ("18446744073709551615", 18446744073709551615),
    "170141183460469231731687303715884105727::HUGEINT": (str(2**127 - 1), 2**127 - 1),
    "0.1::FLOAT": ("0.1", 0.1),
    "0.1::DOUBLE": ("0.1", 0.1),
    "'nan'::DOUBLE": ("nan", None),
    "'-inf'::DOUBLE": ("-inf", "-Infinity"),
    "12345678901234567.1200::DECIMAL(30,4)": ("12345678901234567.1200", 12345678901234567.12),
    "true": ("true", True),
    "'NaN'": ("NaN", "NaN"),
    "'a\"\\b'": ('a"\\b', 'a"\\b'),
    "''": ("", ""),
    "'a'::ENUM('a', 'b')": ("a", "a"),
    "'\\xAA'::BLOB": ("\\xAA", "\\xAA"),
    "'101'::BIT": ("101", "101"),
    "'6d3d2541-6ff1-4b5a-8b5c-7d3c6a1d7b1e'::UUID": ("6d3d2541-6ff1-4b5a-8b5c-7d3c6a1d7b1e",) * 2,
    "DATE '2024-02-29'": ("2024-02-29",) * 2,
    "DATE '-infinity'": ("-infinity",) * 2,
    "TIME '10:00:00.5'": ("10:00:00.5",) * 2,
    "'10:00:00+01'::TIMETZ": ("10:00:00+01",) * 2,
    "TIMESTAMP '2024-02-29 10:00:00'": ("2024-02-29 10:00:00",) * 2,
    "'2024-02-29 10:00:00.123456789'::TIMESTAMP_NS": ("2024-02-29 10:00:00.123456789",) * 2,
    "INTERVAL '1 month -3 days'": ("1 month -3 days",) * 2,
    "[0.05, NULL, 0.95]::DOUBLE[]": ("[0.05,null,0.95]", [0.05, None, 0.95]),
    "[[1], []]": ("[[1],[]]", [[1], []]),
    "[1, 2]::INTEGER[2]": ("[1,2]", [1, 2]),
    "['nan', 'inf']::DOUBLE[]": ('[null,"Infinity"]', [None, "Infinity"]),
    "['NaN', '\"Infinity']": ('["NaN","\\"Infinity"]', ["NaN", '"Infinity']),
    "{'a': 1, 'b': {'c': [NULL]}}": ('{"a":1,"b":{"c":[null]}}', {"a": 1, "b": {"c": [None]}}),
    "MAP {'k': [1.5::DOUBLE]}": ('{"k":[1.5]}', {"k": [1.5]}),
    "union_value(n := 3)": ('{"n":3}', {"n": 3}),
    "'{\"a\":1}'::JSON": ('{"a":1}', {"a": 1}),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("asked")
    store.append(folder, made_up(0))
    return folder


@pytest.mark.parametrize(("sql", "expected"), VALUES.items())
def test_every_type_has_a_text_and_a_json(folder, sql, expected):
    with ask(folder, f"SELECT {sql} AS x") as answer:
        assert list(answer.rows) == [(expected[0],)]
    with ask(folder, f"SELECT {sql} AS x", "json") as answer:
        ((text,),) = answer.rows
    assert (None if text is None else json.loads(text)) == expected[1]


def test_columns_of_one_name_are_told_apart(folder):
    with ask(folder, "SELECT 1 AS a, 2 AS a, 3 AS a_1, 4 AS a") as answer:
        assert [column.name for column in answer.columns] == ["a", "a_1", "a_1_1", "a_2"]
        assert list(answer.rows) == [("1", "2", "3", "4")]


@pytest.mark.parametrize("sql", ["DESCRIBE runs", "SHOW TABLES", "SUMMARIZE runs", "FROM runs;"])
def test_whatever_reads_has_rows_and_a_count(folder, sql):
    with ask(folder, sql) as answer:
        assert answer.count(1000) == len(list(answer.rows)) > 0
        assert answer.count(1) == 1


def test_rows_come_as_they_are_read(folder):
    with ask(folder, "SELECT * FROM range(100000000000)") as answer:
        assert next(answer.rows) == ("0",)
        assert answer.count(1_000_001) == 1_000_001


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT sum(range) FROM range(100000000000000)",
        "SELECT count(*) FROM range(10000000) a, range(10000000) b, range(1000) c",
        "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r) SELECT max(i) FROM r",
        "SELECT range FROM range(100000000000000) WHERE range < 0",
    ],
)
def test_a_question_without_end_is_given_up(folder, sql):
    begun = time.monotonic()
    with (
        pytest.raises(ReformsimError, match=r"took longer than 0.5 s .*--seconds"),
        ask(folder, sql, seconds=0.5) as answer,
    ):
        list(answer.rows)
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT list(range) FROM range(100000000)",
        "SELECT range FROM range(100000000) ORDER BY hash(range)",
        "SELECT count(DISTINCT range) FROM range(1000000000)",
    ],
)
def test_a_question_that_needs_too_much_memory_is_given_up(folder, sql):
    with (
        pytest.raises(ReformsimError, match="more memory than it may use"),
        ask(folder, sql, seconds=60, memory=2**26) as answer,
    ):
        list(answer.rows)


def test_a_long_text_is_cut_where_that_is_asked(folder):
    with ask(folder, "SELECT repeat('x', 1000)", longest=10) as answer:
        assert list(answer.rows) == [("x" * 10,)]


def test_thousands_of_columns_of_one_name_are_told_apart_at_once():
    begun = time.monotonic()
    names = _different(["a"] * 2_000)
    assert time.monotonic() - begun < 1
    assert names[:3] == ["a", "a_1", "a_2"]
    assert len(set(names)) == 2_000
