"""The pages of a sensitivity analysis and of the structure, with their figures and tables."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pandas as pd

from reformsim.analysis import measure_named
from reformsim.experiments.summary import label
from reformsim.figures.sensitivity import sensitivity_pictures, structure_pictures
from reformsim.figures.style import title_of
from reformsim.results.durable import write_whole
from reformsim.results.spreadsheet import csv_text
from reformsim.studies.sensitivity import WEAK, outcome_key, strongest
from reformsim.studies.sensitivity_runs import RANKED, REPLICATES_TRIED, TRIED

from .html import html_page
from .markup import Markdown, code
from .numbers import listed, percent, significant
from .templates import rendered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from reformsim.figures import Picture
    from reformsim.studies.sensitivity import Sensitivity
    from reformsim.studies.structure import Structure

HOLDS, MOSTLY = 0.95, 0.8
"""Shares of the points in which a conclusion has to hold to survive, or to do so mostly."""
VERDICTS = {
    "survives": "**survives**",
    "mostly": "mostly",
    "hangs on": "hangs on these",
    "open": "open: no clear difference at the defaults",
}
STRONGEST = 8
_ACCOUNT = (
    "the budget's other lines are kept as an account (row 7 of [validation.md](validation.md))"
)
KEPT = {
    "instructional_support_share": _ACCOUNT,
    "administration_share": _ACCOUNT,
    "market_experience": "it gives newcomers the years as a principal that row 11 of"
    " [validation.md](validation.md) is about; nothing else reads them",
}
"""Parameters that move no measure, and why they stay in the model."""
ASPECTS = {
    "horizon": "How long one looks",
    "size": "How many schools there are",
    "network": "Whom teachers ask for advice",
    "order": "In which order the stages of a month come",
}


def verdict_of(row: Mapping[str, Any]) -> str:
    """Return what becomes of a conclusion, a key of VERDICTS."""
    if not row["low"] > 0:
        return "open"
    return (
        "survives" if row["holds"] >= HOLDS else "mostly" if row["holds"] >= MOSTLY else "hangs on"
    )


def judged(conclusions: pd.DataFrame) -> pd.DataFrame:
    """Return conclusions with their verdicts."""
    return conclusions.assign(verdict=[verdict_of(row) for row in _records(conclusions)])


def write_sensitivity(
    found: Sensitivity,
    folder: Path,
    *,
    command: str,
    version: str,
    formats: tuple[str, ...] = ("png",),
) -> list[Path]:
    """Write page, figures and tables into a folder; return the paths, the page in Markdown first.

    Raises OutputError if they cannot be written.
    """
    pictures = sensitivity_pictures(found)
    page = _page("sensitivity.md.j2", _about_sensitivity(found, pictures), command, version)
    tables = {
        "conclusions.csv": judged(found.conclusions).assign(
            hangs_on=found.conclusions["hangs_on"].map(" ".join)
        ),
        "defaults.csv": found.defaults,
        "screening.csv": found.screening.found,
        "importance.csv": found.importance.reset_index(),
    }
    if found.indices is not None:
        tables["indices.csv"] = found.indices.found
    return _write(folder, "sensitivity", "Sensitivity", page, pictures, tables, version, formats)


def write_structure(
    found: Structure,
    folder: Path,
    *,
    where: str,
    command: str,
    version: str,
    formats: tuple[str, ...] = ("png",),
) -> list[Path]:
    """Write page, figures and tables into a folder; return the paths, `structure.md` first.

    `where` names the district as it stands; `command` is shown as the way to do it again. Raises
    OutputError if they cannot be written.
    """
    pictures = structure_pictures(found)
    page = _page(
        "structure.md.j2", {**_about_structure(found, pictures), "where": where}, command, version
    )
    tables = {"effects.csv": found.effects, "rankings.csv": found.rankings}
    return _write(folder, "structure", "Structure", page, pictures, tables, version, formats)


def names(keys: Iterable[str]) -> Markdown:
    """Return parameters as a page names them."""
    return Markdown(", ".join(code(key.rpartition(".")[2]) for key in keys))


def _about_sensitivity(found: Sensitivity, pictures: Sequence[Picture]) -> dict[str, Any]:
    rows = _records(judged(found.conclusions))
    gains = found.screening.outcomes
    own = [
        outcome_key(RANKED[0], name)
        for name in found.experiment.strategies
        if name != found.experiment.baseline
    ]
    best = outcome_key(RANKED[0], found.best)
    ahead = (gains[best] == gains[own].max(axis=1)) & (gains[best] > 0)
    experiment = found.experiment
    return {
        "found": found,
        "where": f"{listed(list(experiment.districts))}, {listed(list(experiment.conditions))},"
        f" {experiment.horizon.years} years",
        "points": len(gains),
        "first": float(ahead.mean()),
        "counts": Counter(row["verdict"] for row in rows),
        "strongest": names(strongest(found.importance, found.best, STRONGEST)),
        "conclusions": [
            (measure_named(measure), list(group))
            for measure, group in groupby(rows, key=lambda row: row["measure"])
        ],
        "verdicts": VERDICTS,
        "holds": HOLDS,
        "mostly": MOSTLY,
        "weak": WEAK,
        "kept": {
            name: why for name, why in KEPT.items() if f"coefficients.{name}" in found.unmoved
        },
        "tried_trajectories": TRIED,
        "tried_replicates": REPLICATES_TRIED,
        "stages": [row._asdict() for row in found.stages],
        "rankings": [one for one in pictures if one.name.startswith("ranking")],
        "screenings": [one for one in pictures if one.name.startswith("screening")],
        "indices": [one for one in pictures if one.name == "indices"],
    }


def _about_structure(found: Structure, pictures: Sequence[Picture]) -> dict[str, Any]:
    shown = {picture.name: picture for picture in pictures}
    experiment = found.experiment
    reference = found.rankings[found.rankings["aspect"] == "all"].set_index("measure")
    aspects = []
    for aspect, title in ASPECTS.items():
        own = found.rankings[found.rankings["aspect"] == aspect]
        order = found.order_of(aspect)
        own = own.assign(variant=pd.Categorical(own["variant"], order))
        rows = _records(own.sort_values(["measure", "variant"]))
        aspects.append(
            {
                "title": title,
                "picture": shown[aspect],
                "rows": rows,
                "answer": " ".join(_answers(rows)),
            }
        )
    return {
        "found": found,
        "how": f"{experiment.horizon.years} years where nothing else is said,"
        f" {experiment.replicates} replicates",
        "reference": reference,
        "aspects": aspects,
        "ranked": [measure_named(measure) for measure in RANKED],
        "measure_named": measure_named,
    }


def _answers(rows: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """Yield what becomes of the ranking over the variants of an aspect, a sentence a measure."""
    for measure in RANKED:
        own = [row for row in rows if row["measure"] == measure]
        said = f"{measure_named(measure).title}:"
        best = list(dict.fromkeys(row["best"] for row in own))
        low, high = (end(row["difference"] for row in own) for end in (min, max))
        least = min(row["tau"] for row in own)
        unclear = [str(row["variant"]) for row in own if not row["clear"]]
        if len(best) == 1:
            yield f"{said} {title_of(best[0]).lower()} is first throughout,"
        else:
            firsts = (
                f"{title_of(name).lower()}"
                f" ({listed([str(row['variant']) for row in own if row['best'] == name])})"
                for name in best
            )
            yield f"{said} who is first changes: {'; '.join(firsts)},"
        yield f"ahead of the second by {significant(low)} to {significant(high)}"
        yield f"(not clearly with {listed(unclear)});" if unclear else "(clearly so every time);"
        yield f"the whole ranking agrees with the reference to τ ≥ {significant(least, 2)}."


def _page(name: str, about: Mapping[str, Any], command: str, version: str) -> str:
    return rendered(
        __package__,
        name,
        names=names,
        percent=percent,
        title_of=title_of,
        number=significant,
        signed=lambda value: ("+" if value > 0 else "") + significant(value),
        label=label,
        command=command,
        version=version,
        **about,
    )


def _write(
    folder: Path,
    name: str,
    title: str,
    page: str,
    pictures: Sequence[Picture],
    tables: Mapping[str, pd.DataFrame],
    version: str,
    formats: tuple[str, ...],
) -> list[Path]:
    images = {f"{picture.name}.png": picture.png for picture in pictures}
    contents = {
        f"{name}.md": page.encode(),
        f"{name}.html": html_page(page, title, images, version).encode(),
        **{key: csv_text(table).encode() for key, table in tables.items()},
        **images,
        **{
            name: content
            for picture in pictures
            for name, content in picture.images(formats).items()
        },
    }
    for key, content in contents.items():
        write_whole(folder / key, content, folder)
    return [folder / key for key in contents]


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
