"""The runs of one batch after another, in one thread."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from reformsim.running.jobs import Stopped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from threading import Event

    from numpy.typing import NDArray

    from reformsim.engines import Paired
    from reformsim.record import Result

    from .runs import Batch, Run


class Runner:
    """Does the runs of one batch after another, in one thread.

    Batches of one replicate under the same district and conditions share a reference, and the
    warm-up with it; the last ones are remembered, so that it costs little to cut a batch in two.
    """

    def __init__(self, stop: Event | None = None) -> None:
        """Begin; once `stop` is set, no run is begun or, if it is long, finished."""
        self.stop = stop
        self._shared = ""
        self._paired: Paired
        self._reference: Result | Exception

    def runs(self, batch: Batch) -> Iterator[tuple[str, Result | Exception]]:
        """Yield the id and what came of it, of the reference and then of each run as it ends.

        A run that fails leaves its error, and the others go on. Raises Stopped.
        """
        from reformsim.engines import Paired

        reference = batch.reference
        if self._shared != reference.id:
            self._shared = ""
            self._paired = Paired(reference.seed, reference.replicate, self._heed)
            self._reference = self._outcome(reference)
            self._shared = reference.id
        yield reference.id, self._reference
        for run in batch.runs:
            if run.id != reference.id:
                yield run.id, self._outcome(run)

    def _outcome(self, run: Run) -> Result | Exception:
        from reformsim.engines import simulate

        self._heed()
        if run.mechanisms is None:
            with suppress(Exception):  # done alone, it tells where it failed
                return self._paired.run(run.scenario)
        try:
            return simulate(
                run.scenario,
                run.seed,
                run.replicate,
                progress=lambda _done, _total: self._heed(),
                mechanisms=run.mechanisms,
            )
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
            return error

    def agents(self, run: Run, every: int) -> dict[str, NDArray[Any]]:
        """Do a run once more and return the state of every agent; see `engines.agents`."""
        from reformsim.engines.agents import agent_columns

        return agent_columns(
            run.scenario, run.seed, run.replicate, every, self._heed, run.mechanisms
        )

    def _heed(self) -> None:
        if self.stop is not None and self.stop.is_set():
            raise Stopped
