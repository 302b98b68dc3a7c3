"""The direction of ESIM: turnover may help or harm, with the course of the host culture.

In the agent-based model of Mital, Moore and Llewellyn (2017, evidence 11.12), teachers' turnover
lowered the final state of an intervention in a school whose culture was on the rise and raised it in
one whose culture was in decay: newcomers bring what the originals had at first. Here the full model
lives through a rising, a steady and two decaying hosts, each with little and with much turnover from the launch on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.engines.compiled.build import as_record, build
from reformsim.engines.compiled.engine import result_of
from reformsim.engines.compiled.run import live
from reformsim.scenario.events import Crisis
from reformsim.scenario.loading import load
from reformsim.scenario.revenue_events import PermanentCut
from reformsim.scenario.schema import Horizon
from reformsim.theory.chance import DEFAULT_SEED

from ..places import with_strategy
from ..studies import with_event
from .contrast import contrast

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reformsim.scenario import Scenario

    from .contrast import Contrast

    Changes = dict[tuple[str, float, str], NDArray[np.float64]]

YEARS = 10
LITTLE, MUCH = 0.5, 2.0
"""Teachers' turnover, × ordinary."""
HOSTS = {"rising": -1, "steady": 0, "slow decay": 1, "fast decay": 1}
"""What turnover does to the host's course: the published sign, 0 where nothing was published."""
SERIES = ("teacher_practice", "teacher_conviction", "outcome")
RISING = "web_of_support"
DECAY = {"slow decay": (0.15, 0.1), "fast decay": (0.3, 0.2)}
"""Operations added and revenue lost, as shares, from the launch on and for good."""


def host(kind: str, years: int = YEARS) -> Scenario:
    """Return the mid-size district with a host culture of a kind."""
    calm = load("mid-size", "stable", "status_quo").model_copy(
        update={"horizon": Horizon(years=years)}
    )
    if kind == "rising":
        return with_strategy(calm, RISING)
    if kind not in DECAY:
        return calm
    load_added, lost = DECAY[kind]
    return with_event(
        calm,
        Crisis(type="crisis", month=0, months=12 * years, load=load_added),
        PermanentCut(type="permanent_cut", month=0, depth=lost),
    )


def course(scenario: Scenario, turnover: float, seed: int, replicate: int) -> dict[str, float]:
    """Return the change of each series from the year before the launch to the last one.

    Teachers' turnover is `turnover` × ordinary from the launch on; before it all are alike, as no
    scenario can say, since its conditions hold for the whole run.
    """
    state = build(scenario, seed, replicate)
    live(state, scenario.first_month, 0)
    changed = scenario.conditions.model_copy(update={"teacher_turnover": turnover})
    live(state._replace(conditions=as_record(changed)), 0, scenario.last_month)
    run = result_of(state, scenario, seed, replicate)
    before = (run.months >= -12) & (run.months < 0)
    return {
        name: float(run.district[name][-12:].mean() - run.district[name][before].mean())
        for name in SERIES
    }


def esim_changes(runs: int, years: int = YEARS, seed: int = DEFAULT_SEED) -> Changes:
    """Return the change since the launch by host, turnover and series, each of shape (runs,).

    Runs at the same index are paired: they have the same draws, and the same past until the launch.
    """
    changes: Changes = {}
    for kind in HOSTS:
        scenario = host(kind, years)
        for turnover in (LITTLE, MUCH):
            courses = [course(scenario, turnover, seed, replicate) for replicate in range(runs)]
            for name in SERIES:
                changes[kind, turnover, name] = np.array(
                    [courses_of_run[name] for courses_of_run in courses]
                )
    return changes


def esim_contrasts(changes: Changes) -> list[Contrast]:
    """Return what much turnover adds to the change since the launch, over little, by host."""
    return [
        contrast(
            name.replace("_", " "),
            kind,
            sign,
            changes[kind, MUCH, name],
            changes[kind, LITTLE, name],
            paired=True,
        )
        for kind, sign in HOSTS.items()
        for name in SERIES
    ]
