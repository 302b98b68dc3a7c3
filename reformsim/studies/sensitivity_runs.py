"""Which runs tell what the conclusions of an experiment hang on, and doing those that are missing.

An experiment as it stands says what is concluded with every parameter at its default. What it hangs
on is told by experiments that follow from it, each in a folder of its own:

- `defaults`: as it stands.
- `everything`: a few trajectories of every parameter, constants and all, under every strategy there
  is. It tells which parameters change nothing anywhere.
- `screening` (Morris): every parameter that has a plausible range, moved over all of it.
- `indices` (Sobol'): the few that the screening found to matter.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from reformsim.errors import Problem, ReformsimError
from reformsim.experiments.definition import Design, Outcomes, Range, Series, catalogue
from reformsim.experiments.design import too_many
from reformsim.experiments.experiment import Options, Status, StoredExperiment
from reformsim.experiments.recipe import definition_of, recipe_of, scenarios_of
from reformsim.experiments.storing import resume_command
from reformsim.results import manifest
from reformsim.results.links import refuse_links
from reformsim.scenario.loading import builtin_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from reformsim.experiments.definition import Definition
    from reformsim.experiments.runs import Cell
    from reformsim.scenario import Scenario
    from reformsim.scenario.parameters import Parameter

PHASES = ("defaults", "everything", "screening", "indices")
HEADLINES = (
    "leadership_gain_end",
    "leadership_area",
    "depth_end",
    "outcome_gain_end",
    "cost_above_reference",
)
"""Measures whose dependence is told: what is left at the end, what there was in all, principals'
practice, pupils' outcomes, cost. Every one is defined in every run."""
RANKED = ("leadership_gain_end", "outcome_gain_end")
"""Measures by which strategies are ranked."""
AROUND = 0.5
"""A constant without a plausible range is moved by this share of its value, both ways."""
TRIED, REPLICATES_TRIED = 4, 2
"""Trajectories and replicates of `everything`."""


class Effort(NamedTuple):
    """How much is run."""

    replicates: int = 6
    """At each point of the designs; the experiment's own are for the defaults."""
    trajectories: int = 16
    keep: int = 12
    """Parameters that get Sobol' indices; 0 leaves them out."""
    base_points: int = 128


def check(base: Definition, effort: Effort) -> None:
    """Raise ReformsimError with every reason why nothing could be said."""
    problems = []
    if base.levers:
        hint = "what a district chooses is compared, strategy by strategy, not drawn"
        problems.append(Problem("a sensitivity analysis varies no levers", key="levers", hint=hint))
    if len(base.strategies) < 3 or base.baseline not in base.strategies:
        value, allowed = ", ".join(base.strategies), f"{base.baseline} and two others or more"
        message = "too few strategies to rank"
        problems.append(Problem(message, key="strategies", found=value, allowed=allowed))
    if effort.keep and effort.base_points.bit_count() != 1:
        value, allowed = f"{effort.base_points:,}", "a power of two"
        problems.append(
            Problem("is no power of two", "--base-points", found=value, allowed=allowed)
        )
    plausible = sorted(_ranges(base, constants=False))
    largest = [screening(base, effort), indices(base, effort, plausible[: effort.keep])]
    problems += filter(None, map(too_many, largest))
    if problems:
        raise ReformsimError(*problems)


def as_it_stands(base: Definition) -> Definition:
    """Return the experiment with every parameter at its default."""
    return _phase(base, "defaults", {}, Design(), base.replicates)


def everything(base: Definition) -> Definition:
    """Return a short screening of every parameter under every strategy there is."""
    every = {file.name for file in builtin_files() if file.kind == "strategy"}
    others = every - set(base.strategies)
    design = Design(kind="morris", points=TRIED)
    definition = _phase(base, "everything", _ranges(base, constants=True), design, REPLICATES_TRIED)
    return definition.model_copy(update={"strategies": (*base.strategies, *sorted(others))})


def screening(base: Definition, effort: Effort) -> Definition:
    """Return the Morris screening; a range that the experiment gives takes the plausible one's place."""
    design = Design(kind="morris", points=effort.trajectories)
    ranges = _ranges(base, constants=False)
    return _phase(base, "screening", ranges, design, effort.replicates)


def indices(base: Definition, effort: Effort, chosen: Sequence[str]) -> Definition:
    """Return the Saltelli design over the parameters kept, in the ranges they were screened over."""
    ranges = _ranges(base, constants=False)
    design = Design(kind="saltelli", points=effort.base_points)
    return _phase(
        base, "indices", {name: ranges[name] for name in chosen}, design, effort.replicates
    )


def run_phases(
    base: Definition,
    folder: Path,
    effort: Effort,
    options: Options,
    chosen: Callable[[], Sequence[str]],
) -> Status | None:
    """Do every phase, or go on with it; return the status of one that was stopped or that failed.

    `chosen` is called after the screening for the parameters that get indices. All phases take the
    districts and conditions of the first one, also if it was begun long ago. Raises ReformsimError
    if a phase was begun with other options, and as `experiment.run` and `experiment.resume` do.
    """
    refuse_links(folder, PHASES)
    plans: list[tuple[str, Callable[[], Definition]]] = [
        ("defaults", lambda: as_it_stands(base)),
        ("everything", lambda: everything(base)),
        ("screening", lambda: screening(base, effort)),
    ]
    if effort.keep:
        plans.append(("indices", lambda: indices(base, effort, chosen())))
    for phase, plan in plans:
        options.tell(f"{phase}:")
        experiment, first, scenarios = plan(), folder / PHASES[0], None
        if phase != PHASES[0]:
            scenarios = scenarios_of(first, recipe_of(first), experiment)
        status = go_on(experiment, folder / phase, options, scenarios)
        if status.stopped or status.failed:
            return status
    return None


def run_missing(folder: Path, options: Options) -> Status | None:
    """Do the runs that are missing in the phases that were begun; return as `run_phases`."""
    refuse_links(folder, PHASES)
    for phase in PHASES:
        if (folder / phase / manifest.NAME).exists():
            status = StoredExperiment(folder / phase).resume(options)
            if status.stopped or status.failed:
                return status
    return None


def missing(folder: Path) -> Iterator[Problem]:
    """Yield why nothing can be said yet: phases that are not there, runs that are not, or failed."""
    refuse_links(folder, PHASES)
    for phase in PHASES:
        part = folder / phase
        if (part / manifest.NAME).exists():
            yield from _missing_runs(part)
        elif phase != "indices":
            hint = f"'reformsim sensitivity run --out {shlex.quote(str(folder))}' does it"
            yield Problem(f"there is no experiment {phase}", str(folder), hint=hint)


def _missing_runs(folder: Path) -> Iterator[Problem]:
    status = StoredExperiment(folder).status()
    if not status.complete:
        message = "runs are missing, without which indices would be wrong"
        count = f"{status.planned - status.done:,} of {status.planned:,}"
        hint = f"run them with: {resume_command(folder)}; or add --run-missing"
        yield Problem(message, str(folder), found=count, hint=hint)
    if status.failed:
        message = "runs failed, without which indices would be wrong"
        question = "SELECT run, error FROM runs WHERE status = 'failed'"
        hint = f"'reformsim query {shlex.quote(str(folder))} \"{question}\"' says why"
        yield Problem(message, str(folder), found=f"{status.failed:,}", hint=hint)


def go_on(
    experiment: Definition,
    folder: Path,
    options: Options,
    scenarios: Mapping[Cell, Scenario] | None = None,
) -> Status:
    """Do an experiment, or go on with it if the folder holds it; see `experiment.run`.

    Raises ReformsimError if the folder holds another one.
    """
    if not (folder / manifest.NAME).exists():
        return StoredExperiment(folder).run(experiment, options, scenarios=scenarios)
    if definition_of(recipe_of(folder)) != experiment:
        hint = "choose another folder, or give the options it was begun with"
        raise ReformsimError(Problem("was begun with other options", str(folder), hint=hint))
    return StoredExperiment(folder).resume(options)


def _phase(
    base: Definition, phase: str, ranges: dict[str, Range], design: Design, replicates: int
) -> Definition:
    constants = {
        name: entry
        for name, entry in base.uncertainties.items()
        if not isinstance(entry, Range) and len(entry) == 1 and name not in ranges
    }
    changes = {
        "title": f"{base.title}: {phase}",
        "replicates": replicates,
        "uncertainties": {**constants, **ranges},
        "design": design,
        "outcomes": Outcomes(headline=RANKED[0], series=Series(outcomes=(), every=0)),
    }
    return base.model_copy(update=changes)


def _ranges(base: Definition, *, constants: bool) -> dict[str, Range]:
    return {
        parameter.key: moved
        for parameter in catalogue().values()
        if parameter.section in ("district", "conditions", "coefficients")
        and (moved := _range_of(parameter, base, constants=constants))
    }


def _range_of(parameter: Parameter, base: Definition, *, constants: bool) -> Range | None:
    given = base.uncertainties.get(parameter.key)
    if isinstance(given, Range):
        return given
    if parameter.plausible:
        return Range(low=parameter.plausible[0], high=parameter.plausible[1])
    if (
        not constants
        or parameter.section != "coefficients"
        or not parameter.bounds
        or parameter.whole
    ):
        return None
    value = float(parameter.default or 0.0)
    ends = sorted((value * (1 - AROUND), value * (1 + AROUND)))
    low, high = max(ends[0], parameter.bounds[0]), min(ends[1], parameter.bounds[1])
    return Range(low=low, high=high) if low < high else None
