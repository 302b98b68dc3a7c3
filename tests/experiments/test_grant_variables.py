"""Months, dollars and the like of a strategy's grants as variables of a design."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tiny import tables_of, tiny_file

import reformsim as rs
from reformsim.calibration.loading import load_targets
from reformsim.engines import simulate
from reformsim.errors import ReformsimError, ScenarioError
from reformsim.experiments.dictionary import columns_of
from reformsim.experiments.drawing import with_values
from reformsim.experiments.experiment import StoredExperiment
from reformsim.experiments.grant_variables import grant_parameters
from reformsim.experiments.loading import load_experiment
from reformsim.experiments.plan import Plan
from reformsim.experiments.runs import Run
from reformsim.experiments.summary import label
from reformsim.scenario.loading import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reformsim.scenario import Scenario

FIRST = '[[grants]]\ntitle = "State"\nmonth = 3\nmonths = 12\ndollars = 40\nlines = ["coaches"]\n'
SECOND = "[[grants]]\nmonth = 12\nmonths = 6\ndollars = 20.5\n"
STRATEGY = f'kind = "strategy"\ntitle = "Two"\n[levers]\nteachers_per_coach = 40\n{FIRST}{SECOND}'
PHASE = "[[phases]]\nyear = 2\nteachers_per_coach = 30\n"
ONE = f'kind = "strategy"\ntitle = "One"\n[levers]\nteachers_per_coach = 40\n{PHASE}{FIRST}'
CONDITION = 'kind = "condition"\ntitle = "Aid"\n[[grants]]\nmonth = 0\nmonths = 9\ndollars = 7\n'
YEARS = 3
FILE = f"""
title = "Grants"
districts = ["small-rural"]
strategies = ["status_quo", "./two.toml"]
replicates = 1
[horizon]
years = {YEARS}
warm_up_years = 1
[outcomes.series]
every = 12
outcomes = ["outcome"]
[levers]
"""


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Write an experiment that varies what a text says in some strategy, and return its path."""
    (tmp_path / "two.toml").write_text(STRATEGY)
    (tmp_path / "one.toml").write_text(ONE)
    (tmp_path / "aid.toml").write_text(CONDITION)

    def write(text: str, strategy: str = "two", before: str = "") -> Path:
        return tiny_file(tmp_path, before + FILE.replace("two.toml", f"{strategy}.toml") + text)

    return write


@pytest.fixture
def two(written: Callable[..., Path]) -> Scenario:
    horizon = [f"horizon.years={YEARS}", "horizon.warm_up_years=1"]
    return load("small-rural", str(written("").parent / "two.toml"), overrides=horizon)


def runs_of(path: Path) -> list[Run]:
    plan = Plan(load_experiment(path))
    runs = [run for batch in plan.batches() for run in batch.runs]
    assert len(runs) == len(plan)
    assert len({run.id for run in runs}) == len(runs)
    return runs


def granted(path: Path) -> list[Run]:
    return [run for run in runs_of(path) if run.scenario.names.strategy != "status_quo"]


class TestAPoint:
    @pytest.mark.parametrize(
        ("name", "value"),
        [("month", 7), ("months", 30), ("dollars", 0.5), ("taper_years", 2), ("stands_in", 0.25)],
    )
    def test_changes_what_it_names_and_nothing_else(
        self, two: Scenario, name: str, value: float
    ) -> None:
        changed = with_values(two, {f"grants.2.{name}": float(value)})
        grants = [grant.model_dump() for grant in two.grants]
        assert [grant.model_dump() for grant in changed.grants] == [
            grants[0],
            grants[1] | {name: value},
        ]
        assert changed.model_copy(update={"grants": two.grants}) == two

    def test_its_dollars_are_those_that_are_paid(self, written: Callable[..., Path]) -> None:
        runs = granted(written('"grants.1.dollars" = [40, 60]\n"grants.1.month" = [3, 6]'))
        assert len(runs) == 4
        for run in runs:
            money = simulate(run.scenario).district["grant_money"]
            first = int(run.varied["grants.1.month"]) + 12  # of the warm-up
            assert money[first - 1] == 0.0
            assert money[first] == run.varied["grants.1.dollars"]

    def test_the_reference_is_one_and_has_none(self, written: Callable[..., Path]) -> None:
        runs = runs_of(written('"grants.1.dollars" = [10, 20]\n"grants.2.month" = [6, 12]'))
        (reference,) = [run for run in runs if run.scenario.names.strategy == "status_quo"]
        assert not reference.scenario.grants
        assert len(runs) == 5

    def test_of_one_grant_the_number_may_be_left_out(self, written: Callable[..., Path]) -> None:
        runs = granted(written('"grants.stands_in" = [0, 0.5, 1]', "one"))
        assert [run.scenario.grants[0].stands_in for run in runs] == [0, 0.5, 1]

    def test_goes_with_phases_that_vary_too(self, written: Callable[..., Path]) -> None:
        text = '"grants.dollars" = [10, 20]\n"phases.year" = [2, 3, 8, 9]'
        runs = granted(written(text, "one"))
        found = {(run.scenario.grants[0].dollars, len(run.scenario.phases)) for run in runs}
        assert found == {(10, 1), (20, 1), (10, 0), (20, 0)}
        assert len(runs) == 6  # with phases after the run, two points are one

    def test_those_of_a_condition_are_counted_before(self, written: Callable[..., Path]) -> None:
        before = 'conditions = ["./aid.toml"]\n'
        for run in granted(written('"grants.2.dollars" = [50]', "one", before)):
            assert [grant.dollars for grant in run.scenario.grants] == [7, 50]


@pytest.mark.parametrize(
    ("varied", "design", "count"),
    [
        ('"grants.1.month" = [2, 3]\n"grants.2.months" = [1, 3]', 'kind = "list"', 2),
        ('"grants.1.month" = [2, 9]\n"grants.2.months" = [1, 3]', 'kind = "one-at-a-time"', 5),
        (
            '"grants.1.month" = {low = 0, high = 30}\n"grants.1.dollars" = {low = 1, high = 99}',
            'kind = "latin-hypercube"\npoints = 8',
            8,
        ),
        ("[levers.grants.1]\nmonth = [2, 9]", 'kind = "grid"', 2),
    ],
)
def test_designs_take_them(
    written: Callable[..., Path], varied: str, design: str, count: int
) -> None:
    assert len(granted(written(f"{varied}\n[design]\n{design}"))) == count


def test_a_table_takes_them(written: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("grants.1.month,grants.2.dollars\n2,10\n3,20.5\n")
    path = written('[design]\nkind="table"\nfile="points.csv"')
    assert [run.scenario.grants[1].dollars for run in granted(path)] == [10, 20.5]


class TestAnExperimentInItsFolder:
    @pytest.fixture
    def folder(self, written: Callable[..., Path], tmp_path: Path) -> Path:
        text = '"grants.1.month" = [3, 9]\n"grants.2.dollars" = [5, 50.5]'
        StoredExperiment(tmp_path / "out").run(load_experiment(written(text)))
        return tmp_path / "out"

    def test_it_can_be_read_repeated_and_understood(self, folder: Path) -> None:
        runs = tables_of(folder)["runs"]
        columns = ["grants.1.month", "grants.2.dollars"]
        own = runs.query("strategy != 'status_quo'")
        assert {tuple(row) for row in own[columns].to_numpy()} == {
            (3, 5),
            (3, 50.5),
            (9, 5),
            (9, 50.5),
        }
        assert runs.query("strategy == 'status_quo'")[columns].isna().all(axis=None)
        for run in runs["run"]:
            again = StoredExperiment(folder).rerun(run)
            assert (again.different, again.error) == ({}, "")
            assert again.compared
        experiment = rs.Experiment(folder)
        page = (experiment.report() / "summary.md").read_text()
        assert "first month of grant 1" in page
        declared = {column.column: column for column in columns_of(Plan(experiment.definition))}
        month = declared["grants.1.month"]
        assert month.unit == "months from the launch"
        assert month.meaning == "First month in which it pays (0 = launch), of grant 1"
        assert month.undefined == "the baseline has no such grant"
        assert "grants.1.month" in experiment.definition.levers


def test_a_sweep_takes_them(written: Callable[..., Path]) -> None:
    swept = rs.sweep(
        "small-rural",
        {"grants.dollars": [10, 90]},
        strategies=["status_quo", str(written("").parent / "one.toml")],
        years=3,
        warm_up=1,
        replicates=2,
    )
    assert set(swept.frame("effects")["grants.dollars"].dropna()) == {10, 90}
    (axes,) = swept.plot().axes
    assert axes.get_xlabel() == "Dollars of the grant\n($ per pupil a year)"


def test_what_they_are_called() -> None:
    assert label("grants.1.months") == "months for which grant 1 pays in full"
    assert label("grants.taper_years") == "years over which the grant tapers off"
    assert len(grant_parameters()) == 5 * 10
    for name, parameter in grant_parameters().items():
        assert parameter.bounds, name
        assert parameter.meaning, name
        assert parameter.unit, name
        assert parameter.key == name


class TestWhatCannotBe:
    @pytest.mark.parametrize(
        ("text", "part"),
        [
            ('"grants.1.month" = [-1]', "out of bounds"),
            ('"grants.1.month" = [2.5]', "must be a whole number"),
            ('"grants.1.dollars" = [0]', "a number from 0.01 to 100,000 ($ per pupil a year)"),
            ('"grants.1.stands_in" = [1.5]', "out of bounds"),
            ('"grants.1.dollar" = [5]', "did you mean 'grants.1.dollars'"),
            ('[uncertainties]\n"grants.1.month" = [2]', "it belongs in [levers]"),
        ],
    )
    def test_is_told_with_its_line(
        self, written: Callable[..., Path], text: str, part: str
    ) -> None:
        with pytest.raises(ScenarioError) as caught:
            load_experiment(written(text))
        (problem,) = caught.value.problems
        assert part in str(problem)
        assert problem.line > 1

    @pytest.mark.parametrize(
        ("text", "strategy", "message", "found"),
        [
            ('"grants.3.month" = [2]', "two", "there is no such grant", "2 in stable / two"),
            ('"grants.month" = [2]', "two", "there are several grants", "2 in stable / two"),
            ('"grants.month" = [2]', "web_of_support", "there is no such grant", "none in"),
            ('"grants.1.month" = [2, 36]', "two", "is no month of the run", "36"),
        ],
    )
    def test_is_told_of_a_plan(
        self, written: Callable[..., Path], text: str, strategy: str, message: str, found: str
    ) -> None:
        path = written(text, strategy)
        path.write_text(path.read_text().replace("./web_of_support.toml", "web_of_support"))
        with pytest.raises(ScenarioError) as caught:
            Plan(load_experiment(path))
        (problem,) = caught.value.problems
        assert (problem.key, problem.message) == (text.split('"')[1], message)
        assert found in problem.found

    def test_a_grant_that_the_baseline_has_too(self, written: Callable[..., Path]) -> None:
        path = written('"grants.1.dollars" = [50]', "one", 'conditions = ["./aid.toml"]\n')
        with pytest.raises(ScenarioError, match="is a grant of the condition") as caught:
            Plan(load_experiment(path))
        (problem,) = caught.value.problems
        assert problem.found == "under aid / one"

    def test_a_calibration_has_none_of_it(self, tmp_path: Path) -> None:
        path = tmp_path / "fit.toml"
        path.write_text('title = "Fit"\n[free]\n"grants.1.month" = {low = 2, high = 4}\n')
        with pytest.raises(ReformsimError, match="is a lever, which a district chooses"):
            load_targets(path)
