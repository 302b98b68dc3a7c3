"""`reformsim whatif`: the same replicates with and without an event or a lever."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reformsim.errors import Problem, ScenarioError
from reformsim.theory.chance import DEFAULT_SEED

from ..console import print_json, say
from ..manifest import write_manifest
from ..options import (
    Engine,
    Force,
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
    compose,
    mechanisms_in,
    names_of,
    titles_of,
    uncertainty_in,
)
from ..output import OutputFolder
from ..progress import run_jobs
from .run import check_engine, write_csv

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from reformsim.experiments.whatif import WhatIf
    from reformsim.scenario.loading import Composed

STRATEGIES = ("status_quo", "web_of_support")
FILES = ("paths.csv", "effects.csv", "manifest.json")
"""Files that are always written, besides figures/*.png."""
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
            show_default=f"that of the scenario, else {', '.join(STRATEGIES)}",
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
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run the same replicates with and without an event or a lever, and show the difference."""
    changes = all_overrides(overrides, years, warm_up)
    composed, asked = ask(parts or (), strategies or (), changes, added or (), removed or ())
    check_engine(engine)
    mechanisms = mechanisms_in(mechanisms_file)
    posterior = uncertainty_in(uncertainty)
    folder = OutputFolder(out, force=force, names=FILES) if out else None

    from reformsim.analysis import change_effects, difference_paths, paired_differences
    from reformsim.analysis.counterfactual import in_words
    from reformsim.experiments.drawing import notes_on, with_particles
    from reformsim.results import series_frame
    from reformsim.results.provenance import describe
    from reformsim.running.jobs import jobs_of

    sides = [one.changed for one in asked], [one.unchanged for one in asked]
    scenarios = [scenario for side in sides for scenario in side]
    jobs = jobs_of(scenarios, seed, replicates, mechanisms, engine, workers)
    jobs = with_particles(jobs, posterior)
    results = run_jobs(jobs, workers, engine, quiet=quiet)
    half = len(results) // 2
    differences = paired_differences(series_frame(results[:half]), series_frame(results[half:]))
    paths = difference_paths(differences)
    effects = change_effects(differences, asked[0].since)
    titles = titles_of(composed)
    effects["sentence"] = [in_words(row, titles) for row in effects.to_dict("records")]
    notes = [note for question in asked for note in question.notes]
    notes += notes_on(posterior, sides[1]) if posterior else []
    if folder:
        write_csv(folder, "paths.csv", paths)
        write_csv(folder, "effects.csv", effects)
        _draw(folder, paths, asked[0].marks, titles)
        arguments: dict[str, Any] = {
            "command": "whatif",
            "parts": parts or [],
            "without": removed or [],
            "with": added or [],
            "strategy": strategies or [],
            "set": changes,
            "seed": seed,
            "replicates": replicates,
            "engine": engine,
            "mechanisms": mechanisms_file,
            "parameter_uncertainty": uncertainty,
        }
        pairs = [(seed, replicate) for replicate in range(replicates)]
        write_manifest(folder, arguments, [*sides[1], *sides[0]], pairs, mechanisms, posterior)
    if as_json:
        print_json(
            {
                "changes": asked[0].marks,
                "notes": notes,
                "seed": seed,
                "replicates": replicates,
                "engine": engine,
                "parameter_uncertainty": posterior and posterior.recipe,
                "unchanged": [describe(one) for one in sides[1]],
                "changed": [describe(one) for one in sides[0]],
                "effects": effects,
                "paths": paths,
                "out": out,
                "files": folder.written if folder else [],
            }
        )
        return
    from ..whatif_table import print_whatif

    for note in notes:
        say(f"Note: {note}.", style="yellow")
    print_whatif(asked, differences, paths, effects, titles, posterior)
    if folder:
        say(f"{len(folder.written)} files in {folder.path}")
    else:
        say("Nothing was written: --out FOLDER writes tables and figures.", style="dim")


def ask(
    parts: Sequence[str],
    strategies: Sequence[str],
    changes: Sequence[str],
    added: Sequence[str],
    removed: Sequence[str],
) -> tuple[list[Composed], list[WhatIf]]:
    """Compose the scenario under each strategy, as it is and changed.

    Raises ScenarioError with every problem of all of them, each once.
    """
    from reformsim.experiments.whatif import what_if
    from reformsim.scenario.loading import DEFAULTS

    problems: dict[Problem, None] = {}
    composed: dict[str, Composed] = {}
    asked: list[WhatIf] = []

    def tried(names: Sequence[str]) -> Composed | None:
        try:
            return compose(names, changes)
        except ScenarioError as error:
            problems.update(dict.fromkeys(error.problems))
            return None

    base = tried(parts)
    own = base.scenario.names.strategy if base else ""
    if own == DEFAULTS["strategy"] and own not in map(_stem, parts):
        own = ""
    if own and strategies:
        hint = "name every strategy by --strategy"
        message = "the scenario has a strategy already"
        problems[Problem(message, key="--strategy", found=own, hint=hint)] = None
    if own and base:
        composed[own] = base
    else:
        for given in dict.fromkeys(strategies or STRATEGIES):
            one = tried([*parts, given])
            name = one.scenario.names.strategy if one else ""
            message = hint = ""
            if one and name != _stem(given):
                message, hint = "is not a strategy", "'reformsim list strategy' names them"
            elif name in composed:
                message = "two files have the same name, which tells them apart in every table"
                hint = "rename one"
            if message:
                key, found = "--strategy", f'"{given}"'
                problems[Problem(message, key=key, found=found, hint=hint)] = None
            elif one:
                composed[name] = one
    for one in composed.values() or [base]:
        try:
            asked += [what_if(one.scenario, added, removed)] if one else []
        except ScenarioError as error:
            problems.update(dict.fromkeys(error.problems))
    if not problems and all(one.changed == one.unchanged for one in asked):
        whys = [note for one in asked for note in one.notes] or ["the changes undo one another"]
        hint = "ask under a strategy that sets it" if asked[0].notes else ""
        problems |= {Problem(f"nothing would differ: {why}", hint=hint): None for why in whys}
    if problems:
        raise ScenarioError(*problems)
    return list(composed.values()), asked


def _stem(part: str) -> str:
    return PurePath(part).name.removesuffix(".toml")


def _draw(
    folder: OutputFolder, paths: pd.DataFrame, marks: Mapping[str, int], titles: Mapping[str, str]
) -> None:
    from reformsim.figures import difference_path_figure, png_bytes

    for outcome in paths["outcome"].unique():
        figure = difference_path_figure(paths, outcome, marks=marks, titles=titles)
        with folder.writing(f"figures/{outcome}.png") as path:
            path.write_bytes(png_bytes(figure))
