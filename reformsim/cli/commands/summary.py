"""`reformsim experiment summary`: what an experiment says, in words, tables and figures."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..console import number, print_json, say, signed
from ..options import Formats, Json, formats_of
from ..tables import Cell, cell, say_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reformsim.experiments.summary import Summary

MOST_COLUMNS = 6
"""Values of a parameter that fit beside one another."""


def summary(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The experiment's folder.", show_default=False)
    ],
    measures: Annotated[
        list[str] | None,
        typer.Option(
            "--measure",
            metavar="NAME",
            help="What to show; the first is drawn along what is varied. May be repeated.",
            show_default="the headline of the experiment",
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="STRATEGY",
            help="The strategy to hold the others against.",
            show_default="the baseline",
        ),
    ] = None,
    formats: Formats = None,
    as_json: Json = False,
) -> None:
    """Write what an experiment says into FOLDER/summary: words, tables and figures."""
    found, paths = summarised(folder, measures or (), against, formats_of(formats))
    if as_json:
        print_json(
            {
                "title": found.experiment.title,
                "question": found.experiment.question,
                "against": found.base,
                "runs": len(found.runs),
                "planned": found.planned,
                "failed": len(found.failed),
                "notes": found.notes,
                "overall": found.overall,
                "files": [str(path) for path in paths],
            }
        )
    else:
        show_summary(found, paths)


def summarised(
    folder: Path,
    measures: Sequence[str] = (),
    against: str | None = None,
    formats: tuple[str, ...] = ("png",),
) -> tuple[Summary, list[Path]]:
    """Summarise an experiment and write it; return it with the paths."""
    from reformsim.experiments.summary import summarise
    from reformsim.report.summary import write_summary

    found = summarise(folder, measures, against)
    return found, write_summary(found, folder, formats)


def show_summary(found: Summary, paths: Sequence[Path]) -> None:
    """Print a short table of the headline, and where the rest is."""
    for note in found.notes:
        say(f"Note: {note}.", style="yellow")
    _show_headline(found)
    if len(found.failed):
        say(f"{len(found.failed):,} runs failed and are left out", style="red")
    say(f"Answer, figures and tables: {shlex.quote(str(paths[0]))}")


def _show_headline(found: Summary) -> None:
    """Print the headline by strategy, and by the first uncertainty or else what is varied first."""
    from reformsim.analysis import measure_named
    from reformsim.experiments.summary import label

    measure = measure_named(found.headline)
    unit = f" ({measure.unit})" if measure.unit else ""
    title = f"{measure.title}{unit} against {found.base}"
    overall = found.overall[found.overall["measure"] == found.headline]
    rows: dict[str, list[Cell]] = {
        row["strategy"]: [_cell(row)] for row in overall.to_dict("records")
    }
    head = ["strategy", "all"]
    uncertain = [name for name in found.steps if name in found.experiment.uncertainties]
    columns = [*uncertain, *found.steps]
    if columns and found.runs[columns[0]].nunique() <= MOST_COLUMNS:
        own = found.by("strategy", columns[0])
        values = list(own[columns[0]].drop_duplicates().sort_values())
        cells = {(row["strategy"], row[columns[0]]): _cell(row) for row in own.to_dict("records")}
        for strategy, row in rows.items():
            row += [cells.get((strategy, value), cell("–")) for value in values]
        head += [
            value if isinstance(value, str) else f"{value:g}".replace("-", "−") for value in values
        ]
        title += f", by {label(columns[0])}"
    lines: list[list[str | Cell]] = [[str(name), *own] for name, own in rows.items()]
    if lines:
        say_table(head, lines, f"{title}:", numbers=head[1:])
    else:
        say("No strategy was run that could be compared.")


def _cell(row: Mapping[Any, Any]) -> Cell:
    """Return a difference above its interval, bold where that leaves out 0."""
    if not row["pairs"]:
        return cell("–")
    interval = [f"[{number(row['low'])}, {number(row['high'])}]"] if row["pairs"] > 1 else []
    return cell(signed(row["difference"]), *interval, style="bold" if row["clear"] else "")
