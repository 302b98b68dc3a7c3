"""Scenarios with and without an event or a lever."""

from __future__ import annotations

import contextlib

import hypothesis.strategies as st
import numpy as np
import pytest
from fabricate import scenario
from hypothesis import given

from reformsim.cli.failures import as_typed
from reformsim.engines import simulate
from reformsim.errors import ScenarioError
from reformsim.experiments.whatif import as_text, what_if
from reformsim.scenario.loading import load

LEAVES = {"type": "superintendent_departure", "month": 3}
SHOCK = {"type": "revenue_shock", "month": 3, "depth": 0.08}
CRISIS = {"type": "crisis", "month": 5, "load": 0.4}
FIRST = {"type": "principal_departure", "month": 14, "school": 2}
SECOND = {"type": "principal_departure", "month": 14, "school": 3}
months = st.integers(-48, 71)
EVENTS = st.one_of(
    st.fixed_dictionaries({"type": st.just("superintendent_departure"), "month": months}),
    st.fixed_dictionaries(
        {"type": st.just("revenue_shock"), "month": months, "depth": st.sampled_from([0.08, 0.5])}
    ),
    st.fixed_dictionaries(
        {"type": st.just("crisis"), "month": months, "load": st.sampled_from([0.4, 1.25])}
    ),
    st.fixed_dictionaries(
        {"type": st.just("principal_departure"), "month": months, "school": st.integers(0, 7)}
    ),
)


def problems(*arguments, **changes):
    with pytest.raises(ScenarioError) as raised:
        what_if(*arguments, **changes)
    return [str(problem) for problem in raised.value.problems]


def small(*parts):
    return load("small-rural", *parts, overrides=["horizon.years=5", "horizon.warm_up_years=1"])


def same(one, other):
    return all(np.array_equal(one.district[n], other.district[n], True) for n in one.district)


def test_without_its_only_event_a_scenario_is_the_one_that_never_had_it():
    asked = what_if(
        small("superintendent-leaves-year-3", "web_of_support"),
        removed=["superintendent_departure@36"],
    )
    stable = small("stable", "web_of_support")
    assert asked.changed.fingerprint == stable.fingerprint
    assert same(simulate(asked.changed, 1), simulate(stable, 1))
    assert asked.marks == {"without superintendent departure in month 36": 36}


def test_the_runs_are_the_same_until_the_month_and_not_after():
    asked = what_if(small("web_of_support"), added=["superintendent_departure@36"])
    changed, unchanged = simulate(asked.changed, 1), simulate(asked.unchanged, 1)
    before = changed.months < asked.since
    for name, values in changed.district.items():
        assert np.array_equal(values[before], unchanged.district[name][before], True), name
    assert not np.array_equal(
        changed.district["leadership"][~before], unchanged.district["leadership"][~before]
    )


@given(st.lists(EVENTS, max_size=4, unique_by=str), EVENTS)
def test_what_is_added_can_be_taken_away_again(events, extra):
    events = [
        one for one in events if (one["type"], one["month"]) != (extra["type"], extra["month"])
    ]
    before = scenario(events=events)
    text = as_text(scenario(events=[extra]).events[0])
    there = what_if(before, added=[text])
    assert there.changed.events == scenario(events=[*events, extra]).events
    for name in (text, text.partition(":")[0]):
        back = what_if(there.changed, removed=[name])
        assert back.changed == before
        assert back.since == there.since == extra["month"]


def test_removed_before_added():
    assert what_if(
        scenario(events=[LEAVES]), ["superintendent_departure@3"], ["superintendent_departure@3"]
    ).changed == scenario(events=[LEAVES])


def test_without_its_number_every_such_event_of_the_month_goes():
    setting = scenario(events=[FIRST, CRISIS, SECOND])
    assert what_if(setting, removed=["principal_departure@14"]).changed.events == (
        setting.events[1],
    )
    one = what_if(setting, removed=["principal_departure@14:3"])
    assert one.changed.events == setting.events[:2]
    assert list(one.marks) == ["without principal departure of school 3 in month 14"]


@pytest.mark.parametrize("name", ["pipeline", "levers.pipeline"])
def test_a_lever_goes_back_to_the_baseline(name):
    setting = scenario(pipeline=0.9, mentor_share=0.5)
    asked = what_if(setting, removed=[name])
    assert asked.changed == scenario(mentor_share=0.5)
    assert (asked.since, asked.notes) == (0, ())


def test_a_lever_that_is_at_the_baseline_is_noted():
    asked = what_if(scenario(), removed=["pipeline"])
    assert asked.notes == ("status_quo: pipeline is at the baseline's value anyway, 0.1",)
    assert asked.changed == asked.unchanged


def test_an_event_after_the_end_of_the_run_cannot_be_asked_about():
    events = [{"type": "superintendent_departure", "month": 72}]
    (found,) = problems(scenario(events=events), removed=["superintendent_departure@72"])
    assert "is no month of the run; found 72; allowed: -48 to 71" in found


def test_every_problem_at_once():
    wrong = {
        "--without pipelin": "unknown event or lever; allowed: revenue_shock, recession, permanent_",
        "--without levers.pipelin": "(did you mean 'pipeline'?)",
        "--without superintendent_departure@36": (
            "is not in the scenario; allowed: superintendent_departure@3, principal_departure@14:2"
        ),
        "--without superintendent_departure@3:1": "is not in the scenario",
        "--without revenue_shock": "needs the month of the event (as revenue_shock@36)",
        "--with crisis@12": ("load: missing key; allowed: a number from 0 to 2 (as crisis@36:0.4)"),
        "--with crises@12:0.4": "unknown type of event",
        "--with crisis@x:0.4": "month: must be a whole number",
        "--with crisis@72:0.4": (
            "is no month of the run; found 72; allowed: -48 to 71, of which 0 is the launch"
        ),
        "--with principal_departure@3:8": "there is no school 8; allowed: 0 to 7",
        "--with protection": "is a lever, which cannot be added",
        "--with superintendent_departure@3": "is in the scenario already (--without takes it away)",
        "--with superintendent_departure@4:1": "takes no number after its month",
    }
    found = problems(
        scenario(events=[LEAVES, FIRST]),
        added=[one.split()[1] for one in wrong if one.startswith("--with ")],
        removed=[one.split()[1] for one in wrong if one.startswith("--without")],
    )
    assert len(found) == len(wrong)
    assert found[0].startswith("`removed` pipelin: ")  # the library names its arguments
    found = [as_typed(text) for text in found]
    for text, (where, message) in zip(found, wrong.items(), strict=True):
        assert text.startswith(f"{where}: ")
        assert message in text


def test_nothing_asked():
    assert "nothing is changed" in problems(scenario())[0]


@given(st.text(max_size=12), st.sampled_from(["", "crisis@", "crisis@3:", "pipeline"]))
def test_no_text_ends_in_anything_but_problems(text, start):
    for changes in ({"added": [start + text]}, {"removed": [start + text]}):
        with contextlib.suppress(ScenarioError):
            what_if(scenario(), **changes)
