"""What runs depend on is read once: a file that is replaced under them changes nothing."""

from __future__ import annotations

import json
import pickle
import shutil

import pandas as pd
import pytest
from tiny import assert_same_tables, tables_of, tiny

from reformsim.engines import simulate
from reformsim.errors import ReformsimError, ScenarioError
from reformsim.experiments import streaming
from reformsim.experiments.experiment import Options, StoredExperiment
from reformsim.experiments.rows import simulate_batch
from reformsim.experiments.runs import composed
from reformsim.experiments.summary import summarise
from reformsim.reading import one_reading
from reformsim.report.summary import write_summary
from reformsim.results import manifest
from reformsim.scenario import Scenario
from reformsim.scenario.loading import compose, load

ONE = Options(workers=1)
DISTRICT = 'kind = "district"\ntitle = "Ours"\nextends = ["small-rural"]\n[district]\nnetwork = "ties.csv"\n'


def survey(step: int) -> str:
    """Return a survey in which every teacher asks the one so many places on."""
    lines = ["source,target,kind"]
    lines += [f"teacher-0-{(one + step) % 6},teacher-0-{one},advice" for one in range(6)]
    return "\n".join([*lines, ""])


FIRST, SECOND = survey(1), survey(2)


@pytest.fixture
def home(tmp_path):
    """A folder with a district of its own and the survey that it names."""
    place = tmp_path / "home"
    place.mkdir()
    (place / "ours.toml").write_text(DISTRICT)
    (place / "ties.csv").write_text(FIRST)
    return place


def with_survey(home, *overrides):
    changes = (f'districts=["{home / "ours.toml"}"]', "replicates=2", *overrides)
    return tiny(home.parent, *changes)


@pytest.fixture
def wanted(home, tmp_path):
    """The experiment with nothing happening to its survey."""
    StoredExperiment(tmp_path / "wanted").run(with_survey(home), ONE)
    return tmp_path / "wanted"


def test_the_two_surveys_give_different_numbers(home):
    first = simulate(load(home / "ours.toml"), 1, 0)
    (home / "ties.csv").write_text(SECOND)
    second = simulate(load(home / "ours.toml"), 1, 0)
    assert (first.district["teacher_practice"] != second.district["teacher_practice"]).any()


@pytest.mark.parametrize("then", ["replaced", "deleted"])
def test_a_survey_that_changes_under_a_sweep_changes_nothing(
    monkeypatch, home, wanted, tmp_path, then
):
    real, batches = simulate_batch, []

    def replacing(batch, *others):
        batches.append(batch)
        if len(batches) == 2:
            (home / "ties.csv").unlink()
            if then == "replaced":
                (home / "ties.csv").write_text(SECOND)
        return real(batch, *others)

    monkeypatch.setattr(streaming, "simulate_batch", replacing)
    experiment = with_survey(home)
    found = StoredExperiment(tmp_path / "out").run(experiment, ONE)
    assert found.complete
    assert not found.failed
    assert len(batches) > 2, "the sweep is one batch"
    assert_same_tables(tmp_path / "out", wanted)


def test_a_survey_saved_while_scenarios_are_composed_is_the_same_in_all(monkeypatch, home):
    from reformsim.experiments import runs

    real = compose

    def saving(*parts, **options):
        made = real(*parts, **options)
        (home / "ties.csv").write_text(SECOND)
        (home / "ours.toml").write_text(DISTRICT.replace("small-rural", "mid-size"))
        return made

    monkeypatch.setattr(runs, "compose", saving)
    made = composed(with_survey(home)).values()
    assert {scenario.survey.decode() for scenario in made} == {FIRST}
    assert len({scenario.district.schools for scenario in made}) == 1


def test_a_reading_lasts_as_long_as_the_question(home):
    with one_reading():
        first = load(home / "ours.toml")
        (home / "ties.csv").write_text(SECOND)
        with one_reading():
            assert load(home / "ours.toml") == first
    assert load(home / "ours.toml").survey.decode() == SECOND


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_what_is_made_of_a_scenario_has_its_survey(home, engine):
    scenario = load(home / "ours.toml", overrides=["horizon.years=1", "horizon.warm_up_years=1"])
    before = simulate(scenario, 3, 1, engine).district["teacher_practice"]
    (home / "ties.csv").unlink()
    for same in (
        pickle.loads(pickle.dumps(scenario)),
        scenario.replace(names={"strategy": "another"}),
        scenario.model_copy(update={"names": scenario.names}),
    ):
        assert (simulate(same, 3, 1, engine).district["teacher_practice"] == before).all()
        assert same.fingerprint == scenario.fingerprint
    assert scenario.replace(names={"strategy": "x"}).survey is scenario.survey  # not copied
    assert "survey" not in scenario.model_dump()


def test_another_survey_is_another_scenario_and_another_fingerprint(home):
    (home / "more.csv").write_text(SECOND)
    scenario = load(home / "ours.toml")
    other = scenario.replace(district={"network": str(home / "more.csv")})
    district = scenario.district.model_copy(update={"network": str(home / "more.csv")})
    copied = scenario.model_copy(update={"district": district})
    assert other.survey == copied.survey == SECOND.encode()
    assert other.fingerprint == copied.fingerprint != scenario.fingerprint
    without = scenario.replace(district={"network": ""})
    assert without.survey == b""


def test_the_fingerprint_is_what_it_always_was(home):
    """Its value is that of version 1.0, so that the ids of runs stay."""
    import hashlib

    scenario = load(home / "ours.toml")
    later = dict.fromkeys(("names", "phases", "adoption", "grants"), True)
    text = scenario.model_dump_json(
        exclude={
            **later,
            "district": {"network"},
            "baseline": {"participation"},
            "levers": {"participation"},
            "conditions": {"refusing_schools"},
        }
    )
    wanted = hashlib.sha256(text.encode() + FIRST.encode()).hexdigest()[:16]
    assert scenario.fingerprint == wanted


def test_a_survey_that_cannot_be_read_is_told_at_once(home):
    (home / "ties.csv").unlink()
    (home / "ties.csv").mkdir()
    with pytest.raises(ScenarioError):
        load(home / "ours.toml")
    given = load("small-rural").model_dump()
    given["district"]["network"] = str(home / "none.csv")
    with pytest.raises(ScenarioError, match=r"none\.csv: cannot be read: no such file"):
        Scenario.model_validate(given)


@pytest.fixture
def moved(home, wanted, tmp_path):
    """The folder on another machine: nothing of the district's own files is there."""
    shutil.rmtree(home)
    return shutil.copytree(wanted, tmp_path / "elsewhere")


def test_a_folder_works_where_the_survey_is_not(moved, wanted):
    experiment = StoredExperiment(moved)
    assert experiment.status().complete
    (copy,) = (moved / "inputs").iterdir()
    assert copy.read_text() == FIRST
    assert copy.suffix == ".csv"
    assert experiment.resume(ONE).complete
    run = tables_of(moved)["runs"]["run"][3]
    assert experiment.rerun(run).different == {}
    assert experiment.rerun(run).compared
    write_summary(summarise(moved), moved)
    for name in ("runs", "series", "checksums"):
        shutil.rmtree(moved / name)
    assert experiment.resume(ONE).complete
    assert_same_tables(moved, wanted)


def test_a_folder_is_extended_where_the_survey_is_not(home, moved, tmp_path):
    experiment = StoredExperiment(moved)
    experiment.extend(ONE, replicates=3, strategies=["heroic_superintendent"])
    home.mkdir()
    (home / "ours.toml").write_text(DISTRICT)
    (home / "ties.csv").write_text(FIRST)
    names = '["status_quo", "web_of_support", "heroic_superintendent"]'
    whole = with_survey(home, "replicates=3", f"strategies={names}")
    StoredExperiment(tmp_path / "whole").run(whole, ONE)
    assert_same_tables(moved, tmp_path / "whole")


def test_a_new_strategy_may_change_levers_only(moved, tmp_path):
    strategy = tmp_path / "more.toml"
    strategy.write_text(
        'kind = "scenario"\ntitle = "More"\n[conditions]\nshock_rate = 0.3\n[levers]\npipeline = 0.5\n'
    )
    with pytest.raises(ReformsimError, match=r"changes \[conditions\]"):
        StoredExperiment(moved).extend(ONE, strategies=[str(strategy)])


def test_a_damaged_copy_is_told_and_the_file_itself_does(home, wanted, tmp_path):
    (copy,) = (wanted / "inputs").iterdir()
    copy.write_text(SECOND)
    assert StoredExperiment(wanted).resume(ONE).complete
    assert copy.read_text() == FIRST  # kept again
    copy.write_text(SECOND)
    (home / "ties.csv").write_text(SECOND)
    with pytest.raises(ReformsimError, match="survey has changed since the experiment was begun"):
        StoredExperiment(wanted).resume(ONE)
    with pytest.raises(ReformsimError, match="survey has changed"):
        StoredExperiment(wanted).rerun(tables_of(wanted)["runs"]["run"][0])


def test_a_folder_from_before_there_were_copies_takes_the_file_if_it_is_the_same(home, wanted):
    shutil.rmtree(wanted / "inputs")
    assert StoredExperiment(wanted).resume(ONE).complete
    assert len(list((wanted / "inputs").iterdir())) == 1
    shutil.rmtree(wanted / "inputs")
    (home / "ties.csv").write_text(SECOND)
    with pytest.raises(ReformsimError, match=r"put back the file as it was, there or as .*inputs"):
        StoredExperiment(wanted).resume(ONE)


def test_a_scenario_that_is_not_that_of_its_fingerprint_is_refused(wanted):
    recipe = manifest.read_manifest(wanted)
    recipe["scenarios"][0]["district"]["need_mean"] = 0.1
    manifest.write_manifest(wanted, recipe)
    with pytest.raises(ReformsimError, match="is not the scenario that its fingerprint was taken"):
        StoredExperiment(wanted).resume(ONE)


def test_the_recipe_names_the_survey_by_its_hash(wanted):
    recipe = json.loads((wanted / "manifest.json").read_text())
    (copy,) = (wanted / "inputs").iterdir()
    assert {entry["network_sha256"] for entry in recipe["scenarios"]} == {copy.stem}
    assert pd.Series([entry["fingerprint"] for entry in recipe["scenarios"]]).is_unique
