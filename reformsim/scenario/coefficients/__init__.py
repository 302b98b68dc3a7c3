"""The coefficients: numbers of the science, each with unit, bounds, meaning and source.

"calibrated to N" says that a value comes from the posterior of docs/calibration.md for pattern N of
docs/evidence.md, "fit N" that it was chosen by hand so that N is met, "fit SQ" that it makes the status
quo stand still, "judgement" that no published number lies behind it. Where a
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
