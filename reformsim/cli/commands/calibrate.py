"""`reformsim calibrate`: parameters fitted to observed figures, with their uncertainty."""

from __future__ import annotations

import shlex
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reformsim.command_line import command_line
from reformsim.theory.chance import DEFAULT_SEED

from ..console import number, print_json, say
from ..examples import add_command, epilog_of, example
from ..failures import Commands
from ..options import Executor, Formats, Json, Quiet, Scheduler, Seed, Workers, formats_of
from ..progress import CalibrationProgress, announce_compiling
from ..tables import say_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reformsim.calibration import Calibration, Targets
    from reformsim.running.cluster import Dask

app = typer.Typer(
    cls=Commands,
    help="Fit parameters to observed figures: published ones, or those of your district.",
    epilog=epilog_of("reformsim calibrate run small-district"),
    no_args_is_help=True,
)
_RUNS, _OUTPUT = "Runs", "Output"


def _names(incomplete: str) -> list[str]:
    from reformsim.calibration import builtin_targets

    return [file.name for file in builtin_targets() if file.name.startswith(incomplete)]


TargetsFile = Annotated[
    str,
    typer.Argument(
        metavar="TARGETS",
        help="A targets file, or a built-in one: published-patterns, small-district.",
        show_default=False,
        autocompletion=_names,
    ),
]
Population = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER",
        min=20,
        max=100_000,
        help="Particles per generation.",
        show_default="from the file",
        rich_help_panel=_RUNS,
    ),
]
Generations = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER",
        min=1,
        max=100,
        help="Maximum number of generations.",
        show_default="from the file",
        rich_help_panel=_RUNS,
    ),
]


def _out(default: str) -> Any:
    return typer.Option(
        metavar="FOLDER",
        help="Output folder; must be new or empty.",
        show_default=default,
        rich_help_panel=_OUTPUT,
    )


@example("reformsim calibrate run small-district --out results/small-district")
def run(
    file: TargetsFile,
    out: Annotated[Path | None, _out("results/NAME")] = None,
    population: Population = None,
    generations: Generations = None,
    seed: Seed = DEFAULT_SEED,
    workers: Workers = None,
    executor: Executor = "threads",
    scheduler: Scheduler = None,
    formats: Formats = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Calibrate to a targets file. After an interruption, 'calibrate resume' continues."""
    from reformsim import calibration

    targets = _asked(file, population, generations)
    folder = out or Path("results") / targets.name
    announce_compiling(quiet=quiet)
    command = command_line(
        "calibrate run",
        [file],
        population=population,
        generations=generations,
        seed=seed,
        out=folder,
    )
    with (
        _cluster(executor, scheduler, workers, quiet=quiet) as cluster,
        CalibrationProgress(
            quiet=quiet, again=command_line("calibrate resume", [folder])
        ) as progress,
    ):
        found = calibration.begin(targets, folder, seed, workers, progress.step, command, cluster)
    _finish(found, formats_of(formats), as_json=as_json)


@example("reformsim calibrate resume results/small-district")
def resume(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="Folder of the calibration.", show_default=False),
    ],
    workers: Workers = None,
    executor: Executor = "threads",
    scheduler: Scheduler = None,
    formats: Formats = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Continue an interrupted calibration from its last complete generation."""
    from reformsim import calibration

    calibration.recipe_of(folder)  # nothing is announced where there is no calibration
    announce_compiling(quiet=quiet)
    with (
        _cluster(executor, scheduler, workers, quiet=quiet) as cluster,
        CalibrationProgress(
            quiet=quiet, again=command_line("calibrate resume", [folder])
        ) as progress,
    ):
        found = calibration.resume(folder, workers, progress.step, cluster)
    _finish(found, formats_of(formats), as_json=as_json)


@example("reformsim calibrate check small-district -n 5")
def check(
    file: TargetsFile,
    trials: Annotated[
        int,
        typer.Option(
            "--trials",
            "-n",
            metavar="NUMBER",
            min=1,
            max=10_000,
            help="Number of trials: parameters are drawn, data simulated from them, and calibrated to."
            " Existing trials are reused.",
            rich_help_panel=_RUNS,
        ),
    ] = 50,
    out: Annotated[Path | None, _out("results/NAME-check")] = None,
    population: Population = None,
    generations: Generations = None,
    seed: Seed = DEFAULT_SEED,
    workers: Workers = None,
    formats: Formats = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Test whether calibration recovers known parameters: coverage of its intervals."""
    from reformsim import calibration
    from reformsim.report.calibration import write_check

    targets = _asked(file, population, generations)
    folder = out or Path("results") / f"{targets.name}-check"
    announce_compiling(quiet=quiet)
    command = command_line(
        "calibrate check",
        [file],
        trials=trials,
        population=population,
        generations=generations,
        seed=seed,
        out=folder,
    )
    with CalibrationProgress(quiet=quiet, again=command) as progress:
        rows = calibration.check(targets, folder, trials, seed, workers, progress.trial)
    page = write_check(folder, rows, targets, command, formats_of(formats))
    found = calibration.coverage(rows)
    if as_json:
        print_json([{**one._asdict(), "share": one.share} for one in found])
        return
    shown = [
        (
            one.parameter,
            f"{one.inside} of {one.trials}",
            f"{one.share:.0%}",
            f"{one.low:.0%} to {one.high:.0%}",
        )
        for one in found
    ]
    columns = ("parameter", "covered", "share", "95 % interval")
    say_table(columns, shown, "80 % intervals that contain the true value", numbers=columns[1:])
    say(f"Wrote {page}", style="dim")


@example("reformsim calibrate statistics")
def statistics(as_json: Json = False) -> None:
    """List the statistics that a targets file may name."""
    from reformsim.calibration import statistics as every

    named = every().values()
    if as_json:
        print_json(
            [
                {
                    "name": one.name,
                    "meaning": one.meaning,
                    "unit": one.statistic.unit,
                    "row": one.row.number if one.row else None,
                    "band": one.statistic.band if one.row else None,
                }
                for one in named
            ]
        )
        return
    rows = [
        (one.name, one.statistic.unit, one.statistic.band if one.row else "", one.meaning)
        for one in named
    ]
    columns = ("statistic", "unit", "published", "meaning")
    say_table(columns, rows, numbers=("published",))


def _asked(file: str, population: int | None, generations: int | None) -> Targets:
    from reformsim.calibration import load_targets

    sampling = {"population": population, "generations": generations}
    given = {name: value for name, value in sampling.items() if value is not None}
    return load_targets(file, given)


@contextmanager
def _cluster(
    executor: str, scheduler: str | None, workers: int | None, *, quiet: bool
) -> Iterator[Dask | None]:
    """Give the cluster that an executor names, for as long as it is needed; none for threads."""
    from reformsim.running.executors import check_executor, cluster_at

    check_executor(executor, scheduler)
    if executor == "threads":
        yield None
        return

    def tell(text: str) -> None:
        if not quiet:
            say(text, stderr=True)

    with closing(cluster_at(scheduler, workers, tell)) as cluster:
        yield cluster


def _finish(found: Calibration, formats: tuple[str, ...], *, as_json: bool) -> None:
    """Write the page, and report a calibration."""
    from reformsim.report.calibration import write_calibration

    page = write_calibration(found, formats)
    if as_json:
        names = ("generations", "parameters", "predictive")
        print_json({"folder": found.folder, **{name: getattr(found, name) for name in names}})
        return
    say(found.targets.title, style="bold")
    rows = [
        (
            row["parameter"],
            f"{number(row['prior_low'])} to {number(row['prior_high'])}",
            number(row["median"]),
            f"{number(row['low_80'])} to {number(row['high_80'])}",
            number(row["width"], 2),
            "" if row["moved"] else "not informed",
        )
        for row in found.parameters.to_dict("records")
    ]
    columns = ("parameter", "prior", "median", "80 % interval", "width ÷ prior", "")
    say_table(columns, rows, numbers=columns[1:5])
    missed = found.predictive.loc[~found.predictive["met"], "statistic"]
    for name in missed:
        say(f"Not met: {name}", style="yellow")
    say(f"{len(found.predictive) - len(missed)} of {len(found.predictive)} targets are met")
    say(f"Wrote {page}", style="dim")
    folder = shlex.quote(str(found.folder))
    say(f"Use it with: reformsim run {folder}/posterior-median.toml", style="dim")
    say(
        "Or propagate it to an experiment: reformsim experiment run EXPERIMENT"
        f" --parameter-uncertainty {folder}/posterior.parquet",
        style="dim",
    )


for command in (run, resume, check, statistics):
    add_command(app, command.__name__, command)
