"""How practice grows and is lost: everybody learns along ties from those who do better.

Practice is a person's own ability and what was learnt from others. A tie teaches as far as the other
does better, in proportion to its depth, and never makes anybody worse; what was learnt fades. The kinds
of tie have a rate each, the same for teachers, principals and the central office.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .equation import clip01, equation, sat

if TYPE_CHECKING:
    from reformsim.scenario.coefficients import Learning, Support


@equation
def along_tie(depth: float, practice: float, present: float) -> float:
    """What a tie has to teach: what the other does better, as far as the tie is deep.

    depth × max(0, practice − present)
    Source: 7.16 (a less effective colleague does no harm), 7.15, 7.7

    Arguments:
        depth: [0, 1], [0, 1], +
        practice: of the one who gives, [0, 1], +
        present: practice of the one who learns, [0, 1], −
    Returns: [0, 1], [0, 1]
    """
    return depth * max(0.0, practice - present)


@equation
def from_colleagues(
    embeddedness: float, asked: float, team: float, helped: float, p: Learning
) -> float:
    """What a teacher's colleagues have to teach in a year.

    asked_rate × asked + embeddedness × team_rate × team + help_rate × helped, each a sum over ties:
    with those who are asked, as deep as the tie; with the grade team, as deep as the other's
    embeddedness; and with teacher leaders among both, as deep as the role
    Source: 7.16 (team), 7.15 (help), 7.7, 7.12, 7.13 (asked)

    Arguments:
        embeddedness: [0, 1], [0, 1], +
        asked: sum over ties, [0, 10], +
        team: sum over ties, [0, 10], +
        helped: sum over ties, [0, 10], +
    Returns: a year, [0, 1000]
    """
    return p.asked_rate * asked + embeddedness * p.team_rate * team + p.help_rate * helped


@equation
def teacher_sources(
    practice: float,
    colleagues: float,
    guidance: float,
    coaching: float,
    coaches_level: float,
    p: Learning,
) -> float:
    """All that a teacher can learn from in a year: colleagues, the head's guidance, coaches.

    colleagues + lead_rate × max(0, guidance − practice)
    + help_rate × coaching × max(0, coaches_level − practice)
    Source: 5.6 (coaches), judgement (leadership; 2.17)

    Arguments:
        practice: [0, 1], [0, 1], −
        colleagues: a year, [0, 100], +
        guidance: [0, 1], [0, 1], +
        coaching: dosage, [0, 1], +
        coaches_level: practice of the coaches, [0, 1], +
    Returns: a year, [0, 1000]
    """
    led = along_tie(1.0, guidance, practice)
    return (
        colleagues + p.lead_rate * led + p.help_rate * along_tie(coaching, coaches_level, practice)
    )


@equation
def coach_depth(hours: float, trust: float, p: Support) -> float:
    """Depth of a principal's tie with a mentor or an outside coach.

    sat(hours, contact_half) × trust
    Source: as contact

    Arguments:
        hours: a month, [0, 100], +
        trust: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return sat(hours, p.contact_half) * trust


@equation
def principal_sources(helped: float, cohort: float, asked: float, p: Learning) -> float:
    """All that a principal can learn from in a year.

    help_rate × helped + team_rate × cohort + asked_rate × asked, sums over ties: with the supervisor,
    mentor, outside coach and training; with each principal of the cohort; and with each peer of choice
    Source: form 7.7, 7.15; judgement (the rates of teachers)

    Arguments:
        helped: sum over ties, [0, 4], +
        cohort: sum over ties, [0, 10], +
        asked: sum over ties, [0, 4], +
    Returns: a year, [0, 1000]
    """
    return p.help_rate * helped + p.team_rate * cohort + p.asked_rate * asked


@equation
def central_sources(focus: float, unit: float, principals: float, p: Learning) -> float:
    """All that a supervisor can learn from in a year.

    lead_rate × focus + team_rate × unit + help_rate × principals: what the superintendent's priority
    asks for beyond the own practice; the mean over colleagues of the unit, as deep as that priority;
    the mean over the principals of the caseload, as deep as trust × contact
    Source: 5.13–5.16 (without priority they are drawn into operations); judgement (rates of teachers)

    Arguments:
        focus: along that tie, [0, 1], +
        unit: mean along ties, [0, 1], +
        principals: mean along ties, [0, 1], +
    Returns: a year, [0, 1000]
    """
    return p.lead_rate * focus + p.team_rate * unit + p.help_rate * principals


@equation
def engagement(conviction: float, strain: float, time: float) -> float:
    """How far somebody takes part in learning: conviction, a clear head, and for heads the time.

    conviction × (1 − strain) × time
    Source: judgement (8.5, 9.1)

    Arguments:
        conviction: [0, 1], [0, 1], +
        strain: [0, 1], [0, 1], −
        time: × ordinary, [0, 2], +
    Returns: × a year, [0, 2]
    """
    return conviction * (1.0 - strain) * time


@equation
def next_learnt(learnt: float, sources: float, engagement: float, p: Learning) -> float:
    """What somebody has learnt from others, a month later: more from every better tie, less by fading.

    clip01(learnt + (engagement × sources − unlearn_rate × learnt) / 12)
    Source: 7.15 (a gain that lasts into the next year), 11.17 (slow loss), fit 14

    Arguments:
        learnt: [0, 1], [0, 1], +
        sources: a year, [0, 100], +
        engagement: × a year, [0, 2], +
    Returns: [0, 1], [0, 1]
    """
    return clip01(learnt + (engagement * sources - p.unlearn_rate * learnt) / 12.0)


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
def leader_practice(ability: float, learnt: float) -> float:
    """Practice of a principal or a member of the central office.

    clip01(ability + learnt)
    Source: definition

    Arguments:
        ability: [0, 1], [0, 1], +
        learnt: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return clip01(ability + learnt)


@equation
def teacher_practice(ability: float, learnt: float, experience: float, p: Learning) -> float:
    """Practice of a teacher: a beginner lacks something that comes with the years by itself.

    clip01(ability + learnt − novice_gap × novice)
    Source: definition; 3.2 (beginners)

    Arguments:
        ability: [0, 1], [0, 1], +
        learnt: [0, 1], [0, 1], +
        experience: career months, [0, 600], +
    Returns: [0, 1], [0, 1]
    """
    return clip01(ability + learnt - p.novice_gap * novice(experience, p))
