"""Schools that take part in a design and schools that do not, in both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from districts import WEB, small
from exactness import assert_equal

from reformsim.engines import simulate, simulate_paired
from reformsim.engines.compiled.engine import warm_up_of
from reformsim.scenario.levers import Levers

if TYPE_CHECKING:
    from reformsim.record import Result
    from reformsim.scenario import Scenario

SCHOOLS = 8
NOTHING = Levers().model_dump()
SURE = {"superintendent_turnover": 0.0, "shock_rate": 0.0}
both = pytest.mark.parametrize("engine", ["compiled", "reference"])


def district(**sections: Any) -> Scenario:
    """Return eight schools under a web of support, paid in full from the first July on."""
    rich = {"reallocation_rate": 0.05, "readiness_start": 1.0}
    return small(SCHOOLS, 96, conditions=SURE, coefficients=rich, levers=WEB).replace(**sections)


def take_part(result: Result, month: int) -> list[int]:
    """Return the schools that take part in a month after the launch."""
    return np.flatnonzero(result.schools["takes_part"][month - result.months[0]]).tolist()


@both
def test_only_schools_that_are_named_take_part_and_get_what_schools_get(engine: str) -> None:
    scenario = district(adoption={"only": [2, 5]})
    run, usual = (simulate(each, 3, engine=engine) for each in (scenario, district(levers=NOTHING)))
    since = run.months >= 0
    assert take_part(run, -1) == []
    assert take_part(run, 0) == take_part(run, 40) == [2, 5]
    for name in ("distributed", "support"):
        series = run.schools[name][since]
        others = np.delete(series, [2, 5], axis=1)
        assert np.nanmean(series[:, [2, 5]]) > np.nanmean(others)
    spent = run.district["cost_per_pupil"][since] - usual.district["cost_per_pupil"][since]
    whole = simulate(district(), 3, engine=engine).district["cost_per_pupil"][since]
    assert 0 < spent.mean() < 0.6 * (whole - usual.district["cost_per_pupil"][since]).mean()


@both
def test_a_single_school_adopts_and_the_others_stay_as_they_would_have_been(engine: str) -> None:
    """A design with nothing for the district, in one school whose people know nobody elsewhere."""
    apart = {"advice_across": 0.0}
    levers = {"teacher_leader_share": 0.3, "release_time": 0.1}
    plain = small(SCHOOLS, 96, conditions=SURE, district=apart)
    alone = plain.replace(
        levers=levers,
        adoption={"only": [4]},
        coefficients={"reallocation_rate": 0.05},
    )
    usual = plain.replace(coefficients={"reallocation_rate": 0.05})
    one, other = (simulate(each, 2, engine=engine) for each in (alone, usual))
    changed = one.schools["distributed"] != other.schools["distributed"]
    assert changed[:, 4].any()
    first = int(np.argmax(changed.any(axis=1)))
    np.testing.assert_array_equal(
        np.delete(one.schools["distributed"][first], 4),
        np.delete(other.schools["distributed"][first], 4),
    )


@both
def test_more_schools_follow_in_the_same_order_and_the_first_keep_what_they_have(
    engine: str,
) -> None:
    levers = {"participation": 0.25, "equity_weight": 0.0}
    phases = [{"year": 3, "participation": 0.5}, {"year": 4, "participation": 1.0}]
    run = simulate(district(levers=levers, phases=phases), 3, engine=engine)
    pilot, half, all_of_them = (take_part(run, month) for month in (0, 24, 36))
    assert (len(pilot), len(half), len(all_of_them)) == (2, 4, SCHOOLS)
    assert set(pilot) < set(half)
    neediest = np.argsort(-run.need, kind="stable")
    assert set(pilot) == set(neediest[:2].tolist())
    since = run.months >= 0
    for name in ("support", "distributed"):
        before, after = (run.schools[name][since][month, pilot] for month in (35, 36))
        assert np.nanmean(after) > 0.8 * np.nanmean(before) > 0


@both
def test_schools_that_refuse_never_take_part_whoever_else_does(engine: str) -> None:
    run = simulate(district(adoption={"refuse": [0, 7]}), 3, engine=engine)
    assert take_part(run, 0) == [1, 2, 3, 4, 5, 6]
    everybody = simulate(district(conditions={"refusing_schools": 1.0}), 3, engine=engine)
    assert take_part(everybody, 0) == []
    usual = simulate(
        district(conditions={"refusing_schools": 1.0}, levers=NOTHING), 3, engine=engine
    )
    for name in ("leadership_posts", "coaches", "mentors", "cohorts", "training"):
        since = everybody.months >= 0
        assert everybody.costs[name][since].max() <= usual.costs[name][since].max() * (1 + 1e-9)


@both
def test_more_refusal_is_the_same_schools_and_more(engine: str) -> None:
    few, many = (
        set(take_part(simulate(district(conditions={"refusing_schools": share}), 9, 1, engine), 0))
        for share in (0.3, 0.7)
    )
    assert many < few


@both
def test_a_list_comes_first_in_its_own_order(engine: str) -> None:
    levers, adoption = {"participation": 0.25}, {"first": [6, 1, 3], "chosen_by": "chance"}
    run = simulate(district(levers=levers, adoption=adoption), 3, engine=engine)
    assert take_part(run, 0) == [1, 6]


@both
def test_readiness_is_conviction_at_the_launch(engine: str) -> None:
    levers, adoption = {"participation": 0.125}, {"chosen_by": "readiness"}
    run = simulate(district(levers=levers, adoption=adoption), 3, engine=engine)
    before = int(np.flatnonzero(run.months == -1)[0])
    principals = run.schools["principal_conviction"][before]
    filled = np.nan_to_num(principals, nan=0.5)
    ready = 0.5 * (filled + run.schools["teacher_conviction"][before])
    assert take_part(run, 0) == [int(np.argmax(ready))]


@both
def test_everybody_in_part_by_part_is_the_design_for_all(engine: str) -> None:
    """With the levels of all schools worked out one by one the numbers are the same to a rounding."""
    one = simulate(district(), 3, engine=engine)
    other = simulate(district(adoption={"only": [*range(SCHOOLS)]}), 3, engine=engine)
    for name, series in one.district.items():
        np.testing.assert_allclose(other.district[name], series, rtol=1e-9, atol=1e-12)


def test_those_who_take_part_differently_share_a_warm_up() -> None:
    variants = [
        district(),
        district(adoption={"only": [1]}),
        district(levers={"participation": 0.5}, adoption={"chosen_by": "chance"}),
    ]
    assert len({warm_up_of(variant) for variant in variants}) == 1
    for variant, result in zip(variants, simulate_paired(variants, 3, 1), strict=True):
        assert_equal(result, simulate(variant, 3, 1))
