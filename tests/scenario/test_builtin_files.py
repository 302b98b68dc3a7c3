"""The scenario files that come with the package."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path

import pytest

from reformsim.scenario import files
from reformsim.scenario.files import BuiltIn
from reformsim.scenario.loading import builtin_files, compose, load, scenario_folder

FILES = builtin_files()
OF_KIND = {
    kind: [file.name for file in FILES if file.kind == kind]
    for kind in ("district", "condition", "strategy")
}


def test_all_are_there() -> None:
    assert OF_KIND["district"] == ["large-urban", "mesa-public-schools", "mid-size", "small-rural"]
    assert len(OF_KIND["condition"]) == 12
    assert len(OF_KIND["strategy"]) == 14
    assert len({file.name for file in FILES}) == len(FILES), "a name is used by two files"
    assert {file.path.parent.name for file in FILES} == {"districts", "conditions", "strategies"}
    assert all(file.path.is_relative_to(scenario_folder()) for file in FILES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_each_explains_itself(file: BuiltIn) -> None:
    text = file.path.read_text(encoding="utf-8")

    assert text.startswith("# ")
    assert 0 < len(file.title) <= 40
    assert file.question.endswith("?")
    assert max(map(len, text.splitlines())) <= 100
    data = tomllib.loads(text)
    comment = " ".join(line[1:] for line in text.splitlines() if line.startswith("#"))
    numbers = any(section in data for section in ("district", "conditions", "levers", "events"))
    assert not numbers or "evidence" in comment or "judgement" in comment


def test_every_combination_composes() -> None:
    for parts in itertools.product(*OF_KIND.values()):
        names = compose(*parts).scenario.names
        assert (names.district, names.condition, names.strategy) == parts


def test_the_status_quo_changes_nothing() -> None:
    scenario = load("status_quo")
    assert scenario.levers == scenario.baseline == type(scenario.levers)()


def test_equity_first_is_the_web_of_support_weighted_by_need() -> None:
    web, equity = load("web_of_support").levers, load("equity_first").levers
    assert equity == web.model_copy(update={"equity_weight": 0.6, "groundwork": 0.9})


def test_ratios_of_pupils_to_teachers_are_plausible() -> None:
    for name in OF_KIND["district"]:
        district = load(name).district
        assert 15 <= district.enrolment / district.teachers < 20, name


def test_an_installed_package_brings_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "__file__", str(tmp_path / "reformsim" / "scenario" / "files.py"))
    assert scenario_folder() == tmp_path.resolve() / "scenarios"

    inside = tmp_path.resolve() / "reformsim" / "_scenarios"
    inside.mkdir(parents=True)
    assert scenario_folder() == inside
