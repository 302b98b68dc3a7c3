"""Principals choose peers, learn from them, and grow wary when they lose them; in both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from districts import small
from hypothesis import given, settings
from hypothesis import strategies as st

from reformsim.district.network import PEERS, edges_of_kind, meet
from reformsim.engines.compiled.build import build
from reformsim.engines.compiled.run import live
from reformsim.engines.reference import DistrictModel
from reformsim.engines.reference.peers import better_met, choose_peers, lose_head
from reformsim.engines.trace import first_difference

if TYPE_CHECKING:
    from reformsim.scenario import Scenario

MONTH = 5
"""In which those leave whom an event sends away."""
CALM = {"principal_turnover": 0.0, "teacher_turnover": 1.0}


def district(**more: Any) -> Scenario:
    """Return a district of twelve schools, two supervisors, in which no principal leaves by chance."""
    none_promoted = {"promote_rate": 0.0, "central_hazard": 0.0}
    return small(
        12,
        48,
        conditions=CALM,
        baseline={"span_of_control": 6.0},
        levers={"span_of_control": 6.0},
        coefficients={**none_promoted, **more.pop("coefficients", {})},
        **more,
    )


def after(scenario: Scenario, month: int, seed: int = 3) -> DistrictModel:
    """Return a model at the end of a month."""
    model = DistrictModel(scenario, seed, 0)
    while model.month <= month:
        model.step()
    return model


class TestChoice:
    def test_heads_have_their_peers_from_the_first_july(self) -> None:
        scenario = district()
        model = after(scenario, scenario.first_month)
        assert all(len(head.peers) == PEERS for head in model.principals)
        for head in model.principals:
            names = [peer.node for peer, _ in head.peers]
            assert head.node not in names
            assert len(set(names)) == PEERS

    def test_nobody_else_is_chosen_while_all_stay(self) -> None:
        scenario = district()
        early, late = after(scenario, scenario.first_month), after(scenario, 40)
        ties = [set(edges_of_kind(model.graph, "peer")) for model in (early, late)]
        assert ties[0] == ties[1]

    def test_the_better_of_two_who_are_met(self) -> None:
        model = DistrictModel(district(), 3, 0)
        head = model.principals[0]
        for practice, best in ((0.9, True), (0.0, False)):
            chosen = 0
            for place in range(200):
                for other in model.principals:
                    other.practice = 0.5
                model.principals[4].practice = practice
                chosen += better_met(model, head, [0, 2, 4, 6], place) is model.principals[4]
            # 4 is one of two met out of eleven, or of three nearby: about 0.42 of the time.
            assert (chosen > 60) == best, chosen
            assert best or chosen == 0

    def test_nobody_is_left_to_choose(self) -> None:
        model = DistrictModel(small(1, 8), 3, 0)
        choose_peers(model)
        assert model.principals[0].peers == []
        model = DistrictModel(small(3, 12), 3, 0)
        model.principals[2].vacant = True
        choose_peers(model)
        assert [peer.school.number for peer, _ in model.principals[0].peers] == [1]
        assert model.principals[2].peers == []

    @settings(max_examples=30, derandomize=True)
    @given(st.integers(0, 2**32 - 1), st.integers(2, 400))
    def test_whom_one_meets_is_there(self, seed: int, schools: int) -> None:
        circle = list(range(0, schools, 2))
        met = [meet(seed, 0, 0, 1, draw, circle, schools) for draw in range(32)]
        assert all(0 <= school < schools for school in met)

    def test_half_of_those_met_are_near_and_all_alike(self) -> None:
        circle = [3, 5, 8, 13]
        met = np.array([meet(7, 0, 0, 1, draw, circle, 100) for draw in range(8000)])
        near = np.isin(met, circle).mean()
        assert near == pytest.approx(0.5 + 0.5 * 0.04, abs=0.02)
        counts = np.bincount(met, minlength=100)[circle]
        assert counts.max() < 1.15 * counts.min()


class TestLosses:
    def scenario(self, **more: Any) -> Scenario:
        gone = {"type": "principal_departure", "month": MONTH, "school": 2}
        return district(events=[gone], **more)

    def test_ties_go_at_once_and_both_sides_grow_wary(self) -> None:
        before, model = after(self.scenario(), MONTH - 1), after(self.scenario(), MONTH)
        leaver = before.principals[2]
        p = model.p
        assert model.principals[2].vacant
        assert "principal-2" not in {
            name for edge in edges_of_kind(model.graph, "peer") for name in edge
        }
        touched = 0
        for old, new in zip(before.principals, model.principals, strict=True):
            if old is leaver:
                assert (new.wary, new.peers) == (0.0, [])
                continue
            expected = old.wary * (1 - p.wary_fade)
            kept = 1.0
            for peer, _ in old.peers:
                if peer is leaver:
                    kept *= 1.0 - p.wary_up * next_trust_of(model, before, old, leaver)
            for peer, _ in leaver.peers:
                if peer is old:
                    kept *= 1.0 - p.wary_up * next_trust_of(model, before, leaver, old)
            touched += kept < 1.0
            assert new.wary == pytest.approx(1.0 - (1.0 - expected) * kept)
        assert touched >= PEERS
        staff = leaver.supervisor[0].post if leaver.supervisor else -1
        wary = [one.wary for one in model.leadership_support]
        assert wary[staff] > 0.0
        assert wary[1 - staff] == 0.0

    def test_places_wait_until_july_and_are_filled_with_newcomers_trust(self) -> None:
        model = after(self.scenario(), 11)
        short = [head for head in model.principals if not head.vacant and len(head.peers) < PEERS]
        assert short
        model.step()
        assert all(len(head.peers) == PEERS for head in short)
        assert min(tie["trust"] for head in short for _, tie in head.peers) < 0.2

    def test_a_supervisor_who_leaves_makes_the_own_heads_wary(self) -> None:
        gone = {
            "type": "central_departure",
            "month": MONTH,
            "unit": "leadership_support",
            "who": "seat",
            "seat": 1,
        }
        quiet, model = after(district(), MONTH), after(district(events=[gone]), MONTH)
        for calm, hurt in zip(quiet.principals, model.principals, strict=True):
            assert calm.supervisor is not None
            staff, tie = calm.supervisor
            loss = model.p.wary_up * tie["trust"] * (1.0 - calm.wary) if staff.post == 1 else 0.0
            assert hurt.wary == pytest.approx(calm.wary + loss)

    def test_without_wariness_trust_among_those_who_stay_is_higher(self) -> None:
        # With twice the ordinary turnover, so that there is something to lose.
        churn = {"principal_turnover": 2.0}
        wary, open_ = (
            after(small(12, 48, conditions=churn, coefficients={"wary_up": up}), 40)
            for up in (0.5, 0.0)
        )
        assert max(head.wary for head in wary.principals) > 0.2
        assert all(head.wary == 0.0 for head in open_.principals)
        trusts = [
            np.mean([tie["trust"] for head in model.principals for _, tie in head.peers])
            for model in (wary, open_)
        ]
        assert trusts[0] < trusts[1] - 0.03

    def test_a_head_who_loses_a_peer_in_the_graph_reads_it_there(self) -> None:
        model = after(district(), 0)
        head = model.principals[0]
        lose_head(model, head.peers[0][0])
        assert len(head.peers) == PEERS - 1


def next_trust_of(model: DistrictModel, before: DistrictModel, who: Any, whom: Any) -> float:
    """Return the trust of a tie in the month of a departure, when it has grown once more."""
    from reformsim.theory.trust import next_trust, open_contact

    trust = before.graph.edges[whom.node, who.node, "peer"]["trust"]
    contact = open_contact(model.p.peer_contact, who.wary, whom.wary)
    return next_trust(trust, contact, model.p)


def test_heads_learn_from_better_peers() -> None:
    with_peers, alone = (
        after(district(coefficients={"asked_rate": rate}), 24) for rate in (3.0, 0.0)
    )
    learnt = [np.array([head.learnt for head in model.principals]) for model in (with_peers, alone)]
    gain = learnt[0] - learnt[1]
    assert gain.mean() > 0.01
    best = int(np.argmax([head.practice for head in alone.principals]))
    assert gain[best] == pytest.approx(gain.min(), abs=0.01)


def test_the_compiled_engine_holds_the_same_ties() -> None:
    scenario = district(
        events=[
            {"type": "principal_departures", "month": 3, "principals": 2, "who": "strongest"},
            {"type": "principal_departure", "month": 7, "school": 5},
        ]
    )
    assert first_difference(scenario, 3) is None
    state, start = build(scenario, 3, 0), scenario.first_month
    for month in (2, 3, 7, 13, 30):
        start = live(state, start, month + 1)
        model = after(scenario, month)
        for number, head in enumerate(model.principals):
            peers = [peer.school.number for peer, _ in head.peers]
            count = int(state.schools.peers[number])
            assert list(state.peer[number, :count]) == peers
            assert list(state.peer_trust[number, :count]) == [tie["trust"] for _, tie in head.peers]
            assert state.schools.wary[number] == head.wary
