"""A synthetic nation: as many regular school districts as the United States have, of their sizes.

Enrolment follows the size classes of docs/evidence.md, row 10.1; within a class it is drawn evenly
on a logarithmic scale, in the open class of the largest from a Pareto distribution. Schools and
teachers follow enrolment, so that the totals come to those of rows 10.2 and 10.3: 98,469 schools,
3.14 million teachers. That districts of one size have the same need and staffing is a judgement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from reformsim.running.compiling import compile_first
from reformsim.running.pools import Threads, in_order, stoppable_work
from reformsim.scenario import District
from reformsim.theory.chance import DEFAULT_SEED, uniform
from reformsim.theory.streams import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reformsim.record import Result
    from reformsim.scenario import Scenario


class SizeClass(NamedTuple):
    """Districts with an enrolment from `low` up to, not including, `high`."""

    low: float
    high: float
    districts: int


CLASSES = (
    SizeClass(25_000, 1_000_000, 266),
    SizeClass(10_000, 25_000, 610),
    SizeClass(5_000, 10_000, 996),
    SizeClass(2_500, 5_000, 1_854),
    SizeClass(1_000, 2_500, 3_185),
    SizeClass(600, 1_000, 1_810),
    SizeClass(300, 600, 1_922),
    # The 117 districts that report no size are taken to be small (judgement).
    SizeClass(30, 300, 2_558 + 117),
)
PARETO = 1.5
"""Index of the tail, with which the largest class has what the others leave of 49.1 million pupils
and the 100 largest districts have 23 % of them (derived from rows 10.1, 10.2 and 10.4)."""
PUPILS_PER_SCHOOL = 508.0
"""With which schools come to 98,469 (row 10.3)."""
PUPILS_PER_TEACHER = 15.64
"""Pupils over teachers (row 10.2)."""


def synthetic_districts(seed: int = DEFAULT_SEED) -> Iterator[District]:
    """Yield the 13,318 districts, the largest class first; the same for the same seed."""
    number = 0
    for size in CLASSES:
        for _ in range(size.districts):
            draw = uniform(seed, 0, number, 0, Stream.ENROLMENT, 0)
            number += 1
            yield district_of(_enrolment(size, draw))


def district_of(enrolment: int) -> District:
    """Return a district of ordinary staffing for a number of pupils."""
    schools = max(1, round(enrolment / PUPILS_PER_SCHOOL))
    teachers = max(schools, round(enrolment / PUPILS_PER_TEACHER))
    return District(schools=schools, teachers=teachers, enrolment=enrolment)


def _enrolment(size: SizeClass, draw: float) -> int:
    ratio = size.low / size.high
    if size is CLASSES[0]:  # Pareto, cut off at the top
        return int(size.low * (1.0 - draw * (1.0 - ratio**PARETO)) ** (-1.0 / PARETO))
    return int(size.low * ratio**-draw)


def simulate_nation(
    scenario: Scenario,
    seed: int = DEFAULT_SEED,
    workers: int | None = None,
    on_done: Callable[[int], None] | None = None,
) -> pd.DataFrame:
    """Run a scenario in every synthetic district and return one row for each, in their order.

    Columns: `schools`, `teachers`, `enrolment`, the means over the last year of `leadership` and
    `outcome`, and `superintendents` and `principals`, who left after the launch. The number of the
    district is the replicate, so that districts are independent of one another. Few districts are in memory
    at a time. `on_done` is called with the number of districts done.
    """
    from reformsim.engines import simulate

    def row(number: int, district: District) -> dict[str, float]:
        there = scenario.model_copy(update={"district": district})
        return summary(simulate(there, seed, number, progress=lambda *_: heed_interrupt()))

    rows: list[dict[str, float]] = []
    compile_first()
    pool = Threads(workers)
    with stoppable_work(pool) as heed_interrupt:
        for done in in_order(pool, row, enumerate(synthetic_districts(seed))):
            rows.append(done)
            heed_interrupt()
            if on_done is not None:
                on_done(len(rows))
    return pd.DataFrame(rows)


def summary(result: Result) -> dict[str, float]:
    """Return the row of one district."""
    district, since = result.scenario.district, result.months >= 0
    series = result.district
    return {
        "schools": district.schools,
        "teachers": district.teachers,
        "enrolment": district.enrolment,
        "leadership": float(series["leadership"][-12:].mean()),
        "outcome": float(series["outcome"][-12:].mean()),
        "superintendents": float(series["superintendent_departures"][since].sum()),
        "principals": float(series["principal_departures"][since].sum()),
    }
