"""What happens to revenue: recessions, permanent cuts, and levies that fail."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from .parameters import Section
from .ranges import OR_RANGE, Month, Months

Depth = Annotated[
    float, Field(ge=0, le=0.9, description="Share of revenue lost at the trough"), OR_RANGE
]
Ramp = Annotated[int, Field(ge=1, le=1200), OR_RANGE]


class Shape(NamedTuple):
    """How revenue falls and comes back; lengths are in months."""

    depth: float
    ramp: int
    hold: int
    recovery: int
    permanent: bool


class RevenueEvent(Section):
    """A fall of revenue, of whatever shape."""

    type: str
    month: Month
    depth: Depth

    @property
    @abstractmethod
    def shape(self) -> Shape:
        """How revenue falls and comes back."""

    @property
    def called(self) -> str:
        """The type that says what it is, whichever it was written as."""
        return self.type


class RevenueShock(RevenueEvent):
    """The older name: a recession or, if it is permanent, a permanent cut."""

    type: Literal["revenue_shock"]
    ramp: Ramp = 12
    hold: Months = 12
    recovery: Months = 36
    permanent: bool = False

    @property
    def shape(self) -> Shape:
        """As written."""
        return Shape(self.depth, self.ramp, self.hold, self.recovery, self.permanent)

    @property
    def called(self) -> str:
        """What it is today."""
        return "permanent_cut" if self.permanent else "recession"


class Recession(RevenueEvent):
    """Revenue ramps down, holds, and recovers."""

    type: Literal["recession"]
    ramp: Ramp = 12
    hold: Months = 12
    recovery: Months = 36

    @property
    def shape(self) -> Shape:
        """As written."""
        return Shape(self.depth, self.ramp, self.hold, self.recovery, permanent=False)


class PermanentCut(RevenueEvent):
    """Revenue ramps down and does not come back."""

    type: Literal["permanent_cut"]
    ramp: Ramp = 12

    @property
    def shape(self) -> Shape:
        """Without an end."""
        return Shape(self.depth, self.ramp, 0, 0, permanent=True)


class LevyFailure(RevenueEvent):
    """Voters turn a levy down: revenue is lost at once, and is back when another levy passes."""

    type: Literal["levy_failure"]
    months: Annotated[
        int,
        Field(ge=1, le=1200, description="Months until another levy passes (a year: judgement)"),
        OR_RANGE,
    ] = 12

    @property
    def shape(self) -> Shape:
        """At once, and back at once."""
        return Shape(self.depth, 1, self.months - 1, 0, permanent=False)


def is_called(event: Section, kind: str) -> bool:
    """Say whether an event is meant by the name of a type: its own, or one that says the same."""
    if isinstance(event, RevenueEvent) and kind in ("revenue_shock", event.called):
        return True
    return bool(getattr(event, "type", "") == kind)
