"""How figures look: one colour, line and marker for each strategy, and how figures are saved.

The colours are those of Okabe and Ito, which people with any kind of colour vision can tell apart.
No two strategies share both line and marker with the same colour, and the lines differ in dashes
too, so that a figure can still be read when it is printed in grey.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from reformsim.results import outcome_named

from .lettering import FAMILY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any, Literal

    from matplotlib.axes import Axes

    Line = Literal["-", ":"]
    Dash = Line | tuple[float, tuple[float, ...]]

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILLION, PURPLE, GREY = "#0072B2", "#D55E00", "#CC79A7", "#666666"
INK, PALE, FAINT = "#222222", "#E4E4E4", "#F3F3F3"
DPI = 150

SOLID: Dash = "-"
DASHED: Dash = (0, (5, 1.6))
DOTTED: Dash = (0, (1, 1.2))
DASHDOT: Dash = (0, (5, 1.4, 1, 1.4))
LONG: Dash = (0, (9, 2))
DASHDOTDOT: Dash = (0, (5, 1.4, 1, 1.4, 1, 1.4))


@dataclass(frozen=True, slots=True)
class Style:
    """Colour, line and marker of one strategy."""

    colour: str
    dash: Dash
    marker: str
    width: float = 1.6


STRATEGIES: dict[str, Style] = {
    "status_quo": Style(GREY, DOTTED, "o", 1.8),
    "heroic_superintendent": Style(VERMILLION, DASHED, "^"),
    "external_coaching": Style(ORANGE, DASHDOT, "s"),
    "principal_training": Style(PURPLE, DOTTED, "v"),
    "supervisor_redesign": Style(GREEN, DASHED, "P"),
    "central_office_transformation": Style(GREEN, SOLID, "X"),
    "distributed_leadership": Style(PURPLE, SOLID, "p"),
    "leadership_pipeline": Style(BLACK, DASHDOTDOT, "h"),
    "operations_relief": Style(ORANGE, LONG, "<"),
    "web_of_support": Style(BLUE, SOLID, "D", 2.4),
    "equity_first": Style(SKY, LONG, "d", 2.0),
}
"""The strategies that come with the package, in the order in which figures show them."""

_FREE = [
    Style(colour, dash, marker)
    for dash, marker in zip(
        (DASHDOT, DASHED, DOTTED, SOLID, LONG), (">", "*", "8", "H", "<"), strict=True
    )
    for colour in (BLUE, VERMILLION, SKY, GREEN, BLACK, PURPLE, ORANGE)
    if not any(known.colour == colour and known.dash == dash for known in STRATEGIES.values())
]

_SETTINGS: Any = {
    "font.family": FAMILY,
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": "#888888",
    "axes.linewidth": 0.8,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": "#555555",
    "ytick.color": "#555555",
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "figure.titlesize": 12,
    "figure.titleweight": "bold",
    "lines.dash_capstyle": "butt",
    "savefig.facecolor": "white",
    "figure.facecolor": "white",
    "pdf.fonttype": 42,
    "svg.hashsalt": "reformsim",
    # A title is shown as it stands, with its dollar signs.
    "text.parse_math": False,
}
# Every setting but which windows there are to be.
_DEFAULTS = tuple(key for key in mpl.rcParamsDefault if key != "backend")


def styles_for(strategies: Iterable[str]) -> dict[str, Style]:
    """Return the style of every strategy, known ones first and in their usual order.

    A strategy that comes with the package always looks the same. Others take the next free styles
    in the order of their names, so that the same set of strategies always looks the same.
    """
    wanted = set(strategies)
    known = {name: style for name, style in STRATEGIES.items() if name in wanted}
    others = sorted(wanted - set(known))
    return known | {name: _FREE[number % len(_FREE)] for number, name in enumerate(others)}


def styles_along(values: Iterable[float]) -> dict[float, Style]:
    """Return styles for the values of a parameter in their order, from light to dark."""
    ordered = sorted(values)
    shades = mpl.colormaps["cividis_r"](np.linspace(0.25, 1, max(2, len(ordered))))
    return {
        value: Style(to_hex(shades[number]), SOLID, "osD^vPXh"[number % 8])
        for number, value in enumerate(ordered)
    }


def title_of(name: str, titles: Mapping[str, str] | None = None) -> str:
    """Return what to call a strategy, condition or district: its title, else its name in words."""
    words = name.replace("_", " ").replace("-", " ")
    return (titles or {}).get(name) or words[:1].upper() + words[1:]


def legend_name(name: str, titles: Mapping[str, str] | None = None) -> str:
    """Return the title of a line as a legend takes it: one that begins with _ would be left out."""
    title = title_of(name, titles)
    return f"\u200b{title}" if title.startswith("_") else title


def axis_label(outcome: str) -> str:
    """Return the label of an axis that shows a series: its meaning and unit."""
    entry = outcome_named(outcome)
    unit = {"[0, 1]": "0–1", "a year": "share a year"}.get(entry.unit, entry.unit)
    return f"{entry.meaning}\n({unit})" if unit else entry.meaning


@contextmanager
def settings() -> Iterator[None]:
    """Draw with this package's settings, whatever the user's own are, and put those back."""
    with mpl.rc_context():
        # Not by rcdefaults, which reads the user's style files.
        mpl.rcParams.update({key: mpl.rcParamsDefault[key] for key in _DEFAULTS})
        mpl.rcParams.update(_SETTINGS)
        yield


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of a size in inches that lays out its parts by itself.

    It belongs to no window and to no global state.
    """
    with settings():
        return Figure(figsize=(width, height), layout="constrained")


def grid(figure: Figure, rows: int, columns: int, **options: Any) -> list[list[Axes]]:
    """Add rows × columns of axes to a figure and return them, row by row."""
    axes = figure.subplots(rows, columns, squeeze=False, **options)
    return cast("list[list[Axes]]", axes.tolist())


def inches(ax: Axes) -> tuple[float, float]:
    """Return width and height of axes in inches, before the layout is made: good for text."""
    figure = ax.figure
    if not isinstance(figure, Figure):  # a subfigure, which knows the whole
        figure = figure.figure
    width, height = figure.get_size_inches()
    box = ax.get_position()
    return float(width) * box.width, float(height) * box.height
