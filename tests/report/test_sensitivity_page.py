"""The pages of a sensitivity analysis and of the structure: verdicts, and that all is there."""

from __future__ import annotations

import pandas as pd
import pytest

from reformsim.experiments.definition import Definition
from reformsim.report import sensitivity as report
from reformsim.report.html import html_page
from reformsim.report.sensitivity import verdict_of, write_sensitivity, write_structure
from reformsim.studies.sensitivity import Phase, Sensitivity, Tables, outcome_key
from reformsim.studies.sensitivity_runs import HEADLINES, RANKED
from reformsim.studies.structure import ORDERS, Structure

PARAMETERS = ("coefficients.relief", "coefficients.integration")
STRATEGIES = ("web_of_support", "external_coaching")


SUMMARY = {
    "pairs": 4,
    "difference": 0.2,
    "low": 0.1,
    "high": 0.3,
    "runs": 4,
    "p05": -0.1,
    "p95": 0.4,
    "better": 3,
}
"""The columns of a paired difference."""


@pytest.mark.parametrize(
    ("low", "holds", "verdict"),
    [
        (0.1, 1.0, "robust"),
        (0.1, 0.95, "robust"),
        (0.1, 0.94, "mostly robust"),
        (0.1, 0.8, "mostly robust"),
        (0.1, 0.79, "sensitive"),
        (0.0, 1.0, "open"),
        (-0.1, 1.0, "open"),
        (float("nan"), 1.0, "open"),
    ],
)
def test_verdicts(low, holds, verdict):
    assert verdict_of({"low": low, "holds": holds}) == verdict


def experiment(**changes) -> Definition:
    given = {"title": "Made up", "strategies": ["status_quo", *STRATEGIES]}
    return Definition.model_validate(given | changes)


def keys() -> list[str]:
    of = [*STRATEGIES, "ranking", "lead", " − ".join(STRATEGIES)]
    ranked = [outcome_key(measure, one) for measure in RANKED for one in of]
    return list(
        dict.fromkeys([*(outcome_key(m, s) for m in HEADLINES for s in STRATEGIES), *ranked])
    )


def made_up(unmoved=()) -> Sensitivity:
    design = pd.DataFrame([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]], columns=list(PARAMETERS))
    outcomes = pd.DataFrame({key: [0.1, 0.2, 0.3] for key in keys()})
    effects = {"mu": 0.1, "mu_star": 0.1, "low": 0.05, "high": 0.2, "sigma": 0.1}
    shares = {f"{key}{end}": 0.4 for key in ("S1", "ST") for end in ("", "_low", "_high")}
    rows = [{"outcome": key, "parameter": name} for key in keys() for name in PARAMETERS]
    conclusions = [
        {
            "measure": measure,
            "strategy": "web_of_support",
            "than": than,
            "outcome": "x",
            **SUMMARY,
            "low": low,
            "holds": holds,
            "sensitive_to": PARAMETERS,
        }
        for measure in RANKED
        for than, low, holds in (("status_quo", 0.1, 1.0), ("external_coaching", 0.1, 0.5))
    ]
    defaults = [
        {"measure": measure, "strategy": name, "difference": 0.5 - place}
        for measure in HEADLINES
        for place, name in enumerate(STRATEGIES)
    ]
    return Sensitivity(
        experiment=experiment(),
        defaults=pd.DataFrame(defaults),
        screening=Tables(design, outcomes, pd.DataFrame([{**row, **effects} for row in rows])),
        indices=Tables(design, outcomes, pd.DataFrame([{**row, **shares} for row in rows])),
        importance=pd.DataFrame(
            {key: [2.0, 0.01] for key in keys()}, index=pd.Index(PARAMETERS, name="parameter")
        ),
        unmoved=unmoved,
        tried=7,
        phases=(Phase("defaults", 1, 20, 60),),
        conclusions=pd.DataFrame(conclusions),
    )


def test_the_page_says_what_is_robust_and_what_has_no_effect(tmp_path):
    found = made_up(unmoved=("coefficients.handover",))
    paths = write_sensitivity(found, tmp_path, command="reformsim x", version="1.2.3")
    page = paths[0].read_text(encoding="utf-8")
    assert "$ reformsim x" in page
    assert "of the points): 2; mostly robust" in page
    assert "sensitive to parameters: 2;" in page
    assert "**1 of 7 parameters have no effect on any recorded measure: `handover`.**" in page
    assert "than 0.1 SD of the outcome over all points: `integration`" in page
    assert (
        "| Web of support exceeds external coaching | +0.2 [0.1, 0.3] | −0.1 to 0.4 | 3 of 4 |"
        " 50 % | `relief`" in page.replace("\u00a0", " ")
    )
    for path in paths:
        assert path.stat().st_size > 50
        if path.suffix == ".png":
            assert f"({path.name})" in page


def test_nothing_that_changes_nothing_is_said_too(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "sensitivity_pictures", lambda _: [])
    page = write_sensitivity(made_up(), tmp_path, command="x", version="1")[0].read_text("utf-8")
    assert "All 7 parameters affect some recorded measure" in page
    assert "by a single bit: none." in page


def test_the_structure_says_when_who_is_first_changes(tmp_path):
    districts = ["all: as it stands"]
    districts += [f"{aspect}: {name}" for aspect in ("horizon", "size", "network") for name in "ab"]
    variants = [name.split(": ") for name in districts] + [["order", name] for name in ORDERS]
    effects, rankings = [], []
    for measure in RANKED:
        for aspect, variant in variants:
            best, second = STRATEGIES if (aspect, variant) != ("size", "b") else STRATEGIES[::-1]
            own = {"measure": measure, "aspect": aspect, "variant": variant}
            known = {**SUMMARY, "clear": True}
            effects += [{**own, **known, "strategy": name} for name in STRATEGIES]
            rankings.append({**own, **known, "best": best, "second": second, "tau": 0.9})
    made = Structure(
        experiment(districts=districts), 3, pd.DataFrame(effects), pd.DataFrame(rankings)
    )
    paths = write_structure(made, tmp_path, where="testville", command="reformsim x", version="1")
    page = paths[0].read_text(encoding="utf-8")
    assert page.count("web of support ranks first throughout") == 2 * 3
    assert page.count("| +0.2 [0.1, 0.3] | −0.1 to 0.4 | 3 of 4 | 0.9 |") == len(rankings) - len(
        RANKED
    )
    assert "0.3], better in 3 of 4 replicates." in page
    assert page.count("the first rank changes: web of support (a); external coaching (b)") == 2
    assert {path.name for path in paths if path.suffix == ".png"} == {
        f"{aspect}.png" for aspect in ("horizon", "size", "network", "order")
    }


def test_html_has_its_figures_inside_and_no_markup_of_others():
    made = html_page("# A\n\n![b](c.png)\n\n<b>d</b>", "T", {"c.png": b"\x89PNG"}, "1")
    assert "data:image/png;base64," in made
    assert "c.png" not in made
    assert "&lt;b&gt;d" in made
