"""Which runs an experiment consists of, in which batches they are done, and what they are called."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reformsim.scenario import Scenario


class Run(NamedTuple):
    """One run of an experiment."""

    id: str
    """A hash of all that determines the run; see `run_id`."""
    point: int
    """Number of the point in the design."""
    scenario: Scenario
    seed: int
    replicate: int
    varied: Mapping[str, float]
    """Every value that the design varies, by dotted name such as `conditions.shock_rate`."""


class Batch(NamedTuple):
    """Runs of one replicate under the same district and conditions, which only their levers tell apart.

    They have lived through the same warm-up, and are measured against the same run.
    """

    runs: tuple[Run, ...]
    reference: Run
    """The run under the baseline strategy; often one of `runs`, but not if it is not to be kept."""


def run_id(fingerprint: str, seed: int, replicate: int) -> str:
    """Return the id of a run: a hash of its scenario's fingerprint, its seed and its replicate.

    Neither its place in a plan nor what else is in the plan enters it.
    """
    return hashlib.sha256(f"{fingerprint} {seed} {replicate}".encode()).hexdigest()[:16]
