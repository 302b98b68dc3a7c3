"""Words that messages about wrong input share: values shown, likely meanings, hints about paths."""

from __future__ import annotations

import json
import os
from itertools import islice
from typing import TYPE_CHECKING, Any

from .errors import Problem, printable, reason_of

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_PROBLEMS = 100
"""Problems that are shown at once; more would hide the first ones, which explain the others."""
MORE_PROBLEMS = f"there are more problems; the first {MOST_PROBLEMS} are shown"

_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}
_SIGNS = {
    "t": "a tab",
    "n": "a line end",
    "r": "a carriage return",
    "b": "a backspace",
    "f": "a form feed",
}


def nearest(word: str, choices: Iterable[str]) -> str:
    """Return the choice that was probably meant, or nothing.

    A name without its section, as "pipelin", is compared with the names in all sections.
    """
    from rapidfuzz import fuzz, process, utils

    names = {choice: choice if "." in word else choice.rpartition(".")[2] for choice in choices}
    # Whole against whole: scorers that compare parts find a short word inside of any longer one.
    match = process.extractOne(
        word, names, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=75
    )
    return match[2] if match else ""


def did_you_mean(near: str) -> str:
    """Return a choice as a hint; nothing for nothing."""
    return f"did you mean '{near}'?" if near else ""


def show(value: Any) -> str:
    """Return a value about as TOML writes it, cut to a length that fits a message."""
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    if isinstance(value, int) and value.bit_length() > 200:
        return "an enormous number"
    if isinstance(value, float):
        return repr(value)
    text = json.dumps(value, ensure_ascii=False, default=str)
    return brief(text)


def brief(text: str) -> str:
    """Return a text as it can be printed, cut to a length that fits a message."""
    return printable(text if len(text) <= 80 else f"{text[:76]} …")


def bearable(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems; if they are more than MOST_PROBLEMS, the first ones and one that says so."""
    first = list(islice(problems, MOST_PROBLEMS + 1))
    if len(first) > MOST_PROBLEMS:
        first[-1] = Problem(MORE_PROBLEMS, first[-1].file)
    return first


def unreadable(error: OSError | ValueError) -> str:
    """Return what to say of a path that cannot be opened."""
    # A null character in a path is a ValueError.
    why = reason_of(error) if isinstance(error, OSError) else "it is not a possible path"
    return f"cannot be read: {why}"


def path_hint(text: str) -> str:
    """Return a hint for a path that was probably mangled on its way through TOML, or nothing."""
    instead = r"write / instead of \, or put the path in single quotation marks"
    for letter, sign in _ESCAPES.items():
        if sign in text:
            return rf"in double quotation marks \{letter} is {_SIGNS[letter]}: {instead}"
    if "\\" in text and (text.startswith('"') or os.sep != "\\"):
        return instead
    return ""
