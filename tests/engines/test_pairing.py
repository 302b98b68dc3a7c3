"""Paired replicates: a change reaches only what it can reach before the runs first differ."""

from __future__ import annotations

import numpy as np
from districts import WEB, small
from hypothesis import given, settings
from hypothesis import strategies as st

from reformsim.district.network import edges_of_kind
from reformsim.engines import simulate
from reformsim.engines.reference import DistrictModel


def test_strategies_share_their_warm_up() -> None:
    plain, web = simulate(small()), simulate(small(levers=WEB))
    warm_up = plain.months < 0
    for name, series in plain.district.items():
        np.testing.assert_array_equal(series[warm_up], web.district[name][warm_up], err_msg=name)
    assert not np.array_equal(plain.district["leadership"], web.district["leadership"])


def test_a_later_event_changes_nothing_before_it() -> None:
    plain = simulate(small())
    shocked = simulate(small(events=[{"type": "superintendent_departure", "month": 13}]))
    before = plain.months < 13
    for name, values in plain.schools.items():
        np.testing.assert_array_equal(values[before], shocked.schools[name][before], err_msg=name)
    assert (
        plain.district["superintendent_departures"][~before]
        != shocked.district["superintendent_departures"][~before]
    ).any()


def test_revenue_does_not_depend_on_the_strategy() -> None:
    plain, web = simulate(small()), simulate(small(levers=WEB))
    for name in ("revenue_index", "fiscal_stress"):
        np.testing.assert_array_equal(plain.district[name], web.district[name])


def test_a_principal_departure_first_changes_only_that_school() -> None:
    """In the month after, every other school's leadership and seats are as they were."""
    plain = simulate(small())
    changed = simulate(small(events=[{"type": "principal_departure", "month": 14, "school": 2}]))
    month = int(np.flatnonzero(plain.months == 14)[0])
    others = [0, 1, 3]
    for name in ("teacher_practice", "outcome", "vacant", "teacher_departures", "leadership"):
        np.testing.assert_array_equal(
            plain.schools[name][month][others], changed.schools[name][month][others], err_msg=name
        )
    assert changed.schools["vacant"][month][2] == 1.0


@settings(max_examples=10, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1), schools=st.integers(1, 8), each=st.integers(2, 12))
def test_one_more_teacher_leaves_everyone_else_as_they_were(
    seed: int, schools: int, each: int
) -> None:
    """The newcomer gets a seat; other first occupants, and ties not leading there, stay."""
    teachers = schools * each
    one = DistrictModel(small(schools, teachers), seed)
    two = DistrictModel(small(schools, teachers + 1), seed)
    states = ("practice", "conviction", "tenure", "experience", "embeddedness")
    for agent in one.teachers:
        twin = two.agent_at[agent.node]
        assert [getattr(agent, s) for s in states] == [getattr(twin, s) for s in states]
    for head, twin in zip(one.principals, two.principals, strict=True):
        assert head.practice == twin.practice
        assert head.access_draw == twin.access_draw
    (newcomer,) = {t.node for t in two.teachers} - {t.node for t in one.teachers}
    before, after = edges_of_kind(one.graph, "advice"), edges_of_kind(two.graph, "advice")
    # Whoever does not turn to the newcomer turns to the same colleagues as before.
    now_ask = {asker for giver, asker in after if giver == newcomer} | {newcomer}
    assert {edge for edge in before if edge[1] not in now_ask} == {
        edge for edge in after if edge[1] not in now_ask
    }


def test_one_more_teacher_changes_no_decision_of_others_until_it_can_reach_them() -> None:
    """Departures in another school agree until something has passed through the district."""
    one, two = DistrictModel(small(4, 40)), DistrictModel(small(4, 41))
    one.step()
    two.step()
    # The 41st teacher is in school 0; in the first month only that school can differ.
    for mine, theirs in zip(one.schools[1:], two.schools[1:], strict=True):
        assert mine.principal.practice == theirs.principal.practice
        assert mine.operational_demand == theirs.operational_demand
        assert mine.principal.vacant == theirs.principal.vacant
