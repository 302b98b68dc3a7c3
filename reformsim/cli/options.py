"""Arguments and options that several commands share, and what they mean for a scenario."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reformsim.experiments.uncertainty import ParameterUncertainty as Posterior
    from reformsim.mechanisms import Mechanisms
    from reformsim.scenario.merging import Composed


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


_RUNS, _SCENARIO, _OUTPUT = "Runs", "Scenario", "Output"
_EXECUTION = "Execution"

Parts = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PART]...",
        help="Built-in names or scenario files, combined from left to right: a district, a condition,"
        " a strategy. Defaults: mesa-public-schools, stable, status_quo.",
        show_default=False,
        autocompletion=names_of(),
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Override one value, as in --set levers.span_of_control=10, or a lever from a school year on,"
        " as in --set levers.pipeline@3=0.8; repeatable. 'reformsim params' lists the keys.",
        show_default=False,
        rich_help_panel=_SCENARIO,
    ),
]
# The years are overrides, judged with all others, and so remain text here.
Years = Annotated[
    str | None,
    typer.Option(
        metavar="NUMBER",
        help="Years simulated after the launch; same as --set horizon.years=NUMBER.",
        show_default="from the scenario, else 15",
        rich_help_panel=_SCENARIO,
    ),
]
WarmUp = Annotated[
    str | None,
    typer.Option(
        metavar="NUMBER",
        help="Years simulated before the launch; same as --set horizon.warm_up_years=NUMBER.",
        show_default="from the scenario, else 5",
        rich_help_panel=_SCENARIO,
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        metavar="NUMBER",
        min=0,
        max=2**32 - 1,
        help="Random seed. The same seed reproduces the same results on any machine.",
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
        help="Number of stochastic replicates.",
        rich_help_panel=_RUNS,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER",
        min=1,
        max=4096,
        help="Number of parallel workers. Does not affect results.",
        show_default="one per processor",
        rich_help_panel=_EXECUTION,
    ),
]


def _without_alias(name: str) -> str:
    """Return the name that an engine has in what is written."""
    from reformsim.engines import ALIASES

    return ALIASES.get(name, name)


Engine = Annotated[
    str,
    typer.Option(
        metavar="compiled|reference",
        help="Engine: compiled, or reference (the Mesa agents; identical results, slower).",
        callback=_without_alias,
        rich_help_panel=_EXECUTION,
    ),
]
MechanismsFile = Annotated[
    Path | None,
    typer.Option(
        "--mechanisms",
        metavar="FILE.py",
        help="Custom equations and interventions, a Python file; see docs/custom-mechanisms.md.",
        show_default=False,
        rich_help_panel=_SCENARIO,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Output folder for tables, figures and a manifest; must be new or empty.",
        show_default="write nothing",
        rich_help_panel=_OUTPUT,
    ),
]
Force = Annotated[
    bool,
    typer.Option(
        "--force",
        help="Overwrite files of an earlier run. Other files in the folder are left alone.",
        rich_help_panel=_OUTPUT,
    ),
]


class FigureFormat(StrEnum):
    """What a figure can be written as; the values of `reformsim.figures.FORMATS`."""

    PNG = "png"
    SVG = "svg"
    PDF = "pdf"


PICTURES = tuple(f".{kind}" for kind in FigureFormat)
"""How the name of an image may end."""

Formats = Annotated[
    list[FigureFormat] | None,
    typer.Option(
        "--format",
        help="Format of the figures. May be repeated; pages show PNG, which is then always there.",
        show_default="png",
        rich_help_panel=_OUTPUT,
    ),
]
Json = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Print a single JSON document; progress goes to stderr.",
        rich_help_panel=_OUTPUT,
    ),
]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="Hide progress.", rich_help_panel=_OUTPUT),
]
ExperimentFile = Annotated[
    str,
    typer.Argument(
        metavar="EXPERIMENT",
        help="An experiment file, or the name of a built-in experiment (see 'reformsim list"
        " experiment').",
        show_default=False,
        autocompletion=names_of("experiment"),
    ),
]
ExperimentChanges = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Override one value of the experiment, as in --set replicates=5 or --set horizon.years=3;"
        " repeatable.",
        show_default=False,
        rich_help_panel=_RUNS,
    ),
]
Executor = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Execution backend: threads, or dask (processes, on this machine or a cluster). Does not"
        " affect results.",
        rich_help_panel=_EXECUTION,
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Address of a running Dask cluster, as in tcp://host:8786, for --executor dask.",
        show_default="start one on this machine",
        rich_help_panel=_EXECUTION,
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
    from reformsim.api.arguments import posterior_change

    return [*all_overrides(changes), *([] if posterior is None else [posterior_change(posterior)])]


def uncertainty_in(posterior: str | None) -> Posterior | None:
    """Return the posterior that a command line names."""
    if posterior is None:
        return None
    from reformsim.experiments.uncertainty import find_uncertainty

    return find_uncertainty(posterior)


def formats_of(formats: Iterable[FigureFormat] | None) -> tuple[str, ...]:
    """Return the formats that were asked for, each once and in one order."""
    wanted = set(formats or [FigureFormat.PNG])
    return tuple(kind.value for kind in FigureFormat if kind in wanted)


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


def mechanisms_in(file: Path | None, settings: Sequence[str] = ()) -> Mechanisms | None:
    """Return the mechanisms that a command line names, with the values that `settings` give."""
    if file is None and not settings:
        return None
    from reformsim.mechanisms import load_mechanisms
    from reformsim.mechanisms.overriding import with_overrides

    return with_overrides(load_mechanisms(file) if file else None, settings)


def split_changes(changes: Iterable[str] | None) -> tuple[list[str], list[str]]:
    """Return the changes of what is simulated, and those that set parameters of own mechanisms."""
    from reformsim.api.arguments import split_own

    return split_own(all_overrides(changes))
