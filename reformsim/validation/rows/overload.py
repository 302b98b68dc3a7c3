"""Two years of operational overload: how leadership and outcomes fall, recover, or stay down."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from reformsim.scenario.events import Crisis
from reformsim.scenario.schema import parameters

from ..pattern import INFINITY, Estimate, Measurement, Row, Statistic, Unit
from ..readings import YEAR, between
from ..studies import Arms, repeated, with_event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reformsim.scenario import Scenario

    from ..places import Places
    from ..readings import Floats
    from ..studies import SimulatedUnit

ONSET, LENGTH, LOAD = 2 * YEAR, 2 * YEAR, 0.25
TENTH, MOST = 0.1, 0.9
"""Shares of the deepest fall at which it counts as begun, and as done or undone."""
AT_ONCE = 3
"""Months within which leadership falls "at once"."""
POINTS = 40
RUNS_OF_A_POINT = 8
LATE = 8 * YEAR
"""Months after the load from which on a run is asked whether it is still down, for two years."""
LEAST_FALL = 0.01
"""A fall of leadership that is smaller is none (as a gain that is smaller has not taken hold)."""
SEED = 25


def overloaded(scenario: Scenario) -> Scenario:
    """Return a scenario with a quarter more operations for two years."""
    return with_event(scenario, Crisis(type="crisis", month=ONSET, months=LENGTH, load=LOAD))


def overload(places: Places) -> list[Arms]:
    """The ordinary district without and with the load."""
    return repeated([places.ordinary, overloaded(places.ordinary)], places.replicates)


def falls(simulated: SimulatedUnit) -> Unit:
    """Read how far leadership and outcome are below those of the run without the load, by month."""
    calm, loaded = simulated.runs
    last = calm.scenario.last_month
    return {
        name: between(calm, calm.district[name] - loaded.district[name], ONSET, last)
        for name in ("leadership", "outcome")
    }


def fall_of(units: Sequence[Unit], name: str) -> Floats:
    """Return the mean fall by month from the onset on, as a share of the deepest."""
    mean: Floats = np.mean([unit[name] for unit in units], axis=0)
    return mean / mean.max() if mean.max() > 0.0 else np.full_like(mean, math.nan)


def months_until(reached: NDArray[np.bool_]) -> float:
    """Return the number of the first month, from 1, in which something is so; undefined if in none."""
    months = np.flatnonzero(reached)
    return float(months[0] + 1) if len(months) > 0 else math.nan


def at_once(units: Sequence[Unit]) -> float:
    """Return the share of its deepest fall that leadership has reached after three months."""
    return float(fall_of(units, "leadership")[AT_ONCE - 1])


def outcomes_hold(units: Sequence[Unit]) -> float:
    """Return for how many months outcomes hold, until a tenth of their deepest fall."""
    return months_until(fall_of(units, "outcome") >= TENTH) - 1.0


def recovery_over_fall(name: str) -> Estimate:
    """Return an estimate: months from the load's end to recovery ÷ months from its onset to the fall.

    Each counts until nine tenths of the deepest fall are done, or undone. What is not undone by the
    end of the run counts up to there, so that the value is then the least that it can be.
    """

    def estimate(units: Sequence[Unit]) -> float:
        fall = fall_of(units, name)
        lowest = int(np.nan_to_num(fall).argmax())
        after = max(LENGTH, lowest + 1)
        undone = np.append(fall[after:] <= 1.0 - MOST, True)
        recovery = after - LENGTH + months_until(undone)
        return recovery / months_until(fall >= MOST)

    return estimate


# --- the plausible region


def plausible_points(places: Places) -> list[Arms]:
    """The ordinary district without and with the load, at points of the plausible ranges."""
    from scipy.stats import qmc

    ranges = {
        parameter.name: parameter.plausible
        for parameter in parameters()
        if parameter.section == "coefficients" and parameter.plausible and not parameter.whole
    }
    points = qmc.LatinHypercube(len(ranges), rng=SEED).random(POINTS)
    units = []
    for point in points:
        values = {
            name: low + float(share) * (high - low)
            for share, (name, (low, high)) in zip(point, ranges.items(), strict=True)
        }
        coefficients = places.ordinary.coefficients.model_copy(update=values)
        calm = places.ordinary.model_copy(update={"coefficients": coefficients})
        units += repeated([calm, overloaded(calm)], min(RUNS_OF_A_POINT, places.replicates))
    return units


def still_down(simulated: SimulatedUnit) -> Unit:
    """Say whether leadership is still down by half its deepest fall, eight to ten years after the load."""
    calm, loaded = simulated.runs
    fall = between(
        calm,
        calm.district["leadership"] - loaded.district["leadership"],
        ONSET,
        ONSET + LENGTH + LATE + 2 * YEAR,
    )
    deepest = float(np.convolve(fall, np.ones(YEAR) / YEAR, "valid").max())
    now = float(fall[LENGTH + LATE :].mean())
    locked = deepest > LEAST_FALL and now >= deepest / 2
    return {"point": calm.scenario.fingerprint, "locked": float(locked)}


def points_that_lock(units: Sequence[Unit]) -> float:
    """Return at how many points some runs stay locked low and some do not: 10 to 90 % of them."""
    locked = defaultdict(list)
    for unit in units:
        locked[unit["point"]].append(unit["locked"])
    return float(sum(0.1 <= np.mean(runs) <= 0.9 for runs in locked.values()))


ROWS = (
    Row(
        25,
        "E",
        "Two years of overload",
        "none in use",
        "The ordinary district under the status quo, with and without a quarter more operations for"
        " two years from year 3 on; paths are means over runs. Leadership falls at once if it has"
        " reached half of its deepest fall within three months (assumed). Outcomes hold until a"
        " tenth of their deepest fall. A fall is done at nine tenths of the deepest, counted from"
        " the onset, and undone when a tenth is left, counted from the end of the load, or up to the end"
        " of the run if more is left then. The last is"
        f" asked at {POINTS} points drawn over the plausible ranges of all coefficients,"
        f" {RUNS_OF_A_POINT} runs each: a run stays locked low if, eight to ten years after the load,"
        " leadership is still down by half of its deepest fall.",
        (
            Measurement(
                overload,
                falls,
                (
                    Statistic(
                        "leadership's fall after three months",
                        "of the deepest",
                        0.5,
                        INFINITY,
                        at_once,
                        assumed=True,
                    ),
                    Statistic("outcomes hold for", "months", 2, 6, outcomes_hold, assumed=True),
                    Statistic(
                        "recovery ÷ fall, outcomes",
                        "ratio",
                        1.5,
                        INFINITY,
                        recovery_over_fall("outcome"),
                        assumed=True,
                    ),
                    Statistic(
                        "recovery ÷ fall, leadership",
                        "ratio",
                        1.5,
                        INFINITY,
                        recovery_over_fall("leadership"),
                        assumed=True,
                    ),
                ),
            ),
            Measurement(
                plausible_points,
                still_down,
                (
                    Statistic(
                        "points where 10–90 % of runs stay low",
                        "points",
                        1,
                        INFINITY,
                        points_that_lock,
                        assumed=True,
                    ),
                ),
            ),
        ),
        "More than half of leadership's fall comes in the first month of the load, with the time that"
        " it takes; the rest comes over two years, as order wears away and problems add to the load. Three"
        " quarters of it are back in the first month after the load, with the time, so that recovery is"
        " shorter than the fall: order is followed by operations, and leadership itself has no memory but"
        " skill. Nobody takes short cuts under pressure. Where problems weigh more than at the defaults,"
        " some schools stay down. For use: at the defaults a district recovers by itself, and the model"
        " shows a crisis as cheaper for leadership after its end than it may be.",
        known_since="second edition",
    ),
)
