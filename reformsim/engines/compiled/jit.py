"""How kernels are compiled: exact arithmetic, without Python's lock, calling the shared equations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numba import njit
from numba.extending import register_jitable

from reformsim.district import caseloads, seats

if TYPE_CHECKING:
    from collections.abc import Callable

for _helper in (seats.seat_number, seats.heads, caseloads.add_member, caseloads.remove_member):
    register_jitable(_helper)
register_jitable(caseloads.load)


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function of the schedule; it becomes part of the kernel that calls it."""
    compiled: Callable[..., Any] = njit(
        nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True
    )(function)
    return compiled
