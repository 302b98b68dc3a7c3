"""Month, depth and the like of dated events as variables of a design."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tiny import tables_of, tiny_file

import reformsim as rs
from reformsim.engines import simulate
from reformsim.errors import ScenarioError
from reformsim.experiments.event_variables import event_parameters
from reformsim.experiments.experiment import StoredExperiment
from reformsim.experiments.loading import load_experiment
from reformsim.experiments.plan import Plan
from reformsim.scenario.loading import load

CONDITION = """
kind = "condition"
title = "Two shocks and a departure"
[[events]]
type = "revenue_shock"
month = 3
depth = 0.05
[[events]]
type = "superintendent_departure"
month = 12
[[events]]
type = "revenue_shock"
month = 20
depth = 0.02
[[events]]
type = "principal_departure"
month = 5
school = 1
[[events]]
type = "principal_departures"
month = {low = 6, high = 18}
principals = 2
[[events]]
type = "teacher_departure"
month = 9
school = 1
[[events]]
type = "central_departure"
month = 9
unit = "leadership_support"
who = "seat"
[[events]]
type = "union_conflict"
month = 9
severity = {low = 0.2, high = 0.8}
[[events]]
type = "board_turnover"
month = 9
capital_lost = 0.5
"""
FILE = """
title = "Events"
districts = ["small-rural"]
conditions = ["./events.toml"]
strategies = ["status_quo", "web_of_support"]
replicates = 1
[horizon]
years = 3
warm_up_years = 1
[uncertainties]
"""


@pytest.fixture
def written(tmp_path):
    """Write an experiment that varies what a text says, and return its path."""
    (tmp_path / "events.toml").write_text(CONDITION)

    def write(text):
        return tiny_file(tmp_path, FILE + text)

    return write


@pytest.fixture
def wrong(written):
    """Return what is wrong with a plan, one text for each problem."""

    def say(text):
        with pytest.raises(ScenarioError) as caught:
            Plan(load_experiment(written(text)))
        return [str(problem) for problem in caught.value.problems]

    return say


def runs_of(path):
    return [run for batch in Plan(load_experiment(path)).batches() for run in batch.runs]


def test_each_point_has_its_own_event_and_the_rest_is_as_it_was(written):
    path = written('"events.superintendent_departure.month" = [6, 18]')
    runs = runs_of(path)
    assert len(runs) == 4  # two months, and the baseline has them too
    before = load("small-rural", str(path.parent / "events.toml")).events
    for run in runs:
        month = run.varied["events.superintendent_departure.month"]
        assert run.scenario.events[1].month == month
        assert isinstance(run.scenario.events[1].month, int)
        assert [*run.scenario.events[:1], *run.scenario.events[2:]] == [*before[:1], *before[2:]]
    assert {run.varied["events.superintendent_departure.month"] for run in runs} == {6, 18}


def test_the_event_happens_when_the_point_says(written, tmp_path):
    path = written('"events.superintendent_departure.month" = [6, 18]')
    StoredExperiment(tmp_path / "out").run(load_experiment(path))
    tables = tables_of(tmp_path / "out")
    column = "events.superintendent_departure.month"
    runs = tables["runs"]
    assert set(runs[column]) == {6, 18}
    for row in runs.to_dict("records"):
        own = tables["events"].query("run == @row['run'] and role == 'superintendent'")
        assert row[column] in set(own.query("kind == 'departure'")["month"])


def test_of_several_events_a_number_says_which(written):
    runs = runs_of(written('"events.revenue_shock.2.depth" = [0.0, 0.3]'))
    assert {run.scenario.events[2].depth for run in runs} == {0.0, 0.3}
    assert {run.scenario.events[0].depth for run in runs} == {0.05}


def test_a_table_of_toml_says_the_same_as_a_dotted_name(written):
    nested = load_experiment(
        written(
            "[uncertainties.events.superintendent_departure]\nmonth = {low = 0, high = 20}\n"
            '[design]\nkind = "latin-hypercube"\npoints = 5'
        )
    )
    flat = load_experiment(
        written(
            '"events.superintendent_departure.month" = {low = 0, high = 20}\n'
            '[design]\nkind = "latin-hypercube"\npoints = 5'
        )
    )
    assert nested == flat
    months = Plan(flat).points["events.superintendent_departure.month"]
    assert (months == months.round()).all()
    assert months.between(0, 20).all()


def test_two_numbers_of_one_event_are_set_together(written):
    text = '"events.revenue_shock.1.month" = [2, 8]\n"events.revenue_shock.1.depth" = [0.1, 0.2]'
    both = {
        (run.scenario.events[0].month, run.scenario.events[0].depth)
        for run in runs_of(written(text))
    }
    assert both == {(2, 0.1), (2, 0.2), (8, 0.1), (8, 0.2)}


def test_left_as_it_is_an_event_has_the_values_of_the_condition(written):
    text = (
        '"events.superintendent_departure.month" = [6]\n"events.revenue_shock.2.depth" = [0.1, 0.2]'
    )
    runs = runs_of(written(text + '\n[design]\nkind = "one-at-a-time"'))
    assert {run.scenario.events[2].depth for run in runs} == {0.02, 0.1, 0.2}
    assert not any(math.isnan(value) for run in runs for value in run.varied.values())


def test_runs_that_share_their_events_stay_paired(written):
    plan = Plan(load_experiment(written('"events.superintendent_departure.month" = [6, 18]')))
    for batch in plan.batches():
        assert {run.scenario.events for run in batch.runs} == {batch.reference.scenario.events}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("principal_departures.principals", {1, 6}),
        ("principal_departures.month", {3, 7}),
        ("teacher_departure.school", {0, 5}),
        ("central_departure.month", {0, 7}),
        ("union_conflict.severity", {0.0, 1.0}),
        ("union_conflict.months", {1, 9}),
        ("board_turnover.capital_lost", {0.25, 1.0}),
    ],
)
def test_each_number_of_an_event_can_be_varied_and_takes_the_place_of_a_range(
    written, name, values
):
    kind, field = name.split(".")
    varied = set()
    for run in runs_of(written(f'"events.{name}" = {sorted(values)}')):
        (event,) = [event for event in run.scenario.events if event.type == kind]
        assert run.varied[f"events.{name}"] == getattr(event, field)
        varied.add(getattr(event, field))
    assert varied == values


def test_a_range_that_no_point_sets_stays_one(written):
    names = ("union_conflict.severity", "board_turnover.capital_lost")
    text = "".join(f'"events.{name}" = [0.25, 0.75]\n' for name in names)
    runs = runs_of(written(text + '[design]\nkind = "one-at-a-time"'))
    left = [run for run in runs if math.isnan(run.varied["events.union_conflict.severity"])]
    assert 0 < len(left) < len(runs)
    for run in left:
        assert run.scenario.events[-2].model_dump()["severity"] == {"low": 0.2, "high": 0.8}


def test_what_the_runs_drew_from_ranges_is_known_from_seed_and_replicate(written, tmp_path):
    path = written('"events.board_turnover.capital_lost" = [0.25, 0.75]\n')
    path.write_text(path.read_text().replace("replicates = 1", "replicates = 2"))
    StoredExperiment(tmp_path / "out").run(load_experiment(path))
    happened = tables_of(tmp_path / "out")["events"].query("kind == 'union_conflict'")
    assert len(happened) == 2 * 2 * 2
    assert happened["detail"].nunique() == 2
    scenario = load("small-rural", str(tmp_path / "events.toml"), overrides=["horizon.years=3"])
    for row in happened.to_dict("records"):
        drawn = rs.drawn_events(scenario, row["seed"], row["replicate"])
        assert row["detail"] == drawn[-2].model_dump()["severity"]


def test_a_design_may_come_to_one_person_who_leaves_twice(written, tmp_path):
    text = CONDITION + '[[events]]\ntype = "principal_departure"\nmonth = 5\nschool = 2\n'
    path = written('"events.principal_departure.2.school" = [1, 2]')
    (tmp_path / "events.toml").write_text(text)
    assert len(runs_of(path)) == 4


class TestWhatCannotBe:
    def test_values_out_of_bounds(self, written):
        with pytest.raises(ScenarioError, match="out of bounds") as caught:
            load_experiment(written('"events.revenue_shock.depth" = [0.1, 1.5]'))
        (problem,) = caught.value.problems
        assert problem.key == "events.revenue_shock.depth"
        assert (problem.found, problem.allowed) == (
            "1.5",
            "a number from 0 to 0.9 (share of revenue)",
        )

    def test_half_a_month(self, written):
        with pytest.raises(ScenarioError, match="must be a whole number"):
            load_experiment(written('"events.superintendent_departure.month" = [1.5]'))

    def test_a_name_that_is_none(self, written):
        with pytest.raises(ScenarioError, match=r"did you mean 'events\.revenue_shock\.depth'"):
            load_experiment(written('"events.revenue_shock.deepth" = [0.1]'))

    def test_several_events_and_no_word_which(self, wrong):
        (said,) = wrong('"events.revenue_shock.depth" = [0.1]')
        assert "there are several events revenue_shock" in said
        assert "events.revenue_shock.1.depth" in said

    @pytest.mark.parametrize("name", ["crisis.load", "revenue_shock.3.depth"])
    def test_an_event_that_is_not_there(self, wrong, name):
        (said,) = wrong(f'"events.{name}" = [0.1]')
        assert "there is no such event" in said

    @pytest.mark.parametrize("month", [-13, 36])
    def test_a_month_beyond_the_run(self, wrong, month):
        (said,) = wrong(f'"events.superintendent_departure.month" = [6, {month}]')
        assert "is no month of the run" in said
        assert "-12 to 35" in said

    def test_a_school_that_is_not_there(self, wrong):
        (said,) = wrong('"events.principal_departure.school" = [0, 6]')
        assert "there is no such school" in said
        assert "0 to 5" in said

    @pytest.mark.parametrize(
        ("name", "values", "message", "allowed"),
        [
            (
                "principal_departures.principals",
                [1, 7],
                "there are not so many principals",
                "1 to 6",
            ),
            ("teacher_departure.school", [0, 6], "there is no such school", "0 to 5"),
            ("central_departure.seat", [0, 1], "there is no such post", "0 to 0"),
        ],
    )
    def test_more_people_than_the_district_has(self, wrong, name, values, message, allowed):
        (said,) = wrong(f'"events.{name}" = {values}')
        assert message in said
        assert f"{values[1]} at point 1" in said
        assert f"{allowed} there" in said

    def test_a_school_of_a_district_whose_size_varies(self, wrong):
        sizes = '\n"district.schools" = [3, 6]\n[design]\nkind = "list"'
        (said,) = wrong(f'"events.principal_departure.school" = [4, 4]{sizes}')
        assert "4 at point 0" in said

    def test_a_lever_is_no_place_for_one(self, written):
        with pytest.raises(ScenarioError, match=r"it belongs in \[uncertainties\]"):
            load_experiment(written('[levers]\n"events.revenue_shock.1.depth" = [0.1]'))


def test_every_variable_has_bounds_a_unit_and_a_meaning():
    for name, parameter in event_parameters().items():
        assert parameter.bounds, name
        assert parameter.meaning, name
        assert parameter.unit or name.endswith((".school", ".seat")), name
        assert parameter.key == name


def test_a_swept_depth_is_the_depth_that_is_simulated(written):
    run = next(
        run
        for run in runs_of(written('"events.revenue_shock.1.depth" = [0.2]'))
        if run.scenario.names.strategy == "web_of_support"
    )
    own = load("small-rural", "web_of_support", overrides=["horizon.years=3"])
    events = [
        {**event.model_dump(), **({"depth": 0.2} if place == 0 else {})}
        for place, event in enumerate(run.scenario.events)
    ]
    by_hand = own.replace(events=events, horizon={"warm_up_years": 1})
    np.testing.assert_array_equal(
        simulate(run.scenario).district["revenue_index"],
        simulate(by_hand).district["revenue_index"],
    )
