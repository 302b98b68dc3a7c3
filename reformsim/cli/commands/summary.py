"""`reformsim experiment summary`: an experiment in text, tables and figures."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..console import print_json, say
from ..difference_cells import difference_cell
from ..examples import example
from ..options import Formats, Json, formats_of
from ..tables import Cell, cell, say_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reformsim.experiments.summary import Summary

MOST_COLUMNS = 6
"""Values of a parameter that fit beside one another."""


@example("reformsim experiment summary results/turnover-by-budget --measure outcome_gain_end")
def summary(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Folder of the experiment.", show_default=False)
    ],
    measures: Annotated[
        list[str] | None,
        typer.Option(
            "--measure",
            metavar="NAME",
            help="Measure to show; the first is plotted against the varied parameters. Repeatable.",
            show_default="the main measure of the experiment",
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            "--against",
            metavar="STRATEGY",
            help="Baseline strategy for all comparisons.",
            show_default="from the experiment",
        ),
    ] = None,
    formats: Formats = None,
    as_json: Json = False,
) -> None:
    """Summarise an experiment in text, tables and figures, in FOLDER/summary."""
    found, paths = summarised(folder, measures or (), against, formats_of(formats))
    posterior = found.experiment.parameter_uncertainty
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
                "parameter_uncertainty": posterior and posterior.recipe,
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
    say(f"Summary, figures and tables: {shlex.quote(str(paths[0]))}")


def _show_headline(found: Summary) -> None:
    """Print the headline by strategy, and by the first uncertainty or else what is varied first."""
    from reformsim.analysis import measure_named
    from reformsim.analysis.wording import lead_in_words, what_is_shown
    from reformsim.experiments.summary import label

    measure = measure_named(found.headline)
    unit = f" ({measure.unit})" if measure.unit else ""
    title = f"{measure.title}{unit}, difference from {found.base}"
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
    lines: list[list[str | Cell]] = [[str(name), *cells] for name, cells in rows.items()]
    if not lines:
        say("No strategy was run that could be compared.")
        return
    say_table(head, lines, f"{title}:", numbers=head[1:])
    for record in overall.to_dict("records"):
        if sentence := lead_in_words(record):
            say(sentence)
    posterior = found.experiment.parameter_uncertainty
    replicates = found.runs["replicate"].nunique()
    if replicates > 1:
        say(
            "Below each mean: its [95 % interval], the 5–95 % range of the runs, and in how many of"
            f" them the strategy is better than {found.base}.",
            style="dim",
        )
    runs = int(overall["runs"].max())
    say(what_is_shown(replicates, posterior.file if posterior else "", runs), style="dim")


def _cell(row: Mapping[Any, Any]) -> Cell:
    """Return a difference above its interval, its range, and how often it is for the better."""
    from reformsim.analysis import measure_named
    from reformsim.analysis.paired import PairedSummary, rests_on_enough
    from reformsim.analysis.wording import count_in_words

    summary = PairedSummary.of(row)
    if not summary.pairs:
        return cell("–")
    if not rests_on_enough(summary.pairs, row["replicates"]):
        return cell(count_in_words(summary.pairs, row["replicates"]))
    has_direction = measure_named(str(row["measure"])).better
    return difference_cell(summary, word="better" if has_direction else "")
