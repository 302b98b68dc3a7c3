"""A small grid: two strategies, a lever and an uncertainty."""

from __future__ import annotations

from typing import Any

from reformsim.experiments.definition import Definition
from reformsim.scenario.schema import Horizon

TURNOVER, PIPELINE = "conditions.superintendent_turnover", "levers.pipeline"


def experiment(**changes: Any) -> Definition:
    """Two strategies in a small district, 3 uncertain values, 2 of a lever, 2 replicates."""
    return Definition(
        **{
            "title": "T",
            "districts": ("small-rural",),
            "strategies": ("status_quo", "web_of_support"),
            "replicates": 2,
            "horizon": Horizon(years=3, warm_up_years=1),
            "uncertainties": {TURNOVER: (0.5, 1, 2)},
            "levers": {PIPELINE: (0, 1)},
            **changes,
        }
    )
