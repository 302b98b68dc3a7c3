"""Which schools take part in a design, and which come first while only some do."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import Field

from .parameters import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

ChosenBy = Literal["need", "readiness", "chance"]
WAYS_TO_CHOOSE: tuple[str, ...] = get_args(ChosenBy)

Schools = Annotated[
    tuple[Annotated[int, Field(ge=0, le=15_999)], ...],
    Field(strict=False),
]


class Adoption(Section):
    """Which schools take part: the lever `participation` says how many, this says which.

    Schools are numbered from 0. The order is settled at the launch and kept, so that a larger share
    later is the same schools and more.
    """

    chosen_by: Annotated[
        ChosenBy,
        Field(
            description="Who comes first: the neediest, those most ready (whose principal and"
            " teachers believe in it most at the launch), or schools drawn by chance"
        ),
    ] = "need"
    first: Annotated[Schools, Field(description="Schools that come before all others")] = ()
    only: Annotated[Schools, Field(description="If given, no other school ever takes part")] = ()
    refuse: Annotated[Schools, Field(description="Schools that never take part")] = ()

    def may_take_part(self, school: int) -> bool:
        """Return whether the strategy would let a school take part."""
        return school not in self.refuse and (not self.only or school in self.only)


_COME_FIRST = {
    "need": "The neediest schools come first",
    "readiness": "The schools most ready at the launch come first",
    "chance": "Chance says which schools come first",
}


def adoption_in_words(adoption: Adoption, *, some_wait: bool) -> list[str]:
    """Return which schools take part, in sentences without a full stop; none if all do.

    `some_wait` says whether a design is for a part of the schools, so that an order matters.
    """
    first, only, refuse = (_listed(getattr(adoption, name)) for name in ("first", "only", "refuse"))
    words = []
    if some_wait:
        words.append(_COME_FIRST[adoption.chosen_by])
    if first and some_wait:
        several = len(adoption.first) > 1
        words.append(
            f"{first} {'come' if several else 'comes'} before all others"
            f"{', in this order' * several}"
        )
    if only:
        words.append(f"Only {only.lower()} may take part")
    if refuse:
        words.append(f"{refuse} never {'take' if len(adoption.refuse) > 1 else 'takes'} part")
    if not some_wait and (adoption.first or adoption.chosen_by != "need"):
        words.append("Every design is for all schools: who comes first does not matter")
    return words


def _listed(schools: tuple[int, ...]) -> str:
    """As "School 4" or "Schools 11 and 17"; nothing for no school."""
    if not schools:
        return ""
    *others, last = map(str, schools)
    return f"Schools {', '.join(others)} and {last}" if others else f"School {last}"


def place_of_listed(adoption: Adoption, school: int) -> int:
    """Return where a school stands among those that come first; behind them if it is none."""
    return adoption.first.index(school) if school in adoption.first else len(adoption.first)


def misfits_of_adoption(adoption: Adoption, schools: int) -> Iterator[tuple[str, str]]:
    """Yield what does not fit together in who takes part: the key of a list, and a sentence."""
    for name in ("first", "only", "refuse"):
        listed = getattr(adoption, name)
        for school, times in Counter(listed).items():
            key, named = f"adoption.{name}", f"has school {school}"
            if school >= schools:
                yield key, f"{named}, but schools are numbered 0 to {schools - 1}"
            if times > 1:
                yield key, f"{named} twice"
            for other in ("first", "only") if name == "refuse" else ():
                if school in getattr(adoption, other):
                    yield key, f"{named}, which adoption.{other} has too"
            if name == "first" and adoption.only and school not in adoption.only:
                yield key, f"{named}, which adoption.only has not"
