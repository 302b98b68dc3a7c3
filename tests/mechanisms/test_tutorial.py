"""The tutorial shows its example as it is, and what it prints."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "custom-mechanisms.md").read_text(encoding="utf-8")
EXAMPLES = ROOT / "docs" / "examples"


@pytest.mark.parametrize("name", ["summer_institutes.py", "compare_summer_institutes.py"])
def test_it_shows_the_file(name):
    assert f"```python\n{(EXAMPLES / name).read_text(encoding='utf-8')}```" in PAGE


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
