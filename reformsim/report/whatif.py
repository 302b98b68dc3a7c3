"""What `reformsim whatif --out` and `WhatIf.report` write: tables, figures and the recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .manifest import with_formats, write_manifest
from .tables import write_csv

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from reformsim.experiments.uncertainty import ParameterUncertainty
    from reformsim.mechanisms import Mechanisms
    from reformsim.scenario import Scenario
    from reformsim.writing import OutputFolder

FILES = ("paths.csv", "effects.csv", "manifest.json")
"""Files that are always written, besides the figures."""


def write_whatif(
    folder: OutputFolder,
    scenarios: Sequence[Scenario],
    paths: pd.DataFrame,
    effects: pd.DataFrame,
    marks: Mapping[str, int],
    titles: Mapping[str, str],
    runs: Sequence[tuple[int, int]],
    arguments: dict[str, Any],
    mechanisms: Mechanisms | None = None,
    posterior: ParameterUncertainty | None = None,
    formats: tuple[str, ...] = ("png",),
) -> None:
    """Write the differences month by month and summed, as tables and figures.

    `runs` are the (seed, replicate) that every scenario was run with.
    """
    write_csv(folder, "paths.csv", paths)
    write_csv(folder, "effects.csv", effects)
    _draw(folder, paths, marks, titles, formats)
    arguments = with_formats(arguments, formats)
    write_manifest(folder, arguments, scenarios, runs, mechanisms, titles, posterior)


def _draw(
    folder: OutputFolder,
    paths: pd.DataFrame,
    marks: Mapping[str, int],
    titles: Mapping[str, str],
    formats: tuple[str, ...],
) -> None:
    from reformsim.figures import difference_path_figure, image_bytes

    for outcome in paths["outcome"].unique():
        figure = difference_path_figure(paths, outcome, marks=marks, titles=titles)
        for kind in formats:
            with folder.writing(f"figures/{outcome}.{kind}") as path:
                path.write_bytes(image_bytes(figure, kind))
