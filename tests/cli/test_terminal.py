"""Whatever stands in a title, a path, a message or an answer: it is shown, and does nothing."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sys
import warnings

import pytest
from commands import SMALL
from hypothesis import given
from hypothesis import strategies as st
from printing import ATTACK, LITERALLY, STEERING, printed
from tiny import TINY

from reformsim.cli.console import csv_out, print_json, say, spelt_out
from reformsim.cli.tables import cell, say_table

NAME = "\x1b]0;owned\x07 \x9b31m [bold]x :skull: \u202etxt"
"""An attack that may be the name of a file."""
OUT = f"out {NAME}"
SHOWN = (r"\x1b]0;owned\x07", r"\x9b31m", "[bold]x", ":skull:", r"\u202etxt")


def quoted(text):
    """Return a text as TOML writes it."""
    return '"' + "".join(f"\\U{ord(letter):08x}" for letter in text) + '"'


@pytest.fixture
def district(tmp_path):
    """A district whose name, title and question are attacks."""
    folder = tmp_path / NAME
    folder.mkdir()
    path = folder / f"{NAME}.toml"
    path.write_text(
        f'kind = "district"\ntitle = {quoted(ATTACK)}\nquestion = {quoted(ATTACK)}\n'
        "[district]\nschools = 3\nteachers = 30\nenrolment = 450\n",
        encoding="utf-8",
    )
    return path


def harmless(ran, *literally):
    """Fail if anything that a command printed could steer a terminal, or is not shown."""
    assert not STEERING.search(ran.out + ran.err), ran
    for text in literally:
        assert text in ran.out + ran.err
    return ran


@pytest.mark.filterwarnings("default:Glyph")
def test_runs_comparisons_and_what_ifs_show_names_and_titles_as_they_are(invoke, district):
    compared = ("compare", "--district", district, "-s", "web_of_support", "-c", "stable")
    few = (*SMALL, "-n", 2, "--workers", 1)
    for command, literally in (
        (("show", district), LITERALLY),
        (("run", district, *few, "--out", OUT), SHOWN),
        ((*compared, *few), LITERALLY),
        (("whatif", district, "--with", "crisis@3:0.4", *few), LITERALLY),
        (("verify", district, *SMALL), SHOWN),
        (("graph", district, "--out", f"{NAME}.png", "--save", f"{NAME}.csv"), SHOWN),
    ):
        ran = harmless(invoke(*command), *literally)
        assert ran.code == 0, ran


def test_experiments_do_too(invoke, district, tmp_path):
    file = tmp_path / f"{NAME}.toml"
    text = TINY.replace('"A tiny experiment"', f"{quoted(ATTACK)}\nquestion = {quoted(ATTACK)}")
    file.write_text(text.replace('"small-rural"', quoted(str(district))), encoding="utf-8")
    few = ("--set", "replicates=1")
    plan = harmless(invoke("experiment", "plan", file, *few), *LITERALLY)
    ran = harmless(invoke("experiment", "run", file, *few, "--out", OUT), *LITERALLY)
    assert (plan.code, ran.code) == (0, 0), ran
    harmless(invoke("experiment", "status", OUT), *LITERALLY)
    harmless(invoke("experiment", "summary", OUT), *SHOWN)
    harmless(invoke("query", OUT, "SELECT DISTINCT district FROM runs"), *SHOWN)
    harmless(invoke("query", OUT, f"SELECT '{ATTACK[:-6]}' AS \"{NAME}\""), *SHOWN)
    for command in (("query", OUT, "SELECT * FROM runs"), ("experiment", "status", OUT)):
        printed_json = invoke(*command, "--json")
        json.loads(harmless(printed_json).out)


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", f"{NAME}.toml"),
        ("show", "--set", f"levers.{NAME}=1"),
        ("show", "--set", f"levers.pipeline={NAME}"),
        ("params", NAME),
        ("run", "--engine", NAME),
        ("run", "--seed", NAME),
        ("run", "--out", "x" * 5000 + NAME),
        ("compare", "--baseline", NAME),
        ("whatif", "--without", NAME),
        ("validate", "--only", NAME),
        ("query", NAME, "SELECT 1"),
        ("experiment", "run", f"{NAME}.toml"),
        ("experiment", "resume", NAME),
        ("calibrate", "run", NAME),
        ("sensitivity", "report", NAME),
        # Typer's own words
        (NAME,),
        (f"--{NAME}",),
        ("list", NAME),
        ("list", f"--{NAME}"),
        ("query", "x", "SELECT 1", NAME),
        ("experiment", NAME),
        ("experiment", "plan", "x", f"--{NAME}"),
    ],
)
def test_what_is_refused_is_repeated_harmlessly(fails, arguments):
    assert not STEERING.search(fails(*arguments))


@pytest.mark.parametrize(
    "text",
    [
        f"kind = {quoted(NAME)}",
        f'kind = "condition"\ntitle = "a"\n[{quoted(NAME)}]\na = 1',
        f'kind = "condition"\ntitle = "a"\n[conditions]\n{quoted(NAME)} = 1',
        f'kind = "condition"\ntitle = "a"\n[conditions]\nteacher_turnover = {quoted(NAME)}',
        f'kind = "condition"\ntitle = "{NAME}"',
    ],
)
def test_a_wrong_file_is_told_harmlessly(fails, tmp_path, text):
    path = tmp_path / "wrong.toml"
    path.write_text(text, encoding="utf-8")
    assert not STEERING.search(fails("show", path))


def test_bugs_and_warnings_of_libraries_are_told_harmlessly(invoke, monkeypatch):
    def compose(*_parts, **_options):
        warnings.warn(ATTACK, UserWarning, stacklevel=1)
        raise RuntimeError(ATTACK)

    monkeypatch.setattr("reformsim.scenario.loading.compose", compose)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        ran = harmless(invoke("show"), *LITERALLY)
    assert ran.code == 1
    assert "UserWarning: " in ran.err
    assert "RuntimeError: " in ran.err


def test_a_line_stays_one_line_and_letters_of_all_languages_stay():
    assert printed(20, say, "a\nb\r\x85\u2028c", "[red]:smile:[/]") == (
        "a\\nb\\r\\x85\\u2028c\n[red]:smile:[/]\n"
    )
    text = "Ñandú, 学区, هذا, नमस्ते, 👩\u200d🏫, e\u0301"
    assert spelt_out(text) == text


def test_without_unicode_a_number_is_still_a_number(monkeypatch):
    raw = io.BytesIO()
    written = io.TextIOWrapper(raw, encoding="cp1252", errors="backslashreplace", newline="")
    monkeypatch.setenv("COLUMNS", "80")
    with contextlib.redirect_stdout(written):
        say_table(("what", "gain"), [("web …", cell("−0.5", "[−0.7, −0.3]"))], numbers=("gain",))
        say("−1.5 – 2 \u03c4")
        written.flush()
    assert raw.getvalue().decode("ascii").split("\n") == [
        "",
        "what             gain",
        "---------------------",
        "web ...          -0.5",
        "         [-0.7, -0.3]",
        "",
        r"-1.5 - 2 \u03c4",
        "",
    ]


@given(st.text())
def test_json_says_every_text_without_a_control_character(text):
    shown = printed(80, print_json, {text: [text]})
    assert not STEERING.search(shown)
    assert json.loads(shown) == {text: [text]}


class TestSpreadsheets:
    TEXTS = ("=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "x;=1", "＝1")

    def test_no_text_of_an_answer_is_a_formula_and_numbers_stay_numbers(self, invoke, tmp_path):
        file = tmp_path / "tiny.toml"
        file.write_text(TINY, encoding="utf-8")
        words = ("experiment", "run", file, "--set", "replicates=1", "--out", "out", "-q")
        assert invoke(*words, "--no-summary").code == 0
        cells = ", ".join(f"'{text}' AS t{nth}" for nth, text in enumerate(self.TEXTS))
        sql = f"SELECT {cells}, -1.5 AS number, -2 AS whole, 'a-b=c' AS text, 1 AS \"=1\""
        ran = invoke("query", "out", sql, "--csv")
        head, row = csv.reader(io.StringIO(ran.out, newline=""))
        assert head[-4:] == ["number", "whole", "text", "'=1"]
        assert row[-4:] == ["-1.5", "-2", "a-b=c", "1"]
        assert row[:4] == ["'=1+1", "+1", "-1", "'@SUM(1)"]  # what is a number runs nothing
        assert row[4:8] == ["'\t'=1", "'\n'=1", "x;'=1", "'＝1"]

    def test_names_of_files_are_not_either(self, invoke, tmp_path):
        (tmp_path / "=1+1.toml").write_text('kind = "condition"\ntitle = "a"\n')
        text = TINY.replace("replicates = 4", 'conditions = ["=1+1.toml"]\nreplicates = 1')
        (tmp_path / "tiny.toml").write_text(text, encoding="utf-8")
        assert "condition,strategy" in (
            out := invoke("experiment", "plan", "tiny.toml", "--csv").out
        )
        assert ",'=1+1," in out
        assert ",=1+1," not in out
        ran = invoke("run", "small-rural", "=1+1.toml", *SMALL, "--out", "out")
        assert ran.code == 0, ran
        assert ",'=1+1," in (tmp_path / "out" / "series.csv").read_text(encoding="utf-8")

    def test_on_a_terminal_csv_is_spelt_out_and_elsewhere_it_is_exact(self, monkeypatch):
        assert printed(80, lambda: csv_out().write(ATTACK)) == ATTACK
        terminal = io.StringIO()
        monkeypatch.setattr(terminal, "isatty", lambda: True)
        monkeypatch.setattr(sys, "stdout", terminal)
        csv_out().write(f"a,b\n{ATTACK}\n")
        assert terminal.getvalue() == f"a,b\n{spelt_out(ATTACK)}\n"
