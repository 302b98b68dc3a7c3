"""Where the experiments are made, what they change, and one small validation from end to end."""

from __future__ import annotations

import math

import pytest

from reformsim.errors import ReformsimError
from reformsim.scenario.loading import load
from reformsim.validation import NUMBERS, ROWS, builtin_places, own_places, units_in, validate
from reformsim.validation.places import with_levers, with_strategy
from reformsim.validation.studies import SHOCK_MONTH, mixed_reforms


def test_mixed_districts_are_a_nation_in_small():
    places = builtin_places(quick=True)
    sizes = [one.district.enrolment for one in places.mixed]
    assert sizes == sorted(sizes, reverse=True)
    assert 100 < len(sizes) < 120
    assert sizes[0] > 25_000
    assert 300 < sizes[len(sizes) // 2] < 2_500
    assert sizes[-1] < 300


def test_changed_values_hold_in_every_place():
    places = builtin_places(quick=True, overrides=["coefficients.relief=0.1", "horizon.years=3"])
    everywhere = (places.ordinary, places.large_urban, *places.mixed)
    assert {one.coefficients.relief for one in everywhere} == {0.1}
    assert {one.last_month for one in everywhere} == {180}


def test_a_strategy_is_laid_over_ones_own_baseline():
    own = load("small-rural", overrides=["baseline.mentor_share=0.5"])
    treated = with_strategy(own, "supervisor_redesign")
    assert treated.levers.span_of_control == 12
    assert treated.levers.mentor_share == 0.5
    assert with_levers(treated, pipeline=0.9).levers.span_of_control == 24


def test_ones_own_place_takes_no_strategy():
    with pytest.raises(ReformsimError, match="no strategy"):
        own_places(load("small-rural", "stable", "web_of_support"))
    with pytest.raises(ReformsimError, match="no strategy"):
        own_places(load("small-rural").replace(phases=[{"year": 3, "pipeline": 0.5}]))


def test_reforms_come_in_pairs_that_differ_in_the_shock_only():
    units = mixed_reforms(builtin_places(quick=True))
    assert len({unit.scenarios[0].levers for unit in units}) == 11
    for calm, hit in (unit.scenarios for unit in units):
        assert calm.district.enrolment >= 2_500
        assert hit.model_copy(update={"events": ()}) == calm
        assert [event.month for event in hit.events] == [SHOCK_MONTH]


@pytest.mark.slow
def test_a_validation_from_end_to_end():
    places = own_places(load("small-rural"), quick=True)
    done = []
    found = validate(places, on_progress=lambda now, total: done.append((now, total)))
    assert len(done) == units_in(places)
    assert done[-1][0] == done[-1][1]
    assert tuple(dict.fromkeys(one.row.number for one in found)) == NUMBERS
    names = [one.statistic.name for one in found]
    assert "departures, large urban districts" not in names
    for one in found:
        assert not (one.passed and math.isnan(one.value))
        assert one.note or not math.isnan(one.value)
    again = validate(places, [row for row in ROWS if row.number in (9, 18)], workers=1)
    before = [one for one in found if one.row.number in (9, 18)]
    assert [numbers(one) for one in again] == [numbers(one) for one in before]


def numbers(found):
    """What was found, in a form in which an undefined number equals itself."""
    return found.statistic.name, repr((found.value, found.low, found.high)), found.passed
