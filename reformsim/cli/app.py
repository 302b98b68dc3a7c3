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
from .failures import FAULT, Commands, debugging, show_bug, show_warning

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(
    cls=Commands,
    help="Simulate how learning-focused leadership takes hold, spreads and survives in a school"
    " district.",
    epilog="Start with: reformsim list · reformsim compare --out results/first",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)
app.command("run")(run.run)
app.command("compare")(compare.compare)
app.command("whatif")(whatif.whatif)
app.add_typer(experiment.app, name="experiment")
app.add_typer(sensitivity.app, name="sensitivity")
app.command("reproduce")(reproduce.reproduce)
app.command("query")(query.query)
app.command("list")(scenarios.list_scenarios)
app.command("show")(scenarios.show)
app.command("params")(params.params)
app.command("graph")(graph.graph)
app.add_typer(calibrate.app, name="calibrate")
app.command("verify")(verify.verify)
app.command("validate")(validate.validate)


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
            "--version", help="Show the version and leave.", callback=_print_version, is_eager=True
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
