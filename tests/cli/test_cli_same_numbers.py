"""The same runs have the same numbers, whichever command is asked, and the library gives them too."""

from __future__ import annotations

import io
import json
import re
from contextlib import redirect_stdout
from types import SimpleNamespace

import pytest

from reformsim.analysis.paired import summarise_pairs
from reformsim.cli import main

GAIN = "leadership_gain_end"
STATISTICS = ("pairs", "difference", "low", "high", "p05", "p95", "better")


STRATEGY = 'kind = "strategy"\ntitle = "Mine"\n[levers]\nteachers_per_coach = 20.0\n'
EXPERIMENT = """
title = "The same"
districts = ["small-rural"]
strategies = ["status_quo", "mine.toml"]
replicates = 12
horizon = {years = 2, warm_up_years = 1}
"""


def said(*words):
    """What a command prints."""
    with redirect_stdout(io.StringIO()) as printed:
        assert main([str(word) for word in words]) == 0
    return printed.getvalue()


@pytest.fixture(scope="module", params=[None, "published-patterns"])
def asked(request, tmp_path_factory):
    """One strategy against the status quo, asked of three commands; it differs in one lever."""
    folder = tmp_path_factory.mktemp("same")
    mine, file, out = (folder / name for name in ("mine.toml", "same.toml", "out"))
    mine.write_text(STRATEGY)
    file.write_text(EXPERIMENT)
    drawn = ("--parameter-uncertainty", request.param) if request.param else ()
    few = ("--years", 2, "--warm-up", 1, "-n", 12, "-q", *drawn)
    compare = ("compare", "--district", "small-rural", "-s", mine, "-c", "stable", *few)
    whatif = ("whatif", "small-rural", mine, "--without", "teachers_per_coach", *few)
    said("experiment", "run", file, "--out", out, "-q", "--no-summary", *drawn)
    summary = ("experiment", "summary", out)
    return SimpleNamespace(
        posterior=request.param,
        compared=json.loads(said(*compare, "--json")),
        compare_text=said(*compare),
        whatif=json.loads(said(*whatif, "--json")),
        whatif_text=said(*whatif),
        summary=json.loads(said(*summary, "--json")),
        summary_text=said(*summary),
    )


def numbers_of(row, prefix=""):
    return {name: row[f"{prefix}{name}"] for name in STATISTICS}


def test_compare_experiment_and_library_give_the_same(asked):
    compared, runs = asked.compared["comparison"], asked.compared["runs"]
    (row,) = (r for r in compared if (r["strategy"], r["measure"]) == ("mine", GAIN))
    gains = [run[GAIN] for run in runs if run["strategy"] == "mine"]
    found = summarise_pairs(gains)
    # But for the last bit of a sum, which hangs on how many rows are summed at a time.
    alone = {name: getattr(found, name) for name in STATISTICS}
    assert numbers_of(row) == pytest.approx(alone, rel=1e-12)
    (overall,) = asked.summary["overall"]
    assert numbers_of(overall) == pytest.approx(numbers_of(row), rel=1e-12)
    assert row["low"] < row["difference"] < row["high"]


def test_a_lever_taken_away_is_the_same_from_the_other_side(asked):
    (row,) = (
        r for r in asked.compared["comparison"] if (r["strategy"], r["measure"]) == ("mine", GAIN)
    )
    (effect,) = (r for r in asked.whatif["effects"] if r["outcome"] == "leadership")
    mirrored = [-effect["end"], -effect["end_high"], -effect["end_low"]]
    mirrored += [-effect["end_p95"], -effect["end_p05"]]
    there = [row[name] for name in ("difference", "low", "high", "p05", "p95")]
    assert mirrored == pytest.approx(there, rel=1e-9)
    assert effect["end_better"] == row["pairs"] - row["better"]


def test_it_is_printed_alike(asked):
    interval = re.compile(r"\[−?\d\.\d{3}, −?\d\.\d{3}\]")
    compared, summarised = map(interval.search, (asked.compare_text, asked.summary_text))
    assert compared
    assert summarised
    assert compared[0] == summarised[0]


def test_what_is_drawn_is_named_wherever_it_is_shown(asked):
    texts = (asked.compare_text, asked.summary_text, asked.whatif_text)
    drawn = ["draws its parameters from published-patterns" in text for text in texts]
    assert drawn == [asked.posterior is not None] * 3
    recipes = (asked.compared, asked.summary, asked.whatif)
    assert [bool(one["parameter_uncertainty"]) for one in recipes] == drawn
