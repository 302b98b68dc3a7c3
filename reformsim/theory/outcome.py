"""A school's outcome, in student standard deviations relative to the baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .equation import equation

if TYPE_CHECKING:
    from reformsim.scenario.coefficients import Outcome


REFERENCE_MONTHS = 36
"""Months of the late warm-up from which outcomes and progress are measured (choice)."""


@equation
def penalty(teacher_turnover: float, settled: float, p: Outcome) -> float:
    """Outcome lost to teacher turnover and to an unsettled head.

    turnover_penalty × teacher turnover + disruption_penalty × (1 − settled)
    Source: 3.10 (size unconfirmed), 2.9, 2.13; fit 9

    Arguments:
        teacher_turnover: share a year, [0, 1], +
        settled: [0, 1], [0, 1], −
    Returns: student SD, [0, 4]
    """
    return p.turnover_penalty * teacher_turnover + p.disruption_penalty * (1.0 - settled)


@equation
def next_outcome(
    outcome: float,
    practice: float,
    penalty: float,
    reference_practice: float,
    reference_sd: float,
    reference_penalty: float,
    p: Outcome,
) -> float:
    """A school's outcome a month later: it follows teachers' practice with a lag of about a year.

    outcome + outcome_rate × (outcome_slope × (practice − reference) / SD − penalty
    + reference penalty − outcome); reference and SD are the district's of the late warm-up
    Source: 5.6 (slope), 5.4 (lag); fit 14

    Arguments:
        outcome: student SD, [-3, 3], +
        practice: mean of the school's teachers, [0, 1], +
        penalty: student SD, [0, 1], −
        reference_practice: mean of the district, [0, 1], −
        reference_sd: SD across teachers, [0.05, 0.3], ±
        reference_penalty: student SD, [0, 1], +
    Returns: student SD, [-60, 60]
    """
    level = p.outcome_slope * (practice - reference_practice) / reference_sd
    return outcome + p.outcome_rate * (level - penalty + reference_penalty - outcome)
