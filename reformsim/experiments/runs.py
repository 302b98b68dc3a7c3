"""The runs that an experiment consists of: a cell with values, a seed and a replicate, and their ids.

A *cell* is one district, condition and strategy, composed from their files.
"""

from __future__ import annotations

import hashlib
import json
from itertools import product
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from reformsim.analysis.equal_cost import scaled_to
from reformsim.errors import Problem, ScenarioError
from reformsim.reading import one_reading
from reformsim.scenario.loading import compose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reformsim.mechanisms import Mechanisms
    from reformsim.scenario import Scenario

    from .definition import Definition

Cell: TypeAlias = tuple[str, str, str]
"""The names of a district, a condition and a strategy."""


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
    mechanisms: Mechanisms | None = None
    """The user's own, with the values of their parameters in this run."""


class Batch(NamedTuple):
    """Runs of one replicate under the same district and conditions, which only their levers tell apart.

    They share the same warm-up, and are measured against the same run. There are as
    many of them as are done in a second or so, and as fit into little memory.
    """

    runs: tuple[Run, ...]
    reference: Run
    """The run under the baseline strategy; often one of `runs`, but not if it is not to be kept."""
    share: float = 1.0
    """Of what a batch may be."""
    bytes: float = 0.0
    """The most memory that it takes."""


def run_id(fingerprint: str, names: Cell, seed: int, replicate: int, mechanisms: str = "") -> str:
    """Return the id of a run: a hash of its scenario's fingerprint and names, seed and replicate.

    With custom mechanisms, a hash of them and of their parameters' values is part of it, so that runs
    with and without never mix.
    Neither its place in a plan nor what else is in the plan enters it. Names do, because two
    strategies that come to the same levers are still two rows of every table.
    """
    text = json.dumps([fingerprint, *names, seed, replicate, *([mechanisms] if mechanisms else [])])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Template(NamedTuple):
    """What the replicates of a run have in common."""

    scenario: Scenario
    fingerprint: str
    names: Cell
    point: int
    varied: Mapping[str, float]
    mechanisms: Mechanisms | None = None

    def run(self, seed: int, replicate: int) -> Run:
        """Return one replicate."""
        identity = self.mechanisms.identity if self.mechanisms else ""
        name = run_id(self.fingerprint, self.names, seed, replicate, identity)
        return Run(name, self.point, self.scenario, seed, replicate, self.varied, self.mechanisms)


def cells(experiment: Definition) -> list[Cell]:
    """Return each district, condition and strategy, the baseline included."""
    strategies = dict.fromkeys((*experiment.strategies, experiment.baseline))
    return list(product(experiment.districts, experiment.conditions, strategies))


def at_equal_cost(scenario: Scenario, experiment: Definition, strategy: str) -> Scenario:
    """Return a scenario as an experiment runs it: a strategy that costs too much is scaled down."""
    dollars = experiment.equal_cost
    if dollars is None or strategy == experiment.baseline:
        return scenario
    return scaled_to(scenario, dollars).scenario


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
                scenario = compose(*cell, overrides=horizon).scenario
                found[cell] = at_equal_cost(scenario, experiment, cell[2])
            except ScenarioError as error:
                problems |= dict.fromkeys(error.problems)
    if problems:
        raise ScenarioError(*problems)
    return found
