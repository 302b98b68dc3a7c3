"""Ties that principals choose, and losses that make leaders wary, over arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reformsim.district.network import MEETINGS, PEERS, meet
from reformsim.theory.trust import next_trust, next_wariness, open_contact, wariness_after_loss

from .jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layout import State


@kernel
def choose_peers(s: State, month: int) -> None:
    """Let heads in post fill their empty places with colleagues whom they meet."""
    k = s.setup
    first = np.zeros(s.d.supervisors + 1, np.int64)
    for school in range(k.schools):
        first[s.schools[school].caseload + 1] += 1
    for post in range(s.d.supervisors):
        first[post + 1] += first[post]
    filled, circles = first.copy(), np.empty(k.schools, np.int64)
    for school in range(k.schools):
        post = s.schools[school].caseload
        circles[filled[post]] = school
        filled[post] += 1
    for school in range(k.schools):
        x = s.schools[school]
        if x.vacant == 0:
            circle = circles[first[x.caseload] : first[x.caseload + 1]]
            for slot in range(x.peers, PEERS):
                chosen = better_met(s, month, school, circle, slot)
                if chosen >= 0:
                    turn_to(s, school, chosen)


@kernel
def better_met(s: State, month: int, school: int, circle: NDArray[np.int64], slot: int) -> int:
    """Return the school of the better of the two heads met for a place, or -1."""
    k, best, before = s.setup, -1, -1
    for attempt in range(MEETINGS):
        draw = slot * MEETINGS + attempt
        other = meet(k.seed, k.replicate, month, school, draw, circle, k.schools)
        usable = s.schools[other].vacant == 0 and other not in (school, before)
        for known in range(s.schools[school].peers):
            usable = usable and s.peer[school, known] != other
        if not usable:
            continue
        if before >= 0:
            return other if s.schools[other].practice > s.schools[before].practice else before
        best = before = other
    return best


@kernel
def turn_to(s: State, school: int, other: int) -> None:
    """Add a peer to those of a head, who stand in the order of their schools."""
    x = s.schools[school]
    here = x.peers
    while here > 0 and s.peer[school, here - 1] > other:
        s.peer[school, here] = s.peer[school, here - 1]
        s.peer_trust[school, here] = s.peer_trust[school, here - 1]
        here -= 1
    s.peer[school, here], s.peer_trust[school, here] = other, s.p.trust_new
    x.peers += 1


@kernel
def lose_head(s: State, school: int) -> None:
    """Take a leaving head out of all ties of choice; those who lose somebody become wary."""
    p, x = s.p, s.schools[school]
    for slot in range(x.peers):
        other = s.schools[s.peer[school, slot]]
        other.wary = wariness_after_loss(other.wary, s.peer_trust[school, slot], p)
    x.peers = 0
    for asking in range(s.setup.schools):
        asker = s.schools[asking]
        left = 0
        for slot in range(asker.peers):
            if s.peer[asking, slot] == school:
                asker.wary = wariness_after_loss(asker.wary, s.peer_trust[asking, slot], p)
            else:
                s.peer[asking, left] = s.peer[asking, slot]
                s.peer_trust[asking, left] = s.peer_trust[asking, slot]
                left += 1
        asker.peers = left
    staff = s.supervisors[x.caseload]
    if staff.vacant == 0:
        staff.wary = wariness_after_loss(staff.wary, x.trust_back / staff.load, p)
    x.wary = 0.0


@kernel
def lose_supervisor(s: State, post: int) -> None:
    """Make the heads of a supervisor who leaves or is laid off wary."""
    for school in range(s.setup.schools):
        x = s.schools[school]
        if x.caseload == post and x.vacant == 0:
            x.wary = wariness_after_loss(x.wary, x.trust_from, s.p)


@kernel
def build_peer_trust(s: State, school: int) -> None:
    """Let a head's trust in peers grow or fade."""
    p, x = s.p, s.schools[school]
    for slot in range(x.peers):
        other = s.schools[s.peer[school, slot]]
        contact = open_contact(p.peer_contact, x.wary, other.wary)
        s.peer_trust[school, slot] = next_trust(s.peer_trust[school, slot], contact, p)


@kernel
def let_wariness_fade(s: State) -> None:
    """Let leaders come out of themselves again, month by month."""
    for school in range(s.setup.schools):
        s.schools[school].wary = next_wariness(s.schools[school].wary, s.p)
    for post in range(s.d.supervisors):
        s.supervisors[post].wary = next_wariness(s.supervisors[post].wary, s.p)
