"""How a command that failed says so: one paragraph, an exit code, and no traceback."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

import typer
from typer.core import TyperGroup, TyperOption

from reformsim.errors import Problem, ReformsimError
from reformsim.reading import one_reading
from reformsim.running.signals import received

from .console import say, spelt_out
from .process import USAGE, exit_code_of_signal
from .shortages import shortage

if TYPE_CHECKING:
    from collections.abc import Iterator

FAULT = 1
MOST = 50
"""Problems that are shown; a network survey can have thousands."""
FRAMED = 100
"""Columns that help needs for Typer's frames."""
OPTIONS = {
    "district": "--district",
    "strategy": "--strategy",
    "strategies": "--strategy",
    "conditions": "--condition",
    "condition": "--condition",
    "baseline": "--baseline",
    "added": "--with",
    "removed": "--without",
    "set": "--set",
    "force": "--force",
    "mechanisms": "--mechanisms",
    "equal_cost": "--equal-cost",
    "parameter_uncertainty": "--parameter-uncertainty",
    "only": "--only",
    "month": "--month",
    "years": "--years",
    "months": "--at-month",
}
"""What arguments of the library are called on the command line, where that differs in more than form."""
_ARGUMENT = re.compile(r"`(\w+)`")
REPORT_BUGS = "Set REFORMSIM_DEBUG=1 and run the command again to see where it happened."


class Commands(TyperGroup):
    """A group of commands whose failures end in a message."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command, and refuse an option given twice, of which only the last would count."""
        name, command, rest = super().resolve_command(ctx, args)
        _unframe(command)
        # A shell that completes a command line asks for the command too.
        if command is not None and not ctx.resilient_parsing:
            parser = command.make_parser(typer.Context(command, parent=ctx, info_name=name))
            given = Counter(parser.parse_args(list(rest))[2])
            twice = [one.opts[0] for one, times in given.items() if times > 1 and _is_single(one)]
            if twice:
                message = f"is given twice; '{ctx.command_path} {name}' takes one"
                raise ReformsimError(*(Problem(message, key=option) for option in twice))
        return name, command, rest

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run the program; Typer asks here whether its errors, and help without a command, have frames."""
        _unframe(self)
        return super().main(*arguments, **options)

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """Read what stands before the command; a failure ends in a message."""
        _unframe(self)
        with _told(), _usage_spelt_out():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a failure that is not a bug ends in a message.

        Whatever the command reads of scenarios it reads once, so that all its runs are of the same.
        """
        with _told(), one_reading(), _usage_spelt_out():
            return super().invoke(ctx)


@contextmanager
def _told() -> Iterator[None]:
    """Turn what a user can put right, and a signal to stop, into a message and an exit code."""
    signals = len(received)
    try:
        yield
    except KeyboardInterrupt:
        raise _stopped() from None
    except (typer.Exit, typer.Abort):
        raise
    except typer.BadParameter as error:
        if (problem := _in_own_words(error)) is None:
            raise
        show_problems(ReformsimError(problem))
        raise typer.Exit(USAGE) from None
    except Exception as error:
        stopped = len(received) > signals
        if stopped and _is_interrupted(error):
            raise _stopped() from None
        if debugging():
            raise
        lacking = shortage(error)
        if isinstance(error, ReformsimError):
            code = FAULT if _is_fault(error) and lacking is None else USAGE
            show_problems(error, fault=code == FAULT)
        elif lacking is not None:
            code = USAGE
            show_problems(ReformsimError(lacking))
        elif stopped:
            show_bug(error)
        else:
            raise
        raise (_stopped() if stopped else typer.Exit(code)) from None


def _is_interrupted(error: BaseException | None) -> bool:
    """Say whether an error came of a signal to stop that somebody on the way took for a failure."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _stopped() -> typer.Exit:
    say("", "Stopped.", style="yellow", stderr=True)
    return typer.Exit(exit_code_of_signal())


def _unframe(command: Any) -> None:
    """Let a command's help be plain text where Typer's frames would crop words and numbers."""
    if shutil.get_terminal_size().columns < FRAMED:
        command.rich_markup_mode = None


@contextmanager
def _usage_spelt_out() -> Iterator[None]:
    """Spell out what Typer's own words about wrong usage repeat of what was typed."""
    try:
        yield
    except Exception as error:
        wrong: Any = error
        if hasattr(wrong, "format_message"):
            wrong.message = spelt_out(wrong.message or "", lines=True)
        raise


def debugging() -> bool:
    """Say whether the user wants tracebacks."""
    return os.environ.get("REFORMSIM_DEBUG", "0") not in {"", "0"}


def show_problems(error: ReformsimError, *, fault: bool = False) -> None:
    """Print every problem of an error on stderr, in red on a terminal."""
    lines = [line for problem in error.problems for line in as_typed(str(problem)).split("\n")]
    text = [f"Error: {lines[0]}"]
    if len(lines) > 1:
        text = [f"Error: {len(lines)} problems", *(f"  • {line}" for line in lines[:MOST])]
        if len(lines) > MOST:
            text.append(f"  … and {len(lines) - MOST:,} more")
    say(*text, *([REPORT_BUGS] if fault else []), style="red", stderr=True)


def as_typed(text: str) -> str:
    """Return a message with the option of each argument that it names in backticks."""
    return _ARGUMENT.sub(lambda match: OPTIONS.get(match[1], match[0]), text)


def show_bug(error: Exception) -> None:
    """Say on stderr that the program itself is at fault."""
    what = f"{type(error).__name__}: {error}".partition("\n")[0]
    whose = "This is a bug in reformsim, not something you did."
    say(whose, f"  {what}", REPORT_BUGS, style="red", stderr=True)


def show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,  # noqa: ARG001 - what `warnings` calls it with
    line: str | None = None,  # noqa: ARG001
) -> None:
    """Print the warning of a library on stderr, in one line."""
    text = f"{filename}:{lineno}: {category.__name__}: {message}"
    say(text, style="yellow", stderr=True)


def _is_single(param: Any) -> bool:
    """Say whether a parameter is an option with one value."""
    return isinstance(param, TyperOption) and not (param.multiple or param.is_flag)


def _in_own_words(error: typer.BadParameter) -> Problem | None:
    """Return what is wrong with an option as of any other value; None if that is well said already.

    Typer judges options by pydantic, whose words say nothing of what was found or is allowed.
    """
    from pydantic import ValidationError

    from reformsim.messages import brief, did_you_mean, nearest, show
    from reformsim.scenario.checking import MESSAGES

    wrong, param = error.__cause__, error.param
    if not isinstance(wrong, ValidationError) or param is None:
        return None
    details = wrong.errors(include_url=False)[0]
    name, found = param.opts[0], str(details["input"])
    if choices := [str(one) for one in param.type_descriptor.choices or ()]:
        hint, allowed = did_you_mean(nearest(found, choices)), ", ".join(choices)
        return Problem(MESSAGES["literal_error"], "", 0, name, show(found), allowed, hint)
    limits = param.type_descriptor.parameter_info
    whole = MESSAGES["int_type"] if details["type"].startswith("int") else ""
    message = MESSAGES.get(details["type"], whole)
    if not message:
        return None
    bounded = limits.min is not None and limits.max is not None
    allowed = f"{limits.min:,} to {limits.max:,}" if bounded else ""
    return Problem(message, "", 0, name, brief(found), allowed)


def _is_fault(error: ReformsimError) -> bool:
    """Say whether a run failed that should have worked."""
    from reformsim.running.jobs import RunError

    return isinstance(error, RunError)
