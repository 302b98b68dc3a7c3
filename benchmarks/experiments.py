"""What an experiment costs beyond its runs: time, bytes and memory; prints a table and writes JSON.

    python benchmarks/experiments.py [FILE.json] [TINY RUNS ...]

Memory is measured in processes of their own, each with one number of tiny runs (6 schools, 5 years):
by default 2,000 and 20,000. Machines are shared and noisy: compare numbers of one run only.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from report import publish

from reformsim.experiments import experiment as experiments
from reformsim.experiments.definition import Experiment
from reformsim.experiments.execution import run_batch
from reformsim.experiments.plan import Plan
from reformsim.experiments.summary import summarise
from reformsim.report.summary import write_summary

REPEATS = 3
TINY_RUNS = (2_000, 20_000)
HEADLINE = {
    "title": "The headline study, scaled down",
    "districts": ["mesa-public-schools"],
    "conditions": ["stable", "severe-recession"],
    "strategies": ["status_quo", "heroic_superintendent", "external_coaching", "web_of_support"],
    "uncertainties": {"conditions.superintendent_turnover": [0.1, 0.3]},
    "replicates": 10,
}
TINY = {
    "title": "Tiny runs",
    "districts": ["small-rural"],
    "strategies": ["status_quo"],
    "horizon": {"years": 5, "warm_up_years": 1},
}


def engine_alone(plan: Plan) -> float:
    """Return the seconds that the runs of a plan take in as many threads as processors."""
    start = time.perf_counter()
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for future in [threads.submit(_done, batch) for batch in plan.batches()]:
            future.result()
    return time.perf_counter() - start


def _done(batch: object) -> None:
    run_batch(batch)


def full_path(experiment: Experiment, folder: Path) -> float:
    """Return the seconds from an experiment to its summary with tables and figures."""
    start = time.perf_counter()
    experiments.run(experiment, folder)
    write_summary(summarise(folder), folder)
    return time.perf_counter() - start


def headline() -> dict[str, float]:
    """Measure the headline study: the full path against the engine, turn by turn."""
    experiment = Experiment.model_validate(HEADLINE)
    plan = Plan(experiment)
    run_batch(next(plan.batches()))  # compiles, or loads what has been compiled
    alone, whole = [], []
    with tempfile.TemporaryDirectory() as place:
        for number in range(REPEATS):
            folder = Path(place) / str(number)
            alone.append(engine_alone(plan))
            whole.append(full_path(experiment, folder))
        status = experiments.status(folder)
    return {
        "runs": status.done,
        "engine alone (s)": min(alone),
        "plan, run, store, summarise (s)": min(whole),
        "full path ÷ engine": min(whole) / min(alone),
        "bytes per run: runs": status.bytes["runs"] / status.done,
        "bytes per run: series": status.bytes["series"] / status.done,
        "bytes per run: events": status.bytes["events"] / status.done,
    }


def peak_memory() -> float:
    """Return the most memory this process has had, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says there is also that of the process before it
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def tiny_runs(count: int) -> dict[str, float]:
    """Do so many tiny runs in this process and measure them."""
    experiment = Experiment.model_validate(TINY | {"replicates": count})
    with tempfile.TemporaryDirectory() as place:
        start = time.perf_counter()
        status = experiments.run(experiment, Path(place) / "out")
        seconds = time.perf_counter() - start
    peak = peak_memory()
    name = f"{count:,} tiny runs"
    return {
        f"{name}: peak memory (MB)": peak,
        f"{name}: a second": count / seconds,
        f"{name}: bytes per run: runs": status.bytes["runs"] / count,
    }


def main() -> None:
    """Measure, print, and write."""
    if sys.argv[1:2] == ["--tiny"]:
        sys.stdout.write(json.dumps(tiny_runs(int(sys.argv[2]))))
        return
    load_before = os.getloadavg()[0]
    found = headline()
    for count in [int(word) for word in sys.argv[2:]] or TINY_RUNS:
        command = [sys.executable, __file__, "--tiny", str(count)]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found |= json.loads(said)
    publish(found, load_before, "results/benchmark-experiments.json")


if __name__ == "__main__":
    main()
