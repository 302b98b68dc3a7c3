"""A scenario made or changed in memory is checked as one from files is, however it is made."""

from __future__ import annotations

import copy
import pickle
import sys
from typing import TYPE_CHECKING, Any, cast

import pytest

from reformsim.errors import ScenarioError
from reformsim.scenario import Conditions, District, Scenario
from reformsim.scenario.coefficients import Coefficients
from reformsim.scenario.events import Crisis
from reformsim.scenario.levers import Levers
from reformsim.scenario.loading import load

if TYPE_CHECKING:
    from collections.abc import Callable

WRONG: dict[str, Any] = {"schools": -9, "teachers": 2.5, "enrolment": 500}
SCENARIO = load("small-rural", "web_of_support")
REST = (
    "recession, permanent_cut, levy_failure, superintendent_departure, principal_departure, principal_departures, central_departure,"
    " teacher_departure, partner_departure, union_conflict, board_turnover, crisis"
)
SCHOOLS = (
    "district.schools: out of bounds; found -9; allowed: a whole number from 1 to 16,000 (schools)"
)
TEACHERS = (
    "district.teachers: must be a whole number; found 2.5;"
    " allowed: a whole number from 1 to 5,000,000 (teachers)"
)
WAYS: dict[str, Callable[[], object]] = {
    "District(…)": lambda: District(**WRONG),
    "Scenario(…)": lambda: Scenario(district=cast("Any", WRONG)),
    "model_validate": lambda: Scenario.model_validate({"district": WRONG}),
    "model_validate_json": lambda: District.model_validate_json(
        '{"schools": -9, "teachers": 2.5, "enrolment": 500}'
    ),
    "model_construct": lambda: District.model_construct(**WRONG),
    "a copy of the district": lambda: SCENARIO.district.model_copy(update=WRONG),
    "a copy of the scenario": lambda: SCENARIO.model_copy(update={"district": WRONG}),
    "replace": lambda: SCENARIO.replace(district=WRONG),
    "the deprecated copy": lambda: SCENARIO.copy(update={"district": WRONG}),
    "the deprecated construct": lambda: District.construct(**WRONG),
    "the deprecated parse_obj": lambda: District.parse_obj(WRONG),
}
if sys.version_info >= (3, 13):
    WAYS["copy.replace"] = lambda: copy.replace(SCENARIO.district, **WRONG)


def problems(make: Callable[[], object]) -> list[str]:
    with pytest.raises(ScenarioError) as raised:
        make()
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("way", WAYS)
def test_every_problem_is_said_whichever_way_it_is_made(way: str) -> None:
    assert problems(WAYS[way]) == [SCHOOLS, TEACHERS]


@pytest.mark.parametrize(
    ("make", "wanted"),
    [
        (
            lambda: SCENARIO.replace(levers={"pipelin": 0.5, "protection": 7}, levr=1),
            [
                "levers.protection: out of bounds; found 7; allowed: a number from 0 to 1",
                "levers.pipelin: unknown key (did you mean 'pipeline'?)",
                "levr: unknown key (did you mean 'levers'?)",
            ],
        ),
        (
            lambda: SCENARIO.replace(levers={"schools": 3}),
            ["levers.schools: unknown key (it belongs in district)"],
        ),
        (
            lambda: SCENARIO.replace(
                events=[{"type": "crisis", "month": 3}, {"type": "crisi", "month": 2}, {"month": 1}]
            ),
            [
                "events.0.load: missing key; allowed: a number from 0 to 2",
                (
                    'events.1.type: unknown type of event; found "crisi"; allowed: revenue_shock,'
                    f" {REST} (did you mean 'crisis'?)"
                ),
                (f"events.2.type: missing key; allowed: revenue_shock, {REST}"),
            ],
        ),
        (
            lambda: SCENARIO.replace(
                events=[{"type": "principal_departure", "month": 3, "school": 99}],
                district={"teachers": 1},
            ),
            [
                (
                    "district.teachers: teachers (1) are fewer than schools (6);"
                    " every school needs at least one"
                ),
                "events.0: principal_departure names school 99, but schools are numbered 0 to 5",
            ],
        ),
        (
            lambda: SCENARIO.replace(district={"advice_structure": "stars"}),
            [
                (
                    'district.advice_structure: is none of the choices; found "stars";'
                    " allowed: chosen, random, clustered, star"
                )
            ],
        ),
        (
            lambda: SCENARIO.model_copy(update={"levers": None}),
            ["levers: must be a section; found null; allowed: a dict of its values"],
        ),
        (
            lambda: Scenario.model_validate(
                {"district": SCENARIO.district, "baseline": Conditions()}
            ),
            [
                (
                    "baseline: must be a section; found a section of class Conditions;"
                    " allowed: a dict of its values"
                )
            ],
        ),
        (
            lambda: SCENARIO.replace(events=3),
            ["events: must be a list of events; found 3; allowed: a list of dicts"],
        ),
        (Scenario, ["district: missing key"]),
        (
            lambda: Levers(pipeline=float("nan")),
            ["levers.pipeline: must be a finite number; found nan; allowed: a number from 0 to 1"],
        ),
        (
            lambda: Coefficients.model_validate({"focus_mean": "high"}),
            [
                (
                    'coefficients.focus_mean: must be a number; found "high";'
                    " allowed: a number from 0 to 1"
                )
            ],
        ),
        (
            lambda: Crisis(type="crisis", month=2000, load=0.1),
            ["crisis.month: out of bounds; found 2000; allowed: a whole number from -600 to 1,200"],
        ),
    ],
)
def test_it_says_where_what_was_found_and_what_is_allowed(
    make: Callable[[], object], wanted: list[str]
) -> None:
    assert problems(make) == wanted


@pytest.mark.parametrize(
    "change",
    [
        lambda: setattr(SCENARIO, "levers", Levers()),
        lambda: setattr(SCENARIO.levers, "pipeline", 0.3),
        lambda: delattr(SCENARIO, "levers"),
    ],
)
def test_nothing_is_changed_in_place(change: Callable[[], object]) -> None:
    before = SCENARIO.model_dump()
    (problem,) = problems(change)
    assert "cannot be changed in place (model_copy(update={'" in problem
    assert SCENARIO.model_dump() == before


def test_what_is_right_is_made_as_before() -> None:
    changed = SCENARIO.model_copy(update={"levers": {"pipeline": 0.25}})
    assert changed.levers.pipeline == 0.25
    assert changed == SCENARIO.model_copy(update={"levers": Levers(pipeline=0.25)})
    assert SCENARIO.model_copy() == SCENARIO == pickle.loads(pickle.dumps(SCENARIO))
    assert SCENARIO.replace().fingerprint == SCENARIO.fingerprint
