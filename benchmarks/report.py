"""What every benchmark does with its figures: a table on the terminal and a JSON file."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path

from rich.console import Console
from rich.table import Table


def publish(found: dict[str, float], load_before: float, file: str) -> None:
    """Print figures by name, and write them to a file."""
    table = Table(
        title=f"load {load_before:.1f} on {os.cpu_count()} processors, {platform.machine()}"
    )
    table.add_column("measure")
    table.add_column("value", justify="right")
    for name, value in found.items():
        table.add_row(name, f"{value:,.2f}")
    Console().print(table)
    target = Path(file)
    target.parent.mkdir(parents=True, exist_ok=True)
    record = {"load": load_before, "python": platform.python_version(), "measures": found}
    target.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    Console().print(f"Written: {target}")
