"""The July budget: the support line, its protection and cuts, and what is delivered for it.

Money is in dollars per pupil a year at the price level of the launch.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .equation import any_of, clip01, equation

if TYPE_CHECKING:
    from reformsim.scenario.coefficients import Budget


ROUNDING = 1e-9
"""Keeps a share like 0.15 × 40 from losing a whole person to rounding."""
NOTICED_GAP = 0.005
"""Shortfall from which lines are chosen for cuts; less is ordinary variation (judgement)."""
NOTED_CUT = 0.01
"""Smallest share of the support line whose loss is noted as a cut; less is ordinary variation."""


@equation
def protection(
    lever: float, public_focus: float, capital: float, interim: bool, p: Budget
) -> float:
    """How well the support line is protected: by a superintendent who can afford to say no.

    clip01(2 × lever × protect_weight × public_focus × (¼ + political capital)); 0 under an interim
    Source: judgement (6.10, 6.19: what is cut first is a choice)

    Arguments:
        lever: [0, 1], [0, 1], +
        public_focus: [0, 1], [0, 1], +
        capital: [0, 1], [0, 1], +
        interim: yes or no, [0, 1], −
    Returns: [0, 1], [0, 1]
    """
    if interim:
        return 0.0
    return clip01(2.0 * lever * p.protect_weight * public_focus * (0.25 + capital))


@equation
def first_reserves(z: float, p: Budget) -> float:
    """Reserves that a district can spend freely: they differ widely, and lastingly.

    reserves_median × exp(reserves_spread × z)
    Source: 6.20 (of 500 districts 60 % hold less than 8 % of a year's budget, one in twenty none)

    Arguments:
        z: standard normal, [-4, 4], +
    Returns: share of a year's revenue, [0, 100]
    """
    return p.reserves_median * math.exp(p.reserves_spread * z)


@equation
def drawn_reserves(reserves: float, stress: float, p: Budget) -> float:
    """Reserves that fill the gap of a year: a part of them at most, so that some are left.

    min(stress, reserves_use × reserves)
    Source: 6.7 (three in ten districts did not cut), judgement

    Arguments:
        reserves: share of revenue, [0, 1], +
        stress: share of revenue, [0, 1], +
    Returns: share of revenue, [0, 1]
    """
    return min(stress, p.reserves_use * reserves)


@equation
def next_reserves(reserves: float, drawn: float, usual: float, p: Budget) -> float:
    """Reserves a year later: what was drawn is gone, and they are built up to their usual level.

    max(0, reserves − drawn + reserves_rebuild × max(0, usual − reserves))
    Source: judgement

    Arguments:
        reserves: share of revenue, [0, 1], +
        drawn: share of revenue, [0, 1], −
        usual: share of revenue, [0, 1], +
    Returns: share of revenue, [0, 2]
    """
    return max(0.0, reserves - drawn + p.reserves_rebuild * max(0.0, usual - reserves))


@equation
def current_spending(budget: float, on_trend: float, gap: float) -> float:
    """What a district spends in a year on everything.

    budget × trend × (1 − gap)
    Source: definition; 6.12 (the budget)

    Arguments:
        budget: $ per pupil, [5000, 30000], +
        on_trend: × revenue at the launch, [0.3, 3], +
        gap: share of revenue, [0, 1], −
    Returns: $ per pupil, [0, 90000]
    """
    return budget * on_trend * (1.0 - gap)


@equation
def budget_line(
    share: float, support: float, baseline: float, budget: float, spending: float
) -> float:
    """A line of the budget: its usual share of what leadership support leaves to all lines.

    share × max(0, spending − support) × budget / max(1, budget − baseline): what a strategy costs
    beyond the baseline is taken from every line alike
    Source: 6.12, 6.13 (shares); judgement (alike)

    Arguments:
        share: of the budget, [0, 1], +
        support: $ per pupil, [0, 500], −
        baseline: $ per pupil, [0, 300], ±
        budget: $ per pupil, [5000, 30000], ±
        spending: $ per pupil, [5000, 30000], +
    Returns: $ per pupil, [0, 40000]
    """
    return share * max(0.0, spending - support) * budget / max(1.0, budget - baseline)


@equation
def backing(learning_focus: float, legitimacy: float, legitimacy_start: float) -> float:
    """What moves money to a design: a superintendent's focus, or roles that have taken root.

    any_of(learning_focus, max(0, legitimacy − legitimacy_start) / (1 − legitimacy_start))
    Source: 8.10, 8.12 (what is built into roles outlives people); form judgement

    Arguments:
        learning_focus: [0, 1], [0, 1], +
        legitimacy: [0, 1], [0, 1], +
        legitimacy_start: [0, 1], [0, 0.95], −
    Returns: [0, 1], [0, 1]
    """
    rooted = max(0.0, legitimacy - legitimacy_start) / max(1e-9, 1.0 - legitimacy_start)
    return any_of(learning_focus, rooted)


@equation
def felt_gap(gap: float, spared: bool) -> float:
    """The shortfall that the support line feels: lines are chosen, and one that is spared feels none.

    0 if the line is spared, else the gap
    Source: 6.10 (four in ten districts spare professional development)

    Arguments:
        gap: share of revenue, [0, 1], +
        spared: yes or no, [0, 1], −
    Returns: share of revenue, [0, 1]
    """
    return 0.0 if spared else gap


@equation
def planned_line(
    line: float,
    baseline: float,
    design: float,
    backing: float,
    readiness: float,
    gap: float,
    protection: float,
    budget: float,
    p: Budget,
) -> float:
    """The support line a plan asks for: towards the design, by reallocation.

    target = (baseline + (design − baseline) × backing × readiness) × (1 − gap); the line
    moves up by at most reallocation_rate × budget, down by at most twice that × (1 − protection)
    Source: judgement (6.19: lines are moved, not added)

    Arguments:
        line: $ per pupil, [0, 500], +
        baseline: $ per pupil, [0, 300], +
        design: $ per pupil, [0, 500], +
        backing: [0, 1], [0, 1], ±
        readiness: [0, 1], [0, 1], ±
        gap: share of revenue, [0, 1], −
        protection: [0, 1], [0, 1], +
        budget: $ per pupil, [5000, 30000], ±
    Returns: $ per pupil, [0, 700]
    """
    target = (baseline + (design - baseline) * backing * readiness) * (1.0 - gap)
    step = p.reallocation_rate * budget
    lowest = line - 2.0 * step * (1.0 - protection)
    return max(0.0, min(line + step, max(lowest, target)))


@equation
def cut_line(line: float, gap_rise: float, p: Budget) -> float:
    """The line after this year's cut: support is the easy target where it is not spared.

    line × (1 − clip01(rise of the felt gap since last July × (1 + cut_bias)))
    Source: 6.10, 6.19 (cut first); fit 21

    Arguments:
        line: $ per pupil, [0, 500], +
        gap_rise: share of revenue, [0, 1], −
    Returns: $ per pupil, [0, 500]
    """
    return line * (1.0 - clip01(gap_rise * (1.0 + p.cut_bias)))


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
def hold(line: float, baseline: float, committed: float) -> float:
    """How much is held of what a plan had delivered when its design last changed.

    clip01((line − baseline) / (committed − baseline)); 1 where that costs no more than the baseline
    Source: judgement (what came last goes first)

    Arguments:
        line: $ per pupil, [0, 500], +
        baseline: $ per pupil, [0, 500], ±
        committed: $ per pupil, [0, 500], ±
    Returns: share, [0, 1]
    """
    if committed <= baseline:
        return 1.0
    return clip01((line - baseline) / (committed - baseline))


@equation
def kept(level: float, design: float) -> float:
    """What a plan keeps of what is there when its design changes: all but what it gives up.

    min(level, design)
    Source: definition

    Arguments:
        level: unit of the lever, [0, 100], +
        design: unit of the lever, [0, 100], +
    Returns: unit of the lever, [0, 100]
    """
    return min(level, design)


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
