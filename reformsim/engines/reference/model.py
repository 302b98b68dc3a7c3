"""The model: a district of Mesa agents on a support graph, one month a step."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import mesa

from reformsim.district import network, network_files
from reformsim.district.caseloads import first_caseloads
from reformsim.district.drawing import drawn_events
from reformsim.district.seats import (
    MEAN_CONVICTION,
    Role,
    mean,
    seat_number,
    seat_people,
    shares,
)
from reformsim.errors import Problem, ReformsimError
from reformsim.record import EventRecord
from reformsim.scenario import Scenario
from reformsim.scenario.events import Crisis
from reformsim.scenario.revenue_events import RevenueEvent
from reformsim.theory import chance
from reformsim.theory.budget import first_reserves
from reformsim.theory.chance import DEFAULT_SEED
from reformsim.theory.costs import levels_of, prices_of, release_time
from reformsim.theory.leadership import (
    distributed,
    guidance,
    leader_depth,
    next_legitimacy,
    next_order,
    permission,
    school_leadership,
)
from reformsim.theory.outcome import next_outcome, school_conditions, yearly_flow
from reformsim.theory.politics import (
    next_capital,
    next_fatigue,
    next_focus,
    next_groundwork,
    next_progress,
    next_readiness,
    pushback,
    rollout_fatigue,
)
from reformsim.theory.revenue import (
    HOLD,
    RAMP,
    RECOVERY,
    fiscal_stress,
    ordinary_noise,
    shock_depth,
    shock_profile,
    trend,
)
from reformsim.theory.schedule import JULY, STAGES, month_of_year
from reformsim.theory.streams import Stream
from reformsim.theory.support import coaching_dosage, operations_pull
from reformsim.theory.trust import first_wariness
from reformsim.theory.turnover import frailty
from reformsim.theory.workload import event_load, operational_demand, operations_share, problems

from .advice import find_colleagues, renew_ties
from .batches import key_of_run
from .budgeting import adopt_budget, cost, deliver, run_contract
from .collecting import Wanted, collector
from .granting import grants_change, note_grants
from .happenings import disturb_politics
from .leaders import CentralOfficeStaff, Principal, Superintendent
from .peers import choose_peers
from .places import Apart, District, Reference, School, Shock
from .recording import Recorder, mean_reference, present_reference
from .succession import turn_over
from .teachers import Teacher

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reformsim.district.seats import Seats
    from reformsim.record import Result
    from reformsim.scenario.events import Event
    from reformsim.scenario.levers import Levers
    from reformsim.theory.costs import Levels

    from .collecting import Reporters
    from .leaders import Tie


class Design(NamedTuple):
    """What a plan asks for from a month on."""

    month: int
    levers: Levers
    levels: Levels


class DistrictModel(mesa.Model):  # type: ignore[misc]
    """A school district under a scenario; `step()` simulates one month.

    `seed` and `replicate` key every draw; the default of both is that of `simulate`. Mesa's own random
    generator is never used. In Mesa's `batch_run`, iterations are replicates, unless `replicate` is
    given or Mesa hands out seeds (its `rng=`).
    `model.graph` is the live support graph, `model.datacollector` holds the district's monthly series
    and what is asked for besides, in the words of `mesa.DataCollector`, and `model.result()` returns
    the full record.
    Raises ReformsimError for a seed or replicate that is none, a second iteration of the same replicate,
    and reporters that cannot work.
    """

    # Mesa 3.5 has a property of this name that writes into the scenario; ours is frozen.
    scenario: Scenario = None  # type: ignore[assignment]

    def __init__(
        self,
        scenario: Scenario,
        seed: int | None = DEFAULT_SEED,
        replicate: int | None = None,
        *,
        model_reporters: Reporters | None = None,
        agent_reporters: Reporters | None = None,
        agenttype_reporters: Mapping[type[mesa.Agent], Reporters] | None = None,
        tables: Mapping[str, Any] | None = None,
    ) -> None:
        given: object = scenario
        if not isinstance(given, Scenario):
            hint = "batch_run takes one apart: put it in a list; load('small-rural') reads one"
            raise ReformsimError(Problem("'scenario' is not a Scenario", hint=hint))
        seed, replicate = key_of_run(seed, replicate)
        super().__init__(rng=seed)
        self.scenario = scenario
        self.p = scenario.coefficients
        self.seed_number = seed
        self.replicate = replicate
        self.events = drawn_events(scenario, seed, replicate)
        self.month = scenario.first_month
        self.people = 0
        d = scenario.district
        self.school_sizes = shares(d.teachers, d.schools)
        self.baseline_levels = levels_of(scenario.baseline, d.schools, d.teachers)
        self.plan = [
            Design(month, levers, levels_of(levers, d.schools, d.teachers))
            for month, levers in scenario.plan
        ]
        self.committed = self.baseline_levels
        """What was delivered when the design in force began: the way to the design starts there."""
        self.prices = prices_of(float(d.schools), float(d.teachers), float(d.enrolment), self.p)
        self.district = District(self.baseline_levels, self.p)
        self.district.support_funding = self.committed_cost = cost(self, self.baseline_levels)
        self.district.equity_groundwork = scenario.baseline.groundwork
        self.pull = 0.0
        """Share of supervisors' time drawn into operations this month."""
        self.post_size = 1.0
        """Full-time posts a supervisor's seat stands for, so that 3.25 posts are not rounded to 3."""
        self.stages = STAGES
        """The order of the month; another may be set to see what hangs on it."""
        self.late_warm_up: list[Reference] = []
        self.recorder = Recorder()
        self._populate()
        self.datacollector = collector(
            self, Wanted(model_reporters, agent_reporters, agenttype_reporters, tables)
        )

    def _populate(self) -> None:
        """Draw the first occupants, lay the support graph, and let agents find each other on it."""
        scenario, p = self.scenario, self.p
        seats = seat_people(scenario, self.seed_number, self.replicate)
        self.need_gap = seats.need_gap
        seat = seat_number(Role.DISTRICT)
        self.frailty = frailty(self.normal(seat, Stream.FRAILTY), p)
        reserves = first_reserves(self.normal(seat, Stream.RESERVES), p)
        self.district.reserves = self.district.usual_reserves = reserves
        self.graph = network.generate(scenario, self.seed_number, self.replicate)
        self.willing = scenario.district.schools
        """Schools that take part if a design asks all of them to."""
        self.loaded_cohorts = False
        self.loaded_advice = False
        if scenario.district.network:
            path, survey = scenario.district.network, scenario.survey
            network_files.apply_network(self.graph, path, self.p.trust_new, survey)
            self.loaded_cohorts = bool(network.edges_of_kind(self.graph, "cohort"))
            self.loaded_advice = "advice" in network_files.kinds_in(path, survey)
        self.agent_at: dict[str, Any] = {}
        self.superintendent = Superintendent(
            self,
            network.node(Role.SUPERINTENDENT),
            seats.superintendent_focus,
            seats.superintendent_tenure,
        )
        self.agent_at[self.superintendent.node] = self.superintendent
        self.district.public_focus = self.superintendent.learning_focus
        self.leadership_support: list[CentralOfficeStaff] = []
        self.teaching_learning: list[CentralOfficeStaff] = []
        self._seat_central_office(seats)
        self.schools: list[School] = []
        self.principals: list[Principal] = []
        self.teachers: list[Teacher] = []
        for number, need in enumerate(seats.need):
            above_mean = need - seats.mean_need
            school = School(number, need, above_mean, seats.quartile[number], p)
            head = Principal(self, school, network.node(Role.PRINCIPAL, number))
            school.principal = head
            if not scenario.is_for_all:
                nothing = self.baseline_levels._make(0.0 for _ in self.baseline_levels)
                school.apart = Apart(self.baseline_levels, self.baseline_levels, nothing)
            head.ability, head.conviction, head.tenure, head.experience = seats.principals[number]
            head.practice = head.ability
            head.wary = first_wariness(head.tenure, p)
            head.bring_ties()
            self.agent_at[head.node] = head
            self.principals.append(head)
            for index, first in enumerate(seats.teachers[number]):
                teacher = Teacher(self, school, index, network.node(Role.TEACHER, number, index))
                teacher.start(first)
                self.agent_at[teacher.node] = teacher
                school.teachers.append(teacher)
                self.teachers.append(teacher)
            self.schools.append(school)
        for teacher in self.teachers:
            school = teacher.school
            start, end = network.team_of(teacher.index, len(school.teachers))
            team = school.teachers[start:end]
            teacher.team = [colleague for colleague in team if colleague is not teacher]
        find_colleagues(self)
        self.look_around()

    def _seat_central_office(self, seats: Seats) -> None:
        """Seat the central office of the status quo."""
        units = (
            (Role.LEADERSHIP_SUPPORT, self.leadership_support, seats.supervisors),
            (Role.TEACHING_LEARNING, self.teaching_learning, seats.coaches),
        )
        for role, unit, practice in units:
            for post, name in enumerate(network.names_of(self.graph, role)):
                staff = CentralOfficeStaff(self, role, post, name)
                staff.take_post(self.new_person(), practice[post], MEAN_CONVICTION)
                self.agent_at[name] = staff
                unit.append(staff)
        self.caseloads = first_caseloads(
            self.scenario.district.schools, len(self.leadership_support)
        )

    # --- chance, by key

    def uniform(self, seat: int, stream: Stream, index: int = 0) -> float:
        """Return this month's even draw in [0, 1) for a decision about a seat."""
        return chance.uniform(self.seed_number, self.replicate, seat, self.month, stream, index)

    def normal(self, seat: int, stream: Stream) -> float:
        """Return this month's standard normal draw for a decision about a seat."""
        return chance.normal(self.seed_number, self.replicate, seat, self.month, stream, 0)

    def exponential(self, seat: int, stream: Stream) -> float:
        """Return this month's exponential draw with mean 1 for a decision about a seat."""
        return chance.exponential(self.seed_number, self.replicate, seat, self.month, stream, 0)

    # --- what the agents ask of their environment

    @property
    def levers(self) -> Levers:
        """The levers in force: the baseline until the launch, then the design of the plan."""
        return self.scenario.baseline if self.month < 0 else self.design.levers

    @property
    def design(self) -> Design:
        """The design of the plan that is in force, or will be at the launch."""
        return next(each for each in reversed(self.plan) if each.month <= max(0, self.month))

    @property
    def changes_design(self) -> bool:
        """Whether a later phase of the plan begins this month and asks for other levels."""
        return any(
            after.month == self.month
            and (after.levels, after.levers.participation)
            != (before.levels, before.levers.participation)
            for before, after in pairwise(self.plan)
        )

    @property
    def rolled_out(self) -> bool:
        """Whether the strategy is past its pilot."""
        return self.was_rolled_out(self.month)

    def was_rolled_out(self, month: int) -> bool:
        """Return whether the strategy is past its pilot in a month."""
        return month >= 0 and month >= self.scenario.levers.pilot_months

    @property
    def equity_weight(self) -> float:
        """How strongly support is weighted by need, from the roll-out on."""
        levers = self.levers if self.rolled_out else self.scenario.baseline
        return levers.equity_weight

    def permitted(self) -> float:
        """What the superintendent's priority lets heads do, or keeps them from."""
        focus = self.superintendent.learning_focus
        return permission(focus, self.district.public_focus, self.p.focus_mean, self.p)

    @property
    def share_of_schools(self) -> float:
        """Which share of the schools takes part in the design."""
        return sum(school.takes_part for school in self.schools) / len(self.schools)

    @property
    def central_office(self) -> list[CentralOfficeStaff]:
        """Everyone in the central office, vacant posts included."""
        return [*self.leadership_support, *self.teaching_learning]

    def central_mean(self, variable: str) -> float:
        """Return the mean of a state variable over leadership-support staff in post."""
        return mean([getattr(s, variable) for s in self.leadership_support if not s.vacant])

    def new_person(self) -> int:
        """Return the number of someone who joins the district."""
        self.people += 1
        return self.people

    def events_now(self) -> list[Event]:
        """Return the scenario's events of this month."""
        return [event for event in self.events if event.month == self.month]

    def note(self, kind: str, role: str, seat: str, detail: float) -> None:
        """Write an event into the record."""
        self.recorder.events.append(EventRecord(self.month, kind, role, seat, detail))

    def look_around(self) -> None:
        """Let leaders read the support graph again after it has changed."""
        for staff in self.leadership_support:
            staff.look_around()
        for principal in self.principals:
            principal.look_around()

    def trusting_ties(self, seat: str) -> list[tuple[Tie, float]]:
        """Return each tie with trust of a leader's seat, and the trust it has between newcomers."""
        ties = []
        for edges in (self.graph.in_edges, self.graph.out_edges):
            for giver, _, kind, tie in edges(seat, keys=True, data=True):
                if "trust" in tie:
                    coach = kind == "coaching"
                    first = self.agent_at[giver].first_trust if coach else self.p.trust_new
                    ties.append((tie, first))
        return ties

    # --- the schedule

    def step(self) -> None:
        """Simulate one month: every stage of the schedule in its order."""
        if self.month == 0:
            self._launch()
        for stage in self.stages:
            getattr(self, stage)()
        self.month += 1
        self.running = self.month < self.scenario.last_month

    def _launch(self) -> None:
        """Fix the references and let the sitting superintendent take up the strategy."""
        self.district.reference = mean_reference(self.late_warm_up)
        top = self.superintendent
        top.learning_focus = max(top.learning_focus, self.scenario.levers.launch_focus)
        top.interim = False  # nobody launches a strategy and goes

    def environment(self) -> None:
        """Revenue and its shocks, fiscal stress, operational events in schools."""
        district, conditions, p = self.district, self.scenario.conditions, self.p
        top = seat_number(Role.DISTRICT)
        for event in self.events_now():
            if isinstance(event, RevenueEvent):
                district.revenue_shocks.append(Shock(event.month, *event.shape))
        if month_of_year(self.month) == JULY:
            noise = self.normal(top, Stream.REVENUE_NOISE)
            district.revenue_noise = ordinary_noise(district.revenue_noise, noise, p)
            if self.uniform(top, Stream.SHOCK) < conditions.shock_rate:
                depth = shock_depth(conditions.shock_depth, self.uniform(top, Stream.SHOCK, 1))
                district.revenue_shocks.append(
                    Shock(self.month, depth, RAMP, HOLD, RECOVERY, permanent=False)
                )
        left = 1.0
        for shock in district.revenue_shocks:
            felt = shock_profile(
                self.month - shock.start, shock.ramp, shock.hold, shock.recovery, shock.permanent
            )
            left *= 1.0 - shock.depth * felt
        district.trend = trend(self.month, conditions.revenue_trend)
        district.revenue_index = district.trend * left * (1.0 + district.revenue_noise)
        district.fiscal_stress = fiscal_stress(district.revenue_index, district.trend)
        for school in self.schools:
            seat = seat_number(Role.SCHOOL, school.number)
            arrival = 0.0
            if self.uniform(seat, Stream.OPERATIONAL_EVENT) < p.event_rate:
                size = chance.exponential(
                    self.seed_number, self.replicate, seat, self.month, Stream.OPERATIONAL_EVENT, 1
                )
                arrival = event_load(size, p)
            school.operational_demand = operational_demand(school.operational_demand, arrival, p)

    def budget(self) -> None:
        """In July the budget is adopted; outside contracts start and end in their own month."""
        district = self.district
        district.superintendent_departures = district.central_departures = 0
        for school in self.schools:
            school.principal_departures = school.teacher_departures = 0
        note_grants(self)
        july = month_of_year(self.month) == JULY
        if july:
            adopt_budget(self)
        if july or grants_change(self):
            deliver(self)
            self.look_around()
        if july:
            choose_peers(self)
        if self.month >= 0:
            run_contract(self)

    def workload(self) -> None:
        """Divide each principal's week."""
        crises = [event for event in self.events if isinstance(event, Crisis)]
        crisis = 0.0
        for event in crises:
            if event.month <= self.month < event.month + event.months:
                crisis += event.load
        district = self.district
        order = mean([school.order for school in self.schools])
        for school in self.schools:
            school.operations = operations_share(
                school.need,
                district.fiscal_stress,
                school.operational_demand + crisis,
                problems(school.order, order, self.p),
                district.levels_of(school).operations_relief,
                self.scenario.conditions.operational_load,
                self.p,
            )
        self._all(Principal).do("plan_week")

    def support(self) -> None:
        """Deliver support along the graph, and leadership into schools."""
        district, p = self.district, self.p
        self.pull = operations_pull(
            district.fiscal_stress,
            district.public_focus,
            district.operations_funding,
            p.scarcity_load,
            p.relief,
            p,
        )
        self._all(Principal).do("receive_support")
        coaches = self.teaching_learning
        serving = network.serving(len(coaches), len(self.schools))
        for school in self.schools:
            levels = district.levels_of(school)
            school.coaching = coaching_dosage(levels.coaches, float(len(self.teachers)), p)
            own = [coaches[post] for post in serving[school.number]]
            school.coaches_level = mean([c.practice for c in own if not c.vacant])
            release = release_time(levels.released_posts, levels.teacher_leaders)
            school.leader_depth = leader_depth(district.role_legitimacy, release, p)
            leaders = school.teacher_leaders()
            school.distributed = distributed(
                district.role_legitimacy,
                len(leaders) / len(school.teachers),
                release,
                mean([leader.practice for leader in leaders]),
                p,
            )
            school.enacted = school.principal.enact()
            school.leadership = school_leadership(school.enacted, school.distributed)
            head = school.principal
            school.guidance = guidance(head.practice, self.permitted(), head.learning_time, p)
            school.order = next_order(
                school.order,
                p.entry_practice,
                head.learning_time,
                head.settled,
                school.distributed,
                p,
            )

    def learning(self) -> None:
        """Principals, central office and teachers learn; all see the practice of before."""
        supervisors = [staff for staff in self.leadership_support if not staff.vacant]
        renew_ties(self)
        self._all(Principal).do("learn")
        for staff in supervisors:
            staff.learn()
        self._all(Teacher).do("learn")
        self._all(Principal).do("finish_learning")
        for staff in supervisors:
            staff.finish_learning()
        self._all(Teacher).do("finish_learning")
        for school in self.schools:
            school.teacher_practice = mean([teacher.practice for teacher in school.teachers])

    def conviction(self) -> None:
        """Conviction moves to what people see; all see the conviction of before."""
        supervisors = [staff for staff in self.leadership_support if not staff.vacant]
        self._all(Principal).do("form_conviction")
        for staff in supervisors:
            staff.form_conviction()
        self._all(Teacher).do("form_conviction")
        self._all(Principal).do("finish_conviction")
        for staff in supervisors:
            staff.finish_conviction()

    def strain(self) -> None:
        """Strain and isolation."""
        self._all(Principal).do("bear_strain")
        for staff in self.leadership_support:
            if not staff.vacant:
                staff.bear_strain()
        self._all(Teacher).do("bear_strain")

    def trust(self) -> None:
        """Trust and wariness among leaders; embeddedness among teachers."""
        self._all(Principal).do("build_trust")
        self._all(Principal).do("open_up")
        for staff in self.leadership_support:
            staff.open_up()
        self._all(Teacher).do("take_root")

    def outcome(self) -> None:
        """Schools' outcomes: what the year adds, and what is left of the years before."""
        district = self.district
        if self.month < 0:
            district.reference = present_reference(self)
            self.late_warm_up.append(district.reference)
        reference = district.reference
        for school in self.schools:
            flow = yearly_flow(
                school.teacher_practice,
                school_conditions(school.leadership, school.teacher_turnover, self.p),
                reference.practice,
                reference.practice_sd,
                reference.conditions,
                self.p,
            )
            school.outcome = next_outcome(school.outcome, flow, self.p)
        level = mean([school.outcome for school in self.schools])
        district.outcome_growth = 12.0 * (level - district.outcome) if self.month >= 0 else 0.0
        district.outcome = level

    def politics(self) -> None:
        """Focus, progress, capital, fatigue, groundwork, readiness, legitimacy."""
        district, top, p = self.district, self.superintendent, self.p
        leadership = mean([school.leadership for school in self.schools])
        above = leadership - district.reference.leadership if self.month >= 0 else 0.0
        jump = 0.0
        begins = self.month == self.scenario.levers.pilot_months and self.rolls_something_out
        if begins or (self.rolled_out and self.changes_design):
            jump = rollout_fatigue(district.readiness, p)
        against = pushback(
            self.equity_weight, self.need_gap, district.fiscal_stress, district.equity_groundwork
        )
        top.political_capital = next_capital(
            top.political_capital, district.perceived_progress, district.fiscal_stress, against, p
        )
        district.equity_groundwork = next_groundwork(
            district.equity_groundwork, district.levels.groundwork, district.public_focus, p
        )
        legitimacy, readiness = district.role_legitimacy, district.readiness
        district.role_legitimacy = next_legitimacy(
            district.role_legitimacy,
            district.readiness,
            p.readiness_start,
            self.rolled_out,
            self.share_of_schools,
            p,
        )
        district.readiness = next_readiness(district.readiness, self.levers.design_work, p)
        district.public_focus = next_focus(district.public_focus, top.learning_focus, p)
        district.perceived_progress = next_progress(
            district.perceived_progress, above, district.outcome_growth, p
        )
        district.initiative_fatigue = next_fatigue(district.initiative_fatigue, jump, p)
        disturb_politics(self, legitimacy, readiness)

    @property
    def rolls_something_out(self) -> bool:
        """Whether the strategy changes any funded lever."""
        return any(each.levels != self.baseline_levels for each in self.plan)

    def turnover(self) -> None:
        """People leave and are replaced; superintendents and principals in any month."""
        turn_over(self)

    def record(self) -> None:
        """Write the month down."""
        self.recorder.record(self)
        self.datacollector.collect(self)

    def _all(self, kind: type[mesa.Agent]) -> Any:
        return self.agents_by_type[kind]

    def result(self) -> Result:
        """Return the record of the months simulated so far."""
        return self.recorder.result(self)
