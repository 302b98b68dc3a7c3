"""The page of the external checks: what other people's models and programs show, asked of this one.

`python -m reformsim.report.external docs` writes docs/external-checks.md and its figures.
"""

from .page import external_page, write_external

__all__ = ["external_page", "write_external"]
