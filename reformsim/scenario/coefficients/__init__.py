"""The coefficients: numbers of the science, each with unit, bounds, meaning and source.

"fit N" says that a value was chosen so that pattern N of docs/evidence.md is met, "fit SQ" that it
makes the status quo stand still, "judgement" that no published number lies behind it. Where a
plausible range is given the value is free in a sensitivity analysis; the rest are unit choices or
constants. One class per mechanism, so that an equation can say which coefficients it reads.
"""

from .school import Conviction, Leadership, Learning, Outcome, Strain, Support, Trust, Workload
from .system import Budget, Costs, Politics, Succession, Turnover


class Coefficients(
    Costs,
    Succession,
    Turnover,
    Budget,
    Politics,
    Outcome,
    Strain,
    Conviction,
    Leadership,
    Learning,
    Trust,
    Support,
    Workload,
):
    """Every coefficient of the model. Names are unique, so they are reached without a prefix."""


__all__ = [
    "Budget",
    "Coefficients",
    "Conviction",
    "Costs",
    "Leadership",
    "Learning",
    "Outcome",
    "Politics",
    "Strain",
    "Succession",
    "Support",
    "Trust",
    "Turnover",
    "Workload",
]
