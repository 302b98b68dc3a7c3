"""Teachers: they learn from leadership, colleagues' advice and coaching, and may leave in June."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa

from reformsim.district import state
from reformsim.district.seats import MEAN_CONVICTION, TEACHER_LEARNT, Role, seat_number
from reformsim.theory.conviction import next_conviction
from reformsim.theory.equation import clip01
from reformsim.theory.learning import (
    along_tie,
    engagement,
    from_colleagues,
    next_learnt,
    teacher_practice,
    teacher_sources,
)
from reformsim.theory.schedule import begins_quarter
from reformsim.theory.strain import next_strain
from reformsim.theory.streams import Stream
from reformsim.theory.succession import novice_chance
from reformsim.theory.trust import next_depth, next_embeddedness
from reformsim.theory.turnover import chance_of_leaving, teacher_hazard
from reformsim.theory.workload import teaching_load

from .advice import newcomer_among

if TYPE_CHECKING:
    from .advice import Asked, Places
    from .model import DistrictModel
    from .places import School


class Teacher(mesa.Agent, state.Teacher):  # type: ignore[misc]
    """A teacher's seat and the person in it."""

    model: DistrictModel

    def __init__(self, model: DistrictModel, school: School, index: int, node: str) -> None:
        super().__init__(model)
        self.school = school
        self.node = node
        self.index = index
        self.seat = seat_number(Role.TEACHER, school.number, index)
        self.begin(model.p)
        self.person = model.new_person()
        self.asks: Places = []
        self.team: list[Teacher] = []
        self._learnt_next = 0.0

    def start(self, first: tuple[float, float, float, float, float]) -> None:
        """Let the first occupant begin, with what `first_teacher` has drawn."""
        self.ability, self.conviction, self.tenure, self.experience, self.embeddedness = first
        self.learnt, self.peers = TEACHER_LEARNT, self.conviction
        self.practice = teacher_practice(self.ability, self.learnt, self.experience, self.model.p)

    def asked(self) -> list[Asked]:
        """Return those whom the teacher asks, in the order of the places."""
        return [asked for asked in self.asks if asked is not None]

    def look_to_colleagues(self) -> None:
        """See what those who are asked and those of the grade team do better, and what they believe."""
        present, school = self.practice, self.school
        weight = conviction = asked = team = helped = 0.0
        for colleague, tie in self.asked():
            depth = tie["depth"]
            weight += depth
            conviction += depth * colleague.conviction
            asked += along_tie(depth, colleague.practice, present)
            if colleague.teacher_leader and colleague.school is school:
                helped += along_tie(school.leader_depth, colleague.practice, present)
            tie["depth"] = next_depth(depth, school.leadership, self.strain, self.model.p)
        for colleague in self.team:
            team += along_tie(colleague.embeddedness, colleague.practice, present)
            if colleague.teacher_leader:
                helped += along_tie(school.leader_depth, colleague.practice, present)
        self.from_colleagues = from_colleagues(self.embeddedness, asked, team, helped, self.model.p)
        self.peers = conviction / weight if weight > 0.0 else self.conviction

    def learn(self) -> None:
        """Learn along ties from those who do better: colleagues, the head, coaches."""
        school, p = self.school, self.model.p
        if begins_quarter(self.model.month):
            self.look_to_colleagues()
        sources = teacher_sources(
            self.practice,
            self.from_colleagues,
            school.guidance,
            school.coaching,
            school.coaches_level,
            p,
        )
        engaged = engagement(self.conviction, self.strain, 1.0)
        self._learnt_next = next_learnt(self.learnt, sources, engaged, p)

    def finish_learning(self) -> None:
        """Take on what was learnt from what everyone was before the stage."""
        self.learnt = self._learnt_next
        self.practice = teacher_practice(self.ability, self.learnt, self.experience, self.model.p)

    def form_conviction(self) -> None:
        """Move conviction to what the teacher sees."""
        district, p = self.model.district, self.model.p
        self.conviction = next_conviction(
            self.conviction,
            p.a0_teacher,
            district.public_focus,
            self.school.leadership,
            self.peers,
            district.perceived_progress - p.progress_base,
            district.initiative_fatigue,
            p,
        )

    def bear_strain(self) -> None:
        """Gather and shed strain."""
        p = self.model.p
        self.strain = next_strain(
            self.strain,
            teaching_load(p.teacher_workload, self.school.need, p),
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
        """Hand the seat to a newcomer, whose ties begin anew."""
        model, p = self.model, self.model.p
        tightness = model.scenario.conditions.labour_tightness
        self.person = model.new_person()
        if model.uniform(self.seat, Stream.NOVICE) < novice_chance(tightness, p):
            self.experience = 0.0
        else:
            career = model.exponential(self.seat, Stream.NEW_EXPERIENCE)
            self.experience = float(int(p.hire_experience * career))
        spread = p.teacher_sd * model.normal(self.seat, Stream.NEW_PRACTICE)
        self.ability, self.learnt = clip01(p.hire_practice + spread), 0.0
        self.practice = teacher_practice(self.ability, 0.0, self.experience, p)
        doubt = p.conviction_sd * model.normal(self.seat, Stream.NEW_CONVICTION)
        self.conviction = clip01(MEAN_CONVICTION + doubt)
        self.from_colleagues, self.peers = 0.0, self.conviction  # until the next quarter
        self.strain = p.strain_new
        self.tenure = 0.0
        self.embeddedness = p.embed_new
        self.teacher_leader = False
        newcomer_among(self)
