"""What every column of an experiment's tables means: `dictionary.csv`, in its folder.

Whoever gets the folder alone can read its tables. The words are those of the declarations: measures,
series, parameters. Nothing is ever read from the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from reformsim.analysis.catalogue import Measure, measure_named
from reformsim.engines.agents import VARIABLES
from reformsim.results import outcome_named
from reformsim.results.durable import write_whole
from reformsim.results.spreadsheet import csv_text
from reformsim.results.store import DICTIONARY

from .event_variables import is_event
from .grant_variables import is_grant
from .phase_variables import is_phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from reformsim.scenario.parameters import Parameter

    from .own_mechanisms import StateUsed
    from .plan import Plan

    Words = tuple[str, str, str, str]
    """Name, type, unit and meaning."""

TEXT, WHOLE, NUMBER = "text", "whole number", "number"
MONTH = ("month", WHOLE, "months", "Month, counted from the launch (0); the warm-up lies below 0")
FAILED = "the run failed"

KEYS = (
    ("district", TEXT, "", "Name of the district"),
    ("condition", TEXT, "", "Name of the conditions"),
    ("strategy", TEXT, "", "Name of the strategy"),
    ("point", WHOLE, "", "Number of the point of the design, from 0"),
    ("seed", WHOLE, "", "Random seed of the experiment"),
    ("replicate", WHOLE, "", "Number of the replicate, from 0; all runs of one are paired"),
    ("run", TEXT, "", "The run's id: a hash of all that determines it"),
)
"""The columns that every table starts with."""
EVENTS = (
    ("kind", TEXT, "", "What happened"),
    ("role", TEXT, "", "Role of the person or post that it happened to"),
    ("seat", TEXT, "", "Seat that it happened to, as the support graph names it"),
    (
        "detail",
        NUMBER,
        "by kind",
        (
            "On leaving, months in the seat; on arrival, practice (a superintendent's learning focus); of a"
            " cut, $ per pupil a year"
        ),
    ),
)
AGENTS: dict[str, tuple[str, str]] = {
    "teacher_leader": ("0 or 1", "Whether in a recognised leadership role"),
    "training": ("share of the week", "Time in training, cohorts and outside programmes"),
    "workload": ("share of the week", "Load that weighs on strain"),
    "learning_time": ("share of the week", "Time for leading learning"),
    "settled": ("[0, 1]", "How settled the school is under its head"),
    "contact": ("[0, 1]", "Working relationship with the supervisor"),
    "partner": ("[0, 1]", "Support felt from the supervisor"),
    "cohort_support": ("[0, 1]", "Support felt from the cohort"),
    "coach_support": ("[0, 1]", "Support felt from coaches and mentors"),
    "training_support": ("[0, 1]", "Support felt from training"),
    "support": ("[0, 1]", "Support felt from all sources"),
    "practice": ("[0, 1]", "How well the person does the job"),
    "ability": ("[0, 1]", "The person's own level, which lasts"),
    "learnt": ("[0, 1]", "What the person has learnt from others"),
    "from_colleagues": ("a year", "What there is to learn from colleagues"),
    "peers": ("[0, 1]", "What those whom the person asks believe"),
    "conviction": ("[0, 1]", "How far the person believes in the reform"),
    "strain": ("[0, 1]", "How worn down the person is"),
    "wary": ("[0, 1]", "How far the person holds back from others after losses"),
    "isolation": ("[0, 1]", "How cut off the person is from those above, beside and below"),
    "embeddedness": ("[0, 1]", "How rooted in colleagues' advice"),
    "political_capital": ("[0, 1]", "Political capital"),
    "person": ("", "Number of the person in the seat; another number is another person"),
    "interim": ("0 or 1", "Whether the seat is kept until June only"),
    "insider": ("0 or 1", "Whether promoted from within the district"),
    "learning_focus": ("[0, 1]", "Learning focus"),
    "tenure": ("months", "Time in the seat"),
    "vacant": ("0 or 1", "Whether the seat is empty"),
    "vacant_months": ("months", "How long the seat has been empty"),
    "experience": ("months", "Time as a principal anywhere; of teachers, time in the career"),
    "preparation": ("[0, 1]", "Strength of the pipeline behind a principal from the bench"),
    "access_draw": ("[0, 1]", "Draw of the person in the queue for mentors and outside seats"),
    "informal_tie": ("[0, 1]", "Ties across schools that the person brought along"),
}
"""Unit and meaning of every variable of the table `agents`."""
UNDEFINED = {
    "ownership": "there is no support",
    "trust": "no principal in office has a supervisor",
    "central_practice": "the unit has nobody",
    "central_conviction": "the unit has nobody",
    "central_strain": "the unit has nobody",
}
"""For which months a series has no value, if it is not only where principals' seats are empty."""


class Column(NamedTuple):
    """One column of one table."""

    table: str
    column: str
    role: str
    """What it is for: key, factor, measure, status, series, event or state."""
    type: str
    unit: str
    meaning: str
    direction: str = ""
    """Which way is better, of a measure."""
    undefined: str = ""
    """When there is no value (null), "" for never."""


def columns_of(plan: Plan) -> list[Column]:
    """Return every column of the tables that an experiment keeps, in their order."""
    outcomes = plan.experiment.outcomes
    varied = {name: plan.experiment.parameter(name) for name in plan.varied}
    used = plan.experiment.mechanisms
    measures = {name: measure_named(name) for name in outcomes.measures} | {
        own.column: Measure(own.column, own.unit, own.column, own.meaning, own.better, paired=False)
        for own in (used.measures if used else ())
    }
    columns = [*_runs(varied, [measures[name] for name in outcomes.measures])]
    if outcomes.series.every and outcomes.series.outcomes:
        states = {state.column: state for state in used.states} if used else {}
        columns += _series(outcomes.series.outcomes, states)
    columns += _rows("events", (*KEYS, MONTH), EVENTS, "event")
    return [*columns, *_agents()] if outcomes.agents else columns


def write_dictionary(folder: Path, plan: Plan) -> None:
    """Write the dictionary of an experiment into its folder. Raises OutputError."""
    import pandas as pd

    frame = pd.DataFrame(columns_of(plan), columns=Column._fields)
    write_whole(folder / DICTIONARY, csv_text(frame).encode())


def _rows(
    table: str, keys: Iterable[Words], others: Iterable[Words] = (), role: str = ""
) -> Iterator[Column]:
    yield from (Column(table, name, "key", *said) for name, *said in keys)
    yield from (Column(table, name, role, *said) for name, *said in others)


def _runs(varied: Mapping[str, Parameter], measures: Iterable[Measure]) -> Iterator[Column]:
    reference = "Id of the run under the baseline strategy that it is paired with"
    yield from _rows("runs", (*KEYS, ("reference", TEXT, "", reference)))
    for name, parameter in varied.items():
        kind = WHOLE if parameter.whole else NUMBER
        said = (parameter.unit, parameter.meaning, "", _left(name))
        yield Column("runs", name, "factor", kind, *said)
    yield Column("runs", "status", "status", TEXT, "", "Whether the run is done or failed")
    meaning = "Why the run failed"
    yield Column("runs", "error", "status", TEXT, "", meaning, undefined="the run is done")
    for measure in measures:
        undefined = f"{measure.undefined}; or {FAILED}" if measure.undefined else FAILED
        said = (measure.unit, measure.meaning, measure.direction, undefined)
        yield Column("runs", measure.name, "measure", NUMBER, *said)
    meaning = "What retention and recovery are measured from; empty if there is none"
    yield Column("runs", "disruption", "measure", TEXT, "", meaning, undefined=FAILED)
    meaning, undefined = "Month of the disruption", f"there is no disruption; or {FAILED}"
    said = ("months from the launch", meaning, "", undefined)
    yield Column("runs", "disruption_month", "measure", NUMBER, *said)


def _left(name: str) -> str:
    """Return when a run has no value of what is varied."""
    if is_event(name):
        return "the event keeps its range, from which each replicate draws"
    if is_grant(name):
        return "the baseline has no such grant"
    return "the strategy has no such phase or leaves it" if is_phase(name) else ""


def _series(names: Iterable[str], states: Mapping[str, StateUsed]) -> Iterator[Column]:
    yield from _rows("series", (*KEYS, MONTH))
    for name in names:
        if state := states.get(name):
            meaning = f"{state.meaning}{' (mean of schools)' if state.of == 'school' else ''}"
            undefined = "the mechanism makes it so"
            yield Column("series", name, "series", NUMBER, state.unit, meaning, "", undefined)
            continue
        outcome = outcome_named(name)
        undefined = UNDEFINED.get(name, "")
        if "filled seats" in outcome.meaning:
            undefined = "every principal's seat is empty"
        said = (outcome.unit, outcome.meaning, "", undefined)
        yield Column("series", name, "series", NUMBER, *said)


def _agents() -> Iterator[Column]:
    seat = "Seat, as the support graph names it"
    who = (("role", TEXT, "", "Role of the seat"), ("seat", TEXT, "", seat))
    yield from _rows("agents", (*KEYS, MONTH, *who))
    for name in VARIABLES:
        unit, meaning = AGENTS[name]
        said = (unit, meaning, "", "the seat is empty, or its role has no such thing")
        yield Column("agents", name, "state", NUMBER, *said)
