"""Seeds and replicates of models, in Mesa's batch runs too.

Mesa's `batch_run` makes the same model for every iteration and leaves it to chance to tell them apart.
Here chance is fixed by a key, so an iteration is a replicate.
"""

from __future__ import annotations

import inspect
import sys
from operator import index
from typing import Any

import mesa

from reformsim.errors import Problem, ReformsimError
from reformsim.theory.chance import DEFAULT_SEED

HANDS_OUT_SEEDS = "rng" in inspect.signature(mesa.batch_run).parameters
"""Whether this version of Mesa gives each iteration a seed, or None, over whatever else was given."""


def key_of_run(seed: Any, replicate: Any) -> tuple[int, int]:
    """Return seed and replicate of a model, given what it is made with; None is what is usual."""
    iteration, parameters = _batch()
    if HANDS_OUT_SEEDS and seed is None and "seed" in parameters:
        hint = (
            "give seeds as batch_run(..., rng=[1, 2]), or leave them out: iterations are replicates"
        )
        raise ReformsimError(Problem("Mesa does not hand on the parameter 'seed'", hint=hint))
    if replicate is None:
        replicate = 0 if HANDS_OUT_SEEDS and seed is not None else iteration
    elif iteration > 0 and not (HANDS_OUT_SEEDS and seed is not None):
        hint = "leave out 'replicate', and iterations are replicates; or leave out 'iterations'"
        message = f"iteration {iteration} would be replicate {replicate} once more"
        raise ReformsimError(Problem(message, hint=hint))
    return _whole("seed", DEFAULT_SEED if seed is None else seed), _whole("replicate", replicate)


def _whole(name: str, given: Any) -> int:
    try:
        number = index(given)
    except TypeError:
        number = -1
    if not 0 <= number < 2**32:
        raise ReformsimError(f"{name} must be a whole number from 0 to {2**32 - 1}; got {given!r}")
    return number


def _batch() -> tuple[int, Any]:
    """Return which iteration of a batch run this is, and the parameters of the batch, where known.

    Mesa tells a model nothing of either, so this looks at who is calling.
    """
    frame: Any = sys._getframe()
    known: dict[str, Any] = {}
    while frame is not None:
        if frame.f_globals.get("__name__") == "mesa.batchrunner":
            known = frame.f_locals | known  # what is nearest counts
        frame = frame.f_back
    return known.get("iteration", 0), known.get("parameters", ())
