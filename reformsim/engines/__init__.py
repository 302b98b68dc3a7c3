"""Engines: the schedule of the model, run over agents (`reference`, plain Mesa) or over arrays
(`compiled`, the same equations through Numba). Both give the same record, bit for bit."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from reformsim.errors import Problem, ReformsimError
from reformsim.messages import did_you_mean, nearest, show
from reformsim.theory.chance import DEFAULT_SEED

from . import memory
from .finite import NotFinite, check_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from reformsim.mechanisms import Mechanisms
    from reformsim.record import Result
    from reformsim.scenario import Scenario

ENGINES = ("compiled", "reference")
ALIASES = {"mesa": "reference"}
"""Other names by which an engine may be asked for; what is written has the name in ENGINES."""


def simulate(
    scenario: Scenario,
    seed: int = DEFAULT_SEED,
    replicate: int = 0,
    engine: str = "compiled",
    progress: Callable[[int, int], None] | None = None,
    mechanisms: Mechanisms | None = None,
) -> Result:
    """Run a scenario from the warm-up to the horizon and return its record.

    The same scenario, seed and replicate (whole numbers from 0 to 2³²−1) give the same record on any
    machine, from either engine. Scenarios run with the same seed and replicate are paired: every
    decision of every seat in every month uses the same draw. `progress` is called with the months
    done and the months in all: after each month by the reference engine, at the end and after each half
    second or so by the compiled one; what it raises ends the run and passes on. `mechanisms` are
    custom mechanisms, from `load_mechanisms`. `engine` is one of `ENGINES`, or an alias.
    Raises ReformsimError for an unknown engine, a seed out of range, a district too large for memory,
    a state that is not finite, with month, stage, seat and variable, or mechanisms that fail or that
    Numba cannot compile.
    """
    engine = engine_named(engine)
    _check(seed, replicate)
    memory.check(scenario, engine)
    try:
        return _simulated(scenario, seed, replicate, engine, progress, mechanisms)
    except (NotFinite, ArithmeticError, ValueError):
        _say_where(scenario, seed, replicate, engine, mechanisms)
        raise


def compile_engine(mechanisms: Mechanisms | None = None) -> None:
    """Compile the engine now, unless that has been done on this machine; see `compiled.cache`.

    A run does so by itself. What is wrong with mechanisms shows in the runs.
    """
    from reformsim.scenario import District, Scenario

    from .compiled.cache import is_compiled

    if not is_compiled(mechanisms):
        district = District(schools=1, teachers=1, enrolment=10)
        smallest = Scenario(district=district).replace(horizon={"years": 1, "warm_up_years": 1})
        with suppress(Exception):
            _simulated(smallest, 0, 0, "compiled", None, mechanisms)


def _simulated(
    scenario: Scenario,
    seed: int,
    replicate: int,
    engine: str,
    progress: Callable[[int, int], None] | None,
    mechanisms: Mechanisms | None,
) -> Result:
    total = scenario.last_month - scenario.first_month
    if engine == "compiled":
        from .compiled.engine import engine_with

        def on_month(month: int) -> None:
            if progress is not None:
                progress(month - scenario.first_month, total)

        return engine_with(mechanisms).run(scenario, seed, replicate, on_month)

    from .onset import first_not_finite
    from .reference import model_with
    from .trace import trace_reference

    model = model_with(mechanisms)(scenario, seed, replicate)
    while model.running:
        model.step()
        month = {name: rows[-1] for name, rows in model.recorder.schools.items()}
        check_record(model.recorder.latest, month, model.month - 1)
        if progress is not None:
            progress(model.month - scenario.first_month, total)
    if first_not_finite(trace_reference(model), {}, model.month - 1) is not None:
        raise NotFinite(model.month - 1)
    return model.result()


class Paired:
    """Runs of one seed and replicate with the compiled engine: quicker than `simulate`, and the same.

    Scenarios that come after one another and differ in nothing but their levers (and names) share
    the warm-up, in which their levers do not act yet. `heed` is called after each half second or so
    of a run; what it raises ends the run and passes on.
    """

    def __init__(self, seed: int, replicate: int, heed: Callable[[], None] | None = None) -> None:
        """Begin; raises ReformsimError for a seed or replicate out of range."""
        from .compiled import engine

        _check(seed, replicate)
        self._key = seed, replicate
        self._runs = engine.Paired(seed, replicate, None if heed is None else lambda _month: heed())

    def run(self, scenario: Scenario) -> Result:
        """Return the record of a scenario. Raises what `simulate` raises; others can follow."""
        memory.check(scenario, "compiled", runs=2)  # the shared warm-up is kept beside the run
        try:
            return self._runs.run(scenario)
        except NotFinite:
            _say_where(scenario, *self._key, "compiled", None)
            raise


def simulate_paired(
    scenarios: Iterable[Scenario],
    seed: int = DEFAULT_SEED,
    replicate: int = 0,
    heed: Callable[[], None] | None = None,
) -> Iterator[Result]:
    """Yield what `simulate` returns for each scenario, as `Paired` does. Raises what that raises."""
    scenarios = list(scenarios)
    for scenario in scenarios:
        memory.check(scenario, "compiled", runs=2)  # before the first is begun
    runs = Paired(seed, replicate, heed)
    for scenario in scenarios:
        yield runs.run(scenario)


def _say_where(
    scenario: Scenario, seed: int, replicate: int, engine: str, mechanisms: Mechanisms | None
) -> None:
    """Raise ReformsimError with the first value of a run that is not finite, if it can be found."""
    from .onset import onset

    found = onset(scenario, seed, replicate, engine, mechanisms)
    if found is not None:
        raise found.error() from None


def engine_named(name: str) -> str:
    """Return the engine of a name or alias. Raises ReformsimError if there is none."""
    engine = ALIASES.get(name, name)
    if engine not in ENGINES:
        near = nearest(name, (*ENGINES, *ALIASES))
        hint = did_you_mean(ALIASES.get(near, near))
        allowed = ", ".join(ENGINES)
        raise ReformsimError(
            Problem("unknown engine", found=show(name), allowed=allowed, hint=hint)
        )
    return engine


def _check(seed: int, replicate: int) -> None:
    for name, number in (("seed", seed), ("replicate", replicate)):
        if not 0 <= number < 2**32:
            raise ReformsimError(
                f"{name} must be a whole number from 0 to {2**32 - 1}; got {number}"
            )
