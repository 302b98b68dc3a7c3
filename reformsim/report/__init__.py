"""The report of a comparison: one HTML file that needs nothing else."""

from .headline import headlines
from .page import write_report

__all__ = ["headlines", "write_report"]
