"""The pages of a calibration and of a check, in Markdown, with their figures beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from reformsim.calibration import coverage
from reformsim.calibration.posterior import UNMOVED
from reformsim.figures import image_files
from reformsim.figures.calibration import (
    identifiability_figure,
    posterior_figure,
    predictive_figure,
    ranks_figure,
)
from reformsim.results.durable import write_whole

from .markup import Markdown, code
from .numbers import listed, percent, significant
from .templates import rendered

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from reformsim.calibration import Calibration, Targets

IMAGES = "images/calibration"
TOGETHER = 0.5
"""A correlation in the posterior that is worth telling."""


def write_calibration(calibration: Calibration, formats: tuple[str, ...] = ("png",)) -> Path:
    """Write `calibration.md` and its figures into the calibration's folder; return its path.

    Raises OutputError if they cannot be written.
    """
    figures = {
        "predictive": predictive_figure(calibration.predictive),
        "posterior": posterior_figure(calibration.posterior, calibration.targets),
        "identifiability": identifiability_figure(calibration.parameters),
    }
    unmoved = [
        code(name)
        for name in calibration.parameters.loc[~calibration.parameters["moved"], "parameter"]
    ]
    text = _page(
        "calibration.md.j2",
        targets=calibration.targets,
        recipe=calibration.recipe,
        predictive=calibration.predictive.to_dict("records"),
        met=int(calibration.predictive["met"].sum()),
        parameters=calibration.parameters.to_dict("records"),
        unmoved=Markdown(listed(unmoved)),
        unmoved_count=len(unmoved),
        unmoved_from=UNMOVED,
        together=Markdown(listed(_together(calibration.posterior, calibration.targets))),
        generations=calibration.generations.to_dict("records"),
        candidates=int(calibration.generations["candidates"].sum()),
    )
    return _written(calibration.folder, "calibration.md", text, image_files(figures, formats))


def write_check(
    folder: Path,
    trials: pd.DataFrame,
    targets: Targets,
    command: str,
    formats: tuple[str, ...] = ("png",),
) -> Path:
    """Write `check.md` and its figure into a folder; return its path.

    `trials` are the rows that `reformsim.calibration.check` gave for `targets`, and `command` is
    shown as the way to do it again. Raises OutputError if they cannot be written.
    """
    rates = coverage(trials)
    text = _page(
        "check.md.j2",
        targets=targets,
        command=command,
        trials=trials["trial"].nunique(),
        found=rates,
        whole=rates[-1],
    )
    images = image_files({"ranks": ranks_figure(trials)}, formats)
    return _written(folder, "check.md", text, images)


def _together(posterior: pd.DataFrame, targets: Targets) -> list[str]:
    """Return the pairs of parameters that are correlated in the posterior, the closest first."""
    names = list(targets.free)
    if len(names) < 2:
        return []
    table = np.cov(posterior[names].to_numpy().T, aweights=posterior["weight"].to_numpy())
    spread = np.sqrt(np.diag(table))
    pairs = [
        (float(table[i, j] / (spread[i] * spread[j])), names[i], names[j])
        for i in range(len(names))
        for j in range(i)
    ]
    close = sorted(
        (pair for pair in pairs if abs(pair[0]) >= TOGETHER), key=lambda pair: -abs(pair[0])
    )
    return [f"{code(first)} and {code(other)} ({significant(r, 2)})" for r, other, first in close]


def _page(name: str, **values: Any) -> str:
    return rendered(__package__, name, number=significant, percent=percent, images=IMAGES, **values)


def _written(folder: Path, name: str, text: str, images: dict[str, bytes]) -> Path:
    for image_name, content in images.items():
        write_whole(folder / IMAGES / image_name, content, folder)
    write_whole(folder / name, text.encode())
    return folder / name
