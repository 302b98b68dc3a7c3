"""Ties that principals choose, and what becomes of leaders who lose somebody they trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.district.network import MEETINGS, PEERS, meet, node, tie
from reformsim.district.seats import Role
from reformsim.theory.trust import wariness_after_loss

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .leaders import Principal
    from .model import DistrictModel


def choose_peers(model: DistrictModel) -> None:
    """Let heads in post fill their empty places with colleagues whom they meet."""
    for head in model.principals:
        if head.vacant:
            continue
        circle = [number for number, post in enumerate(model.caseloads) if post == supervisor(head)]
        for slot in range(len(head.peers), PEERS):
            chosen = better_met(model, head, circle, slot)
            if chosen is not None:
                tie(model.graph, chosen.node, head.node, "peer", model.p.trust_new)
                head.look_around()


def supervisor(head: Principal) -> int:
    """Return the post of a head's supervisor."""
    assert head.supervisor is not None  # there is always one post at least
    return head.supervisor[0].post


def better_met(
    model: DistrictModel, head: Principal, circle: Sequence[int], slot: int
) -> Principal | None:
    """Return the better of the two heads met for a place, if there are any."""
    known = [head, *(peer for peer, _ in head.peers)]
    met: list[Principal] = []
    key = model.seed_number, model.replicate, model.month, head.school.number
    for attempt in range(MEETINGS):
        number = meet(*key, slot * MEETINGS + attempt, circle, len(model.principals))
        other = model.principals[number]
        if not other.vacant and other not in known and other not in met:
            met.append(other)
            if len(met) == 2:
                break
    return max(met, key=lambda other: other.practice, default=None)


def lose_head(model: DistrictModel, leaver: Principal) -> None:
    """Take a leaving head out of all ties of choice; those who lose somebody become wary."""
    graph, p = model.graph, model.p
    for peer, edge in leaver.peers:
        peer.wary = wariness_after_loss(peer.wary, edge["trust"], p)
        graph.remove_edge(peer.node, leaver.node, "peer")
    leaver.look_around()
    edges = list(graph.out_edges(leaver.node, keys=True, data=True))
    left = [(model.agent_at[e[1]], e[3]) for e in edges if e[2] == "peer"]
    for asker, edge in sorted(left, key=lambda pair: pair[0].seat):
        asker.wary = wariness_after_loss(asker.wary, edge["trust"], p)
        graph.remove_edge(leaver.node, asker.node, "peer")
        asker.look_around()
    staff = model.leadership_support[supervisor(leaver)]
    if not staff.vacant:
        trust = graph.edges[leaver.node, staff.node, "partnership"]["trust"]
        staff.wary = wariness_after_loss(staff.wary, trust / len(staff.caseload), p)


def lose_supervisor(model: DistrictModel, post: int) -> None:
    """Make the heads of a supervisor who leaves or is laid off wary."""
    staff = node(Role.LEADERSHIP_SUPPORT, index=post)
    for number, own in enumerate(model.caseloads):
        head = model.principals[number]
        if own == post and not head.vacant:
            trust = model.graph.edges[staff, head.node, "partnership"]["trust"]
            head.wary = wariness_after_loss(head.wary, trust, model.p)
