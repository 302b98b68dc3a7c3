"""Whom teachers ask: ties on the support graph that are chosen each July, or go with the seats."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from reformsim.district import network
from reformsim.scenario.conditions import ADVICE_STRUCTURES
from reformsim.theory.chance import draw_words
from reformsim.theory.schedule import JULY, month_of_year
from reformsim.theory.streams import Stream
from reformsim.theory.trust import chance_given_up

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .model import DistrictModel
    from .teachers import Teacher


class Asked(NamedTuple):
    """A colleague whom a teacher asks, and the data of the tie on the support graph (`depth`)."""

    colleague: Teacher
    tie: dict[str, float]


Places = list[Asked | None]
"""Whom a teacher asks, one for each place; an empty place holds None."""


def find_colleagues(model: DistrictModel) -> None:
    """Read from the support graph whom each teacher asks."""
    scenario, p = model.scenario, model.p
    structure = ADVICE_STRUCTURES.index(scenario.district.advice_structure)
    for teacher in model.teachers:
        edges = model.graph.in_edges(teacher.node, keys=True, data=True)
        all_asked = [
            Asked(model.agent_at[giver], tie) for giver, _, kind, tie in edges if kind == "advice"
        ]
        all_asked.sort(key=lambda asked: asked.colleague.seat)
        for asked in all_asked:
            asked.tie.setdefault("depth", p.tie_new)
        teacher.asks = list(all_asked)
        if structure == network.CHOSEN and not model.loaded_advice:
            most = network.places(
                model.seed_number,
                model.replicate,
                model.month,
                teacher.seat,
                scenario.district.advice_ties,
                structure,
            )
            teacher.asks += [None] * (most - len(all_asked))


def are_chosen(model: DistrictModel, month: int) -> bool:
    """Return whether teachers choose whom they ask: those of a survey stay as they are up to the launch."""
    chosen = model.scenario.district.advice_structure == "chosen"
    return chosen and (month > 0 or not model.loaded_advice)


def renew_ties(model: DistrictModel) -> None:
    """In July let ties with newcomers begin anew, or let teachers choose others in their places."""
    if month_of_year(model.month) != JULY:
        return
    for teacher in model.teachers:
        for asked in teacher.asked():
            if asked.colleague.tenure == 0.0:
                _begin_anew(teacher, asked, chosen=are_chosen(model, model.month))
    if are_chosen(model, model.month):
        for teacher in model.teachers:
            _give_up(teacher)
        _fill_places(model)


def newcomer_among(teacher: Teacher) -> None:
    """Let a newcomer's own ties begin anew: as deep as new ones, or none where they are chosen."""
    for asked in teacher.asked():
        _begin_anew(teacher, asked, chosen=are_chosen(teacher.model, teacher.model.month + 1))


def lose_ties(teacher: Teacher) -> None:
    """Let the ties of those who asked a teacher who has left begin anew, or go where they are chosen."""
    model = teacher.model
    for other in model.teachers:
        for asked in other.asked():
            if asked.colleague is teacher:
                _begin_anew(other, asked, chosen=are_chosen(model, model.month + 1))


def _begin_anew(teacher: Teacher, asked: Asked, *, chosen: bool) -> None:
    asked.tie["depth"] = teacher.model.p.tie_new
    if chosen:
        _empty(teacher, asked)


def _empty(teacher: Teacher, asked: Asked) -> None:
    """Empty one place of a teacher."""
    teacher.asks[teacher.asks.index(asked)] = None
    teacher.model.graph.remove_edge(asked.colleague.node, teacher.node, "advice")


def _give_up(teacher: Teacher) -> None:
    """Give up the least deep tie, by chance."""
    asked = min(teacher.asked(), key=lambda asked: asked.tie["depth"], default=None)
    if asked is not None:
        draw = teacher.model.uniform(teacher.seat, Stream.TIE_GIVEN_UP)
        if draw < chance_given_up(asked.tie["depth"], teacher.model.p):
            _empty(teacher, asked)


def _fill_places(model: DistrictModel) -> None:
    """Let teachers find somebody for their empty places; all see the ties of the others from before."""
    before = {teacher: teacher.asked() for teacher in model.teachers}
    asking: dict[Teacher, list[Teacher]] = {teacher: [] for teacher in model.teachers}
    for teacher, all_asked in before.items():
        for asked in all_asked:
            if asked.colleague.school is teacher.school:
                asking[asked.colleague].append(teacher)
    for teacher in model.teachers:
        for slot, held in enumerate(teacher.asks):
            if held is not None:
                continue
            for attempt in range(network.CHOICES):
                number = slot * network.CHOICES + attempt
                candidate = _colleague_found(teacher, before, asking[teacher], number)
                if candidate is not None:
                    network.tie(model.graph, candidate.node, teacher.node, "advice")
                    tie = model.graph.edges[candidate.node, teacher.node, "advice"]
                    tie["depth"] = model.p.tie_new
                    teacher.asks[slot] = Asked(candidate, tie)
                    break


def _colleague_found(
    teacher: Teacher,
    before: Mapping[Teacher, Sequence[Asked]],
    asking: Sequence[Teacher],
    number: int,
) -> Teacher | None:
    """Return somebody whom a teacher will ask: an asker, a colleague's colleague, or the better of two met."""
    model, p = teacher.model, teacher.model.p
    key = (model.seed_number, model.replicate)
    way, first, third, fourth = draw_words(
        *key, teacher.seat, model.month, int(Stream.TIE_CHOSEN), number
    )
    all_asked = teacher.asked()
    known = {teacher, *(asked.colleague for asked in all_asked)}
    candidate: Teacher | None = None
    if way < p.tie_returned * 4294967296.0:
        candidate = asking[first * len(asking) >> 32] if asking else None
    elif all_asked:
        between = all_asked[first * len(all_asked) >> 32].colleague
        others = [asked.colleague for asked in before[between] if asked.colleague not in known]
        candidate = max(others, key=lambda other: other.practice, default=None)
    if candidate is not None and candidate not in known:
        return candidate
    candidate, most = None, -1.0
    across, sizes = model.scenario.district.advice_across, model.school_sizes
    for word in (third, fourth):
        met = network.place_met(word, teacher.school.number, teacher.index, across, sizes)
        other = model.schools[met >> 14].teachers[met & 0x3FFF]
        if other.practice > most and other not in known:
            candidate, most = other, other.practice
    return candidate
