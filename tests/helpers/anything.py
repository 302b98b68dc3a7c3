"""Any values that parameters may have, for tests with hypothesis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import hypothesis.strategies as st

from reformsim.scenario.parameters import parameters_of

if TYPE_CHECKING:
    from reformsim.scenario.parameters import Section

SMALL_BOUNDS = {
    "pilot_months": (0, 15),
    "coaching_seats": (0, 40),
    "coaching_start": (0, 26),
    "coaching_months": (0, 40),
    "span_of_control": (3, 30),
    "teachers_per_coach": (5, 60),
}
"""Narrower bounds, so that what they steer falls into a short run of a small district."""


def some(section: type[Section], name: str) -> st.SearchStrategy[dict[str, float]]:
    """Return values for some parameters of a section, often at the ends of what is allowed."""
    choices: dict[str, st.SearchStrategy[float]] = {}
    for one in parameters_of(name, section):
        assert one.bounds is not None
        low, high = SMALL_BOUNDS.get(one.name, one.bounds)
        if one.whole:
            choices[one.name] = st.integers(int(low), int(high))
        else:
            ends = st.sampled_from([float(low), float(high)])
            choices[one.name] = st.one_of(st.floats(low, high), ends)
    return st.fixed_dictionaries({}, optional=choices)
