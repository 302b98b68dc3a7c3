"""How much principals differ in what they lastingly bring to the outcome of their school."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..pattern import Measurement, Row, Statistic, Unit
from ..readings import JUNE, YEAR, months_in_post, years_of
from ..studies import ordinary

if TYPE_CHECKING:
    from ..studies import SimulatedUnit

GAPS = (2, 3, 4)
"""Years between the two that are compared; neighbouring years share the dip after a change."""


def growth_by_principal(simulated: SimulatedUnit) -> Unit:
    """Sum products of a school's growth in two years, under one principal and under two.

    Growth is the change of outcome from June to June, less the district's mean of that year. Each
    of the two years had one principal throughout.
    """
    run = simulated.runs[0]
    junes = years_of(run, JUNE, 0, 15)
    growth = np.diff(run.schools["outcome"][junes], axis=0)
    growth = growth - growth.mean(axis=1, keepdims=True)
    tenure = months_in_post(run)[junes[1:]]
    led = tenure >= YEAR
    sums: dict[str, float] = {}
    for gap in GAPS:
        both = led[gap:] & led[:-gap]
        same = both & (tenure[gap:] >= (gap + 1) * YEAR)
        product = growth[gap:] * growth[:-gap]
        for name, pairs in (("same", same), ("other", both & ~same)):
            sums[f"{name}_{gap}"] = float(product[pairs].sum())
            sums[f"{name}_pairs_{gap}"] = float(pairs.sum())
    return sums


def persistent_sd(units: Sequence[Unit]) -> float:
    """Return the SD across principals of what they persistently add to growth, SD a year.

    The mean product under one principal less that under two, at the same gap, is the variance of
    what is the principal's and lasts: what lasts with the school is in both. A negative variance
    counts as 0.
    """
    variance = pairs = 0.0
    for gap in GAPS:
        total = {
            name: math.fsum(unit[f"{name}_{gap}"] for unit in units)
            for name in ("same", "same_pairs", "other", "other_pairs")
        }
        if total["same_pairs"] == 0 or total["other_pairs"] == 0:
            return math.nan
        same = total["same"] / total["same_pairs"]
        other = total["other"] / total["other_pairs"]
        variance += total["same_pairs"] * (same - other)
        pairs += total["same_pairs"]
    return math.sqrt(max(0.0, variance / pairs))


ROWS = (
    Row(
        12,
        "E",
        "Variation in principals' contributions",
        "5.1–5.3",
        "The ordinary district under the status quo. Variance of a school's yearly growth that goes"
        " with the person of the principal and lasts over years: products of growth in two years,"
        " two to four years apart, under one principal less those under two. The model has no"
        " sampling error of pupils, so this is the true contribution.",
        (
            Measurement(
                ordinary,
                growth_by_principal,
                (
                    Statistic(
                        "SD of principals' lasting contribution",
                        "SD a year",
                        0.01,
                        0.06,
                        persistent_sd,
                    ),
                ),
            ),
        ),
        "Principals differ too much or too little in what they add, so the gain from better"
        " preparation or selection of principals is off in the same direction.",
        fitted=True,
    ),
)
