"""The reference engine: the model as Mesa agents on a networkx support graph, to read and extend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import DistrictModel

if TYPE_CHECKING:
    from reformsim.mechanisms import Mechanisms

__all__ = ["DistrictModel", "model_with"]


def model_with(mechanisms: Mechanisms | None) -> type[DistrictModel]:
    """Return the model, with a researcher's custom mechanisms in it if there are any."""
    if mechanisms is None or not mechanisms.acts:
        return DistrictModel
    from .mechanisms import with_mechanisms

    return with_mechanisms(mechanisms)
