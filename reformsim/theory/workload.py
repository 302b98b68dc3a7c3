"""A principal's week: operations, events, and what is left for learning leadership."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .equation import equation

if TYPE_CHECKING:
    from reformsim.scenario.coefficients import Workload

WEEKS_PER_MONTH = 52.0 / 12.0


@equation
def event_load(draw: float, p: Workload) -> float:
    """Load of an operational event when it comes.

    event_size × draw
    Source: judgement

    Arguments:
        draw: exponential with mean 1, [0, 40], +
    Returns: × ordinary operations, [0, 200]
    """
    return p.event_size * draw


@equation
def operational_demand(demand: float, arrival: float, p: Workload) -> float:
    """Extra operations from events: what is left of old ones and what arrives.

    demand × (1 − 1 / event_months) + arrival
    Source: judgement

    Arguments:
        demand: share of operations, [0, 3], +
        arrival: share of operations, [0, 3], +
    Returns: share of operations, [0, 10]
    """
    return demand * (1.0 - 1.0 / p.event_months) + arrival


@equation
def problems(order: float, district_order: float, p: Workload) -> float:
    """Extra operations where a school runs badly: what goes wrong has to be put right.

    problem_load × (max(0, order_ordinary − (½ order + ½ district_order)) / order_ordinary)²
    Source: judgement

    Arguments:
        order: [0, 1], [0, 1], −
        district_order: mean of the district's schools, [0, 1], −
    Returns: share of operations, [0, 5]
    """
    # Half is the district's: what central office does not get done comes down to its schools.
    lacking = max(0.0, p.order_ordinary - 0.5 * (order + district_order)) / p.order_ordinary
    return p.problem_load * lacking * lacking


@equation
def operations_share(
    need: float,
    stress: float,
    events: float,
    problems: float,
    operations_funding: float,
    load: float,
    p: Workload,
) -> float:
    """Share of a principal's week that operations take.

    base × load × (1 + need_load × (need − ½)) × (1 + scarcity_load × stress) × (1 + events)
    × (1 + problems) × (1 − relief × operations_funding), at most 1
    Source: 4.1–4.3 (base), judgement (responses)

    Arguments:
        need: share of pupils, [0, 1], +
        stress: share of revenue, [0, 1], +
        events: share of operations, [0, 3], +
        problems: share of operations, [0, 5], +
        operations_funding: [0, 1], [0, 1], −
        load: × ordinary, [0, 3], +
    Returns: share of the week, [0, 1]
    """
    return min(
        1.0,
        p.operations_base
        * load
        * (1.0 + p.need_load * (need - 0.5))
        * (1.0 + p.scarcity_load * stress)
        * (1.0 + events)
        * (1.0 + problems)
        * (1.0 - p.relief * operations_funding),
    )


@equation
def teaching_load(ordinary: float, need: float, p: Workload) -> float:
    """Load of a teacher at a school of some need, on the scale of strain.

    ordinary × (1 + need_load × (need − ½))
    Source: judgement (need weighs on teachers as it does on operations); direction 3.3, 3.5

    Arguments:
        ordinary: share of the week, [0, 2], +
        need: share of pupils, [0, 1], +
    Returns: share of the week, [0, 3]
    """
    return ordinary * (1.0 + p.need_load * (need - 0.5))


@equation
def training_share(training_hours: float, cohort: float, coaching: float, p: Workload) -> float:
    """Share of a principal's week that training, cohorts and outside programmes take.

    (training_hours / 12 + cohort_hours × cohort + coaching_hours × coaching) / hours in a month,
    at most 1
    Source: 4.1 (week), 5.11 (hours), judgement

    Arguments:
        training_hours: hours a year, [0, 400], +
        cohort: intensity, [0, 1], +
        coaching: intensity, [0, 1], +
    Returns: share of the week, [0, 1]
    """
    hours = training_hours / 12.0 + p.cohort_hours * cohort + p.coaching_hours * coaching
    return min(1.0, hours / (p.week_hours * WEEKS_PER_MONTH))


@equation
def learning_time(operations: float, training: float, practice: float, p: Workload) -> float:
    """Share of the week for direct work on teaching.

    clip(1 − other_share − operations − training + integration × practice × operations,
    time_min, time_max)
    Source: 4.4–4.8; the integration term is judgement (direction 4.6)

    Arguments:
        operations: share of the week, [0, 1], −
        training: share of the week, [0, 1], −
        practice: [0, 1], [0, 1], +
    Returns: share of the week, [0, 1]
    """
    left = 1.0 - p.other_share - operations - training + p.integration * practice * operations
    return min(p.time_max, max(p.time_min, left))


@equation
def principal_workload(operations: float, training: float, p: Workload) -> float:
    """Load of a principal, learning leadership aside, on the scale of strain.

    other_share + operations + training
    Source: definition

    Arguments:
        operations: share of the week, [0, 1], +
        training: share of the week, [0, 1], +
    Returns: share of the week, [0, 3]
    """
    return p.other_share + operations + training
