"""Text as text: what users call things, written into Markdown so that nothing in it is markup.

Jinja does the same for HTML. What is meant as Markdown says so, by being `Markdown`.
"""

from __future__ import annotations

import re
from typing import Any

from reformsim.characters import STEERING

_HIDDEN = re.compile(rf"(?![\t\r\n])[{STEERING}]")
_SPECIAL = re.compile(r"[\\`*\[<>&|~${}]|_(?!(?<=[^\W_]_)[^\W_])")
"""What CommonMark or a well-known extension of it can take for markup, anywhere in a line. An
underscore between letters is none."""
_LEADING = re.compile(r"(?:#|=|:|[-+](?![\d.])|\d+(?=[.)](?:\s|$)))")
"""What begins a heading, a list or a rule, at the start of a line."""


class Markdown(str):
    """Text that is meant as Markdown."""

    __slots__ = ()


def visible(text: str) -> str:
    """Return a text with a sign for every character that steers others and is not to be seen.

    Such could hide or turn around what stands beside them. Lines and tabs stay as they are.
    """
    return _HIDDEN.sub("\ufffd", text)


def one_line(text: str) -> str:
    """Return a text in one line, as `visible` gives it."""
    return re.sub(r"[ \t\r\n]+", " ", visible(text)).strip()


def escaped(text: str) -> Markdown:
    """Return a text as Markdown that shows it as it stands, in one line."""
    line = _SPECIAL.sub(lambda match: f"\\{match[0]}", one_line(text))
    if first := _LEADING.match(line):
        end = first.end()
        line = f"{line[:end]}\\{line[end:]}" if first[0].isdigit() else f"\\{line}"
    return Markdown(line)


def code(text: str) -> Markdown:
    """Return a text as code within a line; also in a table, where a bar would end the cell."""
    line = one_line(text).replace("|", "\\|")
    fence = _fence(line, 1)
    space = " " if not line or "`" in {line[0], line[-1]} else ""
    return Markdown(f"{fence}{space}{line}{space}{fence}")


def console(command: str) -> Markdown:
    """Return a command as a block of code that is typed."""
    lines = [one_line(line) for line in command.split("\n")]
    fence = _fence(command, 3)
    shown = "\n".join(lines)
    return Markdown(f"{fence}console\n$ {shown}\n{fence}")


def written(value: Any) -> Any:
    """Return a value as a template for Markdown writes it: text as text, and Markdown as it is."""
    if isinstance(value, Markdown) or not isinstance(value, str):
        return value
    return escaped(value)


def _fence(text: str, least: int) -> str:
    """Return as many backticks as no run of them in a text is long."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    return "`" * max(least, longest + 1)
