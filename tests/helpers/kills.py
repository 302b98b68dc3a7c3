"""Experiments killed at random moments and gone on with: their tables are those of one left alone.

    python tests/helpers/kills.py [--kills 60] [--seed 1]

Every other process that is killed carries its runs out with Dask, if that is installed. The moments
are those when it starts, and when it writes a part, which is made the most of its time. Prints how
many kills there were, where they fell, and how many runs were compared; ends with 1 if a table
differs, or if anything finished was lost.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tiny import assert_same_tables, tables_of, tiny, tiny_file

from reformsim.experiments.experiment import StoredExperiment
from reformsim.results import manifest, store

REPLICATES = 100
PROGRAM = """
import sys
from reformsim.cli import main
from reformsim.experiments import storing
storing.FEWEST_SECONDS = 0.0  # so that most moments are moments of writing
sys.exit(main(sys.argv[1:]))
"""
CLUSTER = all(map(importlib.util.find_spec, ("distributed", "cryptography")))
EXECUTORS = ("threads", "dask") if CLUSTER else ("threads",)
SECONDS = 300
"""Longer than any process is waited for."""


class Kills(NamedTuple):
    """What was done."""

    by_executor: dict[str, int]
    """Kills, by what the process carried its runs out with."""
    early: int
    """Of all kills, those before the first part of a folder."""
    folders: int
    """Experiments that were completed after kills, and compared."""
    runs: int
    """Runs in them."""


def run_it(folder: Path, *options: str) -> list[str]:
    """Return the words that begin the experiment in a folder."""
    file = tiny_file(folder.parent)
    changes = ("--set", f"replicates={REPLICATES}")
    return ["experiment", "run", str(file), *changes, "--out", str(folder), *options]


def left_alone(place: Path) -> Path:
    """Do the experiment with nothing that happens to it, and return its folder."""
    StoredExperiment(place / "whole").run(tiny(place, f"replicates={REPLICATES}"))
    return place / "whole"


def kill(kills: int, seed: int, place: Path, whole: Path) -> Kills:
    """Kill so many processes. Raises AssertionError if a table differs or a finished run is lost."""
    moments = random.Random(seed)
    by_executor = dict.fromkeys(EXECUTORS, 0)
    early = folders = runs = 0
    while sum(by_executor.values()) < kills:
        folder = place / str(folders)
        stored = 0
        while sum(by_executor.values()) < kills:
            executor = min(EXECUTORS, key=by_executor.__getitem__)
            had = len(store.parts(folder))
            by_executor[executor] += _killed(_words(folder, executor), folder, moments)
            early += not had and not store.parts(folder)
            if (folder / manifest.NAME).exists():
                now = StoredExperiment(folder).status()
                assert now.done >= stored, f"{stored - now.done} finished runs were lost"
                assert (now.notes, now.failed) == ((), 0), now
                stored = now.done
                if now.complete:
                    break
        rest = _program(_words(folder, "threads"))
        ended = subprocess.run(rest, capture_output=True, text=True, timeout=SECONDS, check=False)
        assert ended.returncode == 0, ended.stderr
        assert StoredExperiment(folder).status().complete
        assert tables_of(folder)["runs"]["run"].is_unique
        assert_same_tables(folder, whole)
        folders, runs = folders + 1, runs + len(tables_of(folder)["runs"])
    return Kills(by_executor, early, folders, runs)


def _words(folder: Path, executor: str) -> list[str]:
    """Return the words that begin the experiment of a folder, or go on with it."""
    options = ("--executor", executor, "--no-summary")
    if (folder / manifest.NAME).exists():
        return ["experiment", "resume", str(folder), *options]
    return run_it(folder, *options)


def _program(words: list[str]) -> list[str]:
    return [sys.executable, "-c", PROGRAM, *words]


def _killed(words: list[str], folder: Path, moments: random.Random) -> bool:
    """Start the program and kill it at a moment; say whether it had not ended before."""
    process = subprocess.Popen(
        _program(words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    parts = len(store.parts(folder)) + moments.choice([0, 1, 1, 2, 5])
    if parts == len(store.parts(folder)):  # while it starts
        time.sleep(moments.uniform(0, 3))
    while process.poll() is None and len(store.parts(folder)) < parts:
        time.sleep(0.001)
    time.sleep(moments.uniform(0, 0.04))
    process.kill()
    return process.wait() == -signal.SIGKILL


def main() -> None:
    """Do as the arguments say, and print what was done."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        done = kill(given.kills, given.seed, Path(place), left_alone(Path(place)))
    executors = " and ".join(f"{count} with {name}" for name, count in done.by_executor.items())
    sys.stdout.write(
        f"{sum(done.by_executor.values())} kills, {executors}, {done.early} of them before the first"
        f" part; {done.folders} experiments with {done.runs:,} runs completed, all tables"
        f" identical to those of one left alone; seed {given.seed},"
        f" {time.monotonic() - start:.0f} seconds\n"
    )


if __name__ == "__main__":
    main()
