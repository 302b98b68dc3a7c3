"""Which experiments come with the package: known without loading what it takes to run one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.scenario.files import builtin_folder, builtin_in

if TYPE_CHECKING:
    from pathlib import Path

    from reformsim.scenario.files import BuiltIn


def builtin_experiments() -> list[BuiltIn]:
    """Return the experiments that come with the package, by name.

    Raises ScenarioError if one of their files has been damaged.
    """
    return builtin_in(experiment_folder(), "experiment")


def experiment_folder() -> Path:
    """Return the folder of the built-in experiments."""
    return builtin_folder("experiments")
