"""How long the program takes to start; prints a table and writes JSON.

    python benchmarks/startup.py [FILE.json]

Every figure is the median of processes started one after another, after one that is not counted.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

from report import publish

REPEATS = 9
PROGRAM = (sys.executable, "-m", "reformsim")
COMMANDS = {
    "python -c pass": (sys.executable, "-c", "pass"),
    "import reformsim": (sys.executable, "-c", "import reformsim"),
    "reformsim --help": (*PROGRAM, "--help"),
    "reformsim list": (*PROGRAM, "list"),
    "reformsim run": (*PROGRAM, "run"),
    "reformsim run small-rural": (*PROGRAM, "run", "small-rural"),
}


def seconds(command: tuple[str, ...]) -> float:
    """Return how long a process takes from start to end."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure, print, and write."""
    load_before = os.getloadavg()[0]
    found = {}
    for name, command in COMMANDS.items():
        seconds(command)  # reads files from the disk, and compiles what has not been compiled
        found[name] = statistics.median(seconds(command) for _ in range(REPEATS))
    publish(found, load_before, *(sys.argv[1:2] or ["results/startup.json"]))


if __name__ == "__main__":
    main()
