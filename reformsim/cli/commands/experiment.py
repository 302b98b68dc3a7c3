"""`reformsim experiment`: many runs, kept in a folder, that can be interrupted and extended."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..console import print_json, say
from ..examples import add_command, epilog_of, example
from ..failures import FAULT, Commands
from ..options import (
    Executor,
    ExperimentChanges,
    ExperimentFile,
    Json,
    MechanismsFile,
    ParameterUncertainty,
    Quiet,
    Scheduler,
    Workers,
    mechanisms_in,
    split_changes,
    with_uncertainty,
)
from ..process import exit_code_of_signal
from ..progress import ExperimentProgress, announce_compiling
from .experiment_plan import plan, size
from .summary import show_summary, summarised, summary

if TYPE_CHECKING:
    from collections.abc import Callable

    from reformsim.experiments.experiment import Options, Status

app = typer.Typer(
    cls=Commands,
    help="Plan and run experiments: designs of many paired runs, resumable and queryable.",
    epilog=epilog_of(
        "reformsim experiment plan turnover-by-budget",
        "reformsim experiment run turnover-by-budget",
    ),
    no_args_is_help=True,
)
_RUNS, _OUTPUT = "Runs", "Output"
MOST_SUMMARISED = 200_000
"""Runs that are summarised without being asked to: a summary holds them all in memory."""

Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="Folder of the experiment.", show_default=False)
]
PrecisionText = Annotated[
    str | None,
    typer.Option(
        "--precision",
        metavar="MEASURE=HALFWIDTH",
        help="Add replicates until the 95 % interval of the paired difference in this measure has at"
        " most this half-width in every comparison, as in --precision retention_60=0.05.",
        show_default="use the replicates of the experiment",
        rich_help_panel=_RUNS,
    ),
]
NoSummary = Annotated[
    bool,
    typer.Option(
        "--no-summary",
        help="Skip the tables and figures; 'experiment summary' writes them later.",
        rich_help_panel=_OUTPUT,
    ),
]


@example("reformsim experiment run turnover-by-budget --set replicates=5")
def run(
    file: ExperimentFile,
    changes: ExperimentChanges = None,
    uncertainty: ParameterUncertainty = None,
    mechanisms_file: MechanismsFile = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Output folder; must be new or empty.",
            show_default="results/NAME",
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
    workers: Workers = None,
    executor: Executor = "threads",
    scheduler: Scheduler = None,
    precision: PrecisionText = None,
    no_summary: NoSummary = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Run an experiment. After an interruption, 'experiment resume' continues it."""
    from reformsim.experiments.experiment import StoredExperiment
    from reformsim.experiments.loading import as_given, load_experiment
    from reformsim.experiments.precision import Precision

    of_experiment, settings = split_changes(changes)
    mechanisms = mechanisms_in(mechanisms_file, settings)
    experiment = load_experiment(file, with_uncertainty(of_experiment, uncertainty), mechanisms)
    folder = out or Path("results") / experiment.name
    wanted = Precision.parse(precision) if precision else None
    given = as_given(file, changes or (), uncertainty, mechanisms_file)
    _carry_out(
        lambda options: StoredExperiment(folder).run(
            experiment, options, wanted, given, mechanisms=mechanisms
        ),
        (workers, executor, scheduler),
        summarise=not no_summary,
        quiet=quiet,
        as_json=as_json,
    )


@example("reformsim experiment resume results/turnover-by-budget")
def resume(
    folder: Folder,
    retry_failed: Annotated[
        bool,
        typer.Option(
            "--retry-failed",
            help="Repeat failed runs and replace their rows.",
            rich_help_panel=_RUNS,
        ),
    ] = False,
    mechanisms_file: MechanismsFile = None,
    workers: Workers = None,
    executor: Executor = "threads",
    scheduler: Scheduler = None,
    no_summary: NoSummary = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Continue an interrupted experiment. Damaged tables are set aside and recomputed."""
    from reformsim.experiments.experiment import StoredExperiment

    mechanisms = mechanisms_in(mechanisms_file)
    _carry_out(
        lambda options: StoredExperiment(folder).resume(
            options._replace(retry_failed=retry_failed), mechanisms
        ),
        (workers, executor, scheduler),
        summarise=not no_summary,
        quiet=quiet,
        as_json=as_json,
    )


@example("reformsim experiment extend results/turnover-by-budget -n 60")
def extend(
    folder: Folder,
    replicates: Annotated[
        int | None,
        typer.Option(
            "--replicates",
            "-n",
            metavar="NUMBER",
            min=1,
            max=1_000_000,
            help="Total number of replicates, existing ones included.",
            show_default="as before",
            rich_help_panel=_RUNS,
        ),
    ] = None,
    strategies: Annotated[
        list[str] | None,
        typer.Option(
            "--strategy",
            "-s",
            metavar="NAME",
            help="Strategy to add: a built-in name or a file; repeatable.",
            rich_help_panel=_RUNS,
        ),
    ] = None,
    precision: PrecisionText = None,
    mechanisms_file: MechanismsFile = None,
    workers: Workers = None,
    executor: Executor = "threads",
    scheduler: Scheduler = None,
    no_summary: NoSummary = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Add replicates or strategies to an experiment. Existing runs are kept."""
    from reformsim.experiments.experiment import StoredExperiment
    from reformsim.experiments.precision import Precision

    wanted = Precision.parse(precision) if precision else None
    mechanisms = mechanisms_in(mechanisms_file)
    _carry_out(
        lambda options: StoredExperiment(folder).extend(
            options, replicates, strategies or (), wanted, mechanisms
        ),
        (workers, executor, scheduler),
        summarise=not no_summary,
        quiet=quiet,
        as_json=as_json,
    )


@example("reformsim experiment status results/turnover-by-budget")
def status(folder: Folder, as_json: Json = False) -> None:
    """Show the progress of an experiment and verify its files."""
    from reformsim.experiments.experiment import StoredExperiment

    found = StoredExperiment(folder).status()
    if as_json:
        print_json(_as_data(found))
    else:
        _show(found)


@example("reformsim experiment rerun results/turnover-by-budget ab0720c02880473a")
def rerun(
    folder: Folder,
    run_id: Annotated[
        str,
        typer.Argument(
            metavar="RUN_ID",
            help="Id of the run; 'reformsim query' lists them in the column run.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Output folder for the tables of the run.",
            show_default="reruns/RUN_ID in the folder of the experiment",
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
    mechanisms_file: MechanismsFile = None,
    as_json: Json = False,
) -> None:
    """Repeat one run exactly and save the state of every agent in every month."""
    from reformsim.experiments.experiment import StoredExperiment

    found = StoredExperiment(folder).rerun(run_id, out, mechanisms_in(mechanisms_file))
    if as_json:
        print_json(found._asdict())
    else:
        say(f"Run {found.run}: series, events and every agent in {found.folder}", style="bold")
        for note in found.notes:
            say(f"Note: {note}", style="yellow")
        if found.error:
            say(f"The run failed: {found.error}", style="red")
        elif not found.compared:
            say("The run is not stored yet, so there is nothing to compare it with.")
        elif not found.different:
            say(f"All {found.compared} measures are exactly those stored.")
        for name, (before, now) in found.different.items():
            say(f"{name}: stored is {before!r}, repeated gives {now!r}", style="red")
    if found.different:
        raise typer.Exit(FAULT)


def _carry_out(
    work: Callable[[Options], Status],
    how: tuple[int | None, str, str | None],
    *,
    summarise: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Do runs with progress on stderr, summarise them, and say what there is now."""
    from reformsim.experiments.experiment import Options

    announce_compiling(quiet=quiet)
    with ExperimentProgress(quiet=quiet) as progress:
        found = work(Options(*how, on_progress=progress.runs, tell=progress.tell))
    done = found.complete and not found.stopped and found.failed < found.done
    summarised_now = (
        summarised(found.folder) if summarise and done and found.done <= MOST_SUMMARISED else None
    )
    if as_json:
        print_json(_as_data(found))
    else:
        _show(found)
        if summarised_now:
            show_summary(*summarised_now)
        elif done:
            say(f"Summarise it with: reformsim experiment summary {shlex.quote(str(found.folder))}")
    if found.stopped:
        raise typer.Exit(exit_code_of_signal())
    if found.failed:
        raise typer.Exit(FAULT)


def _as_data(found: Status) -> dict[str, Any]:
    return {**found._asdict(), "complete": found.complete}


def _show(found: Status) -> None:
    from reformsim.experiments.storing import resume_command

    folder = shlex.quote(str(found.folder))
    say(found.title, style="bold")
    total = sum(found.bytes.values())
    say(f"{found.done:,} of {found.planned:,} runs are stored in {folder} ({size(total)})")
    for note in found.notes:
        say(f"Note: {note}", style="yellow")
    if found.failed:
        say(f"{found.failed:,} of them failed; for the reasons:", style="red")
        columns = "run, seed, replicate, error"
        say(f"  reformsim query {folder} \"SELECT {columns} FROM runs WHERE status = 'failed'\"")
        say(f"Repeat them with: {resume_command(found.folder, found.mechanisms)} --retry-failed")
    if not found.complete:
        say(f"Continue with: {resume_command(found.folder, found.mechanisms)}")
    elif not found.failed:
        question = f"SELECT strategy, avg({found.headline}) FROM runs GROUP BY strategy"
        say(f'Query it with: reformsim query {folder} "{question}"', style="dim")


for command in (plan, run, resume, status, extend, rerun, summary):
    add_command(app, command.__name__, command)
