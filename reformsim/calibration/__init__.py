"""Calibration: parameters that fit observed figures, how well they are known, and a check of that."""

from .calibration import Calibration, begin, recipe_of, resume
from .checking import Coverage, check, coverage
from .loading import builtin_targets, load_targets
from .posterior import frozen
from .sampling import Step
from .statistics import Named, statistics
from .targets import Targets

__all__ = [
    "Calibration",
    "Coverage",
    "Named",
    "Step",
    "Targets",
    "begin",
    "builtin_targets",
    "check",
    "coverage",
    "frozen",
    "load_targets",
    "recipe_of",
    "resume",
    "statistics",
]
