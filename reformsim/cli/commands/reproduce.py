"""`reformsim reproduce`: what a manifest says, done again and compared."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..console import print_json, say
from ..examples import example
from ..failures import FAULT
from ..options import Json, MechanismsFile, Quiet, Workers, mechanisms_in
from ..progress import ExperimentProgress, announce_compiling, simulated

if TYPE_CHECKING:
    from collections.abc import Sequence


@example("reformsim reproduce results/first --out results/first-again")
def reproduce(
    manifest: Annotated[
        Path,
        typer.Argument(
            metavar="MANIFEST",
            help="The manifest.json of run, compare, whatif, contrast or experiment run, or its folder.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER",
            help="Folder to write what is done again to. It has to be new or empty.",
            rich_help_panel="What comes out",
        ),
    ],
    mechanisms_file: MechanismsFile = None,
    workers: Workers = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Do again what a manifest says, and compare the tables and figures with those of then."""
    from reformsim.api.reproduce import read_recipe
    from reformsim.api.reproduce import reproduce as again
    from reformsim.experiments.experiment import Options

    recipe = read_recipe(manifest, mechanisms_in(mechanisms_file), workers)
    if recipe.experiment is None:
        found = again(recipe, out, progress=lambda request: simulated(request, quiet=quiet))
    else:
        announce_compiling(quiet=quiet, mechanisms=recipe.mechanisms)
        with ExperimentProgress(quiet=quiet) as progress:
            options = Options(workers, on_progress=progress.runs, tell=progress.tell)
            found = again(recipe, out, options)
    if as_json:
        data: dict[str, Any] = found._asdict()
        print_json({"command": recipe.command, "differences": recipe.differences, **data})
    else:
        say(f"Made by: reformsim {recipe.command}", style="bold")
        for difference in recipe.differences:
            say(f"Note: {difference}.", style="yellow")
        if not recipe.differences:
            say("The sources of the model and all versions are the same.")
        _say_files("Identical", found.identical)
        _say_files("Different", found.different, "red")
        _say_files("Nothing to compare with", found.missing, "yellow")
        say(f"Written to: {shlex.quote(str(found.out))}", style="dim")
    if found.different:
        raise typer.Exit(FAULT)


def _say_files(what: str, names: Sequence[str], style: str = "") -> None:
    if names:
        say(f"{what}: {', '.join(names)}", style=style)
