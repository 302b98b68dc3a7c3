"""Who serves which schools when a unit of the central office grows or shrinks.

As few relationships as possible are broken: a newcomer takes schools from the fullest caseloads,
and the schools of someone laid off go to the emptiest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.theory.equation import compilable

if TYPE_CHECKING:
    from collections.abc import MutableSequence


def first_caseloads(schools: int, staff: int) -> list[int]:
    """Return who serves each school at the start: neighbours together, evenly."""
    return [school * staff // schools for school in range(schools)]


@compilable
def add_member(serves: MutableSequence[int], member: int) -> None:
    """Give a newcomer (numbered after the others) a fair caseload, changing `serves` in place."""
    loads = caseloads(serves, member)
    for _ in range(len(serves) // (member + 1)):
        fullest = 0
        for other in range(1, member):
            if loads[other] > loads[fullest]:
                fullest = other
        for school in range(len(serves) - 1, -1, -1):
            if serves[school] == fullest:
                serves[school] = member
                loads[fullest] -= 1
                break


@compilable
def remove_member(serves: MutableSequence[int], member: int) -> None:
    """Share out the schools of the last member, changing `serves` in place."""
    loads = caseloads(serves, member)
    for school in range(len(serves)):
        if serves[school] == member:
            emptiest = 0
            for other in range(1, member):
                if loads[other] < loads[emptiest]:
                    emptiest = other
            serves[school] = emptiest
            loads[emptiest] += 1


@compilable
def caseloads(serves: MutableSequence[int], members: int) -> list[int]:
    """Return how many schools each of the first members serves."""
    loads = [0] * members
    for member in serves:
        if member < members:
            loads[member] += 1
    return loads
