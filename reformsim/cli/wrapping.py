"""Breaking text into lines of a width, in which no number is ever broken."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NUMBER = r"[+\-−]?\d+(?:[.,]\d+)*(?:[eE][+\-−]?\d+)?%?"
_NUMBER_OR_LETTER = re.compile(rf"{_NUMBER}|.", re.DOTALL)
_WORD = re.compile(r"\S+\s*")
_FIGURE = re.compile(r"\S+\s*(?:(?:to|of|–|÷)\s+)?")
_BEHIND_A_FOLDER = re.compile(r"(?<=[/\\])(?!(?<=\d.)\d)")
_PIECE = re.compile(rf"(?:{_NUMBER}|[^\-_.:])*[\-_.:]*")


def figures(text: str) -> list[str]:
    """Return what is said in numbers in words; what joins two numbers stays with the first."""
    return _FIGURE.findall(text.lstrip())


def parts(text: str) -> list[str]:
    """Return a text where it may be broken well: in words, folders, and between wide letters."""
    return [
        letters
        for word in _WORD.findall(text.lstrip())
        for part in _BEHIND_A_FOLDER.split(word)
        for letters in _between_wide_letters(part)
    ]


def pieces(text: str) -> list[str]:
    """Return a text where it may be broken if need be: also behind "-", "_", "." and ":"."""
    return [piece for part in parts(text) for piece in _PIECE.findall(part) if piece]


def atoms(text: str) -> list[str]:
    """Return a text in what is never broken: numbers, and letters with all that is above them."""
    whole: list[str] = []
    for atom in _NUMBER_OR_LETTER.findall(text):
        if whole and (whole[-1].endswith("\u200d") or not cell_len(atom)):
            whole[-1] += atom
        else:
            whole.append(atom)
    return whole


def wrapped(text: str, width: int, split: Callable[[str], list[str]] = parts) -> list[str]:
    """Return a text in lines of at most a width; only a number that is wider has a longer line."""
    lines = [""]
    for piece in _narrow(split(text), width):
        if lines[-1] and cell_len(f"{lines[-1]}{piece}".rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def _narrow(long: list[str], width: int) -> Iterator[str]:
    """Yield pieces, those that are too wide for a line in smaller ones."""
    for piece in long:
        if cell_len(piece.rstrip()) <= width:
            yield piece
        else:
            for smaller in pieces(piece):
                yield from [smaller] if cell_len(smaller.rstrip()) <= width else atoms(smaller)


def _between_wide_letters(text: str) -> Iterator[str]:
    """Yield a text in runs of narrow letters and single wide ones, as of Chinese."""
    if cell_len(text) == len(text):
        yield text
        return
    run = ""
    letters = atoms(text)
    for letter, following in pairwise([*letters, ""]):
        run += letter
        if cell_len(letter) > 1 and len(letter) == 1 and following.strip():
            yield run
            run = ""
    if run:
        yield run
