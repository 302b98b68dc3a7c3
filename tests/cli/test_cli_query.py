"""`reformsim query`: what it prints for programs, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys

import pytest
from tables import made_up

from reformsim.results import store


@pytest.fixture
def folder(tmp_path):
    store.append(tmp_path / "made", made_up(0))
    return tmp_path / "made"


def test_a_text_is_no_formula_in_a_spreadsheet_and_a_number_is_one(invoke, folder):
    texts = [
        "=1+1",
        "+cmd|x",
        "-2+3",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\uff1d1",
        "-5",
        "+1.5e-3",
        "",
        "a,b",
    ]
    values = ", ".join(f"('{text}', -1.5)" for text in texts)
    sql = f'SELECT col0 AS "=x", col1 AS n FROM (VALUES {values})'
    head, *rows = csv.reader(io.StringIO(invoke("query", folder, sql, "--csv").out, newline=""))
    assert head == ["'=x", "n"]
    assert [row[0] for row in rows] == [
        *("'=1+1", "'+cmd|x", "'-2+3", "'@SUM(A1)", "'\tx", "'\nx", "'\uff1d1"),
        *("-5", "+1.5e-3", "", "a,b"),
    ]
    assert {row[1] for row in rows} == {"-1.5"}


def test_each_file_is_verified_once(invoke, folder, monkeypatch):
    verified = []
    real = store.damages

    def counted(folder):
        verified.append(folder)
        return real(folder)

    monkeypatch.setattr(store, "damages", counted)
    assert invoke("query", folder, "SELECT count(*) AS n FROM runs", "--csv").code == 0
    assert len(verified) == 1


def test_nothing_and_an_empty_text_differ(invoke, folder):
    assert invoke(
        "query", folder, "SELECT NULL AS a, '' AS b, 'nan'::DOUBLE AS c", "--csv"
    ).out == ('a,b,c\n,"",nan\n')


def test_quantiles_print_in_every_form(invoke, folder):
    sql = "SELECT quantile_cont(replicate, [0.5, 1.0]) AS q, {'a': [1]} AS s FROM runs"
    assert "[0.0,1.0]" in invoke("query", folder, sql).out
    assert invoke("query", folder, sql, "--csv").out == 'q,s\n"[0.0,1.0]","{""a"":[1]}"\n'
    assert json.loads(invoke("query", folder, sql, "--json").out) == [
        {"q": [0.0, 1.0], "s": {"a": [1]}}
    ]


def test_an_answer_without_rows_is_an_empty_list(invoke, folder):
    sql = "SELECT * FROM runs WHERE false"
    assert json.loads(invoke("query", folder, sql, "--json").out) == []
    assert len(invoke("query", folder, sql, "--csv").out.splitlines()) == 1


def test_an_endless_answer_is_cut_for_people_and_ends_for_programs(invoke, folder):
    sql = "SELECT * FROM range(100000000000)"
    shown = invoke("query", folder, sql)
    assert shown.code == 0
    assert "… and more than 1,000,000 rows more; --csv prints them all" in shown.out
    printed = invoke("query", folder, sql, "--csv", "--seconds", "1")
    assert printed.code == 2
    assert "took longer than 1 s" in printed.err


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT repeat('x', 10000000000)", "maximum supported string size"),
        (
            "SELECT * FROM read_text('/etc/passwd')",
            "can read only the tables of the folder",
        ),
        ("SELECT list(range) FROM range(100000000000)", "more memory than it may use"),
    ],
)
def test_what_cannot_be_answered_is_a_message(invoke, folder, monkeypatch, sql, said):
    monkeypatch.setattr("reformsim.cli.commands.query.MOST", 2**26)
    ran = invoke("query", folder, sql)
    assert ran.code == 2
    assert said in ran.err
    assert "bug" not in ran.err


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("heeds", [True, False])
def test_ctrl_c_ends_a_question_in_a_word(folder, heeds):
    """Even if DuckDB does not heed it, as it does not while it makes one huge value."""
    code = (
        "import sys, time\n"
        "import reformsim.results.answers as answers\n"
        "from reformsim.cli import main\n"
        "before, calls = answers._Watch.heeded, []\n"
        "def heeded(self, work):\n"
        "    calls.append(1)\n"
        "    def begun():\n"
        "        print('begun', flush=True)\n"
        f"        return work() if {heeds} or len(calls) < 2 else time.sleep(60)\n"
        "    return before(self, begun)\n"
        "answers._Watch.heeded = heeded\n"
        "sys.argv[0] = 'reformsim'\n"
        "sys.exit(main())\n"
    )
    sql = "SELECT sum(range) FROM range(100000000000000)"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "query", str(folder), sql],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for _ in range(2):  # it is understood, then it is asked
        assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert err.strip() == "Stopped.", err
    assert process.returncode == 130
