"""The picture of a plan: what is done lies where the plan says, and no word is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from districts import WEB, small
from drawn import drawn_x, faults_of, words_of
from fabricate import result
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from reformsim import figures as f
from reformsim.analysis import compare, measure_runs
from reformsim.analysis.money import money_years
from reformsim.analysis.plan_rows import plan_rows
from reformsim.analysis.plan_years import contracts, extra_spending
from reformsim.figures import plan
from reformsim.figures.lettering import drawable
from reformsim.theory.costs import costs_of, levels_of, prices_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from reformsim.record import Result
    from reformsim.scenario import Scenario

LONG = "A title of a phase that says at great length what is wanted of everybody who works here"
PHASES = [
    {"year": 3, "title": "Coaches", "teachers_per_coach": 40},
    {"year": 6, "title": "The end", "ends": True, "mentor_share": 0.4},
]
MANY = [
    {
        "year": year,
        "title": LONG if year % 2 else "",
        "pipeline": 0.1 + 0.03 * year,
        "teachers_per_coach": 30 + year,
    }
    for year in range(2, 9)
] + [{"year": 9, "title": "W" * 60, "ends": True}]
EVENTS = [
    *({"type": "superintendent_departure", "month": month} for month in (-3, 24, 25, 60)),
    *({"type": "principal_departure", "month": month, "school": 1} for month in (24, 26, 40)),
    {"type": "crisis", "month": 30, "load": 0.3},
    {"type": "revenue_shock", "month": 12, "depth": 0.08},
    {"type": "revenue_shock", "month": -6, "depth": 0.08, "ramp": 1, "hold": 0, "recovery": 2},
]


def planned(
    phases: Any = PHASES,
    years: int = 8,
    levers: Any = None,
    events: Any = (),
    strategy: str = "mine",
) -> Scenario:
    names = {"district": "d", "condition": "stable", "strategy": strategy}
    levers = {"span_of_control": 10, "launch_focus": 0.8} if levers is None else levers
    horizon = {"years": years, "warm_up_years": 4}
    scenario = small(levers=levers, names=names, horizon=horizon, events=list(events))
    return scenario.replace(phases=phases)


def runs_of(scenario: Scenario, count: int) -> list[Result]:
    """Return made-up runs, which spend 100, 110, … dollars per pupil after the launch."""
    runs = []
    for number in range(count):
        run = result(scenario.names.strategy, number, years=scenario.horizon.years, noise=0.01)
        run.scenario = scenario
        run.district["cost_per_pupil"] = np.where(run.months >= 0, 100.0 + 10 * number, 1e6)
        runs.append(run)
    return runs


def rectangles(ax: Axes) -> list[Rectangle]:
    return [patch for patch in ax.patches if isinstance(patch, Rectangle)]


def bars_of(ax: Axes) -> list[tuple[float, float, str]]:
    """Return where each bar begins and ends, and its colour."""
    return [
        (bar.get_x(), bar.get_x() + bar.get_width(), to_hex(bar.get_facecolor()).upper())
        for bar in rectangles(ax)
    ]


class TestRows:
    def test_what_each_does_and_when(self) -> None:
        rows = {row.name: row.stretches for row in plan_rows(planned())}
        assert rows == {
            "Year 1: launch": ((0, 2, ""),),
            "Year 3: Coaches": ((2, 5, ""),),
            "Year 6: The end": ((5, 8, ""),),
            "Launch focus (0)": ((0, 0, "0.8"),),
            "Span of control (24)": ((0, 5, "10"),),
            "Mentor share (0.24)": ((5, 8, "0.4"),),
            "Teachers per coach (150)": ((2, 5, "40"),),
        }

    def test_a_lever_that_does_not_change_is_one_bar(self) -> None:
        scenario = planned([{"year": 2, "pipeline": 0.5}, {"year": 4, "pipeline": 0.1}])
        rows = {row.name: row.stretches for row in plan_rows(scenario)}
        levers = [rows["Span of control (24)"], rows["Pipeline (0.1)"]]
        assert levers == [((0, 8, "10"),), ((1, 3, "0.5"),)]
        assert {"Year 1: launch", "Year 2", "Year 4"} <= set(rows)

    def test_one_design_has_no_phases_and_the_baseline_no_rows(self) -> None:
        kinds = [row.kind for row in plan_rows(planned([]))]
        assert kinds == ["lever"] * 2
        assert len(plan_rows(planned([], levers={}))) == 0

    def test_only_what_money_buys_waits_for_the_end_of_a_pilot(self) -> None:
        levers = {"span_of_control": 10, "protection": 0.8, "design_work": 1.0, "pilot_months": 18}
        pilots = {row.name.split(" (")[0]: row.pilot for row in plan_rows(planned([], 8, levers))}
        assert pilots == {"Span of control": 1.5, "Protection": 0, "Design work": 0}

    def test_contracts_run_to_their_own_end(self) -> None:
        levers = {"coaching_seats": 9, "coaching_start": 6, "coaching_months": 24}
        scenario = planned([{"year": 2, "ends": True}], levers=levers)
        (row,) = [row for row in plan_rows(scenario) if row.kind == "contract"]
        assert row.stretches == ((0.5, 2.5, "4 seats"),)  # there are four principals
        assert [(one.start, one.over) for one in contracts(scenario)] == [(6, 30)]

    def test_events_are_cut_to_the_years_that_are_shown(self) -> None:
        rows = plan_rows(planned([], years=5, levers={}, events=EVENTS))
        assert {row.name: row.stretches for row in rows} == {
            "Superintendent leaves": ((2, 2, ""), (25 / 12, 25 / 12, "")),
            "Recession": ((1, 5, ""),),
            "Principal leaves": tuple((m / 12, m / 12, "school 1") for m in (24, 26, 40)),
            "Crisis": ((2.5, 3.5, ""),),
        }


def test_spending_is_what_exceeds_the_baseline_in_full_year_by_year() -> None:
    usual = planned([], levers={})
    runs = runs_of(usual, 2)
    runs[0].district["cost_per_pupil"][-12:] += 24.0
    spent = extra_spending(runs)
    assert spent.shape == (2, 8)
    np.testing.assert_allclose(spent[1] - spent[0], [10] * 7 + [-14])
    p, levels = usual.coefficients, levels_of(usual.baseline, 4, 42)
    costs = costs_of(levels, prices_of(4.0, 42.0, 700.0, p))
    assert spent[0, 0] == pytest.approx(100 - sum(costs.values()))


class TestPicture:
    def test_bars_lie_where_the_plan_says(self) -> None:
        scenario = planned(levers={"span_of_control": 10, "pilot_months": 12})
        axes = f.plan_figure(scenario).axes
        assert len(axes) == 2
        grey, blue = plan.COLOURS["phase"], plan.COLOURS["lever"]
        assert bars_of(axes[0]) == [
            (0, 2, grey),
            (2, 5, grey),
            (5, 8, grey),
            (0, 5, blue),
            (0, 1, plan.PILOT),
            (5, 8, blue),
            (2, 5, blue),
        ]
        heights = [bar.get_height() for bar in rectangles(axes[1])]
        assert heights == pytest.approx([year.cost for year in money_years(scenario)])
        assert heights[0] == 0 < heights[1]  # in its pilot a plan asks for nothing
        for ax in axes:
            assert ax.get_xlim() == (0, 8)
            assert {2.0, 5.0} <= {x for line in ax.lines for x in drawn_x(line)}

    def test_money_is_the_mean_of_what_is_spent_with_what_lies_between(self) -> None:
        scenario = planned()
        runs = runs_of(scenario, 3)
        ax = plan.money_by_year(scenario, Figure().add_subplot(), runs)
        spent = extra_spending(runs)
        heights = [bar.get_height() for bar in rectangles(ax)]
        full = [year.cost for year in money_years(scenario)]
        assert heights == pytest.approx([*spent.mean(axis=0), *full])
        (whiskers,) = [each for each in ax.collections if isinstance(each, LineCollection)]
        ends = [segment[:, 1].tolist() for segment in whiskers.get_segments()]
        assert ends[0] == pytest.approx([spent[0, 0] + 2, spent[0, 0] + 18])

    def test_what_grants_pay_stands_on_top_of_the_rest(self) -> None:
        grants = [{"month": 12, "months": 24, "dollars": 40, "title": "Federal"}]
        scenario = planned(levers={"span_of_control": 3.0}).replace(grants=grants)
        (run,) = runs_of(scenario, 1)
        run.district["grant_spending"][:] = 0.0
        run.district["grant_spending"][(run.months >= 12) & (run.months < 36)] = 7.0
        (row,) = [row for row in plan_rows(scenario) if row.kind == "grant"]
        assert (row.name, row.stretches) == ("Federal", ((1, 3, "$40"),))
        bars = rectangles(plan.money_by_year(scenario, Figure().add_subplot(), [run]))
        granted, own = bars[:8], bars[8:16]
        spent = extra_spending([run])[0]
        assert [bar.get_height() for bar in granted] == [0, 7, 7, 0, 0, 0, 0, 0]
        tops = [bar.get_y() + bar.get_height() for bar in granted]
        assert tops == pytest.approx(spent.tolist())
        assert [bar.get_height() for bar in own][1] == pytest.approx(spent[1] - 7)

    def test_one_run_has_no_whiskers(self) -> None:
        scenario = planned()
        ax = plan.money_by_year(scenario, Figure().add_subplot(), runs_of(scenario, 1))
        assert not ax.collections

    def test_runs_have_a_panel_for_each_series(self) -> None:
        scenario = planned()
        usual = planned([], levers={}, strategy="status_quo")
        figure = f.plan_figure(scenario, runs_of(scenario, 2), beside=runs_of(usual, 2))
        assert len(figure.axes) == 2 + len(plan.SERIES)
        assert {"Mine", "Status quo", "spent"} <= set(words_of(figure))

    @pytest.mark.parametrize(
        ("phases", "years", "runs"),
        [(MANY, 30, 0), (MANY, 9, 1), ([], 1, 1)],
        ids=["long", "one run", "one year"],
    )
    def test_no_word_is_cut_or_over_another(self, phases: Any, years: int, runs: int) -> None:
        levers = WEB | {"teachers_per_coach": 30.123456, "pilot_months": 18}
        scenario = planned(phases, years, levers, EVENTS)
        titles = {"mine": f"Between $5 and 10% of $100 {LONG}", "stable": "W" * 60}
        figure = f.plan_figure(scenario, runs_of(scenario, runs), titles=titles)
        assert faults_of(figure) == []
        shown = words_of(figure)
        assert "30.12" in shown or years > 20
        assert all(
            "".join(drawable(row.name).split()) in {"".join(words.split()) for words in shown}
            for row in plan_rows(scenario)
        )

    def test_values_that_no_bar_has_room_for_stand_beside_it_or_nowhere(self) -> None:
        figure = f.plan_figure(planned(MANY, 100, {}))
        assert faults_of(figure) == []
        shown = words_of(figure)
        assert "38" in shown  # the last stretch, with room beside it
        assert "33" not in shown

    def test_the_baseline_says_so(self) -> None:
        assert "nothing but the baseline" in words_of(f.plan_figure(planned([], levers={})))

    def test_it_is_the_same_bytes_each_time(self) -> None:
        first, second = (f.png_bytes(f.plan_figure(planned())) for _ in "ab")
        assert first == second


class TestGallery:
    def pictures(self, *scenarios: Scenario, replicates: int = 2) -> dict[str, f.Picture]:
        runs = [run for scenario in scenarios for run in runs_of(scenario, replicates)]
        baseline = scenarios[0].names.strategy
        measured = measure_runs(runs, baseline)
        made = f.gallery(runs, measured, compare(measured, baseline), baseline=baseline)
        return {picture.name: picture for picture in made}

    def test_each_strategy_with_phases_has_a_picture_of_its_plan(self) -> None:
        usual = planned([], levers={}, strategy="status_quo")
        web = planned([], levers=WEB, strategy="web_of_support")
        found = self.pictures(usual, web, planned(), planned(strategy="other"))
        assert [name for name in found if name.startswith("plan")] == ["plan", "plan-2"]
        picture = found["plan"]
        assert picture.title == "The plan of Mine"
        assert "Condition: Stable." in picture.caption
        assert "next to those under Status quo" in picture.caption
        assert "the mean over replicates" in picture.caption
        assert "Teachers per coach (150): 40 in years 3 to 5." in picture.alt
        assert "Launch focus (0): 0.8 in year 1." in picture.alt

    def test_without_phases_there_is_none(self) -> None:
        usual = planned([], levers={}, strategy="status_quo")
        assert not any(name.startswith("plan") for name in self.pictures(usual, planned([])))

    def test_one_run_alone_speaks_of_no_replicates(self) -> None:
        picture = self.pictures(planned(), replicates=1)["plan"]
        assert "replicates" not in picture.caption
        assert "next to" not in picture.caption


def test_words_of_events_that_overlap_do_not() -> None:
    drawn = [
        {"type": "board_turnover", "month": {"low": low, "high": low + 40}, "capital_lost": 0.4}
        for low in range(0, 80, 6)
    ]
    figure = f.plan_figure(planned(events=drawn))
    assert faults_of(figure) == []
    assert words_of(figure).count("drawn") >= 2


def test_what_grants_pay_is_seen_where_the_rest_is_below_the_baseline() -> None:
    scenario = planned().replace(grants=[{"month": 0, "months": 12, "dollars": 60}])
    runs = runs_of(scenario, 1)
    ax = plan.money_by_year(scenario, Figure().add_subplot(), runs)
    grants, rest, _ = (rectangles(ax)[first : first + 8] for first in (0, 8, 16))
    assert rest[0].get_height() < 0
    assert grants[0].get_y() == pytest.approx(rest[0].get_height())
    assert grants[0].get_width() > rest[0].get_width()
    top = grants[0].get_y() + grants[0].get_height()
    assert top == pytest.approx(extra_spending(runs)[0, 0])
