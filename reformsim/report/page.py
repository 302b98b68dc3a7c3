"""Puts the report together and writes it."""

from __future__ import annotations

import base64
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reformsim.analysis.catalogue import MEASURES, measure_named
from reformsim.analysis.paired import PairedSummary, rests_on_enough
from reformsim.analysis.ranking import LEAD, NEXT_BEST
from reformsim.analysis.wording import count_in_words, usual_year, what_is_shown
from reformsim.errors import ReformsimError
from reformsim.figures import styles_for, title_of
from reformsim.record import Result
from reformsim.scenario.conditions import Conditions
from reformsim.scenario.events import called, details_of, in_words
from reformsim.scenario.loading import builtin_files
from reformsim.scenario.parameters import parameters_of
from reformsim.scenario.plans import title_of_year
from reformsim.scenario.ranges import EventRange
from reformsim.theory.schedule import MONTHS_IN_YEAR

from .headline import GAIN, headlines
from .numbers import NOTHING, counted, interval, listed, percent, shown, signed, trimmed
from .templates import rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pandas as pd

    from reformsim.experiments.uncertainty import ParameterUncertainty
    from reformsim.figures import Picture
    from reformsim.scenario import Scenario
    from reformsim.scenario.events import Event
    from reformsim.scenario.grants import Grant
    from reformsim.scenario.parameters import Section

DIFFERENCES = (
    "leadership_gain_4y",
    "leadership_gain_end",
    "outcome_gain_end",
    "spread_end",
    "principal_turnover",
    "cost_above_reference",
    "costliest_year_cost",
)
"""Measures that the result table shows as differences from the baseline, with intervals."""
LEVELS = ("retention_36", "survival_time")
"""Measures that the result table shows as means over the runs that have them."""
ABSOLUTE_COST = "cost_per_pupil"
"""What no table shows: what a strategy costs is what it costs more than the baseline."""


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
    posterior: ParameterUncertainty | None = None,
) -> Path:
    """Write the report of a comparison in one district as one HTML file; return its path.

    The file needs no other and no network: figures are inside it. It says what the comparison
    comes to, what was compared, the numbers with their intervals, costs, how to read all that, and
    how to get the same again. The same arguments give the same bytes.

    `results` are the runs, `runs` and `table` what `reformsim.analysis.measure_runs` and `compare`
    give for them, and `pictures` the figures in order, as from `reformsim.figures.gallery`.
    `title` heads the page. `titles` and `questions` say what districts, conditions and strategies
    are called and ask, by name; built-in ones are known without them. `command` is shown as the
    way to repeat the run. `posterior` is what each replicate has drawn its parameters from, if it
    has. Makes the folder if need be.

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
    file = posterior.file if posterior else ""
    context |= {"posterior": posterior, "shown": what_is_shown(context["replicates"], file)}
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
                "sentences": headlines(table, name, baseline=baseline, titles=titles),
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
                "settings": _plan_settings(by_name[name].scenario),
            }
            for name in strategies
            if name in by_name
        ],
        "columns": [measure_named(name) for name in (*DIFFERENCES, *LEVELS)],
        "tables": [
            {
                "condition": called(name),
                "rows": [
                    {
                        "title": called(strategy),
                        "cells": _cells(table, runs, name, strategy),
                        "next_best": _next_best(table, name, strategy, called),
                    }
                    for strategy in strategies
                    if strategy != baseline
                ],
            }
            for name in conditions
        ],
        "measures": MEASURES,
        "full": _full_table(table, called, baseline),
        "costs": [
            {"condition": called(name), **_costs(results, name, strategies, baseline, called)}
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


def _plan_settings(scenario: Scenario) -> list[str]:
    """Say what a strategy sets at the launch, what each phase changes, and who takes part."""
    lines = _changes(scenario.levers, scenario.baseline)
    for before, after in pairwise(scenario.plan):
        title = title_of_year(scenario.phases, after.year)
        changes = ", ".join(_changes(after.levers, before.levers))
        lines.append(f"From year {after.year} on{f' ({title})' if title else ''}: {changes}")
    return [*lines, *scenario.who_takes_part, *map(_grant_in_words, scenario.grants)]


def _grant_in_words(grant: Grant) -> str:
    """As "Grant (Federal): $120 per pupil a year from month 3 on for 24 months, then nothing, for coaches"."""
    title = f" ({grant.title})" if grant.title else ""
    taper = f"less over {counted(grant.taper_years, 'year')}" if grant.taper_years else "nothing"
    wanted = ", ".join(line.replace("_", " ") for line in grant.lines) or "all that is asked for"
    instead = f"; the district moves less by {percent(grant.stands_in)} of it" * (
        grant.stands_in > 0
    )
    return (
        f"Grant{title}: ${trimmed(grant.dollars)} per pupil a year from month {grant.month} on for"
        f" {counted(grant.months, 'month')}, then {taper}, for {wanted}{instead}"
    )


def _condition_settings(result: Result) -> list[str]:
    scenario = result.scenario
    return [*_changes(scenario.conditions, Conditions()), *map(_event_in_words, scenario.events)]


def _event_in_words(event: Event) -> str:
    """As "Recession, 2 years after the launch (depth 8 %, ramp 36 months, …)"."""
    details = []
    for name, value in details_of(event).items():
        share = type(event).model_fields[name].annotation is float
        number = _ends_in_words(value, percent if share else in_words)
        if isinstance(value, bool):
            continue  # which its name says
        if share or isinstance(value, str) or name in COUNTED:
            details.append(f"{name} {number}".replace("_", " "))
        elif not getattr(event, "permanent", False) or name != "recovery":
            details.append(f"{'' if name == 'months' else f'{name} '}{number} months")
    inside = f" ({', '.join(details)})" if details else ""
    kind = called(event).capitalize()
    month: Any = event.month
    if isinstance(month, EventRange):
        return f"{kind}, drawn from months {in_words(month)} after the launch{inside}"
    if month == 0:
        return f"{kind}, at the launch{inside}"
    side = "before" if month < 0 else "after"
    year = trimmed(round(abs(month) / 12, 1))
    when = f"{year} year{'s' * (year != '1')}"
    if abs(month) < MONTHS_IN_YEAR:
        when = counted(abs(month), "month")
    return f"{kind}, {when} {side} the launch{inside}"


COUNTED = ("school", "seat", "principals")
"""Whole numbers of events that are no lengths in months."""


def _ends_in_words(value: Any, said: Callable[[Any], str]) -> str:
    """Return a number in words, or both ends of what it is drawn from."""
    if isinstance(value, EventRange):
        return f"{said(value.low)} to {said(value.high)}"
    return said(value)


def _cells(
    table: pd.DataFrame, runs: pd.DataFrame, condition: str, strategy: str
) -> list[dict[str, Any]]:
    rows = table[(table["condition"] == condition) & (table["strategy"] == strategy)]
    by_measure = {row["measure"]: row for row in rows.to_dict("records")}
    cells: list[dict[str, Any]] = []
    for name in (*DIFFERENCES, *LEVELS):
        row, unit = by_measure.get(name), measure_named(name).unit
        if row is None or not row["n"]:
            cells.append({"text": NOTHING, "notes": [], "sure": False})
        elif not rests_on_enough(row["n"], row["replicates"]):
            count = count_in_words(row["n"], row["replicates"])
            cells.append({"text": count, "notes": [], "sure": False})
        elif name in DIFFERENCES:
            cells.append(_difference(PairedSummary.of(row), name))
        else:
            note = f"{row['n']:,} of {row['replicates']:,}"
            cells.append({"text": shown(row["mean"], unit), "notes": [note], "sure": False})
    arm = runs[(runs["condition"] == condition) & (runs["strategy"] == strategy)]
    if year := usual_year(arm["costliest_year"]):
        cells[DIFFERENCES.index("costliest_year_cost")]["notes"].append(year)
    return cells


def _difference(summary: PairedSummary, name: str) -> dict[str, Any]:
    """Return a mean difference and what stands below it: its interval, its range, how often better."""
    unit, notes = measure_named(name).unit, []
    if summary.pairs > 1:
        notes = [
            f"[{interval(summary.low, summary.high, unit)}]",
            interval(summary.p05, summary.p95, unit),
            f"{summary.better:,} of {summary.pairs:,}",
        ]
    return {"text": signed(summary.difference, unit), "notes": notes, "sure": summary.clear}


def _next_best(table: pd.DataFrame, condition: str, strategy: str, called: Any) -> str:
    """Return the strategy that ranks next after one by leadership at the end, and how it leads it."""
    mask = (table["condition"] == condition) & (table["strategy"] == strategy)
    (row,) = table[mask & (table["measure"] == GAIN)].to_dict("records")
    lead = PairedSummary.of(row, LEAD)
    if not row[NEXT_BEST] or not lead.pairs:
        return ""
    unit = measure_named(GAIN).unit
    said = f"{called(row[NEXT_BEST])}: {signed(lead.difference, unit)}"
    if lead.pairs < 2:
        return said
    return f"{said} [{interval(lead.low, lead.high, unit)}], better in {lead.better:,} of {lead.pairs:,}"


def _full_table(table: pd.DataFrame, called: Any, baseline: str) -> list[dict[str, Any]]:
    rows = []
    for row in table.to_dict("records"):
        measure = measure_named(str(row["measure"]))
        if measure.name == ABSOLUTE_COST:
            continue
        is_baseline = row["strategy"] == baseline
        enough = rests_on_enough(row["n"], row["replicates"])
        compared = not is_baseline and rests_on_enough(row["pairs"], row["replicates"])
        summary = PairedSummary.of(row)
        rows.append(
            {
                "condition": called(str(row["condition"])),
                "strategy": called(str(row["strategy"])),
                "measure": measure.title,
                "unit": measure.unit,
                "n": f"{row['n']:,} of {row['replicates']:,}",
                "mean": shown(row["mean"], measure.unit) if enough else NOTHING,
                "difference": signed(summary.difference, measure.unit) if compared else "",
                "interval": interval(summary.low, summary.high, measure.unit) if compared else "",
                "range": interval(summary.p05, summary.p95, measure.unit) if compared else "",
                "better": f"{summary.better:,} of {summary.pairs:,}"
                if compared and measure.better
                else "",
                "sure": compared and summary.clear,
            }
        )
    return rows


def _costs(
    results: Sequence[Result],
    condition: str,
    strategies: Sequence[str],
    baseline: str,
    called: Any,
) -> dict[str, Any]:
    """Mean extra spending by lever after the launch, and the total; levers that differ anywhere."""
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
    base = means.pop(baseline)
    for costs in means.values():
        for lever in {**base, **costs}:
            costs[lever] = costs.get(lever, 0.0) - base.get(lever, 0.0)
    levers = [
        lever
        for lever in dict.fromkeys(lever for costs in means.values() for lever in costs)
        if any(costs.get(lever, 0.0) for costs in means.values())
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
    """Return extra dollars, with a decimal if they are few."""
    size = abs(value)
    text = f"{size:,.0f}" if size >= 9.95 or size < 0.05 else f"{size:,.1f}"
    return text if text == "0" else f"{'+' if value > 0 else '−'}{text}"


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
