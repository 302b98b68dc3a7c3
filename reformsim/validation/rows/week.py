"""The principal's week."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..pattern import Measurement, Row, Statistic, Unit, mean_of
from ..studies import ordinary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..studies import SimulatedUnit


def week(simulated: SimulatedUnit) -> Unit:
    """Read hours, operations and direct work on teaching after the launch."""
    run = simulated.runs[0]
    after = run.months >= 0
    learning = run.schools["learning_time"][after]
    return {
        "hours": run.scenario.coefficients.week_hours,
        "operations": float(run.schools["operations_time"][after].mean()),
        "learning": float(learning.mean()),
        "most": float(learning.max()),
    }


def largest(units: Sequence[Unit]) -> float:
    """Return the largest share of any school in any month, in %."""
    return 100.0 * max(float(unit["most"]) for unit in units)


ROWS = (
    Row(
        6,
        "C",
        "The principal's week",
        "4.1–4.8",
        "The ordinary district under the status quo, all schools and months. The length of the week"
        " is a coefficient and no result; that direct work on teaching stays below 30 % holds by"
        " the bound `time_max`.",
        (
            Measurement(
                ordinary,
                week,
                (
                    Statistic("hours", "a week", 56, 62, mean_of("hours")),
                    Statistic(
                        "administration and operations", "%", 28, 35, mean_of("operations", 100)
                    ),
                    Statistic("direct work on teaching", "%", 4, 15, mean_of("learning", 100)),
                    Statistic("the most in any school and month", "%", 0, 30, largest),
                ),
            ),
        ),
        "Time for learning leadership is off, and with it all that depends on time: relief from"
        " operations, training that takes hours, crises.",
        fitted=True,
    ),
)
