"""Arguments and options that several commands share, and what they mean for a scenario."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reformsim.experiments.uncertainty import ParameterUncertainty as Posterior
    from reformsim.mechanisms import Mechanisms
    from reformsim.scenario.loading import Composed


def names_of(kind: str = "") -> Any:
    """Return a function that completes the names of built-in files on a shell's Tab key."""

    def complete(incomplete: str) -> list[str]:
        from reformsim.experiments.builtin import builtin_experiments
        from reformsim.scenario.loading import builtin_files

        if kind == "experiment":
            names = [file.name for file in builtin_experiments()]
        else:
            names = [file.name for file in builtin_files() if kind in {"", file.kind}]
        return [name for name in names if name.startswith(incomplete)]

    return complete


_RUNS, _SCENARIO, _OUTPUT = "The runs", "The scenario", "What comes out"

Parts = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PART]...",
        help="Built-in names or scenario files, laid over one another from left to right. A kind"
        " that is missing is filled in: mesa-public-schools, stable, status_quo.",
        show_default=False,
        autocompletion=names_of(),
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change one value, as in --set levers.span_of_control=10. May be repeated;"
        " 'reformsim params' lists the keys.",
        show_default=False,
        rich_help_panel=_SCENARIO,
    ),
]
# The years are overrides, judged with all others, and so remain text here.
Years = Annotated[
    str | None,
    typer.Option(
        metavar="NUMBER",
        help="Years simulated after the launch; the same as --set horizon.years=…",
        show_default="of the scenario, else 15",
        rich_help_panel=_SCENARIO,
    ),
]
WarmUp = Annotated[
    str | None,
    typer.Option(
        metavar="NUMBER",
        help="Years simulated before the launch; the same as --set horizon.warm_up_years=…",
        show_default="of the scenario, else 5",
        rich_help_panel=_SCENARIO,
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        metavar="NUMBER",
        min=0,
        max=2**32 - 1,
        help="Number that fixes all chance. The same seed gives the same results, always.",
        rich_help_panel=_RUNS,
    ),
]
Replicates = Annotated[
    int,
    typer.Option(
        "--replicates",
        "-n",
        metavar="NUMBER",
        min=1,
        max=1_000_000,
        help="Runs that differ in nothing but chance.",
        rich_help_panel=_RUNS,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER",
        min=1,
        max=4096,
        help="Runs that are carried out at the same time. The results do not depend on it.",
        show_default="as many as processors",
        rich_help_panel=_RUNS,
    ),
]
Engine = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="What carries out the runs: compiled, or mesa (the agents; same numbers, slower).",
        rich_help_panel=_RUNS,
    ),
]
MechanismsFile = Annotated[
    Path | None,
    typer.Option(
        "--mechanisms",
        metavar="FILE.py",
        help="Your own equations and interventions, a Python file; docs/own-mechanisms.md shows one.",
        show_default=False,
        rich_help_panel=_SCENARIO,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Folder to write tables, figures and a recipe to. It has to be new or empty.",
        show_default="nothing is written",
        rich_help_panel=_OUTPUT,
    ),
]
Force = Annotated[
    bool,
    typer.Option(
        "--force",
        help="Replace files of an earlier run. Only files that this command writes are touched.",
        rich_help_panel=_OUTPUT,
    ),
]
Json = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Print one JSON document and nothing else; progress goes to stderr.",
        rich_help_panel=_OUTPUT,
    ),
]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="Show no progress.", rich_help_panel=_OUTPUT),
]
ExperimentFile = Annotated[
    str,
    typer.Argument(
        metavar="EXPERIMENT",
        help="An experiment file, or the name of a built-in one; 'reformsim list experiment' names"
        " them.",
        show_default=False,
        autocompletion=names_of("experiment"),
    ),
]
ExperimentChanges = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change one value of the file, as in --set replicates=5 or --set horizon.years=3. May"
        " be repeated.",
        show_default=False,
        rich_help_panel=_RUNS,
    ),
]
Executor = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="What carries out the runs: threads of this process, or dask (processes, here or on a"
        " cluster). The results do not depend on it.",
        rich_help_panel=_RUNS,
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="An existing Dask cluster, as tcp://host:8786, for --executor dask.",
        show_default="a cluster is started on this machine",
        rich_help_panel=_RUNS,
    ),
]
ParameterUncertainty = Annotated[
    str | None,
    typer.Option(
        "--parameter-uncertainty",
        metavar="NAME",
        help="A posterior: published-patterns, or the posterior.parquet of 'reformsim calibrate run'."
        " Each replicate draws its parameters from it, the same for all strategies, so that the"
        " 5–95 % range includes what is not known of them.",
        show_default=False,
        rich_help_panel=_RUNS,
    ),
]


def with_uncertainty(changes: Iterable[str] | None, posterior: str | None) -> list[str]:
    """Return the changes of an experiment, with the posterior that its replicates draw from."""
    from reformsim.experiments.uncertainty import is_file

    overrides = all_overrides(changes)
    if posterior is not None:
        name = str(Path(posterior).absolute()) if is_file(posterior) else posterior
        overrides.append(f"parameter_uncertainty={json.dumps(name)}")
    return overrides


def uncertainty_in(posterior: str | None) -> Posterior | None:
    """Return the posterior that a command line names."""
    if posterior is None:
        return None
    from reformsim.experiments.uncertainty import find_uncertainty

    return find_uncertainty(posterior)


def all_overrides(
    overrides: Iterable[str] | None, years: str | None = None, warm_up: str | None = None
) -> list[str]:
    """Return the overrides of a command line, with the options that stand for one."""
    from reformsim.scenario.checking import Typed

    changes: list[str] = [Typed(text, "--set") for text in overrides or ()]
    if years is not None:
        changes.append(Typed(f"horizon.years={years}", "--years"))
    if warm_up is not None:
        changes.append(Typed(f"horizon.warm_up_years={warm_up}", "--warm-up"))
    return changes


def compose(parts: Sequence[str] | None, changes: Sequence[str]) -> Composed:
    """Return the scenario that a command line describes."""
    from reformsim.scenario.loading import compose as compose_parts

    return compose_parts(*(parts or ()), overrides=changes)


def mechanisms_in(file: Path | None) -> Mechanisms | None:
    """Return the mechanisms that a command line names."""
    if file is None:
        return None
    from reformsim.mechanisms import load_mechanisms

    return load_mechanisms(file)


def titles_of(composed: Iterable[Composed]) -> dict[str, str]:
    """Return what to call the districts, conditions and strategies of scenarios, by name."""
    found: dict[str, str] = {}
    for one in composed:
        names = one.scenario.names.model_dump()
        found |= {names[kind]: title for kind, title in one.titles.items()}
    return found
