"""What numbers were computed with: versions, the model's sources, complete scenarios."""

from __future__ import annotations

import hashlib
import platform
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .checkout import checkout

if TYPE_CHECKING:
    from reformsim.scenario import Scenario

PACKAGE = Path(__file__).parents[1]
PACKAGES = ("mesa", "networkx", "numba", "numpy", "pandas", "pydantic", "scipy", "matplotlib")
COMPUTING = ("python", "numba", "numpy", "scipy")
"""Those whose change could change the last bits of a number."""
SOURCES = ("scenario", "theory", "district", "engines", "analysis")
"""The parts of the package that numbers depend on."""


def version() -> str:
    """Return the version of reformsim, also when it runs from its sources."""
    try:
        return metadata.version("reformsim")
    except metadata.PackageNotFoundError:
        project = PACKAGE.parent / "pyproject.toml"
        try:
            return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
        except (OSError, KeyError, ValueError):
            return "unknown"


def versions() -> dict[str, str]:
    """Return the versions of all that a result can depend on."""
    installed = {"reformsim": version(), "python": platform.python_version()}
    for package in PACKAGES:
        try:
            installed[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            installed[package] = "unknown"
    return installed


def surroundings() -> dict[str, Any]:
    """Return the commit of the package's own checkout, if it is one, and what machine this is.

    Nothing depends on it: who wonders why two runs differ may want to know.
    """
    return {
        "git": checkout(),
        "platform": {
            "system": platform.system(),
            "release": platform.release(),
            "machine": platform.machine(),
            "python": platform.python_implementation(),
        },
    }


@cache
def source_hash(folders: tuple[str, ...] = SOURCES) -> str:
    """Return a hash of the sources that a number can depend on, the same on every machine."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            digest.update(path.relative_to(PACKAGE).as_posix().encode())
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


def describe(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario with its fingerprint, and that of its network survey if it has one."""
    described: dict[str, Any] = {"fingerprint": scenario.fingerprint}
    if scenario.district.network:
        described["network_sha256"] = hashlib.sha256(scenario.survey).hexdigest()
    return described | scenario.model_dump(mode="json")
