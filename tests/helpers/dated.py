"""Any dated plan of a small district: phases with lengths and ends, and grants."""

from __future__ import annotations

import hypothesis.strategies as st
from anything import some

from reformsim.scenario.grants import LINES
from reformsim.scenario.levers import Levers
from reformsim.scenario.plans import AT_THE_LAUNCH, Phase, misfits_of_phases


@st.composite
def phases_within(draw: st.DrawFn, years: int) -> tuple[Phase, ...]:
    """Return up to eight phases, which may end, last for some years, overlap, or change nothing."""
    begins = draw(st.lists(st.integers(2, years), max_size=8, unique=True))
    lengths = st.one_of(st.none(), st.integers(1, years))
    phases = []
    for year in sorted(begins):
        levers: dict[str, float] = draw(some(Levers, "levers"))
        levers = {name: value for name, value in levers.items() if name not in AT_THE_LAUNCH}
        values = {"year": year, "years": draw(lengths), "ends": draw(st.booleans())}
        phases.append(Phase.model_validate({**values, "levers": levers}))
    assert not list(misfits_of_phases(phases))
    return tuple(phases)


def grants_within(years: int) -> st.SearchStrategy[list[dict[str, object]]]:
    """Return one to four grants as plain data, large and small, with any lines and tapers."""
    return st.lists(
        st.fixed_dictionaries(
            {
                "month": st.integers(0, 12 * years - 1),
                "months": st.integers(1, 40),
                "dollars": st.one_of(
                    st.floats(0.01, 3000), st.sampled_from([0.1, 20.0, 100_000.0])
                ),
            },
            optional={
                "lines": st.lists(st.sampled_from(LINES), max_size=4, unique=True),
                "taper_years": st.integers(0, 3),
                "stands_in": st.sampled_from([0.0, 0.4, 1.0]),
            },
        ),
        min_size=1,
        max_size=4,
    )
