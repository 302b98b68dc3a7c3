"""How parts, what they extend, and overrides make one scenario, and where each value came from."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reformsim.scenario.loading import compose, load
from reformsim.scenario.merging import Origin
from reformsim.scenario.parameters import Parameter
from reformsim.scenario.schema import parameters


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, text: str) -> str:
    """Write a file, its kind being the first word of its name, and return its path."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = path.stem.split("_")[0]
    path.write_text(f'kind = "{kind}"\ntitle = "Title of {path.stem}"\n{text}', encoding="utf-8")
    return name


def test_nothing_given_is_the_default_of_each_kind() -> None:
    composed = compose()

    names = composed.scenario.names
    assert names.district == "mesa-public-schools"
    assert names.condition == "stable"
    assert names.strategy == "status_quo"
    assert composed.titles["district"] == "Mesa Public Schools"
    assert composed.scenario.district.schools == 78
    assert composed.scenario.levers == composed.scenario.baseline


def test_later_parts_win_key_by_key() -> None:
    first = write("strategy_a.toml", "[levers]\npipeline = 0.1\nprotection = 0.1\n")
    second = write("strategy_b.toml", "[levers]\npipeline = 0.2\n")

    levers = load(first, second).levers
    assert (levers.pipeline, levers.protection) == (0.2, 0.1)
    assert load(second, first).levers.pipeline == 0.1


def test_own_keys_win_over_what_is_extended_and_right_over_left() -> None:
    write("strategy_a.toml", "[levers]\npipeline = 0.1\nprotection = 0.1\ngroundwork = 0.1\n")
    write("strategy_b.toml", "[levers]\npipeline = 0.2\nprotection = 0.2\n")
    child = write(
        "strategy_c.toml",
        'extends = ["./strategy_a.toml", "strategy_b.toml"]\n[levers]\npipeline = 0.3\n',
    )

    composed = compose(child)
    levers = composed.scenario.levers
    assert (levers.pipeline, levers.protection, levers.groundwork) == (0.3, 0.2, 0.1)
    assert composed.scenario.names.strategy == "strategy_c"
    assert composed.titles["strategy"] == "Title of strategy_c"
    assert composed.origins["levers.pipeline"] == Origin("strategy_c.toml", 5)
    assert composed.origins["levers.protection"] == Origin("strategy_b.toml", 5)
    assert composed.origins["levers.groundwork"] == Origin("strategy_a.toml", 6)


def test_overrides_win_over_files_and_later_over_earlier() -> None:
    composed = compose(
        "web_of_support",
        overrides=["levers.pipeline=0.3", "levers.pipeline = 0.4", "horizon.years=10"],
    )

    assert composed.scenario.levers.pipeline == 0.4
    assert composed.scenario.horizon.years == 10
    assert composed.origins["levers.pipeline"] == Origin("override", 0)
    assert composed.scenario.names.strategy == "web_of_support"
    assert load(overrides="levers.pipeline=0.4").levers.pipeline == 0.4


def test_levers_start_from_the_baseline() -> None:
    district = write(
        "district_d.toml",
        'extends = ["mid-size"]\n[baseline]\nspan_of_control = 17\npipeline = 0.2\n',
    )
    strategy = write("strategy_s.toml", "[levers]\npipeline = 0.5\n")

    composed = compose(district, strategy)
    scenario = composed.scenario
    assert scenario.baseline.span_of_control == scenario.levers.span_of_control == 17
    assert (scenario.baseline.pipeline, scenario.levers.pipeline) == (0.2, 0.5)
    assert composed.origins["baseline.span_of_control"] == Origin("district_d.toml", 5)
    assert composed.origins["levers.span_of_control"] == Origin("baseline")
    assert composed.origins["levers.pipeline"] == Origin("strategy_s.toml", 4)
    assert composed.origins["levers.protection"] == Origin("default")
    assert load("status_quo", overrides=["baseline.pipeline=0.3"]).levers.pipeline == 0.3


def test_every_value_has_an_origin() -> None:
    origins = compose("severe-recession", "equity_first").origins

    assert {parameter.key for parameter in parameters()} <= set(origins)
    web = "scenarios/strategies/web_of_support.toml"
    assert origins["levers.span_of_control"].file == web
    assert origins["events.0"].file == "scenarios/conditions/severe-recession.toml"
    assert origins["coefficients.relief"] == Origin("default")


def test_events_add_up_but_a_file_gives_its_own_once() -> None:
    write("condition_base.toml", '[[events]]\ntype = "superintendent_departure"\nmonth = 1\n')
    first = write(
        "condition_a.toml",
        'extends = ["./condition_base.toml"]\n[[events]]\ntype = "crisis"\nmonth = 2\nload = 0.1\n',
    )
    second = write(
        "condition_b.toml",
        'extends = ["./condition_base.toml"]\n[[events]]\ntype = "crisis"\nmonth = 3\nload = 0.1\n',
    )

    composed = compose(first, second)
    assert [event.month for event in composed.scenario.events] == [1, 2, 3]
    assert composed.origins["events.0"] == Origin("condition_base.toml", 3)
    assert composed.origins["events.2"] == Origin("condition_b.toml", 4)


def test_several_conditions_share_the_name() -> None:
    composed = compose("severe-recession", "high-load", "web_of_support")

    assert composed.scenario.names.condition == "severe-recession+high-load"
    assert composed.titles["condition"] == "Severe recession + High operational load"
    assert load("stable", "stable").names.condition == "stable"
    two = load("operations_relief", "supervisor_redesign")
    assert two.names.strategy == "supervisor_redesign"


def test_a_scenario_stands_for_what_it_extends() -> None:
    scenario = write(
        "scenario_s.toml",
        'extends = ["small-rural", "severe-recession", "high-load"]\n'
        "[levers]\npipeline = 0.5\n[horizon]\nyears = 7\n",
    )

    loaded = load(scenario)
    assert loaded.names.district == "small-rural"
    assert loaded.names.condition == "severe-recession+high-load"
    assert loaded.names.strategy == "scenario_s"
    assert (loaded.district.schools, loaded.horizon.years) == (6, 7)


def test_a_part_names_its_kind_before_what_a_scenario_extends() -> None:
    scenario = write("scenario_s.toml", 'extends = ["small-rural", "severe-recession"]\n')

    loaded = load(scenario, "high-load", "web_of_support")
    assert loaded.names.district == "small-rural"
    assert loaded.names.condition == "high-load"
    assert loaded.names.strategy == "web_of_support"
    assert len(loaded.events) == 1


def test_a_scenario_without_a_kind_gets_the_default() -> None:
    names = load(write("scenario_s.toml", "[coefficients]\nrelief = 0.3\n")).names

    assert (names.district, names.condition) == ("mesa-public-schools", "stable")
    assert names.strategy == "status_quo"


def test_paths_are_relative_to_the_file_they_stand_in(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "ties.csv").touch()
    write("mine/district_d.toml", 'extends = ["mid-size"]\n[district]\nnetwork="../data/ties.csv"')
    scenario = write("scenario_s.toml", 'extends = ["mine/district_d.toml"]\n')

    loaded = load(scenario)
    assert loaded.district.network == str((folder / "data" / "ties.csv").resolve())
    assert loaded.names.district == "district_d"
    assert load(overrides=["district.network=data/ties.csv"]).district.network.endswith("ties.csv")


def test_names_are_looked_for_in_the_search_folders_first(folder: Path) -> None:
    write("mine/strategy_s.toml", "[levers]\npipeline = 0.7\n")
    (folder / "mine" / "web_of_support.toml").write_text(
        'kind = "strategy"\ntitle = "Mine"\nextends = ["strategy_s"]\n', encoding="utf-8"
    )

    loaded = load("web_of_support", search=[folder / "mine"])
    assert (loaded.levers.pipeline, loaded.levers.design_work) == (0.7, 0)
    assert load("web_of_support").levers.pipeline == 0.8


def test_whole_numbers_do_for_numbers() -> None:
    assert load(overrides=["levers.span_of_control=10"]).levers.span_of_control == 10.0


def _within(parameter: Parameter) -> st.SearchStrategy[tuple[str, float]]:
    assert parameter.bounds
    low, high = parameter.bounds
    default = getattr(getattr(load(), parameter.section), parameter.name)
    if isinstance(default, int):
        numbers: st.SearchStrategy[float] = st.integers(int(low), int(high))
    else:
        numbers = st.floats(low, high)
    return numbers.map(lambda number: (parameter.key, number))


# Sizes have to fit together, so they are not drawn one by one.
FREE = [
    p for p in parameters() if p.bounds and p.key not in {"district.schools", "district.teachers"}
]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(FREE).flatmap(_within), max_size=5))
def test_overrides_within_bounds_come_through(changes: list[tuple[str, float]]) -> None:
    composed = compose("small-rural", overrides=[f"{key}={number!r}" for key, number in changes])

    for key, number in dict(changes).items():
        section, name = key.split(".")
        assert getattr(getattr(composed.scenario, section), name) == number
        assert composed.origins[key].file == "override"


def test_importing_is_quick_and_leaves_the_spell_checker_alone() -> None:
    code = (
        "import json, sys\n"
        "import reformsim.scenario.loading\n"
        "names = ('rapidfuzz', 'numpy', 'pandas', 'numba', 'mesa')\n"
        "print(json.dumps([name for name in names if name in sys.modules]))"
    )
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, check=True)
    assert json.loads(run.stdout) == []
