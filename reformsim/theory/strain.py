"""Strain and isolation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .equation import any_of, clip01, equation, follow

if TYPE_CHECKING:
    from reformsim.scenario.coefficients import Strain


@equation
def next_strain(
    strain: float,
    workload: float,
    isolation: float,
    fatigue: float,
    support: float,
    recovery: float,
    inflow: float,
    p: Strain,
) -> float:
    """Strain a month later.

    strain + (strain_up × max(0, workload − capacity) + strain_isolation × isolation) × (1 − strain)
    + strain_fatigue × fatigue + inflow − recovery × strain × (1 + support)
    Source: 9.1, 9.4 (directions), judgement

    Arguments:
        strain: [0, 1], [0, 1], +
        workload: share of the week, [0, 3], +
        isolation: [0, 1], [0, 1], +
        fatigue: [0, 1], [0, 1], +
        support: [0, 1], [0, 1], −
        recovery: a month, [0, 0.2], −
        inflow: a month, [0, 0.2], +
    Returns: [0, 1], [0, 1]
    """
    pressure = p.strain_up * max(0.0, workload - p.capacity) + p.strain_isolation * isolation
    rise = pressure * (1.0 - strain) + p.strain_fatigue * fatigue + inflow
    return clip01(strain + rise - recovery * strain * (1.0 + support))


@equation
def personal_tie(draw: float, p: Strain) -> float:
    """Ties across schools that a principal brings to the post: people differ in their networks.

    2 × informal_tie × draw, so that informal_tie is the mean
    Source: 7.11 (personal qualities more than the school), 7.6 (some are peripheral); evenly between
    none and twice the mean is judgement

    Arguments:
        draw: even in [0, 1), [0, 1], +
    Returns: [0, 1], [0, 2]
    """
    return 2.0 * p.informal_tie * draw


@equation
def first_isolation(informal_tie: float, p: Strain) -> float:
    """A principal's isolation on arrival: less for one who knows more people.

    clip01(isolation_new − (own informal tie − informal_tie))
    Source: judgement

    Arguments:
        informal_tie: [0, 1], [0, 2], −
    Returns: [0, 1], [0, 1]
    """
    return clip01(p.isolation_new - (informal_tie - p.informal_tie))


@equation
def next_isolation(
    isolation: float,
    partner_tie: float,
    cohort_tie: float,
    informal_tie: float,
    coach_trust: float,
    settled: float,
    staff_conviction: float,
    p: Strain,
) -> float:
    """A principal's isolation a month later: cut off from those above, alienated from those below.

    moves at isolation_rate to 1 − any_of(partner trust × contact, max(cohort trust × intensity,
    own informal tie), coach_tie × trust in a coach or mentor, staff_tie × settled × staff's conviction)
    Source: 9.5 (the two forms), 7.4, 7.6, judgement

    Arguments:
        isolation: [0, 1], [0, 1], +
        partner_tie: trust × contact, [0, 1], −
        cohort_tie: trust × intensity, [0, 1], −
        informal_tie: [0, 1], [0, 1], −
        coach_trust: [0, 1], [0, 1], −
        settled: [0, 1], [0, 1], −
        staff_conviction: [0, 1], [0, 1], −
    Returns: [0, 1], [0, 1]
    """
    beside = any_of(max(cohort_tie, min(1.0, informal_tie)), p.coach_tie * coach_trust)
    below = p.staff_tie * settled * staff_conviction
    connected = any_of(any_of(partner_tie, beside), below)
    return follow(isolation, 1.0 - connected, p.isolation_rate)
