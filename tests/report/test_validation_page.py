"""The pages of a validation: every row, its verdict, and a paragraph for what fails only."""

from __future__ import annotations

import math
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reformsim.report.validation import summary, validation_page, value_of, verdicts
from reformsim.validation import ROWS, Finding

DOCUMENT = Path(__file__).parents[2] / "docs" / "validation.md"


def statistics_of(row):
    return [s for e in row.measurements for s in e.statistics]


def findings(failing=()):
    return [
        Finding(row, one, math.nan, math.nan, math.nan, 0, False, "not measured: no such thing")
        if row.number in failing
        else Finding(row, one, 0.5, 0.4, 0.6, 20, True)
        for row in ROWS
        for one in statistics_of(row)
    ]


def yes_or_no(holds):
    return "yes" if holds else "no"


def page(form, failing=()):
    return validation_page(
        findings(failing), form, where="testville", command="reformsim validate", version="1.2.3"
    )


@pytest.mark.parametrize("form", ["md", "html"])
class TestPage:
    def test_every_row_and_statistic_is_there(self, form):
        shown = unescape(page(form))
        for row in ROWS:
            assert row.title in shown
            assert row.sources in shown
            for one in statistics_of(row):
                assert one.name in shown
                assert one.band in shown

    def test_only_what_fails_is_explained(self, form):
        shown = unescape(page(form, failing=(9,)))
        explained = {row.number: row.if_it_fails[:60] in shown for row in ROWS}
        assert explained == {row.number: row.number == 9 for row in ROWS}
        assert "no such thing" in shown
        assert "No row fails" in page(form)

    def test_it_says_which_rows_were_known(self, form):
        assert "none of them is out of sample" in page(form)
        for row in ROWS:
            marked = {
                "md": f"**{row.title}** | | | | pass | {yes_or_no(row.fitted)} | {row.known_since} |",
                "html": f"; known since the {row.known_since}; evidence {row.sources})",
            }
            assert marked[form] in page(form)
        assert "testville" in page(form)

    def test_the_same_findings_give_the_same_page(self, form):
        assert page(form, (7,)) == page(form, (7,))


def test_the_html_is_well_formed():
    empty = {"meta", "br", "hr", "img", "link", "col"}

    class Checker(HTMLParser):
        def __init__(self):
            super().__init__()
            self.open = []

        def handle_starttag(self, tag, attrs):
            if tag not in empty:
                self.open.append(tag)

        def handle_endtag(self, tag):
            assert self.open.pop() == tag

    checker = Checker()
    checker.feed(page("html", failing=(7, 9)))
    assert checker.open == []


def test_a_row_passes_if_all_of_it_does():
    found = findings()
    assert all(one.passed for one in verdicts(found))
    spoilt = [*found[:-1], findings(failing=(33,))[-1]]
    assert [one.row.number for one in verdicts(spoilt) if not one.passed] == [33]


def test_summary():
    assert summary(findings()).startswith(f"{len(ROWS)} of {len(ROWS)} rows pass")
    assert summary(findings((9,))).startswith(f"{len(ROWS) - 1} of {len(ROWS)} rows pass")
    assert "7, 15 fail" in summary(findings((7, 9, 15)))


def test_the_document_is_that_of_these_rows():
    """`make validation` brings it up to date."""
    shown = DOCUMENT.read_text(encoding="utf-8")
    for row in ROWS:
        assert f"**{row.number}. {row.title}** (evidence {row.sources}). {row.how}" in shown
        for one in statistics_of(row):
            assert f"| {one.name}, {one.unit} | {one.band}" in shown
        failing = f"### Row {row.number}: {row.title}" in shown
        assert failing == (row.if_it_fails in shown)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1.0987, "1.099"), (1.09999, "1.09999"), (1.1, "1.1"), (1.10004, "1.1"), (0.5263, "0.526")],
)
def test_a_value_shows_on_which_side_of_its_band_it_lies(value, shown):
    (row,) = [row for row in ROWS if row.number == 29]
    (one,) = [one for one in statistics_of(row) if one.low == 1.1]
    assert value_of(Finding(row, one, value, 1.0, 1.2, 20, value >= 1.1)) == shown
