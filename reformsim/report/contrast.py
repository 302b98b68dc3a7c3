"""What `reformsim contrast --out` and `Contrast.report` write: two tables, the figure and the recipe."""

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

FILES = ("shares.csv", "paths.csv", "manifest.json")
"""Files that are always written, besides the figure."""


def write_contrast(
    folder: OutputFolder,
    scenarios: Sequence[Scenario],
    shares: pd.DataFrame,
    paths: pd.DataFrame,
    month: int,
    baseline: str,
    titles: Mapping[str, str],
    runs: Sequence[tuple[int, int]],
    arguments: dict[str, Any],
    mechanisms: Mechanisms | None = None,
    posterior: ParameterUncertainty | None = None,
    formats: tuple[str, ...] = ("png",),
) -> None:
    """Write what is left of the gains, and the gains month by month, as tables and as one figure.

    `runs` are the (seed, replicate) that every scenario was run with.
    """
    from reformsim.figures import contrast_figure, image_bytes

    write_csv(folder, "shares.csv", shares)
    write_csv(folder, "paths.csv", paths)
    figure = contrast_figure(paths, shares, month, baseline=baseline, titles=titles)
    for kind in formats:
        with folder.writing(f"figures/contrast.{kind}") as path:
            path.write_bytes(image_bytes(figure, kind))
    arguments = with_formats(arguments, formats)
    write_manifest(folder, arguments, scenarios, runs, mechanisms, titles, posterior)
