"""How practice grows and is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .equation import any_of, clip01, equation

if TYPE_CHECKING:
    from reformsim.scenario.coefficients import Learning


@equation
def principal_practice(
    practice: float, support: float, conviction: float, strain: float, p: Learning
) -> float:
    """A principal's practice a month later.

    growth = principal_learning × support^support_power × conviction × (1 − strain) × (1 − practice)
    loss = principal_forgetting × max(0, practice − entry_practice) × (1 − support)
    × (1 − conviction)
    Source: form judgement (7.7, 8.5), fit 16, 17, 22

    Arguments:
        practice: [0, 1], [0, 1], ±
        support: [0, 1], [0, 1], +
        conviction: [0, 1], [0, 1], +
        strain: [0, 1], [0, 1], −
    Returns: [0, 1], [0, 1]
    """
    growth = (
        p.principal_learning
        * support**p.support_power
        * conviction
        * (1.0 - strain)
        * (1.0 - practice)
    )
    above = max(0.0, practice - p.entry_practice)
    loss = p.principal_forgetting * above * (1.0 - support) * (1.0 - conviction)
    return clip01(practice + growth - loss)


@equation
def central_drive(public_focus: float, community: float, partnership: float) -> float:
    """What leadership-support staff learn from: each other and principals, where it is a priority.

    public_focus × any_of(community, partnership)
    Source: 5.13–5.16 (without priority they are drawn into operations); the form is judgement

    Arguments:
        public_focus: [0, 1], [0, 1], +
        community: [0, 1], [0, 1], +
        partnership: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return public_focus * any_of(community, partnership)


@equation
def central_practice(
    practice: float, drive: float, conviction: float, strain: float, p: Learning
) -> float:
    """Practice of leadership-support staff a month later.

    growth = central_learning × drive × conviction × (1 − strain) × (1 − practice)
    loss = central_forgetting × practice × (1 − drive)
    Source: judgement; fit to a stationary status quo

    Arguments:
        practice: [0, 1], [0, 1], +
        drive: [0, 1], [0, 1], +
        conviction: [0, 1], [0, 1], +
        strain: [0, 1], [0, 1], −
    Returns: [0, 1], [0, 1]
    """
    growth = p.central_learning * drive * conviction * (1.0 - strain) * (1.0 - practice)
    return clip01(practice + growth - p.central_forgetting * practice * (1.0 - drive))


@equation
def novice(experience: float, p: Learning) -> float:
    """How much of a beginner a teacher still is.

    max(0, 1 − experience / novice_months)
    Source: judgement; 3.2 for the span of years

    Arguments:
        experience: career months, [0, 600], −
    Returns: [0, 1], [0, 1]
    """
    return max(0.0, 1.0 - experience / p.novice_months)


@equation
def teacher_practice(
    practice: float,
    guidance: float,
    advice: float,
    coaching: float,
    embeddedness: float,
    experience: float,
    conviction: float,
    strain: float,
    p: Learning,
) -> float:
    """A teacher's practice a month later.

    growth = teacher_learning × conviction × (1 − strain) × (1 − practice) × (guidance
    + w_advice × embeddedness × max(0, advice − practice) + w_coach × coaching + w_novice × novice)
    loss = teacher_forgetting × practice × (1 − guidance) × (1 − embeddedness × advice)
    Source: 5.6, 7.7, 7.12, 7.13 (what teachers learn from), 11.17 (slow loss), fit 9, 12, 14

    Arguments:
        practice: [0, 1], [0, 1], +
        guidance: [0, 1], [0, 1], +
        advice: [0, 1], [0, 1], +
        coaching: [0, 1], [0, 1], +
        embeddedness: [0, 1], [0, 1], +
        experience: career months, [0, 600], −
        conviction: [0, 1], [0, 1], +
        strain: [0, 1], [0, 1], −
    Returns: [0, 1], [0, 1]
    """
    sources = (
        guidance
        + p.w_advice * embeddedness * max(0.0, advice - practice)
        + p.w_coach * coaching
        + p.w_novice * novice(experience, p)
    )
    growth = p.teacher_learning * conviction * (1.0 - strain) * (1.0 - practice) * sources
    loss = p.teacher_forgetting * practice * (1.0 - guidance) * (1.0 - embeddedness * advice)
    return clip01(practice + growth - loss)
