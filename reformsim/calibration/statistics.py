"""The statistics that a model can be calibrated to, by name.

Those of published patterns are the statistics of `reformsim.validation`, under names of their own;
turnover of staff, time use and survey scales, which a district knows of itself, are added here.
Each works on any scenario.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reformsim.record import OUTCOMES
from reformsim.validation import ROWS
from reformsim.validation.pattern import Measurement, Statistic, mean_of, ratio_of
from reformsim.validation.readings import YEAR, between
from reformsim.validation.studies import ordinary

if TYPE_CHECKING:
    from reformsim.validation import Row
    from reformsim.validation.pattern import Unit
    from reformsim.validation.studies import SimulatedUnit

YEARS_ASKED = 5
"""What a district says of itself is compared with its first years after the launch."""

OF_ROWS = {
    "superintendent_turnover": (1, "departures, mixed districts"),
    "superintendent_turnover_urban": (1, "departures, large urban districts"),
    "superintendent_tenure_ratio": (2, "ongoing ÷ completed tenure"),
    "superintendent_left_in_4_years": (2, "districts with a departure in 4 years"),
    "superintendents_3_in_4_years": (2, "districts with 3 or more in 4 years"),
    "principal_turnover": (3, "leaving their school"),
    "principals_under_2_years": (3, "at the school under 2 years"),
    "principals_10_years_and_more": (3, "at the school 10 years and more"),
    "teacher_turnover": (5, "all"),
    "teacher_turnover_early": (5, "1–3 years of teaching"),
    "teacher_turnover_middle": (5, "10–19 years"),
    "teacher_turnover_late": (5, "20 years and more"),
    "operations_share": (6, "administration and operations"),
    "learning_share": (6, "direct work on teaching"),
    "teacher_turnover_per_leadership": (8, "turnover for +1 SD of leadership"),
    "new_principal_outcome_early": (9, "outcome in years 1–2"),
    "new_principal_outcome_late": (9, "outcome in years 4–5"),
    "new_principal_retention_early": (9, "teachers retained in year 1"),
    "new_principal_retention_late": (9, "teachers retained in years 4–5"),
    "coaching_practice": (14, "practice, small programme"),
    "coaching_outcome": (14, "outcome, small programme"),
    "coaching_practice_large": (14, "practice, large ÷ small"),
    "coaching_outcome_large": (14, "outcome, large ÷ small"),
    "principals_coached": (18, "principals with a coach"),
    "principals_coached_high_poverty": (18, "the same, high poverty"),
    "superintendents_leaving_in_year_1": (32, "leaving in the first year"),
    "superintendents_leaving_in_years_2_to_5": (32, "leaving in years 2 to 5"),
    "superintendents_leaving_in_years_4_to_9": (32, "leaving in years 4 to 9"),
    "superintendents_leaving_in_years_6_to_12": (32, "leaving in years 6 to 12"),
    "superintendents_leaving_late_to_early": (32, "years 10–13 ÷ years 1–3"),
    "superintendents_1_in_4_years": (33, "one departure"),
    "superintendents_2_in_4_years": (33, "two"),
    "superintendents_short_after_short": (33, "short stay after a short one ÷ after a longer one"),
}
"""Statistics of published patterns: their names here, the row, and their names there."""

SCALES = tuple(outcome for outcome in OUTCOMES if outcome.unit in ("[0, 1]", "share of the week"))
"""What surveys ask about, each by its name in every table: practice, trust, strain, time, …"""


class Named(NamedTuple):
    """A statistic with its name and the measurement that it is estimated from."""

    name: str
    measurement: Measurement
    statistic: Statistic
    row: Row | None
    """The published pattern; None for what is a district's own."""

    @property
    def meaning(self) -> str:
        """What it is, in words."""
        title = f"{self.row.title} (row {self.row.number}): " if self.row else ""
        return f"{title}{self.statistic.name}"


@cache
def statistics() -> dict[str, Named]:
    """Return every statistic by its name."""
    by_name = {}
    for name, (number, called) in OF_ROWS.items():
        row = next(row for row in ROWS if row.number == number)
        by_name[name] = next(
            Named(name, measurement, statistic, row)
            for measurement in row.measurements
            for statistic in measurement.statistics
            if statistic.name == called
        )
    for statistic, name in _OWN:
        by_name[name] = Named(name, _DESCRIBING, statistic, None)
    return by_name


def as_described(simulated: SimulatedUnit) -> Unit:
    """Read what a district can say of itself: means of scales, and turnover of central staff."""
    run = simulated.runs[0]
    described = {}
    for scale in SCALES:
        values = between(run, run.district[scale.name], 0, YEARS_ASKED * YEAR)
        known = values[~np.isnan(values)]  # of a few schools, all may be without a principal
        described[scale.name] = float(known.mean()) if len(known) else math.nan
    for name in ("central_departures", "central_seats"):
        described[name] = float(between(run, run.district[name], 0, YEARS_ASKED * YEAR).sum())
    return described


_OWN: tuple[tuple[Statistic, str], ...] = (
    *(
        (Statistic(scale.meaning, scale.unit, 0, 1, mean_of(scale.name)), scale.name)
        for scale in SCALES
    ),
    (
        Statistic(
            "Central-office staff leaving",
            "a year",
            0,
            1,
            ratio_of("central_departures", "central_seats", YEAR),
        ),
        "central_turnover",
    ),
)
_DESCRIBING = Measurement(ordinary, as_described, tuple(statistic for statistic, _ in _OWN))
