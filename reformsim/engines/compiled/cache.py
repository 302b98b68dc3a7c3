"""Where compiled kernels are kept, so that they are compiled once per machine and never outdated.

Numba's own cache notices an edit in the file of a function, but not in the equations that the function
calls. The folder is therefore named by a hash of every source that can end up in a kernel, of the
versions of Numba and Python, and of where the sources lie, by which Numba keeps kernels apart: an
edited equation finds an empty folder and is compiled anew.
"""

from __future__ import annotations

import hashlib
import os
import platform
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numba

if TYPE_CHECKING:
    from reformsim.mechanisms import Mechanisms

PACKAGE = Path(__file__).parents[2]
SOURCES = ("theory", "district", "scenario/coefficients", "mechanisms", "engines/compiled")


@cache
def fingerprint() -> str:
    """Return a hash of the sources of the kernels, their place, and the versions that compile them."""
    digest = hashlib.sha256(f"{numba.__version__} {platform.python_version()} {PACKAGE}".encode())
    for folder in SOURCES:
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            digest.update(path.relative_to(PACKAGE).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def folder() -> Path | None:
    """Return a folder for this version's kernels that can be written to, making it if need be.

    The first that works of $REFORMSIM_CACHE, the user's cache folder, and the temporary folder; None
    if none does, and then every process compiles for itself.
    """
    users = os.environ.get("XDG_CACHE_HOME") or _in_home()
    own = Path(users) / "reformsim" if users else None
    wanted = [os.environ.get("REFORMSIM_CACHE"), own, _in_temporary_folder()]
    for place in [Path(one) for one in wanted if one]:
        kernels = place / fingerprint()
        try:
            kernels.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=kernels):
                return kernels
        except OSError:
            continue
    return None


def is_compiled(mechanisms: Mechanisms | None = None) -> bool:
    """Return whether this version's kernels have been compiled on this machine before.

    Numba compiles anew what it kept before the file was written, as a new clone does.
    """
    place, name = folder(), f"live_{mechanisms.fingerprint}" if mechanisms else "live"
    if place is None:
        return False
    written = Path(__file__).with_name("run.py").stat().st_mtime
    return any(one.stat().st_mtime > written for one in place.rglob(f"run.{name}-*.nbc"))


def survive_broken_files(kernel: Any) -> None:
    """Let a kernel be compiled anew where what is kept of it cannot be read, and not be kept where
    it cannot be written: a computer was switched off, a disk is full."""
    kept = getattr(kernel, "_cache", None)  # there is none while the compiler is switched off
    if kept is None:
        return
    load, save = kept.load_overload, kept.save_overload

    def load_if_whole(signature: Any, context: Any) -> Any:
        try:
            return load(signature, context)
        except Exception:  # noqa: BLE001 - half a pickle can raise anything
            with suppress(OSError):
                kept.flush()
            return None

    def save_if_possible(signature: Any, compiled: Any) -> None:
        with suppress(OSError):
            save(signature, compiled)

    kept.load_overload, kept.save_overload = load_if_whole, save_if_possible


def _in_home() -> Path | None:
    """Return the folder for caches in the user's home; None for a user who has none."""
    try:
        return Path.home() / ".cache"
    except RuntimeError:
        return None


def _in_temporary_folder() -> Path | None:
    """Return a folder of this user alone, as what is kept is run: anyone may write beside it."""
    if os.name != "posix":
        return Path(tempfile.gettempdir()) / "reformsim"
    own = Path(tempfile.gettempdir()) / f"reformsim-{os.getuid()}"
    try:
        own.mkdir(mode=0o700, exist_ok=True)
        return own if own.lstat().st_uid == os.getuid() else None
    except OSError:
        return None
