"""The ODD protocol of the model (Grimm et al. 2020): facts from the code, prose from page.md.j2.

`python -m reformsim.report.odd docs` writes docs/odd.md and its figures.
"""

from .page import odd_page, responses_by_module, write_odd

__all__ = ["odd_page", "responses_by_module", "write_odd"]
