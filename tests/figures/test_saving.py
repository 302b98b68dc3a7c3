"""Figures as files: every format whole, the same bytes each time, and safe whatever a title says."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest
from printing import ATTACK

from reformsim.cli.options import FigureFormat, formats_of
from reformsim.figures import FORMATS, Picture, image_bytes, image_files, save
from reformsim.figures.lettering import drawable
from reformsim.figures.style import grid, new_figure, settings

BEGINS = {"png": b"\x89PNG\r\n", "svg": b"<?xml", "pdf": b"%PDF-"}
SCRIPT = """
import hashlib, sys
sys.path.insert(0, {helpers!r})
from test_saving import drawn
from reformsim.figures import FORMATS, image_bytes
for kind in FORMATS:
    print(hashlib.sha256(image_bytes(drawn(), kind)).hexdigest())
"""


def drawn(title="Leadership gain, – and −"):
    figure = new_figure(4, 3)
    with settings():
        ((axes,),) = grid(figure, 1, 1)
        axes.plot([0, 1, 2], [0, 1, 4], label=drawable(title))
        axes.fill_between([0, 1, 2], [0, 0, 3], [1, 2, 5], alpha=0.2, hatch="//")
        axes.set_title(drawable(title)[:40])
    return figure


def test_the_option_has_every_format_and_no_other():
    assert tuple(FigureFormat) == FORMATS


def test_formats_are_each_taken_once_and_in_one_order():
    assert formats_of(None) == ("png",)
    asked = [FigureFormat.PDF, FigureFormat.SVG, FigureFormat.PDF]
    assert formats_of(asked) == ("svg", "pdf")


@pytest.mark.parametrize("kind", FORMATS)
def test_a_format_is_what_it_says(kind, tmp_path):
    assert image_bytes(drawn(), kind).startswith(BEGINS[kind])
    path = save(drawn(), tmp_path / f"a.{kind.upper()}")
    assert path.read_bytes() == image_bytes(drawn(), kind)


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_in_a_file_says_when_or_with_what_it_was_made(kind):
    content = image_bytes(drawn(), kind)
    for word in (b"Date", b"atplotlib", b"Producer", b"Creator", b"Software"):
        assert word not in content.replace(b'id="matplotlib.axis', b"")


def test_the_same_figure_is_the_same_bytes_in_every_process():
    here = [hashlib.sha256(image_bytes(drawn(), kind)).hexdigest() for kind in FORMATS]
    for seed in ("1", "2"):
        folder = os.path.dirname(__file__)  # noqa: PTH120
        helpers = os.path.join(folder, os.pardir, "helpers")  # noqa: PTH118
        code = f"import sys; sys.path.insert(0, {folder!r})" + SCRIPT.format(helpers=helpers)
        there = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": f"{seed}000000"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert there.stdout.split() == here


def test_the_users_own_settings_do_not_show():
    before = [image_bytes(drawn(), kind) for kind in FORMATS]
    with mpl.rc_context({"pdf.fonttype": 3, "svg.hashsalt": None, "svg.fonttype": "none"}):
        assert [image_bytes(drawn(), kind) for kind in FORMATS] == before


def test_letters_in_a_pdf_are_truetype():
    content = image_bytes(drawn(), "pdf")
    assert b"/CIDFontType2" in content
    assert b"/FontFile2" in content
    assert b"/Type3" not in content


def test_letters_in_an_svg_need_no_font():
    tree = ET.fromstring(image_bytes(drawn(), "svg"))
    assert not [part for part in tree.iter() if part.tag.endswith("}text")]


def test_a_title_is_no_markup_in_an_svg():
    title = f"{ATTACK} --><script>alert(1)</script><!-- & <b> --"
    content = image_bytes(drawn(title), "svg")
    tree = ET.fromstring(content)  # well-formed
    assert not [part for part in tree.iter() if part.tag.endswith("script")]
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", content)


def test_files_of_figures_hold_what_pages_show_and_what_is_asked_for():
    assert list(image_files({"a": drawn(), "b": drawn()}, ("svg",))) == [
        *("a.png", "a.svg"),
        *("b.png", "b.svg"),
    ]
    picture = Picture("a", "", "", "", drawn())
    assert list(picture.images(("svg", "pdf"))) == ["a.svg", "a.pdf"]
    assert picture.images() == {"a.png": picture.png}
