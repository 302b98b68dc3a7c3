"""Labels beside lines and points, and notes on what happened when: none over another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .layout import placed, stacked
from .lettering import LINE, height_of, width_of, wrapped
from .style import inches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

SIZE, WIDTH = 8.5, 150.0
"""Size of the letters of a label beside a line, and the width in points at which it is wrapped."""
NOTE_SIZE = 7.5
_NOTES = "_reformsim_notes"


@dataclass(frozen=True, slots=True)
class End:
    """The right end of a line: its height in units of the y axis, its name, and how it looks."""

    height: float
    name: str
    colour: str
    marker: str = ""


def label_ends(ax: Axes, ends: Sequence[End]) -> None:
    """Write the name of each line beside its end, without overlap.

    Names stand as near to their lines as the others allow; a line in the same colour, and the
    marker if there is one, join the two.
    """
    ordered = sorted(ends, key=lambda end: (end.height, end.name))
    names = [wrapped(end.name, WIDTH, SIZE) for end in ordered]
    low, high = ax.get_ylim()
    wanted = [(end.height - low) / (high - low) for end in ordered]
    lines, texts = [], []
    for end, name, start in zip(ordered, names, wanted, strict=True):
        lines += ax.plot(
            [1.0, 1.03, 1.05],
            [start] * 3,
            transform=ax.transAxes,
            color=end.colour,
            linewidth=0.9,
            marker=end.marker or None,
            markevery=[2],
            markersize=4.5,
            clip_on=False,
            label="_end",
        )
        texts.append(
            ax.annotate(
                name,
                (1.05, start),
                (5, 0),
                xycoords="axes fraction",
                textcoords="offset points",
                va="center",
                fontsize=SIZE,
                annotation_clip=False,
            )
        )

    def place() -> None:
        middles = beside(ax, wanted, names)
        for line, text, start, middle in zip(lines, texts, wanted, middles, strict=True):
            line.set_ydata([start, middle, middle])
            text.xy = (1.05, middle)

    placed(ax, place)


def beside(ax: Axes, wanted: Sequence[float], names: Sequence[str]) -> list[float]:
    """Return the middles of names beside axes, in shares of their height, near those wanted."""
    tall = 72 * inches(ax)[1]
    return stacked(wanted, [(height_of(name, SIZE) + 2) / tall for name in names], 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class _Note:
    """A word at the top of axes on what begins at a place along x."""

    text: Annotation
    x: float
    words: str
    middle: bool
    """Whether x is the middle of the word, and not where it begins."""


def note(ax: Axes, x: float, words: str, *, middle: bool = False) -> None:
    """Write at the top of axes what begins at x, below what is written there already.

    The same words side by side, if there is no room for them, are written once with how many
    they are.
    """
    text = ax.annotate(
        words,
        (x, 1.0),
        (0, 0),
        xycoords=ax.get_xaxis_transform(),
        textcoords="offset points",
        va="top",
        fontsize=NOTE_SIZE,
        color="#555555",
        zorder=6,
        bbox={"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 0.6},
    )
    notes = getattr(ax, _NOTES, None)
    if notes is None:
        notes = []
        setattr(ax, _NOTES, notes)
        placed(ax, lambda: _place_notes(ax))
    notes.append(_Note(text, x, words, middle))
    _place_notes(ax)


def _place_notes(ax: Axes) -> None:
    width = 72 * inches(ax)[0]
    low, high = ax.get_xlim()
    taken: list[tuple[float, float, float]] = []  # left, right and foot of each, in points
    for group in _merged(ax, width):
        words = group[0].words + (f" ×{len(group)}" if len(group) > 1 else "")
        start = (group[0].x - low) / (high - low) * width
        left, wide = _left(start, words, width, middle=group[0].middle)
        foot = min(
            (box[2] for box in taken if box[0] < left + wide and left < box[1]), default=-3.0
        )
        text = group[0].text
        text.set_text(words)
        text.set_visible(True)
        text.set_position((left - start, foot))
        taken.append((left, left + wide, foot - height_of(words, NOTE_SIZE) - 1))
        for other in group[1:]:
            other.text.set_visible(False)


def _merged(ax: Axes, width: float) -> list[list[_Note]]:
    """Return notes from left to right; the same words that would touch are one."""
    low, high = ax.get_xlim()
    groups: list[list[_Note]] = []
    right: dict[str, float] = {}
    last: dict[str, list[_Note]] = {}
    for note in sorted(getattr(ax, _NOTES), key=lambda note: note.x):
        start = (note.x - low) / (high - low) * width
        left, wide = _left(start, f"{note.words} ×99", width, middle=note.middle)
        if note.words in right and left < right[note.words]:
            last[note.words].append(note)
            continue
        last[note.words] = [note]
        groups.append(last[note.words])
        right[note.words] = left + wide
    return groups


def _left(start: float, words: str, width: float, *, middle: bool) -> tuple[float, float]:
    """Return where a note begins so that it stays inside, and how wide it is, in points."""
    wide = max(width_of(line, NOTE_SIZE) for line in words.split("\n")) + NOTE_SIZE * (LINE - 1)
    left = start - wide / 2 if middle else start + 3
    return max(0.0, min(left, width - wide)), wide
