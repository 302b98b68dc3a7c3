"""The commit that the package runs from, where it runs from a checkout of its repository.

Only the repository right above the package is looked at, never the current folder or one of the
user's. The commit is read from its files. Whether the working tree differs from it, only git can
say: the program is looked for in absolute folders of PATH, so that none that lies in the current
folder is run, and it reads the settings of the checkout whose code is running anyway.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reformsim.reading import read_ordinary

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTS = ("reformsim", "scenarios", "experiments", "calibrations")
"""What of a checkout becomes the package."""
SECONDS = 10.0
"""For git to answer."""
_LARGEST = 10_000_000
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REFERENCE = re.compile(r"refs(?:/[^/\0\\.][^/\0\\]*)+")


def checkout() -> dict[str, Any] | None:
    """Return the commit of the package's own checkout, and whether its files differ from it.

    `dirty` is None where that cannot be told. Returns None if the package is no checkout. Never
    raises.
    """
    return checkout_of(Path(__file__).absolute().parents[2])


def checkout_of(root: Path) -> dict[str, Any] | None:
    """Return what `checkout` does, of the checkout in a folder."""
    try:
        commit = _commit(root)
    except (OSError, ValueError):
        return None
    return {"commit": commit, "dirty": _is_dirty(root)} if commit else None


def _commit(root: Path) -> str | None:
    """Return the commit that is checked out, without running anything."""
    folder = root / ".git"
    if folder.is_file():  # a worktree, which has its folder elsewhere
        folder = root / _text(folder).removeprefix("gitdir:").strip()
    head = _text(folder / "HEAD").strip()
    name = head.removeprefix("ref:").strip()
    if name == head:
        return _one_commit(head)
    if not _REFERENCE.fullmatch(name):
        return None
    shared = folder / "commondir"
    for repository in (folder, folder / _text(shared).strip() if shared.is_file() else folder):
        if (repository / name).is_file():
            return _one_commit(_text(repository / name).strip())
        if (repository / "packed-refs").is_file():
            for line in _text(repository / "packed-refs").splitlines():
                commit, _, reference = line.partition(" ")
                if reference == name:
                    return _one_commit(commit)
    return None


def _one_commit(text: str) -> str | None:
    return text if _COMMIT.fullmatch(text) else None


def _text(path: Path) -> str:
    return read_ordinary(path, _LARGEST).decode()


def _is_dirty(root: Path) -> bool | None:
    """Say whether files of the package differ from the commit; None if git cannot tell."""
    program = next(_programs(), None)
    if program is None:
        return None
    command = [str(program), "--no-optional-locks", "-c", "core.fsmonitor=false"]
    command += ["status", "--porcelain", "--", *(name for name in PARTS if (root / name).is_dir())]
    # What a hook or a script has set would lead to another repository.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        answer = subprocess.run(
            command,
            cwd=root,
            env=clean,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return bool(answer.stdout.strip())


def _programs() -> Iterator[Path]:
    """Yield every git that an absolute folder of PATH holds."""
    name = "git.exe" if os.name == "nt" else "git"
    for folder in map(Path, os.get_exec_path()):
        if folder.is_absolute() and os.access(folder / name, os.X_OK):
            yield folder / name
