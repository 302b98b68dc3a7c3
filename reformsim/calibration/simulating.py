"""From values of the free parameters to statistics: what is simulated for one particle."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import replace
from importlib import metadata
from typing import TYPE_CHECKING

import numpy as np

from reformsim.errors import ReformsimError
from reformsim.results import provenance
from reformsim.scenario.loading import load
from reformsim.theory.chance import normal
from reformsim.theory.streams import Stream
from reformsim.validation import Places, builtin_places, own_places
from reformsim.validation.studies import simulate_units

from .statistics import statistics

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from reformsim.scenario import Scenario

    from .targets import Targets

    Floats = NDArray[np.float64]

MEASURING = ("validation", "calibration")
"""The parts of the package, besides the model, that a calibration hangs on."""
PILOT_RUNS = 16
"""Replicates with the same values, from which the chance in each statistic is known."""


class Simulator:
    """Lives through the districts of a targets file with values of its free parameters.

    The units of each set of values are shared between `workers` threads; the numbers do not depend
    on how many there are.
    """

    def __init__(self, targets: Targets, workers: int | None = None) -> None:
        asked = [statistics()[name] for name in targets.targets]
        self.targets, self.workers = targets, workers
        self.places = places_of(targets)
        # Statistics of one measurement are estimated from the same units.
        measurements = {id(named.measurement): named.measurement for named in asked}
        self._measurements = tuple(measurements.values())
        self._estimates = {
            named.name: (self._measurements.index(named.measurement), named.statistic.estimate)
            for named in asked
        }

    def statistics(self, values: Mapping[str, float], seed: int) -> dict[str, float]:
        """Return every statistic that the targets name; NaN if it is undefined with these values."""
        places = with_values(self.places, values)
        try:
            units = simulate_units(self._measurements, places, seed, self.workers)
        except ReformsimError:
            # Values with which the model does not stay finite are values that data speak against.
            return dict.fromkeys(self._estimates, math.nan)
        return {
            name: float(estimate(units[number]))
            for name, (number, estimate) in self._estimates.items()
        }

    def observations(self, values: Mapping[str, float], seed: int) -> dict[str, float]:
        """Return the statistics as somebody would have observed them, errors of measurement added.

        All chance follows from the seed and the values.
        """
        seed_of_runs = seed_of(seed, values)
        simulated = self.statistics(values, seed_of_runs)
        return {
            name: simulated[name]
            + target.error * normal(seed_of_runs, 0, 0, 0, Stream.MEASUREMENT_ERROR, number)
            for number, (name, target) in enumerate(self.targets.targets.items())
        }

    def scales(self, seed: int) -> dict[str, float]:
        """Return what one observation of each target can be off by: its error, and chance.

        Raises ReformsimError with every statistic that is undefined in the middle of the priors.
        """
        middle = {name: 0.5 * (prior.low + prior.high) for name, prior in self.targets.free.items()}
        seeds = [seed_of(seed, {"pilot": float(number)}) for number in range(PILOT_RUNS)]
        pilots = [self.statistics(middle, pilot_seed) for pilot_seed in seeds]
        scales = {}
        for name, target in self.targets.targets.items():
            chance = float(np.std([pilot[name] for pilot in pilots], ddof=1))
            scales[name] = math.hypot(target.error, chance)
        undefined = [name for name, scale in scales.items() if not math.isfinite(scale)]
        if undefined:
            raise ReformsimError(
                *(
                    f"targets.{name}: is undefined with the free parameters in the middle of their"
                    " priors; there may be too few people or districts to measure it in"
                    for name in undefined
                )
            )
        return scales


def versions() -> dict[str, str]:
    """Return the versions of all that a calibration can depend on."""
    return provenance.versions() | {"pyabc": metadata.version("pyabc")}


def seed_of(seed: int, values: Mapping[str, float]) -> int:
    """Return the seed of a set of values: a hash, so that it hangs on nothing but what is given."""
    text = json.dumps([seed, sorted(values.items())])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])


def places_of(targets: Targets) -> Places:
    """Return the districts that are simulated."""
    runs = targets.runs
    if targets.scenario:
        places = own_places(load(*targets.scenario))
        mixed = places.mixed[:1] * runs.replicates
        return replace(places, replicates=runs.replicates, mixed=mixed)
    usual = builtin_places()
    small = [scenario for scenario in usual.mixed if scenario.district.schools <= runs.schools]
    chosen = np.linspace(0, len(small) - 1, min(runs.mixed, len(small))).round().astype(int)
    return replace(
        usual,
        ordinary=of_size(usual.ordinary, runs.schools),
        large_urban=of_size(usual.large_urban, runs.schools),
        mixed=tuple(small[index] for index in chosen),
        replicates=runs.replicates,
    )


def of_size(scenario: Scenario, schools: int) -> Scenario:
    """Return a district of so many schools, with teachers and pupils in proportion."""
    usual = scenario.district
    share = schools / usual.schools
    size = {
        "schools": schools,
        "teachers": round(usual.teachers * share),
        "enrolment": round(usual.enrolment * share),
        "network": "",
    }
    return scenario.model_copy(update={"district": usual.model_copy(update=size)})


def with_values(places: Places, values: Mapping[str, float]) -> Places:
    """Return the same districts with other values of conditions and coefficients."""
    sections: dict[str, dict[str, float]] = {}
    for key, value in values.items():
        section, _, name = key.partition(".")
        sections.setdefault(section, {})[name] = value

    def changed(scenario: Scenario) -> Scenario:
        update = {
            section: getattr(scenario, section).model_copy(update=changes)
            for section, changes in sections.items()
        }
        return scenario.model_copy(update=update)

    return replace(
        places,
        ordinary=changed(places.ordinary),
        large_urban=changed(places.large_urban),
        mixed=tuple(map(changed, places.mixed)),
    )
