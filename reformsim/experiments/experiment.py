"""An experiment in its folder: run, gone on with, extended, looked at, and one run repeated.

The folder holds the recipe (`results.manifest`) and the tables (`results.store`). What is done is
known by the ids of the runs in it and by nothing else, so that going on after any interruption is
the same as beginning: every run of the plan that is not there is done.
"""

from __future__ import annotations

import json
import shlex
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from reformsim.district.record import BY_DISTRICT
from reformsim.errors import OutputError, Problem, ReformsimError
from reformsim.results import lock, manifest, provenance, query, store
from reformsim.results.durable import PART, refused
from reformsim.scenario import Scenario
from reformsim.scenario.locating import did_you_mean, nearest

from .definition import Experiment
from .plan import Plan, composed
from .precision import MOST_REPLICATES, Precision, replicates_for, widest
from .rows import FAILED, Rows, Wanted, carry_out, tables
from .streaming import Pool, Threads, stoppable, stream

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from .plan import Batch, Cell

EXECUTORS = ("threads", "dask")
RERUNS = "reruns"
FEWEST_SECONDS, MOST_SECONDS = 5.0, 60.0
"""Between two parts that are written: a kill loses no more."""
LOST = 0.05
"""Share of the time so far that a kill may lose: long experiments write less often."""
MOST_RUNS, MOST_NUMBERS = 20_000, 4_000_000
"""In one part: runs, and numbers in its other tables."""


class Status(NamedTuple):
    """How far an experiment is."""

    folder: Path
    title: str
    planned: int
    """Runs of the plan."""
    done: int
    """Runs that are stored, the failed ones among them."""
    failed: int
    bytes: dict[str, int]
    """Size on disk by table."""
    notes: tuple[str, ...] = ()
    """What the user should know: damaged parts, a precision that was not reached."""
    stopped: bool = False
    """Whether it was interrupted."""

    @property
    def complete(self) -> bool:
        """Whether every run of the plan is stored."""
        return self.done >= self.planned


class Options(NamedTuple):
    """How runs are carried out; none of it changes a number."""

    workers: int | None = None
    """Threads or processes; as many as processors by default."""
    executor: str = "threads"
    scheduler: str | None = None
    """Address of a Dask scheduler; by default a cluster is started on this machine."""
    on_progress: Callable[[int, int], None] = lambda _done, _planned: None
    """Called with the runs stored or in hand, and those planned."""
    tell: Callable[[str], None] = lambda _text: None
    """Called with what the user should know at once."""


class Frames(NamedTuple):
    """The tables of an experiment in pandas; empty where nothing was recorded."""

    runs: pd.DataFrame
    series: pd.DataFrame
    events: pd.DataFrame


class Repeat(NamedTuple):
    """One run done again."""

    run: str
    folder: Path
    """Where its tables are, with every agent in every month."""
    compared: int
    """Measures compared with those stored; 0 if the run was not stored."""
    different: dict[str, tuple[Any, Any]]
    """Those that differ: as stored, and as they are now."""
    error: str
    """Why it failed, if it did."""
    notes: tuple[str, ...]


def run(
    experiment: Experiment,
    folder: Path,
    options: Options = Options(),
    precision: Precision | None = None,
    given: Mapping[str, Any] | None = None,
) -> Status:
    """Begin an experiment in a new or empty folder and carry it out.

    `given` is what the user wrote, for the recipe. A folder whose recipe is damaged is taken up
    again, with its finished runs, if the model is still the one they were done with.

    Raises ReformsimError if the folder cannot be used, OutputError if it can no longer be written.
    """
    _check(options, experiment, precision)
    plan = Plan(experiment)
    _make(folder)
    with lock.locked(folder):
        _take_up(folder)
        recipe: dict[str, Any] = {
            "what": "A complete recipe: these scenarios with these seeds and versions give the same"
            " numbers on any machine.",
            "title": experiment.title,
            "given": dict(given or {}),
            "begun": time.strftime("%Y-%m-%d %H:%M:%S%z"),
            "source": provenance.source_hash(),
            "versions": provenance.versions(),
            **_planned(plan, precision),
        }
        manifest.write_manifest(folder, recipe)
        return _go_on(folder, recipe, plan, options)


def resume(folder: Path, options: Options = Options()) -> Status:
    """Do every run of an experiment that is not there yet; damaged parts are set aside and redone.

    Raises ReformsimError if the folder holds no experiment, or the model or the scenarios have
    changed since, OutputError if it can no longer be written.
    """
    return extend(folder, options)


def extend(
    folder: Path,
    options: Options = Options(),
    replicates: int | None = None,
    strategies: Sequence[str] = (),
    precision: Precision | None = None,
) -> Status:
    """Go on with an experiment, with more replicates or strategies; runs that are there stay.

    `replicates` is their new number. Raises as `resume` does, and if there were more of them.
    """
    recipe = manifest.read_manifest(folder)
    experiment = _experiment(recipe)
    _check(options, experiment, precision)
    if replicates is not None and replicates < experiment.replicates:
        raise ReformsimError(
            Problem(
                "an experiment can only be extended",
                found=f"{replicates:,} replicates",
                allowed=f"{experiment.replicates:,} or more",
            )
        )
    with lock.locked(folder):
        if changes := _changes_of_model(recipe):
            raise ReformsimError(*changes)
        wider = _with(experiment, replicates, strategies)
        plan = Plan(wider, _scenarios(recipe, wider))
        new = recipe | _planned(plan, precision or _precision(recipe))
        if new != recipe:
            manifest.write_manifest(folder, new)
        return _go_on(folder, new, plan, options)


def status(folder: Path) -> Status:
    """Return how far an experiment is; nothing is changed, and it may be under way."""
    recipe = manifest.read_manifest(folder)
    damaged = store.damages(folder)
    notes = [
        f"part {one.number} is damaged ({one.reason}); resuming sets it aside and does its runs again"
        for one in damaged
    ]
    return _status(folder, recipe, tuple(notes), {one.number for one in damaged})


def frames(folder: Path) -> Frames:
    """Return the tables in pandas. Raises ReformsimError if a part is damaged."""
    return Frames(*(query.frame(folder, table) for table in Frames._fields))


def rerun(folder: Path, run_id: str, out: Path | None = None) -> Repeat:
    """Repeat one run with every agent in every month, and compare its measures with those stored.

    Its tables are written to `out`, by default `reruns/RUN_ID` in the folder. Raises ReformsimError
    if the plan has no such run.
    """
    recipe = manifest.read_manifest(folder)
    experiment = _experiment(recipe)
    plan = Plan(experiment, _scenarios(recipe, experiment))
    batch = next(
        (
            batch._replace(runs=(one,))
            for batch in plan.batches()
            for one in batch.runs
            if one.id == run_id
        ),
        None,
    )
    if batch is None:
        hint = "the column run of the table runs has the ids"
        raise ReformsimError(
            Problem("no run of this experiment has this id", str(folder), found=run_id, hint=hint)
        )
    own = Wanted.by(plan.experiment, plan.varied)
    rows = carry_out(batch, own._replace(series=BY_DISTRICT, every=1, agents=True))
    made = tables([rows], own._replace(series=BY_DISTRICT))
    place = out or folder / RERUNS / run_id
    for name, table in made.items():
        store.write(place / f"{name}.parquet", table)
    now = made["runs"].to_pylist()[0]
    stored = _stored(folder, run_id)
    shared = [name for name in (*own.measures, "disruption_month") if name in stored]
    different = {name: (stored[name], now[name]) for name in shared if stored[name] != now[name]}
    changed = [str(problem) for problem in _changes_of_model(recipe)]
    return Repeat(run_id, place, len(shared), different, now["error"] or "", tuple(changed))


# --- carrying out


def _go_on(folder: Path, recipe: dict[str, Any], plan: Plan, options: Options) -> Status:
    """Do what is not done, then more replicates until the precision asked for is reached."""
    notes = _repair(folder, options.tell)
    precision = _precision(recipe)
    with closing(_pool(options)) as pool, stoppable() as stop:
        while True:
            _carry_out(folder, plan, pool, options, stop)
            one = widest(folder, precision) if precision and not stop.is_set() else None
            if precision is None or one is None or one.half_width <= precision.half_width:
                break
            replicates = plan.experiment.replicates
            if replicates >= MOST_REPLICATES:
                notes.append(
                    f"the precision was not reached: {one.name} has ± {one.half_width:.3g} after"
                    f" {replicates:,} replicates, the most there are; it needs some {one.needed:,}"
                )
                break
            more = replicates_for(one, replicates)
            options.tell(
                f"{precision.measure} is known to ± {one.half_width:.3g} in {one.name}, and"
                f" ± {precision.half_width:g} is asked for: {replicates:,} → {more:,} replicates"
            )
            plan = Plan(_with(plan.experiment, more), plan.scenarios)
            recipe = recipe | _planned(plan, precision)
            manifest.write_manifest(folder, recipe)
    found = _status(folder, recipe, tuple(notes))
    return found._replace(stopped=not found.complete)


def _carry_out(
    folder: Path, plan: Plan, pool: Pool, options: Options, stop: threading.Event
) -> None:
    """Do every run of the plan that is not stored, and store it."""
    done = store.run_ids(folder)
    finished = len(done)
    options.on_progress(finished, len(plan))
    writer = Writer(folder, Wanted.by(plan.experiment, plan.varied))
    try:
        for rows in stream(_missing(plan.batches(), done), pool, writer.wanted, stop):
            writer.add(rows)
            finished += len(rows.runs)
            options.on_progress(finished, len(plan))
        writer.write()
    except OutputError as error:
        hint = (
            "what is stored is safe; make it writable or free some space, then:"
            f" {resume_command(folder)}"
        )
        raise OutputError(*(replace(one, hint=hint) for one in error.problems)) from error
    except BaseException as error:
        writer.write()  # nothing finished is lost
        if isinstance(error, ReformsimError):
            hint = f"what was finished is stored; then: {resume_command(folder)}"
            raise ReformsimError(*(replace(one, hint=hint) for one in error.problems)) from error
        raise


class Writer:
    """Collects rows and stores them as parts of a sensible size."""

    def __init__(self, folder: Path, wanted: Wanted) -> None:
        self.wanted = wanted
        self._folder = folder
        self._rows: list[Rows] = []
        self._runs = self._numbers = 0
        self._begun = self._written = time.monotonic()

    def add(self, rows: Rows) -> None:
        """Take rows, and store what has been collected if it is time."""
        self._rows.append(rows)
        self._runs += len(rows.runs)
        self._numbers += rows.numbers
        now = time.monotonic()
        pause = min(max(FEWEST_SECONDS, LOST * (now - self._begun)), MOST_SECONDS)
        if now - self._written >= pause or self._runs >= MOST_RUNS or self._numbers >= MOST_NUMBERS:
            self.write()

    def write(self) -> None:
        """Store what has been collected."""
        rows, self._rows, self._runs, self._numbers = self._rows, [], 0, 0
        if rows:
            store.append(self._folder, tables(rows, self.wanted))
        self._written = time.monotonic()


def resume_command(folder: Path) -> str:
    """Return the command that goes on with an experiment."""
    return f"reformsim experiment resume {shlex.quote(str(folder))}"


def _missing(batches: Iterable[Batch], done: NDArray[np.uint64]) -> Iterator[Batch]:
    """Yield what is left to do of each batch."""
    for batch in batches:
        runs = batch.runs
        if len(done):
            ids = store.numbers_of(one.id for one in runs)
            places = np.minimum(np.searchsorted(done, ids), len(done) - 1)
            there = done[places] == ids
            runs = tuple(one for one, is_there in zip(runs, there, strict=True) if not is_there)
        if runs:
            yield batch._replace(runs=runs)


def _pool(options: Options) -> Pool:
    if options.executor == "threads":
        return Threads(options.workers)
    from .cluster import Dask

    return Dask(options.scheduler, options.workers)


# --- the folder


def _make(folder: Path) -> None:
    """Make a folder, or raise OutputError if it holds anything but an experiment."""
    own = {lock.NAME, manifest.NAME, store.CHECKSUMS, store.DAMAGED, RERUNS, *store.ORDER}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = [path for path in folder.iterdir() if path.name not in own and path.suffix != PART]
    except OSError as error:
        raise OutputError(refused(folder, error)) from error
    if others:
        hint = "choose another folder with --out"
        raise OutputError(Problem("the folder is not empty", str(folder), hint=hint))


def _take_up(folder: Path) -> None:
    """Raise OutputError if a folder holds an experiment, unless its recipe is lost or damaged."""
    if (folder / manifest.NAME).exists():
        try:
            title = manifest.read_manifest(folder)["title"]
        except manifest.DamagedManifest:
            store.put_aside(folder, folder / manifest.NAME)
        else:
            hint = f"go on with: {resume_command(folder)}; or choose another folder with --out"
            raise OutputError(
                Problem("holds an experiment already", str(folder), found=f'"{title}"', hint=hint)
            )
    damaged = {one.number for one in store.damages(folder)}
    if store.sources(folder, damaged) - {provenance.source_hash()}:
        hint = "choose another folder with --out: numbers of two models are not to be mixed"
        message = "holds runs of another version of the model"
        raise OutputError(Problem(message, str(folder), hint=hint))


def _changes_of_model(recipe: Mapping[str, Any]) -> list[Problem]:
    """Return what has changed since an experiment was begun so that its numbers could change."""
    hint = (
        "go on with what it was begun with, or run the experiment anew into another folder:"
        " numbers of two models are not to be mixed"
    )
    problems = []
    if recipe["source"] != provenance.source_hash():
        version = recipe["versions"]["reformsim"]
        message = f"the model's sources are not those of reformsim {version} that it was begun with"
        problems.append(Problem(message, hint=hint))
    now = provenance.versions()
    for name in provenance.COMPUTING:
        before = recipe["versions"][name]
        if before != now[name]:
            message = f"was begun with {name} {before}"
            problems.append(Problem(message, found=now[name], hint=hint))
    return problems


def _repair(folder: Path, tell: Callable[[str], None]) -> list[str]:
    """Set damaged parts aside, remove what a kill has left, and say what was done."""
    damaged = store.damages(folder)
    store.set_aside(folder, damaged)
    store.clean(folder)
    notes = [
        f"part {one.number} was damaged: {one.reason}. It was moved to {folder / store.DAMAGED}, and"
        " its runs are done again"
        for one in damaged
    ]
    for note in notes:
        tell(note)
    return notes


def _status(
    folder: Path, recipe: Mapping[str, Any], notes: tuple[str, ...], without: Container[int] = ()
) -> Status:
    done, failed = store.counts(folder, FAILED, without)
    sizes = {table: store.size(folder, table, without) for table in store.ORDER}
    if done > recipe["runs"]:
        notes = (*notes, f"{done - recipe['runs']:,} of the stored runs are not of this plan")
    return Status(folder, recipe["title"], recipe["runs"], done, failed, sizes, notes)


# --- the recipe


def _planned(plan: Plan, precision: Precision | None) -> dict[str, Any]:
    """Return the part of the recipe that extending changes."""
    return {
        "experiment": plan.experiment.model_dump(mode="json"),
        "precision": precision._asdict() if precision else None,
        "runs": len(plan),
        "varied": list(plan.varied),
        "scenarios": [
            {"cell": list(cell), **provenance.describe(scenario)}
            for cell, scenario in plan.scenarios.items()
        ],
    }


def _experiment(recipe: Mapping[str, Any]) -> Experiment:
    return Experiment.model_validate_json(json.dumps(recipe["experiment"]))


def _precision(recipe: Mapping[str, Any]) -> Precision | None:
    return Precision(**recipe["precision"]) if recipe["precision"] else None


def _scenarios(recipe: Mapping[str, Any], experiment: Experiment) -> dict[Cell, Scenario]:
    """Return the scenarios that were composed when the experiment was begun, and new ones.

    Their files may have changed since. Raises ReformsimError if a network survey has.
    """
    found: dict[Cell, Scenario] = {}
    problems = []
    for entry in recipe["scenarios"]:
        cell: Cell = (entry["cell"][0], entry["cell"][1], entry["cell"][2])
        sections = {name: entry[name] for name in Scenario.model_fields}
        found[cell] = Scenario.model_validate_json(json.dumps(sections))
        if found[cell].fingerprint != entry["fingerprint"]:
            message = "the network survey has changed since the experiment was begun"
            hint = "put back the file as it was"
            problems.append(Problem(message, found[cell].district.network, hint=hint))
    if problems:
        raise ReformsimError(*dict.fromkeys(problems))
    known = {strategy for _, _, strategy in found}
    new = [strategy for strategy in experiment.strategies if strategy not in known]
    if new:
        found = composed(_with(experiment, strategies=new)) | found
    return found


def _with(
    experiment: Experiment, replicates: int | None = None, strategies: Sequence[str] = ()
) -> Experiment:
    """Return an experiment with another number of replicates and further strategies."""
    data = experiment.model_dump()
    data["strategies"] = tuple(dict.fromkeys((*experiment.strategies, *strategies)))
    data["replicates"] = replicates or experiment.replicates
    return Experiment.model_validate(data)


def _check(options: Options, experiment: Experiment, precision: Precision | None) -> None:
    """Raise ReformsimError with everything that is wrong before anything is begun."""
    problems = []
    if options.executor not in EXECUTORS:
        hint = did_you_mean(nearest(options.executor, EXECUTORS))
        found, allowed = f'"{options.executor}"', ", ".join(EXECUTORS)
        problems.append(Problem("unknown executor", found=found, allowed=allowed, hint=hint))
    elif options.scheduler and options.executor != "dask":
        hint = "add --executor dask"
        problems.append(Problem("a scheduler is for the executor dask", hint=hint))
    measures = experiment.outcomes.measures
    if precision and precision.measure not in measures:
        hint = did_you_mean(nearest(precision.measure, measures))
        allowed = "" if hint else ", ".join(measures)
        message = "precision: not a measure of this experiment"
        problems.append(Problem(message, found=precision.measure, allowed=allowed, hint=hint))
    if problems:
        raise ReformsimError(*problems)


def _stored(folder: Path, run_id: str) -> dict[str, Any]:
    """Return the row of a run; empty if it is not stored."""
    if not store.paths(folder, "runs"):
        return {}
    with query.connect(folder) as connection:
        rows = connection.execute("SELECT * FROM runs WHERE run = ?", [run_id])
        names = [column[0] for column in rows.description or ()]
        found = rows.fetchone()
    return dict(zip(names, found, strict=True)) if found else {}
