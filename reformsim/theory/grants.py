"""Grants: money with a date, beside the district's own support line.

Money is in dollars per pupil a year at the price level of the launch.
"""

from __future__ import annotations

from .equation import clip01, equation


@equation
def grant_in_force(elapsed: int, dollars: float, months: int, taper_years: int) -> float:
    """What a grant pays some months after it began.

    0 before; dollars for `months`; then less by dollars / (taper_years + 1) in each of taper_years
    years; then 0
    Source: judgement (equal steps)

    Arguments:
        elapsed: months since it began, [-50, 300], ±
        dollars: $ per pupil a year, [0, 500], +
        months: months, [1, 120], +
        taper_years: years, [0, 10], +
    Returns: $ per pupil a year, [0, 500]
    """
    if elapsed < 0:
        return 0.0
    if elapsed < months:
        return dollars
    steps = (elapsed - months) // 12 + 1
    if steps > taper_years:
        return 0.0
    return dollars * (taper_years + 1 - steps) / (taper_years + 1)


@equation
def shortfall(level: float, design: float) -> float:
    """What a lever lacks of its design.

    max(0, design − level)
    Source: definition

    Arguments:
        level: unit of the lever, [0, 100], −
        design: unit of the lever, [0, 100], +
    Returns: unit of the lever, [0, 100]
    """
    return max(0.0, design - level)


@equation
def grant_share(dollars: float, gap: float) -> float:
    """Share of what its lines lack that a grant fills, the same of each line.

    clip01(dollars / gap); 0 where nothing is lacking
    Source: judgement (alike)

    Arguments:
        dollars: in force, $ per pupil a year, [0, 500], +
        gap: cost of what is lacking, $ per pupil a year, [0, 500], ±
    Returns: share, [0, 1]
    """
    if gap <= 0.0:
        return 0.0
    return clip01(dollars / gap)


@equation
def grant_spent(dollars: float, gap: float) -> float:
    """What is spent of a grant: all of it, or what there is to pay for.

    min(dollars, gap)
    Source: definition

    Arguments:
        dollars: in force, $ per pupil a year, [0, 500], +
        gap: cost of what is lacking, $ per pupil a year, [0, 500], +
    Returns: $ per pupil a year, [0, 500]
    """
    return min(dollars, gap)


@equation
def own_design_cost(design: float, baseline: float, standing_in: float) -> float:
    """What the district's own line moves towards while grants stand in for a part of it.

    min(design, max(baseline, design − standing_in))
    Source: judgement (a district may move less of its own while others pay)

    Arguments:
        design: $ per pupil a year, [0, 500], +
        baseline: $ per pupil a year, [0, 500], +
        standing_in: Σ stands_in × grant in force, $ per pupil a year, [0, 500], −
    Returns: $ per pupil a year, [0, 500]
    """
    return min(design, max(baseline, design - standing_in))


@equation
def own_level(level: float, granted: float) -> float:
    """What the district's own line pays of a lever that grants add to.

    max(0, level − granted)
    Source: definition

    Arguments:
        level: unit of the lever, [0, 100], +
        granted: unit of the lever, [0, 100], −
    Returns: unit of the lever, [0, 100]
    """
    return max(0.0, level - granted)
