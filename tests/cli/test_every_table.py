"""Every command that prints a table, in any width: no number is cropped, no text steers a terminal.

The cases are in `printing_tables.py`; a function that prints a table and has none is an error here.
"""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

import pytest
import typer.main
from printing import ATTACK, LITERALLY, LONG, STEERING, WIDE, WIDTHS, numbers, printed
from printing_tables import CASES, OWN

from reformsim import cli
from reformsim.cli import main
from reformsim.cli.app import app

SOURCES = sorted(Path(cli.__file__).parent.rglob("*.py"))
LEFT_OUT = re.compile(r"… and ([\d,]+) columns? more; --csv prints them all")


def functions_that_call(name):
    """Name every function of the command line in whose body `name` is called."""
    found = set()
    for path in SOURCES:
        for function in ast.parse(path.read_text(encoding="utf-8")).body:
            calls = [one.func for one in ast.walk(function) if isinstance(one, ast.Call)]
            if any(name in (getattr(one, "id", ""), getattr(one, "attr", "")) for one in calls):
                found.add(f"{path.stem}.{getattr(function, 'name', '')}")
    return found


def imports_of(path):
    for one in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(one, ast.ImportFrom):
            yield from (f"{one.module}.{alias.name}" for alias in one.names)
        elif isinstance(one, ast.Import):
            yield from (alias.name for alias in one.names)


def test_every_function_that_prints_a_table_is_tried_here():
    assert functions_that_call("say_table") == set(CASES)


def test_nothing_prints_but_through_the_one_door():
    """Rich, stdout and stderr are touched where a terminal is safe from what is printed."""
    users = {path.stem for path in SOURCES for name in imports_of(path) if name.startswith("rich")}
    # Progress only names the type of a bar.
    assert users == {"progress", "bar", "layout", "terminal", "wrapping"}
    assert functions_that_call("Table") == set()
    assert functions_that_call("Console") == set()
    assert functions_that_call("Terminal") == {"console.console"}
    assert functions_that_call("print") == {"tables.say_table", "terminal.Terminal"}
    assert functions_that_call("echo") == set()
    # Pages, versions and what a process says at its end are our own words; streams and answers of
    # questions are spelt out by who writes to them.
    own_words = {"__init__.main", "app._print_version", "params.params", "process._say"}
    spelt_out = {"console._SpeltOut", "console.print_json", "query._write_csv", "query._write_json"}
    assert functions_that_call("write") == {*own_words, *spelt_out, "process._Output"}


@pytest.fixture(params=sorted(CASES))
def case(request, monkeypatch, tmp_path):
    """What prints one table, when it is given a text."""
    return request.param, lambda text: CASES[request.param](monkeypatch, tmp_path, text)


def test_every_number_is_whole_in_any_width(case):
    _, made = case
    show = made(LONG)
    wide = numbers(printed(WIDE, show))
    assert len(wide) > 1
    for width in WIDTHS:
        shown = printed(width, show)
        assert "…" not in LEFT_OUT.sub("", shown)
        left_out = LEFT_OUT.findall(shown)
        narrow = numbers(LEFT_OUT.sub("", shown))
        assert set(narrow) <= set(wide), width
        if not left_out:
            assert narrow >= wide, width


def test_a_users_text_is_shown_literally(case):
    name, made = case
    if os.name != "posix" and name.startswith("scenarios"):
        pytest.skip("Windows has no such file names")
    show = made(ATTACK)
    for width in (*WIDTHS, WIDE):
        shown = printed(width, show)
        assert not STEERING.search(shown), (width, shown)
    if name not in OWN:
        assert [text for text in LITERALLY if text not in shown] == []


def every_command(command, path=()):
    yield path
    for name, below in getattr(command, "commands", {}).items():
        yield from every_command(below, (*path, name))


@pytest.mark.slow
def test_help_crops_no_word_and_breaks_no_number():
    for path in every_command(typer.main.get_command(app)):
        wide, *others = (printed(width, main, [*path, "--help"]) for width in (WIDE, 40, 80))
        for shown in others:
            assert set(numbers(shown)) == set(numbers(wide)), path
            assert shown.count("…") == wide.count("…"), path


@pytest.mark.parametrize(
    "command", ["compare --district small-rural", "whatif small-rural --with crisis@3:0.4"]
)
def test_whole_commands_say_the_same_numbers_at_80_and_40_columns(invoke, monkeypatch, command):
    shown = {}
    for width in (WIDE, 80, 40):
        monkeypatch.setenv("COLUMNS", str(width))
        ran = invoke(*command.split(), "--years", 3, "--warm-up", 1, "-n", 3, "--workers", 1, "-q")
        assert ran.code == 0, ran
        shown[width] = numbers(ran.out)
    assert set(shown[80]) == set(shown[40]) == set(shown[WIDE])
    assert shown[40] >= shown[WIDE]
