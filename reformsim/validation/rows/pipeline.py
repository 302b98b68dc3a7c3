"""The leadership pipeline: schools that get a new principal from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..pattern import Experiment, Row, Statistic, Unit, difference, ratio_of
from ..places import with_strategy
from ..readings import YEAR, between, place, school_of
from ..studies import repeated

if TYPE_CHECKING:
    from reformsim.district.record import Result

    from ..places import Places
    from ..studies import Arms, Lived

FIRST, LAST = 3 * YEAR, 9 * YEAR
"""Months of appointment that count: the pipeline has been running for three years."""
FOLLOWED = 3 * YEAR


def pipelines(places: Places) -> list[Arms]:
    """The ordinary district without and with the built-in strategy leadership_pipeline."""
    calm = places.ordinary
    return repeated([calm, with_strategy(calm, "leadership_pipeline")], places.replicates)


def new_principals(lived: Lived) -> Unit:
    """Follow schools for three years from the appointment of a principal, and read the cost."""
    found: dict[str, float] = {}
    costs = []
    for name, run in zip(("without", "with"), lived.runs, strict=True):
        found |= {f"{name}_{key}": value for key, value in appointments(run).items()}
        costs.append(float(between(run, run.district["cost_per_pupil"], FIRST, LAST).mean()))
    budget = lived.runs[0].scenario.district.budget_per_pupil
    return found | {"cost": 100.0 * (costs[1] - costs[0]), "budget": budget}


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
            school, now = school_of(event.seat), place(run, event.month)
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
        "The ordinary district with and without the built-in strategy leadership_pipeline, at the"
        " money that its budget brings. Schools that get a new principal in years 4 to 9, followed"
        " for three years: growth of outcome from the month before the appointment, and principals"
        " who have left the school. Cost is all that the strategy costs beyond the status quo.",
        (
            Experiment(
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
        "",
    ),
)
