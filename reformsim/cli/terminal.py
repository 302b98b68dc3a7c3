"""A terminal that nobody's text can steer: what a user, a file or a library says stays text."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rich.console import Console

from .console import spelt_out

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import ConsoleOptions, RenderableType
    from rich.segment import Segment

PIPE_WIDTH = 120
"""Columns of a table that goes to a file or another program."""

_ASCII = str.maketrans({"−": "-", "–": "-", "─": "-", "━": "=", "…": "...", "•": "*", "·": "-"})
"""What stands for signs of ours where there is no Unicode: −0.5 is -0.5 and not \\u22120.5."""


class Terminal(Console):
    """A console that prints text as it stands: no markup, no emoji codes, no control characters.

    It colours nothing unless it writes to a terminal.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False, highlight=False)
        if not self.is_terminal and "COLUMNS" not in os.environ:
            self.width = PIPE_WIDTH

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Render anything; nothing steers the terminal but what Rich itself means to."""
        for segment in super().render(renderable, options):
            text = segment.text if segment.control else self.written(segment.text, lines=True)
            yield segment._replace(text=text)

    def written(self, text: str, *, lines: bool = False) -> str:
        """Return a text as it is printed here; it is one line, unless it may have several."""
        text = spelt_out(text, lines=lines)
        return text.translate(_ASCII) if not self.encoding.startswith("utf") else text

    def say(self, text: str, style: str = "") -> None:
        """Print one line of text, however long; the terminal breaks it."""
        self.print(self.written(text), style=style, soft_wrap=True)
