"""How kernels are compiled: exact arithmetic, without Python's lock, calling the shared equations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numba import config, njit
from numba.extending import register_jitable

from reformsim.district import caseloads, network, seats
from reformsim.theory import costs

from .cache import folder

if TYPE_CHECKING:
    from collections.abc import Callable

for _helper in (
    seats.seat_number,
    seats.heads,
    seats.teachers_level,
    seats.first_teacher,
    caseloads.add_member,
    caseloads.remove_member,
    caseloads.load,
    network.ask_colleagues,
    network.pick,
    costs.is_deliverable,
):
    register_jitable(no_cpython_wrapper=True, no_cfunc_wrapper=True)(_helper)


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function of the schedule; it becomes part of the kernel that calls it."""
    options: Any = {"nogil": True, "error_model": "numpy"}
    # Only other kernels call it: without a way in from Python, compilation takes half the time.
    options |= {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    compiled: Callable[..., Any] = njit(**options)(function)
    return compiled


def entry(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that Python calls, keeping the result for the next process."""
    settings: Any = config
    before, settings.CACHE_DIR = settings.CACHE_DIR, str(folder())
    try:  # Numba settles where a function is cached when it is decorated
        compiled: Callable[..., Any] = njit(nogil=True, error_model="numpy", cache=True)(function)
    finally:
        settings.CACHE_DIR = before
    return compiled
