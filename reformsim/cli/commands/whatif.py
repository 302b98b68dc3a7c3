"""`reformsim whatif`: the same replicates with and without an event or a lever."""

from __future__ import annotations

from typing import Annotated

import typer

from reformsim.api.defaults import ASKED_UNDER
from reformsim.theory.chance import DEFAULT_SEED

from ..console import print_json, say
from ..options import (
    Engine,
    Force,
    Formats,
    Json,
    MechanismsFile,
    Out,
    Overrides,
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
from ..progress import simulated

_CHANGED = "What is changed"


def whatif(
    parts: Parts = None,
    removed: Annotated[
        list[str] | None,
        typer.Option(
            "--without",
            metavar="CHANGE",
            help="An event of the scenario that does not happen, as superintendent_departure@36, or"
            " a lever that goes back to the baseline, as pipeline. May be repeated.",
            show_default=False,
            rich_help_panel=_CHANGED,
        ),
    ] = None,
    added: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="EVENT",
            help="An event that happens besides: superintendent_departure@36,"
            " principal_departure@14:SCHOOL, revenue_shock@24:DEPTH, crisis@12:LOAD. May be"
            " repeated.",
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
            help="A strategy under which to ask: a built-in name or a file. May be repeated.",
            show_default=f"that of the scenario, else {', '.join(ASKED_UNDER)}",
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
    out: Out = None,
    force: Force = False,
    formats: Formats = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run the same replicates with and without an event or a lever, and show the difference."""
    from reformsim.api.requests import How, WhatIfRequest
    from reformsim.results.provenance import describe

    how = How(seed, replicates, workers, engine, mechanisms_file)
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

    for note in answer.notes:
        say(f"Note: {note}.", style="yellow")
    print_whatif(asked, answer.differences, paths, effects, answer.titles)
    if folder:
        say(f"{len(folder.written)} files in {folder.path}")
    else:
        say("Nothing was written: --out FOLDER writes tables and figures.", style="dim")
