"""Which runs an experiment consists of, in which batches they are done, and what they are called.

A *cell* is one district, condition and strategy, composed from their files. A *point* of the design
sets values in it. Points that come to the same values in a cell are one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise, product
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from pydantic import ValidationError

from reformsim.errors import Problem, ScenarioError
from reformsim.reading import one_reading
from reformsim.scenario.loading import compose

from .definition import catalogue
from .design import points

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from reformsim.scenario import Scenario

    from .definition import Definition

    Floats = NDArray[np.float64]

NOTHING: Mapping[str, float] = {}
Cell: TypeAlias = tuple[str, str, str]
"""The names of a district, a condition and a strategy."""
ALL = slice(None)
UNCHANGED = ("district", "conditions", "baseline", "coefficients", "horizon", "events")
"""What all strategies of a batch have in common."""


class Run(NamedTuple):
    """One run of an experiment."""

    id: str
    """A hash of all that determines the run; see `run_id`."""
    point: int
    """Number of the point in the design, the first of those that come to this run."""
    scenario: Scenario
    seed: int
    replicate: int
    varied: Mapping[str, float]
    """What the run has for everything that the design varies, by dotted name such as
    `conditions.shock_rate`."""


class Batch(NamedTuple):
    """Runs of one replicate under the same district and conditions, which only their levers tell apart.

    They have lived through the same warm-up, and are measured against the same run.
    """

    runs: tuple[Run, ...]
    reference: Run
    """The run under the baseline strategy; often one of `runs`, but not if it is not to be kept."""


def run_id(fingerprint: str, names: Cell, seed: int, replicate: int) -> str:
    """Return the id of a run: a hash of its scenario's fingerprint and names, seed and replicate.

    Neither its place in a plan nor what else is in the plan enters it. Names do, because two
    strategies that come to the same levers are still two rows of every table.
    """
    text = json.dumps([fingerprint, *names, seed, replicate])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Plan:
    """The runs of an experiment, made one batch at a time.

    `scenarios` holds the composed scenario of each cell, by the names of its district, condition
    and strategy as the experiment gives them; a plan that is given those of another reads no file.

    Raises ScenarioError, with every problem of all of them, if they cannot be composed, if a
    strategy changes more than levers, or if sizes that are varied do not fit together.
    """

    def __init__(
        self, experiment: Definition, scenarios: Mapping[Cell, Scenario] | None = None
    ) -> None:
        self.experiment = experiment
        self.points = points(experiment)
        self._designed: tuple[str, ...] = tuple(map(str, self.points.columns))
        self._uncertainty = experiment.parameter_uncertainty
        drawn = self._uncertainty.names if self._uncertainty else ()
        self.varied: tuple[str, ...] = (*self._designed, *drawn)
        """Columns of `points`, then what each replicate draws from a posterior."""
        known = composed(experiment) if scenarios is None else scenarios
        self.scenarios = {cell: known[cell] for cell in cells(experiment)}
        self._values = self.points.to_numpy(dtype=np.float64)
        self._is_lever = np.array(
            [name in experiment.levers for name in self._designed], dtype=bool
        )
        self._own = {
            cell: np.array([_value_of(scenario, name) for name in self._designed], dtype=np.float64)
            for cell, scenario in self.scenarios.items()
        }
        if problems := [*self._uneven(), *self._misfits()]:
            raise ScenarioError(*dict.fromkeys(problems))

    def __len__(self) -> int:
        """Return the number of runs that are kept."""
        per_replicate = sum(
            self.count(cell) for cell in self.scenarios if cell[2] in self.experiment.strategies
        )
        return self.experiment.replicates * per_replicate

    def count_batches(self) -> int:
        """Return the number of batches, without making them."""
        experiment = self.experiment
        groups = (
            1 + int(_numbered(self._uncertain(district, condition)).max())
            for district, condition in product(experiment.districts, experiment.conditions)
        )
        return experiment.replicates * sum(groups)

    def batches(self) -> Iterator[Batch]:
        """Yield every batch, always in the same order, the replicates of one after one another."""
        for district, condition in product(self.experiment.districts, self.experiment.conditions):
            for rows in self._groups(district, condition):
                yield from self._replicated(district, condition, rows)

    def notes(self) -> list[str]:
        """Return what is no mistake but may not be meant, a sentence each."""
        found = []
        different = len(_first_rows(self._values))
        if different < len(self.points):
            found.append(
                f"{len(self.points) - different:,} of {len(self.points):,} points repeat another"
                " one; each is run once"
            )
        same: dict[str, list[str]] = {}
        for cell in self.scenarios:
            template = self._template(cell, 0, self._values_in(cell, ALL)[0])
            same.setdefault(template.fingerprint, []).append(" / ".join(template.names))
        found += [
            f"these are the same but for their names: {', '.join(names)}"
            for names in same.values()
            if len(names) > 1
        ]
        return [*found, *self._overruled()]

    def _overruled(self) -> Iterator[str]:
        """Yield what a district or condition sets and the particles of a posterior set otherwise."""
        if self._uncertainty and not self._uncertainty.has_checksum:
            yield (
                f"{self._uncertainty.file} has no checksum, so that nobody can tell whether its numbers"
                " are those that were written (those of 'reformsim calibrate' have one)"
            )
        for name in self._uncertainty.names if self._uncertainty else ():
            setting = {
                cell[:2]
                for cell, scenario in self.scenarios.items()
                if _value_of(scenario, name) != catalogue()[name].default
            }
            for district, condition in sorted(setting):
                yield f"the posterior takes the place of {name} of {district} / {condition}"

    def _values_in(self, cell: Cell, rows: NDArray[np.intp] | slice) -> Floats:
        """Return what points set in a cell, of shape (points, varied).

        What a point leaves as it is has the scenario's own value. The baseline keeps its levers.
        """
        values = self._values[rows]
        left = np.isnan(values)
        if cell[2] == self.experiment.baseline:
            left = left | self._is_lever
        return np.where(left, self._own[cell], values)

    def count(self, cell: Cell) -> int:
        """Return how many different runs of one replicate a cell has."""
        # Where every point sets everything, that is the same for all strategies but the baseline.
        is_baseline = cell[2] == self.experiment.baseline
        if np.isnan(self._values).any():
            return len(_first_rows(self._values_in(cell, ALL)))
        return self._different[is_baseline]

    @cached_property
    def _different(self) -> tuple[int, int]:
        """How many points differ, and how many of them in their uncertainties."""
        uncertain = self._values[:, ~self._is_lever]
        return len(_first_rows(self._values)), len(_first_rows(uncertain))

    def _uncertain(self, district: str, condition: str) -> Floats:
        """Return what every point sets of the uncertainties."""
        cell = (district, condition, self.experiment.baseline)
        return self._values_in(cell, ALL)[:, ~self._is_lever]

    def _groups(self, district: str, condition: str) -> Iterator[NDArray[np.intp]]:
        """Yield the points with the same uncertainties, as they first appear."""
        which = _numbered(self._uncertain(district, condition))
        order = np.argsort(which, kind="stable")
        starts = np.flatnonzero(np.diff(which[order])) + 1
        for start, end in pairwise([0, *starts.tolist(), len(order)]):
            yield order[start:end]

    def _replicated(self, district: str, condition: str, rows: NDArray[np.intp]) -> Iterator[Batch]:
        """Yield the batch of a group of points, once for each replicate."""
        experiment, posterior = self.experiment, self._uncertainty
        templates = self._templates(district, condition, rows, {})
        for replicate in range(experiment.replicates):
            if posterior:
                drawn = posterior.particle(experiment.seed, replicate)
                templates = self._templates(district, condition, rows, drawn)
            (reference,) = templates[experiment.baseline]
            kept = [one for strategy in experiment.strategies for one in templates[strategy]]
            runs = tuple(one.run(experiment.seed, replicate) for one in kept)
            yield Batch(runs, reference.run(experiment.seed, replicate))

    def _templates(
        self, district: str, condition: str, rows: NDArray[np.intp], drawn: Mapping[str, float]
    ) -> dict[str, list[Template]]:
        """Return by strategy what a group of points comes to, with what a replicate has drawn."""
        found: dict[str, list[Template]] = {}
        for strategy in dict.fromkeys((*self.experiment.strategies, self.experiment.baseline)):
            cell = (district, condition, strategy)
            values = self._values_in(cell, rows)
            found[strategy] = [
                self._template(cell, int(rows[place]), values[place], drawn)
                for place in _first_rows(values)
            ]
        return found

    def _template(
        self, cell: Cell, point: int, values: Floats, drawn: Mapping[str, float] = NOTHING
    ) -> Template:
        scenario = self.scenarios[cell]
        varied = {
            name: int(value) if catalogue()[name].whole else float(value)
            for name, value in zip(self._designed, values, strict=True)
        }
        varied |= drawn
        sections: dict[str, dict[str, float]] = {}
        for key, value in varied.items():
            section, _, name = key.partition(".")
            sections.setdefault(section, {})[name] = value
        scenario = scenario.replace(**sections) if sections else scenario
        names = scenario.names
        called = (names.district, names.condition, names.strategy)
        return Template(scenario, scenario.fingerprint, called, point, varied)

    def _uneven(self) -> Iterator[Problem]:
        """Yield the strategies that change more than levers, so that nothing pairs their runs."""
        for cell, scenario in self.scenarios.items():
            other = self.scenarios[*cell[:2], self.experiment.baseline]
            for section in UNCHANGED:
                if getattr(scenario, section) != getattr(other, section):
                    message = f"changes [{section}], and a strategy may change levers only"
                    hint = "put it into a condition"
                    yield Problem(message, key="strategies", found=f'"{cell[2]}"', hint=hint)

    def _misfits(self) -> Iterator[Problem]:
        """Yield sizes of a district that do not fit together though each may be by itself."""
        columns = [name in ("district.schools", "district.teachers") for name in self._designed]
        if not any(columns):
            return
        for cell in self.scenarios:
            values = self._values_in(cell, ALL)
            for point in _first_rows(values[:, columns]):
                try:
                    self._template(cell, 0, values[point])
                except ValidationError as error:
                    for details in error.errors(include_url=False):
                        message = details["msg"].removeprefix("Value error, ")
                        yield Problem(message, key=f"point {point} of the design")


class Template(NamedTuple):
    """What the replicates of a run have in common."""

    scenario: Scenario
    fingerprint: str
    names: Cell
    point: int
    varied: Mapping[str, float]

    def run(self, seed: int, replicate: int) -> Run:
        """Return one replicate."""
        name = run_id(self.fingerprint, self.names, seed, replicate)
        return Run(name, self.point, self.scenario, seed, replicate, self.varied)


def cells(experiment: Definition) -> list[Cell]:
    """Return each district, condition and strategy, the baseline included."""
    strategies = dict.fromkeys((*experiment.strategies, experiment.baseline))
    return list(product(experiment.districts, experiment.conditions, strategies))


def composed(experiment: Definition) -> dict[Cell, Scenario]:
    """Return the scenario of each cell.

    Raises ScenarioError with every problem of all of them.
    """
    horizon = [f"horizon.{name}={value}" for name, value in experiment.horizon.model_dump().items()]
    found: dict[Cell, Scenario] = {}
    problems: dict[Problem, None] = {}
    with one_reading():
        for cell in cells(experiment):
            try:
                found[cell] = compose(*cell, overrides=horizon).scenario
            except ScenarioError as error:
                problems |= dict.fromkeys(error.problems)
    if problems:
        raise ScenarioError(*problems)
    return found


def _numbered(values: Floats) -> NDArray[np.intp]:
    """Return for each row the number of its kind, counted as kinds first appear."""
    if not values.shape[1]:
        return np.zeros(len(values), dtype=np.intp)
    _, first, which = np.unique(values, axis=0, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.intp)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[which.ravel()]


def _first_rows(values: Floats) -> list[int]:
    """Return the places of rows that are like none before them."""
    if not values.shape[1] or len(values) == 1:
        return [0]
    return sorted(np.unique(values, axis=0, return_index=True)[1].tolist())


def _value_of(scenario: Scenario, key: str) -> float:
    section, _, name = key.partition(".")
    return float(getattr(getattr(scenario, section), name))
