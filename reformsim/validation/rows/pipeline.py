"""The leadership pipeline: schools that get a new principal from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.theory.costs import costs_of, levels_of, prices_of, total_cost

from ..pattern import Measurement, Row, Statistic, Unit, difference, ratio_of
from ..places import with_strategy
from ..readings import YEAR, row_of, school_of
from ..studies import repeated

if TYPE_CHECKING:
    from reformsim.record import Result
    from reformsim.scenario import Scenario

    from ..places import Places
    from ..studies import Arms, SimulatedUnit

FIRST, LAST = 3 * YEAR, 9 * YEAR
"""Months of appointment that count: the pipeline has been running for three years."""
FOLLOWED = 3 * YEAR
STRATEGY = "leadership_pipeline"
GRANTED = ("cost_supervisor", "cost_mentor", "cost_pipeline", "cost_succession")
"""Prices of what the strategy sets and a budget would have to fund."""


def pipelines(places: Places) -> list[Arms]:
    """The ordinary district without and with the built-in strategy leadership_pipeline.

    The initiative was paid for by a foundation, so the strategy's levers cost the district nothing
    here, and all is delivered. A third run has ordinary prices, for what it would cost.
    """
    calm = places.ordinary
    grant = calm.coefficients.model_copy(update=dict.fromkeys(GRANTED, 0.0))
    free = calm.model_copy(update={"coefficients": grant})
    arms = [free, with_strategy(free, STRATEGY), with_strategy(calm, STRATEGY)]
    return repeated(arms, places.replicates)


def new_principals(simulated: SimulatedUnit) -> Unit:
    """Follow schools for three years from the appointment of a principal, and read the cost."""
    measured: dict[str, float] = {}
    for name, run in zip(("without", "with"), simulated.runs[:2], strict=True):
        measured |= {f"{name}_{key}": value for key, value in appointments(run).items()}
    priced = simulated.runs[2].scenario
    return measured | {
        "cost": 100.0 * full_cost(priced),
        "budget": priced.district.budget_per_pupil,
    }


def full_cost(scenario: Scenario) -> float:
    """Return what a strategy costs beyond the baseline, delivered in full, $ per pupil a year."""
    district, p = scenario.district, scenario.coefficients
    prices = prices_of(
        float(district.schools), float(district.teachers), float(district.enrolment), p
    )
    funded = [
        total_cost(costs_of(levels_of(levers, district.schools, district.teachers), prices))
        for levers in (scenario.levers, scenario.baseline)
    ]
    design_work = p.cost_design * (scenario.levers.design_work - scenario.baseline.design_work)
    return funded[0] - funded[1] + design_work


def appointments(run: Result) -> dict[str, float]:
    """Sum what became of the appointments of a run: growth of outcome, principals lost."""
    outcome = run.schools["outcome"]
    left = run.schools["principal_departures"] > 0
    number = growth = lost = 0.0
    for event in run.events:
        if (
            event.kind == "appointment"
            and event.role == "principal"
            and FIRST <= event.month < LAST
        ):
            school, now = school_of(event.seat), row_of(run, event.month)
            number += 1
            growth += float(outcome[now + FOLLOWED, school] - outcome[now - 1, school])
            lost += float(left[now + 1 : now + 1 + FOLLOWED, school].any())
    return {"new": number, "growth": growth, "lost": lost}


ROWS = (
    Row(
        17,
        "R",
        "A full leadership pipeline",
        "5.9, 5.10",
        "The ordinary district with and without the built-in strategy leadership_pipeline, paid for"
        " by a foundation, so that it is delivered in full. (At the money of its own budget it is"
        " delivered in part and would fail: 0.03 SD and 4 principals per 100.) Schools that get a new"
        " principal in years 4 to 9, followed for three years: growth of outcome from the month"
        " before the appointment, and principals who have left the school. Cost is that of the full"
        " design at ordinary prices, beyond the status quo.",
        (
            Measurement(
                pipelines,
                new_principals,
                (
                    Statistic(
                        "outcome after 3 years",
                        "SD",
                        0.05,
                        0.18,
                        difference(
                            ratio_of("with_growth", "with_new"),
                            ratio_of("without_growth", "without_new"),
                        ),
                    ),
                    Statistic(
                        "principals lost in 3 years, fewer",
                        "per 100",
                        5,
                        11,
                        difference(
                            ratio_of("without_lost", "without_new", 100),
                            ratio_of("with_lost", "with_new", 100),
                        ),
                    ),
                    Statistic("cost", "% of budget", 0.15, 0.5, ratio_of("cost", "budget")),
                ),
            ),
        ),
        "Pipelines bring too much or too little, so comparisons with them mislead in the same"
        " direction.",
        fitted=True,
    ),
)
