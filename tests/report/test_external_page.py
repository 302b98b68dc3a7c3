"""The page of the external checks says of every direction what was found, failures included."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from reformsim.figures.external import esim_figure, march_figure
from reformsim.figures.saving import png_bytes
from reformsim.report.external import external_page, page
from reformsim.validation.external import MODELS, esim, march, march_curves
from reformsim.validation.external.contrast import Contrast
from reformsim.validation.external.march import Knowledge

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def curves(monkeypatch):
    """Knowledge that falls with people's rate and rises with turnover, in every model."""

    def made_up(model, setting, runs, seed):
        rate = np.mean(setting.socialisation)
        level = 0.9 - 0.5 * rate + 0.3 * setting.turnover
        return Knowledge(model, setting, level + np.linspace(-0.01, 0.01, runs), 0.05)

    monkeypatch.setattr(march, "measure", made_up)
    return {model: march_curves(model, 5) for model in MODELS}


@pytest.fixture
def changes():
    noise = np.array([-0.01, 0.0, 0.01])
    return {
        (kind, turnover, name): noise + 0.1 * (kind == "rising") * (turnover == esim.LITTLE)
        for kind in esim.HOSTS
        for turnover in (esim.LITTLE, esim.MUCH)
        for name in esim.SERIES
    }


def test_every_direction_has_its_verdict(curves, changes):
    text = external_page(curves, changes)
    rows = {
        cells[0]: cells[2:]
        for line in text.splitlines()
        if (cells := line.strip("| ").split(" | ")) and len(cells) == 5
    }
    assert rows["slow less fast socialisation"][0].endswith("as published")
    assert rows["some turnover less none, slow socialisation"][0].endswith(
        "**the other way round**"
    )
    assert rows["fast less slow code, fast socialisation"][0].endswith("**no difference**")


def test_hosts_that_do_not_differ_are_said_not_to(curves, changes):
    text = external_page(curves, changes)
    (rising,) = re.findall(r"^\| rising \| outcome.*", text, re.MULTILINE)
    (decaying,) = re.findall(r"^\| fast decay \| outcome.*", text, re.MULTILINE)
    assert rising.endswith("| as published |")
    assert decaying.endswith("| **no difference** |")


def test_figures_are_drawn(curves):
    figure = march_figure(curves, march.RECREATED)
    assert len(figure.axes) == 2 * len(MODELS)
    contrasts = [Contrast(name, "rising", -1, -0.1, -0.2, 0.0) for name in page.UNITS]
    for one in (figure, esim_figure(contrasts, page.UNITS)):
        assert png_bytes(one).startswith(b"\x89PNG")


def test_the_page_in_the_documents_has_every_direction(curves):
    text = (DOCS / "external-checks.md").read_text(encoding="utf-8")
    missing = [one.name for one in march.march_contrasts(curves["march"]) if one.name not in text]
    assert missing == []
    assert all(kind in text for kind in esim.HOSTS)
