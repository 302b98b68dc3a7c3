"""Recessions, permanent cuts and levies that fail: what they are called, and what they do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from asking import problems
from districts import digest, small

from reformsim.engines import simulate
from reformsim.experiments.event_variables import place_of, replaced, value_in
from reformsim.experiments.whatif import what_if
from reformsim.scenario.events import called
from reformsim.scenario.loading import load

OLD_AND_NEW = [
    (
        {"type": "revenue_shock", "ramp": 9, "hold": 4, "recovery": 7},
        {"type": "recession", "ramp": 9, "hold": 4, "recovery": 7},
        "recession",
    ),
    (
        {"type": "revenue_shock", "ramp": 9, "permanent": True},
        {"type": "permanent_cut", "ramp": 9},
        "permanent cut",
    ),
    (
        {"type": "revenue_shock", "ramp": 1, "hold": 10, "recovery": 0},
        {"type": "levy_failure", "months": 11},
        None,
    ),
]


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize(("old", "new", "words"), OLD_AND_NEW)
def test_old_and_new_names_give_the_same_numbers(
    old: dict[str, Any], new: dict[str, Any], words: str | None, engine: str
) -> None:
    when = {"month": 5, "depth": 0.1}
    one, other = (small().replace(events=[each | when]) for each in (old, new))
    assert digest(simulate(one, 2, engine=engine)) == digest(simulate(other, 2, engine=engine))
    if words:
        assert {called(each.events[0]) for each in (one, other)} == {words}


def test_a_levy_fails_at_once_and_its_money_is_back_at_once() -> None:
    event = {"type": "levy_failure", "month": 7, "depth": 0.2, "months": 5}
    scenario = small()
    run, usual = simulate(scenario.replace(events=[event]), 2), simulate(scenario, 2)
    left = run.district["revenue_index"] / usual.district["revenue_index"]
    months = np.arange(scenario.first_month, scenario.last_month)
    lost = (months >= 7) & (months < 12)
    np.testing.assert_allclose(left[lost], 0.8)
    np.testing.assert_allclose(left[~lost], 1.0)


def test_the_conditions_that_come_with_the_package_say_what_they_are() -> None:
    for name, words in {
        "enrolment-decline": "permanent cut",
        "esser-cliff": "permanent cut",
        "moderate-recession": "recession",
        "severe-recession": "recession",
    }.items():
        (event,) = load("small-rural", name).events
        assert called(event) == words


class TestVariables:
    def test_every_name_of_one_means_it(self) -> None:
        old = {"type": "revenue_shock", "month": 4, "depth": 0.1}
        cut = {"type": "permanent_cut", "month": 9, "depth": 0.2}
        events = small().replace(events=[cut, old]).events
        assert place_of(events, "events.recession.depth") == 1
        assert place_of(events, "events.permanent_cut.depth") == 0
        assert place_of(events, "events.revenue_shock.depth") is None  # it is not said which
        assert value_in(events, "events.revenue_shock.2.depth") == 0.1
        assert replaced(events, {"events.recession.ramp": 3})[1]["ramp"] == 3

    def test_a_number_that_an_event_does_not_have_is_not_there(self) -> None:
        events = (
            small().replace(events=[{"type": "permanent_cut", "month": 9, "depth": 0.2}]).events
        )
        assert np.isnan(value_in(events, "events.revenue_shock.hold"))


def test_what_if_takes_a_recession_by_either_name() -> None:
    scenario = small().replace(events=[{"type": "recession", "month": 9, "depth": 0.2}])
    for name in ("recession", "revenue_shock"):
        change = what_if(scenario, removed=[f"{name}@9"])
        assert change.changed.events == ()
        assert list(change.marks) == ["without recession in month 9"]
    (said,) = problems(lambda: what_if(scenario, removed=["permanent_cut@9"]))
    assert "is not in the scenario" in said


@pytest.mark.parametrize(
    ("event", "part"),
    [
        ({"type": "permanent_cut", "month": 3, "depth": 0.1, "hold": 3}, "hold: unknown key"),
        ({"type": "levy_failure", "month": 3, "depth": 0.1, "months": 0}, "months: out of bounds"),
        ({"type": "recession", "month": 3}, "depth: missing key"),
        ({"type": "recesion", "month": 3}, "did you mean 'recession'?"),
    ],
)
def test_what_is_wrong_is_told(event: dict[str, Any], part: str) -> None:
    (said,) = problems(lambda: small().replace(events=[event]))
    assert part in said
