"""The recipe that lies beside every output: all that is needed to get the same files again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .command_line import command_line
from .console import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reformsim.experiments.uncertainty import ParameterUncertainty
    from reformsim.mechanisms import Mechanisms
    from reformsim.scenario import Scenario

    from .output import OutputFolder


def write_manifest(
    folder: OutputFolder,
    arguments: dict[str, Any],
    scenarios: Iterable[Scenario],
    runs: Sequence[tuple[int, int]],
    mechanisms: Mechanisms | None = None,
    posterior: ParameterUncertainty | None = None,
) -> None:
    """Write manifest.json: what was asked for, the composed scenarios, and what it was run with.

    `arguments` are those of `command_line`; `runs` are the (seed, replicate) that every scenario
    was run with; each of them with parameters of its own if there is a posterior.
    """
    from reformsim.results.provenance import describe, versions

    document = {
        "what": "A complete recipe: these scenarios with these seeds, replicates and versions give"
        " the same numbers on any machine.",
        "command": command_line(**arguments),
        "arguments": arguments,
        "runs": [{"seed": seed, "replicate": replicate} for seed, replicate in runs],
        "mechanisms": mechanisms and {"file": mechanisms.name, "sha256": mechanisms.sha256},
        "parameter_uncertainty": posterior and posterior.model_dump(mode="json"),
        "versions": versions(),
        "scenarios": [describe(scenario) for scenario in scenarios],
        "files": sorted([*folder.written, "manifest.json"]),
    }
    with folder.writing("manifest.json") as path:
        text = json.dumps(plain(document), indent=2, ensure_ascii=False, allow_nan=False)
        path.write_text(f"{text}\n", encoding="utf-8")
