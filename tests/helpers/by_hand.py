"""One month of a tiny district by hand: the tables of section 13 of docs/model.md.

`make byhand`, or `python tests/helpers/by_hand.py`, writes them again: from the scenario that the page
gives, in the first replicate in which nobody leaves that month and something can be seen of every
step. The words between the tables are written by hand.

Every line is one equation: its arithmetic as a reader would type it, and its value by the function of
`reformsim/theory`. What comes first is read from a Mesa model before the month, never from one after
it. All lines are worked for everybody; the page shows those of one principal, supervisor, teacher and
school.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from reformsim.district.seats import mean
from reformsim.engines.reference import DistrictModel
from reformsim.scenario.loading import load
from reformsim.theory.catalogue import equations
from reformsim.theory.chance import DEFAULT_SEED, uniform
from reformsim.theory.streams import Stream
from reformsim.theory.workload import operational_demand, problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reformsim.engines.reference.leaders import CentralOfficeStaff, Principal
    from reformsim.engines.reference.teachers import Teacher
    from reformsim.scenario import Scenario
    from reformsim.scenario.coefficients import Coefficients

    Edge = tuple[str, str, str]
    """A tie: giver, receiver, kind."""

MODEL = Path(__file__).parents[2] / "docs" / "model.md"
MONTH = 3
"""October of the first year: a quarter begins, and neither budget nor June's departures disturb."""
REPLICATES = 1000
"""How many are looked through for one that suits."""

BLOCK = re.compile(r"(<!-- by hand: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
SCENARIO = re.compile(r"^```toml\n(# two-schools\.toml.*?)^```$", re.DOTALL | re.MULTILINE)
NAME = re.compile(r"\b(?!(?:max|min|exp)\b)[a-z][a-z_0-9]*")
CALL = re.compile(r"(?:(sum|mean) over (\w+) of )?(\w*)\((.*)\)")
EQUATIONS = equations()
IN_PYTHON = {"×": "*", "−": "-", "^": "**"}

# Name, words (none: shown inside of other lines), equation, and arithmetic of each line. A name stands
# for a value worked out before, else a state before the month, else a coefficient; `new_x` is x a month
# later. Capitals are filled in where the lines are used; `==` begins a stage.
LINES = """
# district
mean_order | | mean over schools of (order) | order
== support
pull | supervisors' time drawn into operations | operations_pull(fiscal_stress, public_focus,
  operations_relief, scarcity_load, relief) |
  pull_base × (1 + scarcity_load × fiscal_stress) × (1 − shield × public_focus) × (1 − relief ×
  operations_relief)
# week
== week
new_operational_demand | | operational_demand(operational_demand, 0) |
  operational_demand × (1 − 1 / event_months)
problems | problems of a school that runs badly | problems(order, mean_order) |
  problem_load × (max(0, order_ordinary − (order + mean_order) / 2) / order_ordinary)^2
operations | operations | operations_share(need, fiscal_stress, new_operational_demand, problems,
  operations_relief, load) |
  operations_base × load × (1 + need_load × (need − 0.5)) × (1 + scarcity_load × fiscal_stress) × (1
  + new_operational_demand) × (1 + problems) × (1 − relief × operations_relief)
workload | | principal_workload(operations, 0) | other_share + operations
learning_time | time for learning | learning_time(operations, 0, practice) |
  1 − other_share − operations + integration × practice × operations
== support
hours | | (staff_hours * post_size / caseload * (1 - pull)) |
  staff_hours × post_size / caseload × (1 − pull)
contact | contact | contact(post_size, caseload, pull, 0, 0) | hours / (hours + contact_half)
partner | | partner_support(supervisor, trust, contact) | supervisor × trust × contact
mentors_support | | coach_support(dosage, mentor, mentor_trust) | dosage × mentor × mentor_trust
coach_support | | any_of(0, mentors_support) | mentors_support
support | support felt | felt_support(partner, 0, coach_support, 0) |
  1 − (1 − partner) × (1 − coach_support)
== leadership
settled | how settled the school is | settled(tenure, 0, preparation) |
  1 − unsettled × exp(−tenure / settle_months) × (1 − bench_settle × preparation)
time_to_lead | time to lead | time_to_lead(learning_time) |
  learning_time / (learning_time + time_half) / (reference_time / (reference_time + time_half))
permission | | permission(learning_focus, public_focus, focus_mean) |
  permit × (min(learning_focus, public_focus) − focus_mean)
guidance | guidance | guidance(practice, permission, learning_time) |
  (practice + permission) × time_to_lead
enacted | | enacted(practice, permission, learning_time, settled) | guidance × settled
distributed | distributed leadership | distributed(role_legitimacy, share, 0, leaders_practice) |
  role_legitimacy × share × unreleased / (share × unreleased + share_half) × leaders_practice
leadership | leadership in the school | school_leadership(enacted, distributed) |
  1 − (1 − enacted) × (1 − distributed)
new_order | order, a month later | next_order(order, entry_practice, learning_time, settled,
  distributed) |
  order + order_rate × (1 − (1 − entry_practice × time_to_lead × settled) × (1 − distributed) −
  order)
leader_depth | depth of a teacher leader's ties | leader_depth(role_legitimacy, 0) |
  role_legitimacy × min(1, leader_reach × leader_time)
coaching | | coaching_dosage(coaching_posts, all_teachers) |
  min(1, coach_full_load × coaching_posts / all_teachers)
# principal_learns
== principal
supervised | along the tie with the supervisor | along_tie(trust * contact, supervisor, practice) |
  trust × contact × max(0, supervisor − practice)
mentor_depth | | coach_depth(coaching_hours * dosage, mentor_trust) |
  coaching_hours × dosage / (coaching_hours × dosage + contact_half) × mentor_trust
mentored | along the tie with the mentor | along_tie(mentor_depth, mentor, practice) |
  mentor_depth × max(0, mentor − practice)
turned_to | along the tie with the peer | sum over peers of along_tie(depth, other, practice) |
  depth × max(0, other − practice)
sources | all sources, a year | principal_sources(supervised + mentored, 0, turned_to) |
  help_rate × (supervised + mentored) + asked_rate × turned_to
# supervisor_learns
== supervisor
from_principals | along the ties with the principals, on average | mean over caseload of
  along_tie(trust * contact, other, practice) |
  trust × contact × max(0, other − practice)
focus | | along_tie(1, public_focus, practice) | max(0, public_focus − practice)
sources | all sources, a year | central_sources(focus, 0, from_principals) |
  lead_rate × focus + help_rate × from_principals
== off the page
partnership | partnership | mean over caseload of (trust * contact) | trust × contact
# teacher_learns
== teacher
from_asked | from those asked | sum over asked of along_tie(depth, other, practice) |
  depth × max(0, other − practice)
from_team | from the grade team | sum over team of along_tie(rooted, other, practice) |
  rooted × max(0, other − practice)
from_leaders | from teacher leaders among both | sum over leaders of along_tie(leader_depth, other,
  practice) |
  leader_depth × max(0, other − practice)
new_from_colleagues | from colleagues, a year | from_colleagues(embeddedness, from_asked, from_team,
  from_leaders) |
  asked_rate × from_asked + embeddedness × team_rate × from_team + help_rate × from_leaders
sources | all sources, a year | teacher_sources(practice, new_from_colleagues, guidance, coaching,
  coaches_level) |
  new_from_colleagues + lead_rate × max(0, guidance − practice) + help_rate × coaching × max(0,
  coaches_level − practice)
== off the page
# learnt
engaged | engagement | engagement(conviction, strain, time_to_lead) |
  conviction × (1 − strain) × time_to_lead
new_learnt | learnt, a month later | next_learnt(learnt, sources, engaged) |
  learnt + (engaged × sources − unlearn_rate × learnt) / 12
# leaders_practice
new_practice | practice, a month later | leader_practice(ability, new_learnt) | ability + new_learnt
# teachers_practice
new_practice | practice, a month later | teacher_practice(ability, new_learnt, experience) |
  ability + new_learnt − novice_gap × max(0, 1 − experience / novice_months)
# peers_believe
new_peers | | mean over caseload of (conviction) | conviction
== conviction
# colleagues_believe
weighed | | sum over asked of (depth * belief) | depth × belief
weight | | sum over asked of (depth) | depth
== conviction
new_peers | conviction of those asked (6.7) | (weighed / weight) | (weighed) / (weight)
# conviction
new_conviction | conviction, a month later | next_conviction(conviction, INTERCEPT, public_focus,
  SEEN, new_peers, perceived_progress - progress_base, initiative_fatigue) |
  conviction + conv_rate × (INTERCEPT + a_focus × public_focus + a_support × SEEN + a_peer ×
  new_peers + a_progress × (perceived_progress − progress_base) − a_fatigue × initiative_fatigue −
  conviction)
# leaders_strain
new_strain | strain, a month later | next_strain(strain, LOAD, ISOLATION, initiative_fatigue, SEEN,
  strain_recovery, 0) |
  strain + (strain_up × max(0, LOAD − capacity) + strain_isolation × ISOLATION) × (1 − strain) +
  strain_fatigue × initiative_fatigue − strain_recovery × strain × (1 + SEEN)
# teachers_strain
workload | | teaching_load(teacher_workload, need) |
  teacher_workload × (1 + need_load × (need − 0.5))
== strain
new_strain | strain, a month later | next_strain(strain, workload, 0, initiative_fatigue,
  leadership, strain_recovery * teacher_recovery, teacher_inflow) |
  strain + strain_up × max(0, workload − capacity) × (1 − strain) + strain_fatigue ×
  initiative_fatigue + teacher_inflow − strain_recovery × teacher_recovery × strain × (1 +
  leadership)
== off the page
new_embeddedness | embeddedness, a month later | next_embeddedness(embeddedness) |
  embeddedness + embed_rate × (1 − embeddedness)
# depth
new_depth | depth of the tie with OTHER, a quarter later | next_depth(depth, leadership, strain) |
  depth + (tie_deepen × leadership × (1 − depth) − tie_thin × strain × depth) / 4
# isolation
staff | | mean over staff of (new_conviction) | new_conviction
new_isolation | isolation, a month later | next_isolation(isolation, trust * contact, 0,
  informal_tie, mentor_trust, settled, staff) |
  isolation + isolation_rate × ((1 − trust × contact) × (1 − informal_tie) × (1 − coach_tie ×
  mentor_trust) × (1 − staff_tie × settled × staff) − isolation)
# meeting
met | contact with the OTHER, as far as both are open | open_contact(MEETING, wary, other_wary) |
  MEETING × (1 − wary) × (1 − other_wary)
# trust
new_trust | trust in the OTHER, a month later | next_trust(trusted, met) |
  trusted + trust_gain × met × (1 − trusted) − trust_fade × trusted × (1 − met)
# wariness
new_wary | wariness, a month later | next_wariness(wary) | wary − wary_fade × wary
# outcome
== outcome
teacher_practice | teachers' mean practice | mean over staff of (new_practice) | new_practice
conditions | | school_conditions(leadership, teacher_turnover) |
  conditions_slope × leadership − turnover_penalty × teacher_turnover
flow | what a year adds | yearly_flow(teacher_practice, conditions, ordinary, ordinary_sd, usual) |
  outcome_slope × (teacher_practice − ordinary) / ordinary_sd + conditions − usual
new_outcome | outcome, a month later | next_outcome(outcome, flow) |
  persistence^(1 / 12) × outcome + (1 − persistence^(1 / 12)) / (1 − persistence) × flow
# politics
new_outcome | | mean over schools of (new_outcome) | new_outcome
led | | mean over schools of (leadership) | leadership
shared | | mean over schools of (distributed) | distributed
== politics
outcome_growth | growth of the mean outcome, a year (6.9) | (12.0 * (new_outcome - outcome)) |
  12 × (new_outcome − outcome)
new_perceived_progress | perceived progress, a month later | next_progress(perceived_progress, led -
  usual_leadership, outcome_growth) |
  perceived_progress + progress_rate × (progress_base + progress_leadership × (led −
  usual_leadership) + progress_outcome × outcome_growth − perceived_progress)
== off the page
new_public_focus | public focus | next_focus(public_focus, learning_focus) |
  public_focus + focus_rate × (learning_focus − public_focus)
new_political_capital | political capital | next_capital(political_capital, perceived_progress,
  fiscal_stress, 0) |
  political_capital + capital_rate × (capital_start + capital_progress × (perceived_progress −
  progress_base) − capital_cuts × fiscal_stress − political_capital)
new_initiative_fatigue | initiative fatigue | next_fatigue(initiative_fatigue, 0) |
  initiative_fatigue × (1 − fatigue_fade)
new_role_legitimacy | legitimacy of roles | next_legitimacy(role_legitimacy, readiness,
  readiness_start, 1, taking_part) |
  role_legitimacy + legitimacy_rate × (legitimacy_start + (1 − legitimacy_start) × (readiness −
  readiness_start) / (1 − readiness_start) × (lone_legitimacy + (1 − lone_legitimacy) × taking_part)
  − role_legitimacy)
new_bench | bench | next_bench(bench, pipeline, shared, 0, all_schools) |
  bench + bench_rate × (bench_base + (1 − bench_base) × (1 − (1 − pipeline) × (1 − shared)) − bench)
# turnover
usual_practice | | mean over principals of (new_practice) | new_practice
== turnover
hazard | hazard, a year | principal_hazard(new_isolation, new_strain, usual_practice - new_practice,
  1) |
  principal_hazard × exp(p_isolation × (new_isolation − 0.5) + p_strain × (new_strain − 0.35) +
  p_weak × (usual_practice − new_practice))
share_of_year | | leaders_month(0) | (1 − june_share) / 11
chance | chance to go in October | chance_of_leaving(hazard, share_of_year) |
  1 − exp(−hazard × share_of_year)
"""

TEXTS = dict(re.findall(r"^# (\w+)\n(.*?)(?=^# |\Z)", LINES, re.DOTALL | re.MULTILINE))
LEADER = ("learnt", "practice", "conviction", "strain", "wary")
MOVED = {
    "district": ("public_focus", "initiative_fatigue", "perceived_progress", "bench", "outcome",
                 "outcome_growth", "role_legitimacy"),
    "superintendent": ("political_capital",),
    "supervisor": LEADER,
    "principal": (*LEADER, "isolation", "workload", "learning_time", "settled", "contact", "partner",
                  "coach_support", "support"),
    "school": ("operational_demand", "operations", "enacted", "distributed", "leadership", "guidance",
               "order", "leader_depth", "coaching", "teacher_practice", "outcome"),
    "teacher": ("learnt", "practice", "conviction", "strain", "from_colleagues", "peers",
                "embeddedness"),
}  # fmt: skip
"""What the month can move, besides trust and depth of ties."""
OF_PRINCIPALS = ("isolation", "informal_tie", "preparation", "tenure")
OF_SCHOOLS = ("need", "operational_demand", "order", "teacher_turnover", "outcome")
TRUSTED = {"partnership": "the supervisor", "coaching": "the mentor", "peer": "the peer"}


class Line(NamedTuple):
    """An equation at work: arithmetic with names of numbers, those numbers, and the value."""

    stage: str
    what: str
    equation: str
    arithmetic: str
    numbers: dict[str, float]
    value: float

    def shown(self) -> str:
        """Return the arithmetic with its numbers to 4 decimals."""
        return filled(self.arithmetic, {name: bracketed(x) for name, x in self.numbers.items()})

    def worked(self) -> float:
        """Return what the arithmetic comes to with all decimals."""
        return worked(filled(self.arithmetic, {name: repr(x) for name, x in self.numbers.items()}))


def filled(text: str, by_name: dict[str, str]) -> str:
    """Return a text with something in the place of names."""
    return NAME.sub(lambda match: by_name.get(match[0], match[0]), text)


def plain(number: float) -> str:
    """Return a number to 4 decimals, or to none if it is whole."""
    text = f"{number:.4f}"
    if float(text) == int(float(text)):
        text = str(int(float(text)))
    return text.replace("-", "−")


def bracketed(number: float) -> str:
    """Return a number as it stands in a formula."""
    text = plain(number)
    return f"({text})" if text.startswith("−") else text


def worked(arithmetic: str) -> float:
    """Return what arithmetic in the signs of the page comes to."""
    for sign, python in IN_PYTHON.items():
        arithmetic = arithmetic.replace(sign, python)
    names = {"max": max, "min": min, "exp": math.exp, "__builtins__": {}}
    return float(eval(arithmetic, names))


class Worked:
    """What is worked out about somebody or something: lines, and values by their names.

    What was not worked out is read from `known`: the state before the month of who it is about, and
    what is worked out about the school or the district; and last from the coefficients. `people` are
    those over whom a line is a sum or a mean.
    """

    def __init__(self, p: Coefficients, *known: object, **given: float) -> None:
        self.p, self.known, self.values = p, known, given
        self.people: dict[str, list[dict[str, float]]] = {}
        self.lines: list[Line] = []
        self.parts: dict[str, str] = {}
        """Arithmetic of lines that the page shows inside of others."""
        self.stage = ""

    def state(self, name: str) -> float | None:
        """Return a value or a state, None if there is none of this name."""
        if name in self.values:
            return self.values[name]
        for source in self.known:
            number = (
                source.state(name) if isinstance(source, Worked) else getattr(source, name, None)
            )
            if isinstance(number, int | float):
                return float(number)
        return None

    def __getitem__(self, name: str) -> float:
        """Return a value, a state or a coefficient."""
        number = self.state(name)
        return float(getattr(self.p, name)) if number is None else number

    def part(self, name: str) -> str:
        """Return what is shown of a name: the name, or the arithmetic of a line shown inside of others."""
        if name in self.values:
            return self.parts.get(name, name)
        shown = (source.part(name) for source in self.known if isinstance(source, Worked))
        return next((part for part in shown if part != name), name)

    def work(self, texts: str, stage: str = "", **capitals: str) -> None:
        """Work out texts of lines one after another, in a stage to begin with."""
        self.stage = stage or self.stage
        for text in texts.split():
            for entry in re.split(r"\n(?! )", TEXTS[text].strip()):
                if entry.startswith("== "):
                    self.stage = entry.removeprefix("== ")
                else:
                    words = re.sub(r"\b[A-Z]+\b", lambda x: capitals[x[0]], entry)
                    self._line(*(x.strip() for x in re.sub(r"\n +", " ", words).split(" |")))

    def _line(self, name: str, what: str, call: str, arithmetic: str) -> None:
        match = CALL.fullmatch(call)
        assert match is not None, call
        how, over, equation, arguments = match.groups()
        if how:
            value, arithmetic = self._over(how, self.people[over], equation, arguments, arithmetic)
        else:
            value = self._by(equation, arguments)
        arithmetic = filled(arithmetic, {x: self.part(x) for x in NAME.findall(arithmetic)})
        states = {x: self.state(x) for x in NAME.findall(arithmetic)}
        numbers = {x: number for x, number in states.items() if number is not None}
        known = {x: f"{getattr(self.p, x):g}" for x in states if x not in numbers}
        arithmetic = filled(arithmetic, known)
        self.values[name] = value
        self.parts.pop(name, None)
        if not what:
            self.parts[name] = arithmetic
        by = f"`{equation}`" if equation else "(mean)" if how else "–"
        self.lines.append(Line(what and self.stage, what, by, arithmetic, numbers, value))

    def _by(self, equation: str, arguments: str) -> float:
        """Return what an equation, or else the argument itself, comes to."""
        numbers = {name: self[name] for name in NAME.findall(arguments)}
        given = eval(f"({arguments},)", {"__builtins__": {}}, numbers)
        if not equation:
            return float(given[0])
        function: Any = EQUATIONS[equation]
        coefficients = [self.p] if "p" in function.__annotations__ else []
        return float(function(*given, *coefficients))

    def _over(
        self, how: str, people: Sequence[dict[str, float]], equation: str, arguments: str, term: str
    ) -> tuple[float, str]:
        """Return the sum or the mean over people, and its arithmetic with a name for each number."""
        values, terms = [], []
        for theirs in people:
            values.append(Worked(self.p, self, **theirs)._by(equation, arguments))
            numbered = {name: f"{name}_{len(self.values)}" for name in theirs}
            terms.append(filled(term, numbered))
            self.values |= {numbered[name]: value for name, value in theirs.items()}
        total = 0.0
        for value in values:  # in this order: the built-in sum may round in another way
            total += value
        arithmetic = " + ".join(terms) or "0"
        if how == "mean":
            return mean(values), f"({arithmetic}) / {len(terms)}"
        return total, arithmetic


class Month:
    """The month by the equations, from a model before it."""

    def __init__(self, model: DistrictModel) -> None:
        self.model, self.p = model, model.p
        self.ties: dict[Edge, float] = {}
        """Trust or depth of each tie after the month."""
        self.district = self._district()
        self.heads = [self._leads(head) for head in model.principals]
        self.staff = [self._supervises(staff) for staff in model.leadership_support]
        self.teachers = {teacher.node: self._teaches(teacher) for teacher in model.teachers}
        for head, w in zip(model.principals, self.heads, strict=True):
            self._goes_on(head, w)
        schools = ("new_outcome", "leadership", "distributed")
        self.district.people["schools"] = [{x: head[x] for x in schools} for head in self.heads]
        self.district.work("politics")
        for w in self.heads:
            w.people["principals"] = [{"new_practice": x["new_practice"]} for x in self.heads]
            w.work("turnover")

    def everybody(self) -> list[Worked]:
        """Return all that is worked out."""
        return [self.district, *self.heads, *self.staff, *self.teachers.values()]

    def _district(self) -> Worked:
        model, d = self.model, self.model.district
        w = Worked(
            self.p,
            d,
            model.superintendent,
            d.levels,
            coaching_posts=d.levels.coaches,
            all_teachers=float(len(model.teachers)),
            all_schools=float(len(model.schools)),
            post_size=model.post_size,
            load=model.scenario.conditions.operational_load,
            ordinary=d.reference.practice,
            ordinary_sd=d.reference.practice_sd,
            usual=d.reference.conditions,
            usual_leadership=d.reference.leadership,
            taking_part=model.share_of_schools,
        )
        w.people["schools"] = [{"order": school.order} for school in model.schools]
        w.work("district")
        return w

    def _leads(self, head: Principal) -> Worked:
        """Work out week, support, leadership, learning and conviction of a principal."""
        assert head.supervisor is not None
        staff, tie = head.supervisor
        leaders = head.school.teacher_leaders()
        w = Worked(
            self.p,
            head,
            head.school,
            self.district,
            trust=tie["trust"],
            supervisor=staff.practice,
            caseload=float(len(staff.caseload)),
            share=len(leaders) / len(head.school.teachers),
            leaders_practice=mean([leader.practice for leader in leaders]),
            coaches_level=mean([coach.practice for coach in self.model.teaching_learning]),
        )
        w.values |= dict.fromkeys(("dosage", "mentor", "mentor_trust"), 0.0)
        for coach, trusted in head.coaches:
            w.values |= {"dosage": coach.dosage, "mentor": coach.practice}
            w.values["mentor_trust"] = trusted["trust"]
        w.people["peers"] = [{"depth": t["trust"], "other": x.practice} for x, t in head.peers]
        w.people["caseload"] = [{"conviction": other.conviction} for other, _ in staff.caseload]
        w.work("week principal_learns learnt leaders_practice")
        w.work("peers_believe conviction", INTERCEPT="a0_leader", SEEN="support")
        return w

    def _supervises(self, staff: CentralOfficeStaff) -> Worked:
        assert len(self.model.leadership_support) == 1, "no colleague in the unit"
        w = Worked(self.p, staff, self.district, time_to_lead=1.0, new_peers=staff.conviction)
        for head, tie in staff.caseload:
            contact = self.heads[head.school.number]["contact"]
            theirs = {"trust": tie["trust"], "contact": contact, "other": head.practice}
            w.people.setdefault("caseload", []).append(theirs)
        w.work("supervisor_learns learnt leaders_practice")
        w.work("conviction", INTERCEPT="a0_leader", SEEN="partnership")
        w.work("leaders_strain", LOAD="central_workload", ISOLATION="0", SEEN="partnership")
        w.work("wariness")
        return w

    def _teaches(self, teacher: Teacher) -> Worked:
        w = Worked(self.p, teacher, self.heads[teacher.school.number], time_to_lead=1.0)
        w.people["asked"] = [
            {"depth": tie["depth"], "other": x.practice, "belief": x.conviction}
            for x, tie in teacher.asked()
        ]
        near = [x for x, _ in teacher.asked() if x.school is teacher.school] + teacher.team
        w.people["team"] = [{"rooted": x.embeddedness, "other": x.practice} for x in teacher.team]
        w.people["leaders"] = [{"other": x.practice} for x in near if x.teacher_leader]
        w.work("teacher_learns learnt teachers_practice")
        w.work("colleagues_believe conviction", INTERCEPT="a0_teacher", SEEN="leadership")
        w.work("teachers_strain")
        for number, (other, tie) in enumerate(teacher.asked()):
            w.values["depth"] = tie["depth"]
            w.work("depth", "off the page" if number else "trust", OTHER=other.node)
            self.ties[other.node, teacher.node, "advice"] = w["new_depth"]
        return w

    def _goes_on(self, head: Principal, w: Worked) -> None:
        """Work out strain, isolation and trust of a principal, and the outcome of the school."""
        assert head.supervisor is not None
        staff, new = head.supervisor[0], ("new_conviction", "new_practice")
        taught = [self.teachers[teacher.node] for teacher in head.school.teachers]
        w.people["staff"] = [{x: teacher[x] for x in new} for teacher in taught]
        w.work("leaders_strain", "strain", LOAD="workload", ISOLATION="isolation", SEEN="support")
        w.work("isolation")
        w.stage = "trust"
        self._trusts(w, (staff.node, head.node, "partnership"), "supervisor", staff.wary, "contact")
        for peer, _ in head.peers:
            self._trusts(w, (peer.node, head.node, "peer"), "peer", peer.wary, "peer_contact")
        w.work("wariness")
        w.stage = "off the page"
        self._trusts(w, (head.node, staff.node, "partnership"), "principal", staff.wary, "contact")
        for coach, _ in head.coaches:
            edge = (coach.node, head.node, "coaching")
            w.values |= {"met": w["coach_contact"] * coach.dosage, "trusted": self._trust(edge)}
            w.work("trust", OTHER="mentor")
            self.ties[edge] = w["new_trust"]
        w.work("outcome")

    def _trusts(self, w: Worked, edge: Edge, other: str, wary: float, meeting: str) -> None:
        w.values |= {"other_wary": wary, "trusted": self._trust(edge)}
        w.work("meeting trust", OTHER=other, MEETING=meeting)
        self.ties[edge] = w["new_trust"]

    def _trust(self, edge: Edge) -> float:
        return float(self.model.graph.edges[edge]["trust"])


# --- what the month moves, by the program and by the equations


def moved(model: DistrictModel) -> list[tuple[str, str, Any]]:
    """Return of what kind somebody or something is, its name, and itself."""
    return [
        ("district", "district", model.district),
        ("superintendent", "superintendent", model.superintendent),
        *(("supervisor", staff.node, staff) for staff in model.leadership_support),
        *(("principal", head.node, head) for head in model.principals),
        *(("school", f"school-{school.number}", school) for school in model.schools),
        *(("teacher", teacher.node, teacher) for teacher in model.teachers),
    ]


def ties(model: DistrictModel) -> list[tuple[Edge, float]]:
    """Return trust or depth of every tie that has one, by giver, receiver and kind."""
    edges = model.graph.edges(keys=True, data=True)
    kept = [((e[0], e[1], e[2]), e[3].get("trust", e[3].get("depth"))) for e in edges]
    return [(edge, value) for edge, value in kept if value is not None]


def states(model: DistrictModel) -> list[tuple[str, str, float]]:
    """Return all that the month can move: whose, which variable, and its value."""
    own = [
        (node, x, float(getattr(who, x))) for kind, node, who in moved(model) for x in MOVED[kind]
    ]
    return own + [(" ".join(edge), "tie", value) for edge, value in ties(model)]


def worked_states(month: Month) -> list[tuple[str, str, float]]:
    """Return the same, worked out by the equations."""
    model = month.model
    by_node = {"district": month.district, "superintendent": month.district, **month.teachers}
    for staff, w in zip(model.leadership_support, month.staff, strict=True):
        by_node[staff.node] = w
    for head, w in zip(model.principals, month.heads, strict=True):
        by_node[head.node] = by_node[f"school-{head.school.number}"] = w
    found = []
    for kind, node, _ in moved(model):
        values = by_node[node].values
        found += [(node, x, values[f"new_{x}" if f"new_{x}" in values else x]) for x in MOVED[kind]]
    return found + [(" ".join(edge), "tie", month.ties[edge]) for edge, _ in ties(model)]


# --- the district that is followed


def scenario_on(page: str) -> Scenario:
    """Return the scenario that the page gives."""
    found = SCENARIO.search(page)
    assert found is not None
    with TemporaryDirectory() as folder:
        path = Path(folder) / "two-schools.toml"
        path.write_text(found.group(1), encoding="utf-8")
        return load(path)


def model_at(scenario: Scenario, replicate: int, month: int) -> DistrictModel:
    """Return the reference engine before a month."""
    model = DistrictModel(scenario, DEFAULT_SEED, replicate)
    while model.month < month:
        model.step()
    return model


def people(model: DistrictModel) -> list[int]:
    """Return who is in which seat."""
    seats: list[Any] = [model.superintendent, *model.principals, *model.central_office]
    return [who.person for who in [*seats, *model.teachers]]


def follows(teacher: Teacher) -> bool:
    """Return whether a teacher asks a better teacher leader, and somebody who is no better."""
    better = [asked.colleague.practice > teacher.practice for asked in teacher.asked()]
    leaders = [asked.colleague for asked in teacher.asked() if asked.colleague.teacher_leader]
    helped = any(leader.practice > teacher.practice for leader in leaders)
    return helped and not all(better) and len(better) <= 3


def learns(head: Principal, model: DistrictModel) -> bool:
    """Return whether a principal learns from a mentor, has a peer, is wary, and has problems."""
    mentored = any(coach.practice > head.practice + 0.01 for coach, _ in head.coaches)
    order = mean([school.order for school in model.schools])
    runs_badly = problems(head.school.order, order, model.p) > 0.001
    busy = head.school.operational_demand > 0.01
    return mentored and busy and runs_badly and bool(head.peers) and head.wary > 0.01


def chosen(model: DistrictModel) -> tuple[Principal, Teacher] | None:
    """Return the principal and the teacher who are followed, if this district suits."""
    leaders: list[Any] = [*model.principals, *model.central_office]
    if any(leader.vacant for leader in leaders) or not all(x.asked() for x in model.teachers):
        return None
    if abs(model.superintendent.learning_focus - model.district.public_focus) < 0.01:
        return None
    pairs = ((head, x) for head in model.principals for x in head.school.teachers if follows(x))
    return next(((head, x) for head, x in pairs if learns(head, model)), None)


class Found(NamedTuple):
    """A replicate that suits: before the month and after it, and who is followed."""

    replicate: int
    before: DistrictModel
    after: DistrictModel
    head: Principal
    teacher: Teacher


def found_on(page: str) -> Found:
    """Return the first replicate in which the month can be followed by hand."""
    scenario = scenario_on(page)
    for replicate in range(REPLICATES):
        before = model_at(scenario, replicate, MONTH)
        pair = chosen(before)
        if pair is None:
            continue
        after = model_at(scenario, replicate, MONTH + 1)
        arrived = any(
            later.operational_demand > operational_demand(school.operational_demand, 0.0, before.p)
            for school, later in zip(before.schools, after.schools, strict=True)
        )
        if people(before) == people(after) and not arrived:
            return Found(replicate, before, after, *pair)
    raise LookupError(f"none of {REPLICATES} replicates suits: change the scenario on the page")


# --- the page


def table(head: str, rows: Iterable[Sequence[str]]) -> str:
    """Return a table; `head` gives its columns, those of numbers with a colon behind."""
    columns = head.split(", ")
    ruler = "|".join("--:" if column.endswith(":") else "---" for column in columns)
    lines = [" | ".join(column.rstrip(":") for column in columns), *(" | ".join(r) for r in rows)]
    lines = [f"| {line} |" for line in lines]
    return "\n".join([lines[0], f"|{ruler}|", *lines[1:]]) + "\n"


def steps(stage: str, *worked_out: Worked, of: str = "") -> str:
    """Return the lines of a stage as a table; `of` says of whom, one after another."""
    whose = [f"{who}: " for who in of.split(", ")] if of else [""]
    rows = [
        [name + line.what, line.equation, line.shown(), plain(line.value)]
        for name, w in zip(whose, worked_out, strict=True)
        for line in w.lines
        if line.stage == stage
    ]
    return table("what, equation, in numbers, result:", rows)


def district_table(model: DistrictModel) -> str:
    """Return the state of the district."""
    d, coaches = model.district, model.teaching_learning
    known = [
        ("", model.superintendent, "learning_focus political_capital"),
        ("", d, "public_focus fiscal_stress perceived_progress initiative_fatigue"),
        ("", d, "role_legitimacy bench outcome"),
        ("reference: ", d.reference, "practice practice_sd conditions leadership"),
        ("level of ", d.levels, "coaches operations_relief pipeline"),
        ("the supervisor's ", model, "post_size"),
    ]
    texts = [[f"{of}`{x}`", plain(getattr(y, x))] for of, y, names in known for x in names.split()]
    texts.append(["practice of the coach", plain(mean([coach.practice for coach in coaches]))])
    pairs = [left + right for left, right in zip(texts[::2], texts[1::2], strict=True)]
    return table("district, value:, district, value:", pairs)


def leaders_table(model: DistrictModel) -> str:
    """Return the state of the supervisor, the principals and their schools: a column each."""
    staff: list[Any] = [*model.leadership_support]
    heads = model.principals
    columns: list[dict[str, str]] = []
    for who in [*staff, *heads]:
        names = ("ability", *LEADER) if who in staff else ("ability", *LEADER, *OF_PRINCIPALS)
        columns.append({f"`{name}`": plain(getattr(who, name)) for name in names})
    for head, column in zip(heads, columns[len(staff) :], strict=True):
        column |= {f"trust in {whom}": "" for whom in TRUSTED.values()}
        for (_, receiver, kind), trusted in ties(model):
            if receiver == head.node:
                column[f"trust in {TRUSTED[kind]}"] = plain(trusted)
        column |= {f"of the school: `{x}`": plain(getattr(head.school, x)) for x in OF_SCHOOLS}
    rows = [[x, *(column.get(x, "") for column in columns)] for x in columns[len(staff)]]
    return table(", ".join(["state", *(f"{who.node}:" for who in [*staff, *heads])]), rows)


def teachers_table(model: DistrictModel) -> str:
    """Return the state of the teachers, and whom they ask."""
    names = ("ability", "learnt", "experience", "practice", "conviction", "strain", "embeddedness")
    rows = []
    for x in model.teachers:
        asked = [f"{other.node.removeprefix('teacher-')} ({plain(tie['depth'])})"
                 for other, tie in x.asked()]  # fmt: skip
        name = x.node + (", leader" if x.teacher_leader else "")
        rows.append([name, *(plain(getattr(x, variable)) for variable in names), ", ".join(asked)])
    return table("teacher, " + ", ".join(f"{x}:" for x in names) + ", asks (depth)", rows)


def blocks(found: Found) -> dict[str, str]:
    """Return every generated part of the section, by its name."""
    month, head = Month(found.before), found.head
    principal = month.heads[head.school.number]
    supervisor, teacher = month.staff[0], month.teachers[found.teacher.node]
    draw = uniform(DEFAULT_SEED, found.replicate, head.seat, MONTH, Stream.PRINCIPAL_LEAVES, 0)
    both = "principal, teacher"
    return {
        "followed": f"Replicate {found.replicate} is used, the first that suits. Followed are"
        f" {head.node}, the supervisor, {found.teacher.node}, and school-{head.school.number},"
        " where both work.\n",
        "district": district_table(found.before),
        "leaders": leaders_table(found.before),
        "teachers": teachers_table(found.before),
        "week": steps("week", principal),
        "support": steps("support", month.district, principal, of="district, principal"),
        "leadership": steps("leadership", principal),
        "principal": steps("principal", principal),
        "supervisor": steps("supervisor", supervisor),
        "teacher": steps("teacher", teacher),
        "conviction": steps("conviction", principal, teacher, of=both),
        "strain": steps("strain", principal, teacher, of=both),
        "trust": steps("trust", principal, teacher, of=both),
        "outcome": steps("outcome", principal),
        "politics": steps("politics", month.district),
        "turnover": steps("turnover", principal)
        + f"\nThe draw of {head.node} for this month is {draw:.4f}, which is not below the chance:"
        " the principal stays.\n",
        "district_after": district_table(found.after),
        "leaders_after": leaders_table(found.after),
        "teachers_after": teachers_table(found.after),
    }


def written(page: str, made: dict[str, str]) -> str:
    """Return the page with every generated part put in again."""
    return BLOCK.sub(lambda match: f"{match[1]}\n{made[match[2]]}\n{match[3]}", page)


def main() -> None:
    """Write the tables of the page again."""
    page = MODEL.read_text(encoding="utf-8")
    MODEL.write_text(written(page, blocks(found_on(page))), encoding="utf-8")


if __name__ == "__main__":
    main()
