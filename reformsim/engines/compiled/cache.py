"""Where compiled kernels are kept, so that they are compiled once per machine and never outdated.

Numba's own cache notices an edit in the file of a function, but not in the equations that the function
calls. A kernel is therefore kept in a folder named by a hash of all it is made of (`content.py`) and of
what it is compiled with and for: an edited equation finds an empty folder and is compiled again.

What is kept is run when it is read. So it is only read where nobody else could have written
(`private.py`), and what lies there and is not this user's is thrown away unread.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import platform
import tempfile
from contextlib import contextmanager, suppress
from functools import cache, cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numba
import numpy as np
from numba import config
from numba.core.caching import FunctionCache, NullCache
from numba.core.registry import cpu_target

from reformsim.theory.equation import INSIDE

from . import private
from .content import content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reformsim.mechanisms import Mechanisms

settings: Any = config
LOCATION = ("CACHE_DIR", "CACHE_LOCATOR_CLASSES")
"""Numba's settings of where it keeps things."""
WITHOUT_EFFECT = ("CACHE", "CUDA", "DEBUG_", "DUMP", "PROFILER", "THREAD", "COLOR")
"""Words in the names of those of Numba's settings that do not act on code; some differ by process."""


@cache
def folder() -> Path | None:
    """Return the folder under which kernels are kept, making it if need be.

    The first that works of $REFORMSIM_CACHE, the user's cache folder, and the temporary folder; None
    if none does, and then every process compiles for itself. One that others could write to is passed
    over, with a warning.
    """
    for wanted in _wanted():
        place = private.folder(wanted)
        if place is not None:
            with suppress(OSError), tempfile.TemporaryFile(dir=place):
                return place
    return None


def _wanted() -> list[Path]:
    """Return where kernels may be kept, the best place first."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # noqa: PTH117 - as the specification of these folders has it
        try:
            base = str(Path.home() / ".cache")
        except RuntimeError:  # an account without a home, as containers have
            base = ""
    temporary = f"reformsim-{os.geteuid()}" if os.name == "posix" else "reformsim"
    return [
        *(Path(named) for named in [os.environ.get("REFORMSIM_CACHE")] if named),
        *(Path(named) / "reformsim" for named in [base] if named),
        Path(tempfile.gettempdir()) / temporary,
    ]


@cache
def compiler() -> str:
    """Return what kernels are compiled with, in which manner, and for which processor."""
    versions = (numba.__version__, np.__version__, platform.python_version())
    processor = cpu_target.target_context.codegen().magic_tuple()
    chosen = {
        name: repr(value)
        for name, value in sorted(vars(settings).items())
        if name.isupper() and not any(word in name for word in WITHOUT_EFFECT)
    }
    return f"{versions} {processor} {chosen} {INSIDE}"


def key(kernel: Any) -> str:
    """Return the name of a kernel's folder: a hash of what it is made of, with, and for."""
    return hashlib.sha256(f"{compiler()} {content(kernel)}".encode()).hexdigest()[:16]


def is_compiled(mechanisms: Mechanisms | None = None) -> bool:
    """Return whether this version's kernels have been compiled on this machine before."""
    from .engine import engine_with

    live: Any = inspect.unwrap(
        engine_with(mechanisms).live, stop=lambda f: hasattr(f, "signatures")
    )
    return not hasattr(live, "_cache") or live._cache.is_filled()


def keep(kernel: Any) -> None:
    """Let a kernel be kept for the next process, unless the compiler is switched off."""
    if hasattr(kernel, "py_func"):
        kernel._cache = KernelCache(kernel)


class KernelCache(NullCache):
    """What is kept of one kernel, in its own folder.

    What cannot be read is compiled again, and what cannot be written is not kept: a computer was
    switched off, a disk is full.
    """

    def __init__(self, kernel: Any) -> None:
        self._kernel = kernel

    @cached_property
    def _kept(self) -> Any:
        """Numba's cache of the kernel, in which nobody else has written anything; None without one.

        Made when it is first needed: only then is everything there that the kernel is made of.
        """
        base = folder()
        place = base and private.folder(base / key(self._kernel))
        if place is None:
            return None
        before = {name: getattr(settings, name, "") for name in LOCATION}
        settings.CACHE_DIR, settings.CACHE_LOCATOR_CLASSES = str(place), ""
        try:  # Numba settles here where it keeps a kernel
            kept: Any = FunctionCache(self._kernel.py_func)  # type: ignore[no-untyped-call]
        except (OSError, RuntimeError):
            return None
        finally:
            for name, value in before.items():
                setattr(settings, name, value)
        kept._cache_file._open_for_write = _private_file
        inner = Path(kept.cache_path)
        return kept if inner.parent == place and private.clear(inner) else None

    @property
    def cache_path(self) -> str | None:
        """Where the kernel is kept."""
        return str(self._kept.cache_path) if self._kept else None

    def is_filled(self) -> bool:
        """Return whether something that can be used is there."""
        try:
            return bool(self._kept and self._kept._cache_file._load_index())
        except Exception:  # noqa: BLE001 - half a pickle can raise anything
            return False

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the kernel for a signature, or None."""
        try:
            return self._kept and self._kept.load_overload(sig, target_context)
        except Exception:  # noqa: BLE001 - half a pickle can raise anything
            self.flush()
            return None

    def save_overload(self, sig: Any, cres: Any) -> None:
        """Keep the kernel for a signature."""
        with suppress(OSError):
            if self._kept is not None:
                self._kept.save_overload(sig, cres)

    def flush(self) -> None:
        """Forget what is kept."""
        with suppress(OSError):
            if self._kept is not None:
                self._kept.flush()


@contextmanager
def _private_file(path: str) -> Iterator[IO[bytes]]:
    """Open a file that takes its place when it is whole, and is this user's alone whatever the umask."""
    place = Path(path)
    with tempfile.NamedTemporaryFile(dir=place.parent, prefix=place.name, delete=False) as file:
        try:
            yield file
            file.close()
            Path(file.name).replace(place)
        except BaseException:
            file.close()
            Path(file.name).unlink(missing_ok=True)
            raise
