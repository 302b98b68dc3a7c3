"""Engines: the schedule of the model, run over agents (`reference`, plain Mesa) or over arrays
(`compiled`, the same equations through Numba). Both give the same record, bit for bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.errors import ReformsimError

if TYPE_CHECKING:
    from collections.abc import Callable

    from reformsim.district.record import Result
    from reformsim.mechanisms import Mechanisms
    from reformsim.scenario import Scenario

ENGINES = ("compiled", "mesa")


def simulate(
    scenario: Scenario,
    seed: int = 0,
    replicate: int = 0,
    engine: str = "compiled",
    progress: Callable[[int, int], None] | None = None,
    mechanisms: Mechanisms | None = None,
) -> Result:
    """Run a scenario from the warm-up to the horizon and return its record.

    The same scenario, seed and replicate (whole numbers from 0 to 2³²−1) give the same record on any
    machine, from either engine. Scenarios run with the same seed and replicate are paired: every
    decision of every seat in every month uses the same draw. `progress` is called with the months
    done and the months in all: after each month by the Mesa engine, at the end by the compiled one.
    `mechanisms` are one's own, from `load_mechanisms`.
    Raises ReformsimError for an unknown engine, a seed out of range, a state that is not finite, or
    mechanisms that fail or that Numba cannot compile.
    """
    if engine not in ENGINES:
        raise ReformsimError(f"unknown engine '{engine}'; there is: {', '.join(ENGINES)}")
    for name, number in (("seed", seed), ("replicate", replicate)):
        if not 0 <= number < 2**32:
            raise ReformsimError(
                f"{name} must be a whole number from 0 to {2**32 - 1}; got {number}"
            )
    total = scenario.last_month - scenario.first_month
    if engine == "compiled":
        from .compiled.mechanisms import engine_with

        result: Result = engine_with(mechanisms).run(scenario, seed, replicate)
        if progress is not None:
            progress(total, total)
        return result

    from .reference.mechanisms import model_with

    model = model_with(mechanisms)(scenario, seed, replicate)
    while model.running:
        model.step()
        if progress is not None:
            progress(model.month - scenario.first_month, total)
    return model.result()
