"""Custom mechanisms: equations replaced and interventions added, for both engines.

A Python file declares them with `replaces` and `intervention`, and with `parameter`, `state` and
`measure` what they are made of and what is recorded; `load_mechanisms` reads it, and
`simulate(..., mechanisms=...)` runs with it. docs/custom-mechanisms.md has a complete example.
"""

from .declaring import (
    STAGES_WITH_INTERVENTIONS,
    Intervention,
    Mechanisms,
    MechanismsError,
    OwnMeasure,
    intervention,
    measure,
    parameter,
    replaces,
    state,
)
from .loading import load_mechanisms
from .own import OwnParameter, OwnState
from .view import View

__all__ = [
    "STAGES_WITH_INTERVENTIONS",
    "Intervention",
    "Mechanisms",
    "MechanismsError",
    "OwnMeasure",
    "OwnParameter",
    "OwnState",
    "View",
    "intervention",
    "load_mechanisms",
    "measure",
    "parameter",
    "replaces",
    "state",
]
