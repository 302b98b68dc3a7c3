"""reformsim: an agent-based model of learning-focused leadership in a school district.

    import reformsim as rs

    rs.run("small-rural", "web_of_support", years=10).plot()
    rs.compare("small-rural", ["status_quo", "web_of_support"]).table
    rs.sweep("small-rural", {"levers.pipeline": [0, 0.5, 1]}, replicates=10).table

Importing it takes no time: each name imports what it needs when it is used first.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .api.experiments import Experiment
    from .api.front import (
        compare,
        contrast,
        drawn_events,
        load,
        parameters,
        run,
        sweep,
        what_if,
    )
    from .engines.reference import DistrictModel
    from .errors import ReformsimError

    __version__: str

_HOMES = {
    "load": "api.front",
    "run": "api.front",
    "compare": "api.front",
    "what_if": "api.front",
    "contrast": "api.front",
    "sweep": "api.front",
    "Experiment": "api.experiments",
    "parameters": "api.front",
    "drawn_events": "api.front",
    "DistrictModel": "engines.reference",
    "ReformsimError": "errors",
}
"""The module that holds each public name."""

__all__ = [
    "DistrictModel",
    "Experiment",
    "ReformsimError",
    "__version__",
    "compare",
    "contrast",
    "drawn_events",
    "load",
    "parameters",
    "run",
    "sweep",
    "what_if",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is used first."""
    from importlib import import_module

    if name == "__version__":
        value = import_module("reformsim.results.provenance").version()
    elif name in _HOMES:
        value = getattr(import_module(f"reformsim.{_HOMES[name]}"), name)
    else:
        raise AttributeError(f"module 'reformsim' has no attribute '{name}'")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names, which need not have been imported yet."""
    return sorted({*globals(), *__all__})
