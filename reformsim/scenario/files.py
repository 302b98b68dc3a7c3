"""Files that come with the package or that a user names: where they are, and reading one."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from reformsim.errors import Problem, ScenarioError, printable
from reformsim.messages import did_you_mean, nearest, path_hint, show, unreadable

from .checking import File, read_bytes
from .toml import parse_toml


@dataclass(frozen=True)
class BuiltIn:
    """A file that comes with the package."""

    kind: str
    name: str
    title: str
    question: str
    path: Path


def builtin_folder(name: str) -> Path:
    """Return a folder of built-in files: in the package if installed, else beside it."""
    package = Path(__file__).resolve().parents[1]
    inside = package / f"_{name}"
    return inside if inside.is_dir() else package.parent / name


def builtin_in(folder: Path, kind: str) -> list[BuiltIn]:
    """Return the files right in a folder, by name; raises ScenarioError if one is damaged."""
    files = [read_file(path) for path in sorted(folder.glob("*.toml"))]
    return [
        BuiltIn(kind, file.path.stem, file.data["title"], file.data.get("question", ""), file.path)
        for file in files
    ]


def find_file(name: str | Path, folder: Path, kind: str) -> Path:
    """Return the path that a user gives, or that of the built-in file of this name.

    Raises ScenarioError if there is no such name.
    """
    if is_path(name):
        return Path(name)
    text = str(name)
    known = {path.stem: path for path in folder.glob("*.toml")}
    if text in known:
        return known[text]
    hint = path_hint(text) or did_you_mean(nearest(text, known))
    allowed = "" if hint else ", ".join(sorted(known))
    raise ScenarioError(Problem(f"unknown {kind}", found=show(text), allowed=allowed, hint=hint))


def is_path(name: str | Path) -> bool:
    """Tell whether a user means a path, and not a built-in file, by its ending or a slash."""
    return isinstance(name, Path) or name.endswith(".toml") or bool(set(name) & {"/", os.sep})


def resolved(name: str, folder: Path) -> str:
    """Return the name of a built-in file as it is, and a path from a folder as an absolute one."""
    # A null character cannot be in a path; who reads the file says so.
    # realpath, as resolve raises for links that lead to one another.
    return os.path.realpath(folder / name) if is_path(name) and "\0" not in name else name


def read_file(path: Path) -> File:
    """Return what stands in a TOML file, and on which line; raises ScenarioError if it is none."""
    shown = printable(str(path))
    try:
        content = read_bytes(path)
    except (OSError, ValueError) as error:
        raise ScenarioError(Problem(unreadable(error), shown, hint=path_hint(str(path)))) from None
    try:
        data, lines = parse_toml(content)
    except ScenarioError as error:
        raise ScenarioError(*(replace(problem, file=shown) for problem in error.problems)) from None
    return File(path, shown, data, lines)
