"""The search: ABC-SMC by pyabc. The only module that imports it.

pyabc draws from NumPy's global generator. Here that is seeded anew for each candidate, with a hash
of the seed, the generation and the candidate's number, and put back afterwards; and candidates are
looked at one after another, while the runs of one are shared between threads. So the same seed
gives the same particles with any number of workers, and after any interruption.
"""

from __future__ import annotations

import hashlib
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from reformsim.errors import Problem, ReformsimError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from .simulating import Simulator
    from .targets import Prior, Targets

INSTALL = "pip install 'reformsim[calibration]'"
MOST_CANDIDATES = 100
"""Candidates for each particle after which a generation is given up."""


class Step(NamedTuple):
    """How far a search is."""

    generation: int
    accepted: int
    wanted: int
    candidates: int


class Found(NamedTuple):
    """What a search has found."""

    particles: pd.DataFrame
    """Those of every generation: generation, weight (they sum to 1 in each), distance, each free
    parameter and each statistic under its name."""
    generations: pd.DataFrame
    """generation, threshold (the largest distance that was accepted), candidates, rate."""


class Search:
    """One search, kept in a database, or in memory if none is named.

    Raises ReformsimError if pyabc is not installed.
    """

    def __init__(
        self,
        simulator: Simulator,
        observed: Mapping[str, float],
        scales: Mapping[str, float],
        seed: int,
        database: Path | None = None,
    ) -> None:
        self._pyabc = import_pyabc()
        self.targets: Targets = simulator.targets
        self._simulator, self._observed, self._scales = simulator, dict(observed), dict(scales)
        self._seed = seed
        self._url = f"sqlite:///{database}" if database else "sqlite://"
        self._is_new = database is None or not database.exists()

    def run(self, on_step: Callable[[Step], None] = lambda _: None) -> Found:
        """Go on until the generations asked for are there, or hardly a candidate is accepted."""
        pyabc, sampling = self._pyabc, self.targets.sampling
        # Where a search goes on, its threshold follows from the generation before.
        first = np.finfo(float).max if self._is_new else "from_sample"
        smc = pyabc.ABCSMC(
            self._model,
            pyabc.Distribution(
                **{name: _prior(pyabc, prior) for name, prior in self.targets.free.items()}
            ),
            pyabc.PNormDistance(2, {name: 1.0 / scale for name, scale in self._scales.items()}),
            sampling.population,
            eps=pyabc.MedianEpsilon(first),
            sampler=_in_order(pyabc, self._seed, on_step),
        )
        if self._is_new:
            smc.new(self._url, self._observed)
        else:
            smc.load(self._url, observed_sum_stat=self._observed)
        left = sampling.generations - smc.history.n_populations
        if left > 0 and not self._has_ended(smc.history):
            smc.run(max_nr_populations=left, min_acceptance_rate=sampling.least_accepted)
        particles = self._particles(smc.history)
        made = smc.history.get_all_populations().query("t >= 0")
        generations = pd.DataFrame(
            {
                "generation": made["t"].to_numpy(),
                "threshold": particles.groupby("generation")["distance"].max().to_numpy(),
                "candidates": made["samples"].to_numpy(),
                "rate": sampling.population / made["samples"].to_numpy(),
            }
        )
        return Found(particles, generations)

    def _model(self, parameters: Mapping[str, float]) -> dict[str, float]:
        values = {name: float(parameters[name]) for name in self.targets.free}
        return self._simulator.observations(values, self._seed)

    def _has_ended(self, history: Any) -> bool:
        made = history.get_all_populations().query("t >= 0")
        if not len(made):
            return False
        rate = self.targets.sampling.population / float(made["samples"].iloc[-1])
        return rate < self.targets.sampling.least_accepted

    def _particles(self, history: Any) -> pd.DataFrame:
        rows = []
        for generation in range(history.n_populations):
            for one in history.get_population(generation).particles:
                head = {
                    "generation": generation,
                    "weight": one.weight,
                    "distance": float(one.distance),
                }
                values = {name: float(one.parameter[name]) for name in self.targets.free}
                measured = {name: float(one.sum_stat[name]) for name in self.targets.targets}
                rows.append(head | values | measured)
        return pd.DataFrame(rows)


def import_pyabc() -> Any:
    """Return pyabc. Raises ReformsimError with what to install if it is not there."""
    try:
        import pyabc
    except ImportError:
        hint = f"install it with: {INSTALL}"
        raise ReformsimError(Problem("calibration needs pyabc", hint=hint)) from None
    logging.getLogger("ABC").setLevel(logging.ERROR)
    return pyabc


def _prior(pyabc: Any, prior: Prior) -> Any:
    if prior.mean is not None and prior.sd is not None:
        ends = ((end - prior.mean) / prior.sd for end in (prior.low, prior.high))
        return pyabc.RV("truncnorm", *ends, loc=prior.mean, scale=prior.sd)
    if prior.scale == "log":
        return pyabc.RV("loguniform", prior.low, prior.high)
    return pyabc.RV("uniform", prior.low, prior.high - prior.low)


def _in_order(pyabc: Any, seed: int, on_step: Callable[[Step], None]) -> Any:
    """Return a sampler in which a candidate's chance follows from its generation and number."""

    class InOrder(pyabc.sampler.Sampler):  # type: ignore[misc]
        def sample_until_n_accepted(
            self, n: int, simulate_one: Callable[[], Any], t: int, **_: Any
        ) -> Any:
            sample = self._create_empty_sample()
            number = 0
            while sample.n_accepted < n and number < MOST_CANDIDATES * n:
                with _seeded(f"{seed}/{t}/{number}"):
                    sample.append(simulate_one())
                number += 1
                on_step(Step(t, sample.n_accepted, n, number))
            if t == 0 and sample.n_accepted < n:
                raise ReformsimError(
                    f"of {number:,} sets of values drawn from the priors only {sample.n_accepted:,}"
                    " gave statistics that are defined; narrow the priors or raise [runs]"
                )
            sample.ok = sample.n_accepted == n
            self.nr_evaluations_ = number
            return sample

    return InOrder()


@contextmanager
def _seeded(key: str) -> Iterator[None]:
    before = np.random.get_state()  # noqa: NPY002 - the generator that pyabc draws from
    words = np.frombuffer(hashlib.sha256(key.encode()).digest(), np.uint32)
    np.random.seed(words)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002
