"""The folder `summary` of an experiment: words, tables and figures."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from markdown_it import MarkdownIt
from sweeps import LOAD, TURNOVER, summary

from reformsim.errors import OutputError
from reformsim.experiments.summary import summary_of
from reformsim.report.summary import write_summary


def gain(row):
    """The web gains 0.4, less under turnover; what the hero gains is luck."""
    luck = 0.01 * (row["replicate"] - 1.5)
    return luck + (row["strategy"] == "web_of_support") * 0.4 / row.get(TURNOVER, 1.0)


def page(found, folder):
    paths = write_summary(found, folder)
    assert paths[0] == folder / "summary" / "summary.md"
    assert all(path.is_file() for path in paths)
    return paths[0].read_text(encoding="utf-8")


def test_what_was_run_and_the_answer(tmp_path):
    text = page(summary(gain, uncertainties={TURNOVER: [0.5, 2.0]}), tmp_path)
    assert text.startswith("# Made up\n\n*What is known?*\n\n48 runs of testville under stable, cr")
    assert "2 points (grid of superintendent turnover (× ordinary hazard)); 4 replicates" in text
    web, hero = [line for line in text.splitlines() if line.startswith("- ")][:2]
    assert web.startswith(
        "- web_of_support: leadership gain, end +0.5 points on [0, 1] (95 % interv"
    )
    assert hero.startswith("- heroic_superintendent: leadership gain, end +")
    assert hero.endswith("consistent with no difference.")
    web_by_turnover = (
        "+0.8 [0.779, 0.821]; 0.785 to 0.815; 8 of 8 | +0.2 [0.179, 0.221]; 0.185 to 0.215; 8 of 8"
    )
    assert f"| web_of_support | {web_by_turnover} |" in text
    assert "| heroic_superintendent | *+" in text
    assert "- web_of_support, superintendent turnover 0.5 → 2: leadership gain, end −0.6" in text
    assert "condition stable → crisis year" in text


def test_tables_and_figures_are_beside_it(tmp_path):
    found = summary(gain, uncertainties={TURNOVER: [0.5, 2.0]})
    text = page(found, tmp_path)
    effects = pd.read_csv(tmp_path / "summary" / "effects.csv")
    assert len(effects) == len(found.effects)
    assert {TURNOVER, "difference", "low", "high", "superiority", "mcse", "needed"} <= set(effects)
    assert set(pd.read_csv(tmp_path / "summary" / "pairing.csv")["column"]) == {
        "principal_turnover",
        "leadership, last month",
    }
    shown = {path.name for path in (tmp_path / "summary").glob("*.png")}
    assert shown == {
        *("strategies.png", "along-superintendent-turnover.png", "leadership-over-years.png"),
    }
    assert all(f"]({name})" in text for name in shown)


def test_one_minus_sign_in_all_that_people_read(tmp_path):
    trend = "conditions.revenue_trend"
    text = page(
        summary(lambda row: 10 * row[trend], uncertainties={trend: [-0.05, 0.05]}), tmp_path
    )
    assert re.findall(r"(?<!\w)-\d", text) == []
    assert "−0.05 → 0.05" in text


def test_what_pairing_saves_is_a_round_figure_where_it_is_nearly_everything(tmp_path):
    found = summary(gain)
    saved = [*np.full(len(found.pairing) - 1, 1678.2), 12.34]
    found.pairing["saved"] = saved
    text = page(found, tmp_path).partition("## Efficiency of pairing")[2]
    assert "> 100" in text
    assert "1,678" not in text
    assert pd.read_csv(tmp_path / "summary" / "pairing.csv")["saved"].tolist() == saved


def test_a_second_summary_replaces_the_first(tmp_path):
    page(summary(gain, uncertainties={TURNOVER: [0.5, 2.0]}), tmp_path)
    text = page(summary(gain, uncertainties={LOAD: [0.9, 1.1]}), tmp_path)
    assert not (tmp_path / "summary" / "along-superintendent-turnover.png").exists()
    assert text == page(summary(gain, uncertainties={LOAD: [0.9, 1.1]}), tmp_path)


def test_failed_runs_are_counted_and_named(tmp_path):
    whole = summary(gain)
    broken = whole.runs["strategy"] == "web_of_support"
    runs = whole.runs.assign(
        status=whole.runs["status"].mask(broken, "failed"),
        error=whole.runs["error"].mask(broken, "ValueError: x"),
        leadership_gain_end=whole.runs["leadership_gain_end"].mask(broken),
    )
    text = page(summary_of(whole.experiment, runs, whole.series), tmp_path / "some")
    assert "**8 of 24 runs failed** and are left out:" in text
    assert (
        "- `web_of_support-stable-0-0` (stable, web_of_support, point 0, replicate 0): ValueError: x"
    ) in text
    assert "undefined in every replicate" in text


def test_points_that_were_drawn_have_correlations(tmp_path):
    drawn = {"low": 0.5, "high": 2.0}
    design = {"kind": "latin-hypercube", "points": 12}
    text = page(summary(gain, uncertainties={TURNOVER: drawn}, design=design), tmp_path)
    assert "| strategy | superintendent turnover |" in text
    assert "| web_of_support | −1.00 |" in text


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "summary").write_text("a file")
    with pytest.raises(OutputError, match="summary"):
        write_summary(summary(gain), tmp_path)


def test_no_text_of_a_users_is_markup_in_the_page(tmp_path):
    hostile = "# [a](javascript:alert(1)) | <script> `b` *c* $5 of $9\n\n- d"
    whole = summary(gain, title=hostile, question=hostile)
    failed = whole.runs["strategy"] == "web_of_support"
    runs = whole.runs.assign(
        status=whole.runs["status"].mask(failed, "failed"),
        error=whole.runs["error"].mask(failed, f"ValueError: {hostile}"),
        leadership_gain_end=whole.runs["leadership_gain_end"].mask(failed),
    )
    found = summary_of(whole.experiment, runs, whole.series)
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(page(found, tmp_path))
    assert not set(re.findall(r"<(\w+)", html)) & {"a", "script"}
    shown = "# [a](javascript:alert(1)) | &lt;script&gt; `b` *c* $5 of $9 - d"
    assert f"<h1>{shown}</h1>" in html
    assert f"<em>{shown}</em>" in html
    assert f"ValueError: {shown}</li>" in html
