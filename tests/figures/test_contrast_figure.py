"""The picture of what goes with a superintendent and what stays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from drawn import drawn_x, drawn_y, faults_of, words_of
from fabricate import result
from matplotlib.figure import Figure

from reformsim import figures as f
from reformsim.analysis import gain_paths, gain_shares, gains
from reformsim.errors import ReformsimError
from reformsim.results import series_frame

MONTH = 36
AFTER = np.arange(84) >= MONTH


def tables(strategies=("heroic_superintendent", "web_of_support")) -> Any:
    """Each strategy gains 0.2, of which the departure leaves a quarter under the first, else all."""
    sides: Any = []
    for lost in (0.0, 0.15):
        runs = [result("status_quo", k, noise=0.05, years=7) for k in range(3)]
        for name in strategies:
            loss = np.where(AFTER, lost * (name == strategies[0]), 0.0)
            runs += [
                result(name, k, gain=(0.2 - loss) * (1 + k / 10), noise=0.05, years=7)
                for k in range(3)
            ]
        sides.append(gains(series_frame(runs), "status_quo"))
    return gain_paths(sides[0], sides[1]), gain_shares(sides[0], sides[1], MONTH)


@pytest.fixture(scope="module")
def made():
    return tables()


def test_the_dashed_line_is_the_gain_without_the_departure_and_the_solid_one_with_it(made):
    ax = f.contrast(
        made[0], made[1], "heroic_superintendent", "leadership", MONTH, Figure().add_subplot()
    )
    lines = [line for line in ax.lines if len(drawn_x(line)) > 50]
    dashed, solid = sorted(lines, key=lambda line: line.get_linestyle() == "-")
    assert dashed.get_linestyle() == "--"
    since = drawn_x(solid) >= MONTH / 12
    np.testing.assert_allclose(drawn_y(dashed)[since], 0.22)
    np.testing.assert_allclose(drawn_y(solid)[since], 0.22 / 4)
    assert [3.0, 3.0] in [list(drawn_x(line)) for line in ax.lines]
    assert ax.get_xlabel() == "left after 1, 3 years: 25, 25 %"


def test_a_column_for_each_strategy_and_a_row_for_each_series_on_one_scale(made):
    figure = f.contrast_figure(made[0], made[1], MONTH)
    rows, columns = 5, 2
    assert len(figure.axes) == rows * columns
    for row in range(rows):
        first, second = figure.axes[columns * row : columns * (row + 1)]
        assert first.get_ylim() == second.get_ylim()
    words = words_of(figure)
    assert "Gain over status quo: Testville · Stable" in words
    assert {"Heroic superintendent", "Web of support", "superintendent leaves, month 36"} <= {
        *words
    }
    assert sum("left after 1, 3 years: 100, 100 %" in text for text in words) > 1


@pytest.mark.parametrize("count", [1, 2, 6])
def test_no_word_is_cut_or_over_another(count):
    long = "What happens where every principal has a mentor"
    names = [f"strategy_{number}" for number in range(count)]
    titles = {name: f"{long} {name}" for name in names}
    paths, shares = tables(names)
    assert faults_of(f.contrast_figure(paths, shares, MONTH, titles=titles)) == []


def test_a_figure_is_the_same_bytes_each_time(made):
    first, second = (f.png_bytes(f.contrast_figure(made[0], made[1], MONTH)) for _ in "ab")
    assert first == second


def test_what_cannot_be_told_is_said(made):
    paths, shares = made
    ax = f.contrast(
        paths,
        shares.assign(left=np.nan),
        "web_of_support",
        "outcome",
        MONTH,
        Figure().add_subplot(),
    )
    assert ax.get_xlabel() == "no share left can be told"
    with pytest.raises(ReformsimError, match="no gain in outcome of nobody"):
        f.contrast(paths, shares, "nobody", "outcome", MONTH, Figure().add_subplot())
