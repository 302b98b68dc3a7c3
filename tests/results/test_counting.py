"""Which runs count: those of the plan, each of them once, whatever is laid into the folder."""

from __future__ import annotations

import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tables import made_up, run_id

from reformsim.errors import ReformsimError
from reformsim.results import counting, manifest, query, store
from reformsim.results.counting import Members, count, look
from reformsim.results.durable import sha256

MEMBERS = Members("a" * 16, {"status_quo": "1", "web": "2"}, replicates=6, seed=1)
OTHER = MEMBERS._replace(identity="b" * 16)


def ids(folder, members=MEMBERS):
    return [f"{one:016x}" for one in count(folder, members).ids.tolist()]


def named(*numbers):
    return sorted(run_id(number) for number in numbers)


@pytest.fixture
def folder(tmp_path):
    """Two parts of an experiment of twelve runs, of which nine are done."""
    for first in (0, 3, 6):
        store.append(tmp_path, made_up(first), MEMBERS.marks)
    recipe = {"identity": MEMBERS.identity, "members": dict(MEMBERS.strategies)}
    manifest.write_manifest(tmp_path, recipe | {"experiment": {"replicates": 6, "seed": 1}})
    return tmp_path


def rows(folder, table="runs"):
    return query.frame(folder, table)


def test_without_anything_odd_everything_counts(folder):
    found = look(folder, MEMBERS)
    assert ids(folder) == named(*range(9))
    assert found[1:] == (0, {}, frozenset(), (), ())
    assert len(rows(folder)) == 9


@pytest.mark.parametrize("whole", [True, False], ids=["all of a part", "some of a part"])
def test_a_run_in_two_parts_counts_once(folder, whole):
    store.append(folder, made_up(3 if whole else 5, 3), MEMBERS.marks)
    found = look(folder, MEMBERS)
    assert ids(folder) == named(*range(9))
    said = "3 rows are of runs that the folder holds already; each run counts once"
    if not whole:  # 5, 6, 7: of two parts
        assert set(found.left_out) == {4}
    assert found.notes == (said,)
    assert rows(folder)["run"].is_unique
    assert rows(folder)["gain"].sum() == sum(one for one in range(9) if one % 5 != 4)
    series = rows(folder, "series")
    assert len(series) == 9 * 4
    assert not series.duplicated(["run", "month"]).any()


def test_one_run_twice_is_said_in_the_singular(folder):
    store.append(folder, made_up(8, 1), MEMBERS.marks)
    assert look(folder, MEMBERS).notes[0].startswith("1 row is of a run that the folder holds")


def test_what_is_not_of_the_plan_does_not_count(folder):
    store.append(folder, made_up(100, 3), OTHER.marks)  # another experiment
    store.append(folder, made_up(9, 6), MEMBERS.marks)  # three of them of later replicates
    store.append(folder, made_up(200, 2), {})  # of nobody knows what
    found = look(folder, MEMBERS)
    assert ids(folder) == named(*range(12))
    assert found.notes == ("8 stored runs are not of this experiment's plan and left out",)
    assert set(rows(folder)["run"]) == set(named(*range(12)))
    assert set(rows(folder, "series")["run"]) == set(named(*range(12)))


def test_another_strategy_of_the_same_name_does_not_count(folder):
    other = MEMBERS._replace(strategies={"status_quo": "1", "web": "3"})
    store.append(folder, made_up(9, 2), other.marks)
    assert ids(folder) == named(*range(9), 10)  # 9 is of the web
    assert set(rows(folder)["run"]) == set(named(*range(9), 10))


def test_the_run_of_another_experiment_does_not_take_the_place_of_ones_own(folder):
    shutil.rmtree(folder / "checksums")
    shutil.rmtree(folder / "runs")
    shutil.rmtree(folder / "series")
    store.append(folder, made_up(0), OTHER.marks)
    store.append(folder, made_up(0), MEMBERS.marks)
    found = look(folder, MEMBERS)
    assert ids(folder) == named(0, 1, 2)
    assert found.damages == ()
    assert found.empty == {1}
    assert len(rows(folder)) == 3


def changed(first, column, value):
    tables = made_up(first)
    runs = tables["runs"]
    place = runs.column_names.index(column)
    tables["runs"] = runs.set_column(place, column, pa.array([value] * len(runs)))
    return tables


def test_the_same_run_with_other_numbers_is_damage_of_both_parts(folder):
    store.append(folder, changed(3, "gain", 0.5), MEMBERS.marks)
    found = look(folder, MEMBERS)
    assert [one.number for one in found.damages] == [2, 4]
    for one, other in zip(found.damages, (4, 2), strict=True):
        assert f"has other numbers than in part {other}" in one.reason
        assert any(name in one.reason for name in named(3, 4, 5))
    assert [f"{one:016x}" for one in found.ids.tolist()] == named(0, 1, 2, 6, 7, 8)
    with pytest.raises(ReformsimError, match="has other numbers than in part"):
        query.query(folder, "SELECT count(*) FROM runs")
    store.set_aside(folder, found.damages)
    assert look(folder, MEMBERS).damages == ()


def test_a_run_that_failed_gives_way_to_one_that_did_not(folder):
    failed = changed(3, "status", "failed")
    shutil.rmtree(folder / "checksums")
    shutil.rmtree(folder / "runs")
    shutil.rmtree(folder / "series")
    for tables in (failed, made_up(3), failed):
        store.append(folder, tables, MEMBERS.marks)
    found = look(folder, MEMBERS)
    assert (len(found.ids), found.failed, found.damages) == (3, 0, ())
    assert set(rows(folder)["status"]) == {"done"}
    (folder / "checksums/000002.sha256").unlink()
    (folder / "runs/000002.parquet").unlink()
    (folder / "series/000002.parquet").unlink()
    found = look(folder, MEMBERS)
    assert (len(found.ids), found.failed) == (3, 3)


def test_without_a_manifest_every_run_counts_once_and_it_is_said(folder):
    (folder / "manifest.json").unlink()
    store.append(folder, made_up(100, 3), OTHER.marks)
    store.append(folder, made_up(100, 3), OTHER.marks)
    assert counting.members_in(folder) is None
    found = look(folder, None)
    assert len(found.ids) == len(rows(folder)) == 12
    assert "each run counts once" in found.notes[0]
    assert "runs of 2 experiments are in this folder, and its manifest" in found.notes[1]


def test_the_tables_that_are_listed_are_those_of_the_experiment(folder):
    store.append(folder, made_up(3), MEMBERS.marks)
    with query.connect(folder) as connection:
        assert connection.sql("SHOW TABLES").fetchall() == [("runs",), ("series",)]
    described = query.query(folder, "DESCRIBE runs")["column_name"]
    assert counting.PART not in set(described)


def test_memory_is_eight_bytes_a_run(folder):
    found = count(folder, MEMBERS)
    assert found.ids.nbytes == 8 * 9
    assert found.ids.dtype == np.uint64
    assert found.left_out == {}


# --- files that are not of this program, and tables that are not as it writes them


@pytest.mark.parametrize(
    "name",
    [
        "checksums/x.sha256",
        "checksums/000001 (1).sha256",
        "checksums/000001.sync-conflict-20260101-120000-ABCDEFG.sha256",
        "checksums/._000001.sha256",
        "checksums/1.sha256",
        "checksums/0000001.sha256",
        "checksums/٠٠٠٠٠١.sha256",
        "runs/000001 (Kopie).parquet",
        "runs/000009.parquet.icloud",
        "checksums/000009.parquet",
        "series/000001.sha256",
    ],
)
def test_what_a_program_that_syncs_leaves_is_ignored_and_said(folder, name):
    shutil.copy(folder / "checksums/000001.sha256", folder / name)
    found = look(folder, MEMBERS)
    assert found.notes == (f"{name} is no file of this program and ignored",)
    assert (len(found.ids), found.damages) == (9, ())
    assert len(rows(folder)) == 9
    store.clean(folder)
    store.set_aside(folder, found.damages)
    assert (folder / name).exists()


def rewritten(folder, table, metadata=None):
    """Put another table in the place of part 2, with the right checksum."""
    path = folder / "runs/000002.parquet"
    if isinstance(table, pa.Table):
        texts = ["strategy", "status"]
        with pq.ParquetWriter(path, table.schema, use_dictionary=texts, store_schema=False) as file:
            file.write_table(table)
            file.add_key_value_metadata(metadata or {})
    else:
        path.write_bytes(table)
    text = (folder / "checksums/000002.sha256").read_text().splitlines()
    lines = [f"{sha256(path)}  runs/000002.parquet" if "runs/" in one else one for one in text]
    (folder / "checksums/000002.sha256").write_text("\n".join([*lines, ""]))


RUNS = made_up(3)["runs"]
ODD = {
    "no column run": (RUNS.drop(["run"]), "has no column run"),
    "no column status": (RUNS.drop(["status"]), "has no column status"),
    "a number for an id": (
        RUNS.set_column(RUNS.column_names.index("run"), "run", pa.array([1, 2, 3])),
        "has no column run",
    ),
    "a text for a seed": (
        RUNS.set_column(RUNS.column_names.index("seed"), "seed", pa.array(["a"] * 3)),
        "has no column seed",
    ),
    "no ids": (
        RUNS.set_column(RUNS.column_names.index("run"), "run", pa.array(["x", "y", "z"])),
        "cannot be understood: its column run holds other things than ids",
    ),
    "half an id": (
        RUNS.set_column(RUNS.column_names.index("run"), "run", pa.array([None, "y", "z"])),
        "cannot be understood: its column run holds",
    ),
    "a long text in every row": (
        RUNS.set_column(
            RUNS.column_names.index("reference"), "reference", pa.array(["x" * 10_000] * 3)
        ),
        "cannot be understood: its column reference holds other things than ids",
    ),
    "ids that are numbers": (
        RUNS.set_column(RUNS.column_names.index("reference"), "reference", pa.array([0.5] * 3)),
        "has no column reference as this program writes it",
    ),
    "a column twice": (
        RUNS.append_column("reference", RUNS["reference"]),
        "has several columns reference",
    ),
    "no Parquet": (b"PAR1 nothing PAR1", "description of itself is damaged"),
    "an empty file": (b"", "it is not a Parquet file"),
}


@pytest.mark.parametrize("what", ODD)
def test_a_table_that_this_program_would_not_write_is_damage(folder, what):
    table, reason = ODD[what]
    rewritten(folder, table)
    (damage,) = look(folder, MEMBERS).damages
    assert damage.number == 2
    assert reason in damage.reason
    assert ids_of_look(folder) == named(0, 1, 2, 6, 7, 8)
    with pytest.raises(ReformsimError, match="a part is damaged"):
        query.query(folder, "SELECT 1 FROM runs")


@pytest.mark.parametrize("what", ODD)
def test_what_is_counted_without_a_look_at_checksums_breaks_on_no_table_either(folder, what):
    rewritten(folder, ODD[what][0])
    assert {f"{one:016x}" for one in count(folder, MEMBERS).ids.tolist()} >= set(
        named(0, 1, 2, 6, 7, 8)
    )


def ids_of_look(folder):
    return [f"{one:016x}" for one in look(folder, MEMBERS).ids.tolist()]


def test_metadata_that_is_no_text_is_no_bug(folder):
    odd = {b"reformsim.source": b"\xff", b"reformsim.experiment": b"\xfe", b"\xfd": b"\xfc"}
    rewritten(folder, RUNS, odd)
    assert len(store.sources(folder)) == 2
    assert ids_of_look(folder) == named(0, 1, 2, 6, 7, 8)
    rewritten(folder, RUNS, MEMBERS.marks | {"reformsim.strategies": "[" * 5000})
    assert ids_of_look(folder) == named(0, 1, 2, 6, 7, 8)


@pytest.mark.parametrize("form", ["3", "x", b"\xff"])
def test_a_part_in_a_newer_format_is_not_guessed_at(folder, form):
    rewritten(folder, RUNS, {"reformsim.format": form})
    (damage,) = look(folder, MEMBERS).damages
    assert "of another version; this one knows 1 to 2" in damage.reason


def test_a_table_that_unpacks_to_more_than_there_is_memory_is_refused(folder):
    rewritten(
        folder,
        pa.table(
            {
                name: pa.array([RUNS[name][0].as_py()] * 1_000_001)
                for name in ("run", "reference", "strategy", "status", "seed", "replicate")
            }
        ),
    )
    (damage,) = look(folder, MEMBERS).damages
    assert "says that it unpacks to more than this program ever writes" in damage.reason
