"""One figure of an experiment by itself: its headline along what is varied, or over all points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.errors import ReformsimError

from .experiment import _figure_across, _figure_along, _first, _lines, _panels, _unit
from .pages import differences_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from reformsim.experiments.summary import Summary


def figure_along(summary: Summary, column: str = "") -> Figure:
    """Return the headline's difference from the baseline along a parameter, by default the first.

    A parameter with a few values has a line for each strategy, one with many has dots; where nothing
    is varied, strategies stand below one another. Raises ReformsimError if nothing can be compared.
    """
    varied = [name for name in (*summary.steps, *summary.ranges) if name != "condition"]
    column = column or next(iter(varied), "")
    if not summary.overall["pairs"].any():
        raise ReformsimError("no strategy was run that could be compared")
    if not column:
        table = summary.by("district", "condition", "strategy", measures=summary.measures)
        table = table.astype({"condition": str, "strategy": str})
        return differences_figure(table, summary.measures, baseline=summary.base)
    if column in summary.ranges:
        effects = summary.effects
        return _figure_across(
            effects[effects["measure"] == summary.headline], {column: _unit(summary, column)}
        )
    lines = _lines(summary, column)
    panels = _panels(summary.by(*lines.panels, lines.by, column), lines)
    compared = {title: rows for title, rows in panels.items() if rows["pairs"].any()}
    return _figure_along(_first(compared), column, lines, _unit(summary, column))
