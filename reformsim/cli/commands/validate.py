"""`reformsim validate`: the model compared with published patterns, failures included."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reformsim.command_line import command_line
from reformsim.theory.chance import DEFAULT_SEED
from reformsim.writing import OutputFolder

from ..console import print_json, say
from ..examples import example
from ..failures import FAULT
from ..options import Force, Json, Out, Overrides, Quiet, Seed, Workers, names_of
from ..progress import Progress, announce_compiling
from ..tables import cell, say_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reformsim.validation import Finding

PAGES = {"md": "validation.md", "html": "validation.html"}


@example("reformsim validate --quick --only 3,6")
def validate(
    parts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PART]...",
            help="A district and conditions, as for 'reformsim run' but without a strategy. Default: the"
            " districts that the published patterns describe.",
            show_default=False,
            autocompletion=names_of(),
        ),
    ] = None,
    only: Annotated[
        str,
        typer.Option(
            metavar="NUMBERS",
            help="Rows to test, as in --only 5,13.",
            show_default="all rows",
            rich_help_panel="Runs",
        ),
    ] = "",
    quick: Annotated[
        bool,
        typer.Option(
            "--quick",
            help="Fewer runs: a first look within a minute, with wide intervals.",
            rich_help_panel="Runs",
        ),
    ] = False,
    overrides: Overrides = None,
    seed: Seed = DEFAULT_SEED,
    workers: Workers = None,
    out: Out = None,
    force: Force = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare the model with published patterns: base rates, effects and null results.

    Every statistic is shown with its published band, source, simulated value and interval. --out
    writes the table, with the meaning of each failure, as validation.md and validation.html. The
    exit code is 1 if a base rate (type C) or a null result (N) fails.
    """
    from reformsim.report.validation import validation_page
    from reformsim.results.provenance import version
    from reformsim.validation import units_in
    from reformsim.validation import validate as validate_rows
    from reformsim.validation.choosing import places_of, rows_of

    rows = rows_of(only)
    places, where = places_of(parts or (), overrides or (), quick=quick)
    folder = OutputFolder(out, force=force, names=tuple(PAGES.values())) if out else None
    announce_compiling(quiet=quiet)
    with Progress(units_in(places, rows), quiet=quiet) as progress:

        def unit_done(done: int, total: int) -> None:
            progress.done(None)
            progress.months(done, total)

        found = validate_rows(places, rows, seed, workers, unit_done)
    if folder is not None:
        command = command_line(
            "validate", parts, only=only or None, quick=quick, set=overrides, seed=seed, out=out
        )
        for form, name in PAGES.items():
            page = validation_page(found, form, where=where, command=command, version=version())
            with folder.writing(name) as path:
                path.write_text(page, encoding="utf-8")
    if as_json:
        print_json([_as_json(one) for one in found])
    else:
        _show(found)
        if folder is not None:
            say(f"Wrote {' and '.join(folder.written)} to {folder.path}", quiet=quiet)
    if any(one.row.binding and not one.passed for one in found):
        raise typer.Exit(FAULT)


def _show(found: Sequence[Finding]) -> None:
    """Print one line for each statistic, and what it comes to."""
    from reformsim.report.validation import interval_of, summary, value_of

    rows = []
    shown = 0
    for one in found:
        row, statistic = one.row, one.statistic
        first = row.number != shown
        shown = row.number
        verdict = cell("pass", style="green") if one.passed else cell("fail", style="bold red")
        rows.append(
            (
                f"{row.number} {row.kind}" if first else "",
                f"{statistic.name}, {statistic.unit}",
                statistic.band + (" *" if statistic.assumed else ""),
                value_of(one),
                interval_of(one),
                verdict,
                ("yes" if row.fitted else "no") if first else "",
                row.known_since if first else "",
                row.sources if first else "",
            )
        )
    columns = (
        "row",
        "statistic",
        "band",
        "value",
        "95 % interval",
        "",
        "fitted",
        "known since",
        "evidence",
    )
    say_table(columns, rows, numbers=columns[2:5])
    for one in found:
        if one.note:
            say(f"{one.row.number}, {one.statistic.name}: {one.note}")
    say(summary(found), style="bold")
    say(
        "Rows informed the design of the model, so that none is fully out of sample. Known since: the"
        " first edition whose forms were chosen by people who knew the row. Fitted: coefficients may"
        " have been set to the row. *: the band is not a published number."
    )


def _as_json(one: Finding) -> dict[str, Any]:
    row, statistic = one.row, one.statistic
    low, high = (None if math.isinf(bound) else bound for bound in (statistic.low, statistic.high))
    return {
        "row": row.number,
        "type": row.kind,
        "title": row.title,
        "statistic": statistic.name,
        "unit": statistic.unit,
        "band": [low, high],
        "assumed": statistic.assumed,
        "evidence": row.sources,
        "fitted": row.fitted,
        "known_since": row.known_since,
        "value": one.value,
        "interval": [one.low, one.high],
        "units": one.units,
        "passed": one.passed,
        "note": one.note,
    }
