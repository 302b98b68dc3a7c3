"""No text of a user's is markup: in Markdown, in HTML made of it, and in tables for spreadsheets."""

from __future__ import annotations

import csv
import io
import math
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reformsim.report.html import html_page
from reformsim.report.markup import code, console, escaped, one_line
from reformsim.results.spreadsheet import csv_text, harmless

HOSTILE = (
    "# a",
    "- a",
    "+ a",
    "1. a",
    "12) a",
    "---",
    "===",
    "    a",
    "*a* _b_ **c** __d__ ~~e~~",
    "`a` ``b`` ```",
    "a | b",
    "[a](javascript:alert(1))",
    "![a](file:///etc/passwd)",
    "[a]: http://example.org",
    "<script>alert(1)</script> <b>",
    "&lt;b&gt; &amp;",
    "<https://example.org>",
    "a\\",
    "a  \nb\n\n# c",
    "$a$ \\(b\\)",
    "> a",
    ": a",
    "web_of_support",
    "\x1b]0;a\x07\u202e\u2028b",
)
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def shown(html):
    """What a reader sees of a page."""
    text = re.sub(r"<[^>]*>", "", html)
    return (
        text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", '"')
        .replace("&amp;", "&")
        .strip()
    )


def tags(html):
    return set(re.findall(r"<(\w+)", html))


def is_text(text):
    line = MARKDOWN.render(f"{escaped(text)}\n")
    assert tags(line) <= {"p"}
    assert " ".join(shown(line).split()) == " ".join(one_line(text).split())
    row = MARKDOWN.render(f"| a | b |\n|---|---|\n| {escaped(text)} | c |\n")
    assert tags(row) == {"table", "thead", "tbody", "tr", "th", "td"}
    assert row.count("<td>") == 2


@pytest.mark.parametrize("text", HOSTILE)
def test_text_in_markdown_is_shown_as_it_stands(text):
    is_text(text)


@given(st.text(alphabet="#-+*_`[]()<>!|\\&;:1.)= \n\tax~$\u202e", max_size=24))
def test_any_text_in_markdown_is_shown_as_it_stands(text):
    is_text(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_code_and_commands_stay_what_they_are(text):
    assert tags(MARKDOWN.render(code(text.replace("|", "")))) <= {"p", "code"}
    block = MARKDOWN.render(f"{console(text)}\n")
    assert tags(block) == {"pre", "code"}


def test_words_stay_readable():
    assert escaped("web_of_support, 5 of 7 (a-b): 3.5") == "web_of_support, 5 of 7 (a-b): 3.5"
    assert escaped("$5 on [0, 1]") == "\\$5 on \\[0, 1]"


def test_html_of_markdown_has_no_markup_link_or_file_of_others():
    page = """<script>alert(1)</script>

[a](javascript:alert(1))

![a](file:///etc/passwd)

| a | b |
|---|--:|
| 1 | 2 |"""
    made = html_page(page, "<b>", {}, "1")
    body = made.partition("<body>")[2]
    assert not tags(body) & {"script", "a", "img"}
    assert "style=" not in body
    assert '<td class="right">2</td>' in body
    assert "<title>&lt;b&gt;</title>" in made
    assert "default-src 'none'" in made


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|' /C calc'!A0",
        "+1+cmd",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "a;=1",
        'a\t"=1',
        "a\n+1x",
        "\uff1d1",
        "'=1 ;@a",
    ],
)
def test_no_cell_of_a_spreadsheet_is_a_formula(text):
    table = pd.DataFrame({"name": [text], "category": pd.Categorical([text]), text: [-1.5]})
    written = csv_text(table)
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(written), delimiter=separator):
            for cell in row:
                assert re.match(r"[=+@\t\r\uff1d]|-(?!1\.5)", cell.strip(' "')) is None
    again = pd.read_csv(io.StringIO(written))
    assert again.iloc[0, 2] == -1.5


def test_numbers_and_ordinary_names_stay_as_they_are():
    table = pd.DataFrame({"a": ["web_of_support", "-0.5", "a-b = c"], "b": [-1.0, math.nan, 1e-17]})
    assert csv_text(table) == "a,b\nweb_of_support,-1.0\n-0.5,\na-b = c,1e-17\n"
    assert harmless("=a") == "'=a"
    repeated = pd.DataFrame({"a": ["=x", "y"]}, index=[3, 3])
    assert csv_text(repeated) == "a\n'=x\ny\n"
