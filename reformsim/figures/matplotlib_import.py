"""Importing matplotlib whatever the user's settings for it are.

Its import reads MPLBACKEND, MATPLOTLIBRC and a file `matplotlibrc` in the current folder, and fails
for what it cannot take. Our figures need none of these (see `style.settings`).
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "matplotlib"


def import_matplotlib() -> None:
    """Import matplotlib with the user's settings, or without them where it cannot take them."""
    if NAME in sys.modules:
        return
    if _can_be_read():
        try:
            import_module(NAME)
        except Exception:  # noqa: BLE001 - of any kind, by what stands in the settings
            for name in [module for module in sys.modules if module.partition(".")[0] == NAME]:
                del sys.modules[name]
        else:
            return
    with _without_settings():
        import_module(NAME)


def _can_be_read() -> bool:
    """Return whether files of settings are ordinary ones: a pipe would be waited for for ever."""
    given = Path(os.environ.get("MATPLOTLIBRC") or os.devnull)
    try:
        return all(
            path.is_file() or path.is_dir() or str(path) == os.devnull or not path.exists()
            for path in (Path("matplotlibrc"), given, given / "matplotlibrc")
        )
    except (OSError, ValueError):
        return False


@contextmanager
def _without_settings() -> Iterator[None]:
    """Be where there are no settings, neither named nor in the current folder, and come back."""
    given = {name: os.environ.pop(name, None) for name in ("MPLBACKEND", "MATPLOTLIBRC")}
    os.environ["MATPLOTLIBRC"] = os.devnull
    try:
        folder: Path | None = Path.cwd()
    except OSError:  # it is gone, and nothing is in it
        folder = None
    if folder:
        os.chdir(Path(__file__).parent)
    try:
        yield
    finally:
        if folder:
            os.chdir(folder)
        for name, value in given.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
