"""The census: that of the run, with either engine."""

from __future__ import annotations

import numpy as np
import pytest
from districts import WEB, small

from reformsim.engines import simulate
from reformsim.engines.census import census
from reformsim.engines.reference import DistrictModel

MONTHS = (-24, -1, 10, 11, 47)


def test_it_is_who_the_agents_are():
    scenario = small(levers=WEB)
    found = census(scenario, 3, 1, MONTHS)
    model = DistrictModel(scenario, 3, 1)
    row = 0
    while model.running:
        model.step()
        if model.month - 1 in MONTHS:
            heads, teachers = model.principals, model.teachers
            assert list(found.vacant[row]) == [head.vacant for head in heads]
            assert list(found.experience[row]) == [head.experience for head in heads]
            assert list(found.mentored[row]) == [head.mentor() is not None for head in heads]
            seats = [any(coach.contracted for coach, _ in head.coaches) for head in heads]
            assert list(found.seated[row]) == seats
            assert list(found.teacher[row]) == [one.person for one in teachers]
            assert list(found.teacher_experience[row]) == [one.experience for one in teachers]
            assert list(found.teacher_practice[row]) == [one.practice for one in teachers]
            row += 1
    assert row == len(MONTHS)
    assert found.seated.any()
    assert found.mentored.any()


def test_who_leaves_is_who_the_record_counts():
    scenario = small()
    found = census(scenario, 0, 0, [10, 11, 12])
    left = (found.teacher[0] != found.teacher[1]).sum()
    run = simulate(scenario, 0)
    assert left == run.district["teacher_departures"][run.months == 11][0] > 0
    assert np.array_equal(found.teacher[1], found.teacher[2])


@pytest.mark.parametrize("months", [[], [3, 2], [2, 2], [-25], [48]])
def test_months_out_of_order_or_out_of_the_run(months):
    with pytest.raises(ValueError, match="months of a census"):
        census(small(), 0, 0, months)
