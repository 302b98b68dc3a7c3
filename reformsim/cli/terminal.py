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
            text = segment.text if segment.control else spelt_out(segment.text, lines=True)
            yield segment._replace(text=text)

    def say(self, text: str, style: str = "") -> None:
        """Print one line of text, however long; the terminal breaks it."""
        self.print(spelt_out(text), style=style, soft_wrap=True)
