"""Any scenario of a small district, and whether both engines agree on it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import numpy as np
from anything import some

from reformsim.engines import trace
from reformsim.scenario import District, Scenario
from reformsim.scenario.conditions import ADVICE_STRUCTURES, Conditions
from reformsim.scenario.levers import Levers

if TYPE_CHECKING:
    from reformsim.record import Result

MONTHS = st.integers(-14, 25)
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
        {"type": st.just("principal_departure"), "month": MONTHS, "school": st.integers(0, 29)}
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
    drawn: list[dict[str, Any]] = draw(st.lists(EVENTS, max_size=8))
    events = [event for event in drawn if event.get("school", 0) < schools]
    return Scenario(district=district).replace(
        conditions=conditions,
        baseline=draw(some(Levers, "levers")),
        levers=draw(some(Levers, "levers")),
        horizon={"years": 2, "warm_up_years": 1},
        events=events,
    )


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
