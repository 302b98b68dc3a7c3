"""The line of every key, whatever TOML allows between the keys."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reformsim.errors import ScenarioError
from reformsim.messages import nearest
from reformsim.scenario.toml import MOST_KEYS, Key, key_lines, parse_toml

TEXT = '''\
# kind = "a comment is no key"
kind = "strategy"
title = """
[levers]
pipeline = 1
"""  # a string over several lines
extends = [
    "a",  # a comment with a ] in it
    "b",
]

[ levers ]
'span_of_control' = 12
pipeline = 0.5

[[events]]
type = "crisis"
[[events]]  # a second
month = 3
[events.more]
deep = 1
[district]
need.mean = 0.5
inline = { a = 1, b = 2 }
'''


def test_every_key_has_the_line_it_starts_on() -> None:
    lines = key_lines(TEXT)

    assert lines["kind",] == 2
    assert lines["title",] == 3
    assert lines["extends",] == lines["extends", 1] == 7
    assert lines["levers",] == 12
    assert lines["levers", "span_of_control"] == 13
    assert lines["levers", "pipeline"] == 14
    assert lines["events", 0] == 16
    assert lines["events", 0, "type"] == 17
    assert lines["events", 1] == 18
    assert lines["events", 1, "month"] == 19
    assert lines["events", 1, "more"] == 20
    assert lines["events", 1, "more", "deep"] == 21
    assert lines["district",] == 22
    assert lines["district", "need", "mean"] == 23
    assert lines["district", "inline", "b"] == 24


def test_windows_line_ends_and_byte_order_mark() -> None:
    data, lines = parse_toml(b"\xef\xbb\xbf# first\r\nkind = 'x'\r\n[levers]\r\na = 1\r\n")

    assert data == {"kind": "x", "levers": {"a": 1}}
    assert lines["levers", "a"] == 4


def test_a_long_statement_hides_nothing() -> None:
    lines = key_lines("a = 1\nb = [\n" + "1,\n" * 1000 + "]\nc = 2\n")

    assert (lines["a",], lines["b",], lines["b", 999], lines["c",]) == (1, 2, 2, 1004)


def test_of_very_many_keys_the_first_are_found() -> None:
    lines = key_lines("".join(f"k{number}=1\n" for number in range(MOST_KEYS + 10)))

    assert len(lines) == MOST_KEYS
    assert lines["k4999",] == 5000


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"", 1, "is empty"),
        (b"# only\n# comments\n", 1, "is empty"),
        (b"a = 1\nb = \xff\n", 2, "is not UTF-8 text"),
        (b"a = 1\nb = high\n", 2, "is not TOML: Invalid value at column 5"),
        (b"a = 1\na = 2\n", 2, "is not TOML: Cannot overwrite a value at column 6"),
        (b'a = 1\nb = "open', 2, "is not TOML: Unterminated string at the end of the file"),
        (b"a = " + b"[" * 5000, 1, "nested too deeply"),
        (b"a = " + b"9" * 5000, 0, "is not TOML: a number of thousands of digits"),
        ("kind = 'x'".encode("utf-16"), 1, "is not UTF-8 text but looks like UTF-16"),
        ("kind = 'x'".encode("utf-16-be"), 1, "is not UTF-8 text but looks like UTF-16"),
    ],
)
def test_what_cannot_be_read(content: bytes, line: int, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_toml(content)

    (problem,) = caught.value.problems
    assert problem.message.startswith(message)
    # Newer versions of tomllib place these two, older ones do not.
    assert problem.line in {line, 1}


@pytest.mark.parametrize(
    ("word", "choice"),
    [
        ("districts", "district"),
        ("stabel", "stable"),
        ("web-of-suport", "web_of_support"),
        ("webofsupport", "web_of_support"),
        ("Severe_Recession", "severe-recession"),
        ("retention_6", "retention_60"),
        ("leadershp", "leadership"),
        ("dsk", "dask"),
        ("pipelin", "levers.pipeline"),
        ("lever.pipeline", "levers.pipeline"),
    ],
)
def test_what_was_probably_meant(word: str, choice: str) -> None:
    assert nearest(word, ["other", "operational-load", choice, "leadership_gain_2y"]) == choice


@pytest.mark.parametrize(
    ("word", "choice"),
    [
        ("nope", "operational-load"),
        ("nope", "operations_relief"),
        ("leadershp", "leadership_gain_2y"),
        ("load", "operational-load"),
        ("x", "x-ray"),
        ("", "stable"),
    ],
)
def test_a_short_word_is_not_found_inside_of_a_longer_one(word: str, choice: str) -> None:
    assert nearest(word, [choice]) == ""


keys = st.text("abc-_", min_size=1, max_size=5)
values = st.one_of(
    st.integers(),
    st.booleans(),
    st.text("ab\"'\\[]#=\n", max_size=8),
    st.lists(st.integers(), max_size=3),
)


@given(st.dictionaries(keys, st.dictionaries(keys, values, max_size=4), max_size=4))
def test_every_key_of_any_file_is_found_in_its_order(tables: dict[str, dict[str, object]]) -> None:
    text = ""
    expected: dict[Key, int] = {}
    for name, table in tables.items():
        text += f"\n# [x]\n[{name}]\n"
        expected[name,] = text.count("\n")
        for key, value in table.items():
            expected[name, key] = text.count("\n") + 1
            text += f"{key} = {_toml(value)}\n"

    assert tomllib.loads(text) == tables
    lines = {key: line for key, line in key_lines(text).items() if isinstance(key[-1], str)}
    assert lines == expected


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        inner = value.replace("\\", "\\\\").replace('"', '\\"')
        # TOML drops a line end right after the opening marks.
        return f'"""\n{inner}"""'
    if isinstance(value, list):
        return "[\n" + "".join(f"  {item},\n" for item in value) + "]"
    return str(value)
