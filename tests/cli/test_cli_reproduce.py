"""`reformsim reproduce`: what a manifest says is done again, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from commands import SMALL
from tiny import TINY, tiny_file

import reformsim as rs
from reformsim.cli import main
from reformsim.results import manifest as manifests

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "summer_institutes.py"
COMMANDS = {
    "run": ("run", "small-rural", "web_of_support", *SMALL, "-n", "2", "--format", "svg"),
    "compare": (
        *("compare", "--district", "small-rural", *SMALL, "-n", "2"),
        *("-s", "web_of_support", "-c", "stable", "-c", "severe-recession"),
    ),
    "whatif": (
        *("whatif", "small-rural", *SMALL, "-n", "2", "-s", "web_of_support"),
        *("--with", "superintendent_departure@3", "--without", "pipeline"),
    ),
    "contrast": (
        *("contrast", "--district", "small-rural", "--years", "2", "--warm-up", "1", "-n", "2"),
        *("--month", "3", "-s", "web_of_support", "--format", "svg"),
    ),
    "compare-with-a-posterior": (
        *("compare", "--district", "small-rural", *SMALL, "-n", "3", "-s", "web_of_support"),
        *("-c", "stable", "--parameter-uncertainty", "published-patterns"),
    ),
    "compare-for-the-same-money": (
        *("compare", "--district", "small-rural", *SMALL, "-n", "2", "-s", "web_of_support"),
        *("-c", "stable", "--equal-cost", "25"),
    ),
    "whatif-with-a-posterior": (
        *("whatif", "small-rural", *SMALL, "-n", "3", "-s", "web_of_support"),
        *("--without", "pipeline", "--parameter-uncertainty", "published-patterns"),
    ),
    "compare-with-and-without": (
        *("compare", "--district", "small-rural", *SMALL, "-n", "2", "-s", "web_of_support"),
        *("-c", "stable", "--mechanisms", str(EXAMPLE), "--with-and-without"),
    ),
}

HOSTILE = {"../../outside.csv": "0" * 64, "/outside.csv": "0" * 64}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with what each command writes."""
    place = tmp_path_factory.mktemp("made")
    for name, words in COMMANDS.items():
        assert main([*words, "--out", str(place / name), "-q"]) == 0
    path = tiny_file(place, TINY.partition("[uncertainties]")[0])
    options = ["--set", "replicates=2", "--set", "horizon.years=1", "-q", "--no-summary"]
    assert main(["experiment", "run", str(path), "--out", str(place / "experiment"), *options]) == 0
    path.unlink()
    return place


@pytest.fixture
def copy(made, tmp_path):
    """A copy that may be changed, of what one command wrote."""

    def copied(name):
        return shutil.copytree(made / name, tmp_path / f"received-{name}")

    return copied


def changed(folder, **values):
    """Change a command's manifest; return its path."""
    path = folder / "manifest.json"
    data = json.loads(path.read_text())
    for name, value in values.items():
        if isinstance(value, dict) and isinstance(data.get(name), dict):
            data[name] = data[name] | value
        else:
            data[name] = value
    path.write_text(json.dumps(data))
    return path


@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_command_wrote_comes_out_again_to_the_last_byte(invoke, made, tmp_path, name):
    options = ["--mechanisms", EXAMPLE] if "--mechanisms" in COMMANDS[name] else []
    path = made / name / "manifest.json"
    ran = invoke("reproduce", path, "--out", "again", "-q", "--json", *options)
    assert ran.code == 0, ran
    found = json.loads(ran.out)
    assert (found["differences"], found["different"], found["missing"]) == ([], [], [])
    tables = {path.name for path in (made / name).glob("*.csv")}
    figures = {f"figures/{path.name}" for path in (made / name / "figures").iterdir()}
    assert figures
    assert set(found["identical"]) == tables | figures
    for file in found["identical"]:
        assert (tmp_path / "again" / file).read_bytes() == (made / name / file).read_bytes()


@pytest.mark.parametrize(
    "name", ["run", "compare", "whatif", "contrast", "whatif-with-a-posterior"]
)
def test_what_was_reproduced_can_be_reproduced(invoke, made, name):
    first = invoke("reproduce", made / name, "--out", "again", "-q")
    second = invoke("reproduce", "again", "--out", "and-again", "-q", "--json")
    assert (first.code, second.code) == (0, 0), second
    found = json.loads(second.out)
    assert found["command"] == name.partition("-")[0]
    assert (found["different"], found["missing"]) == ([], [])


def test_scenarios_made_in_memory_come_out_again(invoke, tmp_path):
    scenario = rs.load("small-rural", years=1, warm_up=1)
    rs.run(scenario).report(tmp_path / "run")
    strategies = {"mine": {"pipeline": 0.5}}
    rs.compare(scenario, strategies, replicates=2).report(tmp_path / "compare")
    rs.what_if(scenario, added="crisis@3:0.4", replicates=2).report(tmp_path / "whatif")
    mine = rs.load("small-rural", years=2, warm_up=1)
    rs.contrast(mine, strategies, month=3, replicates=2).report(tmp_path / "contrast")
    for name in ("run", "compare", "whatif", "contrast"):
        assert json.loads((tmp_path / name / "manifest.json").read_text())["command"] == ""
        ran = invoke("reproduce", name, "--out", f"{name}-again", "-q", "--json")
        assert ran.code == 0, ran
        found = json.loads(ran.out)
        assert found["command"] == name
        assert (found["different"], found["missing"]) == ([], [])
        assert found["identical"]


def test_an_experiment_comes_out_again_row_by_row(invoke, made):
    ran = invoke("reproduce", made / "experiment", "--out", "again", "-q")
    assert ran.code == 0, ran
    assert "Identical: runs, series, events" in ran.out
    assert "The sources of the model and all versions are the same." in ran.out


def test_the_manifest_alone_is_enough(invoke, made, tmp_path):
    (tmp_path / "alone").mkdir()
    shutil.copy(made / "run/manifest.json", tmp_path / "alone/manifest.json")
    ran = invoke("reproduce", "alone/manifest.json", "--out", "again", "-q", "--json")
    assert ran.code == 0, ran
    assert "series.csv" in json.loads(ran.out)["identical"]


def test_of_an_experiment_there_is_then_nothing_to_compare_with(invoke, made, tmp_path):
    (tmp_path / "alone").mkdir()
    shutil.copy(made / "experiment/manifest.json", tmp_path / "alone/manifest.json")
    ran = invoke("reproduce", "alone", "--out", "again", "-q")
    assert ran.code == 0, ran
    assert "Nothing to compare with: runs, series, events" in ran.out


def test_numbers_that_are_others_are_named_and_the_exit_code_says_so(invoke, copy):
    folder = copy("run")
    changed(folder, sha256={"series.csv": "0" * 64})
    ran = invoke("reproduce", folder, "--out", "again", "-q")
    assert ran.code == 1
    assert "Different: series.csv" in ran.out


def test_other_sources_and_versions_are_told(invoke, copy):
    folder = copy("run")
    changed(folder, source="0" * 16, versions={"numpy": "0.1"})
    ran = invoke("reproduce", folder, "--out", "again", "-q")
    assert ran.code == 0, ran
    assert "the sources of the model are not those of the reformsim" in ran.out
    assert "numpy was 0.1 and is" in ran.out


def test_a_manifest_of_before_there_were_hashes_is_compared_with_what_lies_beside_it(invoke, copy):
    folder = copy("run")
    changed(folder, sha256={}, source="")
    path = folder / "manifest.json"
    data = json.loads(path.read_text())
    del data["sha256"], data["source"]
    path.write_text(json.dumps(data))
    ran = invoke("reproduce", folder, "--out", "again", "-q")
    assert ran.code == 0, ran
    assert "series.csv" in ran.out.partition("Identical")[2]
    assert "does not say with which sources" in ran.out


class TestAManifestOfSomebodyElse:
    """It is data: nothing is written but to --out, nothing is run, and nothing breaks."""

    def test_no_path_in_it_is_written_to(self, invoke, copy, tmp_path):
        folder = copy("run")
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        path = changed(
            folder,
            files=["../../evil.csv", "/evil"],
            sha256=HOSTILE,
            arguments={"out": str(tmp_path / "evil"), "parts": ["../../x"], "format": ["svg"]},
            command="reformsim run --out evil; touch evil",
        )
        before[path] = path.read_bytes()
        ran = invoke("reproduce", folder, "--out", "again", "-q")
        assert ran.code == 0, ran
        assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
        assert {path.name for path in tmp_path.iterdir()} == {"received-run", "again"}

    def test_the_folder_has_to_be_new_or_empty(self, fails, made, tmp_path):
        (tmp_path / "again").mkdir()
        (tmp_path / "again/mine.txt").write_text("mine")
        assert "not empty" in fails("reproduce", made / "run", "--out", "again")
        fails("reproduce", made / "experiment", "--out", "again")
        assert [path.name for path in (tmp_path / "again").iterdir()] == ["mine.txt"]

    @pytest.mark.parametrize("name", ["run", "compare", "experiment"])
    def test_mechanisms_are_not_run_unless_the_user_names_them(self, fails, copy, tmp_path, name):
        folder, marker = copy(name), tmp_path / "marker"
        evil = folder / "evil.py"
        evil.write_text(f"from pathlib import Path\nPath({str(marker)!r}).write_text('ran')\n")
        digest = "a" * 64
        if name == "experiment":
            recipe = manifests.read_manifest(folder)
            recipe["experiment"]["mechanisms"] = {"name": "evil.py", "sha256": digest}
            manifests.write_manifest(folder, recipe)
        else:
            changed(
                folder,
                mechanisms={"file": str(evil), "sha256": digest},
                arguments={"mechanisms": str(evil)},
            )
        said = fails("reproduce", folder, "--out", "again")
        assert "--mechanisms FILE.py" in said
        assert not marker.exists()
        assert not (tmp_path / "again").exists()
        assert "is not the file" in fails(
            "reproduce", folder, "--out", "again", "--mechanisms", EXAMPLE
        )

    @pytest.mark.parametrize(
        "values",
        [
            {"runs": []},
            {"runs": [{"seed": 1, "replicate": 5}]},
            {"runs": [{"seed": 1, "replicate": 0}, {"seed": 2, "replicate": 1}]},
            {"runs": [{"seed": -1, "replicate": 0}]},
            {"runs": "many"},
            {"scenarios": []},
            {"scenarios": [{}]},
            {"scenarios": ["x"]},
            {"scenarios": [{"fingerprint": "x", "district": {"schools": -9}}]},
            {"scenarios": [{"fingerprint": "x", "network_sha256": "../../../etc/passwd"}]},
            {"arguments": {"engine": "nothing"}},
            {"arguments": {"format": ["exe"]}},
            {"arguments": {"command": "rm -rf"}},
            {"arguments": {"command": "calibrate run"}},
            {"arguments": []},
            {"mechanisms": {"file": 5}},
            {"titles": {"a": 5}},
            {"versions": None},
        ],
        ids=str,
    )
    def test_what_makes_no_sense_is_said_and_nothing_is_run(self, fails, copy, tmp_path, values):
        folder = copy("run")
        changed(folder, **values)
        assert "This is a bug" not in fails("reproduce", folder, "--out", "again")
        assert not (tmp_path / "again").exists()

    @pytest.mark.parametrize(
        ("forged", "said"),
        [
            ({"names": ["coefficients.nothing"]}, "unknown parameter coefficients.nothing"),
            ({"names": ["__class__"]}, "unknown parameter __class__"),
            ({"names": ["levers.pipeline"]}, "unknown parameter levers.pipeline"),
            ({"values": [[9e9], [0.2]]}, "no values of coefficients.principal_hazard"),
            ({"values": [[0.2]]}, "a weight and a value"),
            ({"values": [[0.2, 0.2], [0.2, 0.2]]}, "a weight and a value"),
            ({"weights": [0, 0]}, "weights are numbers from 0 up"),
            ({"weights": [-1, 2]}, "weights are numbers from 0 up"),
            ({"sha256": "../../etc/passwd"}, "parameter_uncertainty.sha256"),
            ({"more": 1}, "parameter_uncertainty.more"),
            (
                {"names": ["coefficients.help_rate"] * 2, "values": [[5, 5], [5, 5]]},
                "each parameter once",
            ),
        ],
        ids=str,
    )
    def test_a_posterior_is_judged_as_its_file_would_be(self, fails, copy, tmp_path, forged, said):
        posterior = {
            "file": "theirs.parquet",
            "sha256": "0" * 64,
            "has_checksum": True,
            "names": ["coefficients.principal_hazard"],
            "weights": [1, 1],
            "values": [[0.2], [0.21]],
        }
        folder = copy("compare")
        changed(folder, parameter_uncertainty=posterior | forged)
        assert said in fails("reproduce", folder, "--out", "again")
        assert not (tmp_path / "again").exists()
        folder = copy("experiment")
        recipe = manifests.read_manifest(folder)
        recipe["experiment"]["parameter_uncertainty"] = posterior | forged
        manifests.write_manifest(folder, recipe)
        assert "This is a bug" not in fails("reproduce", folder, "--out", "again")

    def test_a_run_draws_no_parameters(self, fails, made, copy):
        theirs = json.loads((made / "compare-with-a-posterior/manifest.json").read_text())
        folder = copy("run")
        changed(folder, parameter_uncertainty=theirs["parameter_uncertainty"])
        assert "a run draws none" in fails("reproduce", folder, "--out", "again")

    def test_a_scenario_that_was_changed_is_refused(self, fails, copy):
        folder = copy("run")
        data = json.loads((folder / "manifest.json").read_text())
        data["scenarios"][0]["levers"]["pipeline"] = 0.123
        (folder / "manifest.json").write_text(json.dumps(data))
        said = fails("reproduce", folder, "--out", "again")
        assert "is not the scenario that its fingerprint was taken of" in said

    @pytest.mark.parametrize("content", [b"", b"[]", b"[" * 200_000, b"\xff\xfe", b'{"a": NaN}'])
    def test_what_is_no_manifest(self, fails, tmp_path, content):
        (tmp_path / "manifest.json").write_bytes(content)
        fails("reproduce", "manifest.json", "--out", "again")

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
    def test_a_pipe_is_not_waited_for(self, fails, tmp_path):
        os.mkfifo(tmp_path / "manifest.json")
        fails("reproduce", tmp_path, "--out", "again")

    def test_a_link_is_not_followed(self, fails, tmp_path, made):
        (tmp_path / "manifest.json").symlink_to(made / "run/manifest.json")
        fails("reproduce", tmp_path, "--out", "again")

    def test_names_in_it_reach_no_terminal_as_they_are(self, invoke, copy):
        folder = copy("run")
        changed(folder, versions={"numpy": "\x1b]0;owned\x07"}, source="\x1b[31m")
        ran = invoke("reproduce", folder, "--out", "again", "-q")
        assert "\x1b" not in ran.out + ran.err
        assert "\x07" not in ran.out + ran.err


def test_what_is_not_there_is_said_to_be_missing(invoke, tmp_path):
    ran = invoke("reproduce", "nope", "--out", "again")
    assert ran.code == 2
    assert ran.err.strip() == "Error: nope: there is no such file or folder"
