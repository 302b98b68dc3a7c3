"""Levers of a later school year on the command line, and in the recipe of what was run."""

from __future__ import annotations

import json

from commands import SMALL

CHANGE = ("--set", "levers.pipeline@2=0.8")


def test_a_manifest_has_it_and_gives_the_same_again(invoke, tmp_path):
    out = ("--out", tmp_path / "one")
    options = ("--years", "2", "--warm-up", "1", "--replicates", "1")
    ran = invoke("run", "small-rural", *options, *CHANGE, *out)
    assert ran.code == 0, ran
    manifest = tmp_path / "one" / "manifest.json"
    assert CHANGE[1] in json.dumps(json.loads(manifest.read_text()))
    again = invoke("reproduce", manifest, "--out", tmp_path / "two")
    assert again.code == 0, again


def test_show_has_it_in_its_plan(invoke):
    shown = invoke("show", "small-rural", *CHANGE).out
    assert "pipeline 0.1 → 0.8" in shown


def test_what_is_wrong_with_it_names_the_option(fails):
    said = fails("run", "small-rural", *SMALL, *CHANGE)
    assert "--set: levers.pipeline@2: begins after the run of 1 year has ended" in said
