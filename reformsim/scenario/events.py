"""Dated events a scenario may hold. Months count from the launch of the strategy (month 0, a July);
negative months fall in the warm-up."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .parameters import Section

Month = Annotated[int, Field(ge=-600, le=1200, description="Month of the event (0 = launch)")]
Months = Annotated[int, Field(ge=0, le=1200)]


class RevenueShock(Section):
    """A fall of revenue that ramps down, holds, and recovers unless it is permanent."""

    type: Literal["revenue_shock"]
    month: Month
    depth: Annotated[float, Field(ge=0, le=0.9, description="Share of revenue lost at the trough")]
    ramp: Annotated[int, Field(ge=1, le=1200)] = 12
    hold: Months = 12
    recovery: Months = 36
    permanent: bool = False


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
    RevenueShock | SuperintendentDeparture | PrincipalDeparture | Crisis,
    Field(discriminator="type"),
]
