"""`reformsim list` and `show`: the built-in scenarios, and the values of one."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reformsim.errors import Problem, ReformsimError

from ..console import print_json, say
from ..examples import example
from ..options import (
    PICTURES,
    Force,
    Json,
    Overrides,
    Parts,
    WarmUp,
    Years,
    all_overrides,
    compose,
)
from ..tables import say_table

if TYPE_CHECKING:
    from reformsim.scenario import Scenario
    from reformsim.scenario.merging import Composed


class ListedKind(StrEnum):
    """What `reformsim list` can be limited to."""

    DISTRICT = "district"
    CONDITION = "condition"
    STRATEGY = "strategy"
    EXPERIMENT = "experiment"
    MEASURES = "measures"
    SERIES = "series"


@example("reformsim list strategy")
def list_scenarios(
    kind: Annotated[
        ListedKind | None,
        typer.Argument(help="List only this kind.", show_default=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the built-in districts, conditions, strategies and experiments; or measures or series."""
    if kind is ListedKind.MEASURES:
        _list_measures(as_json=as_json)
        return
    if kind is ListedKind.SERIES:
        _list_series(as_json=as_json)
        return
    from reformsim.experiments.builtin import builtin_experiments
    from reformsim.scenario.loading import builtin_files

    every = [*builtin_files(), *builtin_experiments()]
    files = [file for file in every if kind is None or file.kind == kind]
    if as_json:
        fields = ("kind", "name", "title", "question", "path")
        print_json([{name: getattr(file, name) for name in fields} for file in files])
        return
    for one in ListedKind:
        rows = [(file.name, file.title, file.question) for file in files if file.kind == one]
        if rows:
            title = {"strategy": "Strategies"}.get(one, f"{one.capitalize()}s")
            say_table(("name", "title", "question"), rows, title)
    if kind is None:
        say(
            "Combine one of each, as in: reformsim run small-rural severe-recession web_of_support",
            style="dim",
        )
    if kind in (None, ListedKind.EXPERIMENT):
        say("For the design of an experiment: reformsim experiment plan NAME", style="dim")


def _list_measures(*, as_json: bool) -> None:
    """Print what every measure of a run means."""
    from reformsim.analysis.catalogue import MEASURES

    if as_json:
        fields = ("name", "unit", "title", "meaning", "direction", "paired", "undefined")
        print_json([{name: getattr(measure, name) for name in fields} for measure in MEASURES])
        return
    rows = [
        (
            measure.name,
            measure.unit,
            measure.meaning,
            measure.direction,
            measure.undefined or "never",
        )
        for measure in MEASURES
    ]
    say_table(("name", "unit", "meaning", "direction", "undefined if"), rows, "Measures of a run")
    say(
        "The paired run is the same replicate under the baseline strategy. An experiment's folder"
        " describes every column of its tables in dictionary.csv.",
        style="dim",
    )


def _list_series(*, as_json: bool) -> None:
    """Print what every monthly series means."""
    from dataclasses import asdict

    from reformsim.record import OUTCOMES

    if as_json:
        print_json([asdict(outcome) for outcome in OUTCOMES])
        return
    rows = [
        (series.name, series.unit, series.meaning, "schools" if series.by_school else "district")
        for series in OUTCOMES
    ]
    say_table(("name", "unit", "meaning", "recorded for"), rows, "Monthly series")


@example("reformsim show small-rural web_of_support --years 5")
def show(
    parts: Parts = None,
    overrides: Overrides = None,
    years: Years = None,
    warm_up: WarmUp = None,
    every: Annotated[bool, typer.Option("--all", help="Include default values.")] = False,
    figure: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Also draw what the strategy does in which school year, and its cost in full, as"
            " .png, .svg or .pdf.",
            show_default=False,
        ),
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Show a scenario: its values, and the file and line that each comes from."""
    from reformsim.analysis.money import money_years
    from reformsim.analysis.plan_years import plan_years

    from ..plan_tables import say_events, say_grants, say_money, say_plan, shown

    composed = compose(parts, all_overrides(overrides, years, warm_up))
    scenario = composed.scenario
    if figure:
        _draw_plan(composed, figure, force=force)
    rows = _values(composed)
    chosen = [row for row in rows if every or _is_set(row)]
    if as_json:
        print_json(
            {
                "names": scenario.names.model_dump(),
                "titles": dict(composed.titles),
                "fingerprint": scenario.fingerprint,
                "values": chosen,
                "phases": scenario.model_dump(mode="json")["phases"],
                "adoption": scenario.model_dump(mode="json")["adoption"],
                "who_takes_part": scenario.who_takes_part,
                "grants": scenario.model_dump(mode="json")["grants"],
                "plan": [year._asdict() for year in plan_years(scenario)],
                "money": [year._asdict() for year in money_years(scenario)],
                "events": scenario.model_dump(mode="json")["events"],
            }
        )
        return
    for kind, name in scenario.names.model_dump().items():
        say(f"{kind.capitalize():<12} {name} – {composed.titles.get(kind, '')}")
    say(f"{'Fingerprint':<12} {scenario.fingerprint}", style="dim")
    cells = [(row["key"], shown(row["value"]), row["unit"], row["from"]) for row in chosen]
    say_table(("key", "value", "unit", "from"), cells, numbers=("value",))
    if scenario.phases:
        say_plan(plan_years(scenario), in_part=not scenario.is_for_all)
    if words := scenario.who_takes_part:
        say("Schools that take part", style="bold")
        say("", *(f"{sentence}." for sentence in words), "")
    say_grants(composed)
    if scenario.phases or scenario.grants:
        say_money(money_years(scenario))
    say_events(composed)
    left = len(rows) - len(chosen)
    if left:
        say(f"{left} more values are defaults; --all shows them.", style="dim")
    if figure:
        say(f"Written: {figure}")


def _draw_plan(composed: Composed, path: Path, *, force: bool) -> None:
    """Draw the plan of a scenario into a file. Raises ReformsimError if it cannot be written."""
    from reformsim.writing import check_file, replacing

    if path.suffix.lower() not in PICTURES:
        allowed = f"a name ending in {', '.join(PICTURES)}"
        raise ReformsimError(
            Problem("unknown format", key="--figure", found=str(path), allowed=allowed)
        )
    check_file(path, force=force)
    from reformsim.figures import plan_figure, save
    from reformsim.scenario.loading import titles_of

    with replacing(path) as temporary:
        save(plan_figure(composed.scenario, titles=titles_of([composed])), temporary)


def _is_set(row: dict[str, Any]) -> bool:
    """Say whether a value is worth showing: set by someone, or part of the district."""
    return row["from"] not in {"default", "baseline"} or row["key"].startswith("district.")


def _values(composed: Composed) -> list[dict[str, Any]]:
    """Return every value with its unit and its origin, section by section."""
    from reformsim.scenario.checking import MODELS

    from ..plan_tables import where

    units = {parameter.key: parameter.unit for parameter in _parameters()}
    rows = []
    for section in MODELS:
        for name, value in getattr(composed.scenario, section).model_dump().items():
            key = f"{section}.{name}"
            unit = units.get(key) or units.get(f"levers.{name}", "")
            origin = where(composed.origins[key])
            rows.append({"key": key, "value": value, "unit": unit, "from": origin})
    return rows


def _parameters() -> Any:
    from reformsim.scenario import parameters

    return parameters()


def names_in_a_row(scenario: Scenario) -> str:
    """Return what a scenario is called, as "small-rural · stable · web_of_support"."""
    return " · ".join(scenario.names.model_dump().values())
