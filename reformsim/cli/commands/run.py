"""`reformsim run`: one scenario, some replicates, and the change in each outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reformsim.theory.chance import DEFAULT_SEED

from ..console import number, print_json, say, signed
from ..examples import example
from ..options import (
    Engine,
    Force,
    Formats,
    Json,
    MechanismsFile,
    Out,
    Overrides,
    Parts,
    Quiet,
    Replicates,
    Seed,
    WarmUp,
    Workers,
    Years,
    all_overrides,
    formats_of,
)
from ..progress import simulated
from ..tables import say_table
from .scenarios import names_in_a_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reformsim.analysis.before_after import Change, Happening


@example("reformsim run small-rural severe-recession web_of_support -n 20")
def run(
    parts: Parts = None,
    overrides: Overrides = None,
    years: Years = None,
    warm_up: WarmUp = None,
    seed: Seed = DEFAULT_SEED,
    replicates: Replicates = 1,
    workers: Workers = None,
    engine: Engine = "compiled",
    mechanisms_file: MechanismsFile = None,
    out: Out = None,
    force: Force = False,
    formats: Formats = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Simulate one scenario and show the change in each outcome."""
    from reformsim.api.requests import How, RunRequest
    from reformsim.results.provenance import describe

    how = How(seed, replicates, workers, engine, mechanisms_file)
    changes = all_overrides(overrides, years, warm_up)
    request = RunRequest.of(parts or (), changes, how=how)
    folder = request.folder(out, force=force) if out else None
    runs = simulated(request, quiet=quiet)
    if folder:
        runs.report(folder, formats=formats_of(formats))
    scenario, outcomes, events = runs.scenario, runs.changes, runs.happenings
    if as_json:
        print_json(
            {
                "scenario": describe(scenario),
                "seed": seed,
                "replicates": replicates,
                "engine": engine,
                "notes": runs.notes,
                "outcomes": [row._asdict() for row in outcomes],
                "events": [row._asdict() for row in events],
                "out": out,
                "files": folder.written if folder else [],
            }
        )
        return
    say(names_in_a_row(scenario), style="bold")
    say(_about(scenario, seed, replicates), style="dim")
    _say_outcomes(outcomes, replicates)
    _say_events(events, replicates)
    if folder:
        say(f"{len(folder.written)} files in {folder.path}")
    else:
        say("Nothing was saved; add --out FOLDER for tables and figures.", style="dim")


def _about(scenario: Any, seed: int, replicates: int) -> str:
    district, horizon = scenario.district, scenario.horizon
    return (
        f"{district.schools:,} schools, {district.teachers:,} teachers,"
        f" {district.enrolment:,} pupils; {horizon.years} years after {horizon.warm_up_years} of"
        f" warm-up; seed {seed}, {replicates:,} replicate{'s' * (replicates != 1)}"
    )


def _say_outcomes(outcomes: Sequence[Change], replicates: int) -> None:
    spread = replicates > 1
    rows = []
    for row in outcomes:
        what = row.meaning.removesuffix(" (filled seats)")
        ends = (f"{number(row.low)} – {number(row.high)}",) if spread else ()
        levels = (number(row.start), number(row.end), *ends, signed(row.change))
        rows.append((what, *levels, row.unit))
    ranges = ("lowest – highest",) if spread else ()
    columns = ("", "before", "at the end", *ranges, "change", "unit")
    title = "Annual means: the year before the launch and the last year"
    say_table(columns, rows, title, numbers=columns[1:-1])


def _say_events(events: Sequence[Happening], replicates: int) -> None:
    if not events:
        return
    rows = []
    for row in events:
        what = f"{row.kind.replace('_', ' ')}, {row.role.replace('-', ' ')}"
        spread = (f"{row.low:.0f} – {row.high:.0f}",) if replicates > 1 else ()
        rows.append((what, f"{row.mean:,.3g}", *spread, f"{row.first:.0f}"))
    ranges = ("lowest – highest",) if replicates > 1 else ()
    columns = ("", "per run", *ranges, "first in month")
    say_table(columns, rows, "Events after the launch", numbers=columns[1:])
