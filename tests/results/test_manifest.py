"""The recipe of an experiment: what is read is what was written, or the damage is told."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reformsim.errors import ReformsimError
from reformsim.results.manifest import NAME, DamagedManifest, read_manifest, write_manifest

RECIPE = {"title": "Größe", "seeds": [1, 2], "of": {"rate": 0.1, "nothing": None}}


def test_what_is_written_is_read(tmp_path):
    write_manifest(tmp_path, RECIPE)
    assert read_manifest(tmp_path) == RECIPE
    assert "Größe" in (tmp_path / NAME).read_text(encoding="utf-8")


def test_a_folder_without_one_is_no_experiment(tmp_path):
    with pytest.raises(ReformsimError, match=r"no manifest.json .*reformsim experiment run"):
        read_manifest(tmp_path)
    with pytest.raises(ReformsimError, match="is not the folder of an experiment"):
        read_manifest(tmp_path / "nowhere")


@settings(max_examples=100)
@given(st.data())
def test_no_changed_byte_passes_for_the_recipe(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("manifest")
    write_manifest(folder, RECIPE)
    content = bytearray((folder / NAME).read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (folder / NAME).write_bytes(content)
    try:
        recipe = read_manifest(folder)
    except DamagedManifest:
        return
    assert recipe == RECIPE  # white space may have become other white space


def test_what_to_do_about_a_damaged_one_is_told(tmp_path):
    write_manifest(tmp_path, RECIPE)
    (tmp_path / NAME).write_text((tmp_path / NAME).read_text().replace("0.1", "0.2"))
    with pytest.raises(DamagedManifest, match=r"is damaged.*reformsim experiment run FILE --out"):
        read_manifest(tmp_path)


def test_the_folder_of_another_command_is_not_a_damaged_experiment(tmp_path):
    recipe = {"what": "A complete recipe", "command": "reformsim compare --out here", "runs": []}
    (tmp_path / NAME).write_text(json.dumps(recipe))
    with pytest.raises(
        ReformsimError, match=r"is the folder of 'reformsim compare', not"
    ) as caught:
        read_manifest(tmp_path)
    assert not isinstance(caught.value, DamagedManifest)
    assert "damaged" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"null", b"{}", b'{"checksum": 3}'])
def test_other_files_of_that_name_are_damaged_ones(tmp_path, content):
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(DamagedManifest):
        read_manifest(tmp_path)
