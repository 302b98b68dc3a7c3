"""Custom mechanisms: equations replaced and interventions added, for both engines.

A Python file declares them with `replaces` and `intervention`; `load_mechanisms` reads it, and
`simulate(..., mechanisms=...)` runs with it. docs/custom-mechanisms.md has a complete example.
"""

from .declaring import (
    STAGES_WITH_INTERVENTIONS,
    Intervention,
    Mechanisms,
    OwnMeasure,
    intervention,
    measure,
    replaces,
)
from .loading import MechanismsError, load_mechanisms
from .view import View

__all__ = [
    "STAGES_WITH_INTERVENTIONS",
    "Intervention",
    "Mechanisms",
    "MechanismsError",
    "OwnMeasure",
    "View",
    "intervention",
    "load_mechanisms",
    "measure",
    "replaces",
]
