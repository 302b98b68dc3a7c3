"""Trust and wariness among leaders; embeddedness and the depth of ties among teachers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .equation import clip01, equation

if TYPE_CHECKING:
    from reformsim.scenario.coefficients import Trust

USUAL_LOSS = 0.04
"""Trust that a principal loses in an ordinary month with those who leave: some six ties with peers at a
trust of 0.4, in one of five of which a year the other leaves (2.1 to 2.3; the rest as the model has it)."""


@equation
def next_trust(trust: float, contact: float, p: Trust) -> float:
    """Trust between two leaders a month later.

    trust + trust_gain × contact × (1 − trust) − trust_fade × trust × (1 − contact)
    Source: judgement

    Arguments:
        trust: [0, 1], [0, 1], +
        contact: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    gain = p.trust_gain * contact * (1.0 - trust)
    return clip01(trust + gain - p.trust_fade * trust * (1.0 - contact))


@equation
def handed_on(trust: float, planning: float, first_trust: float, p: Trust) -> float:
    """Trust with which a planned internal successor starts.

    max(first_trust, handover × planning × trust of the predecessor)
    Source: judgement

    Arguments:
        trust: [0, 1], [0, 1], +
        planning: [0, 1], [0, 1], +
        first_trust: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return max(first_trust, p.handover * planning * trust)


@equation
def open_contact(contact: float, wariness: float, other: float) -> float:
    """What is left for trust of the contact between two leaders, if they hold back.

    contact × (1 − wariness) × (1 − other's wariness)
    Source: judgement (7.4: those who stay lose access and keep thinner ties)

    Arguments:
        contact: [0, 1], [0, 1], +
        wariness: [0, 1], [0, 1], −
        other: wariness of the other, [0, 1], −
    Returns: [0, 1], [0, 1]
    """
    return contact * (1.0 - wariness) * (1.0 - other)


@equation
def wariness_after_loss(wariness: float, trust: float, p: Trust) -> float:
    """How wary of new ties a leader is after somebody has left.

    wariness + wary_up × trust × (1 − wariness)
    Source: judgement (7.4, 7.6)

    Arguments:
        wariness: [0, 1], [0, 1], +
        trust: that there was with who left; of supervisors by the caseload, [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return clip01(wariness + p.wary_up * trust * (1.0 - wariness))


@equation
def next_wariness(wariness: float, p: Trust) -> float:
    """How wary a leader is a month later, if nobody leaves.

    wariness − wary_fade × wariness
    Source: judgement

    Arguments:
        wariness: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return clip01(wariness - p.wary_fade * wariness)


@equation
def first_wariness(tenure: float, p: Trust) -> float:
    """How wary a first principal is: as the usual losses of the months in post would have it.

    rise / (rise + wary_fade) × (1 − (1 − rise − wary_fade) ^ tenure), rise = wary_up × USUAL_LOSS
    Source: judgement (what wariness_after_loss and next_wariness come to)

    Arguments:
        tenure: months, [0, 600], +
    Returns: [0, 1], [0, 1]
    """
    rise = p.wary_up * USUAL_LOSS
    pace = min(1.0, rise + p.wary_fade)
    if pace <= 0.0:
        return 0.0
    return float(clip01(rise / pace * (1.0 - (1.0 - pace) ** tenure)))


@equation
def next_embeddedness(embeddedness: float, p: Trust) -> float:
    """How rooted a teacher is in colleagues' advice, a month later.

    embeddedness + embed_rate × (1 − embeddedness)
    Source: judgement (7.7: strong ties take years)

    Arguments:
        embeddedness: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return clip01(embeddedness + p.embed_rate * (1.0 - embeddedness))


@equation
def next_depth(depth: float, leadership: float, strain: float, p: Trust) -> float:
    """Depth of a tie between a teacher and a colleague who is asked, a quarter later.

    clip01(depth + (tie_deepen × leadership × (1 − depth) − tie_thin × strain × depth) / 4)
    Source: judgement (7.7: use and time for it deepen ties; strain thins them)

    Arguments:
        depth: [0, 1], [0, 1], +
        leadership: in the school, [0, 1], +
        strain: of the one who asks, [0, 1], −
    Returns: [0, 1], [0, 1]
    """
    deepens = p.tie_deepen * leadership * (1.0 - depth)
    return clip01(depth + (deepens - p.tie_thin * strain * depth) / 4.0)


@equation
def chance_given_up(depth: float, p: Trust) -> float:
    """Chance that a teacher gives up the least deep tie with a colleague, in July.

    tie_change × (1 − depth)
    Source: judgement

    Arguments:
        depth: [0, 1], [0, 1], −
    Returns: chance a year, [0, 1]
    """
    return p.tie_change * (1.0 - depth)
