"""No word on a figure is cut or over another, and every one stands there as it was written."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drawn import faults_of, words_of
from fabricate import comparison, result
from matplotlib.figure import Figure
from sweeps import RELIEF, TURNOVER, summary

from reformsim import figures as f
from reformsim.analysis import compare, difference_paths, measure_runs, paired_differences
from reformsim.figures import experiment, sensitivity
from reformsim.figures.calibration import identifiability_figure, predictive_figure, ranks_figure
from reformsim.figures.lettering import MOST_LINES, drawable, width_of, wrapped
from reformsim.results import quartiles_frame, series_frame

WIDE = "W" * 60
LONG = "What happens where every principal has a mentor and a coach!"
assert len(LONG) == 60
EVENTS = [
    *({"type": "superintendent_departure", "month": month} for month in (24, 25, 26, 60, 61)),
    *({"type": "crisis", "month": month, "load": 0.3} for month in (24, 25, 70)),
    *({"type": "revenue_shock", "month": month, "depth": 0.08} for month in (-2, 24)),
]
HOSTILE = (
    "Between $5 and 10% of $100",
    r"$\frac{1}{0}$ \alpha_{x}^{2} \$",
    "$unbalanced",
    "_hidden",
    "a\nb\tc\x1b]0;d\x07 \x00\u202e",
    "日本 🙂 \ud800 \U0010ffff",
    "{} {0} %s {x!r}",
)
"""Titles that are taken for something else by whoever does not take them for titles."""


def names(count, kind):
    return [f"{kind}_{place}" for place in range(count)]


class Comparison:
    """A made-up comparison of so many strategies under so many conditions, with hostile titles."""

    def __init__(self, strategies, conditions, title=None):
        self.strategies = ["status_quo", *names(strategies - 1, "strategy")]
        self.conditions = names(conditions, "condition")
        every = [*self.strategies, *self.conditions, "testville"]
        title = title or (lambda place: (WIDE, LONG)[place % 2])
        self.titles = {name: title(place) for place, name in enumerate(every)}
        self.runs = comparison(
            self.strategies, self.conditions, replicates=2, events=EVENTS, years=6
        )
        self.measured = measure_runs(self.runs)
        self.table = compare(self.measured)
        self.series = series_frame(self.runs)
        self.scenarios = {run.scenario.names.condition: run.scenario for run in self.runs}

    def figures(self):
        yield f.trajectories_figure(
            self.series, "leadership", scenarios=self.scenarios, titles=self.titles
        )
        some = self.series[self.series["condition"].isin(self.conditions[:4])]
        yield f.strain_figure(some, titles=self.titles)
        measures = ["leadership_gain_4y", "leadership_gain_end", "cost_above_reference"]
        if len(self.strategies) > 1:
            yield f.differences_figure(self.table, measures, titles=self.titles)
            yield f.cost_and_gain_figure(self.table, titles=self.titles)
            yield f.survival_figure(self.measured, titles=self.titles)
        first = [run for run in self.runs if run.scenario.names.condition == self.conditions[0]]
        yield f.need_gap_figure(
            quartiles_frame(first), strategies=self.strategies[:6], titles=self.titles
        )


SMALL = [(1, 1), (2, 2), (12, 1)]
MANY = [(2, 1), (4, 1), (4, 2), (3, 12)]


@pytest.mark.parametrize(
    ("strategies", "conditions"),
    [*SMALL, *(pytest.param(*size, marks=pytest.mark.slow) for size in MANY)],
)
def test_no_word_of_a_comparison_is_cut_or_over_another(strategies, conditions):
    for figure in Comparison(strategies, conditions).figures():
        assert faults_of(figure) == []


def test_every_title_stands_on_the_figures_whole():
    made = Comparison(2, 2)
    for figure in made.figures():
        shown = _joined(" ".join(words_of(figure)))
        assert WIDE in shown or "".join(LONG.split()) in shown


def test_no_title_is_taken_for_markup():
    """As warnings are errors, none reaches the user for a letter that no font has either."""
    made = Comparison(4, 3, lambda place: HOSTILE[place % len(HOSTILE)])
    shown = [_joined(" ".join(words_of(figure))) for figure in made.figures()]
    for title in HOSTILE:
        assert _joined(drawable(title)) in shown[0]
    for name in made.conditions:  # in the figure of the differences they are in the legend
        assert all(_joined(drawable(made.titles[name])) in one for one in shown[:-1])


def test_what_the_font_does_not_have_is_a_box_and_the_rest_stays():
    assert drawable("$5_{x}^2 \\alpha\nb") == "$5_{x}^2 \\alpha b"
    assert drawable("a\x1b[31m\x00日\u202eb\ud800") == "a□[31m□□□b□"


def test_a_long_text_ends_in_an_ellipsis_and_a_wide_word_breaks():
    assert wrapped("two words", 1000, 10) == "two words"
    assert wrapped("two words", width_of("words", 10), 10) == "two\nwords"
    lines = wrapped("W" * 60, 100, 10).split("\n")
    assert "".join(lines) == "W" * 60
    assert max(width_of(line, 10) for line in lines) <= 100
    cut = wrapped("many words " * 10_000, 100, 10)
    assert cut.count("\n") == MOST_LINES - 1
    assert cut.endswith("…")


def test_notes_on_many_events_are_apart_and_counted():
    run = result(events=EVENTS)
    ax = Figure(figsize=(9, 3)).add_subplot()
    f.trajectories(series_frame(run), "leadership", ax, labels=False)
    f.mark_events(run.scenario, ax)
    shown = [text.get_text() for text in ax.texts if text.get_visible()]
    assert sorted(shown) == [
        *("crisis", "crisis ×2", "recession", "recession"),
        *("superintendent\nleaves ×2", "superintendent\nleaves ×3", "warm-up"),
    ]


def test_titles_on_axes_of_the_users_own_are_no_mathematics_either():
    run, title = result(), "Between $5 and 10% of $100"
    ax = Figure().add_subplot()
    f.trajectories(series_frame(run), "leadership", ax, titles={"status_quo": title})
    assert all(not text.get_parse_math() for text in ax.texts)
    f.trajectories(series_frame(run), "leadership", ax, titles={"status_quo": "_a"})
    assert ax.get_legend_handles_labels()[1] == [title, "\u200b_a"]


class TestOtherFigures:
    def test_the_difference_path(self):
        sides = [
            [
                result(name, k, gain=gain)
                for name in ("status_quo", *"abcdefghijk")
                for k in range(2)
            ]
            for gain in (0.0, 0.1)
        ]
        paths = difference_paths(
            paired_differences(series_frame(sides[0]), series_frame(sides[1]), ["leadership"])
        )
        titles = dict.fromkeys(["status_quo", *"abcdefghijk"], WIDE)
        marks = {f"without superintendent departure in month {place}": place for place in range(9)}
        figure = f.difference_path_figure(paths, "leadership", marks=marks, titles=titles)
        assert faults_of(figure) == []
        assert sum(words == WIDE for words in map(_joined, words_of(figure))) == 12

    def test_the_pictures_of_a_calibration(self):
        names = [f"coefficients.{WIDE}_{place}" for place in range(9)]
        parameters = pd.DataFrame(
            {"parameter": names, "width": np.linspace(0.1, 1, 9), "moved": [True, False, True] * 3}
        )
        assert faults_of(identifiability_figure(parameters)) == []
        ends = {"prior_low_95": -1, "prior_high_95": 2, "low_95": 0, "high_95": 1, "median": 0.5}
        statistics = [f"Between $5 and {place} of $100 _x_ {LONG}" for place in range(12)]
        rows = [
            {"statistic": name, "observed": 0.4, "error": 0.2, "met": True, **ends}
            for name in statistics
        ]
        figure = predictive_figure(pd.DataFrame(rows))
        assert faults_of(figure) == []
        assert any(words.startswith("Between $5 and 7 of $100") for words in words_of(figure))
        trials = pd.DataFrame(
            {"parameter": np.repeat(names, 20), "rank": np.tile(np.linspace(0, 1, 20), 9)}
        )
        assert faults_of(ranks_figure(trials)) == []

    def test_ranks_and_effects_of_many(self):
        strategies = [f"{WIDE}_{place}" for place in range(12)]
        points = np.random.default_rng(1).random((30, 12))
        ranks = pd.DataFrame(points, columns=strategies).rank(axis=1)
        title = f"Leadership gain: {LONG} {WIDE}"
        assert faults_of(sensitivity._ranks_figure(ranks, pd.Series(points[:, 0]), title)) == []
        effects = pd.DataFrame(
            {
                "parameter": [
                    f"coefficients.a_long_name_of_a_parameter_{place}" for place in "abcdefgh"
                ],
                "mu_star": 0.1,
                "sigma": 0.1,
                "low": 0.05,
                "high": 0.2,
            }
        )
        assert faults_of(sensitivity._effects_figure(effects, title)) == []

    def test_graphs_with_a_title(self):
        from reformsim.engines.reference import DistrictModel

        graph = DistrictModel(result().scenario, 1, 0).graph
        figure = f.graph_figure({"At the launch": graph, LONG: graph}, title=f"{WIDE} $x$ {LONG}")
        assert faults_of(figure) == []
        assert any("$x$" in words for words in words_of(figure))


@pytest.mark.parametrize(
    "varied",
    [
        {"uncertainties": {TURNOVER: [round(0.1 * step, 2) for step in range(5, 17)]}},
        {"uncertainties": {TURNOVER: [0.5, 2.0]}, "levers": {RELIEF: [0.0, 0.5, 1.0]}},
        {
            "uncertainties": {TURNOVER: {"low": 0.5, "high": 2.0}},
            "design": {"kind": "latin-hypercube", "points": 8},
        },
    ],
    ids=["many levels", "a lever", "drawn"],
)
def test_the_pictures_of_an_experiment(varied):
    conditions = [f"{WIDE}_{place}" for place in range(3)]
    found = summary(
        lambda row: row["replicate"] + row.get(TURNOVER, 0.0) * (row["strategy"] != "status_quo"),
        conditions=conditions,
        strategies=["status_quo", "_".join(["a_strategy_with_a_name"] * 3), WIDE],
        **varied,
    )
    pictures = experiment.experiment_pictures(found)
    assert pictures
    assert [faults_of(picture.figure) for picture in pictures] == [[]] * len(pictures)


def test_panels_that_there_is_no_room_for_are_told():
    assert experiment._left_out(dict.fromkeys(range(12))) == ""
    assert experiment._left_out(range(30)) == " Shown are the first 12 of 30 panels."


def test_two_names_that_make_one_title_have_a_panel_each():
    table = pd.DataFrame({"condition": ["a-b", "a_b"], "strategy": "x"})
    panels = experiment._panels(table, experiment.Lines(("condition",), "strategy", {}, {}))
    assert list(panels) == ["A b", "a_b"]


def _joined(words):
    return "".join(words.split())
