"""The search by pyabc: the same seed, the same particles, whatever came between."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from toys import HAZARD, OBSERVED, SCALE, SCALES, Toy, toy_targets

from reformsim.calibration.posterior import adjusted
from reformsim.calibration.sampling import search
from reformsim.errors import ReformsimError

pytest.importorskip("pyabc")


def found(toy=None, seed=1, database=None, on_step=lambda _: None):
    return search(toy or Toy(), OBSERVED, SCALES, seed, database, on_step)


class Stopped(Exception):
    pass


def stop_at(generation, candidate):
    """Return what stops a search at a candidate of a generation."""

    def stop(step):
        if (step.generation, step.candidates) == (generation, candidate):
            raise Stopped

    return stop


def test_the_same_seed_gives_the_same_particles_and_another_does_not():
    one, same, other = (found(seed=seed).particles for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, same, check_exact=True)
    assert not np.array_equal(one[HAZARD], other[HAZARD])


def test_what_stands_in_numpys_global_generator_neither_matters_nor_is_lost():
    np.random.seed(5)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    one = found().particles
    assert np.random.random() == expected  # noqa: NPY002
    pd.testing.assert_frame_equal(one, found().particles, check_exact=True)


@pytest.mark.parametrize("generation", [1, 2])
def test_an_interrupted_search_goes_on_to_the_same_particles(tmp_path, generation):
    whole = found(database=tmp_path / "whole.sqlite")
    path = tmp_path / "stopped.sqlite"
    with pytest.raises(Stopped):
        found(database=path, on_step=stop_at(generation, 15))
    toy = Toy()
    resumed = found(toy, database=path)
    assert resumed.particles["generation"].nunique() == 3
    assert toy.asked < whole.generations["candidates"].sum()
    pd.testing.assert_frame_equal(resumed.particles, whole.particles, rtol=1e-12)
    pd.testing.assert_frame_equal(resumed.generations, whole.generations, rtol=1e-12)


def test_one_interrupted_before_its_first_generation_begins_again(tmp_path):
    with pytest.raises(Stopped):
        found(database=tmp_path / "a.sqlite", on_step=stop_at(0, 10))
    resumed = found(database=tmp_path / "a.sqlite").particles
    pd.testing.assert_frame_equal(resumed, found().particles, rtol=1e-12)


def test_one_that_is_done_asks_the_model_nothing(tmp_path):
    path = tmp_path / "done.sqlite"
    first = found(database=path).particles
    toy = Toy()
    pd.testing.assert_frame_equal(found(toy, database=path).particles, first)
    assert toy.asked == 0


def test_thresholds_fall_and_weights_sum_to_1():
    made = found()
    assert (np.diff(made.generations["threshold"]) < 0).all()
    assert made.particles.groupby("generation")["weight"].sum().to_numpy() == pytest.approx(1)


def test_it_finds_what_the_data_say():
    targets = toy_targets(population=200, generations=4)
    particles = found(Toy(targets)).particles
    posterior = adjusted(particles, targets, OBSERVED, SCALES)
    for name, centre, spread in ((HAZARD, 0.4, 0.1), (SCALE, 0.5, 0.1414)):
        mean = np.average(posterior[name], weights=posterior["weight"])
        deviation = np.sqrt(np.average((posterior[name] - mean) ** 2, weights=posterior["weight"]))
        assert mean == pytest.approx(centre, abs=0.35 * spread)
        assert deviation == pytest.approx(spread, rel=0.25)


def test_statistics_that_are_never_defined_are_refused():
    class Undefined(Toy):
        def observations(self, values, seed):
            return dict.fromkeys(OBSERVED, float("nan"))

    with pytest.raises(ReformsimError, match="narrow the priors"):
        found(Undefined(toy_targets(population=20)))


def test_a_missing_pyabc_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyabc", None)
    with pytest.raises(ReformsimError, match=r"reformsim\[calibration\]"):
        found()
