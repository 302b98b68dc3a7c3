"""Variables of what stands in a list and is told apart by a number: phases of a plan, and grants.

A name is the section, the number counted from 1, and what is varied: `phases.2.year`. The number may
be left out if there is only one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from reformsim.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST = 9
"""How many can be told apart by a number."""


class Named(NamedTuple):
    """What a name says."""

    number: int | None
    """Which one, from 1; None if there is only one."""
    field: str


def named(key: str) -> Named:
    """Return what the name of a variable says."""
    _, *number, field = key.split(".")
    return Named(int(number[0]) if number else None, field)


def place_in(count: int, key: str) -> int | None:
    """Return where what a variable belongs to stands, among so many; None if that cannot be said."""
    number = named(key).number
    if number is None and count == 1:
        number = 1
    return number - 1 if number is not None and number <= count else None


def misfits(counts: Iterable[tuple[str, int]], key: str) -> Iterator[Problem]:
    """Yield that what a variable belongs to is not there, or that it is not said which of several.

    `counts` says how many there are under which name.
    """
    lacking = {name: count for name, count in counts if place_in(count, key) is None}
    section, (number, field) = key.partition(".")[0], named(key)
    word = section.removesuffix("s")
    several = {name: count for name, count in lacking.items() if count > 1 and number is None}
    if several:
        hint = f"say which, as {section}.1.{field}"
        yield Problem(f"there are several {section}", key=key, found=_said(several), hint=hint)
    if none := {name: count for name, count in lacking.items() if name not in several}:
        hint = f"put the {word} into the strategy, or leave the strategy out"
        yield Problem(f"there is no such {word}", key=key, found=_said(none), hint=hint)


def _said(counts: dict[str, int]) -> str:
    return ", ".join(f"{count or 'none'} in {name}" for name, count in counts.items())
