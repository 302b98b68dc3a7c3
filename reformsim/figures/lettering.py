"""Words on figures: what can be drawn of a text, how wide it is, and in which lines it fits.

Titles are the user's, of any length and in any characters. They are shown as they stand: nothing in
them is markup (see `style.settings`), and a character that the font does not have is a box.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from matplotlib.font_manager import FontProperties, findfont, get_font

from reformsim.characters import JOINERS

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

FAMILY, MONOSPACED = "DejaVu Sans", "DejaVu Sans Mono"
BOX = "□"
MORE = "…"
MOST_LINES = 6
"""Lines after which a text is cut, with an ellipsis: some 200 letters in a narrow panel."""
LINE = 1.2
"""Height of a line in sizes of its letters."""


def drawable(text: str) -> str:
    """Return a text in one line of characters that the font has; others are boxes."""
    known = _characters()
    letters = (
        " " if letter.isspace() else letter if letter in known else BOX
        for letter in text
        if letter not in JOINERS
    )
    return " ".join("".join(letters).split())


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line of text in points."""
    font = _font(bold=bold)
    font.set_size(size, 72)
    font.set_text(text, 0.0)
    return float(font.get_width_height()[0]) / 64


def wrapped(
    text: str, width: float, size: float, *, bold: bool = False, most: int = MOST_LINES
) -> str:
    """Return what can be drawn of a text in lines of a width in points, and an ellipsis if cut.

    Lines break between words, and inside words that are too wide for a line.
    """
    rest = drawable(text)
    lines: list[str] = []
    while rest and len(lines) < most:
        count = _fitting(rest, width, size, bold=bold)
        if count < len(rest):
            space = rest.rfind(" ", 0, count + 1)
            count = space if space > 0 else count
        lines.append(rest[:count].rstrip())
        rest = rest[count:].lstrip()
    if rest:
        line = lines[-1]
        while line and width_of(line + MORE, size, bold=bold) > width:
            line = line[:-1]
        lines[-1] = line.rstrip() + MORE
    return "\n".join(lines)


def height_of(text: str, size: float) -> float:
    """Return the height in points of a text as it is wrapped."""
    return (text.count("\n") + 1) * size * LINE


def _fitting(text: str, width: float, size: float, *, bold: bool) -> int:
    """Return how many letters fit into a width; at least one."""
    low, high = 1, len(text)
    # No letter is narrower than a fifth of its height, so that a long text is not measured whole.
    high = min(high, max(1, int(width / (size / 5))))
    while low < high:
        middle = (low + high + 1) // 2
        if width_of(text[:middle], size, bold=bold) <= width:
            low = middle
        else:
            high = middle - 1
    return low


@cache
def _characters() -> frozenset[str]:
    """Return the characters that are there in every face that figures use."""
    faces = (FontProperties(family=FAMILY), FontProperties(family=FAMILY, weight="bold"))
    codes = [set(get_font(findfont(face)).get_charmap()) for face in faces]
    letters = map(chr, set.intersection(*codes))
    return frozenset(filter(str.isprintable, letters))


@cache
def _font(*, bold: bool) -> FT2Font:
    face = FontProperties(family=FAMILY, weight="bold" if bold else "normal")
    # Of our own: the font that matplotlib draws with has its size changed between two measurements.
    from matplotlib.ft2font import FT2Font

    return FT2Font(str(findfont(face)))
