"""What runs say: measures of one run against its paired run, and comparisons over replicates."""

from .catalogue import MEASURES, Measure, measure_named
from .comparison import compare
from .counterfactual import change_effects, contrast, difference_paths, paired_differences
from .departure import gain_paths, gain_shares, gains
from .effects import changes, effects, pairing
from .sustainability import measure_runs, run_measures

__all__ = [
    "MEASURES",
    "Measure",
    "change_effects",
    "changes",
    "compare",
    "contrast",
    "difference_paths",
    "effects",
    "gain_paths",
    "gain_shares",
    "gains",
    "measure_named",
    "measure_runs",
    "paired_differences",
    "pairing",
    "run_measures",
]
