"""`reformsim list`, `show` and `params`: what there is, and what a scenario comes to."""

from __future__ import annotations

import json

import pytest

from reformsim.analysis.catalogue import MEASURES
from reformsim.experiments.builtin import builtin_experiments
from reformsim.record import OUTCOMES
from reformsim.scenario import parameters
from reformsim.scenario.loading import builtin_files, load


class TestList:
    def test_everything_with_title_and_question(self, invoke):
        ran = invoke("list")
        assert ran.code == 0
        for file in builtin_files():
            assert file.name in ran.out

    def test_one_kind(self, invoke):
        ran = invoke("list", "strategy")
        assert "web_of_support" in ran.out
        assert "small-rural" not in ran.out
        assert "support-by-turnover" not in ran.out

    def test_experiments(self, invoke):
        ran = invoke("list", "experiment")
        assert "support-by-turnover" in ran.out
        assert "small-rural" not in ran.out

    def test_json(self, invoke):
        found = json.loads(invoke("list", "--json").out)
        files = [*builtin_files(), *builtin_experiments()]
        assert {(one["kind"], one["name"]) for one in found} == {(f.kind, f.name) for f in files}
        assert all(one["title"] and one["question"] for one in found)

    def test_measures_with_unit_meaning_direction_and_when_undefined(self, invoke):
        measures = {
            row["name"]: row for row in json.loads(invoke("list", "measures", "--json").out)
        }
        assert list(measures) == [measure.name for measure in MEASURES]
        retention = measures["retention_24"]
        assert retention["unit"] == "share of the gain"
        assert retention["direction"] == "more is better"
        assert "there is no disruption" in retention["undefined"]
        assert measures["principal_turnover"]["direction"] == "less is better"
        assert measures["took_hold"]["undefined"] == ""
        printed = invoke("list", "measures").out
        assert all(measure.name in printed for measure in MEASURES)

    def test_series(self, invoke):
        series = json.loads(invoke("list", "series", "--json").out)
        assert [row["name"] for row in series] == [outcome.name for outcome in OUTCOMES]
        assert "revenue_index" in invoke("list", "series").out

    def test_unknown_kind(self, fails):
        assert "strategy" in fails("list", "strategies")


class TestParams:
    def test_every_parameter(self, invoke):
        ran = invoke("params")
        assert ran.code == 0
        for parameter in parameters():
            assert parameter.key in ran.out

    def test_pattern_and_kind(self, invoke):
        ran = invoke("params", "SPAN", "--kind", "lever")
        assert "levers.span_of_control" in ran.out
        assert "coefficients." not in ran.out

    def test_json_holds_the_whole_declaration(self, invoke):
        found = {one["key"]: one for one in json.loads(invoke("params", "--json").out)}
        assert len(found) == len(list(parameters()))
        for parameter in parameters():
            one = found[parameter.key]
            assert one["default"] == parameter.default
            assert one["unit"] == parameter.unit
            assert tuple(one["bounds"]) == parameter.bounds
            assert one["source"] == parameter.source

    def test_schema(self, invoke):
        schema = json.loads(invoke("params", "--schema").out)
        assert "levers" in schema["properties"]

    def test_markdown_is_a_page_of_tables(self, invoke):
        page = invoke("params", "--markdown").out
        assert page.startswith("# Parameters")
        rows = [line for line in page.splitlines() if line.startswith("| `")]
        assert len(rows) == len(list(parameters()))
        assert all(row.replace("\\|", "").count("|") == 8 for row in rows)

    def test_a_kind_that_does_not_exist(self, fails):
        assert fails("params", "--kind", "levers") == (
            'Error: --kind: is none of the choices; found "levers"; allowed: lever, condition,'
            " coefficient (did you mean 'lever'?)\n"
        )
        assert "(did you mean 'district'?)" in fails("list", "districts")

    def test_a_pattern_that_finds_nothing(self, fails):
        assert "span_of_control" in fails("params", "spam_of_control")

    def test_formats_are_mutually_exclusive(self, fails):
        assert "mutually exclusive" in fails("params", "--json", "--markdown")


class TestShow:
    def test_each_value_with_its_origin(self, invoke):
        ran = invoke("show", "small-rural", "web_of_support", "--set", "levers.span_of_control=10")
        assert ran.code == 0
        lines = {line.split()[0]: line for line in ran.out.splitlines() if line.split()}
        assert "--set" in lines["levers.span_of_control"]
        assert "scenarios/districts/small-rural.toml:" in lines["district.schools"]
        assert "scenarios/strategies/web_of_support.toml:" in lines["levers.launch_focus"]
        assert "coefficients.trust_gain" not in ran.out
        load("small-rural", "web_of_support", overrides=["levers.span_of_control=10"])
        assert "--all" in ran.out

    def test_all_shows_every_value(self, invoke):
        out = invoke("show", "--all").out
        for parameter in parameters():
            assert parameter.key in out
        assert "baseline.span_of_control" in out

    def test_events(self, invoke):
        assert "recession" in invoke("show", "severe-recession").out

    def test_ranges_of_events(self, invoke, tmp_path):
        file = tmp_path / "ranges.toml"
        file.write_text(
            'kind = "condition"\ntitle = "Ranges"\n[[events]]\ntype = "principal_departures"\n'
            "month = {low = 24, high = 60}\nprincipals = {low = 1, high = 3}\n"
        )
        out = " ".join(invoke("show", "small-rural", str(file)).out.split())
        assert "24 to 60 principal departures principals 1 to 3, who random" in out

    def test_json(self, invoke):
        found = json.loads(invoke("show", "small-rural", "--years", "3", "--json").out)
        assert found["names"]["district"] == "small-rural"
        assert (
            found["fingerprint"] == load("small-rural", overrides=["horizon.years=3"]).fingerprint
        )
        values = {one["key"]: one for one in found["values"]}
        assert values["horizon.years"] == {
            "key": "horizon.years",
            "value": 3,
            "unit": "years",
            "from": "--years",
        }

    def test_the_plan_as_a_picture_and_as_json(self, invoke, fails, tmp_path):
        text = '[[phases]]\nyear = 3\ntitle = "Coaches"\nteachers_per_coach = 40\n'
        (tmp_path / "mine.toml").write_text(f"{FILE}pipeline = 0.5\n{text}")
        show = ("show", "small-rural", "./mine.toml")
        ran = invoke(*show, "--figure", "plans/plan.svg", "--json")
        assert (tmp_path / "plans" / "plan.svg").read_bytes().startswith(b"<?xml")
        found = json.loads(ran.out)
        assert found["phases"] == [
            {"year": 3, "title": "Coaches", "ends": False, "levers": {"teachers_per_coach": 40.0}}
        ]
        assert len(found["plan"]) == 15
        assert found["plan"][2]["changes"] == {"teachers_per_coach": [150.0, 40.0]}
        assert "exists already" in fails(*show, "--figure", "plans/plan.svg")
        assert (
            "Written: plans/plan.svg" in invoke(*show, "--figure", "plans/plan.svg", "--force").out
        )

    def test_a_picture_of_another_format(self, fails, tmp_path):
        error = fails("show", "small-rural", "--figure", "plan.gif")
        assert "--figure: unknown format; found plan.gif; allowed: a name ending in .png" in error
        assert not list(tmp_path.iterdir())


FILE = 'kind = "strategy"\ntitle = "Mine"\n[levers]\n'


@pytest.mark.parametrize("command", ["show", "run", "graph"])
class TestWrongScenarios:
    def test_unknown_name(self, fails, command):
        assert "did you mean 'small-rural'" in fails(command, "smal-rural")

    def test_two_districts(self, fails, command):
        error = fails(command, "mid-size", "large-urban")
        assert "mid-size.toml: has no effect, since large-urban takes its place" in error

    def test_out_of_bounds(self, fails, command):
        error = fails(command, "--set", "levers.span_of_control=1000")
        assert error.startswith("Error: --set: levers.span_of_control: out of bounds")
        assert "3 to 60" in error

    @pytest.mark.parametrize("value", ["nan", "inf", '"ten"', "", "[1]"])
    def test_no_number(self, fails, command, value):
        assert "span_of_control" in fails(command, "--set", f"levers.span_of_control={value}")

    def test_unknown_key(self, fails, command):
        error = fails(command, "--set", "levers.span_of_controll=10")
        assert "did you mean 'span_of_control'" in error

    def test_missing_file(self, fails, command):
        assert "nowhere/mine.toml" in fails(command, "nowhere/mine.toml")

    def test_circle(self, fails, tmp_path, command):
        for one, other in (("a", "b"), ("b", "a")):
            text = FILE.replace("[levers]", f'extends = ["./{other}.toml"]\n[levers]')
            (tmp_path / f"{one}.toml").write_text(text)
        assert "circle" in fails(command, tmp_path / "a.toml")

    def test_all_problems_at_once_with_file_and_line(self, fails, tmp_path, command):
        path = tmp_path / "mine.toml"
        path.write_text(FILE + "span_of_control = 1\npipelin = 0.5\n")
        error = fails(command, path, "--set", "levers.pipeline=2")
        assert "3 problems" in error
        assert "mine.toml:4" in error
        assert "mine.toml:5" in error
