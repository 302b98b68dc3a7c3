"""`--mechanisms FILE.py` on the commands that run the model."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest
from commands import SMALL

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "summer_institutes.py"
RUN = ("run", "small-rural", "web_of_support", *SMALL, "--engine", "reference", "--workers", "1")


def test_a_run_with_and_without(invoke, tmp_path):
    without = json.loads(invoke(*RUN, "--json").out)
    ran = invoke(*RUN, "--mechanisms", EXAMPLE, "--out", "own", "--json")
    assert ran.code == 0, ran
    assert json.loads(ran.out)["outcomes"] != without["outcomes"]
    manifest = json.loads((tmp_path / "own" / "manifest.json").read_text())
    digest = hashlib.sha256(EXAMPLE.read_bytes()).hexdigest()
    assert manifest["mechanisms"] == {"file": EXAMPLE.name, "sha256": digest}
    assert f"--mechanisms {EXAMPLE}" in manifest["command"]


@pytest.mark.slow
@pytest.mark.xdist_group("custom mechanisms")
def test_verify(invoke):
    ran = invoke("verify", *SMALL, "--mechanisms", EXAMPLE)
    assert ran.code == 0, ran
    assert "identical" in ran.out


@pytest.mark.parametrize("command", [RUN, ("compare", *SMALL), ("verify", *SMALL)])
def test_a_file_that_cannot_be_used(fails, tmp_path, command):
    (tmp_path / "own.py").write_text("import nothing_of_this_name\n")
    assert "own.py:1: cannot be imported: ModuleNotFound" in fails(
        *command, "--mechanisms", "own.py"
    )
    assert "none.py: cannot be read: no such file" in fails(*command, "--mechanisms", "none.py")


class TestWithAndWithout:
    COMPARE = ("compare", "--district", "small-rural", *SMALL, "-c", "stable", "-n", "2")
    MESA = ("--engine", "mesa", "--workers", "1", "-s", "web_of_support")

    def test_both_arms_stand_side_by_side_and_are_what_each_would_be_alone(self, invoke, tmp_path):
        own = ("--mechanisms", EXAMPLE)
        ran = invoke(*self.COMPARE, *self.MESA, *own, "--with-and-without", "--out", "both")
        assert ran.code == 0, ran
        both = pd.read_csv(tmp_path / "both/runs.csv")
        assert list(dict.fromkeys(both["strategy"])) == [
            *("status_quo", "status_quo+summer_institutes"),
            *("web_of_support", "web_of_support+summer_institutes"),
        ]
        assert "summer_institutes" in ran.out
        series = pd.read_csv(tmp_path / "both/series.csv")
        for arm, options in (("", ()), ("+summer_institutes", own)):
            for strategy in ("status_quo", "web_of_support"):
                alone = invoke(
                    *RUN[:2], strategy, *RUN[3:], "-n", "2", *options, "--out", "alone", "--force"
                )
                assert alone.code == 0, alone
                expected = pd.read_csv(tmp_path / "alone/series.csv")["teacher_practice"]
                found = series[series["strategy"] == f"{strategy}{arm}"]["teacher_practice"]
                assert found.tolist() == expected.tolist()
        # All are compared with the baseline without.
        quiet = both[both["strategy"] == "status_quo"]
        assert (quiet["leadership_gain_end"] == 0).all()
        changed = both[both["strategy"] == "status_quo+summer_institutes"]
        assert (changed["outcome_gain_end"] != 0).all()
        manifest = json.loads((tmp_path / "both/manifest.json").read_text())
        assert "--with-and-without" in manifest["command"]

    def test_it_is_enough_to_compare_the_baseline_with_itself(self, invoke):
        words = (*self.COMPARE, "-s", "status_quo", "--engine", "mesa", "--workers", "1", "--json")
        ran = invoke(*words, "--mechanisms", EXAMPLE, "--with-and-without")
        assert ran.code == 0, ran
        names = {row["strategy"] for row in json.loads(ran.out)["runs"]}
        assert names == {"status_quo", "status_quo+summer_institutes"}

    def test_without_mechanisms_there_is_nothing_to_be_with_and_without(self, fails):
        said = fails(*self.COMPARE, "--with-and-without")
        assert "there is nothing to be with and without" in said
