"""Batches carried out by the processes of a Dask cluster. The only module that imports Dask."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from reformsim.errors import Problem, ReformsimError
from reformsim.results.provenance import source_hash

from .interrupts import interrupts_ignored
from .rows import carry_out, failed_rows, joined

if TYPE_CHECKING:
    from collections.abc import Callable

    from distributed import Future

    from .plan import Batch
    from .rows import Rows, Wanted
    from .streaming import Pending

INSTALL = "pip install 'reformsim[cluster]'"
SECONDS_TO_CONNECT = 15


class Dask:
    """The workers of a cluster that exists, or of one started here for as long as it is needed.

    Dask starts a batch anew when the worker that had it dies. A batch under which several workers
    die is taken apart, and a run that does so alone becomes a row that failed.
    """

    def __init__(self, scheduler: str | None, workers: int | None) -> None:
        """Connect to the scheduler at an address, or start `workers` processes on this machine.

        Raises ReformsimError if Dask is not installed, nobody answers, or there are no workers.
        """
        try:
            from distributed import Client, LocalCluster
        except ImportError as error:
            hint = f"install it with: {INSTALL}"
            raise ReformsimError(Problem("Dask is not installed", hint=hint)) from error
        # Dask logs at length what a failed row or an error here says in a line.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        self._cluster = None
        if scheduler is None:
            # Workers that obeyed Ctrl-C would be gone before their batches are finished.
            with interrupts_ignored():
                self._cluster = LocalCluster(
                    n_workers=workers or os.cpu_count() or 1,
                    threads_per_worker=1,
                    # Without an address Dask insists on port 8787, which another cluster may have.
                    dashboard_address="127.0.0.1:0",
                )
        try:
            self._client = Client(self._cluster or scheduler, timeout=SECONDS_TO_CONNECT)
        except (OSError, ValueError) as error:
            hint = "start one with: dask scheduler"
            message = "no Dask scheduler answers"
            raise ReformsimError(Problem(message, key=str(scheduler), hint=hint)) from error
        self.workers = sum(self._client.nthreads().values())
        if not self.workers:
            self.close()
            hint = f"start some with: dask worker {scheduler}"
            raise ReformsimError(
                Problem("the Dask cluster has no workers", key=str(scheduler), hint=hint)
            )

    def submit(self, batch: Batch, wanted: Wanted) -> Pending:
        """Take on a batch."""
        future = self._send(batch, wanted)
        return lambda: self._rows(future, batch, wanted)

    def share(self, what: Any) -> Any:
        """Send something to the workers that many calls need; return what to pass in its place."""
        return self._client.scatter(what, hash=False)

    def call(self, function: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
        """Let a worker call a function; return what waits for its result.

        Waiting raises ReformsimError if the cluster has gone, else what the function raised.
        """
        future = self._client.submit(_called, source_hash(), function, *arguments, pure=False)

        def result() -> Any:
            from concurrent.futures import CancelledError

            from distributed.scheduler import KilledWorker

            try:
                return future.result()
            except (CancelledError, KilledWorker, OSError) as error:
                found = f"{type(error).__name__}: {error}"
                raise ReformsimError(Problem("the Dask cluster has gone", found=found)) from error

        return result

    def close(self) -> None:
        """Leave the cluster; one that was started here is ended."""
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()

    def _send(self, batch: Batch, wanted: Wanted) -> Future:
        return self._client.submit(_in_worker, batch, wanted, source_hash(), pure=False)

    def _rows(self, future: Future, batch: Batch, wanted: Wanted) -> Rows:
        from concurrent.futures import CancelledError

        from distributed.scheduler import KilledWorker

        try:
            rows: Rows = future.result()
        except KilledWorker:
            if len(batch.runs) == 1:
                return failed_rows(batch, wanted, "the worker processes that had it died")
            parts = [batch._replace(runs=(run,)) for run in batch.runs]
            return joined([self.submit(part, wanted)() for part in parts])
        except (CancelledError, OSError) as error:
            found = f"{type(error).__name__}: {error}"
            raise ReformsimError(Problem("the Dask cluster has gone", found=found)) from error
        return rows


def _in_worker(batch: Batch, wanted: Wanted, source: str) -> Rows:
    _refuse_other_sources(source)
    return carry_out(batch, wanted)


def _called(source: str, function: Callable[..., Any], *arguments: Any) -> Any:
    _refuse_other_sources(source)
    return function(*arguments)


def _refuse_other_sources(source: str) -> None:
    if source_hash() != source:
        raise ReformsimError(
            "a Dask worker has other sources of reformsim than this process; install the same"
            " version everywhere"
        )
