"""What turnover of leaders does to the ties among those who stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..pattern import INFINITY, Estimate, Measurement, Row, Statistic, Unit, ratio_of
from ..readings import MAY, YEAR
from ..studies import ordinary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reformsim.engines.compiled.layout import State

    from ..readings import Floats
    from ..studies import SimulatedUnit

BEFORE, AFTER = MAY, 4 * YEAR + MAY
"""The May of the first year, and that four years later."""
STRONG = 0.6
"""Trust beyond which a tie is strong."""
NOT_FEWER = -5.0
"""Change in % that still counts as "not fewer" or "not falling", as nothing is quite the same twice."""


class Leaders(NamedTuple):
    """The leaders in post in a month, and the ties among them that have trust."""

    people: NDArray[np.int64]
    """The superintendent, supervisors and principals, by the number of the person."""
    giver: NDArray[np.int64]
    receiver: NDArray[np.int64]
    trust: Floats


def leaders_in(state: State) -> Leaders:
    """Return the leaders of a district with their partnerships, cohorts and peers, giver to receiver."""
    schools, staff = state.schools, state.supervisors[: int(state.d.supervisors)]
    head, filled = schools.person, schools.vacant == 0
    supervisor = staff.person[schools.caseload]
    partners = filled & (staff.vacant[schools.caseload] == 0)
    member = state.cohort_other
    receiver = np.repeat(np.arange(len(schools)), np.diff(state.cohort_start))
    together = (state.cohort_formed != 0) & filled[receiver] & filled[member]
    chosen = np.arange(state.peer.shape[1]) < schools.peers[:, np.newaxis]
    giver = [
        supervisor[partners],
        head[partners],
        head[member[together]],
        head[state.peer[chosen]],
    ]
    taker = [
        head[partners],
        supervisor[partners],
        head[receiver[together]],
        np.repeat(head, schools.peers),
    ]
    trust = [
        schools.trust_from[partners],
        schools.trust_back[partners],
        state.cohort_trust[together],
        state.peer_trust[chosen],
    ]
    people = [np.array([int(state.d.person)]), staff.person[staff.vacant == 0], head[filled]]
    return Leaders(*(np.concatenate(parts) for parts in (people, giver, taker, trust)))


def centralisation(leaders: Leaders) -> float:
    """Return Freeman's centralisation of in-degree: 1 if all ties go to one person, 0 if all get as many."""
    degree = np.array([(leaders.receiver == person).sum() for person in leaders.people])
    size = len(degree)
    return float((degree.max() - degree).sum()) / (size - 1) ** 2 if size > 1 else 0.0


def after_four_years(simulated: SimulatedUnit) -> Unit:
    """Count leaders who are gone, strong ties of those who stay, and weak ties, before and after."""
    before, after = (leaders_in(state) for state in simulated.states(0, (BEFORE, AFTER)))
    stayers = np.intersect1d(before.people, after.people)
    counted: dict[str, float] = {
        "leaders": float(len(before.people)),
        "gone": float(len(before.people) - len(stayers)),
    }
    for name, leaders in (("before", before), ("after", after)):
        theirs = np.isin(leaders.giver, stayers) | np.isin(leaders.receiver, stayers)
        counted[f"strong_{name}"] = float((theirs & (leaders.trust > STRONG)).sum())
        counted[f"weak_{name}"] = float((leaders.trust <= STRONG).sum())
        counted[f"central_{name}"] = centralisation(leaders)
    return counted


def change_of(name: str) -> Estimate:
    """Return an estimate: the change of a sum over the units from before to after, in %."""
    ratio = ratio_of(f"{name}_after", f"{name}_before")
    return lambda units: 100.0 * (ratio(units) - 1.0)


ROWS = (
    Row(
        19,
        "E",
        "Leaders who leave, and the ties of those who stay",
        "2.1–2.3, 7.4, 7.6",
        "The ordinary district under the status quo, in which about one leader in five leaves a"
        " year, from May of year 1 to May of year 5. Leaders are the superintendent, supervisors and"
        " principals in post; who is promoted stays. Ties are those among them that have trust,"
        " each in its direction: partnerships, peers of choice, and cohorts if there are any. A tie is strong with"
        " trust above 0.6. Strong ties are those that a stayer gives or gets, weak ones those of all"
        " leaders. Centralisation is Freeman's, of in-degree. “Not fewer” and “not falling” are read"
        " as no fall beyond 5 %. The bands are those of the list of patterns; the cited rows report"
        " thin ties and lost access, without numbers.",
        (
            Measurement(
                ordinary,
                after_four_years,
                (
                    Statistic("leaders gone", "%", 45, 60, ratio_of("gone", "leaders", 100)),
                    Statistic(
                        "stayers' strong ties, change",
                        "%",
                        -50,
                        -10,
                        change_of("strong"),
                        assumed=True,
                    ),
                    Statistic(
                        "weak ties, change",
                        "%",
                        NOT_FEWER,
                        INFINITY,
                        change_of("weak"),
                        assumed=True,
                    ),
                    Statistic(
                        "centralisation of in-degree, change",
                        "%",
                        NOT_FEWER,
                        INFINITY,
                        change_of("central"),
                        assumed=True,
                    ),
                ),
            ),
        ),
        "Churn does to those who stay something else than was reported: they keep as many strong"
        " ties as they had or more, or nobody turns to anybody new. In the model trust grows with"
        " contact, and those who lose somebody hold back from others; how much was chosen on this"
        " row. For use: do not read from the model what churn does to those who remain.",
        fitted=True,
        known_since="second edition",
    ),
)
