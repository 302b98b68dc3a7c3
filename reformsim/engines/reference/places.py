"""Places, which are not agents: a school, and the district as everyone's environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reformsim.district import state

if TYPE_CHECKING:
    from reformsim.theory.costs import Levels

    from .leaders import LeadershipCoach, Principal
    from .teachers import Teacher


class School(state.School):
    """A school: its need, the load on it, the leadership in it, and its outcome."""

    principal: Principal

    def __init__(self, number: int, need: float, above_mean: float, quartile: int, p: Any) -> None:
        self.begin(p)
        self.number = number
        self.need, self.need_above_mean, self.quartile = need, above_mean, quartile
        self.teachers: list[Teacher] = []
        self.apart: Apart | None = None
        """What is delivered to this school by itself, if not all schools take part in designs."""

    def teacher_leaders(self) -> list[Teacher]:
        """Return the teachers in a recognised leadership role."""
        return [teacher for teacher in self.teachers if teacher.teacher_leader]


@dataclass(slots=True)
class Apart:
    """The levers as delivered to a school that may have others than the rest of the district."""

    levels: Levels
    committed: Levels
    """What was delivered when the design in force began."""
    granted: Levels
    """What grants add to the levels that the own line delivers."""


@dataclass(slots=True)
class Contract:
    """An outside partner's programme while it runs."""

    end: int
    intensity: float
    seats: int
    coaches: list[LeadershipCoach]


@dataclass(slots=True)
class Shock:
    """A revenue shock that has been announced or has arrived."""

    start: int
    depth: float
    ramp: int
    hold: int
    recovery: int
    permanent: bool


@dataclass(slots=True)
class Reference:
    """What the district was like late in the warm-up; outcomes and progress are measured from it.

    During the warm-up it is the present month; at the launch it becomes the mean of the last 36
    months and stays.
    """

    practice: float = 0.0
    practice_sd: float = 0.1
    conditions: float = 0.0
    leadership: float = 0.0


class District(state.District):
    """What all agents share: money, focus, politics, readiness, the bench."""

    def __init__(self, levels: Levels, p: Any) -> None:
        self.begin(p)
        self.levels = levels
        """Levers as delivered this year."""
        self.granted = levels._make(0.0 for _ in levels)
        """What grants add to the levels that the own line delivers."""
        self.reference = Reference()
        self.revenue_shocks: list[Shock] = []
        self.programme: Contract | None = None
        self.promoted: list[tuple[int, float, float, float]] = []
        """Person, ability, conviction and what was learnt of principals promoted since last July, who wait for a post."""

    @property
    def operations_funding(self) -> float:
        """Operations relief as delivered."""
        relief: float = self.levels.operations_relief
        return relief

    def levels_of(self, school: School) -> Levels:
        """Return the levers as delivered to a school."""
        return self.levels if school.apart is None else school.apart.levels
