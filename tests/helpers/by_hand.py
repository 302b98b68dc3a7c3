"""One month of a tiny district by hand: the tables of section 13 of docs/model.md.

`make byhand`, or `python tests/helpers/by_hand.py`, writes them again: from the scenario that the page
gives, in the first replicate in which nobody leaves that month and something can be seen of every
step. The words between the tables are written by hand.

Every line of a table is one equation: its arithmetic as a reader would type it, and its value by the
function of `reformsim/theory`. What comes first is read from a Mesa model before the month, never from
one after it.
"""

from __future__ import annotations

import math
import re
from functools import cached_property
from pathlib import Path
from string import Formatter
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from reformsim.district.seats import mean
from reformsim.engines.reference import DistrictModel
from reformsim.scenario.coefficients import Coefficients
from reformsim.scenario.loading import load
from reformsim.theory import (
    conviction,
    leadership,
    learning,
    outcome,
    politics,
    strain,
    succession,
    support,
    trust,
    turnover,
    workload,
)
from reformsim.theory.chance import DEFAULT_SEED, uniform
from reformsim.theory.streams import Stream

if TYPE_CHECKING:
    from reformsim.engines.reference.leaders import CentralOfficeStaff, Principal
    from reformsim.engines.reference.places import School
    from reformsim.engines.reference.teachers import Teacher
    from reformsim.scenario import Scenario

MODEL = Path(__file__).parents[2] / "docs" / "model.md"
MONTH = 3
"""October of the first year: a quarter begins, and neither budget nor June's departures disturb."""
REPLICATES = 200
"""How many are looked through for one that suits."""
FOLLOWED = "principal, supervisor, teacher"

BLOCK = re.compile(r"(<!-- by hand: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
SCENARIO = re.compile(r"^```toml\n(# two-schools\.toml.*?)^```$", re.DOTALL | re.MULTILINE)
IN_PYTHON = {"×": "*", "−": "-", "^": "**"}


class Line(NamedTuple):
    """An equation at work: arithmetic with places for numbers, those numbers, and the value."""

    what: str
    equation: str
    arithmetic: str
    numbers: dict[str, float]
    value: float

    def shown(self) -> str:
        """Return the arithmetic to 4 decimals; coefficients as they are."""
        return self._filled(4)

    def worked(self) -> float:
        """Return what the arithmetic comes to with all decimals."""
        return worked(self._filled(None))

    def _filled(self, decimals: int | None) -> str:
        texts = {}
        for name, number in self.numbers.items():
            texts[name] = repr(number) if decimals is None else shown(number, name, decimals)
        return self.arithmetic.format(**texts)


def shown(number: float, name: str, decimals: int) -> str:
    """Return a number as the page shows it: states to some decimals, coefficients as they are."""
    text = f"{number:g}" if name in Coefficients.model_fields else f"{number:.{decimals}f}"
    if not any(digit in text for digit in "123456789"):
        text = "0"
    elif float(text) == int(float(text)):
        text = str(int(float(text)))
    return f"(−{text[1:]})" if text.startswith("-") else text


def worked(arithmetic: str) -> float:
    """Return what arithmetic in the signs of the page comes to."""
    for sign, python in IN_PYTHON.items():
        arithmetic = arithmetic.replace(sign, python)
    names = {"max": max, "min": min, "exp": math.exp, "__builtins__": {}}
    return float(eval(arithmetic, names))


class Worked:
    """What is worked out for somebody or something: lines, and the values by their names."""

    def __init__(self, p: Coefficients) -> None:
        self.p = p
        self.lines: list[Line] = []
        self.values: dict[str, float] = {}

    def __getattr__(self, name: str) -> float:
        """Return a value worked out before."""
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None

    def line(
        self, name: str, what: str, equation: str, arithmetic: str, value: float, **numbers: float
    ) -> None:
        """Add a line; numbers that are not given are values worked out before, or coefficients."""
        wanted = {field for _, field, _, _ in Formatter().parse(arithmetic) if field}
        filled = {
            field: numbers[field]
            if field in numbers
            else self.values[field]
            if field in self.values
            else getattr(self.p, field)
            for field in sorted(wanted)
        }
        self.lines.append(Line(what, equation, arithmetic, filled, value))
        self.values[name] = value


def plus(parts: list[str]) -> str:
    """Return a sum, 0 if it has no parts."""
    return " + ".join(parts) or "0"


class Month:
    """The month by the equations, from a model before it."""

    def __init__(self, model: DistrictModel) -> None:
        self.model, self.p, self.district = model, model.p, model.district
        self.top = model.superintendent

    # --- the district

    @cached_property
    def pull(self) -> Worked:
        """How much of supervisors' time operations take, and what priority permits."""
        w, d, p = Worked(self.p), self.district, self.p
        relief = d.levels.operations_relief
        w.line(
            "pull",
            "supervisors' time drawn into operations",
            "operations_pull",
            "{pull_base} × (1 + {scarcity_load} × {stress}) × (1 − {shield} × {focus})"
            " × (1 − {relief} × {funding})",
            support.operations_pull(
                d.fiscal_stress, d.public_focus, relief, p.scarcity_load, p.relief, p
            ),
            stress=d.fiscal_stress,
            focus=d.public_focus,
            funding=relief,
        )
        w.line(
            "permission",
            "what the superintendent's priority permits",
            "permission",
            "{permit} × (min({learning_focus}, {focus}) − {focus_mean})",
            leadership.permission(self.top.learning_focus, d.public_focus, p.focus_mean, p),
            learning_focus=self.top.learning_focus,
            focus=d.public_focus,
        )
        return w

    # --- principals and their schools

    @cached_property
    def weeks(self) -> list[Worked]:
        """Each principal's week."""
        return [self._week(school) for school in self.model.schools]

    def _week(self, school: School) -> Worked:
        w, d, p, head = Worked(self.p), self.district, self.p, school.principal
        w.line(
            "demand",
            "operational demand left",
            "operational_demand",
            "{demand} × (1 − 1 / {event_months}) + 0",
            workload.operational_demand(school.operational_demand, 0.0, p),
            demand=school.operational_demand,
        )
        load = self.model.scenario.conditions.operational_load
        w.line(
            "operations",
            "operations",
            "operations_share",
            "{operations_base} × {load} × (1 + {need_load} × ({need} − 0.5))"
            " × (1 + {scarcity_load} × {stress}) × (1 + {demand}) × (1 − {relief} × {funding})",
            workload.operations_share(
                school.need, d.fiscal_stress, w.demand, d.levels.operations_relief, load, p
            ),
            load=load,
            need=school.need,
            stress=d.fiscal_stress,
            funding=d.levels.operations_relief,
        )
        w.line(
            "load",
            "workload",
            "principal_workload",
            "{other_share} + {operations} + 0",
            workload.principal_workload(w.operations, 0.0, p),
        )
        w.line(
            "time",
            "time for learning",
            "learning_time",
            "1 − {other_share} − {operations} − 0 + {integration} × {practice} × {operations}",
            workload.learning_time(w.operations, 0.0, head.practice, p),
            practice=head.practice,
        )
        return w

    @cached_property
    def supports(self) -> list[Worked]:
        """Support that each principal feels."""
        return [self._support(head) for head in self.model.principals]

    def _support(self, head: Principal) -> Worked:
        w, p = Worked(self.p), self.p
        assert head.supervisor is not None
        staff, tie = head.supervisor
        caseload = float(len(staff.caseload))
        w.values["pull"] = self.pull.pull
        hours = "{staff_hours} × {posts} / {caseload} × (1 − {pull})"
        w.line(
            "contact",
            "contact",
            "contact",
            f"{hours} / ({hours} + {{contact_half}})",
            support.contact(self.model.post_size, caseload, self.pull.pull, 0.0, 0.0, p),
            posts=self.model.post_size,
            caseload=caseload,
        )
        w.line(
            "partner",
            "the supervisor's support",
            "partner_support",
            "{practice} × {trust} × {contact}",
            support.partner_support(staff.practice, tie["trust"], w.contact),
            practice=staff.practice,
            trust=tie["trust"],
        )
        mentor = next(iter(head.coaches), None)
        w.values["coach"] = 0.0
        if mentor is not None:
            coach, with_coach = mentor
            w.line(
                "coach",
                "the mentor's support",
                "coach_support",
                "{dosage} × {practice} × {trust}",
                support.coach_support(coach.dosage, coach.practice, with_coach["trust"]),
                dosage=coach.dosage,
                practice=coach.practice,
                trust=with_coach["trust"],
            )
        w.line(
            "felt",
            "support felt",
            "felt_support",
            "1 − (1 − {partner}) × (1 − {coach})",
            support.felt_support(w.partner, 0.0, w.coach, 0.0),
        )
        return w

    @cached_property
    def led(self) -> list[Worked]:
        """Leadership and guidance in each school."""
        return [self._led(school) for school in self.model.schools]

    def _led(self, school: School) -> Worked:
        w, d, p, head = Worked(self.p), self.district, self.p, school.principal
        w.values |= {"time": self.weeks[school.number].time, "permission": self.pull.permission}
        w.values["practice"] = head.practice
        w.line(
            "settled",
            "how settled the school is",
            "settled",
            "1 − {unsettled} × exp(−{tenure} / {settle_months})"
            " × (1 − {bench_settle} × {preparation})",
            leadership.settled(head.tenure, False, head.preparation, p),
            tenure=head.tenure,
            preparation=head.preparation,
        )
        w.line(
            "to_lead",
            "time to lead",
            "time_to_lead",
            "{time} / ({time} + {time_half}) / ({reference_time} / ({reference_time} + {time_half}))",
            leadership.time_to_lead(w.time, p),
        )
        w.line(
            "enacted",
            "enacted leadership",
            "enacted",
            "({practice} + {permission}) × {to_lead} × {settled}",
            leadership.enacted(head.practice, w.permission, w.time, w.settled, p),
        )
        leaders = school.teacher_leaders()
        share = len(leaders) / len(school.teachers)
        level = mean([leader.practice for leader in leaders])
        w.line(
            "distributed",
            "distributed leadership",
            "distributed",
            "{legitimacy} × {share} × {unreleased} / ({share} × {unreleased} + {share_half}) × {level}",
            leadership.distributed(d.role_legitimacy, share, 0.0, level, p),
            legitimacy=d.role_legitimacy,
            share=share,
            level=level,
        )
        w.line(
            "leadership",
            "leadership in the school",
            "school_leadership",
            "1 − (1 − {enacted}) × (1 − {distributed})",
            leadership.school_leadership(w.enacted, w.distributed),
        )
        w.line(
            "guidance",
            "guidance",
            "guidance",
            "({practice} + {permission}) × {to_lead}",
            leadership.guidance(head.practice, w.permission, w.time, p),
        )
        w.line(
            "leader_depth",
            "depth of the teacher leader's ties",
            "leader_depth",
            "{legitimacy} × min(1, {leader_reach} × ({leader_time} + 0))",
            leadership.leader_depth(d.role_legitimacy, 0.0, p),
            legitimacy=d.role_legitimacy,
        )
        coaches, teachers = d.levels.coaches, float(len(self.model.teachers))
        w.line(
            "coaching",
            "instructional coaching",
            "coaching_dosage",
            "min(1, {coach_full_load} × {coaches} / {teachers})",
            support.coaching_dosage(coaches, teachers, p),
            coaches=coaches,
            teachers=teachers,
        )
        return w

    # --- learning

    def _learn(
        self, w: Worked, who: Principal | CentralOfficeStaff | Teacher, time: float, shown: str
    ) -> None:
        p = self.p
        w.line(
            "engaged",
            "engagement",
            "engagement",
            "{conviction} × (1 − {strain}) × " + shown,
            learning.engagement(who.conviction, who.strain, time),
            conviction=who.conviction,
            strain=who.strain,
            time_to_lead=time,
        )
        w.line(
            "learnt",
            "learnt, a month later",
            "next_learnt",
            "{learnt} + ({engaged} × {sources} − {unlearn_rate} × {learnt}) / 12",
            learning.next_learnt(who.learnt, w.sources, w.engaged, p),
            learnt=who.learnt,
        )

    @cached_property
    def principals_learn(self) -> list[Worked]:
        """What each principal learns."""
        return [self._principal_learns(head) for head in self.model.principals]

    def _principal_learns(self, head: Principal) -> Worked:
        w, p, number = Worked(self.p), self.p, head.school.number
        felt = self.supports[number]
        assert head.supervisor is not None
        staff, tie = head.supervisor
        w.values["practice"] = head.practice
        w.line(
            "helped",
            "along the tie with the supervisor",
            "along_tie",
            "{trust} × {contact} × max(0, {other} − {practice})",
            learning.along_tie(tie["trust"] * felt.contact, staff.practice, head.practice),
            trust=tie["trust"],
            contact=felt.contact,
            other=staff.practice,
        )
        supervised, parts = w.helped, ["{supervised}"]
        w.values["supervised"] = supervised
        for coach, with_coach in head.coaches:
            w.line(
                "depth",
                "depth of the tie with the mentor",
                "coach_depth",
                "{coaching_hours} × {dosage} / ({coaching_hours} × {dosage} + {contact_half}) × {trust}",
                learning.coach_depth(p.coaching_hours * coach.dosage, with_coach["trust"], p),
                dosage=coach.dosage,
                trust=with_coach["trust"],
            )
            w.line(
                "mentored",
                "along that tie",
                "along_tie",
                "{depth} × max(0, {other} − {practice})",
                learning.along_tie(w.depth, coach.practice, head.practice),
                other=coach.practice,
            )
            parts.append("{mentored}")
        helped = supervised + w.values.get("mentored", 0.0)
        w.line(
            "sources",
            "all sources, a year",
            "principal_sources",
            "{help_rate} × (" + plus(parts) + ") + {team_rate} × 0",
            learning.principal_sources(helped, 0.0, p),
        )
        self._learn(w, head, self.led[number].to_lead, "{time_to_lead}")
        w.line(
            "after",
            "practice, a month later",
            "leader_practice",
            "{ability} + {learnt}",
            learning.leader_practice(head.ability, w.learnt),
            ability=head.ability,
        )
        return w

    @cached_property
    def supervisors_learn(self) -> list[Worked]:
        """What each supervisor learns."""
        return [self._supervisor_learns(staff) for staff in self.model.leadership_support]

    def _supervisor_learns(self, staff: CentralOfficeStaff) -> Worked:
        w, p, focus = Worked(self.p), self.p, self.district.public_focus
        w.values["practice"] = staff.practice
        w.line(
            "focus",
            "what the priority asks for",
            "along_tie",
            "1 × max(0, {public_focus} − {practice})",
            learning.along_tie(1.0, focus, staff.practice),
            public_focus=focus,
        )
        ties, parts = [], []
        for head, tie in staff.caseload:
            number = head.school.number
            depth = tie["trust"] * self.supports[number].contact
            w.values |= {
                f"trust{number}": tie["trust"],
                f"contact{number}": self.supports[number].contact,
                f"practice{number}": head.practice,
            }
            ties.append(learning.along_tie(depth, head.practice, staff.practice))
            parts.append(
                f"{{trust{number}}} × {{contact{number}}} × max(0, {{practice{number}}} − {{practice}})"
            )
        w.line(
            "from_principals",
            "along the ties with the principals, on average",
            "along_tie",
            f"({plus(parts)}) / {len(parts)}",
            mean(ties),
        )
        w.line(
            "sources",
            "all sources, a year",
            "central_sources",
            "{lead_rate} × {focus} + {team_rate} × 0 + {help_rate} × {from_principals}",
            learning.central_sources(w.focus, 0.0, w.from_principals, p),
        )
        self._learn(w, staff, 1.0, "1")
        w.line(
            "after",
            "practice, a month later",
            "leader_practice",
            "{ability} + {learnt}",
            learning.leader_practice(staff.ability, w.learnt),
            ability=staff.ability,
        )
        return w

    @cached_property
    def teachers_learn(self) -> dict[str, Worked]:
        """What each teacher learns, by seat."""
        return {teacher.node: self._teacher_learns(teacher) for teacher in self.model.teachers}

    def _teacher_learns(self, teacher: Teacher) -> Worked:
        w, p, school = Worked(self.p), self.p, teacher.school
        led = self.led[school.number]
        present = teacher.practice
        w.values |= {"practice": present, "leader_depth": led.leader_depth}
        asked = team = helped = 0.0
        from_asked, from_team, from_leaders = [], [], []
        for number, (colleague, tie) in enumerate(teacher.asked()):
            w.values |= {f"depth{number}": tie["depth"], f"asked{number}": colleague.practice}
            asked += learning.along_tie(tie["depth"], colleague.practice, present)
            from_asked.append(f"{{depth{number}}} × max(0, {{asked{number}}} − {{practice}})")
            if colleague.teacher_leader and colleague.school is school:
                helped += learning.along_tie(led.leader_depth, colleague.practice, present)
                from_leaders.append(f"{{leader_depth}} × max(0, {{asked{number}}} − {{practice}})")
        for number, colleague in enumerate(teacher.team):
            w.values |= {
                f"rooted{number}": colleague.embeddedness,
                f"beside{number}": colleague.practice,
            }
            team += learning.along_tie(colleague.embeddedness, colleague.practice, present)
            from_team.append(f"{{rooted{number}}} × max(0, {{beside{number}}} − {{practice}})")
            if colleague.teacher_leader:
                helped += learning.along_tie(led.leader_depth, colleague.practice, present)
                from_leaders.append(f"{{leader_depth}} × max(0, {{beside{number}}} − {{practice}})")
        w.line("asked", "from those asked", "along_tie", plus(from_asked), asked)
        w.line("team", "from the grade team", "along_tie", plus(from_team), team)
        w.line("helped", "from teacher leaders among both", "along_tie", plus(from_leaders), helped)
        w.line(
            "colleagues",
            "from colleagues, a year",
            "from_colleagues",
            "{asked_rate} × {asked} + {embeddedness} × {team_rate} × {team} + {help_rate} × {helped}",
            learning.from_colleagues(teacher.embeddedness, asked, team, helped, p),
            embeddedness=teacher.embeddedness,
        )
        level = self.coaches_level(school)
        w.line(
            "sources",
            "all sources, a year",
            "teacher_sources",
            "{colleagues} + {lead_rate} × max(0, {guidance} − {practice})"
            " + {help_rate} × {coaching} × max(0, {level} − {practice})",
            learning.teacher_sources(present, w.colleagues, led.guidance, led.coaching, level, p),
            guidance=led.guidance,
            coaching=led.coaching,
            level=level,
        )
        self._learn(w, teacher, 1.0, "1")
        w.line(
            "after",
            "practice, a month later",
            "teacher_practice",
            "{ability} + {learnt} − {novice_gap} × max(0, 1 − {experience} / {novice_months})",
            learning.teacher_practice(teacher.ability, w.learnt, teacher.experience, p),
            ability=teacher.ability,
            experience=teacher.experience,
        )
        return w

    def coaches_level(self, school: School) -> float:
        """Return the practice of the coaches of a school: here one serves all."""
        return mean([coach.practice for coach in self.model.teaching_learning])

    def depths(self, teacher: Teacher) -> list[float]:
        """Return how deep a teacher's ties are a month later."""
        led = self.led[teacher.school.number].leadership
        return [
            trust.next_depth(tie["depth"], led, teacher.strain, self.p)
            for _, tie in teacher.asked()
        ]

    # --- conviction

    def _believe(
        self, w: Worked, present: float, intercept: str, supported: float, peers: float
    ) -> None:
        d, p = self.district, self.p
        above = d.perceived_progress - p.progress_base
        w.values["peers"] = peers
        w.line(
            "signal",
            "what is seen",
            "next_conviction",
            f"{{{intercept}}} + {{a_focus}} × {{focus}} + {{a_support}} × {{supported}}"
            " + {a_peer} × {peers} + {a_progress} × ({progress} − {progress_base})"
            " − {a_fatigue} × {fatigue}",
            getattr(p, intercept)
            + p.a_focus * d.public_focus
            + p.a_support * supported
            + p.a_peer * peers
            + p.a_progress * above
            - p.a_fatigue * d.initiative_fatigue,
            focus=d.public_focus,
            supported=supported,
            progress=d.perceived_progress,
            fatigue=d.initiative_fatigue,
        )
        w.line(
            "conviction",
            "conviction, a month later",
            "next_conviction",
            "{present} + {conv_rate} × ({signal} − {present})",
            conviction.next_conviction(
                present,
                getattr(p, intercept),
                d.public_focus,
                supported,
                peers,
                above,
                d.initiative_fatigue,
                p,
            ),
            present=present,
        )

    def partnership(self, staff: CentralOfficeStaff) -> float:
        """Return a supervisor's working relationship with the caseload, on average."""
        return mean(
            [tie["trust"] * self.supports[x.school.number].contact for x, tie in staff.caseload]
        )

    @cached_property
    def principals_believe(self) -> list[Worked]:
        """New conviction of each principal: the peers are all whom the supervisor has."""
        heads = self.model.principals
        made = []
        for head in heads:
            w = Worked(self.p)
            peers = mean([other.conviction for other in heads])
            self._believe(
                w, head.conviction, "a0_leader", self.supports[head.school.number].felt, peers
            )
            made.append(w)
        return made

    @cached_property
    def supervisors_believe(self) -> list[Worked]:
        """New conviction of each supervisor."""
        unit = self.model.leadership_support
        made = []
        for staff in unit:
            w = Worked(self.p)
            peers = mean([other.conviction for other in unit])
            self._believe(w, staff.conviction, "a0_leader", self.partnership(staff), peers)
            made.append(w)
        return made

    @cached_property
    def teachers_believe(self) -> dict[str, Worked]:
        """New conviction of each teacher, by seat: the peers count by the depth of the ties."""
        made = {}
        for teacher in self.model.teachers:
            w = Worked(self.p)
            weight = weighed = 0.0
            parts, depths = [], []
            for number, (colleague, tie) in enumerate(teacher.asked()):
                weight += tie["depth"]
                weighed += tie["depth"] * colleague.conviction
                w.values |= {f"depth{number}": tie["depth"], f"other{number}": colleague.conviction}
                parts.append(f"{{depth{number}}} × {{other{number}}}")
                depths.append(f"{{depth{number}}}")
            peers = teacher.conviction
            if weight > 0.0:
                peers = weighed / weight
                arithmetic = f"({plus(parts)}) / ({plus(depths)})"
                w.line("peers", "conviction of those asked", "(6.7)", arithmetic, peers)
            led = self.led[teacher.school.number].leadership
            self._believe(w, teacher.conviction, "a0_teacher", led, peers)
            made[teacher.node] = w
        return made

    # --- strain, isolation, trust

    def _bear(
        self,
        w: Worked,
        present: float,
        load: tuple[str, float],
        isolation: float,
        supported: float,
        teacher: bool = False,
    ) -> None:
        p, fatigue = self.p, self.district.initiative_fatigue
        recovery = p.strain_recovery * p.teacher_recovery if teacher else p.strain_recovery
        shed = "{strain_recovery} × {teacher_recovery}" if teacher else "{strain_recovery}"
        cut_off = "" if isolation == 0.0 else " + {strain_isolation} × {isolation}"
        w.line(
            "strain",
            "strain, a month later",
            "next_strain",
            f"{{present}} + ({{strain_up}} × max(0, {{{load[0]}}} − {{capacity}}){cut_off})"
            " × (1 − {present}) + {strain_fatigue} × {fatigue}"
            + (" + {teacher_inflow}" if teacher else "")
            + f" − {shed} × {{present}} × (1 + {{supported}})",
            strain.next_strain(
                present,
                load[1],
                isolation,
                fatigue,
                supported,
                recovery,
                p.teacher_inflow if teacher else 0.0,
                p,
            ),
            present=present,
            isolation=isolation,
            fatigue=fatigue,
            supported=supported,
            **{load[0]: load[1]},
        )

    @cached_property
    def principals_bear(self) -> list[Worked]:
        """New strain and isolation of each principal."""
        return [self._principal_bears(head) for head in self.model.principals]

    def _principal_bears(self, head: Principal) -> Worked:
        w, p, number = Worked(self.p), self.p, head.school.number
        felt, settled = self.supports[number], self.led[number].settled
        self._bear(w, head.strain, ("load", self.weeks[number].load), head.isolation, felt.felt)
        staff = mean([self.teachers_believe[t.node].conviction for t in head.school.teachers])
        assert head.supervisor is not None
        trusted = head.supervisor[1]["trust"]
        mentor = max((tie["trust"] for _, tie in head.coaches), default=0.0)
        w.line(
            "unconnected",
            "what no tie makes up for",
            "next_isolation",
            "(1 − {trusted} × {contact}) × (1 − max(0, {informal})) × (1 − {coach_tie} × {mentor})"
            " × (1 − {staff_tie} × {settled} × {staff})",
            (1.0 - trusted * felt.contact)
            * (1.0 - max(0.0, head.informal_tie))
            * (1.0 - p.coach_tie * mentor)
            * (1.0 - p.staff_tie * settled * staff),
            trusted=trusted,
            contact=felt.contact,
            informal=head.informal_tie,
            mentor=mentor,
            settled=settled,
            staff=staff,
        )
        w.line(
            "isolation",
            "isolation, a month later",
            "next_isolation",
            "{present} + {isolation_rate} × ({unconnected} − {present})",
            strain.next_isolation(
                head.isolation,
                trusted * felt.contact,
                0.0,
                head.informal_tie,
                mentor,
                settled,
                staff,
                p,
            ),
            present=head.isolation,
        )
        return w

    @cached_property
    def supervisors_bear(self) -> list[Worked]:
        """New strain of each supervisor."""
        made = []
        for staff in self.model.leadership_support:
            w = Worked(self.p)
            load = ("central_workload", self.p.central_workload)
            self._bear(w, staff.strain, load, 0.0, self.partnership(staff))
            made.append(w)
        return made

    @cached_property
    def teachers_bear(self) -> dict[str, Worked]:
        """New strain of each teacher, by seat."""
        made = {}
        for teacher in self.model.teachers:
            w = Worked(self.p)
            led = self.led[teacher.school.number].leadership
            load = ("teacher_workload", self.p.teacher_workload)
            self._bear(w, teacher.strain, load, 0.0, led, teacher=True)
            made[teacher.node] = w
        return made

    @cached_property
    def trusts(self) -> list[Worked]:
        """New trust in each principal's ties."""
        made = []
        for head in self.model.principals:
            w = Worked(self.p)
            assert head.supervisor is not None
            contact = self.supports[head.school.number].contact
            before = head.supervisor[1]["trust"]
            w.line(
                "partner",
                "trust with the supervisor",
                "next_trust",
                "{trust} + {trust_gain} × {contact} × (1 − {trust})"
                " − {trust_fade} × {trust} × (1 − {contact})",
                trust.next_trust(before, contact, self.p),
                trust=before,
                contact=contact,
            )
            for coach, tie in head.coaches:
                met = self.p.coach_contact * coach.dosage
                w.line(
                    "mentor",
                    "trust in the mentor",
                    "next_trust",
                    "{trust} + {trust_gain} × {coach_contact} × {dosage} × (1 − {trust})"
                    " − {trust_fade} × {trust} × (1 − {coach_contact} × {dosage})",
                    trust.next_trust(tie["trust"], met, self.p),
                    trust=tie["trust"],
                    dosage=coach.dosage,
                )
            made.append(w)
        return made

    def rooted(self, teacher: Teacher) -> Worked:
        """How the ties of a teacher go on."""
        w = Worked(self.p)
        w.line(
            "embeddedness",
            "embeddedness",
            "next_embeddedness",
            "{present} + {embed_rate} × (1 − {present})",
            trust.next_embeddedness(teacher.embeddedness, self.p),
            present=teacher.embeddedness,
        )
        led = self.led[teacher.school.number].leadership
        for (colleague, tie), after in zip(teacher.asked(), self.depths(teacher), strict=True):
            w.line(
                colleague.node,
                f"depth of the tie with {colleague.node}",
                "next_depth",
                "{depth} + ({tie_deepen} × {led} × (1 − {depth}) − {tie_thin} × {strain} × {depth}) / 4",
                after,
                depth=tie["depth"],
                led=led,
                strain=teacher.strain,
            )
        return w

    # --- outcome, politics, turnover

    @cached_property
    def outcomes(self) -> list[Worked]:
        """New outcome of each school."""
        return [self._outcome(school) for school in self.model.schools]

    def _outcome(self, school: School) -> Worked:
        w, p, reference = Worked(self.p), self.p, self.district.reference
        practices = [self.teachers_learn[teacher.node].after for teacher in school.teachers]
        w.values |= {f"after{number}": value for number, value in enumerate(practices)}
        parts = [f"{{after{number}}}" for number in range(len(practices))]
        w.line(
            "practice",
            "teachers' mean practice",
            "(mean)",
            f"({plus(parts)}) / {len(parts)}",
            mean(practices),
        )
        w.line(
            "conditions",
            "conditions",
            "school_conditions",
            "{conditions_slope} × {led} − {turnover_penalty} × {turnover}",
            outcome.school_conditions(
                self.led[school.number].leadership, school.teacher_turnover, p
            ),
            led=self.led[school.number].leadership,
            turnover=school.teacher_turnover,
        )
        w.line(
            "flow",
            "what a year adds",
            "yearly_flow",
            "{outcome_slope} × ({practice} − {ordinary}) / {sd} + {conditions} − {usual}",
            outcome.yearly_flow(
                w.practice,
                w.conditions,
                reference.practice,
                reference.practice_sd,
                reference.conditions,
                p,
            ),
            ordinary=reference.practice,
            sd=reference.practice_sd,
            usual=reference.conditions,
        )
        w.line(
            "outcome",
            "outcome, a month later",
            "next_outcome",
            "{persistence}^(1 / 12) × {outcome}"
            " + (1 − {persistence}^(1 / 12)) / (1 − {persistence}) × {flow}",
            outcome.next_outcome(school.outcome, w.flow, p),
            outcome=school.outcome,
        )
        return w

    @cached_property
    def politics(self) -> Worked:
        """What moves in the district."""
        w, d, p, top = Worked(self.p), self.district, self.p, self.top
        w.values |= {f"led{x.number}": self.led[x.number].leadership for x in self.model.schools}
        w.values |= {f"new{x.number}": self.outcomes[x.number].outcome for x in self.model.schools}
        schools = len(self.model.schools)
        led = mean([self.led[school.number].leadership for school in self.model.schools])
        level = mean([self.outcomes[school.number].outcome for school in self.model.schools])
        leads = plus([f"{{led{number}}}" for number in range(schools)])
        outcomes = plus([f"{{new{number}}}" for number in range(schools)])
        w.line(
            "growth",
            "growth of the mean outcome, a year",
            "(6.9)",
            f"12 × (({outcomes}) / {schools} − {{level}})",
            12.0 * (level - d.outcome),
            level=d.outcome,
        )
        w.line(
            "capital",
            "political capital",
            "next_capital",
            "{capital} + {capital_rate} × ({capital_start} + {capital_progress}"
            " × ({progress} − {progress_base}) − {capital_cuts} × {stress} − {capital})",
            politics.next_capital(
                top.political_capital, d.perceived_progress, d.fiscal_stress, 0.0, p
            ),
            capital=top.political_capital,
            progress=d.perceived_progress,
            stress=d.fiscal_stress,
        )
        w.line(
            "focus",
            "public focus",
            "next_focus",
            "{focus} + {focus_rate} × ({learning_focus} − {focus})",
            politics.next_focus(d.public_focus, top.learning_focus, p),
            focus=d.public_focus,
            learning_focus=top.learning_focus,
        )
        w.line(
            "progress",
            "perceived progress",
            "next_progress",
            "{progress} + {progress_rate} × ({progress_base} + {progress_leadership}"
            f" × (({leads}) / {schools} − {{reference}})"
            " + {progress_outcome} × {growth} − {progress})",
            politics.next_progress(d.perceived_progress, led - d.reference.leadership, w.growth, p),
            progress=d.perceived_progress,
            reference=d.reference.leadership,
        )
        w.line(
            "fatigue",
            "initiative fatigue",
            "next_fatigue",
            "{fatigue} × (1 − {fatigue_fade})",
            politics.next_fatigue(d.initiative_fatigue, 0.0, p),
            fatigue=d.initiative_fatigue,
        )
        return w

    def chances(self, head: Principal) -> Worked:
        """How likely a principal was to go this month."""
        w, p = Worked(self.p), self.p
        after = [worked.after for worked in self.principals_learn]
        number = head.school.number
        bears, level = self.principals_bear[number], mean(after)
        w.line(
            "hazard",
            "hazard, a year",
            "principal_hazard",
            "{principal_hazard} × exp({p_isolation} × ({isolation} − 0.5)"
            " + {p_strain} × ({strain} − 0.35) + {p_weak} × ({level} − {own}))",
            turnover.principal_hazard(bears.isolation, bears.strain, level - after[number], 1.0, p),
            isolation=bears.isolation,
            strain=bears.strain,
            level=level,
            own=after[number],
        )
        w.line(
            "chance",
            "chance to go in October",
            "chance_of_leaving",
            "1 − exp(−{hazard} × (1 − {june_share}) / 11)",
            turnover.chance_of_leaving(w.hazard, turnover.leaders_month(False, p)),
        )
        return w

    def bench(self) -> Worked:
        """How the bench grows."""
        w, d, p = Worked(self.p), self.district, self.p
        shared = mean([led.distributed for led in self.led])
        w.line(
            "bench",
            "bench",
            "next_bench",
            "{bench} + {bench_rate} × ({bench_base} + (1 − {bench_base})"
            " × (1 − (1 − {prepared}) × (1 − {shared})) − {bench})",
            succession.next_bench(d.bench, d.levels.pipeline, shared, 0.0, float(len(self.led)), p),
            bench=d.bench,
            prepared=d.levels.pipeline,
            shared=shared,
        )
        return w


# --- the page


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
    persons = [model.superintendent.person]
    persons += [head.person for head in model.principals]
    persons += [staff.person for staff in model.central_office]
    return persons + [teacher.person for teacher in model.teachers]


def follows(teacher: Teacher) -> bool:
    """Return whether a teacher asks a better teacher leader, and somebody who is no better."""
    better = [asked.colleague.practice > teacher.practice for asked in teacher.asked()]
    leaders = [asked.colleague for asked in teacher.asked() if asked.colleague.teacher_leader]
    helped = any(leader.practice > teacher.practice for leader in leaders)
    return helped and not all(better) and len(better) <= 4


def chosen(model: DistrictModel) -> tuple[Principal, Teacher] | None:
    """Return the principal and the teacher who are followed, if this district suits."""
    if any(head.vacant for head in model.principals):
        return None
    if any(staff.vacant for staff in model.central_office):
        return None
    if abs(model.superintendent.learning_focus - model.district.public_focus) < 0.01:
        return None
    for head in model.principals:
        learns = any(coach.practice > head.practice + 0.01 for coach, _ in head.coaches)
        if learns and head.school.operational_demand > 0.01:
            for teacher in head.school.teachers:
                if follows(teacher):
                    return head, teacher
    return None


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
            later.operational_demand
            > workload.operational_demand(school.operational_demand, 0.0, before.p)
            for school, later in zip(before.schools, after.schools, strict=True)
        )
        if people(before) == people(after) and not arrived:
            return Found(replicate, before, after, *pair)
    raise LookupError(f"none of {REPLICATES} replicates suits: change the scenario on the page")


def table(head: str, rows: list[list[str]]) -> str:
    """Return a table; `head` gives its columns, those of numbers with a colon behind."""
    columns = head.split(", ")
    ruler = "|".join("--:" if column.endswith(":") else "---" for column in columns)
    lines = [" | ".join(column.rstrip(":") for column in columns), *(" | ".join(r) for r in rows)]
    lines = [f"| {line} |" for line in lines]
    return "\n".join([lines[0], f"|{ruler}|", *lines[1:]]) + "\n"


def number(value: float) -> str:
    """Return a number of a table of states."""
    return shown(value, "", 4).strip("()")


def steps(*worked_out: Worked, of: str = "") -> str:
    """Return the lines of what was worked out as a table; `of` says of whom, one after another."""
    rows = []
    for w, whose in zip(worked_out, of.split(", ") if of else [""] * len(worked_out), strict=True):
        for line in w.lines:
            by = line.equation if line.equation.startswith("(") else f"`{line.equation}`"
            what = f"{whose}: {line.what}" if whose else line.what
            rows.append([what, by, line.shown(), number(line.value)])
    return table("what, equation, in numbers, result:", rows)


def examples(p: Coefficients) -> Worked:
    """Return three equations with numbers that are easy to follow."""
    w = Worked(p)
    w.line(
        "learnt",
        "a teacher has learnt 0.1, sources offer 0.6 a year, engagement is 0.35",
        "next_learnt",
        "{learnt} + ({engaged} × {sources} − {unlearn_rate} × {learnt}) / 12",
        learning.next_learnt(0.1, 0.6, 0.35, p),
        learnt=0.1,
        engaged=0.35,
        sources=0.6,
    )
    w.line(
        "leadership",
        "a head enacts 0.4, teacher leaders add 0.1",
        "school_leadership",
        "1 − (1 − {enacted}) × (1 − {distributed})",
        leadership.school_leadership(0.4, 0.1),
        enacted=0.4,
        distributed=0.1,
    )
    w.line(
        "outcome",
        "a school at 0.05 SD adds 0.08 SD a year",
        "next_outcome",
        "{persistence}^(1 / 12) × {outcome}"
        " + (1 − {persistence}^(1 / 12)) / (1 − {persistence}) × {flow}",
        outcome.next_outcome(0.05, 0.08, p),
        outcome=0.05,
        flow=0.08,
    )
    return w


def states(model: DistrictModel) -> list[tuple[str, str, float]]:
    """Return whose state, which variable, value: all that the month can move."""
    d, top = model.district, model.superintendent
    found = [
        ("superintendent", "political_capital", top.political_capital),
        *(
            ("district", name, getattr(d, name))
            for name in (
                "public_focus",
                "initiative_fatigue",
                "perceived_progress",
                "bench",
                "outcome_growth",
            )
        ),
    ]
    for staff in model.leadership_support:
        found += [(staff.node, name, getattr(staff, name)) for name in LEADER]
    for head in model.principals:
        found += [(head.node, name, getattr(head, name)) for name in (*LEADER, "isolation")]
        found.append((head.node, "trust", head.supervisor[1]["trust"] if head.supervisor else 0.0))
        found += [(head.node, "trust_mentor", tie["trust"]) for _, tie in head.coaches]
    for school in model.schools:
        found += [(f"school-{school.number}", name, getattr(school, name)) for name in SCHOOL]
    for teacher in model.teachers:
        found += [(teacher.node, name, getattr(teacher, name)) for name in TEACHER]
        found += [(teacher.node, x.colleague.node, x.tie["depth"]) for x in teacher.asked()]
    return found


LEADER = ("learnt", "practice", "conviction", "strain")
TEACHER = (*LEADER, "from_colleagues", "embeddedness")
SCHOOL = ("operational_demand", "operations", "enacted", "distributed", "leadership", "guidance",
          "leader_depth", "coaching", "teacher_practice", "outcome")  # fmt: skip


def worked_states(month: Month) -> list[tuple[str, str, float]]:
    """Return the same, worked out by the equations."""
    model, politic = month.model, month.politics
    found = [
        ("superintendent", "political_capital", politic.capital),
        ("district", "public_focus", politic.focus),
        ("district", "initiative_fatigue", politic.fatigue),
        ("district", "perceived_progress", politic.progress),
        ("district", "bench", month.bench().bench),
        ("district", "outcome_growth", politic.growth),
    ]

    def leader(node: str, learns: Worked, believes: Worked, bears: Worked) -> None:
        values = (learns.learnt, learns.after, believes.conviction, bears.strain)
        found.extend((node, name, value) for name, value in zip(LEADER, values, strict=True))

    for staff, *parts in zip(
        model.leadership_support,
        month.supervisors_learn,
        month.supervisors_believe,
        month.supervisors_bear,
        strict=True,
    ):
        leader(staff.node, *parts)
    for head, trusts, *parts in zip(
        model.principals,
        month.trusts,
        month.principals_learn,
        month.principals_believe,
        month.principals_bear,
        strict=True,
    ):
        leader(head.node, *parts)
        found.append((head.node, "isolation", parts[-1].isolation))
        found.append((head.node, "trust", trusts.partner))
        found += [(head.node, "trust_mentor", trusts.mentor) for _ in head.coaches]
    for school in model.schools:
        week, led, result = (x[school.number] for x in (month.weeks, month.led, month.outcomes))
        values = (week.demand, week.operations, led.enacted, led.distributed, led.leadership,
                  led.guidance, led.leader_depth, led.coaching, result.practice, result.outcome)  # fmt: skip
        found += [
            (f"school-{school.number}", name, value)
            for name, value in zip(SCHOOL, values, strict=True)
        ]
    for teacher in model.teachers:
        node = teacher.node
        learns = month.teachers_learn[node]
        leader(node, learns, month.teachers_believe[node], month.teachers_bear[node])
        found.append((node, "from_colleagues", learns.colleagues))
        found.append((node, "embeddedness", month.rooted(teacher).embeddedness))
        depths = zip(teacher.asked(), month.depths(teacher), strict=True)
        found += [(node, asked.colleague.node, depth) for asked, depth in depths]
    return found


def district_table(model: DistrictModel) -> str:
    """Return the state of the district."""
    d, top = model.district, model.superintendent
    reference = d.reference
    rows = [
        ("`learning_focus`", top.learning_focus),
        ("`public_focus`", d.public_focus),
        ("`political_capital`", top.political_capital),
        ("`fiscal_stress`", d.fiscal_stress),
        ("`perceived_progress`", d.perceived_progress),
        ("`initiative_fatigue`", d.initiative_fatigue),
        ("`role_legitimacy`", d.role_legitimacy),
        ("`bench`", d.bench),
        ("`outcome`", d.outcome),
        ("reference: teachers' practice", reference.practice),
        ("reference: its SD", reference.practice_sd),
        ("reference: conditions", reference.conditions),
        ("reference: leadership", reference.leadership),
        ("`post_size` of the supervisor", model.post_size),
        ("posts of instructional coaches", d.levels.coaches),
        ("practice of the coach", mean([coach.practice for coach in model.teaching_learning])),
        ("operations relief", d.levels.operations_relief),
        ("pipeline", d.levels.pipeline),
    ]
    half = (len(rows) + 1) // 2
    texts = [[name, number(value)] for name, value in rows] + [["", ""]] * (len(rows) % 2)
    pairs = [left + right for left, right in zip(texts[:half], texts[half:], strict=True)]
    return table("district, value:, district, value:", pairs)


def leaders_table(model: DistrictModel) -> str:
    """Return the state of the supervisor and the principals."""
    rows = []
    for staff in model.leadership_support:
        values = [staff.ability, staff.learnt, staff.practice, staff.conviction, staff.strain]
        rows.append([staff.node, *map(number, values), *[""] * 6])
    for x in model.principals:
        values = [x.ability, x.learnt, x.practice, x.conviction, x.strain, x.isolation,
                  x.informal_tie, x.preparation, x.tenure,
                  x.supervisor[1]["trust"] if x.supervisor else 0.0]  # fmt: skip
        mentor = [number(tie["trust"]) for _, tie in x.coaches] or [""]
        rows.append([x.node, *map(number, values), *mentor])
    head = (
        "leader, ability:, learnt:, practice:, conviction:, strain:, isolation:, own tie:,"
        " preparation:, tenure:, trust:, in the mentor:"
    )
    return table(head, rows)


def schools_table(model: DistrictModel) -> str:
    """Return the state of the schools."""
    rows = [
        [f"school-{x.number}"]
        + [number(v) for v in (x.need, x.operational_demand, x.teacher_turnover, x.outcome)]
        for x in model.schools
    ]
    return table("school, need:, operational demand:, teacher turnover:, outcome:", rows)


def teachers_table(model: DistrictModel) -> str:
    """Return the state of the teachers, and whom they ask."""
    rows = []
    for x in model.teachers:
        values = [x.ability, x.learnt, x.experience, x.practice, x.conviction, x.strain,
                  x.embeddedness]  # fmt: skip
        asked = [
            f"{other.node.removeprefix('teacher-')} ({number(tie['depth'])})"
            for other, tie in x.asked()
        ]
        name = x.node + (", leader" if x.teacher_leader else "")
        rows.append([name, *map(number, values), ", ".join(asked)])
    head = (
        "teacher, ability:, learnt:, experience:, practice:, conviction:, strain:, embeddedness:,"
        " asks (depth)"
    )
    return table(head, rows)


def blocks(found: Found) -> dict[str, str]:
    """Return every generated part of the section, by its name."""
    month, head, teacher = Month(found.before), found.head, found.teacher
    n, node = head.school.number, teacher.node
    draw = uniform(DEFAULT_SEED, found.replicate, head.seat, MONTH, Stream.PRINCIPAL_LEAVES, 0)
    followed = (
        f"Replicate {found.replicate} is used, the first that suits. Followed are"
        f" {head.node}, school-{n}, {node} and the supervisor.\n"
    )
    chances = (
        f"The draw of {head.node} for this month is {draw:.4f}, which is not below the chance:"
        " the principal stays.\n"
    )
    return {
        "examples": steps(examples(found.before.p)),
        "followed": followed,
        "district": district_table(found.before),
        "leaders": leaders_table(found.before),
        "schools": schools_table(found.before),
        "teachers": teachers_table(found.before),
        "week": steps(month.weeks[n]),
        "support": steps(month.pull, month.supports[n], of="district, principal"),
        "leadership": steps(month.led[n]),
        "principal": steps(month.principals_learn[n]),
        "supervisor": steps(month.supervisors_learn[0]),
        "teacher": steps(month.teachers_learn[node]),
        "conviction": steps(
            month.principals_believe[n],
            month.supervisors_believe[0],
            month.teachers_believe[node],
            of=FOLLOWED,
        ),
        "strain": steps(
            month.principals_bear[n],
            month.supervisors_bear[0],
            month.teachers_bear[node],
            of=FOLLOWED,
        ),
        "trust": steps(month.trusts[n], month.rooted(teacher), of="principal, teacher"),
        "outcome": steps(month.outcomes[n]),
        "politics": steps(month.politics),
        "turnover": steps(month.chances(head), month.bench(), of="principal, district")
        + "\n"
        + chances,
        "district_after": district_table(found.after),
        "leaders_after": leaders_table(found.after),
        "schools_after": schools_table(found.after),
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
