"""Verdicts: what passes, what fails, and that nothing undefined ever passes."""

from __future__ import annotations

import math
import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reformsim.scenario.schema import parameters
from reformsim.validation import NUMBERS, ROWS, validate
from reformsim.validation.pattern import (
    INFINITY,
    LEAST_UNITS,
    Measurement,
    Row,
    Statistic,
    difference,
    judge,
    mean_of,
    missing,
    percentile_of,
    quotient,
    ratio_of,
)
from reformsim.validation.studies import Arms


def nowhere(places):
    """A study without units."""
    return []


def measured(unit):
    """A measure that finds the same in every unit."""

    def measure(lived):
        return unit

    return measure


def row(kind="R", statistic=None):
    experiments = (Measurement(nowhere, measured({}), (statistic,)),)
    return Row(1, kind, "title", "1.1", "how", experiments, "text")


def statistic(low=0.0, high=1.0, estimate=None, **more):
    return Statistic("name", "unit", low, high, estimate or mean_of("x"), **more)


def units(*values):
    return [{"x": value} for value in values]


WIDE = statistic(-INFINITY, INFINITY)


class TestVerdict:
    def test_inside_passes_and_outside_fails(self):
        assert judge(row(), statistic(), units(*[0.5] * 9)).passed
        assert not judge(row(), statistic(), units(*[1.5] * 9)).passed

    def test_what_the_model_does_not_have_fails_and_says_so(self):
        asked = statistic(-INFINITY, INFINITY, missing, missing="grades")
        found = judge(row(), asked, units(*[0.5] * 9))
        assert not found.passed
        assert found.note == "cannot be measured: the model has no grades"

    def test_bounds_belong_to_the_band(self):
        assert judge(row(), statistic(), units(*[1.0] * 9)).passed

    def test_the_interval_holds_the_value_and_is_the_same_each_time(self):
        data, one, asked = units(*np.linspace(0, 1, 40)), row(), statistic()
        found = judge(one, asked, data)
        assert found.low < found.value < found.high
        assert found == judge(one, asked, data)

    def test_the_interval_covers_as_often_as_it_says(self):
        chance = np.random.default_rng(3)
        found = [judge(row(), WIDE, units(*chance.normal(2.0, 1.0, 60))) for _ in range(60)]
        covered = sum(one.low <= 2.0 <= one.high for one in found)
        assert 50 <= covered <= 60

    def test_a_null_needs_its_whole_interval_in_the_band(self):
        data = units(*np.linspace(0.4, 1.4, 9))
        assert judge(row("R"), statistic(), data).passed
        found = judge(row("N"), statistic(), data)
        assert not found.passed
        assert "null is not shown" in found.note

    def test_bands_in_words(self):
        assert statistic(-0.5, 2).band == "−0.5 to 2"
        assert statistic(1, 1).band == "1"
        assert statistic(-INFINITY, 1).band == "≤ 1"
        assert statistic(1.2, INFINITY).band == "≥ 1.2"


class TestUndefined:
    def test_nothing_at_all(self):
        found = judge(row(), WIDE, [])
        assert not found.passed
        assert "too few" in found.note

    def test_too_few_units(self):
        assert not judge(row(), WIDE, units(*[0.5] * (LEAST_UNITS - 1))).passed
        assert judge(row(), WIDE, units(*[0.5] * LEAST_UNITS)).passed

    def test_units_in_which_it_could_not_be_measured(self):
        data = units(*[math.nan] * 50, *[0.5] * (LEAST_UNITS - 1))
        found = judge(row(), WIDE, data)
        assert not found.passed
        assert math.isnan(found.value)
        assert found.note

    @given(st.sampled_from([math.nan, INFINITY, -INFINITY]))
    def test_a_value_that_is_no_number(self, value):
        asked = statistic(-INFINITY, INFINITY, measured(value))
        assert not judge(row(), asked, units(1) * 9).passed

    def test_an_interval_that_is_undefined(self):
        def only_with_all(data):
            return 0.5 if len({id(unit) for unit in data}) == 9 else math.nan

        data = units(*[0.5] * 9)
        found = judge(row(), statistic(estimate=only_with_all), data)
        assert not found.passed
        assert found.value == 0.5

    @pytest.mark.parametrize(
        "estimate",
        [
            ratio_of("x", "y"),
            quotient(mean_of("x"), mean_of("y")),
            difference(ratio_of("x", "y"), mean_of("x")),
        ],
    )
    def test_a_share_of_nothing(self, estimate):
        data = [{"x": 1.0, "y": 0.0}] * 9
        assert not judge(row(), statistic(-INFINITY, INFINITY, estimate), data).passed


class TestEstimates:
    def test_ratio_is_of_sums(self):
        data = [{"a": 1.0, "b": 10.0}, {"a": 3.0, "b": 10.0}] * 3
        assert ratio_of("a", "b", 100)(data) == pytest.approx(20.0)

    def test_percentile(self):
        assert percentile_of("a", 90)([{"a": float(value)} for value in range(11)]) == 9.0

    def test_units_that_lack_one_are_left_out(self):
        data = [{"a": 1.0, "b": 10.0}] * 5 + [{"a": math.nan, "b": 90.0}]
        assert ratio_of("a", "b")(data) == pytest.approx(0.1)
        assert mean_of("a")(data) == 1.0


class TestTheList:
    def test_every_row_is_there_once_and_in_order(self):
        assert tuple(one.number for one in ROWS) == NUMBERS

    def test_every_row_says_what_it_is(self):
        for one in ROWS:
            assert set(one.kind) <= set("CREN+")
            assert one.sources
            assert one.how.endswith(".")
            assert one.if_it_fails.endswith(".")
            assert one.measurements

    def test_every_row_has_statistics_with_a_band(self):
        for one in ROWS:
            for measurement in one.measurements:
                assert measurement.statistics
                assert all(found.low <= found.high for found in measurement.statistics)

    def test_rows_that_coefficients_name_as_what_they_were_fitted_to_are_marked(self):
        named = {
            int(number)
            for parameter in parameters()
            for numbers in re.findall(
                r"(?:fit|calibrated to) (\d+(?:, \d+)*)(?![.\d])", parameter.source
            )
            for number in numbers.split(", ")
        }
        fitted = {one.number for one in ROWS if one.fitted}
        base_rates = {one.number for one in ROWS if "C" in one.kind}
        assert named >= {1, 2, 3, 9, 12, 14, 21, 22}
        assert fitted == named | base_rates | {8, 19, 28, 30, 31}

    def test_those_of_the_second_list_were_not_known_to_the_first_edition(self):
        later = {one.number for one in ROWS if one.known_since == "second edition"}
        assert later == {19, *range(23, 34)}

    def test_base_rates_and_nulls_are_binding(self):
        binding = {one.number for one in ROWS if one.binding}
        assert binding == {1, 2, 3, 5, 6, 7, 13, 15, 16, 18, 32, 33}


NOWHERE: Any = SimpleNamespace(own=False)
"""Places without a district."""


def test_a_study_without_units_fails_every_statistic():
    found = validate(NOWHERE, [row(statistic=WIDE)])
    assert [one.passed for one in found] == [False]


def test_a_study_is_lived_through_once_for_all_who_ask(monkeypatch):
    from reformsim.validation import studies

    lived = []

    def simulate_paired(scenarios, seed, replicate, heed):
        lived.append(replicate)
        return ()

    monkeypatch.setattr(studies, "simulate_paired", simulate_paired)

    def study(places):
        return [Arms((), number) for number in range(7)]

    class Nowhere:
        own = False

    experiments = [Measurement(study, measured({"x": x}), (statistic(x, x),)) for x in (1.0, 2.0)]
    asking = Row(1, "R", "title", "1.1", "how", tuple(experiments), "text")
    found = validate(NOWHERE, [asking])
    assert sorted(lived) == list(range(7))
    assert [one.value for one in found] == [1.0, 2.0]
    assert all(one.passed for one in found)
