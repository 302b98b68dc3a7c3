"""Every help text ends with an example that the program understands, and every command is documented."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from reformsim.cli.app import app
from reformsim.experiments.loading import load_experiment
from reformsim.experiments.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PROGRAM: Any = get_command(app)


def commands(group: Any, *before: str) -> Iterator[tuple[str, ...]]:
    """The program, its groups and their commands, as the words that are typed."""
    yield before
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, *before, name)


COMMANDS = list(commands(PROGRAM))
every_command = pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words) or "-")


def examples_of(words: tuple[str, ...]) -> list[str]:
    """The command lines at the end of a help text that no terminal has wrapped."""
    shown = CliRunner().invoke(
        app, [*words, "--help"], env={"COLUMNS": "300", "TERMINAL_WIDTH": ""}
    )
    assert shown.exit_code == 0, shown.output
    end = re.split(r"^\s*Examples?:\s*$", shown.stdout, flags=re.MULTILINE)
    assert len(end) == 2, f"the help of {' '.join(words)} has no example"
    return [line.strip() for line in end[1].splitlines() if line.strip()]


def parsed(line: str) -> list[str]:
    """Parse a command line as the program does, run nothing, and return the words of its command."""
    program, *rest = shlex.split(line)
    assert program == "reformsim"
    path: list[str] = []
    command, context = PROGRAM, None
    while True:
        context = command.make_context(path[-1] if path else program, list(rest), parent=context)
        if not hasattr(command, "commands"):
            return path
        name, command, rest = command.resolve_command(
            context, [*context._protected_args, *context.args]
        )
        path.append(name)


@every_command
def test_every_help_ends_with_an_example_of_that_command(words: tuple[str, ...]) -> None:
    lines = examples_of(words)
    assert lines
    for line in lines:
        assert tuple(parsed(line)[: len(words)]) == words


@every_command
def test_every_name_in_an_example_is_built_in(
    words: tuple[str, ...], builtin_names: set[str]
) -> None:
    for line in examples_of(words):
        typed = shlex.split(line)[1 + len(words) :]
        after = {"--district", "-s", "-c", "--strategy", "--condition"}
        named = {value for option, value in pairwise(typed) if option in after}
        if words and words[0] in {"run", "show", "whatif", "verify", "validate", "graph"}:
            named |= set(typed[: next((n for n, t in enumerate(typed) if t[0] == "-"), len(typed))])
        assert named <= builtin_names


def test_the_run_of_an_example_is_in_its_experiment() -> None:
    (line,) = examples_of(("experiment", "rerun"))
    *_, folder, run_id = shlex.split(line)
    plan = Plan(load_experiment(Path(folder).name))
    assert run_id in {run.id for batch in plan.batches() for run in batch.runs}


@every_command
def test_every_command_is_in_the_readme_or_a_page(words: tuple[str, ...], pages: str) -> None:
    assert f"reformsim {' '.join(words)}".strip() in pages


def test_an_example_that_the_program_does_not_understand_is_noticed() -> None:
    with pytest.raises(Exception, match="No such option"):
        parsed("reformsim run small-rural --nonsense 3")
    with pytest.raises(Exception, match="No such command"):
        parsed("reformsim rum small-rural")


@pytest.fixture(scope="module")
def builtin_names() -> set[str]:
    from reformsim.scenario.loading import builtin_files

    return {file.name for file in builtin_files()}


@pytest.fixture(scope="module")
def pages() -> str:
    files = [
        ROOT / "README.md",
        *(ROOT / "docs").glob("**/*.md"),
        ROOT / "experiments" / "README.md",
    ]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)
