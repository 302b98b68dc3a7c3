"""Every function of the command line that prints a table, with results made up for it.

A case takes pytest's `monkeypatch`, an empty folder and a text of a user's, which it puts wherever
a user's text can stand; it returns what prints the table. Its numbers are long.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fabricate
import numpy as np
import pandas as pd
from grid import PIPELINE, experiment

from reformsim.analysis import (
    change_effects,
    difference_paths,
    gain_shares,
    gains,
    measure_runs,
    paired_differences,
)
from reformsim.analysis.before_after import Change, Happening
from reformsim.analysis.counterfactual import in_words
from reformsim.analysis.departure import in_words as said
from reformsim.analysis.money import MoneyYear
from reformsim.analysis.paired import summarise_pairs
from reformsim.analysis.plan_years import PlanYear
from reformsim.calibration.checking import Coverage
from reformsim.cli import compare_table, contrast_table, main, plan_tables, whatif_table
from reformsim.cli.commands import (
    calibrate,
    experiment_plan,
    graph,
    params,
    query,
    run,
    scenarios,
    sensitivity,
    summary,
    validate,
    verify,
)
from reformsim.engines.trace import Verification
from reformsim.experiments.estimate import Estimate
from reformsim.experiments.plan import Plan
from reformsim.results import series_frame
from reformsim.results.answers import Answer, Column
from reformsim.scenario.files import BuiltIn
from reformsim.scenario.grants import Grant
from reformsim.scenario.merging import Origin
from reformsim.studies.sensitivity import LEAD, outcome_key
from reformsim.studies.sensitivity_runs import HEADLINES, RANKED
from reformsim.validation import ROWS, Finding

BIG = 1_234_567.891
PAIRED = asdict(summarise_pairs([BIG * (1 + nth / 7) for nth in range(12)]))
STRATEGIES = ("status_quo", "heroic_superintendent", "web_of_support")


def stand_in(**fields: Any) -> Any:
    """Return what has just the fields that a table reads."""
    return SimpleNamespace(**fields)


def _list(monkeypatch, folder, text):
    def files():
        kinds = ("district", "condition", "strategy")
        return [BuiltIn(kind, text, text, f"{text} 1.25?", Path("x")) for kind in kinds]

    monkeypatch.setattr("reformsim.scenario.loading.builtin_files", files)
    return scenarios.list_scenarios


def _list_measures(monkeypatch, folder, text):
    return lambda: main(["list", "measures"])


def _list_series(monkeypatch, folder, text):
    return lambda: main(["list", "series"])


def _show(monkeypatch, folder, text):
    path = folder / f"{text.replace('/', '').replace(chr(0), '')[:40]}.toml"
    title = "".join(f"\\u{ord(one):04x}" if ord(one) < 0x10000 else one for one in text)
    path.write_text(
        f'kind = "condition"\ntitle = "{title}"\n[conditions]\nsuperintendent_turnover = 0.123456\n'
        '[[events]]\ntype = "crisis"\nmonth = 24\nload = 0.987654\n',
        encoding="utf-8",
    )
    return lambda: main(["show", "small-rural", str(path), "web_of_support"])


def _counts(monkeypatch, folder, text):
    nodes, edges = [(0, text)] * 12_345, [(0, 1, text)] * 54_321
    people: Any = SimpleNamespace(nodes=lambda **_: nodes, edges=lambda **_: edges)
    return lambda: graph._say_counts(people)


def _live(monkeypatch, folder, text):
    row = {"month": -1_234, "among": text, "kind": text, "ties": 54_321}
    shares = dict.fromkeys(("strength", "reciprocity", "transitivity", "new", "lost"), 0.75)
    return lambda: graph._say_live([{**row, **shares}] * 2, several=True)


def _compare(monkeypatch, folder, text):
    runs = measure_runs(fabricate.comparison(STRATEGIES, ("stable", "severe")), "status_quo")
    runs["cost_above_reference"] *= 1e6
    posterior = stand_in(file=text)
    titles = {name: f"{name} {text}" for name in (*STRATEGIES, "stable", "severe", "testville")}
    return lambda: compare_table.print_comparison(runs, "status_quo", titles, posterior)


def _whatif(monkeypatch, folder, text):
    both = [
        series_frame([fabricate.result("web", one, gain=gain, noise=gain) for one in range(3)])
        for gain in (12_345.678, 0.01)
    ]
    differences = paired_differences(both[0], both[1])
    effects = change_effects(differences, 0)
    titles = {name: f"{name} {text}" for name in ("web", "stable", "testville")}
    effects["sentence"] = [in_words(row, titles) for row in effects.to_dict("records")]
    unchanged = fabricate.scenario("web")
    asked = [stand_in(unchanged=unchanged, since=0, marks={text: 0}, notes=())]
    paths, posterior = difference_paths(differences), stand_in(file=text)
    return lambda: whatif_table.print_whatif(asked, differences, paths, effects, titles, posterior)


def _contrast(monkeypatch, folder, text):
    sides: Any = []
    for lost in (0.0, 45.678):
        runs = [fabricate.result("status_quo", one, noise=1.0) for one in range(3)]
        runs += [
            fabricate.result("web", one, gain=12_345.678 - lost, noise=0.5) for one in range(3)
        ]
        sides.append(gains(series_frame(runs), "status_quo"))
    titles = {name: f"{name} {text}" for name in ("web", "status_quo", "stable", "testville")}
    shares, posterior = gain_shares(sides[0], sides[1], 12), stand_in(file=text)
    shares["sentence"] = [said(row, titles) for row in shares.to_dict("records")]
    table = contrast_table.print_contrast
    return lambda: table(shares, [text], 12, "status_quo", titles, posterior)


def _outcomes(monkeypatch, folder, text):
    rows = [Change("a", f"{text} {nth}", text, BIG, -BIG, -BIG, BIG, 0.123) for nth in range(4)]
    return lambda: run._say_outcomes(rows, 3)


def _events(monkeypatch, folder, text):
    rows = [Happening(text, text, BIG, 1e6, 2e6, 123.0)] * 2
    return lambda: run._say_events(rows, 3)


def _dated_plan(monkeypatch, folder, text):
    years = [PlanYear(nth + 1, text, {"coaching_seats": (BIG, -BIG)}, BIG, BIG) for nth in range(3)]
    return lambda: plan_tables.say_plan(years, in_part=True)


def _grants(monkeypatch, folder, text):
    grant = Grant(
        title=text,
        month=12,
        months=345,
        dollars=9_876.54,
        lines=("coaches",),
        taper_years=3,
        stands_in=0.5,
    )
    composed = stand_in(
        scenario=stand_in(grants=(grant, grant)),
        origins={f"grants.{nth}": Origin(text, 12_345) for nth in range(2)},
    )
    return lambda: plan_tables.say_grants(composed)


def _money(monkeypatch, folder, text):
    years = [MoneyYear(nth + 1, *[BIG] * 6) for nth in range(3)]
    return lambda: plan_tables.say_money(years)


def _params(monkeypatch, folder, text):
    return params.params


def _summary(monkeypatch, folder, text):
    names = [f"{name} {text}" for name in STRATEGIES]
    row = {"measure": "leadership_gain_end", "replicates": 4, "next_best": text}
    differences = np.array([BIG, BIG / 2, 1.5 * BIG, BIG])
    numbers = asdict(summarise_pairs(differences))
    numbers |= {f"lead_{name}": value for name, value in numbers.items()}
    cells = pd.DataFrame(
        [
            {"strategy": name, PIPELINE: value, **row, **numbers}
            for name in names
            for value in (1, 2)
        ]
    )
    found = stand_in(
        headline="leadership_gain_end",
        base=text,
        overall=cells[cells[PIPELINE] == 1],
        steps=(PIPELINE,),
        experiment=stand_in(uncertainties={}, parameter_uncertainty=stand_in(file=text)),
        runs=pd.concat([cells.assign(replicate=nth) for nth in range(4)]),
        by=lambda *_: cells,
        notes=(text,),
        failed=cells,
    )
    return lambda: summary.show_summary(found, [folder / "summary.md"])


def _plan(monkeypatch, folder, text):
    monkeypatch.setattr(
        "reformsim.experiments.estimate.estimate",
        lambda *_: Estimate(6, 1_234_567, 12_345.0, 9_876_543_210, True, 123_456, 8_765_432_109),
    )
    made = Plan(experiment(title=text, question=text, replicates=1_000_000))
    return lambda: experiment_plan._show(made)


def _check(monkeypatch, folder, text):
    coverage = [Coverage(f"{text} {nth}", 1234, 5678, 0.111, 0.222, 0.5) for nth in range(3)]
    targets = stand_in(name="mine")
    monkeypatch.setattr(calibrate, "announce_compiling", lambda **_: None)
    monkeypatch.setattr(calibrate, "_asked", lambda *_: targets)
    monkeypatch.setattr("reformsim.calibration.check", lambda *_: [])
    monkeypatch.setattr("reformsim.calibration.coverage", lambda _: coverage)
    monkeypatch.setattr("reformsim.report.calibration.write_check", lambda *_: folder / "check.md")
    return lambda: calibrate.check(text, quiet=True)


def _statistics(monkeypatch, folder, text):
    return calibrate.statistics


def _calibrated(monkeypatch, folder, text):
    numbers = {"prior_low": -BIG, "prior_high": BIG, "median": 0.5, "low_80": 0.25, "high_80": BIG}
    parameters = [
        {"parameter": f"{text} {nth}", **numbers, "width": 0.1, "moved": nth} for nth in (0, 1)
    ]
    found = stand_in(
        targets=stand_in(title=text),
        parameters=pd.DataFrame(parameters),
        predictive=pd.DataFrame({"met": [True, False], "statistic": [text, text]}),
        folder=folder / text.replace("/", ""),
    )
    page = lambda *_: folder / "calibration.md"
    monkeypatch.setattr("reformsim.report.calibration.write_calibration", page)
    return lambda: calibrate._finish(found, ("png",), as_json=False)


def _sensitivity(monkeypatch, folder, text):
    outcomes = [outcome_key(measure, text) for measure in HEADLINES]
    outcomes += [outcome_key(measure, LEAD) for measure in RANKED]
    row = {"strategy": text, "than": text, "holds": 0.97, **PAIRED}
    found = stand_in(
        conclusions=pd.DataFrame(
            [
                {"measure": "leadership_gain_end", **row, "sensitive_to": (text, "b")}
                for _ in range(2)
            ]
        ),
        importance=pd.DataFrame(1.0, index=[text, "b"], columns=outcomes),
        best=text,
        experiment=stand_in(replicates=12),
        tried=123,
        unmoved=(text,),
    )
    return lambda: sensitivity._show_sensitivity(found)


def _structure(monkeypatch, folder, text):
    row = {"measure": text, "aspect": text, "variant": text, "best": text, "tau": 0.25}
    rankings = pd.DataFrame([{**row, **PAIRED}] * 2)
    found = stand_in(rankings=rankings, experiment=stand_in(replicates=12))
    return lambda: sensitivity._show_structure(found)


def _verified(monkeypatch, folder, text):
    setting = stand_in(names=stand_in(district=text))
    found = [Verification(123_456, 98_765_432_109, None)] * 2
    return lambda: verify._say_summary([setting, setting], found)


def _validated(monkeypatch, folder, text):
    found = [
        Finding(row, one, BIG, -BIG, BIG, 20, nth % 2 == 0, text)
        for nth, row in enumerate(ROWS)
        for each in row.measurements
        for one in each.statistics
    ]
    return lambda: validate._show(found)


def _answer(monkeypatch, folder, text):
    numbers = [Column(f"column_{nth}", "double") for nth in range(30)]
    columns = [Column(text, "varchar"), *numbers, Column("last", "varchar")]
    rows = [
        (first, *(str(value * (nth + 1)) for nth in range(30)), text)
        for first, value in ((text, BIG), (f"{text} 7", -BIG), ("x", 0.5))
    ]
    return lambda: query._show(Answer(columns, iter(rows), lambda count: count))


CASES = {
    "calibrate._finish": _calibrated,
    "calibrate.check": _check,
    "calibrate.statistics": _statistics,
    "compare_table.print_comparison": _compare,
    "contrast_table.print_contrast": _contrast,
    "experiment_plan._show": _plan,
    "experiment_plan._show_points": _plan,
    "graph._say_counts": _counts,
    "graph._say_live": _live,
    "params._print_tables": _params,
    "query._show": _answer,
    "run._say_events": _events,
    "run._say_outcomes": _outcomes,
    "scenarios._list_measures": _list_measures,
    "scenarios._list_series": _list_series,
    "plan_tables.say_events": _show,
    "plan_tables.say_grants": _grants,
    "plan_tables.say_money": _money,
    "plan_tables.say_plan": _dated_plan,
    "scenarios.list_scenarios": _list,
    "scenarios.show": _show,
    "sensitivity._show_sensitivity": _sensitivity,
    "sensitivity._show_structure": _structure,
    "summary._show_headline": _summary,
    "validate._show": _validated,
    "verify._say_summary": _verified,
    "whatif_table.print_whatif": _whatif,
}
OWN = {
    "calibrate.statistics",
    "params._print_tables",
    "scenarios._list_measures",
    "scenarios._list_series",
    "plan_tables.say_money",
}
"""What prints nothing of a user's."""
