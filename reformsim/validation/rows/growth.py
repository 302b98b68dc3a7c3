"""How fast effects grow while they are paid for, and what of them outlasts the money."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..pattern import INFINITY, Measurement, Row, Statistic, Unit, mean_of, percentile_of, quotient
from ..places import ROLL_OUT, by_grant, levers_of, with_levers, with_strategy
from ..readings import MAY, YEAR, between, row_of
from ..studies import repeated
from .coaching import FULL_LOAD, programmes

if TYPE_CHECKING:
    from reformsim.record import Result

    from ..places import Places
    from ..readings import Floats
    from ..studies import Arms, SimulatedUnit

END = 5
"""School year in whose July the grant ends: three years after it began to pay."""
WEB = levers_of("web_of_support") | dict.fromkeys(("coaching_seats", "coaching_months"), 0)
"""The web of support without its outside partner, whom no grant pays."""


def gain(treated: Result, untreated: Result, name: str = "outcome") -> Floats:
    """Return what a treatment adds to a district's series, month by month."""
    added: Floats = treated.district[name] - untreated.district[name]
    return added


def in_may(run: Result, added: Floats, year: int) -> float:
    """Return a gain in May of a year, the first being that in which the design is delivered."""
    return float(added[row_of(run, ROLL_OUT + (year - 1) * YEAR + MAY)])


# --- row 23


def three_years_of_money(places: Places) -> list[Arms]:
    """The ordinary district, and what three years of money bring to it: capacity, or coaches.

    Two designs build capacity (the web of support, distributed leadership); two buy people who go
    with the money (coaches of teachers, an outside partner's coaches for all principals).
    """
    calm = places.ordinary
    partner = with_levers(
        calm,
        coaching_seats=calm.district.schools,
        coaching_start=ROLL_OUT,
        coaching_months=(END - 1) * YEAR - ROLL_OUT,
    )
    arms = [
        calm,
        by_grant(calm, WEB, END),
        by_grant(calm, levers_of("distributed_leadership"), END),
        by_grant(calm, {"teachers_per_coach": FULL_LOAD}, END),
        partner,
    ]
    return repeated(arms, places.replicates)


def while_and_after(simulated: SimulatedUnit) -> Unit:
    """Read the gain of each design in its first and third year, and three years after its end."""
    calm, *treated = simulated.runs
    measured: dict[str, float] = {}
    for name, run in zip(("web", "distributed", "coaches", "partner"), treated, strict=True):
        for series in ("outcome", "leadership"):
            added = gain(run, calm, series)
            for year in (1, 3, 6):
                measured[f"{name}_{series}_{year}"] = in_may(run, added, year)
    return measured


def _left(name: str) -> Statistic:
    builds = name in ("web", "distributed")
    said = {
        "web": "kept, web of support",
        "distributed": "kept, distributed leadership",
        "coaches": "kept, coaches of teachers",
        "partner": "kept, outside coaches of principals",
    }[name]
    estimate = quotient(mean_of(f"{name}_outcome_6"), mean_of(f"{name}_outcome_3"))
    low, high = (0.7, INFINITY) if builds else (-INFINITY, 0.4)
    return Statistic(said, "ratio", low, high, estimate)


# --- row 26


def exceptional_reform(places: Places) -> list[Arms]:
    """The ordinary district, and with a web of support that a grant pays for to the end of the run.

    A third run has the district's own money, to be shown beside it.
    """
    calm = places.ordinary
    arms = [calm, by_grant(calm, WEB), with_strategy(calm, "web_of_support")]
    return repeated(arms, places.replicates)


def fastest_growth(simulated: SimulatedUnit) -> Unit:
    """Read the largest gain over five years, SD a year, and the gain three years after the roll-out."""
    calm, granted, _ = simulated.runs
    added = gain(granted, calm)
    after = between(granted, added, 0, granted.scenario.last_month)
    five_years = after[5 * YEAR :] - after[: -5 * YEAR]
    return {
        "fastest": float(five_years.max()) / 5,
        "three_years": float(added[row_of(granted, ROLL_OUT + 3 * YEAR - 1)]),
    }


# --- row 27


def constant_coaching(simulated: SimulatedUnit) -> Unit:
    """Read what a small coaching programme that goes on adds by May of years 2 and 10."""
    without, coached = simulated.runs[:2]
    added = np.asarray(gain(coached, without))
    return {
        f"year_{year}": float(added[row_of(without, (year - 1) * YEAR + MAY)]) for year in (2, 10)
    }


ROWS = (
    Row(
        23,
        "R",
        "What outlasts the money",
        "8.5, 8.13, 7.7",
        "The ordinary district with and without a design that a grant pays for in full for three"
        " years, after one of preparation; then the grant and the design end together. Capacity is"
        " built by the web of support (without its outside partner) and by distributed leadership;"
        " it is not by a coach for 15 teachers, nor by an outside partner's coaches for all"
        " principals (paid directly, under a contract of the same three years). Outcome of the"
        " district in May of the first and third year of the grant, for the web; and, three years"
        " after May of the third year, the share of the gain of then that is left.",
        (
            Measurement(
                three_years_of_money,
                while_and_after,
                (
                    Statistic(
                        "gain in year 1 ÷ year 3, web of support",
                        "ratio",
                        -INFINITY,
                        0.6,
                        quotient(mean_of("web_outcome_1"), mean_of("web_outcome_3")),
                    ),
                    *map(_left, ("web", "distributed", "coaches", "partner")),
                ),
            ),
        ),
        "What a programme leaves behind is not told apart as it should be: designs that build"
        " capacity keep too little, or those that buy people too much. In the model what was learnt"
        " fades at one rate for everybody and is renewed by those who still do better: colleagues,"
        " teacher leaders, the head. A design keeps its gain as far as such people and their ties stay"
        " when the money goes. The ratio for outside coaches of principals means little as long as"
        " their gain is next to nothing while they work, since their hours are taken from the time for"
        " leading learning. For use: compare strategies while they are paid for; what is left"
        " afterwards can be ranked at most.",
        known_since="second edition",
    ),
    Row(
        26,
        "R",
        "The size of an exceptional reform",
        "5.21",
        "The ordinary district with and without the web of support (without its outside partner),"
        " which a grant pays for in full from the second year to the end of the run. Gains are"
        " paired differences of the district's outcome. The first is the largest over any five"
        " years, of which nine runs in ten stay below the value shown; the second is that three"
        " years after the roll-out.",
        (
            Measurement(
                exceptional_reform,
                fastest_growth,
                (
                    Statistic(
                        "largest gain in five years, 90th percentile",
                        "SD a year",
                        -INFINITY,
                        0.04,
                        percentile_of("fastest", 90),
                    ),
                    Statistic(
                        "gain three years after the roll-out",
                        "SD",
                        0.05,
                        0.16,
                        mean_of("three_years"),
                    ),
                ),
            ),
        ),
        "The web of support, paid for in full, grows faster or slower than districts have been seen"
        " to. The gain comes from principals who learn from supervisors, peers and mentors, from"
        " teachers who learn from them and from each other, and from the conditions in schools; each"
        " source brings people up to its own level, and sources follow each other in time. For use:"
        " sizes of gains are off by about as much as this row is. Compare strategies, and do not quote"
        " outcomes as forecasts.",
        known_since="second edition",
    ),
    Row(
        27,
        "R",
        "A constant programme of coaching",
        "5.6, 5.22",
        "The small programme of row 14, with and without a coach for 15 teachers for as long as"
        " the run lasts: its effect on the outcome in May of year 10 over that in May of year 2. No"
        " trial shows an effect that goes on growing with the years; none lasted as long.",
        (
            Measurement(
                programmes,
                constant_coaching,
                (
                    Statistic(
                        "gain in year 10 ÷ year 2",
                        "ratio",
                        -INFINITY,
                        1.5,
                        quotient(mean_of("year_10"), mean_of("year_2")),
                        assumed=True,
                    ),
                ),
            ),
        ),
        "A constant programme goes on adding to its effect for longer than trials give reason to"
        " expect. A coach teaches up to his or her own level, so that each teacher's gain has an"
        " end; what can still grow is what teachers pass on to each other, and that newcomers meet"
        " better colleagues. For use: trust what coaching brings in its first two years, and not"
        " what it brings after ten.",
        known_since="second edition",
    ),
)
