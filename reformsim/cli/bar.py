"""A bar on a terminal with words beside it, which are whole in any width."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.text import Text

from .wrapping import wrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console, ConsoleOptions, RenderResult

SHORTEST, LONGEST = 10, 40
"""Of a bar; where there is less room, there are only the words."""


class State(NamedTuple):
    """How far something is: a share, None if that is not known yet, and in words."""

    share: float | None
    words: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Show the bar and the words in the width that there is now."""
        room = options.max_width - cell_len(self.words) - 2
        if room >= SHORTEST:
            pulse = self.share is None
            yield ProgressBar(1.0, self.share or 0.0, min(room, LONGEST), pulse=pulse)
            yield Text("  ", end="")
        yield Text("\n".join(wrapped(self.words, options.max_width)), no_wrap=True)


def open_bar(console: Console, state: Callable[[], State]) -> Live:
    """Show a bar, which asks how far it is by itself, until it is stopped."""
    bar = Live(console=console, get_renderable=state, transient=True, refresh_per_second=8)
    bar.start()
    return bar
