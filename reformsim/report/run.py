"""What `reformsim run --out` and `Runs.report` write: tables, figures and the recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .manifest import with_formats, write_manifest
from .pictures import write_pictures
from .tables import write_tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reformsim.mechanisms import Mechanisms
    from reformsim.record import Result
    from reformsim.writing import OutputFolder

FILES = ("series.csv", "events.csv", "costs.csv", "manifest.json")
"""Files that are always written, besides the figures."""


def write_run(
    folder: OutputFolder,
    results: Sequence[Result],
    titles: Mapping[str, str],
    arguments: dict[str, Any],
    mechanisms: Mechanisms | None = None,
    formats: tuple[str, ...] = ("png",),
) -> None:
    """Write the tables of one scenario's runs, their figures and how to get the same again."""
    write_tables(folder, results)
    _draw(folder, results, titles, formats)
    pairs = [(result.seed, result.replicate) for result in results]
    arguments = with_formats(arguments, formats)
    write_manifest(folder, arguments, [results[0].scenario], pairs, mechanisms, titles)


def _draw(
    folder: OutputFolder,
    results: Sequence[Result],
    titles: Mapping[str, str],
    formats: tuple[str, ...],
) -> None:
    """Draw the figures of one scenario: those of a comparison with nothing to compare with."""
    from reformsim.analysis import compare, measure_runs
    from reformsim.figures import gallery

    baseline = results[0].scenario.names.strategy
    runs = measure_runs(results, baseline)
    table = compare(runs, baseline)
    pictures = gallery(results, runs, table, baseline=baseline, titles=titles)
    write_pictures(folder, pictures, formats)
