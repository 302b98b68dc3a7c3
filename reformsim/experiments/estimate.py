"""How long the runs of a plan take, and how large they are."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple

from .size import bytes_of_largest_batch, work_of
from .streaming import WHOLE

if TYPE_CHECKING:
    from reformsim.scenario import Scenario

    from .definition import Outcomes
    from .plan import Plan

BYTES = {"run": 200, "value of a series": 6, "event": 3, "agent": 30}
"""What each takes on disk, as measured where there are many of them."""
EVENTS = 0.5
"""Events in a school and year: departures and appointments, nearly all of them."""
NANOSECONDS = 50.0
"""Per agent and month, a whole run on one core: what is assumed where it cannot be measured."""
PROGRAM = 500_000_000
"""Bytes that the program takes with the engine loaded, and with the rows of a part that is written."""
TIMED, MEASURED_MONTHS = 3, 3_000_000
"""How many runs are timed, and how many agents times months each has at most: a tenth of a second."""


class Estimate(NamedTuple):
    """How much a plan is."""

    points: int
    runs: int
    seconds: float
    """By the clock, with as many threads as there are processors."""
    bytes: int
    """On disk, all tables."""
    measured: bool
    """Whether the seconds come from a run on this machine, or from what is known of others."""
    batches: int
    """In how many pieces the runs are done."""
    memory: int
    """Bytes that the whole program takes at most, with as many threads as there are processors."""


def estimate(plan: Plan) -> Estimate:
    """Return how many points and runs there are, how long they take, and how large they are.

    A run of the plan is timed if the engine has been compiled on this machine.
    """
    experiment = plan.experiment
    runs = {cell: experiment.replicates * plan.count(cell) for cell in plan.scenarios}
    work = sum(
        runs[cell] * work_of(scenario, experiment.outcomes)
        for cell, scenario in plan.scenarios.items()
    )
    measured = _nanoseconds(max(plan.scenarios.values(), key=_agents))
    batch = bytes_of_largest_batch(plan.largest(), experiment.outcomes)
    processors = os.cpu_count() or 1
    bytes_kept = sum(
        runs[cell] * _bytes(scenario, experiment.outcomes)
        for cell, scenario in plan.scenarios.items()
        if cell[2] in experiment.strategies
    )
    return Estimate(
        points=len(plan.points),
        runs=len(plan),
        seconds=work * (measured or NANOSECONDS) / 1e9 / processors,
        bytes=round(bytes_kept),
        measured=measured is not None,
        batches=plan.count_batches(),
        memory=round(PROGRAM + processors * WHOLE * batch),
    )


def _bytes(scenario: Scenario, outcomes: Outcomes) -> float:
    """Return what a run takes on disk."""
    months, every = _months(scenario), outcomes.series.every
    kept = months / every if every else 0
    agents = months / (every or 1) * _agents(scenario) if outcomes.agents else 0
    events = EVENTS * scenario.district.schools * months / 12
    counts = (1, kept * len(outcomes.series.outcomes), events, agents)
    return sum(count * size for count, size in zip(counts, BYTES.values(), strict=True))


def _agents(scenario: Scenario) -> int:
    return scenario.district.schools + scenario.district.teachers


def _months(scenario: Scenario) -> int:
    return scenario.last_month - scenario.first_month


def _nanoseconds(scenario: Scenario) -> float | None:
    """Return what a run takes per agent and month here; None if the engine is not compiled yet.

    The best of a few runs counts, since whatever else the machine does only adds to them.
    """
    from reformsim.engines import simulate
    from reformsim.engines.compiled.cache import is_compiled

    if not is_compiled():
        return None
    most = MEASURED_MONTHS // (12 * _agents(scenario)) - 1
    years = max(1, min(scenario.horizon.years, most))
    timed = scenario.replace(horizon={"years": years, "warm_up_years": 1})
    seconds = []
    for _ in range(TIMED + 1):  # the first one loads the engine
        start = time.perf_counter()
        simulate(timed, 0, 0)
        seconds.append(time.perf_counter() - start)
    return min(seconds) * 1e9 / (_agents(timed) * _months(timed))
