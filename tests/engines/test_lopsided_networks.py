"""Networks that no district has, and coefficients at both ends: finite numbers, the same in both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from districts import WEB, small
from exactness import check

from reformsim.district.network import node
from reformsim.district.seats import Role, shares
from reformsim.engines import simulate
from reformsim.errors import ReformsimError
from reformsim.record import OUTCOMES
from reformsim.scenario import parameters

if TYPE_CHECKING:
    from pathlib import Path

    from reformsim.scenario import Scenario

ENDS = {
    parameter.name: parameter.bounds
    for parameter in parameters()
    if parameter.name.startswith(("tie_", "wary_", "peer_contact", "asked_", "team_", "help_"))
    and parameter.bounds
}
"""The coefficients of ties of choice and of learning along them."""
BOTH = [(name, end) for name, bounds in ENDS.items() for end in bounds]
SIZES = shares(42, 4)
STAFF = [
    node(Role.TEACHER, school, index) for school, size in enumerate(SIZES) for index in range(size)
]
UNIT = {outcome.name for outcome in OUTCOMES if outcome.unit == "[0, 1]"}


def busy(**sections: Any) -> Scenario:
    """A small district in which people come and go and everything is bought."""
    churn = {"superintendent_turnover": 3.0, "principal_turnover": 3.0, "teacher_turnover": 3.0}
    return small(levers=WEB, conditions=churn, **sections).replace(
        horizon={"years": 2, "warm_up_years": 1}
    )


def surveyed(folder: Path, ties: list[tuple[str, str]]) -> Scenario:
    """The same with a survey of who gives advice to whom."""
    file = folder / "survey.csv"
    rows = [f"{giver},{receiver},advice" for giver, receiver in ties]
    file.write_text("\n".join(["source,target,kind", *rows, ""]))
    return busy().replace(district={"network": str(file)})


def networks(folder: Path) -> dict[str, Scenario]:
    """Everyone asks one; one school has no ties and is tied to nobody; nobody asks anybody; all ask all."""
    hub, *others = STAFF
    one_school = STAFF[: SIZES[0]]
    return {
        "one hub": surveyed(folder, [(hub, asker) for asker in others]),
        "a school without ties": surveyed(
            folder,
            [(a, b) for a in STAFF for b in STAFF[-8:] if {a, b}.isdisjoint(one_school) and a != b],
        ),
        "everyone asks everyone": surveyed(
            folder, [(a, b) for a in STAFF for b in STAFF if a != b]
        ),
        "nobody asks anybody": busy(district={"advice_ties": 0}),
    }


def holds(scenario: Scenario) -> None:
    """Assert that both engines agree in every month, and that what is recorded is finite and inside its bounds."""
    check(scenario, seed=3)
    result = simulate(scenario, 3, 0)
    for table in (result.district, result.schools):
        for name, values in table.items():
            known = values[~np.isnan(values)]
            assert known.size, name
            assert np.isfinite(known).all(), name
            if name in UNIT:
                assert known.min() >= 0, name
                assert known.max() <= 1, name


@pytest.mark.parametrize(
    "network", ["one hub", "a school without ties", "everyone asks everyone", "nobody asks anybody"]
)
@pytest.mark.parametrize("end", [None, 0, 1])
def test_any_network_with_all_coefficients_at_either_end(
    tmp_path: Path, network: str, end: int | None
) -> None:
    scenario = networks(tmp_path)[network]
    if end is not None:
        scenario = scenario.replace(
            coefficients={name: bounds[end] for name, bounds in ENDS.items()}
        )
    holds(scenario)


@pytest.mark.parametrize(("name", "value"), BOTH)
def test_one_hub_with_one_coefficient_at_an_end(tmp_path: Path, name: str, value: float) -> None:
    holds(networks(tmp_path)["one hub"].replace(coefficients={name: value}))


def test_ties_to_nobody_are_all_told(tmp_path: Path) -> None:
    ties = [("teacher-9-0", STAFF[0]), (STAFF[0], "teacher-0-99"), ("nobody", STAFF[1])]
    with pytest.raises(ReformsimError) as raised:
        simulate(surveyed(tmp_path, ties), 3, 0)
    told = [str(problem) for problem in raised.value.problems]
    for problem, name in zip(told, ("teacher-9-0", "teacher-0-99", "nobody"), strict=True):
        assert name in problem


def test_a_hub_who_is_asked_by_all_is_kept_up_to_the_launch(tmp_path: Path) -> None:
    """A loaded survey says what it says, also where its network is one that nobody would choose."""
    from reformsim.engines.reference import DistrictModel

    model = DistrictModel(networks(tmp_path)["one hub"], 3, 0)
    assert model.graph.out_degree(STAFF[0]) >= len(STAFF) - 1
