"""The July budget: the support line, its protection and cuts, and what is delivered for it.

Money is in dollars per pupil a year at the price level of the launch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .equation import clip01, equation

if TYPE_CHECKING:
    from reformsim.scenario.coefficients import Budget


ROUNDING = 1e-9
"""Keeps a share like 0.15 × 40 from losing a whole person to rounding."""
NOTED_CUT = 0.01
"""Smallest share of the support line whose loss is noted as a cut; less is ordinary variation."""


@equation
def protection(lever: float, public_focus: float, progress: float, p: Budget) -> float:
    """How well the support line is protected: a district that has made its case protects it.

    clip01(2 × lever × protect_weight × public_focus × (½ + perceived progress))
    Source: judgement

    Arguments:
        lever: [0, 1], [0, 1], +
        public_focus: [0, 1], [0, 1], +
        progress: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return clip01(2.0 * lever * p.protect_weight * public_focus * (0.5 + progress))


@equation
def planned_line(
    line: float,
    baseline: float,
    design: float,
    learning_focus: float,
    readiness: float,
    stress: float,
    protection: float,
    budget: float,
    p: Budget,
) -> float:
    """The support line a plan asks for: towards the design, by reallocation.

    target = (baseline + (design − baseline) × learning_focus × readiness) × (1 − stress); the line
    moves up by at most reallocation_rate × budget, down by at most twice that × (1 − protection)
    Source: judgement (6.19: lines are moved, not added)

    Arguments:
        line: $ per pupil, [0, 500], +
        baseline: $ per pupil, [0, 300], +
        design: $ per pupil, [0, 500], +
        learning_focus: [0, 1], [0, 1], ±
        readiness: [0, 1], [0, 1], ±
        stress: share of revenue, [0, 1], −
        protection: [0, 1], [0, 1], +
        budget: $ per pupil, [5000, 30000], ±
    Returns: $ per pupil, [0, 700]
    """
    target = (baseline + (design - baseline) * learning_focus * readiness) * (1.0 - stress)
    step = p.reallocation_rate * budget
    lowest = line - 2.0 * step * (1.0 - protection)
    return max(0.0, min(line + step, max(lowest, target)))


@equation
def cut_line(line: float, stress_rise: float, protection: float, p: Budget) -> float:
    """The line after this year's cut: support is the easy target.

    line × (1 − clip01(rise of stress since last July × (1 + cut_bias × (1 − protection))))
    Source: 6.10, 6.19 (cut first); fit 21

    Arguments:
        line: $ per pupil, [0, 500], +
        stress_rise: share of revenue, [0, 1], −
        protection: [0, 1], [0, 1], +
    Returns: $ per pupil, [0, 500]
    """
    return line * (1.0 - clip01(stress_rise * (1.0 + p.cut_bias * (1.0 - protection))))


@equation
def reach(line: float, baseline: float, design: float) -> float:
    """How far the way from baseline to design is funded.

    clip01((line − baseline) / (design − baseline)); 1 where the two cost the same
    Source: definition

    Arguments:
        line: $ per pupil, [0, 500], ±
        baseline: $ per pupil, [0, 500], ±
        design: $ per pupil, [0, 500], ±
    Returns: share, [0, 1]
    """
    gap = design - baseline
    if gap == 0.0:
        return 1.0
    return clip01((line - baseline) / gap)


@equation
def cover(line: float, baseline: float, design: float) -> float:
    """How far a line covers the cheaper of baseline and design.

    min(1, line / min(baseline, design)); 1 where that costs nothing
    Source: definition

    Arguments:
        line: $ per pupil, [0, 500], +
        baseline: $ per pupil, [0, 500], −
        design: $ per pupil, [0, 500], −
    Returns: share, [0, 1]
    """
    least = min(baseline, design)
    if least <= 0.0:
        return 1.0
    return min(1.0, line / least)


@equation
def delivered(baseline: float, design: float, reach: float, cover: float) -> float:
    """The level at which a funded lever is delivered.

    (baseline + (design − baseline) × reach) × cover
    Source: definition

    Arguments:
        baseline: unit of the lever, [0, 100], +
        design: unit of the lever, [0, 100], +
        reach: share, [0, 1], ±
        cover: share, [0, 1], +
    Returns: unit of the lever, [0, 100]
    """
    return (baseline + (design - baseline) * reach) * cover
