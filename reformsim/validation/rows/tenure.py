"""When in a stay superintendents leave, and how departures bunch, counted as a directory counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..pattern import Estimate, Measurement, Row, Statistic, Unit, quotient, ratio_of
from ..readings import superintendent_each_fall
from ..studies import mixed
from .superintendents import departures_by_window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..studies import SimulatedUnit

YEARS = 13
"""Years in post that the microdata follow (1.16)."""
SHORT, LONG = 2, 7
"""A stay of two years or less is short; of longer ones the data name those of up to seven (1.18)."""


# --- row 32


def years_in_post(simulated: SimulatedUnit) -> Unit:
    """Count, by year in post, superintendents of a fall, and those who are gone by the next fall.

    Only those count whose first fall in post was seen, so that it is known which year it is.
    """
    number = superintendent_each_fall(simulated.runs[0])
    there, gone = np.zeros(YEARS), np.zeros(YEARS)
    year = 0  # unknown, until one begins
    for fall in range(len(number) - 1):
        if fall > 0 and number[fall] != number[fall - 1]:
            year = 1
        elif year > 0:
            year += 1
        if 1 <= year <= YEARS:
            there[year - 1] += 1
            gone[year - 1] += number[fall + 1] != number[fall]
    return {"there": there, "gone": gone}


def hazard_in(first: int, last: int) -> Estimate:
    """Return an estimate: the share of those in these years in post who are gone a fall later."""

    def estimate(units: Sequence[Unit]) -> float:
        gone = sum(float(unit["gone"][first - 1 : last].sum()) for unit in units)
        there = sum(float(unit["there"][first - 1 : last].sum()) for unit in units)
        return gone / there if there > 0.0 else np.nan

    return estimate


# --- row 33


def departures_that_bunch(simulated: SimulatedUnit) -> Unit:
    """Count windows by their number of departures, and short stays after short ones and after longer ones.

    Stays are those of which the first and the last fall were seen.
    """
    run = simulated.runs[0]
    counts = departures_by_window(run)
    _, falls = np.unique(superintendent_each_fall(run), return_counts=True)
    stays = falls[1:-1]
    last, following = stays[:-1], stays[1:]
    after_short, after_longer = last <= SHORT, (last > SHORT) & (last <= LONG)
    return {
        "none": float((counts == 0).sum()),
        "one": float((counts == 1).sum()),
        "two": float((counts == 2).sum()),
        "more": float((counts >= 3).sum()),
        "windows": float(len(counts)),
        "after_short": float(after_short.sum()),
        "short_after_short": float((following[after_short] <= SHORT).sum()),
        "after_longer": float(after_longer.sum()),
        "short_after_longer": float((following[after_longer] <= SHORT).sum()),
    }


ROWS = (
    Row(
        32,
        "C",
        "Superintendents' hazard by year in post",
        "1.16",
        "Mixed districts under the status quo, warm-up included. As in a state's directory, who is"
        " in post is asked each October; a superintendent whose first October was seen counts in"
        " each year in post, the first to the thirteenth, and is gone if somebody else is in post"
        " a year later. In the microdata the hazard is nearly flat: .170 in the first year, .164 in"
        " years 2 to 5 on average, .179 in years 4 to 9, .188 in years 6 to 12, and 1.2 times that of"
        " years 1 to 3 in years 10 to 13. Bands are centred there, or nearly; those of years 2 to 5"
        " and 6 to 12 reach a fifth to either side (judgement). Who left and was followed within a"
        " year is not seen, in the data and here; interims who sit in an October count as persons in"
        " both. Unseen for the first edition; the clock of the second was taken from these data.",
        (
            Measurement(
                mixed,
                years_in_post,
                (
                    Statistic("leaving in the first year", "a year", 0.14, 0.20, hazard_in(1, 1)),
                    Statistic("leaving in years 2 to 5", "a year", 0.131, 0.197, hazard_in(2, 5)),
                    Statistic("leaving in years 4 to 9", "a year", 0.145, 0.205, hazard_in(4, 9)),
                    Statistic("leaving in years 6 to 12", "a year", 0.15, 0.226, hazard_in(6, 12)),
                    Statistic(
                        "years 10–13 ÷ years 1–3",
                        "ratio",
                        0.9,
                        1.5,
                        quotient(hazard_in(10, 13), hazard_in(1, 3)),
                    ),
                ),
            ),
        ),
        "Superintendents leave at the wrong time in their stay: too many or too few of those who are"
        " new, or of those who have been there for long. The yearly rate of all is row 1 and may be"
        " right all the same. What depends on how long a person has before the next one comes (how"
        " far a reform gets under one superintendent, how many districts change twice in a few"
        " years) is off. Departures that a scenario forces are not touched.",
        fitted=True,
        known_since="second edition",
    ),
    Row(
        33,
        "C",
        "Superintendents' departures that bunch",
        "1.2, 1.17, 1.18",
        "Mixed districts under the status quo, read each October. Windows of four transitions from"
        " one October to the next after the launch, three in each district, by the number of"
        " transitions in which the person in post changed. Centres are 44.8, 42.1, 11.4 and 1.8 %;"
        " bands of none and one reach a tenth to either side, that of two from 7.5 % (7.9 % in an"
        " older count) to a quarter above, that of three and more half its value to either side"
        " (all judgement). Last, whether a short stay follows a short stay: of stays whose whole"
        " length was seen, the share followed by one of two years or less, after one of two years"
        f" or less over that after one of three to {LONG}. In the data the shares are .46 to .49"
        " throughout, so that the ratio is 1.0; fifteen per cent to either side is judgement. Known"
        " when the clock of the second edition was chosen.",
        (
            Measurement(
                mixed,
                departures_that_bunch,
                (
                    Statistic(
                        "no departure in 4 years", "%", 40.3, 49.3, ratio_of("none", "windows", 100)
                    ),
                    Statistic("one departure", "%", 37.9, 46.3, ratio_of("one", "windows", 100)),
                    Statistic("two", "%", 7.5, 14.3, ratio_of("two", "windows", 100)),
                    Statistic("three or more", "%", 0.9, 2.7, ratio_of("more", "windows", 100)),
                    Statistic(
                        "short stay after a short one ÷ after a longer one",
                        "ratio",
                        0.85,
                        1.15,
                        quotient(
                            ratio_of("short_after_short", "after_short"),
                            ratio_of("short_after_longer", "after_longer"),
                        ),
                    ),
                ),
            ),
        ),
        "Departures bunch too much, or too little. If too many windows have none or several,"
        " districts differ more for good than they do in life, and a district that changed"
        " often looks bound to change again; if too few have, churn in the model is steadier than"
        " it is. Averages over many districts stand; how a run of bad luck at the top comes out in one"
        " district does not.",
        fitted=True,
        known_since="second edition",
    ),
)
