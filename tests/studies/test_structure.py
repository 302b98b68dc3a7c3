"""Variants of the structure: each changes one thing, and the order of the month is what it says."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from reformsim.analysis import run_measures
from reformsim.engines import simulate
from reformsim.experiments.definition import Definition
from reformsim.experiments.experiment import Options
from reformsim.scenario.loading import compose
from reformsim.studies import structure
from reformsim.studies.sensitivity_runs import RANKED
from reformsim.theory.schedule import OTHER_ORDERS, STAGES

STRATEGIES = ["status_quo", "web_of_support", "external_coaching"]


@pytest.fixture
def base() -> Definition:
    return Definition.model_validate(
        {
            "title": "Tiny",
            "districts": ["small-rural"],
            "strategies": STRATEGIES,
            "replicates": 2,
            "horizon": {"years": 2, "warm_up_years": 1},
        }
    )


@pytest.mark.parametrize("order", OTHER_ORDERS.values(), ids=list(OTHER_ORDERS))
def test_other_orders_have_every_stage_once_and_open_and_end_alike(order):
    assert sorted(order) == sorted(STAGES)
    assert order != STAGES
    assert order[:2] == STAGES[:2]
    assert order[-1] == STAGES[-1] == "record"


def test_a_variant_changes_one_thing(base, tmp_path):
    usual = compose("small-rural", overrides=["horizon.years=2", "horizon.warm_up_years=1"])
    survey = tmp_path / "survey.csv"
    survey.write_text(structure._popularity(usual.scenario, 1))
    sections = {"horizon": "horizon", "size": "district", "network": "district", "all": None}
    seen: Counter[str] = Counter()
    for variant in structure.variants(base, survey):
        cell = (variant.cell, "stable", "status_quo")
        made = structure._composed(base, cell, variant.overrides)
        assert made.names.district == variant.cell
        own = {
            name
            for name in ("district", "conditions", "coefficients", "horizon", "levers")
            if getattr(made, name) != getattr(usual.scenario, name)
        }
        assert own <= {sections[variant.aspect]}
        seen[variant.aspect] += bool(own)
        if variant.aspect == "size":
            ratio = made.district.teachers / made.district.schools
            assert ratio == pytest.approx(140 / 6, abs=0.1)
            assert made.district.enrolment / made.district.teachers == pytest.approx(15, abs=0.1)
    # Six schools and chosen ties are what the district has.
    assert seen == {"horizon": 4, "size": 3, "network": 5, "all": 0}


def test_the_made_up_survey_has_a_few_whom_many_ask(base):
    district = compose("mid-size").scenario
    ties = [line.split(",") for line in structure._popularity(district, 1).splitlines()[1:]]
    given = Counter(giver for giver, _, _ in ties)
    assert 4 <= len(ties) / district.district.teachers <= 6
    assert max(given.values()) > 3 * np.median(list(given.values()))
    assert {(giver, asker) for giver, asker, _ in ties} == {(b, a) for a, b, _ in ties}


def test_the_usual_order_is_the_model_and_another_is_not(base):
    rows = {
        order: pd.DataFrame(structure._in_order(base, order, 1)).set_index("strategy")
        for order in ("as it is", "departures first")
    }
    small = structure._sized(base, structure.SMALL)
    results = {
        name: simulate(
            structure._composed(base, ("order: as it is", "stable", name), small), base.seed, 1
        )
        for name in STRATEGIES
    }
    for name, result in results.items():
        for measure, value in run_measures(result, results["status_quo"]).items():
            np.testing.assert_equal(rows["as it is"].loc[name, measure], value)
    gains = [table["leadership_gain_end"]["web_of_support"] for table in rows.values()]
    assert gains[0] != gains[1]


@pytest.mark.slow
def test_what_is_said_of_the_variants(base, tmp_path, monkeypatch):
    monkeypatch.setattr(structure, "SCHOOLS", (6, 8))
    monkeypatch.setattr(structure, "YEARS", (1, 2))
    status = structure.run_variants(base, tmp_path, Options(workers=2))
    assert status.complete
    again = structure.run_variants(base, tmp_path, Options(workers=2))
    assert again.bytes == status.bytes
    orders = structure.runs_in_order(base, 2, workers=2)
    found = structure.structure_of(tmp_path, orders)
    table = found.rankings.set_index(["aspect", "variant", "measure"])
    for measure in RANKED:
        assert table.loc[("all", structure.AS_IT_STANDS, measure), "tau"] == 1
        same = ("difference", "low", "high", "best")
        for usual in (("network", "chosen"), ("horizon", "2 years"), ("size", "6 schools")):
            for name in same:
                values = table[name]
                assert values[*usual, measure] == values["all", structure.AS_IT_STANDS, measure]
        assert (table["difference"] >= 0).all()
    assert set(found.rankings["aspect"]) == {"all", "horizon", "size", "network", "order"}
    assert found.order_of("horizon") == ["1 years", "2 years"]
    assert found.orders_of == 2


def test_all_workers_have_the_district_as_it_was_read_first(base, tmp_path):
    """A worker is a new process: what it read itself could be another file by now."""
    own = tmp_path / "ours.toml"
    text = 'kind = "district"\ntitle = "Ours"\nextends = ["small-rural"]\n[conditions]\n'
    own.write_text(text)
    made = base.model_copy(update={"districts": (str(own),), "strategies": ("status_quo",)})
    wanted = repr(structure._in_order(made, "as it is", 0))
    given = structure._in_small(made, "as it is")
    own.write_text(f"{text}principal_turnover = 3.0\n")
    assert repr(structure._in_order(made, "as it is", 0, given)) == wanted
    assert repr(structure._in_order(made, "as it is", 0)) != wanted
