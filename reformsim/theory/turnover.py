"""Who leaves. Hazards are yearly; the response to a state is `exp` of its distance from a centre.

The centres are constants, not parameters: moving one only rescales the base hazard.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .equation import compilable, equation

if TYPE_CHECKING:
    from reformsim.scenario.coefficients import Turnover

ISOLATION_CENTRE = 0.50
STRAIN_CENTRE = 0.35
LEADERSHIP_CENTRE = 0.44
CAPITAL_CENTRE = 0.55


@equation
def chance_of_leaving(hazard: float, share_of_year: float) -> float:
    """Probability of leaving in a month that holds some share of the year's hazard.

    1 − exp(−hazard × share)
    Source: definition

    Arguments:
        hazard: a year, [0, 20], +
        share_of_year: share, [0, 1], +
    Returns: probability, [0, 1]
    """
    return 1.0 - math.exp(-hazard * share_of_year)


@compilable
def surely_stays(draw: float, hazard: float, share_of_year: float) -> bool:
    """Say whether a draw is above the chance of leaving without working it out: it never exceeds the hazard.

    1 − exp(−x) ≤ x, but for rounding. True of the equation as it stands, not of one in its place.
    """
    return draw > hazard * share_of_year + 1e-12


@equation
def leaders_month(june: bool, p: Turnover) -> float:
    """Share of a leader's yearly hazard that falls in a month: leaders leave mostly in June.

    june_share in June, (1 − june_share) / 11 in each other month
    Source: judgement

    Arguments:
        june: yes or no, [0, 1], +
    Returns: share, [0, 1]
    """
    return p.june_share if june else (1.0 - p.june_share) / 11.0


@equation
def superintendent_hazard(
    tenure: float, capital: float, stress: float, frailty: float, multiplier: float, p: Turnover
) -> float:
    """A superintendent's yearly hazard: nearly flat in tenure, capital, stress, the district's own.

    (super_hazard + super_ageing × years in post at mid-month) × exp(−super_capital
    × (capital − 0.55) + super_stress × stress) × frailty × multiplier
    Source: 1.16 (clock), judgement (responses)

    Arguments:
        tenure: months, [0, 480], +
        capital: [0, 1], [0, 1], −
        stress: share of revenue, [0, 0.5], +
        frailty: × ordinary, [0.2, 5], +
        multiplier: × ordinary, [0, 5], +
    Returns: a year, [0, 10000]
    """
    years = (tenure + 0.5) / 12.0
    base = p.super_hazard + p.super_ageing * years
    response = math.exp(-p.super_capital * (capital - CAPITAL_CENTRE) + p.super_stress * stress)
    return base * response * frailty * multiplier


@equation
def frailty(z: float, p: Turnover) -> float:
    """A district's lasting factor on superintendents' hazard, with mean 1.

    exp(super_frailty × z − super_frailty² / 2)
    Source: 1.18 (districts hardly differ), judgement (how much)

    Arguments:
        z: standard normal, [-4, 4], +
    Returns: × ordinary, [0, 100]
    """
    return math.exp(p.super_frailty * z - 0.5 * p.super_frailty * p.super_frailty)


@equation
def principal_hazard(
    isolation: float, strain: float, practice_below_mean: float, multiplier: float, p: Turnover
) -> float:
    """A principal's yearly hazard of leaving, promotions aside: near constant in tenure.

    principal_hazard × exp(p_isolation × (isolation − 0.50) + p_strain × (strain − 0.35)
    + p_weak × (district's mean practice − practice)) × multiplier
    Source: 2.1–2.6 (base, no memory), 9.4 (isolation first), 2.18 (the weak leave more)

    Arguments:
        isolation: [0, 1], [0, 1], +
        strain: [0, 1], [0, 1], +
        practice_below_mean: [0, 1], [-1, 1], +
        multiplier: × ordinary, [0, 5], +
    Returns: a year, [0, 200]
    """
    response = (
        p.p_isolation * (isolation - ISOLATION_CENTRE)
        + p.p_strain * (strain - STRAIN_CENTRE)
        + p.p_weak * practice_below_mean
    )
    return p.principal_hazard * math.exp(response) * multiplier


@equation
def promotion_hazard(practice_above_mean: float, p: Turnover) -> float:
    """A principal's yearly hazard of promotion into the central office.

    promote_rate × exp(p_promote × (practice − district's mean practice))
    Source: 2.18

    Arguments:
        practice_above_mean: [0, 1], [-1, 1], +
    Returns: a year, [0, 10]
    """
    return p.promote_rate * math.exp(p.p_promote * practice_above_mean)


@equation
def teacher_hazard(
    experience: float, strain: float, leadership: float, multiplier: float, p: Turnover
) -> float:
    """A teacher's yearly hazard, all of it in June: a U over the career.

    teacher_hazard × (1 + t_early × exp(−experience / t_early_months)
    + t_late × (max(0, experience − t_late_from) / t_late_span)²)
    × exp(t_strain × (strain − 0.35) − t_lead × (leadership − 0.44)) × multiplier
    Source: 3.1–3.4 (U), 3.8, 3.9 (leadership), judgement (strain)

    Arguments:
        experience: career months, [0, 600], ±
        strain: [0, 1], [0, 1], +
        leadership: [0, 1], [0, 1], −
        multiplier: × ordinary, [0, 5], +
    Returns: a year, [0, 200]
    """
    late = max(0.0, experience - p.t_late_from) / p.t_late_span
    career = 1.0 + p.t_early * math.exp(-experience / p.t_early_months) + p.t_late * late * late
    response = p.t_strain * (strain - STRAIN_CENTRE) - p.t_lead * (leadership - LEADERSHIP_CENTRE)
    return p.teacher_hazard * career * math.exp(response) * multiplier
