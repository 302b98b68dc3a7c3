"""Whether a run stays finite. Where it stopped being so is found by `onset.py`, which lives it again.

Not seen is what leaves no mark: a value that is replaced in the same month, before it is carried on.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from reformsim.errors import ReformsimError
from reformsim.record import OF_FILLED_SEATS

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_SUPPORT = "ownership"
"""A share of support: undefined where there is none."""
UNDEFINED = {*OF_FILLED_SEATS, NO_SUPPORT}
"""Series of the district that may be undefined."""


class NotFinite(ReformsimError):
    """Something in a run is infinite or undefined that must not be."""

    def __init__(self, month: int) -> None:
        super().__init__(
            f"the state of the district stops being finite in month {month}; a coefficient or a"
            " changed equation has led it there"
        )


def check_record(district: Mapping[str, float], schools: Mapping[str, Any], month: int) -> None:
    """Raise NotFinite if a month of the record is not finite where it should be."""
    vacant = np.asarray(schools["vacant"]) == 1.0
    for name, values in schools.items():
        finite = np.isfinite(values)
        if not (finite | vacant if name in OF_FILLED_SEATS else finite).all():
            raise NotFinite(month)
    if not all(math.isfinite(district[name]) for name in district if name not in UNDEFINED):
        raise NotFinite(month)
