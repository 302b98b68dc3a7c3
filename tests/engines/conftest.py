"""Districts small enough to run in a blink."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from districts import WEB, small

if TYPE_CHECKING:
    from reformsim.scenario import Scenario


@pytest.fixture
def scenario() -> Scenario:
    """A small district in the status quo."""
    return small()


@pytest.fixture
def busy() -> Scenario:
    """A small district in which everything happens: all levers, shocks, high turnover."""
    return small(
        levers=WEB,
        coefficients={"protect_weight": 0.0},  # so that the shock is felt in the support line
        conditions={
            "superintendent_turnover": 4.0,
            "principal_turnover": 2.0,
            "shock_rate": 0.5,
            "labour_tightness": 0.5,
        },
        events=[
            {"type": "revenue_shock", "month": 6, "depth": 0.1},
            {"type": "superintendent_departure", "month": 10},
            {"type": "principal_departure", "month": 8, "school": 1},
            {"type": "crisis", "month": 3, "months": 6, "load": 0.3},
        ],
    )
