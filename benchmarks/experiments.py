"""What an experiment costs beyond its runs: time, bytes and memory; prints a table and writes JSON.

    python benchmarks/experiments.py [FILE.json] [TINY RUNS ...] [--replicates N]

The main study is done as a whole, which takes some three minutes on two processors, or with
fewer replicates. Memory is measured in processes of their own, each with one number of tiny runs (6
schools, 5 years): by default 2,000 and 20,000. Machines are shared and noisy: compare numbers of one
run only.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from report import publish

from reformsim.experiments.definition import Definition
from reformsim.experiments.experiment import StoredExperiment
from reformsim.experiments.loading import load_experiment
from reformsim.experiments.plan import Plan
from reformsim.experiments.runner import Runner
from reformsim.experiments.summary import summarise
from reformsim.report.summary import write_summary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from reformsim.experiments.runs import Batch

HEADLINE = "support-by-turnover"
TINY_RUNS = (2_000, 20_000)
TINY = {
    "title": "Tiny runs",
    "districts": ["small-rural"],
    "strategies": ["status_quo"],
    "horizon": {"years": 5, "warm_up_years": 1},
}


def clocks() -> NDArray[np.float64]:
    """Return the seconds on the clock, and those that processors have worked for this process."""
    return np.array([time.perf_counter(), time.process_time()])


def engine_alone(batches: Iterable[Batch]) -> NDArray[np.float64]:
    """Return what the runs of batches take of both in as many threads as processors."""
    start = clocks()
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for future in [threads.submit(_done, batch) for batch in batches]:
            future.result()
    return clocks() - start


def _done(batch: Batch) -> None:
    for _ in Runner().runs(batch):
        pass


def headline(replicates: int | None) -> dict[str, float]:
    """Measure the main study: the full path, and the engine alone half before and half after."""
    experiment = load_experiment(HEADLINE)
    if replicates:
        experiment = experiment.model_copy(update={"replicates": replicates})
    plan = Plan(experiment)
    _done(next(plan.batches()))  # compiles, or loads what has been compiled
    alone = engine_alone(islice(plan.batches(), 0, None, 2))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "out"
        start = clocks()
        status = StoredExperiment(folder).run(experiment)
        stored = clocks() - start
        write_summary(summarise(folder), folder)
        whole = clocks() - start
    alone += engine_alone(islice(plan.batches(), 1, None, 2))
    return {
        "runs": status.done,
        "engine alone (s)": alone[0],
        "plan, run, store (s)": stored[0],
        "… and summarise, with figures (s)": whole[0],
        "full path ÷ engine": whole[0] / alone[0],
        "… in processor time, which others disturb less": whole[1] / alone[1],
        **{f"bytes per run: {name}": size / status.done for name, size in status.bytes.items()},
    }


def peak_memory() -> float:
    """Return the most memory this process has had, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says there is also that of the process before it
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def tiny_runs(count: int) -> dict[str, float]:
    """Do so many tiny runs in this process and measure them."""
    experiment = Definition.model_validate(TINY | {"replicates": count})
    with tempfile.TemporaryDirectory() as place:
        start = time.perf_counter()
        status = StoredExperiment(Path(place) / "out").run(experiment)
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
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", nargs="?", default="results/benchmark-experiments.json")
    parser.add_argument("tiny_runs", nargs="*", type=int, default=TINY_RUNS)
    parser.add_argument("--replicates", type=int, help="of the main study; all by default")
    given = parser.parse_args()
    load_before = os.getloadavg()[0]
    found = headline(given.replicates)
    for count in given.tiny_runs:
        command = [sys.executable, __file__, "--tiny", str(count)]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found |= json.loads(said)
    publish(found, load_before, given.file)


if __name__ == "__main__":
    main()
