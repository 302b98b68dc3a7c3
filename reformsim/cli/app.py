"""The program `reformsim`: its commands, and what happens when one of them fails."""

from __future__ import annotations

import gc
import logging
import os
import sys
import warnings
from typing import TYPE_CHECKING, Annotated

import typer

from .commands import (
    calibrate,
    compare,
    contrast,
    experiment,
    graph,
    params,
    query,
    reproduce,
    run,
    scenarios,
    sensitivity,
    validate,
    verify,
    whatif,
)
from .examples import add_command, epilog_of
from .failures import FAULT, Commands, debugging, show_bug, show_warning

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(
    cls=Commands,
    help="Simulate how learning-focused leadership takes hold, spreads and survives in a school"
    " district.",
    epilog=epilog_of("reformsim list", "reformsim compare --out results/first"),
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)
add_command(app, "run", run.run)
add_command(app, "compare", compare.compare)
add_command(app, "whatif", whatif.whatif)
add_command(app, "contrast", contrast.contrast)
app.add_typer(experiment.app, name="experiment")
app.add_typer(sensitivity.app, name="sensitivity")
add_command(app, "reproduce", reproduce.reproduce)
add_command(app, "query", query.query)
add_command(app, "list", scenarios.list_scenarios)
add_command(app, "show", scenarios.show)
add_command(app, "params", params.params)
add_command(app, "graph", graph.graph)
app.add_typer(calibrate.app, name="calibrate")
add_command(app, "verify", verify.verify)
add_command(app, "validate", validate.validate)


def _print_version(wanted: bool) -> None:
    if wanted:
        from reformsim.results.provenance import version

        sys.stdout.write(f"reformsim {version()}\n")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and exit.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Take what stands before the command."""


def run_program(arguments: Sequence[str] | None) -> int:
    """Run a command, by default that of the process, and return its exit code."""
    # Libraries make many objects and no garbage: looking for it would take a sixth of the start.
    gc.set_threshold(100_000)
    _forget_matplotlib_settings()
    for stream in (sys.stdout, sys.stderr):
        # An arrow or a Greek letter must not end a run on a terminal that has none.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        with warnings.catch_warnings():
            warnings.showwarning = show_warning
            app(args=arguments, prog_name="reformsim")
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(bool(leaving.code))
    except Exception as error:
        if debugging():
            raise
        show_bug(error)
        return FAULT
    return 0


def _forget_matplotlib_settings() -> None:
    """Let no settings of the user's for matplotlib, or a folder of them, come into our figures.

    What cannot be read, a window that cannot be opened, or a cache that cannot be written would
    otherwise be told, or end a command, when all runs are done.
    """
    os.environ.pop("MPLBACKEND", None)
    os.environ["MATPLOTLIBRC"] = os.devnull
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
