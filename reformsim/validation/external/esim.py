"""The direction of ESIM: turnover may help or harm, with the course of the host culture.

In the agent-based model of Mital, Moore and Llewellyn (2017, evidence 11.12), teachers' turnover
lowered the final state of an intervention in a school whose culture was on the rise and raised it in
one whose culture was in decay: newcomers bring what the originals had at first. Here the full model
lives through a rising, a steady and a decaying host, each with little and with much turnover.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.engines import simulate
from reformsim.scenario.events import Crisis, RevenueShock
from reformsim.scenario.loading import load
from reformsim.scenario.schema import Horizon
from reformsim.validation.places import with_strategy
from reformsim.validation.studies import with_event

from .contrast import contrast

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reformsim.scenario import Scenario

    from .contrast import Contrast

    Floats = NDArray[np.float64]

YEARS = 10
LITTLE, MUCH = 0.5, 2.0
"""Teachers' turnover, × ordinary."""
HOSTS = {"rising": -1, "steady": 0, "decaying": 1}
"""What turnover does to the host's course: the published sign, 0 where nothing was published."""
SERIES = ("teacher_practice", "teacher_conviction", "outcome")
RISING = "web_of_support"
DECAY = (
    Crisis(type="crisis", month=0, months=12 * YEARS, load=0.15),
    RevenueShock(type="revenue_shock", month=0, depth=0.1, permanent=True),
)
"""More operations and less money from the launch on, for good."""


def host(kind: str, turnover: float, years: int = YEARS) -> Scenario:
    """Return the mid-size district with a host culture of a kind."""
    calm = load("mid-size", "stable", "status_quo")
    conditions = calm.conditions.model_copy(update={"teacher_turnover": turnover})
    calm = calm.model_copy(update={"conditions": conditions, "horizon": Horizon(years=years)})
    if kind == "rising":
        return with_strategy(calm, RISING)
    return with_event(calm, *DECAY) if kind == "decaying" else calm


def esim_changes(
    runs: int, years: int = YEARS, seed: int = 1
) -> dict[tuple[str, float, str], tuple[Floats, Floats]]:
    """Return level before the launch and change by the last year, each of shape (runs,).

    By host, turnover and series. Runs at the same place have the same luck.
    """
    found = {}
    for kind in HOSTS:
        for turnover in (LITTLE, MUCH):
            scenario = host(kind, turnover, years)
            lived = [simulate(scenario, seed, replicate) for replicate in range(runs)]
            for name in SERIES:
                before = [
                    run.district[name][(run.months >= -12) & (run.months < 0)].mean()
                    for run in lived
                ]
                after = [run.district[name][-12:].mean() for run in lived]
                found[kind, turnover, name] = (np.array(before), np.subtract(after, before))
    return found


def esim_contrasts(
    changes: dict[tuple[str, float, str], tuple[Floats, Floats]],
) -> list[Contrast]:
    """Return what much turnover adds to the change since the launch, over little, by host."""
    return [
        contrast(
            name.replace("_", " "),
            kind,
            sign,
            changes[kind, MUCH, name][1],
            changes[kind, LITTLE, name][1],
            paired=True,
        )
        for kind, sign in HOSTS.items()
        for name in SERIES
    ]
