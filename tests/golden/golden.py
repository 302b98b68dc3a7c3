"""Whole runs whose numbers are written down in golden.toml: `make golden` renews it.

The engines are held against each other elsewhere; here both are held against what they were. A change
of the model changes these numbers on purpose, and nothing else may.
"""

from __future__ import annotations

import hashlib
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))

from districts import WEB, small

from reformsim.engines import simulate
from reformsim.mechanisms import Mechanisms, load_mechanisms
from reformsim.scenario.loading import builtin_files, load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reformsim.record import Result
    from reformsim.scenario import Scenario

HERE = Path(__file__).parent
FILE = HERE / "golden.toml"
OWN = HERE.parents[1] / "docs" / "examples" / "summer_institutes.py"
HEAD = """\
# What whole runs gave when they were last looked at, with seed 1: a hash of every series and event,
# and some numbers to read. `make golden` writes this file and prints what has changed.
"""
SHOCKS = [
    {"type": "revenue_shock", "month": 6, "depth": 0.1, "permanent": True},
    {"type": "superintendent_departure", "month": 10},
    {"type": "principal_departure", "month": 8, "school": 1},
    {"type": "crisis", "month": 3, "months": 6, "load": 0.3},
]
EVENTS = [
    {"type": "principal_departures", "month": 4, "principals": 2, "who": "neediest"},
    {"type": "central_departure", "month": 7, "unit": "leadership_support"},
    {"type": "teacher_departure", "month": 8, "school": 1},
    {"type": "partner_departure", "month": 9},
    {"type": "union_conflict", "month": {"low": 10, "high": 14}, "severity": 0.5},
    {"type": "board_turnover", "month": 12, "capital_lost": {"low": 0.2, "high": 0.6}},
]
IN_PART = {
    "adoption": {"chosen_by": "readiness", "first": [2]},
    "conditions": {"refusing_schools": 0.3},
    "phases": [{"year": 2, "participation": 0.75, "teachers_per_coach": 12.0}],
}
CHURN = {
    "superintendent_turnover": 4.0,
    "principal_turnover": 2.0,
    "shock_rate": 0.5,
    "labour_tightness": 0.5,
}


class Golden(NamedTuple):
    """A run whose numbers are written down."""

    scenario: Scenario
    engines: tuple[str, ...]
    replicate: int = 0
    mechanisms: Mechanisms | None = None


@cache
def golden_runs() -> dict[str, Golden]:
    """Return the runs by name: whole ones of the compiled engine, shorter ones of both."""
    runs = {}
    named = {
        kind: [file.name for file in builtin_files() if file.kind == kind]
        for kind in ("strategy", "condition")
    }
    cells = [("small-rural", "stable", strategy) for strategy in named["strategy"]]
    cells += [("small-rural", condition, "web_of_support") for condition in named["condition"]]
    cells += [
        ("mid-size", "stable", "status_quo"),
        ("mid-size", "severe-recession", "equity_first"),
    ]
    cells += [
        ("mid-size", "esser-cliff", "external_coaching"),
        ("large-urban", "stable", "status_quo"),
    ]
    for cell in cells:
        runs[", ".join(cell)] = Golden(load(*cell), ("compiled",))
    both = ("compiled", "reference")
    short: dict[str, Any] = {"horizon": {"years": 3, "warm_up_years": 1}}
    runs["short: status quo"] = Golden(small(**short), both)
    everything = small(levers=WEB, conditions=CHURN, events=SHOCKS)
    runs["short: everything happens"] = Golden(everything, both)
    runs["short: another replicate"] = Golden(everything, both, 1)
    events = small(levers=WEB, conditions=CHURN, events=EVENTS, **short)
    runs["short: dated events"] = Golden(events, both)
    some = small(8, 60, levers=WEB | {"participation": 0.4}, **short).replace(**IN_PART)
    runs["short: schools that take part"] = Golden(some, both)
    star = small(levers=WEB, district={"advice_structure": "star"}, **short)
    runs["short: advice like a star"] = Golden(star, both)
    surveyed = small(levers=WEB, district={"network": str(HERE / "ties.csv")}, **short)
    runs["short: a network survey"] = Golden(surveyed, both)
    runs["short: one school"] = Golden(small(1, 12, levers=WEB, **short), both)
    money = {"month": 5, "months": 9, "dollars": 80.0, "taper_years": 1, "stands_in": 0.3}
    dated = {"phases": [{"year": 2, "span_of_control": 8}], "grants": [money]}
    runs["short: money with a date"] = Golden(small(levers=WEB, **short).replace(**dated), both)
    runs["short: own mechanisms"] = Golden(small(**short), ("reference",), 0, load_mechanisms(OWN))
    return runs


def numbers(
    run: Golden, engine: str, mechanisms: Mechanisms | None = None
) -> dict[str, str | float]:
    """Return what is written down of a run."""
    result = simulate(
        run.scenario, 1, run.replicate, engine, mechanisms=mechanisms or run.mechanisms
    )
    since, district = result.months >= 0, result.district
    years = {5: 60, 15: 180}
    written: dict[str, str | float] = {"digest": digest(result)}
    for year, end in years.items():
        last = (result.months >= end - 12) & (result.months < end)
        if result.months[-1] >= end - 1:
            written[f"leadership_year_{year}"] = _mean(district["leadership"][last])
    return written | {
        "leadership_last_year": _mean(district["leadership"][-12:]),
        "outcome_last_year": _mean(district["outcome"][-12:]),
        "cost_per_pupil": _mean(district["cost_per_pupil"][since]),
        "superintendents_left": int(district["superintendent_departures"][since].sum()),
        "principals_left": int(district["principal_departures"][since].sum()),
        "teachers_left": int(district["teacher_departures"][since].sum()),
    }


def digest(result: Result) -> str:
    """Return a hash of every number and event of a run, the same on every machine."""
    text = hashlib.sha256()
    for table in (result.district, result.schools, result.costs):
        for name in sorted(table):
            values = np.where(np.isnan(table[name]), np.nan, table[name])
            text.update(name.encode() + values.astype("<f8").tobytes())
    for event in result.events:
        seat = f"{event.month} {event.kind} {event.role} {event.seat} {float(event.detail).hex()}\n"
        text.update(seat.encode())
    return text.hexdigest()[:32]


def _mean(values: np.ndarray) -> float:
    return round(sum(map(float, values)) / len(values), 9)


def written() -> dict[str, dict[str, str | float]]:
    """Return what is written down, by the names of runs."""
    return tomllib.loads(FILE.read_text("utf-8")) if FILE.exists() else {}


def changes(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """Return in words what is different."""
    return [
        f"{name}: {before.get(name, 'nothing')} -> {after.get(name, 'nothing')}"
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


def renew() -> None:
    """Write the file anew and print what has changed."""
    before, lines, changed = written(), [HEAD], 0
    for name, run in golden_runs().items():
        found = numbers(run, run.engines[0])
        lines.append(f'["{name}"]')
        lines += [f"{key} = {value!r}".replace("'", '"') for key, value in found.items()]
        lines.append("")
        if different := changes(before.pop(name, {}), found):
            changed += 1
            print(f"{name}\n  " + "\n  ".join(different))
    for name in before:
        changed += 1
        print(f"{name}: is no longer run")
    FILE.write_text("\n".join(lines), "utf-8")
    print(
        f"{changed} of {len(golden_runs())} runs have changed" if changed else "nothing has changed"
    )


if __name__ == "__main__":
    renew()
