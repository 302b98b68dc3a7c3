"""Schools that take part in a design, and what is delivered to them and to the others."""

from __future__ import annotations

from .equation import equation

BY_NEED, BY_READINESS = 0, 1
"""Ways to choose who comes first, in the order of `reformsim.scenario.adoption.WAYS_TO_CHOOSE`."""


@equation
def schools_taking_part(participation: float, schools: float, willing: float) -> float:
    """How many schools take part: the share that a design asks for, of those that are willing.

    min(willing, participation × schools, rounded), at least one if participation is above 0
    Source: judgement (pilots in some schools first: Knapp et al. 2010 describe them)

    Arguments:
        participation: share of schools, [0, 1], +
        schools: schools, [1, 200], +
        willing: schools, [0, 200], +
    Returns: schools, [0, 200]
    """
    wanted = float(int(participation * schools + 0.5))
    if participation > 0.0 and wanted < 1.0:
        wanted = 1.0
    return min(willing, wanted)


@equation
def priority(chosen_by: int, need_above_mean: float, conviction: float, draw: float) -> float:
    """By what schools are put in order at the launch, the highest first.

    need above the mean; or, by readiness, mean conviction of the principal and of the teachers; or a
    draw
    Source: judgement

    Arguments:
        chosen_by: 0 need, 1 readiness, 2 chance, [0, 2], ±
        need_above_mean: share of pupils, [-1, 1], +
        conviction: [0, 1], [0, 1], +
        draw: [0, 1], [0, 1], +
    Returns: –, [-1, 1]
    """
    if chosen_by == BY_NEED:
        return need_above_mean
    return conviction if chosen_by == BY_READINESS else draw


@equation
def in_part(baseline: float, design: float, share: float) -> float:
    """What a design comes to in the district if a share of the schools has it.

    baseline + (design − baseline) × share
    Source: definition

    Arguments:
        baseline: unit of the lever, [0, 100], ±
        design: unit of the lever, [0, 100], +
        share: of schools, [0, 1], ±
    Returns: unit of the lever, [0, 100]
    """
    if share == 1.0:  # not a rounding step beside it
        return design
    return baseline + (design - baseline) * share


@equation
def posts_for_school(posts: float, of_school: float, of_district: float) -> float:
    """What a supervisor's post comes to for a school: more time where the design pays for more.

    posts × of_school / of_district
    Source: judgement

    Arguments:
        posts: full-time equivalents, [0, 2], +
        of_school: posts if the district were like this school, [0.1, 50], +
        of_district: posts in the district, [0.1, 50], −
    Returns: full-time equivalents, [0, 1000]
    """
    return posts * (of_school / of_district) if of_district > 0.0 else posts
