"""Places, which are not agents: a school, and the district as everyone's environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reformsim.district.seats import FIRST_BENCH, FIRST_FATIGUE, FIRST_TEACHER_TURNOVER

if TYPE_CHECKING:
    from reformsim.theory.costs import Levels

    from .leaders import LeadershipCoach, Principal
    from .teachers import Teacher


@dataclass(slots=True, eq=False)
class School:
    """A school: its need, the load on it, the leadership in it, and its outcome."""

    number: int
    need: float
    need_above_mean: float
    quartile: int
    principal: Principal = field(init=False)
    teachers: list[Teacher] = field(default_factory=list)
    operational_demand: float = 0.0
    operations: float = 0.0
    coaching: float = 0.0
    """Instructional coaching that teachers get: dosage × coaches' practice."""
    enacted: float = 0.0
    distributed: float = 0.0
    leadership: float = 0.0
    guidance: float = 0.0
    outcome: float = 0.0
    teacher_practice: float = 0.0
    teacher_turnover: float = FIRST_TEACHER_TURNOVER
    """Share of teachers who left last June."""
    principal_departures: int = 0
    teacher_departures: int = 0

    def teacher_leaders(self) -> list[Teacher]:
        """Return the teachers in a recognised leadership role."""
        return [teacher for teacher in self.teachers if teacher.teacher_leader]


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
    penalty: float = 0.0
    leadership: float = 0.0


@dataclass(slots=True)
class District:
    """What all agents share: money, focus, politics, readiness, the bench."""

    levels: Levels
    """Levers as delivered this year."""
    support_funding: float
    role_legitimacy: float
    readiness: float
    public_focus: float
    perceived_progress: float
    equity_groundwork: float
    initiative_fatigue: float = FIRST_FATIGUE
    bench: float = FIRST_BENCH
    revenue_noise: float = 0.0
    revenue_index: float = 1.0
    trend: float = 1.0
    fiscal_stress: float = 0.0
    reserves: float = 0.0
    usual_reserves: float = 0.0
    budget_gap: float = 0.0
    """What the last budget had to do without: the shortfall that reserves did not fill."""
    gap_last_july: float = 0.0
    protection: float = 0.0
    reach: float = 0.0
    outcome: float = 0.0
    outcome_growth: float = 0.0
    """Growth of the district's mean outcome, student SD a year."""
    shocks: list[Shock] = field(default_factory=list)
    contract: Contract | None = None
    reference: Reference = field(default_factory=Reference)
    promoted: list[tuple[int, float, float]] = field(default_factory=list)
    """Person, practice and conviction of principals promoted since last July, who wait for a post."""

    @property
    def operations_funding(self) -> float:
        """Operations relief as delivered."""
        return self.levels.operations_relief

    @property
    def release_time(self) -> float:
        """Release time of each teacher leader, as a share of a post."""
        leaders = self.levels.teacher_leaders
        return self.levels.released_posts / leaders if leaders > 0.0 else 0.0
