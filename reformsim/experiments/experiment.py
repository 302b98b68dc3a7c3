"""An experiment in its folder: run, gone on with, extended, looked at, and one run repeated.

The folder holds the recipe (`results.manifest`) and the tables (`results.store`). What is done is
known by the ids of the runs in it and by nothing else, so that going on after any interruption is
the same as beginning: every run of the plan that is not there is done.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from reformsim.errors import OutputError, Problem, ReformsimError
from reformsim.messages import did_you_mean, nearest
from reformsim.record import BY_DISTRICT
from reformsim.results import counting, lock, manifest, provenance, query, store
from reformsim.results.durable import make_folder
from reformsim.results.inputs import keep_inputs
from reformsim.running.compiling import compile_first
from reformsim.running.executors import cluster_at, problems_of_executor
from reformsim.running.interrupts import stoppable
from reformsim.running.pools import Threads

from .dictionary import write_dictionary
from .own_mechanisms import check_mechanisms, used
from .plan import Plan
from .precision import MOST_REPLICATES, Precision, replicates_for, widest
from .recipe import (
    begun,
    changes_of_model,
    definition_of,
    extended,
    planned,
    precision_of,
    recipe_of,
    scenarios_of,
)
from .rows import Wanted, simulate_batch, tables
from .size import refuse_what_does_not_fit
from .storing import do_what_is_missing, resume_command

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from reformsim.mechanisms import Mechanisms
    from reformsim.results.counting import Counted
    from reformsim.running.pools import Pool
    from reformsim.scenario import Scenario

    from .definition import Definition
    from .runs import Cell


class Status(NamedTuple):
    """How far an experiment is."""

    folder: Path
    title: str
    planned: int
    """Runs of the plan."""
    done: int
    """Runs of the plan that are stored, the failed ones among them."""
    failed: int
    bytes: dict[str, int]
    """Size on disk by table."""
    headline: str
    """The measure that is asked about first."""
    notes: tuple[str, ...] = ()
    """What the user should know: damaged parts, a precision that was not reached."""
    stopped: bool = False
    """Whether it was interrupted."""
    mechanisms: str = ""
    """The name of the file of custom mechanisms that its runs are done with, if there is one."""

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
    retry_failed: bool = False
    """Whether runs that failed are done again."""
    on_progress: Callable[[int, int], None] = lambda _done, _planned: None
    """Called with the runs stored or in hand, and those planned."""
    tell: Callable[[str], None] = lambda _text: None
    """Called with what the user should know at once."""


BY_DEFAULT = Options()


class Frames(NamedTuple):
    """The tables of an experiment in pandas; empty where nothing was recorded."""

    runs: pd.DataFrame
    series: pd.DataFrame
    agents: pd.DataFrame
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


class StoredExperiment:
    """An experiment in its folder."""

    def __init__(self, folder: str | Path) -> None:
        """Name the folder; it is looked at only when something is asked for."""
        self.folder = Path(folder)

    def run(
        self,
        definition: Definition,
        options: Options = BY_DEFAULT,
        precision: Precision | None = None,
        given: Mapping[str, Any] | None = None,
        scenarios: Mapping[Cell, Scenario] | None = None,
        mechanisms: Mechanisms | None = None,
    ) -> Status:
        """Begin an experiment in a new or empty folder and carry it out.

        `given` is what the user wrote, for the recipe. `scenarios` are composed already, one for each
        cell, where its names stand for no files. A folder whose recipe is damaged is taken up
        again, with its finished runs, if the model is still the one they were done with.

        Raises ReformsimError if the folder cannot be used, OutputError if it can no longer be written.
        """
        _check(options, definition, precision)
        if definition.mechanisms is None:
            definition = definition.model_copy(update={"mechanisms": used(mechanisms)})
        plan = _bearable(Plan(definition, scenarios, mechanisms))
        make_folder(self.folder, store.NAMES)
        with lock.locked(self.folder):
            _take_up(self.folder)
            recipe = begun(plan, precision, given or {})
            keep_inputs(self.folder, plan.scenarios.values(), mechanisms)
            manifest.write_manifest(self.folder, recipe)
            write_dictionary(self.folder, plan)
            return _go_on(self.folder, recipe, plan, options)

    def resume(self, options: Options = BY_DEFAULT, mechanisms: Mechanisms | None = None) -> Status:
        """Do every run of an experiment that is not there yet; damaged parts are set aside and redone.

        Raises ReformsimError if the folder holds no experiment, or the model or the scenarios have
        changed since, OutputError if it can no longer be written.
        """
        return self.extend(options, mechanisms=mechanisms)

    def extend(
        self,
        options: Options = BY_DEFAULT,
        replicates: int | None = None,
        strategies: Sequence[str] = (),
        precision: Precision | None = None,
        mechanisms: Mechanisms | None = None,
    ) -> Status:
        """Go on with an experiment, with more replicates or strategies; runs that are there stay.

        `replicates` is their new number. Raises as `resume` does, and if there were more of them.
        """
        recipe_of(self.folder)  # nothing is locked where there is no experiment
        store.check_links(self.folder)
        with lock.locked(self.folder):
            recipe = recipe_of(self.folder)
            if changes := changes_of_model(recipe):
                raise ReformsimError(*changes)
            definition = definition_of(recipe)
            _check(options, definition, precision or precision_of(recipe), replicates)
            wider = extended(definition, replicates, strategies)
            check_mechanisms(definition, mechanisms)
            plan = _bearable(Plan(wider, scenarios_of(self.folder, recipe, wider), mechanisms))
            keep_inputs(self.folder, plan.scenarios.values(), mechanisms)
            new = recipe | planned(plan, precision or precision_of(recipe))
            if new != recipe:
                manifest.write_manifest(self.folder, new)
            write_dictionary(self.folder, plan)
            return _go_on(self.folder, new, plan, options)

    def status(self) -> Status:
        """Return how far an experiment is; nothing is changed, and it may be under way."""
        recipe = recipe_of(self.folder)
        found = counting.look(self.folder, counting.members_of(recipe))
        notes = [
            f"part {one.number} is damaged ({one.reason}); resuming sets it aside and repeats its"
            " runs"
            for one in found.damages
        ]
        return _status(self.folder, recipe, tuple(notes), found)

    def frames(self) -> Frames:
        """Return the tables in pandas. Raises ReformsimError if a part is damaged."""
        return Frames(*(query.frame(self.folder, table) for table in Frames._fields))

    def rerun(
        self, run_id: str, out: Path | None = None, mechanisms: Mechanisms | None = None
    ) -> Repeat:
        """Repeat one run with every agent in every month, and compare its measures with those stored.

        Its tables are written to `out`, by default `reruns/RUN_ID` in the folder. Raises
        ReformsimError if the plan has no such run.
        """
        recipe = recipe_of(self.folder)
        store.check_links(self.folder)
        definition = definition_of(recipe)
        check_mechanisms(definition, mechanisms)
        plan = Plan(definition, scenarios_of(self.folder, recipe, definition), mechanisms)
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
                Problem(
                    "no run of this experiment has this id",
                    str(self.folder),
                    found=run_id,
                    hint=hint,
                )
            )
        own = Wanted.by(plan.experiment, plan.varied)
        states = plan.mechanisms.states if plan.mechanisms else ()
        series = (*BY_DISTRICT, *(variable.column for variable in states))
        rows = simulate_batch(batch, own._replace(series=series, every=1, agents=True))
        made = tables([rows], own._replace(series=series))
        place = out or self.folder / store.RERUNS / run_id
        for name, table in made.items():
            store.write(place / f"{name}.parquet", table, None if out else self.folder)
        now = made["runs"].to_pylist()[0]
        stored = _stored(self.folder, run_id)
        shared = [name for name in (*own.measures, "disruption_month") if name in stored]
        different = {
            name: (stored[name], now[name]) for name in shared if stored[name] != now[name]
        }
        changed = [str(replace(problem, hint="")) for problem in changes_of_model(recipe)]
        return Repeat(run_id, place, len(shared), different, now["error"] or "", tuple(changed))


# --- carrying out


def _bearable(plan: Plan) -> Plan:
    """Return a plan; raise ReformsimError if one of its runs does not fit into memory."""
    refuse_what_does_not_fit(plan.largest(), plan.experiment.outcomes)
    return plan


def _go_on(folder: Path, recipe: dict[str, Any], plan: Plan, options: Options) -> Status:
    """Do what is not done, then more replicates until the precision asked for is reached."""
    notes = _repair(folder, recipe, options.tell)
    if options.retry_failed:
        store.drop(folder, counting.FAILED)
    precision = precision_of(recipe)
    try:
        pool = _pool(options, plan.mechanisms)
    except KeyboardInterrupt:
        return _status(folder, recipe, tuple(notes))._replace(stopped=True)
    with closing(pool), stoppable() as stop:
        while True:
            do_what_is_missing(folder, plan, pool, options.on_progress, stop)
            one = widest(folder, precision) if precision and not stop.is_set() else None
            if precision and one is None and not stop.is_set():
                notes.append(
                    f"no run has a {precision.measure} that can be compared with its reference's"
                )
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
            plan = Plan(extended(plan.experiment, more), plan.scenarios, plan.mechanisms)
            recipe = recipe | planned(plan, precision)
            manifest.write_manifest(folder, recipe)
        stopped = stop.is_set()
    found = _status(folder, recipe, tuple(notes))
    # A precision may ask for more than is planned as yet.
    return found._replace(stopped=stopped and not (found.complete and precision is None))


def _pool(options: Options, mechanisms: Mechanisms | None) -> Pool:
    if options.scheduler is None:
        compile_first(mechanisms)
    if options.executor == "threads":
        return Threads(options.workers)
    return cluster_at(options.scheduler, options.workers, options.tell)


# --- the folder


def _take_up(folder: Path) -> None:
    """Raise OutputError if a folder holds an experiment, unless its recipe is lost or damaged."""
    if (folder / manifest.NAME).exists():
        try:
            title = manifest.read_manifest(folder)["title"]
        except manifest.DamagedManifest:
            store.put_aside(folder, folder / manifest.NAME)
        else:
            hint = f"continue with: {resume_command(folder)}; or choose another folder"
            raise OutputError(
                Problem("holds an experiment already", str(folder), found=f'"{title}"', hint=hint)
            )
    store.check_links(folder)
    damaged = {one.number for one in store.damages(folder)}
    if store.sources(folder, damaged) - {provenance.source_hash()}:
        hint = "choose another folder: numbers of two models are not to be mixed"
        message = "holds runs of another version of the model"
        raise OutputError(Problem(message, str(folder), hint=hint))


def _repair(folder: Path, recipe: Mapping[str, Any], tell: Callable[[str], None]) -> list[str]:
    """Set damaged parts aside, remove what a kill has left, and say what was done."""
    damaged = counting.look(folder, counting.members_of(recipe)).damages
    store.set_aside(folder, damaged)
    store.clean(folder)
    notes = [
        f"part {one.number} was damaged: {one.reason}. It was moved to {folder / store.DAMAGED}, and"
        " its runs are repeated"
        for one in damaged
    ]
    for note in notes:
        tell(note)
    return notes


def _status(
    folder: Path, recipe: Mapping[str, Any], notes: tuple[str, ...], found: Counted | None = None
) -> Status:
    """Return how far an experiment is; nothing in its recipe needs to be known to this version."""
    found = found or counting.count(folder, counting.members_of(recipe))
    without = {one.number for one in found.damages}
    sizes = {table: store.size(folder, table, without) for table in store.ORDER}
    headline = recipe["experiment"]["outcomes"]["headline"]
    return Status(
        folder,
        recipe["title"],
        recipe["runs"],
        len(found.ids),
        found.failed,
        sizes,
        headline,
        (*notes, *found.notes),
        mechanisms=((recipe["experiment"].get("mechanisms") or {}).get("name", "")),
    )


def _check(
    options: Options,
    definition: Definition,
    precision: Precision | None,
    replicates: int | None = None,
) -> None:
    """Raise ReformsimError with everything that is wrong before anything is begun."""
    problems = list(problems_of_executor(options.executor, options.scheduler))
    measures = definition.outcomes.measures
    if precision and precision.measure not in measures:
        hint = did_you_mean(nearest(precision.measure, measures))
        allowed = "" if hint else ", ".join(measures)
        message = "precision: not a measure of this experiment"
        problems.append(Problem(message, found=precision.measure, allowed=allowed, hint=hint))
    if replicates is not None and replicates < definition.replicates:
        found, allowed = f"{replicates:,} replicates", f"{definition.replicates:,} or more"
        message = "an experiment can only be extended"
        problems.append(Problem(message, found=found, allowed=allowed))
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
