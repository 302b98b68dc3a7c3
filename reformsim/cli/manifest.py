"""The recipe that lies beside every output: all that is needed to get the same files again."""

from __future__ import annotations

import hashlib
import json
import platform
import shlex
import tomllib
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import reformsim

from .console import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reformsim.mechanisms import Mechanisms
    from reformsim.scenario import Scenario

    from .output import OutputFolder

PACKAGES = ("mesa", "networkx", "numba", "numpy", "pandas", "pydantic", "scipy", "matplotlib")


def version() -> str:
    """Return the version of reformsim, also when it runs from its sources."""
    try:
        return metadata.version("reformsim")
    except metadata.PackageNotFoundError:
        project = Path(reformsim.__file__).parents[1] / "pyproject.toml"
        try:
            return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
        except (OSError, KeyError, ValueError):
            return "unknown"


def versions() -> dict[str, str]:
    """Return the versions of all that a result can depend on."""
    found = {"reformsim": version(), "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "unknown"
    return found


def write_manifest(
    folder: OutputFolder,
    arguments: dict[str, Any],
    scenarios: Iterable[Scenario],
    runs: Sequence[tuple[int, int]],
    mechanisms: Mechanisms | None = None,
) -> None:
    """Write manifest.json: what was asked for, the composed scenarios, and what it was run with.

    `arguments` are those of `command_line`; `runs` are the (seed, replicate) that every scenario was run with.
    """
    document = {
        "what": "A complete recipe: these scenarios with these seeds, replicates and versions give"
        " the same numbers on any machine.",
        "command": command_line(arguments),
        "arguments": arguments,
        "runs": [{"seed": seed, "replicate": replicate} for seed, replicate in runs],
        "mechanisms": mechanisms and {"file": mechanisms.name, "sha256": mechanisms.sha256},
        "versions": versions(),
        "scenarios": [describe(scenario) for scenario in scenarios],
        "files": sorted([*folder.written, "manifest.json"]),
    }
    with folder.writing("manifest.json") as path:
        text = json.dumps(plain(document), indent=2, ensure_ascii=False, allow_nan=False)
        path.write_text(f"{text}\n", encoding="utf-8")


def command_line(arguments: dict[str, Any]) -> str:
    """Return the command that gives the same numbers again.

    `arguments` holds the `command`, its `parts` if it takes any, and its options by their names; a
    list is an option that is repeated.
    """
    words = ["reformsim", arguments["command"], *arguments.get("parts", ())]
    for name, value in arguments.items():
        if name not in {"command", "parts"}:
            for one in value if isinstance(value, list) else [value]:
                words += [f"--{name}", str(one)]
    return shlex.join(words)


def describe(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario with its fingerprint, and that of its network survey if it has one."""
    described: dict[str, Any] = {"fingerprint": scenario.fingerprint}
    network = scenario.district.network
    if network:
        content = Path(network).read_bytes()
        described["network_sha256"] = hashlib.sha256(content).hexdigest()
    return described | scenario.model_dump(mode="json")
