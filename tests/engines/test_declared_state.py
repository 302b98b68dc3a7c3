"""State, series and stages are what their declarations say, in both engines."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from districts import small
from numba import njit

from reformsim.district.state import TABLES, District, School
from reformsim.engines import simulate
from reformsim.engines.compiled import layout, run
from reformsim.engines.compiled.build import unseated
from reformsim.engines.compiled.recording import leave_undefined
from reformsim.engines.reference import DistrictModel
from reformsim.engines.trace import STAGE_OF
from reformsim.record import OUTCOMES
from reformsim.theory.costs import LEVELS
from reformsim.theory.schedule import STAGES

if TYPE_CHECKING:
    from reformsim.scenario import Scenario

# What agents and places have besides their state: who and where they are, neighbours, and what a
# stage hands on within itself.
BESIDES = {
    *(
        "model",
        "unique_id",
        "pos",
        "node",
        "seat",
        "role",
        "post",
        "number",
        "index",
        "school",
        "principal",
    ),
    *(
        "teachers",
        "advisers",
        "asks",
        "team",
        "supervisor",
        "cohort",
        "peers",
        "coaches",
        "caseload",
    ),
    *("dosage", "contracted"),  # of a coach: the terms of the programme
    *("levels", "apart", "granted", "reference", "revenue_shocks"),
    *("programme", "promoted"),
    *("_learnt_next", "_conviction_next"),
}


@pytest.fixture
def model(busy: Scenario) -> DistrictModel:
    """A district in which an outside programme runs."""
    made = DistrictModel(busy)
    while made.month < 8:
        made.step()
    return made


class TestReference:
    def test_nobody_has_an_attribute_that_is_not_declared(self, model: DistrictModel) -> None:
        holders = [*model.agents, *model.schools, model.district]
        for holder in holders:
            declared = {variable.name for variable in holder.variables()}
            assert vars(holder).keys() - BESIDES <= declared, type(holder).__name__

    def test_everything_declared_is_there(self, model: DistrictModel) -> None:
        for holder in [*model.agents, *model.schools, model.district]:
            here = {variable.name for variable in holder.variables() if not variable.elsewhere}
            assert here <= vars(holder).keys(), type(holder).__name__

    def test_what_is_held_elsewhere_says_so(self, model: DistrictModel) -> None:
        with pytest.raises(AttributeError, match="this district holds no 'contract_seats'"):
            _ = model.district.contract_seats


class TestCompiled:
    def test_records_and_arrays_have_what_is_declared(self) -> None:
        fields = {
            **dict.fromkeys(("district", "superintendent"), layout.DISTRICT.names),
            **dict.fromkeys(("school", "principal"), layout.SCHOOL.names),
            **dict.fromkeys(("supervisor", "coach"), layout.STAFF.names),
            "shock": layout.SHOCK.names,
            "promoted": layout.PROMOTED.names,
            "teacher": layout.Teachers._fields,
        }
        for table in TABLES:
            if table.table in fields:
                declared = {variable.field for variable in table.variables()}
                assert declared <= set(fields[table.table] or ()), table

    def test_views_share_the_memory_that_they_show(self) -> None:
        state = unseated(small(3, 9))
        state.schools.outcome[1] = 2.5
        state.schools.vacant[2] = 7
        names = list(layout.SCHOOL.names or ())
        assert state.school_numbers[1, names.index("outcome")] == 2.5
        assert state.school_counts[2, names.index("vacant")] == 7
        state.d.bench = 0.25
        assert state.district_numbers[list(layout.DISTRICT.names or ()).index("bench")] == 0.25
        state.level_numbers[0, list(LEVELS).index("pipeline")] = 0.75
        assert state.levels.pipeline == 0.75
        state.teachers.strain[0] = 0.125
        assert state.teacher_numbers[layout.OF_TEACHERS.index("strain")][0] == 0.125

    def test_a_month_is_undefined_before_it_is_recorded(self) -> None:
        @njit
        def begin_month(s: layout.State, now: int) -> None:
            leave_undefined(s, now)

        state = unseated(small())
        for name in ("out_district", "out_schools", "out_costs"):
            getattr(state, name)[:] = 7.0
        begin_month(state, 2)
        for name in ("out_district", "out_schools", "out_costs"):
            undefined = np.isnan(getattr(state, name))
            assert undefined[:, 2].all()
            assert not undefined[:, [1, 3]].any()


def test_every_variable_has_a_stage_or_is_fixed() -> None:
    for table in TABLES:
        for variable in table.variables():
            assert variable.stage in {"", *STAGES}
            assert (variable.key in STAGE_OF) == bool(variable.stage)
            assert variable.unit
            assert variable.meaning


def test_a_table_gives_its_variables_in_the_order_of_declaration() -> None:
    assert [variable.name for variable in School.variables()][:3] == [
        *("need", "need_above_mean", "quartile"),
    ]
    assert District.variables()[0].name == "frailty"


@pytest.mark.parametrize("engine", ["compiled", "mesa"])
def test_every_series_is_written(engine: str, busy: Scenario) -> None:
    result = simulate(busy, 3, engine=engine)
    written = {
        outcome.name: result.schools if outcome.by_school else result.district
        for outcome in OUTCOMES
    }
    assert [name for name, held in written.items() if np.isnan(held[name]).all()] == []
    assert list(result.district) == [outcome.name for outcome in OUTCOMES]
    assert list(result.costs) == list(layout.COSTS)
    for spent in result.costs.values():
        assert np.isfinite(spent).all()


def test_both_engines_keep_the_order_of_the_stages() -> None:
    """The compiled engine spells it out, since it takes each person through four stages in one pass."""
    in_one_pass = {"teach": ("learning", "conviction", "strain", "trust"), "lead": ()}
    called = [
        node.func.id
        for node in ast.walk(ast.parse(inspect.getsource(getattr(run.live, "py_func", run.live))))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    kernels = [name for name in called if name in {*STAGES, *in_one_pass}]
    spelt_out = [stage for name in kernels for stage in in_one_pass.get(name, (name,))]
    assert tuple(spelt_out) == STAGES
    assert DistrictModel(small()).stages == STAGES


ORDINARY = """
import sys
sys.path.insert(0, sys.argv[1])
from districts import small
from numba import njit
from reformsim.engines import simulate
simulate(small(1, 2, horizon={"years": 1, "warm_up_years": 1}), engine=sys.argv[2])
print([name for name in sys.modules if name.startswith("reformsim") and "mechanisms" in name])
"""


@pytest.mark.parametrize("engine", ["compiled", "mesa"])
def test_an_ordinary_run_does_not_pass_through_own_mechanisms(engine: str) -> None:
    helpers = str(Path(__file__).parents[1] / "helpers")
    done = subprocess.run(
        [sys.executable, "-c", ORDINARY, helpers, engine],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
