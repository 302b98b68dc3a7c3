"""Dated events a scenario may hold. Months count from the launch of the strategy (month 0, a July);
negative months fall in the warm-up."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .parameters import Section
from .revenue_events import LevyFailure, Month, PermanentCut, Recession, RevenueEvent, RevenueShock


class SuperintendentDeparture(Section):
    """The superintendent of that month leaves, whatever the hazard says."""

    type: Literal["superintendent_departure"]
    month: Month


class PrincipalDeparture(Section):
    """The principal of one school (numbered from 0) leaves, whatever the hazard says."""

    type: Literal["principal_departure"]
    month: Month
    school: Annotated[int, Field(ge=0, le=15_999)]


class Crisis(Section):
    """Operational demands rise in every school for some months."""

    type: Literal["crisis"]
    month: Month
    months: Annotated[int, Field(ge=1, le=120, description="Length in months")] = 12
    load: Annotated[
        float, Field(ge=0, le=2, description="Extra operational demand, as a share of the usual")
    ]


Event = Annotated[
    RevenueShock
    | Recession
    | PermanentCut
    | LevyFailure
    | SuperintendentDeparture
    | PrincipalDeparture
    | Crisis,
    Field(discriminator="type"),
]


def in_words(event: Event) -> str:
    """Return what an event is called in tables and figures, as "permanent cut"."""
    name: str = event.called if isinstance(event, RevenueEvent) else event.type
    return name.replace("_", " ")
