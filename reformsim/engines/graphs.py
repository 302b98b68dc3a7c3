"""The support graph of a district, as it stands when a month begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reformsim.district.network import SupportGraph
    from reformsim.scenario import Scenario


def graphs_at(
    scenario: Scenario, seed: int, replicate: int, months: Sequence[int]
) -> list[SupportGraph]:
    """Run a scenario and return its support graph as it stands when each of the months begins."""
    from .reference import DistrictModel

    model = DistrictModel(scenario, seed, replicate)
    graphs = []
    for month in months:
        while model.running and model.month < month:
            model.step()
        graphs.append(model.graph.copy())
    return graphs
