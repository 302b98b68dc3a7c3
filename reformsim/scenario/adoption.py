"""Which schools take part in a design, and which come first while only some do."""

from __future__ import annotations

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


def place_of_listed(adoption: Adoption, school: int) -> int:
    """Return where a school stands among those that come first; behind them if it is none."""
    return adoption.first.index(school) if school in adoption.first else len(adoption.first)


def misfits_of_adoption(adoption: Adoption, schools: int) -> Iterator[str]:
    """Yield what does not fit together in who takes part, a sentence each."""
    for name in ("first", "only", "refuse"):
        listed = getattr(adoption, name)
        for school in dict.fromkeys(listed):
            if school >= schools:
                yield (
                    f"adoption.{name} has school {school}, but schools are numbered 0 to {schools - 1}"
                )
            if listed.count(school) > 1:
                yield f"adoption.{name} has school {school} twice"
    for school in adoption.refuse:
        for name in ("first", "only"):
            if school in getattr(adoption, name):
                yield f"adoption.refuse has school {school}, which adoption.{name} has too"
    for school in adoption.first:
        if adoption.only and school not in adoption.only:
            yield f"adoption.first has school {school}, which adoption.only has not"
