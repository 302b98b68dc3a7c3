"""Leadership that reaches teachers: enacted by the principal, distributed over teacher leaders."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .equation import any_of, clip01, equation, follow, sat

if TYPE_CHECKING:
    from reformsim.scenario.coefficients import Leadership


@equation
def settled(tenure: float, vacant: bool, preparation: float, p: Leadership) -> float:
    """How settled a school is under its head.

    1 − unsettled × exp(−tenure / settle_months) × (1 − bench_settle × preparation);
    1 − 2 × unsettled while the seat is vacant
    Source: 2.12, 5.4; fit 9

    Arguments:
        tenure: months, [0, 400], +
        vacant: yes or no, [0, 1], −
        preparation: pipeline at appointment from the bench, [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    if vacant:
        return 1.0 - 2.0 * p.unsettled
    newness = p.unsettled * math.exp(-tenure / p.settle_months)
    return 1.0 - newness * (1.0 - p.bench_settle * preparation)


@equation
def time_to_lead(learning_time: float, p: Leadership) -> float:
    """Time for learning as leading it and learning to lead it can use it, against the ordinary.

    sat(learning_time, time_half) / sat(reference_time, time_half)
    Source: 4.4, 4.5 (hours as such do not predict gains); fit 15

    Arguments:
        learning_time: share of the week, [0, 0.3], +
    Returns: × ordinary, [0, 3]
    """
    return sat(learning_time, p.time_half) / sat(p.reference_time, p.time_half)


@equation
def permission(
    learning_focus: float, public_focus: float, ordinary_focus: float, p: Leadership
) -> float:
    """What a superintendent's priority lets heads do, or keeps them from, beside their own practice.

    permit × (min(learning_focus, public_focus) − focus_mean): it grows as the district comes to
    believe the priority, and goes at once with the person
    Source: judgement

    Arguments:
        learning_focus: [0, 1], [0, 1], +
        public_focus: [0, 1], [0, 1], +
        ordinary_focus: [0, 1], [0, 1], −
    Returns: –, [-2, 2]
    """
    return p.permit * (min(learning_focus, public_focus) - ordinary_focus)


@equation
def enacted(
    practice: float, permission: float, learning_time: float, settled: float, p: Leadership
) -> float:
    """Leadership a principal enacts: skill without time is not enacted.

    clip01((practice + permission) × time_to_lead × settled)
    Source: 4.4, 4.5 (hours as such do not predict gains); fit 15

    Arguments:
        practice: [0, 1], [0, 1], +
        permission: –, [-0.1, 0.1], +
        learning_time: share of the week, [0, 0.3], +
        settled: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return clip01((practice + permission) * time_to_lead(learning_time, p) * settled)


@equation
def distributed(
    legitimacy: float,
    leader_share: float,
    release_time: float,
    leaders_practice: float,
    p: Leadership,
) -> float:
    """Leadership that teacher leaders add.

    legitimacy × sat(leader_share × (unreleased + (1 − unreleased) × sat(release_time,
    release_half)), share_half) × mean practice of the teacher leaders
    Source: 2.17, judgement

    Arguments:
        legitimacy: [0, 1], [0, 1], +
        leader_share: share of teachers, [0, 1], +
        release_time: share of a post, [0, 0.5], +
        leaders_practice: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    released = p.unreleased + (1.0 - p.unreleased) * sat(release_time, p.release_half)
    return legitimacy * sat(leader_share * released, p.share_half) * leaders_practice


@equation
def leader_depth(legitimacy: float, release_time: float, p: Leadership) -> float:
    """Depth of a teacher leader's tie with a colleague whom the role lets help.

    legitimacy × min(1, leader_reach × (leader_time + release_time))
    Source: 2.17, judgement

    Arguments:
        legitimacy: [0, 1], [0, 1], +
        release_time: share of a post, [0, 0.5], +
    Returns: [0, 1], [0, 1]
    """
    return legitimacy * min(1.0, p.leader_reach * (p.leader_time + release_time))


@equation
def school_leadership(enacted: float, distributed: float) -> float:
    """Leadership that reaches the teachers of a school.

    any_of(enacted, distributed)
    Source: definition

    Arguments:
        enacted: [0, 1], [0, 1], +
        distributed: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return any_of(enacted, distributed)


@equation
def next_order(
    order: float,
    ordinary: float,
    learning_time: float,
    settled: float,
    distributed: float,
    p: Leadership,
) -> float:
    """How well a school runs, a month later: somebody has time for it, and stays.

    moves at order_rate to any_of(enacted(ordinary practice, learning_time, settled), distributed).
    The practice is everybody's: order is presence and stability, and no skill
    Source: judgement; direction 2.17 (a change of principal hurts the climate)

    Arguments:
        order: [0, 1], [0, 1], +
        ordinary: [0, 1], [0, 1], +
        learning_time: share of the week, [0, 0.3], +
        settled: [0, 1], [0, 1], +
        distributed: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    presence = enacted(ordinary, 0.0, learning_time, settled, p)
    return follow(order, any_of(presence, distributed), p.order_rate)


@equation
def guidance(practice: float, permission: float, learning_time: float, p: Leadership) -> float:
    """What teachers can learn from the head: the leadership that a settled head would enact.

    A change of principal unsettles conditions for work and climate, not what is taught and how
    Source: 2.17 (little effect on content or instruction), 2.9, 2.13 (the dip fades)

    Arguments:
        practice: [0, 1], [0, 1], +
        permission: –, [-0.1, 0.1], +
        learning_time: share of the week, [0, 0.3], +
    Returns: [0, 1], [0, 1]
    """
    return enacted(practice, permission, learning_time, 1.0, p)


@equation
def next_legitimacy(
    legitimacy: float,
    readiness: float,
    readiness_start: float,
    rolled_out: bool,
    share: float,
    p: Leadership,
) -> float:
    """Role legitimacy of teacher leaders a month later: it follows readiness once roles are agreed.

    moves at legitimacy_rate to legitimacy_start + (1 − legitimacy_start) × (readiness
    − readiness_start) / (1 − readiness_start) × (lone_legitimacy + (1 − lone_legitimacy) × share), at
    least 0, once rolled out; stays until then. Where few schools have the roles they are less accepted
    Source: judgement (2.17; roles negotiated with a union, Knapp et al. 2010); 8.8 (share)

    Arguments:
        legitimacy: [0, 1], [0, 1], +
        readiness: [0, 1], [0, 1], +
        readiness_start: [0, 1], [0, 0.95], −
        rolled_out: yes or no, [0, 1], ±
        share: of the schools that take part, [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    if not rolled_out:
        return legitimacy
    agreed = clip01((readiness - readiness_start) / max(1e-9, 1.0 - readiness_start))
    common = p.lone_legitimacy + (1.0 - p.lone_legitimacy) * share
    target = p.legitimacy_start + (1.0 - p.legitimacy_start) * agreed * common
    return clip01(legitimacy + p.legitimacy_rate * (target - legitimacy))
