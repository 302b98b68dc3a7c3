"""`reformsim compare`: strategies under conditions, with the same luck for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated

import typer

from reformsim.errors import Problem, ScenarioError
from reformsim.theory.chance import DEFAULT_SEED

from ..compare_files import FILES, write_comparison
from ..console import print_json, say
from ..options import (
    Engine,
    Force,
    Json,
    MechanismsFile,
    Out,
    Overrides,
    ParameterUncertainty,
    Quiet,
    Replicates,
    Seed,
    WarmUp,
    Workers,
    Years,
    all_overrides,
    compose,
    mechanisms_in,
    names_of,
    titles_of,
    uncertainty_in,
)
from ..output import OutputFolder
from ..progress import run_jobs
from .run import check_engine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reformsim.scenario.loading import Composed

STRATEGIES = ("status_quo", "heroic_superintendent", "external_coaching", "web_of_support")
CONDITIONS = ("stable", "severe-recession")
_WHAT = "What is compared"


@dataclass(frozen=True)
class Plan:
    """The scenarios that are compared, with the words for them."""

    composed: tuple[Composed, ...]
    baseline: str

    @property
    def titles(self) -> dict[str, str]:
        """What to call districts, conditions and strategies, by name."""
        return titles_of(self.composed)


def compare(
    district: Annotated[
        str,
        typer.Option(
            help="The district: a built-in name or a file.",
            autocompletion=names_of("district"),
            rich_help_panel=_WHAT,
        ),
    ] = "mesa-public-schools",
    strategies: Annotated[
        list[str] | None,
        typer.Option(
            "--strategy",
            "-s",
            metavar="NAME",
            help="A strategy to compare: a built-in name or a file. May be repeated.",
            show_default=", ".join(STRATEGIES),
            autocompletion=names_of("strategy"),
            rich_help_panel=_WHAT,
        ),
    ] = None,
    conditions: Annotated[
        list[str] | None,
        typer.Option(
            "--condition",
            "-c",
            metavar="NAME",
            help="Conditions to compare under: a built-in name or a file. May be repeated.",
            show_default=", ".join(CONDITIONS),
            autocompletion=names_of("condition"),
            rich_help_panel=_WHAT,
        ),
    ] = None,
    baseline: Annotated[
        str,
        typer.Option(
            help="The strategy that the others are held against.",
            autocompletion=names_of("strategy"),
            rich_help_panel=_WHAT,
        ),
    ] = "status_quo",
    overrides: Overrides = None,
    years: Years = None,
    warm_up: WarmUp = None,
    seed: Seed = DEFAULT_SEED,
    replicates: Replicates = 20,
    workers: Workers = None,
    engine: Engine = "compiled",
    mechanisms_file: MechanismsFile = None,
    uncertainty: ParameterUncertainty = None,
    out: Out = None,
    force: Force = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare strategies under conditions, every replicate with the same luck for all of them."""
    changes = all_overrides(overrides, years, warm_up)
    plan = make_plan(
        district, strategies or STRATEGIES, conditions or CONDITIONS, baseline, changes
    )
    check_engine(engine)
    mechanisms = mechanisms_in(mechanisms_file)
    posterior = uncertainty_in(uncertainty)
    folder = OutputFolder(out, force=force, names=FILES) if out else None

    from reformsim.analysis import compare as compare_runs
    from reformsim.analysis import measure_runs
    from reformsim.experiments.drawing import notes_on, with_particles
    from reformsim.results.provenance import describe
    from reformsim.running.jobs import jobs_of

    scenarios = [one.scenario for one in plan.composed]
    jobs = jobs_of(scenarios, seed, replicates, mechanisms, engine, workers)
    jobs = with_particles(jobs, posterior)
    notes = [*notes_on(posterior, scenarios)] if posterior else []
    results = run_jobs(jobs, workers, engine, quiet=quiet)
    runs = measure_runs(results, plan.baseline)
    comparison = compare_runs(runs, plan.baseline)
    if folder:
        arguments = {
            "command": "compare",
            "district": district,
            "strategy": strategies or [*STRATEGIES],
            "condition": conditions or [*CONDITIONS],
            "baseline": baseline,
            "set": changes,
            "seed": seed,
            "replicates": replicates,
            "engine": engine,
            "mechanisms": mechanisms_file,
            "parameter_uncertainty": uncertainty,
        }
        write_comparison(
            folder, plan, results, runs, comparison, arguments, mechanisms, posterior, quiet=quiet
        )
    report = folder.path / "report.html" if folder else None
    if as_json:
        print_json(
            {
                "baseline": plan.baseline,
                "seed": seed,
                "replicates": replicates,
                "engine": engine,
                "parameter_uncertainty": posterior and posterior.recipe,
                "notes": notes,
                "scenarios": [describe(one.scenario) for one in plan.composed],
                "comparison": comparison,
                "runs": runs,
                "out": out,
                "report": report,
                "files": folder.written if folder else [],
            }
        )
        return
    from ..compare_table import print_comparison

    for note in notes:
        say(f"Note: {note}.", style="yellow")
    print_comparison(runs, plan.baseline, plan.titles, posterior)
    if report:
        say(f"Report: {report}", style="bold")
    else:
        say("Nothing was written: --out FOLDER writes tables, figures and a report.", style="dim")


def make_plan(
    district: str,
    strategies: Sequence[str],
    conditions: Sequence[str],
    baseline: str,
    changes: Sequence[str],
) -> Plan:
    """Compose every scenario of a comparison; the baseline comes first among the strategies.

    Raises ScenarioError with every problem of all of them, each once.
    """
    ordered = dict.fromkeys([baseline, *strategies])
    problems: dict[Problem, None] = {}
    composed: dict[tuple[str, str], Composed] = {}
    for condition in dict.fromkeys(conditions):
        for strategy in ordered:
            try:
                one = compose([district, condition, strategy], changes)
            except ScenarioError as error:
                problems |= dict.fromkeys(error.problems)
                continue
            problems |= dict.fromkeys(_misplaced(one, district, condition, strategy))
            names = one.scenario.names
            if (names.condition, names.strategy) in composed and not problems:
                message = "two files have the same name, which tells them apart in every table"
                found = f"{names.condition}, {names.strategy}"
                problems[Problem(message, found=found, hint="rename one")] = None
            composed[names.condition, names.strategy] = one
    if len(ordered) == 1:
        hint = "give another --strategy, or another --baseline"
        message = "there is nothing to compare: the only strategy is the baseline"
        problems[Problem(message, found=f'"{baseline}"', hint=hint)] = None
    if problems:
        raise ScenarioError(*problems)
    first = next(iter(composed.values()))
    return Plan(tuple(composed.values()), first.scenario.names.strategy)


def _misplaced(one: Composed, district: str, condition: str, strategy: str) -> list[Problem]:
    """Say which of the names are of another kind than the option they were given to."""
    names = one.scenario.names
    given = {"district": district, "condition": condition, "strategy": strategy}
    return [
        Problem(f"is not a {kind}", key=f"--{kind}", found=f'"{name}"', hint=_hint(kind))
        for kind, name in given.items()
        if PurePath(name).name.removesuffix(".toml") not in getattr(names, kind).split("+")
    ]


def _hint(kind: str) -> str:
    return f"'reformsim list {kind}' names them"
