"""Room for words: titles in lines that fit, legends in columns that do, and labels side by side.

How wide axes are is known only when all around them is laid out. So a whole figure is finished in a
second step (`finished`): its titles and labels are wrapped to what room there is, the figure grows by
their lines, and what was placed by the size of the axes (`placed`) is placed again.
"""

from __future__ import annotations

from functools import wraps
from itertools import pairwise
from typing import TYPE_CHECKING, ParamSpec, cast

from matplotlib.figure import Figure
from matplotlib.text import Text

from .lettering import LINE, height_of, width_of, wrapped
from .style import inches, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

P = ParamSpec("P")
LEGEND_SIZE, LEGEND_WIDTH = 8.5, 170.0
"""Size of the letters of a legend, and the width in points at which its entries are wrapped."""
TICK_SIZE = 9.0
GAP = 8.0
"""Points that are left free between titles side by side."""
_AGAIN = "_reformsim_places"


def finished(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Make a function that draws a figure do so with our settings, and fit its words."""

    @wraps(draw)
    def drawn(*given: P.args, **named: P.kwargs) -> Figure:
        with settings():
            figure = draw(*given, **named)
            _fit(figure)
        return figure

    return drawn


def placed(ax: Axes, put: Callable[[], None]) -> None:
    """Place what hangs on the size of the axes: now, and again when that size is known."""
    put()
    setattr(ax, _AGAIN, [*getattr(ax, _AGAIN, ()), put])


def as_written(ax: Axes) -> Axes:
    """Let no text on axes be taken for mathematics, on axes of the user's own too; return them."""
    for text in ax.findobj(Text):
        text.set_parse_math(False)
    return ax


def legend_below(figure: Figure, entries: Sequence[Artist], most: int = 6) -> None:
    """Put a legend under a figure, in as many columns as fit, and let the figure grow by its rows.

    Its words are what the entries have as labels, whatever letter they begin with.
    """
    if not entries:
        return
    names = [wrapped(str(entry.get_label()), LEGEND_WIDTH, LEGEND_SIZE) for entry in entries]
    width, height = figure.get_size_inches()
    widest = max(width_of(line, LEGEND_SIZE) for name in names for line in name.split("\n"))
    column = widest + 6.2 * LEGEND_SIZE  # with the handle and the space between
    columns = max(1, min(len(entries), most, int((width * 72 - GAP) / column)))
    legend = figure.legend(
        handles=list(entries),
        labels=["."] * len(entries),
        loc="outside lower center",
        ncols=columns,
        handlelength=3.2,
    )
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_text(name)
    rows = -(-len(names) // columns)
    tall = max(height_of(name, LEGEND_SIZE) + 0.5 * LEGEND_SIZE for name in names)
    figure.set_size_inches(width, height + max(0.0, rows * tall - 2 * LEGEND_SIZE * LINE) / 72)


def names_height(names: Sequence[str], width: float, size: float) -> float:
    """Return the height in inches of names one below the other, each wrapped to a width in points."""
    return sum(height_of(wrapped(name, width, size), size) for name in names) / 72


def rows_height(names: Sequence[str], size: float, usual: float) -> float:
    """Return the height in inches of a row for each name that is wrapped already."""
    tallest = max((height_of(name, size) / 72 for name in names), default=0.0)
    return max(usual, tallest + 0.06) * len(names)


def stacked(
    heights: Sequence[float], sizes: Sequence[float], low: float, high: float
) -> list[float]:
    """Return the middles of labels, as near as possible to those wanted, and none over another.

    `heights` must rise; `sizes` says how tall each label is. All lie between `low` and `high` if
    these leave room for them, and else around their middle.
    """
    import numpy as np
    from scipy.optimize import isotonic_regression

    if not heights:
        return []
    sizes_of = np.asarray(sizes, dtype=np.float64)
    offsets = np.concatenate([[0.0], np.cumsum((sizes_of[1:] + sizes_of[:-1]) / 2)])
    if len(heights) == 1:
        freed = np.asarray(heights, dtype=np.float64)
    else:
        freed = np.asarray(isotonic_regression(np.asarray(heights) - offsets).x)
    bottom = low + sizes_of[0] / 2
    top = high - sizes_of[-1] / 2 - offsets[-1]
    if top < bottom:
        bottom = top = (bottom + top) / 2
    return [float(height) for height in np.clip(freed, bottom, top) + offsets]


def _fit(figure: Figure) -> None:
    """Wrap titles and labels to the room there is, grow by their lines, and place labels again."""
    axes = [ax for ax in figure.axes if ax.get_visible()]
    width, height = figure.get_size_inches()
    extra = 0.0
    if figure.get_suptitle():
        extra += _wrap(_suptitle(figure), width * 72 * 0.98 - 2 * GAP)
    titles = {title: title.get_text() for ax in axes for title in _titles(ax)}
    for title in titles:
        title.set_text("X")  # its line counts, but not its width, for which there may be no room
    figure.draw_without_rendering()
    for title, words in titles.items():
        title.set_text(words)
    rows: dict[int, list[Axes]] = {}
    for ax in axes:
        spec = ax.get_subplotspec()
        rows.setdefault(spec.rowspan.start if spec else 0, []).append(ax)
    for row in rows.values():
        taller = [
            sum(_wrap(title, _room(title, ax, row)) for title in _titles(ax))
            + _wrap(ax.xaxis.label, max(60.0, inches(ax)[0] * 72))
            for ax in row
        ]
        extra += max(taller)
    if extra:
        figure.set_size_inches(width, height + extra / 72)
    figure.draw_without_rendering()
    grown = [_wrap(ax.yaxis.label, max(60.0, inches(ax)[1] * 72)) for ax in axes]
    for ax in axes:
        _thin_ticks(ax)
    if any(grown):
        figure.draw_without_rendering()
    for ax in axes:
        for put in getattr(ax, _AGAIN, ()):
            put()


def _suptitle(figure: Figure) -> Text:
    return cast("Text", getattr(figure, "_suptitle"))  # noqa: B009 - not in the stubs


def _titles(ax: Axes) -> list[Text]:
    titles = [ax.title, *(getattr(ax, f"_{side}_title") for side in ("left", "right"))]
    return [title for title in titles if title.get_text()]


def _room(title: Text, ax: Axes, row: Sequence[Axes]) -> float:
    """Return how wide a title may be: up to the next axes with a title, or to the figure's edge.

    The layout moves axes apart for a title whose middle is not above its own.
    """
    box = ax.get_position()
    figure = cast("Figure", ax.figure)
    if title.get_horizontalalignment() != "left":
        return float(box.width * figure.get_size_inches()[0] * 72)
    others = [other.get_position().x0 for other in row if other is not ax and _titles(other)]
    end = min((x for x in others if x > box.x0), default=1.0)
    wide = min(end - box.x0, 1.9 * box.width)
    return float(wide * figure.get_size_inches()[0] * 72) - GAP


def _wrap(text: Text, width: float) -> float:
    """Wrap each line of a text; return by how many points it grows."""
    before = text.get_text()
    if not before:
        return 0.0
    size, bold = float(text.get_fontsize()), text.get_fontweight() in {"bold", 700}
    lines = [wrapped(line, width, size, bold=bold) for line in before.split("\n")]
    text.set_text("\n".join(line for line in lines if line))
    return max(0.0, height_of(text.get_text(), size) - height_of(before, size))


def _thin_ticks(ax: Axes) -> None:
    """Have fewer numbers along an axis where they would touch."""
    from matplotlib.ticker import MaxNLocator

    locator = ax.xaxis.get_major_locator()
    if not isinstance(locator, MaxNLocator):
        return
    low, high = sorted(ax.get_xlim())
    points = 72 * inches(ax)[0] / (high - low)
    for count in (7, 6, 5, 4, 3, 2, 1):
        values = [value for value in ax.get_xticks() if low <= value <= high]
        words = ax.xaxis.get_major_formatter().format_ticks(values)
        ends = [
            (
                value * points - width_of(word, TICK_SIZE) / 2,
                value * points + width_of(word, TICK_SIZE) / 2,
            )
            for value, word in zip(values, words, strict=True)
        ]
        if all(left[1] + 3 < right[0] for left, right in pairwise(ends)):
            return
        locator.set_params(nbins=count)
