"""Published nulls: training without relief, and a smaller span of control alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..pattern import Measurement, Row, Statistic, Unit, ratio_of
from ..places import with_levers
from ..readings import MAY, YEAR, between, row_of, spread_in_warm_up
from ..studies import repeated

if TYPE_CHECKING:
    from reformsim.scenario import Scenario

    from ..places import Places
    from ..studies import Arms, SimulatedUnit

HOURS = 100.0
SPANS = (17, 24)
NEW_SPAN = 12.0


# --- row 15


def training(places: Places) -> list[Arms]:
    """The ordinary district without and with training for its principals, and nothing else."""
    calm = places.ordinary
    return repeated([calm, with_levers(calm, training_hours=HOURS)], places.replicates)


def after_two_years(simulated: SimulatedUnit) -> Unit:
    """Compare outcome at the end of year 2, and leadership during it."""
    without, trained = simulated.runs
    may = row_of(without, YEAR + MAY)
    outcome = trained.schools["outcome"][may] - without.schools["outcome"][may]
    leadership = [
        between(run, run.schools["leadership"], YEAR, 2 * YEAR).mean() for run in (trained, without)
    ]
    return {
        "outcome": float(outcome.mean()),
        "leadership": float(leadership[0] - leadership[1]),
        "sd": spread_in_warm_up(without, "leadership"),
        "districts": 1.0,
    }


# --- row 16


def spans(places: Places) -> list[Arms]:
    """The ordinary district at spans of 17 and of 24, each with and without a fall to 12.

    The initiative was paid for by a foundation, so supervisors cost the district nothing here and
    all are hired.
    """
    arms: list[Scenario] = []
    for span in SPANS:
        before = _at_span(places.ordinary, span)
        arms += [before, with_levers(before, span_of_control=NEW_SPAN)]
    return repeated(arms, places.replicates)


def _at_span(scenario: Scenario, span: int) -> Scenario:
    baseline = scenario.baseline.model_copy(update={"span_of_control": float(span)})
    free = scenario.coefficients.model_copy(update={"cost_supervisor": 0.0})
    changes = {"baseline": baseline, "levers": baseline, "coefficients": free}
    return scenario.model_copy(update=changes)


def in_year_four(simulated: SimulatedUnit) -> Unit:
    """Compare support and leadership in year 4, with their SD across schools in the warm-up."""
    measured: dict[str, float] = {}
    for span, arm in zip(SPANS, (0, 2), strict=True):
        before, smaller = simulated.runs[arm : arm + 2]
        for name in ("support", "leadership"):
            means = [
                float(np.nanmean(between(run, run.schools[name], 3 * YEAR, 4 * YEAR)))
                for run in (smaller, before)
            ]
            measured[f"{name}_{span}"] = means[0] - means[1]
            measured[f"{name}_sd_{span}"] = spread_in_warm_up(before, name)
    return measured


ROWS = (
    Row(
        15,
        "N",
        "Training of principals without relief",
        "5.11, 5.18",
        "The ordinary district with 100 hours of training a year for every principal, nothing else"
        " changed, against the status quo. Outcome in May of year 2; leadership that reaches"
        " teachers, the mean of year 2 in SD across schools.",
        (
            Measurement(
                training,
                after_two_years,
                (
                    Statistic("outcome", "SD", -0.03, 0.03, ratio_of("outcome", "districts")),
                    Statistic(
                        "leadership reaching teachers",
                        "SD",
                        -np.inf,
                        0.0,
                        ratio_of("leadership", "sd"),
                    ),
                ),
            ),
        ),
        "The model rewards training that trials found to do nothing. Do not use it to justify"
        " hours of training, alone or as part of a strategy.",
        fitted=True,
    ),
    Row(
        16,
        "N",
        "A smaller span of control alone",
        "5.12–5.14, 5.17",
        "The ordinary district at spans of 17 and of 24 principals per supervisor, with and without"
        " a fall to 12, paid for by a foundation (`cost_supervisor` = 0), so that it is delivered"
        " in full, and nothing else changed. Means of year 4 in SD across schools in the warm-up.",
        (
            Measurement(
                spans,
                in_year_four,
                tuple(
                    Statistic(
                        f"{said}, from {span}",
                        "SD",
                        low,
                        high,
                        ratio_of(f"{name}_{span}", f"{name}_sd_{span}"),
                        assumed=name == "support",
                    )
                    for span in SPANS
                    for name, said, low, high in (
                        ("support", "support felt by principals", 0.2, 0.8),
                        ("leadership", "leadership seen by teachers", -0.10, 0.10),
                    )
                ),
            ),
        ),
        "Halving caseloads reaches classrooms in the model and did not in life. Distrust what it"
        " says for smaller spans of control, alone or as part of a strategy.",
        fitted=True,
    ),
)
