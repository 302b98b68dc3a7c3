"""Writing files: checked before any run starts, whole or not at all, and nothing lost."""

from __future__ import annotations

import math
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import OutputError, Problem, refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


FIGURES = "figures"
"""The folder within a folder that pictures are written to."""


class OutputFolder:
    """A folder that can be written to, and the files written there so far."""

    def __init__(self, path: Path, *, force: bool | None, names: Sequence[str] = ()) -> None:
        """Check a folder and create it; `names` are files that will be written there.

        `force` is None where nobody can ask for it. Raises OutputError if the folder cannot be
        written to, or holds something and `force` is off.
        """
        self.path = path
        self.written: list[str] = []
        try:
            names = (*names, f"{FIGURES}/x.png")
            wrong = (*_in_the_way(path, force), *_folders_in_the_way(path, names))
            problems = list(dict.fromkeys(wrong))
            if not problems:
                path.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryFile(dir=path):
                    pass
        except (OSError, ValueError) as error:
            problems = [refused(path, error)]
        if problems:
            raise OutputError(*problems)

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """Give a path to write one file to; it takes its name, as `figures/a.png`, when whole."""
        path = self.path / name
        if problems := list(_links_in_the_way(self.path, path)):
            raise OutputError(*problems)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(refused(path.parent, error)) from error
        with replacing(path) as temporary:
            yield temporary
        self.written.append(name)


def check_file(path: Path, *, force: bool) -> None:
    """Raise OutputError if a file cannot be written, or exists and `force` is off."""
    try:
        problems = list(_no_folder(path.parent))
        if path.is_dir():
            problems.append(Problem("is a folder", str(path), hint="give the name of a file"))
        elif path.exists() and not path.is_file():
            problems.append(Problem("is not an ordinary file", str(path)))
        elif path.exists() and not force:
            problems.append(Problem("exists already", str(path), hint="`force` replaces it"))
        if not problems:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path.parent):
                pass
    except (OSError, ValueError) as error:
        problems = [refused(path, error)]
    if problems:
        raise OutputError(*problems)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside the right one, and put the file in its place when it is whole.

    It lies in a folder that only this user can write to: beside a file in a shared folder, somebody
    could have put a link under any name that can be guessed. A link in the file's place is replaced,
    and where it led is not touched.
    """
    try:
        aside = Path(
            tempfile.mkdtemp(prefix=f".{path.stem[:100]}.", suffix=".part", dir=path.parent)
        )
    except OSError as error:
        raise OutputError(refused(path, error)) from error
    try:
        yield aside / path.name
        (aside / path.name).replace(path)
    except OSError as error:
        raise OutputError(refused(path, error)) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _no_folder(path: Path) -> Iterator[Problem]:
    """Yield a problem if something that is no folder stands where a folder has to be."""
    for above in (path, *path.parents):
        if above.is_dir():
            return
        if above.exists() or above.is_symlink():
            yield Problem("is a file, where a folder is needed", str(above))
            return


def _in_the_way(path: Path, force: bool | None) -> Iterator[Problem]:
    yield from _no_folder(path)
    if path.is_dir() and not force and any(path.iterdir()):
        or_force = ", or `force` to replace the files this command writes"
        hint = "choose another folder" + ("" if force is None else or_force)
        yield Problem("the folder is not empty", str(path), hint=hint)


def _folders_in_the_way(path: Path, names: Sequence[str]) -> Iterator[Problem]:
    for name in names:
        target = path / name
        if target.is_dir():
            yield Problem("is a folder, where a file is to be written", str(target))
        elif target.exists() and not target.is_file():
            yield Problem("is not an ordinary file, where one is to be written", str(target))
        yield from _links_in_the_way(path, target)
        if target.parent != path:
            yield from _no_folder(target.parent)


def _links_in_the_way(folder: Path, file: Path) -> Iterator[Problem]:
    """Yield a problem for every folder within another, down to a file, that is a link elsewhere."""
    for above in file.parents:
        if above == folder:
            return
        if above.is_symlink():
            yield Problem("is a link, where a folder is needed", str(above))


def plain(value: Any) -> Any:
    """Return a value with only what JSON knows: tables as lists of rows, NaN as None."""
    if hasattr(value, "to_dict"):
        return plain(value.to_dict("records"))
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)
