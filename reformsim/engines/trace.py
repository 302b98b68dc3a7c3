"""The full state of a district after a month, in one form for both engines, and where they part.

Left out is what has no meaning between two months: what a stage works out for itself and hands
over within the stage (`practice_next`, `peers` and the like), and everything but `vacant` of an
empty post in the central office, which the next occupant overwrites. The seat of a principal is
compared while it is empty too, since an acting head keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from reformsim.district.network import PEERS, node
from reformsim.district.seats import Role, shares
from reformsim.district.state import TABLES, Teacher
from reformsim.record import BY_DISTRICT, BY_SCHOOL, EventRecord
from reformsim.theory.chance import DEFAULT_SEED
from reformsim.theory.costs import LEVELS
from reformsim.theory.schedule import JULY, STAGES, month_of_year

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from reformsim.district.variables import Variable
    from reformsim.mechanisms import Mechanisms
    from reformsim.scenario import Scenario

    from .compiled.layout import State
    from .reference import DistrictModel

    Floats = NDArray[np.float64]
    Trace = dict[str, Floats]
    """The state by variable, as "teacher.practice"; one number for each agent, in order."""

_STATE = [variable for table in TABLES for variable in table.variables()]
_DISTRICTS_SUMS = {
    *("district.outcome", "district.outcome_growth", "district.bench", "district.people"),
    *("district.superintendent_departures", "district.central_departures"),
}
"""What comes of everybody else in its stage."""


def _order(variable: Variable) -> int:
    """Return the rank of a variable in its stage: what the others follow from comes first."""
    if variable.key in _DISTRICTS_SUMS:
        return 2
    return int(variable.stage == "workload" and variable.table == "principal")


_BY_STAGE = {
    stage: [
        *(one.key for one in sorted(_STATE, key=_order) if one.stage == stage),
        *(f"level.{name}" for name in LEVELS if stage == "budget"),
    ]
    for stage in STAGES
}
_BY_STAGE["record"] += [
    *(f"series.{name}" for name in BY_DISTRICT),
    *(f"school_series.{name}" for name in BY_SCHOOL),
]
STAGE_OF = {name: stage for stage in STAGES for name in _BY_STAGE[stage]}
"""Every variable of a trace, with the stage that changes it month by month."""

_IN_JULY = {f"{unit}.{name}" for unit in ("supervisor", "coach") for name in ("person", "vacant")}
"""What the budget writes in July: posts are filled."""
_SUCCESSION = ("superintendent.", "district.initiative_fatigue", "district.contract")
"""What a change of superintendent writes as well."""
NOBODY = -1
"""What stands for the pair in a place of a principal's that is empty; there is no trust in it."""


def _of(table: str) -> list[str]:
    return [name.partition(".")[2] for name in STAGE_OF if name.partition(".")[0] == table]


@dataclass(frozen=True, slots=True)
class Difference:
    """The first thing in which the engines differ."""

    month: int
    stage: str
    """The stage that the difference comes from."""
    agent: str
    """The seat, as the support graph names it, or the tie between two seats."""
    variable: str
    reference: float | str
    compiled: float | str

    def __str__(self) -> str:
        """Return the difference in words."""
        return (
            f"month {self.month}, stage {self.stage}, {self.agent}, {self.variable}:"
            f" reference {self.reference!r}, compiled {self.compiled!r}"
        )


class Verification(NamedTuple):
    """What came of living both engines side by side."""

    months: int
    values: int
    """How many pairs of values were compared."""
    difference: Difference | None


def first_difference(
    scenario: Scenario, seed: int = DEFAULT_SEED, replicate: int = 0
) -> Difference | None:
    """Return the first difference between the engines, or None if they agree bit for bit."""
    return verify(scenario, seed, replicate).difference


def verify(
    scenario: Scenario,
    seed: int = DEFAULT_SEED,
    replicate: int = 0,
    progress: Callable[[int, int], None] | None = None,
    mechanisms: Mechanisms | None = None,
) -> Verification:
    """Live through a scenario with both engines, month by month, up to the first difference.

    `progress` is called after each month with the months done and the months in all; `mechanisms`
    are one's own.
    """
    from .compiled.engine import engine_with, result_of
    from .reference import model_with

    model: Any = model_with(mechanisms)(scenario, seed, replicate)
    engine = engine_with(mechanisms)
    state: Any = engine.build(scenario, seed, replicate)
    first, last = scenario.first_month, scenario.last_month
    values = 0
    for month in range(first, last):
        model.step()
        engine.live(state, month, month + 1)
        one, other = trace_reference(model), trace_compiled(state, month)
        values += sum(column.size for column in one.values())
        found = _compare(one, other, month) or _compare_own(mechanisms, model, state, month)
        if mechanisms is not None:
            values += sum(len(getattr(model.own, variable.name)) for variable in mechanisms.states)
        if found is not None:
            return Verification(month - first + 1, values, found)
        if progress is not None:
            progress(month - first + 1, last - first)
    if state.d.events > len(state.events):  # more than had room: `run` makes more
        events = engine.run(scenario, seed, replicate).events
    else:
        events = result_of(state, scenario, seed, replicate).events
    values += 5 * len(events)
    return Verification(last - first, values, _compare_events(model.result().events, events))


# --- the two engines in one form


def trace_reference(model: DistrictModel) -> Trace:
    """Return the state of the reference engine after the month it has lived through last."""
    district, top, contract = model.district, model.superintendent, model.district.programme
    found: dict[str, Iterable[float]] = {}

    def take(table: str, agents: Iterable[Any], *left_out: str) -> None:
        agents = list(agents)
        for name in _of(table):
            if name not in left_out:
                found[f"{table}.{name}"] = [getattr(agent, name) for agent in agents]

    elsewhere = {
        "shocks": len(district.revenue_shocks),
        "supervisors": len(model.leadership_support),
        "coaches": len(model.teaching_learning),
        "contract": contract is not None,
        "contract_end": contract.end if contract else np.nan,
        "contract_seats": contract.seats if contract else np.nan,
        "contract_intensity": contract.intensity if contract else np.nan,
        "reference_practice": district.reference.practice,
        "reference_practice_sd": district.reference.practice_sd,
        "reference_conditions": district.reference.conditions,
        "reference_leadership": district.reference.leadership,
        "post_size": model.post_size,
        "pull": model.pull,
        "people": model.people,
    }
    found |= {f"district.{name}": [value] for name, value in elsewhere.items()}
    take("district", [district], *elsewhere)
    take("superintendent", [top])
    take("level", [district.levels])
    take("shock", district.revenue_shocks)
    take("school", model.schools)
    take("principal", model.principals)
    take("teacher", model.teachers)
    take("contracted", contract.coaches if contract else [])
    for table, unit in (
        ("supervisor", model.leadership_support),
        ("coach", model.teaching_learning),
    ):
        take(table, unit)
        _hide_vacant(found, table)
    for place, name in enumerate(("person", "ability", "conviction", "learnt")):
        found[f"promoted.{name}"] = [row[place] for row in district.promoted]
    found |= _reference_ties(model)
    found |= {f"series.{name}": [model.recorder.latest[name]] for name in BY_DISTRICT}
    found |= {f"school_series.{name}": model.recorder.schools[name][-1] for name in BY_SCHOOL}
    return _arrays(found)


def _reference_ties(model: DistrictModel) -> dict[str, Iterable[float]]:
    missing: dict[str, Any] = {"trust": np.nan, "previous_trust": np.nan}
    rows: dict[str, list[float]] = {name: [] for name in _of("tie")}

    def add(name: str, tie: Mapping[str, Any], *, before: bool = True) -> None:
        rows[name].append(tie["trust"])
        if before:
            rows[f"{name}_before"].append(tie.get("previous_trust", 0.0))

    for head in model.principals:
        there = back = mentor = contract = missing
        rows["supervisor"].append(head.supervisor[0].post if head.supervisor else np.nan)
        if head.supervisor is not None:
            there = head.supervisor[1]
            back = model.graph.edges[head.node, head.supervisor[0].node, "partnership"]
        rows["mentored"].append(head.mentor() is not None)
        number = np.nan
        for coach, tie in head.coaches:
            if coach.contracted:
                number, contract = float(coach.node.rpartition("-")[2]), tie
            else:
                mentor = tie
        rows["contract_coach"].append(number)
        add("partnership", there)
        add("partnership_back", back)
        add("mentor", mentor, before=False)
        add("contract", contract)
        number, schools = head.school.number, len(model.schools)
        turned_to = [(number * schools + x.school.number, tie["trust"]) for x, tie in head.peers]
        turned_to += [(NOBODY, 0.0)] * (PEERS - len(turned_to))
        rows["peer_between"] += [pair for pair, _ in turned_to]
        rows["peer"] += [trust for _, trust in turned_to]
        for other, tie in head.cohort:
            rows["cohort_between"].append(
                head.school.number * len(model.schools) + other.school.number
            )
            add("cohort", tie)
    return {f"tie.{name}": values for name, values in rows.items()}


def trace_compiled(state: State, month: int) -> Trace:
    """Return the state of the compiled engine after `month`, which it has lived through last."""
    d, schools, now = state.d, state.schools, month - int(state.setup.first_month)
    found: dict[str, Any] = {}

    def take(table: str, records: Any) -> None:
        for name in _of(table):
            found[f"{table}.{name}"] = records[name]

    contract = ("contract_end", "contract_seats", "contract_intensity")
    for name in _of("district"):
        known = d.contract != 0 or name not in contract
        found[f"district.{name}"] = [d[name] if known else np.nan]
    found |= {f"superintendent.{name}": [d[name]] for name in _of("superintendent")}
    found |= {f"level.{name}": [state.levels[name]] for name in LEVELS}
    take("shock", state.shocks[: int(d.shocks)])
    take("school", schools)
    take("principal", schools)
    take("promoted", state.promoted[: int(d.promoted)])
    for variable in Teacher.variables():
        found[variable.key] = getattr(state.teachers, variable.field)
    used = int(d.contract_coaches) if d.contract else 0
    found["contracted.practice"] = state.contracted[:used]
    for table, unit, count in (
        ("supervisor", state.supervisors, d.supervisors),
        ("coach", state.coaches, d.coaches),
    ):
        take(table, unit[: int(count)])
        _hide_vacant(found, table)
    found |= _compiled_ties(state)
    for place, name in enumerate(BY_DISTRICT):
        found[f"series.{name}"] = state.out_district[place, now : now + 1]
    for place, name in enumerate(BY_SCHOOL):
        found[f"school_series.{name}"] = state.out_schools[place, now]
    return _arrays(found)


def _compiled_ties(state: State) -> dict[str, Any]:
    schools = state.schools
    formed, start = state.cohort_formed != 0, state.cohort_start
    receivers = np.repeat(np.arange(len(schools)), np.diff(start))
    used = np.arange(PEERS) < schools.peers[:, np.newaxis]
    peers = np.arange(len(schools))[:, np.newaxis] * len(schools) + state.peer
    coached, mentored = schools.coach >= 0, schools.mentored != 0
    return {
        "tie.supervisor": schools.caseload,
        "tie.mentored": schools.mentored,
        "tie.contract_coach": np.where(coached, schools.coach, np.nan),
        "tie.partnership": schools.trust_from,
        "tie.partnership_before": schools.previous_from,
        "tie.partnership_back": schools.trust_back,
        "tie.partnership_back_before": schools.previous_back,
        "tie.mentor": np.where(mentored, schools.trust_mentor, np.nan),
        "tie.contract": np.where(coached, schools.trust_coach, np.nan),
        "tie.contract_before": np.where(coached, schools.previous_coach, np.nan),
        "tie.cohort_between": (receivers * len(schools) + state.cohort_other)[formed],
        "tie.cohort": state.cohort_trust[formed],
        "tie.peer_between": np.where(used, peers, NOBODY).ravel(),
        "tie.peer": np.where(used, state.peer_trust, 0.0).ravel(),
        "tie.cohort_before": state.cohort_previous[formed],
    }


def _hide_vacant(found: dict[str, Any], table: str) -> None:
    """Make what an empty post has left undefined, but for its being empty."""
    vacant = np.array(found[f"{table}.vacant"], dtype=bool)
    for name in _of(table):
        if name != "vacant":
            values = np.array(found[f"{table}.{name}"], dtype=float)
            found[f"{table}.{name}"] = np.where(vacant, np.nan, values)


def _arrays(found: Mapping[str, Any]) -> Trace:
    """Return the variables in the order of the schedule, each as an array of its own."""
    return {name: np.array(found[name], dtype=np.float64) for name in STAGE_OF}


# --- comparing


def _compare(reference: Trace, compiled: Trace, month: int) -> Difference | None:
    """Return the difference that comes first in the schedule."""
    unlike = {name: _unlike(reference[name], compiled[name]) for name in STAGE_OF}
    names = [name for name, places in unlike.items() if places.any()]
    if not names:
        return None
    # Where someone else sits, nothing that is theirs tells of an earlier stage.
    told = [name for name in names if _places(name, unlike, reference).any()] or names
    name = min(told, key=lambda one: STAGES.index(stage_of(one, month)))
    places = _places(name, unlike, reference)
    place = int(np.argmax(places if places.any() else unlike[name]))
    one, other = (
        float(column[place]) if place < len(column) else float("nan")
        for column in (reference[name], compiled[name])
    )
    agent = seat_of(name, place, reference)
    return Difference(month, stage_of(name, month), agent, name, one, other)


def _compare_own(
    mechanisms: Mechanisms | None, model: Any, state: Any, month: int
) -> Difference | None:
    """Return the first difference in custom state, which any of the interventions may have made."""
    for variable in mechanisms.states if mechanisms else ():
        reference, compiled = (
            getattr(held, variable.name) for held in (model.own, state.shown.own)
        )
        unlike = _unlike(reference, compiled)
        if mechanisms and unlike.any():
            where = int(np.argmax(unlike))
            stage = ", ".join(dict.fromkeys(act.stage for act in mechanisms.interventions))
            agent = f"school {where}" if variable.of == "school" else "district"
            values = float(reference[where]), float(compiled[where])
            return Difference(month, stage, agent, variable.column, *values)
    return None


def _unlike(one: Floats, other: Floats) -> NDArray[np.bool_]:
    """Say of each place whether the engines differ there; two undefined values are alike."""
    size = min(len(one), len(other))
    unlike = np.ones(max(len(one), len(other)), dtype=bool)
    same_bits = one[:size].view(np.int64) == other[:size].view(np.int64)
    unlike[:size] = ~(same_bits | (np.isnan(one[:size]) & np.isnan(other[:size])))
    return unlike


def _places(
    name: str, unlike: Mapping[str, NDArray[np.bool_]], reference: Trace
) -> NDArray[np.bool_]:
    """Return where a variable differs and the people do not."""
    table, _, variable = name.partition(".")
    places = unlike[name].copy()
    if variable in {"person", "vacant"} or STAGE_OF[name] == "turnover":
        return places
    if name.startswith(_SUCCESSION) or name.startswith("tie.contract"):
        places &= not unlike["superintendent.person"].any()
    people = unlike.get(f"{'principal' if table == 'tie' else table}.person")
    if people is None:
        return places
    if name.startswith("tie.cohort"):
        ends = np.divmod(reference["tie.cohort_between"].astype(int), len(people))
        people = people[ends[0]] | people[ends[1]]
    elif name.startswith("tie.peer"):
        receivers = np.repeat(np.arange(len(people)), PEERS)
        between = reference["tie.peer_between"].astype(int)
        pairs = np.where(between == NOBODY, receivers, between)
        people = people[receivers] | people[pairs % len(people)]
    if len(people) == len(places):
        places &= ~people
    return places


def stage_of(name: str, month: int) -> str:
    """Return the stage that has changed a variable in a month."""
    if name in _IN_JULY and month_of_year(month) == JULY:
        return "budget"
    return STAGE_OF[name]


def seat_of(name: str, place: int, reference: Trace) -> str:
    """Return what a place in a column stands for."""
    table, _, variable = name.partition(".")
    posts = {"supervisor": Role.LEADERSHIP_SUPPORT, "coach": Role.TEACHING_LEARNING}
    if table in posts:
        return node(posts[table], index=place)
    if table == "superintendent":
        return node(Role.SUPERINTENDENT)
    if table == "principal":
        return node(Role.PRINCIPAL, place)
    if table in {"school", "school_series"}:
        return node(Role.SCHOOL, place)
    if table == "contracted":
        return node(Role.COACH, index=place)
    if table == "teacher":
        return _teacher(place, len(reference["teacher.practice"]), len(reference["school.outcome"]))
    if table == "tie":
        return " → ".join(_ends(variable, place, reference))
    return "district" if table in {"district", "level", "series"} else f"{table}-{place}"


def _teacher(place: int, teachers: int, schools: int) -> str:
    for school, size in enumerate(shares(teachers, schools)):
        if place < size:
            return node(Role.TEACHER, school, place)
        place -= size
    raise IndexError(place)


def _ends(variable: str, place: int, reference: Trace) -> Iterator[str]:
    """Yield giver and receiver of a tie."""
    if variable.startswith("cohort"):
        between = reference["tie.cohort_between"]
        if place < len(between):
            ends = divmod(int(between[place]), len(reference["school.outcome"]))
            yield from (node(Role.PRINCIPAL, school) for school in reversed(ends))
        else:
            yield f"cohort tie {place}"
        return
    if variable.startswith("peer"):
        between, schools = reference["tie.peer_between"][place], len(reference["school.outcome"])
        giver = "nobody" if between == NOBODY else node(Role.PRINCIPAL, int(between) % schools)
        yield from (giver, node(Role.PRINCIPAL, place // PEERS))
        return
    principal = node(Role.PRINCIPAL, place)
    if variable.startswith("ment"):
        giver = node(Role.MENTOR, place)
    elif variable.startswith("contract"):
        number = reference["tie.contract_coach"][place]
        giver = node(Role.COACH) if np.isnan(number) else node(Role.COACH, index=int(number))
    else:
        giver = node(Role.LEADERSHIP_SUPPORT, index=int(reference["tie.supervisor"][place]))
    yield from (principal, giver) if "back" in variable else (giver, principal)


def _compare_events(
    reference: Sequence[EventRecord], compiled: Sequence[EventRecord]
) -> Difference | None:
    """Return the first event that one engine has written down and the other has not."""
    for one, other in zip_longest(reference, compiled):
        if one != other:
            event = one or other
            assert event is not None
            return Difference(event.month, "record", event.seat, "event", str(one), str(other))
    return None
