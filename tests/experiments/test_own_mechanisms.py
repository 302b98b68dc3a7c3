"""Own mechanisms in an experiment: part of what a run is, and never run unless the user names them."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from tiny import RUNS, TINY, tables_of, tiny_file

from reformsim.cli import main
from reformsim.engines import simulate
from reformsim.errors import ReformsimError, ScenarioError
from reformsim.experiments.experiment import Options, StoredExperiment
from reformsim.experiments.loading import load_experiment
from reformsim.experiments.plan import Plan
from reformsim.mechanisms import load_mechanisms
from reformsim.results import manifest

OWN = """
from reformsim.mechanisms import intervention

@intervention(after="trust")
def bolder(s, month):
    if month >= 0:
        s.district.public_focus = 1.0
"""
EVIL = """
from pathlib import Path
from reformsim.mechanisms import intervention

Path({marker!r}).write_text("ran")

@intervention(after="trust")
def nothing(s, month):
    pass
"""


@pytest.fixture
def own(tmp_path):
    """A file of mechanisms."""
    path = tmp_path / "own.py"
    path.write_text(OWN)
    return path


class TestWhatARunIs:
    def test_runs_with_and_without_have_no_id_in_common(self, tmp_path, own):
        file, mechanisms = tiny_file(tmp_path), load_mechanisms(own)
        without = ids_of(Plan(load_experiment(file)))
        having = ids_of(Plan(load_experiment(file, (), mechanisms), mechanisms=mechanisms))
        assert len(without) == len(having) == RUNS
        assert not without & having

    def test_an_edited_file_makes_other_runs_and_another_name_does_not(self, tmp_path, own):
        file, ids = tiny_file(tmp_path), []
        edited, moved = tmp_path / "edited.py", tmp_path / "moved.py"
        edited.write_text(OWN.replace("1.0", "0.9"))
        moved.write_text(OWN)
        for path in (own, edited, moved):
            mechanisms = load_mechanisms(path)
            experiment = load_experiment(file, (), mechanisms)
            ids.append(ids_of(Plan(experiment, mechanisms=mechanisms)))
        assert not ids[0] & ids[1]
        assert ids[0] == ids[2]

    def test_without_mechanisms_ids_are_what_they_were(self, tmp_path):
        """Folders of before hold them."""
        run = next(Plan(load_experiment(tiny_file(tmp_path))).batches()).runs[0]
        names = run.scenario.names
        called = (names.district, names.condition, names.strategy)
        import hashlib

        text = json.dumps([run.scenario.fingerprint, *called, run.seed, run.replicate])
        assert run.id == hashlib.sha256(text.encode()).hexdigest()[:16]

    def test_a_plan_needs_the_mechanisms_that_its_experiment_says(self, tmp_path, own):
        mechanisms = load_mechanisms(own)
        experiment = load_experiment(tiny_file(tmp_path), (), mechanisms)
        with pytest.raises(ReformsimError, match="name the file again: `mechanisms` FILE"):
            Plan(experiment)
        with pytest.raises(ReformsimError, match="name the file again"):
            StoredExperiment(tmp_path / "out").run(experiment)
        assert not (tmp_path / "out").exists()


def ids_of(plan):
    return {run.id for batch in plan.batches() for run in (*batch.runs, batch.reference)}


class TestNothingIsRunUnasked:
    """What comes from somebody else may name, hold and describe a program, and it is not run."""

    @pytest.fixture
    def marker(self, tmp_path):
        return tmp_path / "marker"

    @pytest.fixture
    def evil(self, tmp_path, marker):
        path = tmp_path / "evil.py"
        path.write_text(EVIL.format(marker=str(marker)))
        return path

    @pytest.fixture
    def folder(self, tmp_path, evil):
        """A received folder: its manifest says mechanisms, and copies lie wherever one may look."""
        place = tmp_path / "received"
        changes = ("replicates=1", "horizon.years=1", "levers={}", "uncertainties={}")
        (tmp_path / "x.toml").write_text(TINY.partition("[uncertainties]")[0])
        StoredExperiment(place).run(load_experiment(tmp_path / "x.toml", changes[:2]), Options(1))
        recipe = manifest.read_manifest(place)
        import hashlib

        digest = hashlib.sha256(evil.read_bytes()).hexdigest()
        recipe["experiment"]["mechanisms"] = {"name": "evil.py", "sha256": digest}
        recipe["given"]["mechanisms"] = str(evil)
        manifest.write_manifest(place, recipe)
        (place / "inputs").mkdir(exist_ok=True)
        for name in (f"{digest}.txt", f"{digest}.py", f"{digest}", "evil.py"):
            shutil.copy(evil, place / "inputs" / name)
        for name in ("evil.py", "mechanisms.py", "conftest.py", "sitecustomize.py"):
            shutil.copy(evil, place / name)
        return place

    @pytest.mark.parametrize(
        ("words", "code"),
        [
            (("experiment", "status"), 0),
            (("experiment", "summary"), 0),
            (("query", "SELECT count(*) FROM runs"), 0),
            (("experiment", "resume"), 2),
            (("experiment", "extend", "-n", "2"), 2),
            (("experiment", "rerun", "0" * 16), 2),
        ],
        ids=lambda words: words[1] if isinstance(words, tuple) else "",
    )
    def test_of_a_received_folder(self, folder, marker, tmp_path, monkeypatch, capsys, words, code):
        monkeypatch.chdir(folder)
        head = 1 if words[0] == "query" else 2
        assert main([*words[:head], str(folder), *words[head:]]) == code
        assert not marker.exists()
        printed = capsys.readouterr()
        if code:
            assert "name the file again: --mechanisms FILE.py" in printed.err
            assert "Traceback" not in printed.err

    @pytest.mark.parametrize("command", ["run", "plan"])
    @pytest.mark.parametrize("key", ['mechanisms = "evil.py"', '[mechanisms]\nname = "evil.py"'])
    def test_of_a_received_experiment_file(
        self, evil, marker, tmp_path, monkeypatch, capsys, command, key
    ):
        monkeypatch.chdir(tmp_path)
        head, title, rest = TINY.partition('title = "A tiny experiment"')
        text = f"{head}{title}\n{key}\n{rest}" if "=" in key[:13] else f"{TINY}\n{key}\n"
        path = tiny_file(tmp_path, text)
        assert main(["experiment", command, str(path)]) == 2
        assert "cannot be named by an experiment, as it is a program" in capsys.readouterr().err
        assert not marker.exists()

    def test_of_an_override(self, tmp_path, evil, marker):
        with pytest.raises(ScenarioError, match="as it is a program"):
            load_experiment(tiny_file(tmp_path), [f'mechanisms="{evil}"'])
        assert not marker.exists()

    @pytest.mark.parametrize(
        "said", ["evil.py", {"name": "evil.py", "sha256": "x"}, {"name": 5}, ["evil.py"]]
    )
    def test_of_a_manifest_that_says_something_else(self, folder, marker, capsys, said):
        recipe = manifest.read_manifest(folder)
        recipe["experiment"]["mechanisms"] = said
        manifest.write_manifest(folder, recipe)
        for command in ("status", "resume", "summary"):
            assert main(["experiment", command, str(folder)]) == 2
        assert "Traceback" not in capsys.readouterr().err
        assert not marker.exists()

    def test_another_file_is_refused_though_it_has_the_name(self, folder, tmp_path, own, capsys):
        named = tmp_path / "elsewhere" / "evil.py"
        named.parent.mkdir()
        shutil.copy(own, named)
        words = ["experiment", "resume", str(folder), "--mechanisms", str(named)]
        assert main(words) == 2
        assert "is not the file that its runs are done with" in capsys.readouterr().err

    def test_mechanisms_do_not_come_into_an_experiment_that_has_none(self, tmp_path, own, capsys):
        file = tiny_file(tmp_path, TINY.partition("[uncertainties]")[0])
        words = ["--set", "replicates=1", "--set", "horizon.years=1", "-q"]
        assert main(["experiment", "run", str(file), "--out", str(tmp_path / "a"), *words]) == 0
        before = (tmp_path / "a/manifest.json").read_bytes()
        words = ["experiment", "extend", str(tmp_path / "a"), "-n", "2", "--mechanisms", str(own)]
        assert main(words) == 2
        assert "begun without custom mechanisms" in capsys.readouterr().err
        assert (tmp_path / "a/manifest.json").read_bytes() == before


@pytest.mark.slow
@pytest.mark.xdist_group("custom mechanisms")
def test_an_experiment_with_mechanisms_from_beginning_to_end(tmp_path, own, capsys):
    file = tiny_file(tmp_path, TINY.partition("[uncertainties]")[0])
    some = ["--set", "replicates=2", "--set", "horizon.years=1", "-q"]
    run = ["experiment", "run", str(file), *some]
    assert main([*run, "--out", str(tmp_path / "without")]) == 0
    assert main([*run, "--out", str(tmp_path / "own"), "--mechanisms", str(own)]) == 0
    with_own, without = (tables_of(tmp_path / name)["runs"] for name in ("own", "without"))
    assert not set(with_own["run"]) & set(without["run"])
    changed = with_own["leadership_gain_end"] != without["leadership_gain_end"]
    assert changed[with_own["strategy"] == "web_of_support"].all()

    recipe = manifest.read_manifest(tmp_path / "own")
    mechanisms = load_mechanisms(own)
    assert recipe["experiment"]["mechanisms"] == {
        "name": "own.py",
        "sha256": mechanisms.sha256,
        "measures": [],
        "parameters": [],
        "states": [],
    }
    copy = tmp_path / "own/inputs" / f"{mechanisms.sha256}.txt"
    assert copy.read_text() == OWN
    assert not list((tmp_path / "own").rglob("*.py"))

    # Gone on with, from elsewhere, by the copy; more of the same runs.
    again = tmp_path / "elsewhere.py"
    shutil.copy(copy, again)
    words = ["experiment", "extend", str(tmp_path / "own"), "-n", "3", "-q"]
    assert main([*words, "--mechanisms", str(again)]) == 0
    capsys.readouterr()
    longer = tables_of(tmp_path / "own")["runs"]
    assert set(with_own["run"]) < set(longer["run"])
    some_run = with_own["run"].iloc[0]
    rerun = ["experiment", "rerun", str(tmp_path / "own"), some_run, "--mechanisms", str(own)]
    assert main(rerun) == 0
    assert "measures are exactly those stored" in capsys.readouterr().out
    assert "own.py" in Path(tmp_path / "own/summary/summary.md").read_text()


MEASURE = """
from reformsim.mechanisms import measure

@measure(unit="[0, 1]", meaning="Lowest leadership after the launch", better=-1)
def lowest_leadership(run):
    return run.district["leadership"][run.months >= 0].min()

@measure(unit="months", meaning="Never defined")
def nothing(run):
    return float("nan")
"""


class TestOwnMeasures:
    @pytest.fixture
    def measured(self, tmp_path):
        path = tmp_path / "measures.py"
        path.write_text(MEASURE)
        return path

    def run(self, tmp_path, measured, *words):
        file = tiny_file(tmp_path, TINY.partition("[uncertainties]")[0])
        some = ["--set", "replicates=2", "--set", "horizon.years=1", "-q"]
        out = tmp_path / "out"
        some += ["--out", str(out), "--mechanisms", str(measured), *words]
        return main(["experiment", "run", str(file), *some]), out

    def test_each_run_has_them_and_they_are_what_the_file_says(self, tmp_path, measured):
        code, out = self.run(tmp_path, measured)
        assert code == 0
        runs = tables_of(out)["runs"]
        experiment = load_experiment(tmp_path / "tiny.toml", ["horizon.years=1", "replicates=2"])
        for batch in Plan(experiment).batches():
            for run in batch.runs:
                strategy = runs["strategy"] == run.scenario.names.strategy
                row = runs[strategy & (runs["replicate"] == run.replicate)]
                result = simulate(run.scenario, run.seed, run.replicate)
                lowest = result.district["leadership"][result.months >= 0].min()
                assert row["mechanism.lowest_leadership"].item() == lowest
                assert row["mechanism.nothing"].isna().item()

    def test_the_dictionary_and_the_summary_know_them(self, tmp_path, measured, capsys):
        code, out = self.run(tmp_path, measured, "--no-summary")
        assert code == 0
        with (out / "dictionary.csv").open(encoding="utf-8", newline="") as file:
            rows = {row["column"]: row for row in csv.DictReader(file)}
        row = rows["mechanism.lowest_leadership"]
        assert (row["unit"], row["direction"]) == ("[0, 1]", "less is better")
        assert row["meaning"] == "Lowest leadership after the launch"
        words = ["experiment", "summary", str(out), "--measure", "mechanism.lowest_leadership"]
        capsys.readouterr()
        assert main([*words, "--json"]) == 0
        (overall,) = json.loads(capsys.readouterr().out)["overall"]
        assert overall["measure"] == "mechanism.lowest_leadership"

    def test_one_can_be_the_headline(self, tmp_path, measured):
        changes = ["outcomes.headline='mechanism.lowest_leadership'"]
        mechanisms = load_mechanisms(measured)
        experiment = load_experiment(tiny_file(tmp_path), changes, mechanisms)
        assert experiment.outcomes.measures[-2:] == (
            "mechanism.lowest_leadership",
            "mechanism.nothing",
        )
        with pytest.raises(ScenarioError, match="must be one of the measures"):
            load_experiment(tiny_file(tmp_path), changes)

    def test_one_that_fails_makes_the_run_fail_and_says_why(self, tmp_path, measured):
        measured.write_text(MEASURE.replace('"leadership"', '"no such series"'))
        code, out = self.run(tmp_path, measured)
        assert code == 1
        runs = tables_of(out)["runs"]
        assert set(runs["status"]) == {"failed"}
        assert runs["error"].str.contains("lowest_leadership.*KeyError", regex=True).all()

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("(run)", "(run, month)", "a measure takes the record of a run"),
            ("better=-1", "better=0", "a measure has a direction"),
            ('unit="months"', "unit=5", "a measure needs a unit and a meaning"),
            ("def nothing", "def lowest_leadership", "is a second measure of this name"),
        ],
    )
    def test_what_cannot_be(self, measured, old, new, said):
        measured.write_text(MEASURE.replace(old, new))
        with pytest.raises(ReformsimError, match=said):
            load_mechanisms(measured)
