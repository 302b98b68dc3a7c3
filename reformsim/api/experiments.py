"""Experiments from Python: a sweep in one call, and any experiment in its folder."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from reformsim.errors import OutputError, Problem, ReformsimError, refused
from reformsim.experiments.definition import Definition
from reformsim.experiments.experiment import Options, StoredExperiment
from reformsim.experiments.loading import as_given, experiment_of, load_experiment
from reformsim.experiments.precision import Precision
from reformsim.experiments.recipe import definition_of, recipe_of, scenarios_of
from reformsim.experiments.summary import summarise
from reformsim.results import manifest

from .arguments import (
    MOST_REPLICATES,
    MOST_WORKERS,
    Problems,
    changes_of,
    check_callback,
    check_name,
    flat,
    mechanisms_of,
    posterior_change,
    shown,
    split_own,
    texts,
    whole,
    with_own,
)
from .defaults import SWEPT
from .results import Shown, chosen, path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd
    from matplotlib.figure import Figure

    from reformsim.experiments.experiment import Repeat, Status
    from reformsim.experiments.summary import Summary
    from reformsim.mechanisms import Mechanisms

    Progress = Callable[[int, int], None]
    """Takes the runs done and the runs planned."""

FAILURES = 5
"""Failed runs that are named."""


class Experiment(Shown):
    """An experiment in its folder: many runs, paired, resumable.

    The folder is looked at only when something is asked for.
    """

    frames = ("runs", "effects", "overall", "series", "events", "agents")

    def __init__(self, folder: str | Path) -> None:
        """Name the folder of an experiment, one that is there or one that is to be made."""
        self.folder = path_of(folder)
        """Where the recipe and the tables are."""
        self._is_temporary = False
        self._summary: tuple[list[str], Summary] | None = None

    def run(
        self,
        experiment: str | Path | Definition,
        *,
        set: Any = (),
        precision: str | None = None,
        workers: int | None = None,
        mechanisms: str | Path | Mechanisms | None = None,
        parameter_uncertainty: str | Path | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Run an experiment, a built-in name or a file, in a new or empty folder; return itself.

        `set` changes values of the file, as {"replicates": 5}; `precision` adds replicates until a
        measure is known that well, as "retention_60=0.05". With `parameter_uncertainty`,
        "published-patterns" or the file of a posterior, each replicate draws its parameters.
        `progress` is called with the runs done and those planned. Raises ReformsimError with every
        problem; after a Ctrl-C, `resume` goes on.
        """
        problems = Problems()
        changes, settings = split_own(changes_of(problems, set))
        wanted = _precision(problems, precision)
        posterior = _posterior(problems, parameter_uncertainty)
        custom = _mechanisms(problems, mechanisms, settings)
        definition: Definition | None = None
        given: dict[str, Any] = {}
        if isinstance(experiment, Definition):
            definition = experiment
            for key, changed in (("set", changes + settings), ("parameter_uncertainty", posterior)):
                if changed:
                    problems.add(Problem("goes with the name of an experiment", key=f"`{key}`"))
        elif check_name(problems, "experiment", experiment):
            make = partial(load_experiment, experiment, changes + posterior, custom)
            definition = _defined(problems, make, mechanisms, custom)
        options = _options(problems, workers, progress)
        problems.raise_any()
        assert definition is not None
        if not isinstance(experiment, Definition):
            file = mechanisms if isinstance(mechanisms, str | Path) else None
            given = as_given(experiment, changes + settings, parameter_uncertainty, file)
        stored = StoredExperiment(self.folder)
        return self._ended(stored.run(definition, options, wanted, given, mechanisms=custom))

    def resume(
        self,
        *,
        retry_failed: bool = False,
        workers: int | None = None,
        mechanisms: str | Path | Mechanisms | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Do every run that is not there yet, with `retry_failed` those that failed too; return itself.

        An experiment with custom mechanisms needs them again. Raises ReformsimError if the folder
        holds no experiment, or the model or the mechanisms have changed since.
        """
        problems = Problems()
        custom = _mechanisms(problems, mechanisms)
        options = _options(problems, workers, progress)
        problems.raise_any()
        options = options._replace(retry_failed=retry_failed)
        return self._ended(StoredExperiment(self.folder).resume(options, custom))

    def extend(
        self,
        replicates: int | None = None,
        strategies: str | Iterable[str] = (),
        *,
        precision: str | None = None,
        workers: int | None = None,
        mechanisms: str | Path | Mechanisms | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Add replicates, of which there will be so many in all, or strategies; return itself.

        Raises ReformsimError as `resume` does, and if there were more replicates already.
        """
        problems = Problems()
        if replicates is not None:
            whole(problems, "replicates", replicates, 1, MOST_REPLICATES)
        further = texts(problems, "strategies", strategies)
        wanted = _precision(problems, precision)
        custom = _mechanisms(problems, mechanisms)
        options = _options(problems, workers, progress)
        problems.raise_any()
        stored = StoredExperiment(self.folder)
        return self._ended(stored.extend(options, replicates, further, wanted, custom))

    def status(self) -> Status:
        """Return how far the experiment is, with every file verified; nothing is changed.

        Raises ReformsimError if the folder holds no experiment.
        """
        return StoredExperiment(self.folder).status()

    def rerun(
        self,
        run: str,
        folder: str | Path | None = None,
        *,
        mechanisms: str | Path | Mechanisms | None = None,
    ) -> Repeat:
        """Repeat one run with every agent in every month, and compare it with what is stored.

        Raises ReformsimError if the plan has no such run.
        """
        target = None if folder is None else path_of(folder)
        return StoredExperiment(self.folder).rerun(str(run), target, mechanisms_of(mechanisms))

    @property
    def title(self) -> str:
        """What the experiment is and how far."""
        try:
            recipe = recipe_of(self.folder)
        except ReformsimError:
            return f"nothing yet in {self.folder}"
        status = self.status()
        where = "" if self._is_temporary else f" in {self.folder}"
        return f"{recipe['title']}; {status.done:,} of {status.planned:,} runs{where}"

    @property
    def definition(self) -> Definition:
        """What the experiment is. Raises ReformsimError if the folder holds none."""
        return definition_of(recipe_of(self.folder))

    @property
    def summary(self) -> Summary:
        """What the stored runs say, as `reformsim experiment summary` works it out."""
        parts = sorted(path.name for path in self.folder.glob("checksums/*"))
        if self._summary is None or self._summary[0] != parts:  # another process may add runs
            self._summary = parts, summarise(self.folder)
        return self._summary[1]

    @property
    def notes(self) -> tuple[str, ...]:
        """What should be known before its numbers are used, a sentence each.

        Missing runs, measures left out, and dated plans that ask for more money than there can be.
        """
        return tuple(filter(None, (self._lacking, *self.summary.notes)))

    @property
    def _lacking(self) -> str:
        """Which plans ask for too much; nothing if the recipe is not one of this version."""
        from reformsim.analysis.plan_notes import plan_note

        recipe = recipe_of(self.folder)
        try:
            scenarios = scenarios_of(self.folder, recipe, definition_of(recipe))
        except ReformsimError:
            return ""
        return plan_note(scenarios.values())

    @property
    def table(self) -> pd.DataFrame:
        """A row for each point and strategy: the headline's paired difference with its interval."""
        summary = self.summary
        effects = summary.effects[summary.effects["measure"] == summary.headline]
        alike = ("district", "condition", "strategy")
        settled = [name for name in alike if effects[name].nunique() == 1]
        return effects.drop(columns=settled).reset_index(drop=True)

    def plot(self, along: str = "") -> Figure:
        """Draw the headline's difference from the baseline along a parameter, by default the first.

        Raises ReformsimError for a parameter that is not varied.
        """
        summary = self.summary
        varied = [name for name in (*summary.steps, *summary.ranges) if name != "condition"]
        column = chosen(along, varied, "along") if along else ""
        from reformsim.figures.along import figure_along

        return figure_along(summary, column)

    def report(self, folder: str | Path | None = None) -> Path:
        """Write the summary, words, tables and figures, into `summary`; return that folder.

        With a folder, which has to be new or empty, the whole experiment is copied there first.
        Raises OutputError if it cannot be written.
        """
        from reformsim.report.summary import write_summary

        summary, target = self.summary, self.folder
        if folder is not None and path_of(folder).absolute() != target.absolute():
            target = _copied(target, path_of(folder))
        return write_summary(summary, target)[0].parent

    def _frame(self, name: str) -> pd.DataFrame:
        if name in ("effects", "overall"):
            return self.summary.effects if name == "effects" else self.summary.overall
        return getattr(StoredExperiment(self.folder).frames(), name)  # type: ignore[no-any-return]

    def _ended(self, status: Status) -> Self:
        """Return itself after runs; what was stopped or failed altogether is raised."""
        self._summary = None
        if status.stopped:
            raise KeyboardInterrupt
        if status.failed and status.failed >= status.done:
            runs = StoredExperiment(self.folder).frames().runs.head(FAILURES)
            raise ReformsimError(
                *(
                    Problem("the run failed", key=f"run {run}", found=str(error))
                    for run, error in zip(runs["run"], runs["error"], strict=True)
                )
            )
        return self


def swept(
    district: Any,
    varied: Any,
    *,
    strategies: Any,
    conditions: Any,
    baseline: str,
    design: str,
    points: int | None,
    replicates: int,
    seed: int,
    years: int | None,
    warm_up: int | None,
    folder: str | Path | None,
    workers: int | None,
    mechanisms: str | Path | Mechanisms | None,
    parameter_uncertainty: str | Path | None,
    progress: Progress | None,
) -> Experiment:
    """Run a sweep; `reformsim.sweep` says what of."""
    problems = Problems()
    custom = _mechanisms(problems, mechanisms)
    posterior = _posterior(problems, parameter_uncertainty)
    options = _options(problems, workers, progress)
    parts = {
        "districts": texts(problems, "district", district),
        "conditions": texts(problems, "conditions", conditions),
        "strategies": texts(problems, "strategies", strategies),
    }
    tables = _tables(problems, varied)
    baseline, design = _simple(baseline), _simple(design)
    if tables["levers"] and all(name == baseline for name in parts["strategies"]):
        message = "nothing would differ: the baseline keeps its levers"
        hint = f"name a strategy in `strategies`, as {SWEPT}"
        problems.add(Problem(message, key="`strategies`", found=str(baseline), hint=hint))
    horizon = {"years": years, "warm_up_years": warm_up}
    names = [key.rpartition(".")[2] for table in tables.values() for key in table]
    data = {
        "title": f"Sweep of {', '.join(names)}",
        **{name: given for name, given in parts.items() if given},
        **tables,
        "baseline": baseline,
        "replicates": replicates,
        "seed": seed,
        "horizon": {name: value for name, value in horizon.items() if value is not None},
        "design": {"kind": design} | ({} if points is None else {"points": points}),
    }
    make = partial(experiment_of, data, "sweep", posterior, custom)
    definition = _defined(problems, make, mechanisms, custom)
    problems.raise_any()
    assert definition is not None
    made = Experiment(_temporary_folder() if folder is None else folder)
    if folder is None:
        made._is_temporary = True
        weakref.finalize(made, shutil.rmtree, made.folder, ignore_errors=True)
    return made._ended(_begun_or_resumed(made.folder, definition, options, custom))


def _temporary_folder() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="reformsim-"))
    except OSError as error:
        raise OutputError(refused(Path(tempfile.gettempdir()), error)) from error


def _begun_or_resumed(
    folder: Path, definition: Definition, options: Options, mechanisms: Mechanisms | None
) -> Status:
    """Begin a sweep in a folder, or go on with the same one that is there."""
    stored = StoredExperiment(folder)
    if not (folder / manifest.NAME).exists():
        return stored.run(definition, options, mechanisms=mechanisms)
    before = definition_of(recipe_of(folder))
    same = before.model_copy(update={"replicates": definition.replicates}) == definition
    if not same or before.replicates > definition.replicates:
        hint = "choose another folder, or ask for the same with as many replicates or more"
        message = "holds another experiment"
        raise OutputError(Problem(message, str(folder), found=f'"{before.title}"', hint=hint))
    return stored.extend(options, definition.replicates, mechanisms=mechanisms)


def _tables(problems: Problems, varied: Any) -> dict[str, dict[str, Any]]:
    """Return what is varied, in the two tables that an experiment has for it."""
    tables: dict[str, dict[str, Any]] = {"uncertainties": {}, "levers": {}}
    if not isinstance(varied, Mapping) or not all(isinstance(key, str) for key in varied):
        allowed = 'values by dotted key, as {"levers.pipeline": [0, 0.5, 1]}'
        problems.add(
            Problem("must be a dict", key="`varied`", found=shown(varied), allowed=allowed)
        )
        return tables
    if not varied:
        hint = 'as {"levers.pipeline": [0, 0.5, 1]}'
        problems.add(Problem("names nothing to vary", key="`varied`", hint=hint))
    for key, values in flat(varied).items():
        is_chosen = key.startswith(("levers.", "phases.", "grants."))
        table = "levers" if is_chosen else "uncertainties"
        tables[table][key] = _plain(values)
    return tables


def _simple(value: Any) -> Any:
    """Return a name as it is, and what is none so that it can be compared with names and be shown."""
    if isinstance(value, Path):
        return str(value)
    return value if isinstance(value, str | int | float) else shown(value)


def _plain(values: Any) -> Any:
    """Return values as a file would give them, those of numpy and pandas as plain numbers."""
    if hasattr(values, "tolist"):
        return values.tolist()
    if isinstance(values, Mapping):
        return {key: _plain(value) for key, value in values.items()}
    if isinstance(values, list | tuple | range):
        return [_plain(value) for value in values]
    return values


def _precision(problems: Problems, precision: Any) -> Precision | None:
    """Return what a text says of a precision; None if there is none."""
    if precision is None or not check_name(problems, "precision", precision):
        return None
    return problems.tried(Precision.parse, str(precision))


def _mechanisms(problems: Problems, given: Any, settings: Sequence[str] = ()) -> Mechanisms | None:
    """Return custom mechanisms with the values that `settings` give; None if there are none."""
    mechanisms = problems.tried(mechanisms_of, given)
    if mechanisms is None and given is not None:
        return None
    return problems.tried(with_own, mechanisms, settings) or mechanisms


def _defined(
    problems: Problems, make: Callable[[], Definition], given: Any, mechanisms: Mechanisms | None
) -> Definition | None:
    """Return an experiment, or None with its problems added.

    What it says of mechanisms that could not be read is unknown for no fault of its own.
    """
    try:
        return make()
    except ReformsimError as error:
        is_read = given is None or mechanisms is not None
        problems.add(
            *(
                problem
                for problem in error.problems
                if is_read or "mechanism." not in f"{problem.key} {problem.found}"
            )
        )
        return None


def _posterior(problems: Problems, given: Any) -> list[str]:
    """Return what lays a posterior over an experiment; nothing if there is none."""
    if given is None or not check_name(problems, "parameter_uncertainty", given):
        return []
    return [posterior_change(given)]


def _options(problems: Problems, workers: Any, progress: Progress | None) -> Options:
    check_callback(problems, progress)
    if workers is not None:
        whole(problems, "workers", workers, 1, MOST_WORKERS)
    options = Options(workers)
    return options if progress is None else options._replace(on_progress=progress)


def _copied(folder: Path, target: Path) -> Path:
    """Copy an experiment into a new or empty folder."""
    from reformsim.writing import OutputFolder

    if target.absolute().is_relative_to(folder.absolute()):
        message = "is inside the folder of the experiment, which would be copied into itself"
        raise OutputError(Problem(message, str(target), hint="choose another folder"))
    OutputFolder(target, force=None)
    try:
        ignored = shutil.ignore_patterns("lock", "lock.*", "summary", "summary.sha256")
        shutil.copytree(folder, target, dirs_exist_ok=True, symlinks=True, ignore=ignored)
    except (OSError, shutil.Error) as error:
        raise OutputError(Problem(f"cannot be copied: {error}", str(target))) from error
    return target
