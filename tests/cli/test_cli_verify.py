"""`reformsim verify`: both engines side by side, in words and as JSON."""

from __future__ import annotations

import json

import pytest
from commands import SMALL

from reformsim.engines.reference import teachers
from reformsim.running import jobs as execution
from reformsim.scenario.loading import builtin_files, every_combination
from reformsim.theory.strain import next_strain

VERIFY = ("verify", "small-rural", "web_of_support", *SMALL)


def kinds(kind):
    return [file.name for file in builtin_files() if file.kind == kind]


@pytest.fixture
def planted(monkeypatch):
    """Let the reference engine be wrong in one equation."""
    right = next_strain
    monkeypatch.setattr(teachers, "next_strain", lambda *given: 0.5 * right(*given))


class TestAgreement:
    def test_one_line_and_success(self, invoke):
        ran = invoke(*VERIFY)
        assert ran.code == 0, ran
        (line,) = ran.out.splitlines()
        head, _, said = line.partition(": ")
        assert head == "small-rural · stable · web_of_support"
        assert said.startswith("identical: 24 months, ")
        assert said.endswith(" values compared")
        assert "1 run to do" in ran.err

    def test_without_parts_it_verifies_a_small_district(self, invoke):
        assert invoke("verify", *SMALL).out == invoke(*VERIFY).out

    def test_quiet_shows_no_progress(self, invoke):
        assert invoke(*VERIFY, "--quiet").err == ""

    def test_json_is_one_document(self, invoke):
        found = json.loads(invoke(*VERIFY, "--json", "--seed", "9", "--replicate", "2").out)
        assert found["identical"] is True
        assert (found["seed"], found["replicate"]) == (9, 2)
        (one,) = found["scenarios"]
        assert one["scenario"]["names"]["strategy"] == "web_of_support"
        assert one["difference"] is None
        assert one["months"] == 24
        assert one["values"] > 24 * 140

    def test_overrides_are_used(self, invoke):
        ran = invoke(*VERIFY, "--set", "district.teachers=6", "--json", "-q")
        assert json.loads(ran.out)["scenarios"][0]["values"] < 24 * 140 * 8

    @pytest.mark.slow
    def test_all_takes_every_condition_and_strategy(self, invoke):
        chosen = ("--district", "small-rural", *SMALL, "--set", "district.teachers=6")
        ran = invoke("verify", "--all", *chosen)
        assert ran.code == 0, ran
        lines = ran.out.splitlines()
        pairs = [(c, s) for c in kinds("condition") for s in kinds("strategy")]
        heads = [line.partition(": ")[0] for line in lines[: len(pairs)]]
        assert heads == [f"small-rural · {c} · {s}" for c, s in pairs]
        (row,) = [line.split() for line in lines if line.startswith("small-rural  ")]
        assert row[:3] == ["small-rural", f"{len(pairs):,}", f"{24 * len(pairs):,}"]
        assert row[-1] == "0"
        assert lines[-1].startswith("All are identical")

    def test_all_takes_every_district(self):
        found = every_combination()
        assert {one[0] for one in found} == set(kinds("district"))
        assert len(found) == len(kinds("district")) * len(every_combination(districts=["mid-size"]))
        assert every_combination(["mid-size"]) == every_combination(districts=["mid-size"])


def wrong_worker(number, job, work):
    """Do a job as a worker process does, with one wrong equation if the strategy is the web."""
    right = next_strain
    if job.scenario.names.strategy == "web_of_support":
        vars(teachers)["next_strain"] = lambda *given: 0.5 * right(*given)
    try:
        return in_worker(number, job, work)
    finally:
        vars(teachers)["next_strain"] = right


in_worker = execution._in_process


@pytest.mark.slow
class TestWorkers:
    CHOSEN = ("--all", *SMALL, "--set", "district.teachers=6")

    @pytest.fixture(autouse=True)
    def few(self, monkeypatch):
        """Let all be three strategies."""
        strategies = ("status_quo", "web_of_support", "heroic_superintendent")
        every = [["small-rural", strategy] for strategy in strategies]
        monkeypatch.setattr("reformsim.scenario.loading.every_combination", lambda *_: every)

    def test_results_and_messages_do_not_depend_on_them(self, invoke):
        alone, together = (invoke("verify", *self.CHOSEN, "--workers", n) for n in "12")
        assert alone.code == 0, alone
        assert (together.code, together.out) == (alone.code, alone.out)
        assert "done in" in together.err

    def test_the_first_difference_is_named(self, invoke, monkeypatch):
        monkeypatch.setattr(execution, "_in_process", wrong_worker)
        ran = invoke("verify", *self.CHOSEN, "--workers", "2")
        assert ran.code == 1
        before, web, after, *_, last = ran.out.splitlines()
        said = "different: month -12, stage strain, teacher-0-0, teacher.strain: reference 0."
        assert said in web
        assert "identical: 24 months" in before
        assert "identical: 24 months" in after
        assert last.startswith("1 of 3 differ: ")


@pytest.mark.usefixtures("planted")
class TestDisagreement:
    def test_is_said_and_the_exit_code_is_1(self, invoke):
        ran = invoke(*VERIFY)
        assert ran.code == 1
        said = "different: month -12, stage strain, teacher-0-0, teacher.strain: reference 0."
        assert said in ran.out
        assert "compiled 0." in ran.out
        assert "Traceback" not in ran.err

    def test_json_holds_it(self, invoke):
        ran = invoke(*VERIFY, "--json")
        assert ran.code == 1
        found = json.loads(ran.out)
        assert found["identical"] is False
        difference = found["scenarios"][0]["difference"]
        assert difference["month"] == -12
        assert difference["stage"] == "strain"
        assert difference["agent"] == "teacher-0-0"
        assert difference["variable"] == "teacher.strain"
        assert difference["reference"] < difference["compiled"]


class TestMistakes:
    def test_unknown_scenario(self, fails):
        assert "web_of_supprt" in fails("verify", "web_of_supprt")

    def test_wrong_override(self, fails):
        assert "levers.pipelin" in fails(*VERIFY, "--set", "levers.pipelin=1")

    def test_a_district_without_all(self, fails):
        assert "--all" in fails("verify", "--district", "small-rural")
