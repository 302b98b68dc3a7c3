"""What is hidden from readers is one list, and nothing that is to be read is on it."""

from __future__ import annotations

import json
import sys
import unicodedata

import pytest

from reformsim.characters import IN_A_LINE, IN_LINES, JOINERS
from reformsim.cli.console import json_spelt_out, spelt_out
from reformsim.errors import printable
from reformsim.report.markup import visible

EVERY = "".join(map(chr, range(sys.maxunicode + 1)))
STEERS = set(IN_A_LINE.findall(EVERY))


def test_every_control_separator_and_turn_of_direction_steers() -> None:
    turns = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    must = {
        letter
        for letter in EVERY
        if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}
        or unicodedata.bidirectional(letter) in turns
        or letter in "\u200e\u200f\u061c\ufeff"
    }
    assert must <= STEERS
    assert set(IN_LINES.findall(EVERY)) == STEERS - {"\n"}


def test_nothing_that_is_to_be_read_steers() -> None:
    assert not [letter for letter in STEERS if letter.isprintable() or letter in JOINERS]
    assert "\u0600" not in STEERS  # the Arabic number sign is seen, though it is of the category Cf


@pytest.mark.parametrize("letter", ["\x1b", "\x9b", "\u200f", "\u202e", "\u2028", "\U000e0041"])
def test_a_terminal_and_a_page_hide_the_same(letter: str) -> None:
    written = letter.encode("unicode_escape").decode()
    assert spelt_out(f"a{letter}b") == f"a{written}b"
    assert visible(f"a{letter}b") == "a\ufffdb"


def test_json_on_a_terminal_means_the_same() -> None:
    text = "".join(sorted(STEERS - {"\n"}, reverse=True))
    shown = json_spelt_out(json.dumps(text, ensure_ascii=False))
    assert not IN_A_LINE.search(shown)
    assert json.loads(shown) == text


def test_one_odd_character_leaves_the_others_as_they_are() -> None:
    assert printable("Ñandú \x1b 学区 \ud800") == r"Ñandú \x1b 学区 \ud800"
