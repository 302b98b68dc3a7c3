"""The tutorial shows its example as it is, and what it prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "custom-mechanisms.md").read_text(encoding="utf-8")
EXAMPLES = ROOT / "docs" / "examples"


@pytest.mark.parametrize(
    "name", ["summer_institutes.py", "compare_summer_institutes.py", "outreach.py"]
)
def test_it_shows_the_file(name):
    assert f"```python\n{(EXAMPLES / name).read_text(encoding='utf-8')}```" in PAGE


def test_it_shows_the_experiment():
    assert f"```toml\n{(EXAMPLES / 'outreach.toml').read_text(encoding='utf-8')}```" in PAGE


def test_values_are_set_in_python_as_the_page_says(monkeypatch):
    """What its commands do is tested with the same files in tests/experiments/test_own_parameters.py."""
    (code,) = re.findall(r"```python\n([^`]*with_values[^`]*)```", PAGE)
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - the code of our own page
    assert names["strong"].values == {"outreach": 0.1}


@pytest.mark.slow
@pytest.mark.xdist_group("custom mechanisms")
def test_the_comparison_prints_what_the_page_says():
    done = subprocess.run(
        [sys.executable, EXAMPLES / "compare_summer_institutes.py"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"```text\n{done.stdout}```" in PAGE
