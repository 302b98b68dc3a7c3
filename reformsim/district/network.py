"""The support graph: who leads, supports, coaches and asks whom.

A directed `networkx` multigraph (two people may be tied in more than one way; the key of an edge is
its kind). An edge points from the giver to the receiver. Nodes carry `role` and, inside a school,
`school`; edges carry `kind` and, among leaders, the live `trust`; those of advice the live `depth`. In the graph
of a month (`reformsim.engines.graphs`), nodes carry the number of the `person` and the months of `tenure`
too.

Kinds: `oversight` (superintendent → central office), `partnership` (leadership support ↔ principal),
`cohort` (principal ↔ principal), `peer` (principal → principal who turns to that colleague), `coaching` (coach or mentor → principal), `leadership` (principal →
teacher), `teacher_leadership` (teacher leader → teacher), `instructional_coaching` (teaching-and-
learning staff → teacher), `advice` (teacher → teacher who asks).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from reformsim.scenario.conditions import ADVICE_STRUCTURES
from reformsim.theory.chance import MASK, draw_words
from reformsim.theory.equation import compilable
from reformsim.theory.streams import Stream

from .caseloads import first_caseloads
from .seats import FIRST_TRUST, Role, heads, seat_number, shares

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableSequence, Sequence

    import networkx as nx
    import numpy as np
    from numpy.typing import NDArray

    from reformsim.scenario import Scenario

    SupportGraph: TypeAlias = nx.MultiDiGraph[str]

KINDS = (
    "oversight",
    "partnership",
    "cohort",
    "peer",
    "coaching",
    "leadership",
    "teacher_leadership",
    "instructional_coaching",
    "advice",
)
COHORT_SIZE = 6
PEERS = 4
"""Colleagues whom a principal can turn to by choice (judgement)."""
MEETINGS = 8
"""Draws for the two principals who are met for one place, before it waits for another year."""
TEAM_SIZE = 4
"""Teachers of a grade team, who are neighbours by place in the school (judgement; 3.12)."""
LEADERS_PER_COACH = 12
TEACHER, ADVICE_TIE = int(Role.TEACHER), int(Stream.ADVICE_TIE)
TIE_CHOSEN = int(Stream.TIE_CHOSEN)
HEAD, PEER_TIE = int(Role.PRINCIPAL), int(Stream.PEER_TIE)
ATTEMPTS = 32
"""Draws for one advice tie before it is given up (only in schools with too few colleagues)."""
CHOSEN, CLUSTERED, STAR = map(ADVICE_STRUCTURES.index, ("chosen", "clustered", "star"))
FEWEST = 2
"""The fewest colleagues a teacher has places for, where ties are chosen (3.12; as `advice_ties`)."""
CHOICES = 4
"""Times a year that a teacher looks for somebody for an empty place."""
IN_THE_TEAM = 0.3
"""Share of those met in the own school who are of the grade team (3.12: ties are twice as dense)."""


def node(role: Role, school: int | None = None, index: int | None = None) -> str:
    """Return the name of a seat in the graph, as `teacher-12-7`."""
    parts = [role.label, *(str(part) for part in (school, index) if part is not None)]
    return "-".join(parts)


def generate(scenario: Scenario, seed: int, replicate: int) -> SupportGraph:
    """Return the support graph of a district in the status quo.

    Cohorts, teacher leaders, mentors and outside coaches join it when they are funded.
    """
    import networkx as nx

    district = scenario.district
    sizes = shares(district.teachers, district.schools)
    graph: SupportGraph = nx.MultiDiGraph()
    graph.add_node(node(Role.SUPERINTENDENT), role=Role.SUPERINTENDENT.label)
    for school, size in enumerate(sizes):
        head = node(Role.PRINCIPAL, school)
        graph.add_node(head, role=Role.PRINCIPAL.label, school=school)
        for index in range(size):
            teacher = node(Role.TEACHER, school, index)
            graph.add_node(teacher, role=Role.TEACHER.label, school=school)
            tie(graph, head, teacher, "leadership")
    for giver, asker in advice_ties(scenario, sizes, seed, replicate):
        tie(graph, giver, asker, "advice")
    levels = scenario.baseline
    supervisors = heads(district.schools / levels.span_of_control)
    for post in range(supervisors):
        add_staff(graph, Role.LEADERSHIP_SUPPORT, post)
    for school, post in enumerate(first_caseloads(district.schools, supervisors)):
        tie_partners(graph, school, post, FIRST_TRUST)
    coaches = heads(district.teachers / levels.teachers_per_coach)
    for post in range(coaches):
        add_staff(graph, Role.TEACHING_LEARNING, post)
    tie_instructional_coaches(graph, sizes, coaches)
    return graph


def names_of(graph: SupportGraph, role: Role) -> list[str]:
    """Return the nodes of a role, in the order of the graph."""
    return [name for name in graph if graph.nodes[name]["role"] == role.label]


def tie(
    graph: SupportGraph,
    giver: str,
    receiver: str,
    kind: str,
    trust: float | None = None,
    depth: float | None = None,
) -> None:
    """Add one edge of a kind, with trust among leaders and depth among teachers, where they are given.

    An edge already there keeps what it has.
    """
    if not graph.has_edge(giver, receiver, kind):
        given = {"trust": trust, "depth": depth}
        details = {name: value for name, value in given.items() if value is not None}
        graph.add_edge(giver, receiver, kind, kind=kind, **details)


def add_staff(graph: SupportGraph, role: Role, post: int) -> str:
    """Add a central-office seat under the superintendent and return its name."""
    name = node(role, index=post)
    graph.add_node(name, role=role.label)
    tie(graph, node(Role.SUPERINTENDENT), name, "oversight")
    return name


def tie_partners(graph: SupportGraph, school: int, post: int, trust: float) -> None:
    """Make a supervisor the partner of a school's principal, in both directions."""
    supervisor = node(Role.LEADERSHIP_SUPPORT, index=post)
    principal = node(Role.PRINCIPAL, school)
    tie(graph, supervisor, principal, "partnership", trust)
    tie(graph, principal, supervisor, "partnership", trust)


def untie_partners(graph: SupportGraph, school: int, post: int) -> None:
    """End a partnership, in both directions."""
    supervisor = node(Role.LEADERSHIP_SUPPORT, index=post)
    principal = node(Role.PRINCIPAL, school)
    for giver, receiver in ((supervisor, principal), (principal, supervisor)):
        if graph.has_edge(giver, receiver, "partnership"):
            graph.remove_edge(giver, receiver, "partnership")


def serving(coaches: int, schools: int) -> list[list[int]]:
    """Return the instructional coaches of each school: neighbours share one, or a school has several."""
    if coaches <= schools:
        return [[school * coaches // schools] for school in range(schools)]
    return [list(range(school, coaches, schools)) for school in range(schools)]


def tie_instructional_coaches(graph: SupportGraph, sizes: list[int], coaches: int) -> None:
    """Lay the edges from instructional coaches to the teachers of their schools again."""
    old = [edge for edge in graph.edges(keys=True) if edge[2] == "instructional_coaching"]
    graph.remove_edges_from(old)
    for school, posts in enumerate(serving(coaches, len(sizes))):
        for post in posts:
            for index in range(sizes[school]):
                coach = node(Role.TEACHING_LEARNING, index=post)
                tie(graph, coach, node(Role.TEACHER, school, index), "instructional_coaching")


def cohorts(schools: int) -> list[list[int]]:
    """Return the schools of each principals' cohort, about six in each."""
    sizes = shares(schools, max(1, round(schools / COHORT_SIZE)))
    groups, first = [], 0
    for size in sizes:
        groups.append(list(range(first, first + size)))
        first += size
    return groups


def advice_ties(
    scenario: Scenario, sizes: list[int], seed: int, replicate: int
) -> Iterator[tuple[str, str]]:
    """Yield (giver, asker) for every advice tie, a few of them across schools."""
    district = scenario.district
    ties, across = district.advice_ties, district.advice_across
    structure = ADVICE_STRUCTURES.index(district.advice_structure)
    asked = [0] * ties
    for school, size in enumerate(sizes):
        for index in range(size):
            count = ask_colleagues(
                seed,
                replicate,
                scenario.first_month,
                school,
                index,
                ties,
                across,
                structure,
                sizes,
                asked,
            )
            asker = node(Role.TEACHER, school, index)
            for seat in asked[:count]:
                yield node(Role.TEACHER, seat >> 14, seat & 0x3FFF), asker


@compilable
def ask_colleagues(
    seed: int,
    replicate: int,
    month: int,
    school: int,
    index: int,
    ties: int,
    across: float,
    structure: int,
    sizes: Sequence[int] | NDArray[np.int64],
    asked: MutableSequence[int] | NDArray[np.int64],
) -> int:
    """Fill `asked` with the places (school << 14 | index) a teacher turns to; return how many.

    Places are chosen by consistent hashing of keyed draws, so that one more teacher changes only the
    ties of those who now turn to that teacher. Shared by both engines.
    """
    seat = seat_number(TEACHER, school, index)
    count = 0
    for number in range(places(seed, replicate, month, seat, ties, structure)):
        for attempt in range(ATTEMPTS):
            draw = number * ATTEMPTS + attempt
            scope, first, second, _ = draw_words(seed, replicate, seat, month, ADVICE_TIE, draw)
            if scope < across * 4294967296.0:
                where = pick(first, len(sizes))
                other = where << 14 | pick(second, sizes[where])
            else:
                other = school << 14 | colleague(structure, index, number, sizes[school], second)
            known = other == (school << 14 | index)
            for earlier in range(count):
                known = known or asked[earlier] == other
            if not known:
                asked[count] = other
                count += 1
                break
    return count


@compilable
def places(seed: int, replicate: int, month: int, seat: int, ties: int, structure: int) -> int:
    """Return how many colleagues a teacher may ask: `ties`, or from 2 up to them where they are chosen.

    Shared by both engines.
    """
    if structure != CHOSEN or ties <= FEWEST:
        return ties
    draw = draw_words(seed, replicate, seat, month, ADVICE_TIE, ties * ATTEMPTS)[0]
    return FEWEST + (draw * (ties - FEWEST + 1) >> 32)


@compilable
def place_met(
    word: int, school: int, index: int, across: float, sizes: Sequence[int] | NDArray[np.int64]
) -> int:
    """Return the place (school << 14 | index) of somebody whom a teacher meets; it may be the teacher's.

    One 32-bit word says where (in any school, in the team, in the own school) and who. Shared by both
    engines.
    """
    draw = word / 4294967296.0
    if draw < across:
        draw = draw / across * len(sizes)
        where = int(draw)
        return where << 14 | int((draw - where) * sizes[where])
    draw = (draw - across) / (1.0 - across)
    if draw < IN_THE_TEAM:
        start, end = team_of(index, sizes[school])
        return school << 14 | (start + int(draw / IN_THE_TEAM * (end - start)))
    return school << 14 | int((draw - IN_THE_TEAM) / (1.0 - IN_THE_TEAM) * sizes[school])


@compilable
def colleague(structure: int, index: int, number: int, size: int, key: int) -> int:
    """Return the place in the own school, of `size` teachers, that a tie of this number goes to.

    `structure` is a place in `ADVICE_STRUCTURES`. Clustered: the nearest on both sides of a ring,
    which with a few ties across schools is the small world of Watts and Strogatz (1998). Star: the
    first few of the school, but for oneself. Chosen: at the start the two next to a teacher, and
    anyone, which is nearer to what will be chosen than either. Shared by both engines.
    """
    if structure == CLUSTERED or (structure == CHOSEN and number < 2):
        step = number // 2 + 1
        return (index + (step if number % 2 == 0 else -step)) % size
    if structure == STAR:
        return (number if number < index else number + 1) % size
    return pick(key, size)


@compilable
def meet(
    seed: int,
    replicate: int,
    month: int,
    school: int,
    draw: int,
    circle: Sequence[int] | NDArray[np.int64],
    schools: int,
) -> int:
    """Return the school whose head the head of a school meets: one of the circle, or of the district.

    Either with chance one half (judgement; 7.8: proximity); `circle` has the schools of the same
    supervisor. Who is met may be the head of the school itself, an empty seat, or known already. Shared
    by both engines.
    """
    near, key, _, _ = draw_words(seed, replicate, seat_number(HEAD, school), month, PEER_TIE, draw)
    # Not `near < 2³¹`: products of Philox overflow, and compiled code takes their highest bit for 0.
    nearby = near % 2 == 0
    number = pick(key, len(circle) if nearby else schools)
    return circle[number] if nearby else number


@compilable
def pick(key: int, size: int) -> int:
    """Return a place below `size` for a 32-bit key by jump consistent hashing.

    When `size` grows by one, a key keeps its place or moves to the new one (Lamping and Veach,
    "A fast, minimal memory, consistent hash algorithm", 2014). Shared by both engines.
    """
    bucket, jump = -1, 0
    while jump < size:
        bucket = jump
        key = (key * 1664525 + 1013904223) & MASK
        jump = int((bucket + 1) * (4294967296.0 / (key + 1.0)))
    return bucket


@compilable
def team_of(index: int, size: int) -> tuple[int, int]:
    """Return the first place of a teacher's grade team, and the one after its last; the last team of a
    school of `size` teachers may be smaller. Shared by both engines.
    """
    start = index // TEAM_SIZE * TEAM_SIZE
    return start, min(start + TEAM_SIZE, size)


def edges_of_kind(graph: SupportGraph, kind: str) -> list[tuple[str, str]]:
    """Return (giver, receiver) of every edge of a kind, in the order of the graph."""
    return [(giver, receiver) for giver, receiver, label in graph.edges(keys=True) if label == kind]
