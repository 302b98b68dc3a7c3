"""`manifest.json`: the complete recipe of an experiment, with a checksum over itself."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from reformsim.errors import Problem, ReformsimError, reason_of
from reformsim.reading import read_ordinary

from .durable import write_whole
from .links import refuse_links

if TYPE_CHECKING:
    from pathlib import Path

NAME = "manifest.json"
FORMAT = 2
"""The version of the form of what is stored in a folder; 1, which does not say so, can be read too."""
LARGEST = 512_000_000
"""Bytes of the largest recipe that is read; it holds the values of a table and of a posterior."""


def write_manifest(folder: Path, recipe: dict[str, Any]) -> None:
    """Write the recipe, made of what JSON knows; all of it or nothing. Raises OutputError."""
    recipe = {"format": FORMAT, **recipe}
    text = json.dumps(recipe | {"checksum": _checksum(recipe)}, indent=2, ensure_ascii=False)
    write_whole(folder / NAME, f"{text}\n".encode())


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the recipe of a folder.

    Raises ReformsimError if there is none, it is that of a command such as `reformsim compare`, or
    a newer version wrote it; DamagedManifest if it is not what was written.
    """
    path = folder / NAME
    refuse_links(folder, {NAME})
    try:
        recipe = json.loads(read_ordinary(path, LARGEST, links=False))
    except (FileNotFoundError, NotADirectoryError):
        hint = "an experiment's folder is made by 'reformsim experiment run'"
        raise ReformsimError(
            Problem(f"is not the folder of an experiment: it has no {NAME}", str(folder), hint=hint)
        ) from None
    except OSError as error:
        raise ReformsimError(Problem(f"cannot be read: {reason_of(error)}", str(path))) from error
    except (ValueError, RecursionError):
        recipe = None
    if isinstance(recipe, dict) and "checksum" not in recipe and "command" in recipe:
        raise ReformsimError(of_another_command(folder, recipe))
    if not isinstance(recipe, dict) or recipe.pop("checksum", None) != _checksum(recipe):
        hint = (
            f"put back a copy of it, or rewrite it with 'reformsim experiment run FILE --out"
            f" {folder}' and the experiment's own file: finished runs are kept"
        )
        raise DamagedManifest(
            Problem("is damaged: its checksum does not fit", str(path), hint=hint)
        )
    _check_format(path, recipe.pop("format", 1))
    return recipe


def _check_format(path: Path, number: Any) -> None:
    """Raise ReformsimError if a newer version wrote a recipe."""
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= FORMAT:
        hint = "it was written by a newer reformsim; use that"
        message = "is in a format that this version does not know"
        document = (
            f"{number:,}" if isinstance(number, int) and abs(number) < 1e9 else "no such number"
        )
        raise ReformsimError(
            Problem(
                message,
                str(path),
                key="format",
                found=document,
                allowed=f"1 to {FORMAT}",
                hint=hint,
            )
        )


def of_another_command(folder: Path, recipe: dict[str, Any]) -> Problem:
    """Return that a folder is not of an experiment but of a command such as `reformsim compare`."""
    command = " ".join(str(recipe.get("command", "")).split()[:2])
    message = "is not the folder of an experiment"
    if command:
        message = f"is the folder of '{command}', not of an experiment"
    hint = f"'reformsim experiment run' makes one; what made this one is told in its {NAME}"
    return Problem(message, str(folder), hint=hint)


class DamagedManifest(ReformsimError):
    """The recipe of a folder is there and is not what was written."""


def _checksum(recipe: dict[str, Any]) -> str:
    try:
        text = json.dumps(recipe, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()
    except (ValueError, RecursionError):  # half a character, or thousands of levels: none of ours
        return ""
