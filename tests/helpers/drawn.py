"""What is written on a figure, as it is drawn: each text with the box that it fills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from reformsim.figures import png_bytes

if TYPE_CHECKING:
    from matplotlib.backend_bases import RendererBase
    from numpy.typing import NDArray

    Box = NDArray[np.float64]

SLACK = 0.5
"""Pixels by which boxes may touch: letters do not fill theirs."""


def drawn_x(line: Line2D) -> NDArray[Any]:
    """Return where along the axis the points of a line are drawn."""
    return np.asarray(line.get_xdata())


def drawn_y(line: Line2D) -> NDArray[Any]:
    """Return how high the points of a line are drawn."""
    return np.asarray(line.get_ydata())


def texts_of(figure: Figure) -> tuple[list[tuple[str, Box]], Box]:
    """Return what is written, in order, and the box of each text in pixels of the figure's."""
    drawn: list[tuple[str, Box]] = []
    draw = Text.draw

    def recorded(text: Text, renderer: RendererBase) -> None:
        if text.get_visible() and text.get_text().strip():
            box = Text.get_window_extent(text, renderer)
            drawn.append((text.get_text(), np.asarray(box.extents)))
        draw(text, renderer)

    whole = Figure.draw

    def afresh(figure: Figure, renderer: RendererBase) -> None:
        # It is drawn once for its layout, and once for good.
        drawn.clear()
        whole(figure, renderer)

    with patch.object(Text, "draw", recorded), patch.object(Figure, "draw", afresh):
        png_bytes(figure)
    figure_box = np.asarray(figure.bbox.extents) * (150 / figure.dpi)
    return drawn, figure_box


def faults_of(figure: Figure) -> list[str]:
    """Return what is wrong with the words on a figure: cut off, or over one another."""
    drawn, (_, _, width, height) = texts_of(figure)
    faults = []
    for place, (words, (left, foot, right, top)) in enumerate(drawn):
        if left < -SLACK or foot < -SLACK or right > width + SLACK or top > height + SLACK:
            faults.append(f"{words!r} leaves the figure")
        faults += [
            f"{words!r} over {other!r}"
            for other, (x0, y0, x1, y1) in drawn[place + 1 :]
            if left < x1 - SLACK and x0 < right - SLACK and foot < y1 - SLACK and y0 < top - SLACK
        ]
    return faults


def words_of(figure: Figure) -> list[str]:
    """Return all that is written, each text in one line without the hyphens of its wrapping."""
    return [" ".join(words.split()) for words, _ in texts_of(figure)[0]]
