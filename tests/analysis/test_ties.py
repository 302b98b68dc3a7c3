"""Measures of live ties, by hand, and the tables of ties and people."""

from __future__ import annotations

import math

import networkx as nx
import pytest

from reformsim.analysis.ties import (
    Shape,
    live_kinds,
    people_table,
    shape_of,
    shapes_table,
    ties_table,
)
from reformsim.district.network import tie


def graph(people, *ties):
    """Teachers of one school by place, with the person in each seat, and who gives advice to whom."""
    drawn: nx.MultiDiGraph = nx.MultiDiGraph()
    for place, person in enumerate(people):
        known = {} if person is None else {"person": person, "tenure": 12.0}
        drawn.add_node(f"teacher-0-{place}", role="teacher", school=0, **known)
    for giver, asker, depth in ties:
        tie(drawn, f"teacher-0-{giver}", f"teacher-0-{asker}", "advice", depth=depth)
    return drawn


BEFORE = graph((1, 2, 3, 4), (0, 1, 0.2), (1, 0, 0.4), (2, 1, 0.6))
"""2 asks 1 and 3; 1 asks 2. Nobody asks 4."""


def test_a_month_by_hand():
    # Paths: 1 asks 2 asks 3, which is not closed; 2 asks 1 asks 2 is none.
    assert shape_of(BEFORE, ["advice"])[:4] == pytest.approx((3, 0.4, 2 / 3, 0.0))
    closed = BEFORE.copy()
    tie(closed, "teacher-0-2", "teacher-0-0", "advice", depth=0.8)
    # Now 1 → 2 → 3 is closed by 1 → 3, and 2 → 1 → 3 by 2 → 3.
    assert shape_of(closed, ["advice"])[:4] == pytest.approx((4, 0.5, 0.5, 1.0))


def test_what_is_new_and_what_is_lost():
    after = graph((1, 2, 3, 4), (0, 1, 0.3), (3, 0, 0.1))
    found = shape_of(after, ["advice"], BEFORE)
    assert (found.new, found.lost) == (1 / 2, 2 / 3)
    same = shape_of(BEFORE, ["advice"], BEFORE)
    assert (same.new, same.lost) == (0.0, 0.0)


def test_somebody_else_in_a_seat_has_ties_of_his_or_her_own():
    after = graph((1, 9, 3, 4), (0, 1, 0.2), (1, 0, 0.4), (2, 1, 0.6))
    found = shape_of(after, ["advice"], BEFORE)
    assert (found.ties, found.new, found.lost) == (3, 1.0, 1.0)


def test_an_empty_seat_has_no_ties():
    after = graph((1, None, 3, 4), (0, 1, 0.2), (3, 0, 0.4))
    assert shape_of(after, ["advice"]).ties == 1


def test_nothing_to_take_a_share_of():
    found = shape_of(graph((1, 2)), ["advice"], graph((1, 2)))
    assert found == pytest.approx(Shape(0, *[math.nan] * 5), nan_ok=True)


def test_a_graph_of_seats_goes_by_them():
    seats = graph((None, None, None), (0, 1, 0.2))
    other = graph((None, None, None), (0, 2, 0.2))
    assert shape_of(other, ["advice"], seats).new == 1.0
    assert shape_of(seats, ["advice"], seats).new == 0.0


def test_ties_of_leaders_have_trust():
    drawn = BEFORE.copy()
    drawn.add_node("principal-0", role="principal", school=0, person=7, tenure=3.0)
    drawn.add_node("leadership-support-0", role="leadership-support", person=8, tenure=3.0)
    drawn.add_node("mentor-0", role="mentor", school=0)
    tie(drawn, "leadership-support-0", "principal-0", "partnership", 0.5)
    tie(drawn, "mentor-0", "principal-0", "coaching", 0.7)
    tie(drawn, "principal-0", "teacher-0-0", "leadership")
    assert live_kinds([drawn]) == {"leaders": ["partnership", "coaching"], "teachers": ["advice"]}
    table = shapes_table({0: BEFORE, 12: drawn})
    rows = table[table["month"] == 12].set_index("kind")
    assert list(rows.index) == ["all", "partnership", "coaching", "advice"]
    assert rows.loc["all", "ties"] == 2
    assert rows.loc["all", "strength"] == pytest.approx(0.6)
    assert rows.loc["advice", "new"] == 0.0
    assert rows["lost"].isna()["all"]


def test_the_tables_do_not_depend_on_the_order_of_ties():
    shuffled = graph((1, 2, 3, 4), (2, 1, 0.6), (1, 0, 0.4), (0, 1, 0.2))
    table = ties_table({0: BEFORE, 12: shuffled})
    assert list(table.columns) == ["month", "source", "target", "kind", "trust", "depth"]
    one, other = (table[table["month"] == month].drop(columns="month") for month in (0, 12))
    assert one.reset_index(drop=True).equals(other.reset_index(drop=True))
    assert table["trust"].isna().all()
    people = people_table({3: graph((5, None))})
    assert people["person"].tolist()[0] == 5
    assert people["person"].isna().tolist() == [False, True]
