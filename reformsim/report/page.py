"""Puts the report together and writes it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reformsim.analysis.catalogue import MEASURES, measure_named
from reformsim.errors import ReformsimError
from reformsim.figures import styles_for, title_of
from reformsim.record import Result
from reformsim.scenario.conditions import Conditions
from reformsim.scenario.loading import builtin_files
from reformsim.scenario.parameters import parameters_of

from .headline import headlines
from .numbers import interval, listed, percent, shown, signed, trimmed
from .templates import rendered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from reformsim.figures import Picture
    from reformsim.scenario.events import Event
    from reformsim.scenario.parameters import Section

DIFFERENCES = (
    "leadership_gain_4y",
    "leadership_gain_end",
    "outcome_gain_end",
    "spread_end",
    "principal_turnover",
    "cost_above_reference",
)
"""Measures that the result table shows as differences from the baseline, with intervals."""
LEVELS = ("retention_36", "survival_time")
"""Measures that the result table shows as means over the runs that have them."""


def write_report(
    path: str | Path,
    *,
    results: Sequence[Result],
    runs: pd.DataFrame,
    table: pd.DataFrame,
    pictures: Iterable[Picture] = (),
    version: str,
    baseline: str = "status_quo",
    title: str = "",
    titles: Mapping[str, str] | None = None,
    questions: Mapping[str, str] | None = None,
    command: str = "",
) -> Path:
    """Write the report of a comparison in one district as one HTML file; return its path.

    The file needs no other and no network: figures are inside it. It says what the comparison
    comes to, what was compared, the numbers with their intervals, costs, how to read all that, and
    how to get the same again. The same arguments give the same bytes.

    `results` are the runs, `runs` and `table` what `reformsim.analysis.measure_runs` and `compare`
    give for them, and `pictures` the figures in order, as from `reformsim.figures.gallery`.
    `title` heads the page. `titles` and `questions` say what districts, conditions and strategies
    are called and ask, by name; built-in ones are known without them. `command` is shown as the
    way to repeat the run. Makes the folder if need be.

    Raises ReformsimError if there are no results, or if they are from several districts.
    """
    if not results:
        raise ReformsimError("there are no runs to report on")
    districts = {run.scenario.names.district for run in results}
    if len(districts) > 1:
        raise ReformsimError(f"a report is on one district, not on {len(districts)}")
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    context = _context(results, runs, table, baseline, titles or {}, questions or {})
    context |= {"version": version, "command": command, "title": title or context["title"]}
    context["pictures"] = [
        {
            "name": picture.name,
            "title": picture.title,
            "caption": picture.caption,
            "alt": picture.alt,
            "data": base64.b64encode(picture.png).decode("ascii"),
        }
        for picture in pictures
    ]
    page = rendered(__package__, "report.html.j2", **context)
    target.write_bytes(page.encode())
    return target


def _context(
    results: Sequence[Result],
    runs: pd.DataFrame,
    table: pd.DataFrame,
    baseline: str,
    titles: Mapping[str, str],
    questions: Mapping[str, str],
) -> dict[str, Any]:
    built_in = builtin_files()
    titles = {file.name: file.title for file in built_in} | dict(titles)
    questions = {file.name: file.question for file in built_in} | dict(questions)
    first = results[0].scenario
    conditions = list(dict.fromkeys(run.scenario.names.condition for run in results))
    strategies = list(styles_for(run.scenario.names.strategy for run in results))
    strategies = [baseline, *(name for name in strategies if name != baseline)]
    by_name = {run.scenario.names.strategy: run for run in reversed(results)}
    where = {run.scenario.names.condition: run for run in reversed(results)}
    keys = list(dict.fromkeys((run.seed, run.replicate) for run in results))
    replicates = len(keys)
    district = title_of(first.names.district, titles)

    def called(name: str) -> str:
        return title_of(name, titles)

    return {
        "title": f"{district}: which support for leadership lasts?",
        "district": district,
        "baseline": called(baseline),
        "replicates": replicates,
        "horizon": first.horizon,
        "runs": len(results),
        "facts": _facts(results[0]),
        "headlines": [
            {
                "condition": called(name),
                "sentences": headlines(runs, table, name, baseline=baseline, titles=titles),
            }
            for name in conditions
        ],
        "conditions": [
            {
                "title": called(name),
                "question": questions.get(name, ""),
                "settings": _condition_settings(where[name]),
            }
            for name in conditions
        ],
        "strategies": [
            {
                "title": called(name),
                "question": questions.get(name, ""),
                "settings": _changes(
                    by_name[name].scenario.levers, by_name[name].scenario.baseline
                ),
            }
            for name in strategies
            if name in by_name
        ],
        "columns": [measure_named(name) for name in (*DIFFERENCES, *LEVELS)],
        "tables": [
            {
                "condition": called(name),
                "rows": [
                    {"title": called(strategy), "cells": _cells(table, name, strategy)}
                    for strategy in strategies
                    if strategy != baseline
                ],
            }
            for name in conditions
        ],
        "measures": MEASURES,
        "full": _full_table(table, called, baseline),
        "costs": [
            {"condition": called(name), **_costs(results, name, strategies, called)}
            for name in conditions
        ],
        "seeds": listed([trimmed(seed) for seed in sorted({seed for seed, _ in keys})]),
        "numbers": _span(sorted({replicate for _, replicate in keys})),
        "engines": listed(sorted({run.engine for run in results})),
        "fingerprints": _fingerprints(results, called),
    }


def _facts(result: Result) -> list[tuple[str, str]]:
    district = result.scenario.district
    return [
        ("Schools", trimmed(district.schools)),
        ("Teachers", trimmed(district.teachers)),
        ("Pupils", trimmed(district.enrolment)),
        ("Pupils in poverty, mean of schools", percent(float(result.need.mean()))),
        ("Operating budget", f"${trimmed(district.budget_per_pupil)} per pupil a year"),
    ]


def _changes(section: Section, other: Section) -> list[str]:
    """Say which settings differ, with both values and the unit."""
    lines = []
    for parameter in parameters_of("", type(section)):
        value, usual = getattr(section, parameter.name), getattr(other, parameter.name)
        if value != usual:
            unit = "" if parameter.unit in {"", "[0, 1]"} else f" {parameter.unit}"
            name = parameter.name.replace("_", " ").capitalize()
            lines.append(f"{name}: {trimmed(usual)} → {trimmed(value)}{unit}")
    return lines


def _condition_settings(result: Result) -> list[str]:
    scenario = result.scenario
    return [*_changes(scenario.conditions, Conditions()), *map(_event_in_words, scenario.events)]


def _event_in_words(event: Event) -> str:
    """As "Revenue shock, 2 years after the launch (depth 8 %, ramp 36 months, …)"."""
    details = []
    for name, value in event.model_dump(exclude={"type", "month"}).items():
        if isinstance(value, bool):
            details += [name] if value else []
        elif isinstance(value, float):
            details.append(f"{name} {percent(value)}")
        elif name == "school":
            details.append(f"school {value}")
        elif not getattr(event, "permanent", False) or name != "recovery":
            details.append(f"{'' if name == 'months' else f'{name} '}{value} months")
    side = "before" if event.month < 0 else "after"
    year = trimmed(round(abs(event.month) / 12, 1))
    inside = f" ({', '.join(details)})" if details else ""
    kind = event.type.replace("_", " ").capitalize()
    return f"{kind}, {year} year{'s' * (year != '1')} {side} the launch{inside}"


def _cells(table: pd.DataFrame, condition: str, strategy: str) -> list[dict[str, Any]]:
    rows = table[(table["condition"] == condition) & (table["strategy"] == strategy)]
    by_measure = {row["measure"]: row for row in rows.to_dict("records")}
    cells: list[dict[str, Any]] = []
    for name in (*DIFFERENCES, *LEVELS):
        row, unit = by_measure.get(name), measure_named(name).unit
        if row is None or not row["n"]:
            cells.append({"text": shown(float("nan"), unit), "note": "", "sure": False})
        elif name in DIFFERENCES:
            cells.append(
                {
                    "text": signed(row["difference"], unit),
                    "note": interval(row["low"], row["high"], unit),
                    "sure": row["clear"],
                }
            )
        else:
            note = f"{row['n']} run{'s' * (row['n'] != 1)}"
            cells.append({"text": shown(row["mean"], unit), "note": note, "sure": False})
    return cells


def _full_table(table: pd.DataFrame, called: Any, baseline: str) -> list[dict[str, Any]]:
    rows = []
    for row in table.to_dict("records"):
        measure = measure_named(str(row["measure"]))
        is_baseline = row["strategy"] == baseline
        compared = not is_baseline and row["pairs"] > 0
        rows.append(
            {
                "condition": called(str(row["condition"])),
                "strategy": called(str(row["strategy"])),
                "measure": measure.title,
                "unit": measure.unit,
                "n": row["n"],
                "mean": shown(row["mean"], measure.unit),
                "difference": signed(row["difference"], measure.unit) if compared else "",
                "interval": interval(row["low"], row["high"], measure.unit) if compared else "",
                "superiority": percent(row["superiority"]) if compared else "",
                "sure": bool(row["clear"]),
            }
        )
    return rows


def _costs(
    results: Sequence[Result], condition: str, strategies: Sequence[str], called: Any
) -> dict[str, Any]:
    """Mean spending by lever after the launch: levers that anything is spent on, and the total."""
    means: dict[str, dict[str, float]] = {}
    for strategy in strategies:
        runs = [
            run
            for run in results
            if (run.scenario.names.condition, run.scenario.names.strategy) == (condition, strategy)
        ]
        for run in runs:
            since = run.months >= 0
            for lever, cost in run.costs.items():
                totals = means.setdefault(strategy, {})
                totals[lever] = totals.get(lever, 0.0) + float(cost[since].mean()) / len(runs)
    levers = [
        lever
        for lever in dict.fromkeys(lever for costs in means.values() for lever in costs)
        if any(costs.get(lever, 0.0) > 0 for costs in means.values())
    ]
    return {
        "levers": [lever.replace("_", " ").capitalize() for lever in levers],
        "rows": [
            {
                "title": called(strategy),
                "cells": [_dollars(costs.get(lever, 0.0)) for lever in levers],
                "total": _dollars(sum(costs.values())),
            }
            for strategy, costs in means.items()
        ],
    }


def _dollars(value: float) -> str:
    return f"{value:,.0f}" if value >= 9.95 or value < 0.05 else f"{value:,.1f}"


def _fingerprints(results: Sequence[Result], called: Any) -> list[tuple[str, str, str]]:
    rows = {
        (
            called(run.scenario.names.condition),
            called(run.scenario.names.strategy),
            run.scenario.fingerprint,
        )
        for run in results
    }
    return sorted(rows)


def _span(numbers: list[int]) -> str:
    whole = numbers == list(range(numbers[0], numbers[-1] + 1)) and len(numbers) > 2
    if whole:
        return f"{trimmed(numbers[0])} to {trimmed(numbers[-1])}"
    return listed([trimmed(number) for number in numbers])
