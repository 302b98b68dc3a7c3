"""The recipe of a calibration: one of another version, or made up, is named and never a fault."""

from __future__ import annotations

import copy
import random

import pytest

from reformsim.calibration import load_targets, recipe_of
from reformsim.errors import ReformsimError
from reformsim.results import manifest

pytest.importorskip("pyabc")
from reformsim.calibration.simulating import versions


@pytest.fixture(scope="module")
def recipe():
    targets = load_targets("small-district")
    return {
        "what": "",
        "title": targets.title,
        "command": "reformsim calibrate run small-district",
        "targets": targets.model_dump(mode="json"),
        "seed": 1,
        "scales": dict.fromkeys(targets.targets, 0.5),
        "scenario": "a" * 64,
        "begun": "2026-01-01 00:00:00+0000",
        "source": "b" * 64,
        "measuring": "c" * 64,
        "versions": versions(),
    }


def places(value, path=()):
    """Yield where something stands in a document."""
    if path:
        yield path
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            yield from places(inner, (*path, key))


def changed(recipe, path, value):
    made = copy.deepcopy(recipe)
    inside = made
    for key in path[:-1]:
        inside = inside[key]
    if value is None:
        del inside[path[-1]]
    else:
        inside[path[-1]] = value
    return made


def test_one_that_is_whole_is_understood(tmp_path, recipe):
    manifest.write_manifest(tmp_path, recipe)
    assert recipe_of(tmp_path)["seed"] == 1


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        (("seed",), None, "seed"),
        (("seed",), -1, "seed"),
        (("seed",), True, "seed"),
        (("scales",), {}, "scales"),
        (("versions", "reformsim"), None, "versions"),
        (("source",), None, "source"),
        (("targets", "title"), None, "targets.title"),
        (("targets", "runs", "schools"), 0, "targets.runs.schools"),
        (
            ("targets", "targets", "no_such_measure"),
            {"value": 1.0, "error": 1.0},
            "no_such_measure",
        ),
        (("targets", "free", "coefficients.gone"), {"low": 0.0, "high": 1.0}, "coefficients.gone"),
        (("targets", "new_key"), 1, "targets.new_key"),
    ],
)
def test_what_this_version_does_not_know_is_named(tmp_path, recipe, path, value, key):
    manifest.write_manifest(tmp_path, changed(recipe, path, value))
    with pytest.raises(ReformsimError, match=rf"{key}.*of another version .*calibrate again"):
        recipe_of(tmp_path)


def test_any_change_is_understood_or_named(tmp_path, recipe):
    chance = random.Random(1)
    everywhere = list(places(recipe))
    values: list[object] = [
        None,
        0,
        -1,
        1e308,
        10**400,
        "",
        "x" * 10_000,
        "\x1b]0;x\x07",
        True,
        [],
        {},
        [[[]]],
    ]
    understood, said = 0, []
    for _ in range(400):
        made = changed(recipe, chance.choice(everywhere), chance.choice(values))
        manifest.write_manifest(tmp_path, made)
        try:
            recipe_of(tmp_path)
            understood += 1
        except ReformsimError as error:
            said.append(str(error))
    assert 0 < understood < 400
    assert "\x1b" not in "".join(said)
