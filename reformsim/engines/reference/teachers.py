"""Teachers: they learn from leadership, colleagues' advice and coaching, and may leave in June."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa

from reformsim.district import state
from reformsim.district.seats import MEAN_CONVICTION, Role, seat_number
from reformsim.theory.conviction import next_conviction
from reformsim.theory.equation import clip01
from reformsim.theory.learning import teacher_practice
from reformsim.theory.strain import next_strain
from reformsim.theory.streams import Stream
from reformsim.theory.succession import novice_chance
from reformsim.theory.trust import next_embeddedness
from reformsim.theory.turnover import chance_of_leaving, teacher_hazard

if TYPE_CHECKING:
    from .model import DistrictModel
    from .places import School


class Teacher(mesa.Agent, state.Teacher):  # type: ignore[misc]
    """A teacher's seat and the person in it."""

    model: DistrictModel

    def __init__(self, model: DistrictModel, school: School, index: int, node: str) -> None:
        super().__init__(model)
        self.school = school
        self.node = node
        self.seat = seat_number(Role.TEACHER, school.number, index)
        self.begin(model.p)
        self.person = model.new_person()
        self.advisers: list[Teacher] = []
        self._practice_next = 0.0
        self._peers = MEAN_CONVICTION

    def learn(self) -> None:
        """Work out next month's practice from leadership, advice and coaching."""
        weight = practice = conviction = 0.0
        for colleague in self.advisers:
            rooted = colleague.embeddedness
            weight += rooted
            practice += rooted * colleague.practice
            conviction += rooted * colleague.conviction
        advice = practice / weight if weight > 0.0 else 0.0
        # Conviction does not change before its own stage, so one look at colleagues serves both.
        self._peers = conviction / weight if weight > 0.0 else self.conviction
        school = self.school
        self._practice_next = teacher_practice(
            self.practice,
            school.guidance,
            advice,
            school.coaching,
            self.embeddedness,
            self.experience,
            self.conviction,
            self.strain,
            self.model.p,
        )

    def finish_learning(self) -> None:
        """Take on the practice worked out from what everyone was before the stage."""
        self.practice = self._practice_next

    def form_conviction(self) -> None:
        """Move conviction to what the teacher sees."""
        district, p = self.model.district, self.model.p
        self.conviction = next_conviction(
            self.conviction,
            p.a0_teacher,
            district.public_focus,
            self.school.leadership,
            self._peers,
            district.perceived_progress - p.progress_base,
            district.initiative_fatigue,
            p,
        )

    def bear_strain(self) -> None:
        """Gather and shed strain."""
        p = self.model.p
        self.strain = next_strain(
            self.strain,
            p.teacher_workload,
            0.0,
            self.model.district.initiative_fatigue,
            self.school.leadership,
            p.strain_recovery * p.teacher_recovery,
            p.teacher_inflow,
            p,
        )

    def take_root(self) -> None:
        """Become more rooted in colleagues' advice."""
        self.embeddedness = next_embeddedness(self.embeddedness, self.model.p)

    def leaves(self) -> bool:
        """Decide, in June, whether to leave the school."""
        model = self.model
        hazard = teacher_hazard(
            self.experience,
            self.strain,
            self.school.leadership,
            model.scenario.conditions.teacher_turnover,
            model.p,
        )
        draw = model.uniform(self.seat, Stream.TEACHER_LEAVES)
        return draw < chance_of_leaving(hazard, 1.0)

    def age(self) -> None:
        """Stay one month longer."""
        self.tenure += 1.0
        self.experience += 1.0

    def replace(self) -> None:
        """Hand the seat to a newcomer; the seat keeps its ties with colleagues."""
        model, p = self.model, self.model.p
        tightness = model.scenario.conditions.labour_tightness
        self.person = model.new_person()
        if model.uniform(self.seat, Stream.NOVICE) < novice_chance(tightness, p):
            level, self.experience = p.novice_practice, 0.0
        else:
            level = p.hire_practice
            career = model.exponential(self.seat, Stream.NEW_EXPERIENCE)
            self.experience = float(int(p.hire_experience * career))
        spread = p.teacher_sd * model.normal(self.seat, Stream.NEW_PRACTICE)
        self.practice = clip01(level + spread)
        doubt = p.conviction_sd * model.normal(self.seat, Stream.NEW_CONVICTION)
        self.conviction = clip01(MEAN_CONVICTION + doubt)
        self.strain = p.strain_new
        self.tenure = 0.0
        self.embeddedness = p.embed_new
        self.teacher_leader = False
