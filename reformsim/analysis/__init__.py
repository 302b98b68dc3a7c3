"""What runs say: measures of one run against its paired run, and comparisons over replicates."""

from .catalogue import MEASURES, Measure, measure_named
from .comparison import compare
from .effects import changes, effects, pairing
from .sustainability import measure_runs, run_measures

__all__ = [
    "MEASURES",
    "Measure",
    "changes",
    "compare",
    "effects",
    "measure_named",
    "measure_runs",
    "pairing",
    "run_measures",
]
