"""Starting the program: help, version, speed, and failing well."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer.main
from signals import heed_signals

from reformsim.cli import main
from reformsim.cli.app import app
from reformsim.errors import Problem, ReformsimError

ROOT = Path(__file__).parents[2]
HEAVY = ("pandas", "matplotlib", "mesa", "numba", "networkx", "scipy", "numpy", "pydantic")


def commands():
    """Every command of the program, by name."""
    program = typer.main.get_command(app)
    assert isinstance(program, typer.core.TyperGroup)
    return program.commands


def python(*arguments, **options):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        **options,
    )


def test_version(invoke):
    ran = invoke("--version")
    assert ran.code == 0
    assert ran.out.startswith("reformsim 0.")


def test_help_names_every_command(invoke):
    ran = invoke("--help")
    assert ran.code == 0
    for name in ("run", "compare", "list", "params", "show", "graph"):
        assert name in commands()
        assert name in ran.out


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_argument_and_option_has_help(name):
    command = commands()[name]
    assert command.help
    undocumented = [one.name for one in command.params if not getattr(one, "help", None)]
    assert not undocumented


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_shows_its_help(invoke, name):
    ran = invoke(name, "--help")
    assert ran.code == 0
    assert "Usage: reformsim" in ran.out


@pytest.mark.parametrize("columns", ["50", "80", "120"])
@pytest.mark.parametrize("group", ["", "experiment", "sensitivity", "calibrate"])
def test_a_group_without_a_command_shows_its_help(invoke, group, columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    ran = invoke(*group.split())
    assert ran.code == 2
    assert "Usage: reformsim" in ran.out + ran.err


def test_help_imports_nothing_heavy():
    script = (
        "import sys\n"
        "from reformsim.cli import main\n"
        "assert main(['--help']) == 0\n"
        f"heavy = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)\n"
    )
    ran = python("-c", script)
    assert ran.returncode == 0, ran.stderr


def test_a_list_waits_for_no_tables_figures_or_engines():
    code = (
        "import sys; from reformsim.cli import main; main(['list']);"
        f" heavy = [name for name in {HEAVY[:-2]!r} if name in sys.modules]; sys.exit(str(heavy))"
    )
    assert python("-c", code).stderr.strip() == "[]"


def test_the_package_runs_as_a_module():
    ran = python("-m", "reformsim", "list", "district")
    assert ran.returncode == 0, ran.stderr
    assert "small-rural" in ran.stdout
    assert "\x1b" not in ran.stdout


def test_a_misspelt_command_gets_a_suggestion(fails):
    assert "compare" in fails("compar")


def test_a_misspelt_option_gets_a_suggestion(fails):
    assert "--replicates" in fails("run", "--replicate", "3")


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--replicates", "0", "out of bounds; found 0; allowed: 1 to 1,000,000"),
        ("--seed", "x", "must be a whole number; found x; allowed: 0 to 4,294,967,295"),
        ("--seed", "1.5", "must be a whole number; found 1.5; allowed: 0 to 4,294,967,295"),
        ("--seed", "4294967296", "out of bounds; found 4294967296; allowed: 0 to 4,294,967,295"),
        ("--years", "2.5", "horizon.years: must be a whole number; found 2.5; allowed: a whole"),
        ("--years", "0", "horizon.years: out of bounds; found 0; allowed: a whole number from 1"),
        ("--warm-up", "0", "horizon.warm_up_years: out of bounds; found 0; allowed: a whole"),
    ],
)
def test_a_wrong_number_says_what_is_allowed(fails, option, value, message):
    assert fails("run", option, value).startswith(f"Error: {option}: {message}")


def test_a_wrong_number_where_bounds_depend_on_the_scenario(fails):
    error = fails("graph", "--at-month", "soon")
    allowed = "a whole number from -60 to 180"
    assert error == f'Error: --at-month: must be a whole number; found "soon"; allowed: {allowed}\n'


def test_an_option_given_twice_is_refused(fails):
    error = fails("compare", "--district", "mid-size", "--district=mid-size", "-n", 1, "-n2")
    assert "2 problems" in error
    assert "--district: is given twice; 'reformsim compare' takes one" in error
    assert "--replicates: is given twice" in error
    assert "'reformsim experiment run' takes one" in fails(
        "experiment", "run", "x", "--out", "a", "--out", "b"
    )


def test_what_may_be_repeated_is_not_refused(invoke):
    twice = ("--set", "levers.pipeline=0.2", "--set", "levers.pipeline=0.3", "--json", "--json")
    assert invoke("show", *twice).code == 0


def test_a_shell_completes_a_line_with_an_option_given_twice(monkeypatch, invoke):
    monkeypatch.setenv("_REFORMSIM_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "reformsim run --seed 1 --seed 2 --repl")
    monkeypatch.setenv("COMP_CWORD", "6")
    assert "--replicates" in invoke().out


def broken(error):
    def compose(*_parts, **_options):
        raise error

    return compose


def test_a_bug_is_called_a_bug(invoke, monkeypatch):
    monkeypatch.setattr("reformsim.scenario.loading.compose", broken(ZeroDivisionError("oh")))
    ran = invoke("show")
    assert ran.code == 1
    assert "bug" in ran.err
    assert "ZeroDivisionError: oh" in ran.err
    assert "REFORMSIM_DEBUG=1" in ran.err
    assert "Traceback" not in ran.err


def test_a_bug_shows_its_traceback_on_request(invoke, monkeypatch):
    monkeypatch.setattr("reformsim.scenario.loading.compose", broken(ZeroDivisionError("oh")))
    monkeypatch.setenv("REFORMSIM_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["show"])


def test_every_problem_is_listed_but_not_thousands(fails, monkeypatch):
    problems = [Problem(f"problem {number}", file="a.csv", line=number) for number in range(1, 100)]
    monkeypatch.setattr("reformsim.scenario.loading.compose", broken(ReformsimError(*problems)))
    error = fails("show")
    assert "99 problems" in error
    assert "a.csv:50: problem 50" in error
    assert "problem 51" not in error
    assert "49 more" in error


def test_brackets_in_a_message_are_not_markup(fails):
    assert "[/red]" in fails("show", "[/red].toml")


def test_ctrl_c_ends_with_one_line(invoke, monkeypatch):
    monkeypatch.setattr("reformsim.scenario.loading.compose", broken(KeyboardInterrupt()))
    ran = invoke("show")
    assert ran.code == 130
    assert ran.err.strip() == "Stopped."


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends a signal to a group of processes")
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(("engine", "runs"), [("compiled", 8000), ("reference", 40)])
def test_ctrl_c_in_the_middle_of_runs(tmp_path, workers, engine, runs):
    out = tmp_path / "out"
    arguments = ["run", "small-rural", "-n", str(runs), "--engine", engine]
    arguments += ["--workers", str(workers), "--out", str(out)]
    heed_signals()
    with subprocess.Popen(
        [sys.executable, "-m", "reformsim", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            while process.poll() is None and not out.exists():
                time.sleep(0.01)
            time.sleep(3)  # past what it looks up before the runs
            os.killpg(process.pid, signal.SIGINT)
            printed, error = process.communicate(timeout=120)
        finally:
            process.kill()
    assert process.returncode == 130
    assert printed == ""
    assert "Traceback" not in error
    assert error.rstrip().endswith("Stopped.")
    assert list(out.iterdir()) == []


def test_colour_only_where_wanted():
    def shown(**variables):
        environment = {**os.environ, **variables}
        return python("-m", "reformsim", "show", "nowhere", env=environment).stderr

    assert "\x1b[31m" in shown(FORCE_COLOR="1", TERM="xterm-256color")
    assert "\x1b[31m" not in shown(FORCE_COLOR="1", TERM="xterm-256color", NO_COLOR="1")
    assert "\x1b" not in shown()
