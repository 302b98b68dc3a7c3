"""Coefficients of the system: politics, budget, turnover, succession, and what levers cost."""

from __future__ import annotations

from functools import partial

from ..parameters import Kind, Section, declare

# A table, one parameter in two or three lines, so the formatter keeps away.
# fmt: off


_politics = partial(declare, Kind.COEFFICIENT, "politics")


class Politics(Section):
    """Focus, progress, fatigue, capital, readiness."""

    focus_mean: float = _politics(0.4, "[0, 1]", (0, 1),
        "Mean learning focus of a new superintendent", "judgement", plausible=(0.3, 0.5))
    focus_sd: float = _politics(0.15, "[0, 1]", (0, 0.5),
        "Standard deviation of that focus", "judgement")
    focus_rate: float = _politics(0.06, "a month", (0, 1),
        "Speed at which public focus follows the superintendent's",
        "judgement", plausible=(0.03, 0.1))
    progress_base: float = _politics(0.3, "[0, 1]", (0, 1),
        "Perceived progress where nothing is new", "judgement")
    progress_rate: float = _politics(0.08, "a month", (0, 1),
        "Speed of perceived progress", "judgement")
    progress_leadership: float = _politics(1.0, "per unit of leadership", (0, 10),
        "Weight of leadership above its reference", "judgement", plausible=(0.5, 1.5))
    progress_outcome: float = _politics(3.0, "per student SD a year", (0, 20),
        "Weight of the growth of outcomes", "judgement")
    fatigue_jump: float = _politics(1.2, "per unit of agenda", (0, 5),
        "Initiative fatigue per unit of agenda discarded at a succession",
        "judgement (1.12)", plausible=(0.6, 1.8))
    fatigue_fade: float = _politics(0.03, "a month", (0, 1),
        "Fading of initiative fatigue (33 months)", "judgement", plausible=(0.02, 0.05))
    launch_fatigue: float = _politics(0.2, "[0, 1]", (0, 1),
        "Initiative fatigue of a roll-out at no readiness", "judgement")
    capital_start: float = _politics(0.55, "[0, 1]", (0, 1),
        "Political capital of a new superintendent, and its ordinary level", "judgement")
    capital_rate: float = _politics(0.06, "a month", (0, 1),
        "Speed of political capital", "judgement")
    capital_progress: float = _politics(0.6, "–", (0, 5),
        "Weight of perceived progress above its base", "judgement")
    capital_cuts: float = _politics(2.0, "per unit of stress", (0, 20),
        "Weight of the pain of cuts", "judgement")
    capital_pushback: float = _politics(0.6, "–", (0, 5),
        "Weight of pushback", "judgement")
    groundwork_rate: float = _politics(0.03, "a month", (0, 1),
        "Speed of equity groundwork at full public focus", "judgement", plausible=(0.015, 0.05))
    readiness_start: float = _politics(0.3, "[0, 1]", (0, 1),
        "Readiness before design work", "judgement", plausible=(0.1, 0.5))
    readiness_rate: float = _politics(0.035, "a month", (0, 1),
        "Rise of readiness at full design work (e-folding in 29 months)",
        "four years to agree new roles with a union, Knapp et al. 2010", plausible=(0.02, 0.06))

_budget = partial(declare, Kind.COEFFICIENT, "budget")


class Budget(Section):
    """The July budget."""

    reallocation_rate: float = _budget(0.003, "share of budget a year", (0, 1),
        "Largest yearly move of the support line", "judgement")
    cut_bias: float = _budget(2.0, "–", (0, 10),
        "How much harder than the rest a support line is cut that is not spared",
        "fit 21 (6.10, 6.19)", plausible=(1, 3))
    protect_weight: float = _budget(0.6, "–", (0, 2),
        "Scale of protection", "fit 21 (6.10)", plausible=(0.4, 0.9))
    revenue_noise: float = _budget(0.012, "share of revenue", (0, 0.1),
        "Standard deviation of ordinary revenue between years", "6.6")
    revenue_memory: float = _budget(0.5, "–", (0, 0.95),
        "Autocorrelation of ordinary revenue from year to year", "judgement")
    reserves_median: float = _budget(0.07, "share of a year's budget", (0, 2),
        "Reserves that half of all districts exceed", "6.20", plausible=(0.03, 0.12))
    reserves_spread: float = _budget(0.7, "log SD", (0, 2),
        "Lasting differences between districts in reserves", "6.20", plausible=(0.4, 1))
    reserves_use: float = _budget(0.5, "share", (0, 1),
        "Part of its reserves that a district spends in a year at most",
        "judgement", plausible=(0.25, 1))
    reserves_rebuild: float = _budget(0.2, "share a year", (0, 1),
        "Part of missing reserves that is built up again in a year", "judgement")
    instructional_support_share: float = _budget(0.05, "share of budget", (0, 1),
        "Instructional-staff support, of which leadership support is a part",
        "6.12, 6.13")
    administration_share: float = _budget(0.071, "share of budget", (0, 1),
        "General and school administration", "6.12, 6.13")

_turnover = partial(declare, Kind.COEFFICIENT, "turnover")


class Turnover(Section):
    """Who leaves. Hazards are yearly."""

    super_hazard: float = _turnover(0.145, "a year", (0, 3),
        "Hazard of a superintendent new in post", "1.16; fit 1, 2", plausible=(0.12, 0.17))
    super_ageing: float = _turnover(0.007, "a year per year in post", (0, 0.2),
        "Rise of that hazard with years in post", "1.16; fit 2", plausible=(0, 0.012))
    interim_share: float = _turnover(0.05, "share", (0, 1),
        "Departures of superintendents after which an interim keeps the seat until June",
        "judgement; 1.16 (first-year peak)", plausible=(0.02, 0.1))
    super_frailty: float = _turnover(0.22, "log SD", (0, 2),
        "Lasting differences between districts in superintendents' hazard",
        "judgement (1.18)", plausible=(0, 0.35))
    super_capital: float = _turnover(1.5, "per unit", (0, 10),
        "Response of that hazard to lack of political capital", "judgement")
    super_stress: float = _turnover(4.0, "per unit", (0, 50),
        "Response of that hazard to fiscal stress", "judgement", plausible=(0, 8))
    principal_hazard: float = _turnover(0.185, "a year", (0, 3),
        "Base hazard of principals' leaving", "calibrated to 3 (2.1-2.6)", plausible=(0.16, 0.22))
    p_isolation: float = _turnover(3.5, "per unit", (0, 20),
        "Response to isolation", "fit 18 (9.4)", plausible=(2, 5))
    p_strain: float = _turnover(1.0, "per unit", (0, 20),
        "Response to strain", "judgement")
    p_weak: float = _turnover(1.0, "per unit", (0, 20),
        "Response to practice below the district's mean", "2.18", plausible=(0.5, 2))
    promote_rate: float = _turnover(0.018, "a year", (0, 1),
        "Base hazard of promotion into the central office", "2.18", plausible=(0.01, 0.03))
    p_promote: float = _turnover(4.0, "per unit", (0, 20),
        "Response of promotion to practice above the district's mean", "2.18")
    june_share: float = _turnover(0.6, "share", (0.09, 1),
        "Share of leaders' yearly hazard that falls in June", "judgement")
    teacher_hazard: float = _turnover(0.112, "a year", (0, 3),
        "Floor of teachers' hazard", "fit 5 (3.1-3.4)", plausible=(0.1, 0.125))
    t_early: float = _turnover(1.27, "–", (0, 10),
        "Early excess of that hazard", "calibrated to 5", plausible=(1, 1.6))
    t_early_months: float = _turnover(72.0, "months", (1, 240),
        "Time constant of the early excess", "fit 5")
    t_late: float = _turnover(2.5, "–", (0, 20),
        "Late rise of that hazard", "fit 5")
    t_late_from: float = _turnover(300.0, "months", (0, 600),
        "Career months at which the late rise starts", "fit 5")
    t_late_span: float = _turnover(120.0, "months", (1, 600),
        "Career months over which the late rise comes in full", "fit 5")
    t_lead: float = _turnover(1.25, "per unit", (0, 20),
        "Response to leadership in the school", "calibrated to 8, 9 (3.8, 3.9)", plausible=(0.8, 2.5))
    t_strain: float = _turnover(1.2, "per unit", (0, 20),
        "Response to strain", "judgement")
    central_hazard: float = _turnover(0.13, "a year", (0, 3),
        "Hazard of central-office staff", "judgement; section 12", plausible=(0.1, 0.18))

_succession = partial(declare, Kind.COEFFICIENT, "succession")


class Succession(Section):
    """Who comes."""

    vacancy_months: float = _succession(2.0, "months", (0.1, 24),
        "Mean vacancy of a principal's seat with an empty bench at mean need",
        "judgement", plausible=(1, 4))
    vacancy_bench: float = _succession(0.4, "share", (0, 1),
        "Part of a vacancy that a full bench saves", "judgement")
    vacancy_need: float = _succession(0.5, "per unit of need", (0, 2),
        "Longer vacancy per unit of need above the mean", "judgement")
    insider_base: float = _succession(0.3, "probability", (0, 1),
        "Chance of an insider superintendent", "judgement (1.5)", plausible=(0.2, 0.4))
    insider_gain: float = _succession(0.6, "–", (0, 1),
        "Rise of that chance with planning and bench", "judgement (1.5)", plausible=(0.3, 0.9))
    continuity_insider: float = _succession(0.5, "[0, 1]", (0, 1),
        "Continuity from an insider", "judgement", plausible=(0.3, 0.7))
    continuity_plan: float = _succession(0.5, "[0, 1]", (0, 1),
        "Continuity from full succession planning", "judgement", plausible=(0.3, 0.7))
    continuity_culture: float = _succession(1.5, "per unit", (0, 5),
        "Continuity per unit of conviction above one half",
        "judgement (8.10, 8.12)", plausible=(0.5, 2.5))
    thin_market: float = _succession(0.25, "per unit of need", (0, 2),
        "Fall of outside applicants' quality per unit of need",
        "judgement (2.15)", plausible=(0, 0.5))
    tight_quality: float = _succession(0.15, "share", (0, 1),
        "Fall of outside applicants' quality in the tightest labour market", "judgement")
    tight_novices: float = _succession(0.3, "share", (0, 1),
        "Part of experienced teacher hires lost in the tightest labour market", "judgement")
    bench_rate: float = _succession(0.14, "a month", (0, 1),
        "Growth of the bench", "judgement")
    bench_base: float = _succession(0.35, "[0, 1]", (0, 1),
        "Unaided strength of the bench", "judgement")
    bench_needs: float = _succession(0.2, "share of schools", (0.01, 1),
        "Appointments a full bench covers: a year's needs", "identity")
    bench_lift: float = _succession(0.33, "[0, 1]", (0, 1),
        "Gain in insiders' practice at full pipeline", "fit 17 (5.9)", plausible=(0.2, 0.5))
    found_share: float = _succession(1.5, "per unit of conviction", (0, 5),
        "Share of what the predecessor had learnt that a new principal finds in the school",
        "judgement (8.10, 8.12); fit 22", plausible=(0.5, 2))
    bench_blend: float = _succession(0.5, "share", (0, 1),
        "Weight of the district's mean practice in an insider's", "judgement")
    market_experience: float = _succession(36.0, "months", (0, 240),
        "Mean career months of principals hired outside", "2.10")
    novice_share: float = _succession(0.45, "share", (0, 1),
        "Novices among new teachers", "3.1, 3.2", plausible=(0.35, 0.55))
    hire_practice: float = _succession(0.36, "[0, 1]", (0, 1),
        "Mean ability of new teachers", "unit choice")
    hire_experience: float = _succession(96.0, "months", (0, 360),
        "Mean career months of experienced hires", "judgement")
    teacher_sd: float = _succession(0.14, "[0, 1]", (0, 0.5),
        "Standard deviation of teachers' ability", "unit choice", plausible=(0.11, 0.17))
    central_entry: float = _succession(0.2, "[0, 1]", (0, 1),
        "Mean ability of supervisors hired outside", "judgement; fit 16", plausible=(0.15, 0.3))
    central_sd: float = _succession(0.12, "[0, 1]", (0, 0.5),
        "Standard deviation of central-office ability at entry", "judgement")
    conviction_sd: float = _succession(0.08, "[0, 1]", (0, 0.5),
        "Standard deviation of conviction at entry", "judgement")

_costs = partial(declare, Kind.COEFFICIENT, "costs")


class Costs(Section):
    """What levers cost."""

    cost_supervisor: float = _costs(165_000.0, "$ per post a year", (0, 1000000),
        "Leadership-support staff", "judgement", buys=("leadership_posts", "post"))
    cost_coach: float = _costs(105_000.0, "$ per post a year", (0, 1000000),
        "Instructional coach", "judgement", buys=("coaches", "post"))
    cost_stipend: float = _costs(3000.0, "$ per teacher leader a year", (0, 100000),
        "Teacher leader's stipend", "judgement", buys=("teacher_leaders", "teacher"))
    cost_teacher: float = _costs(90000.0, "$ per post a year", (0, 1000000),
        "Teacher's post, for release time", "judgement (6.14)", buys=("released_posts", "teacher"))
    cost_seat: float = _costs(15000.0, "$ per leader a year", (0, 1000000),
        "Outside coaching and academy", "judgement")
    cost_mentor: float = _costs(3000.0, "$ per principal a year", (0, 100000),
        "Mentor", "judgement", buys=("mentors", "school"))
    cost_cohort: float = _costs(4000.0, "$ per school a year", (0, 100000),
        "Cohort at intensity 1", "judgement", buys=("cohorts", "school"))
    cost_training: float = _costs(60.0, "$ per hour", (0, 10000),
        "Training of one principal", "judgement")
    cost_operations: float = _costs(65000.0, "$ per school a year", (0, 1000000),
        "Operations relief at 1", "judgement", buys=("operations_relief", "school"))
    cost_pipeline: float = _costs(42.0, "$ per pupil a year", (0, 10000),
        "Pipeline at 1", "5.10", buys=("pipeline", "pupil"))
    cost_succession: float = _costs(1.5, "$ per pupil a year", (0, 10000),
        "Succession planning at 1", "judgement", buys=("succession_planning", "pupil"))
    cost_design: float = _costs(4.0, "$ per pupil a year", (0, 10000),
        "Design work at 1", "judgement")
    cost_groundwork: float = _costs(2.0, "$ per pupil a year", (0, 10000),
        "Equity groundwork at 1", "judgement", buys=("groundwork", "pupil"))
    cost_principal_loss: float = _costs(75000.0, "$ per departure", (0, 1000000),
        "Replacing a principal (reported as a saving)", "2.19")
    cost_teacher_loss: float = _costs(20000.0, "$ per departure", (0, 1000000),
        "Replacing a teacher (reported as a saving)", "3.6")
