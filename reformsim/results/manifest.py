"""`manifest.json`: the complete recipe of an experiment, with a checksum over itself."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from reformsim.errors import Problem, ReformsimError, reason_of

from .durable import write_whole

if TYPE_CHECKING:
    from pathlib import Path

NAME = "manifest.json"


def write_manifest(folder: Path, recipe: dict[str, Any]) -> None:
    """Write the recipe, made of what JSON knows; all of it or nothing. Raises OutputError."""
    text = json.dumps(recipe | {"checksum": _checksum(recipe)}, indent=2, ensure_ascii=False)
    write_whole(folder / NAME, f"{text}\n".encode())


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the recipe of a folder.

    Raises ReformsimError if there is none or it is that of a command such as `reformsim compare`,
    DamagedManifest if it is not what was written.
    """
    path = folder / NAME
    try:
        recipe = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        hint = "an experiment's folder is made by 'reformsim experiment run'"
        raise ReformsimError(
            Problem(f"is not the folder of an experiment: it has no {NAME}", str(folder), hint=hint)
        ) from None
    except OSError as error:
        raise ReformsimError(Problem(f"cannot be read: {reason_of(error)}", str(path))) from error
    except ValueError:
        recipe = None
    if isinstance(recipe, dict) and "checksum" not in recipe and "command" in recipe:
        raise ReformsimError(of_another_command(folder, recipe))
    if not isinstance(recipe, dict) or recipe.pop("checksum", "") != _checksum(recipe):
        hint = (
            f"put back a copy of it, or write it anew with 'reformsim experiment run FILE --out"
            f" {folder}' and the experiment's own file: finished runs are kept"
        )
        raise DamagedManifest(
            Problem("is damaged: its checksum does not fit", str(path), hint=hint)
        )
    return recipe


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
    text = json.dumps(recipe, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
