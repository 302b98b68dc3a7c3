"""What rows about ties measure, on networks where the answer is known and in a small district."""

from __future__ import annotations

import itertools
import math
from types import SimpleNamespace
from typing import Any

import networkx as nx
import numpy as np
import pytest

from reformsim.district.network import node
from reformsim.district.seats import Role
from reformsim.engines import simulate
from reformsim.engines.graphs import graphs_at
from reformsim.scenario.coefficients import Coefficients
from reformsim.scenario.loading import load
from reformsim.validation.rows import advice, colleagues, ties
from reformsim.validation.studies import SimulatedUnit


@pytest.fixture(scope="module")
def small() -> SimulatedUnit:
    """A small district, simulated for three years."""
    scenario = load("small-rural", overrides=["horizon.years=3", "horizon.warm_up_years=2"])
    return SimulatedUnit((simulate(scenario, 3, 1),))


class TestStates:
    def test_they_are_those_of_the_run(self, small):
        made = small.runs[0]
        for month, state in zip((0, 7), small.states(0, (0, 7)), strict=True):
            row = list(made.months).index(month)
            assert state.d.outcome == made.district["outcome"][row]

    def test_what_is_changed_goes_on(self, small):
        last = []
        for change in (0.0, 0.2):
            for month, state in zip((-1, 11), small.states(0, (-1, 11)), strict=True):
                if month == -1:
                    state.teachers.ability[:] += change
            last.append(state.d.outcome)
        assert last[1] > last[0] + 0.1


class TestLeaders:
    def test_ties_are_those_of_the_other_engine(self):
        scenario = load(
            "small-rural",
            "web_of_support",
            overrides=["horizon.years=3", "horizon.warm_up_years=2", "levers.coaching_seats=0"],
        ).replace(
            district={"schools": 48, "teachers": 480},
            events=[
                {"type": "central_departure", "month": 29, "unit": "leadership_support"},
                {"type": "principal_departure", "month": 30, "school": 4},
                {"type": "principal_departure", "month": 30, "school": 44},
            ],
        )
        made = SimulatedUnit((simulate(scenario, 3, 1),))
        state = next(made.states(0, (30,)))
        graph = graphs_at(scenario, 3, 1, [31])[0]
        leaders = ties.leaders_in(state)
        heads = {
            int(person): node(Role.PRINCIPAL, school)
            for school, person in enumerate(state.schools.person)
        }
        posts = {
            int(person): node(Role.LEADERSHIP_SUPPORT, index=post)
            for post, person in enumerate(state.supervisors.person)
        }
        names = heads | posts
        seen = {
            (names[int(giver)], names[int(receiver)], round(float(trust), 9))
            for giver, receiver, trust in zip(
                leaders.giver, leaders.receiver, leaders.trust, strict=True
            )
        }
        assert state.schools.vacant[[4, 44]].all()
        assert state.supervisors.vacant[: state.d.supervisors].sum() == 1
        there = {names[int(person)] for person in leaders.people[1:]}
        expected = {
            (giver, receiver, round(data["trust"], 9))
            for giver, receiver, kind, data in graph.edges(keys=True, data=True)
            if kind in ("partnership", "cohort", "peer") and giver in there and receiver in there
        }
        assert seen == expected
        assert len(leaders.trust) == len(seen)
        assert any(giver in posts.values() for giver, _, _ in seen)
        assert any(
            giver in heads.values() and receiver in heads.values() for giver, receiver, _ in seen
        )

    @staticmethod
    def graph(people, *edges):
        giver, receiver, trust = (np.array(column) for column in zip(*edges, strict=True))
        return ties.Leaders(np.array(people), giver, receiver, trust)

    def test_centralisation(self):
        star = self.graph([1, 2, 3, 4], (2, 1, 0.5), (3, 1, 0.5), (4, 1, 0.5))
        ring = self.graph([1, 2, 3], (1, 2, 0.5), (2, 3, 0.5), (3, 1, 0.5))
        assert ties.centralisation(star) == 1.0
        assert ties.centralisation(ring) == 0.0

    def test_who_is_gone_and_what_is_left_between_others(self, monkeypatch):
        before = self.graph([1, 2, 3, 4], (1, 2, 0.7), (2, 1, 0.7), (3, 4, 0.9), (4, 1, 0.2))
        after = self.graph([1, 2, 5, 6], (1, 2, 0.8), (2, 1, 0.4), (5, 6, 0.9), (6, 5, 0.1))
        monkeypatch.setattr(ties, "leaders_in", lambda graph: graph)
        monkeypatch.setattr(SimulatedUnit, "states", lambda *_: iter((before, after)))
        counted = ties.after_four_years(SimulatedUnit(()))
        assert (counted["leaders"], counted["gone"]) == (4, 2)
        assert (counted["strong_before"], counted["strong_after"]) == (2, 1)
        assert (counted["weak_before"], counted["weak_after"]) == (1, 2)
        units = [counted] * 5
        assert ties.change_of("strong")(units) == pytest.approx(-50.0)
        assert ties.change_of("weak")(units) == pytest.approx(100.0)


class TestAdviceNetworks:
    @pytest.mark.parametrize("seed", range(4))
    def test_measures_are_those_of_networkx(self, seed):
        asks = np.random.default_rng(seed).random((12, 12)) < 0.3
        np.fill_diagonal(asks, False)
        graph = nx.from_numpy_array(asks, create_using=nx.DiGraph)
        shape = advice.shape_of(asks)
        assert shape["density"] == pytest.approx(nx.density(graph))
        assert shape["reciprocity"] == pytest.approx(nx.reciprocity(graph))
        assert shape["most"] == max(degree for _, degree in graph.in_degree)
        paths = [(a, c) for a, b in graph.edges for _, c in graph.edges(b) if c != a]
        closed = sum(graph.has_edge(*pair) for pair in paths)
        assert shape["transitivity"] == pytest.approx(closed / len(paths))

    def test_nobody_asks(self):
        shape = advice.shape_of(np.zeros((3, 3), bool))
        assert shape["density"] == 0.0
        assert math.isnan(shape["reciprocity"])

    def test_a_ring(self):
        """On a ring in which the two on both sides are asked, all is known."""
        scenario = load(
            "small-rural",
            overrides=[
                "district.advice_structure=clustered",
                "district.advice_ties=4",
                "district.advice_across=0",
                "horizon.years=1",
                "horizon.warm_up_years=1",
            ],
        )
        measured = advice.advice_networks(SimulatedUnit((simulate(scenario, 1, 0),)))
        assert measured["asked"] == pytest.approx(4.0)
        assert measured["most"] == pytest.approx(4.0)
        assert measured["reciprocity"] == pytest.approx(1.0)
        assert measured["transitivity"] == pytest.approx(0.5)

    def test_a_survey(self):
        """In teams of four who all ask each other and the first of the school, all is known but for that one."""
        scenario = advice.with_network(
            load("small-rural", overrides=["horizon.years=1", "horizon.warm_up_years=1"]),
            "surveyed",
        )
        measured = advice.advice_networks(SimulatedUnit((simulate(scenario, 1, 0),)))
        assert measured["within"] == pytest.approx(1.0)
        to_the_first = [size - 4 for size in (24, 24, 23, 23, 23, 23)]
        shares = [
            ties / (size * (size - 1) - pairs)
            for ties, size, pairs in zip(
                to_the_first, (24, 24, 23, 23, 23, 23), (72, 72, 66, 66, 66, 66), strict=True
            )
        ]
        assert measured["otherwise"] == pytest.approx(np.mean(shares))
        assert measured["most"] == pytest.approx(np.mean([23, 23, 22, 22, 22, 22]))

    def test_who_asks_oneself_asks_nobody(self, small):
        """An empty place of a network that changes is marked so."""
        measured = advice.advice_networks(small)
        state = next(small.states(0, (-1,)))
        for teacher in range(len(state.teachers.practice)):
            state.advisers[state.advice_start[teacher]] = teacher
        emptied: Any = SimpleNamespace(states=lambda *_: iter((state,)))
        fewer = advice.advice_networks(emptied)
        assert 0.0 < fewer["asked"] < measured["asked"]
        assert fewer["asked"] <= 4.0  # of five places
        assert fewer["density"] < measured["density"]

    def test_a_network_is_read_at_the_end_of_the_warm_up(self, small):
        state = next(small.states(0, (-2,)))
        asked: list[object] = []

        def states(arm: int, months: tuple[int, ...]) -> object:
            asked.append((arm, months))
            return iter((state,))

        watched: Any = SimpleNamespace(states=states)
        assert advice.advice_networks(watched) == advice.advice_networks(small)
        assert asked == [(0, (-2,))]

    def test_ties_within_teams_and_otherwise(self):
        """Of five teachers four are a team: twelve pairs within it, and eight with the fifth."""
        asks = np.zeros((5, 5), bool)
        asks[0, 1] = asks[1, 2] = asks[2, 0] = asks[4, 0] = asks[4, 1] = True
        assert advice.by_team(asks) == {"within": 3 / 12, "otherwise": 2 / 8}
        one_team = advice.by_team(asks[:4, :4])
        assert one_team["within"] == 3 / 12
        assert math.isnan(one_team["otherwise"])

    def test_ties_into_other_schools_do_not_count(self):
        scenario = load(
            "small-rural",
            overrides=["district.advice_across=0.5", "horizon.years=1", "horizon.warm_up_years=1"],
        )
        measured = advice.advice_networks(SimulatedUnit((simulate(scenario, 1, 0),)))
        graph = graphs_at(scenario, 1, 0, [advice.LAST_SPRING])[0]
        school = graph.nodes(data="school")
        inside: Any = [
            school[giver]
            for giver, asker, kind in graph.edges(keys=True)
            if kind == "advice" and school[giver] == school[asker]
        ]
        sizes = np.bincount(inside) / np.array([24, 24, 23, 23, 23, 23])
        assert measured["asked"] == pytest.approx(sizes.mean())

    def test_the_loaded_list_has_teams_and_a_hub(self):
        rows = advice.teams_and_a_hub(10, 2).decode().splitlines()
        assert rows[0] == "source,target,kind,trust"
        asked = {
            (giver, asker)
            for giver, asker, *_ in (row.split(",") for row in rows[1:])
            if asker.startswith("teacher-0")
        }
        of_the_last = {giver for giver, asker in asked if asker == "teacher-0-4"}
        of_the_second = {giver for giver, asker in asked if asker == "teacher-0-1"}
        assert of_the_last == {"teacher-0-0"}
        assert of_the_second == {"teacher-0-0", "teacher-0-2", "teacher-0-3"}

    def test_networks_differ_and_nothing_else(self):
        places: Any = SimpleNamespace(ordinary=load("small-rural"), replicates=6)
        arms = advice.networks(places)[0].scenarios
        calm = arms[::2]
        assert [each.district.advice_ties for each in calm] == [0, 5, 4, 4, 4, 5]
        assert len({each.fingerprint for each in calm}) == 6
        assert calm[1].fingerprint == places.ordinary.fingerprint
        assert calm[5].survey.count(b"\n") > 140
        assert {each.grants for each in arms[1::2]} == {arms[1].grants}

    def test_spread(self):
        means = {"chosen": 0.1, "random": 0.1, "clustered": 0.12, "star": 0.08, "surveyed": 0.1}
        means["none"] = 0.5
        units = [{f"{name}_gain": value for name, value in means.items()}] * 5
        assert advice.spread_of("gain")(units) == pytest.approx(40.0)


def teachers(practice, person=None):
    """Practice by month from the one before the trial on, of two teachers and more."""
    practice = np.array(practice, float)
    person = np.tile(np.arange(practice.shape[1]), (len(practice), 1)) if person is None else person
    states: Any = [
        SimpleNamespace(teachers=SimpleNamespace(practice=row, person=who))
        for row, who in zip(practice, np.array(person), strict=True)
    ]
    return colleagues.Teachers(states)


class TestColleagues:
    def test_what_is_added_for_pupils_is_a_flow_of_which_a_quarter_is_kept_a_year(self):
        p = Coefficients()
        untreated = teachers([[0.4, 0.6]] * 3)
        treated = teachers([[0.4, 0.6], [0.5, 0.6], [0.5, 0.6]])
        added = colleagues.added_for_pupils(treated, untreated, np.array([0]), p)
        kept = p.persistence ** (1 / 12)
        # one SD of practice above, which alone adds a slope in twelve months
        monthly = p.outcome_slope * (1 - kept) / (1 - p.persistence)
        assert added == pytest.approx([monthly, (1 + kept) * monthly])
        of_both = colleagues.added_for_pupils(treated, untreated, np.array([0, 1]), p)
        assert of_both == pytest.approx([value / 2 for value in added])
        nobody = colleagues.added_for_pupils(treated, untreated, np.array([], int), p)
        assert all(math.isnan(value) for value in nobody)

    def test_who_stayed(self):
        first = teachers([[0.4, 0.6, 0.5]] * 2, [[1, 2, 3], [1, 2, 9]])
        other = teachers([[0.4, 0.6, 0.5]] * 2, [[1, 2, 3], [1, 8, 3]])
        assert list(first.stayed(other)) == [True, False, False]

    def test_the_low_are_paired_with_the_high_of_their_school(self, small):
        state = next(small.states(0, (-1,)))
        practice = state.teachers.practice
        pairs = list(colleagues.by_skill(state))
        assert len(pairs) == len(state.schools)
        for school, (low, high) in enumerate(pairs):
            everyone = practice[state.first[school] : state.first[school + 1]]
            assert len(low) == len(high) == len(everyone) // 4
            assert set(practice[low]) == set(np.sort(everyone)[: len(low)])
            assert practice[high[0]] == everyone.max()
            assert practice[low[0]] == everyone.min()

    def test_the_low_learn_from_their_partner_and_nobody_else_does(self, small):
        before = next(small.states(0, (-1,)))
        low, high = (
            np.concatenate(side) for side in zip(*colleagues.by_skill(before), strict=True)
        )
        partner_of = dict(zip(low, high, strict=True))
        p = small.runs[0].scenario.coefficients
        alone = next(small.states(0, (0,))).teachers
        paired = colleagues.paired_for_a_year(small.states(0, colleagues.TWO_YEARS), p)
        first_month = list(itertools.islice(paired, 2))[-1].teachers
        for teacher in range(len(alone.practice)):
            added = first_month.learnt[teacher] - alone.learnt[teacher]
            expected = 0.0
            if teacher in partner_of:
                gap = alone.practice[partner_of[teacher]] - alone.practice[teacher]
                engaged = alone.conviction[teacher] * (1 - alone.strain[teacher])
                expected = engaged * p.help_rate * colleagues.PAIRED * gap / 12
            assert added == pytest.approx(expected)

    def test_after_a_year_the_pairs_part(self, small, monkeypatch):
        calls = 0

        def engaged(*_: float) -> float:
            nonlocal calls
            calls += 1
            return 0.0

        monkeypatch.setattr(colleagues, "engagement", engaged)
        p = small.runs[0].scenario.coefficients
        taught, before = set(), 0
        paired = colleagues.paired_for_a_year(small.states(0, colleagues.TWO_YEARS), p)
        for month, _ in zip(colleagues.TWO_YEARS, paired, strict=True):
            if calls > before:
                taught.add(month)
            before = calls
        assert taught == set(range(12))

    def test_the_low_gain_from_a_partner(self, small):
        measured = colleagues.pairing_trial(small)
        assert 0.0 < measured["paired"] < 0.3
        assert abs(measured["partner"]) < measured["paired"] / 10
        assert measured["second_year"] > measured["first_year"] / 2

    def test_newcomers_are_recent_and_have_a_grade_team(self, small):
        state = next(small.states(0, (-1,)))
        seats = colleagues.newcomers(state)
        assert len(seats) == len(state.schools)
        for school, newcomer in enumerate(seats):
            first, last = state.first[school : school + 2]
            assert first <= newcomer < last
            assert state.teachers.tenure[newcomer] == state.teachers.tenure[first:last].min()
            team = colleagues.team_around(state, int(newcomer))
            place = newcomer - first
            together = [first + seat for seat in range(last - first) if seat // 4 == place // 4]
            assert sorted([*team, newcomer]) == together

    def test_a_newcomer_differs_by_so_many_sd_and_nobody_else_does(self, small):
        alike, able = (
            next(colleagues.joined(small.states(0, colleagues.THREE_YEARS), away))
            for away in (0.0, 1.0)
        )
        differ = np.flatnonzero(alike.teachers.practice != able.teachers.practice)
        before = next(small.states(0, (-1,)))
        newcomers = [
            seat
            for seat in colleagues.newcomers(before)
            if len(colleagues.team_around(before, int(seat)))
        ]
        assert list(differ) == newcomers
        for name in ("practice", "ability"):
            given, usual = (getattr(run.teachers, name)[newcomers] for run in (able, alike))
            assert given - usual == pytest.approx(before.teachers.practice.std())
        for newcomer in newcomers:
            team = colleagues.team_around(before, int(newcomer))
            wanted = before.teachers.practice[team].mean()
            assert alike.teachers.practice[newcomer] == pytest.approx(wanted)

    def test_an_able_newcomer_brings_more_than_a_weak_one_takes(self, small):
        """Nobody learns from who does worse: a weak one takes only what an equal would have taught."""
        measured = colleagues.a_newcomer(small)
        assert 0.0 < measured["able"] < 0.1
        assert 0.0 <= measured["weak_loss"] < measured["able"]
