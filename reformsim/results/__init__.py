"""Results of runs as tidy tables: time and identity are always columns."""

from .frames import (
    IDENTITY,
    TURNOVER,
    costs_frame,
    events_frame,
    identity_of,
    outcome_named,
    quartiles_frame,
    schools_frame,
    series_frame,
    turnover_rates,
)

__all__ = [
    "IDENTITY",
    "TURNOVER",
    "costs_frame",
    "events_frame",
    "identity_of",
    "outcome_named",
    "quartiles_frame",
    "schools_frame",
    "series_frame",
    "turnover_rates",
]
