"""The search: ABC-SMC by pyabc. The only module that imports it.

pyabc draws from NumPy's global generator. Here that is seeded again for each candidate, with a hash
of the seed, the generation and the candidate's number, and put back afterwards; and candidates are
judged in the order of their numbers: one after another, while threads share the runs of one, or
several at a time in the processes of a Dask cluster. So the same seed gives the same particles with
any number of workers, of either kind, and after any interruption.
"""

from __future__ import annotations

import hashlib
import logging
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from reformsim.errors import Problem, ReformsimError
from reformsim.running.pools import Here, window

from . import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from reformsim.running.pools import Pending, Pool

    from .simulating import Simulator
    from .targets import Prior, Targets

INSTALL = "pip install 'reformsim[calibration]'"
CANDIDATES_AT_ONCE = 2
"""Candidates in flight for each worker of a cluster: what is ahead of the last one is for nothing."""
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


def search(
    simulator: Simulator,
    observed: Mapping[str, float],
    scales: Mapping[str, float],
    seed: int,
    database: Path | None = None,
    on_step: Callable[[Step], None] = lambda _: None,
    cluster: Pool | None = None,
) -> Found:
    """Search until the generations asked for are there, or hardly a candidate is accepted.

    Where `database` holds generations of the same search, it goes on after the last of them; each is
    kept there as soon as it is whole. `scales` is what one unit of distance is, by statistic. Raises
    ReformsimError if pyabc is not installed, what `database` holds is damaged, or statistics are
    undefined nearly everywhere in the priors.
    """
    # Not in memory: pyabc leaves such a database open, to be closed by whichever thread.
    with TemporaryDirectory() as folder:
        working = Path(folder) / "search.sqlite"
        if "?" in str(working):  # pyabc takes what follows for settings
            problem = "the folder for temporary files has a question mark in its name"
            raise ReformsimError(Problem(problem, folder, hint="set TMPDIR to another one"))
        if database is not None:
            record.fetch(database, working)
        pool = cluster or Here()
        return _search(simulator, observed, scales, seed, working, database, on_step, pool)


def _search(
    simulator: Simulator,
    observed: Mapping[str, float],
    scales: Mapping[str, float],
    seed: int,
    working: Path,
    database: Path | None,
    on_step: Callable[[Step], None],
    pool: Pool,
) -> Found:
    """Search in a database that pyabc has for itself, and keep what it holds in another."""
    pyabc, targets = import_pyabc(), simulator.targets
    sampling = targets.sampling

    def model(parameters: Mapping[str, float]) -> dict[str, float]:
        values = {name: float(parameters[name]) for name in targets.free}
        return simulator.observations(values, seed)

    priors = {name: _prior(pyabc, prior) for name, prior in targets.free.items()}
    smc = pyabc.ABCSMC(
        model,
        pyabc.Distribution(**priors),
        pyabc.PNormDistance(2, {name: 1.0 / scale for name, scale in scales.items()}),
        sampling.population,
        sampler=_in_order(pyabc, seed, on_step, pool),
    )
    url = f"sqlite:///{working}"
    if database is not None and working.exists():
        try:
            history = smc.load(url, observed_sum_stat=dict(observed))
            done = _done(_found(history, targets))
        except Exception as error:  # whatever pyabc comes upon in what somebody may have made
            raise record.not_understood(database) from error
    else:
        history, done = smc.new(url, dict(observed)), 0
    if database is not None:
        history.append_population = _keeping(history.append_population, working, database)
    # The first generation takes whatever the priors give; where a search goes on, its threshold
    # follows from the generation before.
    smc.eps = pyabc.MedianEpsilon("from_sample" if done else np.finfo(float).max)
    if done < sampling.generations and not (done and _rates(history)[-1] < sampling.least_accepted):
        left = sampling.generations - done
        smc.run(max_nr_populations=left, min_acceptance_rate=sampling.least_accepted)
    return _found(history, targets)


def _done(found: Found) -> int:
    """Return how many generations there are. Raises ValueError if they are none that a search makes."""
    rate, particles = found.generations["rate"], found.particles.to_numpy(float)
    if not ((rate > 0) & (rate <= 1)).all() or not np.isfinite(particles).all():
        raise ValueError("a search keeps what was accepted, and nothing undefined")
    return len(rate)


def _keeping(append: Callable[..., None], working: Path, database: Path) -> Callable[..., None]:
    """Return what adds a generation to pyabc's record and then keeps the record."""

    def append_and_keep(*arguments: Any, **options: Any) -> None:
        append(*arguments, **options)
        record.keep(working, database)

    return append_and_keep


def _rates(history: Any) -> list[float]:
    """Return the share of candidates that was accepted, by generation."""
    made = history.get_all_populations().query("t >= 0")
    return [float(rate) for rate in made["particles"] / made["samples"]]


def _found(history: Any, targets: Targets) -> Found:
    rows, generations = [], []
    for generation, rate in enumerate(_rates(history)):
        particles = history.get_population(generation).particles
        generations.append(
            {
                "generation": generation,
                "threshold": max(float(particle.distance) for particle in particles),
                "candidates": round(len(particles) / rate),
                "rate": rate,
            }
        )
        rows += [
            {
                "generation": generation,
                "weight": float(particle.weight),
                "distance": float(particle.distance),
                **{name: float(particle.parameter[name]) for name in targets.free},
                **{name: float(particle.sum_stat[name]) for name in targets.targets},
            }
            for particle in particles
        ]
    return Found(pd.DataFrame(rows), pd.DataFrame(generations))


def import_pyabc() -> Any:
    """Return pyabc. Raises ReformsimError with what to install if it is not there."""
    try:
        import pyabc
    except ModuleNotFoundError:  # any other failure, as for lack of memory, says so itself
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


def _in_order(pyabc: Any, seed: int, on_step: Callable[[Step], None], pool: Pool) -> Any:
    """Return a sampler in which a candidate's chance follows from its generation and number."""

    class InOrder(pyabc.sampler.Sampler):  # type: ignore[misc]
        def sample_until_n_accepted(
            self, n: int, simulate_one: Callable[[], Any], t: int, **_: Any
        ) -> Any:
            sample = self._create_empty_sample()
            keys = (f"{seed}/{t}/{number}" for number in range(MOST_CANDIDATES * n))
            number = 0
            for number, candidate in enumerate(_candidates(simulate_one, keys, pool), 1):
                sample.append(candidate)
                on_step(Step(t, sample.n_accepted, n, number))
                if sample.n_accepted == n:
                    break
            if t == 0 and sample.n_accepted < n:
                raise ReformsimError(
                    f"of {number:,} sets of values drawn from the priors only {sample.n_accepted:,}"
                    " gave statistics that are defined; narrow the priors or raise [runs]"
                )
            sample.ok = sample.n_accepted == n
            self.nr_evaluations_ = number
            return sample

    return InOrder()


def _candidates(simulate_one: Callable[[], Any], keys: Iterable[str], pool: Pool) -> Iterator[Any]:
    """Yield the candidate of each key, in their order."""
    shared = pool.share(simulate_one)

    def has_room(in_flight: Sequence[str], _key: str) -> bool:
        return len(in_flight) < CANDIDATES_AT_ONCE * pool.workers

    def submit(key: str) -> Pending[Any]:
        return pool.submit(_candidate, shared, key)

    return (pending.result() for _, pending in window(keys, submit, has_room))


def _candidate(simulate_one: Callable[[], Any], key: str) -> Any:
    with _seeded(key):
        return simulate_one()


@contextmanager
def _seeded(key: str) -> Iterator[None]:
    before = np.random.get_state()  # noqa: NPY002 - the generator that pyabc draws from
    words = np.frombuffer(hashlib.sha256(key.encode()).digest(), np.uint32)
    np.random.seed(words)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002
