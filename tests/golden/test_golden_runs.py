"""Whole runs give what they gave: a slip in both engines alike is noticed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import golden
import pytest
from golden import changes, golden_runs, numbers, written

from reformsim.engines.reference import DistrictModel
from reformsim.mechanisms import load_mechanisms
from reformsim.mechanisms.loading import replaceable
from reformsim.mechanisms.rebinding import rebound

if TYPE_CHECKING:
    from types import FunctionType

RENEW = "if the model was changed on purpose, 'make golden' writes the new numbers down"
CASES = [(name, engine) for name, run in golden_runs().items() for engine in run.engines]


def test_what_is_written_down_is_what_is_run() -> None:
    assert list(written()) == list(golden_runs()), RENEW


@pytest.mark.parametrize(("name", "engine"), CASES)
def test_a_run_gives_what_it_gave(name: str, engine: str) -> None:
    assert changes(written()[name], numbers(golden_runs()[name], engine)) == [], RENEW


@pytest.mark.slow
def test_own_mechanisms_give_the_same_in_the_compiled_engine() -> None:
    name = "short: own mechanisms"
    assert changes(written()[name], numbers(golden_runs()[name], "compiled")) == [], RENEW


SLIP = """
from reformsim.mechanisms import replaces
from reformsim.theory.{module} import {name}

@replaces({name})
def slip({arguments}):
    return {name}({arguments}) * 1.0000001
"""


def slip(path: Path, name: str) -> Any:
    """Return mechanisms in which an equation is off by a ten-millionth, in both engines."""
    equation = replaceable()[name]
    arguments = ", ".join(equation.__code__.co_varnames[: equation.__code__.co_argcount])
    module = equation.__module__.rpartition(".")[2]
    path.write_text(SLIP.format(module=module, name=name, arguments=arguments))
    return load_mechanisms(path)


@pytest.mark.parametrize(
    ("name", "engine"),
    [
        ("next_trust", "reference"),
        ("school_leadership", "reference"),
        ("next_reserves", "reference"),
        pytest.param("next_trust", "compiled", marks=pytest.mark.slow),
    ],
)
def test_a_slip_in_both_engines_is_noticed(tmp_path: Path, name: str, engine: str) -> None:
    run = "short: everything happens"
    found = numbers(golden_runs()[run], engine, slip(tmp_path / "slip.py", name))
    assert "digest" in " ".join(changes(written()[run], found))


def test_every_equation_is_at_work_in_the_runs_of_both_engines() -> None:
    called: set[str] = set()
    equations = {equation: name for name, equation in replaceable().items()}

    def remake(original: Any, copy: FunctionType) -> Any:
        def noted(*arguments: Any) -> Any:
            called.add(equations[original])
            return copy(*arguments)

        return noted if original in equations else copy

    (noting,) = rebound([DistrictModel], list(equations), remake)
    for run in golden_runs().values():
        if "reference" in run.engines:
            model = noting(run.scenario, 1, run.replicate)
            while model.running:
                model.step()
    assert set(replaceable()) - called == set()


def test_what_has_changed_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "short: status quo"
    monkeypatch.setattr(golden, "golden_runs", lambda: {name: golden_runs()[name]})
    file = tmp_path / "golden.toml"
    monkeypatch.setattr(golden, "FILE", file)
    golden.renew()
    assert capsys.readouterr().out.endswith("1 of 1 runs have changed\n")
    golden.renew()
    assert capsys.readouterr().out == "nothing has changed\n"
    file.write_text(file.read_text().replace("principals_left = ", "principals_left = 9"))
    golden.renew()
    said = capsys.readouterr().out
    assert re.search(rf"^{name}\n  principals_left: 9\d+ -> \d+\n1 of 1", said)
