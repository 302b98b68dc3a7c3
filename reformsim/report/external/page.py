"""The page and its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.figures.external import esim_figure, march_figure
from reformsim.figures.saving import save
from reformsim.validation.external import (
    MODELS,
    esim_changes,
    esim_contrasts,
    march_contrasts,
    march_curves,
)
from reformsim.validation.external import esim as esim_check
from reformsim.validation.external import march as march_check

from ..numbers import significant
from ..templates import rendered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from reformsim.validation.external import Contrast, Knowledge

IMAGES = "images/external-checks"
RUNS = {"march": 400, "conviction": 20, "practice": 100}
"""Runs of each setting of March's world. Rules called one person at a time take longer, and their
knowledge differs less from run to run."""
HOST_RUNS = 40
UNITS = {"teacher practice": "0–1", "teacher conviction": "0–1", "outcome": "student SD"}


def write_external(folder: Path) -> None:
    """Live through all checks; write external-checks.md and its figures into a folder."""
    curves = {model: march_curves(model, RUNS[model]) for model in MODELS}
    changes = esim_changes(HOST_RUNS)
    save(march_figure(curves, march_check.RECREATED), folder / IMAGES / "march.png")
    save(esim_figure(esim_contrasts(changes), UNITS), folder / IMAGES / "esim.png")
    page = external_page(curves, changes)
    (folder / "external-checks.md").write_text(page, encoding="utf-8")


def external_page(
    curves: Mapping[str, Sequence[Knowledge]],
    changes: esim_check.Changes,
) -> str:
    """Return the page on what has been lived through."""
    contrasts = {model: march_contrasts(list(settings)) for model, settings in curves.items()}
    hosts = esim_contrasts(changes)
    return rendered(
        __package__,
        "page.md.j2",
        markdown=True,
        filters={"short": significant, "verdict": _verdict, "interval": _interval},
        names=[contrast.name for contrast in contrasts["march"]],
        own={
            model: {contrast.name: contrast for contrast in of_model}
            for model, of_model in contrasts.items()
        },
        agreeing={
            model: sum(contrast.agrees for contrast in of_model)
            for model, of_model in contrasts.items()
        },
        worst=_worst(curves["march"]),
        diversity={model: _diversity(settings) for model, settings in curves.items()},
        march=march_check,
        esim=esim_check,
        runs=RUNS,
        host_runs=HOST_RUNS,
        hosts=hosts,
        changes=changes,
        units=UNITS,
        images=IMAGES,
    )


def _worst(curves: Sequence[Knowledge]) -> float:
    """Return the largest distance of March's model here from the published recreation."""
    return max(
        abs(float(knowledge.known.mean()) - march_check.RECREATED[rate][column])
        for rate in march_check.CODE_RATES
        for column, socialisation in enumerate(march_check.SOCIALISATION)
        for knowledge in curves
        if knowledge.setting == march_check.Setting(socialisation, rate, 0.0, 0)
    )


def _diversity(curves: Sequence[Knowledge]) -> float:
    """Return the SD of people's knowledge where they learn slowly and nobody leaves."""
    setting = march_check.Setting(march_check.SLOW, march_check.MIDDLE, 0.0, march_check.PERIODS)
    return next(knowledge.diversity for knowledge in curves if knowledge.setting == setting)


def _verdict(contrast: Contrast) -> str:
    if contrast.agrees:
        return "as published" if contrast.published else "no difference"
    if not contrast.published:
        return "above 0" if contrast.sign > 0 else "below 0"
    return "**the other way round**" if contrast.sign else "**no difference**"


def _interval(contrast: Contrast) -> str:
    low, high = significant(contrast.low), significant(contrast.high)
    return f"{significant(contrast.value)} ({low} to {high})"
