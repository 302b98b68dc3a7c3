"""Whether a run has stayed finite: a quick look at its record and its last state.

Where it stopped being so is found by `onset.py`, which lives the run again. Not seen is what left no
mark: a value that was replaced in the same month, before it was written down or carried on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from reformsim.errors import ReformsimError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray


OF_PRINCIPALS = (
    "principal_practice",
    "support",
    "principal_conviction",
    "principal_strain",
    "isolation",
    "trust",
)
"""Series that are undefined while a principal's seat is vacant; for the district, while all are."""
NO_SUPPORT = "ownership"
"""A share of support: undefined where there is none."""
UNDEFINED = {*OF_PRINCIPALS, NO_SUPPORT}
"""Series of the district that may be undefined."""


class NotFinite(ReformsimError):
    """Something in a run is infinite or undefined that must not be."""

    def __init__(self) -> None:
        super().__init__("the state of the district is not finite")


def check_record(district: Mapping[str, Any], schools: Mapping[str, Any]) -> None:
    """Raise NotFinite if a series, or a month of it, is not finite where it should be."""
    vacant = np.asarray(schools["vacant"]) == 1.0
    for name, values in schools.items():
        finite = np.isfinite(values)
        if not (finite | vacant if name in OF_PRINCIPALS else finite).all():
            raise NotFinite
    check_arrays(np.asarray(district[name]) for name in district if name not in UNDEFINED)


def check_arrays(arrays: Iterable[Any]) -> None:
    """Raise NotFinite if an array of floats, or a float of an array of records, is not finite."""
    for array in arrays:
        if not np.isfinite(_floats(array)).all():
            raise NotFinite


def _floats(array: NDArray[Any]) -> NDArray[np.float64]:
    """Return the floats of an array; in records of 64-bit fields they come first."""
    if array.dtype.names is None:
        return array
    kinds = [array.dtype[name].kind for name in array.dtype.names]
    rows = np.atleast_1d(array).view(np.float64)
    return rows.reshape(-1, len(kinds))[:, : kinds.count("f")]
