"""The recipe that lies beside every output: all that is needed to get the same files again."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from reformsim.command_line import command_line
from reformsim.writing import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reformsim.experiments.uncertainty import ParameterUncertainty
    from reformsim.mechanisms import Mechanisms
    from reformsim.scenario import Scenario
    from reformsim.writing import OutputFolder


def with_formats(arguments: dict[str, Any], formats: tuple[str, ...]) -> dict[str, Any]:
    """Return arguments with the formats of the figures, if they are not the usual one."""
    return arguments if formats == ("png",) else {**arguments, "format": list(formats)}


def _described(mechanisms: Mechanisms) -> dict[str, Any]:
    """Return which file it is, and the values that are not the file's."""
    values = {"values": dict(mechanisms.changed)} if mechanisms.changed else {}
    return {"file": mechanisms.name, "sha256": mechanisms.sha256, **values}


def write_manifest(
    folder: OutputFolder,
    arguments: dict[str, Any],
    scenarios: Iterable[Scenario],
    runs: Sequence[tuple[int, int]],
    mechanisms: Mechanisms | None = None,
    titles: Mapping[str, str] | None = None,
    posterior: ParameterUncertainty | None = None,
) -> None:
    """Write manifest.json: what was asked for, the composed scenarios, and what it was run with.

    `arguments` are those of `command_line`, with a command of "" where none can give the same, as
    for a scenario that was made in memory; `runs` are the (seed, replicate) that every scenario
    was run with, each of them with parameters of its own if there is a posterior. `titles` are what
    its figures call districts, conditions and strategies.
    """
    from reformsim.results.provenance import describe, source_hash, surroundings, versions

    document = {
        "what": "A complete recipe: these scenarios with these seeds, replicates and versions give"
        " the same numbers on any machine.",
        "command": command_line(**arguments) if arguments["command"] else "",
        "arguments": arguments,
        "runs": [{"seed": seed, "replicate": replicate} for seed, replicate in runs],
        "mechanisms": mechanisms and _described(mechanisms),
        "parameter_uncertainty": posterior and posterior.model_dump(mode="json"),
        "source": source_hash(),
        "versions": versions(),
        **surroundings(),
        "scenarios": [describe(scenario) for scenario in scenarios],
        "titles": dict(titles or {}),
        "files": sorted([*folder.written, "manifest.json"]),
        "sha256": {
            name: hashlib.sha256((folder.path / name).read_bytes()).hexdigest()
            for name in sorted(folder.written)
        },
    }
    with folder.writing("manifest.json") as path:
        text = json.dumps(plain(document), indent=2, ensure_ascii=False, allow_nan=False)
        path.write_text(f"{text}\n", encoding="utf-8")
