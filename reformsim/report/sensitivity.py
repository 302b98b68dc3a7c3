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
from reformsim.studies.sensitivity_runs import PHASES, RANKED, REPLICATES_TRIED, TRIED

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
"""Shares of the points in which a conclusion has to hold to be robust, or mostly robust."""
VERDICTS = {
    "robust": "**robust**",
    "mostly robust": "mostly robust",
    "sensitive": "sensitive to these",
    "open": "open: no clear difference at the defaults",
}
STRONGEST = 8
_ACCOUNT = "it keeps the account of the other budget lines that row 7 of [validation.md](validation.md) reports"
KEPT = {
    "instructional_support_share": _ACCOUNT,
    "administration_share": _ACCOUNT,
    "market_experience": "it sets newcomers' years as a principal, which row 11 of"
    " [validation.md](validation.md) reports and nothing else uses",
    "groundwork_rate": "it acts through superintendents' standing where support is weighted by need,"
    " and a few runs may hold no departure that it decides",
    "interim_share": "it decides what follows on a few departures, of which a few runs may hold none, and"
    " rows 1, 32 and 33 of [validation.md](validation.md) rest on it",
}
"""Parameters that move no measure, and why they stay in the model."""
ASPECTS = {
    "horizon": "Length of the horizon",
    "size": "District size",
    "network": "Advice network",
    "order": "Order of the stages within a month",
}


def verdict_of(row: Mapping[str, Any]) -> str:
    """Return what becomes of a conclusion, a key of VERDICTS."""
    if not row["low"] > 0:
        return "open"
    return (
        "robust"
        if row["holds"] >= HOLDS
        else "mostly robust"
        if row["holds"] >= MOSTLY
        else "sensitive"
    )


def judged(conclusions: pd.DataFrame) -> pd.DataFrame:
    """Return conclusions with their verdicts."""
    return conclusions.assign(verdict=[verdict_of(row) for row in _records(conclusions)])


def write_sensitivity(
    analysis: Sensitivity,
    folder: Path,
    *,
    command: str,
    version: str,
    formats: tuple[str, ...] = ("png",),
) -> list[Path]:
    """Write page, figures and tables into a folder; return the paths, the page in Markdown first.

    Raises OutputError if they cannot be written.
    """
    pictures = sensitivity_pictures(analysis)
    page = _page("sensitivity.md.j2", _about_sensitivity(analysis, pictures), command, version)
    tables = {
        "conclusions.csv": judged(analysis.conclusions).assign(
            sensitive_to=analysis.conclusions["sensitive_to"].map(" ".join)
        ),
        "defaults.csv": analysis.defaults,
        "screening.csv": analysis.screening.found,
        "importance.csv": analysis.importance.reset_index(),
    }
    if analysis.indices is not None:
        tables["indices.csv"] = analysis.indices.found
    return _write(folder, "sensitivity", "Sensitivity", page, pictures, tables, version, formats)


def write_structure(
    analysis: Structure,
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
    pictures = structure_pictures(analysis)
    page = _page(
        "structure.md.j2",
        {**_about_structure(analysis, pictures), "where": where},
        command,
        version,
    )
    tables = {"effects.csv": analysis.effects, "rankings.csv": analysis.rankings}
    return _write(folder, "structure", "Structure", page, pictures, tables, version, formats)


def names(keys: Iterable[str]) -> Markdown:
    """Return parameters as a page names them."""
    return Markdown(", ".join(code(key.rpartition(".")[2]) for key in keys))


def _about_sensitivity(analysis: Sensitivity, pictures: Sequence[Picture]) -> dict[str, Any]:
    rows = _records(judged(analysis.conclusions))
    gains = analysis.screening.outcomes
    leads = [
        outcome_key(RANKED[0], name)
        for name in analysis.experiment.strategies
        if name != analysis.experiment.baseline
    ]
    best = outcome_key(RANKED[0], analysis.best)
    ahead = (gains[best] == gains[leads].max(axis=1)) & (gains[best] > 0)
    experiment = analysis.experiment
    return {
        "found": analysis,
        "title": experiment.title.removesuffix(f": {PHASES[0]}"),
        "where": ", ".join(
            [
                listed(list(experiment.districts)),
                listed(list(experiment.conditions)),
                f"{experiment.horizon.years} years",
                *(
                    [f"${dollars:,g} per pupil a year"]
                    if (dollars := experiment.equal_cost)
                    else []
                ),
            ]
        ),
        "points": len(gains),
        "first": float(ahead.mean()),
        "counts": Counter(row["verdict"] for row in rows),
        "strongest": names(strongest(analysis.importance, analysis.best, STRONGEST)),
        "conclusions": [
            (measure_named(measure), list(group))
            for measure, group in groupby(rows, key=lambda row: row["measure"])
        ],
        "verdicts": VERDICTS,
        "holds": HOLDS,
        "mostly": MOSTLY,
        "weak": WEAK,
        "kept": {
            name: why for name, why in KEPT.items() if f"coefficients.{name}" in analysis.unmoved
        },
        "tried_trajectories": TRIED,
        "tried_replicates": REPLICATES_TRIED,
        "phases": [phase._asdict() for phase in analysis.phases],
        "rankings": [picture for picture in pictures if picture.name.startswith("ranking")],
        "screenings": [picture for picture in pictures if picture.name.startswith("screening")],
        "indices": [picture for picture in pictures if picture.name == "indices"],
    }


def _about_structure(analysis: Structure, pictures: Sequence[Picture]) -> dict[str, Any]:
    shown = {picture.name: picture for picture in pictures}
    experiment = analysis.experiment
    reference = analysis.rankings[analysis.rankings["aspect"] == "all"].set_index("measure")
    aspects = []
    for aspect, title in ASPECTS.items():
        rankings = analysis.rankings[analysis.rankings["aspect"] == aspect]
        order = analysis.order_of(aspect)
        rankings = rankings.assign(variant=pd.Categorical(rankings["variant"], order))
        rows = _records(rankings.sort_values(["measure", "variant"]))
        gains = analysis.effects[analysis.effects["aspect"] == aspect]
        aspects.append(
            {
                "title": title,
                "picture": shown[aspect],
                "rows": rows,
                "answer": " ".join(_answers(rows)),
                "gains": list(_gains_between(gains, order)),
            }
        )
    return {
        "found": analysis,
        "how": f"{experiment.horizon.years} years unless stated otherwise,"
        f" {experiment.replicates} replicates",
        "reference": reference,
        "aspects": aspects,
        "ranked": [measure_named(measure) for measure in RANKED],
        "measure_named": measure_named,
    }


def _gains_between(gains: pd.DataFrame, order: Sequence[str]) -> Iterable[dict[str, Any]]:
    """Yield for each measure the gain of every strategy under each variant, the largest first."""
    for measure in RANKED:
        wide = gains[gains["measure"] == measure].pivot(
            index="strategy", columns="variant", values="difference"
        )[list(order)]
        wide = wide.loc[wide.max(axis=1).sort_values(ascending=False).index]
        most = str((wide.max(axis=1) - wide.min(axis=1)).idxmax())
        moved = wide.loc[most]
        yield {
            "measure": measure,
            "most": most,
            "ends": [(str(moved.idxmin()), moved.min()), (str(moved.idxmax()), moved.max())],
            "variants": list(order),
            "rows": [(str(name), row.tolist()) for name, row in wide.iterrows()],
        }


def _answers(rows: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """Yield what becomes of the ranking over the variants of an aspect, a sentence a measure."""
    for measure in RANKED:
        variants = [row for row in rows if row["measure"] == measure]
        subject = f"{measure_named(measure).title}:"
        best = list(dict.fromkeys(row["best"] for row in variants))
        low, high = (end(row["difference"] for row in variants) for end in (min, max))
        least = min(row["tau"] for row in variants)
        unclear = [str(row["variant"]) for row in variants if not row["clear"]]
        if len(best) == 1:
            yield f"{subject} {title_of(best[0]).lower()} ranks first throughout,"
        else:
            firsts = (
                f"{title_of(name).lower()}"
                f" ({listed([str(row['variant']) for row in variants if row['best'] == name])})"
                for name in best
            )
            yield f"{subject} the first rank changes: {'; '.join(firsts)},"
        ahead = dict.fromkeys((significant(low), significant(high)))
        yield f"ahead of the next by {' to '.join(ahead)}"
        yield (
            f"(the interval covers 0 with {listed(unclear)});"
            if unclear
            else "(every interval excludes 0);"
        )
        yield f"agreement of the whole ranking with the reference: τ ≥ {significant(least, 2)}."


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
