"""Where compiled kernels are kept, so that they are compiled once per machine and never outdated.

Numba's own cache notices an edit in the file of a function, but not in the equations that the function
calls. The folder is therefore named by a hash of every source that can end up in a kernel, and of the
versions of Numba and Python: an edited equation finds an empty folder and is compiled anew.
"""

from __future__ import annotations

import hashlib
import os
import platform
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numba

if TYPE_CHECKING:
    from reformsim.mechanisms import Mechanisms

PACKAGE = Path(__file__).parents[2]
SOURCES = ("theory", "district", "scenario/coefficients", "mechanisms", "engines/compiled")


@cache
def fingerprint() -> str:
    """Return a hash of the sources of the kernels and the versions that compile them."""
    digest = hashlib.sha256(f"{numba.__version__} {platform.python_version()}".encode())
    for folder in SOURCES:
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            digest.update(path.relative_to(PACKAGE).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def folder() -> Path:
    """Return a folder for this version's kernels that can be written to, making it if need be.

    The first that works of $REFORMSIM_CACHE, the user's cache folder, and the temporary folder.
    """
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    wanted = [os.environ.get("REFORMSIM_CACHE"), Path(base) / "reformsim"]
    fallback = Path(tempfile.gettempdir()) / f"reformsim-{os.getuid() if os.name == 'posix' else 0}"
    for place in [Path(one) for one in wanted if one] + [fallback]:
        own = place / fingerprint()
        try:
            own.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=own):
                return own
        except OSError:
            continue
    return fallback


def is_compiled(mechanisms: Mechanisms | None = None) -> bool:
    """Return whether this version's kernels have been compiled on this machine before."""
    name = f"live_{mechanisms.fingerprint}" if mechanisms else "live"
    return any(folder().rglob(f"run.{name}-*.nbc"))
