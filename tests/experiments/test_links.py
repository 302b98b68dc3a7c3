"""A folder that somebody sent leads nowhere: what is outside is not read, changed or deleted."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tiny import tables_of

from reformsim.cli import main
from reformsim.errors import OutputError, ReformsimError
from reformsim.experiments.experiment import Options, StoredExperiment
from reformsim.experiments.loading import load_experiment
from reformsim.experiments.summary import summarise
from reformsim.report.summary import write_summary
from reformsim.results import durable, lock, manifest, store
from reformsim.results.store import SUMMARY_LIST as LIST

ONE = Options(workers=1)
SMALL = """
title = "Small"
districts = ["small-rural"]
strategies = ["status_quo", "web_of_support"]
replicates = 2
[horizon]
years = 1
warm_up_years = 1
"""
SECRET = "nobody's business"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An experiment with its summary."""
    home = tmp_path_factory.mktemp("made")
    (home / "small.toml").write_text(SMALL)
    StoredExperiment(home / "out").run(load_experiment(home / "small.toml"), ONE)
    write_summary(summarise(home / "out"), home / "out")
    return home / "out"


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made, tmp_path / "received")


@pytest.fixture
def victims(tmp_path):
    """What is somebody's own."""
    place = tmp_path / "own"
    (place / "pictures").mkdir(parents=True)
    (place / "keys").write_text(SECRET)
    (place / "pictures/cat.png").write_bytes(b"a cat")
    (place / "pictures/.000001.parquet.1.part").write_bytes(b"a cat")
    (place / "pictures/000009.parquet").write_bytes(b"a cat")
    return place


def contents(place):
    return {
        str(path.relative_to(place)): path.read_bytes() if path.is_file() else None
        for path in sorted(place.rglob("*"))
    }


def everything(folder, tmp_path):
    """Do all that can be done with a folder; return the exit codes."""
    run = "0" * 16
    (tmp_path / "small.toml").write_text(SMALL)
    return [
        main(["experiment", *arguments])
        for arguments in (
            ("status", str(folder)),
            ("summary", str(folder)),
            ("rerun", str(folder), run),
            ("extend", str(folder), "-n", "3", "--quiet"),
            ("resume", str(folder), "--retry-failed", "--quiet"),
            ("run", str(tmp_path / "small.toml"), "--out", str(folder), "--quiet"),
        )
    ] + [main(["query", str(folder), "SELECT count(*) FROM runs"])]


def replaced(path, target):
    """Put a link in the place of a file or folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    path.symlink_to(target)


LINKS = {
    "lock": "keys",
    "lock.held": "keys",
    "manifest.json": "keys",
    "dictionary.csv": "keys",
    "summary": "pictures",
    "summary.sha256": "keys",
    "runs": "pictures",
    "series": "pictures",
    "events": "pictures",
    "agents": "pictures",
    "checksums": "pictures",
    "damaged": "pictures",
    "reruns": "pictures",
    "inputs": "pictures",
    "runs/000001.parquet": "keys",
    "series/000001.parquet": "keys",
    "checksums/000001.sha256": "keys",
    "checksums/000002.sha256": "keys",
}


@pytest.mark.parametrize("name", LINKS)
@pytest.mark.parametrize("there", [True, False], ids=["a link", "a dangling link"])
def test_what_a_link_leads_to_is_left_alone(folder, victims, tmp_path, capsys, name, there):
    target = victims / LINKS[name]
    replaced(folder / name, target if there else victims / "nothing")
    before, links = contents(victims), (folder / name).readlink()
    codes = everything(folder, tmp_path)
    printed = capsys.readouterr()
    assert contents(victims) == before
    assert (folder / name).readlink() == links
    assert set(codes) == {2}, codes
    assert SECRET not in printed.out + printed.err
    assert "is a link, and nothing in this folder is reached through one" in printed.err
    assert "This is a bug" not in printed.err


def test_a_folder_linked_by_git_annex_is_told_what_to_do(folder, tmp_path, capsys):
    store_of_annex = tmp_path / "annex"
    shutil.move(folder / "runs/000001.parquet", store_of_annex)
    (folder / "runs/000001.parquet").symlink_to(store_of_annex)
    assert main(["experiment", "status", str(folder)]) == 2
    assert "'git annex get', then 'git annex unlock'" in capsys.readouterr().err


def test_the_folder_itself_may_be_a_link(folder, made, tmp_path):
    (tmp_path / "short").symlink_to(folder)
    found = StoredExperiment(tmp_path / "short").extend(ONE, replicates=3)
    assert found.complete
    assert len(tables_of(tmp_path / "short")["runs"]) == 6


def test_a_file_of_many_names_is_not_emptied(folder, victims):
    (folder / "lock").unlink()
    os.link(victims / "keys", folder / "lock")
    with pytest.raises(OutputError, match="another name elsewhere, a hard link; delete this one"):
        StoredExperiment(folder).resume(ONE)
    assert (victims / "keys").read_text() == SECRET
    (folder / "lock").unlink()
    os.link(victims / "keys", folder / "summary/effects.csv.new")
    (folder / "summary/effects.csv").unlink()
    os.link(victims / "keys", folder / "summary/effects.csv")
    write_summary(summarise(folder), folder)  # a new file takes the name
    assert (victims / "keys").read_text() == SECRET


@pytest.mark.parametrize("kind", ["fifo", "folder"])
def test_a_lock_that_is_no_file_does_not_hang(folder, kind):
    (folder / "lock").unlink()
    (os.mkfifo if kind == "fifo" else os.mkdir)(folder / "lock")
    with pytest.raises(OutputError, match=r"lock: cannot be written: (it )?is (not )?a"):
        StoredExperiment(folder).resume(ONE)


@pytest.mark.parametrize(
    "name", ["manifest.json", "checksums/000001.sha256", "runs/000001.parquet"]
)
def test_a_pipe_in_the_place_of_a_file_does_not_hang(folder, tmp_path, name):
    (folder / name).unlink()
    os.mkfifo(folder / name)
    assert main(["experiment", "status", str(folder)]) in {0, 2}
    assert main(["query", str(folder), "SELECT 1"]) == 2


def test_an_unfinished_file_that_is_a_link_is_not_written_through(monkeypatch, folder, victims):
    monkeypatch.setattr("secrets.token_hex", lambda _: "0" * 8)
    for name in ("manifest.json", "summary/summary.md", "runs/000002.parquet"):
        path = folder / name
        temporary = path.with_name(f".{path.name}.{os.getpid()}-00000000.part")
        temporary.symlink_to(victims / "keys")
        with pytest.raises(OutputError):
            durable.write_whole(path, b"mine", folder)
        assert (victims / "keys").read_text() == SECRET


def test_only_own_unfinished_files_are_deleted(folder, victims):
    ours = [".manifest.json.7.part", "runs/.000002.parquet.7-0123abcd.part"]
    others = [".film.mkv.part", "runs/.film.7.part", "film.part", "checksums/.000001.sha256.part"]
    for name in (*ours, *others):
        (folder / name).write_bytes(b"x")
    (folder / "runs/.000003.parquet.8.part").symlink_to(victims / "keys")
    (folder / "runs/.000004.parquet.8.part").mkdir()
    with pytest.raises(ReformsimError, match="is a link"):
        StoredExperiment(folder).resume(ONE)
    (folder / "runs/.000003.parquet.8.part").unlink()
    StoredExperiment(folder).resume(ONE)
    assert not any((folder / name).exists() for name in ours)
    assert all((folder / name).exists() for name in others)


# --- what a summary deletes


def listed(folder, files):
    lines = [f"{digest}  summary/{name}\n" for name, digest in files.items()]
    (folder / LIST).write_text("".join(lines))


def digest(path):
    return durable.sha256(path)


def test_a_summary_deletes_only_figures_that_it_wrote(folder, victims):
    place = folder / "summary"
    (place / "holiday.png").write_bytes(b"a beach")
    (place / "old.png").write_bytes(b"an old figure")
    (place / "touched.png").write_bytes(b"somebody wrote on it")
    files = {"old.png": digest(place / "old.png"), "touched.png": "0" * 64}
    listed(folder, files)
    write_summary(summarise(folder), folder)
    assert not (place / "old.png").exists()
    assert (place / "touched.png").read_bytes() == b"somebody wrote on it"
    assert (place / "holiday.png").read_bytes() == b"a beach"
    said = subprocess.run(
        ["sha256sum", "--check", LIST], cwd=folder, capture_output=True, check=True
    )
    names = {path.name for path in place.iterdir()} - {"touched.png", "holiday.png"}
    assert said.stdout.count(b": OK") == len(names)


@pytest.mark.parametrize(
    "name",
    [
        "../../own/pictures/cat.png",
        "/own/pictures/cat.png",
        "..\\..\\cat.png",
        "link.png",
        "c:cat.png",
    ],
)
def test_a_list_names_nothing_outside(folder, victims, name):
    cat = victims / "pictures/cat.png"
    (folder / "summary/link.png").symlink_to(cat)
    path = str(cat) if name.startswith("/own") else name
    listed(folder, {path: digest(cat), "summary.md": digest(cat)})
    write_summary(summarise(folder), folder)
    assert cat.read_bytes() == b"a cat"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"x" * 2_000_000, b"summary/cat.png\n"])
def test_a_list_that_is_none_is_passed_over(folder, content):
    (folder / LIST).write_bytes(content)
    write_summary(summarise(folder), folder)
    assert (folder / LIST).read_bytes() != content


def test_checksums_name_nothing_outside(folder, victims):
    (victims / "000007.parquet").write_bytes((folder / "runs/000001.parquet").read_bytes())
    own = digest(victims / "000007.parquet")
    for line in (
        f"{own}  ../own/000007.parquet",
        f"{own}  runs/../../own/000007.parquet",
        f"{own}  {victims}/000007.parquet",
        f"{own}  runs/000001.parquet",  # of another part
    ):
        (folder / "checksums/000002.sha256").write_text(f"{line}\n")
        (part,) = [one for one in store.parts(folder) if one.number == 2]
        assert part.files == {}
        notes = StoredExperiment(folder).status().notes
        assert any("list checksums/000002.sha256 cannot be read" in note for note in notes)
    before = contents(victims)
    assert StoredExperiment(folder).resume(ONE).complete
    assert contents(victims) == before


def test_inputs_are_taken_from_nowhere_else(folder, victims):
    recipe = manifest.read_manifest(folder)
    for entry in recipe["scenarios"]:
        entry["network_sha256"] = "../../own/keys"
        entry["district"]["network"] = str(victims / "keys")
    manifest.write_manifest(folder, recipe)
    with pytest.raises(ReformsimError, match="network_sha256"):
        StoredExperiment(folder).resume(ONE)


def test_a_summary_that_cannot_be_written_says_so(folder, capsys, monkeypatch):
    def refuses(path, mode="r", *arguments, **options):
        if "x" in mode and "summary" in str(path):
            raise PermissionError(13, "Permission denied")
        return real(path, mode, *arguments, **options)

    real = Path.open
    monkeypatch.setattr(Path, "open", refuses)
    assert main(["experiment", "summary", str(folder)]) == 2
    printed = capsys.readouterr().err
    assert "cannot be written: permission denied" in printed
    monkeypatch.undo()
    shutil.rmtree(folder / "summary")
    (folder / "summary").write_text("a file")
    assert main(["experiment", "summary", str(folder)]) == 2


# --- disks without locks


@pytest.mark.parametrize("number", ["ENOSYS", "ENOLCK", "EOPNOTSUPP", "EINVAL"])
def test_a_disk_without_locks_is_written_to_by_one_process(monkeypatch, tmp_path, number):
    import errno
    import fcntl

    def refuses(_file, _how):
        raise OSError(getattr(errno, number), os.strerror(getattr(errno, number)))

    monkeypatch.setattr(fcntl, "flock", refuses)
    with lock.locked(tmp_path):
        assert (tmp_path / lock.HELD).exists()
        with (
            pytest.raises(OutputError) as caught,
            lock.locked(tmp_path),
        ):
            pytest.fail("two at once")
        assert f"process {os.getpid()} on" in str(caught.value)
        assert "this disk keeps no locks (flock), so if it was killed, delete lock.held" in str(
            caught.value
        )
        (tmp_path / lock.HELD).unlink()
        lock.still_locked(tmp_path)
        assert (tmp_path / lock.HELD).exists()
    assert not (tmp_path / lock.HELD).exists()


def test_a_killed_process_blocks_nobody_on_a_disk_without_locks(monkeypatch, tmp_path):
    import errno
    import fcntl
    import platform
    import subprocess
    import sys

    def refuses(_file, _how):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", refuses)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    text = f"process {ended.pid} on {platform.node()}, since 2026-01-01 00:00:00"
    (tmp_path / lock.HELD).write_text(text)
    with lock.locked(tmp_path):
        assert str(os.getpid()) in (tmp_path / lock.HELD).read_text()
    (tmp_path / lock.HELD).write_text(text.replace(platform.node(), "elsewhere"))
    monkeypatch.undo()  # a machine that has locks heeds one that has none
    with pytest.raises(OutputError, match="on elsewhere"), lock.locked(tmp_path):
        pass
    monkeypatch.setattr(fcntl, "flock", refuses)
    with pytest.raises(OutputError, match="on elsewhere"), lock.locked(tmp_path):
        pass  # nobody here can know whether that has ended
