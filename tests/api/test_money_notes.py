"""What Python says of plans that ask for more money than there can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from asking import SMALL

import reformsim as rs

if TYPE_CHECKING:
    from pathlib import Path

LEVERS = "[levers]\nteachers_per_coach = 10\nmentor_share = 0.9\n"
PHASES = '[[phases]]\nyear = 2\ntitle = "More"\nteachers_per_coach = 8\n'
HEAD = 'kind = "strategy"\ntitle = "Too much"\n'


@pytest.fixture
def too_much(tmp_path: Path) -> str:
    file = tmp_path / "too-much.toml"
    file.write_text(HEAD + LEVERS + PHASES)
    return str(file)


def lacking(result: Any) -> list[str]:
    return [note for note in result.notes if "too-much asks in year 1 for $" in note]


def test_every_result_notes_what_is_lacking_once(too_much: str) -> None:
    asked = {**SMALL, "years": 3}
    run = rs.run("small-rural", too_much, **asked)
    assert len(lacking(run)) == len(run.notes) == 1
    compared = rs.compare("small-rural", [too_much], conditions="stable", **asked)
    assert len(lacking(compared)) == len(compared.notes) == 1
    answer = rs.what_if("small-rural", too_much, added="crisis@3:0.4", **asked)
    assert len(lacking(answer)) == len(answer.notes) == 1


def test_so_does_a_sweep_and_its_folder(too_much: str, tmp_path: Path) -> None:
    folder = tmp_path / "sweep"
    swept = rs.sweep(
        "small-rural",
        {"phases.year": [2, 3]},
        strategies=too_much,
        folder=folder,
        **{**SMALL, "years": 3},
    )
    assert len(lacking(swept)) == 1
    (tmp_path / "too-much.toml").unlink()  # the folder knows what it was
    assert len(lacking(rs.Experiment(folder))) == 1


def test_nothing_is_said_of_a_strategy_that_has_no_dates() -> None:
    assert rs.run("small-rural", "web_of_support", **SMALL).notes == ()
