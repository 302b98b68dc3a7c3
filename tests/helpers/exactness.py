"""Any scenario of a small district, and whether both engines agree on it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import numpy as np
from anything import some
from pydantic import TypeAdapter

from reformsim.engines import trace
from reformsim.scenario import District, Scenario
from reformsim.scenario.adoption import WAYS_TO_CHOOSE
from reformsim.scenario.conditions import ADVICE_STRUCTURES, Conditions
from reformsim.scenario.events import Event, beyond_the_district
from reformsim.scenario.levers import Levers

if TYPE_CHECKING:
    from reformsim.record import Result


@st.composite
def ranged(draw: st.DrawFn, numbers: st.SearchStrategy[Any]) -> Any:
    """Return a number or, now and then, a range."""
    low, high = sorted((draw(numbers), draw(numbers)))
    return draw(st.sampled_from([low, low, low, {"low": low, "high": high}]))


MONTHS = ranged(st.integers(-14, 25))
SCHOOLS = ranged(st.integers(0, 29))
EVENTS = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("revenue_shock"), "month": MONTHS, "depth": st.floats(0, 0.9)},
        optional={
            "ramp": st.integers(1, 20),
            "hold": st.integers(0, 10),
            "recovery": st.integers(0, 30),
            "permanent": st.booleans(),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.just("recession"), "month": MONTHS, "depth": st.floats(0, 0.9)},
        optional={"ramp": st.integers(1, 20), "hold": st.integers(0, 10)},
    ),
    st.fixed_dictionaries(
        {"type": st.just("permanent_cut"), "month": MONTHS, "depth": st.floats(0, 0.9)},
        optional={"ramp": st.integers(1, 20)},
    ),
    st.fixed_dictionaries(
        {"type": st.just("levy_failure"), "month": MONTHS, "depth": st.floats(0, 0.9)},
        optional={"months": st.integers(1, 20)},
    ),
    st.fixed_dictionaries({"type": st.just("superintendent_departure"), "month": MONTHS}),
    st.fixed_dictionaries(
        {"type": st.just("principal_departure"), "month": MONTHS, "school": SCHOOLS}
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("principal_departures"),
            "month": MONTHS,
            "principals": ranged(st.integers(1, 30)),
            "who": st.sampled_from(["random", "strongest", "neediest"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("central_departure"),
            "month": MONTHS,
            "unit": st.sampled_from(["leadership_support", "teaching_learning"]),
            "who": st.sampled_from(["strongest", "random"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("central_departure"),
            "month": MONTHS,
            "unit": st.sampled_from(["leadership_support", "teaching_learning"]),
            "who": st.just("seat"),
            "seat": ranged(st.integers(0, 3)),
        }
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("teacher_departure"),
            "month": MONTHS,
            "school": SCHOOLS,
            "who": st.sampled_from(["most_asked", "random"]),
        }
    ),
    st.fixed_dictionaries({"type": st.just("partner_departure"), "month": MONTHS}),
    st.fixed_dictionaries(
        {
            "type": st.just("union_conflict"),
            "month": MONTHS,
            "severity": ranged(st.floats(0, 1)),
            "months": ranged(st.integers(1, 20)),
        }
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("board_turnover"),
            "month": MONTHS,
            "capital_lost": ranged(st.floats(0, 1)),
        }
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("crisis"),
            "month": MONTHS,
            "months": st.integers(1, 20),
            "load": st.floats(0, 2),
        }
    ),
)


@st.composite
def adoptions(draw: st.DrawFn, schools: int) -> dict[str, Any]:
    """Return any way to say which schools of a district take part."""
    numbers = st.lists(st.integers(0, schools - 1), max_size=4, unique=True)
    refuse = draw(numbers)
    only = [school for school in draw(numbers) if school not in refuse]
    first = [school for school in draw(numbers) if school not in refuse]
    return {
        "chosen_by": draw(st.sampled_from(WAYS_TO_CHOOSE)),
        "first": [school for school in first if not only or school in only],
        "only": only,
        "refuse": refuse,
    }


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Return a district of any shape, under any conditions, with any levers."""
    schools = draw(st.integers(1, 30))
    count = schools * draw(st.sampled_from([1, 2, 3, 7])) + draw(st.integers(0, schools))
    district = District(
        schools=schools,
        teachers=count,
        enrolment=draw(st.integers(1, 9000)),
        need_sd=draw(st.sampled_from([0.0, 0.22, 0.5])),
        advice_ties=draw(st.integers(0, 7)),
        advice_across=draw(st.sampled_from([0.0, 0.05, 1.0])),
        advice_structure=draw(st.sampled_from(ADVICE_STRUCTURES)),
    )
    conditions = draw(some(Conditions, "conditions"))
    scenario = Scenario(district=district).replace(
        conditions=conditions,
        baseline=draw(some(Levers, "levers")),
        levers=draw(some(Levers, "levers")),
        horizon={"years": 2, "warm_up_years": 1},
        adoption=draw(adoptions(schools)),
    )
    return scenario.replace(events=possible(draw(st.lists(EVENTS, max_size=12)), scenario))


def possible(drawn: list[dict[str, Any]], scenario: Scenario) -> list[Event]:
    """Return those of the events that can be in a scenario, beside those before them."""
    schools = scenario.district.schools
    events = [
        event
        for event in map(TypeAdapter[Event](Event).validate_python, drawn)
        if not beyond_the_district(event, schools)
    ]
    together = scenario.model_copy(update={"events": events})
    idle = {number for number, _, _ in together.idle_events()}
    return [event for number, event in enumerate(events) if number not in idle]


def check(scenario: Scenario, seed: int = 0, replicate: int = 0) -> None:
    """Assert that the engines agree, and say where if they do not."""
    verified = trace.verify(scenario, seed, replicate)
    shown = scenario.model_dump(exclude_defaults=True)
    assert verified.difference is None, f"{verified.difference}\n{shown}, {seed}, {replicate}"
    assert verified.months == scenario.last_month - scenario.first_month


EXAMPLES = int(os.environ.get("REFORMSIM_EXAMPLES", "25"))


def assert_equal(compiled: Result, reference: Result) -> None:
    """Assert that two records hold the same bits and the same events."""
    for name in ("months", "need", "quartile"):
        np.testing.assert_array_equal(getattr(compiled, name), getattr(reference, name))
    for name in ("district", "schools", "costs"):
        one, other = getattr(compiled, name), getattr(reference, name)
        assert set(one) == set(other)
        for key, values in other.items():
            np.testing.assert_array_equal(one[key], values, err_msg=f"{name}.{key}", strict=True)
    assert compiled.events == reference.events
    for name in ("scenario", "seed", "replicate"):
        assert getattr(compiled, name) == getattr(reference, name)
