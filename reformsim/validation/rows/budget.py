"""Money: what districts spend on, how deep a national shock goes, and what is cut."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from reformsim.scenario.loading import load

from ..pattern import INFINITY, Measurement, Row, Statistic, Unit, mean_of, quotient, ratio_of
from ..readings import YEAR, between, row_of
from ..studies import SHOCK_MONTH, Arms, mixed_reforms, with_event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..places import Places
    from ..readings import Floats
    from ..studies import SimulatedUnit

ONSET = 24
"""Month in which the built-in severe recession begins."""
BACK = 0.995
"""Revenue is back when it is within half a percent of what it was."""
UNDER_WAY = 0.05
"""A reform is under way if it adds this share to the support line."""
SLOWED, STOPPED = 0.9, 0.5
"""A reform is slowed, or stopped, with less than this share of the money it would have had."""


# --- row 7


def severe_recession(places: Places) -> list[Arms]:
    """Districts of all sizes in the built-in severe recession."""
    events = load("severe-recession").events
    return [
        Arms((with_event(scenario, *events),), number)
        for number, scenario in enumerate(places.mixed)
    ]


def revenue(simulated: SimulatedUnit) -> Unit:
    """Read each fiscal year's revenue relative to the year before the onset."""
    index = simulated.runs[0].district["revenue_index"]
    first = row_of(simulated.runs[0], ONSET - YEAR)
    yearly = index[first : first + YEAR * ((len(index) - first) // YEAR)].reshape(-1, YEAR)
    return {"path": yearly.mean(axis=1) / yearly[0].mean()}


def ordinary_budgets(places: Places) -> list[Arms]:
    """Districts of all sizes under the status quo."""
    return [Arms((scenario,), number) for number, scenario in enumerate(places.mixed)]


def shares(simulated: SimulatedUnit) -> Unit:
    """Read what two lines are of a district's spending, over all years."""
    district = simulated.runs[0].district
    lines = ("instructional_support", "administration", "spending")
    return {name: float(district[name].sum()) for name in lines}


def national(units: Sequence[Unit]) -> Floats:
    """Return the mean path of revenue, year 0 being the one before the onset."""
    mean: Floats = np.mean([unit["path"] for unit in units], axis=0)
    return mean


def depth(units: Sequence[Unit]) -> float:
    """Return how far the mean of districts falls, in %."""
    return 100.0 * (1.0 - float(national(units).min()))


def local_depth(units: Sequence[Unit]) -> float:
    """Return how far the hardest hit district falls, in %."""
    return 100.0 * (1.0 - min(float(unit["path"].min()) for unit in units))


def trough(units: Sequence[Unit]) -> float:
    """Return how many years after the onset the mean is lowest."""
    return float(national(units).argmin())


def back(units: Sequence[Unit]) -> float:
    """Return how many years after the onset the mean is back; undefined if it never is."""
    path = national(units)
    lowest = int(path.argmin())
    again = np.flatnonzero(path[lowest:] >= BACK)
    return float(lowest + again[0]) if lowest > 0 and len(again) > 0 else math.nan


# --- row 21


def under_a_shock(simulated: SimulatedUnit) -> Unit:
    """Compare the two Julys after a shock with the same Julys without it.

    Only districts in which a reform is under way at the onset count as slowing or stopping.
    """
    calm, hit = simulated.runs
    before = row_of(calm, -1)
    baseline = calm.district["support_funding"][before]
    rows = [row_of(calm, SHOCK_MONTH + YEAR), row_of(calm, SHOCK_MONTH + 2 * YEAR)]
    extra = calm.district["support_funding"][row_of(calm, SHOCK_MONTH - 1)] - baseline
    under_way = bool(extra > UNDER_WAY * baseline)
    with_shock, without = (run.district["support_funding"][rows] - baseline for run in (hit, calm))
    still = float((with_shock / without).min()) if under_way and (without > 0).all() else math.nan
    cut = {
        name: float(
            1.0
            - between(hit, hit.district[name], SHOCK_MONTH + YEAR, SHOCK_MONTH + 3 * YEAR).sum()
            / between(calm, calm.district[name], SHOCK_MONTH + YEAR, SHOCK_MONTH + 3 * YEAR).sum()
        )
        for name in ("support_funding", "spending")
    }
    unknown = math.isnan(still)
    return {
        "slowed": math.nan if unknown else float(still < SLOWED),
        "stopped": math.nan if unknown else float(still < STOPPED),
        "support": cut["support_funding"] if under_way else math.nan,
        "total": cut["spending"] if under_way else math.nan,
    }


ROWS = (
    Row(
        7,
        "C",
        "Budgets and national shocks",
        "6.1–6.5, 6.12, 6.13",
        "Mixed districts in the built-in severe recession. Revenue by fiscal year relative to the year"
        " before the onset, the mean over independently simulated districts; it is back when it is"
        " within half a percent. The local depth is that of the hardest hit. Budget shares are those"
        " of all years under the status quo. They are set, and nothing depends on them but what a"
        " strategy is seen to take from other lines.",
        (
            Measurement(
                severe_recession,
                revenue,
                (
                    Statistic("severe shock, depth", "%", 5, 8, depth),
                    Statistic("severe shock, deepest district", "%", 5, 15, local_depth),
                    Statistic("severe shock, trough", "years", 2, 5, trough),
                    Statistic("severe shock, return", "years", 4, 9, back),
                ),
            ),
            Measurement(
                ordinary_budgets,
                shares,
                (
                    Statistic(
                        "instructional-staff support",
                        "%",
                        4,
                        6,
                        ratio_of("instructional_support", "spending", 100),
                    ),
                    Statistic(
                        "general and school administration",
                        "%",
                        6.5,
                        9,
                        ratio_of("administration", "spending", 100),
                    ),
                ),
            ),
        ),
        "What the model says a strategy takes from other lines of the budget is off by as much as"
        " these shares are. Where the shock itself is out of its band, write one of your own into"
        " the scenario.",
        fitted=True,
    ),
    Row(
        21,
        "E",
        "Reforms in a downturn",
        "6.7–6.10, 6.19",
        "Mixed districts of 2,500 pupils and more, the built-in strategies without phases or"
        " grants in turn, with and without a fall of revenue by 7 % over two years from year 4 on. Reform is under way where it adds"
        " 5 % to the support line. It is slowed in a district if, in a budget of the two years"
        " after the onset, it has less than 90 % of the extra money that it has without the shock,"
        " and stopped with less than half (judgement: the surveys asked for a yes or no). The cut"
        " of support is that of the whole support line over two years, that of the total the district's"
        " spending, which reserves keep above its revenue. Two coefficients of the second edition were"
        " chosen on this row.",
        (
            Measurement(
                mixed_reforms,
                under_a_shock,
                (
                    Statistic("slowing or stopping reform", "%", 50, 75, mean_of("slowed", 100)),
                    Statistic("stopping an initiative", "%", 30, 50, mean_of("stopped", 100)),
                    Statistic(
                        "cut of support ÷ cut of total",
                        "ratio",
                        1.3,
                        INFINITY,
                        quotient(mean_of("support"), mean_of("total")),
                        assumed=True,
                    ),
                ),
            ),
        ),
        "More or fewer districts slow or stop a reform in a downturn than surveys found. In the model"
        " reserves carry some through; in the July in which a gap opens the support line is either"
        " spared for the whole episode, with a chance that rises with what protects it, or cut more than in"
        " proportion. How many slow down is how often it is not spared; how many stop is how deep a cut"
        " goes. Much depends on the reading: slowing here means to lose a tenth of the extra money. For use:"
        " how much a strategy loses in a recession can be compared between strategies; how many"
        " districts are touched at all cannot be read off.",
        fitted=True,
    ),
)
