"""What is lost with a few people at the top, and what many schools that adopt together keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.scenario.events import CentralDeparture, SuperintendentDeparture

from ..pattern import INFINITY, Measurement, Row, Statistic, Unit, mean_of, quotient
from ..places import ROLL_OUT, by_grant, levers_of
from ..readings import YEAR, between
from ..studies import Arms, repeated, with_event
from .coaching import logistic_odds_ratio
from .growth import WEB
from .survival import HALF_A_YEAR, MINIMUM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reformsim.scenario import Scenario
    from reformsim.scenario.events import Event

    from ..places import Places
    from ..studies import SimulatedUnit

LEAVE = 66
"""Month in which they leave: a January after four and a half years of delivery."""
LOST_FOR = 2 * YEAR
"""Months over which the loss is averaged, from the departure on."""
DESIGNS = {"distributed": "distributed_leadership", "star": "central_office_transformation"}
"""Support that peers and teachers share, and support from the central office alone."""
RUNS_OF_A_SHARE = 40
SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Shares of the schools of a district that adopt the design."""
LAST = ROLL_OUT + 3 * YEAR
"""The month that ends three years of delivery."""


# --- losing the centre


def departures(scenario: Scenario, *, everyone: bool) -> Scenario:
    """Return a scenario in which the superintendent leaves, and the best supervisor or all of them."""
    posts = scenario.most_posts["leadership_support"] if everyone else 0
    staff: list[Event] = [
        CentralDeparture(
            type="central_departure",
            month=LEAVE,
            unit="leadership_support",
            who="seat",
            seat=seat,
        )
        for seat in range(posts)
    ] or [CentralDeparture(type="central_departure", month=LEAVE, unit="leadership_support")]
    top = SuperintendentDeparture(type="superintendent_departure", month=LEAVE)
    return with_event(scenario, top, *staff)


def losing_the_centre(places: Places) -> list[Arms]:
    """Two designs paid for by a grant: undisturbed, losing the best supervisor, losing all of them."""
    arms: list[Scenario] = []
    for strategy in DESIGNS.values():
        design = by_grant(places.ordinary, levers_of(strategy))
        arms += [design, departures(design, everyone=False), departures(design, everyone=True)]
    return repeated(arms, places.replicates)


def practice_lost(simulated: SimulatedUnit) -> Unit:
    """Read principals' practice lost over two years after the departures, for each design."""
    measured: dict[str, float] = {}
    for design, arm in zip(DESIGNS, (0, 3), strict=True):
        calm, best, everyone = (
            float(between(run, run.district["principal_practice"], LEAVE, LEAVE + LOST_FOR).mean())
            for run in simulated.runs[arm : arm + 3]
        )
        measured[f"{design}_best"] = calm - best
        measured[f"{design}_all"] = calm - everyone
    return measured


def _lost(said: str, who: str) -> Statistic:
    estimate = quotient(mean_of(f"distributed_{who}"), mean_of(f"star_{who}"))
    return Statistic(
        f"practice lost, {said}, distributed ÷ star", "ratio", -INFINITY, 0.6, estimate
    )


# --- critical mass


def adopting_together(places: Places) -> list[Arms]:
    """The ordinary district without and with a web of support in some of its schools, by a grant."""
    calm = places.ordinary
    return [
        Arms((calm, by_grant(calm, WEB | {"participation": share})), replicate)
        for replicate in range(min(RUNS_OF_A_SHARE, places.replicates))
        for share in SHARES
    ]


def sustained(simulated: SimulatedUnit) -> Unit:
    """Say which adopting schools still have the reform after three years, and the share that adopted.

    As in row 22, a school has it if its gain of leadership, a moving mean of a year, is half its
    highest and more. Where it never took hold there is nothing to sustain.
    """
    calm, reform = simulated.runs
    adopting = np.flatnonzero(between(reform, reform.schools["takes_part"], LAST - 1, LAST)[0] > 0)
    added = between(reform, reform.schools["leadership"] - calm.schools["leadership"], 0, LAST)
    window = np.ones(YEAR) / YEAR
    gains = np.array([np.convolve(added[:, school], window)[:LAST] for school in adopting]).reshape(
        -1, LAST
    )
    peak, now = gains.max(axis=1), gains[:, -HALF_A_YEAR:].mean(axis=1)
    took_hold = peak > MINIMUM
    return {
        "share": reform.scenario.levers.participation,
        "sustained": (now >= peak / 2)[took_hold],
    }


def odds_ratio_of_share(units: Sequence[Unit]) -> float:
    """Return the odds ratio of sustaining for one SD of the share of schools that adopted."""
    shares = np.concatenate([np.full(len(unit["sustained"]), unit["share"]) for unit in units])
    return logistic_odds_ratio(shares, np.concatenate([unit["sustained"] for unit in units]))


ROWS = (
    Row(
        24,
        "R",
        "Losing the centre, and adopting together",
        "7.7, 8.8, 8.12",
        "The ordinary district. First, two designs that a grant pays for in full from the second"
        " year on: distributed_leadership, and central_office_transformation as star-shaped support;"
        " each with and without the superintendent and supervisors leaving in January of year 6,"
        " the supervisor of highest practice or all of them. The loss is that of principals' practice over"
        " the two years after. The model has no director of the unit. Second, the web of support"
        " (without its outside partner), by such a grant, in a tenth to nine tenths of the schools:"
        " whether a school that takes part still has, three years after the roll-out, half and more"
        " of its highest gain of leadership (as in row 22), on the share of schools that take part; 40"
        " replicates of five shares.",
        (
            Measurement(
                losing_the_centre,
                practice_lost,
                (_lost("best supervisor", "best"), _lost("all supervisors", "all")),
            ),
            Measurement(
                adopting_together,
                sustained,
                (
                    Statistic(
                        "odds of sustaining for +1 SD of adopting schools",
                        "ratio",
                        1.3,
                        INFINITY,
                        odds_ratio_of_share,
                    ),
                ),
            ),
        ),
        "Distributed support loses as much as star-shaped support when the centre goes, or how many"
        " schools adopt makes too little difference to each of them. Sources of learning add up in the"
        " model, so that peers and teacher leaders go on teaching when supervisors leave; but each of the"
        " few supervisors of a distributed design has more schools than one of the star's many, so that the"
        " loss of one weighs more. Other schools matter to one that adopts only through what they share"
        " with it or show it. For use: what fails above is no ground for a choice: of the two designs, if it is"
        " the loss of the centre; between few schools and many, if it is the odds of sustaining.",
        known_since="second edition",
    ),
)
