"""The public functions of `import reformsim as rs`: ask, check, run, and return what shows itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reformsim.theory.chance import DEFAULT_SEED

from .defaults import DEPARTURE, SWEPT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from reformsim.mechanisms import Mechanisms
    from reformsim.scenario import Scenario
    from reformsim.scenario.events import Event

    from .contrast import Contrast
    from .experiments import Experiment
    from .reference import Parameters
    from .results import Comparison, Runs, WhatIf

    Part = str | Path | Scenario
    Names = str | Path | Iterable[str | Path] | None
    Changes = Mapping[str, Any] | Iterable[str]
    Progress = Callable[[int, int], None]


def load(
    *parts: Part, set: Changes = (), years: int | None = None, warm_up: int | None = None
) -> Scenario:
    """Return the scenario that built-in names and files make, laid over one another in order.

    A kind that is missing is filled in: mesa-public-schools, stable, status_quo. `set` changes
    values by dotted key, as {"levers.pipeline": 0.5}. A scenario can be changed by its method
    `replace`. Raises ScenarioError with every problem.
    """
    from .arguments import Problems, changes_of
    from .composing import scenario_of

    problems = Problems()
    composed = scenario_of(problems, parts, changes_of(problems, set, years, warm_up))
    problems.raise_any()
    assert composed is not None
    return composed.scenario


def run(
    *parts: Part,
    set: Changes = (),
    years: int | None = None,
    warm_up: int | None = None,
    seed: int = DEFAULT_SEED,
    replicates: int = 1,
    workers: int | None = None,
    engine: str = "compiled",
    mechanisms: str | Path | Mechanisms | None = None,
    progress: Progress | None = None,
) -> Runs:
    """Run one scenario, of built-in names, files, or one made in memory.

    `years` are those after the launch, `warm_up` those before it. Replicates are stochastic; the
    same seed gives the same results. `workers` are runs at the same time, which changes
    no number. `progress` is called now and then with the months simulated and the months in all.
    Raises ReformsimError with every problem before anything runs.
    """
    from .requests import How, RunRequest

    how = How(seed, replicates, workers, engine, mechanisms)
    return RunRequest.of(parts, set, years, warm_up, how).simulate(progress)


def compare(
    district: Part = "mesa-public-schools",
    strategies: Names | Mapping[str, Mapping[str, float] | None] = None,
    *,
    conditions: Names = None,
    baseline: str = "status_quo",
    set: Changes = (),
    years: int | None = None,
    warm_up: int | None = None,
    seed: int = DEFAULT_SEED,
    replicates: int = 20,
    workers: int | None = None,
    engine: str = "compiled",
    mechanisms: str | Path | Mechanisms | None = None,
    with_and_without: bool = False,
    equal_cost: float | None = None,
    parameter_uncertainty: str | Path | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Compare strategies under conditions, every replicate with common random numbers for all.

    Without `strategies` and `conditions` they are those of `reformsim compare`. A strategy may be
    made in memory: in place of names, a dict has levers by the strategy's name, or None for one that
    is built in. A district may be a Scenario, whose conditions then hold. `with_and_without` runs every
    strategy without the mechanisms and with them, all against the baseline without. Strategies whose
    plans ask for more than `equal_cost`, $ per pupil a year on average, are scaled down to it. With
    `parameter_uncertainty`, "published-patterns" or the file of a posterior, each replicate draws its
    parameters, the same for all strategies. The other arguments are those of `run`. Raises ReformsimError with every problem before anything runs.
    """
    from .requests import ComparisonRequest, How

    how = How(seed, replicates, workers, engine, mechanisms, parameter_uncertainty)
    request = ComparisonRequest.of(
        district,
        strategies,
        conditions,
        baseline,
        set,
        years,
        warm_up,
        how,
        with_and_without,
        equal_cost,
    )
    return request.simulate(progress)


def what_if(
    *parts: Part,
    added: Names = (),
    removed: Names = (),
    strategies: Names = (),
    set: Changes = (),
    years: int | None = None,
    warm_up: int | None = None,
    seed: int = DEFAULT_SEED,
    replicates: int = 40,
    workers: int | None = None,
    engine: str = "compiled",
    mechanisms: str | Path | Mechanisms | None = None,
    parameter_uncertainty: str | Path | None = None,
    progress: Progress | None = None,
) -> WhatIf:
    """Run the same replicates with and without an event or a lever.

    `added` are events that happen besides, as "superintendent_departure@36"; `removed` are events of
    the scenario that do not happen, or levers that go back to the baseline, as "pipeline". Asked
    under the strategy of the scenario, else under `strategies`, else under the status quo and the
    web of support. `parameter_uncertainty` is as for `compare`, the other arguments as for `run`.
    Raises ReformsimError with every problem before anything runs.
    """
    from .requests import How, WhatIfRequest

    how = How(seed, replicates, workers, engine, mechanisms, parameter_uncertainty)
    request = WhatIfRequest.of(parts, added, removed, strategies, set, years, warm_up, how)
    return request.simulate(progress)


def contrast(
    district: Part = "mesa-public-schools",
    strategies: Names | Mapping[str, Mapping[str, float] | None] = None,
    *,
    condition: str | Path | None = None,
    month: int = DEPARTURE,
    baseline: str = "status_quo",
    set: Changes = (),
    years: int | None = None,
    warm_up: int | None = None,
    seed: int = DEFAULT_SEED,
    replicates: int = 40,
    workers: int | None = None,
    engine: str = "compiled",
    mechanisms: str | Path | Mechanisms | None = None,
    parameter_uncertainty: str | Path | None = None,
    progress: Progress | None = None,
) -> Contrast:
    """Compare what strategies gain without and with the superintendent's departure in a month.

    The baseline and each strategy are run twice in every replicate, all under common random numbers.
    Without `strategies` they are a heroic superintendent and distributed leadership; without
    `condition`, "stable", or that of a district that is a Scenario. The other arguments are those of
    `compare`. Raises ReformsimError with every problem before anything runs.
    """
    from .contrast import ContrastRequest
    from .requests import How

    how = How(seed, replicates, workers, engine, mechanisms, parameter_uncertainty)
    request = ContrastRequest.of(
        district, strategies, condition, baseline, month, set, years, warm_up, how
    )
    return request.simulate(progress)


def sweep(
    district: str | Path | Iterable[str | Path],
    varied: Mapping[str, Any],
    *,
    strategies: Names = SWEPT,
    conditions: Names = "stable",
    baseline: str = "status_quo",
    design: str = "grid",
    points: int | None = None,
    replicates: int = 20,
    seed: int = DEFAULT_SEED,
    years: int | None = None,
    warm_up: int | None = None,
    folder: str | Path | None = None,
    workers: int | None = None,
    mechanisms: str | Path | Mechanisms | None = None,
    parameter_uncertainty: str | Path | None = None,
    progress: Progress | None = None,
) -> Experiment:
    """Vary parameters and compare each point with the baseline of the same replicate.

    `varied` gives values by dotted key, as {"levers.pipeline": [0, 0.5, 1]}: levers, phases of a plan
    as {"phases.1.year": [2, 4]}, and grants as {"grants.1.dollars": [30, 60]}, are set in the
    strategies, all else in the baseline too. A design that draws `points`, such as latin-hypercube,
    takes ranges: {"low": 0, "high": 1}. With `folder` the runs are kept there, and the same call goes
    on after an interruption or adds replicates; without it they are gone with the result.
    `mechanisms`, whose parameters can be varied as {"mechanism.name": [0, 1]}, and
    `parameter_uncertainty` are as for `compare`. `progress` is called with the runs done and those
    planned. Raises ReformsimError with every problem before anything runs.
    """
    from .experiments import swept

    return swept(
        district,
        varied,
        strategies=strategies,
        conditions=conditions,
        baseline=baseline,
        design=design,
        points=points,
        replicates=replicates,
        seed=seed,
        years=years,
        warm_up=warm_up,
        folder=folder,
        workers=workers,
        mechanisms=mechanisms,
        parameter_uncertainty=parameter_uncertainty,
        progress=progress,
    )


def parameters(pattern: str = "", kind: str = "") -> Parameters:
    """Return the parameters whose key, meaning or group holds a text, all of them without one.

    `kind` is lever, condition or coefficient. Raises ReformsimError if there is none.
    """
    from .reference import matching

    return matching(pattern, kind)


def drawn_events(
    scenario: Scenario, seed: int = DEFAULT_SEED, replicate: int = 0
) -> tuple[Event, ...]:
    """Return the dated events of one replicate, with the numbers that it draws from ranges.

    Those of a result are `drawn_events(result.scenario, result.seed, result.replicate)`.
    """
    from reformsim.district.drawing import drawn_events

    return drawn_events(scenario, seed, replicate)
