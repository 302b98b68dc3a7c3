"""`reformsim run`: one scenario, some replicates, and what became of the district."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reformsim.theory.chance import DEFAULT_SEED

from ..console import number, print_json, say, signed
from ..manifest import write_manifest
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
    compose,
    formats_of,
    mechanisms_in,
    named_formats,
    titles_of,
)
from ..output import OutputFolder, write_pictures
from ..progress import run_jobs
from ..tables import say_table
from .scenarios import names_in_a_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from reformsim.analysis.before_after import Change, Happening
    from reformsim.record import Result

FILES = ("series.csv", "events.csv", "costs.csv", "manifest.json")


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
    """Run one scenario and show what became of the district."""
    changes = all_overrides(overrides, years, warm_up)
    composed = compose(parts, changes)
    scenario = composed.scenario
    check_engine(engine)
    mechanisms = mechanisms_in(mechanisms_file)
    folder = OutputFolder(out, force=force, names=FILES) if out else None

    from reformsim.analysis.before_after import change, happenings
    from reformsim.results.provenance import describe
    from reformsim.running.jobs import jobs_of

    jobs = jobs_of([scenario], seed, replicates, mechanisms, engine, workers)
    results = run_jobs(jobs, workers, engine, quiet=quiet)
    if folder:
        write_tables(folder, results)
        _draw(folder, results, titles_of([composed]), formats_of(formats))
        arguments = {
            "command": "run",
            "parts": parts or [],
            "set": changes,
            "seed": seed,
            "replicates": replicates,
            "engine": engine,
            "mechanisms": mechanisms_file,
            "format": named_formats(formats),
        }
        pairs = [(job.seed, job.replicate) for job in jobs]
        write_manifest(folder, arguments, [scenario], pairs, mechanisms)
    outcomes, events = change(results), happenings(results)
    if as_json:
        print_json(
            {
                "scenario": describe(scenario),
                "seed": seed,
                "replicates": replicates,
                "engine": engine,
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
        say("Nothing was written: --out FOLDER writes tables and figures.", style="dim")


def check_engine(engine: str) -> None:
    """Raise ReformsimError for an engine that does not exist."""
    from reformsim.engines import ENGINES
    from reformsim.errors import Problem, ReformsimError
    from reformsim.messages import did_you_mean, nearest

    if engine not in ENGINES:
        hint = did_you_mean(nearest(engine, ENGINES))
        problem = Problem(
            "unknown engine", found=f'"{engine}"', allowed=", ".join(ENGINES), hint=hint
        )
        raise ReformsimError(problem)


def write_tables(folder: OutputFolder, results: Sequence[Result]) -> None:
    """Write the monthly series, the events and the costs of runs."""
    from reformsim.results import costs_frame, events_frame, series_frame

    frames = {
        "series.csv": series_frame(results),
        "events.csv": events_frame(results),
        "costs.csv": costs_frame(results, every=12),
    }
    for name, frame in frames.items():
        write_csv(folder, name, frame)


def write_csv(folder: OutputFolder, name: str, frame: pd.DataFrame) -> None:
    """Write a table; numbers keep every digit, so that it reads back as it was.

    Names that a spreadsheet would take for formulas have an apostrophe (see `spreadsheet`).
    """
    from reformsim.results import spreadsheet

    with folder.writing(name) as path:
        spreadsheet.write_csv(frame, path)


def _draw(
    folder: OutputFolder,
    results: Sequence[Result],
    titles: Mapping[str, str],
    formats: tuple[str, ...],
) -> None:
    """Draw the figures of one scenario: those of a comparison with nothing to compare with."""
    from reformsim.analysis import compare, measure_runs
    from reformsim.figures import gallery

    baseline = results[0].scenario.names.strategy
    runs = measure_runs(results, baseline)
    table = compare(runs, baseline)
    pictures = gallery(results, runs, table, baseline=baseline, titles=titles)
    write_pictures(folder, pictures, formats)


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
    title = "Means of the year before the launch and of the last year"
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
    say_table(columns, rows, "What happened after the launch", numbers=columns[1:])
