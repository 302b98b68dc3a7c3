"""Experiment files: what they come to, and everything a user can get wrong in one."""

from __future__ import annotations

import contextlib
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reformsim.errors import Problem, ScenarioError
from reformsim.experiments.builtin import builtin_experiments, experiment_folder
from reformsim.experiments.definition import MEASURE_NAMES, Definition, Range
from reformsim.experiments.loading import load_experiment, variables_of_tables
from reformsim.experiments.plan import Plan
from reformsim.scenario import files

FILE = Path("x.toml")
HEAD = 'title = "T"\n'
STRATEGY = 'kind = "strategy"\ntitle = "Mine"\n[levers]\npipeline = 0.5\n'
PIPELINE = "a number from 0 to 1"
TURNOVER = "a number from 0 to 10 (× ordinary hazard)"
RANGE = 'a list of values, or {low = …, high = …, scale = "linear" or "log"}'
DRAWN = "ranges are for latin-hypercube, sobol, morris, saltelli"
CROSSED = f'{DRAWN}; cross = "latin-hypercube" lets a grid have both'
LISTS = "a single value is a constant; grid, list and one-at-a-time take lists"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(text, *overrides):
    FILE.write_text(HEAD + text, encoding="utf-8")
    return load_experiment("./x.toml", overrides)


def problems(text, *overrides):
    """Return what is wrong with a file whose text starts on line 2."""
    with pytest.raises(ScenarioError) as caught:
        read(text, *overrides)
    return caught.value.problems


class TestWhatAFileSays:
    def test_everything_has_a_default_but_the_title(self):
        experiment = read("")
        assert experiment == Definition(name="x", title="T")
        assert experiment.baseline == "status_quo"
        assert experiment.outcomes.measures == MEASURE_NAMES

    def test_quoted_names_and_tables_are_the_same(self):
        quoted = read('[uncertainties]\n"conditions.shock_rate" = [0, 0.1]')
        dotted = read("[uncertainties]\nconditions.shock_rate = [0, 0.1]")
        table = read("[uncertainties.conditions]\nshock_rate = [0, 0.1]")
        assert quoted == dotted == table
        assert quoted.varied == {"conditions.shock_rate": (0.0, 0.1)}

    def test_a_single_value_is_a_list_of_one(self):
        assert read("[levers]\nlevers.pipeline = 0.5").levers == {"levers.pipeline": (0.5,)}

    def test_ranges(self):
        experiment = read(
            '[levers]\nlevers.pipeline = {low = 0.1, high = 1, scale = "log"}\n'
            '[design]\nkind = "sobol"\npoints = 8'
        )
        assert experiment.levers["levers.pipeline"] == Range(low=0.1, high=1.0, scale="log")

    def test_overrides_are_laid_over_it(self):
        text = "replicates = 9\n[horizon]\nyears = 3\nwarm_up_years = 2\n[levers]\nlevers.pipeline = [0, 1]"
        experiment = read(
            text,
            "horizon.years=7",
            "baseline=heroic_superintendent",
            "levers.levers.pipeline=[0.5]",
        )
        assert (experiment.horizon.years, experiment.horizon.warm_up_years) == (7, 2)
        assert experiment.baseline == "heroic_superintendent"
        assert experiment.levers == {"levers.pipeline": (0.5,)}
        assert experiment.replicates == 9

    def test_it_survives_json(self):
        experiment = read(
            '[uncertainties]\n"district.schools" = {low = 4, high = 9}\n"conditions.shock_rate" = 0.1\n'
            '[design]\nkind = "morris"\npoints = 3'
        )
        assert Definition.model_validate_json(experiment.model_dump_json()) == experiment

    def test_paths_are_relative_to_the_file(self, folder):
        inner = folder / "inner"
        inner.mkdir()
        (inner / "mine.toml").write_text(STRATEGY)
        (inner / "x.toml").write_text(HEAD + 'strategies = ["mine.toml"]\n')
        experiment = load_experiment("inner/x.toml")
        assert experiment.strategies == (str(inner.resolve() / "mine.toml"),)

    def test_a_table_becomes_the_values_it_holds(self, folder, monkeypatch):
        (folder / "elsewhere").mkdir()
        (folder / "points.csv").write_text(
            "levers.pipeline, conditions.shock_rate\n0.1,0\n0.5,0.2\n\n0.9,0.1\n"
        )
        FILE.write_text(HEAD + '[design]\nkind = "table"\nfile = "points.csv"')
        monkeypatch.chdir(folder / "elsewhere")
        experiment = load_experiment("../x.toml")
        assert experiment.levers == {"levers.pipeline": (0.1, 0.5, 0.9)}
        assert experiment.uncertainties == {"conditions.shock_rate": (0.0, 0.2, 0.1)}
        (folder / "points.csv").unlink()
        assert Definition.model_validate_json(experiment.model_dump_json()) == experiment


def value(message, line, key, found="", allowed="", hint=""):
    return Problem(message, "x.toml", line, key, found, allowed, hint)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "replicats = 5",
            value("unknown key", 2, "replicats", hint="did you mean 'replicates'?"),
        ),
        ('name = "../x"', value("unknown key", 2, "name", hint="its file's name is its name")),
        (
            "replicates = 0",
            value("out of bounds", 2, "replicates", "0", "a whole number from 1 to 1,000,000"),
        ),
        (
            'seed = "one"',
            value(
                "must be a whole number",
                2,
                "seed",
                '"one"',
                "a whole number from 0 to 4,294,967,295",
            ),
        ),
        (
            'strategies = "status_quo"',
            value(
                "must be a list of text",
                2,
                "strategies",
                '"status_quo"',
                "names and paths, as text",
            ),
        ),
        ("conditions = []", value("needs at least one name", 2, "conditions")),
        (
            'districts = ["smal-rural"]',
            value(
                "unknown name", 2, "districts", '"smal-rural"', hint="did you mean 'small-rural'?"
            ),
        ),
        (
            'conditions = ["web_of_support"]',
            value(
                "is not a condition",
                2,
                "conditions",
                '"web_of_support"',
                hint="`reformsim list condition` names them",
            ),
        ),
        (
            'strategies = ["status_quo", "status_quo"]',
            value("is given twice", 2, "strategies", '"status_quo"'),
        ),
        (
            "[horizon]\nyears = 0",
            value("out of bounds", 3, "horizon.years", "0", "a whole number from 1 to 100 (years)"),
        ),
        ("uncertainties = 3", value("must be a table", 2, "uncertainties", "3")),
        ("horizon = 3", value("must be a table", 2, "horizon", "3", "[horizon]")),
        (
            "[uncertainties]\nlevers.pipeline = [0.1]",
            value(
                "is a lever, which a district chooses",
                3,
                "levers.pipeline",
                hint="it belongs in [levers]",
            ),
        ),
        (
            "[levers]\n'conditions.shock_rate' = [0.1]",
            value("is no lever", 3, "conditions.shock_rate", hint="it belongs in [uncertainties]"),
        ),
        (
            "[levers]\npipeline = [0.1]",
            value("unknown parameter", 3, "pipeline", hint="did you mean 'levers.pipeline'?"),
        ),
        (
            "[levers]\n'adoption.first' = [1]",
            value(
                "cannot be varied",
                3,
                "adoption.first",
                hint="compare several strategies, each with adoption of its own",
            ),
        ),
        (
            "[uncertainties]\nconditions.shock_rat = [0.1]",
            value(
                "unknown parameter",
                3,
                "conditions.shock_rat",
                hint="did you mean 'conditions.shock_rate'?",
            ),
        ),
        (
            "[uncertainties]\nhorizon.years = [3]",
            value(
                "cannot be varied",
                3,
                "horizon.years",
                hint="every run lasts as long as [horizon] says",
            ),
        ),
        (
            "[uncertainties]\nconditions.superintendent_turnover = [\n  1,\n  20,\n]",
            value("out of bounds", 3, "conditions.superintendent_turnover", "20", TURNOVER),
        ),
        (
            "[levers]\nlevers.pilot_months = [1.5]",
            value(
                "must be a whole number",
                3,
                "levers.pilot_months",
                "1.5",
                "a whole number from 0 to 60 (months)",
            ),
        ),
        (
            "[levers]\nlevers.pipeline = [nan]",
            value("must be a finite number", 3, "levers.pipeline", "nan", PIPELINE),
        ),
        (
            "[levers]\nlevers.pipeline = [true]",
            value("must be a number", 3, "levers.pipeline", "true", PIPELINE),
        ),
        (
            "[levers]\nlevers.pipeline = 'high'",
            value("must be values or a range", 3, "levers.pipeline", '"high"', RANGE),
        ),
        (
            "[levers]\nlevers.pipeline = []",
            value("has no value", 3, "levers.pipeline", "", PIPELINE),
        ),
        (
            "[levers]\nlevers.pipeline = [0.5, 0.5]",
            value("is given twice", 3, "levers.pipeline", "0.5"),
        ),
        (
            "[levers]\nlevers.pipeline = {low = 0, high = 1}",
            value(
                "a grid design takes a list of values",
                3,
                "levers.pipeline",
                "a range",
                hint=CROSSED,
            ),
        ),
        (
            "[levers]\nlevers.pipeline = {low = 1, high = 0.5}",
            value("low must be below high", 3, "levers.pipeline", "1 and 0.5"),
        ),
        (
            '[levers]\nlevers.pipeline = {low = 0, high = 1, scale = "log"}',
            value("must be above 0 on a logarithmic scale", 3, "levers.pipeline.low", "0"),
        ),
        (
            '[levers]\nlevers.pipeline = {low = 0, high = 1, scale = "cubic"}',
            value("unknown scale", 3, "levers.pipeline.scale", '"cubic"', "linear, log"),
        ),
        (
            "[levers]\nlevers.pipeline = {low = 0}",
            value("missing key", 3, "levers.pipeline.high", "", PIPELINE),
        ),
        (
            "[levers]\nlevers.pipeline = {low = 0, high = 1, step = 1}",
            value("unknown key", 3, "levers.pipeline.step", "", "low, high, scale"),
        ),
        (
            '[design]\nkind = "sobl"',
            value(
                "unknown kind",
                3,
                "design.kind",
                '"sobl"',
                "grid, list, table, one-at-a-time, latin-hypercube, sobol, morris, saltelli",
                "did you mean 'sobol'?",
            ),
        ),
        (
            "[design]\npoints = 4",
            value("a grid design has no number of points", 3, "design.points"),
        ),
        (
            '[design]\nkind = "latin-hypercube"\npoints = 4',
            value("a latin-hypercube design needs a range to draw from", 3, "design.kind"),
        ),
        (
            '[levers]\nlevers.pipeline = {low = 0, high = 1}\n[design]\nkind = "sobol"',
            value("missing key", 4, "design.points", "", "a whole number from 1 to 1,000,000"),
        ),
        (
            '[levers]\nlevers.pipeline = {low = 0, high = 1}\n[design]\nkind = "sobol"\npoints = 100',
            value(
                "must be a power of two, or the points do not fill their space evenly",
                6,
                "design.points",
                "100",
                hint="the nearest is 128",
            ),
        ),
        (
            '[levers]\nlevers.pipeline = [0, 1]\n[design]\nkind = "morris"\npoints = 3',
            value(
                "a morris design takes a range",
                3,
                "levers.pipeline",
                "a list",
                "{low = …, high = …}",
                LISTS,
            ),
        ),
        (
            (
                "[levers]\nlevers.pilot_months = {low = 0, high = 2}\n"
                '[design]\nkind = "morris"\npoints = 3'
            ),
            value(
                "a morris design needs 4 whole numbers between the ends",
                3,
                "levers.pilot_months",
                "3",
            ),
        ),
        (
            (
                "[levers]\nlevers.pipeline = [0, 1, 0.5]\nlevers.protection = [0, 1]\n"
                '[design]\nkind = "list"'
            ),
            value(
                "needs as many values as the longest list, or one",
                4,
                "levers.protection",
                "2 values",
                "3 or 1",
            ),
        ),
        (
            '[outcomes]\nmeasures = ["depth_end", "survival"]\nheadline = "depth_end"',
            value(
                "unknown name",
                3,
                "outcomes.measures",
                '"survival"',
                hint="did you mean 'survival_time'?",
            ),
        ),
        (
            '[outcomes]\nmeasures = ["depth_end"]',
            value(
                "must be one of the measures",
                2,
                "outcomes.headline",
                '"leadership_gain_end"',
                hint="summaries and figures show it",
            ),
        ),
        (
            '[outcomes]\nseries = {outcomes = ["leadershp"]}',
            value(
                "unknown name",
                3,
                "outcomes.series.outcomes",
                '"leadershp"',
                hint="did you mean 'leadership'?",
            ),
        ),
        (
            "[outcomes.series]\nevery = -1",
            value(
                "out of bounds", 3, "outcomes.series.every", "-1", "a whole number from 0 to 1,200"
            ),
        ),
        (
            '[design]\nkind = "table"',
            value(
                "missing key",
                2,
                "design.file",
                "",
                "a CSV file",
                "a column for each parameter, headed by its dotted name, and a row for each point",
            ),
        ),
        (
            '[design]\nkind = "table"\nfile = "gone.csv"',
            value("cannot be read: no such file or directory", 4, "design.file", '"gone.csv"'),
        ),
        (
            '[design]\nfile = "a.csv"',
            value("a grid design has no file", 3, "design.file", '"a.csv"'),
        ),
    ],
)
def test_one_problem(text, expected):
    assert problems(text) == [expected]


def test_a_problem_of_an_override_says_so():
    assert problems("seed = 3", "seed=-1") == [
        Problem(
            "out of bounds", "override", 0, "seed", "-1", "a whole number from 0 to 4,294,967,295"
        )
    ]


@pytest.mark.parametrize("text", ["seed", "=3", "seed=", "", "\n"])
def test_what_is_no_override(text):
    (problem,) = problems("", text)
    assert problem.message == "not an override"


def test_every_problem_at_once_by_line():
    found = problems(
        'districts = ["nowhere"]\nreplicats = 3\n[uncertainties]\nlevers.pipeline = [2]\n'
        "conditions.shock_rate = [2]\n[design]\npoints = 0\n"
    )
    assert [problem.line for problem in found] == [2, 3, 5, 6, 8, 8]


def test_problems_of_the_files_it_names_are_told_where_they_are(folder):
    (folder / "mine.toml").write_text(STRATEGY + "protection = 7\n")
    (problem,) = problems('strategies = ["mine.toml"]')
    assert (problem.file, problem.line, problem.key) == ("mine.toml", 5, "levers.protection")


def test_two_files_of_one_name_cannot_be_told_apart(folder):
    (folder / "a").mkdir()
    for path in ("mine.toml", "a/mine.toml"):
        (folder / path).write_text(STRATEGY)
    (problem,) = problems('strategies = ["mine.toml", "a/mine.toml"]')
    assert "same name" in problem.message


def test_every_problem_of_a_table_with_its_line(folder):
    (folder / "points.csv").write_text(
        "levers.pipelin,levers.pipeline,levers.pipeline\n1,0.5,x\n0.5,1.5,1\n0.1,0.2\n"
    )
    found = problems('[design]\nkind = "table"\nfile = "points.csv"')
    assert [(one.file, one.line, one.key, one.message) for one in found] == [
        ("points.csv", 1, "levers.pipelin", "unknown parameter"),
        ("points.csv", 1, "levers.pipeline", "is given twice"),
        ("points.csv", 2, "levers.pipeline", "must be a number"),
        ("points.csv", 3, "levers.pipeline", "out of bounds"),
        ("points.csv", 4, "", "wrong number of values"),
    ]


@pytest.mark.parametrize("content", [b"", b"levers.pipeline\n", b"\xff\xfe", b"\x00"])
def test_a_table_that_is_none(folder, content):
    (folder / "points.csv").write_bytes(content)
    assert problems('[design]\nkind = "table"\nfile = "points.csv"')


def test_values_beside_a_table(folder):
    (folder / "points.csv").write_text("levers.pipeline\n0.5\n")
    text = '[design]\nkind = "table"\nfile = "points.csv"\n[levers]\nlevers.protection = [1]'
    (problem,) = problems(text)
    assert (problem.line, problem.key) == (5, "levers")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("suport-by-turnover", "did you mean 'support-by-turnover'"),
        ("gone.toml", "cannot be read: no such file"),
        (".", "unknown experiment"),
        ("./", "it is a folder"),
        ("a\0.toml", "cannot be read"),
    ],
)
def test_files_that_are_not_there(name, said):
    with pytest.raises(ScenarioError, match=said):
        load_experiment(name)


@pytest.mark.parametrize("content", [b"", b"a = ", b"\xff", b"[[title]]"])
def test_files_that_are_no_experiments(content):
    FILE.write_bytes(content)
    with pytest.raises(ScenarioError):
        load_experiment(FILE)


KEYS = [
    "title",
    "districts",
    "strategies",
    "baseline",
    "seed",
    "horizon",
    "uncertainties",
    "levers",
    "design",
    "outcomes",
    "design.kind",
    "design.points",
    "design.file",
    "outcomes.series",
    "uncertainties.conditions",
    "levers.levers.pipeline",
    "levers.levers",
    "outcomes.headline",
]
VALUES = [
    "0",
    "-1",
    "1e400",
    "nan",
    "true",
    '""',
    '"x"',
    "[]",
    "[1]",
    "[[1]]",
    "{}",
    "{low=1}",
    "1979-05-27",
    '"table"',
    '"sobol"',
    "[{}]",
    "{series=1}",
    '["a",1]',
    "99999999999999999999",
]
settings_of_any_kind = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), min_size=1)


@settings(max_examples=150)
@given(settings_of_any_kind)
def test_nothing_ends_in_a_traceback(tmp_path_factory, changes):
    path = tmp_path_factory.mktemp("fuzz") / "x.toml"
    path.write_text(HEAD)
    with contextlib.suppress(ScenarioError):
        load_experiment(path, [f"{key}={text}" for key, text in changes.items()])


def test_an_experiment_made_in_python_is_checked_too():
    with pytest.raises(ValueError, match=r"levers\.pipeline.*out of bounds"):
        Definition(title="T", levers={"levers.pipeline": (2.0,)})


def test_all_that_can_be_varied_is_known():
    sections = {name.partition(".")[0] for name in variables_of_tables({})}
    of_model = {"district", "conditions", "coefficients", "levers"}
    assert sections == of_model | {"events", "phases", "grants"}


class TestBuiltIn:
    FILES = builtin_experiments()

    def test_all_are_there(self):
        assert [file.name for file in self.FILES] == [
            "distributed-versus-heroic",
            "equal-cost",
            "equity-under-scarcity",
            "external-coaching-exit",
            "operational-load",
            "sensitivity",
            "succession-planning",
            "support-by-turnover",
            "timing-and-order",
            "turnover-by-budget",
        ]

    @pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
    def test_each_explains_itself_and_can_be_planned(self, file):
        text = file.path.read_text(encoding="utf-8")
        assert text.startswith("# ")
        assert 0 < len(file.title) <= 40
        assert file.question.endswith("?")
        assert max(map(len, text.splitlines())) <= 100
        assert tomllib.loads(text)["outcomes"]["headline"] in MEASURE_NAMES
        plan = Plan(load_experiment(file.name))
        assert 500 <= len(plan) < 10_000
        # To scale designs is what one of them is for; nothing else is noted.
        scaled = plan.experiment.equal_cost is not None
        assert len(plan.notes()) == int(scaled)

    def test_the_headline_study_has_the_size_that_was_promised(self):
        plan = Plan(load_experiment("support-by-turnover"))
        assert len(plan) == 7 * 3 * 3 * 3 * 50
        assert all(scenario.district.schools == 78 for scenario in plan.scenarios.values())
        assert plan.experiment.horizon.years == 15

    def test_each_has_a_section_in_the_readme(self):
        page = (experiment_folder() / "README.md").read_text(encoding="utf-8")
        for file in self.FILES:
            assert f"reformsim experiment run {file.name}" in page
            assert file.question in page

    def test_an_installed_package_brings_its_own(self, folder, monkeypatch):
        inside = folder / "reformsim" / "scenario"
        monkeypatch.setattr(files, "__file__", str(inside / "files.py"))
        assert experiment_folder() == folder.resolve() / "experiments"
        (folder / "reformsim" / "_experiments").mkdir(parents=True)
        assert experiment_folder() == folder.resolve() / "reformsim" / "_experiments"
