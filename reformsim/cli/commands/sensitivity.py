"""`reformsim sensitivity`: sensitivity of the conclusions of an experiment."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reformsim.command_line import command_line

from ..console import number, print_json, say
from ..difference_cells import difference_cell
from ..examples import add_command, epilog_of, example
from ..failures import FAULT, Commands
from ..options import ExperimentChanges, Formats, Json, Quiet, Workers, formats_of, names_of
from ..process import exit_code_of_signal
from ..progress import ExperimentProgress, announce_compiling
from ..tables import say_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from reformsim.experiments.experiment import Options, Status
    from reformsim.studies.sensitivity import Sensitivity
    from reformsim.studies.structure import Structure

app = typer.Typer(
    cls=Commands,
    help="Sensitivity of the conclusions to parameters (Morris, Sobol') and model structure.",
    epilog=epilog_of("reformsim sensitivity run --out results/sensitivity"),
    no_args_is_help=True,
)
_RUNS, _OUTPUT = "Runs", "Output"
BASE = "sensitivity"
"""The built-in experiment that the analysis begins with."""

Base = Annotated[
    str,
    typer.Argument(
        metavar="[EXPERIMENT]",
        help="Experiment whose conclusions are tested: a file or a built-in name. Ranges that it"
        " gives replace the plausible ranges.",
        autocompletion=names_of("experiment"),
    ),
]


@example("reformsim sensitivity run --trajectories 4 --keep 0 --out results/screening")
def run(
    file: Base = BASE,
    changes: ExperimentChanges = None,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER",
            help="Output folder for the runs and report. Existing runs are reused.",
            rich_help_panel=_OUTPUT,
        ),
    ] = Path("results/sensitivity"),
    replicates: Annotated[
        int,
        typer.Option(
            "--replicates",
            "-n",
            metavar="NUMBER",
            min=1,
            max=10_000,
            help="Number of stochastic replicates at each point; the default parameters get as many as"
            " the experiment says.",
            rich_help_panel=_RUNS,
        ),
    ] = 6,
    trajectories: Annotated[
        int,
        typer.Option(
            metavar="NUMBER",
            min=2,
            max=10_000,
            help="Number of Morris trajectories; each moves every parameter once.",
            rich_help_panel=_RUNS,
        ),
    ] = 16,
    keep: Annotated[
        int,
        typer.Option(
            metavar="NUMBER",
            min=0,
            max=1000,
            help="Number of most influential parameters that get Sobol' indices; 0 skips the indices.",
            rich_help_panel=_RUNS,
        ),
    ] = 12,
    base_points: Annotated[
        int,
        typer.Option(
            metavar="NUMBER",
            min=2,
            max=1_000_000,
            help="Base sample of the Sobol' design, a power of two; k parameters take k + 2 times as"
            " many points.",
            rich_help_panel=_RUNS,
        ),
    ] = 128,
    workers: Workers = None,
    formats: Formats = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Screen all parameters, compute Sobol' indices and test which conclusions are robust.

    After an interruption, the same command continues.
    """
    from reformsim.experiments.loading import load_experiment
    from reformsim.studies import sensitivity_runs
    from reformsim.studies.sensitivity import matter_most

    base = load_experiment(file, changes or ())
    effort = sensitivity_runs.Effort(replicates, trajectories, keep, base_points)
    sensitivity_runs.check(base, effort)

    def work(options: Options) -> Status | None:
        return sensitivity_runs.run_phases(
            base, out, effort, options, lambda: matter_most(out, effort.keep)
        )

    _unless_stopped(_carried_out(work, workers, quiet=quiet))
    usual = sensitivity_runs.Effort()._asdict()
    unusual = {name: value for name, value in effort._asdict().items() if value != usual[name]}
    named = [file] if file != BASE else []
    command = command_line("sensitivity run", named, set=changes, **unusual, out=out)
    _write_sensitivity(out, command, formats_of(formats), as_json=as_json)


@example("reformsim sensitivity report results/sensitivity")
def report(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="Folder of 'sensitivity run'.", show_default=False),
    ],
    run_missing: Annotated[
        bool,
        typer.Option("--run-missing", help="Simulate missing runs first.", rich_help_panel=_RUNS),
    ] = False,
    workers: Workers = None,
    formats: Formats = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Regenerate the report pages; refuses incomplete or failed analyses."""
    from reformsim.studies import sensitivity_runs

    if run_missing:
        _unless_stopped(
            _carried_out(
                lambda options: sensitivity_runs.run_missing(folder, options), workers, quiet=quiet
            )
        )
    command = command_line("sensitivity report", [folder])
    _write_sensitivity(folder, command, formats_of(formats), as_json=as_json)


@example("reformsim sensitivity structure --replicates 20")
def structure(
    file: Base = BASE,
    changes: ExperimentChanges = None,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER",
            help="Output folder for the runs and report. Existing runs are reused.",
            rich_help_panel=_OUTPUT,
        ),
    ] = Path("results/structure"),
    replicates: Annotated[
        int,
        typer.Option(
            "--replicates",
            "-n",
            metavar="NUMBER",
            min=2,
            max=10_000,
            help="Number of stochastic replicates of each variant.",
            rich_help_panel=_RUNS,
        ),
    ] = 40,
    orders: Annotated[
        int,
        typer.Option(
            metavar="NUMBER",
            min=2,
            max=10_000,
            help="Number of replicates of each stage order, on the slower reference engine.",
            rich_help_panel=_RUNS,
        ),
    ] = 20,
    workers: Workers = None,
    formats: Formats = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Test the ranking against horizon, district size, network and stage order.

    After an interruption, the same command continues.
    """
    from reformsim.experiments.loading import load_experiment
    from reformsim.report.sensitivity import write_structure
    from reformsim.results.provenance import version
    from reformsim.scenario.checking import Typed
    from reformsim.studies import structure as structures

    each = Typed(f"replicates={replicates}", "--replicates")
    base = load_experiment(file, [*(changes or ()), each])
    _unless_stopped(
        _carried_out(
            lambda options: structures.run_variants(base, out, options), workers, quiet=quiet
        )
    )
    with ExperimentProgress(quiet=quiet) as progress:
        lived = structures.runs_in_order(base, orders, workers, progress.runs)
    found = structures.structure_of(out, lived)
    command = command_line(
        "sensitivity structure",
        [file] if file != BASE else [],
        set=changes,
        replicates=replicates,
        orders=orders,
        out=out,
    )
    paths = write_structure(
        found,
        out,
        where=base.districts[0],
        command=command,
        version=version(),
        formats=formats_of(formats),
    )
    if as_json:
        rankings, files = found.rankings, [str(path) for path in paths]
        print_json({"effects": found.effects, "rankings": rankings, "files": files})
    else:
        _show_structure(found)
        say(f"Report, figures and tables: {shlex.quote(str(paths[0]))}")


def _carried_out(
    work: Callable[[Options], Status | None], workers: int | None, *, quiet: bool
) -> Status | None:
    """Carry out runs with progress on stderr; return the status of what could not be completed."""
    from reformsim.experiments.experiment import Options

    announce_compiling(quiet=quiet)
    with ExperimentProgress(quiet=quiet) as progress:
        return work(Options(workers, on_progress=progress.runs, tell=progress.tell))


def _unless_stopped(status: Status | None) -> None:
    """Leave, with the command that goes on, if runs were stopped or failed."""
    if status is None or (status.complete and not status.stopped and not status.failed):
        return
    folder = shlex.quote(str(status.folder))
    say(f"{status.done:,} of {status.planned:,} runs are stored in {folder}")
    if status.failed:
        say(f"{status.failed:,} of them failed; for the reasons:", style="red")
        question = "SELECT run, error FROM runs WHERE status = 'failed'"
        say(f'  reformsim query {folder} "{question}"')
        raise typer.Exit(FAULT)
    say("Continue with the same command.")
    raise typer.Exit(exit_code_of_signal())


def _write_sensitivity(
    folder: Path, command: str, formats: tuple[str, ...], *, as_json: bool
) -> None:
    from reformsim.report.sensitivity import judged, write_sensitivity
    from reformsim.results.provenance import version
    from reformsim.studies.sensitivity import sensitivity_of

    found = sensitivity_of(folder)
    paths = write_sensitivity(found, folder, command=command, version=version(), formats=formats)
    if as_json:
        print_json(
            {
                "best": found.best,
                "unmoved": found.unmoved,
                "tried": found.tried,
                "weak": found.weak,
                "stages": [
                    dict(zip(("stage", "points", "replicates", "runs"), phase, strict=True))
                    for phase in found.phases
                ],
                "conclusions": judged(found.conclusions),
                "screening": found.screening.found,
                "indices": found.indices.found if found.indices else None,
                "files": [str(path) for path in paths],
            }
        )
    else:
        _show_sensitivity(found)
        say(f"Report, figures and tables: {shlex.quote(str(paths[0]))}")


def _show_sensitivity(found: Sensitivity) -> None:
    from reformsim.analysis import measure_named
    from reformsim.analysis.paired import PairedSummary
    from reformsim.analysis.wording import what_is_shown
    from reformsim.report.sensitivity import verdict_of
    from reformsim.studies.sensitivity import strongest

    columns = ("conclusion", "at defaults", "holds in", "verdict", "most sensitive to")
    for measure, own in found.conclusions.groupby("measure", sort=False):
        rows = [
            (
                f"{row['strategy']} > {row['than']}",
                difference_cell(PairedSummary.of(row)),
                f"{row['holds']:.0%}",
                verdict_of(row),
                _short(row["sensitive_to"][:1]),
            )
            for row in _rows(own)
        ]
        say_table(columns, rows, f"{measure_named(str(measure)).title}:", numbers=columns[1:3])
    say(what_is_shown(found.experiment.replicates), style="dim")
    most = strongest(found.importance, found.best, 8)
    say(f"Most influential parameters for {found.best}: {_short(most)}")
    none = _short(found.unmoved) or "none"
    say(f"No effect on any recorded measure ({found.tried} parameters tested): {none}")


def _show_structure(found: Structure) -> None:
    from reformsim.analysis.paired import PairedSummary
    from reformsim.analysis.wording import what_is_shown

    rows = [
        (
            str(row["measure"]),
            str(row["aspect"]),
            str(row["variant"]),
            str(row["best"]),
            difference_cell(PairedSummary.of(row)),
            number(row["tau"], 2),
        )
        for row in _rows(found.rankings)
    ]
    columns = ("measure", "aspect", "variant", "highest", "lead over next", "τ")
    say_table(columns, rows, numbers=columns[4:])
    say(what_is_shown(found.experiment.replicates), style="dim")


def _rows(frame: Any) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _short(keys: Any) -> str:
    return ", ".join(str(key).rpartition(".")[2] for key in keys)


for command in (run, report, structure):
    add_command(app, command.__name__, command)
