"""District politics: focus, progress, fatigue, capital, pushback, groundwork, readiness."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .equation import clip01, equation, follow

if TYPE_CHECKING:
    from reformsim.scenario.coefficients import Politics


@equation
def next_focus(public_focus: float, learning_focus: float, p: Politics) -> float:
    """The district's public focus a month later: it follows the superintendent's.

    moves at focus_rate to learning_focus
    Source: judgement

    Arguments:
        public_focus: [0, 1], [0, 1], +
        learning_focus: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return follow(public_focus, learning_focus, p.focus_rate)


@equation
def next_progress(
    progress: float, leadership_above_reference: float, outcome_growth: float, p: Politics
) -> float:
    """Perceived progress a month later.

    moves at progress_rate to progress_base + progress_leadership × leadership above its reference
    + progress_outcome × growth of outcomes
    Source: judgement

    Arguments:
        progress: [0, 1], [0, 1], +
        leadership_above_reference: [0, 1], [-1, 1], +
        outcome_growth: student SD a year, [-1, 1], +
    Returns: [0, 1], [0, 1]
    """
    target = (
        p.progress_base
        + p.progress_leadership * leadership_above_reference
        + p.progress_outcome * outcome_growth
    )
    return follow(progress, target, p.progress_rate)


@equation
def next_fatigue(fatigue: float, jump: float, p: Politics) -> float:
    """Initiative fatigue a month later.

    clip01(fatigue × (1 − fatigue_fade) + jump)
    Source: 1.12, judgement

    Arguments:
        fatigue: [0, 1], [0, 1], +
        jump: [0, 1], [0, 2], +
    Returns: [0, 1], [0, 1]
    """
    return clip01(fatigue * (1.0 - p.fatigue_fade) + jump)


@equation
def departure_fatigue(continuity: float, public_focus: float, p: Politics) -> float:
    """Fatigue from the agenda that a succession discards.

    fatigue_jump × (1 − continuity) × public_focus
    Source: 1.12, judgement

    Arguments:
        continuity: [0, 1], [0, 1], −
        public_focus: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 5]
    """
    return p.fatigue_jump * (1.0 - continuity) * public_focus


@equation
def rollout_fatigue(readiness: float, p: Politics) -> float:
    """Fatigue of rolling a design out before people are ready.

    launch_fatigue × (1 − readiness)
    Source: judgement

    Arguments:
        readiness: [0, 1], [0, 1], −
    Returns: [0, 1], [0, 1]
    """
    return p.launch_fatigue * (1.0 - readiness)


@equation
def pushback(equity_weight: float, need_gap: float, stress: float, groundwork: float) -> float:
    """Pushback of advantaged interests against differential investment.

    equity_weight × need gap × (1 + stress) × (1 − groundwork)
    Source: judgement (Knapp et al. 2010 describe it)

    Arguments:
        equity_weight: [0, 1], [0, 1], +
        need_gap: share of pupils, [0, 1], +
        stress: share of revenue, [0, 1], +
        groundwork: [0, 1], [0, 1], −
    Returns: –, [0, 2]
    """
    return equity_weight * need_gap * (1.0 + stress) * (1.0 - groundwork)


@equation
def next_capital(
    capital: float, progress: float, stress: float, pushback: float, p: Politics
) -> float:
    """The superintendent's political capital a month later.

    moves at capital_rate to capital_start + capital_progress × (progress − progress_base)
    − capital_cuts × stress − capital_pushback × pushback
    Source: judgement (1.5: boards, not short-term test growth)

    Arguments:
        capital: [0, 1], [0, 1], +
        progress: [0, 1], [0, 1], +
        stress: share of revenue, [0, 1], −
        pushback: –, [0, 2], −
    Returns: [0, 1], [0, 1]
    """
    target = (
        p.capital_start
        + p.capital_progress * (progress - p.progress_base)
        - p.capital_cuts * stress
        - p.capital_pushback * pushback
    )
    return follow(capital, target, p.capital_rate)


@equation
def next_groundwork(groundwork: float, work: float, public_focus: float, p: Politics) -> float:
    """Equity groundwork a month later: laid slowly, by focus.

    moves at groundwork_rate × public_focus to the work that is funded
    Source: judgement

    Arguments:
        groundwork: [0, 1], [0, 1], +
        work: [0, 1], [0, 1], +
        public_focus: [0, 1], [0, 1], ±
    Returns: [0, 1], [0, 1]
    """
    return follow(groundwork, work, p.groundwork_rate * public_focus)


@equation
def next_readiness(readiness: float, design_work: float, p: Politics) -> float:
    """Readiness for new roles a month later.

    moves at readiness_rate × design_work to 1
    Source: one district negotiated four years with its union (Knapp et al. 2010); judgement

    Arguments:
        readiness: [0, 1], [0, 1], +
        design_work: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return follow(readiness, 1.0, p.readiness_rate * design_work)


@equation
def after_loss(level: float, share: float) -> float:
    """What a dated event leaves of readiness, role legitimacy or political capital.

    level × (1 − share)
    Source: judgement (1.5: boards)

    Arguments:
        level: [0, 1], [0, 1], +
        share: share lost, [0, 1], −
    Returns: [0, 1], [0, 1]
    """
    return level * (1.0 - share)


@equation
def in_conflict(before: float, after: float) -> float:
    """Readiness or role legitimacy a month later while a conflict with the union lasts.

    min(before, after): it may fall and does not rise
    Source: judgement

    Arguments:
        before: [0, 1], [0, 1], +
        after: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return min(before, after)
