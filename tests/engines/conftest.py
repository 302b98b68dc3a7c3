"""A district small enough to run in a blink."""

from __future__ import annotations

from typing import Any

import pytest

from reformsim.scenario import District, Scenario


def small(schools: int = 4, teachers: int = 42, **sections: Any) -> Scenario:
    """Return a small district over two years of warm-up and four years after the launch."""
    scenario = Scenario(district=District(schools=schools, teachers=teachers, enrolment=700))
    return scenario.replace(horizon={"years": 4, "warm_up_years": 2}).replace(**sections)


WEB = {
    "launch_focus": 0.75,
    "span_of_control": 3.0,
    "cohort_intensity": 0.7,
    "mentor_share": 0.5,
    "teacher_leader_share": 0.2,
    "release_time": 0.08,
    "operations_relief": 0.5,
    "pipeline": 0.8,
    "succession_planning": 0.8,
    "design_work": 1.0,
    "protection": 0.8,
    "equity_weight": 0.6,
    "groundwork": 0.9,
    "coaching_seats": 3,
    "coaching_start": 5,
    "coaching_months": 20,
    "training_hours": 20.0,
}
"""Every lever pulled, so that every mechanism runs."""


@pytest.fixture
def scenario() -> Scenario:
    """A small district in the status quo."""
    return small()


@pytest.fixture
def busy() -> Scenario:
    """A small district in which everything happens: all levers, shocks, high turnover."""
    return small(
        levers=WEB,
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
