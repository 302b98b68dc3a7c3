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


def test_a_wrong_column_is_told_in_one_line_with_the_columns_there_are(folder):
    with pytest.raises(ReformsimError) as caught:
        query(folder, "SELECT gian FROM runs")
    text = str(caught.value)
    assert "\n" not in text
    assert '"gian" not found' in text
    assert "columns of runs: district, condition, strategy, point" in text
    assert '"conditions.shock_rate"' in text
    assert "leadership" not in text


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT * FROM agents", "agents does not exist.*columns of runs.*columns of series"),
        ("SELEC 1", "syntax error"),
        ("", "not one question"),
        ("SELECT 1; SELECT 2", "not one question"),
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
