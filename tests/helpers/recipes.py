"""The recipes of CONTRIBUTING.md, carried out on a copy of the package as they stand."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^( *)```(diff|python|toml)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
NEW_FILE = re.compile(r"Write\s+`([\w./]+)`:\s*\Z")


class Edit(NamedTuple):
    """What a block of a recipe says of one file."""

    path: str
    before: str
    """The lines that are there, once; "" if the file is new."""
    after: str


def edits(recipe: str) -> list[Edit]:
    """Return the edits of the recipe for "a mechanism", "a lever" or "a strategy"."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    section = text.partition(f"## Recipe: {recipe}\n")[2].partition("\n## ")[0]
    made = []
    for block in BLOCK.finditer(section):
        # Lines of nothing but spaces lose them in many editors; in a diff they are empty context.
        body = dedent("".join(block[3].splitlines(keepends=True)))
        if block[2] == "diff":
            made += list(_edits_of(block[1], block[3]))
        elif named := NEW_FILE.search(section[: block.start()]):
            made.append(Edit(named[1], "", body))
    return made


def _edits_of(indent: str, diff: str) -> list[Edit]:
    """Return the edits of a diff without line numbers; `@@` stands between two."""
    lines = [line.removeprefix(indent) for line in diff.splitlines()]
    assert lines[0].startswith("--- "), lines[0]
    parts: list[list[str]] = [[]]
    for line in lines[1:]:
        if line == "@@":
            parts.append([])
        else:
            parts[-1].append(line)
    return [
        Edit(
            lines[0][4:],
            "".join(f"{line[1:]}\n" for line in part if line[:1] != "+"),
            "".join(f"{line[1:]}\n" for line in part if line[:1] != "-"),
        )
        for part in parts
    ]


def follow(recipe: str, folder: Path) -> Path:
    """Copy the package with its scenarios into a folder, carry a recipe out there, and return it."""
    for name in ("reformsim", "scenarios"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=lambda *_: ["__pycache__"])
    for edit in edits(recipe):
        path = folder / edit.path
        if not edit.before:
            assert not path.exists(), f"{edit.path} is there already"
            path.write_text(edit.after, "utf-8")
            continue
        text = path.read_text("utf-8")
        assert text.count(edit.before) == 1, f"not once in {edit.path}:\n{edit.before}"
        path.write_text(text.replace(edit.before, edit.after), "utf-8")
    return folder
