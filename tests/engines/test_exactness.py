"""The compiled engine agrees with the reference bit for bit, and a difference would be found."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import numpy as np
import pytest
from anything import some
from districts import WEB, small
from exactness import EXAMPLES, assert_equal, check, scenarios
from hypothesis import HealthCheck, given, settings

from reformsim.district.network import node
from reformsim.district.seats import Role, shares
from reformsim.engines import simulate, simulate_paired, trace
from reformsim.engines.compiled import engine, layout
from reformsim.engines.compiled.build import build as build_state
from reformsim.engines.reference import leaders, model, succession, teachers
from reformsim.scenario import Scenario
from reformsim.scenario.levers import Levers
from reformsim.scenario.loading import builtin_files, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


CHURN = {
    "superintendent_turnover": 4.0,
    "principal_turnover": 3.0,
    "teacher_turnover": 2.0,
    "shock_rate": 0.5,
    "labour_tightness": 0.7,
}


def survey(scenario: Scenario, draw: Callable[..., Any], path: Path) -> Scenario:
    """Return the scenario with a loaded network of random advice and cohort ties."""
    sizes = shares(scenario.district.teachers, scenario.district.schools)
    heads = [node(Role.PRINCIPAL, school) for school in range(len(sizes))]
    staff = [
        node(Role.TEACHER, school, i) for school, size in enumerate(sizes) for i in range(size)
    ]
    lines = ["source,target,kind,trust"]
    for kind, people in (("cohort", heads), ("advice", staff)):
        one = st.sampled_from(people)
        pairs = draw(st.lists(st.tuples(one, one), max_size=40, unique_by=frozenset))
        for giver, receiver in pairs:
            trust = ""
            if kind == "cohort":
                trust = str(draw(st.one_of(st.just(""), st.floats(0, 1))))
            if giver != receiver:
                lines.append(f"{giver},{receiver},{kind},{trust}")
    if len(lines) == 1:
        return scenario
    path.write_text("\n".join(lines) + "\n")
    return scenario.replace(district={"network": str(path)})


class TestAnyDistrict:
    @settings(max_examples=EXAMPLES, derandomize=True, database=None)
    @given(scenarios(), st.integers(0, 2**32 - 1), st.integers(0, 5))
    def test_generated_networks(self, scenario: Scenario, seed: int, replicate: int) -> None:
        check(scenario, seed, replicate)

    @settings(
        max_examples=max(10, EXAMPLES // 2),
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(scenarios(), st.data(), st.integers(0, 2**32 - 1))
    def test_loaded_networks(
        self, tmp_path: Path, scenario: Scenario, data: st.DataObject, seed: int
    ) -> None:
        check(survey(scenario, data.draw, tmp_path / "ties.csv"), seed)


CORNERS: dict[str, dict[str, Any]] = {
    "as many teachers as schools": {"schools": 7, "teachers": 7},
    "one school": {"schools": 1, "teachers": 1, "levers": WEB | {"coaching_seats": 30}},
    "more coaches than schools": {
        "schools": 3,
        "teachers": 101,
        "levers": {"teachers_per_coach": 5.0},
        "conditions": CHURN,
    },
    "staff grows and shrinks": {
        "schools": 29,
        "teachers": 90,
        "baseline": {"span_of_control": 4.0, "teachers_per_coach": 9.0},
        "levers": {"span_of_control": 3.0, "teachers_per_coach": 300.0, "protection": 0.0},
        "conditions": CHURN | {"shock_depth": 0.5},
    },
    "a contract longer than the run": {
        "schools": 26,
        "teachers": 60,
        "levers": {"coaching_seats": 25, "coaching_start": 3, "coaching_months": 300},
        "conditions": CHURN,
    },
    "a contract that a superintendent cancels": {
        "levers": WEB | {"coaching_start": 1, "coaching_months": 60, "protection": 0.0},
        "events": [{"type": "superintendent_departure", "month": m} for m in (2, 3, 4, 5)],
    },
    "everyone always leaves": {
        "schools": 9,
        "teachers": 40,
        "levers": WEB,
        "conditions": {
            "superintendent_turnover": 10.0,
            "principal_turnover": 10.0,
            "teacher_turnover": 10.0,
            "labour_tightness": 1.0,
        },
    },
    "more events than there is room for at first": {
        "schools": 60,
        "teachers": 60,
        "levers": {"pipeline": 1.0},
        "events": [
            {"type": "principal_departure", "month": month, "school": school}
            for month in range(-12, 48)
            for school in range(60)
        ],
    },
    "a pilot, then equity": {
        "schools": 13,
        "teachers": 70,
        "levers": WEB | {"pilot_months": 17, "equity_weight": 1.0},
        "conditions": CHURN,
    },
}


@pytest.mark.parametrize("corner", CORNERS)
def test_corners(corner: str) -> None:
    check(small(**CORNERS[corner]), seed=5)


class TestRecords:
    def test_whole_records_are_equal(self, busy: Scenario) -> None:
        for seed in (1, 2):
            one = simulate(busy, seed, 3, engine="reference")
            assert_equal(engine.run(busy, seed, 3), one)
            assert one.events


class TestSharedWarmUps:
    """Runs that share a warm-up are what they are alone."""

    @settings(max_examples=EXAMPLES, derandomize=True, database=None)
    @given(
        scenarios(),
        st.lists(some(Levers, "levers"), min_size=1, max_size=4),
        st.integers(0, 2**32 - 1),
    )
    def test_any_strategies(
        self, scenario: Scenario, strategies: list[dict[str, float]], seed: int
    ) -> None:
        variants = [scenario, *(scenario.replace(levers=levers) for levers in strategies)]
        for variant, result in zip(variants, simulate_paired(variants, seed, 2), strict=True):
            assert_equal(result, simulate(variant, seed, 2))

    def test_other_conditions_have_a_warm_up_of_their_own(self) -> None:
        plain, other = small(), small(conditions=CHURN)
        variants = [plain, small(levers=WEB), other, plain]
        for variant, result in zip(variants, simulate_paired(variants, 3, 1), strict=True):
            assert_equal(result, simulate(variant, 3, 1))

    def test_more_events_than_there_is_room_for(self) -> None:
        crowded = small(**CORNERS["more events than there is room for at first"])
        variants = [crowded, crowded.replace(levers={"pipeline": 0.0})]
        for variant, result in zip(variants, simulate_paired(variants, 3, 1), strict=True):
            assert_equal(result, simulate(variant, 3, 1))


@pytest.fixture
def short(busy: Scenario) -> Scenario:
    """The busy district over a year of warm-up and a year after the launch."""
    return busy.replace(horizon={"years": 1, "warm_up_years": 1})


class TestPlantedDifferences:
    """What is planted is found: in its month and stage, with its agent and variable."""

    def plant(
        self, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, call: int
    ) -> Iterator[int]:
        """Let one call of an equation of the reference, counted from 0, be off by an ulp."""
        right, calls = getattr(module, name), iter(range(10**9))

        def wrong(*arguments: Any) -> float:
            value: float = right(*arguments)
            return float(np.nextafter(value, 0.5)) if next(calls) == call else value

        monkeypatch.setattr(module, name, wrong)
        return calls

    @pytest.mark.parametrize(
        ("module", "name", "call", "expected"),
        [
            (teachers, "next_strain", 0, (-12, "strain", "teacher-0-0", "teacher.strain")),
            (teachers, "next_strain", 41, (-12, "strain", "teacher-3-9", "teacher.strain")),
            (teachers, "next_strain", 42 * 3, (-9, "strain", "teacher-0-0", "teacher.strain")),
            (
                teachers,
                "next_embeddedness",
                12,
                (-12, "trust", "teacher-1-1", "teacher.embeddedness"),
            ),
            (leaders, "next_isolation", 2, (-12, "strain", "principal-2", "principal.isolation")),
            (
                leaders,
                "principal_workload",
                13,
                (-9, "workload", "principal-1", "principal.workload"),
            ),
            (model, "school_leadership", 7, (-11, "support", "school-3", "school.leadership")),
            (model, "next_readiness", 13, (1, "politics", "district", "district.readiness")),
            (model, "next_capital", 4, (-8, "politics", "superintendent", None)),
            (succession, "next_bench", 2, (-10, "turnover", "district", "district.bench")),
        ],
    )
    def test_one_call_of_an_equation(
        self,
        monkeypatch: pytest.MonkeyPatch,
        short: Scenario,
        module: Any,
        name: str,
        call: int,
        expected: tuple[int, str, str, str | None],
    ) -> None:
        assert trace.first_difference(short, 3) is None
        self.plant(monkeypatch, module, name, call)
        found = trace.first_difference(short, 3)
        assert found is not None
        month, stage, agent, variable = expected
        assert (found.month, found.stage, found.agent) == (month, stage, agent)
        assert found.variable == (variable or "superintendent.political_capital")
        assert found.reference != found.compiled
        assert all(str(part) in str(found) for part in expected if part is not None)

    @pytest.mark.parametrize(
        ("column", "place", "field", "expected"),
        [
            ("schools", 0, "conviction", ("learning", "principal-0", "principal.learnt")),
            ("schools", 3, "person", ("turnover", "principal-3", "principal.person")),
            ("schools", 0, "previous_back", ("turnover", None, "tie.partnership_back_before")),
            ("practice", 5, "", ("learning", "teacher-0-4", "teacher.learnt")),  # of the same team
            ("experience", 41, "", ("turnover", "teacher-3-9", "teacher.experience")),
        ],
    )
    def test_a_wrong_beginning(
        self,
        monkeypatch: pytest.MonkeyPatch,
        scenario: Scenario,
        column: str,
        place: int,
        field: str,
        expected: tuple[str, str | None, str],
    ) -> None:
        build = build_state

        def wrong(*arguments: Any) -> layout.State:
            state = build(*arguments)
            table = getattr(state if column == "schools" else state.teachers, column)
            if field:
                table[field][place] = table[field][place] * 0.9 + 1.0
            else:
                table[place] = table[place] * 0.99 + 0.001
            return state

        monkeypatch.setattr(engine, "build", wrong)
        found = trace.first_difference(scenario, 3)
        assert found is not None
        assert found.month == scenario.first_month
        stage, agent, variable = expected
        assert (found.stage, found.variable) == (stage, variable)
        assert found.agent == (agent or "principal-0 → leadership-support-0")

    def test_a_tie(self, monkeypatch: pytest.MonkeyPatch, busy: Scenario) -> None:
        self.plant(monkeypatch, leaders, "next_trust", 0)
        found = trace.first_difference(busy, 3)
        assert found is not None
        tie = "leadership-support-0 → principal-0"
        assert (found.stage, found.agent, found.variable) == ("trust", tie, "tie.partnership")

    def test_someone_who_stays_in_one_engine_only(
        self, monkeypatch: pytest.MonkeyPatch, scenario: Scenario
    ) -> None:
        monkeypatch.setattr(teachers, "teacher_hazard", lambda *_arguments: 0.0)
        found = trace.first_difference(scenario, 3)
        assert found is not None
        assert (found.stage, found.variable) == ("turnover", "teacher.person")
        assert found.month % 12 == 11

    def test_an_event(self, monkeypatch: pytest.MonkeyPatch, short: Scenario) -> None:
        kinds = ("departed", *layout.KINDS[1:])
        monkeypatch.setattr(layout, "KINDS", kinds)
        found = trace.first_difference(short, 3)
        assert found is not None
        assert (found.stage, found.variable) == ("record", "event")
        assert "'departure'" in str(found)
        assert "'departed'" in str(found)


def names(kind: str) -> list[str]:
    """Return the built-in scenarios of a kind."""
    return [file.name for file in builtin_files() if file.kind == kind]


LARGER = ("mid-size", "mesa-public-schools", "large-urban")
COVERED = (names("condition"), names("strategy"))
PAIRS = [
    (strategy, COVERED[0][(3 * number + turn) % len(COVERED[0])])
    for number, strategy in enumerate(COVERED[1])
    for turn in range(3)
]
"""Each strategy under three conditions, and each condition about as often; `verify --all` tries all."""


@pytest.mark.slow
class TestBuiltIn:
    @pytest.mark.parametrize(("strategy", "condition"), PAIRS)
    def test_small_rural(self, strategy: str, condition: str) -> None:
        years = ["horizon.years=4", "horizon.warm_up_years=1"]
        check(load("small-rural", condition, strategy, overrides=years), seed=11)

    @pytest.mark.parametrize("number", range(max(map(len, COVERED))))
    @pytest.mark.parametrize("district", LARGER)
    def test_larger_districts(self, district: str, number: int) -> None:
        """Each condition and each strategy at least once, in other pairs for each district."""
        conditions, strategies = COVERED
        condition = conditions[number % len(conditions)]
        strategy = strategies[(number + 3 * LARGER.index(district)) % len(strategies)]
        years = ["horizon.years=1", "horizon.warm_up_years=1"]
        check(load(district, condition, strategy, overrides=years), seed=12)

    def test_a_whole_run(self) -> None:
        check(load("small-rural", "severe-recession", "web_of_support"), seed=13)


PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from districts import WEB, digest, small
from reformsim.engines.compiled.engine import run
print(digest(run(small(levers=WEB, conditions={"superintendent_turnover": 4.0}), 7, 3)))
"""


@pytest.mark.slow
def test_the_same_seed_gives_the_same_run_in_any_process() -> None:
    helpers = str(Path(__file__).parents[1] / "helpers")
    prints = set()
    for hashseed in ("0", "1", "4242"):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, helpers],
            env=os.environ | {"PYTHONHASHSEED": hashseed},
            capture_output=True,
            text=True,
            check=True,
        )
        prints.add(done.stdout.strip())
    assert len(prints) == 1
