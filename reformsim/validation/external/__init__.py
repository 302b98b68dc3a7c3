"""External checks: what other people's models and programs show, asked of this one."""

from .contrast import Contrast
from .esim import HOSTS, esim_changes, esim_contrasts
from .march import MODELS, Knowledge, march_contrasts, march_curves

__all__ = [
    "HOSTS",
    "MODELS",
    "Contrast",
    "Knowledge",
    "esim_changes",
    "esim_contrasts",
    "march_contrasts",
    "march_curves",
]
