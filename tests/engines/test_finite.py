"""A state that is not finite stops the run, with month, stage, seat and variable."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from anything import some
from hypothesis import given, settings
from hypothesis import strategies as st

from reformsim.engines import onset, simulate
from reformsim.engines.compiled import engine, layout
from reformsim.engines.compiled.build import build as build_state
from reformsim.engines.finite import NotFinite, check_record
from reformsim.engines.reference import leaders, model, recording, succession, teachers
from reformsim.errors import ReformsimError
from reformsim.scenario import District, Scenario
from reformsim.scenario.coefficients import Coefficients
from reformsim.scenario.conditions import Conditions
from reformsim.scenario.levers import Levers


@pytest.fixture
def short(busy: Scenario) -> Scenario:
    """The busy district over a year of warm-up and a year after the launch."""
    return busy.replace(horizon={"years": 1, "warm_up_years": 1})


def stopped(scenario: Scenario, engine: str) -> str:
    """Return what a run that must not end says."""
    with pytest.raises(ReformsimError) as caught:
        simulate(scenario, 3, engine=engine)
    assert not isinstance(caught.value, NotFinite)  # it says where
    (problem,) = caught.value.problems
    assert "a coefficient or a changed equation has led it there" in str(problem)
    return str(problem)


class TestAnEquationOfTheReference:
    """The equation gives what is not finite from one of its calls on, whatever run is lived."""

    def plant(
        self, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, call: int, wrong: float
    ) -> None:
        right = getattr(module, name)
        started, calls = model.DistrictModel.__init__, [0]

        def start(self: Any, *arguments: Any) -> None:
            calls[0] = 0
            started(self, *arguments)

        def planted(*arguments: Any) -> Any:
            calls[0] += 1
            return wrong if calls[0] > call else right(*arguments)

        monkeypatch.setattr(model.DistrictModel, "__init__", start)
        monkeypatch.setattr(module, name, planted)

    @pytest.mark.parametrize(
        ("module", "name", "call", "expected"),
        [
            (teachers, "next_strain", 0, (-12, "strain", "teacher-0-0", "teacher.strain")),
            (teachers, "next_strain", 42 * 3 + 41, (-9, "strain", "teacher-3-9", "teacher.strain")),
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
            (
                model,
                "next_capital",
                4,
                (-8, "politics", "superintendent", "superintendent.political_capital"),
            ),
            (model, "next_outcome", 5, (-11, "outcome", "school-1", "school.outcome")),
            (model, "trend", 2, (-10, "environment", "district", "district.trend")),
            (succession, "next_bench", 2, (-10, "turnover", "district", "district.bench")),
            (recording, "seats_cost", 0, (5, "record", "district", "series.cost_per_pupil")),
        ],
    )
    def test_one_call(
        self,
        monkeypatch: pytest.MonkeyPatch,
        short: Scenario,
        module: Any,
        name: str,
        call: int,
        expected: tuple[int, str, str, str],
    ) -> None:
        self.plant(monkeypatch, module, name, call, math.nan)
        month, stage, seat, variable = expected
        said = f"month {month}, stage {stage}, seat {seat}, variable {variable} is not finite"
        assert said in stopped(short, "reference")

    def test_an_infinity(self, monkeypatch: pytest.MonkeyPatch, short: Scenario) -> None:
        self.plant(monkeypatch, model, "next_outcome", 5, -math.inf)
        said = stopped(short, "reference")
        assert "month -11, stage outcome, seat school-1, variable school.outcome" in said
        assert said.endswith("found -inf")

    def test_the_run_stops_in_the_month(
        self, monkeypatch: pytest.MonkeyPatch, short: Scenario
    ) -> None:
        self.plant(monkeypatch, teachers, "next_strain", 42 * 3, math.nan)
        months: list[int] = []
        with pytest.raises(ReformsimError, match="month -9"):
            simulate(
                short, 3, engine="reference", progress=lambda done, _total: months.append(done)
            )
        assert months == [1, 2, 3]

    def test_a_newcomer(self, monkeypatch: pytest.MonkeyPatch, short: Scenario) -> None:
        monkeypatch.setattr(succession, "insider_ability", lambda *_given: math.nan)
        monkeypatch.setattr(succession, "outsider_ability", lambda *_given: math.nan)
        said = stopped(short, "reference")
        assert "stage turnover, seat principal-" in said
        assert "variable principal.practice" in said

    def test_an_error_that_has_another_cause_is_passed_on(
        self, monkeypatch: pytest.MonkeyPatch, short: Scenario
    ) -> None:
        def broken(*_given: float) -> float:
            raise ZeroDivisionError("of its own")

        monkeypatch.setattr(teachers, "next_strain", broken)
        with pytest.raises(ZeroDivisionError, match="of its own"):
            simulate(short, 3, engine="reference")


@pytest.mark.parametrize(
    ("table", "field", "place", "wrong", "expected"),
    [
        (
            "schools",
            "conviction",
            3,
            math.nan,
            "learning, seat principal-3, variable principal.learnt",
        ),
        ("schools", "outcome", 2, math.inf, "outcome, seat school-2, variable school.outcome"),
        ("learnt", "", 0, math.nan, "learning, seat teacher-0-0, variable teacher.learnt"),
        ("experience", "", 41, math.nan, "turnover, seat teacher-3-9, variable teacher.experience"),
        ("tenure", "", 7, math.inf, "turnover, seat teacher-0-7, variable teacher.tenure"),
        (
            "supervisors",
            "practice",
            0,
            -math.inf,
            "support, seat principal-0, variable principal.partner",
        ),
        ("d", "bench", 0, math.nan, "turnover, seat district, variable district.bench"),
        (
            "d",
            "political_capital",
            0,
            math.nan,
            "budget, seat district, variable district.protection",
        ),
    ],
)
def test_a_wrong_beginning_of_the_compiled_engine(
    monkeypatch: pytest.MonkeyPatch,
    short: Scenario,
    table: str,
    field: str,
    place: int,
    wrong: float,
    expected: str,
) -> None:
    build = build_state

    def planted(*arguments: Any, **options: Any) -> layout.State:
        state = build(*arguments, **options)
        values = getattr(state if hasattr(state, table) else state.teachers, table)
        where = values[field] if field and table != "d" else values
        where[field if table == "d" else place] = wrong
        return state

    monkeypatch.setattr(engine, "build", planted)
    assert stopped(short, "compiled").startswith(f"month -12, stage {expected} is not finite")


@st.composite
def extremes(draw: st.DrawFn) -> Scenario:
    """Return a district with levers, conditions and coefficients at the ends of what is allowed."""
    schools = draw(st.integers(1, 9))
    district = District(
        schools=schools,
        teachers=schools * draw(st.integers(1, 5)),
        enrolment=draw(st.sampled_from([1, 700, 10**8])),
    )
    return Scenario(district=district).replace(
        conditions=draw(some(Conditions, "conditions")),
        baseline=draw(some(Levers, "levers")),
        levers=draw(some(Levers, "levers")),
        coefficients=draw(some(Coefficients, "coefficients")),
        horizon={"years": 2, "warm_up_years": 1},
    )


class TestWhatIsAllowed:
    """No scenario within bounds stops, hangs, or divides by zero, in either engine."""

    @pytest.mark.slow
    @settings(max_examples=200, derandomize=True, database=None)
    @given(extremes(), st.integers(0, 2**32 - 1))
    def test_compiled(self, scenario: Scenario, seed: int) -> None:
        simulate(scenario, seed)
        assert onset.onset(scenario, seed, 0, "compiled") is None

    @settings(max_examples=25, derandomize=True, database=None)
    @given(extremes(), st.integers(0, 2**32 - 1))
    def test_reference(self, scenario: Scenario, seed: int) -> None:
        simulate(scenario, seed, engine="reference")


class TestTheRecord:
    def test_principals_of_vacant_seats_are_undefined_and_no_others(self, short: Scenario) -> None:
        found = simulate(short, 3)
        now = int(np.argwhere(found.schools["vacant"].any(axis=1))[0][0])
        district = {name: values[now] for name, values in found.district.items()}
        schools = {name: values[now].copy() for name, values in found.schools.items()}
        assert np.isnan(schools["support"]).any()
        check_record(district, schools, now)
        schools["support"][np.argmin(schools["vacant"])] = math.nan
        with pytest.raises(NotFinite, match=f"month {now}"):
            check_record(district, schools, now)
