"""`reformsim run` and `reformsim graph`: what they print and what they write."""

from __future__ import annotations

import json
import shlex

import networkx as nx
import pandas as pd
import pytest
from commands import SMALL

from reformsim.district.network import generate
from reformsim.engines import simulate
from reformsim.results import series_frame
from reformsim.scenario.loading import load

RUN = ("run", "small-rural", "web_of_support", *SMALL, "--workers", "1")
GRAPH = ("graph", "small-rural", "--set", "horizon.warm_up_years=1")


class TestRun:
    def test_prints_what_became_of_the_district_and_writes_nothing(self, invoke, tmp_path):
        ran = invoke(*RUN)
        assert ran.code == 0
        assert "small-rural · stable · web_of_support" in ran.out
        assert "Leadership that reaches teachers" in ran.out
        assert "--out" in ran.out
        assert list(tmp_path.iterdir()) == []

    def test_replicates_show_their_spread(self, invoke):
        assert "lowest" not in invoke(*RUN).out
        assert "lowest" in invoke(*RUN, "--replicates", "2").out

    def test_quiet_shows_no_progress(self, invoke):
        assert "run" in invoke(*RUN).err
        assert invoke(*RUN, "--quiet").err == ""

    def test_json_is_one_document(self, invoke):
        ran = invoke(*RUN, "--json", "-n", "2", "--seed", "9")
        found = json.loads(ran.out)
        assert found["seed"] == 9
        assert found["replicates"] == 2
        assert found["scenario"]["names"]["strategy"] == "web_of_support"
        outcomes = {one["outcome"]: one for one in found["outcomes"]}
        assert outcomes["leadership"]["low"] <= outcomes["leadership"]["end"]

    def test_files_hold_the_runs(self, invoke, tmp_path):
        ran = invoke(*RUN, "--out", "out", "-n", "2", "--set", "levers.pipeline=0.4")
        assert ran.code == 0, ran
        out = tmp_path / "out"
        changes = ["levers.pipeline=0.4", "horizon.years=1", "horizon.warm_up_years=1"]
        scenario = load("small-rural", "web_of_support", overrides=changes)
        expected = series_frame([simulate(scenario, 1, replicate) for replicate in (0, 1)])
        pd.testing.assert_frame_equal(pd.read_csv(out / "series.csv"), expected, check_dtype=False)
        for name in ("events.csv", "costs.csv"):
            assert "replicate" in (out / name).read_text().splitlines()[0]
        figures = list((out / "figures").iterdir())
        assert figures
        assert all(one.read_bytes().startswith(b"\x89PNG") for one in figures)

        manifest = json.loads((out / "manifest.json").read_text())
        (described,) = manifest["scenarios"]
        assert described["fingerprint"] == scenario.fingerprint
        assert manifest["arguments"]["set"] == changes
        assert manifest["runs"] == [{"seed": 1, "replicate": 0}, {"seed": 1, "replicate": 1}]
        assert {"reformsim", "python", "mesa", "numpy"} <= manifest["versions"].keys()
        written = [one.relative_to(out).as_posix() for one in out.rglob("*") if one.is_file()]
        assert manifest["files"] == sorted(written)

    def test_the_same_command_gives_the_same_files(self, invoke, tmp_path):
        for name in ("one", "other"):
            assert invoke(*RUN, "--out", name).code == 0
        for one in (tmp_path / "one").rglob("*"):
            if one.is_file():
                other = tmp_path / "other" / one.relative_to(tmp_path / "one")
                assert one.read_bytes() == other.read_bytes(), one

    def test_unknown_engine(self, fails):
        said = "allowed: compiled, reference (did you mean 'reference'?)"
        for near in ("referense", "mesaa"):
            assert said in fails(*RUN, "--engine", near)

    def test_the_former_name_of_the_reference_engine_is_an_alias(self, invoke, tmp_path):
        for engine in ("mesa", "reference"):
            ran = invoke(*RUN, "--engine", engine, "--json", "--out", engine)
            assert json.loads(ran.out)["engine"] == "reference"
        manifests = [
            (tmp_path / name / "manifest.json").read_text() for name in ("mesa", "reference")
        ]
        assert manifests[0] == manifests[1]
        assert json.loads(manifests[0])["arguments"]["engine"] == "reference"

    def test_a_run_that_fails_is_named(self, invoke, monkeypatch):
        def explode(*_arguments, **_options):
            raise ZeroDivisionError("in the engine")

        monkeypatch.setattr("reformsim.engines.simulate", explode)
        ran = invoke(*RUN, "--seed", "3")
        assert ran.code == 1
        assert "small-rural / stable / web_of_support, seed 3, replicate 0" in ran.err
        assert "ZeroDivisionError: in the engine" in ran.err
        assert "Traceback" not in ran.err

    def test_a_network_survey_that_does_not_fit(self, fails, tmp_path):
        survey = tmp_path / "ties.csv"
        survey.write_text("source,target,kind\nteacher-0-0,teacher-99-0,advice\n")
        error = fails(*RUN, "--set", f'district.network="{survey}"')
        assert "ties.csv:2" in error
        assert "teacher-99-0" in error

    def test_figures_are_written_in_the_formats_asked_for_and_no_other(self, invoke, tmp_path):
        formats = ("--format", "pdf", "--format", "svg")
        for out in ("a", "b"):
            assert invoke(*RUN, "--out", out, *formats).code == 0
        figures = {path.name: path.read_bytes() for path in (tmp_path / "a/figures").iterdir()}
        assert {name.partition(".")[2] for name in figures} == {"svg", "pdf"}
        assert {name: (tmp_path / "b/figures" / name).read_bytes() for name in figures} == figures
        manifest = json.loads((tmp_path / "a/manifest.json").read_text())
        assert manifest["arguments"]["format"] == ["svg", "pdf"]
        assert manifest["command"].endswith("--format svg --format pdf")

    def test_an_unknown_format_is_refused_before_anything_is_run(self, fails, tmp_path):
        assert "allowed: png, svg, pdf" in fails(*RUN, "--out", "out", "--format", "gif")
        assert not (tmp_path / "out").exists()


class TestGraph:
    @pytest.mark.parametrize(("name", "begins"), [("a.svg", b"<?xml"), ("a.PDF", b"%PDF")])
    def test_other_formats_by_the_name(self, invoke, tmp_path, name, begins):
        assert invoke(*GRAPH, "--out", name).code == 0
        assert (tmp_path / name).read_bytes().startswith(begins)

    def test_a_picture_and_counts(self, invoke, tmp_path):
        ran = invoke(*GRAPH)
        assert ran.code == 0, ran
        assert (tmp_path / "support-graph.png").read_bytes().startswith(b"\x89PNG")
        assert "partnership" in ran.out
        assert "140" in ran.out

    def test_a_saved_graph_reads_back(self, invoke, tmp_path):
        arguments = ("--save", "ties.graphml", "--json", "--seed", "5", "--at-month=-12")
        (found,) = json.loads(invoke(*GRAPH, *arguments).out)["months"]
        expected = generate(load("small-rural", overrides=["horizon.warm_up_years=1"]), 5, 0)
        graph = nx.read_graphml(tmp_path / "ties.graphml")
        assert set(graph) == set(expected)
        assert graph.number_of_edges() == expected.number_of_edges()
        assert sum(found["ties"].values()) == expected.number_of_edges()
        assert found["people"]["principal"] == 6

    def test_a_later_month_has_other_ties(self, invoke):
        arguments = ("graph", "small-rural", "web_of_support", "--set", "horizon.warm_up_years=1")
        start, later = (
            json.loads(invoke(*arguments, "--json", *more).out)["months"][0]
            for more in ((), ("--at-month", "14", "--force"))
        )
        assert (start["month"], later["month"]) == (0, 14)
        assert "cohort" not in start["ties"]
        assert later["ties"]["cohort"] > 0

    def test_several_months_in_one_table_and_a_graph_each(self, invoke, tmp_path):
        files = [
            word for suffix in ("csv", "parquet", "graphml") for word in ("--save", f"t.{suffix}")
        ]
        ran = invoke(*GRAPH, "--at-month", "12,-12, 0", *files)
        assert ran.code == 0, ran
        table = pd.read_csv(tmp_path / "t.csv")
        assert list(table.columns) == ["month", "source", "target", "kind", "trust", "depth"]
        assert table["month"].unique().tolist() == [-12, 0, 12]
        pd.testing.assert_frame_equal(
            table, pd.read_parquet(tmp_path / "t.parquet"), check_dtype=False
        )
        for month in (-12, 0, 12):
            graph = nx.read_graphml(tmp_path / f"t-month{month}.graphml")
            rows = table[table["month"] == month].set_index(["source", "target", "kind"])
            assert len(rows) == graph.number_of_edges()
            for giver, asker, data in graph.edges(data=True):
                if data["kind"] == "advice":
                    assert data["depth"] == rows.loc[(giver, asker, "advice"), "depth"]
            assert "person" in graph.nodes["teacher-0-0"]
        assert (tmp_path / "support-graph.png").read_bytes().startswith(b"\x89PNG")
        assert "transitivity" in ran.out

    def test_the_ties_of_one_month_are_a_network_file(self, invoke, tmp_path):
        assert invoke(*GRAPH, "--at-month", "12", "--save", "t.csv").code == 0
        text = 'kind = "district"\ntitle = "Ours"\nextends = ["small-rural"]\n[district]\nnetwork = "t.csv"\n'
        (tmp_path / "own.toml").write_text(text)
        first = ("--set", "horizon.warm_up_years=1", "--at-month=-12", "--json", "--force")
        loaded = json.loads(invoke("graph", "own.toml", "--save", "u.csv", *first).out)["months"][0]
        kept, saved = (
            pd.read_csv(tmp_path / name).query("kind == 'advice'") for name in ("u.csv", "t.csv")
        )
        assert loaded["ties"]["advice"] == len(saved)
        columns = ["source", "target", "depth"]
        one, other = (
            table[columns].sort_values(columns).reset_index(drop=True) for table in (kept, saved)
        )
        pd.testing.assert_frame_equal(one, other)

    def test_nothing_is_overwritten(self, invoke, fails, tmp_path):
        picture = tmp_path / "support-graph.png"
        picture.write_text("mine")
        assert "--force" in fails(*GRAPH)
        assert picture.read_text() == "mine"
        assert invoke(*GRAPH, "--force").code == 0
        assert picture.read_bytes().startswith(b"\x89PNG")

    def test_everything_wrong_is_said_at_once(self, fails, tmp_path):
        months = ("--at-month", "0,999,x,0,0")
        saved = ("--save", "b.txt", "--save", "c.csv", "--save", "c.csv")
        error = fails(*GRAPH, *months, "--out", "a.gif", *saved)
        assert "6 problems" in error
        assert "--at-month: out of bounds; found 999; allowed: -12 to 180" in error.replace(
            "a whole number from ", ""
        )
        assert '--at-month: must be a whole number; found "x"' in error
        assert "--at-month: the same month twice; found 0" in error
        assert "--save: unknown format; found b.txt" in error
        assert "--save: the same file twice; found c.csv" in error
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("month", ["-13", "181"])
def test_months_outside_of_the_run(fails, month):
    assert "--at-month" in fails(*GRAPH, "--at-month", month)


def test_the_command_of_a_manifest_repeats_it(invoke, tmp_path):
    assert invoke(*RUN, "--out", "one", "--set", "levers.pipeline=0.4").code == 0
    text = (tmp_path / "one" / "manifest.json").read_text()
    program, *words = shlex.split(json.loads(text)["command"])
    assert program == "reformsim"
    assert invoke(*words, "--workers", "1", "--out", "other").code == 0
    assert (tmp_path / "other" / "series.csv").read_bytes() == (
        tmp_path / "one" / "series.csv"
    ).read_bytes()
