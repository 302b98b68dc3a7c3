"""A school's outcome, in student standard deviations relative to the baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .equation import equation

if TYPE_CHECKING:
    from reformsim.scenario.coefficients import Outcome


REFERENCE_MONTHS = 36
"""Months of the late warm-up from which outcomes and progress are measured (choice)."""


@equation
def school_conditions(leadership: float, teacher_turnover: float, p: Outcome) -> float:
    """What the conditions in a school add in a year: order and time well used, less what turnover costs.

    conditions_slope × leadership − turnover_penalty × teacher turnover
    Source: form judgement; 3.10 (turnover; size unconfirmed), 2.9, 2.13 (a change of principal tells
    at once and passes); fit 9

    Arguments:
        leadership: [0, 1], [0, 1], +
        teacher_turnover: share a year, [0, 1], −
    Returns: student SD a year, [-2, 5]
    """
    return p.conditions_slope * leadership - p.turnover_penalty * teacher_turnover


@equation
def yearly_flow(
    practice: float,
    conditions: float,
    reference_practice: float,
    reference_sd: float,
    reference_conditions: float,
    p: Outcome,
) -> float:
    """What a year at a school adds to its pupils' outcome, against an ordinary year in the district.

    outcome_slope × (practice − reference) / SD + conditions − reference conditions; the references are
    the district's of the late warm-up
    Source: 3.13, 5.6 (slope); fit 14

    Arguments:
        practice: mean of the school's teachers, [0, 1], +
        conditions: student SD a year, [-1, 1], +
        reference_practice: mean of the district, [0, 1], −
        reference_sd: SD across teachers, [0.05, 0.3], ±
        reference_conditions: student SD a year, [-1, 1], −
    Returns: student SD a year, [-110, 110]
    """
    skill = p.outcome_slope * (practice - reference_practice) / reference_sd
    return skill + conditions - reference_conditions


@equation
def next_outcome(outcome: float, flow: float, p: Outcome) -> float:
    """A school's outcome a month later: pupils keep a share of what each earlier year has added.

    remains × outcome + (1 − remains) / (1 − persistence) × flow, where remains = persistence^(1/12); a flow that
    lasts leads to flow / (1 − persistence), what all its years have left
    Source: 5.22 (a quarter to a third is left after a year)

    Arguments:
        outcome: student SD, [-3, 3], +
        flow: student SD a year, [-3, 3], +
    Returns: student SD, [-60, 60]
    """
    remains = float(p.persistence ** (1.0 / 12.0))
    return remains * outcome + (1.0 - remains) / (1.0 - p.persistence) * flow
