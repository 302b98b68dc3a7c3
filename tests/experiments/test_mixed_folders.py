"""Folders in which runs came together that should not have: nothing counts twice or wrongly."""

from __future__ import annotations

import json
import shutil
import threading

import pytest
from tiny import assert_same_tables, tables_of, tiny

from reformsim.cli import main
from reformsim.errors import OutputError
from reformsim.experiments import storing
from reformsim.experiments.experiment import Options, StoredExperiment
from reformsim.experiments.loading import load_experiment
from reformsim.experiments.precision import Precision, widest
from reformsim.experiments.summary import summarise
from reformsim.results import counting, lock, store

ONE = Options(workers=1)
SMALL = """
title = "Small"
districts = ["small-rural"]
strategies = ["status_quo", "web_of_support"]
replicates = 2
[horizon]
years = 1
warm_up_years = 1
[outcomes.series]
every = 6
"""


def small(folder, *overrides):
    """Return an experiment of two runs for each of two replicates."""
    path = folder / "small.toml"
    path.write_text(SMALL)
    return load_experiment(path, overrides)


def laid_over(other, folder):
    """Do what `cp -rn other/. folder/` does."""
    for path in sorted(other.rglob("*")):
        target = folder / path.relative_to(other)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        elif not target.exists():
            shutil.copy2(path, target)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two copies of an experiment extended apart, and what one alone would hold."""
    home = tmp_path_factory.mktemp("made")
    StoredExperiment(home / "a").run(small(home), ONE)
    shutil.copytree(home / "a", home / "b")
    StoredExperiment(home / "a").extend(ONE, replicates=4)
    for replicates in (3, 4):
        StoredExperiment(home / "b").extend(ONE, replicates=replicates)
    return home


@pytest.fixture
def mixed(made, tmp_path):
    """Both laid together."""
    folder = shutil.copytree(made / "a", tmp_path / "mixed")
    laid_over(made / "b", folder)
    return folder


def test_copies_that_were_extended_apart_count_once(made, mixed, capsys):
    assert len(store.parts(mixed)) == 3
    assert_same_tables(mixed, made / "a")
    status = StoredExperiment(mixed).status()
    assert (status.done, status.planned) == (8, 8)
    said = "that the folder holds already; each run counts once"
    assert any(said in note for note in status.notes)
    summary = summarise(mixed)
    assert (len(summary.runs), summary.planned) == (8, 8)
    assert any(said in note for note in summary.notes)
    assert main(["query", str(mixed), "SELECT count(*) AS runs FROM runs", "--csv"]) == 0
    printed = capsys.readouterr()
    assert printed.out == "runs\n8\n"
    assert said in printed.err
    assert len(StoredExperiment(mixed).frames().runs) == 8
    wanted = Precision("leadership_gain_end", 0.01)
    known = widest(mixed, wanted)
    assert known is not None
    assert known == widest(made / "a", wanted)
    assert known.pairs == 4


def test_what_lies_in_one_copy_more_than_planned_does_not_count(made, tmp_path):
    folder = shutil.copytree(made / "b", tmp_path / "less")
    StoredExperiment(folder).extend(ONE, replicates=5)
    shutil.copy2(made / "a" / "manifest.json", folder / "manifest.json")
    assert_same_tables(folder, made / "a")
    status = StoredExperiment(folder).status()
    assert status.done == 8
    assert any("2 stored runs are not of this experiment's plan" in note for note in status.notes)
    assert StoredExperiment(folder).extend(ONE, replicates=5).notes == ()  # now they are
    assert len(tables_of(folder)["runs"]) == 10


@pytest.mark.parametrize(
    "change",
    ["districts=['mid-size']", "seed=2", "horizon.years=2", "conditions=['crisis-year']"],
)
def test_a_lost_manifest_and_another_experiment(made, tmp_path, change):
    folder = shutil.copytree(made / "a", tmp_path / "lost")
    (folder / "manifest.json").unlink()
    other = small(tmp_path, change, "replicates=1")
    found = StoredExperiment(folder).run(other, ONE)
    note = "8 stored runs are not of this experiment's plan and left out"
    assert (found.done, found.planned, found.complete) == (2, 2, True)
    assert note in found.notes
    StoredExperiment(tmp_path / "alone").run(other, ONE)
    assert_same_tables(folder, tmp_path / "alone")
    summary = summarise(folder)
    assert len(summary.runs) == 2
    assert note in summary.notes


def test_a_lost_manifest_and_the_same_experiment_keeps_what_is_done(monkeypatch, made, tmp_path):
    folder = shutil.copytree(made / "a", tmp_path / "lost")
    (folder / "manifest.json").unlink()
    found = StoredExperiment(folder).run(small(tmp_path, "replicates=5"), ONE)
    assert (found.done, found.notes) == (10, ())
    assert len(store.parts(folder)) == 3
    assert store.parts(folder)[0] == store.parts(made / "a")[0]


def test_another_experiment_that_shares_runs_has_its_own_points(made, tmp_path):
    """What was point 1 of one design is point 0 of the other, in the rows of the same runs."""
    name = "conditions.superintendent_turnover"
    one = tiny(tmp_path, f'uncertainties={{"{name}" = [0.1, 0.4]}}', "replicates=1", "levers={}")
    two = tiny(tmp_path, f'uncertainties={{"{name}" = [0.4]}}', "replicates=1", "levers={}")
    StoredExperiment(tmp_path / "mixed").run(one, ONE)
    (tmp_path / "mixed" / "manifest.json").unlink()
    StoredExperiment(tmp_path / "mixed").run(two, ONE)
    StoredExperiment(tmp_path / "alone").run(two, ONE)
    assert_same_tables(tmp_path / "mixed", tmp_path / "alone")


def test_runs_that_contradict_one_another_are_set_aside_and_done_again(made, mixed):
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = mixed / "runs/000003.parquet"
    table = pq.read_table(path)
    marks = store.metadata_of(pq.read_metadata(path))
    place = table.column_names.index("leadership_gain_end")
    changed = pa.array([one and one + 1e-9 for one in table["leadership_gain_end"].to_pylist()])
    table = table.set_column(place, "leadership_gain_end", changed)
    texts = ("district", "condition", "strategy", "status", "error", "disruption")
    for name in texts:
        column = table[name].combine_chunks().dictionary_encode()
        table = table.set_column(table.column_names.index(name), name, column)
    digest = store.write(path, table, marks=marks)
    listed = mixed / "checksums/000003.sha256"
    lines = listed.read_text().splitlines()
    lines = [f"{digest}  runs/000003.parquet" if "runs/" in line else line for line in lines]
    listed.write_text("\n".join([*lines, ""]))
    notes = StoredExperiment(mixed).status().notes
    assert any("other numbers than in part" in note for note in notes)
    assert main(["query", str(mixed), "SELECT 1 FROM runs"]) == 2
    assert main(["experiment", "summary", str(mixed)]) == 2
    found = StoredExperiment(mixed).resume(ONE)
    assert (found.done, found.complete) == (8, True)
    assert_same_tables(mixed, made / "a")
    assert len(list((mixed / "damaged").iterdir())) == 2


# --- a lock file that is deleted while a process writes


def test_a_lock_that_was_deleted_is_taken_again(monkeypatch, made, tmp_path):
    folder = tmp_path / "out"
    real = store.append

    def deleting(*arguments):
        (folder / lock.NAME).unlink(missing_ok=True)
        return real(*arguments)

    monkeypatch.setattr(store, "append", deleting)
    monkeypatch.setattr(storing, "FEWEST_SECONDS", 0.0)
    found = StoredExperiment(folder).run(small(tmp_path, "replicates=4"), ONE)
    assert found.complete
    assert (folder / lock.NAME).exists()
    assert_same_tables(folder, made / "a")


def test_a_second_process_that_took_over_is_left_alone(monkeypatch, made, tmp_path):
    """The lock is deleted, another process takes the folder and goes on; the first one stops."""
    folder, home = tmp_path / "out", tmp_path
    real = store.append
    turns: list = []
    monkeypatch.setattr(storing, "FEWEST_SECONDS", 0.0)

    def interrupting(*arguments):
        turns.append(len(turns))
        if len(turns) == 2:
            (folder / lock.NAME).unlink()
            holds.set()
            assert taken.wait(30)
        return real(*arguments)

    holds, taken, finish = threading.Event(), threading.Event(), threading.Event()

    def another():
        holds.wait(60)
        other = lock._Lock(folder)  # as another process has its own
        other.take()
        taken.set()
        finish.wait(60)
        other.release()

    thread = threading.Thread(target=another)
    thread.start()
    monkeypatch.setattr(store, "append", interrupting)
    try:
        with pytest.raises(
            OutputError, match="another process is writing to this folder"
        ) as caught:
            StoredExperiment(folder).run(small(home, "replicates=4"), ONE)
    finally:
        finish.set()
        thread.join()
    assert "what is stored is safe; wait until it has ended, then" in str(caught.value)
    monkeypatch.undo()
    assert StoredExperiment(folder).status().notes == ()  # nothing half written
    assert StoredExperiment(folder).resume(ONE).complete
    assert_same_tables(folder, made / "a")


def test_two_that_write_at_once_take_no_part_from_one_another(tmp_path):
    from tables import made_up

    threads = [
        threading.Thread(
            target=lambda first=first: [
                store.append(tmp_path, made_up(first + 3 * number)) for number in range(8)
            ]
        )
        for first in (0, 100, 200)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = counting.look(tmp_path, None)
    assert (len(found.ids), found.damages, found.notes) == (3 * 8 * 3, (), ())
    assert len(store.parts(tmp_path)) == 24


def test_the_manifest_says_which_runs_are_meant(made):
    recipe = json.loads((made / "a/manifest.json").read_text())
    assert recipe["format"] == 2
    assert len(recipe["identity"]) == 16
    assert set(recipe["members"]) == {"status_quo", "web_of_support"}
