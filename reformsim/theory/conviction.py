"""Conviction: it moves to what people see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .equation import equation, follow

if TYPE_CHECKING:
    from reformsim.scenario.coefficients import Conviction


@equation
def next_conviction(
    conviction: float,
    intercept: float,
    public_focus: float,
    support: float,
    peers: float,
    progress_above_base: float,
    fatigue: float,
    p: Conviction,
) -> float:
    """Conviction a month later; leaders see support, teachers see leadership.

    moves at conv_rate to intercept + a_focus × public_focus + a_support × support + a_peer × peers
    + a_progress × progress above base − a_fatigue × fatigue
    Source: 1.12 (fatigue), 7.12 (peers), judgement (weights small, or it runs away)

    Arguments:
        conviction: [0, 1], [0, 1], +
        intercept: –, [-1, 1], +
        public_focus: [0, 1], [0, 1], +
        support: [0, 1], [0, 1], +
        peers: [0, 1], [0, 1], +
        progress_above_base: –, [-1, 1], +
        fatigue: [0, 1], [0, 1], −
    Returns: [0, 1], [0, 1]
    """
    signal = (
        intercept
        + p.a_focus * public_focus
        + p.a_support * support
        + p.a_peer * peers
        + p.a_progress * progress_above_base
        - p.a_fatigue * fatigue
    )
    return follow(conviction, signal, p.conv_rate)
