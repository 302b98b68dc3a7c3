"""What a function prints, in a terminal of a width; and what to look for in it."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING:
    from collections.abc import Callable

WIDTHS = (40, 60, 80, 100, 200)
WIDE = 5000
"""A terminal in which nothing has to be wrapped."""
LONG = "Ein Bezirk mit langem Namen · 学区的名字 🏫🏫 · Ñandu\u0301 e\u0301cole, 60 Zeichen"
"""A title of about 60 letters, of which some are wide and some are put together."""
ATTACK = "\x1b]0;owned\x07 \x9b31m [bold]x[/bold] [/] :skull: \u202etxt \u2028 \r\x7f\x00 end"
"""What would rename the window, turn the text red or round, or be markup."""
LITERALLY = (r"\x1b]0;owned\x07", r"\x9b31m", "[bold]x[/bold]", "[/]", ":skull:", r"\u202etxt")
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")

_NUMBER = re.compile(r"[+−]?\d+(?:[.,]\d+)*")


def printed(width: int, function: Callable[..., object], *arguments: Any, **options: Any) -> str:
    """Return what a function prints on stdout."""
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", newline="")
    with mock.patch.dict(os.environ, {"COLUMNS": str(width)}), contextlib.redirect_stdout(out):
        function(*arguments, **options)
        out.flush()
    return raw.getvalue().decode("utf-8")


def numbers(text: str) -> Counter[str]:
    """Return every number in a text, as it stands there, and how often."""
    return Counter(_NUMBER.findall(text))
