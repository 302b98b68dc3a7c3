"""How long the program takes to start; prints a table and writes JSON.

    python benchmarks/startup.py [FILE.json]

Every figure is the median of processes started one after another, after one that is not counted.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

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
    table = Table(
        title=f"load {load_before:.1f} on {os.cpu_count()} processors, {platform.machine()}"
    )
    table.add_column("command")
    table.add_column("seconds", justify="right")
    for name, value in found.items():
        table.add_row(name, f"{value:.2f}")
    Console().print(table)
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "results/startup.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    record = {"load": load_before, "python": platform.python_version(), "seconds": found}
    target.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    Console().print(f"Written: {target}")


if __name__ == "__main__":
    main()
