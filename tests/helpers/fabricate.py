"""Results made up for tests: every value is known, and no model runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from reformsim.record import BY_DISTRICT, BY_SCHOOL, EventRecord, Result
from reformsim.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SCHOOLS, TEACHERS, ENROLMENT = 8, 80, 1600
NEED = np.linspace(0.2, 0.9, SCHOOLS)


def scenario(
    strategy: str = "status_quo",
    condition: str = "stable",
    years: int = 6,
    warm_up_years: int = 4,
    events: Iterable[Any] = (),
    **levers: float,
) -> Scenario:
    return Scenario.model_validate(
        {
            "names": {"district": "testville", "condition": condition, "strategy": strategy},
            "district": {"schools": SCHOOLS, "teachers": TEACHERS, "enrolment": ENROLMENT},
            "levers": levers,
            "horizon": {"years": years, "warm_up_years": warm_up_years},
            "events": list(events),
        }
    )


def result(
    strategy: str = "status_quo",
    replicate: int = 0,
    *,
    gain: Any = 0.0,
    departures: Sequence[int] = (),
    seed: int = 7,
    noise: float = 0.0,
    events: Iterable[Any] = (),
    district: Mapping[str, Any] | None = None,
    **choices: Any,
) -> Result:
    """A run whose leadership is 0.3 in the warm-up, then 0.3 + `gain`: a number, or one a month.

    `departures` are months in which the superintendent leaves. `noise` is the size of a wobble
    that depends on the replicate only, so paired runs share it. `district` replaces series.
    """
    setting = scenario(strategy, events=events, **choices)
    months = np.arange(setting.first_month, setting.last_month)
    after = months >= 0
    lift = np.zeros(len(months))
    lift[after] = gain
    wobble = noise * np.random.default_rng(replicate).standard_normal(len(months))
    schools = {name: np.full((len(months), SCHOOLS), 0.5) for name in BY_SCHOOL}
    schools["leadership"] = (
        0.3 + (lift + wobble)[:, None] + np.linspace(-0.05, 0.05, SCHOOLS)[None, :]
    )
    schools["principal_practice"] = 0.4 + lift[:, None] + np.zeros(SCHOOLS)
    schools["outcome"] = lift[:, None] / 2 - 0.1 * NEED
    for name in ("vacant", "principal_departures", "teacher_departures"):
        schools[name] = np.zeros((len(months), SCHOOLS))
    schools["teacher_departures"][months % 12 == 11] = 1.0
    schools["principal_departures"][months % 12 == 11, 0] = 1.0
    series = {name: np.full(len(months), 0.5) for name in BY_DISTRICT}
    for name, values in schools.items():
        summed = name.endswith("departures")
        series[name] = values.sum(axis=1) if summed else values.mean(axis=1)
    series["outcome_gap"] = np.full(len(months), 0.07)
    series["fiscal_stress"] = np.zeros(len(months))
    series["superintendent_departures"] = np.isin(months, departures).astype(float)
    series["central_departures"] = np.zeros(len(months))
    series["central_seats"] = np.full(len(months), 4.0)
    series["cost_per_pupil"] = 100.0 + 200.0 * lift
    for name, values in (district or {}).items():
        series[name] = np.broadcast_to(np.asarray(values, dtype=float), months.shape).copy()
    happened = [
        EventRecord(int(month), "departure", "superintendent", "superintendent", 40.0)
        for month in departures
    ]
    return Result(
        scenario=setting,
        seed=seed,
        replicate=replicate,
        engine="made up",
        months=months,
        district=series,
        schools=schools,
        costs={"coaches": np.full(len(months), 60.0), "leadership_posts": 40.0 + 200.0 * lift},
        need=NEED.copy(),
        quartile=np.arange(SCHOOLS) * 4 // SCHOOLS,
        events=happened,
    )


def comparison(
    strategies: Sequence[str] = ("status_quo", "heroic_superintendent", "web_of_support"),
    conditions: Sequence[str] = ("stable",),
    replicates: int = 4,
    **choices: Any,
) -> list[Result]:
    """Runs of several strategies: each rises to its own height; some fall again from year 3 on."""
    runs = []
    for condition in conditions:
        for place, strategy in enumerate(strategies):
            for replicate in range(replicates):
                setting = scenario(strategy, condition, **choices)
                month = np.arange(setting.last_month)
                height = 0.0 if strategy == "status_quo" else 0.05 * (place + replicate / 4)
                path = height * month / (month + 12.0)
                if strategy != "web_of_support":
                    path = path * np.where(month > 36, np.exp(-(month - 36) / 12), 1.0)
                runs.append(
                    result(
                        strategy, replicate, gain=path, condition=condition, noise=0.004, **choices
                    )
                )
    return runs
