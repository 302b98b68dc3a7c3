"""`--mechanisms FILE.py` on the commands that run the model."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

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
@pytest.mark.xdist_group("own mechanisms")
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
