"""How a command that failed says so: one paragraph, an exit code, and no traceback."""

from __future__ import annotations

import os
from typing import Any

import typer
from typer.core import TyperGroup

from reformsim.errors import ReformsimError

from .console import console

FAULT, USAGE, INTERRUPTED = 1, 2, 130
MOST = 50
"""Problems that are shown; a network survey can have thousands."""
REPORT_BUGS = "Set REFORMSIM_DEBUG=1 and run the command again to see where it happened."


class Commands(TyperGroup):
    """A group of commands whose failures end in a message."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command, and turn what a user can put right into a message."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            console(stderr=True).print("\nStopped.", style="yellow")
            raise typer.Exit(INTERRUPTED) from None
        except ReformsimError as error:
            if debugging():
                raise
            code = FAULT if _is_fault(error) else USAGE
            show_problems(error, fault=code == FAULT)
            raise typer.Exit(code) from None


def debugging() -> bool:
    """Say whether the user wants tracebacks."""
    return os.environ.get("REFORMSIM_DEBUG", "0") not in {"", "0"}


def show_problems(error: ReformsimError, *, fault: bool = False) -> None:
    """Print every problem of an error on stderr, in red on a terminal."""
    lines = [line for problem in error.problems for line in str(problem).splitlines()]
    text = f"Error: {lines[0]}"
    if len(lines) > 1:
        shown = [f"  • {line}" for line in lines[:MOST]]
        if len(lines) > MOST:
            shown.append(f"  … and {len(lines) - MOST:,} more")
        text = "\n".join([f"Error: {len(lines)} problems", *shown])
    if fault:
        text += f"\n{REPORT_BUGS}"
    console(stderr=True).print(text, style="red", markup=False, soft_wrap=True)


def show_bug(error: Exception) -> None:
    """Say on stderr that the program itself is at fault."""
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    text = f"This is a bug in reformsim, not something you did.\n  {what}\n{REPORT_BUGS}"
    console(stderr=True).print(text, style="red", markup=False, soft_wrap=True)


def _is_fault(error: ReformsimError) -> bool:
    """Say whether a run failed that should have worked."""
    from reformsim.experiments.execution import RunError

    return isinstance(error, RunError)
