"""The summary of an experiment: its answer in words, tables and figures, in a folder of its own."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from math import isnan
from typing import TYPE_CHECKING

from reformsim.analysis import measure_named
from reformsim.analysis.paired import PairedSummary, rests_on_enough
from reformsim.analysis.wording import (
    NO_DIFFERENCE,
    count_in_words,
    digits,
    in_words,
    lead_in_words,
    usual_year,
    what_is_shown,
)
from reformsim.experiments.summary import correlations, label
from reformsim.figures.experiment import experiment_pictures
from reformsim.figures.style import title_of
from reformsim.reading import read_ordinary
from reformsim.results.durable import sha256, write_whole
from reformsim.results.links import refuse_links
from reformsim.results.spreadsheet import csv_text
from reformsim.results.store import SUMMARY
from reformsim.results.store import SUMMARY_LIST as LIST

from .markup import code, escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    import pandas as pd

    from reformsim.experiments.summary import Summary
    from reformsim.figures import Picture

LARGEST_LIST = 1_000_000
"""Bytes of the largest list of what a summary has written."""
_FIGURE = re.compile(rf"([0-9a-f]{{64}})  {SUMMARY}/([\w+-]+\.(?:png|svg|pdf))")
COSTS = ("cost_above_reference", "costliest_year_cost")
"""What is said of every strategy besides the measures that are asked for."""
FIRST_FAILURES = 10
MOST_TIMES = 100
"""Beyond so many times, what pairing saves is not told to the replicate."""


def write_summary(
    summary: Summary, folder: Path, formats: tuple[str, ...] = ("png",)
) -> list[Path]:
    """Write tables, figures and `summary.md` into the folder `summary` of an experiment.

    Figures are PNG, which the page shows, and besides in each of `formats`.

    What an earlier summary left there is replaced; its figures that there are no more are deleted, by
    the list that it kept of them and only if they are what it wrote. Returns the paths, `summary.md`
    first. Raises OutputError if they cannot be written.
    """
    target = folder / SUMMARY
    refuse_links(folder, {SUMMARY, LIST})
    pictures = experiment_pictures(summary)
    contents = {"summary.md": "\n".join([*_page(summary, pictures), ""]).encode()}
    for name, table in (("effects", summary.effects), ("pairing", summary.pairing)):
        contents[f"{name}.csv"] = csv_text(table).encode()
    for picture in pictures:
        contents |= picture.images(tuple(dict.fromkeys(("png", *formats))))
    before = _written(folder)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    # The list comes first: what a summary that is stopped has written must be in it.
    _write_list(folder, before | digests)
    for name, content in contents.items():
        write_whole(target / name, content, folder)
    for name in before.keys() - contents.keys():
        _delete(target / name, before[name])
    _write_list(folder, digests)
    return [target / name for name in contents]


def _write_list(folder: Path, digests: Mapping[str, str]) -> None:
    lines = "".join(f"{digest}  {SUMMARY}/{name}\n" for name, digest in digests.items())
    write_whole(folder / LIST, lines.encode())


def _written(folder: Path) -> dict[str, str]:
    """Return the hashes of the figures that the last summary wrote, by name."""
    try:
        text = read_ordinary(folder / LIST, LARGEST_LIST, links=False).decode()
    except (OSError, ValueError):
        return {}
    matches = map(_FIGURE.fullmatch, text.splitlines())
    return {match[2]: match[1] for match in matches if match}


def _delete(path: Path, digest: str) -> None:
    """Delete a figure if it is what was written."""
    with suppress(OSError):  # it is gone, or no ordinary file
        if sha256(path) == digest:
            path.unlink()


def _page(summary: Summary, pictures: Sequence[Picture]) -> Iterator[str]:
    """Yield the lines of `summary.md`."""
    experiment = summary.experiment
    yield f"# {escaped(experiment.title)}\n"
    if experiment.question:
        yield f"*{escaped(experiment.question)}*\n"
    yield f"{escaped(_what_was_run(summary))}\n"
    yield "These are hypotheses from a model that has not been validated for any single district, not forecasts.\n"
    yield from (f"**Note:** {escaped(note)}.\n" for note in summary.notes)
    yield from _failures(summary)
    yield "## Results\n"
    base = title_of(summary.base).lower()
    posterior = experiment.parameter_uncertainty
    source = escaped(posterior.file) if posterior else ""
    runs = int(summary.overall["runs"].max()) if len(summary.overall) else 0
    meaning = what_is_shown(summary.runs["replicate"].nunique(), source, runs)
    yield f"Differences from {escaped(base)}, means over all conditions and points. {meaning}\n"
    titles = {str(name): escaped(str(name)) for name in summary.overall["strategy"]}
    for _, rows in summary.overall.groupby("measure", sort=False):
        ordered = _records(rows.sort_values("difference", ascending=False))
        yield from (f"- {_in_words(row, row['strategy'], base)}" for row in ordered)
        yield from (f"- {said}" for row in ordered if (said := lead_in_words(row, titles)))
    yield from _costliest_years(summary)
    yield ""
    title = measure_named(summary.headline).title
    for column in summary.steps:
        yield from _by_step(summary, column, f"{title} by {label(column)}")
    if summary.ranges:
        yield f"## Correlates of {title[:1].lower()}{title[1:]}\n"
        yield "Spearman rank correlation between the difference at a point and the parameter value.\n"
        coefficients = correlations(summary).rename(columns=label)
        shown = coefficients.map(_correlation)
        yield from _table(
            ("strategy", *(escaped(str(name)) for name in shown)),
            shown.rename(index=lambda name: escaped(str(name))).itertuples(),
        )
    if pictures:
        yield "## Figures\n"
    for picture in pictures:
        yield f"![{escaped(picture.alt)}]({picture.name}.png)\n"
        yield f"{escaped(f'{picture.title}. {picture.caption}')}\n"
    if len(summary.pairing):
        yield from _pairing(summary.pairing)
    yield "## Files\n"
    yield "- `effects.csv`: every comparison (district, condition, strategy, point) and measure"
    yield "- `pairing.csv`: what common random numbers save"


def _what_was_run(summary: Summary) -> str:
    experiment = summary.experiment
    varied = "; ".join(
        f"{label(name)} ({experiment.parameter(name).unit})"
        if experiment.parameter(name).unit not in {"–", "[0, 1]", ""}
        else label(name)
        for name in experiment.varied
    )
    points = summary.runs["point"].nunique()
    design = f"{points:,} points ({experiment.design.name} of {varied})" if varied else "one point"
    if posterior := experiment.parameter_uncertainty:
        design += (
            f"; {len(posterior.names)} parameters drawn from {posterior.file} (sha256"
            f" {posterior.sha256[:12]}), one particle for each replicate"
        )
    if mechanisms := experiment.mechanisms:
        design += f"; with the mechanisms of {mechanisms.name} (sha256 {mechanisms.sha256[:12]})"
    stored = f"{len(summary.runs):,}"
    if len(summary.runs) < summary.planned:
        stored += f" of {summary.planned:,}"
    return (
        f"{stored} runs of {_list(experiment.districts)}"
        f" under {_list(experiment.conditions)}; strategies: {_list(experiment.strategies)};"
        f" {design}; {summary.runs['replicate'].nunique():,} replicates of seed {experiment.seed};"
        f" {experiment.horizon.years} years after a warm-up of {experiment.horizon.warm_up_years}."
    )


def _list(names: Iterable[str]) -> str:
    return ", ".join(title_of(name).lower() for name in names)


def _failures(summary: Summary) -> Iterator[str]:
    failed = summary.failed
    if failed.empty:
        return
    yield f"**{len(failed):,} of {len(summary.runs):,} runs failed** and are left out:\n"
    for row in _records(failed.head(FIRST_FAILURES)):
        where = f"{row['condition']}, {row['strategy']}, point {row['point']}"
        yield (
            f"- {code(row['run'])} ({escaped(where)}, replicate {row['replicate']}):"
            f" {escaped(str(row['error']))}"
        )
    if len(failed) > FIRST_FAILURES:
        yield f"- … and {len(failed) - FIRST_FAILURES:,} more, in the table `runs`"
    yield ""


def _by_step(summary: Summary, column: str, title: str) -> Iterator[str]:
    """Yield a table of the headline by strategy and value, and what changes between values."""
    table = summary.by("strategy", column)
    values = list(table[column].drop_duplicates().sort_values())
    cells = {(row["strategy"], row[column]): _interval(row) for row in _records(table)}
    names = [name for name in summary.overall["strategy"] if (name, values[0]) in cells]
    yield f"## {title}\n"
    yield (
        "Mean difference [95 % interval]; 5–95 % range of the runs; in how many of them the"
        f" strategy is better than {escaped(title_of(summary.base).lower())}.\n"
    )
    yield from _table(
        ("strategy", *(escaped(_word(value)) for value in values)),
        ([escaped(name), *(cells.get((name, value), "–") for value in values)] for name in names),
    )
    for row in _records(summary.changes(column)):
        if row["pairs"] and (column == "condition" or row["value"] == values[-1]):
            step = f"{label(column)} {_word(row['start'])} → {_word(row['value'])}"
            said = _in_words(row, f"{row['strategy']}, {step}", f"at {_word(row['start'])}")
            yield f"- {said}"
    yield ""


def _in_words(row: dict[str, Any], who: str, baseline: str) -> str:
    """Return a difference as a sentence in Markdown, of whom it is included."""
    return in_words({**row, "strategy": escaped(who)}, escaped(baseline))


def _costliest_years(summary: Summary) -> Iterator[str]:
    """Yield the extra cost of each strategy, with that of its costliest year, if it is known."""
    # Which year is the costliest hangs on what a run is held against: the experiment's baseline.
    costs = COSTS if summary.against is None else COSTS[:1]
    wanted = [name for name in costs if name in summary.runs and name not in summary.measures]
    if not wanted:
        return
    base, runs = title_of(summary.base).lower(), summary.runs
    for row in _records(summary.by("strategy", measures=wanted)):
        said = _in_words(row, row["strategy"], base)
        if row["measure"] == COSTS[-1] and "costliest_year" in runs:
            years = runs.loc[runs["strategy"] == row["strategy"], "costliest_year"]
            said += f" Most often it is {year} runs." if (year := usual_year(years)) else ""
        yield f"- {said}"


def _pairing(table: pd.DataFrame) -> Iterator[str]:
    yield "## Efficiency of pairing\n"
    yield (
        "How many times more replicates the same interval would take without common random numbers,"
        " if every run had a seed of its own; median over comparisons. About 1 means that it saves nothing.\n"
    )
    wide = table[table["pairs"] > 1].groupby(["column", "strategy"], observed=True, sort=False)
    factors = wide["saved"].median().map(_times).unstack().fillna("–")
    yield from _table(
        ("value", *(escaped(str(name)) for name in factors.columns)),
        factors.rename(index=lambda name: escaped(name.replace("_", " "))).itertuples(),
    )


def _times(saved: float) -> str:
    if isnan(saved):
        return "–"
    return f"> {MOST_TIMES}" if saved > MOST_TIMES else f"{saved:,.1f}"


def _correlation(value: float) -> str:
    return "–" if isnan(value) else f"{value:+.2f}".replace("-", "−")


def _interval(row: dict[str, Any]) -> str:
    """Return a difference with its interval, its range, and how often it is for the better."""
    summary = PairedSummary.of(row)
    if not summary.pairs:
        return "–"
    if not rests_on_enough(summary.pairs, row["replicates"]):
        return count_in_words(summary.pairs, row["replicates"])
    value = digits(summary.difference, signed=True)
    if summary.pairs < 2:
        return value
    shown = (
        f"{value} [{digits(summary.low)}, {digits(summary.high)}];"
        f" {digits(summary.p05)} to {digits(summary.p95)}"
    )
    if measure_named(str(row["measure"])).better:
        shown += f"; {summary.better:,} of {summary.runs:,}"
    return shown if summary.clear else f"*{shown}: {NO_DIFFERENCE}*"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'--:|' * (len(head) - 1)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _word(value: Any) -> str:
    return title_of(value).lower() if isinstance(value, str) else f"{value:g}".replace("-", "−")


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
