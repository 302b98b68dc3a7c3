"""Who asks whom: the advice network as it is drawn, and what its shape does to a reform."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.district.network import node, team_of
from reformsim.district.seats import Role, shares
from reformsim.scenario import Scenario
from reformsim.scenario.schema import Horizon

from ..pattern import (
    INFINITY,
    Estimate,
    Measurement,
    Row,
    Statistic,
    Unit,
    mean_of,
    quotient,
)
from ..places import by_grant
from ..studies import repeated
from .growth import END, WEB, gain, in_may

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..places import Places
    from ..studies import Arms, SimulatedUnit

SCHOOLS, STAFF = 15, 433
"""The surveyed elementary schools and their staff (3.12)."""
TEAM = 4
"""Teachers of a grade."""
LAST_SPRING = -2
"""May before the launch: in June people leave, and their ties with them."""
STRUCTURES = ("chosen", "random", "clustered", "star")
NETWORKS = (*STRUCTURES, "surveyed")
RUNS_OF_A_NETWORK = 25
TIES = 4
"""Colleagues asked in networks that are not chosen: where they are, there are places for 3.5 in the mean."""


# --- row 28


def elementary_schools(places: Places) -> list[Arms]:
    """A district with as many schools and teachers as were surveyed, for its ties after the warm-up."""
    district = places.ordinary.district
    size = {
        "schools": SCHOOLS,
        "teachers": STAFF,
        "enrolment": round(district.enrolment * STAFF / district.teachers),
        "network": "",
    }
    drawn = places.ordinary.model_copy(
        update={
            "district": district.model_copy(update=size),
            "horizon": Horizon(years=1, warm_up_years=places.ordinary.horizon.warm_up_years),
        }
    )
    return repeated([drawn], places.replicates)


def advice_networks(simulated: SimulatedUnit) -> Unit:
    """Read density, in-degree, reciprocity and transitivity inside schools in the spring before the launch: means over schools.

    Who asks him- or herself asks nobody: so an empty place is marked.
    """
    state = next(simulated.states(0, (LAST_SPRING,)))
    measures = []
    for first, last in zip(state.first, state.first[1:], strict=False):
        asks = np.zeros((last - first, last - first), bool)
        for teacher in range(first, last):
            asked = state.advisers[state.advice_start[teacher] : state.advice_start[teacher + 1]]
            inside = asked[(asked >= first) & (asked < last)].astype(np.int64)
            asks[teacher - first, inside - first] = True
        np.fill_diagonal(asks, False)
        measures.append(shape_of(asks) | by_team(asks))
    return {name: float(np.nanmean([school[name] for school in measures])) for name in measures[0]}


def shape_of(asks: NDArray[np.bool_]) -> dict[str, float]:
    """Return the measures of one network, given as who (row) asks whom (column)."""
    ties, size = float(asks.sum()), len(asks)
    numbers = asks.astype(float)
    paths = numbers @ numbers
    np.fill_diagonal(paths, 0.0)
    return {
        "density": ties / (size * (size - 1)),
        "asked": ties / size,
        "most": float(asks.sum(axis=0).max()),
        "reciprocity": float((asks & asks.T).sum()) / ties if ties else np.nan,
        "transitivity": float((paths * asks).sum() / paths.sum()) if paths.sum() else np.nan,
    }


def by_team(asks: NDArray[np.bool_]) -> dict[str, float]:
    """Return the share of pairs with a tie within grade teams, and of all other pairs; NaN without any."""
    size = len(asks)
    team = np.array([team_of(teacher, size)[0] for teacher in range(size)])
    same = team[:, None] == team[None, :]
    np.fill_diagonal(same, False)
    others = team[:, None] != team[None, :]
    within, otherwise = (
        float(asks[pairs].mean()) if pairs.any() else np.nan for pairs in (same, others)
    )
    return {"within": within, "otherwise": otherwise}


# --- row 29


def teams_and_a_hub(district_teachers: int, schools: int) -> bytes:
    """Return an edge list as a survey might find it: grade teams, and a colleague whom all ask.

    Each teacher asks the others of a team of four, and the first of the school (3.12, 7.8).
    """
    rows = ["source,target,kind,trust"]
    for school, size in enumerate(shares(district_teachers, schools)):
        for asker in range(size):
            team = range(asker - asker % TEAM, min(asker - asker % TEAM + TEAM, size))
            for giver in sorted({0, *team} - {asker}):
                names = (node(Role.TEACHER, school, seat) for seat in (giver, asker))
                rows.append(",".join((*names, "advice", "")))
    return "\n".join(rows).encode()


def with_network(scenario: Scenario, name: str) -> Scenario:
    """Return a scenario with another advice network: none, a structure, or the edge list above."""
    district = scenario.district
    changes: dict[str, object] = {"network": ""}
    survey = b""
    if name == "none":
        changes["advice_ties"] = 0
    elif name == "surveyed":
        changes["network"] = "teams-and-a-hub.csv"
        survey = teams_and_a_hub(district.teachers, district.schools)
    else:
        changes["advice_structure"] = name
        if name != "chosen":
            changes["advice_ties"] = TIES
    data = scenario.model_dump()
    data["district"] |= changes
    return Scenario.model_validate(data, context={"survey": survey})


def networks(places: Places) -> list[Arms]:
    """The ordinary district on five networks, each without and with three years of the same support."""
    arms: list[Scenario] = []
    for name in ("none", *NETWORKS):
        calm = with_network(places.ordinary, name)
        arms += [calm, by_grant(calm, WEB, END)]
    return repeated(arms, min(RUNS_OF_A_NETWORK, places.replicates))


def gains_by_network(simulated: SimulatedUnit) -> Unit:
    """Read, for each network, the gain in the third year of support and three years after that."""
    measured: dict[str, float] = {}
    for number, name in enumerate(("none", *NETWORKS)):
        calm, supported = simulated.runs[2 * number : 2 * number + 2]
        added = gain(supported, calm)
        measured[f"{name}_gain"] = in_may(supported, added, 3)
        measured[f"{name}_left"] = in_may(supported, added, 6)
    return measured


def spread_of(measure: str) -> Estimate:
    """Return an estimate: the largest less the smallest mean of the networks, in % of their mean."""

    def estimate(units: Sequence[Unit]) -> float:
        means = [mean_of(f"{name}_{measure}")(units) for name in NETWORKS]
        return 100.0 * (max(means) - min(means)) / float(np.mean(means))

    return estimate


ROWS = (
    Row(
        28,
        "E",
        "Teachers' advice networks",
        "3.12",
        f"A district with as many schools ({SCHOOLS}) and staff ({STAFF}) as the elementary schools"
        " that were surveyed, and the advice network that the ordinary district has by default, at"
        " the end of the warm-up. Ties inside a school; the mean over schools of each measure."
        " Reciprocity is the share of ties that are returned, transitivity the share of paths of two"
        " ties that a third closes. A grade is a grade team of four; the last is the share of pairs"
        " with a tie within grades over that of all other pairs, .26 and .14 in the survey."
        " The bands of density, of times asked and of the most asked are the ranges over the surveyed"
        " schools; those of reciprocity and transitivity are a tenth on either side of their means,"
        " and that of grades is half to twice theirs.",
        (
            Measurement(
                elementary_schools,
                advice_networks,
                (
                    Statistic("density", "share of pairs", 0.055, 0.386, mean_of("density")),
                    Statistic("times asked, mean", "colleagues", 1.3, 5.4, mean_of("asked")),
                    Statistic("times asked, the most asked", "colleagues", 4, 31, mean_of("most")),
                    Statistic("reciprocity", "share", 0.23, 0.43, mean_of("reciprocity")),
                    Statistic("transitivity", "share", 0.29, 0.49, mean_of("transitivity")),
                    Statistic(
                        "ties within a grade ÷ otherwise",
                        "ratio",
                        0.9,
                        3.7,
                        quotient(mean_of("within"), mean_of("otherwise")),
                    ),
                ),
            ),
        ),
        "The generated advice network is not shaped as the surveyed ones are: the statistics above say"
        " in what. Too few ties that are returned or closed make it more like a random network than"
        " those of schools are, in which colleagues who help each other sit in small groups; what a"
        " teacher can learn then comes from further away. For use: measures of the generated network"
        " are no findings. Load a survey of your own if you have one. Row 29 says how much results"
        " depend on it.",
        fitted=True,
        known_since="second edition",
    ),
    Row(
        29,
        "R",
        "The same support on different networks",
        "7.7, 7.12, 7.13",
        "The ordinary district with and without the web of support (without its outside partner),"
        " by a grant for three years after one of preparation, on five advice networks: chosen, in which"
        " the able are asked and ties deepen (7.7, 7.17); random, clustered and star with four ties a"
        " teacher (chosen: places for 3.5 in the mean); and an edge list"
        " that is loaded as a survey is (teams of four who ask each other, and the first teacher of"
        " each school, whom all ask, able or not). No public survey of a whole"
        " district was at hand. Gain of the outcome in May of the third year of the grant, and what"
        " is left of it three years later: the largest less the smallest of the five, in % of their"
        " mean. Sixth, the same without any advice ties. That they differ is published; by how"
        " much, a tenth and more, is assumed. 25 replicates. A first reading had the loaded list, whose"
        " hub is no expert, in the place of chosen ties: it came to .89 of random.",
        (
            Measurement(
                networks,
                gains_by_network,
                (
                    Statistic(
                        "gain, largest less smallest",
                        "% of mean",
                        10,
                        INFINITY,
                        spread_of("gain"),
                        assumed=True,
                    ),
                    Statistic(
                        "left three years later, largest less smallest",
                        "% of mean",
                        10,
                        INFINITY,
                        spread_of("left"),
                        assumed=True,
                    ),
                    Statistic(
                        "gain, no advice at all ÷ random",
                        "ratio",
                        -INFINITY,
                        0.9,
                        quotient(mean_of("none_gain"), mean_of("random_gain")),
                        assumed=True,
                    ),
                    Statistic(
                        "left, ties with the able ÷ random",
                        "ratio",
                        1.1,
                        INFINITY,
                        quotient(mean_of("chosen_left"), mean_of("random_left")),
                        assumed=True,
                    ),
                ),
            ),
        ),
        "Networks differ less in what a reform gains on them, or in what it leaves, than is asked"
        " for here, or advice as a whole is worth less. In the model a teacher learns tie by tie from"
        " those who do better: colleagues who are asked, the grade team, and teacher leaders among"
        " both. Networks with as many ties differ only in whom these ties reach, and every teacher has the"
        " grade team whatever the network. For use: that there is advice at all counts for more than its shape."
        " Differences between networks that are smaller than the interval say nothing, and a loaded"
        " survey changes results of the district little unless it shows people whom many ask.",
        known_since="second edition",
    ),
)
