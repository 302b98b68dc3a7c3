"""How fast the engines are, as ratios within one run; prints a table and writes JSON.

    python benchmarks/engines.py [FILE.json]

Machines are shared and noisy: compare numbers of one run with each other, not with another day's.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from reformsim.engines import simulate
from reformsim.engines.compiled.build import build
from reformsim.engines.compiled.run import live
from reformsim.scenario import District
from reformsim.scenario.loading import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from reformsim.scenario import Scenario

REPEATS = 9
SIZES = (5, 20, 78, 300, 1000)


def fastest(function: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the shortest of several times in seconds: the one least disturbed by others."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def kernel_seconds(scenario: Scenario) -> float:
    """Return the time of the compiled months alone, without set-up."""
    times = []
    for replicate in range(REPEATS):
        state = build(scenario, 1, replicate)
        start = time.perf_counter()
        live(state, scenario.first_month, scenario.last_month)
        times.append(time.perf_counter() - start)
    return min(times)


def agents(scenario: Scenario) -> int:
    """Return how many teachers and principals a district has."""
    return scenario.district.teachers + scenario.district.schools


def measure() -> dict[str, float]:
    """Return every measurement by name."""
    mesa = load("mesa-public-schools", "severe-recession", "web_of_support")
    months = mesa.last_month - mesa.first_month
    simulate(mesa)  # compiles, or loads what has been compiled
    found = {"compiled: 20 years of 78 schools, months alone (ms)": 1e3 * kernel_seconds(mesa)}
    found["compiled: the same with set-up and record (ms)"] = 1e3 * fastest(lambda: simulate(mesa))
    found["mesa: the same (ms)"] = 1e3 * fastest(lambda: simulate(mesa, engine="mesa"), 1)
    compiled, whole, reference = list(found.values())
    found["mesa ÷ compiled, months alone"] = reference / compiled
    found["mesa ÷ compiled, whole run"] = reference / whole
    for schools in SIZES:
        district = District(schools=schools, teachers=41 * schools, enrolment=795 * schools)
        scenario = mesa.replace(district=district.model_dump())
        nanoseconds = 1e9 * kernel_seconds(scenario) / agents(scenario) / months
        found[f"compiled: {schools} schools (ns per agent and month)"] = nanoseconds
    with ThreadPoolExecutor(2) as two:
        jobs = range(20)
        one = fastest(lambda: [simulate(mesa, 1, job) for job in jobs], 2)
        both = fastest(lambda: list(two.map(lambda job: simulate(mesa, 1, job), jobs)), 2)
    found["one thread ÷ two threads"] = one / both
    return found


def main() -> None:
    """Measure, print, and write."""
    load_before = os.getloadavg()[0]
    found = measure()
    table = Table(
        title=f"load {load_before:.1f} on {os.cpu_count()} processors, {platform.machine()}"
    )
    table.add_column("measure")
    table.add_column("value", justify="right")
    for name, value in found.items():
        table.add_row(name, f"{value:,.2f}")
    Console().print(table)
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "results/benchmark.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    record = {"load": load_before, "python": platform.python_version(), "measures": found}
    target.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    Console().print(f"Written: {target}")


if __name__ == "__main__":
    main()
