"""Figures over time and comparisons, drawn from made-up runs."""

import sys

import matplotlib as mpl
import numpy as np
import pytest
from fabricate import comparison, result
from matplotlib.figure import Figure
from PIL import Image

from reformsim import figures as f
from reformsim.analysis import compare, measure_runs
from reformsim.errors import ReformsimError
from reformsim.figures.layout import stacked
from reformsim.figures.style import _FREE, axis_label
from reformsim.results import events_frame, quartiles_frame, series_frame

SHOCK = {"type": "revenue_shock", "month": 24, "depth": 0.08}
LEAVES = {"type": "superintendent_departure", "month": 36}
CRISIS = {"type": "crisis", "month": 12, "load": 0.3}


@pytest.fixture(scope="module")
def runs():
    return comparison(conditions=("stable", "severe-recession"), replicates=3)


@pytest.fixture(scope="module")
def measured(runs):
    return measure_runs(runs)


@pytest.fixture(scope="module")
def table(measured):
    return compare(measured)


@pytest.fixture
def ax():
    return Figure().add_subplot()


def stable(table):
    return table[table["condition"] == "stable"]


def lines_named(ax):
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


class TestStyle:
    def test_each_strategy_looks_different_without_colour_too(self):
        looks = [(style.dash, style.marker) for style in f.STRATEGIES.values()]
        assert len(set(looks)) == len(looks) == 11
        lines = {(style.colour, style.dash) for style in [*f.STRATEGIES.values(), *_FREE]}
        assert len(lines) == 11 + len(_FREE)

    def test_known_strategies_never_change_and_others_do_not_depend_on_order(self):
        styles = f.styles_for(["zeta", "web_of_support", "alpha"])
        assert list(styles) == ["web_of_support", "alpha", "zeta"]
        assert styles["web_of_support"] == f.STRATEGIES["web_of_support"]
        assert styles["alpha"] != styles["zeta"]
        assert f.styles_for(["alpha", "zeta", "web_of_support"]) == styles

    def test_titles_and_labels(self):
        assert f.title_of("web_of_support") == "Web of support"
        assert f.title_of("severe-recession", {"severe-recession": "Crash"}) == "Crash"
        assert axis_label("outcome") == "School outcome relative to the baseline\n(student SD)"
        assert axis_label("leadership").endswith("(0–1)")
        assert axis_label("mine") == "Mine"


class TestTrajectories:
    def test_lines_are_means_over_replicates(self, runs, ax):
        series = stable(series_frame(runs))
        assert f.trajectories(series, "leadership", ax) is ax
        lines = lines_named(ax)
        assert list(lines) == ["Status quo", "Heroic superintendent", "Web of support"]
        web = series[series["strategy"] == "web_of_support"]
        np.testing.assert_allclose(
            lines["Web of support"].get_ydata(), web.groupby("month")["leadership"].mean()
        )
        assert ax.get_xlim() == pytest.approx((-4, 71 / 12))
        assert len(ax.collections) == 3  # bands
        assert {"Web of support", "warm-up"} <= {text.get_text() for text in ax.texts}

    def test_school_years_leave_a_gap_at_the_launch(self, runs, ax):
        series = stable(series_frame(runs))
        f.trajectories(series, "leadership", ax, yearly=True, first_year=-1, band=None)
        line = lines_named(ax)["Status quo"]
        assert line.get_xdata().tolist() == [-0.5, 0.0, 0.5, 1.5, 2.5, 3.5, 4.5, 5.5]
        assert np.isnan(line.get_ydata()[1])
        assert not ax.collections

    def test_turnover_of_a_school_year_is_that_of_its_last_month(self, ax):
        series = series_frame(result(departures=(2, 30)))
        f.trajectories(series, "superintendent_turnover", ax, yearly=True, first_year=-1)
        line = lines_named(ax)["Status quo"]
        np.testing.assert_array_equal(line.get_ydata(), [0, np.nan, 1, 0, 1, 0, 0, 0])

    def test_one_condition_at_a_time(self, runs, ax):
        series = series_frame(runs)
        with pytest.raises(ReformsimError, match="one condition, not 2"):
            f.trajectories(series, "leadership", ax)
        with pytest.raises(ReformsimError, match="no column gone"):
            f.trajectories(stable(series), "gone", ax)
        with pytest.raises(ReformsimError, match="no rows"):
            f.trajectories(series.iloc[:0], "leadership", ax)

    def test_events_are_marked_where_the_axes_reach(self, ax):
        run = result(events=[SHOCK, LEAVES, CRISIS, {**LEAVES, "month": 999}], departures=(3, 30))
        f.trajectories(series_frame(run), "leadership", ax)
        before = len(ax.lines)
        f.mark_events(run.scenario, ax)
        words = {text.get_text() for text in ax.texts}
        assert {"recession", "crisis", "superintendent\nleaves"} <= words
        assert len(ax.lines) == before + 1
        f.mark_departures(events_frame(run), ax)
        assert len(ax.lines) == before + 3
        with pytest.raises(ReformsimError, match="one run"):
            f.mark_departures(events_frame([run, result(replicate=1, departures=(3,))]), ax)

    def test_what_each_replicate_draws_is_not_marked(self, ax):
        conflict = {"type": "union_conflict", "month": 24, "severity": 0.5}
        board = {"type": "board_turnover", "month": 36, "capital_lost": 0.5}
        ranged = [
            {**LEAVES, "month": {"low": 24, "high": 60}},
            {**SHOCK, "depth": {"low": 0.05, "high": 0.1}},
        ]
        run = result(events=[*ranged, conflict, board])
        f.trajectories(series_frame(run), "leadership", ax)
        before = {text.get_text() for text in ax.texts}
        f.mark_events(run.scenario, ax)
        after = {text.get_text() for text in ax.texts}
        assert after - before == {"conflict", "new\nboard"}

    def test_labels_keep_their_distance_and_stay_near(self):
        heights = stacked([0.1, 0.5, 0.5, 0.5, 0.9], [0.05] * 5, 0, 1)
        gaps = np.diff(heights)
        assert heights[0] == pytest.approx(0.1)
        assert heights[4] == pytest.approx(0.9)
        assert heights[2] == pytest.approx(0.5)
        assert gaps.min() == pytest.approx(0.05)

    def test_tall_labels_take_their_room_and_none_leaves_the_axes(self):
        assert stacked([0.98, 0.99], [0.1, 0.3], 0, 1) == pytest.approx([0.65, 0.85])
        assert stacked([-1.0], [0.2], 0, 1) == pytest.approx([0.1])
        # With too little room they lie around the middle.
        assert stacked([0.0, 0.0, 0.0], [0.5] * 3, 0, 1) == pytest.approx([0.0, 0.5, 1.0])


def test_the_need_gap_is_drawn_and_written(runs, ax):
    quartiles = stable(quartiles_frame(runs))
    f.need_gap(quartiles, "web_of_support", ax)
    # The outcome is −0.1 × need, and need rises by 0.1 from school to school: 6 steps apart.
    assert "gap 0.060 → 0.060" in {text.get_text() for text in ax.texts}
    assert len(lines_named(ax)) == 4
    with pytest.raises(ReformsimError, match="no rows of equity_first"):
        f.need_gap(quartiles, "equity_first", ax)


def test_survival_leaves_out_what_never_took_hold(measured, ax):
    f.survival(stable(measured), ax)
    lines = lines_named(ax)
    assert list(lines) == ["Heroic superintendent", "Web of support"]
    assert lines["Heroic superintendent"].get_ydata()[-1] == 0
    assert lines["Web of support"].get_ydata()[-1] == 1


def test_differences_are_filled_where_they_are_clear(table, ax):
    f.differences(table, "leadership_gain_end", ax)
    dots = [line for line in ax.lines if line.get_linestyle() == "None"]
    rows = table[(table["measure"] == "leadership_gain_end") & (table["strategy"] != "status_quo")]
    assert len(dots) == len(rows) == 4
    drawn = {round(float(dot.get_xdata()[0]), 9): dot for dot in dots}
    for row in rows.to_dict("records"):
        dot = drawn[round(row["difference"], 9)]
        assert (dot.get_markerfacecolor() == "white") == (not row["clear"])
    assert [text.get_text() for text in ax.get_yticklabels()] == [
        "Heroic superintendent",
        "Web of support",
    ]
    with pytest.raises(ReformsimError, match="no comparison of gone"):
        f.differences(table, "gone", ax)


def test_cost_and_gain_needs_one_condition(table, ax):
    f.cost_and_gain(stable(table), ax)
    assert "$ per pupil" in ax.get_xlabel()
    with pytest.raises(ReformsimError, match="exactly one"):
        f.cost_and_gain(table, ax)


class TestWholeFigures:
    def test_the_same_figure_is_the_same_bytes_whatever_the_settings(self, runs, tmp_path):
        series = stable(series_frame(runs))
        first = f.png_bytes(f.trajectories_figure(series, "leadership"))
        with mpl.rc_context({"font.size": 30, "savefig.transparent": True, "lines.linewidth": 9}):
            path = f.save(f.trajectories_figure(series, "leadership"), tmp_path / "new" / "a.png")
            assert mpl.rcParams["font.size"] == 30
        assert path.read_bytes() == first
        with Image.open(path) as image:
            assert {key: image.info.get(key) for key in ("Software", "Creation Time")} == {
                "Software": None,
                "Creation Time": None,
            }
            assert round(image.info["dpi"][0]) == 150

    def test_panels_for_conditions_strategies_and_measures(self, runs, measured, table):
        series = series_frame(runs)
        scenarios = {run.scenario.names.condition: run.scenario for run in runs}
        figure = f.trajectories_figure(series, "leadership", scenarios=scenarios)
        assert [ax.get_title(loc="left") for ax in figure.axes] == ["Stable", "Severe recession"]
        assert len(f.survival_figure(measured).axes) == 2
        assert len(f.strain_figure(stable(series)).axes) == 3
        both = ["stable", "severe-recession"]
        rows = f.strain_figure(series).axes
        assert [ax.get_title(loc="left") for ax in rows[::3]] == ["Stable", "Severe recession"]
        assert len(rows) == 6
        titles = [
            ax.get_title(loc="left") for ax in f.cost_and_gain_figure(table, conditions=both).axes
        ]
        assert titles == ["Stable", "Severe recession"]
        shown = ["leadership_gain_end", "leadership_gain_10y", "outcome_gain_end"]
        figure = f.differences_figure(table, shown, conditions=["stable", "severe-recession"])
        assert [ax.get_title(loc="left") for ax in figure.axes] == [
            "Leadership gain, end",
            "Outcome gain, end",
        ]
        with pytest.raises(ReformsimError, match="none of the measures"):
            f.differences_figure(table, ["leadership_gain_10y"])

    def test_no_window_and_no_global_state(self, runs, monkeypatch):
        # Another library in the same process may have brought it along.
        monkeypatch.delitem(sys.modules, "matplotlib.pyplot", raising=False)
        f.trajectories_figure(stable(series_frame(runs)), "outcome")
        assert "matplotlib.pyplot" not in sys.modules


class TestGallery:
    def test_the_standard_figures(self, runs, measured, table, tmp_path):
        pictures = f.gallery(runs, measured, table)
        names = [picture.name for picture in pictures]
        assert names == [
            *("leadership", "differences", "outcome", "support", "need_gap", "need_gap-2"),
            *("survival", "cost"),
        ]
        for picture in pictures:
            assert picture.png.startswith(b"\x89PNG")
            assert picture.alt
            assert picture.caption.endswith(".")
        said = {picture.name: picture.caption for picture in pictures}
        assert said["support"].startswith("Conditions: Stable, Severe recession.")
        assert said["cost"].startswith("Conditions: Stable, Severe recession.")
        assert said["need_gap"].startswith("Condition: Stable.")
        assert said["need_gap-2"].startswith("Condition: Severe recession.")
        paths = f.write_gallery(pictures, tmp_path / "figures")
        assert [path.name for path in paths] == [f"{name}.png" for name in names]

    def test_one_replicate_of_the_baseline_alone_has_nothing_to_compare(self):
        runs = [result()]
        measured = measure_runs(runs)
        pictures = f.gallery(runs, measured, compare(measured))
        names = [picture.name for picture in pictures]
        assert names == ["leadership", "outcome", "support", "need_gap"]
