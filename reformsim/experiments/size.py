"""How much runs are: the work they take, and the memory from their beginning until they are stored.

All of it follows from the size of the district, the months, and what is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.engines import memory
from reformsim.engines.agents import VARIABLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reformsim.scenario import Scenario

    from .definition import Outcomes

    Floats = NDArray[np.float64]

MOST_RUNS, MOST_WORK, MOST_BYTES = 128, 20_000_000, 32 * 2**20
"""In one batch: runs, agents times months simulated (a second or so), bytes that are kept of it.
So a worker is never far from handing over what it has done, whatever an experiment varies."""
AGENT_ROW = 90
"""What a row of the table `agents` takes to be made, in agents times months."""
AGENT_BYTES = 8 * (3 + len(VARIABLES))
"""Of a row of the table `agents` while it waits."""
COPIES = 3
"""How often the largest table is there while it is made and stored."""
EVENTS, EVENT_BYTES = 0.5, 56
"""Events in a school and year, nearly all of them departures and appointments; bytes of one waiting."""
RUN_BYTES = 32 * 2**10
"""A run before it is done, its scenario above all, and its row after."""


def size_of(
    schools: Floats, teachers: Floats, months: int, outcomes: Outcomes
) -> tuple[Floats, Floats]:
    """Return the work of runs, in agents times months, and the bytes of their rows while they wait."""
    people, every = schools + teachers, outcomes.series.every
    kept = months // every if every else 0
    work = people * months
    rows = EVENTS * EVENT_BYTES * schools * months / 12
    rows = rows + RUN_BYTES + 8 * kept * len(outcomes.series.outcomes)
    if outcomes.agents:
        table = people * (months // (every or 1))
        work, rows = 2 * work + AGENT_ROW * table, rows + AGENT_BYTES * table
    return work, rows


def at_once(work: Floats, rows: Floats) -> NDArray[np.intp]:
    """Return how many runs of such work and bytes make a batch."""
    most: Floats = np.minimum(MOST_WORK // work, MOST_BYTES // rows)
    return np.clip(most, 1, MOST_RUNS).astype(np.intp)


def work_of(scenario: Scenario, outcomes: Outcomes) -> float:
    """Return the work of one run."""
    return _size_of(scenario, outcomes)[0]


def bytes_of_largest_batch(scenario: Scenario, outcomes: Outcomes) -> float:
    """Return the most memory that a batch of as many runs as may be takes at a time."""
    work, rows = _size_of(scenario, outcomes)
    return bytes_of_batch(scenario, outcomes, int(at_once(np.array(work), np.array(rows))))


def bytes_of_batch(scenario: Scenario, outcomes: Outcomes, runs: int) -> float:
    """Return the most memory that a batch takes at a time while it is done."""
    # The reference and its warm-up are there beside the run.
    engine = 2 * memory.needed(scenario) + memory.recorded(scenario)
    _, rows = _size_of(scenario, outcomes)
    return engine + rows * (runs + (COPIES - 1 if outcomes.agents else 0))


def refuse_what_does_not_fit(scenario: Scenario, outcomes: Outcomes) -> None:
    """Raise ReformsimError if not even one run, with what is kept of it, fits into memory."""
    many, less = "one run and its reference", []
    if outcomes.agents:
        many += ", with every agent's state"
        less.append("more months between two states")
    memory.refuse_beyond(scenario, bytes_of_batch(scenario, outcomes, 1), many, less)


def _size_of(scenario: Scenario, outcomes: Outcomes) -> tuple[float, float]:
    district, months = scenario.district, scenario.last_month - scenario.first_month
    schools, teachers = np.array([float(district.schools)]), np.array([float(district.teachers)])
    work, rows = size_of(schools, teachers, months, outcomes)
    return float(work[0]), float(rows[0])
