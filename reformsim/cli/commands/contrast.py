"""`reformsim contrast`: what goes with a superintendent and what stays, strategy by strategy."""

from __future__ import annotations

from typing import Annotated

import typer

from reformsim.api.defaults import CONTRASTED, DEPARTURE
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

_WHAT = "Contrast"


@example("reformsim contrast --district small-rural --out results/contrast")
def contrast(
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
            help="Strategy whose gain is shown: a built-in name or a file; repeatable.",
            show_default=", ".join(CONTRASTED),
            autocompletion=names_of("strategy"),
            rich_help_panel=_WHAT,
        ),
    ] = None,
    condition: Annotated[
        str,
        typer.Option(
            "--condition",
            "-c",
            metavar="NAME",
            help="Condition of all runs: a built-in name or a file.",
            autocompletion=names_of("condition"),
            rich_help_panel=_WHAT,
        ),
    ] = "stable",
    month: Annotated[
        int,
        typer.Option(
            metavar="NUMBER",
            help="Month in which the superintendent leaves, whoever that is; 0 is the launch.",
            rich_help_panel=_WHAT,
        ),
    ] = DEPARTURE,
    baseline: Annotated[
        str,
        typer.Option(
            help="Baseline strategy, over which the others gain.",
            autocompletion=names_of("strategy"),
            rich_help_panel=_WHAT,
        ),
    ] = "status_quo",
    overrides: Overrides = None,
    years: Years = None,
    warm_up: WarmUp = None,
    seed: Seed = DEFAULT_SEED,
    replicates: Replicates = 40,
    workers: Workers = None,
    engine: Engine = "compiled",
    mechanisms_file: MechanismsFile = None,
    uncertainty: ParameterUncertainty = None,
    out: Out = None,
    force: Force = False,
    formats: Formats = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show what goes with a superintendent and what stays: gains with and without a departure."""
    from reformsim.api.contrast import ContrastRequest
    from reformsim.api.requests import How
    from reformsim.results.provenance import describe

    how = How(seed, replicates, workers, engine, mechanisms_file, uncertainty)
    changes = all_overrides(overrides, years, warm_up)
    request = ContrastRequest.of(
        district, strategies or None, condition, baseline, month, changes, how=how
    )
    folder = request.folder(out, force=force) if out else None
    answer = simulated(request, quiet=quiet)
    if folder:
        answer.report(folder, formats=formats_of(formats))
    if as_json:
        print_json(
            {
                "month": month,
                "baseline": answer.baseline,
                "notes": answer.notes,
                "seed": seed,
                "replicates": replicates,
                "engine": engine,
                "parameter_uncertainty": answer.posterior and answer.posterior.recipe,
                "scenarios": [describe(scenario) for scenario in answer.scenarios],
                "shares": answer.table,
                "comparisons": answer.comparisons,
                "paths": answer.frame("paths"),
                "out": out,
                "files": folder.written if folder else [],
            }
        )
        return
    from ..contrast_table import print_contrast

    say_notes(answer)
    print_contrast(
        answer.table, answer.comparisons, month, answer.baseline, answer.titles, answer.posterior
    )
    if folder:
        say(f"{len(folder.written)} files in {folder.path}")
    else:
        say("Nothing was saved; add --out FOLDER for tables and the figure.", style="dim")
