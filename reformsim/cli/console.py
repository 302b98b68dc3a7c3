"""What the commands print with: lines of text for people, JSON and CSV for programs.

Nothing is printed but through here and `tables.py`, so that nobody's text can steer a terminal or
is taken for markup, whatever stands in a title, a path or a message.
"""

from __future__ import annotations

import json
import math
import sys
from typing import TYPE_CHECKING, Any, TextIO, cast

from reformsim.characters import IN_A_LINE, IN_LINES
from reformsim.writing import plain

if TYPE_CHECKING:
    from .terminal import Terminal


def spelt_out(text: str, *, lines: bool = False) -> str:
    r"""Return a text with what would steer a terminal spelt out, as \x1b or \u202e.

    The end of a line is too, unless the text may have several `lines`.
    """
    steering = IN_LINES if lines else IN_A_LINE
    return steering.sub(lambda letter: letter[0].encode("unicode_escape").decode(), text)


def console(*, stderr: bool = False) -> Terminal:
    """Return what prints on stdout or stderr."""
    from .terminal import Terminal

    return Terminal(stderr=stderr)


def say(*lines: str, style: str = "", quiet: bool = False, stderr: bool = False) -> None:
    """Print lines of text; a long one is left to the terminal to break."""
    if not quiet:
        out = console(stderr=stderr)
        for line in lines:
            out.say(line, style)


def csv_out() -> TextIO:
    """Return where CSV is written to: stdout; on a terminal, what would steer it is spelt out."""
    return cast("TextIO", _SpeltOut()) if sys.stdout.isatty() else sys.stdout


class _SpeltOut:
    """Writes to stdout as to a terminal that nobody's text can steer."""

    def write(self, text: str) -> int:
        return sys.stdout.write(spelt_out(text, lines=True))


def print_json(document: Any) -> None:
    """Print one JSON document on stdout; what is undefined becomes null, as JSON knows no NaN."""
    unicode = "utf" in (sys.stdout.encoding or "").lower()
    text = json.dumps(plain(document), indent=2, ensure_ascii=not unicode, allow_nan=False)
    sys.stdout.write(f"{json_spelt_out(text)}\n")


def json_spelt_out(text: str) -> str:
    """Return JSON that means the same, without anything that would steer a terminal.

    JSON itself spells out some control characters only.
    """
    return IN_LINES.sub(lambda letter: json.dumps(letter[0])[1:-1], text)


def number(value: float, decimals: int = 3) -> str:
    """Return a number with at most so many decimals, fewer if it is large; a dash if undefined."""
    if math.isnan(value):
        return "–"
    shown = f"{value:,.{0 if abs(value) >= 100 else decimals}f}"
    nothing = not shown.strip("-0.,")
    return shown.lstrip("-") if nothing else shown.replace("-", "−")


def end(value: float, decimals: int = 3) -> str:
    """Return an end of an interval: below 0 it has a sign, so that one sees whether 0 is covered."""
    shown = number(value, decimals)
    return f"−{shown}" if value < 0 and not shown.startswith("−") else shown


def signed(value: float, decimals: int = 3) -> str:
    """Return a number with its sign."""
    shown = number(value, decimals)
    return f"+{shown}" if value > 0 and shown.strip("0.,") else shown
