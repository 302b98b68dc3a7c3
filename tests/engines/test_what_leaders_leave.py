"""What goes with a leader and what stays: interims, permission, what a successor finds, spared lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from districts import WEB, small

from reformsim.engines import simulate

if TYPE_CHECKING:
    from reformsim.record import Result
    from reformsim.scenario import Scenario

QUIET = {"superintendent_turnover": 0.0, "principal_turnover": 0.0, "shock_rate": 0.0}
LEAVES = "superintendent_departure"
both = pytest.mark.parametrize("engine", ["compiled", "reference"])


def district(coefficients: dict[str, float], *events: dict[str, Any]) -> Scenario:
    """Return a small district under a web of support, in which only events send people away."""
    return small(conditions=QUIET, levers=WEB, coefficients=coefficients, events=list(events))


def departures(result: Result) -> list[int]:
    """Return the months in which superintendents left."""
    return [e.month for e in result.events if e.kind == "departure" and e.role == "superintendent"]


class TestInterims:
    @both
    def test_an_interim_stays_until_june(self, engine: str) -> None:
        event = {"type": LEAVES, "month": 14}
        always = simulate(district({"interim_share": 1.0}, event), 3, engine=engine)
        never = simulate(district({"interim_share": 0.0}, event), 3, engine=engine)
        assert departures(always) == [14, 23]  # nobody follows an interim but a successor
        assert departures(never) == [14]

    @both
    def test_one_who_comes_in_june_stays_a_year(self, engine: str) -> None:
        event = {"type": LEAVES, "month": 11}
        assert departures(simulate(district({"interim_share": 1.0}, event), 3, engine=engine)) == [
            11,
            23,
        ]

    @both
    def test_whoever_is_there_at_the_launch_stays(self, engine: str) -> None:
        event = {"type": LEAVES, "month": -2}
        assert departures(simulate(district({"interim_share": 1.0}, event), 3, engine=engine)) == [
            -2,
            -1,
        ]
        # Month −1 is a June, so this one comes in it and meets the launch.
        event = {"type": LEAVES, "month": -1}
        assert departures(simulate(district({"interim_share": 1.0}, event), 3, engine=engine)) == [
            -1
        ]

    def test_the_agenda_is_discarded_by_the_successor_and_not_before(self) -> None:
        event = {"type": LEAVES, "month": 14}
        result = simulate(district({"interim_share": 1.0}, event), 3)
        fatigue = result.district["initiative_fatigue"]
        at = {month: fatigue[month - result.months[0]] for month in (13, 14, 22, 23)}
        assert at[14] < at[13]
        assert at[23] > at[22]


@both
def test_permission_goes_on_the_day_of_the_departure(engine: str) -> None:
    """With an interim after a superintendent of high focus; all else moves at its usual speed."""
    event = {"type": LEAVES, "month": 26}
    drops = []
    for permit in (0.0, 0.2):
        result = simulate(
            district({"interim_share": 1.0, "permit": permit}, event), 3, engine=engine
        )
        enacted = result.district["enacted"]
        drops.append(enacted[26 - result.months[0]] - enacted[27 - result.months[0]])
    assert drops[1] > drops[0] + 0.02


@both
def test_a_successor_finds_what_the_staff_believes_in(engine: str) -> None:
    event = {"type": "principal_departure", "month": 36, "school": 1}
    found = []
    for share in (0.0, 2.0):
        result = simulate(district({"found_share": share}, event), 3, engine=engine)
        came = [
            e.detail
            for e in result.events
            if e.kind == "appointment" and e.seat == "principal-1" and e.month > 36
        ]
        found.append(came[0])
    assert found[1] > found[0] + 0.02


FIRST_JUNE = -13
GO_IN_JUNE = {"june_share": 1.0, "promote_rate": 1.0, "p_promote": 0.0, "principal_hazard": 3.0}
"""In June most of those in post are promoted, if nobody leaves; in other months nobody goes."""


class TestLeavingAndPromotion:
    def gone(self, engine: str, turnover: float, *events: dict[str, Any]) -> list[tuple[str, str]]:
        """Return which principals go in the first June, and how."""
        scenario = district(GO_IN_JUNE, *events).replace(
            conditions={"principal_turnover": turnover}
        )
        result = simulate(scenario, 3, engine=engine)
        return [
            (event.seat, event.kind)
            for event in result.events
            if event.month == FIRST_JUNE and event.kind in {"departure", "promotion"}
            if event.role == "principal"
        ]

    @both
    def test_who_is_drawn_for_both_leaves(self, engine: str) -> None:
        promoted = self.gone(engine, 0.0)
        assert promoted
        assert {kind for _, kind in promoted} == {"promotion"}
        # A hazard of 30: everybody is drawn to leave, by draws of their own.
        assert self.gone(engine, 10.0) == [(f"principal-{n}", "departure") for n in range(4)]

    @both
    def test_a_dated_departure_goes_before_a_promotion(self, engine: str) -> None:
        seat, _ = self.gone(engine, 0.0)[0]
        school = int(seat.removeprefix("principal-"))
        event = {"type": "principal_departure", "month": FIRST_JUNE, "school": school}
        gone = self.gone(engine, 0.0, event)
        assert [kind for who, kind in gone if who == seat] == ["departure"]


@both
def test_a_line_is_spared_for_the_whole_gap_or_cut_at_once(engine: str) -> None:
    shock = {"type": "revenue_shock", "month": 13, "depth": 0.1, "ramp": 8, "hold": 30}
    sure = {"reserves_median": 0.0, "revenue_noise": 0.0}
    cut_months = {}
    for weight in (0.0, 2.0):
        scenario = district(sure | {"protect_weight": weight}, shock).replace(
            levers={"protection": 1.0}
        )
        result = simulate(scenario, 3, engine=engine)
        cut_months[weight] = [e.month for e in result.events if e.kind == "cut"]
    assert cut_months == {0.0: [24], 2.0: []}


def test_chances_of_being_spared_are_the_protection() -> None:
    """Of forty districts about as many are spared as are protected, and none in part."""
    shock = {"type": "revenue_shock", "month": 13, "depth": 0.1, "ramp": 8, "hold": 30}
    sure = {"reserves_median": 0.0, "revenue_noise": 0.0}
    runs = [simulate(district(sure, shock), 3, replicate) for replicate in range(40)]
    cut = [any(event.kind == "cut" for event in run.events) for run in runs]
    assert 5 < np.sum(cut) < 35
