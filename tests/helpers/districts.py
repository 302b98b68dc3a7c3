"""A district small enough to run in a blink."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from reformsim.scenario import District, Scenario

if TYPE_CHECKING:
    from reformsim.record import Result


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


def digest(result: Result) -> str:
    """Return a hash of the whole record of a run."""
    text = hashlib.sha256()
    for table in (result.district, result.schools, result.costs):
        for name in sorted(table):
            text.update(name.encode() + table[name].tobytes())
    text.update(repr(result.events).encode())
    return text.hexdigest()
