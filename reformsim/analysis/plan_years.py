"""A plan by school year: which design is in force, and what it would cost if it were paid in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reformsim.scenario.levers import Levers
from reformsim.scenario.parameters import parameters_of
from reformsim.scenario.plans import title_of_year
from reformsim.theory.adoption import in_part, schools_taking_part
from reformsim.theory.costs import (
    Levels,
    costs_of,
    design_work_cost,
    in_schools,
    levels_of,
    prices_of,
    seats_cost,
    total_cost,
    training_cost,
)
from reformsim.theory.schedule import MONTHS_IN_YEAR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reformsim.record import Result
    from reformsim.scenario import Scenario


class PlanYear(NamedTuple):
    """One school year of a plan."""

    year: int
    """The first year after the launch is 1."""
    title: str
    """What begins and what is over; nothing in a year that goes on as the one before."""
    changes: dict[str, tuple[float, float]]
    """The levers that change with it, each with its value before and from then on."""
    cost: float
    """Extra cost over the baseline if the design were paid in full: $ per pupil a year."""
    schools: float
    """Schools that take part, if those refuse that are expected to."""


def plan_years(scenario: Scenario) -> list[PlanYear]:
    """Return the years of a run after the launch, in order.

    The budget rarely pays a design in full in its first year: what is spent is in the results.
    """
    designs = scenario.plan
    years = []
    usual = _cost(scenario, scenario.baseline)
    for year in range(1, scenario.horizon.years + 1):
        month = 12 * (year - 1)
        number = max(row for row, design in enumerate(designs) if design.month <= month)
        levers = designs[number].levers
        before = designs[number - 1].levers if number else scenario.baseline
        begins = designs[number].month == month
        years.append(
            PlanYear(
                year,
                title_of_year(scenario.phases, year) if year > 1 else "launch",
                _changes(before, levers) if begins else {},
                _cost(scenario, levers) - usual + _outside_coaching(scenario, month),
                scenario.district.schools * share_of_schools(scenario, levers),
            )
        )
    return years


class Contract(NamedTuple):
    """An outside contract of a plan."""

    start: int
    """The month in which it begins; the launch is month 0."""
    over: int
    """The month after its last."""
    levers: Levers
    """The design under which it begins."""


def contracts(scenario: Scenario) -> list[Contract]:
    """Return the outside contracts of a plan in their order, whether or not they buy a seat.

    A contract begins under the design in force in its first month if none is under way, and runs to
    its end, whatever has ended since.
    """
    plan = scenario.plan
    until = [*(design.month for design in plan[1:]), scenario.last_month]
    free, begun = 0, []
    for (begin, levers), end in zip(plan, until, strict=True):
        start, over = levers.coaching_start, levers.coaching_start + levers.coaching_months
        if max(begin, free) <= start < end:
            free = over
            begun.append(Contract(start, over, levers))
    return begun


def extra_spending(results: Sequence[Result]) -> NDArray[np.float64]:
    """Return what runs spend on leadership support beyond what the baseline costs in full.

    A row for each run and a column for each school year after the launch: $ per pupil a year. It
    falls below 0 where less is spent than the baseline asks for.
    """
    usual = {run.scenario: _cost(run.scenario, run.scenario.baseline) for run in results}
    rows = []
    for run in results:
        spent = run.district["cost_per_pupil"][run.months >= 0]
        rows.append(spent.reshape(-1, MONTHS_IN_YEAR).mean(axis=1) - usual[run.scenario])
    return np.array(rows, dtype=np.float64)


def grant_spending(results: Sequence[Result]) -> NDArray[np.float64]:
    """Return what runs spend out of grants, a row for each run and a column for each school year."""
    rows = [run.district["grant_spending"][run.months >= 0] for run in results]
    return np.array([row.reshape(-1, MONTHS_IN_YEAR).mean(axis=1) for row in rows], np.float64)


def _changes(before: Levers, after: Levers) -> dict[str, tuple[float, float]]:
    names = [parameter.name for parameter in parameters_of("levers", Levers)]
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _cost(scenario: Scenario, levers: Levers) -> float:
    """Return what a design costs in a year in full, outside coaching aside: $ per pupil."""
    d, p = scenario.district, scenario.coefficients
    prices = prices_of(float(d.schools), float(d.teachers), float(d.enrolment), p)
    usual, training = (
        training_cost(each.training_hours, float(d.schools), float(d.enrolment), p)
        for each in (scenario.baseline, levers)
    )
    return (
        total_cost(costs_of(wanted_levels(scenario, levers), prices))
        + in_part(usual, training, share_of_schools(scenario, levers))
        + design_work_cost(levers.design_work, p)
    )


def share_of_schools(scenario: Scenario, levers: Levers) -> float:
    """Return which share of the schools takes part in a design, if those refuse that are expected to."""
    schools = scenario.district.schools
    asked = sum(map(scenario.adoption.may_take_part, range(schools)))
    willing = asked * (1.0 - scenario.conditions.refusing_schools)
    return schools_taking_part(levers.participation, float(schools), willing) / schools


def wanted_levels(scenario: Scenario, levers: Levers) -> Levels:
    """Return the levels of a design in the district, in the schools that take part."""
    d = scenario.district
    usual, full = (levels_of(each, d.schools, d.teachers) for each in (scenario.baseline, levers))
    return in_schools(usual, full, share_of_schools(scenario, levers))


def _outside_coaching(scenario: Scenario, month: int) -> float:
    """Return what contracts cost in the year that begins with a month: $ per pupil."""
    d, total = scenario.district, 0.0
    for contract in contracts(scenario):
        share = max(0, min(month + 12, contract.over) - max(month, contract.start)) / 12
        seats, intensity = (
            min(
                float(contract.levers.coaching_seats),
                d.schools * share_of_schools(scenario, contract.levers),
            ),
            contract.levers.coaching_intensity,
        )
        total += share * seats_cost(seats, intensity, float(d.enrolment), scenario.coefficients)
    return total
