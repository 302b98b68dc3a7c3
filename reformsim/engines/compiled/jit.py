"""How kernels are compiled: exact arithmetic, without Python's lock, calling the shared equations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from numba import config, njit, types
from numba.extending import intrinsic
from numba.np import linalg

from reformsim.theory.equation import INSIDE

from .cache import keep

if TYPE_CHECKING:
    from collections.abc import Callable

    from .layout import State


def _borrowed(_context: Any, state: Any) -> Any:
    def borrow(context: Any, builder: Any, kind: Any, value: Any) -> Any:
        if isinstance(kind, types.Array):
            array = context.make_array(kind)(context, builder, value=value)
            for owner in ("meminfo", "parent"):
                setattr(array, owner, getattr(array, owner).type(None))
            return array._getvalue()
        if isinstance(kind, types.BaseTuple):  # all of it: what is left counted is freed too early
            parts: Any = kind
            for place, part in enumerate(parts.types):
                own = borrow(context, builder, part, builder.extract_value(value, place))
                value = builder.insert_value(value, own, place)
        return value

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return borrow(context, builder, signature.return_type, arguments[0])

    return state(state), generate


settings: Any = config


def _load_arrays_without_blas() -> None:
    """Let Numba load what it knows of arrays without SciPy's linear algebra.

    It only looks whether that is there, which takes a fifth of the start of a run, and loads it
    when a function needs it. SciPy is there: this package depends on it.
    """
    there, linalg.ensure_blas = linalg.ensure_blas, lambda: None
    try:
        from numba.np import arraymath  # noqa: F401 - it is there from now on
    finally:
        linalg.ensure_blas = there


_load_arrays_without_blas()
borrowed: Callable[[State], State] = (
    (lambda state: state) if settings.DISABLE_JIT else cast("Any", intrinsic(_borrowed))
)
"""Return the same arrays without their count of references, which the caller in Python holds.

Every call of a kernel would otherwise count up and down for some forty arrays, which takes longer
than the months of a small district.
"""


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function of the schedule; it becomes part of the kernel that calls it."""
    compiled: Callable[..., Any] = njit(nogil=True, error_model="numpy", **INSIDE)(function)
    return compiled


def entry(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that Python calls, keeping the result for the next process."""
    compiled: Callable[..., Any] = njit(nogil=True, error_model="numpy")(function)
    keep(compiled)
    return compiled
