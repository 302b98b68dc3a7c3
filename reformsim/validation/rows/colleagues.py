"""What a more skilled colleague does for a teacher: a trial of pairs, and a newcomer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.district.network import team_of
from reformsim.theory.learning import along_tie, engagement, teacher_practice
from reformsim.theory.outcome import next_outcome, yearly_flow

from ..pattern import INFINITY, Measurement, Row, Statistic, Unit, mean_of, quotient
from ..readings import MAY, YEAR
from ..studies import ordinary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from reformsim.engines.compiled.layout import State
    from reformsim.scenario.coefficients import Coefficients

    from ..readings import Floats, Integers
    from ..studies import SimulatedUnit

QUARTER = 4
"""One teacher in so many is low, and one high, in skill."""
PAIRED = 0.6
"""Depth of the tie between partners (judgement): less than that of a colleague of many years."""
BEFORE = -1
"""Month before the first school year of the trial."""
TWO_YEARS = range(BEFORE, YEAR + MAY + 1)
THREE_YEARS = range(BEFORE, 2 * YEAR + MAY + 1)


class Teachers:
    """Practice of all teachers, and who they are, at the end of each month from `BEFORE` on."""

    def __init__(self, states: Iterable[State]) -> None:
        rows = [(state.teachers.practice.copy(), state.teachers.person.copy()) for state in states]
        self.practice: Floats = np.array([practice for practice, _ in rows])
        self.person: Integers = np.array([person for _, person in rows])

    def stayed(self, other: Teachers) -> NDArray[np.bool_]:
        """Say which seats have the same person at the end as in the beginning, in both."""
        return np.asarray(
            (self.person[-1] == self.person[0]) & (other.person[-1] == other.person[0])
        )


def added_for_pupils(
    treated: Teachers, untreated: Teachers, seats: NDArray[np.int64], p: Coefficients
) -> list[float]:
    """Return what a change of practice of some teachers adds for their pupils, by month from 0 on.

    Their pupils' outcome is that of a school of which these are all the teachers. NaN if there are none.
    """
    sd = float(untreated.practice[0].std())
    outcomes = []
    for teachers in (treated, untreated):
        outcome, path = 0.0, []
        for practice in teachers.practice[1:, seats]:
            mean = float(practice.mean()) if len(seats) else np.nan
            outcome = next_outcome(outcome, yearly_flow(mean, 0.0, 0.5, sd, 0.0, p), p)
            path.append(outcome)
        outcomes.append(path)
    return [after - before for after, before in zip(*outcomes, strict=True)]


def by_skill(state: State) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield for each school its least and its most skilled quarter, the lowest with the highest."""
    for first, last in zip(state.first, state.first[1:], strict=False):
        order = first + np.argsort(state.teachers.practice[first:last], kind="stable")
        number = len(order) // QUARTER
        yield order[:number], order[::-1][:number]


# --- row 30


def paired_for_a_year(states: Iterator[State], p: Coefficients) -> Iterator[State]:
    """Let the low in skill learn from a partner too in the first year, at the rate of help."""
    pairs: list[tuple[int, int]] = []
    for month, state in zip(TWO_YEARS, states, strict=True):
        teachers = state.teachers
        if month == BEFORE:
            for low, high in by_skill(state):
                pairs += zip(low.tolist(), high.tolist(), strict=True)
        elif month < YEAR:
            there = teachers.practice.copy()
            for learner, partner in pairs:
                engaged = engagement(teachers.conviction[learner], teachers.strain[learner], 1.0)
                learns = p.help_rate * along_tie(PAIRED, there[partner], there[learner])
                teachers.learnt[learner] = min(
                    1.0, teachers.learnt[learner] + engaged * learns / YEAR
                )
                teachers.practice[learner] = teacher_practice(
                    teachers.ability[learner],
                    teachers.learnt[learner],
                    teachers.experience[learner],
                    p,
                )
        yield state


def pairing_trial(simulated: SimulatedUnit) -> Unit:
    """Read what a year with a skilled partner adds for the pupils of both."""
    p = simulated.runs[0].scenario.coefficients
    start = next(simulated.states(0, (BEFORE,)))
    low, high = (np.concatenate(side) for side in zip(*by_skill(start), strict=True))
    alone = Teachers(simulated.states(0, TWO_YEARS))
    paired = Teachers(paired_for_a_year(simulated.states(0, TWO_YEARS), p))
    stayers = low[paired.stayed(alone)[low]]
    of_stayers = added_for_pupils(paired, alone, stayers, p)
    return {
        "paired": added_for_pupils(paired, alone, low, p)[MAY],
        "partner": added_for_pupils(paired, alone, high, p)[MAY],
        "first_year": of_stayers[MAY],
        "second_year": of_stayers[YEAR + MAY],
    }


# --- row 31


def newcomers(state: State) -> NDArray[np.int64]:
    """Return the seat of one newcomer in each school: who has been there for the shortest time."""
    return np.array(
        [
            first + int(np.argmin(state.teachers.tenure[first:last]))
            for first, last in zip(state.first, state.first[1:], strict=False)
        ]
    )


def team_around(state: State, newcomer: int) -> NDArray[np.int64]:
    """Return the colleagues of a newcomer's grade team."""
    school = int(np.searchsorted(state.first, newcomer, side="right")) - 1
    first, last = state.first[school], state.first[school + 1]
    start, end = team_of(newcomer - first, last - first)
    team = np.arange(first + start, first + end)
    return np.asarray(team[team != newcomer])


def joined(states: Iterator[State], away: float) -> Iterator[State]:
    """Give each school's newcomer the mean practice of the team, and so many SD more, as ability."""
    for month, state in zip(THREE_YEARS, states, strict=True):
        if month == BEFORE:
            teachers = state.teachers
            sd = float(teachers.practice.std())
            for newcomer in newcomers(state):
                team = team_around(state, int(newcomer))
                if len(team):
                    wanted = min(1.0, max(0.0, teachers.practice[team].mean() + away * sd))
                    teachers.ability[newcomer] += wanted - teachers.practice[newcomer]
                    teachers.practice[newcomer] = wanted
        yield state


def a_newcomer(simulated: SimulatedUnit) -> Unit:
    """Read what a newcomer one SD above, or below, the grade team brings to the team's pupils."""
    p = simulated.runs[0].scenario.coefficients
    start = next(simulated.states(0, (BEFORE,)))
    teams = np.concatenate([team_around(start, int(seat)) for seat in newcomers(start)])
    alike, able, weak = (
        Teachers(joined(simulated.states(0, THREE_YEARS), away)) for away in (0.0, 1.0, -1.0)
    )
    stayers = teams[(able.stayed(alike) & weak.stayed(alike))[teams]]
    mays = [year * YEAR + MAY for year in range(3)]
    added = {
        name: added_for_pupils(teachers, alike, stayers, p)
        for name, teachers in (("able", able), ("weak", weak))
    }
    able_mean, weak_mean = (float(np.mean([path[may] for may in mays])) for path in added.values())
    return {"able": able_mean, "weak_loss": -weak_mean}


ROWS = (
    Row(
        30,
        "R",
        "Teachers paired with a skilled colleague",
        "7.15",
        "The ordinary district under the status quo. For the first year after the launch each of the least"
        " skilled quarter of a school's teachers has a partner among the most skilled quarter, the"
        " lowest the highest, beside all other ties: one from whom they learn at the rate of help, over"
        f" a tie of depth {PAIRED} (judgement). No strategy can do this: the tie is added to the run for that"
        " year, and nothing else is. The pupils of some teachers have the"
        " outcome of a school in which these are all the teachers; gains are over the same run"
        " without pairs, in May. Year 2 is that of teachers who are still there.",
        (
            Measurement(
                ordinary,
                pairing_trial,
                (
                    Statistic("pupils of the paired, year 1", "SD", 0.06, 0.18, mean_of("paired")),
                    Statistic(
                        "year 2 ÷ year 1",
                        "ratio",
                        0.7,
                        INFINITY,
                        quotient(mean_of("second_year"), mean_of("first_year")),
                    ),
                    Statistic("pupils of partners", "SD", -0.02, INFINITY, mean_of("partner")),
                ),
            ),
        ),
        "A year with a skilled partner brings less or more than the trial found, or is forgotten at"
        " another speed. How much it brings hangs on the rate of help and on how far the partner is"
        " ahead; how much is left a year later on how fast practice that was learnt fades. Both are"
        " the same for coaches and for teacher leaders, so that what the model says of these is off in"
        " the same direction. That partners' pupils lose nothing is an assumption more than a result:"
        " to help costs a partner nothing in the model.",
        fitted=True,
        known_since="second edition",
    ),
    Row(
        31,
        "R",
        "A skilled newcomer among teachers",
        "7.16",
        "The ordinary district under the status quo. At the launch the most recent newcomer of each"
        " school is given the mean practice of his or her grade team, or one SD (of teachers in"
        " the district) more, or less, as an ability that lasts; no strategy can do this, and the three"
        " runs differ in nothing else. Incumbents are the others of the team who stay for three years."
        " The outcome of their pupils, as in row 30, is the mean of May of years 1"
        " to 3, against the run in which the newcomer is as skilled as they are.",
        (
            Measurement(
                ordinary,
                a_newcomer,
                (
                    Statistic(
                        "one SD above: incumbents' pupils", "SD", 0.01, 0.04, mean_of("able")
                    ),
                    Statistic(
                        "one SD below: loss ÷ that gain",
                        "ratio",
                        -INFINITY,
                        0.333,
                        quotient(mean_of("weak_loss"), mean_of("able")),
                    ),
                ),
            ),
        ),
        "What a strong teacher is worth to the grade team, beside his or her own pupils, is too small"
        " or too large in the model, or a weak one does harm where hardly any was found. Teachers learn"
        " only from those who do better, at the rate of the team and as far as both are at home"
        " there; a weak newcomer takes away what a better one would have taught. For use: strategies"
        " that hire, keep or place strong teachers are valued wrongly by that much.",
        fitted=True,
        known_since="second edition",
    ),
)
