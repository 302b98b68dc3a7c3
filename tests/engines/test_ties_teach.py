"""People learn along ties, in both engines: the network matters, and nobody is made worse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from districts import WEB, small

from reformsim.engines.compiled.build import build
from reformsim.engines.compiled.run import live
from reformsim.engines.reference import DistrictModel

if TYPE_CHECKING:
    from reformsim.scenario import Scenario

SURE = {"superintendent_turnover": 0.0, "principal_turnover": 0.0, "teacher_turnover": 0.0}
ALONE = {"asked_rate": 0.0, "team_rate": 0.0, "lead_rate": 0.0, "help_rate": 0.0}


def teachers_practice(scenario: Scenario, engine: str, months: int = 12) -> list[float]:
    """Return every teacher's practice after some months."""
    if engine == "reference":
        model = DistrictModel(scenario, 3)
        for _ in range(months):
            model.step()
        return [teacher.practice for teacher in model.teachers]
    state = build(scenario, 3, 0)
    live(state, scenario.first_month, scenario.first_month + months)
    return [float(practice) for practice in state.teachers.practice]


def district(coefficients: dict[str, float], **sections: Any) -> Scenario:
    """Return a small district in which nobody leaves."""
    return small(conditions=SURE, coefficients=coefficients).replace(**sections)


both = pytest.mark.parametrize("engine", ["compiled", "reference"])


@both
@pytest.mark.parametrize("rate", ["asked_rate", "team_rate", "lead_rate", "help_rate"])
def test_every_kind_of_tie_teaches_and_harms_nobody(engine: str, rate: str) -> None:
    alone = teachers_practice(district(ALONE), engine)
    tied = teachers_practice(district(ALONE | {rate: 2.0}), engine)
    gains = [after - before for before, after in zip(alone, tied, strict=True)]
    assert min(gains) >= 0.0
    assert max(gains) > 1e-4


@both
def test_the_best_of_a_team_learns_nothing_from_it(engine: str) -> None:
    alone = teachers_practice(district(ALONE), engine, 3)
    tied = teachers_practice(district(ALONE | {"team_rate": 2.0}), engine, 3)
    team = slice(0, 4)
    best = max(range(4), key=lambda place: alone[team][place])
    assert tied[best] == alone[best]
    assert sum(tied[team]) > sum(alone[team])


@both
def test_whom_teachers_ask_matters(engine: str) -> None:
    structures = ("random", "clustered", "star")
    rates = ALONE | {"asked_rate": 1.0}
    means = {
        sum(teachers_practice(district(rates, district={"advice_structure": each}), engine))
        for each in structures
    }
    assert len(means) == len(structures)


@both
def test_teacher_leaders_reach_only_those_who_are_tied_to_them(engine: str) -> None:
    """In schools without teams and advice a role teaches nobody."""
    design = {"baseline": {"teacher_leader_share": 0.3, "release_time": 0.2}}
    nobody = {"schools": 8, "teachers": 8, "advice_ties": 0}
    scenario = district(ALONE | {"help_rate": 10.0}, **design)
    assert teachers_practice(scenario, engine) != teachers_practice(district(ALONE), engine)
    coaches = {"baseline": design["baseline"] | {"teachers_per_coach": 1000.0}}
    lonely = {"district": nobody, **coaches}
    no_coach = {"coach_practice": 0.0, "coach_floor": 0.0, "central_sd": 0.0}
    with_help = district(ALONE | no_coach | {"help_rate": 10.0}, **lonely)
    assert teachers_practice(with_help, engine) == teachers_practice(
        district(ALONE | no_coach, **lonely), engine
    )


@both
def test_a_programme_without_end_leads_to_a_level(engine: str) -> None:
    """The third year of coaching adds less than half of what the first two did."""
    coached = {"teachers_per_coach": 15.0}
    gains = []
    for months in (24, 36):
        usual, more = (
            sum(teachers_practice(district({}, baseline=baseline), engine, months))
            for baseline in ({}, coached)
        )
        gains.append(more - usual)
    assert gains[0] > 0.0
    assert gains[1] - gains[0] < 0.5 * gains[0]


def test_ability_stays_and_what_was_learnt_moves() -> None:
    model = DistrictModel(district({}, levers=WEB), 3)
    model.step()
    abilities = [teacher.ability for teacher in model.teachers]
    learnt = [teacher.learnt for teacher in model.teachers]
    for _ in range(30):
        model.step()
    assert [teacher.ability for teacher in model.teachers] == abilities
    assert [teacher.learnt for teacher in model.teachers] != learnt
