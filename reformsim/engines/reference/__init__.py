"""The reference engine: the model as Mesa agents on a networkx support graph, to read and extend."""

from .model import DistrictModel

__all__ = ["DistrictModel"]
