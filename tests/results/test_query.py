"""Questions in SQL: answered from what is whole, and mistakes are told with what there is."""

from __future__ import annotations

import pytest
from tables import made_up

from reformsim.errors import ReformsimError
from reformsim.results import store
from reformsim.results.query import frame, query


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("asked")
    for first in (3, 0):
        store.append(folder, made_up(first))
    return folder


def test_tables_can_be_joined_and_averaged(folder):
    answer = query(
        folder,
        "SELECT runs.strategy, avg(gain) AS gain, max(month) AS last FROM runs JOIN series USING (run)"
        " GROUP BY ALL ORDER BY ALL",
    )
    assert answer.columns.tolist() == ["strategy", "gain", "last"]
    # What is undefined is passed over: status_quo has the runs 0, 2 and 4, of which 4 has no gain.
    assert answer.values.tolist() == [["status_quo", 1.0, 3], ["web", 3.0, 3]]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT gian FROM runs", r'"gian" not found .*\(did you mean \'gain\'\?\)'),
        ("SELECT zzz FROM runs", r'"zzz" not found .*reformsim query .* "DESCRIBE runs"\' lists'),
        ("SELECT leadershp FROM series", "did you mean 'leadership'"),
        ("SELECT * FROM serie", "no such table; found serie .did you mean 'series'"),
        ("SELECT * FROM zzz", "no such table; found zzz; allowed: runs, series"),
        (
            "SELECT * FROM agents",
            r"kept no agents .*outcomes.agents = true.*experiment rerun \S+ RUN",
        ),
        ("SELECT * FROM events", "has no events"),
    ],
)
def test_what_is_not_there_is_told_in_one_line_with_what_was_meant(folder, sql, message):
    with pytest.raises(ReformsimError, match=message) as caught:
        query(folder, sql)
    text = str(caught.value)
    assert "\n" not in text
    assert "replicate" not in text  # not every column there is


@pytest.mark.parametrize("name", ["conditions.shock_rate", "conditions.shok_rate", "shock_rate"])
def test_a_column_with_a_dot_has_to_be_quoted(folder, name):
    with pytest.raises(ReformsimError) as caught:
        query(folder, f"SELECT {name} FROM runs")
    text = str(caught.value)
    assert "put a column with a dot in double quotes" in text
    assert "'SELECT \"conditions.shock_rate\" …'" in text
    assert ("did you mean" in text) == (name != "conditions.shock_rate")
    assert len(query(folder, 'SELECT "conditions.shock_rate" FROM runs')) == 6


@pytest.mark.parametrize(
    "sql",
    [
        "COPY runs TO '{}'",
        "EXPORT DATABASE '{}'",
        "ATTACH '{}' AS other",
        "EXPLAIN ANALYZE COPY runs TO '{}'",
        "COPY (PIVOT runs ON strategy USING avg(gain)) TO '{}'",
    ],
)
def test_a_question_writes_nothing(folder, tmp_path, sql):
    with pytest.raises(ReformsimError, match=r"queries are read-only.*--csv"):
        query(folder, sql.format(tmp_path / "written"))
    assert list(tmp_path.iterdir()) == []


def test_whatever_reads_is_a_question(folder):
    for sql in ("DESCRIBE runs", "SHOW TABLES", "FROM runs", "WITH x AS (FROM runs) FROM x"):
        assert len(query(folder, sql))


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELEC 1", "syntax error"),
        ("", "not a single SQL query"),
        ("SELECT 1; SELECT 2", "not a single SQL query"),
    ],
)
def test_other_mistakes(folder, sql, message):
    with pytest.raises(ReformsimError, match=message):
        query(folder, sql)


def test_a_folder_without_runs(tmp_path):
    with pytest.raises(ReformsimError, match=r"no finished runs yet .*resume"):
        query(tmp_path, "SELECT 1")
    assert frame(tmp_path, "runs").empty


def test_damaged_tables_are_not_asked(tmp_path):
    store.append(tmp_path, made_up(0))
    path = tmp_path / "runs" / "000001.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ReformsimError, match=r"cut short .*resume .* sets it aside"):
        query(tmp_path, "SELECT 1")
