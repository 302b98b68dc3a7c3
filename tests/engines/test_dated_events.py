"""What each dated event does, in both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from districts import WEB, digest, small
from exactness import EXAMPLES, check, scenarios
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reformsim.district.drawing import drawn, drawn_events
from reformsim.engines import simulate, simulate_paired
from reformsim.engines.reference import DistrictModel

if TYPE_CHECKING:
    from reformsim.record import Result
    from reformsim.scenario import Scenario

CALM = {"superintendent_turnover": 0.0, "principal_turnover": 0.0, "shock_rate": 0.0}
ENGINES = pytest.mark.parametrize("engine", ["compiled", "reference"])
EVENT = dict[str, Any]


@pytest.fixture(scope="module")
def web() -> Scenario:
    """A web of support without turnover of leaders by chance."""
    return small(levers=WEB, conditions=CALM, horizon={"years": 4, "warm_up_years": 1})


def with_events(scenario: Scenario, *events: EVENT) -> Scenario:
    return scenario.replace(events=list(events))


def row(scenario: Scenario, month: int) -> int:
    return month - scenario.first_month


def departures(run: Result, month: int) -> list[tuple[str, str]]:
    return [(e.role, e.seat) for e in run.events if (e.kind, e.month) == ("departure", month)]


def at(scenario: Scenario, month: int, seed: int = 1) -> DistrictModel:
    """Return the district as it is at the beginning of a month."""
    model = DistrictModel(scenario, seed)
    while model.month < month:
        model.step()
    return model


def before_turnover(scenario: Scenario, month: int) -> DistrictModel:
    """Return the district in a month as it is when people are about to leave."""
    model = at(scenario, month)
    for stage in model.stages[: model.stages.index("turnover")]:
        getattr(model, stage)()
    return model


@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(scenarios(), st.integers(0, 2**32 - 1), st.integers(0, 3))
def test_both_engines_agree_on_any_events(scenario: Scenario, seed: int, replicate: int) -> None:
    check(scenario, seed, replicate)


@ENGINES
class TestDepartures:
    def test_the_strongest_supervisor_leaves_and_the_post_is_filled_in_july(
        self, web: Scenario, engine: str
    ) -> None:
        event = {"type": "central_departure", "month": 14, "unit": "leadership_support"}
        unit = before_turnover(web, 14).leadership_support
        strongest = max(unit, key=lambda staff: staff.practice)
        run = simulate(with_events(web, event), 1, engine=engine)
        assert departures(run, 14) == [("leadership-support", strongest.node)]
        hired = [e.month for e in run.events if (e.kind, e.seat) == ("appointment", strongest.node)]
        assert 24 in hired
        assert not {*range(15, 24)} & set(hired)
        now = row(web, 14)
        assert run.district["trust"][now] < simulate(web, 1).district["trust"][now]
        assert run.district["central_departures"][now] == 1

    def test_one_seat_leaves_and_of_two_strongest_the_two_best(
        self, web: Scenario, engine: str
    ) -> None:
        one = {"type": "central_departure", "month": 14, "unit": "teaching_learning"}
        levers = {"teachers_per_coach": 10.0}
        coached = web.replace(levers=levers, baseline=levers)
        seat = simulate(with_events(coached, {**one, "who": "seat", "seat": 1}), 1, engine=engine)
        assert departures(seat, 14) == [("teaching-learning", "teaching-learning-1")]
        both = simulate(with_events(coached, one, one), 1, engine=engine)
        unit = before_turnover(coached, 14).teaching_learning
        best = sorted(unit, key=lambda staff: -staff.practice)[:2]
        assert len(unit) > 2
        assert {seat for _, seat in departures(both, 14)} == {staff.node for staff in best}

    def test_a_seat_that_is_vacant_or_not_there_that_month_changes_nothing(
        self, web: Scenario, engine: str
    ) -> None:
        leaves = {"type": "central_departure", "unit": "leadership_support", "who": "seat"}
        once = with_events(web, {**leaves, "month": 14})
        again = with_events(web, {**leaves, "month": 14}, {**leaves, "month": 15})
        assert digest(simulate(again, 1, engine=engine)) == digest(simulate(once, 1, engine=engine))
        later = web.replace(levers={"teachers_per_coach": 10.0})
        before_there_is_one = {  # a post of the strategy
            **leaves,
            "unit": "teaching_learning",
            "month": -6,
            "seat": 3,
        }
        run = simulate(with_events(later, before_there_is_one), 1, engine=engine)
        assert digest(run) == digest(simulate(later, 1, engine=engine))

    @pytest.mark.parametrize("who", ["strongest", "neediest", "random"])
    def test_as_many_principals_leave_as_are_said(
        self, web: Scenario, engine: str, who: str
    ) -> None:
        event = {"type": "principal_departures", "month": 14, "principals": 2, "who": who}
        principals = before_turnover(web, 14).principals
        assert not any(principal.vacant for principal in principals)
        run = simulate(with_events(web, event), 1, engine=engine)
        leaving = {seat for _, seat in departures(run, 14)}
        assert len(leaving) == 2
        assert run.district["principal_departures"][row(web, 14)] == 2
        best = {
            "strongest": sorted(principals, key=lambda x: -x.practice),
            "neediest": sorted(principals, key=lambda x: -x.school.need),
        }.get(who)
        assert best is None or leaving == {principal.node for principal in best[:2]}

    def test_all_principals_in_post_leave_if_more_are_asked_for(
        self, web: Scenario, engine: str
    ) -> None:
        first = {"type": "principal_departure", "month": 14, "school": 0}
        others = {"type": "principal_departures", "month": 14, "principals": 4}
        run = simulate(with_events(web, first, others), 1, engine=engine)
        assert run.schools["vacant"][row(web, 14)].tolist() == [1, 1, 1, 1]
        assert len(departures(run, 14)) == 4

    def test_who_leaves_at_random_differs_between_replicates_and_not_between_strategies(
        self, web: Scenario, engine: str
    ) -> None:
        event = {"type": "principal_departures", "month": 14, "principals": 1}
        usual = with_events(web.replace(levers=web.baseline.model_dump()), event)
        leaving = []
        for replicate in range(4):
            one, other = (
                departures(simulate(each, 1, replicate, engine=engine), 14)
                for each in (with_events(web, event), usual)
            )
            assert one == other
            leaving += one
        assert len(set(leaving)) > 1

    def test_the_most_asked_teacher_is_replaced_in_any_month_and_counted(
        self, web: Scenario, engine: str
    ) -> None:
        event = {"type": "teacher_departure", "month": 14, "school": 1}
        scenario = with_events(web, event)
        school = before_turnover(web, 14).schools[1]
        graph = school.principal.model.graph
        asked = [
            sum(kind == "advice" for *_, kind in graph.out_edges(teacher.node, keys=True))
            for teacher in school.teachers
        ]
        index = asked.index(max(asked))
        before, after = at(web, 15).schools[1].teachers, at(scenario, 15).schools[1].teachers
        changed = [
            n for n, (a, b) in enumerate(zip(before, after, strict=True)) if a.person != b.person
        ]
        assert changed == [index]
        assert after[index].tenure == 0
        run, usual = (simulate(each, 1, engine=engine) for each in (scenario, web))
        now = row(web, 14)
        assert run.schools["teacher_departures"][now].tolist() == [0, 1, 0, 0]
        assert usual.schools["teacher_departures"][now].tolist() == [0, 0, 0, 0]

    def test_in_june_a_teacher_sent_away_is_one_of_those_who_leave(
        self, web: Scenario, engine: str
    ) -> None:
        event = {"type": "teacher_departure", "month": 11, "school": 0, "who": "random"}
        lasting = web.replace(conditions={"teacher_turnover": 0.0})
        run = simulate(with_events(lasting, event), 1, engine=engine)
        usual = simulate(lasting, 1, engine=engine)
        now = row(web, 11)
        more = run.schools["teacher_departures"][now] - usual.schools["teacher_departures"][now]
        assert more.tolist() == [1, 0, 0, 0]

    def test_the_partner_ends_the_contract_that_is_under_way(
        self, web: Scenario, engine: str
    ) -> None:
        run = simulate(
            with_events(web, {"type": "partner_departure", "month": 9}), 1, engine=engine
        )
        contract = [(e.kind, e.month) for e in run.events if e.kind.startswith("contract")]
        assert contract == [("contract_start", 5), ("contract_cancelled", 9)]
        assert not run.costs["outside_coaching"][row(web, 9) :].any()
        nothing = with_events(web, {"type": "partner_departure", "month": 3})
        assert digest(simulate(nothing, 1, engine=engine)) == digest(
            simulate(web, 1, engine=engine)
        )


def test_the_turnover_of_last_june_holds_one_teacher_more_until_next_june(
    web: Scenario,
) -> None:
    event = {"type": "teacher_departure", "month": 14, "school": 1}
    scenario = with_events(web, event)
    turnover = [
        [at(each, month).schools[1].teacher_turnover for month in (14, 15, 23, 24)]
        for each in (scenario, web)
    ]
    (before, after, may, june), usual = turnover
    assert before == usual[0]
    assert after == may == min(1.0, before + 1.0 / len(at(web, 0).schools[1].teachers))
    assert june < may
    assert after > before
    check(scenario, 1)


@ENGINES
class TestPolitics:
    def test_a_conflict_takes_a_share_and_lets_nothing_rise_while_it_lasts(
        self, web: Scenario, engine: str
    ) -> None:
        event = {"type": "union_conflict", "month": 12, "months": 6, "severity": 0.25}
        run, usual = (simulate(each, 1, engine=engine) for each in (with_events(web, event), web))
        now = row(web, 12)
        for name in ("readiness", "role_legitimacy"):
            series = run.district[name]
            assert series[now] == 0.75 * min(usual.district[name][now - 1 : now + 1])
            assert (np.diff(series[now : now + 6]) <= 0).all()
            assert series[now + 6] > series[now + 5]
            np.testing.assert_array_equal(series[:now], usual.district[name][:now])
        assert ("union_conflict", 12, 0.25) in [(e.kind, e.month, e.detail) for e in run.events]

    def test_the_most_severe_conflict_leaves_nothing(self, web: Scenario, engine: str) -> None:
        event = {"type": "union_conflict", "month": 12, "months": 6, "severity": 1.0}
        run = simulate(with_events(web, event), 1, engine=engine)
        now = row(web, 12)
        assert not run.district["readiness"][now : now + 6].any()
        assert not run.district["role_legitimacy"][now : now + 6].any()

    def test_a_conflict_without_severity_only_holds_up(self, web: Scenario, engine: str) -> None:
        event = {"type": "union_conflict", "month": 12, "months": 3, "severity": 0.0}
        run = simulate(with_events(web, event), 1, engine=engine)
        now = row(web, 12)
        assert len(set(run.district["readiness"][now - 1 : now + 3])) == 1

    def test_a_new_board_takes_a_share_of_capital(self, web: Scenario, engine: str) -> None:
        event = {"type": "board_turnover", "month": 12, "capital_lost": 0.25}
        run, usual = (simulate(each, 1, engine=engine) for each in (with_events(web, event), web))
        now = row(web, 12)
        before, after = usual.district["political_capital"], run.district["political_capital"]
        assert after[now] == 0.75 * before[now]
        np.testing.assert_array_equal(after[:now], before[:now])
        assert ("board_turnover", 12, 0.25) in [(e.kind, e.month, e.detail) for e in run.events]


RANGED: EVENT = {
    "type": "union_conflict",
    "month": {"low": 6, "high": 8},
    "severity": {"low": 0.25, "high": 0.75},
}


class TestRanges:
    def test_without_ranges_a_scenario_stays_the_very_same(self, web: Scenario) -> None:
        scenario = with_events(web, {"type": "superintendent_departure", "month": 3})
        assert drawn(scenario, 1, 0) is scenario

    def test_both_ends_of_whole_numbers_are_drawn_and_nothing_beyond(self, web: Scenario) -> None:
        scenario = with_events(web, RANGED)
        events = [drawn_events(scenario, 1, replicate)[0] for replicate in range(300)]
        months, counts = np.unique([event.month for event in events], return_counts=True)
        assert months.tolist() == [6, 7, 8]
        assert counts.min() > 70
        severities = np.array([event.model_dump()["severity"] for event in events])
        assert 0.25 <= severities.min() < 0.27
        assert 0.73 < severities.max() <= 0.75
        assert abs(severities.mean() - 0.5) < 0.03
        assert abs(np.corrcoef([event.month for event in events], severities)[0, 1]) < 0.15

    def test_a_range_of_one_value_is_that_value(self, web: Scenario) -> None:
        ranged = with_events(web, {**RANGED, "month": {"low": 7, "high": 7}, "severity": 0.5})
        plain = with_events(web, {**RANGED, "month": 7, "severity": 0.5})
        assert drawn(ranged, 1, 0) == plain
        assert digest(simulate(ranged, 1)) == digest(simulate(plain, 1))

    @ENGINES
    def test_a_run_is_that_of_what_was_drawn_and_keeps_the_scenario_as_given(
        self, web: Scenario, engine: str
    ) -> None:
        scenario = with_events(web, RANGED)
        for replicate in range(2):
            run = simulate(scenario, 1, replicate, engine=engine)
            concrete = drawn(scenario, 1, replicate)
            assert run.scenario == scenario
            assert digest(run) == digest(simulate(concrete, 1, replicate, engine=engine))
            (event,) = drawn_events(run.scenario, run.seed, run.replicate)
            noted = [(e.month, e.detail) for e in run.events if e.kind == "union_conflict"]
            assert noted == [(event.month, event.model_dump()["severity"])]

    def test_strategies_of_a_replicate_meet_the_same_events(self, web: Scenario) -> None:
        event = {**RANGED, "month": {"low": -6, "high": 6}}  # before the fork or after it
        scenarios = [
            with_events(each, event) for each in (web, web.replace(levers={"pipeline": 0}))
        ]
        for replicate in range(4):
            for scenario, run in zip(
                scenarios, simulate_paired(scenarios, 1, replicate), strict=True
            ):
                assert digest(run) == digest(simulate(scenario, 1, replicate))
            assert len({drawn_events(each, 1, replicate) for each in scenarios}) == 1

    def test_another_event_after_it_changes_no_draw(self, web: Scenario) -> None:
        one = with_events(web, RANGED)
        two = with_events(web, RANGED, {"type": "board_turnover", "month": 3, "capital_lost": 0.5})
        assert drawn_events(one, 1)[0] == drawn_events(two, 1)[0]
