"""Support that reaches principals and teachers along the support graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .equation import any_of, clip01, equation, sat

if TYPE_CHECKING:
    from reformsim.scenario.coefficients import Support


@equation
def operations_pull(
    stress: float,
    public_focus: float,
    operations_funding: float,
    scarcity_load: float,
    relief: float,
    p: Support,
) -> float:
    """Share of supervisors' partnership time drawn into operations.

    clip01(pull_base × (1 + scarcity_load × stress) × (1 − shield × public_focus)
    × (1 − relief × operations_funding))
    Source: 5.16 (that it happens), judgement; fit 16

    Arguments:
        stress: share of revenue, [0, 1], +
        public_focus: [0, 1], [0, 1], −
        operations_funding: [0, 1], [0, 1], −
        scarcity_load: per unit of stress, [0, 5], +
        relief: share, [0, 1], −
    Returns: share, [0, 1]
    """
    return clip01(
        p.pull_base
        * (1.0 + scarcity_load * stress)
        * (1.0 - p.shield * public_focus)
        * (1.0 - relief * operations_funding)
    )


@equation
def contact(
    posts: float,
    caseload: float,
    pull: float,
    equity_weight: float,
    need_above_mean: float,
    p: Support,
) -> float:
    """How much of a working relationship a principal has with the supervisor.

    sat(staff_hours × posts / caseload × max(0, 1 + equity_reach × equity_weight × (need − mean))
    × (1 − pull), contact_half)
    Source: 5.12–5.15 (span), judgement

    Arguments:
        posts: full-time equivalents, [0, 2], +
        caseload: principals, [1, 60], −
        pull: share, [0, 1], −
        equity_weight: [0, 1], [0, 1], ±
        need_above_mean: share of pupils, [-1, 1], +
    Returns: [0, 1], [0, 1]
    """
    tilt = max(0.0, 1.0 + p.equity_reach * equity_weight * need_above_mean)
    return sat(p.staff_hours * posts / caseload * tilt * (1.0 - pull), p.contact_half)


@equation
def partner_support(practice: float, trust: float, contact: float) -> float:
    """Support from the supervisor.

    practice × trust × contact
    Source: form 7.7 (ties, depth and expertise together), judgement

    Arguments:
        practice: [0, 1], [0, 1], +
        trust: [0, 1], [0, 1], +
        contact: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return practice * trust * contact


@equation
def coach_support(dosage: float, practice: float, trust: float) -> float:
    """Support from an outside coach or a mentor.

    dosage × practice × trust
    Source: as partner_support

    Arguments:
        dosage: share, [0, 1], +
        practice: [0, 1], [0, 1], +
        trust: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return dosage * practice * trust


@equation
def training_support(training_hours: float, p: Support) -> float:
    """The little that training without coaching adds.

    clip01(academy_value × hours a month / 8)
    Source: 5.11 (a null), fit 15

    Arguments:
        training_hours: hours a year, [0, 400], +
    Returns: [0, 1], [0, 1]
    """
    return clip01(p.academy_value * training_hours / 96.0)


@equation
def felt_support(partner: float, cohort: float, coach: float, training: float) -> float:
    """Support felt by a principal, from all sources.

    any_of(partner, cohort, coach, training)
    Source: judgement (sources combine as independent)

    Arguments:
        partner: [0, 1], [0, 1], +
        cohort: [0, 1], [0, 1], +
        coach: [0, 1], [0, 1], +
        training: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return any_of(any_of(partner, cohort), any_of(coach, training))


@equation
def coaches_practice(coaches: float, p: Support) -> float:
    """Mean practice of the coaches of a programme: it falls as one hires deeper into the pool.

    coach_floor + (coach_practice − coach_floor) × (1 + coaches / coach_pool) ^ (−scale_loss)
    Source: 5.7, 5.8; fit 14

    Arguments:
        coaches: coaches, [0, 1000], −
    Returns: [0, 1], [0, 1]
    """
    above = p.coach_practice - p.coach_floor
    return float(p.coach_floor + above * (1.0 + coaches / p.coach_pool) ** (-p.scale_loss))


@equation
def mentor_practice(coach_practice: float, p: Support) -> float:
    """Practice of an ordinary mentor, against that of a coach.

    coach_practice × mentor_quality
    Source: judgement

    Arguments:
        coach_practice: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return coach_practice * p.mentor_quality


@equation
def access_score(draw: float, need_above_mean: float, equity_weight: float, p: Support) -> float:
    """Place in the queue for a mentor or an outside seat: the lowest scores are served first.

    draw / max(0.01, 1 − access_tilt × (1 − equity_weight) × (need − mean)): high-need schools stand
    further back, unless equity is weighed
    Source: 9.6

    Arguments:
        draw: even in [0, 1), [0, 1], +
        need_above_mean: share of pupils, [-1, 1], +
        equity_weight: [0, 1], [0, 1], ±
    Returns: –, [0, 100]
    """
    return draw / max(0.01, 1.0 - p.access_tilt * (1.0 - equity_weight) * need_above_mean)


@equation
def coaching_dosage(coaches: float, teachers: float, p: Support) -> float:
    """Dosage of instructional coaching that a teacher gets.

    min(1, coach_full_load × coaches / teachers)
    Source: judgement; fit 14

    Arguments:
        coaches: coaches, [0, 500], +
        teachers: teachers, [1, 5000], −
    Returns: share, [0, 1]
    """
    return min(1.0, p.coach_full_load * coaches / teachers)
