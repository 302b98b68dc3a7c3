"""`reformsim compare`: strategies under conditions, in paired replicates."""

from __future__ import annotations

from typing import Annotated

import typer

from reformsim.api.defaults import COMPARED, CONDITIONS
from reformsim.theory.chance import DEFAULT_SEED

from ..console import print_json, say
from ..examples import example
from ..options import (
    Engine,
    Force,
    Formats,
    Json,
    MechanismsFile,
    Out,
    Overrides,
    ParameterUncertainty,
    Quiet,
    Replicates,
    Seed,
    WarmUp,
    Workers,
    Years,
    all_overrides,
    formats_of,
    names_of,
)
from ..progress import say_notes, simulated

_WHAT = "Comparison"


@example("reformsim compare --district small-rural -s web_of_support -c stable --out results/first")
def compare(
    district: Annotated[
        str,
        typer.Option(
            help="District: a built-in name or a file.",
            autocompletion=names_of("district"),
            rich_help_panel=_WHAT,
        ),
    ] = "mesa-public-schools",
    strategies: Annotated[
        list[str] | None,
        typer.Option(
            "--strategy",
            "-s",
            metavar="NAME",
            help="Strategy to compare: a built-in name or a file; repeatable.",
            show_default=", ".join(COMPARED),
            autocompletion=names_of("strategy"),
            rich_help_panel=_WHAT,
        ),
    ] = None,
    conditions: Annotated[
        list[str] | None,
        typer.Option(
            "--condition",
            "-c",
            metavar="NAME",
            help="Condition to compare under: a built-in name or a file; repeatable.",
            show_default=", ".join(CONDITIONS),
            autocompletion=names_of("condition"),
            rich_help_panel=_WHAT,
        ),
    ] = None,
    baseline: Annotated[
        str,
        typer.Option(
            help="Baseline strategy for all comparisons.",
            autocompletion=names_of("strategy"),
            rich_help_panel=_WHAT,
        ),
    ] = "status_quo",
    overrides: Overrides = None,
    years: Years = None,
    warm_up: WarmUp = None,
    seed: Seed = DEFAULT_SEED,
    replicates: Replicates = 20,
    workers: Workers = None,
    engine: Engine = "compiled",
    mechanisms_file: MechanismsFile = None,
    both: Annotated[
        bool,
        typer.Option(
            "--with-and-without",
            help="Run every strategy without the mechanisms and with them, side by side under common"
            " random numbers.",
            rich_help_panel=_WHAT,
        ),
    ] = False,
    equal_cost: Annotated[
        float | None,
        typer.Option(
            "--equal-cost",
            metavar="DOLLARS",
            help="Scale strategies that cost more down to so much: $ per pupil a year, the mean of the"
            " plan's years.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    uncertainty: ParameterUncertainty = None,
    out: Out = None,
    force: Force = False,
    formats: Formats = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare strategies under conditions, in paired replicates."""
    from reformsim.api.requests import ComparisonRequest, How
    from reformsim.results.provenance import describe

    how = How(seed, replicates, workers, engine, mechanisms_file, uncertainty)
    changes = all_overrides(overrides, years, warm_up)
    request = ComparisonRequest.of(
        district,
        strategies,
        conditions,
        baseline,
        changes,
        how=how,
        both=both,
        equal_cost=equal_cost,
    )
    folder = request.folder(out, force=force) if out else None
    comparison = simulated(request, quiet=quiet)
    runs = comparison.frame("runs")
    if folder:
        say("Writing tables, figures and the report …", style="dim", quiet=quiet, stderr=True)
        comparison.report(folder, formats=formats_of(formats))
    report = folder.path / "report.html" if folder else None
    if as_json:
        print_json(
            {
                "baseline": comparison.baseline,
                "equal_cost": equal_cost,
                "seed": seed,
                "replicates": replicates,
                "engine": engine,
                "parameter_uncertainty": comparison.posterior and comparison.posterior.recipe,
                "notes": comparison.notes,
                "scenarios": [describe(scenario) for scenario in comparison.scenarios],
                "comparison": comparison.frame("comparison"),
                "runs": runs,
                "out": out,
                "report": report,
                "files": folder.written if folder else [],
            }
        )
        return
    from ..compare_table import print_comparison

    say_notes(comparison)
    print_comparison(runs, comparison.baseline, comparison.titles, comparison.posterior)
    if report:
        say(f"Report: {report}", style="bold")
    else:
        say("Nothing was saved; add --out FOLDER for tables, figures and a report.", style="dim")
