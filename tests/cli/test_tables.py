"""Tables in any width: no number is cropped or broken, nothing is lost, no line is too long."""

from __future__ import annotations

import re
from collections import Counter

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from printing import ATTACK, LITERALLY, LONG, STEERING, WIDE, WIDTHS, numbers, printed
from rich.cells import cell_len

from reformsim.cli.console import spelt_out
from reformsim.cli.tables import Column, cell, say_table
from reformsim.cli.wrapping import wrapped

COST = Column("Cost", "$/pupil a year", number=True)
GAIN = Column("Gain", "points", number=True)
INTERVAL = cell("+0.009", "[0.006, 0.012]")


def lines(width, columns, rows, **options):
    return [
        line.rstrip() for line in printed(width, say_table, columns, rows, **options).split("\n")
    ]


def test_where_there_is_room_a_row_is_a_line():
    shown = lines(80, ("strategy", "cost"), [("web", "139")], numbers=("cost",), title="Now")
    assert shown[:5] == ["Now", "", "strategy  cost", "──────────────", "web        139"]


def test_text_is_wrapped_before_an_interval_is_broken_between_its_numbers():
    rows = [("A strategy with a name", INTERVAL)]
    assert lines(30, ("", GAIN), rows)[4:6] == [
        "A strategy              +0.009",
        "with a name     [0.006, 0.012]",
    ]
    assert lines(24, ("", GAIN), rows)[4:7] == [
        "A strategy with   +0.009",
        "a name           [0.006,",
        "                  0.012]",
    ]


def test_what_is_too_wide_is_stacked_with_every_heading():
    assert lines(20, ("strategy", GAIN, COST), [("web_of_support", INTERVAL, "139")])[1:-2] == [
        "web_of_support",
        "  Gain, points:",
        "    +0.009 [0.006,",
        "    0.012]",
        "  Cost, $/pupil a",
        "  year:",
        "    139",
    ]


def test_pairs_are_told_apart_when_stacked_and_what_is_empty_is_left_out():
    columns = (Column("key", "unit", pairs=True), Column("bounds", "plausible", pairs=True), "note")
    shown = lines(12, columns, [(cell("district", "pupils"), cell("0 – 1", "–"), "")])
    assert shown[1:-2] == [
        "district",
        "  unit:",
        "    pupils",
        "  bounds:",
        "    0 – 1",
        "  plausible:",
        "    –",
    ]


def test_columns_are_left_out_only_where_one_may_and_a_line_says_how_many():
    columns, row = [f"column_{nth}" for nth in range(30)], [f"{nth}1.5" for nth in range(30)]
    shown = lines(40, columns, [row], numbers=columns, rest="--csv prints them all")
    assert shown[1].split() == columns[:4]
    assert shown[3].split() == row[:4]
    assert shown[-2] == "… and 26 columns more; --csv prints them all"
    stacked = "\n".join(lines(40, columns, [row], numbers=columns))
    assert set(row) <= set(stacked.split())
    assert "more" not in stacked


def test_words_are_folded_where_a_path_is_parted_and_never_inside_a_number():
    path = "scenarios/districts/a-rather-long-name.toml:1234567"
    assert wrapped(path, 31) == ["scenarios/districts/", "a-rather-long-name.toml:1234567"]
    assert wrapped(path, 25) == [
        "scenarios/districts/a-",
        "rather-long-name.toml:",
        "1234567",
    ]
    assert wrapped("x" * 25 + "1234567.5", 20) == ["x" * 20, "x" * 5 + "1234567.5"]
    assert wrapped("a share of 1/3 or 2024/05", 12) == ["a share of", "1/3 or", "2024/05"]
    assert wrapped("on 2024-05-06 at 12:30:15.5", 10) == ["on", "2024-05-06", "at", "12:30:15.5"]
    assert wrapped("9" * 50, 20) == ["9" * 50]
    assert wrapped("学区的名字", 4) == ["学区", "的名", "字"]
    assert wrapped("e\u0301e\u0301e\u0301", 2) == ["e\u0301e\u0301", "e\u0301"]


def test_a_long_word_among_numbers_is_folded_as_any_other():
    path = "/home/a-district/surveys/of/2024/who-asks-whom-for-advice.csv"
    shown = lines(60, ("key", "value"), [("network", path), ("ties", "1,234")], numbers=("value",))
    assert shown[1].split() == ["key", "value"]
    assert "".join(line[7:].strip() for line in shown[3:-2]) == f"{path}1,234"


def test_users_text_is_no_markup_and_has_no_control_characters():
    columns = ("name", Column("heading\x1b[2J", "[red]below", number=True), ATTACK)
    rows = [(ATTACK, cell("1", ATTACK), "[link=file:///etc]x[/link]")]
    for width in (*WIDTHS, WIDE):
        shown = printed(width, say_table, columns, rows, title=ATTACK)
        assert not STEERING.search(shown)
        squeezed = re.sub(r"\s", "", shown)
        for text in (*LITERALLY, "[link=file:///etc]x[/link]", "[red]below"):
            assert text.replace(" ", "") in squeezed or width < WIDE
        assert all(text in shown.split("\n")[0] for text in LITERALLY)


TEXT = st.one_of(
    st.just(LONG),
    st.text(st.sampled_from("ab _-./:学🏫e\u0301\u200d\ufe0f[]\x1b\n12,5−"), max_size=60),
    st.text(max_size=30),
)
NUMBER = st.one_of(
    st.floats(-1e12, 1e12).map(lambda value: f"{value:,.3f}".replace("-", "−")),
    st.integers(-(10**20), 10**20).map(lambda value: f"{value:,}".replace("-", "−")),
    st.just("–"),
)
NUMBERS = st.one_of(
    NUMBER.map(cell),
    st.tuples(NUMBER, NUMBER, NUMBER).map(lambda v: cell(v[0], f"[{v[1]}, {v[2]}]")),
    st.tuples(NUMBER, NUMBER).map(lambda v: cell(v[0], f"in {v[1]} of 12 runs", style="bold")),
)


@st.composite
def tables(draw):
    kinds = draw(st.lists(st.booleans(), min_size=1, max_size=9))
    columns = [
        Column(draw(TEXT), draw(TEXT) if draw(st.booleans()) else "", number) for number in kinds
    ]
    rows = [
        [draw(NUMBERS) if number else draw(TEXT.map(cell)) for number in kinds]
        for _ in range(draw(st.integers(0, 4)))
    ]
    return columns, rows


def letters(text):
    """Count what is no space."""
    return Counter(re.sub(r"\s", "", text))


@settings(max_examples=60)
@given(tables(), st.sampled_from((40, 41, 60, 80, 100, 200)))
def test_any_table_keeps_every_letter_in_the_width_and_every_number_whole(made, width):
    columns, rows = made
    shown = printed(width, say_table, columns, rows)
    cells = [spelt_out(line) for row in rows for one in row for line in one.lines]
    assert not letters("".join(cells)) - letters(shown)
    for row in rows:
        for column, one in zip(columns, row, strict=True):
            if column.number:
                assert set(numbers(" ".join(one.lines))) <= set(numbers(shown))
    for line in shown.split("\n"):
        # Only a number that has no room by itself may go on behind the end of a line.
        assert cell_len(line) <= width or cell_len(max(numbers(line), key=len)) > width - 8


@pytest.mark.parametrize("width", [1, 2, 5, 11, 20])
def test_even_a_terminal_that_is_far_too_narrow_gets_whole_numbers(width):
    rows = [("web", INTERVAL, "1,234,567.891")]
    shown = printed(width, say_table, ("strategy", GAIN, COST), rows)
    assert {"+0.009", "0.006", "0.012", "1,234,567.891"} <= set(numbers(shown))
