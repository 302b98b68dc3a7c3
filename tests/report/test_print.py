"""A report on paper, as a browser prints it: every row of every table is there."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from fabricate import comparison

from reformsim.analysis import compare, measure_runs
from reformsim.report import write_report

CHROMIUM = shutil.which("chromium")
TITLES = {"web_of_support": "Qweb", "heroic_superintendent": "Qhero", "stable": "W" * 60}
COMMAND = f"reformsim compare --out {'folder/' * 60}end-of-the-command"


@pytest.mark.slow
@pytest.mark.skipif(
    not (CHROMIUM and shutil.which("pdftotext")), reason="needs chromium and poppler-utils"
)
def test_nothing_of_a_report_is_missing_or_cut_on_paper(tmp_path):
    runs = comparison(conditions=("stable", "severe-recession", "crisis-year"), replicates=3)
    measured = measure_runs(runs)
    path = write_report(
        tmp_path / "report.html",
        results=runs,
        runs=measured,
        table=compare(measured),
        version="1",
        titles=TITLES,
        command=COMMAND,
    )
    pdf = tmp_path / "report.pdf"
    subprocess.run(
        [
            str(CHROMIUM),
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
            *(
                "--disable-component-update",
                "--disable-sync",
                f"--user-data-dir={tmp_path / 'user'}",
            ),
            *("--no-pdf-header-footer", f"--print-to-pdf={pdf}", path.as_uri()),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    printed = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True, text=True
    ).stdout
    text = path.read_text(encoding="utf-8")
    body = re.sub(r"<[^>]*>", " ", text.partition("<body>")[2])
    assert text.count('<td class="left">Qweb</td>') > 80
    for name in ("Qweb", "Qhero"):
        assert printed.count(name) == body.count(name)
    for run in runs:
        assert run.scenario.fingerprint in printed
    joined = "".join(printed.split())
    assert COMMAND.replace(" ", "") in joined
    assert "W" * 60 in joined
    # Nothing lies outside of the paper, where it would not be printed.
    boxes = subprocess.run(
        ["pdftotext", "-bbox", str(pdf), "-"], check=True, capture_output=True, text=True
    ).stdout
    (width,) = {float(found) for found in re.findall(r'<page width="([\d.]+)"', boxes)}
    right = [float(found) for found in re.findall(r'xMax="([\d.]+)"', boxes)]
    assert max(right) <= width
