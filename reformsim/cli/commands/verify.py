"""`reformsim verify`: the two engines side by side, month by month, and where they part."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reformsim.errors import ReformsimError
from reformsim.theory.chance import DEFAULT_SEED

from ..console import print_json, say
from ..examples import example
from ..failures import FAULT
from ..options import (
    Json,
    MechanismsFile,
    Overrides,
    Quiet,
    Seed,
    WarmUp,
    Workers,
    Years,
    all_overrides,
    compose,
    mechanisms_in,
    names_of,
    split_changes,
)
from ..progress import Progress, announce_compiling
from ..tables import say_table
from .scenarios import names_in_a_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reformsim.engines.trace import Verification
    from reformsim.scenario import Scenario

QUICK = ("small-rural", "web_of_support")
"""What is verified when nothing is named: a small district in which every mechanism runs."""


@example("reformsim verify small-rural severe-recession web_of_support --years 3")
def verify(
    parts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PART]...",
            help=f"Built-in names or scenario files, as for 'reformsim run'. Default: {' '.join(QUICK)}.",
            show_default=False,
            autocompletion=names_of(),
        ),
    ] = None,
    every: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Verify every built-in district, condition and strategy, or every condition and"
            " strategy of the district in PARTS. Takes hours; --district and --years shorten it.",
            rich_help_panel="Scenario",
        ),
    ] = False,
    districts: Annotated[
        list[str] | None,
        typer.Option(
            "--district",
            metavar="NAME",
            help="With --all: only this built-in district; repeatable.",
            show_default=False,
            autocompletion=names_of("district"),
            rich_help_panel="Scenario",
        ),
    ] = None,
    overrides: Overrides = None,
    years: Years = None,
    warm_up: WarmUp = None,
    seed: Seed = DEFAULT_SEED,
    replicate: Annotated[
        int,
        typer.Option(
            metavar="NUMBER",
            min=0,
            max=2**32 - 1,
            help="Number of the replicate.",
            rich_help_panel="Runs",
        ),
    ] = 0,
    workers: Workers = None,
    mechanisms_file: MechanismsFile = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Check that the compiled engine agrees with the reference engine, bit for bit.

    Compares every state variable of every agent, every tie with its trust, every recorded series
    and every event in every month. The exit code is 1 if anything differs.
    """
    if districts and (parts or not every):
        raise ReformsimError("--district goes with --all, without PARTS")
    from reformsim.scenario.loading import every_combination

    of_model, settings = split_changes(overrides)
    changes = all_overrides(of_model, years, warm_up)
    chosen = every_combination(parts or (), districts or ()) if every else [parts or QUICK]
    scenarios = [compose(named, changes).scenario for named in chosen]
    mechanisms = mechanisms_in(mechanisms_file, settings)

    from reformsim.running.jobs import Job, verify_many

    announce_compiling(quiet=quiet, mechanisms=mechanisms)
    jobs = [Job(scenario, seed, replicate, mechanisms) for scenario in scenarios]
    with Progress(len(jobs), quiet=quiet) as progress:
        found = verify_many(jobs, workers, progress.done, progress.months)
    different = sum(one.difference is not None for one in found)
    if as_json:
        print_json(
            {
                "identical": not different,
                "seed": seed,
                "replicate": replicate,
                "scenarios": [_row(*pair) for pair in zip(scenarios, found, strict=True)],
            }
        )
    else:
        for scenario, one in zip(scenarios, found, strict=True):
            say(f"{names_in_a_row(scenario)}: {in_words(one)}", style=_style(one))
        if len(found) > 1:
            _say_summary(scenarios, found)
            said = f"{different} of {len(found)} differ" if different else "All are identical"
            say(f"{said}: {sum(one.values for one in found):,} values compared", style="bold")
    if different:
        raise typer.Exit(FAULT)


def in_words(one: Verification) -> str:
    """Return what came of a verification as part of a sentence."""
    if one.difference is not None:
        return f"different: {one.difference}"
    return f"identical: {one.months:,} months, {one.values:,} values compared"


def _say_summary(scenarios: Sequence[Scenario], found: Sequence[Verification]) -> None:
    by_district: dict[str, list[Verification]] = {}
    for scenario, one in zip(scenarios, found, strict=True):
        by_district.setdefault(scenario.names.district, []).append(one)
    rows = [
        (
            district,
            f"{len(ones):,}",
            f"{sum(one.months for one in ones):,}",
            f"{sum(one.values for one in ones):,}",
            f"{sum(one.difference is not None for one in ones):,}",
        )
        for district, ones in by_district.items()
    ]
    columns = ("district", "scenarios", "months", "values compared", "different")
    say_table(columns, rows, numbers=columns[1:])


def _row(scenario: Scenario, one: Verification) -> dict[str, Any]:
    from reformsim.results.provenance import describe

    return {
        "scenario": describe(scenario),
        "months": one.months,
        "values": one.values,
        "difference": asdict(one.difference) if one.difference else None,
    }


def _style(one: Verification) -> str:
    return "red" if one.difference else ""
