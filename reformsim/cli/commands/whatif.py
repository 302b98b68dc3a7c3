"""`reformsim whatif`: the same replicates with and without an event or a lever."""

from __future__ import annotations

from typing import Annotated

import typer

from reformsim.api.defaults import ASKED_UNDER
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
    Parts,
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

_CHANGED = "Change"


@example("reformsim whatif mid-size web_of_support --with superintendent_departure@36")
def whatif(
    parts: Parts = None,
    removed: Annotated[
        list[str] | None,
        typer.Option(
            "--without",
            metavar="CHANGE",
            help="Event of the scenario to remove, as in superintendent_departure@36, or lever to reset"
            " to its baseline value, as in pipeline; repeatable.",
            show_default=False,
            rich_help_panel=_CHANGED,
        ),
    ] = None,
    added: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="EVENT",
            help="Event to add, with its month: superintendent_departure@36,"
            " principal_departure@14:SCHOOL, recession@24:DEPTH or crisis@12:LOAD; repeatable.",
            show_default=False,
            rich_help_panel=_CHANGED,
        ),
    ] = None,
    strategies: Annotated[
        list[str] | None,
        typer.Option(
            "--strategy",
            "-s",
            metavar="NAME",
            help="Strategy under which the change is made: a built-in name or a file; repeatable.",
            show_default=f"from the scenario, else {', '.join(ASKED_UNDER)}",
            autocompletion=names_of("strategy"),
            rich_help_panel=_CHANGED,
        ),
    ] = None,
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
    """Estimate the effect of one event or lever: paired replicates with and without it."""
    from reformsim.api.requests import How, WhatIfRequest
    from reformsim.results.provenance import describe

    how = How(seed, replicates, workers, engine, mechanisms_file, uncertainty)
    changes = all_overrides(overrides, years, warm_up)
    request = WhatIfRequest.of(parts or (), added, removed, strategies, changes, how=how)
    folder = request.folder(out, force=force) if out else None
    answer = simulated(request, quiet=quiet)
    if folder:
        answer.report(folder, formats=formats_of(formats))
    asked, paths, effects = answer.asked, answer.frame("paths"), answer.frame("effects")
    if as_json:
        print_json(
            {
                "changes": asked[0].marks,
                "notes": answer.notes,
                "seed": seed,
                "replicates": replicates,
                "engine": engine,
                "parameter_uncertainty": answer.posterior and answer.posterior.recipe,
                "unchanged": [describe(change.unchanged) for change in asked],
                "changed": [describe(change.changed) for change in asked],
                "effects": effects,
                "paths": paths,
                "out": out,
                "files": folder.written if folder else [],
            }
        )
        return
    from ..whatif_table import print_whatif

    say_notes(answer)
    print_whatif(asked, answer.differences, paths, effects, answer.titles, answer.posterior)
    if folder:
        say(f"{len(folder.written)} files in {folder.path}")
    else:
        say("Nothing was saved; add --out FOLDER for tables and figures.", style="dim")
