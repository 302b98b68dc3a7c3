"""A model of one line to calibrate: what a search finds in it is known, and it costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.calibration.simulating import Simulator
from reformsim.calibration.targets import Targets
from reformsim.theory.chance import normal

if TYPE_CHECKING:
    from collections.abc import Mapping

HAZARD, SCALE = "coefficients.principal_hazard", "coefficients.super_hazard"
ERROR = 0.1


def toy_targets(population: int = 30, generations: int = 3) -> Targets:
    """Return two targets and two free parameters with even priors from 0 to 1 and from −1 to 2."""
    return Targets.model_validate(
        {
            "title": "A toy",
            "sampling": {"population": population, "generations": generations},
            "targets": {
                "principal_turnover": {"value": 0.4, "error": ERROR},
                "teacher_turnover": {"value": 0.9, "error": ERROR},
            },
            "free": {HAZARD: {"low": 0.0, "high": 1.0}, SCALE: {"low": -1.0, "high": 2.0}},
        }
    )


class Toy(Simulator):
    """Simulates nothing: the first parameter, and the sum of both, are observed."""

    def __init__(self, targets: Targets | None = None) -> None:
        self.targets = targets or toy_targets()
        self.asked = 0

    def observations(self, values: Mapping[str, float], seed: int) -> dict[str, float]:
        """Return both statistics with normal errors that follow from the values."""
        self.asked += 1
        one, other = values[HAZARD], values[SCALE]
        key = hash((one, other, seed)) % 2**32
        return {
            "principal_turnover": one + ERROR * normal(key, 0, 0, 0, 0, 0),
            "teacher_turnover": one + other + ERROR * normal(key, 0, 0, 0, 0, 1),
        }


OBSERVED = {"principal_turnover": 0.4, "teacher_turnover": 0.9}
SCALES = {"principal_turnover": ERROR, "teacher_turnover": ERROR}
