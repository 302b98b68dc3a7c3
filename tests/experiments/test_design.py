"""Points of every design, against what is known of them."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import qmc

from reformsim.errors import ReformsimError
from reformsim.experiments.definition import Definition, Design, Range
from reformsim.experiments.design import points, spread_over

TURNOVER, LOAD = "conditions.superintendent_turnover", "conditions.operational_load"
PIPELINE, PILOT = "levers.pipeline", "levers.pilot_months"
DRAWN = ("latin-hypercube", "sobol", "morris", "saltelli")


def experiment(kind, count=None, seed=1, uncertainties=(), levers=()):
    return Definition(
        title="T",
        seed=seed,
        design=Design(kind=kind, points=count),
        uncertainties=dict(uncertainties),
        levers=dict(levers),
    )


def drawn(kind, count, seed=1, **changes):
    """Points of two uncertainties and a whole lever."""
    return points(
        experiment(
            kind,
            count,
            seed,
            {TURNOVER: Range(low=0.5, high=2.0, scale="log"), LOAD: Range(low=0.9, high=1.2)},
            {PILOT: Range(low=0, high=24)},
        )
    )


def rows(table):
    return [tuple(row) for row in table.to_numpy().tolist()]


def test_a_grid_is_every_value_with_every_other():
    found = points(experiment("grid", None, 1, {TURNOVER: (0.5, 1, 2)}, {PILOT: (0, 12)}))
    assert list(found.columns) == [TURNOVER, PILOT]
    assert rows(found) == [(0.5, 0), (0.5, 12), (1, 0), (1, 12), (2, 0), (2, 12)]


def test_an_experiment_that_varies_nothing_has_one_point():
    for kind in ("grid", "list", "one-at-a-time"):
        assert points(experiment(kind)).shape == (1, 0)


def test_a_list_is_read_row_by_row():
    found = points(
        experiment("list", None, 1, {TURNOVER: (0.5, 2, 1)}, {PILOT: (6,), PIPELINE: (0, 1, 0.5)})
    )
    assert rows(found) == [(0.5, 6, 0), (2, 6, 1), (1, 6, 0.5)]


def test_one_at_a_time_leaves_the_others_as_they_are():
    found = points(
        experiment("one-at-a-time", None, 1, {TURNOVER: (0.5, 2), LOAD: (1.1,)}, {PILOT: (12,) * 1})
    )
    assert found[TURNOVER].tolist()[1:] == [0.5, 2]
    assert np.isnan(found[TURNOVER][0])
    # A single value is a constant, here as everywhere.
    assert found[LOAD].tolist() == [1.1] * 3
    assert found[PILOT].tolist() == [12] * 3


def test_one_at_a_time_has_a_point_for_each_value():
    found = points(experiment("one-at-a-time", None, 1, {TURNOVER: (0.5, 2)}, {PILOT: (6, 12, 24)}))
    expected = [(None, None), (0.5, None), (2, None), (None, 6), (None, 12), (None, 24)]
    pd.testing.assert_frame_equal(
        found, pd.DataFrame(expected, columns=[TURNOVER, PILOT], dtype=float)
    )


@given(st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_a_latin_hypercube_has_one_point_in_each_slice_of_each_parameter(count, seed):
    found = drawn("latin-hypercube", count, seed)
    unit = np.column_stack(
        [np.log(found[TURNOVER] / 0.5) / np.log(4), (found[LOAD] - 0.9) / (1.2 - 0.9)]
    )
    for column in unit.T:
        # A point on an edge may be rounded to either side of it.
        slices = np.floor(column * count + 1e-9).clip(0, count - 1)
        assert sorted(slices) == list(range(count))


def test_sobol_points_are_those_of_scipy():
    unit = qmc.Sobol(3, rng=7).random(16)
    found = drawn("sobol", 16, seed=7)
    np.testing.assert_allclose(found[TURNOVER], 0.5 * 4 ** unit[:, 0], rtol=1e-12)
    np.testing.assert_allclose(found[LOAD], 0.9 + 0.3 * unit[:, 1], rtol=1e-12)
    np.testing.assert_array_equal(found[PILOT], np.floor(25 * unit[:, 2]))


def test_sobol_points_fill_every_eighth_of_the_square_equally():
    found = drawn("sobol", 64)
    first = np.floor(8 * np.log(found[TURNOVER] / 0.5) / np.log(4))
    second = np.floor(8 * (found[LOAD] - 0.9) / 0.3)
    assert set(np.bincount((8 * first + second).astype(int))) == {1}


def test_a_morris_trajectory_changes_one_parameter_at_a_time_by_the_same_step():
    found = drawn("morris", 5).to_numpy()
    assert found.shape == (5 * 4, 3)
    for trajectory in found.reshape(5, 4, 3):
        changed = np.diff(trajectory, axis=0) != 0
        assert changed.sum(axis=1).tolist() == [1, 1, 1]
        assert changed.sum(axis=0).tolist() == [1, 1, 1]
    # Two thirds of the way: four levels, and a step of two of them, forward or back.
    steps = np.diff(np.log(found[:, 0].reshape(5, 4)), axis=1)
    np.testing.assert_allclose(np.abs(steps[steps != 0]), np.log(4) * 2 / 3)


def test_a_saltelli_design_is_two_matrices_and_a_mixture_for_each_parameter():
    found = drawn("saltelli", 8).to_numpy().reshape(8, 5, 3)
    for first, *mixed, second in found:
        for place, row in enumerate(mixed):
            expected = first.copy()
            expected[place] = second[place]
            assert row.tolist() == expected.tolist()


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_seed_decides(kind, seed):
    pd.testing.assert_frame_equal(drawn(kind, 4, seed), drawn(kind, 4, seed), check_exact=True)
    assert not drawn(kind, 4, seed).equals(drawn(kind, 4, seed + 1))


def test_points_are_the_same_in_another_process():
    code = (
        "from test_design import drawn, DRAWN\n"
        "print([drawn(kind, 4, 0).to_numpy().tobytes().hex() for kind in DRAWN])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": "5", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
        cwd=__file__.rpartition("/")[0],
    )
    here = [drawn(kind, 4, 0).to_numpy().tobytes().hex() for kind in DRAWN]
    assert ran.stdout.strip() == str(here)


@pytest.mark.parametrize("kind", DRAWN)
def test_a_constant_stands_in_every_point(kind):
    found = points(
        experiment(kind, 4, 1, {TURNOVER: (1.5,), LOAD: Range(low=0.9, high=1.2)}, {PILOT: (12,)})
    )
    assert list(found.columns) == [TURNOVER, LOAD, PILOT]
    assert set(found[TURNOVER]) == {1.5}
    assert set(found[PILOT]) == {12}


ends = st.tuples(st.integers(1, 400), st.integers(1, 400)).map(sorted).filter(lambda x: x[0] < x[1])
units = st.lists(st.floats(0, 1), min_size=1).map(np.array)


@given(ends, units, st.sampled_from(["linear", "log"]), st.booleans())
def test_values_stay_in_their_range_and_in_their_order(ends, unit, scale, whole):
    entry = Range(low=ends[0], high=ends[1], scale=scale)
    found = spread_over(entry, unit, whole=whole)
    assert found.min() >= ends[0]
    assert found.max() <= ends[1]
    assert (np.diff(found[np.argsort(unit)]) >= 0).all()
    if whole:
        assert (found == np.round(found)).all()


def test_the_ends_and_the_middle_of_a_range():
    unit = np.array([0, 0.5, 1])
    linear, log = Range(low=1, high=100), Range(low=1, high=100, scale="log")
    assert spread_over(linear, unit, whole=False).tolist() == [1, 50.5, 100]
    np.testing.assert_allclose(spread_over(log, unit, whole=False), [1, 10, 100])
    assert spread_over(log, unit, whole=True).tolist() == [1, 10, 100]


@given(st.integers(2, 9))
def test_whole_numbers_come_equally_often(values):
    """Neither end gets half of what the others get, as rounding would give it."""
    unit = (np.arange(10 * values) + 0.5) / (10 * values)
    found = spread_over(Range(low=3, high=2 + values), unit, whole=True)
    assert np.bincount(found.astype(int))[3:].tolist() == [10] * values


@pytest.mark.parametrize("kind", ["morris", "saltelli"])
def test_a_missing_extra_says_how_to_get_it(monkeypatch, kind):
    monkeypatch.setitem(sys.modules, "SALib.sample", None)
    with pytest.raises(ReformsimError) as caught:
        drawn(kind, 4)
    assert str(caught.value).splitlines() == [
        f"a {kind} design needs SALib: pip install 'reformsim[sensitivity]'"
    ]


class TestAGridCrossedWithDrawnPoints:
    def crossed(self, cross="latin-hypercube", **changes):
        return Definition(
            title="T",
            seed=7,
            design=Design(kind="grid", cross=cross, points=changes.pop("points", 4)),
            **{
                "uncertainties": {TURNOVER: Range(low=0.5, high=2.0), "conditions.shock_rate": 0.1},
                "levers": {PIPELINE: (0.0, 0.5, 1.0), PILOT: Range(low=0, high=24)},
                **changes,
            },
        )

    def test_every_point_of_the_grid_meets_every_point_drawn(self):
        table = points(self.crossed())
        assert list(table.columns) == [TURNOVER, "conditions.shock_rate", PIPELINE, PILOT]
        assert table[PIPELINE].tolist() == [0.0] * 4 + [0.5] * 4 + [1.0] * 4
        assert set(table["conditions.shock_rate"]) == {0.1}
        ranges = {"uncertainties": {TURNOVER: Range(low=0.5, high=2.0)}}
        alone = points(
            experiment(
                "latin-hypercube", 4, 7, ranges["uncertainties"], {PILOT: Range(low=0, high=24)}
            )
        )
        for _, part in table.groupby(PIPELINE):
            np.testing.assert_array_equal(part[[TURNOVER, PILOT]], alone[[TURNOVER, PILOT]])

    def test_of_two_lists_and_a_sobol_sequence(self):
        lists = {PIPELINE: (0.0, 1.0), PILOT: (0.0, 12.0)}
        table = points(self.crossed("sobol", levers=lists))
        assert len(table) == 2 * 2 * 4
        assert len(table.drop_duplicates()) == 16

    def test_there_may_be_no_list(self):
        assert len(points(self.crossed(levers={}))) == 4

    @pytest.mark.parametrize(
        ("design", "said"),
        [
            ({"kind": "list", "cross": "sobol", "points": 4}, "a list design cannot be crossed"),
            ({"kind": "grid", "cross": "sobol", "points": 3}, "must be a power of two"),
            ({"kind": "grid", "cross": "latin-hypercube"}, "points: missing key"),
            ({"kind": "grid", "cross": "morris", "points": 4}, "cross"),
        ],
    )
    def test_what_cannot_be(self, design, said):
        data = self.crossed().model_dump() | {"design": design}
        with pytest.raises(ValueError, match=said):
            Definition.model_validate(data)

    def test_it_needs_a_range(self):
        with pytest.raises(ValueError, match="a latin-hypercube design needs a range to draw from"):
            self.crossed(uncertainties={}, levers={PIPELINE: (0.0, 1.0)})

    def test_too_many_points_are_refused_before_they_are_made(self):
        with pytest.raises(ValueError, match="has too many points"):
            self.crossed(points=1_000_000)
