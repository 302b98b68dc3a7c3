"""The examples that the help of every command ends with, declared where the command stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    import typer

Command = TypeVar("Command", bound="Callable[..., None]")
_EXAMPLES = "examples"


def example(*lines: str) -> Callable[[Command], Command]:
    """Declare command lines that work as they stand, to be shown at the end of a command's help."""

    def declare(command: Command) -> Command:
        setattr(command, _EXAMPLES, lines)
        return command

    return declare


def epilog_of(*lines: str) -> str:
    """Return example lines as the end of a help text, a paragraph each so that none are joined."""
    return "\n\n".join(["Examples:" if len(lines) > 1 else "Example:", *lines])


def add_command(app: typer.Typer, name: str, command: Callable[..., None]) -> None:
    """Add a command to a program, its help ending with its examples."""
    app.command(name, epilog=epilog_of(*getattr(command, _EXAMPLES)))(command)
