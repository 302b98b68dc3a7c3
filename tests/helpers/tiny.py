"""An experiment that is done in a second or two, and how to look at what it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from reformsim.experiments.loading import load_experiment
from reformsim.results import store
from reformsim.results.query import frame

if TYPE_CHECKING:
    from pathlib import Path

    from reformsim.experiments.definition import Definition

TINY = """
title = "A tiny experiment"
districts = ["small-rural"]
strategies = ["status_quo", "web_of_support"]
replicates = 4
[horizon]
years = 2
warm_up_years = 1
[uncertainties]
"conditions.superintendent_turnover" = [0.1, 0.4]
[levers]
"levers.span_of_control" = [3, 6]
[outcomes.series]
every = 6
outcomes = ["leadership", "outcome"]
"""
"""Two uncertainties × four replicates × (the status quo and the web at two spans) = 24 runs."""
RUNS = 24


def tiny_file(folder: Path, text: str = TINY) -> Path:
    """Write the experiment's file."""
    path = folder / "tiny.toml"
    path.write_text(text, encoding="utf-8")
    return path


def tiny(folder: Path, *overrides: str) -> Definition:
    """Return the experiment with some values changed."""
    return load_experiment(tiny_file(folder), overrides)


def tables_of(folder: Path) -> dict[str, pd.DataFrame]:
    """Return every table there is, with its rows in order."""
    return {table: frame(folder, table) for table in store.ORDER}


def assert_same_tables(one: Path, other: Path) -> None:
    """Fail unless both folders hold the same rows, to the last bit."""
    wanted = tables_of(other)
    for name, table in tables_of(one).items():
        pd.testing.assert_frame_equal(table, wanted[name], check_exact=True)
