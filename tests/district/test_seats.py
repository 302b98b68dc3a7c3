"""Seats, first occupants, and who serves whom."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reformsim.district.caseloads import add_member, first_caseloads, remove_member
from reformsim.district.network import cohorts, serving
from reformsim.district.seats import (
    TEACHER_LEARNT,
    Role,
    heads,
    mean,
    need_gap,
    need_quartiles,
    seat_number,
    seat_people,
    shares,
)
from reformsim.scenario import District, Scenario


def test_seat_numbers_are_unique_and_fit_in_32_bits() -> None:
    numbers = {
        seat_number(role, school, index)
        for role in Role
        for school in (0, 1, 15_999)
        for index in (0, 1, 16_000)
    }
    assert len(numbers) == 9 * len(Role)
    assert max(numbers) < 2**32


@given(total=st.integers(0, 10_000), parts=st.integers(1, 300))
def test_shares_are_even_and_add_up(total: int, parts: int) -> None:
    spread = shares(total, parts)
    assert sum(spread) == total
    assert max(spread) - min(spread) <= 1


def test_quartiles_and_the_gap_between_them() -> None:
    need = np.array([0.9, 0.1, 0.5, 0.3, 0.7, 0.2, 0.6, 0.4])
    assert need_quartiles(need).tolist() == [3, 0, 2, 1, 3, 0, 2, 1]
    assert need_gap(need, need_quartiles(need)) == pytest.approx(0.8 - 0.15)
    assert need_gap([0.5], [0]) == 0.0


@given(schools=st.integers(1, 60), staff=st.integers(1, 12), more=st.integers(1, 6))
def test_caseloads_stay_fair_and_break_as_few_ties_as_possible(
    schools: int, staff: int, more: int
) -> None:
    serves = first_caseloads(schools, staff)
    for member in range(staff, staff + more):
        before = list(serves)
        add_member(serves, member)
        moved = [new for old, new in zip(before, serves, strict=True) if old != new]
        # Only the newcomer gains schools, and gets a fair share of them.
        assert moved == [member] * (schools // (member + 1))
    for member in range(staff + more - 1, staff - 1, -1):
        before = list(serves)
        remove_member(serves, member)
        assert member not in serves
        assert all(new == old for old, new in zip(before, serves, strict=True) if old != member)
    if staff <= schools:
        loads = [serves.count(member) for member in range(staff)]
        assert max(loads) - min(loads) <= 2


@given(schools=st.integers(1, 60), coaches=st.integers(1, 120))
def test_every_school_has_an_instructional_coach_and_every_coach_a_school(
    schools: int, coaches: int
) -> None:
    served = serving(coaches, schools)
    assert len(served) == schools
    assert all(served)
    assert {post for posts in served for post in posts} == set(range(coaches))


@given(st.integers(1, 400))
def test_cohorts_of_about_six(schools: int) -> None:
    groups = cohorts(schools)
    assert [school for group in groups for school in group] == list(range(schools))
    if schools >= 4:
        assert all(4 <= len(group) <= 8 for group in groups)


def test_posts_are_held_by_whole_people() -> None:
    assert [heads(posts) for posts in (0.1, 0.5, 1.49, 1.5, 3.25)] == [1, 1, 1, 2, 3]


def test_means_are_added_in_order() -> None:
    values = [1e16, 1.0, -1e16]
    assert mean(values) == 0.0  # a compensated sum would give 1/3
    assert mean([]) == 0.0


def test_first_occupants_look_like_the_district() -> None:
    scenario = Scenario(district=District(schools=300, teachers=9_000, enrolment=180_000))
    seats = seat_people(scenario, 1, 0)
    assert mean(seats.need) == pytest.approx(0.55, abs=0.04)
    practice, _, tenure, _ = zip(*seats.principals, strict=True)
    assert mean(practice) == pytest.approx(0.415, abs=0.03)
    assert mean(tenure) == pytest.approx(60, abs=10)
    teachers = [teacher for staff in seats.teachers for teacher in staff]
    ability, _, _, careers, _ = zip(*teachers, strict=True)
    assert mean(ability) + TEACHER_LEARNT == pytest.approx(0.475, abs=0.015)  # but for beginners
    assert max(careers) <= 420
