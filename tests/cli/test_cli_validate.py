"""`reformsim validate`: exit codes, what it prints and writes, and what it refuses."""

from __future__ import annotations

import json
import math

import pytest

import reformsim.validation
from reformsim.validation import NUMBERS, ROWS, Finding


@pytest.fixture
def verdict(monkeypatch):
    """Let the statistics of some rows fail without running anything."""
    asked: dict = {}

    def choose(*failing):
        def validate(places, rows, seed, workers, on_progress):
            asked.update(places=places, rows=[row.number for row in rows], seed=seed)
            return [
                Finding(row, one, math.nan, math.nan, math.nan, 0, False, "too few units: 0")
                if row.number in failing
                else Finding(row, one, 0.5, 0.4, 0.6, 20, True)
                for row in rows
                for measurement in row.measurements
                for one in measurement.statistics
            ]

        monkeypatch.setattr(reformsim.validation, "validate", validate)
        return asked

    return choose


class TestExitCode:
    def test_all_pass(self, invoke, verdict):
        verdict()
        assert invoke("validate", "--quick", "-q").code == 0

    @pytest.mark.parametrize("number", [row.number for row in ROWS])
    def test_only_base_rates_and_nulls_count(self, invoke, verdict, number):
        verdict(number)
        kind = next(row.kind for row in ROWS if row.number == number)
        assert invoke("validate", "--quick", "-q").code == int("C" in kind or "N" in kind)


class TestOutput:
    def test_every_row_is_shown(self, invoke, verdict):
        verdict(9)
        ran = invoke("validate", "--quick", "-q")
        for row in ROWS:
            assert f"{row.number} {row.kind}" in ran.out
            assert row.measurements[0].statistics[0].name in ran.out
        assert f"{len(ROWS) - 1} of {len(ROWS)} rows pass" in ran.out
        assert "too few units" in ran.out
        assert "none is fully out of sample" in ran.out

    def test_only(self, invoke, verdict):
        asked = verdict()
        assert invoke("validate", "--only", "13, 5", "--seed", "4", "-q").code == 0
        assert asked["rows"] == [5, 13]
        assert asked["seed"] == 4

    def test_json(self, invoke, verdict):
        verdict(9)
        found = json.loads(invoke("validate", "--quick", "--json", "-q").out)
        assert {one["row"] for one in found} == set(NUMBERS)
        nine = next(one for one in found if one["row"] == 9)
        assert nine["value"] is None
        assert nine["passed"] is False
        assert nine["band"] == [-0.06, -0.01]
        assert next(one for one in found if one["row"] == 11)["band"] == [1.2, None]

    def test_pages(self, invoke, verdict, tmp_path):
        verdict(9)
        ran = invoke("validate", "--quick", "--out", tmp_path / "out", "-q")
        assert ran.code == 0
        for name in ("validation.md", "validation.html"):
            text = (tmp_path / "out" / name).read_text(encoding="utf-8")
            assert "reformsim validate --quick" in text

    def test_a_folder_in_use_is_refused_before_anything_runs(self, fails, verdict, tmp_path):
        asked = verdict()
        (tmp_path / "kept").write_text("mine")
        assert "not empty" in fails("validate", "--out", tmp_path)
        assert asked == {}

    def test_ones_own_district_and_values(self, invoke, verdict):
        asked = verdict()
        invoke("validate", "small-rural", "--set", "coefficients.relief=0.1", "-q")
        places = asked["places"]
        assert places.own
        assert places.ordinary.district.schools == 6
        assert places.ordinary.coefficients.relief == 0.1
        assert {one.names.district for one in places.mixed} == {"small-rural"}


class TestRefusals:
    def test_every_unknown_row_at_once(self, fails):
        said = fails("validate", "--only", "4,5,ten")
        assert "'4'" in said
        assert "'ten'" in said
        assert "32, 33" in said

    def test_no_row_at_all(self, fails):
        assert "--only" in fails("validate", "--only", ",")

    def test_a_strategy(self, fails):
        assert "no strategy" in fails("validate", "small-rural", "web_of_support")
