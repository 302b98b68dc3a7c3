"""Years, lengths and levers of the phases of a plan as variables of a design."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from tiny import tables_of, tiny_file

import reformsim as rs
from reformsim.calibration.loading import load_targets
from reformsim.errors import ReformsimError, ScenarioError
from reformsim.experiments.dictionary import columns_of
from reformsim.experiments.drawing import with_values
from reformsim.experiments.experiment import StoredExperiment
from reformsim.experiments.loading import load_experiment
from reformsim.experiments.phase_variables import phase_parameters
from reformsim.experiments.plan import Plan
from reformsim.experiments.runs import Run
from reformsim.experiments.summary import label
from reformsim.scenario.loading import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reformsim.scenario import Scenario

STRATEGY = """
kind = "strategy"
title = "Coaches and mentors"
[levers]
pipeline = 0.4
[[phases]]
year = 2
title = "Coaches"
teachers_per_coach = 40
pipeline = 0.6
[[phases]]
year = 4
years = 2
title = "Mentors"
mentor_share = 0.8
pipeline = 0.8
"""
ONE = 'kind = "strategy"\ntitle = "One"\n[[phases]]\nyear = 2\npipeline = 0.6\n'
YEARS = 6
FILE = f"""
title = "Phases"
districts = ["small-rural"]
strategies = ["status_quo", "./phased.toml"]
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
def written(tmp_path: Path) -> Callable[[str], Path]:
    """Write an experiment that varies what a text says, and return its path."""
    (tmp_path / "phased.toml").write_text(STRATEGY)
    (tmp_path / "one.toml").write_text(ONE)
    return lambda text: tiny_file(tmp_path, FILE + text)


@pytest.fixture
def phased(tmp_path: Path) -> Scenario:
    (tmp_path / "phased.toml").write_text(STRATEGY)
    horizon = [f"horizon.years={YEARS}", "horizon.warm_up_years=1"]
    return load("small-rural", str(tmp_path / "phased.toml"), overrides=horizon)


def runs_of(path: Path) -> list[Run]:
    plan = Plan(load_experiment(path))
    batches = list(plan.batches())
    runs = [run for batch in batches for run in batch.runs]
    assert len(runs) == len(plan)
    assert len(batches) == plan.count_batches()
    assert len({run.id for run in runs}) == len(runs)
    return runs


def planned(path: Path) -> list[Run]:
    return [run for run in runs_of(path) if run.scenario.names.strategy != "status_quo"]


def by_year(scenario: Scenario) -> list[tuple[int, float, float, float]]:
    """Return from which year on there is how much of a pipeline, of mentors, and of coaches."""
    return [
        (one.year, one.levers.pipeline, one.levers.mentor_share, one.levers.teachers_per_coach)
        for one in scenario.plan
    ]


class TestAPoint:
    def test_moves_a_phase_and_leaves_the_rest(
        self, written: Callable[[str], Path], phased: Scenario
    ) -> None:
        runs = planned(written('"phases.1.year" = [2, 3]'))
        assert [run.varied["phases.1.year"] for run in runs] == [2, 3]
        assert runs[0].scenario == phased  # as the file has it
        (_, _, none, few), *_ = by_year(phased)
        assert by_year(runs[1].scenario) == [
            (1, 0.4, none, few),
            (3, 0.6, none, 40),
            (4, 0.8, 0.8, 40),
            (6, 0.6, none, 40),
        ]

    def test_the_reference_is_one_and_keeps_its_own(self, written: Callable[[str], Path]) -> None:
        runs = runs_of(written('"phases.1.year" = [2, 3]\n"phases.2.years" = [1, 2]'))
        reference = [run for run in runs if run.scenario.names.strategy == "status_quo"]
        assert len(reference) == 1
        assert not reference[0].scenario.phases
        assert len(runs) == 5

    @pytest.mark.parametrize(
        ("values", "found"),
        [
            ({"phases.2.years": 1}, [(4, 0.8), (5, 0.6)]),
            ({"phases.2.pipeline": 0.7}, [(4, 0.7), (6, 0.6)]),
            ({"phases.2.protection": 0.7}, [(4, 0.8), (6, 0.6)]),
            ({"phases.2.year": 5}, [(5, 0.8)]),
            ({"phases.2.year": YEARS + 1}, []),
        ],
    )
    def test_changes_what_it_names(
        self, phased: Scenario, values: dict[str, float], found: list[tuple[int, float]]
    ) -> None:
        plan = [each[:2] for each in by_year(with_values(phased, values))]
        assert plan == [(1, 0.4), (2, 0.6), *found]

    def test_sorts_phases_by_year(self, phased: Scenario) -> None:
        swapped = with_values(phased, {"phases.1.year": 5, "phases.2.year": 3})
        assert [phase.year for phase in swapped.phases] == [3, 5]
        assert [phase.title for phase in swapped.phases] == ["Mentors", "Mentors ends + Coaches"]
        assert [each[:2] for each in by_year(swapped)] == [(1, 0.4), (3, 0.8), (5, 0.6)]

    def test_joins_those_of_a_year_and_the_later_wins(self, phased: Scenario) -> None:
        joined = with_values(phased, {"phases.1.year": 4})
        assert [phase.year for phase in joined.phases] == [4, 6]
        assert joined.phases[0].title == "Coaches + Mentors"
        assert dict(joined.phases[0].levers)["pipeline"] == 0.8
        assert [each[1:] for each in by_year(joined)[1:]] == [
            (0.8, 0.8, 40),
            (0.6, joined.levers.mentor_share, 40),
        ]

    def test_makes_what_begins_at_once_a_part_of_the_launch(self, phased: Scenario) -> None:
        at_once = with_values(phased, {"phases.1.year": 1})
        assert (at_once.levers.pipeline, at_once.levers.teachers_per_coach) == (0.6, 40)
        assert [phase.year for phase in at_once.phases] == [4, 6]
        for_a_time = with_values(phased, {"phases.1.year": 1, "phases.1.years": 1})
        few = phased.levers.teachers_per_coach
        assert [(each[0], each[1], each[3]) for each in by_year(for_a_time)] == [
            (1, 0.6, 40),
            (2, 0.4, few),
            (4, 0.8, few),
            (6, 0.4, few),
        ]

    def test_may_vary_a_lever_and_a_phase(self, phased: Scenario) -> None:
        both = with_values(phased, {"levers.pipeline": 0.2, "phases.1.year": 3})
        assert [each[:2] for each in by_year(both)] == [(1, 0.2), (3, 0.6), (4, 0.8), (6, 0.6)]


POINTS = st.fixed_dictionaries(
    {},
    optional={
        "levers.pipeline": st.sampled_from([0.4, 0.8]),
        **{f"phases.{n}.year": st.integers(1, YEARS + 2) for n in (1, 2)},
        **{f"phases.{n}.years": st.integers(1, YEARS) for n in (1, 2)},
        **{f"phases.{n}.pipeline": st.sampled_from([0.4, 0.6]) for n in (1, 2)},
    },
)
PHASED = load("small-rural", overrides=[f"horizon.years={YEARS}", "levers.pipeline=0.4"]).replace(
    phases=[
        {"year": 2, "title": "Coaches", "pipeline": 0.6, "teachers_per_coach": 40},
        {"year": 4, "years": 2, "title": "Mentors", "pipeline": 0.8, "mentor_share": 0.8},
    ]
)


@settings(max_examples=150, derandomize=True, database=None, deadline=None)
@given(POINTS)
def test_a_point_means_what_its_values_say(values: dict[str, float]) -> None:
    moved = with_values(PHASED, values)
    for year in range(1, YEARS + 1):
        pipeline = values.get("levers.pipeline", 0.4)
        phases = [(n, values.get(f"phases.{n}.year", 2 * n)) for n in (1, 2)]
        for n, begin in sorted(phases, key=lambda phase: phase[1]):
            length = values.get(f"phases.{n}.years", 2 if n == 2 else 100)
            if begin <= year < begin + length:
                pipeline = values.get(f"phases.{n}.pipeline", {1: 0.6, 2: 0.8}[n])
        design = next(each for each in reversed(moved.plan) if each.year <= year)
        assert design.levers.pipeline == pipeline, year


class TestPointsThatComeToTheSame:
    def test_beyond_the_run_are_one(self, written: Callable[[str], Path]) -> None:
        assert len(planned(written('"phases.2.year" = [3, 7, 8, 50]'))) == 2

    def test_levers_that_a_phase_hides_are_one(self, written: Callable[[str], Path]) -> None:
        runs = planned(written('"levers.pipeline" = [0.1, 0.2]\n"phases.1.year" = [1, 2]'))
        assert len(runs) == 3  # with the phase at the launch, that lever says nothing

    def test_phases_that_change_places_are_one(self, tmp_path: Path) -> None:
        alike = ONE + "[[phases]]\nyear = 4\npipeline = 0.8\n"
        (tmp_path / "phased.toml").write_text(alike)
        text = "".join(f'"phases.{n}.pipeline" = [0.7]\n' for n in (1, 2))
        text += '"phases.1.year" = [2, 3]\n"phases.2.year" = [2, 3]\n'
        runs = planned(tiny_file(tmp_path, FILE + text))
        assert [run.scenario.plan[1].year for run in runs] == [2, 3]


class TestEveryDesign:
    @pytest.mark.parametrize(
        ("varied", "design", "count"),
        [
            ('"phases.1.year" = [2, 3]\n"phases.2.pipeline" = [0.7, 0.9]', 'kind = "grid"', 4),
            ('"phases.1.year" = [2, 3]\n"phases.2.years" = [1, 3]', 'kind = "list"', 2),
            (
                '"phases.1.year" = [3]\n"phases.2.years" = [1, 3]\n"levers.protection" = [0.55, 0.95]',
                'kind = "one-at-a-time"',
                5,
            ),
            (
                '"phases.1.year" = {low = 1, high = 99}\n"phases.2.pipeline" = {low = 0, high = 1}',
                'kind = "latin-hypercube"\npoints = 8',
                8,
            ),
            (
                '"phases.1.year" = [2, 3]\n"phases.2.pipeline" = {low = 0, high = 1}',
                'kind = "grid"\ncross = "sobol"\npoints = 4',
                8,
            ),
            ("[levers.phases.1]\nyear = [2, 3]", 'kind = "grid"', 2),
        ],
    )
    def test_takes_them(
        self, written: Callable[[str], Path], varied: str, design: str, count: int
    ) -> None:
        assert len(planned(written(f"{varied}\n[design]\n{design}"))) == count

    def test_a_table_takes_them(self, written: Callable[[str], Path], tmp_path: Path) -> None:
        (tmp_path / "points.csv").write_text("phases.1.year,phases.2.years\n2,1\n3,2\n")
        assert len(planned(written('[design]\nkind="table"\nfile="points.csv"'))) == 2

    @pytest.mark.parametrize("kind", ["morris", "saltelli"])
    def test_so_do_those_of_a_sensitivity_analysis(
        self, written: Callable[[str], Path], kind: str
    ) -> None:
        text = '"phases.1.year" = {low = 2, high = 5}\n"phases.2.pipeline" = {low = 0, high = 1}'
        assert planned(written(f'{text}\n[design]\nkind = "{kind}"\npoints = 4'))


def test_of_one_phase_the_number_may_be_left_out(written: Callable[[str], Path]) -> None:
    path = written('"phases.year" = [2, 3]')
    path.write_text(path.read_text().replace("phased.toml", "one.toml"))
    assert [run.scenario.plan[1].year for run in planned(path)] == [2, 3]


class TestAnExperimentInItsFolder:
    @pytest.fixture
    def folder(self, written: Callable[[str], Path], tmp_path: Path) -> Path:
        text = '"phases.1.year" = [1, 3, 9]\n"phases.2.years" = [1, 3]'
        StoredExperiment(tmp_path / "out").run(
            load_experiment(written(text + '\n[design]\nkind = "one-at-a-time"'))
        )
        return tmp_path / "out"

    def test_tables_have_the_values_and_nothing_where_there_is_none(self, folder: Path) -> None:
        runs = tables_of(folder)["runs"]
        own = runs.query("strategy != 'status_quo'")
        assert own["phases.1.year"].tolist() == [2, 1, 3, 9, 2, 2]
        assert own["phases.2.years"].tolist() == [2, 2, 2, 2, 1, 3]
        reference = runs.query("strategy == 'status_quo'")
        assert reference[["phases.1.year", "phases.2.years"]].isna().all(axis=None)

    def test_a_run_can_be_repeated_and_the_rest_extended(self, folder: Path) -> None:
        stored = StoredExperiment(folder)
        runs = tables_of(folder)["runs"]
        for run in runs["run"]:
            again = stored.rerun(run)
            assert (again.different, again.error) == ({}, "")
            assert again.compared
        assert rs.Experiment(folder).extend(replicates=2).status().done == 2 * len(runs)

    def test_its_summary_speaks_of_years_and_its_recipe_has_the_phases(self, folder: Path) -> None:
        experiment = rs.Experiment(folder)
        effects = experiment.frame("effects")
        assert {1, 2, 3, 9} == set(effects["phases.1.year"].dropna())
        page = (experiment.report() / "summary.md").read_text()
        assert "year in which phase 1 begins" in page
        recipe = json.loads((folder / "manifest.json").read_text())
        assert "phases.1.year" in recipe["experiment"]["levers"]

    def test_the_dictionary_says_what_they_mean(self, folder: Path) -> None:
        definition = rs.Experiment(folder).definition
        columns = {column.column: column for column in columns_of(Plan(definition))}
        year = columns["phases.1.year"]
        assert (year.unit, year.meaning) == ("school year", "School year in which phase 1 begins")
        assert "no such phase" in year.undefined


def test_a_sweep_takes_them(written: Callable[[str], Path]) -> None:
    strategy = str(written("").parent / "one.toml")
    swept = rs.sweep(
        "small-rural",
        {"phases.year": [2, 3]},
        strategies=["status_quo", strategy],
        years=3,
        warm_up=1,
        replicates=2,
    )
    assert set(swept.frame("effects")["phases.year"].dropna()) == {2, 3}
    (axes,) = swept.plot().axes
    assert axes.get_xlabel() == "Year in which the phase begins\n(school year)"


def test_what_they_are_called() -> None:
    assert label("phases.1.year") == "year in which phase 1 begins"
    assert label("phases.years") == "school years that the phase lasts"
    assert label("phases.2.mentor_share") == "mentor share in phase 2"
    for name, parameter in phase_parameters().items():
        assert parameter.bounds, name
        assert parameter.meaning, name
        assert parameter.unit, name
        assert parameter.key == name


class TestWhatCannotBe:
    @pytest.mark.parametrize(
        ("text", "part"),
        [
            ('"phases.1.year" = [0]', "out of bounds"),
            ('"phases.1.year" = [2.5]', "must be a whole number"),
            ('"phases.1.pipeline" = [1.5]', "out of bounds"),
            ('"phases.1.pipelin" = [0.5]', "did you mean 'phases.1.pipeline'"),
            ('"phases.1.launch_focus" = [0.5]', "acts at the launch and cannot change later"),
            ('[uncertainties]\n"phases.1.year" = [2]', "it belongs in [levers]"),
        ],
    )
    def test_is_told_with_its_line(
        self, written: Callable[[str], Path], text: str, part: str
    ) -> None:
        with pytest.raises(ScenarioError) as caught:
            load_experiment(written(text))
        (problem,) = caught.value.problems
        assert part in str(problem)
        assert problem.line > 1

    def test_a_strategy_without_the_phase_is_named(self, written: Callable[[str], Path]) -> None:
        path = written('"phases.2.year" = [2, 3]')
        names = '["status_quo", "web_of_support", "./one.toml", "./phased.toml"]'
        path.write_text(path.read_text().replace('["status_quo", "./phased.toml"]', names))
        with pytest.raises(ScenarioError) as caught:
            Plan(load_experiment(path))
        (problem,) = caught.value.problems
        assert problem.message == "there is no such phase"
        assert problem.found == "none in web_of_support, 1 in one"

    def test_several_phases_and_no_word_which(self, written: Callable[[str], Path]) -> None:
        with pytest.raises(ScenarioError, match="there are several phases") as caught:
            Plan(load_experiment(written('"phases.year" = [2, 3]')))
        (problem,) = caught.value.problems
        assert (problem.found, problem.hint) == ("2 in phased", "say which, as phases.1.year")

    def test_a_calibration_has_none_of_it(self, tmp_path: Path) -> None:
        path = tmp_path / "fit.toml"
        path.write_text('title = "Fit"\n[free]\n"phases.1.year" = {low = 2, high = 4}\n')
        with pytest.raises(ReformsimError) as caught:
            load_targets(path)
        said: list[Any] = [
            one for one in caught.value.problems if one.key.endswith("phases.1.year")
        ]
        assert [one.message for one in said] == ["is a lever, which a district chooses and knows"]
