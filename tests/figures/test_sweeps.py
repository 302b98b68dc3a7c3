"""Figures along what an experiment varies: what is drawn where, and which figures there are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drawn import drawn_x, drawn_y
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from sweeps import LOAD, RELIEF, TURNOVER, summary

from reformsim.errors import ReformsimError
from reformsim.figures.experiment import experiment_pictures
from reformsim.figures.style import STRATEGIES, styles_along
from reformsim.figures.sweeps import across, along


def gain(row):
    own = 0.4 if row["strategy"] == "web_of_support" else 0.2 / row.get(TURNOVER, 1.0)
    return own * row.get(RELIEF, 1.0) + 0.01 * (row["replicate"] - 1.5)


@pytest.fixture
def ax():
    return Figure().add_subplot()


def dots(ax):
    return [line for line in ax.lines if line.get_linestyle() == "None" and len(line.get_xdata())]


def segments_of(collection):
    return collection.get_segments()


class TestAlong:
    def test_differences_stand_at_their_values_with_their_intervals(self, ax):
        table = summary(gain, uncertainties={TURNOVER: [0.5, 1.0, 2.0]}).by("strategy", TURNOVER)
        assert along(table, TURNOVER, ax) is ax
        assert [label.get_text() for label in ax.get_xticklabels()] == ["0.5", "1", "2"]
        lines = {line.get_label(): line for line in ax.lines if str(line.get_label())[0] != "_"}
        hero = lines["Heroic superintendent"]
        assert drawn_y(hero) == pytest.approx([0.4, 0.2, 0.1])
        assert drawn_x(hero).round().tolist() == [0, 1, 2]
        assert hero.get_color() == STRATEGIES["heroic_superintendent"].colour
        own = table[table["strategy"] == "heroic_superintendent"]
        bars = [tuple(bar[:, 1]) for found in ax.collections for bar in segments_of(found)]
        for row in own.to_dict("records"):
            assert any(bar == pytest.approx((row["low"], row["high"])) for bar in bars)
        assert {text.get_text() for text in ax.texts} == set(lines)

    def test_hollow_where_the_interval_covers_0(self, ax):
        table = summary(
            lambda row: row["replicate"] - 1.5 if row["point"] else 1.0 + row["replicate"] / 9,
            uncertainties={TURNOVER: [0.5, 2.0]},
        ).by("strategy", TURNOVER)
        along(table[table["strategy"] == "web_of_support"], TURNOVER, ax)
        looks = {round(dot.get_xdata()[0]): dot.get_markerfacecolor() for dot in dots(ax)}
        assert looks == {0: STRATEGIES["web_of_support"].colour, 1: "white"}

    def test_what_is_undefined_is_left_out_and_twice_is_wrong(self, ax):
        table = summary(gain, uncertainties={TURNOVER: [0.5, 2.0]}).by("strategy", TURNOVER)
        along(table.assign(pairs=table["pairs"].where(table[TURNOVER] == 0.5, 0)), TURNOVER, ax)
        assert {round(x) for dot in dots(ax) for x in dot.get_xdata()} == {0}
        assert not ax.texts  # no line reaches the end
        with pytest.raises(ReformsimError, match="one difference for each"):
            along(pd.concat([table, table]), TURNOVER, ax)


class TestAcross:
    def test_lines_join_means_of_neighbouring_points(self, ax):
        found = summary(
            lambda row: row[TURNOVER],
            uncertainties={TURNOVER: {"low": 0.5, "high": 2.0}},
            design={"kind": "latin-hypercube", "points": 40},
            conditions=["stable"],
        )
        table = found.effects[found.effects["measure"] == found.headline]
        assert across(table, TURNOVER, ax) is ax
        (line, _) = ax.lines[:2]
        assert len(drawn_x(line)) == 8
        assert drawn_y(line) == pytest.approx(drawn_x(line))
        assert [np.shape(points.get_offsets()) for points in ax.collections] == [(40, 2), (40, 2)]
        with pytest.raises(ReformsimError, match="no difference to show"):
            across(table.assign(pairs=0), TURNOVER, ax)


def test_shades_get_darker_with_the_value():
    shades = [sum(to_rgb(style.colour)) for style in styles_along([3.0, 1.0, 2.0]).values()]
    assert shades == sorted(shades, reverse=True)
    assert len({style.marker for style in styles_along(range(6)).values()}) == 6


class TestPictures:
    def names(self, *choices, **values):
        pictures = experiment_pictures(summary(*choices, **values))
        for picture in pictures:
            assert picture.png.startswith(b"\x89PNG")
            assert picture.caption.endswith(".")
            assert picture.alt.endswith(".")
        return {picture.name: picture for picture in pictures}

    def test_of_conditions_and_uncertainties(self):
        found = self.names(gain, uncertainties={TURNOVER: [0.5, 2.0], LOAD: [1.0, 1.1]})
        assert list(found) == [
            *("strategies", "along-superintendent-turnover", "along-operational-load"),
            "leadership-over-years",
        ]
        alt = "one for each strategy, a panel for each condition."
        assert found["along-operational-load"].alt.endswith(alt)

    def test_of_levers_show_what_one_does_within_a_strategy(self):
        levers = {RELIEF: [0.2, 0.8], "levers.pipeline": [0.1, 0.5, 0.9]}
        found = self.names(gain, levers=levers, conditions=["stable"])
        assert list(found) == [
            *("strategies", "along-operations-relief", "along-pipeline", "leadership-over-years"),
        ]
        alt = "Lines over pipeline, one for each operations relief, a panel for each strategy."
        assert found["along-pipeline"].alt == alt

    def test_of_points_that_were_drawn(self):
        drawn = {TURNOVER: {"low": 0.5, "high": 2.0}, LOAD: {"low": 0.9, "high": 1.1}}
        design = {"kind": "latin-hypercube", "points": 12}
        found = self.names(gain, uncertainties=drawn, design=design)
        assert list(found) == ["strategies", "across", "leadership-over-years"]

    def test_of_one_at_a_time_and_many_strategies(self):
        found = self.names(
            gain,
            strategies=list(STRATEGIES),
            uncertainties={TURNOVER: [0.5, 2.0]},
            levers={RELIEF: [0.2, 0.8]},
            design={"kind": "one-at-a-time"},
        )
        assert found["along-operations-relief"].alt.startswith(
            "Lines over operations relief, one for each strategy"
        )

    def test_nothing_to_compare_is_nothing_to_draw(self):
        assert self.names(gain, strategies=["status_quo"]) == {}
        (one,) = self.names(
            gain, strategies=["status_quo", "web_of_support"], conditions=["stable"]
        )
        assert one == "leadership-over-years"
