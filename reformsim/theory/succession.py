"""Who comes: successors, vacancies, the bench, newcomers' practice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .equation import any_of, clip01, equation

if TYPE_CHECKING:
    from reformsim.scenario.coefficients import Politics, Succession


@equation
def insider_chance(planning: float, bench: float, p: Succession) -> float:
    """Chance that a superintendent's successor comes from inside.

    clip01(insider_base + insider_gain × planning × bench)
    Source: 1.5, judgement

    Arguments:
        planning: [0, 1], [0, 1], +
        bench: [0, 1], [0, 1], +
    Returns: probability, [0, 1]
    """
    return clip01(p.insider_base + p.insider_gain * planning * bench)


@equation
def continuity(insider: bool, planning: float, conviction: float, p: Succession) -> float:
    """How much of the agenda a superintendent's succession keeps.

    any_of(continuity_insider if insider, continuity_plan × planning,
    clip01(continuity_culture × max(0, conviction − ½)))
    Source: 8.10, 8.12 (culture holds), judgement

    Arguments:
        insider: yes or no, [0, 1], +
        planning: [0, 1], [0, 1], +
        conviction: mean of the district's leaders, [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    inside = p.continuity_insider if insider else 0.0
    culture = clip01(p.continuity_culture * max(0.0, conviction - 0.5))
    return any_of(any_of(inside, p.continuity_plan * planning), culture)


@equation
def successor_focus(continuity: float, public_focus: float, own_focus: float) -> float:
    """Learning focus of a superintendent's successor.

    continuity × public_focus + (1 − continuity) × the successor's own
    Source: judgement

    Arguments:
        continuity: [0, 1], [0, 1], ±
        public_focus: [0, 1], [0, 1], +
        own_focus: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return continuity * public_focus + (1.0 - continuity) * own_focus


@equation
def interim_focus(public_focus: float, p: Politics) -> float:
    """Learning focus of an interim superintendent: an ordinary one, without a cause of his or her own.

    min(public_focus, focus_mean)
    Source: judgement

    Arguments:
        public_focus: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return min(public_focus, p.focus_mean)


@equation
def contract_survival(
    continuity: float, protection: float, staff_conviction: float, p: Succession
) -> float:
    """Chance that a school keeps its seat in an outside contract when the superintendent leaves.

    any_of(continuity, protection, clip01(continuity_culture × max(0, staff's conviction − ½)))
    Source: 8.4 (schools of one district part ways), 8.2 (support of the staff), judgement

    Arguments:
        continuity: [0, 1], [0, 1], +
        protection: [0, 1], [0, 1], +
        staff_conviction: mean of the school's teachers, [0, 1], +
    Returns: probability, [0, 1]
    """
    commitment = clip01(p.continuity_culture * max(0.0, staff_conviction - 0.5))
    return any_of(any_of(continuity, protection), commitment)


@equation
def mean_vacancy(bench: float, need_above_mean: float, tightness: float, p: Succession) -> float:
    """Mean months a principal's seat stays empty; it is filled with chance 1 / mean each month.

    max(1, vacancy_months × (1 − vacancy_bench × bench) × max(0, 1 + vacancy_need × (need − mean))
    × (1 + tightness))
    Source: 2.15 (direction), judgement

    Arguments:
        bench: [0, 1], [0, 1], −
        need_above_mean: share of pupils, [-1, 1], +
        tightness: [0, 1], [0, 1], +
    Returns: months, [1, 200]
    """
    need = max(0.0, 1.0 + p.vacancy_need * need_above_mean)
    return max(1.0, p.vacancy_months * (1.0 - p.vacancy_bench * bench) * need * (1.0 + tightness))


@equation
def insider_ability(pipeline: float, p: Succession, ordinary: float) -> float:
    """Mean ability of a principal appointed from the bench: that of the market, or better prepared.

    clip01(ordinary + bench_lift × pipeline)
    Source: 5.9; fit 17

    Arguments:
        pipeline: [0, 1], [0, 1], +
        ordinary: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return clip01(ordinary + p.bench_lift * pipeline)


@equation
def insider_learnt(mean_practice: float, p: Succession, ordinary: float) -> float:
    """What a principal from the bench has learnt already from those who lead the district's schools.

    max(0, bench_blend × (district's mean practice − ordinary)); it fades like all that was learnt
    Source: judgement

    Arguments:
        mean_practice: [0, 1], [0, 1], +
        ordinary: [0, 1], [0, 1], −
    Returns: [0, 1], [0, 1]
    """
    return max(0.0, p.bench_blend * (mean_practice - ordinary))


@equation
def found_learnt(brought: float, carried: float, staff_conviction: float, p: Succession) -> float:
    """What a successor can do beyond his or her ability: what is brought along, or found in the school.

    max(brought, min(1, found_share × staff's conviction) × what the predecessor had learnt): ways of
    working stay with a staff that believes in them
    Source: 8.10, 8.12 (culture holds), judgement; fit 22

    Arguments:
        brought: [0, 1], [0, 1], +
        carried: learnt by the predecessor, [0, 1], +
        staff_conviction: mean of the school's teachers, [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    return max(brought, min(1.0, p.found_share * staff_conviction) * carried)


@equation
def outsider_ability(
    need_above_mean: float, tightness: float, p: Succession, ordinary: float
) -> float:
    """Mean ability of a principal hired outside: the market is thin for high-need schools.

    clip01(ordinary × max(0, 1 − thin_market × (need − mean)) × (1 − tight_quality × tightness))
    Source: 2.15, judgement

    Arguments:
        need_above_mean: share of pupils, [-1, 1], −
        tightness: [0, 1], [0, 1], −
        ordinary: [0, 1], [0, 1], +
    Returns: [0, 1], [0, 1]
    """
    thin = max(0.0, 1.0 - p.thin_market * need_above_mean)
    return clip01(ordinary * thin * (1.0 - p.tight_quality * tightness))


@equation
def novice_chance(tightness: float, p: Succession) -> float:
    """Chance that a new teacher is a novice.

    novice_share + (1 − novice_share) × tight_novices × tightness
    Source: 3.1, 3.2; the response to tightness is judgement

    Arguments:
        tightness: [0, 1], [0, 1], +
    Returns: probability, [0, 1]
    """
    return p.novice_share + (1.0 - p.novice_share) * p.tight_novices * tightness


@equation
def next_bench(
    bench: float,
    pipeline: float,
    distributed: float,
    appointments: float,
    schools: float,
    p: Succession,
) -> float:
    """Strength of the leadership pipeline a month later.

    clip01(bench + bench_rate × (target − bench) − appointments from the bench
    / (bench_needs × schools)), target =
    bench_base + (1 − bench_base) × any_of(pipeline, mean distributed leadership)
    Source: judgement; a full bench covers a year's needs

    Arguments:
        bench: [0, 1], [0, 1], +
        pipeline: [0, 1], [0, 1], +
        distributed: [0, 1], [0, 1], +
        appointments: principals, [0, 50], −
        schools: schools, [1, 200], +
    Returns: [0, 1], [0, 1]
    """
    target = p.bench_base + (1.0 - p.bench_base) * any_of(pipeline, distributed)
    drawn = appointments / (p.bench_needs * schools)
    return clip01(bench + p.bench_rate * (target - bench) - drawn)
