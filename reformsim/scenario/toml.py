"""TOML that anybody may have written: its data, the line of every key, and a bound on the work.

`tomllib` reads the data but does not say where it stands, and takes gigabytes for one key of a few
thousand levels. So a text is first laid bare: strings are replaced by a sign and comments left out,
line by line. What is left shows how deep keys and brackets go, and where a statement ends.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, TypeAlias

from reformsim.errors import Problem, ScenarioError

if TYPE_CHECKING:
    from collections.abc import Iterator

Key: TypeAlias = tuple[str | int, ...]
"""The way to a value: names of keys, and places in a list, as `("events", 0, "month")`."""

DEPTH = 3
"""Keys deeper than `events.0.month` are of no use to a scenario."""

DEEPEST = 16
"""Levels of one key, and of brackets in brackets; no file needs more than four."""

MOST_KEYS = 50_000
"""Keys whose lines are looked up."""

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_BACKSLASH = (
    r"a backslash means something in double quotation marks: write a path with / instead, or in"
    r" single ones, as 'C:\folder\file'"
)
_ADVICE = {
    "Invalid value": "text is written in quotation marks",
    "Cannot overwrite a value": "a key may be given only once",
    "Cannot declare": "a section may be opened only once",
    "Unescaped '\\'": _BACKSLASH,
    "Invalid hex value": _BACKSLASH,
    "Escaped character": _BACKSLASH,
}

# A string over several lines may have two more quotation marks at its end, which belong to it. One
# that does not end reaches to the end of its line, or of the text if it may have several lines;
# tomllib stops there too. Nothing is tried twice (`++`, `*+`), or time would be quadratic.
_STRING_OR_COMMENT = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"{3,5}|\\?\Z)'
    r"|'''(?:[^']|'(?!''))*+(?:'{3,5}|\Z)"
    r'|"(?:[^"\\\n]|\\[^\n])*+"?'
    r"|'[^'\n]*+'?"
    r"|\#[^\n]*+",
    re.DOTALL,
)
_DEEP_KEY = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{DEEPEST}}}")
_BRACKET = re.compile(r"[\[\]{}]")
# Stands for a line end inside of a string; where else TOML has one, it is a mistake.
_INNER_LINE = "\r"


class TooDeep(ValueError):
    """A text whose keys or brackets go deeper than those of any file that is meant."""

    def __init__(self, line: int) -> None:
        super().__init__(f"nested too deeply, more than {DEEPEST} levels")
        self.line = line


def loads(text: str) -> dict[str, Any]:
    """Return the data of a text as `tomllib` does, in bearable time.

    Raises ValueError for anything that is not TOML, and TooDeep for what is nested too deeply.
    """
    _check_depth(_bare(text.replace("\r\n", "\n")))
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise TooDeep(0) from None


def parse_toml(content: bytes) -> tuple[dict[str, Any], dict[Key, int]]:
    """Return the data of a TOML file and the line of every key.

    Raises ScenarioError with one problem if it is not UTF-8, not TOML, or holds nothing.
    """
    text = text_of(content)
    try:
        data = loads(text)
    except TooDeep as error:
        raise ScenarioError(Problem(str(error), line=error.line)) from None
    except ValueError as error:
        raise ScenarioError(_not_toml(str(error), content.count(b"\n") + 1)) from None
    if not data:
        raise ScenarioError(Problem("is empty", line=1))
    return data, key_lines(text)


def text_of(content: bytes) -> str:
    """Return UTF-8 text, without the byte order mark that editors on Windows may put first.

    Raises ScenarioError with one problem if it is none.
    """
    hint = "save the file as UTF-8"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:1000]:
        message = "is not UTF-8 text but looks like UTF-16, or is no text"
        raise ScenarioError(Problem(message, line=1, hint=hint))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ScenarioError(Problem("is not UTF-8 text", line=line, hint=hint)) from None


def key_lines(text: str) -> dict[Key, int]:
    """Return the line, counted from 1, of every key and table of a TOML text that parses.

    Of more than MOST_KEYS the rest is left out.
    """
    lines: dict[Key, int] = {}
    table: Key = ()
    last_in_list: dict[Key, int] = {}
    for number, statement in _statements(text.replace("\r\n", "\n")):
        parsed = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            table = _header(parsed, last_in_list)
            for depth in range(1, len(table) + 1):
                lines.setdefault(table[:depth], number)
        else:
            for path in _paths(parsed, ()):
                lines.setdefault((*table, *path), number)
                if len(lines) >= MOST_KEYS:
                    return lines
        if len(lines) >= MOST_KEYS:
            break
    return lines


def _bare(text: str) -> str:
    """Return a text with `_` for each string and nothing for each comment, in as many lines."""

    def sign(match: re.Match[str]) -> str:
        token = match[0]
        return "" if token[0] == "#" else "_" + _INNER_LINE * token.count("\n")

    return _STRING_OR_COMMENT.sub(sign, text)


def _check_depth(bare: str) -> None:
    """Raise TooDeep if keys or brackets go too deep."""

    def line_at(offset: int) -> int:
        return 1 + bare.count("\n", 0, offset) + bare.count(_INNER_LINE, 0, offset)

    if deep := _DEEP_KEY.search(bare):
        raise TooDeep(line_at(deep.start()))
    depth = 0
    for bracket in _BRACKET.finditer(bare):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEEPEST:
            raise TooDeep(line_at(bracket.start()))


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield each statement of a text that parses, with the number of its first line."""
    lines = text.split("\n")
    first = number = 1
    depth = 0
    for bare in _bare(text).split("\n"):
        if depth == 0:
            first = number
        number += 1 + bare.count(_INNER_LINE)
        depth += sum(map(bare.count, "[{")) - sum(map(bare.count, "]}"))
        if depth == 0 and not bare.isspace() and bare:
            yield first, "\n".join(lines[first - 1 : number - 1])


def _not_toml(reason: str, last_line: int) -> Problem:
    """Return what `tomllib` says with its line, which it gives at the end of its message."""
    where_said = _PLACE.search(reason)
    if where_said is None:
        number = "a number of thousands of digits" if reason.startswith("Exceeds") else ""
        return Problem(f"is not TOML: {number or reason}")
    # Some messages hold a key, which may be of any length.
    message = reason[: min(where_said.start(), 80)]
    column = where_said[2]
    where = f"at column {column}" if column else "at the end of the file"
    hint = next((advice for start, advice in _ADVICE.items() if message.startswith(start)), "")
    return Problem(
        f"is not TOML: {message} {where}", line=int(where_said[1] or last_line), hint=hint
    )


def _header(parsed: dict[str, Any], last_in_list: dict[Key, int]) -> Key:
    """Return the way to the table that a header opens, and count it if it is one of a list."""
    key: Key = ()
    rest: Any = parsed
    while isinstance(rest, dict) and rest:
        name, rest = next(iter(rest.items()))
        key = (*key, name)
        if isinstance(rest, list):
            last_in_list[key] = last_in_list.get(key, -1) + 1
        if key in last_in_list:
            key = (*key, last_in_list[key])
    return key


def _paths(value: Any, path: Key) -> Iterator[Key]:
    """Yield the way to every value inside a table or list, down to DEPTH."""
    if len(path) == DEPTH:
        return
    members: Any = ()
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    for name, member in members:
        yield (*path, name)
        yield from _paths(member, (*path, name))
