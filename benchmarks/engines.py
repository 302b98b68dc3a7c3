"""How fast the engines are, as ratios within one run; prints a table and writes JSON.

    python benchmarks/engines.py [FILE.json]

Machines are shared and noisy: compare numbers of one run with each other, not with another day's.
Times are the shortest of several, which others have disturbed the least.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from report import publish
from rich.console import Console

from reformsim.engines import memory, simulate, simulate_paired
from reformsim.engines.compiled.build import build
from reformsim.engines.compiled.run import live
from reformsim.experiments.loading import load_experiment
from reformsim.experiments.plan import Plan
from reformsim.scenario import District
from reformsim.scenario.loading import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from reformsim.experiments.runs import Batch
    from reformsim.scenario import Scenario

Found = dict[str, float]
REPEATS = 9
SIZES = (5, 20, 78, 300, 1000, 2000)
THREADS = 2
NATION = """
import resource, time
from reformsim.engines import simulate
from reformsim.studies.nation import simulate_nation
from reformsim.scenario.loading import load
scenario = load("mesa-public-schools", "severe-recession", "web_of_support")
simulate(scenario)
start = time.perf_counter()
rows = simulate_nation(scenario, 0, {threads})
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(seconds, peak, len(rows), rows["schools"].sum(), rows["teachers"].sum())
"""
"""In a process of its own, whose peak of memory is this alone."""


def fastest(function: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the shortest of several times in seconds: the one least disturbed by others."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def months_alone(scenario: Scenario, repeats: int = REPEATS) -> float:
    """Return the time of the compiled months, without set-up."""
    times = []
    for replicate in range(repeats):
        state = build(scenario, 1, replicate)
        start = time.perf_counter()
        live(state, scenario.first_month, scenario.last_month)
        times.append(time.perf_counter() - start)
    return min(times)


def agent_months(scenario: Scenario) -> int:
    """Return how many teachers and principals a district has, times its months."""
    agents = scenario.district.teachers + scenario.district.schools
    return agents * (scenario.last_month - scenario.first_month)


def one_run(scenario: Scenario) -> Found:
    """Measure one run of 20 years on both engines."""
    alone, whole = months_alone(scenario, 30), fastest(lambda: simulate(scenario), 30)
    reference = fastest(lambda: simulate(scenario, engine="reference"), 2)
    return {
        "one run: 78 schools, 20 years (ms)": 1e3 * whole,
        "one run: the months alone (ms)": 1e3 * alone,
        "one run: reference (ms)": 1e3 * reference,
        "one run: reference ÷ compiled": reference / whole,
    }


def sizes(scenario: Scenario) -> Found:
    """Measure districts from small to large."""
    found: Found = {}
    for schools in SIZES:
        district = District(schools=schools, teachers=41 * schools, enrolment=795 * schools)
        sized = scenario.replace(district=district.model_dump())
        nanoseconds = 1e9 * months_alone(sized, 20 if schools < 300 else 9) / agent_months(sized)
        found[f"size: {schools:,} schools (ns per agent and month)"] = nanoseconds
        found[f"size: {schools:,} schools (bytes per agent)"] = memory.needed(sized) / (
            42 * schools
        )
    times = [found[f"size: {schools:,} schools (ns per agent and month)"] for schools in SIZES]
    found["size: slowest ÷ fastest"] = max(times) / min(times)
    return found


def threads(scenario: Scenario) -> Found:
    """Measure what a second thread gives."""
    jobs = range(40)
    with ThreadPoolExecutor(THREADS) as pool:

        def apart() -> None:
            list(pool.map(lambda job: simulate(scenario, 1, job), jobs))

        # In turns: what else the machine does is to slow down both alike.
        times = [
            (fastest(lambda: [simulate(scenario, 1, job) for job in jobs], 1), fastest(apart, 1))
            for _ in range(REPEATS)
        ]
    one, both = (min(each) for each in zip(*times, strict=True))
    return {f"threads: one ÷ {THREADS}": one / both}


def study() -> Found:
    """Measure the engine's part of the main study: every run is simulated, and its record dropped."""
    plan = Plan(load_experiment("support-by-turnover"))

    def live_all(some: tuple[Batch, ...]) -> int:
        return sum(
            len(list(simulate_paired([run.scenario for run in batch.runs], 1, batch[1].replicate)))
            for batch in some
        )

    def alone(some: list[Batch]) -> int:
        return sum(
            len([simulate(run.scenario, 1, run.replicate) for run in batch.runs]) for batch in some
        )

    first = list(islice(plan.batches(), 5))
    shared, apart = fastest(lambda: live_all(tuple(first)), 5), fastest(lambda: alone(first), 5)
    start = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        runs = sum(pool.map(live_all, ((batch,) for batch in plan.batches())))
    seconds = time.perf_counter() - start
    return {
        "study: runs": runs,
        f"study: {THREADS} threads (s)": seconds,
        "study: runs a second": runs / seconds,
        "study: warm-ups apart ÷ shared": apart / shared,
    }


def nation() -> Found:
    """Measure a synthetic nation of 13,318 districts, 15 years after 5 of warm-up."""
    program = [sys.executable, "-c", NATION.format(threads=THREADS)]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    seconds, peak, districts, schools, teachers = map(float, done.stdout.split())
    return {
        "nation: districts": districts,
        "nation: schools": schools,
        "nation: teachers": teachers,
        f"nation: {THREADS} threads (s)": seconds,
        "nation: peak of memory (GiB)": peak,
    }


def bound(scenario: Scenario) -> Found:
    """Measure how fast a machine could be: the same arrays read and written once a month, with as
    much arithmetic on each number, but nothing that waits for anything else."""
    state = np.ones((8, scenario.district.teachers))
    months = scenario.last_month - scenario.first_month

    @njit(nogil=True, error_model="numpy")
    def stream(state: np.ndarray, months: int) -> None:
        for _ in range(months):
            for row in state:
                for place in range(len(row)):
                    value = row[place]
                    for _ in range(6):  # twelve operations on each of eight numbers, some hundred
                        value = value * 0.999 + 0.001
                    row[place] = value

    stream(state, 1)
    seconds = fastest(lambda: stream(state, months), 30)
    return {
        "bound: the same arrays and arithmetic (ms)": 1e3 * seconds,
        "bound: months alone ÷ bound": months_alone(scenario, 30) / seconds,
    }


def measure(console: Console) -> Found:
    """Return every measurement by name."""
    scenario = load("mesa-public-schools", "severe-recession", "web_of_support")
    with console.status("Compiling, if need be"):
        simulate(scenario)
    parts: dict[str, Callable[[], Found]] = {
        "one run": lambda: one_run(scenario),
        "the bound": lambda: bound(scenario),
        "sizes": lambda: sizes(scenario),
        "threads": lambda: threads(scenario),
        "the main study": study,
        "the nation": nation,
    }
    found: Found = {}
    for name, part in parts.items():
        with console.status(f"Measuring {name}"):
            found |= part()
    return found


def main() -> None:
    """Measure, print, and write."""
    load_before = os.getloadavg()[0]
    found = measure(Console(stderr=True))
    publish(found, load_before, *(sys.argv[1:2] or ["results/benchmark.json"]))


if __name__ == "__main__":
    main()
