"""Leaders: superintendent, central-office staff, principals, and the coaches who come from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa

from reformsim.district import state
from reformsim.district.seats import MEAN_CONVICTION, Role, mean, seat_number
from reformsim.theory.adoption import posts_for_school
from reformsim.theory.conviction import next_conviction
from reformsim.theory.equation import any_of
from reformsim.theory.leadership import enacted, settled, time_to_lead
from reformsim.theory.learning import (
    along_tie,
    central_sources,
    coach_depth,
    engagement,
    leader_practice,
    next_learnt,
    principal_sources,
)
from reformsim.theory.strain import first_isolation, next_isolation, next_strain, personal_tie
from reformsim.theory.streams import Stream
from reformsim.theory.support import (
    coach_support,
    contact,
    felt_support,
    partner_support,
    training_support,
)
from reformsim.theory.trust import next_trust, next_wariness, open_contact
from reformsim.theory.workload import learning_time, principal_workload, training_share

if TYPE_CHECKING:
    from reformsim.theory.costs import Levels

    from .model import DistrictModel
    from .places import School

    Tie = dict[str, Any]
    """The live attributes of an edge of the support graph."""


class Superintendent(mesa.Agent, state.Superintendent):  # type: ignore[misc]
    """The superintendent: sets the district's focus, carries its politics, and leaves."""

    model: DistrictModel

    def __init__(
        self, model: DistrictModel, node: str, learning_focus: float, tenure: float
    ) -> None:
        super().__init__(model)
        self.node = node
        self.seat = seat_number(Role.SUPERINTENDENT)
        self.begin(model.p)
        self.person = model.new_person()
        self.learning_focus = learning_focus
        self.tenure = tenure


class CentralOfficeStaff(mesa.Agent, state.Supervisor):  # type: ignore[misc]
    """A post of the central office and the person in it, of one of two units.

    `leadership_support` staff are principal supervisors; `teaching_learning` staff coach teachers.
    """

    model: DistrictModel

    def __init__(self, model: DistrictModel, role: Role, post: int, node: str) -> None:
        super().__init__(model)
        self.role = role
        self.post = post
        self.node = node
        self.seat = seat_number(role, index=post)
        self.begin(model.p)
        self.vacant = True
        self.caseload: list[tuple[Principal, Tie]] = []
        self._learnt_next = 0.0
        self._conviction_next = 0.0

    @property
    def unit(self) -> str:
        """The unit the post belongs to."""
        return self.role.name.lower()

    def take_post(
        self, person: int, ability: float, conviction: float, learnt: float = 0.0
    ) -> None:
        """Seat a newcomer."""
        self.vacant = False
        self.person = person
        self.ability, self.learnt = ability, learnt
        self.practice = leader_practice(ability, learnt)
        self.conviction = conviction
        self.strain = self.model.p.strain_new
        self.wary = 0.0
        self.tenure = 0.0

    def look_around(self) -> None:
        """Read from the support graph which principals this post works with, in a fixed order."""
        model = self.model
        edges = model.graph.in_edges(self.node, keys=True, data=True)
        self.caseload = [(model.agent_at[e[0]], e[3]) for e in edges if e[2] == "partnership"]
        self.caseload.sort(key=lambda pair: pair[0].seat)

    def partnership(self) -> float:
        """Return the working relationship with the principals of the caseload, on average."""
        return mean([tie["trust"] * principal.contact for principal, tie in self.caseload])

    def learn(self) -> None:
        """Learn from the superintendent's priority, the unit's colleagues, and the own principals."""
        p, focus, present = self.model.p, self.model.district.public_focus, self.practice
        colleagues = [s for s in self.model.leadership_support if s is not self and not s.vacant]
        sources = central_sources(
            along_tie(1.0, focus, present),
            mean([along_tie(focus, colleague.practice, present) for colleague in colleagues]),
            mean(
                [
                    along_tie(tie["trust"] * x.contact, x.practice, present)
                    for x, tie in self.caseload
                ]
            ),
            p,
        )
        engaged = engagement(self.conviction, self.strain, 1.0)
        self._learnt_next = next_learnt(self.learnt, sources, engaged, p)

    def finish_learning(self) -> None:
        """Take on what was learnt."""
        self.learnt = self._learnt_next
        self.practice = leader_practice(self.ability, self.learnt)

    def form_conviction(self) -> None:
        """Work out conviction from focus, partnership and the unit's conviction."""
        district, p = self.model.district, self.model.p
        self._conviction_next = next_conviction(
            self.conviction,
            p.a0_leader,
            district.public_focus,
            self.partnership(),
            self.model.central_mean("conviction"),
            district.perceived_progress - p.progress_base,
            district.initiative_fatigue,
            p,
        )

    def finish_conviction(self) -> None:
        """Take on the conviction worked out."""
        self.conviction = self._conviction_next

    def bear_strain(self) -> None:
        """Gather and shed strain."""
        p = self.model.p
        self.strain = next_strain(
            self.strain,
            p.central_workload,
            0.0,
            self.model.district.initiative_fatigue,
            self.partnership(),
            p.strain_recovery,
            0.0,
            p,
        )

    def open_up(self) -> None:
        """Come out of oneself a little after losses."""
        self.wary = next_wariness(self.wary, self.model.p)


class LeadershipCoach(mesa.Agent, state.Contracted):  # type: ignore[misc]
    """Someone who coaches principals: from an outside partner, or an ordinary mentor."""

    model: DistrictModel

    def __init__(
        self, model: DistrictModel, node: str, practice: float, dosage: float, contracted: bool
    ) -> None:
        super().__init__(model)
        self.node = node
        self.practice = practice
        self.dosage = dosage
        self.contracted = contracted

    @property
    def first_trust(self) -> float:
        """Trust a principal has in this coach at first."""
        p = self.model.p
        return p.trust_new + (p.trust_coach if self.contracted else p.trust_mentor)


class Principal(mesa.Agent, state.Principal):  # type: ignore[misc]
    """A principal's seat and the person in it; while it is vacant, an acting head keeps it."""

    model: DistrictModel

    def __init__(self, model: DistrictModel, school: School, node: str) -> None:
        super().__init__(model)
        self.school = school
        self.node = node
        self.seat = seat_number(Role.PRINCIPAL, school.number)
        self.begin(model.p)
        self.person = model.new_person()
        self.supervisor: tuple[CentralOfficeStaff, Tie] | None = None
        self.cohort: list[tuple[Principal, Tie]] = []
        self.peers: list[tuple[Principal, Tie]] = []
        self.coaches: list[tuple[LeadershipCoach, Tie]] = []
        self._learnt_next = 0.0
        self._conviction_next = 0.0

    def look_around(self) -> None:
        """Read from the support graph who supports this principal, in a fixed order."""
        model = self.model
        self.supervisor, self.cohort, self.peers, self.coaches = None, [], [], []
        for giver, _, kind, tie in model.graph.in_edges(self.node, keys=True, data=True):
            if kind == "partnership":
                self.supervisor = (model.agent_at[giver], tie)
            elif kind == "cohort":
                self.cohort.append((model.agent_at[giver], tie))
            elif kind == "peer":
                self.peers.append((model.agent_at[giver], tie))
            elif kind == "coaching":
                self.coaches.append((model.agent_at[giver], tie))
        self.cohort.sort(key=lambda pair: pair[0].seat)
        self.peers.sort(key=lambda pair: pair[0].seat)
        self.coaches.sort(key=lambda pair: (pair[0].contracted, pair[0].node))

    @property
    def levels(self) -> Levels:
        """The levers as delivered to the school."""
        return self.model.district.levels_of(self.school)

    @property
    def training_hours(self) -> float:
        """Hours of training a year: those of the design, if the school takes part in it."""
        model = self.model
        return (model.levers if self.school.takes_part else model.scenario.baseline).training_hours

    def mentor(self) -> LeadershipCoach | None:
        """Return the principal's ordinary mentor, if there is one."""
        return next((coach for coach, _ in self.coaches if not coach.contracted), None)

    def bring_ties(self) -> None:
        """Draw what a person brings to the post: ties across schools, and priority in queues."""
        model, p = self.model, self.model.p
        self.access_draw = model.uniform(self.seat, Stream.ACCESS)
        self.informal_tie = personal_tie(model.uniform(self.seat, Stream.PERSONAL_TIE), p)
        self.isolation = first_isolation(self.informal_tie, p)

    def plan_week(self) -> None:
        """Divide the week between operations, training and learning leadership."""
        p = self.model.p
        coaching = max((c.dosage for c, _ in self.coaches if c.contracted), default=0.0)
        cohort = self.levels.cohorts if self.cohort else 0.0
        self.training = 0.0  # an acting head takes part in nothing
        if not self.vacant:
            self.training = training_share(self.training_hours, cohort, coaching, p)
        operations = self.school.operations
        self.workload = principal_workload(operations, self.training, p)
        self.learning_time = learning_time(operations, self.training, self.practice, p)

    def receive_support(self) -> None:
        """Work out the support felt from the supervisor, the cohort, coaches and training."""
        model, p = self.model, self.model.p
        self.settled = settled(self.tenure, self.vacant, self.preparation, p)
        self.contact = self.partner = self.cohort_support = 0.0
        self.coach_support = self.training_support = self.support = 0.0
        if self.vacant:
            return
        if self.supervisor is not None and not self.supervisor[0].vacant:
            staff, tie = self.supervisor
            self.contact = self.contact_with(staff, model.pull)
            self.partner = partner_support(staff.practice, tie["trust"], self.contact)
        intensity = self.levels.cohorts
        filled = [(other, tie) for other, tie in self.cohort if not other.vacant]
        self.cohort_support = intensity * mean([tie["trust"] * o.practice for o, tie in filled])
        for coach, tie in self.coaches:
            one = coach_support(coach.dosage, coach.practice, tie["trust"])
            self.coach_support = any_of(self.coach_support, one)
        self.training_support = training_support(self.training_hours, p)
        self.support = felt_support(
            self.partner, self.cohort_support, self.coach_support, self.training_support
        )

    def contact_with(self, staff: CentralOfficeStaff, pull: float) -> float:
        """Return the contact with a supervisor at a given pull of operations."""
        district = self.model.district
        return contact(
            posts_for_school(
                self.model.post_size,
                self.levels.leadership_posts,
                district.levels.leadership_posts,
            ),
            float(len(staff.caseload)),
            pull,
            self.model.equity_weight,
            self.school.need_above_mean,
            self.model.p,
        )

    def enact(self) -> float:
        """Return the leadership enacted in the school."""
        permitted = self.model.permitted()
        return enacted(self.practice, permitted, self.learning_time, self.settled, self.model.p)

    def learn(self) -> None:
        """Learn from supervisor, cohort, peers, mentor, outside coach and training."""
        p, present = self.model.p, self.practice
        helped = cohort = asked = 0.0
        if self.supervisor is not None and not self.supervisor[0].vacant:
            staff, tie = self.supervisor
            helped += along_tie(tie["trust"] * self.contact, staff.practice, present)
        for coach, tie in self.coaches:
            depth = coach_depth(p.coaching_hours * coach.dosage, tie["trust"], p)
            helped += along_tie(depth, coach.practice, present)
        helped += along_tie(self.training_support, p.coach_practice, present)
        intensity = self.levels.cohorts
        for other, tie in self.cohort:
            if not other.vacant:
                cohort += along_tie(tie["trust"] * intensity, other.practice, present)
        for other, tie in self.peers:
            asked += along_tie(tie["trust"], other.practice, present)
        sources = principal_sources(helped, cohort, asked, p)
        engaged = engagement(self.conviction, self.strain, time_to_lead(self.learning_time, p))
        self._learnt_next = next_learnt(self.learnt, sources, engaged, p)

    def finish_learning(self) -> None:
        """Take on what was learnt."""
        if not self.vacant:
            self.learnt = self._learnt_next
            self.practice = leader_practice(self.ability, self.learnt)

    def form_conviction(self) -> None:
        """Work out conviction from focus, support and peers: the cohort, or else the caseload."""
        district, p = self.model.district, self.model.p
        colleagues = self.cohort or (self.supervisor[0].caseload if self.supervisor else [])
        convictions = [other.conviction for other, _ in colleagues if not other.vacant]
        self._conviction_next = next_conviction(
            self.conviction,
            p.a0_leader,
            district.public_focus,
            self.support,
            mean(convictions) if convictions else self.conviction,
            district.perceived_progress - p.progress_base,
            district.initiative_fatigue,
            p,
        )

    def finish_conviction(self) -> None:
        """Take on the conviction worked out."""
        if not self.vacant:
            self.conviction = self._conviction_next

    def bear_strain(self) -> None:
        """Gather and shed strain; then feel more or less isolated."""
        if self.vacant:
            return
        model, p = self.model, self.model.p
        strain = next_strain(
            self.strain,
            self.workload,
            self.isolation,
            model.district.initiative_fatigue,
            self.support,
            p.strain_recovery,
            0.0,
            p,
        )
        partner = self.supervisor[1]["trust"] * self.contact if self.supervisor else 0.0
        together = mean([tie["trust"] for other, tie in self.cohort if not other.vacant])
        self.isolation = next_isolation(
            self.isolation,
            partner,
            self.levels.cohorts * together,
            self.informal_tie,
            max((tie["trust"] for _, tie in self.coaches), default=0.0),
            self.settled,
            mean([teacher.conviction for teacher in self.school.teachers]),
            p,
        )
        self.strain = strain

    def build_trust(self) -> None:
        """Let trust in supervisor, cohort, peers and coaches grow or fade; ties of empty seats rest."""
        if self.vacant:
            return
        p = self.model.p
        if self.supervisor is not None and not self.supervisor[0].vacant:
            staff, tie = self.supervisor
            contact = open_contact(self.contact, self.wary, staff.wary)
            tie["trust"] = next_trust(tie["trust"], contact, p)
            # The way back, from principal to supervisor, is the same relationship.
            back = self.model.graph.edges[self.node, staff.node, "partnership"]
            back["trust"] = next_trust(back["trust"], contact, p)
        together = p.cohort_contact * self.levels.cohorts
        for other, tie in self.cohort:
            if not other.vacant:
                tie["trust"] = next_trust(tie["trust"], together, p)
        for other, tie in self.peers:
            contact = open_contact(p.peer_contact, self.wary, other.wary)
            tie["trust"] = next_trust(tie["trust"], contact, p)
        for coach, tie in self.coaches:
            tie["trust"] = next_trust(tie["trust"], p.coach_contact * coach.dosage, p)

    def open_up(self) -> None:
        """Come out of oneself a little after losses."""
        self.wary = next_wariness(self.wary, self.model.p)

    def leave_empty(self) -> None:
        """Leave the seat to an acting head of ordinary practice."""
        p = self.model.p
        self.vacant = True
        self.vacant_months = 0
        self.person = 0
        self.practice = self.ability = p.entry_practice
        self.school.carried, self.learnt = self.learnt, 0.0
        self.conviction = MEAN_CONVICTION
        self.strain = p.strain_new
        self.wary = 0.0
        self.isolation = p.isolation_new
        self.tenure = self.experience = self.preparation = 0.0
        self.informal_tie = p.informal_tie
