"""`reformsim experiment plan`: the design of an experiment, before it is run."""

from __future__ import annotations

import csv
import math
import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reformsim.command_line import command_line
from reformsim.errors import ReformsimError

from ..console import csv_out, print_json, say
from ..examples import example
from ..options import (
    ExperimentChanges,
    ExperimentFile,
    Json,
    MechanismsFile,
    ParameterUncertainty,
    mechanisms_in,
    split_changes,
    with_uncertainty,
)
from ..progress import duration
from ..tables import say_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reformsim.experiments.definition import Definition, Range
    from reformsim.experiments.plan import Plan

FIRST_POINTS = 5
"""Points of the design that are shown."""


@example("reformsim experiment plan turnover-by-budget")
def plan(
    file: ExperimentFile,
    changes: ExperimentChanges = None,
    uncertainty: ParameterUncertainty = None,
    mechanisms_file: MechanismsFile = None,
    as_json: Json = False,
    as_csv: Annotated[
        bool,
        typer.Option(
            "--csv",
            help="Print the list of all runs as CSV.",
            rich_help_panel="Output",
        ),
    ] = False,
) -> None:
    """Show the design of an experiment: number of runs, time, disk and memory needed."""
    if as_json and as_csv:
        raise ReformsimError("--json and --csv are mutually exclusive")
    from reformsim.experiments.loading import load_experiment
    from reformsim.experiments.plan import Plan
    from reformsim.results.spreadsheet import harmless

    of_experiment, settings = split_changes(changes)
    mechanisms = mechanisms_in(mechanisms_file, settings)
    experiment = load_experiment(file, with_uncertainty(of_experiment, uncertainty), mechanisms)
    made = Plan(experiment, mechanisms=mechanisms)
    if as_csv:
        writer = csv.writer(csv_out(), lineterminator="\n")
        for row in _runs(made):
            writer.writerow(harmless(one) if isinstance(one, str) else one for one in row)
    elif as_json:
        print_json(_as_data(made))
    else:
        _show(made)
        command = command_line(
            "experiment run",
            [file],
            set=changes,
            parameter_uncertainty=uncertainty,
            mechanisms=mechanisms_file,
        )
        say(f"Run it with: {command}", style="dim")


def _runs(made: Plan) -> Iterator[list[Any]]:
    """Yield the head of the list of runs, then a row for each, its reference with it."""
    identity = ["district", "condition", "strategy", "point", "seed", "replicate"]
    yield ["run", *identity, "reference", *made.varied]
    for batch in made.batches():
        for run in batch.runs:
            names = run.scenario.names.model_dump().values()
            numbers = (run.point, run.seed, run.replicate)
            varied = ("" if math.isnan(value) else value for value in run.varied.values())
            yield [run.id, *names, *numbers, batch.reference.id, *varied]


def _as_data(made: Plan) -> dict[str, Any]:
    from reformsim.experiments.estimate import estimate

    first = made.points.head(FIRST_POINTS)
    return {
        "experiment": made.experiment.model_dump(mode="json"),
        "varied": list(made.varied),
        "first_points": first,
        **estimate(made)._asdict(),
        "notes": made.notes(),
    }


def _show(made: Plan) -> None:
    from reformsim.experiments.estimate import estimate

    experiment = made.experiment
    say(experiment.title, style="bold")
    if experiment.question:
        say(experiment.question)
    rows = list(_parts(experiment, len(made.points)))
    say_table(("component", "number", "values"), rows, numbers=("number",))
    if len(made.points.columns):
        _show_points(made)
    for note in made.notes():
        say(f"Note: {note}.", style="yellow")
    found = estimate(made)
    processors = os.cpu_count() or 1
    source = "timed here" if found.measured else "not timed: the engine is yet to be compiled"
    say(
        f"{found.runs:,} runs in {found.batches:,} batches · about"
        f" {duration(found.seconds)} on {processors} processors ({source}) · about"
        f" {size(found.bytes)} on disk · at most about {size(found.memory)} of memory",
        style="bold",
    )


def _show_points(made: Plan) -> None:
    """Print the first points, one in each column, since the names of parameters are long."""
    head = made.points.head(FIRST_POINTS)
    numbers = [str(point) for point in head.index]
    rows = [
        (
            name.partition(".")[2],
            *("default" if math.isnan(value) else f"{value:.4g}" for value in head[name]),
        )
        for name in made.points.columns
    ]
    title = "Points of the design"
    if len(made.points) > FIRST_POINTS:
        title += f", the first {FIRST_POINTS} of {len(made.points):,}"
    say_table(("point", *numbers), rows, title, numbers=numbers)


def _parts(experiment: Definition, points: int) -> Iterator[tuple[str, str, str]]:
    for what in ("districts", "conditions", "strategies"):
        names = getattr(experiment, what)
        yield what, f"{len(names):,}", ", ".join(names)
    yield "baseline", "", experiment.baseline
    for what, kind in (("uncertainties", "uncertainty"), ("levers", "lever")):
        for name, entry in getattr(experiment, what).items():
            count = f"{len(entry):,}" if isinstance(entry, tuple) else ""
            yield kind, count, f"{name}: {_values(entry, experiment.parameter(name).unit)}"
    yield "points", f"{points:,}", experiment.design.name
    if posterior := experiment.parameter_uncertainty:
        which = f"{posterior.file}, one particle for each replicate: {', '.join(posterior.names)}"
        yield "posterior", f"{len(posterior.weights):,}", which
    if experiment.mechanisms:
        digest = experiment.mechanisms.sha256[:12]
        yield "mechanisms", "", f"{experiment.mechanisms.name} (sha256 {digest}…)"
    last = experiment.replicates - 1
    yield "replicates", f"{experiment.replicates:,}", f"0 to {last:,} of seed {experiment.seed}"
    yield (
        "years",
        f"{experiment.horizon.years:,}",
        f"after {experiment.horizon.warm_up_years} of warm-up",
    )


def _values(entry: Range | tuple[float, ...], unit: str) -> str:
    if isinstance(entry, tuple):
        some = [f"{value:.6g}" for value in entry[:8]]
        shown = ", ".join([*some, "…"] if len(entry) > 8 else some)
    else:
        shown = f"{entry.low:.6g} to {entry.high:.6g}"
    if unit not in {"", "–", "[0, 1]"}:
        shown += f" {unit}"
    even = not isinstance(entry, tuple) and entry.scale == "log"
    return f"{shown}, evenly on a logarithmic scale" if even else shown


def size(count: int) -> str:
    """Return a number of bytes in words, as "3.2 MB"."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:,.1f} {unit}"
    return f"{count} bytes"
